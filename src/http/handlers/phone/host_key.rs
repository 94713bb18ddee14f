//! The SSH host key learned of a phone, and forgetting it.

use axum::response::Response;

use crate::domain::ids::PhoneId;
use crate::http::extract::Path;
use crate::http::failure::Failure;
use crate::http::pages::When;
use crate::http::pages::phone::HostKeyView;
use crate::http::visit::{self, Visit};
use crate::security::ManageClusters;

/// The key as the page shows it; none when none was learned.
pub(super) async fn view(visit: &Visit, id: PhoneId) -> Result<Option<HostKeyView>, Failure> {
    let learned = visit.app.inventory.learned_host_key(id).await?;
    Ok(learned.map(|learned| HostKeyView {
        key: learned.host_key.to_string(),
        learned_at: When::from_ms(learned.learned_at, visit.app.clock.now_ms()),
        may_forget: visit.viewer.may::<ManageClusters>().is_ok(),
    }))
}

/// Forgets the key, for a phone that was replaced or reset.
pub(super) async fn forget(visit: Visit, Path(id): Path<PhoneId>) -> Result<Response, Failure> {
    let may = visit.may::<ManageClusters>()?;
    let words = if visit.app.inventory.forget_host_key(&may, id).await? {
        "The SSH host key is forgotten. The next contact learns the phone's key anew."
    } else {
        "No SSH host key was known of this phone."
    };
    Ok(visit::done(&format!("/phones/{id}"), words))
}
