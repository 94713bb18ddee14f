//! The phone's own question to its Authentication URL: may this user control me?

use std::io;
use std::sync::atomic::Ordering;

use url::Url;

use super::Context;
use super::fetch::{self, Fetched};
use crate::simulator::fault::Fault;
use crate::simulator::models::Pages;

const MOST_BYTES: usize = 4_096;
/// The most redirects that a phone follows.
const MOST_REDIRECTS: usize = 2;

/// What came of the question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The exact word came.
    Authorized,
    /// Anything else came, or the server could not be trusted: error 4.
    Refused,
    /// The host name does not resolve, or nothing that speaks HTTP answered: error 0.
    Unreachable,
}

/// The name that the device at this address gives for itself.
pub(super) fn own_name(context: &Context) -> String {
    let wrong = context.faults.iter().find_map(|fault| match fault {
        Fault::WrongName(name) => Some(name.clone()),
        _ => None,
    });
    wrong.unwrap_or_else(|| context.phone.device.name.clone())
}

/// Asks.
pub(super) async fn ask(context: &Context, user: &str, password: &str) -> Verdict {
    let url = context.phone.authentication_url();
    // A blank URL lets everybody in.
    if url.is_empty() {
        return Verdict::Authorized;
    }
    let Ok(mut url) = Url::parse(&url) else {
        return Verdict::Refused;
    };
    if url.scheme() == "https" && context.faults.contains(&Fault::TrustListBroken) {
        return Verdict::Refused;
    }
    url.query_pairs_mut()
        .append_pair("UserID", user)
        .append_pair("Password", password)
        .append_pair("devicename", &own_name(context));
    context.phone.callbacks.fetch_add(1, Ordering::AcqRel);
    let patience = context.world.options.authentication_patience;
    match tokio::time::timeout(patience, follow(context, url)).await {
        Ok(Ok(Fetched::Page(page))) => {
            let readable = !page.marked || !context.faults.contains(&Fault::ReplyUnreadable);
            if readable && page.body == "AUTHORIZED" {
                Verdict::Authorized
            } else {
                Verdict::Refused
            }
        }
        Ok(Ok(Fetched::Elsewhere(_) | Fetched::Other)) => Verdict::Refused,
        Ok(Err(_)) | Err(_) => Verdict::Unreachable,
    }
}

/// Phones of the newer generations drop the parameters at a redirect.
async fn follow(context: &Context, mut url: Url) -> io::Result<Fetched> {
    let model = context.phone.device.model;
    let keeps = matches!(model.pages, Pages::Classic | Pages::Java | Pages::Static);
    for _ in 0..MOST_REDIRECTS {
        let reply = fetch::get(&context.world, &url, model.product, MOST_BYTES).await?;
        let Fetched::Elsewhere(to) = &reply else {
            return Ok(reply);
        };
        url = url.join(to).map_err(io::Error::other)?;
        if !keeps {
            url.set_query(None);
        }
    }
    fetch::get(&context.world, &url, model.product, MOST_BYTES).await
}
