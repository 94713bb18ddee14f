//! An authentication server of another maker, as paging servers bring one: it has a user of its own, and passes every
//! other on to CUCM by a redirect.

use std::collections::HashMap;
use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::header::{HeaderValue, LOCATION};
use hyper::{Request, Response};

use super::answer::{Answer, Body, whole};
use super::options::{LoginSummary, ThirdPartySummary};
use super::world::{World, lock};

/// Where it listens: no node of the cluster.
pub(super) const ADDRESS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const PATH: &str = "/InformaCast/phone/auth/";
const USER: &str = "informacast";
const PASSWORD: &str = "Page-Auth-8081";

/// Its URL, for an Authentication URL.
pub(super) fn url(world: &World) -> String {
    format!("http://{ADDRESS}:{}{PATH}", world.ports.third_party)
}

/// Whether a URL is this server's.
pub(super) fn is_url(url: &str) -> bool {
    url.strip_prefix("http://")
        .and_then(|rest| rest.strip_prefix(&ADDRESS.to_string()))
        .is_some_and(|rest| rest.starts_with(':'))
}

pub(super) fn summary(world: &World) -> ThirdPartySummary {
    ThirdPartySummary {
        authentication_url: url(world),
        login: LoginSummary {
            purpose: "user of the third-party authentication server",
            username: USER.to_owned(),
            password: PASSWORD.to_owned(),
        },
    }
}

/// Answers a phone, with as few headers as a small server sends.
pub(super) fn answer(world: &Arc<World>, request: &Request<Incoming>) -> Answer {
    if request.uri().path() != PATH {
        return Ok(whole(404, "text/plain", "Not Found"));
    }
    let query = request.uri().query().unwrap_or("");
    let arguments: HashMap<String, String> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.into_owned()))
        .collect();
    let argument = |name: &str| arguments.get(name).map_or("", String::as_str);
    if argument("userid") != USER {
        return passed_on(world, query);
    }
    let verdict = if argument("password") == PASSWORD {
        "AUTHORIZED"
    } else {
        "UNAUTHORIZED"
    };
    Ok(whole(200, "text/plain", verdict))
}

fn passed_on(world: &World, query: &str) -> Answer {
    let service = lock(&world.cucm).cluster.parameters.get("URLAuthentication").cloned();
    let to = format!("{}?{query}", service.unwrap_or_default());
    let mut response: Response<Body> = whole(302, "text/plain", "");
    let to = HeaderValue::from_str(&to).map_err(io::Error::other)?;
    response.headers_mut().insert(LOCATION, to);
    Ok(response)
}
