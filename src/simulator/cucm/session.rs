//! Logins of AXL and RIS: Basic, or the session cookie in its place.

use hyper::Response;
use hyper::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderValue, SET_COOKIE, WWW_AUTHENTICATE};

use super::tomcat_page;
use crate::simulator::answer::Body;
use crate::simulator::basic;
use crate::simulator::cucm_fault::{CucmFault, Service};
use crate::simulator::world::{World, lock};

const COOKIE_NAME: &str = "JSESSIONIDSSO";

/// A request that was let in.
pub(super) struct Session {
    /// The cookie of a session opened just now.
    fresh: Option<String>,
    /// Who asks.
    pub(super) user: String,
}

impl Session {
    /// Adds the cookie to the answer, where the session is new.
    pub(super) fn mark(self, mut response: Response<Body>) -> Response<Body> {
        let cookie = self
            .fresh
            .map(|id| format!("{COOKIE_NAME}={id}; Path=/; Secure; HttpOnly"));
        if let Some(cookie) = cookie.and_then(|cookie| HeaderValue::from_str(&cookie).ok()) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }
}

/// Lets a request in, or says why not: 401, 403, and 404 for a cookie that is no longer known.
pub(super) fn open(world: &World, headers: &HeaderMap, service: Service) -> Result<Session, Box<Response<Body>>> {
    let mut cucm = lock(&world.cucm);
    let cookie = cookie(headers);
    let known = cookie.as_ref().and_then(|id| cucm.sessions.get(id).cloned());
    let authorization = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (name, fresh) = match (authorization, known) {
        (Some(authorization), known) => {
            let Some((name, password)) = basic::decode(authorization) else {
                return Err(Box::new(unauthorized()));
            };
            let user = cucm.users.iter().find(|user| user.name == name);
            let wrong = user.is_some_and(|user| user.password != password);
            let good = user.is_some_and(|user| user.password == password && !user.is_locked());
            cucm.counts.wrong_passwords += usize::from(wrong);
            if !good || cucm.faults.contains(&CucmFault::LoginRejected) {
                return Err(Box::new(unauthorized()));
            }
            (name, known.is_none())
        }
        (None, Some(name)) => (name, false),
        (None, None) if cookie.is_some() => return Err(Box::new(tomcat_page(404, "Not Found"))),
        (None, None) => return Err(Box::new(unauthorized())),
    };
    let allowed = cucm.users.iter().any(|user| user.name == name && user.api);
    if !allowed || cucm.faults.contains(&CucmFault::Forbidden(service)) {
        return Err(Box::new(tomcat_page(403, "Forbidden")));
    }
    let fresh = fresh.then(|| {
        cucm.counts.sessions_opened += 1;
        let id = format!(
            "{:032X}",
            0x5EED_0000_u64 + u64::try_from(cucm.counts.sessions_opened).unwrap_or(0)
        );
        cucm.sessions.insert(id.clone(), name.clone());
        id
    });
    Ok(Session { fresh, user: name })
}

fn cookie(headers: &HeaderMap) -> Option<String> {
    let texts = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(';')).find_map(|pair| {
        pair.trim()
            .strip_prefix(COOKIE_NAME)?
            .strip_prefix('=')
            .map(str::to_owned)
    })
}

fn unauthorized() -> Response<Body> {
    let mut page = tomcat_page(401, "Unauthorized");
    page.headers_mut().insert(
        WWW_AUTHENTICATE,
        HeaderValue::from_static("Basic realm=\"Cisco Web Services Realm\""),
    );
    page
}
