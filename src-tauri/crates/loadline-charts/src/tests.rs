//! What every drawing keeps: finite numbers, escaped text, the same bytes twice, a frame inside its size, hatching for unknown.

use crate::*;
use loadline_model::{DAY_MS, Interval, num};

const START: i64 = 1_793_577_600_000;
const PAYLOAD: &str = "<script>alert(1)</script>\"'&\u{1}#panic()";

fn chart() -> LatencyChart {
    let point = |i: i64| {
        let level = if i < 40 { 1.4 } else { 0.26 };
        let wave = 1.0 + 0.05 * ((i % 7) as f64 - 3.0);
        let known = |f: f64| (!(20..23).contains(&i)).then_some(level * wave * f);
        let at = START + i * DAY_MS;
        LatencyPoint { at, p50: known(1.0), p95: known(2.6), p99: known(4.5), ..LatencyPoint::default() }
    };
    let marker = |day: i64, label: &str, failed| Marker { at: START + day * DAY_MS, label: label.into(), failed };
    LatencyChart {
        name: "GET /orders".into(),
        days: (0..90).map(point).collect(),
        deployments: (0..30).map(|i| marker(i * 3, "v1", i % 9 == 4)).collect(),
        incidents: vec![Span { from: START + 30 * DAY_MS, to: START + 31 * DAY_MS, label: "outage".into() }],
        change_points: vec![marker(40, "", false)],
        items: vec![marker(40, PAYLOAD, false)],
        moving: false,
    }
}

fn interval(p10: f64, p50: f64, p90: f64) -> Interval {
    Interval { p10, p50, p90 }
}

fn every_drawing(theme: &Theme) -> Vec<(&'static str, Size, Drawing)> {
    let size = Size { width: 640, height: 260 };
    let small = Size { width: 180, height: 200 };
    let hull = LoadLine {
        first_limit: Some(interval(2.1, 3.4, 4.8)),
        name: format!("prod-db connections {PAYLOAD}"),
        ladder: vec![
            LadderMark { multiplier: 5.2, name: "api cpu".into() },
            LadderMark { multiplier: 5.4, name: "cache memory".into() },
            LadderMark { multiplier: 40.0, name: "disk".into() },
        ],
        unmeasured: 3,
        peak: "42 requests/s".into(),
    };
    let before: Vec<(f64, f64)> = vec![(0.1, 0.0), (0.5, 0.1), (1.0, 0.2), (2.5, 0.5), (5.0, 0.2)];
    let after: Vec<(f64, f64)> = (1..60)
        .map(|i| (0.05 * num::pow(1.06, f64::from(i)), if i < 30 { i as f64 } else { 60.0 - i as f64 } / 900.0))
        .collect();
    let shapes = Shapes { before: &before, after: &after, before_stat: Some(1.42), after_stat: Some(0.26) };
    let future = |i: i64| {
        let u = 0.6 + 0.004 * i as f64;
        ForecastPoint { at: START + (60 + i) * DAY_MS, utilisation: interval(u * 0.9, u, u * 1.15) }
    };
    let bar = |label: &str, value, tone| Bar {
        label: label.into(),
        value,
        text: format!("{} h", words::number(value)),
        tone,
    };
    let heat = Heatmap {
        name: PAYLOAD.into(),
        days: (0..60).map(|i| START + i * DAY_MS).collect(),
        bounds: vec![0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5],
        shares: (0..60)
            .map(|i| (i % 11 != 5).then(|| vec![0.01, 0.05, 0.2, 0.4, 0.2, 0.1, 0.03, 0.008, 0.002]))
            .collect(),
    };
    let list = Bars {
        name: "Hours".into(),
        bars: vec![bar(PAYLOAD, 9.0, Tone::Critical), bar("b", f64::NAN, Tone::Accent), bar("c", 2.0, Tone::Unknown)],
        full: None,
    };
    let fall = Waterfall {
        from: 41.2,
        from_label: "14 Nov".into(),
        lines: vec![(PAYLOAD.into(), 6.1), ("opened".into(), -2.4)],
        to: 44.9,
        to_label: "21 Nov".into(),
    };
    let run = Forecast {
        name: "cpu".into(),
        history: (0..60).map(|i| (START + i * DAY_MS, (i != 30).then_some(0.5))).collect(),
        future: (0..90).map(future).collect(),
        line: 0.8,
    };
    let column = |i: i64| Column {
        from: START + i * 7 * DAY_MS,
        until: START + (i + 1) * 7 * DAY_MS,
        seconds: (i != 4).then(|| vec![4_000.0 / (i + 1) as f64, 900.0, f64::NAN, 120.0]),
    };
    let stack = Stacked {
        name: PAYLOAD.into(),
        parts: vec![PAYLOAD.into(), "b".into(), "c".into()],
        columns: (0..12).map(column).collect(),
        chosen: Some(1),
    };
    let moved = BurnUp {
        name: PAYLOAD.into(),
        moments: (0..27)
            .map(|i| {
                let new = 40.0 * i as f64;
                (START + i * 7 * DAY_MS, 2_000.0 - new, if i == 5 { f64::NAN } else { new })
            })
            .collect(),
        forecast: Some(START + 300 * DAY_MS),
    };
    vec![
        ("burn_up", size, burn_up(&moved, theme, size)),
        ("burn_up_small", small, burn_up(&moved, theme, small)),
        ("burn_up_empty", size, burn_up(&BurnUp::default(), theme, size)),
        ("stacked", size, stacked(&stack, theme, size)),
        ("stacked_empty", size, stacked(&Stacked::default(), theme, size)),
        ("latency", size, latency(&chart(), theme, size)),
        ("latency_empty", size, latency(&LatencyChart::default(), theme, size)),
        ("before_after", size, before_after(&shapes, theme, size)),
        ("load_line", size, load_line(&hull, theme, Size { width: 640, height: 360 })),
        ("load_line_small", small, load_line(&hull, theme, small)),
        ("load_line_unknown", size, load_line(&LoadLine { unmeasured: 4, ..LoadLine::default() }, theme, size)),
        ("heatmap", size, heatmap(&heat, theme, size)),
        ("heatmap_small", small, heatmap(&heat, theme, small)),
        ("heatmap_empty", size, heatmap(&Heatmap::default(), theme, size)),
        ("bars", size, bars(&list, theme, size)),
        ("waterfall", size, waterfall(&fall, theme, size)),
        ("forecast", size, forecast(&run, theme, size)),
        (
            "score_bar",
            size,
            score_bar(&ScoreBar { proven: 41.0, possible: 68.0 }, theme, Size { width: 640, height: 44 }),
        ),
        (
            "sparkline",
            size,
            sparkline(
                &[(0, Some(1.0)), (1, Some(3.0)), (2, None), (3, Some(2.0))],
                theme,
                Size { width: 120, height: 24 },
            ),
        ),
        (
            "line",
            size,
            line_of(
                &(0..100_000).map(|i| (START + i * 60_000, 0.2 + (i % 977) as f64 / 500.0)).collect::<Vec<_>>(),
                theme,
                size,
            ),
        ),
    ]
}

#[test]
fn drawings_are_finite_escaped_and_repeatable() {
    for theme in [Theme::light(), Theme::dark(), Theme::print()] {
        let (once, again) = (every_drawing(&theme), every_drawing(&theme));
        for ((name, size, drawing), (_, _, second)) in once.iter().zip(&again) {
            assert_eq!(drawing.svg, second.svg, "{name}: same numbers, same bytes");
            let low = drawing.svg.to_lowercase();
            for bad in ["nan", "infinity", "<script", "fe01fe", "\u{1}"] {
                assert!(!low.contains(bad), "{name} holds {bad}");
            }
            assert!(drawing.svg.starts_with("<svg ") && drawing.svg.trim_end().ends_with("</svg>"), "{name}");
            assert!(
                drawing.summary.ends_with('.') && !drawing.summary.to_lowercase().contains("nan"),
                "{name}: {}",
                drawing.summary
            );
            let f = drawing.frame;
            assert!(f.left >= 0.0 && f.width > 0.0 && f.left + f.width <= f64::from(size.width) + 0.1, "{name}: {f:?}");
            assert!(drawing.svg.len() < 400_000, "{name}: {} bytes", drawing.svg.len());
        }
    }
}

#[test]
fn the_unknown_is_hatched() {
    for (name, _, drawing) in every_drawing(&Theme::light()) {
        let hatched = drawing.svg.contains("url(#unknown-");
        let known =
            ["burn_up", "burn_up_small", "before_after", "waterfall", "forecast", "line", "sparkline"].contains(&name);
        assert_eq!(hatched, !known, "{name}");
    }
}

#[test]
fn a_crosshair_finds_its_value() {
    let frame = latency(&chart(), &Theme::light(), Size { width: 640, height: 260 }).frame;
    let at = START as f64 + 45.0 * DAY_MS as f64;
    assert!((frame.x_at(frame.x_of(at)) - at).abs() < 1000.0);
    assert!(frame.y_of(0.26) > frame.y_of(1.4));
    assert_eq!(frame.x_at(-50.0), frame.x_min);
}

#[test]
fn a_missing_day_breaks_the_line() {
    let svg = latency(&chart(), &Theme::light(), Size { width: 640, height: 260 }).svg;
    let lines = |color: Rgb| svg.matches(&format!("stroke=\"{}\" stroke-width=\"22\"", color.css())).count();
    assert_eq!(lines(Theme::light().accent), 2, "p50 before and after the gap");
}

#[test]
fn hostile_numbers_draw_something_finite() {
    let odd = [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300];
    let size = Size { width: 1, height: 1 };
    for v in odd {
        let days = vec![
            LatencyPoint { at: i64::MAX, p50: Some(v), p99: Some(v), above: Some(v), ..LatencyPoint::default() },
            LatencyPoint { at: i64::MIN, p95: Some(v), ..LatencyPoint::default() },
        ];
        let heat = Heatmap {
            name: "x".into(),
            days: vec![i64::MIN, i64::MAX],
            bounds: vec![v, v],
            shares: vec![Some(vec![v]), Some(vec![0.5, v, v])],
        };
        let drawings = [
            heatmap(&heat, &Theme::dark(), size),
            burn_up(
                &BurnUp { moments: vec![(i64::MIN, v, 1.0), (i64::MAX, 1.0, v)], ..BurnUp::default() },
                &Theme::dark(),
                size,
            ),
            latency(&LatencyChart { days, ..LatencyChart::default() }, &Theme::dark(), size),
            load_line(&LoadLine { first_limit: Some(interval(v, v, v)), ..LoadLine::default() }, &Theme::dark(), size),
            before_after(
                &Shapes { before: &[(v, v)], after: &[(v, 1.0)], before_stat: Some(v), after_stat: None },
                &Theme::dark(),
                size,
            ),
            score_bar(&ScoreBar { proven: v, possible: -v }, &Theme::dark(), size),
            line_of(&[(0, v), (1, v)], &Theme::dark(), size),
            waterfall(
                &Waterfall { from: v, to: v, lines: vec![("x".into(), v)], ..Waterfall::default() },
                &Theme::dark(),
                size,
            ),
        ];
        for drawing in drawings {
            assert!(!drawing.svg.contains("NaN") && !drawing.svg.contains("inf"), "{v}: {}", drawing.svg);
        }
    }
}
