//! The one place that talks to the shell. Nothing here can panic: a missing shell, a refused command and an answer of the
//! wrong shape all become an [`ApiError`] that a page can show.

use loadline_wire::{ApiError, Command};
use wasm_bindgen::{JsCast, JsValue};

/// Asks the shell. The request travels as JSON, the answer and the error come back as JSON.
pub async fn call<C: Command>(request: &C) -> Result<C::Reply, ApiError> {
    let payload =
        serde_json::to_string(request).map_err(|e| window_error(format!("The request could not be written: {e}.")))?;
    let reply = invoke(C::NAME, &payload).await?;
    serde_json::from_str(&reply).map_err(|e| {
        window_error(format!(
            "The answer to `{}` was not understood ({e}). Window and shell are of different versions: reinstall.",
            C::NAME
        ))
    })
}

fn window_error(message: String) -> ApiError {
    ApiError::new("window_protocol", message)
}

fn invoke_function() -> Result<(JsValue, js_sys::Function), JsValue> {
    let tauri = js_sys::Reflect::get(&js_sys::global(), &"__TAURI__".into())?;
    let core = js_sys::Reflect::get(&tauri, &"core".into())?;
    let function = js_sys::Reflect::get(&core, &"invoke".into())?.dyn_into::<js_sys::Function>()?;
    Ok((core, function))
}

async fn invoke(name: &str, payload: &str) -> Result<String, ApiError> {
    let no_shell =
        |_| ApiError::new("no_shell", "This window has no shell to ask: start it with `loadline`, not in a browser.");
    let (core, function) = invoke_function().map_err(no_shell)?;
    let arguments = js_sys::Object::new();
    let set = |key: &str, value: &JsValue| js_sys::Reflect::set(&arguments, &key.into(), value).map(|_| ());
    let payload = js_sys::JSON::parse(payload).map_err(|e| window_error(describe(&e)))?;
    set("name", &name.into()).and_then(|()| set("payload", &payload)).map_err(|e| window_error(describe(&e)))?;
    let promise = function.call2(&core, &"call".into(), &arguments).map_err(|e| refused(&e))?;
    let reply =
        wasm_bindgen_futures::JsFuture::from(js_sys::Promise::resolve(&promise)).await.map_err(|e| refused(&e))?;
    Ok(text_of(&reply).unwrap_or_else(|| "null".into()))
}

/// A rejection is an `ApiError` as JSON, or whatever the web view says itself.
fn refused(error: &JsValue) -> ApiError {
    let text = error.as_string().or_else(|| text_of(error)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_else(|_| ApiError::new("window_call", describe(error)))
}

fn text_of(value: &JsValue) -> Option<String> {
    js_sys::JSON::stringify(value).ok().and_then(|text| text.as_string())
}

fn describe(error: &JsValue) -> String {
    let text = error
        .as_string()
        .or_else(|| error.dyn_ref::<js_sys::Error>().and_then(|e| e.message().as_string()))
        .unwrap_or_else(|| "no reason given".into());
    format!("The shell refused the call: {text}.")
}
