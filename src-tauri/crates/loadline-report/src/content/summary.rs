//! The first page: what an investor's engineer has to know in one minute, the unknowns included.

use super::capacity::load_line_of;
use super::{Block, Figure, Mark, Point};
use crate::options::Options;
use crate::words;
use loadline_charts::{ScoreBar, Size, Theme, load_line, score_bar};
use loadline_model::{Assessment, Finding, Label};
use std::collections::BTreeMap;

pub(super) fn summary(a: &Assessment, options: &Options, company: &str) -> (String, Vec<Block>) {
    let bar = ScoreBar { proven: a.score.proven, possible: a.score.possible };
    let drawn = score_bar(&bar, &Theme::print(), Size { width: 680, height: 40 });
    let hull = load_line(&load_line_of(a, 0), &Theme::print(), Size { width: 170, height: 190 });
    let left = vec![Block::heading("Largest risks"), Block::points(risks(a))];
    let right = vec![Block::heading("Load line"), Block::chart(hull), Block::note(headroom(a))];
    let mut changes = vec![Block::heading("What changed"), Block::points(changed(a))];
    changes.extend([Block::heading("What the plan changes"), Block::text(promise(a))]);
    let mut blocks = vec![
        Block::chart(drawn),
        Block::note(
            "Blue is proven by evidence, hatched is not known, grey is lost. At 85 a system may be called ready, at 65 conditional, below 40 not ready.",
        ),
        Block::Figures { figures: figures(a) },
        Block::Columns { left, right, left_percent: 70 },
        Block::Columns {
            left: vec![Block::heading("Gates"), Block::points(gates(a))],
            right: changes,
            left_percent: 52,
        },
        Block::heading("What was not examined"),
        Block::points(not_examined(a)),
    ];
    let redacted = match (options.redacted, options.pseudonyms) {
        (true, _) => " Names of hosts, ids and people are replaced by hashes.",
        (false, true) => " Persons have pseudonyms.",
        (false, false) => "",
    };
    blocks.push(Block::note(format!("{}{redacted}", window(a))));
    (headline(a, company), blocks)
}

fn headline(a: &Assessment, company: &str) -> String {
    let s = &a.score;
    if s.label == Label::NotRated {
        return format!(
            "{company} is not rated: {} of what is judged is known, and at least 40 % is needed.",
            words::percent(s.coverage)
        );
    }
    let provisional = if s.provisional { " (provisional)" } else { "" };
    format!(
        "{company} is {}{provisional}: {} of 100 points are proven, {} are possible.",
        s.label.word(),
        words::points(s.proven),
        words::points(s.possible)
    )
}

fn figures(a: &Assessment) -> Vec<Figure> {
    let figure = |label: &str, value: String, note: String, unknown: bool| Figure {
        label: label.to_owned(),
        value,
        note,
        unknown,
    };
    let first = match &a.capacity.first_limit {
        Some(l) => figure(
            "First limit",
            words::times(l.multiplier.p50),
            format!("of today's peak, {} {}", l.subject.name, words::resource(l.resource)),
            false,
        ),
        None => figure("First limit", "not proven".into(), "no limit is measured".into(), true),
    };
    let hours = match a.topology.spofs.len() {
        0 => figure("Single failures", "none found".into(), "in the graph that was observed".into(), false),
        n => figure(
            "Expected outage",
            words::hours(a.topology.hours_upper_bound),
            format!("a year at most, from {}", words::count(n, "single failure", "single failures")),
            false,
        ),
    };
    vec![
        figure(
            "Readiness",
            format!("{}–{}", words::points(a.score.proven), words::points(a.score.possible)),
            "proven to possible, of 100".into(),
            false,
        ),
        figure("Coverage", words::percent(a.score.coverage), format!("confidence: {}", a.score.confidence), false),
        first,
        hours,
    ]
}

/// The five worst findings, at most two of a rule, as sentences.
pub(super) fn risks(a: &Assessment) -> Vec<Point> {
    let mut of_rule: BTreeMap<&str, u32> = BTreeMap::new();
    let failing = a.findings.iter().filter(|f| f.severity.is_some());
    let worst = failing.filter(|f| {
        let seen = of_rule.entry(f.rule.as_str()).or_default();
        *seen += 1;
        *seen <= 2
    });
    let points: Vec<Point> = worst
        .take(5)
        .map(|f| Point { mark: Mark::of(f.severity), text: f.sentence.clone(), detail: detail(a, f) })
        .collect();
    if points.is_empty() {
        let text = "No check fails among those that could be judged.".to_owned();
        return vec![Point { mark: Mark::Pass, text, detail: String::new() }];
    }
    points
}

fn detail(a: &Assessment, f: &Finding) -> String {
    let mut parts = Vec::new();
    parts.extend(f.severity.map(words::severity));
    if let Some(spof) = a.topology.spofs.iter().find(|s| s.subject.id == f.subject.id) {
        parts.push(format!("stops {} of journeys", words::percent(spof.blast_radius)));
        parts.push(format!("{} a year", words::hours(spof.hours_per_year.p50)));
    }
    parts.extend(a.rule(&f.rule).map(|r| words::span(r.effort_days[0], r.effort_days[1])));
    parts.push(planned(a, f));
    parts.join(" · ")
}

/// Where the roadmap puts a finding.
pub(super) fn planned(a: &Assessment, f: &Finding) -> String {
    let sprint = a.roadmap.sprints.iter().position(|s| s.items.iter().any(|i| i.closes.contains(&f.fingerprint)));
    match (sprint, &f.acceptance) {
        (_, Some(accepted)) => format!("accepted by {} until {}", accepted.owner, words::date(accepted.until.0)),
        (Some(n), _) => format!("planned for sprint {}", n + 1),
        _ => "not planned".to_owned(),
    }
}

fn headroom(a: &Assessment) -> String {
    match &a.capacity.first_limit {
        Some(l) => format!(
            "{} {} is the first limit, at {} today's peak.",
            l.subject.name,
            words::resource(l.resource),
            words::times_range(&l.multiplier)
        ),
        None => "How much load fits is not proven.".to_owned(),
    }
}

fn gates(a: &Assessment) -> Vec<Point> {
    let point = |g: &loadline_model::Gate| Point {
        mark: if g.open { Mark::Pass } else { Mark::Closed },
        text: g.question.clone(),
        detail: if g.open {
            g.because.clone()
        } else {
            format!("{} At most {} until then.", g.because, g.caps_at.word())
        },
    };
    a.score.gates.iter().map(point).collect()
}

fn changed(a: &Assessment) -> Vec<Point> {
    let plain = |text: String| vec![Point { mark: Mark::None, text, detail: String::new() }];
    let Some(change) = &a.changed else {
        return plain("There is no earlier snapshot to compare with.".to_owned());
    };
    let total = change.to.points() - change.from.points();
    let one_decimal = |points: f64| words::number((points * 10.0).round() / 10.0);
    let from = one_decimal(change.from.points());
    if change.lines.is_empty() {
        return plain(format!("Nothing: the proven score stays at {from} points."));
    }
    let text = format!(
        "{} points since the week before, from {from} to {}.",
        words::change(total),
        one_decimal(change.to.points())
    );
    let mut points = plain(text);
    points.extend(change.lines.iter().take(4).map(|l| {
        let rule = a.rule(&l.rule).map_or(l.rule.0.clone(), |r| r.title.clone());
        Point {
            mark: Mark::None,
            text: format!("{} {}: {rule}, {}", words::change(l.change.points()), l.cause.word(), l.subject),
            detail: String::new(),
        }
    }));
    if change.lines.len() > 4 {
        points.extend(plain(format!("and {} more.", words::count(change.lines.len() - 4, "line", "lines"))));
    }
    points
}

fn promise(a: &Assessment) -> String {
    let r = &a.roadmap;
    let planned: usize = r.sprints.iter().map(|s| s.items.len()).sum();
    if planned == 0 {
        return r.why_empty.clone().unwrap_or_else(|| "Nothing is planned.".to_owned());
    }
    let busy = r.sprints.iter().filter(|s| !s.items.is_empty()).count();
    let hours = if r.gain_hours >= 0.05 {
        format!(", {} of outage a year avoided", words::hours(r.gain_hours))
    } else {
        String::new()
    };
    format!(
        "{} in {}, {} of engineering time: +{} points of the proven score{hours}.",
        words::count(planned, "change", "changes"),
        words::count(busy, "sprint", "sprints"),
        words::percent(a.policy.team.share),
        words::points(r.gain_points)
    )
}

fn not_examined(a: &Assessment) -> Vec<Point> {
    let hatched = |text: String| Point { mark: Mark::Unknown, text, detail: String::new() };
    let mut points = Vec::new();
    let unknown: Vec<&Finding> = a.findings.iter().filter(|f| f.severity.is_none()).collect();
    if !unknown.is_empty() {
        let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
        unknown.iter().filter_map(|f| f.gap.as_ref()).for_each(|g| *reasons.entry(g.reason.word()).or_default() += 1);
        let mut reasons: Vec<(&str, usize)> = reasons.into_iter().collect();
        reasons.sort_by(|x, y| y.1.cmp(&x.1).then(x.0.cmp(y.0)));
        let said: Vec<String> = reasons.iter().map(|(word, n)| format!("{n} {word}")).collect();
        let why = if said.is_empty() { String::new() } else { format!(": {}", words::list(&said, 4)) };
        points.push(hatched(format!("{} could not be decided{why}.", words::count(unknown.len(), "check", "checks"))));
    }
    for (status, words_of) in
        [("not_connected", "Not connected"), ("not_judged_yet", "Not judged by this model version")]
    {
        let names: Vec<String> =
            a.score.domains.iter().filter(|d| d.status == status).map(|d| d.name.clone()).collect();
        if !names.is_empty() {
            points.push(hatched(format!("{words_of}: {}.", words::list(&names, 12))));
        }
    }
    let tiers: Vec<String> =
        a.capacity.unmeasured.iter().map(|u| format!("{} {}", u.subject.name, words::resource(u.resource))).collect();
    if !tiers.is_empty() {
        points.push(hatched(format!("Headroom not measured: {}.", words::list(&tiers, 4))));
    }
    if points.is_empty() {
        points.push(Point {
            mark: Mark::Pass,
            text: "Every check of this model version could be decided.".to_owned(),
            detail: String::new(),
        });
    }
    points
}

/// Accounts and the days the numbers come from.
fn window(a: &Assessment) -> String {
    let latency = a.trends.latency.iter().flat_map(|l| l.days.iter().map(|d| d.day));
    let demand = a.trends.demand.iter().flat_map(|d| d.days.iter().map(|d| d.0));
    let days: Vec<_> = latency.chain(demand).collect();
    let data = match (days.iter().min(), days.iter().max()) {
        (Some(from), Some(to)) => format!("Measurements from {} to {}", words::civil(*from), words::civil(*to)),
        _ => "No measurements over time".to_owned(),
    };
    let accounts: Vec<String> =
        a.accounts.iter().filter(|c| c.connected).map(|c| format!("{} ({})", c.name, c.provider)).collect();
    format!(
        "{data}; snapshot of {} in {}. Accounts read: {}.",
        words::date(a.as_of.0),
        a.zone,
        words::list(&accounts, 8)
    )
}
