//! The page that begins a wizard: for which phone, or which cluster.

use axum::response::Response;
use serde::Deserialize;

use super::kind;
use crate::diagnosis::wizards::{About, For, Kind, page_of};
use crate::domain::ids::{ClusterId, PhoneId};
use crate::http::extract::{Form, Path, Query};
use crate::http::failure::Failure;
use crate::http::pages::wizards::{BeginPage, PhoneChoice};
use crate::http::pages::{Choice, FieldErrors, Section};
use crate::http::visit::{self, Visit};
use crate::inventory::{Phone, Search};
use crate::security::{Diagnose, May};

/// Phones to choose from.
const OFFERED: u32 = 12;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
    phone: Option<i64>,
}

pub(super) async fn offer(
    visit: Visit,
    Path(word): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    let kind = kind(&word)?;
    let mut page = page(&visit, &may, kind, &asked.q).await?;
    if let Some(id) = asked.phone {
        let phone = visit.app.inventory.phone(&may, PhoneId(id)).await?;
        page.phones = vec![choice(&phone)];
        page.total = 1;
    }
    visit::html(&page)
}

async fn page(visit: &Visit, may: &May<Diagnose>, kind: Kind, q: &str) -> Result<BeginPage, Failure> {
    let inventory = &visit.app.inventory;
    let (mut phones, mut total, mut clusters) = (Vec::new(), 0, Vec::new());
    if kind.about() == About::Cluster {
        let seen = inventory.clusters(may).await?;
        clusters = seen
            .into_iter()
            .map(|cluster| Choice::new(cluster.id.to_string(), cluster.name))
            .collect();
    } else if !q.trim().is_empty() {
        let search = Search {
            q: q.to_owned(),
            limit: OFFERED,
            exact_total: true,
            ..Search::default()
        };
        let found = inventory.search(may, &search).await?;
        phones = found.phones.iter().map(choice).collect();
        total = found.total.count;
    }
    Ok(BeginPage {
        layout: visit.layout(kind.title(), Section::Wizards),
        kind,
        q: q.to_owned(),
        phones,
        total,
        clusters,
        errors: FieldErrors::default(),
    })
}

fn choice(phone: &Phone) -> PhoneChoice {
    let number = phone.lines.first().map(|line| line.dn.as_str()).unwrap_or_default();
    let who = if phone.owner.is_empty() {
        phone.description.as_str()
    } else {
        phone.owner.as_str()
    };
    let model = phone.model.trim_start_matches("Cisco ");
    let about = [who, number, model].into_iter().filter(|text| !text.is_empty());
    PhoneChoice {
        id: phone.id.0,
        name: phone.name.clone(),
        about: about.collect::<Vec<_>>().join(" · "),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fields {
    q: String,
    phone: String,
    cluster: String,
}

/// Begins with the phone that was chosen, or with the only one that what was typed finds.
pub(super) async fn begin(
    visit: Visit,
    Path(word): Path<String>,
    Form(fields): Form<Fields>,
) -> Result<Response, Failure> {
    let may = visit.may::<Diagnose>()?;
    let kind = kind(&word)?;
    let about = match kind.about() {
        About::Cluster => fields.cluster.parse().ok().map(|id| For::Cluster(ClusterId(id))),
        About::Phone if fields.phone.is_empty() => only(&visit, &may, &fields.q).await?,
        About::Phone => fields.phone.parse().ok().map(|id| For::Phone(PhoneId(id))),
    };
    let Some(about) = about else {
        let mut page = page(&visit, &may, kind, &fields.q).await?;
        let (field, words) = match (kind.about(), page.total) {
            (About::Cluster, _) => ("cluster", "Choose a cluster."),
            (_, 0) if fields.q.trim().is_empty() => ("q", "Write a name, number, user or address."),
            (_, 0) => ("q", "No phone fits."),
            _ => ("phone", "Several phones fit. Choose one."),
        };
        page.errors.add(field, words);
        return visit::refused(&page);
    };
    let begun = visit.app.wizards.begin(&may, kind, about).await?;
    Ok(visit::see_other(&page_of(begun.id, begun.step)))
}

async fn only(visit: &Visit, may: &May<Diagnose>, q: &str) -> Result<Option<For>, Failure> {
    if q.trim().is_empty() {
        return Ok(None);
    }
    let search = Search {
        q: q.to_owned(),
        limit: 2,
        ..Search::default()
    };
    let found = visit.app.inventory.search(may, &search).await?;
    Ok(match found.phones.as_slice() {
        [phone] => Some(For::Phone(phone.id)),
        _ => None,
    })
}
