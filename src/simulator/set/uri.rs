//! Internal URIs (section 3 of the reference): which family has which, and what they answer.

use jiff::Timestamp;

use super::Set;
use super::calls::Stage;
use super::menu::Page;
use super::profiles::Family;
use super::reached::Vibration;
use super::types::{Effect, UriOutcome};

/// Longest URI a phone takes.
const LONGEST: usize = 256;
/// Longest part of a vibration.
const LONGEST_VIBRATION_MS: u32 = 65_536;

impl Set {
    /// Runs one internal URI, such as `Key:Soft1` or `Dial:2041`. Addresses of pages (`http:`) are the caller's.
    pub fn execute_uri(&mut self, uri: &str, now: Timestamp) -> UriOutcome {
        let Some((scheme, argument)) = uri.split_once(':').filter(|_| uri.len() <= LONGEST) else {
            return failed(1, "Invalid URI");
        };
        if argument.is_empty() {
            return failed(1, "Invalid URI");
        }
        if !self.has_uri(scheme) {
            return failed(6, "URI not found");
        }
        match scheme {
            // The phone only queues the key: it never says whether the key exists.
            "Key" => done(self.press(argument, now)),
            "SoftKey" => self.named_softkey(argument, now),
            "Init" => self.init(argument),
            "Dial" | "EditDial" => {
                let number = argument.split(':').next().unwrap_or_default().replace(',', "");
                if number.is_empty() || !number.chars().all(is_dialled) {
                    return failed(1, "Invalid URI");
                }
                done(self.dial(&number, now))
            }
            "Play" => {
                if argument != "Stop" {
                    self.played(argument);
                }
                done(Vec::new())
            }
            "Vibrate" => self.vibrate(argument),
            "SendDigits" => self.send_digits(argument.split(':').next().unwrap_or_default()),
            _ => done(Vec::new()),
        }
    }

    fn has_uri(&self, scheme: &str) -> bool {
        use Family::{F6900, F7800, F7911, F7940, F7941, F7945, F7975, F8800, F8821, F8831, F8900, F9800, F9900};
        let family = self.profile.family;
        if self.profile.screen.is_none() {
            return false;
        }
        match scheme {
            "Key" | "SoftKey" | "Init" | "Dial" | "Play" | "RTPRx" | "RTPTx" | "RTPMRx" | "RTPMTx" => true,
            "EditDial" => family != F8831,
            "Display" => matches!(family, F7975 | F8800 | F8821 | F8831 | F9800),
            "SendDigits" | "Notify" => !matches!(family, F7940 | F6900 | F7800 | F8831 | F8900 | F9900),
            "App" => matches!(family, F7911 | F7941 | F7945 | F7975 | F8800 | F8821 | F9800),
            "Device" => matches!(family, F8800 | F8821 | F9800),
            "Vibrate" => family == F8821,
            _ => false,
        }
    }

    /// Presses the softkey with this text, when it is on the display.
    fn named_softkey(&mut self, label: &str, now: Timestamp) -> UriOutcome {
        let found = self.softkeys().into_iter().find(|key| key.1 == label);
        found.map_or_else(
            || failed(6, "URI not found"),
            |key| done(self.press(&format!("Soft{}", key.0), now)),
        )
    }

    /// Closes an application; nothing happens when it is not open.
    fn init(&mut self, application: &str) -> UriOutcome {
        let page = match application {
            "Services" => Page::Services,
            "Messages" => Page::Messages,
            "Directories" => Page::Directories,
            "Settings" => Page::Settings,
            "Applications" => Page::Applications,
            "AppStatus" => Page::Pushed,
            "CallHistory" => {
                self.log.clear();
                return done(Vec::new());
            }
            _ => return failed(6, "URI not found"),
        };
        self.shown = None;
        // A pushed text is shown by the services application.
        let first = self.pages.first().map(|open| open.page);
        if first == Some(page) || page == Page::Services && first == Some(Page::Pushed) {
            self.pages.clear();
            self.reached.text = None;
        }
        done(Vec::new())
    }

    /// On and off in milliseconds up to 65,536, and how often (reference, section 3.3).
    fn vibrate(&mut self, argument: &str) -> UriOutcome {
        let numbers: Vec<u32> = argument.split(':').map_while(|part| part.parse().ok()).collect();
        let parts = argument.split(':').count();
        let [on_ms, off_ms, count] = numbers[..] else {
            return failed(1, "Invalid URI");
        };
        if parts != 3 || on_ms > LONGEST_VIBRATION_MS || off_ms > LONGEST_VIBRATION_MS {
            return failed(1, "Invalid URI");
        }
        self.vibrated(Vibration { on_ms, off_ms, count });
        done(Vec::new())
    }

    fn send_digits(&self, digits: &str) -> UriOutcome {
        if digits.is_empty() || !digits.chars().all(is_dialled) {
            return failed(1, "Invalid URI");
        }
        if self.stage() != Some(Stage::Connected) {
            return failed(6, "No Active Call");
        }
        done(vec![Effect::SendDigits {
            digits: digits.replace(',', ""),
        }])
    }
}

fn is_dialled(symbol: char) -> bool {
    symbol.is_ascii_digit() || matches!(symbol, '*' | '#' | '+' | ',' | 'A'..='D')
}

fn done(effects: Vec<Effect>) -> UriOutcome {
    UriOutcome {
        status: 0,
        data: "Success",
        effects,
    }
}

fn failed(status: i32, data: &'static str) -> UriOutcome {
    UriOutcome {
        status,
        data,
        effects: Vec::new(),
    }
}
