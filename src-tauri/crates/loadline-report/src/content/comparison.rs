//! Before and after a change: the verdict in one line, two distributions, and what would weaken it.

use super::{Block, Cell, Figure, Table};
use crate::words;
use loadline_charts::{Shapes, Size, Theme, before_after};
use loadline_model::{Comparison, Verdict};

const UNKNOWN: &str = "unknown";

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
        (_, None) => UNKNOWN.to_owned(),
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
        unknown: value == UNKNOWN,
        value,
        note: note.to_owned(),
    };
    vec![
        figure(
            "Changed",
            words::date(c.at.0),
            &c.change_at
                .map_or("no change point nearby".to_owned(), |d| format!("level moved on {}", words::date(d.0))),
        ),
        figure("Days compared", words::count(c.pairs as usize, "pair", "pairs"), "same weekday, load evened out"),
        figure(
            "False alarms",
            c.aa_rate.map_or(UNKNOWN.to_owned(), words::percent),
            &format!("A/A on your own history: {}", false_alarms(c)),
        ),
        figure(
            "Confidence",
            words::capital(&c.confidence),
            &c.unadjusted_percent
                .filter(|u| u.is_finite())
                .map_or(String::new(), |u| format!("{} % without load adjustment", words::percent_figure(u))),
        ),
    ]
}

/// One panel: what was measured around one moment, the first comparison drawn. Changes of the same moment share it, since their
/// effects cannot be told apart.
pub(super) fn panel(same: &[&Comparison]) -> Block {
    let Some(first) = same.first() else { return Block::Group { blocks: Vec::new() } };
    let unit = unit(&first.metric);
    let stat = |v: Option<f64>| v.filter(|_| unit == Unit::Seconds);
    let shapes = Shapes {
        before: &first.before_shape,
        after: &first.after_shape,
        before_stat: stat(first.before),
        after_stat: stat(first.after),
    };
    let titles = distinct(same.iter().map(|c| c.title.clone()));
    let lines = distinct(same.iter().map(|c| line(c)));
    let mut blocks = vec![Block::heading(format!("Before and after: {}", titles.join("; ")))];
    blocks.extend(lines.into_iter().map(Block::strong));
    blocks.push(Block::text(&first.sentence));
    if unit == Unit::Seconds && !(first.before_shape.is_empty() && first.after_shape.is_empty()) {
        blocks.push(Block::chart(before_after(&shapes, &Theme::print(), Size { width: 680, height: 150 })));
    }
    blocks.push(Block::Figures { figures: figures(first) });
    blocks.push(Block::note(weakness(first, titles.len() > 1)));
    Block::Group { blocks }
}

fn distinct(all: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for text in all {
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}

/// What a sceptical reader would hold against a comparison.
fn weakness(c: &Comparison, together: bool) -> String {
    let mut said = match c.confounders.as_slice() {
        [] => "Nothing else is known to have changed in these days.".to_owned(),
        some => format!("Also changed in these days: {}.", words::list(some, 3)),
    };
    if together {
        said.push_str(" These changes were made at the same moment: their effects cannot be told apart.");
    }
    if let (Verdict::NoDetectableChange, Some(d)) = (c.verdict, c.detectable_percent.filter(|d| d.is_finite())) {
        said.push_str(&format!(" This data could have shown a change of {} %.", words::points(d.max(0.1))));
    }
    said
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
