//! Comparing what a macro expects with what a phone prints: case and blanks aside.

/// A text in one case, with one blank for each run of white space and none at the ends.
pub(super) fn fold(text: &str) -> String {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    words.join(" ")
}

/// Whether a text holds any of the wanted ones.
pub(super) fn holds(text: &str, wanted: &[String]) -> bool {
    let text = fold(text);
    wanted
        .iter()
        .map(|wanted| fold(wanted))
        .any(|wanted| text.contains(&wanted))
}

/// Whether a text is one of the wanted ones. Some phones print the number of a row before its text, and dots after one that
/// opens another menu.
pub(super) fn is_one_of(text: &str, wanted: &[String]) -> bool {
    let text = fold(text);
    let bare = bare(&text);
    wanted
        .iter()
        .map(|wanted| fold(wanted))
        .any(|wanted| text == wanted || bare == wanted)
}

/// A row's text without its number and without dots at its end: `4. Admin settings...` is `admin settings`.
fn bare(text: &str) -> &str {
    let number = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &text[number..];
    let rest = if (1..=2).contains(&number) && rest.starts_with(['.', ')', ' ']) {
        rest.trim_start_matches(['.', ')', ' '])
    } else {
        text
    };
    rest.trim_end_matches(['.', '…', '>', ' '])
}

/// Texts as people read them: `"A" or "B"`.
pub(super) fn listed(wanted: &[String]) -> String {
    let quoted: Vec<String> = wanted.iter().map(|text| format!("\"{text}\"")).collect();
    quoted.join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn case_and_blanks_are_no_difference() {
        assert!(holds(" Admin  SETTINGS menu", &any(&["admin settings"])));
        assert!(!holds("Admin", &any(&["admin settings"])));
        assert!(is_one_of("Trust  list", &any(&["x", "Trust List"])));
    }

    #[test]
    fn a_row_is_told_by_all_of_its_text() {
        let wanted = any(&["Reset settings"]);
        assert!(is_one_of("4. Reset settings...", &wanted) && is_one_of("12 reset settings", &wanted));
        assert!(!is_one_of("Reset settings of network", &wanted) && !is_one_of("Reset", &wanted));
        assert!(is_one_of("802.1X authentication", &any(&["802.1x Authentication"])));
        assert_eq!(listed(&any(&["A", "B"])), "\"A\" or \"B\"");
    }
}
