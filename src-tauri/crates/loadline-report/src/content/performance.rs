//! Performance: what changes proved, latency over time, errors and delivery.

use super::{Block, Cell, Mark, Table, comparison};
use crate::words;
use loadline_charts::{LatencyChart, LatencyPoint, Marker, Size, Theme, latency};
use loadline_model::{Assessment, Comparison, LatencyTrend, Percentiles, Verdict, num};

/// More panels than this are listed in a table.
const PANELS: usize = 6;
const CHARTS: usize = 6;

pub(super) fn performance(a: &Assessment) -> (String, Vec<Block>) {
    let mut blocks = Vec::new();
    let (with_panel, rest) = proofs(a);
    blocks.extend(with_panel.iter().map(|same| comparison::panel(same)));
    further(&rest, &mut blocks);
    over_time(a, &mut blocks);
    errors(a, &mut blocks);
    delivery(a, &mut blocks);
    (lead(a), blocks)
}

fn lead(a: &Assessment) -> String {
    let of = |v: Verdict| a.comparisons.iter().filter(|c| c.verdict == v).count();
    let (better, worse) = (of(Verdict::Improved), of(Verdict::Regressed));
    let changes = match a.comparisons.len() {
        0 => "No change has been compared before and after yet".to_owned(),
        n => format!(
            "{better} of {} improved what was measured, {} made it worse, {} changed nothing that could be detected",
            words::count(n, "comparison", "comparisons"),
            if worse == 0 { "none".to_owned() } else { worse.to_string() },
            of(Verdict::NoDetectableChange)
        ),
    };
    let slowest = a.trends.latency.iter().filter(|l| l.route.is_some()).filter_map(|l| l.last_week.p95.map(|p| (l, p)));
    let slowest = slowest.max_by(|x, y| num::cmp9(x.1, y.1).then(y.0.route.cmp(&x.0.route)));
    match slowest {
        Some((l, p95)) => format!(
            "{changes}. The slowest route is {}: 95 of 100 requests take at most {}.",
            name(l),
            words::seconds(p95)
        ),
        None => format!("{changes}."),
    }
}

fn name(l: &LatencyTrend) -> String {
    l.route.clone().unwrap_or_else(|| l.subject.name.clone())
}

/// Decided comparisons and those of roadmap items by moment, newest first, then what gets no panel.
fn proofs(a: &Assessment) -> (Vec<Vec<&Comparison>>, Vec<&Comparison>) {
    let decided = |c: &Comparison| matches!(c.verdict, Verdict::Improved | Verdict::Regressed);
    let worth = |c: &Comparison| decided(c) || (c.item.is_some() && c.verdict != Verdict::InsufficientData);
    let mut all: Vec<&Comparison> = a.comparisons.iter().collect();
    all.sort_by(|x, y| {
        let decided_first = decided(y).cmp(&decided(x)).then(y.item.is_some().cmp(&x.item.is_some()));
        decided_first.then(y.at.cmp(&x.at)).then_with(|| x.metric.cmp(&y.metric)).then_with(|| x.title.cmp(&y.title))
    });
    let mut panels: Vec<Vec<&Comparison>> = Vec::new();
    let mut rest = Vec::new();
    for c in all {
        let room = panels.len() < PANELS;
        let same = |p: &&mut Vec<&Comparison>| {
            p.first().is_some_and(|f| f.at == c.at && f.subject.id == c.subject.id && f.route == c.route)
        };
        match panels.iter_mut().find(same) {
            Some(panel) if c.verdict != Verdict::InsufficientData => panel.push(c),
            None if worth(c) && room => panels.push(vec![c]),
            _ => rest.push(c),
        }
    }
    (panels, rest)
}

/// Comparisons without a panel; those without enough data in one sentence.
fn further(rest: &[&Comparison], blocks: &mut Vec<Block>) {
    let (short, told): (Vec<&Comparison>, Vec<&Comparison>) =
        rest.iter().copied().partition(|c| c.verdict == Verdict::InsufficientData);
    if !told.is_empty() {
        blocks.push(Block::heading("Further comparisons"));
        blocks.push(comparison::table(&told));
    }
    if !short.is_empty() {
        let mut names: Vec<String> = short.iter().map(|c| c.title.clone()).collect();
        names.sort();
        names.dedup();
        let n = words::count(short.len(), "comparison has", "comparisons have");
        blocks.push(Block::note(format!(
            "{} not enough data for a verdict yet: {}.",
            words::capital(&n),
            words::list(&names, 8)
        )));
    }
}

fn over_time(a: &Assessment, blocks: &mut Vec<Block>) {
    blocks.push(Block::heading("Latency over time"));
    if a.trends.latency.is_empty() {
        blocks.push(Block::points(vec![super::Point {
            mark: Mark::Unknown,
            text: "Latency is not measured: connect metrics with request durations.".to_owned(),
            detail: String::new(),
        }]));
        return;
    }
    let compared = |l: &LatencyTrend| a.comparisons.iter().any(|c| c.subject.id == l.subject.id && c.route == l.route);
    let mut shown: Vec<&LatencyTrend> = a.trends.latency.iter().collect();
    shown.sort_by(|x, y| {
        let p95 = |l: &LatencyTrend| l.last_week.p95.unwrap_or(-1.0);
        compared(y)
            .cmp(&compared(x))
            .then_with(|| num::cmp9(p95(y), p95(x)))
            .then_with(|| x.subject.id.cmp(&y.subject.id))
            .then_with(|| x.route.cmp(&y.route))
    });
    for trend in shown.into_iter().take(CHARTS) {
        let drawing = latency(&chart(a, trend), &Theme::print(), Size { width: 680, height: 170 });
        blocks.push(Block::Group { blocks: vec![Block::strong(title(trend)), Block::chart(drawing)] });
    }
    blocks.push(Block::note("Bands reach from p50 to p95 to p99. Ticks below the axis are deployments, red ones failed. Dashed: the level changed. Blue line: a change of the roadmap was done. Hatched: not measured."));
    blocks.push(Block::table(percentiles(a)));
}

fn title(l: &LatencyTrend) -> String {
    match &l.route {
        Some(route) => format!("{route} of {}", l.subject.name),
        None => format!("{}, all routes", l.subject.name),
    }
}

fn chart(a: &Assessment, l: &LatencyTrend) -> LatencyChart {
    let of_service = a.deployments.iter().filter(|d| d.service.id == l.subject.id);
    let deployments = of_service.map(|d| Marker {
        at: d.deployment.started_at.0,
        label: String::new(),
        failed: d.deployment.has_failed(),
    });
    let mut items: Vec<Marker> = a
        .comparisons
        .iter()
        .filter(|c| c.item.is_some() && c.subject.id == l.subject.id && (c.route == l.route || l.route.is_none()))
        .map(|c| Marker { at: c.at.0, label: c.title.clone(), failed: false })
        .collect();
    items.sort_by(|x, y| x.at.cmp(&y.at).then_with(|| x.label.cmp(&y.label)));
    items.dedup();
    LatencyChart {
        name: title(l),
        days: l.days.iter().map(LatencyPoint::from).collect(),
        deployments: deployments.collect(),
        incidents: Vec::new(),
        change_points: l
            .change_points
            .iter()
            .map(|c| Marker { at: c.day.utc_start().0, label: String::new(), failed: false })
            .collect(),
        items,
        moving: false,
    }
}

fn percentiles(a: &Assessment) -> Table {
    let mut table = Table::of(&[
        ("Route", 34),
        ("p50", -13),
        ("p95", -13),
        ("p99", -13),
        ("Median the week before", -17),
        ("Requests a week", -16),
    ]);
    let say = |v: Option<f64>, above: bool| match v {
        Some(v) if above => format!("> {}", words::seconds(v)),
        Some(v) => words::seconds(v),
        None => "too few".to_owned(),
    };
    for l in &a.trends.latency {
        let w: &Percentiles = &l.last_week;
        table.row(vec![
            Cell::with(name(l), if l.route.is_some() { l.subject.name.clone() } else { "all routes".into() }),
            Cell::text(say(w.p50, false)),
            Cell::text(say(w.p95, w.p95_above)),
            Cell::text(say(w.p99, w.p99_above)),
            Cell::text(say(l.week_before.p50, false)),
            Cell::text(if l.mergeable { words::thousands(w.count) } else { "not counted".into() }),
        ]);
    }
    table
}

fn errors(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.trends.errors.is_empty() {
        return;
    }
    let mut table =
        Table::of(&[("Errors", 50), ("Failed requests, last 7 days", -26), ("5-minute windows above 1 %", -24)]);
    for e in &a.trends.errors {
        let share = format!("{} %", words::number((e.last_week * 1e4).round() / 100.0));
        table.row(vec![
            Cell::with(
                e.route.clone().unwrap_or_else(|| e.subject.name.clone()),
                if e.route.is_some() { e.subject.name.clone() } else { String::new() },
            ),
            Cell::text(share),
            Cell::text(words::percent(e.windows_breached)),
        ]);
    }
    blocks.push(Block::heading("Errors"));
    blocks.push(Block::table(table));
}

fn delivery(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.trends.delivery.is_empty() {
        return;
    }
    let mut table = Table::of(&[
        ("Service", 26),
        ("Deployments in 90 days", -16),
        ("Median duration", -16),
        ("Failed or rolled back", -26),
        ("By pipeline", -16),
    ]);
    for d in &a.trends.delivery {
        let rate = match &d.failure_rate {
            Some(i) => Cell::with(
                words::percent(i.p50),
                format!("90 % interval {} to {}", words::percent(i.p10), words::percent(i.p90)),
            ),
            None => Cell::with(d.failed.to_string(), "too few for a rate"),
        };
        table.row(vec![
            Cell::with(
                &d.subject.name,
                d.observed_since.map_or(String::new(), |t| format!("observed since {}", words::date(t.0))),
            ),
            Cell::text(d.deployments.to_string()),
            Cell::text(d.median_minutes.map_or("too few".to_owned(), |m| format!("{} min", words::points(m)))),
            rate,
            Cell::text(words::share(d.by_pipeline)),
        ]);
    }
    blocks.push(Block::heading("Delivery"));
    blocks.push(Block::table(table));
}
