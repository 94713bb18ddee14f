//! Every kind of step.

use sidetone::domain::script::RunEnd;
use sidetone::macros::{Playing, StepOutcome};

use super::{Stage, ended_as, seen};

#[tokio::test]
async fn menus_are_walked_by_their_words() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let text = "macro \"walk\"\nsafe\n\n\
        expect idle\npress Applications\nsettle within 3s\nexpect title \"applications\"\n\
        choose \"No such row\" or \"Phone  INFORMATION\"\nexpect row \"Model number\"\nexpect not title \"Applications\"\n\
        fetch menu as rows\nfetch serial as serial\nfetch firmware as load\nfetch network as network\nfetch switch as port\n\
        screenshot \"facts\"\nsoftkey \"Exit\"\nexpect title \"Applications\"\npress NavBack\nexpect idle\n";
    let view = stage.play(&phone, text).await;
    ended_as(&view, RunEnd::Succeeded, "Every step was done");
    assert_eq!(
        phone.keys_received(),
        ["Applications", "KeyPad5", "Soft1", "NavBack"],
        "{view:#?}"
    );
    let told = seen(&view);
    assert!(told[4].1.contains("opened Phone information"), "{told:?}");
    let read = |words: &str| told.iter().any(|(_, text)| text.contains(words));
    assert!(read("Host name: SEP") && read("address 127."), "{told:?}");
    let names: Vec<_> = view.pictures.iter().map(|picture| picture.name.as_str()).collect();
    assert_eq!(names, ["first", "facts", "last"]);
    let picture = stage
        .macros
        .picture(&super::admin(), view.id, view.pictures[1].evidence_id)
        .await;
    assert!(!picture.unwrap().bytes.is_empty());
    assert!(
        stage
            .clinic
            .tools
            .control
            .driver(stage.clinic.id(&phone).await)
            .is_none(),
        "the wheel is free again"
    );
    stage.clinic.close().await;
}

#[tokio::test]
async fn branches_loops_and_parameters() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("7821");
    let text = "macro \"branch\"\nsafe\nparam times \"How often\" number 1..10 = 3\nparam number \"Number\" digits = \"20\"\n\n\
        if family 7800\n  press VolUp\nelse\n  press VolDwn\nend\n\
        if model 8845\n  press Mute\nend\n\
        if not title \"Settings\"\n  repeat {times} times\n    press VolUp\n  end\nend\n\
        press Settings\nrepeat 5 times until row \"Model number\"\n  choose \"Phone information\"\nend\n\
        press Settings\nexpect idle\ndigits \"{number}\"\nstop \"typed {number}\"\n";
    let view = stage.play(&phone, text).await;
    ended_as(&view, RunEnd::Succeeded, "typed 20");
    let keys = phone.keys_received();
    assert_eq!(keys.iter().filter(|key| *key == "VolUp").count(), 4, "{keys:?}");
    assert!(!keys.contains(&"VolDwn".to_owned()) && !keys.contains(&"Mute".to_owned()));
    assert_eq!(keys[keys.len() - 2..], ["KeyPad2", "KeyPad0"]);
    stage.clinic.close().await;
}

#[tokio::test]
async fn calls_texts_and_uris() {
    let stage = Stage::new().await;
    let (phone, called) = (stage.clinic.phone("8845"), stage.clinic.phone("8841"));
    let text = format!(
        "macro \"call\"\nsafe\n\nmessage \"Hello\" \"Text\"\nexecute \"Init:Services\"\ndial \"{}\"\n\
         expect in call within 5s\nexpect call \"OFFHOOK\" or \"CONNECTED\" or \"RINGING\"\npress Release\n\
         expect not in call within 5s\n",
        called.dn()
    );
    let view = stage.play(&phone, &text).await;
    ended_as(&view, RunEnd::Succeeded, "");
    assert!(!phone.is_in_call());
    assert!(phone.requests_for("/CGI/Execute") >= 4);
    let trail = format!("{:?}", view.steps);
    assert!(!trail.contains("Phones-4-All"));
    stage.clinic.close().await;
}

#[tokio::test]
async fn what_is_not_seen_ends_the_run_and_says_what_is_there() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let text = "macro \"miss\"\nsafe\n\npress Applications\nexpect title \"Directories\" within 1s\npress NavBack\n";
    let view = stage.play(&phone, text).await;
    ended_as(&view, RunEnd::Failed, "it shows Applications: Directories");
    assert_eq!(phone.keys_received(), ["Applications"], "nothing after it was pressed");
    assert_eq!(view.steps[1].outcome, StepOutcome::Failed);

    let view = stage
        .play(&phone, "macro \"fail\"\nsafe\n\nfail \"on purpose\"\n")
        .await;
    ended_as(&view, RunEnd::Failed, "on purpose");
    let view = stage
        .play(&phone, "macro \"row\"\nsafe\n\nchoose \"No such row\"\n")
        .await;
    ended_as(&view, RunEnd::Failed, "No row \"No such row\"");
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_changed_screen_is_told_by_its_pixels() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8845");
    let text = "macro \"changed\"\nsafe\n\npress Applications\nexpect changed within 3s\npress KeyPadPound\nexpect not changed\n";
    let view = stage.play(&phone, text).await;
    ended_as(&view, RunEnd::Succeeded, "");
    assert!(matches!(view.state, Playing::Over(_)) && view.ended_at.is_some());
    stage.clinic.close().await;
}

#[tokio::test]
async fn a_restart_through_cucm_is_proved() {
    let stage = Stage::new().await;
    let phone = stage.clinic.phone("8851");
    let text = "macro \"restart\"\ndestructive\n\nexpect idle\ndestructive restart\nprove restarted within 30s\n";
    let view = stage.play(&phone, text).await;
    ended_as(&view, RunEnd::Succeeded, "registered anew");
    assert!(phone.keys_received().is_empty());
    stage.clinic.close().await;
}
