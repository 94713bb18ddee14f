//! What a phone's shell wrote: lines, and what waits at their end.
//!
//! A terminal sends bytes in any pieces. Everything here goes byte by byte, so that pieces make no difference; whether
//! an unfinished line is a prompt or only half a line is for the caller to tell, by waiting for silence.

/// The most bytes that are read between a command and its prompt.
pub(super) const MOST_BYTES: usize = 64 * 1024;
/// The longest line that is kept, in characters; the rest of it is dropped.
const LONGEST_LINE: usize = 1_024;

/// What an unfinished line waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// A user name.
    User,
    /// A password.
    Password,
    /// A command; this is the prompt, without blanks at its end.
    Command(String),
    /// Nothing that is known.
    Nothing,
}

/// Where in a control sequence of a terminal the bytes stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Escape {
    #[default]
    None,
    /// After ESC.
    Begun,
    /// Inside `ESC [`, until a letter.
    Control,
    /// Inside `ESC ]`, until BEL or ESC.
    Title,
}

/// What came since the last command.
#[derive(Debug, Default)]
pub(crate) struct Shell {
    /// The last line, without a line end so far.
    line: String,
    /// The finished lines that say something, each shortened.
    lines: Vec<String>,
    bytes: usize,
    /// A carriage return came: the next character writes over the line, unless it is the line's end.
    returned: bool,
    escape: Escape,
}

impl Shell {
    /// Forgets what came so far: a command follows.
    pub(crate) fn begin(&mut self) {
        *self = Self::default();
    }

    /// Takes bytes as they came. False when they are more than is read between two prompts; nothing more is taken then.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            if self.bytes >= MOST_BYTES {
                return false;
            }
            self.bytes += 1;
            self.take_byte(*byte);
        }
        true
    }

    fn take_byte(&mut self, byte: u8) {
        match (self.escape, byte) {
            (Escape::None | Escape::Title, 0x1b) => self.escape = Escape::Begun,
            (Escape::Begun, b'[') => self.escape = Escape::Control,
            (Escape::Begun, b']') => self.escape = Escape::Title,
            (Escape::Begun, _) | (Escape::Control, 0x40..=0x7e) | (Escape::Title, 0x07) => self.escape = Escape::None,
            (Escape::None, b'\n') => self.end_line(),
            (Escape::None, b'\r') => self.returned = true,
            (Escape::None, 0x08) => {
                self.line.pop();
            }
            (Escape::None, b'\t' | 0x20..=0x7e) => self.write(if byte == b'\t' { ' ' } else { char::from(byte) }),
            // Prompts are ASCII; a MOTD in another alphabet must only not be mistaken for one.
            (Escape::None, 0x80..) => self.write('\u{fffd}'),
            _ => {}
        }
    }

    fn write(&mut self, letter: char) {
        if std::mem::take(&mut self.returned) {
            self.line.clear();
        }
        if self.line.len() < LONGEST_LINE {
            self.line.push(letter);
        }
    }

    fn end_line(&mut self) {
        self.returned = false;
        let line = std::mem::take(&mut self.line);
        if !line.trim().is_empty() {
            self.lines.push(line.trim().to_owned());
        }
    }

    /// What the unfinished line waits for. Case does not matter, nor what stands in front: `SEP001122334455 login: `,
    /// `log:`, `PASSWORD:`, `DEBUG> `.
    pub(crate) fn waiting(&self) -> Waiting {
        let line = self.line.trim();
        let asks = line.strip_suffix(':').unwrap_or(line).trim_end().to_ascii_lowercase();
        if asks.ends_with("password") || asks.ends_with("passwd") {
            return Waiting::Password;
        }
        if ["log", "login", "log in", "user", "username", "user name"]
            .iter()
            .any(|word| ends_with_word(&asks, word))
        {
            return Waiting::User;
        }
        if line.ends_with(['>', '#', '$', '%']) {
            return Waiting::Command(line.to_owned());
        }
        Waiting::Nothing
    }

    /// Whether the line that waits is this prompt.
    pub(crate) fn is_at(&self, prompt: &str) -> bool {
        self.line.trim() == prompt
    }

    /// What was answered to a command: its lines without the echo of the command itself.
    pub(crate) fn answer(&self, command: &str) -> Vec<&str> {
        let lines = self.lines.iter().map(String::as_str);
        lines.filter(|line| !line.ends_with(command)).collect()
    }
}

fn ends_with_word(text: &str, word: &str) -> bool {
    let before = text.strip_suffix(word);
    before.is_some_and(|before| !before.ends_with(|letter: char| letter.is_ascii_alphanumeric()))
}

/// Whether an answer says that the command was not taken. What phones say in such a case is in no source; these are the
/// words of most shells.
pub(super) fn is_refusal(answer: &[&str]) -> bool {
    let words = [
        "unknown",
        "not found",
        "invalid",
        "usage:",
        "error",
        "denied",
        "not supported",
    ];
    answer.iter().any(|line| {
        let line = line.to_ascii_lowercase();
        words.iter().any(|word| line.contains(word))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn after(bytes: &[u8]) -> Shell {
        let mut shell = Shell::default();
        shell.take(bytes);
        shell
    }

    #[test]
    fn prompts_are_told_in_any_case_and_behind_anything() {
        let cases: [(&str, Waiting); 13] = [
            ("Welcome\r\n\r\nSEP001122334455 login: ", Waiting::User),
            ("LOG:", Waiting::User),
            ("User Name : ", Waiting::User),
            ("debug\r\nPASSWORD: ", Waiting::Password),
            ("Password:", Waiting::Password),
            (
                "Last login: Sat Nov 21\r\nDEBUG> ",
                Waiting::Command("DEBUG>".to_owned()),
            ),
            (
                "\x1b[1;32mdebug@phone\x1b[0m# ",
                Waiting::Command("debug@phone#".to_owned()),
            ),
            ("\x1b]0;title\x07$ ", Waiting::Command("$".to_owned())),
            ("busy...\rDEBUG> ", Waiting::Command("DEBUG>".to_owned())),
            ("DEBUG>\r\n", Waiting::Nothing),
            ("Welcome to the phone", Waiting::Nothing),
            ("Read the catalog:", Waiting::Nothing),
            ("", Waiting::Nothing),
        ];
        for (text, waiting) in cases {
            assert_eq!(after(text.as_bytes()).waiting(), waiting, "{text:?}");
        }
    }

    #[test]
    fn an_answer_has_no_echo() {
        let shell = after(b"phone key 513\r\nUnknown command\r\nDEBUG> ");
        assert_eq!(shell.answer("phone key 513"), ["Unknown command"]);
        assert!(shell.is_at("DEBUG>") && is_refusal(&shell.answer("phone key 513")));
        let redrawn = after(b"DEBUG> phone key 513\r\nDEBUG> ");
        assert!(redrawn.answer("phone key 513").is_empty());
    }

    #[test]
    fn an_endless_answer_is_bounded() {
        let mut shell = Shell::default();
        assert!(shell.take(&vec![b'x'; MOST_BYTES]));
        assert!(!shell.take(b"x"));
        assert!(shell.line.len() <= LONGEST_LINE);
    }

    proptest! {
        /// However the bytes are cut into packets, what is read is the same.
        #[test]
        fn packets_make_no_difference(
            words in prop::collection::vec(prop_oneof![
                Just(b"login: ".to_vec()), Just(b"Password: ".to_vec()), Just(b"DEBUG> ".to_vec()), Just(b"\r\n".to_vec()),
                Just(b"\x1b[2K".to_vec()), Just(b"\x1b]0;x\x07".to_vec()), Just(b"\r".to_vec()), Just(b"\x08".to_vec()),
                prop::collection::vec(any::<u8>(), 0..12),
            ], 0..24),
            cuts in prop::collection::vec(0usize..400, 0..12),
        ) {
            let bytes = words.concat();
            let whole = after(&bytes);
            let mut pieces = Shell::default();
            let mut cuts: Vec<usize> = cuts.into_iter().filter(|cut| *cut <= bytes.len()).collect();
            cuts.sort_unstable();
            let mut begun = 0;
            for cut in cuts.into_iter().chain([bytes.len()]) {
                pieces.take(&bytes[begun..cut]);
                begun = cut;
            }
            prop_assert_eq!(pieces.waiting(), whole.waiting());
            prop_assert_eq!(&pieces.lines, &whole.lines);
            prop_assert_eq!(&pieces.line, &whole.line);
        }
    }
}
