//! "Did you mean": the known word that is nearest to what was written.

/// Words beyond this many characters are like no other.
const LONGEST: usize = 40;

/// How many characters must be put in, taken out, changed or swapped with their neighbour to make one of the other.
fn distance(one: &[char], other: &[char]) -> usize {
    let first: Vec<usize> = (0..=other.len()).collect();
    let mut rows = vec![first];
    for (down, left) in one.iter().enumerate() {
        let mut row = vec![down + 1];
        for (across, up) in other.iter().enumerate() {
            let changed = rows[down][across] + usize::from(left != up);
            let mut least = changed.min(rows[down][across + 1] + 1).min(row[across] + 1);
            if down > 0 && across > 0 && one[down - 1] == *up && other[across - 1] == *left {
                least = least.min(rows[down - 1][across - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[one.len()][other.len()]
}

/// The known word that was probably meant; the first of several that are equally near.
pub(super) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let fold = |word: &str| word.to_lowercase().chars().take(LONGEST + 1).collect::<Vec<_>>();
    let written = fold(written);
    if written.is_empty() || written.len() > LONGEST {
        return None;
    }
    let most = (written.len() / 3).clamp(1, 3);
    let measured = known.into_iter().map(|word| (distance(&written, &fold(word)), word));
    let best = measured.min_by_key(|(distance, _)| *distance)?;
    (best.0 <= most).then_some(best.1)
}

/// `did you mean "x"?` for the nearest known word, else the words there are.
pub(super) fn did_you_mean<'a>(written: &str, known: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(word) = nearest(written, known.clone()) {
        return format!("did you mean {word}?");
    }
    let words: Vec<_> = known.into_iter().collect();
    format!("one of {}", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_understood_and_other_words_are_not() {
        let known = ["expect", "execute", "press", "prove"];
        for (written, meant) in [
            ("expct", Some("expect")),
            ("Expect", Some("expect")),
            ("pres", Some("press")),
            ("excute", Some("execute")),
            ("epxect", Some("expect")),
            ("hello", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, known), meant, "{written}");
        }
        assert_eq!(did_you_mean("hello", ["a", "b"]), "one of a, b");
        assert_eq!(nearest(&"x".repeat(10_000), known), None);
    }
}
