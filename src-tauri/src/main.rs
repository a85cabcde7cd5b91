//! Loadline: without arguments the window, with arguments the command line. No product logic lives here.

mod cli;
mod commands;
mod feeds;
mod safety;
mod window;

use std::process::ExitCode;

fn main() -> ExitCode {
    safety::prepare();
    if std::env::args_os().len() <= 1 {
        return window::open(loadline_engine::Place::parse(std::env::var("LOADLINE_WORKSPACE").ok().as_deref()));
    }
    cli::run()
}
