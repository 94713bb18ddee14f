//! Our own time added to a screenshot: `cargo bench --bench proxy`.
//!
//! The simulated phones and the programs that ask live in this process. The server is the real program in a process of
//! its own, asked with an API token; nginx, where it is installed, stands beside it as a plain proxy to the same phones.
//! A phone is asked by one asker at a time, so that so many at once are so many phones. Everything stays on this
//! machine. The figures to reach are those of the design, section 8: 64 at once, 0.5 ms at p50, 5 ms at p99, 80 % of nginx.
#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on stops here")]

mod asker;
mod measure;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use asker::{Asker, row};
use base64::Engine as _;
use measure::site::{self, free_address, furnish};
use measure::{Process, say};
use sidetone::clock::Clock;
use sidetone::domain::ids::PhoneId;
use sidetone::domain::role::Role;
use sidetone::lifecycle::Tasks;
use sidetone::simulator::{Options, PhoneHandle, Simulator};
use tempfile::TempDir;
use tokio::runtime::Runtime;

const FLEET: usize = 600;
const EACH: Duration = Duration::from_secs(3);
const WARM_UP: Duration = Duration::from_millis(500);
const NGINX: [&str; 2] = ["/usr/sbin/nginx", "/usr/bin/nginx"];

/// The server, nginx, and where to ask each for the picture of a phone.
struct Rivals {
    server: Process,
    server_address: SocketAddr,
    token: String,
    nginx: Option<(Process, SocketAddr)>,
    phone_port: u16,
    login: String,
}

/// A phone and its number in the server's inventory.
struct Subject {
    phone: PhoneHandle,
    id: PhoneId,
}

/// How the picture is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Direct,
    Nginx,
    Server,
}

fn main() {
    let runtime = Runtime::new().unwrap();
    let folder = TempDir::new().unwrap();
    runtime.block_on(async {
        let tasks = Tasks::new();
        let options = Options {
            phones: FLEET,
            faults: false,
            fast: true,
            ..Options::default()
        };
        let simulator = Simulator::start(options, &tasks, Clock::system()).unwrap();
        let (token, ids) = furnish(&simulator, folder.path(), Role::Supervisor).await;
        let rivals = start(&simulator, folder.path(), token);
        measure::wait_until_it_listens(rivals.server_address).await;
        let (sent_as_png, sent_as_bitmap) = subjects(&simulator, &ids, &rivals).await;
        report(&rivals, &sent_as_png, &sent_as_bitmap).await;
        drop(rivals);
        tasks.finish().await;
    });
}

fn start(simulator: &Simulator, folder: &Path, token: String) -> Rivals {
    let server_address = free_address();
    let server = site::serve(folder, server_address, &[]);
    let summary = simulator.summary();
    let login = format!("{}:{}", summary.logins[0].username, summary.logins[0].password);
    let login = base64::engine::general_purpose::STANDARD.encode(login);
    let nginx_address = free_address();
    let nginx = start_nginx(simulator, folder, nginx_address, &login).map(|child| (Process(child), nginx_address));
    Rivals {
        server,
        server_address,
        token,
        nginx,
        phone_port: summary.phone_http_port,
        login,
    }
}

/// nginx with one location a phone, connections to phones kept as the server keeps them.
fn start_nginx(simulator: &Simulator, folder: &Path, address: SocketAddr, login: &str) -> Option<Child> {
    use std::fmt::Write as _;
    let program = NGINX.into_iter().map(PathBuf::from).find(|path| path.exists())?;
    let port = simulator.summary().phone_http_port;
    let (mut upstreams, mut locations) = (String::new(), String::new());
    for phone in simulator
        .phones()
        .iter()
        .filter(|phone| !phone.address().is_unspecified())
    {
        let (name, at) = (phone.name(), phone.address());
        let _ = writeln!(upstreams, "upstream {name} {{ server {at}:{port}; keepalive 1; }}");
        let _ = writeln!(
            locations,
            "location = /{name} {{ proxy_pass http://{name}/CGI/Screenshot; }}"
        );
    }
    let place = folder.join("nginx");
    std::fs::create_dir(&place).unwrap();
    let at = place.display();
    let configuration = format!(
        "worker_processes auto; pid {at}/pid; error_log {at}/error.log crit; daemon off;\n\
         events {{ worker_connections 1024; }}\n\
         http {{ access_log off; client_body_temp_path {at}/a; proxy_temp_path {at}/b; fastcgi_temp_path {at}/c;\n\
         uwsgi_temp_path {at}/d; scgi_temp_path {at}/e; keepalive_requests 1000000;\n\
         proxy_buffers 64 32k; proxy_http_version 1.1; proxy_set_header Connection \"\";\n\
         proxy_set_header Authorization \"Basic {login}\";\n{upstreams}\n\
         server {{ listen {address};\n{locations} }} }}\n"
    );
    let file = place.join("nginx.conf");
    std::fs::write(&file, configuration).unwrap();
    let mut command = Command::new(program);
    command.arg("-p").arg(&place).arg("-c").arg(&file).stderr(Stdio::null());
    command.spawn().ok()
}

/// The phones that send a picture over http, by the kind they send.
async fn subjects(
    simulator: &Simulator,
    ids: &HashMap<String, PhoneId>,
    rivals: &Rivals,
) -> (Vec<Subject>, Vec<Subject>) {
    let (mut png, mut bitmap) = (Vec::new(), Vec::new());
    for phone in simulator.phones() {
        let Some(&id) = ids.get(phone.name()) else { continue };
        if phone.address().is_unspecified() {
            continue;
        }
        let subject = Subject { phone, id };
        let Ok(mut asker) = asker_of(rivals, Way::Direct, &subject).await else {
            continue;
        };
        let Ok(picture) = asker.ask().await else { continue };
        if picture.starts_with(b"\x89PNG") {
            png.push(subject);
        } else if picture.starts_with(b"BM") {
            bitmap.push(subject);
        }
    }
    (png, bitmap)
}

async fn asker_of(rivals: &Rivals, way: Way, subject: &Subject) -> std::io::Result<Asker> {
    let (address, path, authorization) = match way {
        Way::Direct => (
            SocketAddr::from((subject.phone.address(), rivals.phone_port)),
            "/CGI/Screenshot".to_owned(),
            format!("Basic {}", rivals.login),
        ),
        Way::Nginx => (
            rivals
                .nginx
                .as_ref()
                .map_or(rivals.server_address, |(_, address)| *address),
            format!("/{}", subject.phone.name()),
            String::new(),
        ),
        Way::Server => (
            rivals.server_address,
            format!("/api/v1/phones/{}/screen", subject.id),
            format!("Bearer {}", rivals.token),
        ),
    };
    Asker::connect(address, &path, &authorization).await
}

async fn report(rivals: &Rivals, png: &[Subject], bitmap: &[Subject]) {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    say(&format!(
        "{cores} cores; nginx {}",
        if rivals.nginx.is_some() {
            "beside us"
        } else {
            "is not installed"
        }
    ));
    say("phones           at once  think   way         p50 ms   p99 ms  requests/s  own CPU us/request  RSS MiB");
    let thinking = Duration::from_millis(100);
    for (kind, phones, at_once, think) in [
        ("PNG", png, 1, Duration::ZERO),
        ("PNG", png, 64, Duration::ZERO),
        ("PNG", png, 100, Duration::ZERO),
        ("PNG", png, 1, thinking),
        ("PNG", png, 64, thinking),
        ("PNG", png, 100, thinking),
        ("bitmap", bitmap, 64, Duration::ZERO),
    ] {
        let phones = &phones[..at_once.min(phones.len())];
        for subject in phones {
            subject.phone.set_latency(think);
        }
        for way in [Way::Direct, Way::Nginx, Way::Server] {
            if way == Way::Nginx && rivals.nginx.is_none() {
                continue;
            }
            let process = match way {
                Way::Direct => None,
                Way::Nginx => rivals.nginx.as_ref().map(|(process, _)| process),
                Way::Server => Some(&rivals.server),
            };
            ask_all(rivals, way, phones, WARM_UP).await;
            let before = process.map(Process::processor_time).unwrap_or_default();
            let (times, during) = ask_all(rivals, way, phones, EACH).await;
            let spent = process
                .map(Process::processor_time)
                .unwrap_or_default()
                .saturating_sub(before);
            let name = format!("{way:?}").to_lowercase();
            say(&format!(
                "{kind:<16} {:>7}  {:>3} ms  {name:<9} {}",
                phones.len(),
                think.as_millis(),
                row(times, during, spent, process.map(Process::memory_mib))
            ));
        }
    }
}

/// Each phone is asked again and again by an asker of its own; how long each answer took, and all together.
async fn ask_all(rivals: &Rivals, way: Way, phones: &[Subject], during: Duration) -> (Vec<Duration>, Duration) {
    let mut askers = Vec::new();
    for subject in phones {
        askers.push(asker_of(rivals, way, subject).await.unwrap());
    }
    let begun = Instant::now();
    let runs = askers.into_iter().map(|asker| asker.ask_until(begun + during));
    let times = futures_util::future::join_all(runs).await.concat();
    (times, begun.elapsed())
}
