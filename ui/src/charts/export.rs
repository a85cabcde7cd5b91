//! Files that the window itself can make: a drawing as SVG or PNG, its numbers as CSV.

use super::{Redraw, chart_theme};
use crate::components::Icon;
use crate::ipc;
use crate::state::use_toasts;
use leptos::prelude::*;
use leptos::task::spawn_local;
use loadline_charts::{Rgb, Size};
use loadline_wire::ApiError;
use loadline_wire::performance::{ChartFile, SaveChart};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

/// Pixels across of an exported drawing: what fits a page or a slide, whatever the window's width is.
const WIDTH: u32 = 1_120;
/// Pixels of the PNG for each pixel of the drawing, so that it is sharp in print.
const SHARP: u32 = 2;

/// Buttons that save a chart as SVG, PNG and CSV. The drawing is made for the file, so it is whole while a table is shown.
#[component]
pub fn Exports(
    /// What is saved, for screen readers: `latency over time`.
    what: &'static str,
    /// First part of the `data-testid` of each button.
    test: &'static str,
    #[prop(into)] draw: Signal<Redraw>,
    /// Pixels down.
    height: u32,
    /// Name of the files, without their ending.
    #[prop(into)]
    file: Signal<String>,
    /// The numbers.
    #[prop(into)]
    csv: Callback<(), String>,
) -> impl IntoView {
    let toasts = use_toasts();
    let size = Size { width: WIDTH, height };
    // Handlers have no context, so the theme is looked up here.
    let theme = Memo::new(move |_| chart_theme());
    let drawn = move || {
        let theme = theme.get_untracked();
        let drawing = draw.with_untracked(|draw| draw(&theme, size));
        standalone(&drawing.svg, theme.paper)
    };
    let save = move |made: ChartFile| {
        let name = file.get_untracked();
        spawn_local(async move {
            match ipc::call(&SaveChart { name, file: made }).await {
                Ok(written) => toasts.say(format!("Saved: {}", written.path)),
                Err(error) => toasts.failed(&error),
            }
        });
    };
    let as_svg = move |_| save(ChartFile::Svg(drawn()));
    let as_csv = move |_| save(ChartFile::Csv(csv.run(())));
    let as_png = move |_| {
        let svg = drawn();
        spawn_local(async move {
            match rasterised(&svg, size).await {
                Ok(bytes) => save(ChartFile::Png(bytes)),
                Err(_) => toasts.failed(&ApiError::new(
                    "export_refused",
                    "The chart could not be drawn as PNG: the web view refused its canvas. Save it as SVG instead.",
                )),
            }
        });
    };
    view! {
        <div class="row" role="group" aria-label=format!("Save {what}")>
            <button class="button button--small" data-testid=format!("{test}-svg") aria-label=format!("Save {what} as SVG") on:click=as_svg><Icon name="export" />"SVG"</button>
            <button class="button button--small" data-testid=format!("{test}-png") aria-label=format!("Save {what} as PNG") on:click=as_png><Icon name="export" />"PNG"</button>
            <button class="button button--small" data-testid=format!("{test}-csv") aria-label=format!("Save {what} as CSV") on:click=as_csv><Icon name="export" />"CSV"</button>
        </div>
    }
}

/// A drawing as it looks outside the window: on its own ground, with fonts that exist where Inter does not.
fn standalone(svg: &str, ground: Rgb) -> String {
    let Some((head, body)) = svg.split_once('>') else { return String::new() };
    let body = body.replace("font-family=\"Inter\"", "font-family=\"Inter, system-ui, sans-serif\"");
    format!("{head}>\n<rect width=\"100%\" height=\"100%\" fill=\"{}\"/>{body}", ground.css())
}

/// Where an image finds an SVG: every byte outside letters and digits is escaped, so that nothing ends the address early.
fn address(svg: &str) -> String {
    let mut text = String::from("data:image/svg+xml;charset=utf-8,");
    for byte in svg.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b' ' | b',' | b'.' | b'-' | b'/' | b':' | b'=' => {
                text.push(byte.into())
            }
            _ => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// The drawing in pixels as PNG, by the web view's own canvas.
async fn rasterised(svg: &str, size: Size) -> Result<Vec<u8>, JsValue> {
    let image = web_sys::HtmlImageElement::new()?;
    let loaded = js_sys::Promise::new(&mut |done, failed| {
        image.set_onload(Some(&done));
        image.set_onerror(Some(&failed));
    });
    image.set_src(&address(svg));
    JsFuture::from(loaded).await?;
    let canvas: web_sys::HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    let (width, height) = (size.width * SHARP, size.height * SHARP);
    canvas.set_width(width);
    canvas.set_height(height);
    let context = canvas.get_context("2d")?.ok_or_else(|| JsValue::from("no canvas"))?;
    let context: web_sys::CanvasRenderingContext2d = context.unchecked_into();
    context.draw_image_with_html_image_element_and_dw_and_dh(&image, 0.0, 0.0, width.into(), height.into())?;
    let drawn = js_sys::Promise::new(&mut |done, failed| {
        if let Err(error) = canvas.to_blob(&done) {
            let _ = failed.call1(&JsValue::UNDEFINED, &error);
        }
    });
    let blob: web_sys::Blob = JsFuture::from(drawn).await?.dyn_into()?;
    let bytes = JsFuture::from(blob.array_buffer()).await?;
    Ok(js_sys::Uint8Array::new(&bytes).to_vec())
}

/// A CSV field: quoted where it must be, and never read as a formula.
pub fn csv_field(text: &str) -> String {
    let guarded = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) && text.parse::<f64>().is_err() {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if guarded.contains([',', '"', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}

#[cfg(test)]
mod tests {
    use super::{address, csv_field, standalone};
    use loadline_charts::{LatencyChart, LatencyPoint, Rgb, Size, Theme, latency};

    #[test]
    fn fields_are_quoted_and_no_formula_passes() {
        for (text, expected) in [
            ("GET /feed", "GET /feed"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "'=1+1"),
            ("-2.5", "-2.5"),
        ] {
            assert_eq!(csv_field(text), expected);
        }
    }

    #[test]
    fn a_saved_drawing_has_a_ground_and_fonts_of_any_machine() {
        let days =
            (0..9).map(|d| LatencyPoint { at: d * 86_400_000, p50: Some(0.2), ..LatencyPoint::default() }).collect();
        let chart = LatencyChart { days, ..LatencyChart::default() };
        let drawing = latency(&chart, &Theme::dark(), Size { width: 400, height: 200 });
        let saved = standalone(&drawing.svg, Rgb(1, 2, 3));
        let ground = saved.find("<rect width=\"100%\" height=\"100%\" fill=\"#010203\"/>").expect("a ground");
        assert!(saved.starts_with("<svg ") && saved.trim_end().ends_with("</svg>"));
        assert!(ground < saved.find("<text").expect("labels"), "below everything");
        assert!(drawing.svg.contains("font-family=\"Inter\"") && !saved.contains("font-family=\"Inter\""));
        assert_eq!(saved.matches("sans-serif").count(), drawing.svg.matches("font-family").count());
    }

    #[test]
    fn nothing_in_a_drawing_ends_its_address() {
        let address = address("<svg fill=\"url(#a)\">50 % é\n</svg>");
        assert_eq!(
            address,
            "data:image/svg+xml;charset=utf-8,%3Csvg fill=%22url%28%23a%29%22%3E50 %25 %C3%A9%0A%3C/svg%3E"
        );
    }
}
