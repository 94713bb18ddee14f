//! Ending Extension Mobility logins.

use sidetone::cucm::{Error, Logout};
use sidetone::domain::device_name::DeviceName;
use sidetone::simulator::{CucmFault, PhoneHandle, WriteOutcome};

use super::House;

fn first(house: &House) -> (PhoneHandle, DeviceName) {
    let name = house.names()[0].clone();
    (house.simulator.phone(name.as_str()).unwrap(), name)
}

fn logouts(house: &House) -> usize {
    let counts = house.simulator.cucm().counts();
    counts.axl.get("doDeviceLogout").copied().unwrap_or_default()
}

fn fails(house: &House, outcome: WriteOutcome) {
    house.simulator.cucm().set_fault(CucmFault::Write {
        operation: "doDeviceLogout".to_owned(),
        outcome,
        times: 1,
    });
}

#[tokio::test]
async fn a_login_is_ended_once_and_whose_it_was_is_told() {
    let house = House::with(2);
    let (cucm, (phone, name)) = (house.client(), first(&house));
    assert_eq!(cucm.logout_device(&name).await, Ok(Logout::Nobody));
    assert_eq!(logouts(&house), 0, "nothing is sent for a phone without a user");
    phone.log_in("aruiz");
    assert_eq!(cucm.get_phone(&name).await.unwrap().login_user, "aruiz");
    assert_eq!(cucm.logout_device(&name).await, Ok(Logout::User("aruiz".to_owned())));
    assert_eq!((phone.logged_in_user(), logouts(&house)), (None, 1));
    assert_eq!(cucm.logout_device(&name).await, Ok(Logout::Nobody));
}

#[tokio::test]
async fn what_cucm_refuses_is_told_and_never_sent_again() {
    let house = House::with(2);
    let (cucm, (phone, name)) = (house.client(), first(&house));
    let nowhere: DeviceName = "SEPFFFFFFFFFFFF".parse().unwrap();
    let unknown = Error::PhoneUnknown {
        name: nowhere.to_string(),
    };
    assert_eq!(cucm.logout_device(&nowhere).await, Err(unknown));
    phone.log_in("aruiz");
    fails(&house, WriteOutcome::Refused(-1));
    let refused = cucm.logout_device(&name).await.unwrap_err();
    assert!(matches!(refused, Error::Fault { .. }), "{refused}");
    assert_eq!(phone.logged_in_user().as_deref(), Some("aruiz"));
    fails(&house, WriteOutcome::Lost);
    let lost = cucm.logout_device(&name).await.unwrap_err();
    assert!(lost.is_doubtful(), "{lost}");
    assert_eq!(logouts(&house), 2);
    house.simulator.cucm().set_read_only("axl", true);
    let denied = cucm.logout_device(&name).await.unwrap_err();
    assert!(denied.is_read_only(), "{denied}");
}
