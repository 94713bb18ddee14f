//! What a phone's shell says: questions, prompt, and answers to commands.

use std::sync::Arc;

use super::codes;
use crate::simulator::device::panel;
use crate::simulator::fleet::Device;
use crate::simulator::models::Pages;
use crate::simulator::phone::Phone;
use crate::simulator::set::{Family, Profile, profiles};
use crate::simulator::world::World;

/// User and password behind the SSH login, the same on every phone.
const SECOND: &str = "debug";
/// The longest line that is read.
const LONGEST: usize = 256;

/// How a family words its questions: phones do not agree.
pub(super) struct Style {
    greeting: String,
    user: String,
    password: &'static str,
    /// The password is asked for before the user.
    password_first: bool,
    prompt: &'static str,
}

impl Style {
    pub(super) fn of(device: &Device) -> Self {
        match device.model.pages {
            Pages::Static => Self {
                greeting: String::new(),
                user: "login: ".to_owned(),
                password: "PASSWORD: ",
                password_first: true,
                prompt: "$ ",
            },
            Pages::TwoCells => Self {
                greeting: format!("{}\r\n", device.model.load),
                user: "LOG:".to_owned(),
                password: "Password:",
                password_first: false,
                prompt: "DEBUG> ",
            },
            _ => Self {
                greeting: "\r\n*** Authorised use only ***\r\nLast login: never\r\n\r\n".to_owned(),
                user: format!("{} login: ", device.name),
                password: "Password: ",
                password_first: false,
                prompt: "\x1b[1mDEBUG>\x1b[0m ",
            },
        }
    }
}

/// What comes of a line.
pub(super) enum Answer {
    /// A question, or the prompt after the login.
    Says(String),
    /// What a command answers, with the prompt.
    Did(String),
    /// The session ends.
    Leaves,
}

impl Answer {
    /// Whether a command was carried out.
    pub(super) fn is_command(&self) -> bool {
        matches!(self, Self::Did(_))
    }
}

/// Where the login stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    User,
    Password,
    In,
}

/// One shell.
pub(super) struct Terminal {
    style: Style,
    stage: Stage,
    /// Whether both answers so far were right.
    right: bool,
    answered: usize,
    line: String,
}

impl Terminal {
    pub(super) fn new(style: Style) -> Self {
        let stage = if style.password_first {
            Stage::Password
        } else {
            Stage::User
        };
        Self {
            style,
            stage,
            right: true,
            answered: 0,
            line: String::new(),
        }
    }

    /// What stands there when the shell opens.
    pub(super) fn greeting(&self) -> String {
        format!("{}{}", self.style.greeting, self.question())
    }

    fn question(&self) -> &str {
        match self.stage {
            Stage::User => &self.style.user,
            Stage::Password => self.style.password,
            Stage::In => self.style.prompt,
        }
    }

    /// Takes one byte; at the end of a line, what the terminal shows of it: all but passwords.
    pub(super) fn take(&mut self, byte: u8) -> Option<String> {
        if !matches!(byte, b'\n' | b'\r') {
            if self.line.len() < LONGEST {
                self.line.push(char::from(byte));
            }
            return None;
        }
        Some(match self.stage {
            Stage::Password => "\r\n".to_owned(),
            Stage::User | Stage::In => format!("{}\r\n", self.line),
        })
    }

    /// What comes of the line that was typed.
    pub(super) fn enter(&mut self, world: &Arc<World>, phone: &Arc<Phone>) -> Answer {
        let line = std::mem::take(&mut self.line);
        match self.stage {
            Stage::In => self.command(line.trim(), world, phone),
            Stage::User | Stage::Password => Answer::Says(self.sign_in(line.trim())),
        }
    }

    fn sign_in(&mut self, typed: &str) -> String {
        self.right &= typed == SECOND;
        self.answered += 1;
        if self.answered < 2 {
            self.stage = if self.stage == Stage::User {
                Stage::Password
            } else {
                Stage::User
            };
            return self.question().to_owned();
        }
        if self.right {
            self.stage = Stage::In;
            return format!("\r\n{}", self.question());
        }
        (self.right, self.answered) = (true, 0);
        self.stage = if self.style.password_first {
            Stage::Password
        } else {
            Stage::User
        };
        format!("Login incorrect\r\n{}", self.question())
    }

    fn command(&self, line: &str, world: &Arc<World>, phone: &Arc<Phone>) -> Answer {
        let words: Vec<&str> = line.split_whitespace().collect();
        let profile = profile_of(phone).filter(|profile| has_key_command(profile.family));
        let said = match (words.as_slice(), profile) {
            (["exit" | "quit"], _) => return Answer::Leaves,
            ([], _) => "",
            (["phone", "key", code], Some(profile)) => press(code, profile, world, phone),
            (["dial", "dn", number], Some(_)) => {
                panel::execute_uri(world, phone, &format!("Dial:{number}"));
                ""
            }
            _ => "Unknown command\r\n",
        };
        Answer::Did(format!("{said}{}", self.question()))
    }
}

fn profile_of(phone: &Phone) -> Option<&'static Profile> {
    let number = phone.device.model.number;
    profiles().iter().find(|profile| profile.number == number)
}

/// 7900 and 9900 phones have a shell, but no command for keys that does anything.
fn has_key_command(family: Family) -> bool {
    matches!(
        family,
        Family::F6900 | Family::F7800 | Family::F8800 | Family::F8821 | Family::F8831
    )
}

fn press(code: &str, profile: &Profile, world: &Arc<World>, phone: &Arc<Phone>) -> &'static str {
    let Some(key) = code.parse().ok().and_then(|code| codes::key(code, profile)) else {
        return "Invalid key\r\n";
    };
    // Keys that the model lacks are dropped in silence.
    phone.pressed(&key);
    panel::press(world, phone, &key);
    ""
}
