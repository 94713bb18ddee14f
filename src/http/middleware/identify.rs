//! Who makes a request: a browser by its session cookie, a program by its token.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use secrecy::{ExposeSecret as _, SecretString};

use super::request_line::LoggedViewer;
use crate::http::failure::Failure;
use crate::http::origin::Arrival;
use crate::http::session_cookie;
use crate::http::state::App;
use crate::security::Viewer;

/// What a request proved itself with. Kept by long connections, to ask again.
#[derive(Debug, Clone)]
pub enum Credential {
    /// The value of the session cookie.
    Session(Arc<SecretString>),
    /// An API token.
    Token(Arc<SecretString>),
}

impl Credential {
    fn session(headers: &HeaderMap, arrival: &Arrival) -> Option<Self> {
        session_cookie::read(headers, arrival).map(|value| Self::Session(Arc::new(value)))
    }

    fn token(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
        let (scheme, token) = text.split_once(' ')?;
        let token = SecretString::from(token.trim().to_owned());
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| Self::Token(Arc::new(token)))
    }

    /// Who it belongs to now; none when it has ended.
    pub async fn viewer(&self, app: &App, arrival: &Arrival) -> Result<Option<Viewer>, Failure> {
        let address = Some(arrival.address);
        Ok(match self {
            Self::Session(value) => app.security.viewer_of_session(value.expose_secret(), address).await?,
            Self::Token(value) => app.security.viewer_of_token(value.expose_secret(), address).await?,
        })
    }
}

/// Who makes this request and how it came here; in the request's extensions.
#[derive(Debug, Clone)]
pub struct Identity {
    /// Who; none: nobody that we know.
    pub viewer: Option<Viewer>,
    /// The proof.
    pub credential: Option<Credential>,
    /// The way.
    pub arrival: Arrival,
}

impl Identity {
    /// Who it is now, for connections that outlive their request; none when the session or token has ended.
    pub async fn refresh(&self, app: &App) -> Option<Viewer> {
        self.credential
            .as_ref()?
            .viewer(app, &self.arrival)
            .await
            .ok()
            .flatten()
    }
}

/// Pages: the session cookie counts.
pub async fn by_cookie(State(app): State<App>, request: Request, next: Next) -> Response {
    identify(app, request, next, |parts, arrival| {
        Credential::session(&parts.headers, arrival)
    })
    .await
}

/// The API: only tokens count, so that no foreign page can use somebody's session.
pub async fn by_token(State(app): State<App>, request: Request, next: Next) -> Response {
    identify(app, request, next, |parts, _| Credential::token(&parts.headers)).await
}

/// The live channel: either counts; the handler compares the origin.
pub async fn by_either(State(app): State<App>, request: Request, next: Next) -> Response {
    identify(app, request, next, |parts, arrival| {
        Credential::token(&parts.headers).or_else(|| Credential::session(&parts.headers, arrival))
    })
    .await
}

async fn identify(
    app: App,
    request: Request,
    next: Next,
    find: impl FnOnce(&Parts, &Arrival) -> Option<Credential>,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let arrival = Arrival::of(&parts, &app.config.server);
    let credential = find(&parts, &arrival);
    let viewer = match &credential {
        None => None,
        Some(credential) => match credential.viewer(&app, &arrival).await {
            Ok(viewer) => viewer,
            Err(failure) => return failure.into_response(),
        },
    };
    let name = viewer.as_ref().map(|viewer| LoggedViewer(viewer.name.clone()));
    parts.extensions.insert(Identity {
        viewer,
        credential,
        arrival,
    });
    let mut response = next.run(Request::from_parts(parts, body)).await;
    if let Some(name) = name {
        response.extensions_mut().insert(name);
    }
    response
}
