//! Remedies that a person carries out, in the words of CUCM's pages and with this phone's values filled in.

mod clicks;
mod facts;
mod here;
mod logins;
mod network;
mod phone;
mod services;
mod trust;
mod urls;

use super::types::{Guide, GuideStep};
use super::{Case, RemedyId, Shared};
use facts::Facts;

/// A guide without what is the same for all.
struct Draft {
    why: String,
    steps: Vec<GuideStep>,
    phones_touched: Option<u64>,
}

impl Draft {
    fn new(why: impl Into<String>, steps: Vec<GuideStep>) -> Self {
        Self {
            why: why.into(),
            steps,
            phones_touched: Some(1),
        }
    }

    fn touching(self, phones_touched: Option<u64>) -> Self {
        Self { phones_touched, ..self }
    }
}

impl Shared {
    /// The steps of a remedy, for this phone. What CUCM does not tell is left for the person to look up.
    pub(super) async fn guide_of(&self, case: &Case, id: RemedyId) -> Guide {
        let facts = self.facts(case, id).await;
        let draft = draft(id, &facts);
        Guide {
            id,
            title: id.title(),
            why: draft.why,
            steps: draft.steps,
            phones_touched: draft.phones_touched,
        }
    }
}

fn draft(id: RemedyId, facts: &Facts) -> Draft {
    match id {
        RemedyId::AddControlledDevice | RemedyId::AddControlledDeviceForVisit => clicks::association(facts, id),
        RemedyId::EnableWebAccess => clicks::web_access(facts),
        RemedyId::SetAuthenticationUrl => clicks::set_url(facts),
        RemedyId::ClearAuthenticationUrl => clicks::clear_url(facts),
        RemedyId::ApplyConfiguration => clicks::push(facts, "Apply Config"),
        RemedyId::RestartPhone => clicks::push(facts, "Restart"),
        RemedyId::ResetPhone => clicks::push(facts, "Reset"),
        RemedyId::UnlockLogin => clicks::unlock(facts),
        RemedyId::AcceptCertificate => here::certificate(facts),
        RemedyId::UseCucmLogin => here::cucm_login(facts),
        RemedyId::SeparateControlLogin => here::control_login(facts),
        RemedyId::TakeAddress => here::take_address(facts),
        RemedyId::ControlByAddress => here::by_address(facts),
        RemedyId::EnterpriseAuthenticationUrl => urls::enterprise(facts),
        RemedyId::ThirdPartyServer => urls::third_party(facts),
        RemedyId::ShortReply => urls::short_reply(facts),
        RemedyId::TrustListByKeys => trust::by_keys(facts),
        RemedyId::TrustListBySsh => trust::by_ssh(facts),
        RemedyId::TrustListByFactoryReset => trust::by_factory_reset(facts),
        RemedyId::ItlResetCommand => trust::reset_command(facts),
        RemedyId::CertificatesBeforeMove => trust::before_move(facts),
        RemedyId::SettingsAccessBeforeUpgrade => trust::before_upgrade(facts),
        RemedyId::NewApplicationUser => logins::new_user(facts),
        RemedyId::LoginPassword => logins::password(facts),
        RemedyId::CucmRole => logins::roles(facts),
        RemedyId::CucmNetwork => network::to_cucm(facts),
        RemedyId::PhoneNetwork => network::to_phone(facts),
        RemedyId::ProxyInPath => network::proxy(facts),
        RemedyId::CucmTlsLevel => services::tls_level(facts),
        RemedyId::AxlService => services::axl(facts),
        RemedyId::RisService => services::ris(facts),
        RemedyId::RisQuota => services::ris_quota(facts),
        RemedyId::AuthenticateService => services::authenticate(facts),
        RemedyId::WebAccessInProfile => phone::web_access_in_profile(facts),
        RemedyId::PhoneFirmware => phone::firmware(facts),
        RemedyId::PhoneInCucm => phone::in_cucm(facts),
        RemedyId::Registration => phone::registration(facts),
        RemedyId::OtherWays => phone::other_ways(facts),
        RemedyId::WaitForPhone => phone::wait(facts),
        RemedyId::CollectForSupport => phone::collect(facts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_remedy_has_a_guide_with_steps_that_can_be_checked() {
        let facts = Facts::example();
        for id in RemedyId::ALL {
            let draft = draft(*id, &facts);
            assert!(draft.why.ends_with('.'), "{id}: {}", draft.why);
            assert!(!draft.steps.is_empty(), "{id}");
            for step in &draft.steps {
                assert!(step.text.ends_with('.'), "{id}: {}", step.text);
                assert!(!step.title.is_empty(), "{id}");
            }
            assert!(
                draft.steps.iter().any(|step| step.check.is_some()),
                "{id}: nothing to check"
            );
        }
    }

    #[test]
    fn values_of_this_phone_are_filled_in() {
        let facts = Facts::example();
        let association = draft(RemedyId::AddControlledDevice, &facts);
        let text = format!("{:?}", association.steps);
        assert!(
            text.contains("SEP001122334455") && text.contains("Application User"),
            "{text}"
        );
        let enterprise = draft(RemedyId::EnterpriseAuthenticationUrl, &facts);
        let values = &enterprise.steps[1].values;
        assert!(
            values
                .iter()
                .any(|(field, value)| field == "Secured Authentication URL"
                    && value.starts_with("https://10.0.0.1:8443/")),
            "{values:?}"
        );
        assert_eq!(draft(RemedyId::WebAccessInProfile, &facts).phones_touched, Some(42));
    }
}
