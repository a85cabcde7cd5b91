//! The window: one command, one state, no product logic.

use crate::commands::{Desk, answer};
use loadline_engine::{Place, Workspace};
use loadline_wire::ApiError;
use serde_json::Value;
use std::process::ExitCode;
use std::sync::Arc;

/// Opens the window on a workspace and stays until it is closed.
pub(crate) fn open(place: Place) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("loadline: the runtime could not start: {error} (runtime_failed)");
            return ExitCode::FAILURE;
        }
    };
    tauri::async_runtime::set(runtime.handle().clone());
    let workspace = match runtime.block_on(Workspace::open(&place)) {
        Ok(workspace) => workspace,
        Err(error) => {
            eprintln!("loadline: {error}");
            return ExitCode::FAILURE;
        }
    };
    quiet_graphics();
    let desk = Arc::new(Desk::new(workspace, own_place(place)));
    let scheduled = desk.clone();
    runtime.spawn(async move { scheduled.keep_schedule().await });
    let built = tauri::Builder::default().manage(desk).invoke_handler(tauri::generate_handler![call]).run(context());
    match built {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!(
                "loadline: the window could not open: {error}. Without a display use the command line: loadline --help (window_failed)"
            );
            ExitCode::FAILURE
        }
    }
}

/// Where "your own workspace" is when the window began on the demo.
fn own_place(place: Place) -> Place {
    match place {
        Place::Demo => Place::parse(std::env::var("LOADLINE_WORKSPACE").ok().as_deref()),
        own => own,
    }
}

/// WebKitGTK shows a blank window with some NVIDIA drivers unless it is told not to use DMA-BUF; a choice of the user stands.
fn quiet_graphics() {
    let nvidia = std::path::Path::new("/proc/driver/nvidia/version").exists();
    if nvidia && std::env::var_os("WEBKIT_DISABLE_DMABUF_RENDERER").is_none() {
        eprintln!(
            "loadline: an NVIDIA driver was found; if the window stays blank, start with WEBKIT_DISABLE_DMABUF_RENDERER=1"
        );
    }
}

#[tauri::command]
async fn call(name: String, payload: Value, desk: tauri::State<'_, Arc<Desk>>) -> Result<Value, ApiError> {
    answer(desk.inner(), &name, payload).await
}

/// The window's files and rights, as the build script wrote them down.
#[expect(clippy::unwrap_used, reason = "generated: our version and the window's label, which are fixed")]
fn context() -> tauri::Context {
    tauri::tauri_build_context!()
}
