//! Who asks, and the proof of what they may do.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::Failure;
use crate::http::middleware::identify::Identity;
use crate::security::{May, Needs, Viewer};

/// Somebody we know.
#[derive(Debug)]
pub struct Signed(pub Viewer);

impl<S: Send + Sync> FromRequestParts<S> for Signed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let viewer = parts
            .extensions
            .get::<Identity>()
            .and_then(|identity| identity.viewer.clone());
        viewer.map(Self).ok_or_else(Failure::unauthenticated)
    }
}

/// Somebody who may do `P`, with the proof.
#[derive(Debug)]
pub struct Can<P>(pub May<P>);

impl<S: Send + Sync, P: Needs> FromRequestParts<S> for Can<P> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Signed(viewer) = Signed::from_request_parts(parts, state).await?;
        viewer
            .may::<P>()
            .map(Self)
            .map_err(|denied| Failure::forbidden(format!("You are {}; {denied}.", viewer.role)))
    }
}
