//! Rings and vibration.

use sidetone::domain::role::Role;
use sidetone::reach::{Busy, ReachError, Vibration};
use sidetone::security::Viewer;
use tokio_util::sync::CancellationToken;

use super::Site;

#[tokio::test]
async fn a_phone_rings_with_a_tone_of_the_list() {
    let site = Site::new().await;
    let (_, helpdesk) = site.person("ann", Role::Helpdesk).await;
    let (handle, phone) = site.phone("8845");
    let rung = site
        .reach()
        .ring(&helpdesk, phone, "Analog1.raw", 2, Busy::Skip)
        .await
        .unwrap();
    assert!(rung.times == 2 && rung.took.as_secs() >= 3, "{rung:?}");
    assert_eq!(handle.sounds_played(), ["Analog1.raw", "Analog1.raw"]);
    for tone in ["Unknown.raw", "Piano2.raw", "../x"] {
        let refused = site.reach().ring(&helpdesk, phone, tone, 1, Busy::Skip).await;
        assert!(
            matches!(refused, Err(ReachError::Invalid { field: "tone", .. })),
            "{refused:?}"
        );
    }
    for times in [0, 11] {
        let refused = site
            .reach()
            .ring(&helpdesk, phone, "Analog1.raw", times, Busy::Skip)
            .await;
        assert!(
            matches!(refused, Err(ReachError::Invalid { field: "times", .. })),
            "{refused:?}"
        );
    }
    assert_eq!(handle.sounds_played().len(), 2);
    site.end().await;
}

#[tokio::test]
async fn a_phone_in_a_call_rings_only_when_that_is_wanted() {
    let site = Site::new().await;
    let ((handle, phone), (other, _)) = (site.phone("8845"), site.phone("8851"));
    handle.call(&other);
    let viewer = Viewer::system();
    let busy = site.reach().ring(&viewer, phone, "Analog1.raw", 1, Busy::Skip).await;
    assert!(matches!(busy, Err(ReachError::Busy(_))), "{busy:?}");
    assert!(handle.sounds_played().is_empty());
    site.reach()
        .ring(&viewer, phone, "Analog1.raw", 1, Busy::Play)
        .await
        .unwrap();
    assert_eq!(handle.sounds_played(), ["Analog1.raw"]);
    site.end().await;
}

#[tokio::test]
async fn a_phone_shakes_where_its_family_can() {
    let site = Site::new().await;
    let (handle, phone) = site.phone("8821");
    let viewer = Viewer::system();
    let how = Vibration {
        on_ms: 800,
        off_ms: 200,
        times: 2,
    };
    site.reach().vibrate(&viewer, phone, how).await.unwrap();
    let felt = handle.vibrations();
    assert_eq!(
        (felt[0].on_ms, felt[0].off_ms, felt[0].count, felt.len()),
        (800, 200, 2, 1)
    );
    let (_, still) = site.phone("8845");
    let refused = site.reach().vibrate(&viewer, still, how).await;
    assert!(matches!(refused, Err(ReachError::Unsupported { .. })), "{refused:?}");
    let too_long = Vibration { on_ms: 65_537, ..how };
    let refused = site.reach().vibrate(&viewer, phone, too_long).await;
    assert!(
        matches!(refused, Err(ReachError::Invalid { field: "on_ms", .. })),
        "{refused:?}"
    );
    site.end().await;
}

#[tokio::test]
async fn a_ring_that_is_cut_short_tells_how_often_it_rang() {
    let site = Site::new().await;
    let ((handle, phone), (other, _)) = (site.phone("8845"), site.phone("8851"));
    let (viewer, reach) = (Viewer::system(), site.reach());
    let heard = async |count: usize| {
        while handle.sounds_played().len() < count {
            tokio::task::yield_now().await;
        }
    };
    let stop = CancellationToken::new();
    let (rung, ()) = tokio::join!(
        reach.ring_until(&viewer, phone, ("Analog1.raw", 3), Busy::Skip, &stop),
        async {
            heard(1).await;
            stop.cancel();
        }
    );
    let rung = rung.unwrap();
    assert!(rung.times == 1 && rung.cut_short.is_some(), "{rung:?}");
    let refused = reach
        .ring_until(&viewer, phone, ("Analog1.raw", 3), Busy::Skip, &stop)
        .await;
    assert!(matches!(refused, Err(ReachError::Stopping)), "{refused:?}");
    assert_eq!(handle.sounds_played().len(), 1);
    let (rung, ()) = tokio::join!(reach.ring(&viewer, phone, "Analog1.raw", 3, Busy::Skip), async {
        heard(2).await;
        handle.call(&other);
    });
    let rung = rung.unwrap();
    assert_eq!(rung.times, 1);
    assert!(rung.cut_short.unwrap().contains("in a call"));
    assert_eq!(handle.sounds_played().len(), 2);
    site.end().await;
}
