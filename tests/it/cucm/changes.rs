//! Changes through AXL: what they change, what they leave alone, and that each is sent once.

use sidetone::cucm::{Cucm, Error, PhoneChange};
use sidetone::domain::cause::Cause;
use sidetone::domain::device_name::DeviceName;
use sidetone::simulator::{CucmFault, WriteOutcome};

use super::House;

const USER: &str = "axl";
const END_USER: &str = "aruiz";

fn asked(house: &House, operation: &str) -> usize {
    let counts = house.simulator.cucm().counts();
    counts.axl.get(operation).copied().unwrap_or_default()
}

fn fails(house: &House, operation: &str, outcome: WriteOutcome) {
    house.simulator.cucm().set_fault(CucmFault::Write {
        operation: operation.to_owned(),
        outcome,
        times: 1,
    });
}

fn url(text: &str) -> PhoneChange {
    PhoneChange {
        authentication_url: Some(text.to_owned()),
        ..PhoneChange::default()
    }
}

fn nowhere() -> DeviceName {
    "SEPFFFFFFFFFFFF".parse().unwrap()
}

#[tokio::test]
async fn one_device_is_associated_and_taken_back_once() {
    let house = House::with(3);
    let (cucm, knobs) = (house.client(), house.simulator.cucm());
    let device = house.names()[0].clone();
    let others = house.names().len() - 1;
    for (user, end_user) in [(USER, false), (END_USER, true)] {
        for name in house.names() {
            knobs.associate(user, name.as_str());
        }
        knobs.dissociate(user, device.as_str());
        assert!(cucm.associate(user, end_user, &device).await.unwrap());
        assert!(
            !cucm.associate(user, end_user, &device).await.unwrap(),
            "it is there already"
        );
        assert!(cucm.is_controlled_device(user, &device).await.unwrap());
        assert!(cucm.dissociate(user, end_user, &device).await.unwrap());
        assert!(
            !cucm.dissociate(user, end_user, &device).await.unwrap(),
            "it is gone already"
        );
        assert!(!cucm.is_controlled_device(user, &device).await.unwrap());
        assert_eq!(knobs.controlled_devices(user).len(), others, "the others stay");
        // The kind of user counts: the other table has no such user.
        assert!(!cucm.associate(user, !end_user, &device).await.unwrap());
        assert!(!cucm.associate(user, end_user, &nowhere()).await.unwrap());
    }
    let sly = cucm.associate("x' or u.name like '%", false, &device).await;
    assert_eq!(sly, Err(Error::OddUserName));
}

#[tokio::test]
async fn a_phone_is_changed_and_everything_else_kept() {
    let house = House::with(3);
    let (cucm, knobs) = (house.client(), house.simulator.cucm());
    let name = house.names()[1].clone();
    knobs.edit_vendor(name.as_str(), "webAccess", Some("1"));
    knobs.edit_vendor(name.as_str(), "sly", Some("</sly><webAccess>1</webAccess>&"));
    let before = cucm.get_phone(&name).await.unwrap();
    assert!(!before.vendor_config_is_nested && before.vendor_config.len() > 2);

    let mut config = before.vendor_config.clone();
    config.iter_mut().find(|(key, _)| key == "webAccess").unwrap().1 = "0".to_owned();
    let change = PhoneChange {
        vendor_config: Some(config.clone()),
        ..url("http://10.0.0.1:8080/ccmcip/authenticate.jsp?a=1&b=<2>")
    };
    cucm.update_phone(&name, &change).await.unwrap();
    let after = cucm.get_phone(&name).await.unwrap();
    assert_eq!(after.vendor_config, config);
    assert_eq!(
        after.authentication_url,
        "http://10.0.0.1:8080/ccmcip/authenticate.jsp?a=1&b=<2>"
    );
    assert_ne!(after.version_stamp, before.version_stamp);
    assert_eq!(
        (&after.lines, &after.load_information),
        (&before.lines, &before.load_information)
    );

    cucm.update_phone(&name, &url("")).await.unwrap();
    let cleared = cucm.get_phone(&name).await.unwrap();
    assert_eq!(cleared.authentication_url, "");
    assert_eq!(cleared.vendor_config, config, "what is not sent is kept");

    let secure = PhoneChange {
        secure_authentication_url: Some("https://cucm/x".to_owned()),
        load_information: Some("sip88xx.12-8-1-0001".to_owned()),
        ..PhoneChange::default()
    };
    cucm.update_phone(&name, &secure).await.unwrap();
    assert_eq!(
        knobs.device_url(name.as_str(), "secureAuthenticationUrl"),
        "https://cucm/x"
    );
    assert_eq!(knobs.device_load(name.as_str()), "sip88xx.12-8-1-0001");

    let unknown = cucm.update_phone(&nowhere(), &url("")).await.unwrap_err();
    assert_eq!(unknown.cause(), Cause::PhoneUnknown);
    let nothing = cucm.update_phone(&name, &PhoneChange::default()).await;
    assert!(matches!(nothing, Err(Error::InvalidChange { .. })));
}

#[tokio::test]
async fn phones_are_told_to_take_their_configuration() {
    let house = House::with(2);
    let cucm = house.client();
    let name = house.names()[0].clone();
    cucm.update_phone(&name, &url("http://10.0.0.1/")).await.unwrap();
    assert!(!house.simulator.phones()[0].runs_newest_settings());
    cucm.apply_phone(&name).await.unwrap();
    assert!(house.simulator.phones()[0].runs_newest_settings());
    cucm.restart_phone(&name).await.unwrap();
    cucm.reset_phone(&name).await.unwrap();
    let once = ["applyPhone", "restartPhone", "resetPhone"].map(|operation| asked(&house, operation));
    assert_eq!(once, [1, 1, 1]);
    let unknown = cucm.reset_phone(&nowhere()).await.unwrap_err();
    assert_eq!(unknown.cause(), Cause::PhoneUnknown);
}

#[tokio::test]
async fn an_old_cucm_is_told_by_the_operation_it_has() {
    let house = House::with(1);
    let old = CucmFault::Versions(vec!["8.5".to_owned(), "9.1".to_owned()]);
    house.simulator.cucm().set_fault(old);
    let cucm = house.client();
    cucm.apply_phone(&house.names()[0]).await.unwrap();
    cucm.reset_phone(&house.names()[0]).await.unwrap();
    assert_eq!((asked(&house, "doDeviceReset"), asked(&house, "applyPhone")), (2, 0));
}

#[tokio::test]
async fn a_change_that_may_have_been_made_is_never_sent_again() {
    let house = House::with(2);
    let cucm = house.client();
    let name = house.names()[0].clone();
    // A connection that is kept open would hide a second attempt of the HTTP client.
    cucm.version().await.unwrap();
    for (outcome, done) in [(WriteOutcome::Lost, false), (WriteOutcome::BreaksOff, true)] {
        let before = asked(&house, "updatePhone");
        fails(&house, "updatePhone", outcome);
        let target = format!("http://10.0.0.1/{outcome:?}");
        let error = cucm.update_phone(&name, &url(&target)).await.unwrap_err();
        assert!(error.is_doubtful(), "{error}");
        assert_eq!(asked(&house, "updatePhone"), before + 1);
        let now = cucm.get_phone(&name).await.unwrap();
        assert_eq!(now.authentication_url == target, done);
    }
    let device = house.names()[1].clone();
    house.simulator.cucm().dissociate(USER, device.as_str());
    house.simulator.cucm().set_fault(CucmFault::Truncated { times: 1 });
    let error = cucm.associate(USER, false, &device).await.unwrap_err();
    assert!(error.is_doubtful(), "{error}");
    assert_eq!(asked(&house, "executeSQLUpdate"), 1);
}

#[tokio::test]
async fn what_cucm_certainly_did_not_do_is_sent_again() {
    let house = House::with(1);
    let cucm = house.client();
    let name = house.names()[0].clone();
    cucm.version().await.unwrap();
    house.simulator.cucm().expire_sessions();
    cucm.update_phone(&name, &url("http://10.0.0.1/")).await.unwrap();
    let other = CucmFault::Versions(vec!["12.5".to_owned()]);
    house.simulator.cucm().set_fault(other);
    cucm.update_phone(&name, &url("http://10.0.0.2/")).await.unwrap();
    assert_eq!(
        asked(&house, "updatePhone"),
        2,
        "stale sessions and wrong versions are not counted as asked"
    );
    let now = cucm.get_phone(&name).await.unwrap();
    assert_eq!(now.authentication_url, "http://10.0.0.2/");
}

#[tokio::test]
async fn throttled_changes_are_not_made() {
    let house = House::with(1);
    let cucm = house.client();
    let name = house.names()[0].clone();
    house.simulator.cucm().set_fault(CucmFault::Throttled { times: 1 });
    let error = cucm.update_phone(&name, &url("http://10.0.0.1/")).await.unwrap_err();
    assert_eq!(error, Error::Throttled);
    assert!(!error.is_doubtful() && error.cause() == Cause::AxlUnavailable);
    assert_eq!(cucm.get_phone(&name).await.unwrap().authentication_url, "");
}

/// Every change there is, and what came of it.
async fn every_change(cucm: &Cucm, name: &DeviceName) -> [Result<(), Error>; 5] {
    [
        cucm.update_phone(name, &url("http://10.0.0.1/")).await,
        cucm.apply_phone(name).await,
        cucm.associate(USER, false, name).await.map(drop),
        cucm.set_controlled_devices(USER, false, &[]).await,
        cucm.unlock_user(USER, false).await,
    ]
}

#[tokio::test]
async fn a_login_that_may_only_read_is_told_from_one_that_may_nothing() {
    let house = House::with(1);
    let (cucm, knobs) = (house.client(), house.simulator.cucm());
    let name = house.names()[0].clone();
    knobs.set_read_only(USER, true);
    for result in every_change(&cucm, &name).await {
        let error = result.unwrap_err();
        assert!(error.is_read_only(), "{error}");
        assert_eq!(error.cause(), Cause::CucmRoleMissing);
    }
    assert_eq!(knobs.controlled_devices(USER).len(), 1);
    knobs.set_fault(CucmFault::Forbidden(sidetone::simulator::Service::Axl));
    for result in every_change(&cucm, &name).await {
        let error = result.unwrap_err();
        assert!(matches!(error, Error::RoleMissing { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_whole_list_replaces_the_list_there_was() {
    let house = House::with(8);
    let (cucm, knobs) = (house.client(), house.simulator.cucm());
    for (user, end_user) in [(USER, false), (END_USER, true)] {
        for name in house.names() {
            knobs.associate(user, name.as_str());
        }
        let before = cucm.user_of_kind(user, end_user).await.unwrap().unwrap();
        assert_eq!(before.devices.len(), 8);
        let keep = &before.devices_as_written[1..];
        cucm.set_controlled_devices(user, end_user, keep).await.unwrap();
        let after = cucm.user_of_kind(user, end_user).await.unwrap().unwrap();
        assert_eq!(after.devices_as_written, keep);
        cucm.set_controlled_devices(user, end_user, &[]).await.unwrap();
        assert!(knobs.controlled_devices(user).is_empty());
    }
    let unknown = cucm.set_controlled_devices("nobody", false, &[]).await;
    assert!(matches!(unknown, Err(Error::UserUnknown { .. })));
}

#[tokio::test]
async fn a_locked_user_is_unlocked_where_the_rank_allows() {
    let house = House::with(1);
    let (cucm, knobs) = (house.client(), house.simulator.cucm());
    knobs.lock_user(END_USER, true);
    let locked = cucm.user_of_kind(END_USER, true).await.unwrap().unwrap();
    assert!(locked.locked && locked.locked_since.is_some());
    knobs.set_rank_too_low(USER, true);
    let refused = cucm.unlock_user(END_USER, true).await.unwrap_err();
    assert!(matches!(refused, Error::RankTooLow { .. }), "{refused}");
    assert_eq!(refused.cause(), Cause::CucmRoleMissing);
    knobs.set_rank_too_low(USER, false);
    // The same number without the word: the user is there, so it can only be the rank.
    fails(&house, "updateUser", WriteOutcome::Refused(5003));
    let refused = cucm.unlock_user(END_USER, true).await.unwrap_err();
    assert!(matches!(refused, Error::RankTooLow { .. }), "{refused}");
    assert!(knobs.is_locked(END_USER));
    cucm.unlock_user(END_USER, true).await.unwrap();
    assert!(!knobs.is_locked(END_USER));
    assert!(!cucm.user_of_kind(END_USER, true).await.unwrap().unwrap().locked);
    let unknown = cucm.unlock_user("nobody", true).await;
    assert!(matches!(unknown, Err(Error::UserUnknown { .. })));
}
