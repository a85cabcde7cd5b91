//! First things: one TLS provider for the whole program, logs without secrets.

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::prelude::*;

/// Prepares the process; must run before anything connects.
pub(crate) fn prepare() {
    // An error means that a provider is installed already, which can only be ours.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let wanted =
        std::env::var("LOADLINE_LOG").ok().and_then(|l| l.parse::<LevelFilter>().ok()).unwrap_or(LevelFilter::WARN);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_target(false).without_time();
    // A library's debug lines may hold addresses or statements: only our own crates are ever logged.
    let ours = tracing_subscriber::filter::filter_fn(|meta| meta.target().starts_with("loadline"));
    let _ = tracing_subscriber::registry().with(lines.with_filter(wanted).with_filter(ours)).try_init();
}
