//! The whole server on real sockets, against simulated phones: pages, API, live channel.
//!
//! Whatever a test does, its server must end with no task panicked, and no secret may have left it: see
//! [`server::TestServer::close`].

mod api;
mod bad_input;
mod causes;
mod client;
mod control;
mod diagnosis_page;
mod diagnoses;
mod dialling;
mod jobs;
mod live;
mod logs;
mod macros;
mod pages;
mod people;
mod reach;
mod readiness;
mod recordings;
mod remedies;
mod roles;
mod routes;
mod screens;
mod server;
mod system;
mod wall;
mod wizards;
