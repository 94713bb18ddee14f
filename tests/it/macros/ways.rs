//! The macros that come with the program, walked through the menus of every simulated model: no sockets, no player, only
//! whether the texts lead where they say. What a player makes of them is tried elsewhere.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sidetone::domain::catalogue;
use sidetone::domain::script::{Act, Condition, Rounds, Script, Seen, Step, Template};
use sidetone::macros::parse;
use sidetone::simulator::set::{Effect, Identity, LineIdentity, Network, Profile, Set, TrustList, profiles};

const NUMBER_OF_ROUNDS: u32 = 3;

fn now() -> Timestamp {
    "2026-11-21T08:48:10Z".parse().unwrap()
}

fn script(word: &str) -> Script {
    let path = format!("{}/src/macros/library/{word}.macro", env!("CARGO_MANIFEST_DIR"));
    parse(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn new_set(profile: &'static Profile) -> Set {
    let line = |dn: &str| LineIdentity {
        dn: dn.to_owned(),
        label: String::new(),
    };
    let identity = Identity {
        device_name: "SEP001122334455".to_owned(),
        owner: "Ana Ruiz".to_owned(),
        lines: vec![line("2041"), line("2042")],
        firmware: profile.load.to_owned(),
        time_zone: TimeZone::UTC,
        directory: Arc::from(Vec::new()),
        network: Network::default(),
    };
    Set::new(profile, identity, 7)
}

/// A set, and what was done to it.
struct Walk {
    set: Set,
    family: &'static str,
    effects: Vec<Effect>,
    pictures: Vec<String>,
}

impl Walk {
    fn begin(profile: &'static Profile) -> Self {
        Self {
            set: new_set(profile),
            family: &catalogue::by_name(profile.model).unwrap().family.id,
            effects: Vec::new(),
            pictures: Vec::new(),
        }
    }

    /// Walks the whole macro; the error is why it ended before.
    fn walk(&mut self, script: &Script) -> Result<(), String> {
        assert!(
            script.fits.families.is_empty() || script.fits.families.iter().any(|id| id == self.family),
            "{} is not for the {}",
            script.name,
            self.family
        );
        self.block(&script.steps)
    }

    fn block(&mut self, steps: &[Step]) -> Result<(), String> {
        for step in steps {
            let before = self.effects.len();
            self.step(step).map_err(|why| format!("{}: {why}", step.at))?;
            let harm = |effect: &Effect| {
                use Effect::{FactoryReset, ResetNetwork, Restart, TrustListErased};
                matches!(effect, Restart | TrustListErased | ResetNetwork | FactoryReset)
            };
            let inside = matches!(step.act, Act::If { .. } | Act::Repeat { .. });
            if !step.destructive && !inside && self.effects[before..].iter().any(harm) {
                return Err(format!("{}: harm by a step that is not marked", step.at));
            }
        }
        Ok(())
    }

    fn press(&mut self, key: &str) -> Result<(), String> {
        if !self.set.profile().has_key(key) {
            return Err(format!("no key {key}"));
        }
        let effects = self.set.press(key, now());
        self.effects.extend(effects);
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), String> {
        match &step.act {
            Act::Press(key) => self.press(key.as_str()),
            Act::Softkey(label) => {
                let keys = self.set.mode_info(now()).softkeys;
                let found = keys.iter().find(|(_, text)| is_one_of(text, label));
                let (position, _) = found.ok_or_else(|| format!("no softkey {} of {keys:?}", label.text))?;
                self.press(&format!("Soft{position}"))
            }
            Act::Digits(typed) => typed.text.chars().try_for_each(|symbol| match symbol {
                '*' => self.press("KeyPadStar"),
                '#' => self.press("KeyPadPound"),
                digit => self.press(&format!("KeyPad{digit}")),
            }),
            Act::Choose(row) => self.choose(row),
            Act::Expect { seen, .. } if self.sees(seen) => Ok(()),
            Act::Expect { seen, .. } => Err(format!("{seen:?} is not on {:?}", self.set.mode_info(now()))),
            Act::If {
                condition,
                then,
                otherwise,
            } => {
                let way = if self.holds(condition) { then } else { otherwise };
                self.block(way)
            }
            Act::Repeat { times, until, steps } => {
                let rounds = match times {
                    Rounds::Count(count) => *count,
                    Rounds::Of(_) => NUMBER_OF_ROUNDS,
                };
                for _ in 0..rounds {
                    if until.as_ref().is_some_and(|until| self.sees(until)) {
                        break;
                    }
                    self.block(steps)?;
                }
                Ok(())
            }
            Act::Screenshot(name) => {
                self.pictures
                    .push(format!("{name}: {}", self.set.mode_info(now()).title));
                Ok(())
            }
            Act::Execute { url, .. } => {
                let outcome = self.set.execute_uri(&url.text.replace("{tone}", "Bass.raw"), now());
                self.effects.extend(outcome.effects);
                (outcome.status == 0).then_some(()).ok_or(outcome.data.to_owned())
            }
            Act::Restart => {
                self.effects.push(Effect::Restart);
                Ok(())
            }
            Act::Wait(_) | Act::Settle(_) | Act::Fetch { .. } | Act::Prove { .. } => Ok(()),
            other => Err(format!("{other:?} is in no built-in macro that is walked")),
        }
    }

    fn choose(&mut self, row: &Template) -> Result<(), String> {
        let before = self.set.mode_info(now());
        let fitting: Vec<_> = (1..)
            .zip(&before.fields)
            .filter(|(_, (name, _))| is_one_of(name, row))
            .map(|(number, _)| number)
            .collect::<Vec<u32>>();
        let [number] = fitting[..] else {
            return Err(format!("no one row {} of {:?}", row.text, before.fields));
        };
        self.press(&format!("KeyPad{number}"))?;
        if self.set.mode_info(now()).title == before.title {
            return Err(format!("the row {} does not open", row.text));
        }
        Ok(())
    }

    fn holds(&self, condition: &Condition) -> bool {
        match condition {
            Condition::Family(families) => families.iter().any(|family| family == self.family),
            Condition::Seen(seen) => self.sees(seen),
            Condition::Not(inner) => !self.holds(inner),
            other => panic!("{other:?} is in no built-in macro"),
        }
    }

    fn sees(&self, seen: &Seen) -> bool {
        let info = self.set.mode_info(now());
        match seen {
            Seen::Title(texts) => holds_one_of(&info.title, texts),
            Seen::Row(texts) => info.fields.iter().any(|(name, _)| holds_one_of(name, texts)),
            Seen::Softkey(texts) => info.softkeys.iter().any(|(_, label)| is_one_of(label, texts)),
            Seen::Line(texts) => [info.prompt, info.notify, info.status]
                .iter()
                .any(|line| holds_one_of(line, texts)),
            Seen::Idle => info.title.is_empty() && self.set.is_free(),
            Seen::InCall => !self.set.is_free(),
            Seen::CallState(states) => self
                .set
                .line_info()
                .iter()
                .any(|line| is_one_of(line.icon_state, states)),
            Seen::Not(inner) => !self.sees(inner),
            other => panic!("{other:?} is in no built-in macro"),
        }
    }
}

fn is_one_of(text: &str, wanted: &Template) -> bool {
    wanted.alternatives().any(|one| one.eq_ignore_ascii_case(text))
}

fn holds_one_of(text: &str, wanted: &Template) -> bool {
    let text = text.to_lowercase();
    wanted.alternatives().any(|one| text.contains(&one.to_lowercase()))
}

/// The models that a macro is for.
fn models(script: &Script) -> Vec<&'static Profile> {
    let meant = |profile: &&Profile| {
        let family = &catalogue::by_name(profile.model).unwrap().family.id;
        profile.screen.is_some() && (script.fits.families.is_empty() || script.fits.families.contains(family))
    };
    profiles().iter().filter(meant).collect()
}

#[test]
fn trust_lists_are_deleted_on_every_model_and_nothing_else_is() {
    for word in ["delete-trust-list", "delete-ctl"] {
        let script = script(word);
        let models = models(&script);
        let with_one = profiles().iter().filter(|profile| !profile.trust_keys.is_empty());
        assert_eq!(
            models.len(),
            with_one.count(),
            "{word} is for every model with a trust list"
        );
        for profile in models {
            // From the idle screen, from an open menu, and with the padlock of the 7900 series open.
            for before in [&[][..], &["Settings"], &["Applications"], &["Directories", "KeyPad1"]] {
                let mut walk = Walk::begin(profile);
                for key in before {
                    walk.set.press(key, now());
                }
                let needs_idle = matches!(walk.family, "8821" | "8831");
                if needs_idle && !walk.set.mode_info(now()).title.is_empty() {
                    continue;
                }
                let ended = walk.walk(&script);
                assert_eq!(ended, Ok(()), "{word}, {}, after {before:?}", profile.model);
                let erased = [Effect::TrustListErased, Effect::Restart];
                assert_eq!(walk.effects, erased, "{word}, {}", profile.model);
            }
        }
    }
}

#[test]
fn an_open_padlock_is_not_closed() {
    let script = script("delete-trust-list");
    for profile in models(&script) {
        let mut walk = Walk::begin(profile);
        if !matches!(walk.family, "7911" | "7941" | "7965" | "7975") {
            continue;
        }
        let way: &[&str] = if walk.family == "7911" {
            &["Applications", "KeyPad3"]
        } else {
            &["Settings"]
        };
        for key in way.iter().chain(&["KeyPadStar", "KeyPadStar", "KeyPadPound"]) {
            walk.set.press(key, now());
        }
        assert_eq!(walk.set.mode_info(now()).notify, "Settings unlocked");
        assert_eq!(walk.walk(&script), Ok(()), "{}", profile.model);
        assert_eq!(walk.set.trust_list, TrustList::Erased, "{}", profile.model);
    }
}

#[test]
fn locked_settings_end_the_way_before_anything_is_pressed_that_harms() {
    for word in ["delete-trust-list", "delete-ctl", "factory-reset"] {
        let script = script(word);
        for profile in models(&script) {
            let mut walk = Walk::begin(profile);
            walk.set.settings_locked = true;
            assert!(walk.walk(&script).is_err(), "{word}, {}", profile.model);
            assert_eq!(walk.effects, [], "{word}, {}", profile.model);
        }
    }
}

#[test]
fn the_factory_reset_is_a_factory_reset() {
    let script = script("factory-reset");
    for profile in models(&script) {
        let mut walk = Walk::begin(profile);
        assert_eq!(walk.walk(&script), Ok(()), "{}", profile.model);
        assert_eq!(
            walk.effects,
            [Effect::FactoryReset, Effect::Restart],
            "{}",
            profile.model
        );
    }
}

#[test]
fn network_settings_are_read_and_the_menu_is_closed_again() {
    let script = script("read-network-settings");
    for profile in models(&script) {
        let mut walk = Walk::begin(profile);
        assert_eq!(walk.walk(&script), Ok(()), "{}", profile.model);
        assert_eq!(
            walk.pictures,
            ["network settings: Network Configuration"],
            "{}",
            profile.model
        );
        assert_eq!(walk.set.mode_info(now()).title, "", "{}", profile.model);
        assert_eq!(walk.effects, [], "{}", profile.model);
    }
}

#[test]
fn the_others_do_what_they_say() {
    for profile in profiles().iter().filter(|profile| profile.screen.is_some()) {
        for word in ["ring", "clear-call-logs", "restart"] {
            let mut walk = Walk::begin(profile);
            assert_eq!(walk.walk(&script(word)), Ok(()), "{word}, {}", profile.model);
        }
        if profile.lines > 1 && profile.has_key("Line2") {
            let mut walk = Walk::begin(profile);
            // Off the hook on its second line, where the far end of a speed dial would be called, and back on.
            let ended = walk.walk(&script("speed-dial-test"));
            assert!(walk.pictures[0].starts_with("calling"), "{}", profile.model);
            assert!(
                ended.is_ok() || walk.effects.contains(&Effect::HangUp),
                "{}: {ended:?}",
                profile.model
            );
        }
    }
}
