//! One HTML file that needs nothing else: no script, its style within it, pictures as data URIs.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::{Pictured, count, moment};
use crate::domain::cause::Cause;
use crate::jobs::{Job, Run, kind_words};

/// The whole style. States are told by words, so that nothing depends on colours.
const STYLE: &str = "
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 76rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; } h3 { font-size: 1rem; margin: 1.2rem 0 .3rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; border-bottom: 1px solid #8886; }
th { font-weight: 600; } tbody th { font: .9rem ui-monospace, monospace; white-space: nowrap; }
td { overflow-wrap: anywhere; }
figure { display: inline-block; margin: 0 1rem 0 0; } figcaption { font-size: .85rem; }
img { max-width: 22rem; height: auto; border: 1px solid #8886; }
";

/// A job as one HTML file.
pub(super) fn html(job: &Job, runs: &[Run], pictured: &[Pictured<'_>], now: Timestamp) -> String {
    let title = escaped(&format!("Job {}: {}", job.id, job.title));
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<table>\n"
    );
    for (label, text) in about(job, now) {
        let _ = writeln!(out, "<tr><td>{label}</td><td>{}</td></tr>", escaped(&text));
    }
    out.push_str("</table>\n");
    if !pictured.is_empty() {
        out.push_str("<h2>Pictures</h2>\n<p>Of the first phones, and of those that did not end well.</p>\n");
    }
    for (run, pictures) in pictured {
        let _ = writeln!(out, "<h3>{}: {}</h3>", escaped(&run.phone_name), run.state.as_str());
        for (name, picture) in pictures {
            let media_type = if picture.format == "jpeg" {
                "image/jpeg"
            } else {
                "image/png"
            };
            let _ = writeln!(
                out,
                "<figure><img alt=\"{name}\" src=\"data:{media_type};base64,{}\"><figcaption>{name}</figcaption></figure>",
                STANDARD.encode(&picture.bytes),
                name = escaped(name)
            );
        }
    }
    out.push_str(
        "<h2>Phones</h2>\n<table>\n<thead><tr><th scope=\"col\">Phone</th><th scope=\"col\">Model</th>\
         <th scope=\"col\">State</th><th scope=\"col\">Began</th><th scope=\"col\">Ended</th>\
         <th scope=\"col\">What was seen</th></tr></thead>\n<tbody>\n",
    );
    for run in runs {
        let why = run
            .cause
            .map_or_else(String::new, |cause| format!("{}. ", Cause::title(cause)));
        let _ = writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escaped(&run.phone_name),
            escaped(run.model.trim_start_matches("Cisco ")),
            run.state.as_str(),
            run.began_at.map(moment).unwrap_or_default(),
            run.ended_at.map(moment).unwrap_or_default(),
            escaped(&format!("{why}{}", run.evidence))
        );
    }
    out.push_str("</tbody>\n</table>\n</main>\n</body>\n</html>\n");
    out
}

fn about(job: &Job, now: Timestamp) -> Vec<(&'static str, String)> {
    let mut about = vec![("State", job.state.as_str().to_owned())];
    if let Some(action) = &job.action {
        about.push(("Action", kind_words(action).to_owned()));
    }
    let counts = count(job).into_iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = counts.map(|(word, count)| format!("{count} {word}")).collect();
    about.push(("Phones", format!("{}: {}", job.total, counts.join(", "))));
    about.push((
        "Asked for by",
        format!("{}, {}", job.created_by, moment(job.created_at)),
    ));
    if let (Some(by), Some(at)) = (&job.approved_by, job.approved_at) {
        about.push(("Approved by", format!("{by}, {}", moment(at))));
    }
    if let Some(at) = job.started_at {
        about.push(("Began", moment(at)));
    }
    if let Some(at) = job.finished_at {
        about.push(("Ended", moment(at)));
    }
    if let Some(window) = job.brakes.as_ref().and_then(|brakes| brakes.window.as_ref()) {
        about.push(("Window", window.words()));
    }
    about.push(("This file", moment(now.as_millisecond())));
    about
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
