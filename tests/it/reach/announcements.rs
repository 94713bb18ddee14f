//! Announcements: what phones hear, and that each is told to stop however it ends.

use std::sync::Arc;
use std::time::Duration;

use sidetone::app;
use sidetone::domain::ids::{AnnouncementId, PhoneId, SoundId};
use sidetone::domain::role::Role;
use sidetone::lifecycle::Tasks;
use sidetone::reach::sounds::g711;
use sidetone::reach::{Announcement, AnnouncementView, Busy, Ending, Hearing, Mode, Reach, ReachError};
use sidetone::security::{ManagePeople, May, PressKeys, Viewer};
use sidetone::simulator::{Fault, PhoneHandle};

use super::{Site, config, may_reach, wav};

/// Long enough that a test always comes in the middle: 4 min.
const LONG: usize = 8_000 * 240;

impl Site {
    async fn sound(&self, samples: usize) -> SoundId {
        let name = format!("{samples} samples");
        self.reach()
            .add_sound(&may_reach(), &name, wav(samples, 8_000))
            .await
            .unwrap()
            .id
    }

    async fn announce(&self, viewer: &Viewer, order: &Announcement) -> AnnouncementId {
        self.reach().announce(viewer, order.clone()).await.unwrap()
    }
}

fn order(sound: SoundId, phones: &[PhoneId]) -> Announcement {
    Announcement {
        sound,
        phones: phones.to_vec(),
        mode: Mode::Unicast,
        volume: 40,
        busy: Busy::Skip,
    }
}

/// An announcement once it is over.
async fn over(reach: &Reach, id: AnnouncementId) -> Arc<AnnouncementView> {
    let mut view = reach.follow_announcement(&Viewer::system(), id).await.unwrap();
    // An error says that it was over before, and the last view stands.
    let _ = view.wait_for(|view| view.ended_at.is_some()).await;
    let last = view.borrow().clone();
    assert!(last.ended_at.is_some(), "{last:?}");
    let stored = reach.announcement(&Viewer::system(), id).await.unwrap();
    assert_eq!(stored, last, "the store has what was told");
    last
}

fn state(view: &AnnouncementView, phone: PhoneId) -> (Hearing, &str) {
    let found = view.phones.iter().find(|found| found.phone == phone).unwrap();
    (found.state, found.detail.as_str())
}

async fn listens(handle: &PhoneHandle) {
    handle
        .wait_for_rtp(|seen| seen.streams_open == 1 && seen.packets > 0)
        .await;
}

fn is_silent(handle: &PhoneHandle) -> bool {
    handle.rtp_received().streams_open == 0
}

#[tokio::test]
async fn each_phone_hears_the_whole_sound_and_is_told_to_stop() {
    let site = Site::new().await;
    let phones = ["8845", "7962", "7821", "8821"].map(|model| site.phone(model));
    let sound = site.sound(4_100).await;
    let ids = phones.each_ref().map(|(_, id)| *id);
    let id = site.announce(&Viewer::system(), &order(sound, &ids)).await;
    let view = over(site.reach(), id).await;
    assert_eq!(view.ending, Some(Ending::Played));
    for (handle, phone) in &phones {
        assert_eq!(state(&view, *phone), (Hearing::Done, ""), "{}", handle.model());
        let heard = handle.rtp_received();
        assert_eq!(
            (heard.packets, heard.bytes, heard.gaps),
            (26, 26 * 160, 0),
            "{}",
            handle.model()
        );
        assert_eq!(
            (heard.payload_type, heard.volume, heard.streams_open),
            (Some(0), Some(40), 0)
        );
        assert_eq!(heard.sound[..4_100], vec![g711::encode(8_000); 4_100]);
        assert_eq!(heard.sound[4_100..], [g711::SILENCE; 60]);
    }
    let sources: std::collections::BTreeSet<_> = phones.iter().map(|(handle, _)| handle.rtp_received().ssrc).collect();
    assert_eq!(sources.len(), phones.len(), "a stream of its own for each");
    let trail = site.trail().await;
    let lines = |action: &str| trail.iter().filter(|line| line.action == action).count();
    assert_eq!((lines("announcement"), lines("announcement-stopped")), (4, 4));
    site.end().await;
}

#[tokio::test]
async fn a_group_hears_one_stream() {
    let site = Site::new().await;
    let phones = ["8845", "7962", "7975"].map(|model| site.phone(model));
    let sound = site.sound(4_000).await;
    let many = Announcement {
        mode: Mode::Multicast,
        ..order(sound, &phones.each_ref().map(|(_, id)| *id))
    };
    let id = site.announce(&Viewer::system(), &many).await;
    let view = over(site.reach(), id).await;
    assert_eq!((view.ending, view.count(Hearing::Done)), (Some(Ending::Played), 3));
    for (handle, _) in &phones {
        let heard = handle.rtp_received();
        assert!(heard.listened_at.unwrap().ip().is_multicast());
        assert_eq!(
            (heard.packets, heard.gaps, heard.streams_open),
            (25, 0, 0),
            "{}",
            handle.model()
        );
        assert_eq!(heard.ssrc, phones[0].0.rtp_received().ssrc);
    }
    site.end().await;
}

#[tokio::test]
async fn a_phone_in_a_call_is_left_alone_unless_it_is_to_hear_it_too() {
    let site = Site::new().await;
    let (busy, free) = (site.phone("8845"), site.phone("7821"));
    busy.0.call(&site.phone("8851").0);
    let sound = site.sound(800).await;
    let both = order(sound, &[busy.1, free.1]);
    let id = site.announce(&Viewer::system(), &both).await;
    let view = over(site.reach(), id).await;
    let (skipped, why) = state(&view, busy.1);
    assert!(skipped == Hearing::Skipped && why.contains("in a call"), "{why}");
    assert_eq!(state(&view, free.1).0, Hearing::Done);
    assert_eq!(busy.0.rtp_received().streams_opened, 0);
    let anyway = Announcement {
        busy: Busy::Play,
        ..both
    };
    let id = site.announce(&Viewer::system(), &anyway).await;
    assert_eq!(over(site.reach(), id).await.count(Hearing::Done), 2);
    assert_eq!(busy.0.rtp_received().streams_opened, 1);
    site.end().await;
}

#[tokio::test]
async fn who_may_not_and_what_cannot_be_is_refused() {
    let site = Site::new().await;
    let (_, helpdesk) = site.person("ann", Role::Helpdesk).await;
    let (_, supervisor) = site.person("sue", Role::Supervisor).await;
    let (one, other) = (site.phone("8845"), site.phone("7821"));
    let sound = site.sound(800).await;
    let refused = |viewer: Viewer, order: Announcement| {
        let reach = site.reach();
        async move { reach.announce(&viewer, order).await.unwrap_err() }
    };
    let both = order(sound, &[one.1, other.1]);
    let single = order(sound, &[one.1]);
    assert!(matches!(refused(helpdesk.clone(), both).await, ReachError::Denied(_)));
    assert!(matches!(
        refused(supervisor, single.clone()).await,
        ReachError::Denied(_)
    ));
    let loud = Announcement {
        volume: 101,
        ..single.clone()
    };
    assert!(matches!(
        refused(helpdesk.clone(), loud).await,
        ReachError::Invalid { field: "volume", .. }
    ));
    let nobody = order(sound, &[]);
    assert!(matches!(
        refused(helpdesk.clone(), nobody).await,
        ReachError::Invalid { field: "phones", .. }
    ));
    let stranger = order(sound, &[PhoneId(99_999)]);
    assert!(matches!(
        refused(helpdesk.clone(), stranger).await,
        ReachError::UnknownPhone
    ));
    let soundless = order(SoundId(99_999), &[one.1]);
    assert!(matches!(
        refused(helpdesk.clone(), soundless).await,
        ReachError::Unknown("sound")
    ));
    for (handle, _) in [&one, &other] {
        assert_eq!(handle.requests_for("/CGI/Execute"), 0);
    }
    // One phone is for helpdesk too, and a second announcement on it is not.
    let id = site.announce(&helpdesk, &order(site.sound(LONG).await, &[one.1])).await;
    assert!(matches!(refused(helpdesk.clone(), single).await, ReachError::InUse(_)));
    listens(&one.0).await;
    site.reach().stop_announcement(&helpdesk, id).await.unwrap();
    assert_eq!(over(site.reach(), id).await.ending, Some(Ending::Stopped));
    assert!(is_silent(&one.0));
    site.end().await;
}

#[tokio::test]
async fn a_phone_that_somebody_drives_is_left_alone() {
    let site = Site::new().await;
    let (_, driver) = site.person("dora", Role::Helpdesk).await;
    let (handle, phone) = site.phone("8845");
    let may: May<PressKeys> = driver.may().unwrap();
    site.app.control.drive(&may, phone).await.unwrap();
    let id = site
        .announce(&Viewer::system(), &order(site.sound(800).await, &[phone]))
        .await;
    let view = over(site.reach(), id).await;
    assert_eq!(
        (view.ending, state(&view, phone).0),
        (Some(Ending::Unheard), Hearing::Skipped)
    );
    assert_eq!(handle.rtp_received().streams_opened, 0);
    site.end().await;
}

#[tokio::test]
async fn one_that_dies_in_the_middle_is_told_to_stop_once_it_answers_again() {
    let site = Site::new().await;
    let (well, dying) = (site.phone("8845"), site.phone("7821"));
    let sound = site.sound(LONG).await;
    let id = site
        .announce(&Viewer::system(), &order(sound, &[well.1, dying.1]))
        .await;
    listens(&well.0).await;
    listens(&dying.0).await;
    dying.0.set_fault(Fault::Refuses);
    site.reach().stop_announcement(&Viewer::system(), id).await.unwrap();
    let view = over(site.reach(), id).await;
    assert_eq!(state(&view, well.1).0, Hearing::Done);
    assert_eq!(state(&view, dying.1).0, Hearing::Unstopped);
    assert!(is_silent(&well.0) && !is_silent(&dying.0));
    // The program's own try, every half a minute, may have come before.
    dying.0.clear_faults();
    site.reach().stop_leftovers().await.unwrap();
    dying.0.wait_for_rtp(|seen| seen.streams_open == 0).await;
    let mut view = site.reach().announcement(&Viewer::system(), id).await.unwrap();
    while state(&view, dying.1).0 != Hearing::Done {
        tokio::task::yield_now().await;
        view = site.reach().announcement(&Viewer::system(), id).await.unwrap();
    }
    site.end().await;
}

#[tokio::test]
async fn it_ends_with_the_right_of_its_person() {
    let site = Site::new().await;
    let (user, helpdesk) = site.person("ann", Role::Helpdesk).await;
    let (handle, phone) = site.phone("8845");
    let id = site.announce(&helpdesk, &order(site.sound(LONG).await, &[phone])).await;
    listens(&handle).await;
    let may: May<ManagePeople> = Viewer::system().may().unwrap();
    site.app.security.disable_user(&may, user).await.unwrap();
    assert_eq!(over(site.reach(), id).await.ending, Some(Ending::RightLost));
    assert!(is_silent(&handle));
    site.end().await;
}

#[tokio::test]
async fn every_phone_is_told_to_stop_when_the_program_stops() {
    let site = Site::new().await;
    let phones = ["8845", "7962", "7821"].map(|model| site.phone(model));
    let ids = phones.each_ref().map(|(_, id)| *id);
    site.announce(&Viewer::system(), &order(site.sound(LONG).await, &ids))
        .await;
    for (handle, _) in &phones {
        listens(handle).await;
    }
    assert!(site.tasks.finish().await, "in time");
    for (handle, _) in &phones {
        assert!(is_silent(handle), "{}", handle.model());
    }
    let listed = site.reach().announcements(&Viewer::system()).await.unwrap();
    assert_eq!(listed[0].ending, Some(Ending::Shutdown));
    site.end().await;
}

#[tokio::test]
async fn phones_of_a_program_that_was_killed_are_told_to_stop_by_the_next() {
    let site = Site::new().await;
    let (handle, phone) = site.phone("8845");
    let order = order(site.sound(LONG).await, &[phone]);
    assert!(site.tasks.finish().await);
    site.app.store.close().await;
    let settings = config(&site.folder.path().join("data"));
    // A program of its own, whose every task ends where it stands.
    let killed = tokio::runtime::Runtime::new().unwrap();
    let (first, clock) = (settings.clone(), site.clock.clone());
    let begun = killed.spawn(async move {
        let running = app::start(first, clock, &Tasks::new(), false).await.unwrap();
        running.app.reach.announce(&Viewer::system(), order).await.unwrap()
    });
    let id = begun.await.unwrap();
    listens(&handle).await;
    killed.shutdown_background();
    assert!(!is_silent(&handle));
    let tasks = Tasks::new();
    let running = app::start(settings, site.clock.clone(), &tasks, false).await.unwrap();
    handle.wait_for_rtp(|seen| seen.streams_open == 0).await;
    let reach = &running.app.reach;
    let mut view = reach.announcement(&Viewer::system(), id).await.unwrap();
    while state(&view, phone).0 != Hearing::Done {
        tokio::task::yield_now().await;
        view = reach.announcement(&Viewer::system(), id).await.unwrap();
    }
    assert_eq!(view.ending, Some(Ending::Abandoned));
    assert!(tasks.finish().await);
    running.app.store.close().await;
    assert!(site.simulated.finish().await);
}

#[tokio::test]
async fn a_new_announcement_begins_where_an_old_one_was_left() {
    let site = Site::new().await;
    let (handle, phone) = site.phone("8845");
    let id = site
        .announce(&Viewer::system(), &order(site.sound(LONG).await, &[phone]))
        .await;
    listens(&handle).await;
    handle.set_fault(Fault::Refuses);
    site.reach().stop_announcement(&Viewer::system(), id).await.unwrap();
    over(site.reach(), id).await;
    handle.clear_faults();
    let id = site
        .announce(&Viewer::system(), &order(site.sound(800).await, &[phone]))
        .await;
    assert_eq!(over(site.reach(), id).await.count(Hearing::Done), 1);
    assert!(is_silent(&handle));
    tokio::time::timeout(Duration::from_secs(5), site.reach().stop_leftovers())
        .await
        .unwrap()
        .unwrap();
    site.end().await;
}
