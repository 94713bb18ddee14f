//! A person's visit to a page: who they are, what surrounds the page, and how it is answered.

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::cookies;
use super::failure::Failure;
use super::middleware::identify::Identity;
use super::pages::{self, Flash, Layout, Section};
use super::state::App;
use crate::security::{May, Needs, Viewer};

/// A visit of somebody who is signed in; everybody else is sent to the sign-in page.
#[derive(Debug)]
pub(super) struct Visit {
    /// The parts of the server.
    pub app: App,
    /// Who visits.
    pub viewer: Viewer,
    identity: Identity,
    headers: HeaderMap,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let visit = Anybody::from_request_parts(parts, app).await?;
        let viewer = visit.identity.viewer.clone().ok_or_else(Failure::unauthenticated)?;
        Ok(Self {
            app: visit.app,
            viewer,
            identity: visit.identity,
            headers: visit.headers,
        })
    }
}

impl Visit {
    /// The proof that the visitor may do `P`, or the page that says which role may.
    pub(super) fn may<P: Needs>(&self) -> Result<May<P>, Failure> {
        self.viewer
            .may::<P>()
            .map_err(|denied| not_allowed(&self.viewer, denied))
    }

    /// What surrounds the page.
    pub(super) fn layout(&self, title: &str, active: Section) -> Layout {
        layout(&self.app, Some(&self.identity), &self.headers, title, active)
    }

    /// Which part of the page was asked for, when the page's own script asks.
    pub(super) fn fragment(&self) -> Option<&str> {
        self.headers.get("x-fragment")?.to_str().ok()
    }

    /// How the request came here.
    pub(super) fn identity(&self) -> &Identity {
        &self.identity
    }
}

/// A visit of anybody, signed in or not.
#[derive(Debug)]
pub(super) struct Anybody {
    /// The parts of the server.
    pub app: App,
    /// Who it is, if anybody we know, and how the request came.
    pub identity: Identity,
    headers: HeaderMap,
}

impl FromRequestParts<App> for Anybody {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let identity = parts
            .extensions
            .get::<Identity>()
            .cloned()
            .ok_or_else(Failure::unauthenticated)?;
        Ok(Self {
            app: app.clone(),
            identity,
            headers: parts.headers.clone(),
        })
    }
}

impl Anybody {
    /// What surrounds the page.
    pub(super) fn layout(&self, title: &str) -> Layout {
        layout(&self.app, Some(&self.identity), &self.headers, title, Section::None)
    }
}

/// What surrounds a page for this request.
pub(super) fn layout(
    app: &App,
    identity: Option<&Identity>,
    headers: &HeaderMap,
    title: &str,
    active: Section,
) -> Layout {
    let viewer = identity.and_then(|identity| identity.viewer.as_ref());
    let in_clear = identity.is_some_and(|identity| !identity.arrival.secure && !identity.arrival.local);
    Layout {
        title: title.to_owned(),
        viewer: viewer.map(|viewer| pages::Viewer {
            name: viewer.name.clone(),
            role: viewer.role,
        }),
        csrf_token: viewer.and_then(Viewer::csrf_token).unwrap_or_default().to_owned(),
        active,
        flash: cookies::flash(headers),
        theme: cookies::theme(headers),
        plain_http: in_clear && app.config.server.allow_plain_http,
        demo: app.demo,
    }
}

fn not_allowed(viewer: &Viewer, denied: crate::security::Denied) -> Failure {
    let role = viewer.role;
    Failure::forbidden(format!(
        "You are signed in as {role}; this needs the role {}. Ask an admin to do it, or to change your role.",
        denied.least
    ))
}

/// A rendered page. It shows the message of the last answer, which is spent with it.
pub(super) fn html(page: &impl Template) -> Result<Response, Failure> {
    let body = page.render().map_err(|error| Failure::incident(&error))?;
    let mut response = ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response();
    cookies::clear_flash(&mut response);
    Ok(response)
}

/// A page that answers a refused form: what was typed is kept, the status says that nothing was done.
pub(super) fn refused(page: &impl Template) -> Result<Response, Failure> {
    let mut response = html(page)?;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(response)
}

/// A part of a page, for the page's own script.
pub(super) fn fragment(block: &impl Template) -> Result<Response, Failure> {
    let body = block.render().map_err(|error| Failure::incident(&error))?;
    Ok(([(header::CONTENT_TYPE, "text/html; charset=utf-8")], body).into_response())
}

/// Goes to a page after a form was served.
pub(super) fn see_other(path: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, path)]).into_response()
}

/// Goes to a page that says what was done.
pub(super) fn done(path: &str, text: impl Into<String>) -> Response {
    let mut response = see_other(path);
    cookies::set_flash(
        &mut response,
        &Flash {
            failed: false,
            text: text.into(),
        },
    );
    response
}

/// Goes to a page that says what could not be done.
pub(super) fn failed(path: &str, text: impl Into<String>) -> Response {
    let mut response = see_other(path);
    cookies::set_flash(
        &mut response,
        &Flash {
            failed: true,
            text: text.into(),
        },
    );
    response
}
