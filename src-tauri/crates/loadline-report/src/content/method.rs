//! How every number was made, so that a reader can make it again.

use super::{Block, Cell, Table};
use crate::words;
use loadline_model::{Assessment, Threshold};

/// The definitions behind the figures, as (figure, how).
const FORMULAS: [(&str, &str); 10] = [
    (
        "Proven readiness",
        "100 minus the points lost. Each rule has points; a failing check loses exposure times severity (critical 1, high 0.6, medium 0.3, low 0.1) of them, an unknown check loses its largest possible share. A rule never loses more than its points.",
    ),
    (
        "Possible readiness",
        "The same with every unknown check lost nothing: the best case if all unknowns turn out well.",
    ),
    ("Coverage", "1 minus the share of points that unknown checks alone would lose."),
    (
        "Label",
        "Ready from 85 without open critical finding, conditional from 65, at risk from 40, else not ready; below 40 % coverage not rated. A gate caps the label until it is proven open, whatever the number.",
    ),
    (
        "Single point of failure",
        "Fail one thing in the observed graph, follow hard dependencies and k-of-n redundancy, and see which journeys still reach what they need. Exact for the observed graph.",
    ),
    (
        "Hours a year",
        "Failures a year times hours to repair times the share of journeys lost, with an 80 % interval. Rates come from incidents where they exist, else from published priors named beside the number.",
    ),
    (
        "First limit",
        "The smallest multiple of today's peak at which a measured resource reaches its alarm line, from utilisation against demand; 80 % interval by simulation.",
    ),
    (
        "Before and after",
        "Days before and after are matched by weekday and evened out for load, compared on a log scale; the 95 % interval is a block bootstrap, p-values are adjusted for many comparisons. Under 5 % is not called a change.",
    ),
    (
        "False alarms",
        "The same comparison at moments when nothing was changed on your own history: how often it would have called a change.",
    ),
    (
        "Roadmap",
        "Items are chosen to be worth most together inside the budget, prerequisites first; the certificate says how far from the best choice the first sprint can be at most.",
    ),
];

pub(super) fn method(a: &Assessment) -> (String, Vec<Block>) {
    let judged = a.rules.len();
    let lead = format!(
        "Every number follows from the evidence by rule: {} judged {}, without people's ratings. The same evidence gives the same report, byte for byte.",
        words::count(judged, "rule", "rules"),
        words::count(a.checks.len(), "check", "checks")
    );
    let mut formulas = Table::of(&[("Figure", 20), ("How it is made", 80)]);
    for (figure, how) in FORMULAS {
        formulas.row(vec![Cell::text(figure), Cell::text(how)]);
    }
    let mut blocks = vec![Block::table(formulas), Block::heading("Versions and settings"), Block::table(settings(a))];
    changed(a, &mut blocks);
    blocks.push(Block::note("Not claimed: the probability that the company fails, a certificate, or compliance. Rates from priors are assumptions."));
    if judged > 0 {
        blocks.push(Block::heading("Rules and where their numbers come from"));
        blocks.push(Block::note(
            "HD is Loadline's own default; every threshold can be changed, and changes are printed above.",
        ));
        blocks.push(Block::table(rules(a)));
    }
    (lead, blocks)
}

fn settings(a: &Assessment) -> Table {
    let t = &a.policy.team;
    let mut table = Table::of(&[("What", 30), ("Value", 70)]);
    let unjudged: Vec<String> =
        a.score.domains.iter().filter(|d| d.status == "not_judged_yet").map(|d| d.name.clone()).collect();
    let rows = [
        ("Model and catalog", a.model_version.clone()),
        ("Snapshot", format!("{} of {}", a.snapshot, a.as_of)),
        ("Time zone", a.zone.clone()),
        ("Policy version", a.policy.version.to_string()),
        (
            "Team",
            format!(
                "{} people, sprints of {} days, {} present, {} of the time for this work",
                t.people,
                t.sprint_days,
                words::percent(t.availability),
                words::percent(t.share)
            ),
        ),
        (
            "Weights of value",
            format!(
                "points {}, hours {}, interest {}, urgency {}",
                words::number(a.policy.weights.points),
                words::number(a.policy.weights.hours),
                words::number(a.policy.weights.interest),
                words::number(a.policy.weights.urgency)
            ),
        ),
        ("Facts are stale after", format!("{} days", words::number(a.policy.stale_after_days))),
        ("Domains not judged", words::list(&unjudged, 15)),
        (
            "Accounts",
            words::list(
                &a.accounts
                    .iter()
                    .map(|c| {
                        format!(
                            "{} ({}, {})",
                            c.name,
                            c.provider,
                            c.collected_at.map_or("never read".to_owned(), |t| format!("read {}", words::date(t.0)))
                        )
                    })
                    .collect::<Vec<_>>(),
                30,
            ),
        ),
    ];
    for (what, value) in rows {
        table.row(vec![Cell::text(what), Cell::text(value)]);
    }
    table
}

fn changed(a: &Assessment, blocks: &mut Vec<Block>) {
    let p = &a.policy;
    let mut table = Table::of(&[("Changed by the team", 50), ("Value", -20), ("Default", -30)]);
    for (key, value) in &p.thresholds {
        let default = key.split_once('.').and_then(|(rule, key)| {
            let rule = a.rules.iter().find(|r| r.id.0 == rule)?;
            rule.thresholds
                .iter()
                .find(|t| t.key == key)
                .map(|t| format!("{}{}", words::number(t.value), unit(&t.unit)).trim_end().to_owned())
        });
        table.row(vec![Cell::mono(key), Cell::text(words::number(*value)), Cell::text(default.unwrap_or_default())]);
    }
    for (key, value) in p.domain_points.iter().chain(&p.limits) {
        table.row(vec![Cell::mono(key), Cell::text(words::number(*value)), Cell::text("")]);
    }
    if table.rows.is_empty() {
        blocks.push(Block::note("No threshold, weight or alarm line was changed from its default."));
        return;
    }
    blocks.push(Block::heading("Thresholds that were changed"));
    blocks.push(Block::table(table));
}

/// `used ratio 0.8 (HD)`; a unit that the key already names is not said again.
fn threshold(t: &Threshold) -> String {
    let unit = if t.key.ends_with(&t.unit) { String::new() } else { unit(&t.unit) };
    format!("{} {}{unit} ({})", t.key.replace('_', " "), words::number(t.value), t.source)
}

/// A ratio needs no word.
fn unit(unit: &str) -> String {
    if unit.is_empty() || unit == "ratio" { String::new() } else { format!(" {unit}") }
}

fn rules(a: &Assessment) -> Table {
    let mut table = Table::of(&[("Rule", 10), ("Fails when", 46), ("Numbers and their source", 30), ("Weight", -8)]);
    for r in &a.rules {
        let numbers: Vec<String> = r.thresholds.iter().map(threshold).collect();
        table.row(vec![
            Cell::text(&r.id.0),
            Cell::with(&r.title, words::capital(&r.condition)),
            Cell::text(numbers.join("; ")),
            Cell::text(r.weight.to_string()),
        ]);
    }
    table
}
