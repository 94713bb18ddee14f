//! The proof that the lists of calls are empty: each is opened and read.

use std::time::{Duration, Instant};

use super::super::act::digit_key;
use super::super::ending::Ending;
use super::super::look::Menu;
use super::super::player::{Done, Player};
use super::super::words::is_one_of;
use crate::domain::key::Key;
use crate::domain::script::RunEnd;

/// How long a menu may take to open.
const WITHIN: Duration = Duration::from_secs(5);
const REST: Duration = Duration::from_millis(250);
/// What the lists of calls are called, as headings and as the rows that lead to them.
const LISTS: [&str; 13] = [
    "Missed calls",
    "Missed",
    "Received calls",
    "Received",
    "Placed calls",
    "Placed",
    "Recents",
    "Recent calls",
    "All calls",
    "Call history",
    "Call list",
    "Call lists",
    "Call logs",
];
/// What a list without calls may say in a row.
const EMPTY: [&str; 6] = [
    "No entries",
    "No calls",
    "No recent calls",
    "No records",
    "Empty",
    "List is empty",
];
/// Softkeys that lead to the lists where no key does.
const LED_BY: [&str; 2] = ["recents", "directories"];

impl Player<'_> {
    pub(super) async fn prove_empty_lists(&mut self) -> Result<Done, Ending> {
        let Some(open) = self.told_menu().await? else {
            return Err(unproved("the phone does not tell its menus in words"));
        };
        if open.is_open() {
            // Whatever a user has open tells nothing of the lists of calls.
            self.back_out().await;
        }
        let idle = self.told_menu().await?.filter(|menu| !menu.is_open());
        let idle = idle.ok_or_else(|| unproved(&format!("what is open cannot be closed: {}", open.words())))?;
        let menu = self.open_directories(idle).await?;
        let lists = lists_of(&menu);
        if lists.is_empty() {
            let judged = self.judged(&[menu]);
            self.back_out().await;
            return judged;
        }
        let mut read = Vec::new();
        for (index, _) in lists {
            let digit = u32::try_from(index + 1)
                .ok()
                .and_then(|number| char::from_digit(number, 10));
            let Some(key) = digit.and_then(|digit| digit_key(self.model, digit)) else {
                return Err(unproved("a list of calls has no digit"));
            };
            self.state.typed.clear();
            self.press(&key, false).await?;
            let opened = self.other_than(&menu).await?;
            read.push(opened.clone());
            self.leave(&opened).await?;
        }
        self.back_out().await;
        self.judged(&read)
    }

    async fn told_menu(&self) -> Result<Option<Menu>, Ending> {
        self.menu().await.map_err(|trouble| self.lost(&trouble))
    }

    fn judged(&mut self, lists: &[Menu]) -> Result<Done, Ending> {
        if let Some(other) = lists.iter().find(|menu| !is_list(&menu.title)) {
            return Err(unproved(&format!(
                "{} is no list of calls that is known here",
                other.words()
            )));
        }
        let entries = |menu: &Menu| menu.rows.iter().filter(|row| is_entry(row)).count();
        let words: Vec<String> = lists
            .iter()
            .map(|menu| format!("{}: {} entries", menu.title, entries(menu)))
            .collect();
        let words = words.join(", ");
        if lists.iter().map(entries).sum::<usize>() > 0 {
            return Err(unproved(&words));
        }
        self.state.proved = Some(words.clone());
        Ok(Done::saw(words))
    }

    async fn open_directories(&mut self, idle: Menu) -> Result<Menu, Ending> {
        let named = |name: &str| name.parse::<Key>().ok().filter(|key| self.has(key));
        let by_softkey = || {
            let led = LED_BY.map(str::to_owned);
            let softkey = idle.softkeys.iter().find(|(_, label)| is_one_of(label, &led));
            softkey.and_then(|(position, _)| named(&format!("Soft{position}")))
        };
        let key = named("Directories").or_else(by_softkey).or_else(|| named("Contacts"));
        let key = key.ok_or_else(|| unproved("nothing leads to the lists of calls"))?;
        self.press(&key, false).await?;
        self.other_than(&idle).await
    }

    async fn other_than(&mut self, before: &Menu) -> Result<Menu, Ending> {
        let until = Instant::now() + WITHIN;
        loop {
            match self.menu().await {
                Ok(Some(now)) if !now.is_same(before) => return Ok(now),
                _ if Instant::now() < until => self.desk.sleep(REST).await?,
                _ => return Err(unproved(&format!("the phone still shows {}", before.words()))),
            }
        }
    }

    async fn leave(&mut self, opened: &Menu) -> Result<(), Ending> {
        let words = ["Exit", "Back", "Cancel"].map(str::to_owned);
        let softkey = opened.softkeys.iter().find(|(_, label)| is_one_of(label, &words));
        let name = softkey.map_or_else(|| "NavBack".to_owned(), |(position, _)| format!("Soft{position}"));
        let key = name.parse::<Key>().ok().filter(|key| self.has(key));
        self.press(&key.ok_or_else(|| unproved("a list of calls cannot be left"))?, false)
            .await?;
        self.other_than(opened).await.map(drop)
    }
}

fn unproved(why: &str) -> Ending {
    Ending::new(
        RunEnd::Unproved,
        format!("Not proved that the lists of calls are empty: {why}"),
    )
}

fn lists_of(menu: &Menu) -> Vec<(usize, String)> {
    let texts = menu.rows.iter().map(|row| Menu::row_text(row).to_owned()).enumerate();
    texts.filter(|(_, text)| is_list(text)).collect()
}

fn is_list(text: &str) -> bool {
    is_one_of(text, &LISTS.map(str::to_owned))
}

/// Every row of a list is a call, unless it says that there is none.
fn is_entry(row: &(String, String)) -> bool {
    let text = Menu::row_text(row).trim();
    !text.is_empty() && !is_one_of(text, &EMPTY.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_from_what_stands_for_none() {
        assert!(is_entry(&("Ada 2041".to_owned(), "12:03".to_owned())));
        assert!(is_entry(&("Ada".to_owned(), String::new())));
        assert!(!is_entry(&("No entries".to_owned(), String::new())));
    }

    #[test]
    fn lists_of_calls_are_known_by_their_whole_name() {
        assert!(is_list("2. Missed Calls") && is_list("Recents"));
        for other in ["", "Settings", "Missed call alerts", "Anrufe"] {
            assert!(!is_list(other), "{other}");
        }
    }
}
