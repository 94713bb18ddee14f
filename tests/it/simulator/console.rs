//! A phone's SSH console, by a client written here.

use std::sync::Arc;

use russh::client::{self, Handle};
use russh::keys::PublicKeyOrCertificate;
use russh::{Channel, ChannelMsg};

use super::*;

struct AnyKey;

impl client::Handler for AnyKey {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }
}

/// A shell behind both logins.
struct Shell {
    channel: Channel<client::Msg>,
    _handle: Handle<AnyKey>,
}

impl Bench {
    async fn ssh(&self, phone: &PhoneHandle) -> Result<Handle<AnyKey>, russh::Error> {
        let at = SocketAddr::from((phone.address(), self.simulator.summary().phone_ssh_port));
        client::connect(Arc::default(), at, AnyKey).await
    }

    async fn shell(&self, phone: &PhoneHandle) -> Shell {
        let login = self.simulator.summary().ssh_login;
        let mut handle = self.ssh(phone).await.unwrap();
        let taken = handle.authenticate_password(login.username, login.password).await;
        assert!(taken.unwrap().success());
        let channel = handle.channel_open_session().await.unwrap();
        channel.request_shell(false).await.unwrap();
        let mut shell = Shell {
            channel,
            _handle: handle,
        };
        shell.until("login: ").await;
        shell.say("debug", "Password: ").await;
        shell.say("debug", "DEBUG>\x1b[0m ").await;
        shell
    }
}

impl Shell {
    /// Reads until the text ends so.
    async fn until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while !text.ends_with(end) {
            match self.channel.wait().await {
                Some(ChannelMsg::Data { data }) => text.push_str(&String::from_utf8_lossy(&data)),
                Some(_) => {}
                None => panic!("the phone ended the session after {text:?}"),
            }
        }
        text
    }

    async fn say(&mut self, line: &str, end: &str) -> String {
        self.channel.data_bytes(format!("{line}\n").into_bytes()).await.unwrap();
        self.until(end).await
    }

    async fn command(&mut self, line: &str) -> String {
        self.say(line, "DEBUG>\x1b[0m ").await
    }
}

#[tokio::test]
async fn the_console_is_on_where_the_configuration_says_so() {
    let bench = Bench::small();
    let phone = bench.phone("8851");
    phone.set_vendor("sshAccess", Some("1"));
    assert!(bench.ssh(&phone).await.is_err());
    phone.set_vendor("sshAccess", Some("0"));
    let mut shell = bench.shell(&phone).await;
    assert!(shell.command("reboot").await.contains("Unknown command"));
    assert!(shell.command("phone key 999").await.contains("Invalid key"));
    assert_eq!(shell.command("phone key 551").await.matches("DEBUG>").count(), 1);
    assert_eq!(phone.keys_received(), ["Settings"]);
    phone.set_fault(Fault::Rebooting);
    assert!(bench.ssh(&phone).await.is_err());
    phone.clear_faults();
    phone.set_vendor("sshAccess", Some("0"));
    let mut handle = bench.ssh(&phone).await.unwrap();
    let refused = handle.authenticate_password("phonessh", "wrong").await.unwrap();
    assert!(!refused.success());
    drop((shell, handle));
    bench.end().await;
}

#[tokio::test]
async fn keys_over_ssh_save_a_phone_that_takes_no_configuration() {
    let bench = Bench::small();
    let phone = bench.phone("8845");
    phone.set_vendor("sshAccess", Some("0"));
    phone.set_vendor("webAccess", Some("1"));
    phone.set_fault(Fault::TrustListBroken);
    assert!(bench.get(&phone, "/").await.is_err());
    // Web access is on again in CUCM; the phone does not believe it.
    let open = format!(
        "<name>{}</name><vendorConfig><webAccess>0</webAccess><sshAccess>0</sshAccess></vendorConfig>",
        phone.name()
    );
    let name = format!("<name>{}</name>", phone.name());
    assert_eq!(bench.axl("14.0", "updatePhone", &open).await.status, 200);
    assert_eq!(bench.axl("14.0", "resetPhone", &name).await.status, 200);
    bench.clock.advance(Duration::from_secs(30));
    assert!(phone.is_registered() && !phone.web_is_up() && !phone.runs_newest_settings());

    let mut shell = bench.shell(&phone).await;
    // Settings, Admin settings, Reset settings, Security settings, and yes.
    for code in [551, 519, 517, 518, 528] {
        shell.command(&format!("phone key {code}")).await;
    }
    assert_eq!(
        phone.keys_received(),
        ["Settings", "KeyPad6", "KeyPad4", "KeyPad5", "Soft3"]
    );
    assert!(!phone.is_registered(), "it restarts");
    assert_eq!(phone.faults(), Vec::<&str>::new());
    bench.clock.advance(Duration::from_secs(30));
    assert!(phone.is_registered() && phone.runs_newest_settings() && phone.web_is_up());
    assert_eq!(bench.get(&phone, "/").await.unwrap().status, 200);
    drop(shell);
    bench.end().await;
}
