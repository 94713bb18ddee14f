//! Remedies that change what is kept here.

use std::net::Ipv4Addr;

use sidetone::diagnosis::remedies::{Apply, RemedyError, RemedyId, RunState};
use sidetone::domain::cause::Cause;
use sidetone::domain::role::Role;
use sidetone::inventory::{ClusterPatch, ControlPatch, LoginDraft, LoginPatch};
use sidetone::security::Viewer;
use sidetone::simulator::{CucmFault, Fault};
use sidetone::store::phones;

use super::{Ward, assert_state, viewer};

#[tokio::test]
async fn a_new_certificate_is_accepted_only_as_it_was_shown() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let cucm = ward.clinic.simulator.cucm();
    let before = cucm.fingerprint();
    let stale = ward.preview(&phone, RemedyId::AcceptCertificate).await.unwrap();
    assert_eq!(stale.changes, []);
    cucm.set_fault(CucmFault::OtherCertificate);
    // A phone may be obeyed all the same, so that the certificate stands beside whatever is first.
    assert!(ward.faults(&phone).await.contains(&Cause::CucmTlsUntrusted));

    let told = ward.apply(&phone, RemedyId::AcceptCertificate, Apply::default()).await;
    assert!(
        matches!(told, Err(RemedyError::Invalid { field: "token", .. })),
        "{told:?}"
    );
    let request = Apply {
        token: Some(stale.token),
        ..Apply::default()
    };
    let told = ward.apply(&phone, RemedyId::AcceptCertificate, request).await;
    assert!(matches!(told, Err(RemedyError::Changed(_))), "{told:?}");

    let preview = ward.preview(&phone, RemedyId::AcceptCertificate).await.unwrap();
    let change = &preview.changes[0];
    assert_eq!(
        (change.from.as_str(), change.to.as_str()),
        (before.as_str(), cucm.fingerprint().as_str())
    );
    let applied = ward.mend(&phone, RemedyId::AcceptCertificate).await;
    assert!(!ward.causes(applied).await.contains(&Cause::CucmTlsUntrusted));
    let undone = ward.undo(applied).await.unwrap();
    assert!(ward.causes(undone).await.contains(&Cause::CucmTlsUntrusted));
    ward.clinic.close().await;
}

#[tokio::test]
async fn the_control_login_changes_and_comes_back_with_its_password() {
    let ward = Ward::with(
        |_| {},
        |draft| {
            draft.control_login = Some(LoginDraft {
                username: "paging".to_owned(),
                password: Some("Wrong-4-All".into()),
            });
        },
    )
    .await;
    let phone = ward.clinic.phone("8845");
    assert_eq!(ward.diagnose(&phone).await, Cause::ControlLoginRejected);
    let applied = ward.mend(&phone, RemedyId::UseCucmLogin).await;
    assert_eq!(ward.causes(applied).await, []);
    let undone = ward.undo(applied).await.unwrap();
    assert_eq!(ward.causes(undone).await[0], Cause::ControlLoginRejected);

    let summary = ward.clinic.simulator.summary();
    let login = &summary.logins[1];
    let with = async |password: &str| Apply {
        password: Some(password.into()),
        ..ward
            .agreed(&phone, RemedyId::SeparateControlLogin, Some(&login.username))
            .await
    };
    let told = ward
        .apply(&phone, RemedyId::SeparateControlLogin, Apply::default())
        .await;
    assert!(
        matches!(told, Err(RemedyError::Invalid { field: "password", .. })),
        "{told:?}"
    );
    let told = ward
        .apply(&phone, RemedyId::SeparateControlLogin, with("Guessed-4-All").await)
        .await;
    assert!(
        matches!(&told, Err(RemedyError::Failed(trouble)) if trouble.cause == Cause::ControlLoginRejected),
        "{told:?}"
    );
    assert_state(
        &ward.newest(&phone).await,
        RunState::Failed,
        "does not take this password",
    );
    let applied = ward
        .apply(&phone, RemedyId::SeparateControlLogin, with(&login.password).await)
        .await
        .unwrap();
    assert!(!ward.causes(applied).await.contains(&Cause::ControlLoginRejected));
    let undone = ward.undo(applied).await.unwrap();
    assert_eq!(ward.causes(undone).await[0], Cause::ControlLoginRejected);

    // The same user with a password that was typed anew since: that one stays.
    let applied = ward
        .apply(&phone, RemedyId::SeparateControlLogin, with(&login.password).await)
        .await
        .unwrap();
    let may = Viewer::system().may().unwrap();
    let newer = ClusterPatch {
        control_login: ControlPatch::Change(LoginPatch {
            username: Some(login.username.clone()),
            password: Some("Newer-4-All".into()),
        }),
        ..ClusterPatch::default()
    };
    let cluster = ward.clinic.cluster;
    ward.clinic
        .house
        .inventory
        .change_cluster(&may, cluster, newer)
        .await
        .unwrap();
    let told = ward.undo(applied).await;
    assert!(matches!(told, Err(RemedyError::Changed(_))), "{told:?}");

    // Nobody can prove the password of a user that CUCM does not have.
    let unproved = ward
        .agreed(&phone, RemedyId::SeparateControlLogin, Some("elsewhere"))
        .await;
    assert_eq!(unproved.confirmation.as_deref(), Some("unproved elsewhere"));
    let trail = format!("{:?}", ward.trail().await);
    assert!(!trail.contains("4-All"), "{trail}");
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_phone_that_moved_is_found_again() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let id = ward.id(&phone).await;
    let store = &ward.clinic.house.store;
    let address = async || phones::by_id(store, id).await.unwrap().unwrap().address;
    let before = address().await;
    let [a, b, c, _] = phone.address().octets();
    phone.move_to(Ipv4Addr::new(a, b, c, 250));
    let helpdesk = viewer(Role::Helpdesk);
    let applied = ward
        .remedies
        .apply(&helpdesk, id, RemedyId::TakeAddress, Apply::default())
        .await
        .unwrap();
    assert_eq!(address().await, Some(phone.address()));
    assert_eq!(ward.causes(applied).await, []);
    ward.remedies.undo(&helpdesk, applied.run, None).await.unwrap();
    assert_eq!(address().await, before);
    ward.clinic.close().await;
}

#[tokio::test]
async fn a_phone_is_controlled_by_an_address_that_a_person_knows() {
    let ward = Ward::new().await;
    let phone = ward.clinic.phone("8845");
    let id = ward.id(&phone).await;
    let may = Viewer::system().may().unwrap();
    ward.clinic.house.inventory.set_address(&may, id, None).await.unwrap();
    phone.set_fault(Fault::NoAddress);
    let helpdesk = viewer(Role::Helpdesk);
    let told = ward
        .remedies
        .preview(&helpdesk, id, RemedyId::ControlByAddress, Some("here"))
        .await;
    assert!(
        matches!(told, Err(RemedyError::Invalid { field: "input", .. })),
        "{told:?}"
    );
    let outside = ward
        .remedies
        .preview(&helpdesk, id, RemedyId::ControlByAddress, Some("192.0.2.1"))
        .await;
    assert!(matches!(outside, Err(RemedyError::Inventory(_))), "{outside:?}");
    let request = Apply {
        input: Some(phone.address().to_string()),
        ..Apply::default()
    };
    let applied = ward
        .remedies
        .apply(&helpdesk, id, RemedyId::ControlByAddress, request)
        .await
        .unwrap();
    let record = ward
        .diagnoses
        .record(&Viewer::system(), applied.diagnosis.unwrap())
        .await
        .unwrap();
    assert_eq!((record.phone, record.address), (id, Some(phone.address())));
    ward.clinic.close().await;
}
