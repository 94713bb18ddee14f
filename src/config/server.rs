//! `[server]`: where it listens and where it keeps its data.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::section::section;

section! {
    /// Where the server listens and where it keeps its data.
    pub struct Server {
        /// Address and port to listen on.
        pub listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080)),
        /// Folder of the database `sidetone.db` and, unless `key_file` says otherwise, of the key `secret.key`.
        pub data: PathBuf = PathBuf::from("sidetone-data"),
        /// File of the 32-byte key that seals stored passwords; empty: `secret.key` in the data folder. Made at the first start.
        pub key_file: PathBuf = PathBuf::new(),
        /// Origin under which browsers reach the server, such as `https://sidetone.example`; empty: the `Host` of each request. Set it behind a reverse proxy. With https the session cookie is bound to TLS.
        pub public_origin: String = String::new(),
        /// Take the browser's address from `X-Forwarded-For` when the connection comes from one of these addresses (a reverse proxy).
        pub trusted_proxies: Vec<std::net::IpAddr> = Vec::new(),
        /// Allow sign-in over plain http from other machines. Every page then says so.
        pub allow_plain_http: bool = false,
        /// Threads for requests; 0: one a processor core.
        pub worker_threads: usize = 0,
    }
}
