use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::*;

fn now() -> Timestamp {
    "2026-11-21T08:48:10Z".parse().unwrap()
}

fn set(model: &str) -> Set {
    let profile = profiles().iter().find(|profile| profile.model == model).unwrap();
    let line = |dn: &str| LineIdentity {
        dn: dn.to_owned(),
        label: String::new(),
    };
    let directory = (0..12)
        .map(|n| (format!("Person {n}"), format!("20{n:02}")))
        .collect::<Vec<_>>();
    let identity = Identity {
        device_name: "SEP001122334455".to_owned(),
        owner: "Ana Ruiz".to_owned(),
        lines: vec![line("2041"), line("2042")],
        firmware: profile.load.to_owned(),
        network: Network::default(),
        time_zone: TimeZone::UTC,
        directory: Arc::from(directory),
    };
    Set::new(profile, identity, 7)
}

fn with_keys() -> impl Iterator<Item = Set> {
    profiles()
        .iter()
        .filter(|profile| profile.screen.is_some())
        .map(|profile| set(profile.model))
}

fn press(set: &mut Set, keys: &[&str]) -> Vec<Effect> {
    keys.iter().flat_map(|key| set.press(key, now())).collect()
}

fn title(set: &Set) -> String {
    set.mode_info(now()).title
}

#[test]
fn the_way_to_the_trust_list_erases_it_and_nothing_else() {
    for mut set in with_keys().filter(|set| !set.profile.trust_keys.is_empty()) {
        let keys = set.profile.trust_keys;
        for key in keys {
            assert!(set.profile.has_key(key), "{} lacks {key}", set.profile.model);
        }
        assert!(
            press(&mut set, &keys[..keys.len() - 1]).is_empty(),
            "{}",
            set.profile.model
        );
        let effects = press(&mut set, &keys[keys.len() - 1..]);
        assert_eq!(
            effects,
            [Effect::TrustListErased, Effect::Restart],
            "{}",
            set.profile.model
        );
        assert_eq!(set.trust_list, TrustList::Erased);
        let words: Vec<_> = set.status_messages().iter().map(|message| message.text).collect();
        assert_eq!(words, ["Erasing CTL and ITL files", "No Trust List installed"]);
    }
}

#[test]
fn restricted_settings_keep_the_trust_list() {
    for mut set in with_keys().filter(|set| !set.profile.trust_keys.is_empty()) {
        set.settings_locked = true;
        let keys = set.profile.trust_keys;
        let effects = press(&mut set, keys);
        assert!(
            !effects.contains(&Effect::Restart),
            "{}: {effects:?}",
            set.profile.model
        );
        assert!(
            matches!(set.trust_list, TrustList::Installed { .. }),
            "{}",
            set.profile.model
        );
    }
}

#[test]
fn the_field_sequences_of_the_7900_series_work_locked_and_unlocked() {
    for (model, way) in [
        (
            "Cisco 7911",
            &["Applications", "KeyPad3", "KeyPad4", "KeyPad5", "KeyPad2", "Soft2"][..],
        ),
        ("Cisco 7941", &["Settings", "KeyPad4", "KeyPad5", "KeyPad1", "KeyPad2"]),
        ("Cisco 7965", &["Settings", "KeyPad4", "KeyPad5", "KeyPad2"]),
    ] {
        let mut set = set(model);
        let erase = ["Soft4", "Soft2"];
        let unlock = ["KeyPadStar", "KeyPadStar", "KeyPadPound"];
        assert!(press(&mut set, way).is_empty());
        assert!(press(&mut set, &erase).is_empty());
        assert!(press(&mut set, &unlock).is_empty());
        assert_eq!(
            press(&mut set, &erase),
            [Effect::TrustListErased, Effect::Restart],
            "{model}"
        );
    }
}

#[test]
fn a_wrong_digit_resets_what_the_row_says() {
    let mut desk = set("Cisco 8841");
    let effects = press(&mut desk, &["Applications", "KeyPad5", "KeyPad4", "KeyPad1", "Soft3"]);
    assert_eq!(effects, [Effect::FactoryReset, Effect::Restart]);
    let mut desk = set("Cisco 7841");
    let effects = press(&mut desk, &["Applications", "KeyPad5", "KeyPad4", "KeyPad2", "Soft2"]);
    assert_eq!(effects, [Effect::ResetNetwork, Effect::Restart]);
    let mut old = set("Cisco 9951");
    let effects = press(&mut old, &["Applications", "KeyPad4", "KeyPad4", "KeyPad1", "Soft3"]);
    assert_eq!(effects, [Effect::Restart]);
}

#[test]
fn stars_in_the_settings_restart_the_7900_series() {
    let mut old = set("Cisco 7960");
    let keys = [
        "Settings",
        "KeyPadStar",
        "KeyPadStar",
        "KeyPadPound",
        "KeyPadStar",
        "KeyPadStar",
    ];
    assert_eq!(press(&mut old, &keys), [Effect::Restart]);
}

#[test]
fn a_call_goes_from_the_hook_to_hold_and_back() {
    let mut desk = set("Cisco 8845");
    press(&mut desk, &["Speaker", "KeyPad2", "KeyPad0", "KeyPad4"]);
    assert_eq!(
        desk.press("KeyPad2", now()),
        [Effect::Dial {
            number: "2042".to_owned()
        }]
    );
    desk.call_event(CallEvent::RemoteRinging, now());
    assert_eq!(title(&desk), "Ring out");
    desk.call_event(
        CallEvent::Connected {
            name: "Bo Lind".to_owned(),
            number: "2042".to_owned(),
        },
        now(),
    );
    assert_eq!(
        desk.press("KeyPad5", now()),
        [Effect::SendDigits { digits: "5".to_owned() }]
    );
    assert_eq!(desk.press("FixedFeature3", now()), [Effect::Hold]);
    desk.call_event(CallEvent::Held, now());
    assert_eq!(desk.line_info()[0].icon_state, "ONHOLD");
    assert_eq!(desk.press("Soft1", now()), [Effect::Resume]);
    desk.call_event(CallEvent::Resumed, now());
    let call = desk.call_info(1, now()).unwrap().call.unwrap();
    assert_eq!((call.state, call.called_number.as_str()), ("CONNECTED", "2042"));
    assert_eq!(desk.press("Release", now()), [Effect::HangUp]);
    assert!(desk.is_free());
}

#[test]
fn a_missed_call_is_in_the_log_and_can_be_called_back() {
    let mut desk = set("Cisco 7965");
    desk.call_event(
        CallEvent::Incoming {
            name: "Bo Lind".to_owned(),
            number: "2050".to_owned(),
        },
        now(),
    );
    assert_eq!(title(&desk), "Incoming call");
    desk.call_event(CallEvent::Ended, now());
    let effects = press(&mut desk, &["Directories", "KeyPad1", "NavSelect"]);
    assert_eq!(
        effects,
        [Effect::Dial {
            number: "2050".to_owned()
        }]
    );
}

#[test]
fn keys_that_a_model_lacks_change_nothing() {
    let mut conference = set("Cisco 8831");
    let before = conference.mode_info(now());
    for key in [
        "Applications",
        "NavSelect",
        "Line1",
        "Soft6",
        "Soft0",
        "Soft01",
        "NavDown",
        "KeyPadA",
        "",
        "Sleep",
    ] {
        assert!(conference.press(key, now()).is_empty());
        assert_eq!(conference.mode_info(now()), before, "{key}");
    }
}

#[test]
fn every_model_draws_itself_at_its_size_and_in_its_form() {
    for mut set in with_keys() {
        let screen = set.profile.screen.unwrap();
        let drawn = set.draw(now()).unwrap();
        match screen.form {
            Form::CipXml { .. } => {
                let text = String::from_utf8(drawn.body.to_vec()).unwrap();
                assert!(text.contains(&format!("<Width>{}</Width>", screen.width)));
                assert!(text.contains(&format!("<Height>{}</Height>", screen.height)));
            }
            Form::Bmp { .. } | Form::Png => {
                let picture = image::load_from_memory(&drawn.body).unwrap();
                assert_eq!(
                    (picture.width(), picture.height()),
                    (screen.width, screen.height),
                    "{}",
                    set.profile.model
                );
                let colours: std::collections::HashSet<_> = picture.to_rgb8().pixels().copied().collect();
                assert!(colours.len() > 1);
            }
        }
    }
}

#[test]
fn equal_states_give_equal_bytes_and_the_clock_moves_by_the_minute() {
    for mut set in with_keys() {
        let first = set.draw(now());
        set.forget_picture();
        assert_eq!(
            set.draw(now() + SignedDuration::from_secs(40)),
            first,
            "{}",
            set.profile.model
        );
        assert_ne!(
            set.draw(now() + SignedDuration::from_secs(60)),
            first,
            "{}",
            set.profile.model
        );
    }
}

#[test]
fn the_volume_bar_goes_away() {
    for mut set in with_keys() {
        let idle = set.draw(now());
        set.press("VolUp", now());
        assert_ne!(set.draw(now()), idle, "{}", set.profile.model);
        assert_eq!(
            set.draw(now() + SignedDuration::from_secs(3)),
            idle,
            "{}",
            set.profile.model
        );
    }
}

#[test]
fn uris_answer_as_the_family_does() {
    let mut desk = set("Cisco 8845");
    assert_eq!(desk.execute_uri("Key:Nothing", now()).status, 0);
    assert_eq!(desk.execute_uri("nonsense", now()).status, 1);
    assert_eq!(desk.execute_uri("Init:Reboot", now()).data, "URI not found");
    assert_eq!(desk.execute_uri("SendDigits:12", now()).data, "No Active Call");
    assert_eq!(
        desk.execute_uri("Dial:2050:1:App:0", now()).effects,
        [Effect::Dial {
            number: "2050".to_owned()
        }]
    );
    assert_eq!(set("Cisco 7841").execute_uri("Display:On:5", now()).status, 6);
    desk.power_up();
    desk.show(PushedText {
        title: "Notice".to_owned(),
        text: "Fire drill at noon".to_owned(),
        ..PushedText::default()
    });
    assert_eq!(title(&desk), "Notice");
    desk.execute_uri("Init:Services", now());
    assert_eq!(title(&desk), "");
}

proptest::proptest! {
    #[test]
    fn no_sequence_of_keys_panics(model in 0_usize..21, keys in proptest::collection::vec(0_usize..40, 0..40)) {
        const NAMES: [&str; 40] = [
            "KeyPad0", "KeyPad1", "KeyPad2", "KeyPad3", "KeyPad4", "KeyPad5", "KeyPad6", "KeyPad7", "KeyPad8", "KeyPad9",
            "KeyPadStar", "KeyPadPound", "Soft1", "Soft2", "Soft3", "Soft4", "Soft5", "Line1", "Line2", "Session1",
            "FixedFeature3", "VolUp", "VolDwn", "NavUp", "NavDwn", "NavLeft", "NavRight", "NavSelect", "NavBack", "Headset",
            "Speaker", "Mute", "Release", "Info", "Messages", "Services", "Directories", "Settings", "Applications", "Hold",
        ];
        let mut set = set(profiles()[model].model);
        for key in keys {
            set.press(NAMES[key], now());
            set.mode_info(now());
        }
        set.draw(now());
    }
}

/// Opens the search form of the corporate directory.
fn search_form(model: &str) -> Set {
    let mut set = set(model);
    press(&mut set, &["Directories", "KeyPad4"]);
    assert_eq!(title(&set), "Corporate directory", "{model}");
    set
}

fn fields(set: &Set, at: Timestamp) -> Vec<String> {
    let fields = set.mode_info(at).fields;
    fields.into_iter().map(|(_, value)| value).collect()
}

#[test]
fn letters_come_from_taps_in_quick_succession() {
    let mut set = search_form("Cisco 7965");
    let mut at = now();
    let mut tap = |set: &mut Set, key: &str, after_ms: i64| {
        at += SignedDuration::from_millis(after_ms);
        set.press(key, at);
    };
    for (key, after_ms) in [
        ("KeyPad7", 0),
        ("KeyPad7", 300),
        ("KeyPad7", 300),
        ("KeyPad8", 100),
        ("KeyPad8", 999),
        ("KeyPad8", 1000),
    ] {
        tap(&mut set, key, after_ms);
    }
    assert_eq!(fields(&set, now())[0], "rut");
    tap(&mut set, "Soft2", 0);
    tap(&mut set, "KeyPad8", 10);
    assert_eq!(fields(&set, now())[0], "rut", "an erased letter is not gone on with");
    tap(&mut set, "NavDwn", 0);
    for _ in 0..5 {
        tap(&mut set, "KeyPad2", 10);
    }
    tap(&mut set, "NavDwn", 0);
    tap(&mut set, "KeyPad2", 10);
    tap(&mut set, "KeyPad2", 10);
    assert_eq!(fields(&set, now()), ["rut", "a", "22"]);
}

#[test]
fn a_search_lists_the_entries_that_fit_and_dials_the_chosen_one() {
    let mut set = search_form("Cisco 8845");
    press(
        &mut set,
        &["NavDwn", "NavDwn", "KeyPad2", "KeyPad0", "KeyPad1", "Soft1"],
    );
    let info = set.mode_info(now());
    assert_eq!(info.title, "Search results");
    assert_eq!(
        info.fields,
        [("Person 10", "2010"), ("Person 11", "2011")].map(|(name, number)| (name.to_owned(), number.to_owned()))
    );
    let effects = press(&mut set, &["KeyPad2"]);
    assert_eq!(
        effects,
        [Effect::Dial {
            number: "2011".to_owned()
        }]
    );
}
