//! Extension Mobility on the simulated CUCM.

use super::*;

impl Bench {
    async fn login(&self, phone: &PhoneHandle, user: &str) -> String {
        let content = format!(
            "<deviceName>{}</deviceName><loginDuration>60</loginDuration><profileName>{user}_EM</profileName>\
             <userId>{user}</userId>",
            phone.name()
        );
        self.axl("14.0", "doDeviceLogin", &content).await.text()
    }

    async fn logout(&self, phone: &PhoneHandle) -> String {
        let content = format!("<deviceName>{}</deviceName>", phone.name());
        self.axl("14.0", "doDeviceLogout", &content).await.text()
    }
}

#[tokio::test]
async fn a_user_signs_in_and_is_signed_out() {
    let bench = Bench::small();
    // A conference phone is nobody's, so anybody may sign in.
    let (lobby, desk) = (bench.phone("8831"), bench.phone("8845"));
    let get = async |phone: &PhoneHandle| {
        let content = format!("<name>{}</name>", phone.name());
        bench.axl("14.0", "getPhone", &content).await.text()
    };
    let before = get(&lobby).await;
    assert!(
        before.contains("<enableExtensionMobility>t<") && before.contains("<loginUserId/>"),
        "{before}"
    );
    assert!(bench.logout(&lobby).await.contains("No user is logged in"));
    assert!(bench.login(&lobby, "nobody").await.contains("5007"));
    assert!(bench.login(&lobby, "aruiz").await.contains("<return>{"));
    assert_eq!(lobby.logged_in_user().as_deref(), Some("aruiz"));
    let during = get(&lobby).await;
    assert!(during.contains("<loginUserId>aruiz</loginUserId>"), "{during}");
    assert!(during.contains(">aruiz_EM</currentProfileName>"), "{during}");
    assert!(
        bench
            .ris_of(&lobby)
            .await
            .contains("<ns1:LoginUserId>aruiz</ns1:LoginUserId>")
    );
    assert!(bench.login(&lobby, "aruiz").await.contains("Another user is logged in"));
    assert!(bench.logout(&lobby).await.contains("<return>{"));
    assert_eq!(lobby.logged_in_user(), None);

    assert!(bench.login(&desk, "aruiz").await.contains("not enabled"));
    desk.log_in("aruiz");
    assert_eq!(desk.logged_in_user().as_deref(), Some("aruiz"));
    bench.end().await;
}
