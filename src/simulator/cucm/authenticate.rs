//! `/ccmcip/authenticate.jsp`: may this user control this phone?

use std::collections::HashMap;

use hyper::header::{CONNECTION, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::{Method, Response};

use super::tomcat_page;
use crate::simulator::answer::{Body, whole};
use crate::simulator::cucm_fault::CucmFault;
use crate::simulator::world::{World, lock};

/// The headers of the recorded answer; the 69xx choke on their number.
const HEADERS: [(&str, &str); 5] = [
    ("x-frame-options", "SAMEORIGIN"),
    ("strict-transport-security", "max-age=31536000; includeSubdomains"),
    ("x-content-type-options", "nosniff"),
    ("x-xss-protection", "1; mode=block"),
    (
        "set-cookie",
        "JSESSIONID=0000000000000000000000000000; Path=/ccmcip; Secure; HttpOnly",
    ),
];

/// Answers with the exact word, for GET arguments and for POST forms.
pub(super) fn answer(world: &World, parts: &Parts, body: &[u8], secure: bool) -> Response<Body> {
    lock(&world.cucm).counts.authenticate += 1;
    let arguments = match parts.method {
        Method::GET => parts.uri.query().unwrap_or("").as_bytes(),
        Method::POST => body,
        _ => return tomcat_page(405, "Method Not Allowed"),
    };
    let arguments: HashMap<String, String> = url::form_urlencoded::parse(arguments)
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .collect();
    let argument = |name: &str| arguments.get(name).map_or("", String::as_str);
    let user = arguments
        .get("userid")
        .map_or_else(|| argument("username"), String::as_str);
    let good = may_control(world, user, argument("password"), argument("devicename"));
    let mut response = whole(200, "text/html", if good { "AUTHORIZED" } else { "UN-AUTHORIZED" });
    for (name, value) in HEADERS
        .into_iter()
        .filter(|(name, _)| secure || *name != "strict-transport-security")
    {
        let (name, value) = (HeaderName::from_static(name), HeaderValue::from_static(value));
        response.headers_mut().insert(name, value);
    }
    if !world.options.fast {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Association is enough, no role is asked for; a device that CUCM does not know is nobody's.
fn may_control(world: &World, user: &str, password: &str, device: &str) -> bool {
    let phone = world.phone(device).filter(|phone| !lock(&phone.state).deleted);
    let mut cucm = lock(&world.cucm);
    let rejected = cucm.faults.contains(&CucmFault::LoginRejected);
    let Some(user) = cucm.users.iter().find(|candidate| candidate.name == user) else {
        return false;
    };
    let right = user.password == password;
    let good = right && !user.is_locked() && phone.is_some_and(|phone| user.controls(phone));
    cucm.counts.wrong_passwords += usize::from(!right);
    good && !rejected
}
