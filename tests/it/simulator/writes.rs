//! What AXL changes, and when phones follow.

use sidetone::simulator::set::profiles;

use super::*;

const VENDOR: &str = "<garp>1</garp><webAccess>0</webAccess><sshAccess>1</sshAccess>";

impl Bench {
    /// An AXL operation on one phone, by name.
    async fn of_phone(&self, operation: &str, phone: &PhoneHandle, more: &str) -> Answer {
        let content = format!("<name>{}</name>{more}", phone.name());
        self.axl("14.0", operation, &content).await
    }

    async fn sql_update(&self, statement: &str) -> Answer {
        self.axl("14.0", "executeSQLUpdate", &format!("<sql>{statement}</sql>"))
            .await
    }

    /// What RIS says of one phone.
    pub(super) async fn ris_of(&self, phone: &PhoneHandle) -> String {
        let item = format!("<s:item><s:Item>{}</s:Item></s:item>", phone.name());
        self.ris("selectCmDeviceExt", &item).await.text()
    }

    pub(super) async fn picture(&self, phone: &PhoneHandle) -> String {
        let answer = self.get(phone, "/CGI/Screenshot").await.unwrap();
        if answer.text().contains("CiscoIPPhoneError") {
            answer.text()
        } else {
            assert!(answer.status == 200 && answer.body.len() > 200, "{}", answer.text());
            "picture".to_owned()
        }
    }

    /// The status messages, newest last.
    pub(super) async fn messages(&self, phone: &PhoneHandle) -> String {
        let page = "/CGI/Java/Serviceability?adapter=device.settings.status.messages";
        self.get(phone, page).await.unwrap().text()
    }
}

fn code(answer: &Answer) -> String {
    let text = answer.text();
    let code = text.split("<axlcode>").nth(1).and_then(|rest| rest.split('<').next());
    code.unwrap_or(&text).to_owned()
}

#[tokio::test]
async fn web_access_is_mended_by_a_write_that_the_phone_takes_when_it_is_applied() {
    let bench = Bench::new(Options {
        web_start: Duration::from_secs(30),
        ..Options::default()
    });
    let (cucm, phone) = (bench.simulator.cucm(), bench.phone("8845"));
    phone.set_fault(Fault::WebAccessOff);
    assert!(bench.get(&phone, "/").await.is_err());
    assert!(bench.ris_of(&phone).await.contains("<ns1:Httpd>No</ns1:Httpd>"));
    assert_eq!(phone.faults(), ["web-access-off"]);
    let shown = bench.of_phone("getPhone", &phone, "").await.text();
    assert!(shown.contains("<webAccess>1</webAccess>"), "{shown}");
    let stamp = cucm.version_stamp(phone.name());
    assert!(
        shown.contains(&format!("<versionStamp>{stamp}</versionStamp>")),
        "{shown}"
    );

    let written = bench
        .of_phone("updatePhone", &phone, &format!("<vendorConfig>{VENDOR}</vendorConfig>"))
        .await;
    let uuid = shown
        .split("uuid=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    assert!(
        written.text().contains(&format!("<return>{uuid}</return>")),
        "{}",
        written.text()
    );
    let shown = bench.of_phone("getPhone", &phone, "").await.text();
    assert!(
        shown.contains(&format!("<vendorConfig>{VENDOR}</vendorConfig>")),
        "replaced: {shown}"
    );
    assert_ne!(cucm.version_stamp(phone.name()), stamp);
    assert!(!phone.web_is_up() && !phone.runs_newest_settings(), "not applied yet");

    assert_eq!(bench.of_phone("applyPhone", &phone, "").await.status, 200);
    assert!(phone.runs_newest_settings());
    assert!(bench.get(&phone, "/").await.is_err(), "the web server needs a moment");
    bench.clock.advance(Duration::from_secs(30));
    assert_eq!(bench.picture(&phone).await, "picture");
    assert!(bench.ris_of(&phone).await.contains("<ns1:Httpd>Yes</ns1:Httpd>"));
    assert_eq!(cucm.counts().axl.get("updatePhone"), Some(&1));
    bench.end().await;
}

#[tokio::test]
async fn an_update_clears_what_is_sent_empty_and_keeps_what_is_left_out() {
    let bench = Bench::small();
    let (cucm, phone) = (bench.simulator.cucm(), bench.phone("8845"));
    let vendor = cucm.vendor_config(phone.name());
    let url = "http://127.0.0.9:8080/auth?a=1&amp;b=2";
    let update = format!(
        "<authenticationUrl>{url}</authenticationUrl><idleUrl>http://i/</idleUrl><secureAuthenticationUrl>https://s/\
         </secureAuthenticationUrl><hatSize>7</hatSize>"
    );
    assert_eq!(bench.of_phone("updatePhone", &phone, &update).await.status, 200);
    assert_eq!(
        cucm.device_url(phone.name(), "authenticationUrl"),
        "http://127.0.0.9:8080/auth?a=1&b=2"
    );
    let shown = bench.of_phone("getPhone", &phone, "").await.text();
    for part in [
        &format!("<authenticationUrl>{url}</authenticationUrl>"),
        "<idleUrl>http://i/</idleUrl>",
        "<secureAuthenticationUrl>https://s/</secureAuthenticationUrl>",
        "<directoryUrl/>",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let column = bench
        .sql(&format!(
            "select authenticationurl u from device where name = '{}'",
            phone.name()
        ))
        .await;
    assert!(column.text().contains(&format!("<u>{url}</u>")), "{}", column.text());
    let uuid = shown.split("uuid=\"").nth(1).unwrap().split('"').next().unwrap();
    let by_uuid = format!("<uuid>{uuid}</uuid><authenticationUrl/><secureAuthenticationUrl></secureAuthenticationUrl>");
    assert_eq!(bench.axl("14.0", "updatePhone", &by_uuid).await.status, 200);
    assert_eq!(cucm.device_url(phone.name(), "authenticationUrl"), "");
    assert_eq!(cucm.device_url(phone.name(), "idleUrl"), "http://i/");
    assert_eq!(cucm.vendor_config(phone.name()), vendor, "left out, kept");
    let long = format!("<authenticationUrl>http://{}</authenticationUrl>", "a".repeat(250));
    assert_eq!(bench.of_phone("updatePhone", &phone, &long).await.status, 500);
    let nobody = bench.axl("14.0", "updatePhone", "<name>SEP000000000000</name>").await;
    assert_eq!(code(&nobody), "5003");
    let nobody = bench.axl("14.0", "applyPhone", "<name>SEP000000000000</name>").await;
    assert_eq!(code(&nobody), "5007");
    bench.end().await;
}

#[tokio::test]
async fn the_device_wins_over_the_profile_and_the_profile_over_the_enterprise() {
    let bench = Bench::small();
    let cucm = bench.simulator.cucm();
    let named = bench.simulator.phones().into_iter().find(|phone| {
        let vendor = cucm.vendor_config(phone.name());
        phone.model().starts_with("Cisco 88") && vendor.iter().all(|(key, _)| key != "webAccess")
    });
    let phone = named.unwrap();
    let profile = format!("<name>{}</name>", phone.profile());
    let set = async |value: &str| {
        let content = format!("{profile}<vendorConfig><webAccess>{value}</webAccess></vendorConfig>");
        bench.axl("14.0", "updateCommonPhoneConfig", &content).await
    };
    assert_eq!(set("1").await.status, 200);
    assert!(phone.web_is_up(), "the profile is not applied yet");
    assert_eq!(bench.axl("14.0", "applyCommonPhoneConfig", &profile).await.status, 200);
    assert!(!phone.web_is_up());
    let read = bench.axl("14.0", "getCommonPhoneConfig", &profile).await.text();
    assert!(
        read.contains("<vendorConfig><webAccess>1</webAccess></vendorConfig>"),
        "{read}"
    );
    phone.set_vendor("webAccess", Some("0"));
    assert!(phone.web_is_up(), "the device wins");
    phone.set_vendor("webAccess", None);
    cucm.set_profile_vendor(phone.profile(), "webAccess", None);
    assert!(!phone.web_is_up(), "nothing names it");
    let wide = "<vendorConfig><webAccess>2</webAccess></vendorConfig>";
    assert_eq!(bench.axl("14.0", "updateEnterprisePhoneConfig", wide).await.status, 200);
    let read = bench.axl("14.0", "getEnterprisePhoneConfig", "").await.text();
    assert!(read.contains(&format!("<enterprisePhoneConfig>{wide}")), "{read}");
    assert!(!phone.web_is_up());
    assert_eq!(bench.of_phone("restartPhone", &phone, "").await.status, 200);
    bench.clock.advance(Duration::from_secs(20));
    assert_eq!(phone.faults(), ["read-only-web"]);
    assert_eq!(bench.get(&phone, "/CGI/Screenshot").await.unwrap().status, 403);
    let count = bench
        .sql(&format!(
            "select count(*) as n from device d join commonphoneconfig c on c.pkid = d.fkcommonphoneconfig where c.name = \
             '{}' and d.tkclass = 1",
            phone.profile()
        ))
        .await;
    let of_profile = bench
        .simulator
        .phones()
        .iter()
        .filter(|other| other.profile() == phone.profile())
        .count();
    assert!(
        count.text().contains(&format!("<n>{of_profile}</n>")),
        "{}",
        count.text()
    );
    bench.end().await;
}

#[tokio::test]
async fn a_reset_phone_is_away_for_a_time_and_ris_says_why() {
    let bench = Bench::small();
    let (phone, other) = (bench.phone("8845"), bench.phone("8851"));
    phone.call(&other);
    assert!(phone.is_in_call() && other.is_in_call());
    assert_eq!(bench.of_phone("resetPhone", &phone, "").await.status, 200);
    assert!(!phone.is_in_call() && !other.is_in_call(), "its call ends");
    let now_s = bench.clock.now_ms() / 1_000;
    let away = |reason: u32, at_s: i64| {
        (
            format!("<ns1:Status>UnRegistered</ns1:Status><ns1:StatusReason>{reason}</ns1:StatusReason>"),
            format!("<ns1:TimeStamp>{at_s}</ns1:TimeStamp>"),
        )
    };
    bench.clock.advance(Duration::from_secs(5));
    let ris = bench.ris_of(&phone).await;
    let (status, time) = away(9, now_s);
    assert!(ris.contains(&status) && ris.contains(&time), "{ris}");
    assert!(bench.get(&phone, "/").await.is_err());
    bench.clock.advance(Duration::from_secs(15));
    let ris = bench.ris_of(&phone).await;
    assert!(
        ris.contains("<ns1:Status>Registered</ns1:Status><ns1:StatusReason>0<"),
        "{ris}"
    );
    assert!(
        ris.contains(&format!("<ns1:TimeStamp>{}</ns1:TimeStamp>", now_s + 20)),
        "{ris}"
    );
    assert_eq!(bench.picture(&phone).await, "picture");

    phone.restart();
    let (status, time) = away(8, now_s + 20);
    let ris = bench.ris_of(&phone).await;
    assert!(ris.contains(&status) && ris.contains(&time), "{ris}");
    bench.clock.advance(Duration::from_secs(20));
    let reset = |kind: &str| {
        format!(
            "<deviceName>{}</deviceName><deviceResetType>{kind}</deviceResetType>",
            phone.name()
        )
    };
    assert_eq!(
        bench
            .axl("14.0", "doDeviceReset", &reset("Apply Configuration"))
            .await
            .status,
        200
    );
    assert!(phone.is_registered());
    assert_eq!(bench.axl("14.0", "doDeviceReset", &reset("Restart")).await.status, 200);
    assert!(!phone.is_registered());
    assert_eq!(bench.axl("14.0", "doDeviceReset", &reset("Fly")).await.status, 500);
    bench.end().await;
}

#[tokio::test]
async fn a_broken_trust_list_keeps_every_change_out_until_it_is_erased() {
    let bench = Bench::small();
    let (phone, sound) = (bench.phone("8845"), bench.phone("8865"));
    let hash = async |phone: &PhoneHandle| {
        let page = "/CGI/Java/Serviceability?adapterX=device.statistics.configuration";
        let text = bench.get(phone, page).await.unwrap().text();
        text.split("<ITL>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    let good = hash(&phone).await;
    assert_eq!(good, hash(&sound).await, "one file for the whole cluster");
    phone.set_fault(Fault::TrustListBroken);
    phone.set_fault(Fault::SettingsLocked);
    assert_ne!(hash(&phone).await, good);
    assert_eq!(bench.picture(&phone).await, "<CiscoIPPhoneError Number=\"4\" />");
    assert!(
        bench
            .messages(&phone)
            .await
            .contains("Trust List update failed, verification failure")
    );
    let open = "<vendorConfig><settingsAccess>1</settingsAccess></vendorConfig>";
    bench.of_phone("updatePhone", &phone, open).await;
    bench.of_phone("applyPhone", &phone, "").await;
    bench.of_phone("resetPhone", &phone, "").await;
    bench.clock.advance(Duration::from_secs(20));
    assert!(phone.is_registered() && !phone.runs_newest_settings());
    assert_eq!(phone.faults(), ["trust-list-broken", "settings-locked"]);
    let messages = bench.messages(&phone).await;
    assert_eq!(messages.matches("Trust List update failed<").count(), 2, "{messages}");

    // An http URL lets keys in, but the menu does not open while settings access is restricted.
    let plain = bench.simulator.cucm().parameter("URLAuthentication");
    phone.set_url("secureAuthenticationUrl", &plain);
    let profile = profiles().iter().find(|profile| profile.number == 36_224).unwrap();
    let press = async || {
        for key in profile.trust_keys {
            bench.execute(&phone, &[&format!("Key:{key}")]).await;
        }
    };
    phone.set_vendor("settingsAccess", Some("2"));
    press().await;
    assert!(phone.faults().contains(&"trust-list-broken"), "{:?}", phone.faults());
    phone.set_vendor("settingsAccess", Some("1"));
    bench.execute(&phone, &["Init:Applications"]).await;
    press().await;
    assert!(!phone.is_registered(), "it restarts");
    bench.clock.advance(Duration::from_secs(20));
    phone.set_url("secureAuthenticationUrl", "");
    assert_eq!(bench.picture(&phone).await, "picture");
    assert_eq!(hash(&phone).await, good, "it has the cluster's file again");
    assert!(phone.runs_newest_settings() && phone.faults().is_empty());
    bench.end().await;
}

#[tokio::test]
async fn sql_adds_and_removes_one_controlled_device() {
    let bench = Bench::small();
    let (cucm, phone) = (bench.simulator.cucm(), bench.phone("8845"));
    for (user, table, of_user, columns) in [
        (
            "sidetone-app",
            "applicationuser",
            "name",
            "fkapplicationuser, fkdevice, tkuserassociation",
        ),
        (
            "paging",
            "enduser",
            "userid",
            "fkenduser, fkdevice, defaultprofile, tkuserassociation",
        ),
    ] {
        let name = phone.name();
        let all = cucm.controlled_devices(user);
        let chosen = if table == "enduser" {
            "u.pkid, d.pkid, 'f', 1"
        } else {
            "u.pkid, d.pkid, 1"
        };
        let insert = format!(
            "insert into {table}devicemap ({columns}) select {chosen} from {table} u, device d where u.{of_user} = '{user}' \
             and d.name = '{name}' and not exists (select 1 from {table}devicemap a where a.fk{table} = u.pkid and \
             a.fkdevice = d.pkid)"
        );
        let delete = |set: &str| {
            format!(
                "delete from {table}devicemap where fk{table} {set} (select pkid from {table} where {of_user} = '{user}') \
                 and fkdevice {set} (select pkid from device where name = '{name}')"
            )
        };
        let rows = async |statement: &str| {
            let text = bench.sql_update(statement).await.text();
            text.split("<rowsUpdated>")
                .nth(1)
                .unwrap_or(&text)
                .split('<')
                .next()
                .unwrap()
                .to_owned()
        };
        assert_eq!(rows(&insert).await, "0", "it is there already");
        assert_eq!(rows(&delete("=")).await, "1");
        assert_eq!(rows(&delete("in")).await, "0", "it is gone already");
        assert!(!cucm.controlled_devices(user).iter().any(|device| device == name));
        assert_eq!(
            cucm.controlled_devices(user).len(),
            all.len() - 1,
            "no other is touched"
        );
        assert_eq!(rows(&insert).await, "1");
        assert_eq!(cucm.controlled_devices(user), all);
        assert_eq!(rows(&delete("in")).await, "1");
        cucm.associate(user, name);
    }
    bench.end().await;
}

#[tokio::test]
async fn sql_writes_fail_with_informix_numbers() {
    let bench = Bench::small();
    let key = async |statement: &str| {
        let text = bench.sql(statement).await.text();
        text.split("<pkid>")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .to_owned()
    };
    let user = key("select pkid from applicationuser").await;
    let device = key("select pkid from device").await;
    let upper = device.to_ascii_uppercase();
    let before = bench.simulator.cucm().controlled_devices("sidetone-app");
    let values = |user: &str, device: &str| {
        format!(
            "insert into applicationuserdevicemap (fkapplicationuser, fkdevice, tkuserassociation) values ('{user}', '{device}', 1)"
        )
    };
    for (statement, expected) in [
        (values(&user, &device), "-239"),
        (values(&user, &upper), "-691"),
        (values(&device, &device), "-691"),
        (values("x", "y").replace(", 1)", ")"), "-201"),
        ("delete applicationuserdevicemap".to_owned(), "-201"),
        ("delete from device".to_owned(), "-206"),
    ] {
        assert_eq!(code(&bench.sql_update(&statement).await), expected, "{statement}");
    }
    assert_eq!(bench.simulator.cucm().controlled_devices("sidetone-app"), before);
    bench.end().await;
}

#[tokio::test]
async fn a_users_list_is_replaced_and_its_locks_are_cleared() {
    let bench = Bench::small();
    let (cucm, phone) = (bench.simulator.cucm(), bench.phone("8845"));
    let list = format!(
        "<userid>paging</userid><associatedDevices><device>{}</device></associatedDevices>",
        phone.name()
    );
    assert_eq!(bench.axl("14.0", "updateUser", &list).await.status, 200);
    assert_eq!(cucm.controlled_devices("paging"), [phone.name()]);
    let unknown = list.replace(phone.name(), "SEP000000000000");
    assert_eq!(code(&bench.axl("14.0", "updateUser", &unknown).await), "5003");
    assert_eq!(cucm.controlled_devices("paging"), [phone.name()]);
    let credentials = |what: &str| format!("<userid>paging</userid><passwordCredentials>{what}</passwordCredentials>");
    cucm.lock_user("paging", true);
    cucm.lock_out_user("paging");
    let by_admin = credentials("<pwdCredLockedByAdministrator>f</pwdCredLockedByAdministrator>");
    assert_eq!(bench.axl("14.0", "updateUser", &by_admin).await.status, 200);
    assert!(cucm.is_locked("paging"), "wrong passwords keep it locked");
    let counted = credentials("<pwdResetHackCount>true</pwdResetHackCount>");
    assert_eq!(bench.axl("14.0", "updateUser", &counted).await.status, 200);
    assert!(!cucm.is_locked("paging"));
    assert_eq!(cucm.controlled_devices("paging"), [phone.name()], "left out, kept");
    assert_eq!(
        code(&bench.axl("14.0", "updateAppUser", &counted).await),
        "5003",
        "no application user"
    );

    cucm.set_rank_too_low("sidetone-app", true);
    assert_eq!(code(&bench.axl("14.0", "updateUser", &counted).await), "5003");
    cucm.set_read_only("sidetone-app", true);
    assert_eq!(bench.axl("14.0", "updateUser", &counted).await.status, 403);
    assert_eq!(bench.sql_update("delete from enduserdevicemap").await.status, 403);
    assert_eq!(bench.of_phone("applyPhone", &phone, "").await.status, 403);
    assert_eq!(bench.of_phone("getPhone", &phone, "").await.status, 200);
    bench.end().await;
}

#[tokio::test]
async fn writes_can_fail_in_each_way_and_others_can_come_between() {
    let bench = Bench::small();
    let (cucm, phone) = (bench.simulator.cucm(), bench.phone("8845"));
    let name = phone.name().to_owned();
    let update = "<idleUrl>http://new/</idleUrl>";
    let next = |outcome| {
        cucm.edit_url(&name, "idleUrl", "");
        cucm.set_fault(CucmFault::Write {
            operation: "updatePhone".to_owned(),
            outcome,
            times: 1,
        });
    };
    next(WriteOutcome::Refused(-1));
    assert_eq!(
        bench.of_phone("applyPhone", &phone, "").await.status,
        200,
        "another operation"
    );
    assert_eq!(code(&bench.of_phone("updatePhone", &phone, update).await), "-1");
    assert_eq!(cucm.device_url(&name, "idleUrl"), "");
    next(WriteOutcome::Ignored);
    assert_eq!(bench.of_phone("updatePhone", &phone, update).await.status, 200);
    assert_eq!(cucm.device_url(&name, "idleUrl"), "");
    next(WriteOutcome::BreaksOff);
    let cut = bench.of_phone("updatePhone", &phone, update).await;
    assert!(!cut.text().contains("Envelope>"), "{}", cut.text());
    assert_eq!(cucm.device_url(&name, "idleUrl"), "http://new/");
    next(WriteOutcome::Lost);
    let port = bench.simulator.summary().https_port;
    let request = format!(
        "POST /axl/ HTTP/1.1\r\nHost: cucm\r\nConnection: close\r\nAuthorization: {LOGIN}\r\nContent-Length: 181\r\n\r\n\
         <e:Envelope xmlns:e=\"http://schemas.xmlsoap.org/soap/envelope/\"><e:Body><n:updatePhone \
         xmlns:n=\"http://www.cisco.com/AXL/API/14.0\"><name>{name}</name></n:updatePhone></e:Body></e:Envelope>"
    );
    let length = request.split("\r\n\r\n").nth(1).unwrap().len();
    let request = request.replace("Length: 181", &format!("Length: {length}"));
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    let server = rustls::pki_types::ServerName::try_from("cucm-pub").unwrap();
    let stream = tls::connector().connect(server, stream).await.unwrap();
    assert!(talk(stream, &request).await.is_err());

    cucm.set_fault(CucmFault::ChangedMeanwhile(Meanwhile::Vendor {
        device: name.clone(),
        key: "sshAccess".to_owned(),
        value: "0".to_owned(),
    }));
    let before = bench.of_phone("getPhone", &phone, "").await.text();
    assert!(!before.contains("sshAccess"), "{before}");
    let after = bench.of_phone("getPhone", &phone, "").await.text();
    assert!(after.contains("<sshAccess>0</sshAccess>"), "{after}");
    cucm.set_fault(CucmFault::ChangedMeanwhile(Meanwhile::Dissociated {
        user: "sidetone-app".to_owned(),
        device: name.clone(),
    }));
    let read = bench
        .axl("14.0", "getAppUser", "<userid>sidetone-app</userid>")
        .await
        .text();
    assert!(read.to_ascii_uppercase().contains(&name), "{read}");
    assert!(!cucm.controlled_devices("sidetone-app").contains(&name));
    cucm.set_fault(CucmFault::ChangedMeanwhile(Meanwhile::Deleted { device: name.clone() }));
    assert_eq!(bench.of_phone("getPhone", &phone, "").await.status, 200);
    assert_eq!(code(&bench.of_phone("getPhone", &phone, "").await), "5007");
    bench.end().await;
}

#[tokio::test]
async fn an_enterprise_parameter_reaches_phones_when_it_is_applied() {
    let bench = Bench::small();
    let (cucm, phone) = (bench.simulator.cucm(), bench.phone("8845"));
    let wide = "<processNodeName>EnterpriseWideData</processNodeName>";
    let parameter = |name: &str, value: &str| {
        format!("{wide}<name>{name}</name><service>Enterprise Wide</service><value>{value}</value>")
    };
    let plain = cucm.parameter("URLAuthentication");
    let before = phone.authentication_url();
    assert_ne!(before, plain);
    let update = parameter("SecureAuthenticationURL", &plain);
    assert_eq!(bench.axl("14.0", "updateServiceParameter", &update).await.status, 200);
    assert_eq!(phone.authentication_url(), before, "phones do not know yet");
    let read = bench
        .sql("select paramvalue from processconfig where paramname = 'SecureAuthenticationURL'")
        .await;
    assert!(read.text().contains(&plain), "{}", read.text());
    assert_eq!(
        bench.axl("11.5", "applyEnterpriseParameters", "").await.status,
        500,
        "from 12.0"
    );
    assert_eq!(bench.axl("12.0", "applyEnterpriseParameters", "").await.status, 200);
    assert_eq!(phone.authentication_url(), plain);
    let wrong = parameter("SecureAuthenticationUrl", "x");
    assert_eq!(code(&bench.axl("14.0", "updateServiceParameter", &wrong).await), "5003");
    bench.end().await;
}

#[tokio::test]
async fn what_cucm_last_heard_of_a_device_is_told_from_11_5() {
    let bench = Bench::small();
    let phone = bench.phone("8845");
    phone.set_fault(Fault::NoAddress);
    let asked = format!(
        "<searchCriteria><device>{}</device></searchCriteria><returnedTags><device/><lastKnownIpAddress/><risStatus/>\
         <lastKnownConfigVersion/></returnedTags>",
        phone.name()
    );
    let answer = bench.axl("11.5", "listRegistrationDynamic", &asked).await.text();
    let address = phone.address();
    assert!(
        answer.contains(&format!("<lastKnownIpAddress>{address}</lastKnownIpAddress>")),
        "{answer}"
    );
    assert!(answer.contains("<risStatus>Registered</risStatus>"), "{answer}");
    assert!(!answer.contains("lastSeen"), "{answer}");
    assert!(!bench.ris_of(&phone).await.contains(&address.to_string()));
    bench.simulator.cucm().edit_vendor(phone.name(), "sshAccess", Some("0"));
    let stamp = bench.simulator.cucm().version_stamp(phone.name());
    let stale = bench.axl("14.0", "listRegistrationDynamic", &asked).await.text();
    assert!(!stale.contains(&stamp), "the phone runs older settings");
    bench.of_phone("applyPhone", &phone, "").await;
    let fresh = bench.axl("14.0", "listRegistrationDynamic", &asked).await.text();
    assert!(fresh.contains(&stamp), "{fresh}");
    let old = bench.axl("11.0", "listRegistrationDynamic", &asked).await.text();
    assert!(old.contains("No method found for processing request"), "{old}");
    bench.end().await;
}
