//! The client of one cluster.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use secrecy::SecretString;
use url::{Host, Url};

use super::error::{Error, Service};
use super::pages::Pages;
use super::quota::Quota;
use super::requests::AxlRequest;
use super::soap::{read_answer, read_list};
use super::xml::Element;
use super::{
    AppUser, Authentication, AxlVersion, Connection, EnterpriseUrls, LineRow, Login, PhoneDetail, PhoneRow,
    ProcessNode, Registrations, Scheme, Settings, Urgency, Version, rows, sql, transport,
};
use crate::domain::device_name::DeviceName;

/// The client of one cluster. Cheap to clone; all clones share one session and one RIS queue, so make one a cluster.
#[derive(Clone)]
pub struct Cucm {
    pub(super) inner: Arc<Inner>,
}

/// What the clones share.
pub(super) struct Inner {
    pub(super) connection: Connection,
    pub(super) settings: Settings,
    pub(super) http: reqwest::Client,
    pub(super) axl_turn: tokio::sync::Mutex<()>,
    pub(super) session: Mutex<Option<SecretString>>,
    pub(super) quota: Mutex<Quota>,
    version: Mutex<Option<AxlVersion>>,
}

impl fmt::Debug for Cucm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let connection = &self.inner.connection;
        f.debug_struct("Cucm")
            .field("host", &connection.host)
            .field("port", &connection.port)
            .finish_non_exhaustive()
    }
}

impl Inner {
    pub(super) fn axl_version(&self) -> Option<AxlVersion> {
        *self.version.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_axl_version(&self, version: AxlVersion) {
        *self.version.lock().unwrap_or_else(PoisonError::into_inner) = Some(version);
    }

    /// A URL of CUCM over TLS.
    pub(super) fn url(&self, path: &str) -> Result<Url, Error> {
        build_url("https", &self.connection.host, self.connection.port, path)
    }

    /// A URL of CUCM's plain http.
    pub(super) fn http_url(&self, path: &str) -> Result<Url, Error> {
        build_url(
            "http",
            &self.connection.host,
            self.connection.authentication_http_port,
            path,
        )
    }

    /// The texts of one column, or rows, of a query's answer.
    pub(super) async fn query<Row>(
        &self,
        sql: String,
        urgency: Urgency,
        row: impl Fn(&Element) -> Row,
    ) -> Result<Vec<Row>, Error> {
        let answer = self.axl(&AxlRequest::Sql(sql), urgency).await?;
        let mut found = Vec::new();
        read_list(Service::Axl, &answer, "row", |element| found.push(row(element)))?;
        Ok(found)
    }

    /// The element of that name in the answer of a get request.
    async fn get(&self, request: &AxlRequest, name: &str) -> Result<Element, Error> {
        let answer = self.axl(request, Urgency::Person).await?;
        take(read_answer(Service::Axl, &answer)?, name).ok_or_else(|| Error::Malformed {
            service: Service::Axl,
            what: format!("no {name} element"),
        })
    }
}

/// The first element of that name, taken out of its tree.
fn take(element: Element, name: &str) -> Option<Element> {
    if element.name == name {
        return Some(element);
    }
    element.children.into_iter().find_map(|child| take(child, name))
}

fn build_url(scheme: &str, host: &str, port: u16, path: &str) -> Result<Url, Error> {
    let invalid = || Error::InvalidConnection {
        what: "the host is neither a name nor an address".to_owned(),
    };
    let host = Host::parse(host.trim()).map_err(|_| invalid())?;
    Url::parse(&format!("{scheme}://{host}:{port}{path}")).map_err(|_| invalid())
}

impl Cucm {
    /// A client that has not connected yet. Fails on a host that is none and on a CA that is no PEM.
    pub fn new(connection: Connection, settings: Settings) -> Result<Self, Error> {
        build_url("https", &connection.host, connection.port, "/")?;
        let inner = Inner {
            http: transport::client(&connection.trust, &settings)?,
            axl_turn: tokio::sync::Mutex::new(()),
            session: Mutex::new(None),
            quota: Mutex::new(Quota::new(settings.ris.clone())),
            version: Mutex::new(connection.axl_version),
            connection,
            settings,
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The AXL version in use: the one given, or found since; worth remembering.
    pub fn axl_version(&self) -> Option<AxlVersion> {
        self.inner.axl_version()
    }

    /// The AXL schema and the publisher's product version.
    pub async fn version(&self) -> Result<Version, Error> {
        let version = self.inner.get(&AxlRequest::GetCcmVersion, "version").await?;
        Ok(Version {
            axl: self.axl_version().unwrap_or(AxlVersion::GUESS),
            product: version.text().to_owned(),
        })
    }

    /// How many phones the cluster has. Background work: waits when CUCM throttles.
    pub async fn count_phones(&self) -> Result<u64, Error> {
        let first_column = |row: &Element| row.children.first().and_then(|column| column.text().parse().ok());
        let counts = self
            .inner
            .query(sql::count_phones(), Urgency::Background, first_column)
            .await?;
        counts.into_iter().next().flatten().ok_or_else(|| Error::Malformed {
            service: Service::Axl,
            what: "a count that is no number".to_owned(),
        })
    }

    /// Phones in the order of their names; rows whose name is none are left out. Background work.
    pub async fn phones(&self, skip: usize, first: usize) -> Result<Vec<PhoneRow>, Error> {
        let found = self
            .inner
            .query(sql::phones(skip, first), Urgency::Background, rows::phone_from_sql)
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// Lines in the order of their phones' names. Background work.
    pub async fn lines(&self, skip: usize, first: usize) -> Result<Vec<LineRow>, Error> {
        let found = self
            .inner
            .query(sql::lines(skip, first), Urgency::Background, rows::line_from_sql)
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    /// All phones, page by page, with a page size that adapts: `while let Some(page) = pages.next().await? {…}`. Where
    /// SQL is refused the pages come from `listPhone`.
    pub fn all_phones(&self) -> Pages<PhoneRow> {
        Pages::new(self.clone())
    }

    /// All lines, page by page.
    pub fn all_lines(&self) -> Pages<LineRow> {
        Pages::new(self.clone())
    }

    /// One phone in detail; [`Error::PhoneUnknown`] when AXL has none of that name.
    pub async fn get_phone(&self, name: &DeviceName) -> Result<PhoneDetail, Error> {
        match self.inner.get(&AxlRequest::GetPhone(name.clone()), "phone").await {
            Ok(phone) => Ok(rows::phone_detail(&phone)),
            Err(error) if error.is_not_found() => Err(Error::PhoneUnknown { name: name.to_string() }),
            Err(error) => Err(error),
        }
    }

    /// The application user, else the end user of that name, with controlled devices, groups and roles.
    pub async fn app_user(&self, userid: &str) -> Result<Option<AppUser>, Error> {
        match self
            .inner
            .get(&AxlRequest::GetAppUser(userid.to_owned()), "appUser")
            .await
        {
            Ok(user) => return Ok(Some(rows::user(&user, false))),
            Err(error) if !error.is_not_found() => return Err(error),
            Err(_) => (),
        }
        match self.inner.get(&AxlRequest::GetUser(userid.to_owned()), "user").await {
            Ok(user) => Ok(Some(rows::user(&user, true))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the phone is among the user's controlled devices (application or end user).
    pub async fn is_controlled_device(&self, userid: &str, device: &DeviceName) -> Result<bool, Error> {
        let as_application = sql::application_user_device(userid, device)?;
        if !self
            .inner
            .query(as_application, Urgency::Person, |_| ())
            .await?
            .is_empty()
        {
            return Ok(true);
        }
        let as_end_user = sql::end_user_device(userid, device)?;
        Ok(!self.inner.query(as_end_user, Urgency::Person, |_| ()).await?.is_empty())
    }

    /// The servers of the cluster, without the artificial `EnterpriseWideData`.
    pub async fn process_nodes(&self) -> Result<Vec<ProcessNode>, Error> {
        let answer = self.inner.axl(&AxlRequest::ListProcessNode, Urgency::Person).await?;
        let mut nodes = Vec::new();
        read_list(Service::Axl, &answer, "processNode", |node| {
            nodes.extend(rows::process_node(node));
        })?;
        Ok(nodes)
    }

    /// The cluster's Authentication URLs, from its enterprise parameters.
    pub async fn enterprise_urls(&self) -> Result<EnterpriseUrls, Error> {
        let pair = |row: &Element| (row.text_of("paramname"), row.text_of("paramvalue"));
        let mut urls = EnterpriseUrls::default();
        for (name, value) in self
            .inner
            .query(sql::authentication_urls(), Urgency::Person, pair)
            .await?
        {
            match name.as_str() {
                "URLAuthentication" => urls.authentication = value,
                "SecureAuthenticationURL" => urls.secure_authentication = value,
                _ => (),
            }
        }
        Ok(urls)
    }

    /// What RIS knows of these phones, in batches of [`super::RIS_BATCH`] names. Background work waits for its share; a
    /// person gets [`Error::RisQuotaExhausted`] when none is free within their patience.
    pub async fn registrations(&self, names: &[DeviceName], urgency: Urgency) -> Result<Registrations, Error> {
        self.inner.registrations(names, urgency).await
    }

    /// Asks CUCM what it would answer the phone. Sends the password in a query: one try a person's action.
    pub async fn authenticate(
        &self,
        login: &Login,
        device: &DeviceName,
        scheme: Scheme,
    ) -> Result<Authentication, Error> {
        self.inner.authenticate(login, device, scheme).await
    }

    /// The system version UDS tells without credentials, such as `14.0.1`.
    pub async fn uds_version(&self) -> Result<String, Error> {
        self.inner.uds_version().await
    }
}
