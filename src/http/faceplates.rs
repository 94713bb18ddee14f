//! Pictures of the devices: a stylesheet a model that puts each key in its place, and the drawing behind them.
//!
//! The security policy forbids style attributes, so places are rules of a stylesheet, made once from the catalogue. Its
//! content stands in its address: a browser may keep it for a year.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::assets::hex;
use crate::domain::catalogue::faceplate::{Area, Decor, DecorKind, Faceplate, When};
use crate::domain::catalogue::{self, Model};

/// The route; the first part is the hash of the content.
pub const ROUTE: &str = "/faceplates/{hash}/{file}";

/// The room from which on a device is drawn rather than its keys listed: `static/faceplate.css` has the same number.
const DRAWN_FROM: u16 = 850;
/// Units around the display that its frame takes.
const BEZEL: f32 = 7.0;
/// Distance of the holes of a loudspeaker.
const HOLE_STEP: f32 = 9.0;

/// The drawing of a model, as its page needs it.
#[derive(Debug, Clone)]
pub struct Plate {
    /// The model in class names.
    pub slug: String,
    /// The theme in class names.
    pub theme: &'static str,
    /// The address of its stylesheet.
    pub stylesheet: String,
    /// The view box of the drawing.
    pub view_box: String,
    /// The drawing, as the content of an `svg` element.
    pub art: String,
    /// Measures and regions for `static/faceplate.js`, as JSON.
    pub data: String,
    /// The form of each key, by its name.
    pub shapes: BTreeMap<String, &'static str>,
}

struct Sheet {
    hash: String,
    css: String,
}

static SHEETS: LazyLock<BTreeMap<String, Sheet>> = LazyLock::new(|| {
    let drawn = catalogue::models()
        .chain([catalogue::generic()])
        .filter_map(|model| Some((model, model.faceplate()?)));
    drawn
        .map(|(model, plate)| {
            let css = stylesheet(model, plate);
            let hash = hex(&Sha256::digest(css.as_bytes())[..6]);
            (slug(model), Sheet { hash, css })
        })
        .collect()
});

/// The drawing of a model; none for models without keys.
pub fn plate(model: &Model) -> Option<Plate> {
    let plate = model.faceplate()?;
    let slug = slug(model);
    let [width, height] = plate.size;
    Some(Plate {
        theme: plate.theme.as_str(),
        stylesheet: format!("/faceplates/{}/{slug}.css", SHEETS.get(&slug)?.hash),
        view_box: format!("0 0 {width} {height}"),
        art: art(model, plate),
        data: data(model, plate),
        shapes: plate
            .places(model)
            .into_iter()
            .map(|place| (place.key, place.shape.as_str()))
            .collect(),
        slug,
    })
}

/// Answers `GET /faceplates/{hash}/{model}.css`. The present hash may be kept for a year; with another one the sheet of
/// today is given and the browser asks again next time.
pub async fn serve(Path((hash, file)): Path<(String, String)>) -> Response {
    let sheet = file.strip_suffix(".css").and_then(|name| SHEETS.get(name));
    let Some(sheet) = sheet else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keep = if hash == sheet.hash {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, keep),
    ];
    (headers, sheet.css.as_str()).into_response()
}

/// The model in class names and addresses: `8845`, `ip-communicator`.
fn slug(model: &Model) -> String {
    let bare = model.name.trim_start_matches("Cisco ").to_ascii_lowercase();
    let words = bare.split(|c: char| !c.is_ascii_alphanumeric());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-")
}

fn stylesheet(model: &Model, plate: &Faceplate) -> String {
    let face = format!(".face-{}", slug(model));
    let [width, height] = plate.size;
    let mut css = format!(
        "@layer pages {{\n{face} {{ --across: {width}; --down: {height}; }}\n@container room (min-width: {DRAWN_FROM}px) {{\n"
    );
    rule(&mut css, &format!("{face} .screen"), plate.screen(model));
    for place in plate.places(model) {
        rule(&mut css, &format!("{face} .k-{}", place.key), place.area);
    }
    css.push_str("}\n}\n");
    css
}

fn rule(css: &mut String, selector: &str, area: Area) {
    let Area { x, y, width, height } = area;
    let _ = writeln!(
        css,
        "{selector} {{ left: calc(var(--u) * {x}); top: calc(var(--u) * {y}); width: calc(var(--u) * {width}); height: calc(var(--u) * {height}); }}"
    );
}

fn data(model: &Model, plate: &Faceplate) -> String {
    let pixels = plate.pixels(model);
    let regions: Vec<_> = plate
        .regions(model)
        .into_iter()
        .map(|region| {
            let Area { x, y, width, height } = region.area;
            let when = match region.when {
                When::Always => "always",
                When::NoMenu => "no-menu",
                When::Menu => "menu",
            };
            json!({"key": region.key, "x": x, "y": y, "width": width, "height": height, "when": when})
        })
        .collect();
    json!({
        "width": plate.size[0],
        "height": plate.size[1],
        "zoom": plate.zoom(),
        "pixels": {"width": pixels.width, "height": pixels.height},
        "regions": regions,
    })
    .to_string()
}

fn art(model: &Model, plate: &Faceplate) -> String {
    let mut svg = String::new();
    if let Some([x, y, width, height]) = plate.body {
        let area = Area { x, y, width, height };
        rect(&mut svg, "p-body", area, plate.radius);
    }
    for part in plate.decor(model) {
        decor(&mut svg, part);
    }
    if let Some(ring) = plate.ring() {
        let [x, y] = ring.at;
        circle(&mut svg, "p-ring", (x, y), ring.radius);
        circle(&mut svg, "p-shade", (x, y), ring.hub - 2.0);
    }
    let screen = plate.screen(model);
    let frame = Area {
        x: screen.x - BEZEL,
        y: screen.y - BEZEL,
        width: screen.width + 2.0 * BEZEL,
        height: screen.height + 2.0 * BEZEL,
    };
    rect(&mut svg, "p-bezel", frame, BEZEL);
    svg
}

fn rect(svg: &mut String, class: &str, area: Area, radius: f32) {
    let Area { x, y, width, height } = area;
    let _ = write!(
        svg,
        r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}"/>"#
    );
}

fn circle(svg: &mut String, class: &str, (x, y): (f32, f32), radius: f32) {
    let _ = write!(svg, r#"<circle class="{class}" cx="{x}" cy="{y}" r="{radius}"/>"#);
}

fn decor(svg: &mut String, part: &Decor) {
    let class = format!("p-{}", part.tone.as_str());
    let [x, y] = part.at;
    let [width, height] = part.size;
    let area = Area { x, y, width, height };
    match part.kind {
        DecorKind::Plate => rect(svg, &class, area, part.radius),
        DecorKind::Disc => circle(svg, &class, (x, y), width / 2.0),
        DecorKind::Path => {
            let _ = write!(svg, r#"<path class="{class}" d="{}"/>"#, part.path);
        }
        DecorKind::Handset => handset(svg, area),
        DecorKind::Grille => grille(svg, area),
        DecorKind::Camera => {
            circle(svg, "p-lens", (x, y), width / 2.0);
            circle(svg, "p-glint", (x - width / 8.0, y - width / 8.0), width / 8.0);
        }
        DecorKind::Lamp => rect(svg, "p-lamp", area, width.min(height) / 2.0),
    }
}

/// A handset seen from above: two cups and the grip between them, in its cradle.
fn handset(svg: &mut String, area: Area) {
    let Area { x, y, width, height } = area;
    let cup = width * 1.15;
    rect(svg, "p-cradle", area, width * 0.3);
    let inset = width * 0.09;
    let part = |top: f32, down: f32, side: f32| Area {
        x: x + side,
        y: top,
        width: width - 2.0 * side,
        height: down,
    };
    rect(
        svg,
        "p-grip",
        part(y + cup * 0.6, height - cup * 1.2, width * 0.22),
        width * 0.2,
    );
    rect(svg, "p-cup", part(y + inset, cup, inset), width * 0.28);
    rect(svg, "p-cup", part(y + height - inset - cup, cup, inset), width * 0.28);
    rect(
        svg,
        "p-shine",
        part(y + cup + 8.0, height - 2.0 * cup - 16.0, width * 0.3),
        width * 0.05,
    );
}

fn grille(svg: &mut String, area: Area) {
    let Area { x, y, width, height } = area;
    let mut path = String::new();
    let mut row = y;
    while row <= y + height {
        let _ = write!(path, "M{x} {row}h{width}");
        row += HOLE_STEP;
    }
    let _ = write!(svg, r#"<path class="p-holes" d="{path}"/>"#);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_stylesheet_of_a_model_is_kept_for_a_year_under_its_hash() {
        let plate = plate(catalogue::by_name("8845").unwrap()).unwrap();
        let mut parts = plate.stylesheet.split('/').skip(2).map(str::to_owned);
        let (hash, file) = (parts.next().unwrap(), parts.next().unwrap());
        let answer = serve(Path((hash, file.clone()))).await;
        assert_eq!(answer.status(), StatusCode::OK);
        assert!(
            answer.headers()[header::CACHE_CONTROL]
                .to_str()
                .unwrap()
                .contains("immutable")
        );
        let old = serve(Path(("000000000000".to_owned(), file))).await;
        assert_eq!(old.headers()[header::CACHE_CONTROL], "no-cache");
        let none = serve(Path(("000000000000".to_owned(), "toaster.css".to_owned()))).await;
        assert_eq!(none.status(), StatusCode::NOT_FOUND);
    }

    #[test]
    fn no_two_models_share_an_address() {
        let mut slugs: Vec<_> = catalogue::models().map(slug).collect();
        let all = slugs.len();
        slugs.sort();
        slugs.dedup();
        assert_eq!(slugs.len(), all);
    }
}
