//! The plan inside the budget: what is done when, what it promises, and what leaving the rest out costs.

use super::{Block, Cell, Figure, Table};
use crate::words;
use loadline_charts::{Bar, Bars, Drawing, Size, Theme, Tone, bars};
use loadline_model::{Assessment, Item, Sprint};

pub(super) fn roadmap(a: &Assessment) -> (String, Vec<Block>) {
    let r = &a.roadmap;
    let items: usize = r.sprints.iter().map(|s| s.items.len()).sum();
    if items == 0 {
        let why = r.why_empty.clone().unwrap_or_else(|| "Nothing that can be planned is open.".to_owned());
        let mut blocks = Vec::new();
        left_out(a, &mut blocks);
        done(a, &mut blocks);
        blocks.extend(super::debt::debt(&a.debt));
        return (why, blocks);
    }
    let busy = r.sprints.iter().filter(|s| !s.items.is_empty()).count();
    let hours = if r.gain_hours >= 0.05 {
        format!(" and {} of outage a year avoided", words::hours(r.gain_hours))
    } else {
        String::new()
    };
    let lead = format!(
        "{} in {}: +{} points of the proven score{hours}, within {} of engineering time.",
        words::capital(&words::count(items, "change", "changes")),
        words::count(busy, "sprint", "sprints"),
        words::points(r.gain_points),
        words::percent(a.policy.team.share)
    );
    let mut blocks = vec![
        Block::Figures { figures: figures(a) },
        Block::chart(budget(a)),
        Block::note("Each bar is a sprint's planned effort; the full width is its budget."),
    ];
    for (i, sprint) in r.sprints.iter().enumerate().filter(|(_, s)| !s.items.is_empty()) {
        blocks.push(Block::heading(sprint_title(i, sprint)));
        blocks.push(Block::table(items_table(a, &sprint.items)));
    }
    blocks.push(Block::note("Effort is a range of engineer-days. Points and hours are those of each item alone; together they overlap, so the sums above are computed for the whole plan."));
    left_out(a, &mut blocks);
    done(a, &mut blocks);
    blocks.extend(super::debt::debt(&a.debt));
    (lead, blocks)
}

/// How far each sprint's budget is filled.
fn budget(a: &Assessment) -> Drawing {
    let bar = |(i, s): (usize, &Sprint)| Bar {
        label: format!("Sprint {}", i + 1),
        value: f64::from(s.used_half_days),
        text: format!("{} of {}", words::points(f64::from(s.used_half_days) / 2.0), half_days(s.budget_half_days)),
        tone: Tone::Accent,
    };
    let last = a.roadmap.sprints.iter().rposition(|s| !s.items.is_empty()).map_or(0, |i| i + 1);
    let full = a.roadmap.sprints.iter().map(|s| f64::from(s.budget_half_days)).fold(0.0, f64::max);
    let chart = Bars {
        name: "Planned effort".to_owned(),
        bars: a.roadmap.sprints.iter().take(last).enumerate().map(bar).collect(),
        full: Some(full),
    };
    let height = 20 * chart.bars.len() as u32;
    bars(&chart, &Theme::print(), Size { width: 680, height })
}

fn figures(a: &Assessment) -> Vec<Figure> {
    let r = &a.roadmap;
    let t = &a.policy.team;
    let figure =
        |label: &str, value: String, note: String| Figure { label: label.to_owned(), value, note, unknown: false };
    let optimal = if r.gap.is_finite() && r.gap > 0.0005 {
        format!("within {} of the best", words::percent(r.gap))
    } else {
        "proven optimal".to_owned()
    };
    vec![
        figure(
            "Budget a sprint",
            half_days(r.budget_half_days),
            format!("{} people, {} days, {} of the time", t.people, t.sprint_days, words::percent(t.share)),
        ),
        figure("Score", format!("+{} points", words::points(r.gain_points)), "gained by the whole plan".to_owned()),
        figure("Outage avoided", format!("{} a year", words::hours(r.gain_hours)), "by the whole plan".to_owned()),
        figure("First sprint", optimal, "choice of items for its value".to_owned()),
    ]
}

fn half_days(n: u32) -> String {
    let days = f64::from(n) / 2.0;
    format!("{} {}", words::points(days), if n == 2 { "day" } else { "days" })
}

fn sprint_title(i: usize, s: &Sprint) -> String {
    format!(
        "Sprint {} · from {} · {} of {} planned · fits with {}",
        i + 1,
        words::date(s.starts.0),
        half_days(s.used_half_days).trim_end_matches(" days").trim_end_matches(" day"),
        half_days(s.budget_half_days),
        words::percent(s.fits_probability)
    )
}

fn items_table(a: &Assessment, items: &[Item]) -> Table {
    let mut table = Table::of(&[("Change", 40), ("Effort", -14), ("Points", -9), ("Hours a year", -12), ("Proof", 25)]);
    for i in items {
        let detail = match a.rule(&i.rule) {
            Some(r) => format!(
                "{} · {} · closes {}",
                i.subject.name,
                r.id,
                words::count(i.closes.len(), "finding", "findings")
            ),
            None => i.subject.name.clone(),
        };
        table.row(vec![
            Cell::with(&i.title, detail),
            Cell::text(words::effort(&i.half_days)),
            Cell::text(words::change(i.parts.points)),
            Cell::text(if i.parts.hours > 0.0 {
                format!("\u{2212}{}", words::hours(i.parts.hours))
            } else {
                "0 h".to_owned()
            }),
            Cell::with(
                words::capital(&i.proof),
                i.started_at.map_or(String::new(), |t| format!("started {}", words::date(t.0))),
            ),
        ]);
    }
    table
}

fn left_out(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.roadmap.left_out.is_empty() {
        return;
    }
    let mut table = Table::of(&[("Left out", 40), ("Effort", -14), ("Why", 18), ("What that costs", 28)]);
    for l in a.roadmap.left_out.iter().take(30) {
        let why = match l.because.as_str() {
            "budget" => "over the budget",
            "larger_than_a_sprint" => "larger than a sprint",
            "prerequisite" => "waits for another",
            "no_value" => "no measurable value",
            other => other,
        };
        table.row(vec![
            Cell::with(&l.item.title, &l.item.subject.name),
            Cell::text(words::effort(&l.item.half_days)),
            Cell::text(why),
            Cell::text(&l.costs),
        ]);
    }
    blocks.push(Block::heading("Left out, and what that costs"));
    blocks.push(Block::table(table));
    if a.roadmap.left_out.len() > 30 {
        blocks.push(Block::note(format!("{} more are in the spreadsheet.", a.roadmap.left_out.len() - 30)));
    }
}

fn done(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.roadmap.done.is_empty() {
        return;
    }
    let mut table = Table::of(&[("Done", 44), ("When", 16), ("Promised", 40)]);
    for i in &a.roadmap.done {
        table.row(vec![
            Cell::with(&i.title, &i.subject.name),
            Cell::with(
                i.done_at.map_or("not recorded".to_owned(), |t| words::date(t.0)),
                i.took_weeks.map_or(String::new(), |weeks| format!("took {} engineer-weeks", words::number(weeks))),
            ),
            Cell::text(words::capital(&i.proof)),
        ]);
    }
    blocks.push(Block::heading("Done"));
    blocks.push(Block::table(table));
}
