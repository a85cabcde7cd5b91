//! Single points of failure: what one failure takes along, and how we know.

use super::{Block, Cell, Mark, Table};
use crate::words;
use loadline_charts::{Bar, Bars, Drawing, Size, Theme, Tone, bars};
use loadline_model::{Assessment, Confidence, Spof, num};

pub(super) fn spofs(a: &Assessment) -> (String, Vec<Block>) {
    let t = &a.topology;
    let Some(worst) = t.spofs.first() else {
        let lead = "No single failure stops a journey in the graph that was observed.".to_owned();
        let note = "This holds for what the connected accounts show; what they do not show is listed under unknowns.";
        return (lead, vec![Block::note(note)]);
    };
    let lead = format!(
        "{} each stop at least one journey, at most {} a year in all. {}",
        words::capital(&words::count(t.spofs.len(), "single failure", "single failures")),
        words::hours(t.hours_upper_bound),
        worst.why
    );
    let lead =
        if t.spofs.len() == 1 { lead.replacen("each stop", "stops", 1).replacen(" in all", "", 1) } else { lead };
    let mut blocks = vec![Block::table(table(a)), Block::note(assumptions())];
    if t.spofs.iter().any(|s| s.hours_per_year.p50 >= 0.1) {
        blocks.insert(0, Block::chart(cost(a)));
    }
    blocks.push(Block::heading("Path of each failure"));
    blocks.push(Block::table(paths(a)));
    pairs(a, &mut blocks);
    people(a, &mut blocks);
    journeys(a, &mut blocks);
    (lead, blocks)
}

/// Expected hours a year of the dearest, as bars.
fn cost(a: &Assessment) -> Drawing {
    let bar = |s: &Spof| Bar {
        label: s.subject.name.clone(),
        value: s.hours_per_year.p50,
        text: words::hours(s.hours_per_year.p50),
        tone: if s.proven { Tone::Critical } else { Tone::Unknown },
    };
    let mut dearest: Vec<&Spof> = a.topology.spofs.iter().collect();
    dearest.sort_by(|x, y| {
        num::cmp9(y.hours_per_year.p50, x.hours_per_year.p50).then_with(|| x.subject.id.cmp(&y.subject.id))
    });
    let bars_of = dearest.into_iter().take(8).map(bar).collect();
    let chart = Bars { name: "Expected hours a year".to_owned(), bars: bars_of, full: None };
    let height = 22 * chart.bars.len() as u32;
    bars(&chart, &Theme::print(), Size { width: 680, height })
}

fn table(a: &Assessment) -> Table {
    let mut table =
        Table::of(&[("What fails", 24), ("Stops", -9), ("Hours a year", -22), ("Journeys lost", 28), ("Evidence", 14)]);
    for s in &a.topology.spofs {
        let kind = s.subject.kind.map_or("organisation".to_owned(), |k| k.word().replace('_', " "));
        table.row(vec![
            Cell { mark: if s.proven { Mark::Critical } else { Mark::Unknown }, ..Cell::with(&s.subject.name, kind) },
            Cell::text(words::percent(s.blast_radius)),
            Cell::with(
                words::hours(s.hours_per_year.p50),
                format!(
                    "80 % interval {} to {}",
                    words::points(s.hours_per_year.p10),
                    words::hours(s.hours_per_year.p90)
                ),
            ),
            Cell::text(words::list(&s.journeys_lost, 4)),
            Cell::text(evidence(s)),
        ]);
    }
    table
}

fn evidence(s: &Spof) -> &'static str {
    match (s.proven, s.confidence) {
        (false, _) => "likely, not proven",
        (true, Confidence::Declared) => "configured",
        (true, Confidence::Observed) => "observed in traffic",
        (true, Confidence::Inferred) => "inferred",
    }
}

fn assumptions() -> &'static str {
    "Hours a year are journey-weighted: failures a year times hours to repair times the share of journeys that stop. Where no \
     incident history exists, rates are published priors and the interval is wide. Hatched: without inferred edges the verdict would differ."
}

fn paths(a: &Assessment) -> Table {
    let mut table = Table::of(&[("What fails", 22), ("Path to the journey", 46), ("Rates behind the number", 32)]);
    for s in &a.topology.spofs {
        table.row(vec![Cell::text(&s.subject.name), Cell::with(s.path.join(" → "), &s.why), Cell::text(&s.assumption)]);
    }
    table
}

fn pairs(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.topology.fragile_pairs.is_empty() {
        return;
    }
    let mut table = Table::of(&[("Two failures", 50), ("Journeys lost together", 50)]);
    for p in a.topology.fragile_pairs.iter().take(10) {
        table.row(vec![
            Cell::text(format!("{} and {}", p.first.name, p.second.name)),
            Cell::text(words::list(&p.journeys_lost, 4)),
        ]);
    }
    blocks.push(Block::heading("Pairs that stop a journey together"));
    blocks.push(Block::table(table));
}

fn people(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.topology.recovery_spofs.is_empty() {
        return;
    }
    let mut table =
        Table::of(&[("Only one who can recover", 26), ("What", 44), ("Share of journeys", -14), ("Repair takes", -16)]);
    for r in &a.topology.recovery_spofs {
        let only: Vec<String> = r.only_for.iter().map(|s| s.name.clone()).collect();
        table.row(vec![
            Cell::text(&r.subject.name),
            Cell::text(words::list(&only, 5)),
            Cell::text(words::percent(r.blast_radius)),
            Cell::text(format!("{} as long", words::times(r.repair_factor))),
        ]);
    }
    blocks.push(Block::heading("Recovery that depends on one"));
    blocks.push(Block::table(table));
}

fn journeys(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.topology.availability.is_empty() {
        return;
    }
    let mut table =
        Table::of(&[("Journey", 40), ("Availability at least", -25), ("Hours down a year", -20), ("How", 15)]);
    for j in &a.topology.availability {
        table.row(vec![
            Cell::text(&j.journey),
            Cell::text(availability(j.unavailability)),
            Cell::text(words::hours(j.hours_per_year)),
            Cell::text(if j.exact { "exact" } else { "upper bound" }),
        ]);
    }
    blocks.push(Block::heading("Availability of each journey"));
    blocks.push(Block::table(table));
}

fn availability(unavailability: f64) -> String {
    if !unavailability.is_finite() {
        return "unknown".to_owned();
    }
    // Rounded down: 99.996 % must not read as 100 %.
    let percent = ((1.0 - unavailability.clamp(0.0, 1.0)) * 10_000.0).floor() / 100.0;
    format!("{percent:.2} %")
}
