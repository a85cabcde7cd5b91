//! What the sample's series say: latency, comparisons, capacity.

use super::sample::{at, interval, subject};
use loadline_model::*;

fn days(level: f64, after: f64) -> Vec<DayPercentiles> {
    let first = Day::parse("2026-08-24").expect("a day");
    (0..85)
        .filter(|i| !(30..33).contains(i))
        .map(|i| {
            let base = if i < 50 { level } else { after } * (1.0 + 0.06 * (f64::from(i % 7) - 3.0) / 3.0);
            let percentiles = Percentiles {
                count: 90_000,
                p50: Some(base),
                p95: Some(base * 2.4),
                p99: Some(base * 4.2),
                p95_above: false,
                p99_above: false,
            };
            DayPercentiles { day: Day(first.0 + i), percentiles }
        })
        .collect()
}

fn trend(route: Option<&str>, level: f64, after: f64) -> LatencyTrend {
    let of = |base: f64| Percentiles {
        count: 640_000,
        p50: Some(base),
        p95: Some(base * 2.4),
        p99: Some(base * 4.2),
        p95_above: false,
        p99_above: base > 0.3,
    };
    LatencyTrend {
        subject: subject("api", Kind::Service),
        metric: "http.server.request.duration".into(),
        route: route.map(Into::into),
        unit: "s".into(),
        mergeable: true,
        last_week: of(after),
        week_before: of(after * 1.02),
        days: days(level, after),
        change_points: vec![ChangePoint {
            day: Day::parse("2026-10-13").expect("a day"),
            before: level,
            after,
            p_value: 1e-6,
            confidence: "high".into(),
            candidates: Vec::new(),
        }],
    }
}

fn shape(middle: f64) -> Vec<(f64, f64)> {
    let raw: Vec<(f64, f64)> = (0..60)
        .map(|i| {
            let bound = 0.02 * num::pow(1.12, f64::from(i));
            let z = num::ln(bound / middle) / 0.5;
            (bound, num::exp(-z * z / 2.0))
        })
        .collect();
    let sum: f64 = raw.iter().map(|r| r.1).sum();
    raw.into_iter().map(|(b, s)| (b, s / sum)).collect()
}

fn comparison(title: &str, route: &str, verdict: Verdict) -> Comparison {
    Comparison {
        item: Some("DB-003@0a1b2c3d".into()),
        deployment: None,
        title: title.into(),
        subject: subject("api", Kind::Service),
        metric: format!("http.server.request.duration p50 {route}"),
        route: Some(route.into()),
        at: at("2026-10-13T09:00:00Z"),
        verdict,
        sentence: format!("Median of {route} moved on the day of the change, the same way on 13 of 13 matched days."),
        effect_percent: Some(Effect { low: -83.0, mid: -81.69, high: -80.2 }),
        unadjusted_percent: Some(-80.1),
        before: Some(1.42),
        after: Some(0.26),
        confidence: "high".into(),
        aa_rate: Some(0.025),
        aa_runs: 40,
        pairs: 13,
        p_adjusted: Some(0.0002),
        change_at: Some(at("2026-10-13")),
        equivalent: None,
        detectable_percent: Some(4.0),
        confounders: vec!["campaign on 15 Oct".into()],
        before_shape: shape(1.42),
        after_shape: shape(0.26),
    }
}

fn limit(name: &str, resource: Limited, p50: f64, days: Option<f64>) -> LimitForecast {
    LimitForecast {
        subject: subject(name, Kind::Database),
        resource,
        scenario: "measured".into(),
        utilisation: 0.82 / p50,
        limit: 0.8,
        multiplier: interval(p50 * 0.62, p50, p50 * 1.41),
        days: days.map(|d| interval(d * 0.5, d, d * 2.4)),
        first_probability: 0.7,
        breaks: None,
        extrapolated: p50 > 5.0,
    }
}

pub(super) fn capacity() -> Capacity {
    let first = LimitForecast {
        multiplier: interval(2.1, 3.4, 4.8),
        ..limit("prod-db", Limited::Connections, 3.4, Some(210.0))
    };
    let rung = |name: &str, resource, p50: f64, fix: &str| Rung {
        subject: subject(name, Kind::Database),
        resource,
        multiplier: interval(p50 * 0.7, p50, p50 * 1.4),
        rule: Some("DB-001".into()),
        fix: fix.into(),
    };
    Capacity {
        growth: Growth { monthly: Some(interval(0.06, 0.11, 0.17)), weeks: 14, peak: Some(42.0), missing: None },
        utilisation: Vec::new(),
        limits: vec![
            first.clone(),
            limit("prod-db", Limited::Cpu, 5.1, Some(420.0)),
            limit("api", Limited::Workers, 8.2, None),
        ],
        first_limit: Some(first),
        ladder: vec![
            rung("prod-db", Limited::Connections, 3.4, "Put a pooler in front and size it from measured concurrency."),
            rung("prod-db", Limited::Cpu, 5.1, "Add the two missing indexes, then a read replica."),
            rung("api", Limited::Workers, 8.2, "Raise the worker pool to 24."),
        ],
        unmeasured: vec![
            Unmeasured {
                subject: subject("queue", Kind::Queue),
                resource: Limited::QueueDrain,
                closes: "Export queue age and drain rate.".into(),
            },
            Unmeasured {
                subject: subject("session-cache", Kind::Cache),
                resource: Limited::Memory,
                closes: "Connect the cache with INFO permission.".into(),
            },
        ],
        families: vec!["compute".into(), "database".into(), "connections".into()],
        zone_loss: vec![ZoneLoss {
            subject: subject("api", Kind::Service),
            zone: "eu-central-1a".into(),
            members: 3,
            lost: 2,
            before: 0.5,
            after: 1.5,
        }],
        pools: vec![PoolAdvice {
            subject: subject("api", Kind::Service),
            pool: "workers".into(),
            size: 16,
            rho: 0.71,
            wait_ms: Some(12.0),
            advised: 20,
        }],
    }
}

pub(super) fn trends() -> Trends {
    Trends {
        latency: vec![
            trend(None, 0.31, 0.2),
            trend(Some("GET /feed"), 1.42, 0.26),
            trend(Some("POST /orders"), 0.4, 0.41),
        ],
        errors: vec![ErrorTrend {
            subject: subject("api", Kind::Service),
            route: None,
            last_week: 0.0031,
            windows_breached: 0.02,
            windows: 2016,
            days: Vec::new(),
        }],
        demand: Vec::new(),
        delivery: vec![DeliveryTrend {
            subject: subject("api", Kind::Service),
            deployments: 41,
            observed_since: Some(at("2026-06-01")),
            median_minutes: Some(11.0),
            failed: 9,
            failure_rate: Some(interval(0.13, 0.22, 0.34)),
            by_pipeline: Some(1.0),
            ..DeliveryTrend::default()
        }],
    }
}

pub(super) fn comparisons() -> Vec<Comparison> {
    vec![
        comparison("Batch the feed query", "GET /feed", Verdict::Improved),
        Comparison {
            before: Some(0.4),
            after: Some(0.41),
            effect_percent: Some(Effect { low: -1.1, mid: 2.0, high: 5.2 }),
            ..comparison("Raise the worker pool", "POST /orders", Verdict::NoDetectableChange)
        },
        Comparison {
            before: None,
            after: None,
            effect_percent: None,
            aa_rate: None,
            before_shape: Vec::new(),
            after_shape: Vec::new(),
            ..comparison("New image sizes", "GET /images", Verdict::InsufficientData)
        },
    ]
}
