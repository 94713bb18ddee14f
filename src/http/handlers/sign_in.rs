//! Signing in and out, and the one-time set-up.

use axum::Router;
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{Response as HttpResponse, StatusCode};
use axum::response::Response;
use axum::routing::{get, post};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::people::sentence;
use crate::http::extract::{Form, Query};
use crate::http::failure::Failure;
use crate::http::pages::FieldErrors;
use crate::http::pages::sign_in::{LoginPage, SetupPage};
use crate::http::session_cookie;
use crate::http::state::App;
use crate::http::visit::{self, Anybody};
use crate::security::{PeopleError, SHORTEST, SetupError, SignInError, SignedIn};

/// Where people go when nothing else was asked for.
const HOME: &str = "/phones";

/// The routes of this file.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/", get(home))
        .route("/login", get(login).post(sign_in))
        .route("/logout", post(sign_out))
        .route("/setup", get(setup).post(set_up))
}

async fn home() -> Response {
    visit::see_other(HOME)
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    next: String,
}

async fn login(visit: Anybody, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let next = own_path(&asked.next);
    if visit.identity.viewer.is_some() {
        return Ok(visit::see_other(next.unwrap_or(HOME)));
    }
    refuse_in_clear(&visit)?;
    let waits = visit.app.security.needs_setup().await?;
    visit::html(&LoginPage {
        layout: visit.layout("Sign in"),
        name: String::new(),
        next: next.unwrap_or_default().to_owned(),
        error: waits.then(|| {
            "Nobody has an account here yet. Open the set-up link that the server printed when it started.".to_owned()
        }),
        wait_s: None,
    })
}

#[derive(Debug, Deserialize)]
struct Login {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    next: String,
}

async fn sign_in(visit: Anybody, Form(form): Form<Login>) -> Result<Response, Failure> {
    refuse_in_clear(&visit)?;
    let address = Some(visit.identity.arrival.address);
    let next = own_path(&form.next);
    let answer = visit.app.security.sign_in(&form.name, &form.password, address).await;
    let refusal = match answer {
        Ok(signed_in) => return Ok(welcome(&visit, &signed_in, next.unwrap_or(HOME))),
        Err(error) => error,
    };
    let mut page = LoginPage {
        layout: visit.layout("Sign in"),
        name: form.name,
        next: next.unwrap_or_default().to_owned(),
        error: Some(sentence(&refusal)),
        wait_s: None,
    };
    match refusal {
        SignInError::Refused => visit::refused(&page),
        SignInError::TooMany { wait } => {
            let seconds = wait.as_secs().max(1);
            page.wait_s = Some(seconds);
            let mut response = visit::html(&page)?;
            throttled(&mut response, seconds);
            Ok(response)
        }
        error => Err(Failure::incident(&error)),
    }
}

/// Makes the answer say when to try again.
pub(super) fn throttled<B>(response: &mut HttpResponse<B>, seconds: u64) {
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
}

async fn sign_out(visit: Anybody) -> Result<Response, Failure> {
    if let Some(viewer) = &visit.identity.viewer {
        visit.app.security.sign_out(viewer).await?;
    }
    let mut response = visit::see_other("/login");
    session_cookie::clear(&mut response, &visit.identity.arrival);
    response.headers_mut().insert(
        HeaderName::from_static("clear-site-data"),
        HeaderValue::from_static("\"cache\", \"storage\""),
    );
    Ok(response)
}

#[derive(Debug, Deserialize)]
struct Link {
    #[serde(default)]
    token: SecretString,
}

async fn setup(visit: Anybody, Query(link): Query<Link>) -> Result<Response, Failure> {
    refuse_in_clear(&visit)?;
    if !visit.app.security.setup_link_fits(link.token.expose_secret()).await? {
        return spent(&visit);
    }
    visit::html(&setup_page(&visit, &link.token, String::new()))
}

#[derive(Debug, Deserialize)]
struct FirstAdmin {
    #[serde(default)]
    token: SecretString,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    password_again: SecretString,
}

async fn set_up(visit: Anybody, Form(form): Form<FirstAdmin>) -> Result<Response, Failure> {
    refuse_in_clear(&visit)?;
    let security = &visit.app.security;
    let token = form.token.expose_secret();
    if !security.setup_link_fits(token).await? {
        return spent(&visit);
    }
    let mut page = setup_page(&visit, &form.token, form.name.clone());
    if form.password.expose_secret() != form.password_again.expose_secret() {
        page.errors.add("password_again", "The two passwords differ.");
        return visit::refused(&page);
    }
    let address = Some(visit.identity.arrival.address);
    match security.set_up(token, &form.name, &form.password, address).await {
        Ok(signed_in) => Ok(welcome(&visit, &signed_in, HOME)),
        Err(SetupError::InvalidLink) => spent(&visit),
        Err(SetupError::People(error)) => {
            let field = match &error {
                PeopleError::Name(_) | PeopleError::NameTaken => "name",
                PeopleError::Password(_) => "password",
                error => return Err(Failure::incident(error)),
            };
            page.errors.add(field, sentence(&error));
            visit::refused(&page)
        }
    }
}

fn setup_page(visit: &Anybody, token: &SecretString, name: String) -> SetupPage {
    SetupPage {
        layout: visit.layout("Set up"),
        token: token.expose_secret().to_owned(),
        name,
        password_min: SHORTEST,
        errors: FieldErrors::default(),
        spent: false,
    }
}

/// The link was used, is too old, or never was ours.
fn spent(visit: &Anybody) -> Result<Response, Failure> {
    let page = SetupPage {
        spent: true,
        ..setup_page(visit, &SecretString::default(), String::new())
    };
    let mut response = visit::html(&page)?;
    *response.status_mut() = StatusCode::GONE;
    Ok(response)
}

fn welcome(visit: &Anybody, signed_in: &SignedIn, path: &str) -> Response {
    let mut response = visit::see_other(path);
    session_cookie::set(&mut response, &visit.identity.arrival, &signed_in.token);
    response
}

/// No password is asked for where others on the way could read it.
fn refuse_in_clear(visit: &Anybody) -> Result<(), Failure> {
    if visit.identity.arrival.may_sign_in(&visit.app.config.server) {
        return Ok(());
    }
    Err(Failure::new(
        StatusCode::FORBIDDEN,
        "Signing in needs https",
        "This request came over plain http and not straight from the server's own machine, so a password could be read \
         on its way. Put a reverse proxy with https in front and name it in server.trusted_proxies, or open the page on \
         the server itself. On a network you trust, server.allow_plain_http = true allows it.",
    ))
}

/// A path that leads nowhere but to a page of ours: browsers read `//` and `/\` as the start of another host, and drop
/// control characters before they look.
fn own_path(text: &str) -> Option<&str> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    (plain && text.starts_with('/') && !text.starts_with("//")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_ours_are_gone_to() {
        for path in ["/", "/phones/7?tab=facts", "/activity?user=1&phone=%2f"] {
            assert_eq!(own_path(path), Some(path));
        }
        for other in [
            "",
            "phones",
            "//evil.example",
            "/\\evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "/a\r\nb",
            " /phones",
        ] {
            assert_eq!(own_path(other), None, "{other:?}");
        }
    }
}
