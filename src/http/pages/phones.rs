//! The list of phones.

use askama::Template;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Choice, FieldErrors, Layout, Pager, Section, thousands};
use crate::domain::cause::Cause;
use crate::domain::phone::{ReadinessState, RegistrationStatus};

/// What may stand in a query string as it is.
pub(super) const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `GET /phones?q=&cluster=&model=&status=&readiness=&sort=&page=`; with the header `X-Fragment: rows` only the block
/// `rows`. Also the answer to a refused `POST /phones/by-address` (`cluster`, `address`).
#[derive(Debug, Template)]
#[template(path = "phones/list.html", blocks = ["rows"])]
pub struct PhonesPage {
    /// What surrounds it.
    pub layout: Layout,
    /// What was asked for.
    pub query: PhoneQuery,
    /// Clusters the viewer may see, by number.
    pub clusters: Vec<Choice>,
    /// Models in the inventory.
    pub models: Vec<Choice>,
    /// The phones of this page.
    pub rows: Vec<PhoneRow>,
    /// Phones that fit the query.
    pub total: u64,
    /// Rows on a page.
    pub page_size: u64,
    /// What to say when there are no rows.
    pub empty: Empty,
    /// The form "Control by address", as typed; none when the viewer may not.
    pub by_address: Option<ByAddressForm>,
}

/// Why there are no rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Empty {
    /// No cluster was added yet.
    NoClusters,
    /// Clusters, but no phone yet; with the number of a sync that is under way.
    NoPhones {
        /// The job.
        syncing: Option<i64>,
    },
    /// Phones, but none that fits (also the value when there are rows).
    NothingFound,
}

/// The form "Control by address".
#[derive(Debug, Clone, Default)]
pub struct ByAddressForm {
    /// The cluster's number as chosen.
    pub cluster: String,
    /// The address as typed.
    pub address: String,
    /// `cluster`, `address`, or the empty field.
    pub errors: FieldErrors,
}

/// One phone of the list.
#[derive(Debug, Clone)]
pub struct PhoneRow {
    /// Its number.
    pub id: i64,
    /// Its device name, or address.
    pub name: String,
    /// Its first directory number; may be empty.
    pub number: String,
    /// How many more lines it has.
    pub more_lines: usize,
    /// Its owner; may be empty.
    pub user: String,
    /// Its description; may be empty.
    pub description: String,
    /// Its model, without `Cisco `.
    pub model: String,
    /// Its address; may be empty.
    pub address: String,
    /// Its cluster's name.
    pub cluster: String,
    /// Whether it is registered.
    pub status: RegistrationStatus,
    /// Whether it can be controlled.
    pub readiness: ReadinessState,
    /// Why not.
    pub cause: Option<Cause>,
}

/// What was asked for; an empty text means all. Knows the addresses of its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhoneQuery {
    /// Words and `field:value`.
    pub q: String,
    /// The number of a cluster.
    pub cluster: String,
    /// A model's name.
    pub model: String,
    /// A [`RegistrationStatus`].
    pub status: String,
    /// A [`ReadinessState`].
    pub readiness: String,
    /// The code of a [`Cause`].
    pub cause: String,
    /// A column's word; `-` before it turns the order round.
    pub sort: String,
    /// From 1.
    pub page: u64,
}

impl Default for PhoneQuery {
    fn default() -> Self {
        Self {
            q: String::new(),
            cluster: String::new(),
            model: String::new(),
            status: String::new(),
            readiness: String::new(),
            cause: String::new(),
            sort: "name".to_owned(),
            page: 1,
        }
    }
}

impl PhoneQuery {
    /// The address of this view; values that are the default are left out.
    pub fn href(&self) -> String {
        match self.members() {
            text if text.is_empty() => "/phones".to_owned(),
            text => format!("/phones?{text}"),
        }
    }

    /// The address of a wall with these phones. `q` is always there: without it a wall shows nothing.
    pub fn wall_href(&self) -> String {
        let members = self.at_page(1).members();
        match members.starts_with("q=") {
            true => format!("/wall?{members}"),
            false if members.is_empty() => "/wall?q=".to_owned(),
            false => format!("/wall?q=&{members}"),
        }
    }

    fn members(&self) -> String {
        let page = self.page.to_string();
        let members = [
            ("q", self.q.as_str(), ""),
            ("cluster", &self.cluster, ""),
            ("model", &self.model, ""),
            ("status", &self.status, ""),
            ("readiness", &self.readiness, ""),
            ("cause", &self.cause, ""),
            ("sort", &self.sort, "name"),
            ("page", &page, "1"),
        ];
        members
            .iter()
            .filter(|(_, value, default)| !value.is_empty() && value != default)
            .map(|(name, value, _)| format!("{name}={}", utf8_percent_encode(value, IN_QUERY)))
            .collect::<Vec<_>>()
            .join("&")
    }

    /// The same view on another page.
    #[must_use]
    pub fn at_page(&self, page: u64) -> Self {
        Self { page, ..self.clone() }
    }

    /// The same view sorted by a column; the other way round when it is sorted by it already.
    #[must_use]
    pub fn sorted_by(&self, column: &str) -> Self {
        let sort = if self.sort == column {
            format!("-{column}")
        } else {
            column.to_owned()
        };
        Self {
            sort,
            page: 1,
            ..self.clone()
        }
    }

    /// Whether anything narrows the list.
    pub fn is_narrow(&self) -> bool {
        !self.q.is_empty() || self.filters() > 0
    }

    /// Choices of the status filter.
    pub fn statuses(&self) -> Vec<Choice> {
        RegistrationStatus::ALL
            .iter()
            .map(|status| Choice::new(status.as_str(), status_word(*status)))
            .collect()
    }

    /// Choices of the cause filter.
    pub fn causes(&self) -> Vec<Choice> {
        let blocking = Cause::ALL.iter().filter(|cause| **cause != Cause::None);
        blocking.map(|cause| Choice::new(cause.code(), cause.title())).collect()
    }

    /// How many filters are set, the words apart.
    pub fn filters(&self) -> usize {
        [&self.cluster, &self.model, &self.status, &self.readiness, &self.cause]
            .iter()
            .filter(|value| !value.is_empty())
            .count()
    }
}

/// A column of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its word in `sort`.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// The value of `aria-sort`.
    pub order: &'static str,
    /// The address that sorts by it.
    pub href: String,
}

impl PhonesPage {
    /// The columns, in order.
    pub fn columns(&self) -> Vec<Column> {
        [
            ("name", "Name"),
            ("number", "Number"),
            ("user", "User"),
            ("description", "Description"),
            ("model", "Model"),
            ("address", "Address"),
            ("status", "Status"),
            ("readiness", "Control"),
        ]
        .into_iter()
        .map(|(id, title)| Column {
            id,
            title,
            order: match self.query.sort.strip_prefix('-') {
                Some(column) if column == id => "descending",
                None if self.query.sort == id => "ascending",
                _ => "none",
            },
            href: self.query.sorted_by(id).href(),
        })
        .collect()
    }

    /// Where in the list.
    pub fn pager(&self) -> Pager {
        let size = self.page_size.max(1);
        let before = self.query.page.saturating_sub(1).saturating_mul(size);
        let shown = self.rows.len() as u64;
        let last = before.saturating_add(shown);
        Pager {
            first: if shown == 0 { 0 } else { before.saturating_add(1) },
            last,
            total: self.total,
            previous: (self.query.page > 1).then(|| self.query.at_page(self.query.page - 1).href()),
            next: (last < self.total).then(|| self.query.at_page(self.query.page.saturating_add(1)).href()),
        }
    }

    /// `12 480 phones`.
    pub fn count(&self) -> String {
        match self.total {
            0 => "No phones".to_owned(),
            1 => "1 phone".to_owned(),
            total => format!("{} phones", thousands(total)),
        }
    }

    /// Choices of the readiness filter.
    pub fn readinesses(&self) -> Vec<Choice> {
        ReadinessState::ALL
            .iter()
            .map(|state| Choice::new(state.as_str(), readiness_word(*state)))
            .collect()
    }

    /// Whether a row leads to the diagnosis: it is blocked by something that may be mended, and the viewer may ask.
    pub fn asks_why(&self, row: &PhoneRow) -> bool {
        row.control_class() == ReadinessState::Blocked.as_str()
            && self.layout.viewer.as_ref().is_some_and(super::Viewer::diagnoses)
    }

    /// Whether the table is there at all: without clusters or phones the page teaches instead.
    pub fn has_list(&self) -> bool {
        !self.rows.is_empty() || self.empty == Empty::NothingFound
    }
}

impl PhoneRow {
    /// The status in a word.
    pub fn status_word(&self) -> &'static str {
        status_word(self.status)
    }

    /// The class of its mark: a model without control is no fault to mend.
    pub fn control_class(&self) -> &'static str {
        match (self.readiness, self.cause) {
            (ReadinessState::Blocked, Some(Cause::ModelWithoutControl)) => ReadinessState::Unknown.as_str(),
            (state, _) => state.as_str(),
        }
    }

    /// Whether it can be controlled, or why not.
    pub fn control(&self) -> &'static str {
        match (self.readiness, self.cause) {
            (ReadinessState::Blocked, Some(cause)) => short_title(cause),
            (state, _) => readiness_word(state),
        }
    }
}

/// A registration status as people read it.
pub fn status_word(status: RegistrationStatus) -> &'static str {
    match status {
        RegistrationStatus::Registered => "Registered",
        RegistrationStatus::Unregistered => "Unregistered",
        RegistrationStatus::Rejected => "Rejected",
        RegistrationStatus::PartiallyRegistered => "Partly registered",
        RegistrationStatus::Unknown => "Unknown",
    }
}

fn readiness_word(state: ReadinessState) -> &'static str {
    match state {
        ReadinessState::Ready => "Ready",
        ReadinessState::Blocked => "Blocked",
        ReadinessState::Unknown => "Not tried",
    }
}

/// A cause in two to four words, for a table; its title says it whole.
pub fn short_title(cause: Cause) -> &'static str {
    match cause {
        Cause::None => "Ready",
        Cause::PhoneNotRegistered => "Not registered",
        Cause::PhoneAddressMissing => "No address",
        Cause::PhoneAddressStale => "Address is another device's",
        Cause::ModelWithoutControl => "No control",
        Cause::ScreenshotUnsupported => "Keys only, no picture",
        Cause::PhoneUnreachable => "Unreachable",
        Cause::PhoneNotAnswering => "Not answering",
        Cause::PhoneRestarting => "Restarting",
        Cause::PhoneSlow => "Too slow",
        Cause::WebAccessDisabled => "Web access disabled",
        Cause::WebAccessReadOnly => "Web access read-only",
        Cause::ProxyInPath => "Proxy in the path",
        Cause::ControlLoginRejected => "Control login wrong",
        Cause::ControlLoginLocked => "Control login locked",
        Cause::DeviceNotAssociated => "Not a controlled device",
        Cause::AuthenticationUrlUnresolvable
        | Cause::AuthenticationUrlUnreachable
        | Cause::AuthenticationUrlWrong
        | Cause::AuthenticationUrlOverridden
        | Cause::AuthenticationUrlThirdParty => "Authentication URL",
        Cause::TrustListBroken => "Trust list broken",
        Cause::SettingsAccessLocked => "Settings locked",
        Cause::PhoneInternalError => "Phone error",
        Cause::ScreenshotTruncated | Cause::ScreenshotUndecodable => "Bad picture",
        Cause::AuthenticationReplyUnreadable | Cause::AuthenticationRefused => "Refused control",
        _ => "CUCM trouble",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_hold_the_view_and_nothing_else() {
        let query = PhoneQuery {
            q: "ana & co".to_owned(),
            status: "registered".to_owned(),
            page: 3,
            ..PhoneQuery::default()
        };
        assert_eq!(query.href(), "/phones?q=ana%20%26%20co&status=registered&page=3");
        assert_eq!(
            query.sorted_by("name").href(),
            "/phones?q=ana%20%26%20co&status=registered&sort=-name"
        );
        assert_eq!(PhoneQuery::default().href(), "/phones");
        assert_eq!(query.wall_href(), "/wall?q=ana%20%26%20co&status=registered");
        assert_eq!(PhoneQuery::default().wall_href(), "/wall?q=");
    }
}
