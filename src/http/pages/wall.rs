//! The wall: many phones side by side, the walls people keep, and the keys for those that are selected.

use askama::Template;
use percent_encoding::utf8_percent_encode;

use super::phone::{KeyView, ScreenState};
use super::phones::{IN_QUERY, PhoneQuery, short_title};
use super::{Choice, FieldErrors, Layout, Section, thousands};
use crate::domain::catalogue::KeyGroup;
use crate::domain::cause::Cause;
use crate::inventory::{LONGEST_WALL_NAME, MOST_TILES, TileSize};

/// Pictures of a page without script; each costs the phone a request.
pub const PLAIN_PICTURES: usize = 24;

/// `GET /wall?q=&cluster=&model=&status=&readiness=&sort=`, `?ids=1,2`, or `?wall=`, each with `&size=&display=`. Also
/// the answer to a refused `POST /wall/saved`.
///
/// Forms: `POST /wall/saved` (what the address holds, and `name`, `shared`, `replace`), `POST /wall/saved/{id}` (`name`,
/// `shared`), `POST /wall/saved/{id}/removal`.
#[derive(Debug, Template)]
#[template(path = "wall/wall.html")]
pub struct WallPage {
    /// What surrounds it.
    pub layout: Layout,
    /// What the address line holds.
    pub view: WallView,
    /// The values of the search form.
    pub query: PhoneQuery,
    /// Clusters the viewer may see, by number.
    pub clusters: Vec<Choice>,
    /// Models in the inventory.
    pub models: Vec<Choice>,
    /// The phones, in order.
    pub tiles: Vec<TileView>,
    /// Phones that fit, of which [`MOST_TILES`] are shown.
    pub total: u64,
    /// Phones of the list that are left out.
    pub left_out: usize,
    /// Whether the viewer may press keys; false for supervisors.
    pub may_press: bool,
    /// Numbers that are asked about before they are dialled, of all clusters the viewer knows, with blanks between.
    pub emergency_numbers: String,
    /// The keys that any model of the wall has, one for each label.
    pub keys: Vec<BarGroup>,
    /// The keys of each model of the wall.
    pub model_keys: Vec<ModelKeys>,
    /// The saved wall that is open.
    pub open: Option<SavedWall>,
    /// The saved walls the viewer may open.
    pub saved: Vec<SavedWall>,
    /// The form that saves.
    pub form: SaveForm,
}

/// What the address line holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WallView {
    /// How the phones are chosen: names and values; empty when nothing is chosen.
    pub choice: Vec<(&'static str, String)>,
    /// How large the tiles are.
    pub size: TileSize,
    /// How large they are when the address does not say.
    pub usual_size: TileSize,
    /// Whether only tiles are shown, for a big display.
    pub display: bool,
}

impl WallView {
    /// The address of this view.
    pub fn href(&self) -> String {
        let mut members: Vec<String> = self
            .choice
            .iter()
            .map(|(name, value)| {
                // Commas may stand as they are, and an address of a hundred numbers is long enough.
                let value: Vec<_> = value
                    .split(',')
                    .map(|part| utf8_percent_encode(part, IN_QUERY).to_string())
                    .collect();
                format!("{name}={}", value.join(","))
            })
            .collect();
        if self.size != self.usual_size {
            members.push(format!("size={}", self.size.as_str()));
        }
        if self.display {
            members.push("display=1".to_owned());
        }
        if members.is_empty() {
            return "/wall".to_owned();
        }
        format!("/wall?{}", members.join("&"))
    }

    /// The same wall with tiles of another size.
    #[must_use]
    pub fn sized(&self, size: TileSize) -> Self {
        Self { size, ..self.clone() }
    }

    /// The same wall for a big display, or with its controls.
    #[must_use]
    pub fn displayed(&self, display: bool) -> Self {
        Self {
            display,
            ..self.clone()
        }
    }
}

/// One phone of the wall.
#[derive(Debug, Clone)]
pub struct TileView {
    /// Its number.
    pub id: i64,
    /// Its device name.
    pub name: String,
    /// Its owner, else its description, else its device name.
    pub title: String,
    /// Its first directory number; may be empty.
    pub number: String,
    /// Its model, without `Cisco `.
    pub model: String,
    /// The number of its model in [`WallPage::model_keys`].
    pub keys: usize,
    /// How its picture stands.
    pub state: ScreenState,
    /// Why there is none, in a few words.
    pub cause: String,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Whether it gives pictures.
    pub has_pictures: bool,
    /// Whether it has keys.
    pub has_keys: bool,
    /// Whether its picture is on the page without script.
    pub is_plain: bool,
}

impl TileView {
    /// The word of its state in the page's own script.
    pub fn state_word(&self) -> &'static str {
        if self.has_pictures { self.state.as_str() } else { "none" }
    }

    /// The class of its mark.
    pub fn state_class(&self) -> String {
        if self.has_pictures {
            format!("l-{}", self.state.as_str())
        } else {
            "s-unknown".to_owned()
        }
    }

    /// Its state for people.
    pub fn state_text(&self) -> &'static str {
        if self.has_pictures {
            self.state.word()
        } else {
            "No picture"
        }
    }
}

/// Keys of the bar that stand together.
#[derive(Debug, Clone)]
pub struct BarGroup {
    /// The group.
    pub group: KeyGroup,
    /// Its keys.
    pub keys: Vec<KeyView>,
}

impl BarGroup {
    /// Whether it is in view before one asks for more.
    pub fn is_first(&self) -> bool {
        matches!(self.group, KeyGroup::Softkeys | KeyGroup::Navigation | KeyGroup::Keypad)
    }
}

/// The keys of a model.
#[derive(Debug, Clone)]
pub struct ModelKeys {
    /// Its name, without `Cisco `.
    pub model: String,
    /// What stands on its keys, and their names: a key of one label has several names among models.
    pub keys: Vec<(String, String)>,
}

/// A saved wall.
#[derive(Debug, Clone)]
pub struct SavedWall {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its owner's name; empty for the viewer's own.
    pub owner: String,
    /// Whether everybody may open it.
    pub shared: bool,
    /// What it shows, in words.
    pub shows: String,
    /// Whether the viewer may rename it.
    pub may_change: bool,
    /// Whether the viewer may delete it.
    pub may_remove: bool,
}

/// The form that saves a wall, as typed.
#[derive(Debug, Clone, Default)]
pub struct SaveForm {
    /// The name.
    pub name: String,
    /// Whether everybody may open it.
    pub shared: bool,
    /// Whether there is one of this name, which may be replaced.
    pub is_taken: bool,
    /// `name`, or the empty field.
    pub errors: FieldErrors,
}

impl WallPage {
    /// Whether phones were chosen at all.
    pub fn is_chosen(&self) -> bool {
        !self.view.choice.is_empty()
    }

    /// `40 phones`.
    pub fn count(&self) -> String {
        match self.tiles.len() {
            1 => "1 phone".to_owned(),
            count => format!("{count} phones"),
        }
    }

    /// What is not on the wall although it was asked for, in sentences.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if self.total > self.tiles.len() as u64 {
            notes.push(format!(
                "{} phones fit; the first {MOST_TILES} are shown.",
                thousands(self.total)
            ));
        }
        match self.left_out {
            0 => {}
            1 => notes.push("1 phone of the list is left out: it is not in the inventory, or not for you.".to_owned()),
            count => notes.push(format!(
                "{count} phones of the list are left out: they are not in the inventory, or not for you."
            )),
        }
        notes
    }

    /// The sizes with their words and addresses.
    pub fn sizes(&self) -> Vec<SizeLink> {
        [
            (TileSize::Small, "Small"),
            (TileSize::Medium, "Medium"),
            (TileSize::Large, "Large"),
        ]
        .into_iter()
        .map(|(size, word)| SizeLink {
            id: size.as_str(),
            word,
            href: self.view.sized(size).href(),
            is_current: self.view.size == size,
        })
        .collect()
    }

    /// Whether some tiles have no picture without script.
    pub fn has_more_than_plain(&self) -> bool {
        self.tiles.len() > PLAIN_PICTURES
    }

    /// The pictures of a page without script.
    pub fn plain_pictures(&self) -> usize {
        PLAIN_PICTURES
    }

    /// Whether this saved wall is open.
    pub fn is_open(&self, id: &i64) -> bool {
        self.open.as_ref().is_some_and(|wall| wall.id == *id)
    }

    /// The viewer's own wall that is open: saving again means it.
    fn own(&self) -> Option<&SavedWall> {
        self.open.as_ref().filter(|wall| wall.may_change)
    }

    fn is_refused(&self) -> bool {
        !self.form.errors.is_empty()
    }

    /// The name in the form that saves.
    pub fn save_name(&self) -> &str {
        match self.own() {
            Some(wall) if !self.is_refused() => &wall.name,
            _ => &self.form.name,
        }
    }

    /// Whether the form that saves shares the wall.
    pub fn save_shared(&self) -> bool {
        match self.own() {
            Some(wall) if !self.is_refused() => wall.shared,
            _ => self.form.shared,
        }
    }

    /// Whether the form offers to replace a wall of the same name.
    pub fn save_replaces(&self) -> bool {
        self.form.is_taken || self.own().is_some()
    }

    /// What will be saved.
    pub fn save_hint(&self) -> &'static str {
        match self.view.choice.first() {
            Some(("ids", _)) => "It keeps these phones.",
            Some(("wall", _)) => "It keeps the same choice, and the size of the tiles.",
            _ => "It keeps the search: phones that fit later appear too.",
        }
    }

    /// Every cause in a few words, by its code.
    pub fn causes(&self) -> Vec<(&'static str, &'static str)> {
        let named = Cause::ALL.iter().filter(|cause| **cause != Cause::None);
        named.map(|cause| (cause.code(), short_title(*cause))).collect()
    }

    /// The most characters of a name.
    pub fn longest_name(&self) -> usize {
        LONGEST_WALL_NAME
    }

    /// The most tiles.
    pub fn most_tiles(&self) -> usize {
        MOST_TILES
    }
}

/// A size to choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SizeLink {
    /// Its word in the address.
    pub id: &'static str,
    /// Its word for people.
    pub word: &'static str,
    /// The address of the wall in this size.
    pub href: String,
    /// Whether the tiles have it now.
    pub is_current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_the_whole_choice() {
        let view = WallView {
            choice: vec![("q", "ana & co".to_owned()), ("status", "registered".to_owned())],
            ..WallView::default()
        };
        assert_eq!(view.href(), "/wall?q=ana%20%26%20co&status=registered");
        assert_eq!(
            view.sized(TileSize::Small).displayed(true).href(),
            "/wall?q=ana%20%26%20co&status=registered&size=small&display=1"
        );
        let list = WallView {
            choice: vec![("ids", "3,1,2".to_owned())],
            usual_size: TileSize::Large,
            ..WallView::default()
        };
        assert_eq!(list.href(), "/wall?ids=3,1,2&size=medium");
        assert_eq!(WallView::default().href(), "/wall");
    }
}
