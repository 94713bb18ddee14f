//! Back to the idle screen, after a dry run and where nobody stays to look.

use super::player::Player;
use super::types::Way;
use super::words::is_one_of;
use crate::domain::execute::ExecuteUrl;
use crate::domain::key::Key;

/// Menus lie less deep than this.
const DEEPEST: usize = 10;
/// What closes an application that is open, and does nothing when it is not (phone-xml-api.md 3.3).
const CLOSERS: [&str; 5] = [
    "Init:Settings",
    "Init:Applications",
    "Init:Services",
    "Init:Directories",
    "Init:Messages",
];

impl Player<'_> {
    /// Closes what is open, as well as the phone lets us. A phone that stays in a menu is no failure of the run. One that
    /// is in a call, or of which a job cannot tell, is left as it is: what leaves a menu may end the call.
    pub(super) async fn back_out(&mut self) {
        if self.hands.way() == Way::Ssh {
            return self.back_out_blindly().await;
        }
        for _ in 0..DEEPEST {
            if !self.may_leave_menus().await {
                return;
            }
            let Ok(menu) = self.menu().await else { return };
            let Some(menu) = menu else { break };
            if !menu.is_open() {
                return;
            }
            let leave = ["Exit", "Back", "Cancel", "Quit"].map(str::to_owned);
            let softkey = menu.softkeys.iter().find(|(_, label)| is_one_of(label, &leave));
            let key = softkey.map(|(position, _)| format!("Soft{position}"));
            let key: Option<Key> = key.and_then(|name| name.parse().ok()).filter(|key| self.has(key));
            let back = || "NavBack".parse().ok().filter(|key| self.has(key));
            let Some(key) = key.or_else(back) else { break };
            if !self.leave_by(&key).await {
                return;
            }
        }
        for closer in CLOSERS {
            let Ok(url) = closer.parse::<ExecuteUrl>() else {
                continue;
            };
            if self.send_item(url, 0).await.is_err() {
                return;
            }
        }
    }

    /// Over SSH the back key, as often as menus lie deep: on the idle screen it does nothing.
    async fn back_out_blindly(&mut self) {
        let Some(back) = "NavBack".parse().ok().filter(|key| self.has(key)) else {
            return;
        };
        for _ in 0..DEEPEST {
            if !self.leave_by(&back).await {
                return;
            }
        }
    }

    async fn leave_by(&mut self, key: &Key) -> bool {
        let sent = self.send_key(key).await.is_ok();
        self.desk.rest(std::time::Duration::from_millis(200)).await;
        sent
    }
}
