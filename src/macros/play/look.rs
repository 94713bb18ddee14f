//! Looking at a phone through what it tells of its screen in words (phone-xml-api.md 1.8). Nothing is remembered: each look
//! asks anew, so that nothing seen before the last key counts.

use super::player::Player;
use super::types::Way;
use super::wanted::Wanted;
use super::words::{holds, is_one_of};
use crate::domain::cause::{Cause, Trouble};
use crate::phone::{self, Feature, LineInfo, ModeInfo, Target, Urgency};
use crate::screens::lines_in_a_call;

/// How many of the newest status messages count.
const NEWEST_MESSAGES: usize = 10;

/// What one look came to.
#[derive(Debug)]
pub(super) enum Sighting {
    /// It is there; what was read.
    Yes(String),
    /// It is not; what is there instead.
    No(String),
    /// The phone does not tell its screen in words.
    Dark,
}

impl Sighting {
    fn of(is_there: bool, read: String) -> Self {
        if is_there { Self::Yes(read) } else { Self::No(read) }
    }

    fn not(self) -> Self {
        match self {
            Self::Yes(read) => Self::No(read),
            Self::No(read) => Self::Yes(read),
            Self::Dark => Self::Dark,
        }
    }
}

/// The open menu, as far as it tells one menu from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Menu {
    pub(super) title: String,
    /// Name and value, from the top.
    pub(super) rows: Vec<(String, String)>,
    /// Those that can be pressed: position from 1, label.
    pub(super) softkeys: Vec<(u8, String)>,
    /// Prompt, notification, status.
    pub(super) lines: Vec<String>,
}

impl Menu {
    fn of(info: ModeInfo) -> Self {
        let lines = [info.prompt, info.notify, info.status];
        Self {
            title: info.title.unwrap_or_default(),
            rows: info.fields.into_iter().map(|field| (field.name, field.value)).collect(),
            softkeys: labels(info.softkeys),
            lines: lines.into_iter().flatten().collect(),
        }
    }

    /// Whether a menu is open at all.
    pub(super) fn is_open(&self) -> bool {
        !self.title.is_empty() || !self.rows.is_empty()
    }

    /// Whether it says anything of the screen: an idle phone shows its softkeys.
    pub(super) fn tells_anything(&self) -> bool {
        self.is_open() || !self.softkeys.is_empty() || self.lines.iter().any(|line| !line.is_empty())
    }

    /// Whether it is the same menu: values of its rows and notifications may change by themselves.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let names = |menu: &Self| -> Vec<String> { menu.rows.iter().map(|(name, _)| name.clone()).collect() };
        self.title == other.title && names(self) == names(other)
    }

    /// Whether it shows this; none where the menu alone does not tell.
    pub(super) fn shows(&self, wanted: &Wanted) -> Option<bool> {
        let any_row = |fits: fn(&str, &[String]) -> bool, texts: &[String]| {
            let mut rows = self.rows.iter();
            rows.any(|(name, value)| fits(name, texts) || fits(value, texts))
        };
        match wanted {
            Wanted::Title(texts) => Some(holds(&self.title, texts)),
            Wanted::Row(texts) => Some(any_row(holds, texts)),
            Wanted::Softkey(texts) => Some(self.softkeys.iter().any(|(_, label)| is_one_of(label, texts))),
            Wanted::Exact(inner) => match &**inner {
                Wanted::Title(texts) => Some(is_one_of(&self.title, texts)),
                Wanted::Row(texts) => Some(any_row(is_one_of, texts)),
                other => self.shows(other),
            },
            _ => None,
        }
    }

    /// The text of a row: its name, or its value where the name is empty or a number.
    pub(super) fn row_text(row: &(String, String)) -> &str {
        let (name, value) = row;
        let numbered = name.bytes().all(|byte| byte.is_ascii_digit());
        if numbered && !value.is_empty() { value } else { name }
    }

    /// It as people read it.
    pub(super) fn words(&self) -> String {
        if !self.is_open() {
            return "no menu".to_owned();
        }
        let rows: Vec<&str> = self.rows.iter().map(Self::row_text).collect();
        let title = if self.title.is_empty() { "a menu" } else { &self.title };
        if rows.is_empty() {
            title.to_owned()
        } else {
            let shown = rows.join(", ");
            let shown: String = shown.chars().take(300).collect();
            format!("{title}: {shown}")
        }
    }
}

fn labels(features: Vec<Feature>) -> Vec<(u8, String)> {
    let enabled = features.into_iter().filter(|feature| feature.enabled);
    enabled.map(|feature| (feature.position, feature.label)).collect()
}

impl Player<'_> {
    /// The phone as a target, at the address that the inventory has now.
    pub(super) async fn target(&self) -> Result<Target, Trouble> {
        Ok(self.shared.parts.inventory.target(self.phone.id).await?)
    }

    /// The open menu, asked for now; none where the phone does not tell.
    pub(super) async fn menu(&self) -> Result<Option<Menu>, Trouble> {
        if self.hands.way() == Way::Ssh {
            return Ok(None);
        }
        let target = self.target().await?;
        let told = self.shared.parts.phones.mode_info(&target, Urgency::Look).await;
        Ok(told.map_err(|error| trouble(&error))?.map(Menu::of))
    }

    pub(super) async fn line_info(&self) -> Result<Option<LineInfo>, Trouble> {
        if self.hands.way() == Way::Ssh {
            return Ok(None);
        }
        let target = self.target().await?;
        let told = self.shared.parts.phones.line_info(&target, Urgency::Look).await;
        told.map_err(|error| trouble(&error))
    }

    /// Softkeys that can be pressed now: those of the open menu, else those of a call.
    pub(super) async fn softkeys(&self) -> Result<Option<Vec<(u8, String)>>, Trouble> {
        let Some(menu) = self.menu().await? else {
            return Ok(None);
        };
        if !menu.softkeys.is_empty() {
            return Ok(Some(menu.softkeys));
        }
        let busy = self
            .line_info()
            .await?
            .as_ref()
            .map(lines_in_a_call)
            .unwrap_or_default();
        let Some((_, line)) = busy.first() else {
            return Ok(Some(menu.softkeys));
        };
        let target = self.target().await?;
        let calls = self.shared.parts.phones.call_info(&target, *line, Urgency::Look).await;
        let calls = calls.map_err(|error| trouble(&error))?;
        Ok(Some(calls.map(|calls| labels(calls.softkeys)).unwrap_or_default()))
    }

    /// One look.
    pub(super) async fn look(&self, wanted: &Wanted) -> Result<Sighting, Trouble> {
        if self.hands.way() == Way::Ssh {
            return Ok(Sighting::Dark);
        }
        match wanted {
            Wanted::Not(inner) => Ok(Box::pin(self.look(inner)).await?.not()),
            Wanted::Picture(_) => Ok(Sighting::Dark),
            Wanted::Changed => {
                let now = self.shot().await?;
                let changed = self.state.before_press.is_some_and(|before| before != now.pixels);
                let read = if changed { "another picture" } else { "the same picture" };
                Ok(Sighting::of(changed, read.to_owned()))
            }
            Wanted::StatusMessage(texts) => self.look_at_messages(texts).await,
            Wanted::CallState(_) | Wanted::InCall => self.look_at_lines(wanted).await,
            Wanted::Softkey(texts) => {
                let Some(keys) = self.softkeys().await? else {
                    return Ok(Sighting::Dark);
                };
                let labels: Vec<String> = keys.into_iter().map(|(_, label)| label).collect();
                let found = labels.iter().any(|label| is_one_of(label, texts));
                Ok(Sighting::of(found, format!("the softkeys {}", labels.join(", "))))
            }
            Wanted::Title(_) | Wanted::Row(_) | Wanted::Exact(_) | Wanted::Line(_) | Wanted::Idle => {
                self.look_at_menu(wanted).await
            }
        }
    }

    async fn look_at_menu(&self, wanted: &Wanted) -> Result<Sighting, Trouble> {
        let Some(menu) = self.menu().await? else {
            return Ok(Sighting::Dark);
        };
        Ok(match wanted {
            Wanted::Title(_) | Wanted::Row(_) | Wanted::Exact(_) => {
                Sighting::of(menu.shows(wanted).unwrap_or(false), menu.words())
            }
            Wanted::Line(texts) => {
                let mut lines = menu.lines;
                let info = self.line_info().await?.unwrap_or_default();
                lines.extend([info.prompt, info.notify, info.status].into_iter().flatten());
                let found = lines.iter().any(|line| holds(line, texts));
                Sighting::of(found, quoted(&lines))
            }
            _ => {
                let info = self.line_info().await?;
                let in_call = info.as_ref().is_some_and(|info| !lines_in_a_call(info).is_empty());
                let read = if in_call { "a call".to_owned() } else { menu.words() };
                Sighting::of(!menu.is_open() && !in_call, read)
            }
        })
    }

    async fn look_at_lines(&self, wanted: &Wanted) -> Result<Sighting, Trouble> {
        let Some(info) = self.line_info().await? else {
            return Ok(Sighting::Dark);
        };
        let states: Vec<String> = info.lines.iter().filter_map(|line| line.state.clone()).collect();
        let found = match wanted {
            Wanted::CallState(texts) => states.iter().any(|state| is_one_of(state, texts)),
            _ => !lines_in_a_call(&info).is_empty(),
        };
        Ok(Sighting::of(
            found,
            format!("lines in the states {}", states.join(", ")),
        ))
    }

    async fn look_at_messages(&self, texts: &[String]) -> Result<Sighting, Trouble> {
        let target = self.target().await?;
        let told = self.shared.parts.phones.status_messages(&target, Urgency::Look).await;
        let messages = told.map_err(|error| trouble(&error))?;
        let newest = &messages[messages.len().saturating_sub(NEWEST_MESSAGES)..];
        let found = newest.iter().any(|message| holds(message, texts));
        Ok(Sighting::of(found, quoted(newest)))
    }

    /// Whether the phone's settings are locked: by a word on its display, or by its own page.
    pub(super) async fn locked(&self) -> Option<Trouble> {
        let menu = self.menu().await.ok().flatten();
        let locked = |line: &String| holds(line, &["locked".to_owned(), "restricted".to_owned()]);
        let said = menu.into_iter().flat_map(|menu| menu.lines).find(locked);
        if let Some(said) = said.filter(|said| !holds(said, &["unlocked".to_owned()])) {
            let evidence = format!("The phone says \"{said}\"");
            return Some(Trouble::new(Cause::SettingsAccessLocked, evidence));
        }
        let target = self.target().await.ok()?;
        let page = self
            .shared
            .parts
            .phones
            .network_configuration(&target, Urgency::Look)
            .await
            .ok()?;
        let folded = |label: &str| -> String {
            let letters = label.chars().filter(|c| c.is_alphanumeric());
            letters.flat_map(char::to_lowercase).collect()
        };
        let (_, access) = page
            .fields
            .iter()
            .find(|(label, _)| folded(label) == "settingsaccess")?;
        matches!(folded(access).as_str(), "restricted" | "disabled").then(|| {
            let evidence = format!("The phone's page says: Settings Access {access}");
            Trouble::new(Cause::SettingsAccessLocked, evidence)
        })
    }
}

/// The cause and the proof of a failed look.
pub(super) fn trouble(error: &phone::Error) -> Trouble {
    Trouble::new(error.cause(), error.evidence())
}

fn quoted(lines: &[String]) -> String {
    if lines.is_empty() {
        return "nothing".to_owned();
    }
    let quoted: Vec<String> = lines.iter().map(|line| format!("\"{line}\"")).collect();
    quoted.join(", ").chars().take(400).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn menu(title: &str, rows: &[(&str, &str)]) -> Menu {
        Menu {
            title: title.to_owned(),
            rows: rows
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            softkeys: Vec::new(),
            lines: Vec::new(),
        }
    }

    #[test]
    fn a_heading_that_only_holds_the_text_is_not_enough_before_harm() {
        let any = |text: &str| vec![text.to_owned()];
        let network = menu(
            "Network settings",
            &[("1", "Reset settings"), ("IP address", "10.1.1.1")],
        );
        for (wanted, in_part) in [
            (Wanted::Title(any("Settings")), true),
            (Wanted::Row(any("Settings")), true),
            (Wanted::Title(any("Security settings")), false),
        ] {
            assert_eq!(network.shows(&wanted), Some(in_part), "{wanted:?}");
            assert_eq!(network.shows(&wanted.clone().exactly()), Some(false), "{wanted:?}");
            assert_eq!(wanted.clone().exactly().words(), wanted.words());
        }
        for whole in [
            Wanted::Title(any(" network  Settings")),
            Wanted::Row(any("reset settings")),
        ] {
            assert_eq!(network.shows(&whole.clone().exactly()), Some(true), "{whole:?}");
        }
        assert_eq!(network.shows(&Wanted::Softkey(any("Reset"))), Some(false));
        assert_eq!(network.shows(&Wanted::Idle.exactly()), None);
    }

    #[test]
    fn values_that_change_by_themselves_make_no_other_menu() {
        let one = menu("Status", &[("Uptime", "1 h"), ("2", "Messages")]);
        assert!(one.is_same(&menu("Status", &[("Uptime", "2 h"), ("2", "Messages")])));
        assert!(!one.is_same(&menu("Status", &[("Uptime", "1 h")])));
        assert_eq!(one.words(), "Status: Uptime, Messages");
        assert_eq!(menu("", &[]).words(), "no menu");
    }
}
