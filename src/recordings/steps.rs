//! From what was recorded to the numbered steps of an export.

use crate::store::recordings::Step;

/// A picture that follows a press within this time is shown with it, in milliseconds.
const BELONGS_MS: i64 = 10_000;

/// One numbered step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Numbered<'a> {
    /// What happened: the first picture, a press, a picture that came by itself, or a time without pictures.
    pub(super) step: &'a Step,
    /// The picture before it.
    pub(super) before: Option<&'a Step>,
    /// The picture it led to, or the picture itself.
    pub(super) after: Option<&'a Step>,
}

/// The steps in order. The pictures that a press led to belong to it, of which the last is shown.
pub(super) fn numbered(steps: &[Step]) -> Vec<Numbered<'_>> {
    let mut numbered: Vec<Numbered<'_>> = Vec::new();
    let mut picture: Option<&Step> = None;
    for step in steps {
        if step.kind == "picture" {
            let press = numbered.last_mut().filter(|last| last.step.kind == "press");
            match press {
                Some(press) if step.at - press.step.at <= BELONGS_MS => press.after = Some(step),
                _ => numbered.push(Numbered {
                    step,
                    before: picture,
                    after: Some(step),
                }),
            }
            picture = Some(step);
        } else {
            numbered.push(Numbered {
                step,
                before: picture,
                after: None,
            });
        }
    }
    numbered
}

/// Whether a key types a digit, `*` or `#`: what a PIN or a number is typed with.
pub fn is_digit(key: &str) -> bool {
    key.starts_with("KeyPad") || key.starts_with("Key_")
}

/// A length of time as `MM:SS` or `H:MM:SS`.
pub fn clock_face(millis: i64) -> String {
    let seconds = millis.max(0) / 1000;
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes:02}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(n: i64, at: i64, kind: &str) -> Step {
        Step {
            n,
            at,
            kind: kind.to_owned(),
            ..Step::default()
        }
    }

    #[test]
    fn a_press_has_the_picture_before_it_and_the_one_it_led_to() {
        let steps = [
            step(1, 0, "picture"),
            step(2, 1_000, "press"),
            step(3, 1_200, "picture"),
            step(4, 1_500, "picture"),
            step(5, 3_000, "press"),
            step(6, 4_000, "lost"),
            step(7, 20_000, "picture"),
        ];
        let shown: Vec<_> = numbered(&steps)
            .iter()
            .map(|one| (one.step.n, one.before.map(|step| step.n), one.after.map(|step| step.n)))
            .collect();
        assert_eq!(
            shown,
            [
                (1, None, Some(1)),
                (2, Some(1), Some(4)),
                (5, Some(4), None),
                (6, Some(4), None),
                (7, Some(4), Some(7)),
            ]
        );
    }

    #[test]
    fn what_comes_long_after_a_press_came_by_itself() {
        let steps = [step(1, 0, "press"), step(2, 10_001, "picture")];
        assert_eq!(numbered(&steps).len(), 2);
    }

    #[test]
    fn keys_of_the_keypad_are_digits() {
        assert!(is_digit("KeyPad5") && is_digit("KeyPadStar") && is_digit("Key_3"));
        assert!(!is_digit("Soft1") && !is_digit("Settings"));
    }

    #[test]
    fn lengths_read_as_on_a_clock() {
        assert_eq!(clock_face(12_900), "00:12");
        assert_eq!(clock_face(3_725_000), "1:02:05");
        assert_eq!(clock_face(-5), "00:00");
    }
}
