//! One's own account: password, tokens, sessions.

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;

use super::people::{cluster_choices, sentence};
use super::sign_in::throttled;
use crate::domain::ids::TokenId;
use crate::http::extract::{Form, Path};
use crate::http::failure::Failure;
use crate::http::pages::people::{AccountPage, NewToken, SessionRow, TokenRow};
use crate::http::pages::{FieldErrors, Section, When};
use crate::http::session_cookie;
use crate::http::state::App;
use crate::http::visit::{self, Visit};
use crate::security::{PeopleError, SHORTEST, Session, Token, TokenError};

const HERE: &str = "/account";

/// The routes of this file.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route(HERE, get(show))
        .route("/account/password", post(change_password))
        .route("/account/tokens", post(add_token))
        .route("/account/tokens/{id}/revocation", post(revoke_token))
        .route("/account/sessions/end", post(end_other_sessions))
}

async fn show(visit: Visit) -> Result<Response, Failure> {
    visit::html(&page(&visit).await?)
}

#[derive(Debug, Deserialize)]
struct PasswordChange {
    #[serde(default)]
    current: SecretString,
    #[serde(default)]
    password: SecretString,
    #[serde(default)]
    password_again: SecretString,
}

async fn change_password(visit: Visit, Form(form): Form<PasswordChange>) -> Result<Response, Failure> {
    if form.password.expose_secret() != form.password_again.expose_secret() {
        return refused(&visit, "password_again", "The two passwords differ.").await;
    }
    let security = &visit.app.security;
    let changed = security
        .change_own_password(&visit.viewer, &form.current, &form.password)
        .await;
    match changed {
        Ok(signed_in) => {
            let mut response = visit::done(HERE, "Your password is changed. Your other sessions have ended.");
            session_cookie::set(&mut response, &visit.identity().arrival, &signed_in.token);
            Ok(response)
        }
        Err(error @ PeopleError::WrongPassword) => refused(&visit, "current", sentence(&error)).await,
        Err(error @ PeopleError::Password(_)) => refused(&visit, "password", sentence(&error)).await,
        Err(error @ PeopleError::TooMany { wait }) => {
            let mut response = refused(&visit, "current", sentence(&error)).await?;
            throttled(&mut response, wait.as_secs().max(1));
            Ok(response)
        }
        Err(PeopleError::UnknownUser) => Err(Failure::unauthenticated()),
        Err(error) => Err(Failure::incident(&error)),
    }
}

#[derive(Debug, Deserialize)]
struct Label {
    #[serde(default)]
    label: String,
}

/// The token is on the answer itself and nowhere else: a redirect would have to keep it somewhere.
async fn add_token(visit: Visit, Form(form): Form<Label>) -> Result<Response, Failure> {
    let viewer = &visit.viewer;
    match visit.app.security.add_token(viewer, viewer.user, &form.label).await {
        Ok(token) => visit::html(&AccountPage {
            new_token: Some(NewToken {
                label: form.label.trim().to_owned(),
                token: token.text.expose_secret().to_owned(),
            }),
            ..page(&visit).await?
        }),
        Err(error @ (TokenError::InvalidLabel | TokenError::TooMany)) => {
            let mut page = page(&visit).await?;
            page.errors.add("label", sentence(&error));
            page.label = form.label;
            visit::refused(&page)
        }
        Err(error) => Err(token_failure(&error)),
    }
}

async fn revoke_token(visit: Visit, Path(id): Path<i64>) -> Result<Response, Failure> {
    let viewer = &visit.viewer;
    let revoked = visit.app.security.revoke_token(viewer, viewer.user, TokenId(id)).await;
    revoked.map_err(|error| token_failure(&error))?;
    Ok(visit::done(HERE, "The token is revoked."))
}

async fn end_other_sessions(visit: Visit) -> Result<Response, Failure> {
    let security = &visit.app.security;
    let this = visit.viewer.session_key();
    for session in security.own_sessions(&visit.viewer).await? {
        if Some(session.key) != this {
            security.end_own_session(&visit.viewer, session.key).await?;
        }
    }
    Ok(visit::done(HERE, "Your other sessions have ended."))
}

fn token_failure(error: &TokenError) -> Failure {
    match error {
        TokenError::UnknownToken => Failure::not_found("token"),
        TokenError::UnknownUser => Failure::unauthenticated(),
        TokenError::Denied(denied) => Failure::forbidden(sentence(denied)),
        error => Failure::incident(error),
    }
}

async fn refused(visit: &Visit, field: &'static str, message: impl Into<String>) -> Result<Response, Failure> {
    let mut page = page(visit).await?;
    page.errors.add(field, message);
    visit::refused(&page)
}

async fn page(visit: &Visit) -> Result<AccountPage, Failure> {
    let (app, viewer) = (&visit.app, &visit.viewer);
    let now = app.clock.now_ms();
    let tokens = app.security.tokens_of(viewer, viewer.user).await;
    let tokens = tokens.map_err(|error| token_failure(&error))?;
    let mut sessions: Vec<_> = app.security.own_sessions(viewer).await?;
    // This one first; the sort is stable and leaves the others newest first.
    sessions.sort_by_key(|session| Some(session.key) != viewer.session_key());
    let sessions = sessions.iter().map(|session| session_row(visit, session, now));
    Ok(AccountPage {
        layout: visit.layout("Your account", Section::Account),
        clusters: own_clusters(visit).await?,
        tokens: tokens.into_iter().map(|token| token_row(token, now)).collect(),
        new_token: None,
        label: String::new(),
        sessions: sessions.collect(),
        errors: FieldErrors::default(),
        password_min: SHORTEST,
    })
}

/// The names of the clusters the viewer is limited to; empty when they see all.
async fn own_clusters(visit: &Visit) -> Result<Vec<String>, Failure> {
    if visit.viewer.clusters.is_none() {
        return Ok(Vec::new());
    }
    let choices = cluster_choices(&visit.app, &visit.viewer).await?;
    let names: Vec<_> = choices.into_iter().map(|choice| choice.label).collect();
    Ok(if names.is_empty() {
        vec!["no cluster".to_owned()]
    } else {
        names
    })
}

fn token_row(token: Token, now: i64) -> TokenRow {
    TokenRow {
        id: token.id.0,
        label: token.label,
        created_at: When::from_ms(token.created_at, now),
        last_used_at: token.last_used_at.map(|at| When::from_ms(at, now)),
    }
}

fn session_row(visit: &Visit, session: &Session, now: i64) -> SessionRow {
    SessionRow {
        address: session.address.clone(),
        created_at: When::from_ms(session.created_at, now),
        last_seen_at: When::from_ms(session.last_seen_at, now),
        current: Some(session.key) == visit.viewer.session_key(),
    }
}
