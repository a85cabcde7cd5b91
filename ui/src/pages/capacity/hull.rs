//! The load line, large: the water rises with the chosen load, limits below it are broken.

use super::view::{Load, carries, until};
use crate::components::load_line::view::limit_name;
use leptos::prelude::*;
use loadline_model::LimitForecast;
use loadline_model::num::ln;

/// Height of the drawing.
pub const HEIGHT: f64 = 420.0;
/// Load at the lower and upper edge.
const BOTTOM: f64 = 0.72;
const TOP: f64 = 26.0;
/// Right edge of the scale, and where labels begin.
const SCALE: f64 = 46.0;
/// Labels keep this distance.
const LABEL: f64 = 34.0;
/// Limits drawn.
const MOST: usize = 8;

/// A limit on the hull.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub y: f64,
    /// Upper and lower edge of the interval.
    pub band: (f64, f64),
    /// Middle of its label.
    pub label_y: f64,
    pub title: String,
    pub detail: String,
    pub first: bool,
    pub broken: bool,
}

/// Height of a load from the top.
pub fn y_of(times: f64) -> f64 {
    HEIGHT * (1.0 - ln(times.clamp(BOTTOM, TOP) / BOTTOM) / ln(TOP / BOTTOM))
}

/// The lowest limits as marks, their labels apart.
pub fn marks(limits: &[LimitForecast], load: Load) -> Vec<Mark> {
    let first = limits.first().map(|l| (l.subject.id.clone(), l.resource));
    let mut lowest: Vec<&LimitForecast> = limits.iter().filter(|l| l.multiplier.p50 < TOP).collect();
    lowest.sort_by(|a, b| {
        a.multiplier
            .p50
            .total_cmp(&b.multiplier.p50)
            .then_with(|| a.subject.id.cmp(&b.subject.id))
            .then_with(|| a.resource.cmp(&b.resource))
    });
    lowest.truncate(MOST);
    let mut marks: Vec<Mark> = lowest
        .into_iter()
        .map(|l| Mark {
            y: y_of(l.multiplier.p50),
            band: (y_of(l.multiplier.p90), y_of(l.multiplier.p10)),
            label_y: y_of(l.multiplier.p50),
            title: limit_name(l.resource.word(), &l.subject.name),
            detail: detail(l, load),
            first: first.as_ref() == Some(&(l.subject.id.clone(), l.resource)),
            broken: l.multiplier.p50 <= load.times(),
        })
        .collect();
    spread(&mut marks);
    marks
}

fn detail(limit: &LimitForecast, load: Load) -> String {
    let at = carries(limit.multiplier.p50);
    match load {
        Load::Times(_) => format!("at {at}"),
        _ => format!(
            "at {at}, {}",
            match until(limit, load).as_str() {
                "now" => "now".to_owned(),
                word if word.starts_with("not") => word.to_owned(),
                word => format!("in {word}"),
            }
        ),
    }
}

/// Moves labels apart: from the lowest up, then back down where they left the drawing.
fn spread(marks: &mut [Mark]) {
    let mut floor = HEIGHT - LABEL / 2.0;
    for mark in marks.iter_mut() {
        mark.label_y = mark.label_y.min(floor);
        floor = mark.label_y - LABEL;
    }
    let mut ceiling = LABEL / 2.0;
    for mark in marks.iter_mut().rev() {
        mark.label_y = mark.label_y.max(ceiling);
        ceiling = mark.label_y + LABEL;
    }
}

/// The drawing.
#[component]
pub fn Hull(
    #[prop(into)] limits: Signal<Vec<LimitForecast>>,
    #[prop(into)] load: Signal<Load>,
    /// What it says, for those who do not see it.
    #[prop(into)]
    sentence: Signal<String>,
) -> impl IntoView {
    let drawn = Memo::new(move |_| limits.with(|l| marks(l, load.get())));
    let water = move || y_of(load.get().times());
    let unknown = move || limits.with(Vec::is_empty);
    let ticks = [1.0, 2.0, 3.0, 5.0, 10.0, 20.0].map(|t| {
        view! {
            <div class="hull__tick" style:top=format!("{}px", y_of(t))><span class="num">{format!("{t}x")}</span></div>
        }
    });
    view! {
        <div class="hull" role="img" aria-label=sentence data-testid="load-line-large" style:height=format!("{HEIGHT}px")>
            <div class="hull__scale" style:width=format!("{SCALE}px")>{ticks.collect_view()}</div>
            <div class="hull__body" style:left=format!("{SCALE}px")>
                <div class="hull__unknown hatched" hidden=move || !unknown()></div>
                {move || drawn.get().into_iter().find(|m| m.first).map(|m| view! { <div class="hull__beyond" style:height=format!("{}px", m.y)></div> })}
                <div class="hull__water" style:transform=move || format!("translateY({}px)", water())>
                    <svg class="hull__wave" width="100%" height="8" aria-hidden="true">
                        <defs><pattern id="hull-wave" width="40" height="8" patternUnits="userSpaceOnUse">
                            <path d="M0 5c10 0 10-3.600 20-3.600s10 3.600 20 3.600v3H0z" fill="var(--water)" />
                            <path d="M0 5c10 0 10-3.600 20-3.600s10 3.600 20 3.600" fill="none" stroke="var(--water-line)" stroke-width="1.500" />
                        </pattern></defs>
                        <rect width="100%" height="8" fill="url(#hull-wave)" />
                    </svg>
                    <span class="hull__today">{move || match load.get() { Load::Times(t) if t > 1.0 => format!("{} today's peak", crate::format::multiple(t)), _ => "today's peak".to_owned() }}</span>
                </div>
                <div class="hull__now" style:top=format!("{}px", y_of(1.0)) hidden=move || load.get().times() <= 1.0><span>"today"</span></div>
                {move || drawn.get().into_iter().map(mark).collect_view()}
            </div>
        </div>
    }
}

fn mark(mark: Mark) -> impl IntoView {
    let (top, bottom) = mark.band;
    let leader = mark.label_y - mark.y;
    view! {
        <div class="limit-mark" class:limit-mark--first=mark.first class:limit-mark--broken=mark.broken>
            <div class="limit-mark__band" style:top=format!("{top}px") style:height=format!("{}px", (bottom - top).max(1.0))></div>
            <div class="limit-mark__line" style:top=format!("{}px", mark.y)></div>
            <svg class="limit-mark__leader" width="28" height=HEIGHT aria-hidden="true"><path d=format!("M0 {}L28 {}", mark.y, mark.y + leader) /></svg>
            <div class="limit-mark__label" style:top=format!("{}px", mark.label_y)>
                <strong class="truncate">{mark.title.clone()}</strong>
                <span class="num small">{mark.detail.clone()}</span>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{Interval, Limited, SubjectRef};

    fn limit(id: usize, times: f64) -> LimitForecast {
        LimitForecast {
            subject: SubjectRef {
                id: format!("s{id:02}").into(),
                name: format!("s{id}"),
                ..SubjectRef::organisation()
            },
            resource: Limited::Cpu,
            scenario: "5x".into(),
            utilisation: 0.4,
            limit: 0.7,
            multiplier: Interval { p10: times * 0.8, p50: times, p90: times * 1.4 },
            days: None,
            first_probability: 0.0,
            breaks: Some(times <= 5.0),
            extrapolated: false,
        }
    }

    #[test]
    fn labels_keep_apart_and_stay_on_the_drawing() {
        for times in [
            &[1.0, 1.01, 1.02, 1.03][..],
            &[20.0, 21.0, 22.0, 23.0, 24.0],
            &[0.5, 0.6, 1.4, 3.0, 3.1, 3.2, 9.0, 9.1, 9.2],
        ] {
            let limits: Vec<_> = times.iter().enumerate().map(|(i, t)| limit(i, *t)).collect();
            let marks = marks(&limits, Load::Times(5.0));
            assert!(marks.len() <= MOST);
            assert!(marks.windows(2).all(|p| p[0].label_y - p[1].label_y >= LABEL - 1e-6), "{marks:#?}");
            assert!(marks.iter().all(|m| (0.0..=HEIGHT).contains(&m.label_y)));
        }
    }

    #[test]
    fn what_lies_under_water_is_broken() {
        let limits: Vec<_> = [1.4, 6.0].into_iter().enumerate().map(|(i, t)| limit(i, t)).collect();
        let broken = |load| marks(&limits, load).iter().map(|m| m.broken).collect::<Vec<_>>();
        assert_eq!(broken(Load::Times(5.0)), [true, false]);
        assert_eq!(broken(Load::Twenty), [false, false]);
    }
}
