//! Menus that macros walk, on a phone of every model: what the keys lead to, and what comes of it.

use sidetone::simulator::set::{Profile, profiles};

use super::*;

/// A phone of every model; the Authentication URL of each is the plain one, which a broken trust list does not touch.
fn every_model() -> (Bench, Vec<(PhoneHandle, &'static Profile)>) {
    let bench = Bench::new(Options {
        phones: 26,
        every_model: true,
        faults: false,
        ..Options::default()
    });
    let port = bench.simulator.summary().authentication_http_port;
    let phones = profiles()
        .iter()
        .filter(|profile| profile.screen.is_some())
        .map(|profile| {
            let phone = bench.simulator.phone_by_model(profile.model).unwrap();
            phone.set_url(
                "authenticationUrl",
                &format!("http://127.0.0.1:{port}/ccmcip/authenticate.jsp"),
            );
            (phone, profile)
        });
    let phones = phones.collect();
    (bench, phones)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split(before).nth(1)?.split(after).next()
}

impl Bench {
    async fn press(&self, phone: &PhoneHandle, keys: &[&str]) {
        for key in keys {
            let answer = self.execute(phone, &[&format!("Key:{key}")]).await;
            assert!(answer.status == 200 || answer.status == 303, "{}", answer.text());
        }
    }

    async fn itl(&self, phone: &PhoneHandle) -> Option<String> {
        let page = "/CGI/Java/Serviceability?adapterX=device.statistics.configuration";
        let page = self.get(phone, page).await.ok()?.text();
        between(&page, "<ITL>", "</ITL>").map(str::to_owned)
    }

    /// The rows on the display.
    async fn rows(&self, phone: &PhoneHandle) -> Vec<String> {
        let words = self.mode_info(phone).await;
        let rows = words.split("<FieldName>").skip(1);
        rows.filter_map(|rest| rest.split("</FieldName>").next().map(str::to_owned))
            .collect()
    }

    /// Opens the row with these words by its digit.
    async fn choose(&self, phone: &PhoneHandle, words: &str) {
        let rows = self.rows(phone).await;
        let place = rows.iter().position(|row| row.to_lowercase().contains(words));
        let place = place.unwrap_or_else(|| panic!("{}: no {words} in {rows:?}", phone.model()));
        self.press(phone, &[&format!("KeyPad{}", place + 1)]).await;
    }

    /// Presses the softkey with these words.
    async fn soft(&self, phone: &PhoneHandle, words: &str) {
        let shown = self.mode_info(phone).await;
        let keys = shown.split("<Feature Position=\"").skip(1);
        let key = keys.clone().find(|key| key.contains(&format!("Label=\"{words}\"")));
        let key = key.unwrap_or_else(|| panic!("{}: no {words} in {shown}", phone.model()));
        self.press(phone, &[&format!("Soft{}", &key[..1])]).await;
    }

    /// From the idle screen to the menu with the settings.
    async fn open_settings(&self, phone: &PhoneHandle, profile: &Profile) {
        let first = ["Settings", "Applications"]
            .into_iter()
            .find(|key| profile.has_key(key));
        match (profile.model, first) {
            ("Cisco 7906" | "Cisco 7911", _) => {
                self.press(phone, &["Applications"]).await;
                self.choose(phone, "settings").await;
            }
            (_, Some(key)) => self.press(phone, &[key]).await,
            ("Cisco 8831", None) => self.soft(phone, "Apps").await,
            _ => self.press(phone, &["NavSelect"]).await,
        }
    }
}

#[tokio::test]
async fn the_trust_list_is_erased_by_keys_on_every_model_and_fetched_anew() {
    let (bench, phones) = every_model();
    let sound = bench.itl(&bench.phone("8845")).await.unwrap();
    for (phone, profile) in phones {
        if profile.trust_keys.is_empty() {
            continue;
        }
        let model = profile.model;
        phone.set_fault(Fault::TrustListBroken);
        let before = bench.itl(&phone).await;
        assert!(before.as_ref().is_none_or(|hash| *hash != sound), "{model}");
        bench.simulator.cucm().edit_vendor(phone.name(), "webAccess", Some("0"));
        assert!(!phone.runs_newest_settings());
        bench.clock.advance(Duration::from_secs(10));
        let registered = bench.ris_of(&phone).await;
        let since = between(&registered, "<ns1:TimeStamp>", "<").unwrap().to_owned();
        let (last, way) = profile.trust_keys.split_last().unwrap();
        bench.press(&phone, way).await;
        assert!(phone.is_registered(), "{model}: not before the last key");
        bench.press(&phone, &[last]).await;
        assert!(
            !phone.is_registered() && bench.get(&phone, "/").await.is_err(),
            "{model}"
        );
        assert!(
            !bench.ris_of(&phone).await.contains("<ns1:Status>Registered<"),
            "{model}"
        );
        bench.clock.advance(Duration::from_secs(21));
        let back = bench.ris_of(&phone).await;
        assert!(back.contains("<ns1:Status>Registered<"), "{model}: {back}");
        assert_ne!(between(&back, "<ns1:TimeStamp>", "<").unwrap(), since, "{model}");
        assert!(phone.runs_newest_settings(), "{model}");
        assert_eq!(phone.faults(), ["authentication-url"], "{model}");
        if before.is_some() {
            assert_eq!(bench.itl(&phone).await.as_ref(), Some(&sound), "{model}");
            let messages = bench.messages(&phone).await;
            for words in [
                "Erasing CTL and ITL files",
                "No Trust List installed",
                "CTL and ITL installed",
            ] {
                assert!(messages.contains(words), "{model}: {words} in {messages}");
            }
        }
    }
    bench.end().await;
}

#[tokio::test]
async fn network_settings_are_read_off_every_screen() {
    let (bench, phones) = every_model();
    for (phone, profile) in phones {
        bench.open_settings(&phone, profile).await;
        if bench.rows(&phone).await.iter().any(|row| row.starts_with("Admin")) {
            bench.choose(&phone, "admin").await;
        }
        bench.choose(&phone, "network").await;
        let words = bench.mode_info(&phone).await;
        for (row, value) in [
            ("Host name", phone.name()),
            ("IPv4 address", &phone.address().to_string()),
            ("Subnet mask", "255.255.0.0"),
            ("Default router 1", "127.20.255.1"),
            ("DNS server 1", "127.20.255.53"),
            ("TFTP server 1", "127.0.0.1"),
            ("Operational VLAN ID", "172"),
        ] {
            let row = format!("<FieldName>{row}</FieldName><FieldValue>{value}</FieldValue>");
            assert!(words.contains(&row), "{}: {row} in {words}", profile.model);
        }
    }
    bench.end().await;
}

#[tokio::test]
async fn all_settings_go_back_by_the_menu_and_with_them_what_was_kept() {
    let (bench, phones) = every_model();
    let other = bench.phone("8845");
    let mut tried = 0;
    for (phone, profile) in phones {
        if phone.name() == other.name() {
            continue;
        }
        bench.open_settings(&phone, profile).await;
        if !bench.rows(&phone).await.iter().any(|row| row.starts_with("Admin")) {
            continue;
        }
        bench.press(&phone, &["Speaker"]).await;
        bench.press(&phone, &["Speaker"]).await;
        bench.execute(&phone, &[&format!("Dial:{}", other.dn())]).await;
        bench.simulator.phone(other.name()).unwrap().restart();
        bench.clock.advance(Duration::from_secs(21));
        bench.open_settings(&phone, profile).await;
        bench.choose(&phone, "admin").await;
        bench.choose(&phone, "reset").await;
        if profile.model == "Cisco 8831" {
            bench.soft(&phone, "All").await;
        } else {
            bench.choose(&phone, "all settings").await;
        }
        assert!(
            bench.mode_info(&phone).await.contains("factory values"),
            "{}",
            profile.model
        );
        bench.soft(&phone, "Reset").await;
        assert!(!phone.is_registered(), "{}", profile.model);
        bench.clock.advance(Duration::from_secs(21));
        let erased = bench.mode_info(&phone).await;
        assert!(
            erased.contains("<PlaneTitle/>"),
            "{}: idle again, {erased}",
            profile.model
        );
        tried += 1;
    }
    assert!(tried > 15, "{tried}");
    bench.end().await;
}

#[tokio::test]
async fn call_logs_are_cleared_list_by_list_or_at_once() {
    let (bench, phones) = every_model();
    for (phone, profile) in phones {
        // With two softkeys there is no room; the URI does it.
        let by_menu = profile.softkeys() > 2;
        bench.execute(&phone, &["Dial:999"]).await;
        bench.press(&phone, &["Soft2"]).await;
        let directories = ["Directories", "Contacts"].into_iter().find(|key| profile.has_key(key));
        match directories {
            Some(key) => bench.press(&phone, &[key]).await,
            None if profile.model == "Cisco 8831" => {
                bench.soft(&phone, "Apps").await;
                bench.choose(&phone, "directories").await;
            }
            None if by_menu => {
                bench.press(&phone, &["Applications"]).await;
                bench.choose(&phone, "directories").await;
            }
            None => bench.soft(&phone, "Recents").await,
        }
        bench.choose(&phone, "placed").await;
        let placed = bench.rows(&phone).await;
        assert_eq!(placed, ["999"], "{}", profile.model);
        if by_menu {
            bench.soft(&phone, "Clear").await;
        } else {
            bench.execute(&phone, &["Init:CallHistory"]).await;
        }
        assert!(bench.rows(&phone).await.is_empty(), "{}", profile.model);
    }
    bench.end().await;
}

#[tokio::test]
async fn stars_and_pound_restart_the_7900_series_from_the_settings_alone() {
    let (bench, phones) = every_model();
    let stars = ["KeyPadStar", "KeyPadStar", "KeyPadPound", "KeyPadStar", "KeyPadStar"];
    for (phone, profile) in phones
        .into_iter()
        .filter(|(_, profile)| profile.model.starts_with("Cisco 79"))
    {
        bench.open_settings(&phone, profile).await;
        bench.press(&phone, &stars).await;
        assert!(!phone.is_registered(), "{}", profile.model);
        bench.clock.advance(Duration::from_secs(21));
        bench.press(&phone, &stars).await;
        assert!(phone.is_registered(), "{}: digits on the idle screen", profile.model);
    }
    bench.end().await;
}
