//! A browser and a program, as far as the tests need them.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::header::{HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder};
use scraper::{Html, Selector};
use serde_json::Value;

/// Every answer that a server gave, to be searched for secrets.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen(Arc<Mutex<Vec<u8>>>);

impl Seen {
    pub(super) fn add(&self, bytes: &[u8]) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(bytes);
    }

    pub(super) fn holds(&self, text: &str) -> bool {
        contains(&self.0.lock().unwrap_or_else(PoisonError::into_inner), text)
    }
}

/// Whether a text is somewhere in `bytes`.
pub(super) fn contains(bytes: &[u8], needle: &str) -> bool {
    // The search of text is a fast one; what is no text is replaced and does not matter.
    String::from_utf8_lossy(bytes).contains(needle)
}

/// A client with the cookies of one browser, or with a token, or with neither.
#[derive(Debug, Clone)]
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    seen: Seen,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Client {
    /// Follows no redirect; keeps cookies; sends `token` when there is one.
    #[expect(
        clippy::disallowed_methods,
        reason = "this client talks to the server under test, not to phones or CUCM"
    )]
    pub(super) fn new(base: String, seen: Seen, token: Option<&str>) -> Self {
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
            headers.insert("authorization", value);
        }
        // reqwest wants some TLS set-up even where nothing but plain http is asked for.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .no_proxy()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .default_headers(headers)
            .build()
            .unwrap();
        Self { http, base, seen }
    }

    pub(super) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.http.request(method, format!("{}{path}", self.base))
    }

    pub(super) async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for (name, value) in &headers {
            // The session cookie is given to its owner; everything else is searched.
            if name != "set-cookie" {
                self.seen.add(value.as_bytes());
            }
        }
        let body = response.bytes().await.unwrap().to_vec();
        self.seen.add(&body);
        Answer { status, headers, body }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.send(self.request("GET", path)).await
    }

    /// A form with exactly these fields.
    pub(super) async fn post_fields(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(
            self.request("POST", path)
                .header("content-type", FORM)
                .body(encoded(fields)),
        )
        .await
    }

    /// A form as the page sends it: with the session's token, read from the account page.
    pub(super) async fn post_form(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = self.csrf().await;
        let mut all = vec![("csrf", csrf.as_str())];
        all.extend(fields);
        self.post_fields(path, &all).await
    }

    /// The token that the forms of this session carry.
    pub(super) async fn csrf(&self) -> String {
        let page = self.get("/account").await;
        page.first("input[name=csrf]", "value")
    }

    pub(super) async fn json(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.text(method, path, "application/json", body.to_string()).await
    }

    pub(super) async fn text(&self, method: &str, path: &str, kind: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(self.request(method, path).header("content-type", kind).body(body))
            .await
    }

    /// The items of every part of a list, following its cursors.
    pub(super) async fn walk(&self, path: &str) -> Vec<Value> {
        let joint = if path.contains('?') { '&' } else { '?' };
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let part = self.get(&format!("{path}{joint}cursor={cursor}")).await.value();
            items.extend(part["items"].as_array().unwrap().iter().cloned());
            assert!(
                items.len() as u64 <= part["total"].as_u64().unwrap(),
                "{path} repeats itself"
            );
            match &part["next_cursor"] {
                Value::String(next) => cursor.clone_from(next),
                Value::Null => return items,
                other => panic!("{path}: next_cursor is {other}"),
            }
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";

fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
}

impl Answer {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(super) fn location(&self) -> &str {
        self.header("location")
    }

    /// The body as JSON.
    pub(super) fn value(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.text()))
    }

    pub(super) fn html(&self) -> Html {
        Html::parse_document(&self.text())
    }

    /// An attribute of every element that a selector finds.
    pub(super) fn all(&self, selector: &str, attribute: &str) -> Vec<String> {
        let html = self.html();
        let selector = Selector::parse(selector).unwrap();
        let found = html.select(&selector).filter_map(|element| element.attr(attribute));
        found.map(str::to_owned).collect()
    }

    /// An attribute of the first element that a selector finds; empty when there is none.
    pub(super) fn first(&self, selector: &str, attribute: &str) -> String {
        self.all(selector, attribute).into_iter().next().unwrap_or_default()
    }

    /// The text of every element that a selector finds, without the blanks around it.
    pub(super) fn texts(&self, selector: &str) -> Vec<String> {
        let html = self.html();
        let selector = Selector::parse(selector).unwrap();
        html.select(&selector)
            .map(|element| element.text().collect::<String>().trim().to_owned())
            .collect()
    }

    /// The problem JSON of the API, which must be complete; gives its detail.
    pub(super) fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text()
        );
        let value = self.value();
        assert_eq!(value["status"], status);
        for member in ["type", "title", "detail"] {
            assert!(value[member].as_str().is_some_and(|text| !text.is_empty()), "{value}");
        }
        value
    }

    /// A page that says why something was refused.
    pub(super) fn page(&self, status: u16) -> &Self {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(self.texts("h1").len(), 1, "{}", self.text());
        self
    }
}
