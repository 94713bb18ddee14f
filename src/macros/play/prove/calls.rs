//! The proof that the lists of calls are empty: each is opened and read.

use std::time::{Duration, Instant};

use super::super::act::digit_key;
use super::super::ending::Ending;
use super::super::look::Menu;
use super::super::player::{Done, Player};
use super::super::words::{holds, is_one_of};
use crate::domain::key::Key;
use crate::domain::script::RunEnd;

/// How long a menu may take to open.
const WITHIN: Duration = Duration::from_secs(5);
const REST: Duration = Duration::from_millis(250);
/// Words of the rows that lead to a list of calls.
const LISTS: [&str; 4] = ["missed", "received", "placed", "recents"];
/// Softkeys that lead to the lists where no key does.
const LED_BY: [&str; 2] = ["recents", "directories"];

impl Player<'_> {
    pub(super) async fn prove_empty_lists(&mut self) -> Result<Done, Ending> {
        let menu = self.menu().await.map_err(|trouble| self.lost(&trouble))?;
        let Some(mut menu) = menu else {
            return Err(unproved("the phone does not tell its menus in words"));
        };
        if !menu.is_open() {
            menu = self.open_directories(menu).await?;
        }
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

    fn judged(&mut self, lists: &[Menu]) -> Result<Done, Ending> {
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
    let words = LISTS.map(str::to_owned);
    let texts = menu.rows.iter().map(|row| Menu::row_text(row).to_owned()).enumerate();
    texts.filter(|(_, text)| holds(text, &words)).collect()
}

/// A call has a number or a time.
fn is_entry((name, value): &(String, String)) -> bool {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    digits(name) >= 2 || digits(value) >= 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_told_from_what_stands_for_none() {
        assert!(is_entry(&("Ada 2041".to_owned(), "12:03".to_owned())));
        assert!(!is_entry(&("No entries".to_owned(), String::new())));
    }
}
