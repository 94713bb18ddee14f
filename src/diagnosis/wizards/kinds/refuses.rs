//! The phone refuses control (V32 to V39, C10 to C18).

use super::super::known::Known;
use super::super::step::{End, Part, Pick, Proof, Reading, Step};
use super::{
    SEEN, answers_at_all, cluster_page, ended, ending, guide, refuses, remedy, say, steps, values, warning, wizard,
};
use crate::domain::cause::Cause;
use crate::domain::finding::{CheckId, Sign};

const BY_HAND: &[Pick] = &[
    Pick {
        value: "picture",
        label: "A picture, or a page of numbers on a 7940 or 7960",
        hint: "The phone obeys this user. What failed was between this server and the phone.",
    },
    Pick {
        value: "error-0",
        label: "CiscoIPPhoneError Number=\"0\"",
        hint: "The phone could not talk to its Authentication URL: name, address, port or trust.",
    },
    Pick {
        value: "error-4",
        label: "CiscoIPPhoneError Number=\"4\"",
        hint: "The server at the Authentication URL said no, or the phone did not believe its answer.",
    },
    Pick {
        value: "prompt",
        label: "The browser asks for the login again and again",
        hint: "The user or the password is not accepted.",
    },
    Pick {
        value: "nothing",
        label: "No connection at all",
        hint: "The phone's web server is off, or something stands between.",
    },
];

/// A password can be good although the phone is not among the controlled devices: AXL tells the two apart.
fn password(k: &Known) -> Proof {
    let told = k.proof(CheckId::ControlLogin);
    if k.saw(|sign| matches!(sign, Sign::PasswordWrong | Sign::LoginLocked)) {
        return match told {
            Proof::Bad(sentence) | Proof::Good(sentence) => Proof::Bad(sentence),
            other => other,
        };
    }
    if k.saw(|sign| *sign == Sign::PasswordGood) {
        return Proof::Good(k.words("CUCM takes the password of {user}.").plain());
    }
    told
}

fn cucm_says(k: &Known) -> Proof {
    if k.saw(|sign| *sign == Sign::Authorized) {
        return Proof::Good("CUCM's authenticate service answers AUTHORIZED for this login and this phone.".to_owned());
    }
    if k.saw(|sign| *sign == Sign::NotAuthorized) {
        return Proof::Bad("CUCM's authenticate service does not answer AUTHORIZED.".to_owned());
    }
    Proof::Unknown
}

fn trusted(k: &Known) -> Proof {
    match k.all_of(&[CheckId::StatusMessages, CheckId::ConfigurationTaken]) {
        Proof::Good(_) if k.blames(&[Cause::TrustListBroken, Cause::SettingsAccessLocked]) => Proof::Unknown,
        other => other,
    }
}

fn password_body(k: &Known) -> Vec<Part> {
    vec![
        values(
            k,
            &[
                ("Control login", "{user}"),
                ("CUCM login", "{cucm-user}"),
                ("Cluster", "{cluster}"),
            ],
        ),
        steps(
            k,
            &[
                "Open the cluster's settings here and type the password of `{user}` again; or let the CUCM login control phones too.",
                "If you do not know it: in CUCM open *User Management > Application User > {user}*, type a new *Password* twice, save, and type the same here.",
                "If the user is locked: on the same page press *Edit Credential*, clear *Locked By Administrator*, tick *Reset Hack Count*, save.",
            ],
        ),
        remedy("use-cucm-login", "Control phones with the CUCM login"),
        remedy("separate-control-login", "Control phones with a login of its own"),
        remedy("unlock-login", "Unlock the control login"),
        cluster_page(k, "Open the cluster's settings"),
    ]
}

fn association_body(k: &Known) -> Vec<Part> {
    vec![
        remedy("add-controlled-device", "Add the phone to the controlled devices"),
        remedy("add-controlled-device-for-visit", "Add it only for this visit"),
        say(k, "By hand in CUCM:"),
        steps(
            k,
            &[
                "Open *User Management > Application User > {user}* (an end user is under *User Management > End User*).",
                "In *Device Information* press *Device Association*, find `{phone}`, tick it, and press *Save Selected/Changes*.",
                "Go back to the user and press *Save*: without this the list is not kept.",
                "Wait a few seconds, then press *Check now*.",
            ],
        ),
        say(
            k,
            "Groups such as *Standard CTI Enabled* are asked for by some guides. Association alone is enough for phones, so a missing group is advice, not a failure.",
        ),
    ]
}

fn url_body(k: &Known) -> Vec<Part> {
    let mut parts = vec![
        say(
            k,
            "A phone takes the first of these that is set: its own secure URL, its own URL, the cluster's secure URL, the cluster's URL. A host name needs a name server that the phone can reach; an address does not.",
        ),
        values(
            k,
            &[
                ("Secured Authentication URL", "{auth-https}"),
                ("URL Authentication", "{auth-http}"),
            ],
        ),
        steps(
            k,
            &[
                "In Cisco Unified CM Administration open *System > Enterprise Parameters*, sections *Phone URL Parameters* and *Secured Phone URL Parameters*. They are not under Service Parameters.",
                "Compare path, case and port: `/ccmcip/authenticate.jsp` is case-sensitive; http belongs to `8080`, https to `8443`.",
                "Open *Device > Phone > {phone}*, section *External Data Locations Information*: *Authentication Server* and *Secure Authentication URL* should be empty unless this phone is meant to differ.",
                "Save, then reset the phone: it reads its URLs when it starts.",
            ],
        ),
        remedy(
            "set-authentication-url",
            "Give this phone an Authentication URL that works",
        ),
        remedy("clear-authentication-url", "Clear the phone's own Authentication URL"),
        guide(
            "enterprise-authentication-url",
            "Put an address into the cluster's Authentication URL",
        ),
    ];
    if k.blames(&[Cause::AuthenticationUrlThirdParty]) {
        let label = "The URL belongs to another server: go on with that wizard";
        parts.push(wizard(k, "foreign-authentication-url", label));
    }
    parts
}

fn new_user_body(k: &Known) -> Vec<Part> {
    vec![
        steps(
            k,
            &[
                "In CUCM open *User Management > Application User > Add New*. Choose a *User ID* and a *Password* of letters and digits.",
                "Under *Device Association* find and tick `{phone}`, press *Save Selected/Changes*, then *Save* on the user's page.",
                "Give this user as the control login of the cluster here, and press *Check now*.",
            ],
        ),
        guide("new-application-user", "Try a new application user"),
        cluster_page(k, "Open the cluster's settings"),
        say(k, "If it still fails and the URL is https, suspect the trust list."),
    ]
}

/// The steps.
pub(in super::super) const STEPS: &[Step] = &[
    Step {
        id: "look",
        title: "What the phone answers",
        why: "The phone's own answer tells most: error 0 means that it could not ask whom to obey, error 4 that it asked and the answer was no. Sidetone asks it, and CUCM, for everything at once.",
        checks: &[CheckId::Screenshot, CheckId::Identity, CheckId::PhoneRegistered],
        body: |k| {
            vec![
                say(
                    k,
                    "Steps that Sidetone can see to be right are ticked by themselves; you can open them all the same.",
                ),
                say(
                    k,
                    "Being registered is no condition: an unregistered phone with an address can be controlled too.",
                ),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "reachable",
        title: "Whether it can be asked at all",
        why: "Only a phone whose web server answers can refuse. If nothing answers, passwords and trust lists do not matter yet.",
        checks: &[CheckId::TcpHttp, CheckId::TcpHttps, CheckId::WebAccess],
        needed: refuses,
        proof: answers_at_all,
        body: |k| {
            vec![
                say(k, "If neither port opens, this is another trouble with its own wizard."),
                remedy("enable-web-access", "Turn on web access for this phone"),
                wizard(k, "no-web-connection", "Go on with: no web connection to the phone"),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "password",
        title: "Cause 1: the password",
        why: "The commonest cause is a wrong password in the product that asks. Name and password are case-sensitive, and a password that was changed in CUCM does not come here by itself.",
        checks: &[CheckId::ControlLogin],
        needed: refuses,
        proof: password,
        body: password_body,
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "association",
        title: "Cause 2: the controlled devices",
        why: "A phone obeys a user only if it is among that user's controlled devices. The right to control all phones by CTI does not replace this.",
        checks: &[CheckId::ControlledDevice, CheckId::LoginRoles],
        needed: refuses,
        proof: |k| k.proof(CheckId::ControlledDevice),
        body: association_body,
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "cucm-says-yes",
        title: "What CUCM itself answers",
        why: "A phone only passes the question on. Asked the same way by Sidetone, CUCM says whether login and association are right; then what is left is the way from the phone to CUCM.",
        checks: &[
            CheckId::AuthenticateHttps,
            CheckId::AuthenticateHttp,
            CheckId::ControlLogin,
        ],
        needed: refuses,
        proof: cucm_says,
        body: |k| {
            vec![
                say(
                    k,
                    "Only the exact word `AUTHORIZED` counts. `UN-AUTHORIZED` means: user, password or association. No answer means: the service does not run.",
                ),
                steps(
                    k,
                    &[
                        "If it does not answer: on the publisher `{publisher}` run `utils service list` and look at *Cisco Tomcat*; restart it with `utils service restart Cisco Tomcat`.",
                        "If it refuses although the two steps before are right: the change may be seconds old. Wait, and press *Check now*. A wrong password is tried at most once a look.",
                    ],
                ),
                guide("authenticate-service", "Bring CUCM's authenticate service back"),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "url",
        title: "Cause 3: the Authentication URL",
        why: "The phone asks the server of its Authentication URL. If it cannot find or reach that server, it refuses everybody: error 0, sometimes 4.",
        checks: &[CheckId::UrlInForce, CheckId::UrlHost, CheckId::UrlAnswer],
        reading: Some(Reading::Urls),
        needed: refuses,
        proof: |k| k.all_of(&[CheckId::UrlInForce, CheckId::UrlHost, CheckId::UrlAnswer]),
        body: url_body,
        end: SEEN,
    },
    Step {
        id: "reset",
        title: "Reset the phone after a change",
        why: "A phone reads its URLs when it starts. After any change of a URL field it must be reset before it is tried again.",
        checks: &[CheckId::Screenshot, CheckId::InCall],
        needed: refuses,
        proof: Known::proof_by_picture,
        body: |k| {
            vec![
                warning(k, "A reset ends a call on this phone. Ask the user first."),
                remedy("reset-phone", "Reset the phone"),
                say(
                    k,
                    "Wait until the phone is registered again, about a minute, then press *Check now*. If nothing was changed, go on without it.",
                ),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "trust",
        title: "Cause 4: the trust list",
        why: "An https Authentication URL is believed only if the phone's trust list (ITL) fits the cluster. A phone whose list does not fit stays registered, takes no configuration, and refuses control.",
        checks: &[
            CheckId::StatusMessages,
            CheckId::TrustHash,
            CheckId::ConfigurationTaken,
            CheckId::SettingsAccess,
        ],
        needed: refuses,
        proof: trusted,
        body: |k| {
            vec![
                say(
                    k,
                    "Look for *Trust List update failed* or *verification failure* among the phone's status messages. No such line does not prove that the list is right: only the last ten messages are kept.",
                ),
                wizard(k, "trust-list-trouble", "Go on with: trust list trouble"),
            ]
        },
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "by-hand",
        title: "Try it by hand",
        why: "A browser asks the phone the same question without Sidetone. What comes back tells whether this server or the phone is the matter.",
        needed: refuses,
        body: |k| {
            vec![
                values(k, &[("Address", "http://{address}/CGI/Screenshot"), ("User", "{user}")]),
                steps(
                    k,
                    &[
                        "Open the address in a browser of a PC that reaches the phones. It is case-sensitive: `CGI` and `Screenshot`.",
                        "Give the user above and its password.",
                        "Choose what came back.",
                    ],
                ),
            ]
        },
        end: End::Choose(BY_HAND),
        ..Step::PLAIN
    },
    Step {
        id: "new-user",
        title: "Try a new application user",
        why: "When user, password and association look right and the phone still says no, a fresh user excludes what cannot be seen in the old one.",
        checks: &[CheckId::Screenshot],
        needed: |k| refuses(k) && matches!(k.choice("by-hand"), "error-4" | "prompt"),
        proof: Known::proof_by_picture,
        body: new_user_body,
        end: SEEN,
        ..Step::PLAIN
    },
    Step {
        id: "end",
        title: "The end",
        why: "Either the phone obeys now, or everything is written down for whoever looks next.",
        checks: &[CheckId::Screenshot],
        proof: ended,
        body: ending,
        end: End::Last,
        ..Step::PLAIN
    },
];
