//! Whether an Authentication URL is written as CUCM's must be: path and its case, port against scheme.

use url::Url;

use crate::cucm::AuthenticateForm;

/// CUCM's own ports, and those that a cluster is set to here in their place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ports {
    /// The cluster's port for https.
    pub(super) https: u16,
    /// The cluster's port for the authenticate service over http.
    pub(super) http: u16,
}

impl Ports {
    fn fit(self, scheme: &str, port: u16) -> bool {
        match scheme {
            "https" => port == self.https || matches!(port, 443 | 8443),
            _ => port == self.http || matches!(port, 80 | 8080),
        }
    }
}

/// What is wrong with a URL of a CUCM; none when it is right. Only the first of several faults.
pub(super) fn fault(url: &Url, ports: Ports) -> Option<String> {
    let scheme = url.scheme();
    if !matches!(scheme, "http" | "https") {
        return Some(format!("its scheme is {scheme}, not http or https"));
    }
    let right = AuthenticateForm::Jsp.path();
    let path = url.path();
    if path != right && path != AuthenticateForm::Plain.path() {
        return Some(if path.eq_ignore_ascii_case(right) {
            format!("its path is {path}: upper and lower case count, it must be {right}")
        } else {
            format!("its path is {path}, it must be {right}")
        });
    }
    let port = url.port_or_known_default()?;
    if ports.fit(scheme, port) {
        return None;
    }
    let other = if scheme == "https" { "http" } else { "https" };
    Some(if ports.fit(other, port) {
        format!("port {port} speaks {other}, and the URL says {scheme}")
    } else {
        format!("port {port} is none of CUCM's for {scheme}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_case_and_port_are_told() {
        let ports = Ports {
            https: 18443,
            http: 18080,
        };
        let found = |text: &str| fault(&text.parse().unwrap(), ports);
        for right in [
            "http://h:8080/ccmcip/authenticate.jsp",
            "https://h:8443/ccmcip/authenticate.jsp",
            "https://h/ccmcip/authenticate.jsp",
            "https://h:18443/ccmcip/authenticate.jsp",
            "http://h:18080/ccmcip/authenticate",
        ] {
            assert_eq!(found(right), None, "{right}");
        }
        for (wrong, words) in [
            ("http://h:8080/CCMCIP/authenticate.jsp", "upper and lower case"),
            ("http://h:8080/ccmcip/authenticate.asp", "it must be"),
            ("https://h:8080/ccmcip/authenticate.jsp", "port 8080 speaks http"),
            ("http://h:8443/ccmcip/authenticate.jsp", "port 8443 speaks https"),
            ("http://h:18443/ccmcip/authenticate.jsp", "port 18443 speaks https"),
            ("http://h:9090/ccmcip/authenticate.jsp", "none of CUCM's"),
            ("ftp://h/ccmcip/authenticate.jsp", "scheme"),
        ] {
            let fault = found(wrong).unwrap();
            assert!(fault.contains(words), "{wrong}: {fault}");
        }
    }
}
