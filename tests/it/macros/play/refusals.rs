//! What is never sent, and how each refusal ends.

use sidetone::domain::cause::Cause;
use sidetone::domain::role::Role;
use sidetone::domain::script::RunEnd;
use sidetone::macros::{Command, MacroError, PlayError, Playing, Reply, Way};
use sidetone::security::{PressKeys, Viewer};
use sidetone::simulator::Fault;

use super::{Stage, TO_SECURITY, admin, deletion, ended_as, other};

#[tokio::test]
async fn orders_are_checked_before_anything_is_sent() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let destructive = stage.add(&deletion("delete")).await;
    let mut order = stage.order(&phone, destructive).await;
    order.confirmation = Some("SEP000000000000".to_owned());
    let refused = stage.macros.start(&admin(), order.clone()).await.unwrap_err();
    assert!(matches!(refused, PlayError::Confirm(name) if name == phone.name()));
    order.confirmation = Some(phone.name().to_owned());
    let mut helpdesk = Viewer::command();
    helpdesk.role = Role::Helpdesk;
    assert!(matches!(
        stage.macros.start(&helpdesk, order.clone()).await,
        Err(PlayError::Denied(_))
    ));
    let mut supervisor = Viewer::command();
    supervisor.role = Role::Supervisor;
    assert!(matches!(
        stage.macros.start(&supervisor, order).await,
        Err(PlayError::Denied(_))
    ));

    let old = stage.add("macro \"old\"\nsafe\nfamily 7941\n\npress Settings\n").await;
    let refused = stage.macros.start(&admin(), stage.order(&phone, old).await).await;
    assert!(matches!(refused, Err(PlayError::OtherKind(words)) if words.contains("8845")));
    let asks = stage
        .add("macro \"asks\"\nsafe\nparam number \"Number\" digits\n\ndial \"{number}\"\n")
        .await;
    let mut order = stage.order(&phone, asks).await;
    assert!(matches!(
        stage.macros.start(&admin(), order.clone()).await,
        Err(PlayError::Argument { .. })
    ));
    order.arguments.insert("number".to_owned(), "0112".to_owned());
    let refused = stage.macros.start(&admin(), order).await;
    assert!(matches!(refused, Err(PlayError::Emergency(number)) if number == "112"));
    assert_eq!(phone.requests_for(""), 0);
    stage.clinic.close().await;
}

#[tokio::test]
async fn an_emergency_number_is_never_typed_key_by_key() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let keys = "macro \"keys\"\nsafe\n\npress Speaker\npress KeyPad1\npress KeyPad1\npress KeyPad2\n";
    let view = stage.play(&phone, keys).await;
    ended_as(&view, RunEnd::Failed, "emergency number 112");
    assert_eq!(phone.keys_received(), ["Speaker", "KeyPad1", "KeyPad1"]);
    let mut order = stage
        .order(
            &phone,
            stage
                .add("macro \"digits\"\nsafe\nparam text \"Text\" number 0..9999\n\ndigits \"{text}\"\n")
                .await,
        )
        .await;
    order.arguments.insert("text".to_owned(), "9112".to_owned());
    let run = stage.start(order).await.unwrap();
    let mut run = run;
    // The call that the speaker began is still up.
    run.until(|view| matches!(view.state, Playing::Asking(_))).await;
    stage.answer(&run, Reply::Confirm { remember: false }).await;
    ended_as(&stage.ended(run).await, RunEnd::Failed, "emergency number 112");
    let dial = "macro \"dial\"\nsafe\nparam text \"Text\" number 0..9999\n\ndial \"{text}\"\n";
    let mut order = stage.order(&phone, stage.add(dial).await).await;
    order.arguments.insert("text".to_owned(), "9112".to_owned());
    let mut run = stage.start(order).await.unwrap();
    run.until(|view| matches!(view.state, Playing::Asking(_))).await;
    stage.answer(&run, Reply::Confirm { remember: false }).await;
    ended_as(&stage.ended(run).await, RunEnd::Failed, "112 is an emergency number");
    stage.clinic.close().await;
}

#[tokio::test]
async fn another_phone_at_the_address_is_not_touched() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    phone.set_fault(Fault::WrongName("SEP00AABBCCDDEE".to_owned()));
    let view = stage.play(&phone, &deletion("delete")).await;
    ended_as(&view, RunEnd::Failed, "SEP00AABBCCDDEE answers at the address");
    assert_eq!(view.cause, Some(Cause::PhoneAddressStale));
    assert!(phone.keys_received().is_empty());
    stage.clinic.close().await;
}

#[tokio::test]
async fn locked_settings_are_named() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    phone.set_fault(Fault::SettingsLocked);
    let view = stage.play(&phone, &deletion("delete")).await;
    ended_as(&view, RunEnd::Failed, "");
    assert_eq!(view.cause, Some(Cause::SettingsAccessLocked), "{view:#?}");
    assert!(!phone.keys_received().contains(&"Soft3".to_owned()));
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_phone_that_somebody_drives_is_left_alone() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let may = other().may::<PressKeys>().unwrap();
    let id = stage.clinic.id(&phone).await;
    stage.clinic.tools.control.drive(&may, id).await.unwrap();
    let view = stage.play(&phone, "macro \"press\"\nsafe\n\npress Settings\n").await;
    ended_as(&view, RunEnd::Skipped, "bob has been driving");
    assert!(phone.keys_received().is_empty());
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_restart_by_cucm_heeds_the_wheel_and_a_wheel_that_was_held_stays() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let control = &stage.clinic.tools.control;
    let id = stage.clinic.id(&phone).await;
    let mine = admin().may::<PressKeys>().unwrap();
    control.drive(&mine, id).await.unwrap();
    let view = stage.play(&phone, "macro \"press\"\nsafe\n\npress VolUp\n").await;
    ended_as(&view, RunEnd::Succeeded, "");
    assert!(
        control.driver(id).is_some_and(|driver| driver.user == admin().user),
        "it was held before the run"
    );
    control.release(&mine, id).await.unwrap();

    let text = "macro \"restart\"\ndestructive\n\nexpect idle\ndestructive restart\n";
    let mut order = stage.order(&phone, stage.add(text).await).await;
    order.step_by_step = true;
    let mut run = stage.start(order).await.unwrap();
    run.until(|view| view.state == Playing::Paused).await;
    stage.tell(&run, Command::Step).await;
    run.until(|view| view.state == Playing::Paused && view.steps.len() == 1)
        .await;
    control.drive(&other().may().unwrap(), id).await.unwrap();
    stage.tell(&run, Command::Step).await;
    let view = stage.ended(run).await;
    ended_as(&view, RunEnd::Skipped, "bob has been driving");
    assert!(phone.is_registered());
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_person_is_asked_before_a_phone_in_a_call_is_pressed() {
    let stage = Stage::new().await;
    let (phone, second) = (stage.clinic.phone("8845"), stage.clinic.phone("8841"));
    phone.call(&second);
    let text = "macro \"press\"\nsafe\n\npress VolUp\n";
    let mut run = stage.started(&phone, text).await;
    let asked = run.until(|view| matches!(view.state, Playing::Asking(_))).await;
    let Playing::Asking(question) = &asked.state else {
        unreachable!()
    };
    assert!(question.words.contains("in a call"), "{question:?}");
    assert!(phone.keys_received().is_empty());
    stage.answer(&run, Reply::Refuse).await;
    ended_as(&stage.ended(run).await, RunEnd::Skipped, "in a call");
    assert!(phone.keys_received().is_empty());
    stage.clinic.close().await;
}

#[tokio::test]
async fn control_that_is_refused_is_told_with_its_cause() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    phone.set_fault(Fault::Error(4));
    let view = stage.play(&phone, "macro \"press\"\nsafe\n\npress Settings\n").await;
    ended_as(&view, RunEnd::Failed, "CiscoIPPhoneError 4");
    assert_eq!(view.cause, Some(Cause::AuthenticationRefused));
    phone.clear_faults();
    phone.set_fault(Fault::Unauthorized);
    let mut run = stage
        .started(
            &phone,
            "macro \"401\"\ndestructive\n\nexpect picture \"x\"\ndestructive press Settings\nprove restarted\n",
        )
        .await;
    let over = run.until(|view| view.state.is_over()).await;
    assert!(
        matches!(over.state, Playing::Over(RunEnd::Failed)),
        "a 401 is never a success: {over:#?}"
    );
    assert!(phone.keys_received().is_empty());
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_loop_beyond_the_bound_is_not_even_kept() {
    let stage = Stage::new().await;
    let inner = "repeat 50 times\npress VolUp\nend\n";
    let text = format!("macro \"loop\"\nsafe\n\nrepeat 50 times\n{inner}end\n");
    let refused = stage.macros.library().add(&admin().may().unwrap(), &text, "").await;
    let MacroError::Mistakes(mistakes) = refused.unwrap_err() else {
        panic!("it must be a mistake of the text");
    };
    assert!(mistakes[0].message.contains("2000 is the most"), "{mistakes:?}");
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_dry_run_ends_before_the_first_destructive_step_and_backs_out() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let macro_id = stage.add(&deletion("delete")).await;
    let mut order = stage.order(&phone, macro_id).await;
    order.dry_run = true;
    order.confirmation = None;
    let run = stage.start(order).await.unwrap();
    let view = stage.ended(run).await;
    ended_as(&view, RunEnd::Rehearsed, "first that cannot be taken back");
    assert!(!phone.keys_received().contains(&"Soft3".to_owned()));
    let idle = stage.play(&phone, "macro \"idle\"\nsafe\n\nexpect idle\n").await;
    ended_as(&idle, RunEnd::Succeeded, "");
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_web_server_that_is_dead_is_told_where_there_is_no_ssh() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    phone.set_fault(Fault::Refuses);
    let view = stage.play(&phone, "macro \"press\"\nsafe\n\npress Settings\n").await;
    assert!(
        matches!(view.state, Playing::Over(RunEnd::Failed)) && view.cause.is_some(),
        "{view:#?}"
    );
    assert_eq!(view.way, Way::Auto);
    let limits = stage
        .macros
        .ssh_limits(&admin(), stage.clinic.id(&phone).await)
        .await
        .unwrap();
    assert!(limits[0].contains("no SSH login"), "{limits:?}");
    let old = stage.clinic.phone("7945");
    let limits = stage
        .macros
        .ssh_limits(&admin(), stage.clinic.id(&old).await)
        .await
        .unwrap();
    assert_eq!(limits.len(), 1);
    assert!(limits[0].contains("takes no keys over SSH"));
    stage.clinic.close().await;
}

#[tokio::test]
async fn nothing_destructive_is_pressed_on_a_screen_that_became_another() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let text = format!("macro \"late\"\ndestructive\n\n{TO_SECURITY}destructive softkey \"Reset\"\n");
    let macro_id = stage.add(&text).await;
    let mut order = stage.order(&phone, macro_id).await;
    order.step_by_step = true;
    let mut run = stage.start(order).await.unwrap();
    for step in 0..6 {
        run.until(|view| view.state == Playing::Paused && view.steps.len() == step)
            .await;
        stage.tell(&run, Command::Step).await;
    }
    run.until(|view| view.state == Playing::Paused && view.steps.len() == 6)
        .await;
    // Somebody at the phone leaves the menu.
    phone.restart();
    stage.tell(&run, Command::Step).await;
    let view = stage.ended(run).await;
    ended_as(&view, RunEnd::Failed, "nothing was pressed");
    assert!(!phone.keys_received().contains(&"Soft3".to_owned()));
    stage.clinic.close().await;
}

#[tokio::test]
async fn part_of_a_heading_is_not_enough_before_harm() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let way = TO_SECURITY.replace(
        "expect title \"Security settings\"",
        "expect title \"settings\"\nexpect title \"settings\" within 1s",
    );
    let text = format!("macro \"part\"\ndestructive\n\n{way}destructive softkey \"Reset\"\n");
    let view = stage.play(&phone, &text).await;
    ended_as(&view, RunEnd::Failed, "it shows Security settings");
    assert_eq!(view.steps.len(), 7, "the part is enough elsewhere: {view:#?}");
    assert!(!phone.keys_received().contains(&"Soft3".to_owned()));
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_choose_that_opened_its_row_is_a_look_before_harm() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let way = TO_SECURITY.replace("expect title \"Security settings\"\n", "");
    let text = format!("macro \"choose\"\ndestructive\n\n{way}destructive softkey \"Reset\"\n");
    let view = stage.play(&phone, &text).await;
    ended_as(&view, RunEnd::Succeeded, "");
    assert_eq!(phone.keys_received().last().map(String::as_str), Some("Soft3"));
    // Nor is a row chosen for good in another menu than the one that was met.
    let text = "macro \"row\"\ndestructive\n\npress Applications\nexpect row \"Admin settings\"\ndestructive choose \"Reset settings\"\n";
    let view = stage.play(&phone, text).await;
    ended_as(&view, RunEnd::Failed, "No row \"Reset settings\"");
    assert_eq!(phone.keys_received().last().map(String::as_str), Some("Applications"));
    stage.clinic.close().await;
}

#[tokio::test]
async fn what_a_safe_macro_names_otherwise_is_not_pressed_all_the_same() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let open = "execute \"Init:Applications\"\npress Applications\nchoose \"Admin settings\"\n";
    for (name, mark, steps, words) in [
        (
            "row",
            "safe",
            "choose \"Reset settings\"\n",
            "the row \"Reset settings\"",
        ),
        (
            "digits",
            "safe",
            "digits \"4\"\ndigits \"5\"\n",
            "the row \"Reset settings\"",
        ),
        (
            "softkey",
            "destructive",
            "choose \"Reset settings\"\nchoose \"Security settings\"\npress Soft3\nexpect idle\ndestructive restart\n",
            "the softkey \"Reset\": a step that is not marked",
        ),
    ] {
        let text = format!("macro \"{name}\"\n{mark}\n\n{open}{steps}");
        let view = stage.play(&phone, &text).await;
        ended_as(&view, RunEnd::Failed, words);
        assert!(!phone.keys_received().contains(&"Soft3".to_owned()), "{name}");
        stage
            .play(
                &phone,
                &format!("macro \"leave {name}\"\nsafe\n\nrepeat 9 times until idle\npress NavBack\nsettle\nend\n"),
            )
            .await;
    }
    stage.clinic.close().await;
}

#[tokio::test]
async fn stars_after_the_padlock_are_refused_over_steps_and_pauses() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("7945");
    let text = "macro \"stars\"\nsafe\n\npress Settings\ndigits \"**#\"\nwait 100ms\npress VolUp\ndigits \"**\"\n";
    let view = stage.play(&phone, text).await;
    ended_as(&view, RunEnd::Failed, "Stars soon after **#");
    let keys = phone.keys_received();
    assert_eq!(keys.iter().filter(|key| *key == "KeyPadStar").count(), 2, "{keys:?}");
    assert_eq!(keys.last().map(String::as_str), Some("VolUp"));
    stage.clinic.close().await;
}
