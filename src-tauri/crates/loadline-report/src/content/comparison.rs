//! Before and after a change: the verdict in one line, two distributions, and what would weaken it.

use super::{Block, Cell, Figure, Table};
use crate::words;
use loadline_charts::{Shapes, Size, Theme, before_after};
use loadline_model::{Comparison, Verdict};

/// How a metric's numbers are written, from the last word of its name (`key::metric`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    Seconds,
    Share,
    Plain,
}

fn unit(metric: &str) -> Unit {
    let name = metric.split_whitespace().next().unwrap_or_default();
    match name {
        n if n.ends_with("ratio") => Unit::Share,
        n if ["duration", "latency", "lag", "age"].iter().any(|e| n.ends_with(e)) => Unit::Seconds,
        _ => Unit::Plain,
    }
}

fn say(unit: Unit, value: Option<f64>) -> String {
    match (unit, value.filter(|v| v.is_finite())) {
        (_, None) => "unknown".to_owned(),
        (Unit::Seconds, Some(v)) => words::seconds(v),
        (Unit::Share, Some(v)) => format!("{} %", words::number((v * 1e4).round() / 100.0)),
        (Unit::Plain, Some(v)) => words::number(v),
    }
}

/// `Median`, `p95 latency`, or the metric's name.
fn statistic(c: &Comparison) -> String {
    let mut parts = c.metric.split_whitespace();
    let (name, quantile) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    match (unit(&c.metric), quantile) {
        (Unit::Share, _) => name.to_owned(),
        (_, "p50") => "Median".to_owned(),
        (_, q) => q.to_owned(),
    }
}

/// `Median of GET /feed: 1.42 s → 260 ms, −81.7 % (95 % interval −83.0 to −80.2 %), improved`.
pub(super) fn line(c: &Comparison) -> String {
    let unit = unit(&c.metric);
    let what = c.route.as_deref().unwrap_or(&c.subject.name);
    let sign = if unit == Unit::Share { "points" } else { "%" };
    let levels = format!("{} of {what}: {} → {}", statistic(c), say(unit, c.before), say(unit, c.after));
    match &c.effect_percent {
        Some(e) => format!(
            "{levels}, {} {sign} (95 % interval {} to {} {sign}), {}",
            words::percent_figure(e.mid),
            words::percent_figure(e.low),
            words::percent_figure(e.high),
            c.verdict.word()
        ),
        None if c.before.is_none() || c.after.is_none() => format!("{} of {what}: {}", statistic(c), c.verdict.word()),
        None => format!("{levels}, {}", c.verdict.word()),
    }
}

/// How often the same procedure cries wolf on quiet history.
fn false_alarms(c: &Comparison) -> String {
    match c.aa_rate.filter(|r| r.is_finite()) {
        Some(rate) => format!(
            "{} of {}",
            words::percent(rate),
            words::count(c.aa_runs as usize, "quiet comparison", "quiet comparisons")
        ),
        None => "not enough quiet history".to_owned(),
    }
}

fn figures(c: &Comparison) -> Vec<Figure> {
    let figure = |label: &str, value: String, note: &str| Figure {
        label: label.to_owned(),
        value,
        note: note.to_owned(),
        unknown: false,
    };
    let mut out = vec![
        figure(
            "Changed",
            words::date(c.at.0),
            &c.change_at
                .map_or("no change point nearby".to_owned(), |d| format!("level moved on {}", words::date(d.0))),
        ),
        figure("Days compared", words::count(c.pairs as usize, "pair", "pairs"), "same weekday, load evened out"),
        figure(
            "False alarms",
            c.aa_rate.map_or("unknown".to_owned(), words::percent),
            &format!("A/A on your own history: {}", false_alarms(c)),
        ),
        figure(
            "Confidence",
            words::capital(&c.confidence),
            &c.unadjusted_percent
                .filter(|u| u.is_finite())
                .map_or(String::new(), |u| format!("{} % without load adjustment", words::percent_figure(u))),
        ),
    ];
    if c.aa_rate.is_none() {
        out[2].unknown = true;
    }
    out
}

/// One panel.
pub(super) fn panel(c: &Comparison) -> Block {
    let unit = unit(&c.metric);
    let stat = |v: Option<f64>| v.filter(|_| unit == Unit::Seconds);
    let shapes = Shapes {
        before: &c.before_shape,
        after: &c.after_shape,
        before_stat: stat(c.before),
        after_stat: stat(c.after),
    };
    let mut blocks = vec![Block::heading(format!("Before and after: {}", c.title)), Block::strong(line(c)), Block::text(&c.sentence)];
    if !c.before_shape.is_empty() || !c.after_shape.is_empty() {
        blocks.push(Block::chart(before_after(&shapes, &Theme::print(), Size { width: 680, height: 150 })));
    }
    blocks.push(Block::Figures { figures: figures(c) });
    let confounders = if c.confounders.is_empty() {
        "Nothing else is known to have changed in these days.".to_owned()
    } else {
        format!("Also changed in these days: {}.", words::list(&c.confounders, 6))
    };
    let least = match (c.verdict, c.detectable_percent.filter(|d| d.is_finite())) {
        (Verdict::NoDetectableChange, Some(d)) => {
            format!(" This data could have shown a change of {} %.", words::number(d.round()))
        }
        _ => String::new(),
    };
    blocks.push(Block::note(format!("{confounders}{least}")));
    Block::Group { blocks }
}

/// What does not get a panel of its own.
pub(super) fn table(comparisons: &[&Comparison]) -> Block {
    let mut table = Table::of(&[("Change", 30), ("Verdict", 52), ("False alarms", -18)]);
    for c in comparisons {
        table.row(vec![Cell::with(&c.title, words::date(c.at.0)), Cell::text(line(c)), Cell::text(false_alarms(c))]);
    }
    Block::table(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_know_their_unit() {
        assert!(unit("http.server.request.duration p50 GET /feed") == Unit::Seconds);
        assert!(unit("cache.hit_ratio p50") == Unit::Share);
        assert!(unit("queue.depth p50") == Unit::Plain);
        assert_eq!(say(Unit::Share, Some(0.0123)), "1.23 %");
        assert_eq!(say(Unit::Seconds, Some(f64::NAN)), "unknown");
    }
}
