use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::domain::key::Key;
use crate::domain::script::{
    Act, Condition, Danger, FactName, FirmwareRange, Fits, Parameter, ParameterKind, Proof, Rounds, Seen, Step,
    Template,
};

/// A macro that is right, with these lines from line 4 on.
fn safe(steps: &str) -> String {
    format!("macro \"x\"\nsafe\n\n{steps}")
}

/// The same, marked destructive.
fn destructive(steps: &str) -> String {
    format!("macro \"x\"\ndestructive\n\n{steps}")
}

fn told(text: &str) -> Vec<(u32, u32, String)> {
    let mistakes = parse(text).expect_err(text);
    let told = |mistake: Mistake| (mistake.at.line, mistake.at.column, mistake.to_string());
    mistakes.into_iter().map(told).collect()
}

/// The text has this one mistake, at this place, told with these words.
#[track_caller]
fn mistaken(text: &str, line: u32, column: u32, words: &str) {
    let told = told(text);
    let [(at_line, at_column, said)] = &told[..] else {
        panic!("{text}\n{told:#?}");
    };
    assert_eq!((*at_line, *at_column), (line, column), "{text}\n{said}");
    assert!(said.contains(words), "{text}\n{said}");
}

#[test]
fn mistakes_of_writing_are_told_at_their_place() {
    for (steps, line, column, words) in [
        ("press Settings\npres Soft1", 5, 1, "did you mean press?"),
        ("hello", 4, 1, "\"hello\" is no word of the language"),
        ("\"press\" Settings", 4, 1, "a line begins with a word"),
        ("press", 4, 6, "the key is missing"),
        ("press NavDown", 4, 7, "did you mean NavDwn?"),
        ("press settings", 4, 7, "did you mean Settings?"),
        ("press 5", 4, 7, "digits \"5\""),
        ("press *", 4, 7, "did you mean KeyPadStar?"),
        ("press Soft9", 4, 7, "Soft9 is no key"),
        ("press Settings Soft1", 4, 16, "does not belong here"),
        ("\tpress Soft1 # a comment\npress = Soft1", 5, 7, "the key is missing"),
        ("softkey Exit", 4, 9, "stands in quotation marks"),
        ("softkey \"Exit", 4, 9, "is not closed"),
        ("softkey “Exit”", 4, 9, "is no quotation mark"),
        ("softkey \"a\\tb\"", 4, 11, "after \\ there is one of"),
        ("softkey \"  \"", 4, 9, "the text is empty"),
        ("choose \"a|b\"", 4, 10, "write \"one text\" or"),
        ("choose \"a\" or", 4, 14, "the row's text is missing"),
        ("digits \"12a\"", 4, 11, "digits are 0 to 9"),
        ("digits \"**#**\"", 4, 9, "restarts a phone"),
        ("text \"a€b\"", 4, 6, "no key has"),
        ("dial \"20 41\"", 4, 9, "a number has digits"),
        ("wait 2", 4, 6, "2 is no length of time"),
        ("wait 0s", 4, 6, "a step waits 1 ms to 10 minutes"),
        ("wait 11m", 4, 6, "a step waits 1 ms to 10 minutes"),
        ("settle within", 4, 14, "how long is missing"),
        ("expect", 4, 7, "what is to be seen is missing"),
        ("expect titel \"A\"", 4, 8, "did you mean title?"),
        ("expect not not idle", 4, 12, "not stands once"),
        ("expect in title", 4, 11, "the word call is missing"),
        ("expect call RINGIN", 4, 13, "did you mean RINGING?"),
        ("expect picture \"\"", 4, 16, "1 to 64 characters"),
        ("expect title \"A\" within 5", 4, 25, "5 is no length of time"),
        ("screenshot before", 4, 12, "stands in quotation marks"),
        ("execute \"Nothing:1\"", 4, 9, "is no URI of a Cisco phone"),
        ("execute \"Key:Soft1\"", 4, 9, "press Soft1"),
        ("execute \"Dial:2041\"", 4, 9, "dial \"2041\""),
        ("execute \"Play:Piano2.raw\"", 4, 9, "it has crashed phones"),
        ("execute \"Init:Services\" priority 3", 4, 34, "a priority is 0"),
        ("background \"https://h/a.png\"", 4, 12, "fetches it over http"),
        ("ring-tone \"http://h/piano2.raw\"", 4, 11, "it has crashed phones"),
        ("message \"only a heading\"", 4, 25, "the text is missing"),
        ("fetch color as c", 4, 7, "color is no fact"),
        ("fetch network", 4, 14, "the word as and a name is missing"),
        ("fetch network as Net", 4, 18, "Net is no name of a fact"),
        ("prove restart", 4, 7, "did you mean restarted?"),
        ("message \"t\" \"{who}\"", 4, 14, "nothing gives {who} here"),
        ("message \"t\" \"a{b\"", 4, 15, "the brace { is not closed"),
        ("message \"t\" \"a}b\"", 4, 15, "stands alone"),
        ("message \"a\\nb\" \"x\"", 4, 11, "more than one line"),
        ("stop \"a\"\npress Soft1", 5, 1, "nothing is done after stop"),
        ("press Soft1\u{7}", 4, 12, "U+0007 is not allowed"),
    ] {
        mistaken(&safe(steps), line, column, words);
    }
}

#[test]
fn mistakes_of_blocks_are_told_at_their_place() {
    for (steps, line, column, words) in [
        ("if idle\n  press Soft1", 4, 1, "this if is not closed"),
        ("repeat 2 times\n  press Soft1", 4, 1, "this repeat is not closed"),
        ("press Soft1\nend", 5, 1, "there is no block"),
        ("else\npress Soft1", 4, 1, "there is no if"),
        ("repeat 2 times\nelse\npress Soft1\nend", 5, 1, "a repeat is open"),
        (
            "if idle\npress Soft1\nelse\npress Soft2\nelse\npress Soft3\nend",
            8,
            1,
            "there is an else",
        ),
        ("if idle\nend", 4, 1, "nothing is done when this holds"),
        (
            "if idle\npress Soft1\nelse\nend",
            6,
            1,
            "nothing stands after this else",
        ),
        ("if idle\npress Soft1\nelse press Soft2\nend", 6, 6, "else stands alone"),
        ("if idle\npress Soft1\nend if", 6, 5, "end stands alone"),
        ("repeat 0 times\npress Soft1\nend", 4, 8, "0 is no number of rounds"),
        ("repeat 51 times\npress Soft1\nend", 4, 8, "51 is no number of rounds"),
        ("repeat 3\npress Soft1\nend", 4, 9, "the word times is missing"),
        ("repeat {n} times\npress Soft1\nend", 4, 8, "nothing gives {n} here"),
        ("repeat 2 times\nend", 4, 1, "nothing is repeated"),
        (
            "repeat 50 times\nrepeat 50 times\npress Soft1\nend\nend",
            4,
            1,
            "2000 is the most",
        ),
        ("if family 8801\npress Soft1\nend", 4, 11, "did you mean 8800?"),
        ("if family 8800, 8800\npress Soft1\nend", 4, 17, "stands here twice"),
        ("if model 8846\npress Soft1\nend", 4, 10, "8846 is no model"),
        ("if firmware\npress Soft1\nend", 4, 12, "from or below is missing"),
        (
            "if firmware from 14 below 12.8\npress Soft1\nend",
            4,
            13,
            "no version is from 14",
        ),
        ("if firmware from x\npress Soft1\nend", 4, 18, "x is no version"),
        ("if locale english\npress Soft1\nend", 4, 11, "english is no language"),
        ("if famly 8800\npress Soft1\nend", 4, 4, "did you mean family?"),
        ("if changed\npress Soft1\nend", 4, 1, "a branch cannot ask what changed"),
        ("safe\npress Soft1", 4, 1, "safe was said before"),
        ("press Soft1\nfamily 8800", 5, 1, "belongs before the first step"),
    ] {
        mistaken(&safe(steps), line, column, words);
    }
}

#[test]
fn mistakes_of_the_header_are_told_at_their_place() {
    for (text, line, column, words) in [
        ("safe\npress Soft1\n", 1, 1, "the macro has no name"),
        ("macro \"x\"\npress Soft1\n", 1, 1, "whether the macro can do harm"),
        ("macro x\nsafe\npress Soft1\n", 1, 7, "stands in quotation marks"),
        ("macro \"\"\nsafe\npress Soft1\n", 1, 7, "the macro's name is empty"),
        (
            "macro \"x\"\nmacro \"y\"\nsafe\npress Soft1\n",
            2,
            1,
            "macro was said before",
        ),
        (
            "macro \"x\"\nsafe\ndestructive\npress Soft1\n",
            3,
            1,
            "either safe or destructive",
        ),
        ("macro \"x\"\nsafe\n", 2, 5, "the macro has no step"),
        (
            "macro \"x\"\nsafe\nfamily 8800\nmodel 7841\npress Soft1\n",
            4,
            7,
            "is of the family 7800",
        ),
        (
            "macro \"x\"\nsafe\nfamily 7800\npress Release\n",
            4,
            7,
            "no phone that this macro is for",
        ),
    ] {
        mistaken(text, line, column, words);
    }
}

#[test]
fn mistakes_of_questions_are_told_at_their_place() {
    for (text, line, column, words) in [
        (
            "macro \"x\"\nsafe\nparam N \"n\" text\npress Soft1\n",
            3,
            7,
            "N is no name of a parameter",
        ),
        (
            "macro \"x\"\nsafe\nparam n \"n\" nummer\npress Soft1\n",
            3,
            13,
            "did you mean number?",
        ),
        (
            "macro \"x\"\nsafe\nparam n \"n\" number 5..1\npress Soft1\n",
            3,
            20,
            "is no range",
        ),
        (
            "macro \"x\"\nsafe\nparam n \"n\" number 1..5 = 6\npress Soft1\n",
            3,
            27,
            "6 is no number from 1 to 5",
        ),
        (
            "macro \"x\"\nsafe\nparam n \"n\" choice \"a\", \"a\"\npress Soft1\n",
            3,
            25,
            "stands here twice",
        ),
        (
            "macro \"x\"\nsafe\nparam n \"n\" choice \"a\" = \"b\"\npress Soft1\n",
            3,
            26,
            "none of the choices",
        ),
        (
            "macro \"x\"\nsafe\nparam n \"n\" tone = \"Piano2.raw\"\npress Soft1\n",
            3,
            20,
            "crashed phones",
        ),
        (
            "macro \"x\"\nsafe\nparam n \"n\" digits = \"1x\"\npress Soft1\n",
            3,
            22,
            "cannot be dialled",
        ),
        (
            "macro \"x\"\nsafe\nparam n \"n\" text\nparam n \"m\" text\npress Soft1\n",
            4,
            7,
            "a parameter n already",
        ),
        (
            "macro \"x\"\nsafe\nparam n \"n\" text\ndial \"{n}\"\n",
            4,
            7,
            "ask for n as digits",
        ),
        (
            "macro \"x\"\nsafe\nparam n \"n\" number 0..9\nexecute \"Init:Services\" priority {n}\n",
            4,
            34,
            "number 0..2",
        ),
        (
            "macro \"x\"\nsafe\nparam name \"n\" text\nmessage \"t\" \"{nam}\"\n",
            4,
            14,
            "did you mean {name}?",
        ),
        (
            "macro \"x\"\nsafe\nfetch serial as s\ndigits \"{s}\"\n",
            4,
            9,
            "is a fact of the phone",
        ),
        (
            "macro \"x\"\nsafe\nparam n \"n\" text\nfetch serial as n\n",
            4,
            17,
            "n is a parameter already",
        ),
    ] {
        mistaken(text, line, column, words);
    }
}

#[test]
fn a_destructive_step_needs_to_see_where_it_is() {
    let directly = "needs to see where it is";
    for (steps, line, column, words) in [
        ("destructive softkey \"Reset\"", 4, 1, directly),
        (
            "expect title \"A\"\nwait 1s\ndestructive softkey \"Reset\"",
            6,
            1,
            directly,
        ),
        (
            "expect title \"A\"\nif idle\n  destructive softkey \"Reset\"\nend",
            6,
            3,
            directly,
        ),
        ("expect changed\ndestructive softkey \"Reset\"", 5, 1, directly),
        ("expect not idle\ndestructive softkey \"Reset\"", 5, 1, directly),
        ("expect idle\ndestructive softkey \"Reset\"", 5, 1, directly),
        (
            "expect softkey \"Reset\"\ndestructive softkey \"Reset\"",
            5,
            1,
            directly,
        ),
        ("expect softkey \"Reset\"\ndestructive press Soft3", 5, 1, directly),
        ("expect line \"A\"\ndestructive softkey \"Reset\"", 5, 1, directly),
        ("expect status \"A\"\ndestructive softkey \"Reset\"", 5, 1, directly),
        ("expect call RINGING\ndestructive restart", 5, 1, directly),
        ("expect in call\ndestructive restart", 5, 1, directly),
        (
            "expect title \"A\"\ndestructive softkey \"Reset\"\ndestructive softkey \"OK\"",
            6,
            1,
            directly,
        ),
        ("expect idle\ndestructive expect idle", 5, 1, "this step only looks"),
        (
            "destructive if idle\nexpect idle\ndestructive restart\nend",
            4,
            13,
            "mark the step inside",
        ),
        (
            "destructive\nexpect idle\ndestructive restart",
            4,
            1,
            "destructive was said before",
        ),
        ("press Soft1", 4, 12, "none of its steps is"),
        (
            "expect idle\nrestart\nexpect idle\ndestructive restart",
            5,
            1,
            "a restart cannot be taken back",
        ),
        (
            "softkey \"erase\"\nexpect idle\ndestructive restart",
            4,
            1,
            "the softkey \"erase\" cannot be taken back",
        ),
        (
            "expect idle\ndestructive restart\nprove trust-list-deleted",
            6,
            1,
            "write fetch trust-list as before",
        ),
        (
            "digits \"**#**\"\nexpect idle\ndestructive restart",
            4,
            9,
            "**#** restarts a phone",
        ),
        (
            "digits \"**#\"\ndigits \"**\"\nexpect idle\ndestructive restart",
            5,
            1,
            "stars directly after **#",
        ),
    ] {
        mistaken(&destructive(steps), line, column, words);
    }
    mistaken(
        &safe("expect idle\ndestructive restart"),
        5,
        1,
        "a macro marked safe has no destructive step",
    );
    for right in [
        "expect title \"A\"\ndestructive softkey \"Reset\"",
        "expect row \"A\"\ndestructive choose \"A\"",
        "expect softkey \"Reset\"\ndestructive press KeyPad1",
        "expect idle\ndestructive restart",
        "choose \"A\"\ndestructive softkey \"Reset\"",
        "if idle\n  expect picture \"p\"\n  destructive press Soft3\nend",
    ] {
        assert!(parse(&destructive(right)).is_ok(), "{right}");
    }
}

#[test]
fn what_does_no_harm_is_not_marked_and_a_proof_needs_its_step() {
    for (steps, line, column, words) in [
        ("expect title \"A\"\ndestructive wait 1s", 5, 1, "this step only waits"),
        (
            "expect title \"A\"\ndestructive stop \"x\"",
            5,
            1,
            "this step only ends the run",
        ),
        (
            "expect title \"A\"\ndestructive text \"a\"",
            5,
            1,
            "this step only types",
        ),
        (
            "expect title \"A\"\ndestructive dial \"2041\"",
            5,
            1,
            "this step only types",
        ),
        (
            "expect title \"A\"\n  destructive message \"a\" \"b\"",
            5,
            3,
            "this step only gives the phone something",
        ),
        (
            "prove background-shown\nexpect idle\ndestructive restart",
            4,
            1,
            "write background",
        ),
    ] {
        mistaken(&destructive(steps), line, column, words);
    }
}

#[test]
fn all_mistakes_are_told_at_once_in_their_order() {
    let text = "macro \"x\"\nsafe\nparam n \"n\" numbr\n\npress Sof1\nif idel\n  wait 5\nend\ndigits \"{n}\"\nend\n";
    let lines: Vec<_> = told(text).into_iter().map(|(line, _, _)| line).collect();
    assert_eq!(lines, [3, 5, 6, 7, 10]);
}

#[test]
fn a_mistake_beside_a_destructive_step_is_not_told_as_two() {
    mistaken(
        &destructive("expect titel \"A\"\ndestructive softkey \"Reset\""),
        4,
        8,
        "did you mean title?",
    );
    mistaken(
        &destructive("expect title \"A\"\ndestructive softky \"Reset\""),
        5,
        13,
        "did you mean softkey?",
    );
}

#[test]
fn a_text_has_its_bounds() {
    let deep = |depth: usize| {
        safe(&format!(
            "{}press Soft1\n{}",
            "if idle\n".repeat(depth),
            "end\n".repeat(depth)
        ))
    };
    assert!(parse(&deep(MOST_NESTED)).is_ok());
    mistaken(&deep(MOST_NESTED + 1), 12, 1, "8 deep");
    let chained = safe(&format!(
        "if idle\npress Soft1\n{}end\n",
        "else if idle\npress Soft2\n".repeat(30)
    ));
    assert!(parse(&chained).is_ok());
    let steps = |count| safe(&"press Soft1\n".repeat(count));
    assert!(parse(&steps(500)).is_ok());
    mistaken(&steps(501), 504, 1, "at most 500 steps");
    let long = format!("{}#{}", safe("press Soft1\n"), "x".repeat(LONGEST_TEXT));
    mistaken(&long, 1, 1, "64 KB");
    let many = safe(&"nonsense\n".repeat(400));
    assert_eq!(told(&many).len(), MOST_MISTAKES);
}

#[test]
fn files_of_other_systems_are_read_and_other_encodings_refused() {
    let plain = safe("press Soft1\nmessage \"Grüße\" \"x\"\n");
    let script = parse(&plain).unwrap();
    for same in [
        format!("\u{feff}{plain}"),
        plain.replace('\n', "\r\n"),
        plain.replace('\n', "\r"),
        plain.replace("press Soft1", "press\tSoft1  \t# what for"),
    ] {
        assert_eq!(parse(&decode(same.as_bytes()).unwrap()).unwrap(), script, "{same:?}");
    }
    assert_eq!(normal("\u{feff}a\r\nb"), "a\nb\n");
    let latin1 = [b"macro \"x\"\nmessage \"Gr".as_slice(), &[0xfc], b"n\"\n"].concat();
    let [mistake] = &decode(&latin1).unwrap_err()[..] else {
        panic!("one mistake");
    };
    assert_eq!((mistake.at.line, mistake.at.column), (2, 12));
    assert!(mistake.message.contains("0xfc"), "{mistake}");
    assert!(
        decode(&[0xff, 0xfe, 0x6d, 0x00]).unwrap_err()[0]
            .message
            .contains("UTF-16")
    );
    assert!(
        decode(&vec![b'#'; LONGEST_TEXT + 1]).unwrap_err()[0]
            .message
            .contains("64 KB")
    );
}

#[test]
fn every_statement_is_read_and_written() {
    let canonical = r#"macro "All of it"
description "Says \"everything\" once."
destructive
family 7800, 8800
model 8845, 7841
firmware from 12.8.1 below 15
param who "Who?" text
param times "How often?" number 1..10 = 3
param number "Which number?" digits = "2041"
param way "Which way?" choice "up", "down" = "up"
param tone "Which tone?" tone

fetch network as net
press Settings
softkey "Exit" or "Cancel"
digits "12*#"
digits "{number}"
text "ana"
dial "{number}"
wait 1500ms
wait 90s
wait 2m
settle
settle within 9s
choose "Admin settings" or "Administrator settings"
expect not row "A"
expect softkey "{who}" within 20s
expect call RINGING or CONNECTED
expect in call
expect status "ITL installed"
expect picture "reset menu"
expect changed
if not family 8800
  screenshot "one"
else if firmware below 14
  screenshot "two"
else if not title "A \\ B"
  screenshot "three"
else
  if locale en, de
    stop "Done: {net}"
  end
  fail "Not done"
end
repeat {times} times until idle
  execute "Play:{tone}" priority "1"
  execute "Init:Services"
end
repeat 2 times
  background "http://h/a.png" icon "http://h/b.png"
  ring-tone "http://h/c.raw"
end
message "Notice" "Two\nlines for {who}"
expect line "Ready" within 1m
expect idle
destructive restart
prove restarted
prove factory-reset within 10m
"#;
    let script = parse(canonical).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    assert_eq!(write(&script), canonical);
}

fn place() -> Place {
    START
}

fn template(text: &str) -> Template {
    Template {
        text: text.to_owned(),
        at: place(),
    }
}

fn shown() -> impl Strategy<Value = Template> {
    proptest::collection::vec("[a-zA-Z0-9äöü€#=,\"\\\\'.-][a-zA-Z0-9 äöü#\"\\\\]{0,10}[a-z0-9]", 1..3)
        .prop_map(|texts| template(&texts.join("|")))
}

fn short() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9äöü€#\"\\\\][a-zA-Z0-9 #\"\\\\]{0,20}[a-z0-9]"
}

fn length() -> impl Strategy<Value = Duration> {
    (1_u64..600_000).prop_map(Duration::from_millis)
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let plain = prop_oneof![
        shown().prop_map(Seen::Title),
        shown().prop_map(Seen::Row),
        shown().prop_map(Seen::Softkey),
        shown().prop_map(Seen::Line),
        shown().prop_map(Seen::StatusMessage),
        Just(Seen::Idle),
        Just(Seen::InCall),
        Just(Seen::CallState(template("RINGING|CONNECTED"))),
        short().prop_map(Seen::Picture),
    ];
    (plain, any::<bool>()).prop_map(|(seen, not)| if not { Seen::Not(Box::new(seen)) } else { seen })
}

fn any_range() -> impl Strategy<Value = FirmwareRange> {
    let version = |number: u32| format!("{number}.{}", number % 7);
    prop_oneof![
        (1_u32..50, 50_u32..90).prop_map(move |(from, below)| FirmwareRange {
            from: Some(version(from)),
            below: Some(version(below)),
        }),
        (1_u32..50).prop_map(move |from| FirmwareRange {
            from: Some(version(from)),
            below: None,
        }),
    ]
}

fn any_condition() -> impl Strategy<Value = Condition> {
    let plain = prop_oneof![
        Just(Condition::Family(vec!["8800".to_owned(), "7800".to_owned()])),
        Just(Condition::Model(vec!["8845".to_owned()])),
        Just(Condition::Locale(vec!["en".to_owned(), "de".to_owned()])),
        any_range().prop_map(Condition::Firmware),
        any_seen().prop_map(|seen| Condition::Seen(match seen {
            Seen::Not(inner) => *inner,
            other => other,
        })),
    ];
    (plain, any::<bool>()).prop_map(|(asked, not)| if not { Condition::Not(Box::new(asked)) } else { asked })
}

fn any_act() -> impl Strategy<Value = Act> {
    let keys: Vec<_> = Key::all().collect();
    prop_oneof![
        proptest::sample::select(keys).prop_map(Act::Press),
        "[a-z][a-zA-Z0-9 ]{0,10}[a-z]".prop_map(|label| Act::Softkey(template(&format!("the {label}")))),
        "[0-9]{1,20}".prop_map(|digits| Act::Digits(template(&digits))),
        "[a-z0-9 ]{0,10}[a-z]".prop_map(|text| Act::Text(template(&text))),
        "[0-9*#+]{1,20}".prop_map(|number| Act::Dial(template(&number))),
        length().prop_map(Act::Wait),
        length().prop_map(Act::Settle),
        (any_seen(), length()).prop_map(|(seen, within)| Act::Expect { seen, within }),
        shown().prop_map(Act::Choose),
        short().prop_map(Act::Screenshot),
        (0_u8..3).prop_map(|priority| Act::Execute {
            url: template("Play:{tone}"),
            priority: (priority > 0).then(|| template(&priority.to_string())),
        }),
        any::<bool>().prop_map(|icon| Act::SetBackground {
            image: template("http://h/a.png"),
            icon: icon.then(|| template("http://h/b.png")),
        }),
        Just(Act::SetRingTone(template("http://h/c.raw"))),
        (short(), "[a-zä\n\"\\\\]{1,40}[a-z]").prop_map(|(title, text)| Act::Message {
            title: template(&title),
            text: template(&text),
        }),
        proptest::sample::select(FactName::ALL.to_vec()).prop_map(|fact| Act::Fetch {
            fact,
            name: "fact-1".to_owned(),
        }),
        length().prop_map(|within| Act::Prove {
            proof: Proof::Restarted,
            within,
        }),
    ]
}

fn any_steps() -> impl Strategy<Value = Vec<Step>> {
    let step = any_act().prop_map(plain_step);
    step.prop_recursive(3, 40, 4, |inner| {
        let block = || proptest::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            (any_condition(), block(), proptest::collection::vec(inner.clone(), 0..4)).prop_map(
                |(condition, then, otherwise)| plain_step(Act::If {
                    condition,
                    then,
                    otherwise,
                })
            ),
            (1_u32..4, proptest::option::of(any_seen()), block()).prop_map(|(count, until, steps)| {
                let times = if count == 3 {
                    Rounds::Of(template("{times}"))
                } else {
                    Rounds::Count(count)
                };
                plain_step(Act::Repeat { times, until, steps })
            }),
        ]
    })
    .prop_flat_map(|step| proptest::collection::vec(Just(step), 1..3))
}

fn plain_step(act: Act) -> Step {
    Step {
        at: place(),
        destructive: false,
        act,
    }
}

prop_compose! {
    fn any_script()(
        name in short(),
        description in prop_oneof![Just(String::new()), short()],
        firmware in proptest::option::of(any_range()),
        steps in any_steps(),
    ) -> Script {
        let parameter = |name: &str, kind, default: Option<&str>| Parameter {
            name: name.to_owned(),
            label: "What \"now\"?".to_owned(),
            kind,
            default: default.map(str::to_owned),
        };
        Script {
            name,
            description,
            danger: Danger::Safe,
            fits: Fits {
                firmware,
                ..Fits::default()
            },
            parameters: vec![
                parameter("tone", ParameterKind::Tone, Some("Bass.raw")),
                parameter("times", ParameterKind::Number { least: 1, most: 3 }, None),
                parameter("way", ParameterKind::Choice(vec!["a".to_owned(), "\"b\"".to_owned()]), Some("\"b\"")),
            ],
            steps,
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(text) = decode(&bytes) {
            let _ = parse(&text);
        }
    }

    #[test]
    fn no_mixture_of_words_makes_the_reader_panic(
        words in proptest::collection::vec(
            proptest::sample::select(vec![
                "macro", "safe", "destructive", "if", "else", "end", "repeat", "times", "until", "press", "Soft1", "\"", "\"a\"",
                "{", "}", "{x}", "\"{x}\"", "|", "or", "not", "idle", "title", "within", "5s", "\n", "\n", "\n", " ", "\\", ",",
                "=", "param", "number", "1..5", "#", "wait", "99999999999999999999s", "family", "8800", "from", "firmware",
                "expect", "choose", "é", "\u{feff}", "\0", "\r", "\t", "fetch", "as", "prove", "digits", "\"**#\"",
            ]),
            0..80,
        ),
    ) {
        let text = words.join(" ");
        match parse(&text) {
            Ok(script) => prop_assert!(parse(&write(&script)).is_ok()),
            Err(mistakes) => {
                prop_assert!(!mistakes.is_empty());
                let lines = normal(&text).matches('\n').count();
                prop_assert!(mistakes.iter().all(|mistake| mistake.at.line as usize <= lines && mistake.at.column > 0));
            }
        }
    }

    #[test]
    fn what_is_written_reads_back_as_the_same(script in any_script()) {
        let text = write(&script);
        let read = parse(&text);
        prop_assert!(read.is_ok(), "{}\n{:#?}", text, read);
        let mut read = read.unwrap();
        prop_assert_eq!(write(&read), text.clone());
        // Apart from the places, which a made-up macro has none of.
        forget_places(&mut read.steps);
        prop_assert_eq!(read, script, "{}", text);
    }
}

fn forget_places(steps: &mut [Step]) {
    for step in steps {
        step.at = place();
        match &mut step.act {
            Act::If {
                condition,
                then,
                otherwise,
            } => {
                if let Condition::Seen(seen) = condition {
                    forget_seen(seen);
                }
                if let Condition::Not(inner) = condition
                    && let Condition::Seen(seen) = &mut **inner
                {
                    forget_seen(seen);
                }
                forget_places(then);
                forget_places(otherwise);
            }
            Act::Repeat { times, until, steps } => {
                if let Rounds::Of(template) = times {
                    template.at = place();
                }
                if let Some(seen) = until {
                    forget_seen(seen);
                }
                forget_places(steps);
            }
            Act::Expect { seen, .. } => forget_seen(seen),
            Act::Softkey(one) | Act::Digits(one) | Act::Text(one) | Act::Dial(one) | Act::Choose(one) => {
                one.at = place();
            }
            Act::SetRingTone(one) => one.at = place(),
            Act::Execute { url, priority } => {
                url.at = place();
                if let Some(priority) = priority {
                    priority.at = place();
                }
            }
            Act::SetBackground { image, icon } => {
                image.at = place();
                if let Some(icon) = icon {
                    icon.at = place();
                }
            }
            Act::Message { title, text } => {
                title.at = place();
                text.at = place();
            }
            _ => {}
        }
    }
}

fn forget_seen(seen: &mut Seen) {
    match seen {
        Seen::Title(one) | Seen::Row(one) | Seen::Softkey(one) | Seen::Line(one) | Seen::CallState(one) => {
            one.at = place();
        }
        Seen::StatusMessage(one) => one.at = place(),
        Seen::Not(inner) => forget_seen(inner),
        _ => {}
    }
}

#[test]
fn what_the_documentation_shows_is_right() {
    let document = include_str!("../../../docs/macros.md");
    let mut shown = document.split("```").skip(1).step_by(2);
    let whole = shown.next().unwrap();
    let script = parse(whole).unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    assert!(script.has_destructive_steps());
    let blocks = shown.next().unwrap();
    let text = format!("macro \"x\"\nsafe\nparam times \"Times\" number 1..5\n{blocks}");
    assert!(parse(&text).is_ok(), "{:#?}", parse(&text));
    for word in steps::WORDS
        .into_iter()
        .chain(header::WORDS)
        .chain(FactName::ALL.map(FactName::as_str))
        .chain(Proof::ALL.map(Proof::as_str))
        .chain(seen::CALL_STATES)
    {
        assert!(document.contains(word), "{word} is not explained");
    }
    for family in seen::families() {
        assert!(document.contains(family), "the family {family} is not listed");
    }
}
