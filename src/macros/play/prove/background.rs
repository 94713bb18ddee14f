//! The proof that a background image is shown: the idle screen is another one than right before it was set.

use std::time::{Duration, Instant};

use super::super::ending::Ending;
use super::super::free::Calls;
use super::super::player::{Done, Player};
use crate::domain::script::RunEnd;

/// The rest between two looks.
const REST: Duration = Duration::from_secs(1);

impl Player<'_> {
    pub(super) async fn prove_background(&mut self, within: Duration) -> Result<Done, Ending> {
        let before = self.state.before_background;
        let before = before.ok_or_else(|| unproved("there is no picture of its screen before to compare with"))?;
        let until = Instant::now() + within;
        loop {
            let Ok(now) = self.shot().await else {
                return Err(unproved("it gives no picture of its screen"));
            };
            if now.pixels != before {
                break;
            }
            if Instant::now() + REST > until {
                return Err(unproved(
                    "its screen looks as before: it may have had this background, or show something else than its idle screen",
                ));
            }
            self.desk.sleep(REST).await?;
        }
        // A call or a menu covers the screen as a new background does.
        if let Ok(Calls::Up(call)) = self.calls().await {
            return Err(unproved(&format!("its screen shows a call: {call}")));
        }
        let menu = self.menu().await.map_err(|trouble| self.lost(&trouble))?;
        if let Some(menu) = menu.filter(super::super::look::Menu::is_open) {
            return Err(unproved(&format!("its screen shows {}", menu.words())));
        }
        let words = "its screen changed after the image was set";
        self.state.proved = Some(words.to_owned());
        Ok(Done::saw(words))
    }
}

fn unproved(why: &str) -> Ending {
    Ending::new(RunEnd::Unproved, format!("The phone took the image, but {why}"))
}
