//! The services besides SOAP: authenticate.jsp, which phones ask, and UDS.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use secrecy::ExposeSecret;

use super::axl::refusal;
use super::client::Inner;
use super::error::{Error, Service, one_line};
use super::records::Authentication;
use super::transport::{MAX_SMALL_BYTES, send};
use super::{Login, Scheme, xml};
use crate::domain::device_name::DeviceName;

impl Inner {
    pub(super) async fn authenticate(
        &self,
        login: &Login,
        device: &DeviceName,
        scheme: Scheme,
    ) -> Result<Authentication, Error> {
        let password = login.password.expose_secret();
        let mut url = match scheme {
            Scheme::Https => self.url("/ccmcip/authenticate.jsp")?,
            Scheme::Http => self.http_url("/ccmcip/authenticate.jsp")?,
        };
        let encoded = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
        let query = format!(
            "UserID={}&Password={}&devicename={}",
            encoded(&login.username),
            encoded(password),
            encoded(device.as_str())
        );
        url.set_query(Some(&query));
        let answer = send(self.http.get(url), Service::Authentication, MAX_SMALL_BYTES).await?;
        if answer.status != 200 {
            return Err(refusal(&answer, Service::Authentication));
        }
        Ok(read_word(&answer.text(), password))
    }

    pub(super) async fn uds_version(&self) -> Result<String, Error> {
        let answer = send(
            self.http.get(self.url("/cucm-uds/version")?),
            Service::Uds,
            MAX_SMALL_BYTES,
        )
        .await?;
        if answer.status != 200 {
            return Err(refusal(&answer, Service::Uds));
        }
        let malformed = || Error::Malformed {
            service: Service::Uds,
            what: "no version".to_owned(),
        };
        let root = xml::read(&answer.text()).map_err(|_| malformed())?;
        let version = root.find("version").map(|version| one_line(version.text(), 40));
        version.filter(|version| !version.is_empty()).ok_or_else(malformed)
    }
}

/// Only exactly `AUTHORIZED` is a yes: the spellings of a no differ between releases.
pub(super) fn read_word(body: &str, password: &str) -> Authentication {
    let word = body.trim();
    let masked = if password.is_empty() {
        word.to_owned()
    } else {
        word.replace(password, "***")
    };
    Authentication {
        authorized: word == "AUTHORIZED",
        answer: one_line(&masked, 80),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_word_is_a_yes() {
        assert!(read_word(" AUTHORIZED\r\n", "pw").authorized);
        for no in [
            "UNAUTHORIZED",
            "Un-Authorized",
            "authorized",
            "AUTHORIZED!",
            "",
            "<html>AUTHORIZED</html>",
        ] {
            assert!(!read_word(no, "pw").authorized, "{no}");
        }
        assert_eq!(read_word("bad password s3cret", "s3cret").answer, "bad password ***");
    }
}
