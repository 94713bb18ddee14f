//! The ways to a fitting trust list, a step each.

use super::super::known::Known;
use super::super::step::{Part, Step};
use super::{danger, done, guide, list, phone_page, say, steps, values, warning};

fn menu(k: &Known) -> Vec<Part> {
    vec![
        danger(
            k,
            "Never send digits from a list blindly",
            "The numbers of menu rows move with model and firmware. In the same menu one digit deletes the trust list and its neighbour resets the phone to the factory. Read the row's name on the screen before each step; if you cannot see the screen, let the user read it to you.",
        ),
        say(k, "Where it stands, by family. Choose rows by their names:"),
        values(
            k,
            &[
                (
                    "7906, 7911",
                    "Applications > Settings > Security Configuration > Trust List > ITL File",
                ),
                (
                    "7941 to 7975",
                    "Settings > Security Configuration > Trust List > ITL File > Erase (unlock first, see below)",
                ),
                (
                    "78xx, 88xx",
                    "Applications > Admin settings > Reset settings > Security settings > Reset",
                ),
                (
                    "8961, 99xx",
                    "Applications > Administrator Settings > Reset Settings > Security Settings > Reset",
                ),
            ],
        ),
        list(
            k,
            &[
                "On 79xx phones the lock in the corner must be open: `**#` opens and closes it. Press it once and look; wait ten seconds before you press it again.",
                "`**#**` is not the same: it restarts the phone.",
                "*Network settings* and *All settings* in the same list are not what you want.",
                "After the last key the phone restarts, and the connection breaks: that is how it should be.",
            ],
        ),
        phone_page(k, "Open the phone: screen and keys"),
        guide("trust-list-by-keys", "Delete the trust list at the phone"),
    ]
}

fn ssh(k: &Known) -> Vec<Part> {
    vec![
        warning(
            k,
            "The phone must have SSH access already: one that takes no configuration will not learn of it now. Not on 7900 phones.",
        ),
        values(
            k,
            &[
                (
                    "In CUCM",
                    "Device > Phone > {phone} > Secure Shell Information: Secure Shell User, Secure Shell Password",
                ),
                ("And", "Product Specific Configuration Layout > SSH Access = Enabled"),
                ("Command", "ssh USER@{address}"),
                ("Second login", "debug, password debug"),
            ],
        ),
        steps(
            k,
            &[
                "Log in with the Secure Shell user, then with the second login that the phone asks for.",
                "Keys are sent one by one, such as `phone key 551` for Settings, `513` for 0, `514` to `522` for 1 to 9, `526` to `529` for the softkeys.",
                "Walk the same menu as on the phone, and let somebody at the phone read each screen: these keys are as blind as a list of digits.",
                "When it has restarted, close the session.",
            ],
        ),
        guide("trust-list-by-ssh", "Delete the trust list over SSH"),
    ]
}

fn factory(k: &Known) -> Vec<Part> {
    vec![
        danger(
            k,
            "The phone starts from nothing",
            "A factory reset deletes its trust list and everything that was set on the phone itself: its own network settings, ring tones, background, call lists. It cannot be taken back, and without DHCP and TFTP on the phone's network it will not come up again.",
        ),
        say(
            k,
            "With the menu open (88xx, 99xx): *Admin settings > Reset settings > All settings*. With the menu locked, by power:",
        ),
        steps(
            k,
            &[
                "Ask for DHCP with option 150 on the phone's network; a phone with typed-in addresses loses them.",
                "Unplug the phone. Hold `#` while plugging it in again, until the line lamps blink.",
                "Release `#` and within 60 seconds press `123456789*0#`. A key pressed twice does not matter.",
                "The lamps change colour when it is accepted. Leave it alone until it shows its lines: up to ten minutes.",
                "7940 and 7960 ask afterwards whether to keep the network configuration: `1` yes, `2` no.",
                "7970 and 7971: use a power brick. On power from the switch the recovery load cannot start.",
            ],
        ),
        guide(
            "trust-list-by-factory-reset",
            "Delete the trust list by a factory reset",
        ),
    ]
}

/// CUCM signs anew.
pub(super) const COMMAND: Step = Step {
    id: "command",
    title: "Let CUCM sign the list anew",
    why: "The recovery key signs a list that every phone accepts which ever had a list of this cluster: phones with locked settings too, without a key pressed.",
    needed: |k| k.choice("way") == "command",
    body: |k| {
        vec![
            danger(
                k,
                "All phones of the cluster restart",
                "Do it out of hours. Phones reset in the course of it; calls end.",
            ),
            steps(
                k,
                &[
                    "Log in to the publisher `{publisher}` by SSH as the platform administrator.",
                    "Run `show itl` and note the last line: whether the list was signed by a certificate that phones trust.",
                    "Run `utils itl reset localkey`. If the publisher was rebuilt, import its recovery key first and run `utils itl reset remotekey` with its place.",
                    "Restart *Cisco Trust Verification Service* and *Cisco Tftp* on every node that runs them: *Cisco Unified Serviceability > Tools > Control Center - Feature Services* and *Network Services*.",
                    "Reset phones in batches: *System > Device Pool*, one pool after the other, *Reset*.",
                    "When the phones are back, restart the same services once more, so that the ordinary list is served again, and reset the phones again.",
                ],
            ),
            say(
                k,
                "From CUCM 12.5 on, the certificate *ITLRecovery* does this; see that it is there before you need it.",
            ),
            guide("itl-reset-command", "Let CUCM sign the trust list anew for every phone"),
        ]
    },
    end: done("The command ran, services were restarted, and the phones were reset."),
    ..Step::PLAIN
};

/// By the menu.
pub(super) const MENU: Step = Step {
    id: "menu",
    title: "Delete it in the phone's menu",
    why: "On one phone with open settings this is the shortest way. You see the screen here, so nobody has to press blindly.",
    needed: |k| k.choice("way") == "menu",
    body: menu,
    end: done("The list was deleted, and the phone restarted."),
    ..Step::PLAIN
};

/// By SSH.
pub(super) const SSH: Step = Step {
    id: "ssh",
    title: "Delete it over SSH",
    why: "A phone whose web server is off can still be reached by SSH, if that was allowed before.",
    needed: |k| k.choice("way") == "ssh",
    body: ssh,
    end: done("The list was deleted, and the phone restarted."),
    ..Step::PLAIN
};

/// By a factory reset.
pub(super) const FACTORY: Step = Step {
    id: "factory",
    title: "Reset the phone to the factory",
    why: "With locked settings and one phone, nothing else is left.",
    needed: |k| k.choice("way") == "factory",
    body: factory,
    end: done("The phone was reset and shows its lines again."),
    ..Step::PLAIN
};

/// Around it.
pub(super) const HTTP: Step = Step {
    id: "http",
    title: "An http Authentication URL in both fields",
    why: "Over http the phone checks no certificate, so a trust list that does not fit does not matter for control.",
    needed: |k| k.choice("way") == "http",
    body: |k| {
        vec![
            warning(
                k,
                "Name and password of the control login then cross the voice network in clear with every request. And the trust list stays as it is: configuration is still not taken.",
            ),
            values(k, &[("Both Authentication URLs", "{auth-http}")]),
            list(
                k,
                &[
                    "A phone that takes no configuration does not learn of the new URL either: this helps phones that were reset since, and those not yet struck.",
                    "For this phone alone: its own URL, by the remedy below.",
                    "For all: *System > Enterprise Parameters > Secured Phone URL Parameters > Secured Authentication URL*, then reset the phones.",
                ],
            ),
            super::remedy(
                "set-authentication-url",
                "Give this phone an Authentication URL that works",
            ),
            guide(
                "enterprise-authentication-url",
                "Put an address into the cluster's Authentication URL",
            ),
        ]
    },
    end: done("The URL is set, and the phone was reset."),
    ..Step::PLAIN
};
