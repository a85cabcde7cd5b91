use super::*;
use crate::fixture::{at, deployment, fact, latency, load, snapshot, subject};
use loadline_model::random::Draws;
use loadline_model::{Change, DeploymentStatus, DistributionSeries, Fact, Snapshot, key};
use proptest::prelude::*;

const START: &str = "2026-08-03T00:00:00Z"; // a Monday

/// 90 days of GET /feed: `before` seconds until day 60 noon, `after` from then on, with 3 % noise from day to day.
fn step(before: f64, after: f64, days: i64) -> DistributionSeries {
    let start = at(START);
    let mut draws = Draws::new(5);
    let noise: Vec<f64> = (0..days).map(|_| 0.03 * draws.normal()).collect();
    latency(start, days, Some("GET /feed"), |h| {
        let level = if h >= 60 * 24 + 12 { after } else { before };
        (level * num::exp(noise[(h / 24) as usize]), load(start, h))
    })
}

fn request(item: &str, at: Timestamp, exclude: &[&str]) -> CompareRequest {
    CompareRequest {
        item: Some(item.into()),
        deployment: None,
        title: format!("work on {item}"),
        subject: subject("api"),
        metric: key::metric::REQUEST_DURATION.into(),
        quantile: 0.5,
        route: Some("GET /feed".into()),
        at,
        duration_ms: 10 * 60_000,
        exclude: exclude.iter().map(|e| (*e).to_owned()).collect(),
    }
}

fn moment() -> Timestamp {
    at(START).plus_days(60).plus_hours(12)
}

fn compared(snapshot: &Snapshot, requests: &[CompareRequest]) -> Vec<Comparison> {
    let index = FactIndex::new(snapshot);
    let policy = Policy::default();
    let trends = crate::trends(&index, &policy);
    compare(&index, &trends, requests, &policy)
}

/// The series with a deployment of another service every day and the change's own deployment.
fn busy(series: DistributionSeries, days: i64, more: Vec<Fact>) -> Snapshot {
    let start = at(START);
    let mut facts = vec![fact("api", series)];
    facts.extend((0..days).map(|d| {
        fact(
            "other",
            deployment(&format!("other-{d:03}"), start.plus_days(d).plus_hours(9), 5, DeploymentStatus::Succeeded),
        )
    }));
    facts.push(fact("api", deployment("own", moment(), 10, DeploymentStatus::Succeeded)));
    facts.extend(more);
    snapshot(start.plus_days(days), facts)
}

#[test]
fn a_real_improvement_is_said_with_its_interval() {
    let found = compared(&busy(step(1.42, 0.26, 90), 90, vec![]), &[request("DB-003@1", moment(), &["own"])]);
    let c = &found[0];
    assert_eq!(c.verdict, Verdict::Improved, "{}", c.sentence);
    let effect = c.effect_percent.expect("measured");
    assert!((effect.mid + 81.7).abs() < 1.5 && effect.low < effect.mid && effect.mid < effect.high, "{effect:?}");
    assert!(effect.high - effect.low < 6.0, "{effect:?}");
    assert_eq!((c.pairs, c.confidence.as_str()), (13, "high"), "{}", c.sentence);
    assert!(c.aa_rate.is_some_and(|r| r <= 0.1) && c.aa_runs >= 10, "{:?} of {}", c.aa_rate, c.aa_runs);
    assert!(c.change_at.is_some_and(|t| (t.0 - c.at.0).abs() <= loadline_model::DAY_MS));
    assert!(c.confounders.iter().any(|l| l.contains("deployments of other services")), "{:?}", c.confounders);
    assert!(c.confounders.iter().all(|l| !l.contains("deployment own")));
    assert!(c.sentence.starts_with("Median of GET /feed fell from 1,399 ms to 253 ms: −82.0 %"), "{}", c.sentence);
    assert_eq!(c.metric, "http.server.request.duration p50 GET /feed");
    assert!(!c.before_shape.is_empty() && c.before_shape.len() <= 60 && c.before_shape.len() == c.after_shape.len());
    assert!((c.before_shape.iter().map(|p| p.1).sum::<f64>() - 1.0).abs() < 0.02);
}

#[test]
fn p35_same_input_same_bytes() {
    let snapshot = busy(step(1.0, 0.8, 90), 90, vec![]);
    let requests = [request("DB-003@1", moment(), &["own"]), request("CACHE-001@2", moment().plus_days(-20), &[])];
    let text = || serde_json::to_string(&compared(&snapshot, &requests)).expect("numbers");
    assert_eq!(text(), text());
    assert!(!text().contains("null,null"));
}

#[test]
fn a_regression_by_a_deployment() {
    let deploy = CompareRequest { item: None, deployment: Some("own".into()), ..request("", moment(), &[]) };
    let found = compared(&busy(step(0.2, 0.3, 90), 90, vec![]), &[deploy]);
    assert_eq!(found[0].verdict, Verdict::Regressed, "{}", found[0].sentence);
    assert_eq!(found[0].item, None);
}

#[test]
fn a_rival_at_the_same_time_confounds() {
    let requests = [request("DB-003@1", moment(), &["own"]), request("CACHE-001@2", moment().plus_hours(3), &[])];
    let found = compared(&busy(step(1.42, 0.26, 90), 90, vec![]), &requests);
    assert!(
        found.iter().all(|c| c.verdict == Verdict::Confounded),
        "{:?}",
        found.iter().map(|c| &c.sentence).collect::<Vec<_>>()
    );
    assert!(found[0].sentence.contains("work on CACHE-001@2 explains it as well"), "{}", found[0].sentence);
    // The deployment that shipped the item is the same change.
    let shipped = CompareRequest { item: None, deployment: Some("own".into()), ..request("", moment(), &[]) };
    let found = compared(&busy(step(1.42, 0.26, 90), 90, vec![]), &[request("DB-003@1", moment(), &[]), shipped]);
    assert!(
        found.iter().all(|c| c.verdict == Verdict::Improved),
        "{:?}",
        found.iter().map(|c| &c.sentence).collect::<Vec<_>>()
    );
    // The same item measured twice is no rival of itself.
    let twice = [
        request("DB-003@1", moment(), &["own"]),
        CompareRequest { quantile: 0.95, ..request("DB-003@1", moment(), &["own"]) },
    ];
    let found = compared(&busy(step(1.42, 0.26, 90), 90, vec![]), &twice);
    assert!(found.iter().all(|c| c.verdict == Verdict::Improved));
}

#[test]
fn daily_deployments_of_the_same_service_do_not_hide_a_large_effect() {
    let daily = |hour: i64| -> Vec<Fact> {
        let ship = |d: i64| {
            deployment(&format!("d{d}"), at(START).plus_days(d).plus_hours(hour), 5, DeploymentStatus::Succeeded)
        };
        (0..90).map(|d| fact("api", ship(d))).collect()
    };
    let verdict = |hour| {
        let found = compared(&busy(step(1.42, 0.26, 90), 90, daily(hour)), &[request("DB-003@1", moment(), &["own"])]);
        assert!(found[0].aa_runs >= 10, "{}", found[0].aa_runs);
        found[0].verdict
    };
    assert_eq!((verdict(9), verdict(20)), (Verdict::Improved, Verdict::Improved));
}

#[test]
fn no_change_is_not_an_improvement() {
    let found = compared(&busy(step(0.3, 0.3, 90), 90, vec![]), &[request("DB-003@1", moment(), &["own"])]);
    let c = &found[0];
    assert_eq!((c.verdict, c.equivalent), (Verdict::NoDetectableChange, Some(true)), "{}", c.sentence);
    assert!(c.detectable_percent.is_some_and(|d| d > 0.0 && d < 5.0));
}

#[test]
fn too_little_is_said_with_numbers() {
    let short = compared(&busy(step(1.42, 0.26, 64), 64, vec![]), &[request("DB-003@1", moment(), &["own"])]);
    assert_eq!(short[0].verdict, Verdict::InsufficientData);
    assert!(short[0].sentence.contains("of 6 weekday-matched pairs"), "{}", short[0].sentence);
    assert_eq!((short[0].effect_percent, short[0].p_adjusted), (None, None));
    let none = CompareRequest { route: Some("GET /nothing".into()), ..request("DB-003@1", moment(), &[]) };
    let none = compared(&busy(step(1.42, 0.26, 90), 90, vec![]), &[none]);
    assert!(none[0].sentence.contains("no http.server.request.duration was read"), "{}", none[0].sentence);
    let week = compared(&busy(step(1.42, 0.26, 67), 67, vec![]), &[request("DB-003@1", moment(), &["own"])]);
    assert_eq!(
        (week[0].verdict, week[0].confidence.as_str()),
        (Verdict::Improved, "provisional"),
        "{}",
        week[0].sentence
    );
}

#[test]
fn changes_and_incidents_are_listed() {
    let campaign =
        Change { what: "campaign".into(), at: moment().plus_days(5), until: None, description: "autumn sale".into() };
    let found = compared(
        &busy(step(1.42, 0.26, 90), 90, vec![fact("shop", campaign)]),
        &[request("DB-003@1", moment(), &["own"])],
    );
    assert!(
        found[0].confounders.iter().any(|c| c == "2026-10-07 campaign on shop: autumn sale"),
        "{:?}",
        found[0].confounders
    );
    assert_eq!(found[0].verdict, Verdict::Improved, "five days later it is no suspect");
}

#[test]
fn shares_move_in_percentage_points() {
    let start = at(START);
    let samples = (0..90 * 24).map(|h| {
        let wave = 0.004 * num::sin(h as f64);
        (start.plus_hours(h), if h >= 60 * 24 + 12 { 0.9 } else { 0.5 } + wave)
    });
    let series = crate::fixture::gauge(key::metric::CACHE_HIT_RATIO, "ratio", samples.collect());
    let mut r = request("CACHE-001@1", moment(), &[]);
    (r.metric, r.route) = (key::metric::CACHE_HIT_RATIO.into(), None);
    let found = compared(&snapshot(start.plus_days(90), vec![fact("api", series)]), &[r]);
    assert_eq!(found[0].verdict, Verdict::Improved, "more hits are better: {}", found[0].sentence);
    let points = found[0].effect_percent.expect("measured").mid;
    assert!((points - 40.0).abs() < 3.0, "{points}");
}

fn measured(series: &DistributionSeries, at: Timestamp, quantile: f64) -> Result<Measured, String> {
    let zone = loadline_model::Zone::default();
    let hours = Hours::from_distributions(&[series], &zone).expect("hours");
    let window = Window { at, guard_ms: HOUR_MS, until: series.covered_until, trims: &[], zone: &zone };
    measure(&hours, quantile, &window, 1)
}

/// Noise as real latency has it: a daily wave, weekdays, AR(1) hours and a day effect.
fn quiet(seed: u64, phi: f64, day_sd: f64) -> DistributionSeries {
    let start = at(START);
    let mut draws = Draws::new(seed);
    let (mut ar, mut day_effect) = (draws.normal(), 0.0);
    latency(start, 28, None, |h| {
        if h % 24 == 0 {
            day_effect = day_sd * draws.normal();
        }
        ar = phi * ar + num::sqrt(1.0 - phi * phi) * draws.normal();
        let wave = 1.5 * num::sin(2.0 * std::f64::consts::PI * (h % 24) as f64 / 24.0);
        let weekday = if (h / 24) % 7 < 5 { 0.8 } else { 0.0 };
        (0.2 * num::exp(0.12 * (wave + weekday + ar + day_effect)), load(start, h))
    })
}

#[test]
fn p33_quiet_weeks_seldom_cry_wolf() {
    for (phi, day_sd, runs) in [(0.7, 0.7, 1000), (0.9, 0.7, 200)] {
        let alarms = (0..runs)
            .filter(|seed| {
                let m = measured(&quiet(*seed, phi, day_sd), at(START).plus_days(14), 0.5).expect("28 full days");
                m.p_value <= 0.05 && m.theta.abs() >= effect::SMALLEST
            })
            .count();
        assert!(alarms * 10 <= runs as usize, "{alarms} false verdicts in {runs} runs at phi {phi}");
    }
}

#[test]
fn a_tenth_is_seen_in_most_simulated_runs() {
    let slower = |seed| {
        let mut series = quiet(seed, 0.7, 0.7);
        for hour in series.hours.iter_mut().skip(14 * 24) {
            hour.distribution = shifted(&hour.distribution, 9); // 9 buckets: +21.5 %
        }
        series
    };
    let seen =
        (0..100).filter(|s| measured(&slower(*s), at(START).plus_days(14), 0.5).expect("full").p_value <= 0.05).count();
    assert!(seen >= 90, "{seen} of 100");
}

fn shifted(d: &loadline_model::Distribution, by: i32) -> loadline_model::Distribution {
    let loadline_model::Distribution::Exponential { schema, zero, counts, sum } = d else { return d.clone() };
    let counts = counts.iter().map(|(i, n)| (i + by, *n)).collect();
    loadline_model::Distribution::Exponential { schema: *schema, zero: *zero, counts, sum: *sum }
}

fn twice(d: &loadline_model::Distribution) -> loadline_model::Distribution {
    d.merge(d).expect("same form")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn p31_scaling_changes_nothing_and_swapping_turns_the_sign(seed in 0u64..1000, by in -40i32..40, jump in -20i32..20) {
        let mut series = quiet(seed, 0.7, 0.5);
        for hour in series.hours.iter_mut().skip(14 * 24) {
            hour.distribution = shifted(&hour.distribution, jump);
        }
        let at = at(START).plus_days(14);
        let theta = measured(&series, at, 0.5).expect("full").theta;
        let mut scaled = series.clone();
        scaled.hours.iter_mut().for_each(|h| h.distribution = shifted(&h.distribution, by));
        prop_assert!((measured(&scaled, at, 0.5).expect("full").theta - theta).abs() < 1e-9);
        let mut swapped = series.clone();
        for i in 0..14 * 24 {
            swapped.hours[i].distribution = series.hours[i + 14 * 24].distribution.clone();
            swapped.hours[i + 14 * 24].distribution = series.hours[i].distribution.clone();
        }
        let back = measured(&swapped, at, 0.5).expect("full").theta;
        prop_assert!((back + theta).abs() < 0.02, "{} against {}", back, theta);
    }

    #[test]
    fn p32_counting_everything_twice_changes_nothing(seed in 0u64..1000) {
        let series = quiet(seed, 0.7, 0.5);
        let mut doubled = series.clone();
        doubled.hours.iter_mut().for_each(|h| h.distribution = twice(&h.distribution));
        let at = at(START).plus_days(14);
        for q in [0.5, 0.95] {
            let (one, two) = (measured(&series, at, q).expect("full").theta, measured(&doubled, at, q).expect("full").theta);
            prop_assert!((one - two).abs() < 1e-9, "{} against {}", one, two);
        }
    }

    #[test]
    fn p33_identical_windows_have_no_effect(seed in 0u64..1000) {
        let mut series = quiet(seed, 0.7, 0.5);
        for i in 0..14 * 24 {
            series.hours[i + 14 * 24].distribution = series.hours[i].distribution.clone();
        }
        // The hours beside the guard differ between both windows, nothing else does.
        let m = measured(&series, at(START).plus_days(14), 0.5).expect("full");
        prop_assert!(m.theta.abs() < 0.01, "{}", m.theta);
        prop_assert!(m.theta.abs() < effect::SMALLEST);
    }
}
