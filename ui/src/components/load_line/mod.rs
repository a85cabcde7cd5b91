//! The load line: how deep we lie today, how deep we may, and what lies above. Small on Overview, large on Capacity.

pub mod view;

use leptos::prelude::*;
use loadline_model::Capacity;
use view::{Line, scene};

/// Left edge of the hull; the scale stands left of it.
const HULL: f64 = 40.0;

/// The drawing, as wide as its place.
#[component]
pub fn LoadLine(
    #[prop(into)] capacity: Signal<Capacity>,
    /// Pixels.
    #[prop(default = 264.0)]
    height: f64,
) -> impl IntoView {
    move || {
        let scene = capacity.with(|capacity| scene(capacity, height));
        let depth = scene.height - scene.water;
        view! {
            <svg class="load-line" width="100%" height=scene.height role="img" aria-label=scene.sentence.clone() data-testid="load-line">
                <defs>
                    <pattern id="load-line-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                        <path d="M0 0v7" stroke="var(--hatch-ink)" stroke-width="1.300" />
                    </pattern>
                    <pattern id="load-line-wave" width="32" height="6" patternUnits="userSpaceOnUse" y=scene.water - 3.0>
                        <path d="M0 3c8 0 8-2.400 16-2.400s8 2.400 16 2.400v3H0z" fill="var(--water)" />
                        <path d="M0 3c8 0 8-2.400 16-2.400s8 2.400 16 2.400" fill="none" stroke="var(--water-line)" stroke-width="1.300" />
                    </pattern>
                </defs>
                <rect x=HULL y="0" width="100%" height=scene.height class="load-line__hull" />
                {scene
                    .line
                    .is_none()
                    .then(|| view! { <rect x=HULL y="0" width="100%" height=scene.water fill="url(#load-line-hatch)" opacity=".7" /> })}
                {scene.line.clone().map(|line| view! { <rect x=HULL y="0" width="100%" height=line.y class="load-line__beyond" /> })}
                <rect x=HULL y=scene.water width="100%" height=depth fill="var(--water)" />
                <rect x=HULL y=scene.water - 3.0 width="100%" height="6" fill="url(#load-line-wave)" />
                {scene
                    .ticks
                    .iter()
                    .map(|tick| {
                        view! {
                            <text x=HULL - 12.0 y=tick.y + 4.0 text-anchor="end" class="load-line__scale">{tick.word.clone()}</text>
                            <line x1=HULL - 7.0 x2=HULL y1=tick.y y2=tick.y class="load-line__tick" />
                        }
                    })
                    .collect_view()}
                <line x1=HULL x2=HULL y1="0" y2=scene.height class="load-line__tick" />
                <text x=HULL + 12.0 y=scene.water + 22.0 class="load-line__today">"today's peak"</text>
                {scene.above.iter().map(next_limit).collect_view()}
                {scene.line.as_ref().map(first_limit)}
            </svg>
        }
    }
}

fn first_limit(line: &Line) -> impl IntoView + use<> {
    let (top, bottom) = line.band;
    view! {
        <rect x=HULL y=top width="100%" height=(bottom - top).max(1.0) class="load-line__band" />
        <circle cx=HULL + 32.0 cy=line.y r="15" class="load-line__ring" />
        <line x1=HULL x2="100%" y1=line.y y2=line.y class="load-line__mark" />
        <text x="100%" dx="-12" y=line.label_y - 16.0 text-anchor="end" class="load-line__title">{line.title.clone()}</text>
        <text x="100%" dx="-12" y=line.label_y text-anchor="end" class="load-line__detail">{line.detail.clone()}</text>
    }
}

fn next_limit(line: &Line) -> impl IntoView + use<> {
    view! {
        <line x1=HULL x2="100%" y1=line.y y2=line.y class="load-line__next" />
        <text x="100%" dx="-12" y=line.label_y text-anchor="end" class="load-line__detail">
            {format!("{} · {}", line.title, line.detail)}
        </text>
    }
}
