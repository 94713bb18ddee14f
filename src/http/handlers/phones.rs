//! The list of phones, and control by address.

mod filters;

use std::net::Ipv4Addr;

use axum::Router;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::domain::cause::Cause;
use crate::domain::ids::ClusterId;
use crate::domain::phone::{ReadinessState, RegistrationStatus};
use crate::http::extract::{Form, Query};
use crate::http::failure::Failure;
use crate::http::pages::phones::{ByAddressForm, Empty, PhoneQuery, PhoneRow, PhonesPage, SaveFilterForm};
use crate::http::pages::{Choice, FieldErrors, Section};
use crate::http::state::App;
use crate::http::visit::{self, Visit};
use crate::inventory::{self, At, Cluster, Phone, Search, Sort, parse_sort};
use crate::security::{PressKeys, SeePhones};

/// Rows of a page.
const PAGE_SIZE: u32 = 50;
/// The most phones that are selected one by one; more are chosen by a search.
const MOST_SELECTED: usize = 1_000;

pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/phones", get(list))
        .route("/phones/by-address", post(by_address))
        .route("/phones/filters", post(filters::save))
        .route("/phones/filters/{id}/removal", post(filters::remove))
}

/// The address line of the list. Values that mean nothing are refused: a filter that is silently dropped shows too much.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    q: String,
    cluster: String,
    model: String,
    status: String,
    readiness: String,
    cause: String,
    sort: String,
    page: Option<u64>,
    ids: Vec<String>,
}

impl Asked {
    /// The numbers of the phones that were selected, each once; what is no number is left out.
    fn selected(&self) -> String {
        let mut ids = Vec::new();
        let numbers = self.ids.iter().flat_map(|list| list.split(','));
        for id in numbers.filter_map(|word| word.trim().parse::<i64>().ok()) {
            if !ids.contains(&id) && ids.len() < MOST_SELECTED {
                ids.push(id);
            }
        }
        ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    fn query(&self) -> PhoneQuery {
        let sort = if self.sort.is_empty() {
            PhoneQuery::default().sort
        } else {
            self.sort.clone()
        };
        PhoneQuery {
            q: self.q.clone(),
            cluster: self.cluster.clone(),
            model: self.model.clone(),
            status: self.status.clone(),
            readiness: self.readiness.clone(),
            cause: self.cause.clone(),
            sort,
            page: self.page.unwrap_or(1).max(1),
            ids: self.selected(),
        }
    }
}

/// What a query asks of the inventory.
pub(super) fn search(query: &PhoneQuery) -> Result<Search, Failure> {
    let unknown = |what: &str, word: &str| Failure::malformed(format!("There is no {what} {word:?}."));
    let word = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let cluster = word(&query.cluster)
        .map(|text| text.parse().map(ClusterId).map_err(|_| unknown("cluster", &text)))
        .transpose()?;
    let status = word(&query.status)
        .map(|text| {
            find(RegistrationStatus::ALL, RegistrationStatus::as_str, &text).ok_or_else(|| unknown("status", &text))
        })
        .transpose()?;
    let readiness = word(&query.readiness)
        .map(|text| find(ReadinessState::ALL, ReadinessState::as_str, &text).ok_or_else(|| unknown("readiness", &text)))
        .transpose()?;
    let cause = word(&query.cause)
        .map(|text| text.parse::<Cause>().map_err(|_| unknown("cause", &text)))
        .transpose()?;
    Ok(Search {
        q: query.q.clone(),
        cluster,
        model: word(&query.model),
        status,
        readiness,
        cause,
        sort: sort(&query.sort).ok_or_else(|| unknown("sort", &query.sort))?,
        at: At::Page(query.page),
        limit: PAGE_SIZE,
        exact_total: true,
    })
}

fn find<T: Copy>(all: &[T], name: fn(T) -> &'static str, word: &str) -> Option<T> {
    all.iter().copied().find(|value| name(*value) == word)
}

/// The order of a column. The page calls two of them by what people call them.
fn sort(word: &str) -> Option<Sort> {
    let (turn, column) = word.strip_prefix('-').map_or(("", word), |column| ("-", column));
    match column {
        "" => Some(Sort::default()),
        "number" => parse_sort(&format!("{turn}dn")),
        "user" => parse_sort(&format!("{turn}owner")),
        column => parse_sort(&format!("{turn}{column}")),
    }
}

async fn list(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Failure> {
    let page = page(
        &visit,
        asked.query(),
        ByAddressForm::default(),
        SaveFilterForm::default(),
    )
    .await?;
    match visit.fragment() {
        Some("rows") => visit::fragment(&page.as_rows()),
        _ => visit::html(&page),
    }
}

async fn page(
    visit: &Visit,
    query: PhoneQuery,
    form: ByAddressForm,
    save: SaveFilterForm,
) -> Result<PhonesPage, Failure> {
    let may = visit.may::<SeePhones>()?;
    let inventory = &visit.app.inventory;
    let clusters = inventory.clusters(&may).await?;
    let found = inventory.search(&may, &search(&query)?).await?;
    let models = inventory.models(&may).await?;
    let rows: Vec<PhoneRow> = found.phones.iter().map(|phone| row(phone, &clusters)).collect();
    let empty = if rows.is_empty() {
        empty(visit, &clusters).await?
    } else {
        Empty::NothingFound
    };
    let choice = |cluster: &Cluster| Choice::new(cluster.id.to_string(), cluster.name.clone());
    Ok(PhonesPage {
        layout: visit.layout("Phones", Section::Phones),
        clusters: clusters.iter().map(choice).collect(),
        models: models
            .into_iter()
            .map(|(model, count)| model_choice(&model, count))
            .collect(),
        total: found.total.count,
        page_size: u64::from(PAGE_SIZE),
        by_address: visit.viewer.may::<PressKeys>().is_ok().then_some(form),
        filters: filters::views(visit, &may).await?,
        save,
        query,
        rows,
        empty,
    })
}

/// A model of the filter, with how many phones are of it.
pub(super) fn model_choice(model: &str, count: u64) -> Choice {
    Choice::new(model, format!("{} ({count})", model.trim_start_matches("Cisco ")))
}

async fn empty(visit: &Visit, clusters: &[Cluster]) -> Result<Empty, Failure> {
    if clusters.is_empty() {
        return Ok(Empty::NoClusters);
    }
    for cluster in clusters {
        if visit.app.inventory.phone_counts(&visit.viewer, cluster.id).await?.all > 0 {
            return Ok(Empty::NothingFound);
        }
    }
    let syncing = running_sync(visit, clusters).await?;
    Ok(Empty::NoPhones { syncing })
}

async fn running_sync(visit: &Visit, clusters: &[Cluster]) -> Result<Option<i64>, Failure> {
    for cluster in clusters {
        let newest = visit.app.jobs.newest_sync(&visit.viewer, cluster.id).await?;
        if let Some(job) = newest.filter(|job| !job.state.is_over()) {
            return Ok(Some(job.id.0));
        }
    }
    Ok(None)
}

fn row(phone: &Phone, clusters: &[Cluster]) -> PhoneRow {
    let cluster = clusters.iter().find(|cluster| cluster.id == phone.cluster_id);
    PhoneRow {
        id: phone.id.0,
        name: phone.name.clone(),
        number: phone.lines.first().map(|line| line.dn.clone()).unwrap_or_default(),
        more_lines: phone.lines.len().saturating_sub(1),
        user: phone.owner.clone(),
        description: phone.description.clone(),
        model: phone.model.trim_start_matches("Cisco ").to_owned(),
        address: phone.address.map(|address| address.to_string()).unwrap_or_default(),
        cluster: cluster.map(|cluster| cluster.name.clone()).unwrap_or_default(),
        status: phone.status,
        readiness: phone.readiness.state,
        cause: phone.readiness.cause,
    }
}

#[derive(Debug, Deserialize)]
struct AddressForm {
    #[serde(default)]
    cluster: String,
    #[serde(default)]
    address: String,
}

async fn by_address(visit: Visit, Form(form): Form<AddressForm>) -> Result<Response, Failure> {
    match add(&visit, &form).await? {
        Ok(id) => Ok(visit::see_other(&format!("/phones/{id}"))),
        Err(errors) => {
            let form = ByAddressForm {
                cluster: form.cluster,
                address: form.address,
                errors,
            };
            visit::refused(&page(&visit, PhoneQuery::default(), form, SaveFilterForm::default()).await?)
        }
    }
}

async fn add(visit: &Visit, form: &AddressForm) -> Result<Result<i64, FieldErrors>, Failure> {
    let may = visit.may::<PressKeys>()?;
    let mut errors = FieldErrors::default();
    let cluster: Option<i64> = form.cluster.parse().ok();
    let address: Option<Ipv4Addr> = form.address.trim().parse().ok();
    if cluster.is_none() {
        errors.add("cluster", "Choose the cluster the phone belongs to.");
    }
    if address.is_none() {
        errors.add("address", "Write an IPv4 address such as 10.1.2.3.");
    }
    let (Some(cluster), Some(address)) = (cluster, address) else {
        return Ok(Err(errors));
    };
    match visit
        .app
        .inventory
        .add_by_address(&may, ClusterId(cluster), address)
        .await
    {
        Ok(added) => Ok(Ok(added.phone.id.0)),
        Err(error @ inventory::Error::OutsideNetworks(_)) => {
            errors.add("address", format!("{error}."));
            Ok(Err(errors))
        }
        Err(inventory::Error::UnknownCluster) => {
            errors.add("cluster", "There is no such cluster.");
            Ok(Err(errors))
        }
        Err(error) => Err(error.into()),
    }
}
