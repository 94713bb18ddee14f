//! People: the promises of sign-in, sessions, tokens, roles and the set-up link, on a real file.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use sidetone::audit::{self, Filter, Line, Outcome, Via};
use sidetone::clock::Clock;
use sidetone::domain::ids::{ClusterId, TokenId, UserId};
use sidetone::domain::role::Role;
use sidetone::security::{
    ManagePeople, May, NewUser, PeopleError, RejectedPassword, Security, Settings, SetupError, SignInError, SignedIn,
    TokenError, Viewer,
};
use sidetone::store::Store;
use tempfile::TempDir;

const HOME: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::LOCALHOST));
const PASSWORD: &str = "a horse of another colour";
const HOUR: Duration = Duration::from_hours(1);

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

/// A server's people on a new file, with a clock that stands still.
struct House {
    security: Security,
    store: Store,
    clock: Clock,
    folder: TempDir,
}

impl House {
    async fn new() -> Self {
        let (store, folder) = crate::store::scratch().await;
        let clock = Clock::fixed_at(Timestamp::from_second(1_800_000_000).unwrap());
        let security = Security::new(store.clone(), clock.clone(), Settings::default());
        Self {
            security,
            store,
            clock,
            folder,
        }
    }

    /// What a command on the server may do.
    fn command() -> May<ManagePeople> {
        Viewer::command().may().unwrap()
    }

    async fn add(&self, name: &str, role: Role) -> UserId {
        let new = NewUser {
            name: name.to_owned(),
            role,
            password: secret(PASSWORD),
            clusters: None,
        };
        self.security.add_user(&Self::command(), new).await.unwrap()
    }

    async fn sign_in(&self, name: &str) -> SignedIn {
        self.try_sign_in(name, PASSWORD).await.unwrap()
    }

    async fn try_sign_in(&self, name: &str, password: &str) -> Result<SignedIn, SignInError> {
        self.security.sign_in(name, &secret(password), HOME).await
    }

    async fn viewer(&self, signed_in: &SignedIn) -> Option<Viewer> {
        let cookie = signed_in.token.expose_secret();
        self.security.viewer_of_session(cookie, HOME).await.unwrap()
    }

    async fn lines(&self) -> Vec<Line> {
        audit::list(&self.store, &Filter::default(), None, 500)
            .await
            .unwrap()
            .lines
    }

    async fn last_line(&self) -> Line {
        self.lines().await.remove(0)
    }
}

#[tokio::test]
async fn a_person_signs_in_whatever_the_case_of_their_name() {
    let house = House::new().await;
    let id = house.add("Jörg", Role::Helpdesk).await;
    let signed_in = house.sign_in(" JÖRG ").await;
    let viewer = house.viewer(&signed_in).await.unwrap();
    assert_eq!(
        (viewer.user, viewer.name.as_str(), viewer.role),
        (id, "Jörg", Role::Helpdesk)
    );
    assert_eq!((viewer.via, viewer.address), (Via::Browser, HOME));

    let line = house.last_line().await;
    assert_eq!(
        (line.action.as_str(), line.outcome, line.user),
        ("login", Outcome::Done, Some(id))
    );
}

#[tokio::test]
async fn a_wrong_password_an_unknown_name_and_a_disabled_user_look_the_same() {
    let house = House::new().await;
    house.add("grace", Role::Helpdesk).await;
    let gone = house.add("gone", Role::Helpdesk).await;
    house.security.disable_user(&House::command(), gone).await.unwrap();
    for (name, password) in [
        ("grace", "wrong wrong"),
        ("nobody", PASSWORD),
        ("gone", PASSWORD),
        ("", ""),
    ] {
        let error = house.try_sign_in(name, password).await.unwrap_err();
        assert_eq!(error.to_string(), "name or password is wrong", "{name}");
        let line = house.last_line().await;
        assert_eq!(
            (line.action.as_str(), line.outcome),
            ("login-refused", Outcome::Refused)
        );
    }
}

#[tokio::test]
async fn a_password_typed_as_the_name_is_not_kept() {
    let house = House::new().await;
    let _ = house.try_sign_in("my secret password", "").await;
    let line = house.last_line().await;
    assert_eq!((line.user_name.as_str(), line.user), ("", None));
    assert!(!line.detail.contains("secret"));
}

#[tokio::test]
async fn guessing_is_slowed_down_and_the_wait_is_told() {
    let house = House::new().await;
    house.add("grace", Role::Helpdesk).await;
    for _ in 0..5 {
        assert!(matches!(
            house.try_sign_in("grace", "wrong wrong").await,
            Err(SignInError::Refused)
        ));
    }
    let error = house.try_sign_in("grace", PASSWORD).await.unwrap_err();
    assert_eq!(error.to_string(), "too many attempts; try again in 5 seconds");
    house.clock.advance(Duration::from_secs(5));
    house.sign_in("grace").await;
}

#[tokio::test]
async fn a_session_ends_eight_hours_after_its_last_use() {
    let house = House::new().await;
    house.add("grace", Role::Helpdesk).await;
    let signed_in = house.sign_in("grace").await;
    house.clock.advance(HOUR * 7);
    assert!(house.viewer(&signed_in).await.is_some());
    house.clock.advance(HOUR * 7);
    assert!(house.viewer(&signed_in).await.is_some(), "its use was noted");
    house.clock.advance(HOUR * 8);
    assert!(house.viewer(&signed_in).await.is_none());
}

#[tokio::test]
async fn a_session_ends_a_day_after_the_sign_in_however_it_is_used() {
    let house = House::new().await;
    house.add("grace", Role::Helpdesk).await;
    let signed_in = house.sign_in("grace").await;
    for _ in 0..23 {
        house.clock.advance(HOUR);
        assert!(house.viewer(&signed_in).await.is_some());
    }
    house.clock.advance(HOUR);
    assert!(house.viewer(&signed_in).await.is_none());
}

#[tokio::test]
async fn the_use_of_a_session_is_written_once_a_minute() {
    let house = House::new().await;
    house.add("grace", Role::Helpdesk).await;
    let signed_in = house.sign_in("grace").await;
    let begun = house.clock.now_ms();
    let seen = async || house.security.own_sessions(&signed_in.viewer).await.unwrap()[0].last_seen_at;
    house.clock.advance(Duration::from_millis(59_999));
    house.viewer(&signed_in).await.unwrap();
    assert_eq!(seen().await, begun);
    house.clock.advance(Duration::from_millis(1));
    house.viewer(&signed_in).await.unwrap();
    assert_eq!(seen().await, begun + 60_000);
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    let house = House::new().await;
    house.add("grace", Role::Helpdesk).await;
    let (desk, laptop) = (house.sign_in("grace").await, house.sign_in("grace").await);
    house.security.sign_out(&desk.viewer).await.unwrap();
    assert!(house.viewer(&desk).await.is_none());
    assert!(house.viewer(&laptop).await.is_some());
    assert_eq!(house.last_line().await.action, "logout");
}

#[tokio::test]
async fn people_end_their_own_sessions_and_admins_everybodys() {
    let house = House::new().await;
    let grace = house.add("grace", Role::Helpdesk).await;
    house.add("linus", Role::Helpdesk).await;
    let (desk, laptop, linus) = (
        house.sign_in("grace").await,
        house.sign_in("grace").await,
        house.sign_in("linus").await,
    );
    let desk_key = desk.viewer.session_key().unwrap();
    assert!(
        !house.security.end_own_session(&linus.viewer, desk_key).await.unwrap(),
        "not linus's to end"
    );
    assert!(house.security.end_own_session(&laptop.viewer, desk_key).await.unwrap());
    assert!(house.viewer(&desk).await.is_none());

    let left = house.security.sessions_of(&House::command(), grace).await.unwrap();
    assert_eq!(left.len(), 1);
    assert!(
        house
            .security
            .end_session(&House::command(), grace, left[0].key)
            .await
            .unwrap()
    );
    assert!(house.viewer(&laptop).await.is_none());
    assert!(house.viewer(&linus).await.is_some());
}

#[tokio::test]
async fn each_session_has_a_csrf_token_of_its_own() {
    let house = House::new().await;
    house.add("grace", Role::Helpdesk).await;
    let (desk, laptop) = (house.sign_in("grace").await, house.sign_in("grace").await);
    let viewer = house.viewer(&desk).await.unwrap();
    assert_eq!(viewer.csrf_token(), desk.viewer.csrf_token());
    assert!(viewer.csrf_fits(desk.viewer.csrf_token().unwrap()));
    assert!(!viewer.csrf_fits(laptop.viewer.csrf_token().unwrap()));
    assert!(!viewer.csrf_fits(""));
    assert!(!Viewer::system().csrf_fits(""), "no session, no token that fits");
}

#[tokio::test]
async fn a_cookie_that_is_nonsense_is_nobodys() {
    let house = House::new().await;
    house.add("grace", Role::Helpdesk).await;
    let signed_in = house.sign_in("grace").await;
    let key = signed_in.viewer.session_key().unwrap().to_string();
    for cookie in ["", "x", key.as_str(), "stt_0", &"f".repeat(64), "\u{0}\u{fffd}"] {
        assert!(
            house.security.viewer_of_session(cookie, HOME).await.unwrap().is_none(),
            "{cookie:?}"
        );
        assert!(
            house.security.viewer_of_token(cookie, HOME).await.unwrap().is_none(),
            "{cookie:?}"
        );
    }
}

#[tokio::test]
async fn a_change_of_role_and_clusters_holds_from_the_next_request() {
    let house = House::new().await;
    let grace = house.add("grace", Role::Helpdesk).await;
    let signed_in = house.sign_in("grace").await;
    house
        .security
        .set_role(&House::command(), grace, Role::Supervisor)
        .await
        .unwrap();
    house
        .security
        .set_clusters(&House::command(), grace, Some([ClusterId(1)].into()))
        .await
        .unwrap();
    let viewer = house.viewer(&signed_in).await.unwrap();
    assert_eq!(viewer.role, Role::Supervisor);
    assert!(
        !viewer.sees(ClusterId(1)),
        "there is no such cluster, so none is left to see"
    );
    assert!(!viewer.sees(ClusterId(2)));
    house
        .security
        .set_clusters(&House::command(), grace, None)
        .await
        .unwrap();
    assert!(house.viewer(&signed_in).await.unwrap().sees(ClusterId(2)));
}

#[tokio::test]
async fn disabling_ends_sessions_and_refuses_tokens_until_enabled() {
    let house = House::new().await;
    let grace = house.add("grace", Role::Helpdesk).await;
    let signed_in = house.sign_in("grace").await;
    let token = house
        .security
        .add_token(&signed_in.viewer, grace, "script")
        .await
        .unwrap();
    let by_token = async || {
        house
            .security
            .viewer_of_token(token.text.expose_secret(), HOME)
            .await
            .unwrap()
    };
    assert!(by_token().await.is_some());

    house.security.disable_user(&House::command(), grace).await.unwrap();
    assert!(house.viewer(&signed_in).await.is_none());
    assert!(by_token().await.is_none());
    assert!(matches!(
        house.try_sign_in("grace", PASSWORD).await,
        Err(SignInError::Refused)
    ));
    let refused = house.security.add_token(&House::command(), grace, "more").await;
    assert!(matches!(refused, Err(TokenError::UnknownUser)));

    house.security.enable_user(&House::command(), grace).await.unwrap();
    assert!(house.viewer(&signed_in).await.is_none(), "the session stays ended");
    assert!(by_token().await.is_some());
    house.sign_in("grace").await;
}

#[tokio::test]
async fn the_last_admin_is_neither_disabled_nor_demoted() {
    let house = House::new().await;
    let (ada, grace) = (
        house.add("ada", Role::Admin).await,
        house.add("grace", Role::Helpdesk).await,
    );
    let may = House::command();
    let refused = house.security.disable_user(&may, ada).await;
    assert!(matches!(refused, Err(PeopleError::LastAdmin)));
    let refused = house.security.set_role(&may, ada, Role::Helpdesk).await;
    assert!(matches!(refused, Err(PeopleError::LastAdmin)));
    house.security.disable_user(&may, grace).await.unwrap();

    let second = house.add("second", Role::Admin).await;
    house.security.disable_user(&may, second).await.unwrap();
    let refused = house.security.set_role(&may, ada, Role::Supervisor).await;
    assert!(
        matches!(refused, Err(PeopleError::LastAdmin)),
        "a disabled admin does not count"
    );
    house.security.enable_user(&may, second).await.unwrap();
    house.security.set_role(&may, ada, Role::Supervisor).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_admins_cannot_demote_each_other_at_once() {
    let house = House::new().await;
    let (ada, bob) = (house.add("ada", Role::Admin).await, house.add("bob", Role::Admin).await);
    let may = House::command();
    let (first, second) = tokio::join!(
        house.security.set_role(&may, ada, Role::Helpdesk),
        house.security.set_role(&may, bob, Role::Helpdesk)
    );
    assert!(first.is_ok() != second.is_ok());
}

#[tokio::test]
async fn names_are_unique_whatever_their_case_and_passwords_good_enough() {
    let house = House::new().await;
    house.add("Jörg", Role::Helpdesk).await;
    let try_to_add = async |name: &str, password: &str| {
        let new = NewUser {
            name: name.to_owned(),
            role: Role::Helpdesk,
            password: secret(password),
            clusters: None,
        };
        house.security.add_user(&House::command(), new).await
    };
    assert!(matches!(
        try_to_add("jÖRG", PASSWORD).await,
        Err(PeopleError::NameTaken)
    ));
    assert!(matches!(try_to_add(" ", PASSWORD).await, Err(PeopleError::Name(_))));
    let weak = try_to_add("grace", "password1").await;
    assert!(matches!(weak, Err(PeopleError::Password(RejectedPassword::Common))));
    let users = house.security.users(&House::command()).await.unwrap();
    assert_eq!(
        users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(),
        ["Jörg"]
    );
}

#[tokio::test]
async fn changing_ones_password_ends_every_session_and_starts_one() {
    let house = House::new().await;
    house.add("grace", Role::Helpdesk).await;
    let (desk, laptop) = (house.sign_in("grace").await, house.sign_in("grace").await);
    let (old, new) = (secret(PASSWORD), secret("quite another thing"));
    let wrong = house.security.change_own_password(&desk.viewer, &new, &new).await;
    assert!(matches!(wrong, Err(PeopleError::WrongPassword)));
    let weak = house
        .security
        .change_own_password(&desk.viewer, &old, &secret("grace123"))
        .await;
    assert!(matches!(weak, Err(PeopleError::Password(RejectedPassword::IsName))));
    assert!(house.viewer(&laptop).await.is_some(), "nothing was changed so far");

    let fresh = house
        .security
        .change_own_password(&desk.viewer, &old, &new)
        .await
        .unwrap();
    assert!(house.viewer(&desk).await.is_none());
    assert!(house.viewer(&laptop).await.is_none());
    assert!(house.viewer(&fresh).await.is_some());
    assert_eq!(house.last_line().await.action, "password-changed");
    assert!(house.try_sign_in("grace", PASSWORD).await.is_err());
    house.try_sign_in("grace", "quite another thing").await.unwrap();
}

#[tokio::test]
async fn an_admin_sets_a_password_and_ends_the_sessions_of_the_old_one() {
    let house = House::new().await;
    let grace = house.add("grace", Role::Helpdesk).await;
    let signed_in = house.sign_in("grace").await;
    let new = secret("quite another thing");
    house
        .security
        .set_password(&House::command(), grace, &new)
        .await
        .unwrap();
    assert!(house.viewer(&signed_in).await.is_none());
    house.try_sign_in("grace", "quite another thing").await.unwrap();
    let unknown = house.security.set_password(&House::command(), UserId(99), &new).await;
    assert!(matches!(unknown, Err(PeopleError::UnknownUser)));
}

#[tokio::test]
async fn a_token_has_its_users_rights_until_it_is_revoked() {
    let house = House::new().await;
    let grace = house.add("grace", Role::Helpdesk).await;
    let viewer = house.sign_in("grace").await.viewer;
    let token = house
        .security
        .add_token(&viewer, grace, " night script ")
        .await
        .unwrap();
    let text = token.text.expose_secret();
    assert!(
        text.starts_with("stt_") && text.len() == 68,
        "the form that secret scanners look for"
    );

    let by_token = house.security.viewer_of_token(text, HOME).await.unwrap().unwrap();
    assert_eq!(
        (by_token.user, by_token.role, by_token.via),
        (grace, Role::Helpdesk, Via::Api)
    );
    assert!(by_token.may::<ManagePeople>().is_err());
    assert_eq!(by_token.csrf_token(), None);

    let listed = house.security.tokens_of(&viewer, grace).await.unwrap();
    assert_eq!((listed.len(), listed[0].label.as_str()), (1, "night script"));
    assert_eq!(listed[0].last_used_at, Some(house.clock.now_ms()));

    house.security.revoke_token(&viewer, grace, token.id).await.unwrap();
    assert!(house.security.viewer_of_token(text, HOME).await.unwrap().is_none());
    let again = house.security.revoke_token(&viewer, grace, token.id).await;
    assert!(matches!(again, Err(TokenError::UnknownToken)));
}

#[tokio::test]
async fn other_peoples_tokens_are_the_admins_business() {
    let house = House::new().await;
    let ada = house.add("ada", Role::Admin).await;
    house.add("grace", Role::Helpdesk).await;
    let (admin, grace) = (house.sign_in("ada").await.viewer, house.sign_in("grace").await.viewer);
    let refused = house.security.add_token(&grace, ada, "x").await;
    assert!(matches!(refused, Err(TokenError::Denied(_))));
    assert!(matches!(
        house.security.tokens_of(&grace, ada).await,
        Err(TokenError::Denied(_))
    ));
    let refused = house.security.revoke_token(&grace, ada, TokenId(1)).await;
    assert!(matches!(refused, Err(TokenError::Denied(_))));
    house.security.add_token(&admin, grace.user, "for grace").await.unwrap();
    for label in ["", "  ", "a\nb", &"x".repeat(101)] {
        let refused = house.security.add_token(&grace, grace.user, label).await;
        assert!(matches!(refused, Err(TokenError::InvalidLabel)), "{label:?}");
    }
}

#[tokio::test]
async fn the_set_up_link_makes_one_admin_and_is_gone() {
    let house = House::new().await;
    let old = house.security.new_setup_link().await.unwrap().unwrap();
    let link = house.security.new_setup_link().await.unwrap().unwrap();
    let set_up = async |link: &SecretString, name: &str| {
        let link = link.expose_secret();
        house.security.set_up(link, name, &secret(PASSWORD), HOME).await
    };
    let refused = set_up(&old, "ada").await;
    assert!(
        matches!(refused, Err(SetupError::InvalidLink)),
        "each start makes a new one"
    );
    assert!(matches!(
        set_up(&link, "").await,
        Err(SetupError::People(PeopleError::Name(_)))
    ));
    assert!(
        house.security.setup_link_fits(link.expose_secret()).await.unwrap(),
        "a mistake does not use it up"
    );

    let signed_in = set_up(&link, "ada").await.unwrap();
    assert_eq!(house.viewer(&signed_in).await.unwrap().role, Role::Admin);
    assert_eq!(house.last_line().await.action, "set-up");
    assert!(!house.security.needs_setup().await.unwrap());
    assert!(matches!(set_up(&link, "eve").await, Err(SetupError::InvalidLink)));
    assert!(house.security.new_setup_link().await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_set_ups_at_once_one_becomes_the_admin() {
    let house = House::new().await;
    let link = house.security.new_setup_link().await.unwrap().unwrap();
    let (link, password) = (link.expose_secret(), secret(PASSWORD));
    let (first, second) = tokio::join!(
        house.security.set_up(link, "ada", &password, HOME),
        house.security.set_up(link, "eve", &password, HOME)
    );
    assert!(first.is_ok() != second.is_ok());
    assert_eq!(house.security.users(&House::command()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_set_up_link_is_good_for_a_day() {
    let house = House::new().await;
    let link = house.security.new_setup_link().await.unwrap().unwrap();
    assert!(house.security.setup_link_fits(link.expose_secret()).await.unwrap());
    assert!(!house.security.setup_link_fits("").await.unwrap());
    house.clock.advance(HOUR * 24);
    assert!(!house.security.setup_link_fits(link.expose_secret()).await.unwrap());
}

#[tokio::test]
async fn every_change_of_people_leaves_a_line() {
    let house = House::new().await;
    house.add("ada", Role::Admin).await;
    let grace = house.add("grace", Role::Helpdesk).await;
    let admin = house.sign_in("ada").await.viewer;
    let may = admin.may().unwrap();
    let security = &house.security;
    security.set_role(&may, grace, Role::Supervisor).await.unwrap();
    security.set_clusters(&may, grace, None).await.unwrap();
    security
        .set_password(&may, grace, &secret("quite another thing"))
        .await
        .unwrap();
    let token = security.add_token(&admin, grace, "script").await.unwrap();
    security.revoke_token(&admin, grace, token.id).await.unwrap();
    security.disable_user(&may, grace).await.unwrap();
    security.enable_user(&may, grace).await.unwrap();

    let mut lines = house.lines().await;
    lines.reverse();
    let told: Vec<String> = lines
        .iter()
        .map(|line| {
            format!(
                "{} {} {}: {}",
                line.via.as_str(),
                line.user_name,
                line.action,
                line.detail
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "command command line user-added: ada as admin",
            "command command line user-added: grace as helpdesk",
            "browser ada login: ",
            "browser ada user-role-changed: grace: helpdesk to supervisor",
            "browser ada user-clusters-changed: grace: all clusters",
            "browser ada password-changed: grace",
            "browser ada token-added: script, of grace",
            "browser ada token-revoked: script",
            "browser ada user-disabled: grace",
            "browser ada user-enabled: grace",
        ]
    );
}

#[tokio::test]
async fn a_stolen_database_holds_no_password_and_no_token() {
    let house = House::new().await;
    let link = house.security.new_setup_link().await.unwrap().unwrap();
    let signed_in = house
        .security
        .set_up(link.expose_secret(), "ada", &secret(PASSWORD), HOME)
        .await
        .unwrap();
    let token = house
        .security
        .add_token(&signed_in.viewer, signed_in.viewer.user, "script")
        .await
        .unwrap();
    let _ = house.try_sign_in("ada", "planted wrong password").await;
    let _ = house.try_sign_in("planted password as name", "").await;
    let planted = [
        PASSWORD,
        "planted",
        link.expose_secret(),
        signed_in.token.expose_secret(),
        token.text.expose_secret(),
    ];
    let files = |when: &str| {
        for entry in std::fs::read_dir(house.folder.path()).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            for planted in planted {
                let found = bytes.windows(planted.len()).any(|window| window == planted.as_bytes());
                assert!(!found, "{} holds a secret {when}", path.display());
            }
        }
    };
    files("while it is open");
    house.store.close().await;
    files("when closed");
}

#[tokio::test]
async fn sweeping_removes_what_is_over_and_nothing_else() {
    let house = House::new().await;
    house.add("grace", Role::Helpdesk).await;
    let old = house.sign_in("grace").await;
    house.clock.advance(HOUR * 6);
    let young = house.sign_in("grace").await;
    house.clock.advance(HOUR * 3);
    house.security.sweep().await.unwrap();
    assert!(house.viewer(&old).await.is_none());
    assert!(house.viewer(&young).await.is_some());
}
