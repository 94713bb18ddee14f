//! Our phone client against every simulated family: its picture comes, a key changes it, and the catalogue offers only
//! keys that the simulated model, written from the same notes by other hands, has too.

use std::net::Ipv4Addr;
use std::sync::Arc;

use sidetone::clock::Clock;
use sidetone::domain::address::PhoneNetworks;
use sidetone::domain::catalogue::{self, Control, KeyGroup, Model};
use sidetone::domain::screen::Picture;
use sidetone::lifecycle::Tasks;
use sidetone::phone::{Credentials, Phones, Settings, Target, Urgency};
use sidetone::simulator::set::{Profile, profiles};
use sidetone::simulator::{Options, Simulator};

struct Bench {
    tasks: Tasks,
    simulator: Simulator,
    phones: Phones,
}

impl Bench {
    fn start() -> Self {
        let tasks = Tasks::new();
        let options = Options {
            phones: 30,
            every_model: true,
            faults: false,
            ..Options::default()
        };
        let simulator = Simulator::start(options, &tasks, Clock::system()).unwrap();
        Self {
            tasks,
            simulator,
            phones: Phones::new(Settings::default()).unwrap(),
        }
    }

    fn target(&self, model: &'static Model) -> Target {
        let summary = self.simulator.summary();
        let login = &summary.logins[0];
        let address: Ipv4Addr = self.simulator.phone_by_model(&model.name).unwrap().address();
        Target {
            address,
            http_port: summary.phone_http_port,
            https_port: summary.phone_https_port,
            ssh_port: summary.phone_ssh_port,
            networks: Arc::new(PhoneNetworks::parse(summary.phone_networks.iter().copied()).unwrap()),
            credentials: Some(Credentials {
                username: login.username.clone(),
                password: login.password.clone().into(),
            }),
            model,
            screenshot_route: None,
        }
    }

    async fn picture(&self, target: &Target) -> Picture {
        let shot = self.phones.screenshot(target, Urgency::Look).await;
        shot.unwrap_or_else(|error| panic!("{}: {error}", target.model.name))
            .to_picture()
            .unwrap()
    }
}

fn controlled() -> impl Iterator<Item = (&'static Profile, &'static Model)> {
    profiles()
        .iter()
        .map(|profile| (profile, catalogue::find(Some(profile.number), profile.model)))
        .filter(|(_, model)| model.family.control == Control::Full)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_visibly_changes_the_screen_of_every_model() {
    let bench = Bench::start();
    let mut seen = 0;
    for (_, model) in controlled() {
        let target = bench.target(model);
        let before = bench.picture(&target).await;
        // A softkey acts on every idle screen; where the first is Redial with nothing to redial, the second is NewCall.
        for key in ["Soft2", "KeyPad5"] {
            bench
                .phones
                .press(&target, &key.parse().unwrap())
                .await
                .unwrap_or_else(|error| panic!("{}: {error}", model.name));
        }
        let after = bench.picture(&target).await;
        assert_ne!(before.bytes, after.bytes, "{}: nothing changed", model.name);
        assert_eq!(
            (before.width, before.height),
            (after.width, after.height),
            "{}",
            model.name
        );
        seen += 1;
    }
    assert!(seen >= 21, "only {seen} models");
    assert!(bench.tasks.finish().await);
}

#[test]
fn the_catalogue_offers_only_keys_that_the_simulated_models_have() {
    let mut strange = Vec::new();
    for (profile, model) in controlled() {
        for button in KeyGroup::ALL.into_iter().flat_map(|group| model.keys(group)) {
            if !profile.has_key(button.key.as_str()) {
                strange.push(format!("{}: {}", model.name, button.key));
            }
        }
    }
    assert!(strange.is_empty(), "{}", strange.join("\n"));
}
