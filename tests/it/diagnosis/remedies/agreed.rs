//! What is done is what was agreed to, by somebody who may, while things are as they were shown.

use sidetone::diagnosis::remedies::{Apply, RemedyError, RemedyId, RunState};
use sidetone::domain::cause::Cause;
use sidetone::domain::role::Role;
use sidetone::simulator::{CucmFault, Fault, Meanwhile, WriteOutcome};

use super::{USER, Ward, assert_guided, assert_state, typed, viewer};

#[tokio::test]
async fn two_people_at_once_do_it_once() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    phone.set_fault(Fault::WebAccessOff);
    let token = ward.preview(&phone, RemedyId::EnableWebAccess).await.unwrap().token;
    let request = || Apply {
        token: Some(token.clone()),
        ..typed(&phone)
    };
    let (one, two) = tokio::join!(
        ward.apply(&phone, RemedyId::EnableWebAccess, request()),
        ward.apply(&phone, RemedyId::EnableWebAccess, request()),
    );
    let (done, refused) = if one.is_ok() { (one, two) } else { (two, one) };
    assert!(done.is_ok(), "{done:?}");
    assert!(matches!(refused, Err(RemedyError::AlreadyDone(_))), "{refused:?}");
    assert_eq!(ward.trail().await.len(), 1);
    ward.clinic.close().await;
}

#[tokio::test]
async fn what_changed_since_the_preview_is_left_alone() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    phone.set_fault(Fault::WebAccessOff);
    let token = ward.preview(&phone, RemedyId::EnableWebAccess).await.unwrap().token;
    cucm.edit_vendor(phone.name(), "sshAccess", Some("1"));
    let left = cucm.vendor_config(phone.name());
    let request = Apply {
        token: Some(token),
        ..Apply::default()
    };
    let told = ward.apply(&phone, RemedyId::EnableWebAccess, request).await;
    assert!(matches!(told, Err(RemedyError::Changed(_))), "{told:?}");
    assert_eq!(cucm.vendor_config(phone.name()), left);

    // The other administrator is quicker still: between our reading and our writing.
    cucm.set_fault(CucmFault::ChangedMeanwhile(Meanwhile::Vendor {
        device: phone.name().to_owned(),
        key: "garp".to_owned(),
        value: "7".to_owned(),
    }));
    let told = ward.apply(&phone, RemedyId::EnableWebAccess, typed(&phone)).await;
    assert!(matches!(told, Err(RemedyError::Changed(_))), "{told:?}");
    let now = cucm.vendor_config(phone.name());
    assert!(now.contains(&("garp".to_owned(), "7".to_owned())), "{now:?}");
    assert!(now.contains(&("webAccess".to_owned(), "1".to_owned())), "{now:?}");
    assert_state(&ward.newest(&phone).await, RunState::Failed, "nothing was written");
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_phone_that_is_deleted_meanwhile_ends_in_a_clear_refusal() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    phone.set_fault(Fault::WebAccessOff);
    let cucm = ward.clinic.simulator.cucm();
    cucm.set_fault(CucmFault::ChangedMeanwhile(Meanwhile::Deleted {
        device: phone.name().to_owned(),
    }));
    let told = ward.apply(&phone, RemedyId::EnableWebAccess, typed(&phone)).await;
    assert!(
        matches!(&told, Err(RemedyError::Failed(trouble)) if trouble.cause == Cause::PhoneUnknown),
        "{told:?}"
    );
    let told = ward
        .apply(&phone, RemedyId::AddControlledDevice, Apply::default())
        .await;
    assert!(
        matches!(&told, Err(RemedyError::NotPossible(trouble)) if trouble.cause == Cause::PhoneUnknown),
        "{told:?}"
    );
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_login_that_may_only_read_turns_clicks_into_guides() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    phone.set_fault(Fault::WebAccessOff);
    cucm.set_read_only(USER, true);
    let told = ward.apply(&phone, RemedyId::EnableWebAccess, typed(&phone)).await;
    let Err(RemedyError::Guided(guide)) = told else {
        panic!("{told:?}")
    };
    assert!(guide.why.contains("may only read"), "{guide:?}");
    assert!(guide.steps[0].menu.contains(&phone.name().to_owned()), "{guide:?}");
    assert_guided(&ward.preview(&phone, RemedyId::AddControlledDevice).await);
    assert!(ward.preview(&phone, RemedyId::TakeAddress).await.is_ok());

    let id = ward.id(&phone).await;
    let record = ward.diagnoses.run_as_system(id).await.unwrap();
    let offers = ward.remedies.offers(&viewer(Role::Admin), &record).await;
    let offer = offers
        .iter()
        .find(|offer| offer.id == RemedyId::EnableWebAccess)
        .unwrap();
    assert!(!offer.one_click && offer.guided_because.is_some(), "{offer:?}");

    // Somebody gives it the role.
    cucm.set_read_only(USER, false);
    ward.clinic.house.clock.advance(std::time::Duration::from_secs(601));
    ward.mend(&phone, RemedyId::EnableWebAccess).await;
    assert!(phone.web_is_up());
    ward.clinic.close().await;
}

#[tokio::test]
async fn roles_decide_who_mends() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    phone.set_fault(Fault::NotAssociated);
    let id = ward.id(&phone).await;
    let (helpdesk, supervisor) = (viewer(Role::Helpdesk), viewer(Role::Supervisor));
    for remedy in [
        RemedyId::AddControlledDevice,
        RemedyId::AcceptCertificate,
        RemedyId::RestartPhone,
    ] {
        let told = ward.remedies.apply(&helpdesk, id, remedy, Apply::default()).await;
        assert!(matches!(told, Err(RemedyError::Denied(_))), "{remedy}: {told:?}");
    }
    let told = ward
        .remedies
        .apply(&supervisor, id, RemedyId::TakeAddress, Apply::default())
        .await;
    assert!(matches!(told, Err(RemedyError::Denied(_))), "{told:?}");
    let record = ward.diagnoses.run_as_system(id).await.unwrap();
    let offers = ward.remedies.offers(&helpdesk, &record).await;
    let first = &offers[0];
    assert_eq!(
        (first.id, first.allowed, first.needs),
        (RemedyId::AddControlledDevice, false, Role::Admin)
    );
    let guide = ward
        .remedies
        .guide(&helpdesk, id, RemedyId::AddControlledDevice)
        .await
        .unwrap();
    assert!(guide.steps.len() > 2, "{guide:?}");

    let applied = ward.mend(&phone, RemedyId::AddControlledDevice).await;
    let told = ward.remedies.undo(&helpdesk, applied.run, None).await;
    assert!(matches!(told, Err(RemedyError::Denied(_))), "{told:?}");
    let mut elsewhere = viewer(Role::Admin);
    elsewhere.clusters = Some(std::collections::BTreeSet::new());
    let told = ward.remedies.undo(&elsewhere, applied.run, None).await;
    assert!(matches!(told, Err(RemedyError::UnknownRun)), "{told:?}");
    let told = ward.remedies.runs(&elsewhere, id).await;
    assert!(matches!(told, Err(RemedyError::UnknownPhone)), "{told:?}");
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_write_that_ends_badly_is_told_as_what_it_is() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    phone.set_fault(Fault::WebAccessOff);
    let before = cucm.vendor_config(phone.name());
    let write = |outcome| CucmFault::Write {
        operation: "updatePhone".to_owned(),
        outcome,
        times: 1,
    };
    for (outcome, words) in [
        (WriteOutcome::Ignored, "still has the values from before"),
        (WriteOutcome::Refused(-1), "refused by the simulated CUCM"),
    ] {
        cucm.set_fault(write(outcome));
        let told = ward.apply(&phone, RemedyId::EnableWebAccess, typed(&phone)).await;
        assert!(matches!(told, Err(RemedyError::Failed(_))), "{told:?}");
        let run = ward.newest(&phone).await;
        assert_state(&run, RunState::Failed, words);
        assert!(!run.undoable, "{run:?}");
        assert_eq!(cucm.vendor_config(phone.name()), before);
    }
    // CUCM did it, and its answer broke off: reading back tells.
    cucm.set_fault(write(WriteOutcome::BreaksOff));
    let applied = ward.mend(&phone, RemedyId::EnableWebAccess).await;
    assert_state(&ward.run(applied).await, RunState::Done, "");
    let outcomes: Vec<_> = ward.trail().await.into_iter().map(|line| line.1).collect();
    assert_eq!(outcomes, ["failed", "failed", "done"]);
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_write_without_an_answer_is_doubtful_and_can_be_taken_back() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    phone.set_fault(Fault::NotAssociated);
    phone.set_fault(Fault::WebAccessOff);
    for (id, operation) in [
        (RemedyId::AddControlledDevice, "executeSQLUpdate"),
        (RemedyId::EnableWebAccess, "updatePhone"),
    ] {
        cucm.set_fault(CucmFault::Write {
            operation: operation.to_owned(),
            outcome: WriteOutcome::Lost,
            times: 1,
        });
        let told = ward.apply(&phone, id, typed(&phone)).await;
        assert!(matches!(told, Err(RemedyError::Doubtful(_))), "{id}: {told:?}");
        let run = ward.newest(&phone).await;
        assert_state(&run, RunState::Doubtful, "may still make the change");
        assert!(run.undoable, "{run:?}");
        // It is as before, so that there is nothing to write.
        ward.remedies.undo(&viewer(Role::Admin), run.id, None).await.unwrap();
        assert_eq!(ward.newest(&phone).await.state, RunState::Undone, "{id}");
    }
    ward.clinic.close().await;
}

#[tokio::test]
async fn what_touches_many_phones_takes_the_token_and_a_name() {
    let ward = Ward::new().await;
    let (phone, other) = (ward.clinic.phone("8845"), ward.clinic.phone("8865"));
    for id in [RemedyId::RestartPhone, RemedyId::ResetPhone, RemedyId::UnlockLogin] {
        let agreed = ward.agreed(&phone, id, None).await;
        assert!(agreed.confirmation.is_some(), "{id}");
        let of_other = ward.agreed(&other, id, None).await;
        assert_ne!(agreed.token, of_other.token, "{id}");
        let untyped = Apply {
            confirmation: None,
            ..agreed.clone()
        };
        let told = ward.apply(&phone, id, untyped).await;
        assert!(matches!(told, Err(RemedyError::Unconfirmed { .. })), "{id}: {told:?}");
        let unseen = Apply { token: None, ..agreed };
        let told = ward.apply(&phone, id, unseen).await;
        assert!(
            matches!(told, Err(RemedyError::Invalid { field: "token", .. })),
            "{id}: {told:?}"
        );
    }
    assert!(ward.trail().await.is_empty());
    ward.clinic.close().await;
}

#[tokio::test]
async fn taking_back_asks_for_a_name_while_the_phone_is_in_a_call() {
    let ward = Ward::new().await;
    let (phone, other) = (ward.clinic.phone("8845"), ward.clinic.phone("8865"));
    phone.set_fault(Fault::WebAccessOff);
    let applied = ward.mend(&phone, RemedyId::EnableWebAccess).await;
    other.call(&phone);
    let told = ward.remedies.undo(&viewer(Role::Admin), applied.run, None).await;
    assert!(
        matches!(&told, Err(RemedyError::Unconfirmed { expected, .. }) if expected == phone.name()),
        "{told:?}"
    );
    assert!(phone.is_in_call() && phone.web_is_up());
    ward.undo(applied).await.unwrap();
    assert!(!phone.web_is_up());
    ward.clinic.close().await;
}

#[tokio::test]
async fn another_phone_at_the_address_tells_nothing_about_calls() {
    let ward = Ward::new().await;
    let (phone, other) = (ward.clinic.phone("8845"), ward.clinic.phone("8865"));
    let preview = ward.preview(&phone, RemedyId::ApplyConfiguration).await.unwrap();
    assert_eq!(preview.confirm, None);
    let may = sidetone::security::Viewer::system().may().unwrap();
    let (id, address) = (ward.id(&phone).await, Some(other.address()));
    ward.clinic
        .house
        .inventory
        .set_address(&may, id, address)
        .await
        .unwrap();
    let preview = ward.preview(&phone, RemedyId::ApplyConfiguration).await.unwrap();
    assert_eq!(preview.confirm.as_deref(), Some(phone.name()));
    assert!(
        preview
            .warnings
            .iter()
            .any(|warning| warning.contains("cannot be seen")),
        "{preview:?}"
    );
    ward.clinic.close().await;
}
