//! The list of every route, read from the source: axum's router does not tell its routes, and a list that somebody keeps
//! by hand would miss the one that matters.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Every route of the server as `METHOD /path`.
pub(super) fn all() -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    for file in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http")) {
        let text = fs::read_to_string(&file).unwrap();
        let prefix = if file.components().any(|part| part.as_os_str() == "api") {
            "/api/v1"
        } else {
            ""
        };
        routes.extend(of(&text).map(|(method, path)| format!("{method} {prefix}{path}")));
    }
    routes
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else {
            found.push(path);
        }
    }
    found
}

fn of(text: &str) -> impl Iterator<Item = (String, String)> {
    text.match_indices(".route(").flat_map(move |(at, call)| {
        let arguments = inside(&text[at + call.len()..]);
        let (path, handlers) = first_of(arguments);
        let path = path_of(path.trim(), text);
        let methods = METHODS.iter().filter(move |method| calls(handlers, method));
        methods.map(move |method| (method.to_uppercase(), path.clone()))
    })
}

/// What stands between here and the parenthesis that closes.
fn inside(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|character| {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    &text[..end.unwrap()]
}

/// The first argument, and the rest.
fn first_of(arguments: &str) -> (&str, &str) {
    let mut depth = 0;
    let at = arguments.find(|character| {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        depth == 0 && character == ','
    });
    let (first, rest) = arguments.split_at(at.unwrap());
    (first, &rest[1..])
}

/// `get(` at the start or after a dot, so that `widget(` is no method.
fn calls(handlers: &str, method: &str) -> bool {
    let handlers = handlers.trim();
    handlers.starts_with(&format!("{method}(")) || handlers.contains(&format!(".{method}("))
}

/// A literal, or a constant of the same file or of a module beside it; the static files' mount is put together of both.
fn path_of(written: &str, text: &str) -> String {
    if let Some(literal) = written.strip_prefix('"') {
        return literal.trim_end_matches('"').to_owned();
    }
    if written.starts_with("&format!") {
        return "/static/{*path}".to_owned();
    }
    if let Some((module, constant)) = written.split_once("::") {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
        let text = fs::read_to_string(folder.join(module).with_extension("rs")).unwrap();
        return path_of(constant, &text);
    }
    let constant = format!("const {written}: &str = \"");
    let at = text
        .find(&constant)
        .unwrap_or_else(|| panic!("{written} is no constant of its file"));
    let value = &text[at + constant.len()..];
    value[..value.find('"').unwrap()].to_owned()
}

#[test]
fn routes_are_read_in_every_way_they_are_written() {
    let text = r#"
        const HERE: &str = "/people";
        Router::new()
            .route(HERE, get(show).post(add))
            .route(
                "/clusters/{id}",
                get(clusters::show).delete(clusters::remove),
            )
            .route("/healthz", get(|| async { "ok" }))
    "#;
    let read: Vec<_> = of(text).map(|(method, path)| format!("{method} {path}")).collect();
    assert_eq!(
        read,
        [
            "GET /people",
            "POST /people",
            "GET /clusters/{id}",
            "DELETE /clusters/{id}",
            "GET /healthz"
        ]
    );
}
