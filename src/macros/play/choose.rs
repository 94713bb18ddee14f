//! Opening a row of the open menu by its text. Numbers of rows differ by model and firmware; a wrong one may be a reset
//! (phone-xml-api.md 7.1).

use std::time::{Duration, Instant};

use super::act::digit_key;
use super::desk::Answer;
use super::ending::Ending;
use super::expect::Met;
use super::look::Menu;
use super::player::{Done, Player};
use super::types::Question;
use super::words::{is_one_of, listed};
use crate::domain::key::Key;
use crate::domain::script::Template;

/// How long a menu may take to appear, and to change after its row was pressed.
const WITHIN: Duration = Duration::from_secs(5);
const REST: Duration = Duration::from_millis(250);

impl Player<'_> {
    pub(super) async fn choose(&mut self, row: &Template) -> Result<Done, Ending> {
        let wanted = self.fill_any(row)?;
        let Some((menu, index)) = self.find_row(&wanted).await? else {
            return self.choose_by_sight(&wanted, false).await;
        };
        self.state.typed.clear();
        let text = menu.rows.get(index).map(Menu::row_text).unwrap_or_default().to_owned();
        let by_digit = self.press_row(&menu, index).await?;
        let opened = self.opened(&menu).await?;
        let is_its_own = is_one_of(&opened.title, std::slice::from_ref(&text));
        if !by_digit && !is_its_own {
            return Err(Ending::failed(format!(
                "The arrows were to open {text:?}, but the phone shows {}",
                opened.words()
            )));
        }
        let words = format!("row {} opened {}", index + 1, opened.words());
        // A digit may have opened the neighbour: only a heading that is the row's text says that it did not.
        self.state.met = is_its_own.then_some(Met::Menu(opened));
        Ok(Done::saw(words))
    }

    /// Chooses a row for something that cannot be taken back: in the very menu that was met before, and only by its digit.
    pub(super) async fn choose_for_good(&mut self, row: &Template, guarded: Option<Menu>) -> Result<Done, Ending> {
        let wanted = self.fill_any(row)?;
        let Some(menu) = guarded else {
            return self.choose_by_sight(&wanted, true).await;
        };
        let index = match fitting(&menu, &wanted)[..] {
            [index] => index,
            [] => return Err(self.no_row(&wanted, &menu).await),
            _ => return Err(two_rows(&wanted, &menu)),
        };
        self.state.typed.clear();
        let Some(key) = self.row_key(index) else {
            // The cursor may stand where it was left the last time.
            return Err(Ending::failed(format!(
                "Row {} has no digit: the arrows count from a row that nobody knows, and what cannot be taken back is not \
                 chosen with them; nothing was pressed",
                index + 1
            )));
        };
        self.press(&key, true).await?;
        Ok(Done::saw(format!("row {} of {}", index + 1, menu.words())))
    }

    /// The one row whose text fits, once the menu is there; none where the phone does not tell its menus.
    async fn find_row(&mut self, wanted: &[String]) -> Result<Option<(Menu, usize)>, Ending> {
        let until = Instant::now() + WITHIN;
        loop {
            let menu = match self.menu().await {
                Ok(Some(menu)) => menu,
                Ok(None) => return Ok(None),
                Err(trouble) if Instant::now() >= until => return Err(self.lost(&trouble)),
                Err(_) => {
                    self.desk.sleep(REST).await?;
                    continue;
                }
            };
            match fitting(&menu, wanted)[..] {
                [index] => return Ok(Some((menu, index))),
                [] if Instant::now() < until => self.desk.sleep(REST).await?,
                [] => return Err(self.no_row(wanted, &menu).await),
                _ => return Err(two_rows(wanted, &menu)),
            }
        }
    }

    async fn no_row(&mut self, wanted: &[String], menu: &Menu) -> Ending {
        let evidence = format!("No row {}: the phone shows {}", listed(wanted), menu.words());
        match self.locked().await {
            Some(trouble) => Ending::failed(format!("{evidence}. {}", trouble.evidence)).caused(trouble.named()),
            None => Ending::failed(evidence),
        }
    }

    /// The digit of a row, counted from 0; none beyond nine.
    fn row_key(&self, index: usize) -> Option<Key> {
        let digit = u32::try_from(index + 1).ok();
        let digit = digit.and_then(|number| char::from_digit(number, 10));
        digit.and_then(|digit| digit_key(self.model, digit))
    }

    /// Presses a row by its digit, or with the arrows beyond nine; true by the digit.
    async fn press_row(&mut self, menu: &Menu, index: usize) -> Result<bool, Ending> {
        if let Some(key) = self.row_key(index) {
            self.press(&key, false).await?;
            return Ok(true);
        }
        let key = |name: &str| name.parse::<Key>().ok().filter(|key| self.has(key));
        let (Some(down), Some(up), Some(select)) = (key("NavDwn"), key("NavUp"), key("NavSelect")) else {
            return Err(Ending::failed(format!(
                "Row {} has no digit, and a {} has no arrows that could be pressed from here",
                index + 1,
                self.model.name
            )));
        };
        let highlighted = self.highlighted(menu, index).await?;
        let (arrow, times) = if index >= highlighted {
            (down, index - highlighted)
        } else {
            (up, highlighted - index)
        };
        for _ in 0..times {
            self.press(&arrow, false).await?;
        }
        self.press(&select, false).await?;
        Ok(false)
    }

    /// The row that is highlighted now, counted from 0. No page tells it, and phones keep the row of the last time: a person
    /// says, who sees the phone or its picture.
    async fn highlighted(&mut self, menu: &Menu, index: usize) -> Result<usize, Ending> {
        let text = menu.rows.get(index).map(Menu::row_text).unwrap_or_default();
        let picture = self.shown_now().await?.map(|(_, picture)| picture);
        let question = Question {
            expectation: "the highlighted row".to_owned(),
            picture,
            words: format!(
                "Row {} ({text:?}) has no digit, and the phone does not tell which row the arrows begin at. Which row is \
                 highlighted now, counted from 1?",
                index + 1
            ),
            needs_row: true,
            can_remember: false,
        };
        let Answer::Yes { row: Some(row), .. } = self.desk.ask(question).await? else {
            return Err(Ending::stopped(
                "Nobody said which row is highlighted; nothing was pressed",
            ));
        };
        let now = self.menu().await.map_err(|trouble| self.lost(&trouble))?;
        if !now.is_some_and(|now| now.is_same(menu)) {
            return Err(Ending::failed(
                "The menu became another before the answer came; nothing was pressed",
            ));
        }
        let row = usize::from(row).checked_sub(1).filter(|row| *row < menu.rows.len());
        row.ok_or_else(|| Ending::failed(format!("The menu has {} rows; nothing was pressed", menu.rows.len())))
    }

    /// The menu after a row was pressed: another than before.
    async fn opened(&mut self, before: &Menu) -> Result<Menu, Ending> {
        let until = Instant::now() + WITHIN;
        loop {
            let told = self.menu().await;
            match told {
                Ok(Some(now)) if !now.is_same(before) => return Ok(now),
                Ok(_) | Err(_) if Instant::now() < until => {
                    if let Ok(Some(now)) = told
                        && now.lines != before.lines
                        && let Some(trouble) = self.locked().await
                    {
                        return Err(Ending::failed_by(&trouble));
                    }
                    self.desk.sleep(REST).await?;
                }
                Err(trouble) => return Err(self.lost(&trouble)),
                Ok(_) => {
                    let evidence = format!("The row was pressed, but the phone still shows {}", before.words());
                    return Err(match self.locked().await {
                        Some(trouble) => {
                            Ending::failed(format!("{evidence}. {}", trouble.evidence)).caused(trouble.named())
                        }
                        None => Ending::failed(evidence),
                    });
                }
            }
        }
    }

    /// On a phone that does not tell its menus the row is known from a remembered picture, or a person names it.
    async fn choose_by_sight(&mut self, wanted: &[String], is_destructive: bool) -> Result<Done, Ending> {
        let recognised = self.recognise(&format!("the row {}", listed(wanted)), true).await?;
        let done = recognised.done();
        let before = match &recognised.met {
            Met::Sight(pixels) => Some(*pixels),
            _ => None,
        };
        let row = recognised.row.filter(|row| (1..=9).contains(row));
        let row = row.ok_or_else(|| Ending::failed("Only rows 1 to 9 can be opened without seeing the menu"))?;
        self.state.typed.clear();
        let key = self.row_key(usize::from(row) - 1);
        let key = key.ok_or_else(|| Ending::failed(format!("A {} has no key for row {row}", self.model.name)))?;
        self.press(&key, is_destructive).await?;
        if let Some(before) = before.filter(|_| !is_destructive) {
            let until = Instant::now() + WITHIN;
            loop {
                let now = self.shot().await.map_err(|trouble| self.lost(&trouble))?;
                if now.pixels != before {
                    break;
                }
                if Instant::now() >= until {
                    return Err(Ending::failed(format!(
                        "Row {row} was pressed, but the picture stayed the same"
                    )));
                }
                self.desk.sleep(REST).await?;
            }
        }
        Ok(done)
    }
}

/// The rows whose text fits, counted from 0.
fn fitting(menu: &Menu, wanted: &[String]) -> Vec<usize> {
    let rows = menu.rows.iter().enumerate();
    rows.filter(|(_, row)| is_one_of(Menu::row_text(row), wanted))
        .map(|(index, _)| index)
        .collect()
}

fn two_rows(wanted: &[String], menu: &Menu) -> Ending {
    let (wanted, menu) = (listed(wanted), menu.words());
    Ending::failed(format!("Two rows fit {wanted}; nothing was pressed: {menu}"))
}
