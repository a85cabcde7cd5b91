//! Loadline's window: what the shell knows, drawn and asked about. It judges nothing itself; every number comes from an
//! assessment, and what-ifs run the same pure crates that made it. It is not for talking to anything but the shell.
#![expect(unreachable_pub, reason = "a program has no outside: pub says what one room offers the others")]

mod app;
mod charts;
mod components;
mod format;
mod frame;
mod ipc;
mod pages;
mod state;
#[cfg(test)]
mod tokens;

fn main() {
    #[cfg(feature = "dense")]
    if web_sys::window().and_then(|w| w.location().hash().ok()).as_deref() == Some("#dense") {
        return leptos::mount::mount_to_body(pages::performance::dense::Dense);
    }
    leptos::mount::mount_to_body(app::App);
}
