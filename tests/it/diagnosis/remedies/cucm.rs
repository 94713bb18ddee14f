//! Remedies that change CUCM: done, verified, taken back.

use sidetone::diagnosis::remedies::{Apply, RemedyError, RemedyId, RunState};
use sidetone::domain::cause::Cause;
use sidetone::simulator::{CucmFault, Fault, WriteOutcome};

use super::{USER, Ward, assert_state};

fn refused(operation: &str, outcome: WriteOutcome) -> CucmFault {
    CucmFault::Write {
        operation: operation.to_owned(),
        outcome,
        times: 1,
    }
}

#[tokio::test]
async fn a_phone_is_added_to_the_controlled_devices_and_taken_out_again() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    let before = cucm.controlled_devices(USER);
    phone.set_fault(Fault::NotAssociated);
    assert_eq!(ward.diagnose(&phone).await, Cause::DeviceNotAssociated);

    let applied = ward.mend(&phone, RemedyId::AddControlledDevice).await;
    assert_eq!(cucm.controlled_devices(USER), before);
    assert_eq!(ward.causes(applied).await, []);
    let run = ward.run(applied).await;
    assert_state(&run, RunState::Done, "");
    assert!(run.undoable && run.diagnosis == applied.diagnosis, "{run:?}");
    assert!(run.changes[0].to.contains(phone.name()), "{run:?}");

    let undone = ward.undo(applied).await.unwrap();
    assert_eq!(ward.causes(undone).await, [Cause::DeviceNotAssociated]);
    assert!(!cucm.controlled_devices(USER).iter().any(|name| name == phone.name()));
    assert_eq!(ward.run(applied).await.state, RunState::Undone);
    assert!(matches!(ward.undo(applied).await, Err(RemedyError::AlreadyDone(_))));

    let trail = ward.trail().await;
    let told: Vec<_> = trail
        .iter()
        .map(|(action, outcome, _)| (action.as_str(), *outcome))
        .collect();
    assert_eq!(told, [("remedy-applied", "done"), ("remedy-undone", "done")]);
    assert!(trail[0].2.starts_with("add-controlled-device: "), "{trail:?}");
    ward.clinic.close().await;
}

#[tokio::test]
async fn what_is_so_already_is_written_no_second_time() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    for id in [
        RemedyId::AddControlledDevice,
        RemedyId::EnableWebAccess,
        RemedyId::ClearAuthenticationUrl,
    ] {
        phone.set_vendor("webAccess", Some("0"));
        let before = ward.clinic.simulator.cucm().version_stamp(phone.name());
        let applied = ward.apply(&phone, id, Apply::default()).await.unwrap();
        let run = ward.run(applied).await;
        assert_eq!(
            (run.state, run.changes.len(), run.undoable),
            (RunState::Done, 0, false),
            "{id}"
        );
        assert_eq!(ward.clinic.simulator.cucm().version_stamp(phone.name()), before, "{id}");
        assert!(
            matches!(ward.undo(applied).await, Err(RemedyError::NotUndoable(_))),
            "{id}"
        );
    }
    ward.clinic.close().await;
}

#[tokio::test]
async fn where_no_sql_may_be_written_the_whole_list_is() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    let before = cucm.controlled_devices(USER);
    phone.set_fault(Fault::NotAssociated);
    cucm.set_fault(refused("executeSQLUpdate", WriteOutcome::Refused(-275)));
    let applied = ward.mend(&phone, RemedyId::AddControlledDevice).await;
    assert_eq!(cucm.controlled_devices(USER), before);
    // What it had to do is known from then on, and said before.
    phone.set_fault(Fault::NotAssociated);
    let preview = ward.preview(&phone, RemedyId::AddControlledDevice).await.unwrap();
    assert!(
        preview.warnings.iter().any(|warning| warning.contains("whole list")),
        "{preview:?}"
    );
    cucm.associate(USER, phone.name());
    cucm.set_fault(refused("executeSQLUpdate", WriteOutcome::Refused(-275)));
    ward.undo(applied).await.unwrap();
    let expected: Vec<_> = before.iter().filter(|name| *name != phone.name()).cloned().collect();
    assert_eq!(cucm.controlled_devices(USER), expected);
    ward.clinic.close().await;
}

#[tokio::test]
async fn another_refusal_of_a_single_row_writes_no_list() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    phone.set_fault(Fault::NotAssociated);
    let before = cucm.controlled_devices(USER);
    cucm.set_fault(refused("executeSQLUpdate", WriteOutcome::Refused(-691)));
    let told = ward
        .apply(&phone, RemedyId::AddControlledDevice, Apply::default())
        .await;
    assert!(matches!(told, Err(RemedyError::Failed(_))), "{told:?}");
    assert_eq!(cucm.controlled_devices(USER), before);
    ward.clinic.close().await;
}

#[tokio::test]
async fn web_access_is_turned_on_alone_and_off_again() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    phone.set_vendor("sshAccess", Some("1"));
    phone.set_fault(Fault::WebAccessOff);
    let before = cucm.vendor_config(phone.name());
    assert_eq!(ward.diagnose(&phone).await, Cause::WebAccessDisabled);

    let applied = ward.mend(&phone, RemedyId::EnableWebAccess).await;
    assert!(phone.web_is_up());
    assert_eq!(ward.causes(applied).await, []);
    let now = cucm.vendor_config(phone.name());
    let others = |values: &[(String, String)]| {
        let others = values.iter().filter(|(key, _)| key != "webAccess");
        others.cloned().collect::<Vec<_>>()
    };
    assert_eq!(others(&now), others(&before));
    assert!(now.contains(&("webAccess".to_owned(), "0".to_owned())), "{now:?}");

    let undone = ward.undo(applied).await.unwrap();
    assert_eq!(cucm.vendor_config(phone.name()), before);
    assert!(!phone.web_is_up());
    assert_eq!(ward.causes(undone).await, [Cause::WebAccessDisabled]);
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_phone_is_given_a_url_by_address_and_loses_it_again() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    let wrong = "http://old-callmanager.voice.example:8080/ccmcip/authenticate.jsp";
    phone.set_fault(Fault::AuthenticationUrl(wrong.to_owned()));
    let urls = || ["secureAuthenticationUrl", "authenticationUrl"].map(|field| cucm.device_url(phone.name(), field));
    let before = urls();

    let preview = ward.preview(&phone, RemedyId::SetAuthenticationUrl).await.unwrap();
    let input = preview.input.unwrap();
    assert!(input.value.starts_with("https://127.0.0.1:"), "{input:?}");
    assert!(input.choices[1].1.contains("in clear"), "{input:?}");
    let applied = ward.mend(&phone, RemedyId::SetAuthenticationUrl).await;
    assert_eq!(urls()[0], input.value);
    assert_eq!(phone.authentication_url(), input.value);
    assert!(
        !ward
            .causes(applied)
            .await
            .contains(&Cause::AuthenticationUrlUnresolvable)
    );
    ward.undo(applied).await.unwrap();
    assert_eq!(urls(), before);

    let applied = ward.mend(&phone, RemedyId::ClearAuthenticationUrl).await;
    assert_eq!(urls(), ["", ""]);
    assert_eq!(ward.causes(applied).await, []);
    ward.undo(applied).await.unwrap();
    assert_eq!(urls(), before);
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_lock_is_taken_away() {
    let ward = Ward::with(
        |_| {},
        |draft| {
            draft.control_login = Some(sidetone::inventory::LoginDraft {
                username: "paging".to_owned(),
                password: Some("Page-4-All".into()),
            });
        },
    )
    .await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    let user = ward.clinic.simulator.summary().logins[1].username.clone();
    assert_eq!(user, "paging");
    cucm.lock_user(&user, true);
    let applied = ward.mend(&phone, RemedyId::UnlockLogin).await;
    assert!(!cucm.is_locked(&user));
    assert!(!ward.causes(applied).await.contains(&Cause::ControlLoginLocked));
    assert!(matches!(ward.undo(applied).await, Err(RemedyError::NotUndoable(_))));

    cucm.lock_out_user(&user);
    cucm.set_rank_too_low(USER, true);
    let agreed = ward.agreed(&phone, RemedyId::UnlockLogin, None).await;
    let told = ward.apply(&phone, RemedyId::UnlockLogin, agreed).await;
    assert!(
        matches!(&told, Err(RemedyError::Failed(trouble)) if trouble.cause == Cause::CucmRoleMissing),
        "{told:?}"
    );
    assert!(cucm.is_locked(&user));
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_phone_is_made_to_start_anew_and_not_twice() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    cucm.edit_vendor(phone.name(), "webAccess", Some("0"));
    assert!(!phone.runs_newest_settings());
    ward.mend(&phone, RemedyId::ApplyConfiguration).await;
    assert!(phone.runs_newest_settings());

    let applied = ward.mend(&phone, RemedyId::RestartPhone).await;
    assert_state(&ward.run(applied).await, RunState::Done, "");
    let again = ward.apply(&phone, RemedyId::ResetPhone, Apply::default()).await;
    assert!(matches!(again, Err(RemedyError::AlreadyDone(_))), "{again:?}");
    ward.clinic.house.clock.advance(std::time::Duration::from_secs(61));
    ward.mend(&phone, RemedyId::ResetPhone).await;
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_phone_in_a_call_is_restarted_only_after_its_name_was_typed() {
    let ward = Ward::new().await;
    let (phone, other) = (ward.clinic.phone("8845"), ward.clinic.phone("8865"));
    other.call(&phone);
    assert!(phone.is_in_call());
    let preview = ward.preview(&phone, RemedyId::RestartPhone).await.unwrap();
    assert_eq!(preview.confirm.as_deref(), Some(phone.name()));
    assert!(
        preview.warnings.iter().any(|warning| warning.contains("in a call")),
        "{preview:?}"
    );
    for typed in [None, Some("yes".to_owned())] {
        let request = Apply {
            confirmation: typed,
            ..Apply::default()
        };
        let told = ward.apply(&phone, RemedyId::RestartPhone, request).await;
        assert!(matches!(told, Err(RemedyError::Unconfirmed { .. })), "{told:?}");
    }
    assert!(phone.is_in_call());
    assert!(ward.trail().await.is_empty());
    ward.mend(&phone, RemedyId::RestartPhone).await;
    ward.clinic.close().await;
}
