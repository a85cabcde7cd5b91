//! A chart of a million values, for `cargo xtask bench frames` alone: the parts of the page, without a workspace behind them.

use super::zoomed::{self, Layers};
use crate::charts::{Plot, Redraw, Zoom};
use crate::state::theme::Theme;
use leptos::prelude::*;
use loadline_charts::{LatencyChart, LatencyPoint, latency};
use loadline_model::random::Draws;
use std::sync::Arc;

/// Three percentiles each.
const POINTS: i64 = 333_334;
/// Milliseconds.
const FIVE_MINUTES: i64 = 300_000;

/// The chart, as the latency panel draws it.
#[component]
pub fn Dense() -> impl IntoView {
    provide_context(Theme::stored());
    let chart = StoredValue::new(Layers::of(made()));
    let zoom = Zoom::new(Signal::stored(chart.with_value(|layers| zoomed::limits(&layers.fine))));
    let visible = Memo::new(move |_| chart.with_value(|layers| layers.drawn(zoom.part.get(), zoom.moving.get())));
    let draw = Signal::derive(move || {
        let chart = visible.get();
        Arc::new(move |theme: &_, size| latency(&chart, theme, size)) as Redraw
    });
    view! { <div class="page" data-testid="dense"><Plot draw height=300 zoom /></div> }
}

fn made() -> LatencyChart {
    let mut draws = Draws::new(11);
    let mut point = |n: i64| {
        let p50 = draws.lognormal(0.12, 0.3);
        let times = |factor: f64| Some(p50 * factor);
        LatencyPoint { at: n * FIVE_MINUTES, p50: times(1.0), p95: times(3.0), p99: times(6.0), above: None }
    };
    LatencyChart {
        name: "a million values".into(),
        days: (0..POINTS).map(&mut point).collect(),
        ..LatencyChart::default()
    }
}
