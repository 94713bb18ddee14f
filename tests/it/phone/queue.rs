//! One request at a time per phone, the most urgent first, a cap over all.

use std::sync::{Arc, Mutex, mpsc};

use futures_util::future::join_all;
use futures_util::{FutureExt, poll};
use sidetone::phone::Urgency;

use super::server::{Phone, ok};
use super::{here, phones, phones_with, png, target};

#[tokio::test]
async fn one_request_at_a_time_per_phone() {
    let phone = Phone::at(here(3), |_| ok("image/png", &png()));
    let (phones, target) = (phones(), target(&phone, "Cisco 8845"));
    let shots = join_all((0..12).map(|_| phones.screenshot(&target, Urgency::Look))).await;
    assert!(shots.iter().all(Result::is_ok));
    assert_eq!((phone.seen().len(), phone.most_at_once()), (12, 1));
}

#[tokio::test]
async fn a_press_goes_before_a_look_and_a_look_before_background_work() {
    let (open, gate) = mpsc::channel::<()>();
    let gate = Mutex::new(gate);
    let (reached, first) = mpsc::channel::<()>();
    let phone = Phone::at(here(3), move |request| {
        if request.path() == "/DeviceInformationX" {
            reached.send(()).unwrap();
            gate.lock().unwrap().recv().unwrap();
        }
        ok("text/xml", b"<CiscoIPPhoneResponse/>")
    });
    let (phones, target) = (phones(), target(&phone, "Cisco 8845"));
    let key = "Soft1".parse().unwrap();
    let mut holds = Box::pin(phones.device_information(&target, Urgency::Background));
    // The first request is under way when the server has it; until then it is polled on.
    while first.try_recv().is_err() {
        assert!(poll!(&mut holds).is_pending());
        tokio::task::yield_now().await;
    }
    let mut background = Box::pin(phones.line_info(&target, Urgency::Background).map(drop));
    let mut look = Box::pin(phones.screenshot(&target, Urgency::Look).map(drop));
    let mut press = Box::pin(phones.press(&target, &key).map(drop));
    assert!(poll!(&mut background).is_pending() && poll!(&mut look).is_pending() && poll!(&mut press).is_pending());
    open.send(()).unwrap();
    drop(open);
    let hold = async {
        drop(holds.as_mut().now_or_never());
        drop(holds);
    };
    futures_util::join!(hold, background, look, press);
    assert_eq!(
        phone.paths()[1..4],
        ["/CGI/Execute", "/CGI/Screenshot", "/CGI/Java/LineInfo"]
    );
}

#[tokio::test]
async fn phones_answer_beside_each_other_up_to_the_cap() {
    let now = Arc::new(Mutex::new((0_usize, 0_usize)));
    let script = |now: Arc<Mutex<(usize, usize)>>| {
        move |_: &super::server::Request| {
            let mut count = now.lock().unwrap();
            count.0 += 1;
            count.1 = count.1.max(count.0);
            drop(count);
            std::thread::yield_now();
            now.lock().unwrap().0 -= 1;
            ok("image/png", &png())
        }
    };
    let fleet: Vec<_> = (10..20)
        .map(|last| Phone::at(here(last), script(Arc::clone(&now))))
        .collect();
    let targets: Vec<_> = fleet.iter().map(|phone| target(phone, "Cisco 8845")).collect();
    let capped = phones_with(|settings| settings.max_concurrent = 1);
    let shots = join_all(targets.iter().map(|target| capped.screenshot(target, Urgency::Look))).await;
    assert!(shots.iter().all(Result::is_ok));
    assert_eq!(now.lock().unwrap().1, 1);
}
