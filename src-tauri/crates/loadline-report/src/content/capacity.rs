//! Capacity: what breaks first, at how much load, and what nobody measured.

use super::{Block, Cell, Figure, Mark, Point, Table};
use crate::words;
use loadline_charts::{LadderMark, LoadLine, Size, Theme, load_line};
use loadline_model::{Assessment, LimitForecast};

/// The load line of an assessment with at most `rungs` limits behind the first.
pub(super) fn load_line_of(a: &Assessment, rungs: usize) -> LoadLine {
    let c = &a.capacity;
    let peak =
        c.growth.peak.filter(|p| p.is_finite()).map_or(String::new(), |p| format!("{} requests/s", words::number(p)));
    LoadLine {
        first_limit: c.first_limit.as_ref().map(|l| l.multiplier),
        name: c
            .first_limit
            .as_ref()
            .map_or(String::new(), |l| format!("{} {}", l.subject.name, words::resource(l.resource))),
        ladder: c
            .ladder
            .iter()
            .skip(1)
            .take(rungs)
            .map(|r| LadderMark {
                multiplier: r.multiplier.p50,
                name: format!("{} {}", r.subject.name, words::resource(r.resource)),
            })
            .collect(),
        unmeasured: c.unmeasured.len() as u32,
        peak,
    }
}

pub(super) fn capacity(a: &Assessment) -> (String, Vec<Block>) {
    let mut blocks = vec![
        Block::chart(load_line(&load_line_of(a, 3), &Theme::print(), Size { width: 680, height: 320 })),
        Block::Figures { figures: figures(a) },
    ];
    ladder(a, &mut blocks);
    limits(a, &mut blocks);
    unmeasured(a, &mut blocks);
    zones(a, &mut blocks);
    pools(a, &mut blocks);
    (lead(a), blocks)
}

fn lead(a: &Assessment) -> String {
    let Some(l) = &a.capacity.first_limit else {
        return "How much load fits is not proven: no limited resource is measured together with its limit.".to_owned();
    };
    let when = match &l.days {
        Some(d) if d.p50 <= 0.0 => " The line is already crossed at today's peak.".to_owned(),
        Some(d) => format!(" At {} it is reached in {}.", growth_words(&l.scenario), words::days_range(Some(d))),
        None => format!(" At {} it is not reached within two years.", growth_words(&l.scenario)),
    };
    format!(
        "{} {} breaks first, at {} of today's peak (80 % interval {} to {}).{when}",
        l.subject.name,
        words::resource(l.resource),
        words::times(l.multiplier.p50),
        words::times(l.multiplier.p10),
        words::times(l.multiplier.p90)
    )
}

fn growth_words(scenario: &str) -> &str {
    match scenario {
        "measured" => "measured growth",
        "20_percent" => "20 % growth a month",
        other => other,
    }
}

fn figures(a: &Assessment) -> Vec<Figure> {
    let g = &a.capacity.growth;
    let figure = |label: &str, value: Option<String>, note: String| Figure {
        label: label.to_owned(),
        unknown: value.is_none(),
        value: value.unwrap_or_else(|| "not proven".to_owned()),
        note,
    };
    let growth = g.monthly.map(|m| format!("{} a month", words::percent(m.p50)));
    let growth_note = match &g.monthly {
        Some(m) => format!(
            "80 % interval {} to {}, from {}",
            words::percent(m.p10),
            words::percent(m.p90),
            words::count(g.weeks as usize, "week", "weeks")
        ),
        None => g.missing.clone().unwrap_or_else(|| "too few weekly peaks".to_owned()),
    };
    let families = words::list(&a.capacity.families.iter().map(|f| f.replace('_', " ")).collect::<Vec<_>>(), 5);
    vec![
        figure(
            "Today's peak",
            g.peak.map(|p| format!("{} req/s", words::number(p))),
            "99th percentile of 5-minute rates, 28 days".to_owned(),
        ),
        figure("Growth", growth, growth_note),
        figure("Goal", Some(words::times(a.policy.growth_goal)), "of today's peak, set by the team".to_owned()),
        figure("Measured", Some(format!("{} of 5", a.capacity.families.len())), families),
    ]
}

fn ladder(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.capacity.ladder.is_empty() {
        return;
    }
    let mut table = Table::of(&[("Order", 8), ("Limit", 30), ("Reached at", -20), ("What moves it", 42)]);
    for (i, r) in a.capacity.ladder.iter().enumerate() {
        let rule = r.rule.as_ref().map_or(String::new(), |r| r.0.clone());
        table.row(vec![
            Cell::text((i + 1).to_string()),
            Cell::text(format!("{} {}", r.subject.name, words::resource(r.resource))),
            Cell::text(words::times_range(&r.multiplier)),
            Cell::with(&r.fix, rule),
        ]);
    }
    blocks.push(Block::heading("Ladder: fix the first limit and the next appears"));
    blocks.push(Block::table(table));
}

fn limits(a: &Assessment, blocks: &mut Vec<Block>) {
    let Some(first) = a.capacity.first_limit.as_ref().or(a.capacity.limits.first()) else { return };
    let mut table = Table::of(&[
        ("Limit", 32),
        ("At peak now", -13),
        ("Line", -9),
        ("Reached at", -20),
        ("Days until the line", -26),
    ]);
    let of_scenario: Vec<&LimitForecast> = a.capacity.limits.iter().filter(|l| l.scenario == first.scenario).collect();
    for l in of_scenario.iter().take(40) {
        let mut days = Cell::text(words::days_range(l.days.as_ref()));
        if l.extrapolated {
            days.detail = "beyond 3× of what was observed".to_owned();
        }
        table.row(vec![
            Cell::text(format!("{} {}", l.subject.name, words::resource(l.resource))),
            Cell::text(words::percent(l.utilisation)),
            Cell::text(words::percent(l.limit)),
            Cell::text(words::times_range(&l.multiplier)),
            days,
        ]);
    }
    blocks.push(Block::heading(format!("Every measured limit, at {}", growth_words(&first.scenario))));
    blocks.push(Block::table(table));
    let breaking =
        |times: &str| a.capacity.limits.iter().filter(|l| l.scenario == times && l.breaks == Some(true)).count();
    let said: Vec<String> = ["5x", "10x"]
        .iter()
        .filter(|t| a.capacity.limits.iter().any(|l| l.scenario == **t))
        .map(|t| {
            format!("{} cross their line at {}", words::count(breaking(t), "limit", "limits"), t.replace('x', "×"))
        })
        .collect();
    if !said.is_empty() {
        blocks.push(Block::note(format!("At a one-off multiple of today's peak: {}.", words::list(&said, 3))));
    }
}

fn unmeasured(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.capacity.unmeasured.is_empty() {
        return;
    }
    let points = a.capacity.unmeasured.iter().map(|u| Point {
        mark: Mark::Unknown,
        text: format!("{} {}", u.subject.name, words::resource(u.resource)),
        detail: u.closes.clone(),
    });
    blocks.push(Block::heading("Not measured: any of these may be the real limit"));
    blocks.push(Block::points(points.collect()));
}

fn zones(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.capacity.zone_loss.is_empty() {
        return;
    }
    let mut table = Table::of(&[
        ("Losing the worst zone", 30),
        ("Zone", 17),
        ("Members lost", -16),
        ("At peak now", -15),
        ("After", -22),
    ]);
    for z in &a.capacity.zone_loss {
        let mark = if z.after > 1.0 { Mark::Critical } else { Mark::None };
        table.row(vec![
            Cell::text(&z.subject.name),
            Cell::text(&z.zone),
            Cell::text(format!("{} of {}", z.lost, z.members)),
            Cell::text(words::percent(z.before)),
            Cell::marked(
                mark,
                if z.after > 1.0 { format!("{}, overload", words::percent(z.after)) } else { words::percent(z.after) },
            ),
        ]);
    }
    blocks.push(Block::heading("If a zone is lost"));
    blocks.push(Block::table(table));
}

fn pools(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.capacity.pools.is_empty() {
        return;
    }
    let mut table = Table::of(&[("Pool", 40), ("Size", -12), ("Busy", -14), ("Mean wait", -18), ("Advised size", -16)]);
    for p in &a.capacity.pools {
        table.row(vec![
            Cell::with(&p.pool, &p.subject.name),
            Cell::text(p.size.to_string()),
            Cell::text(words::percent(p.rho)),
            Cell::text(p.wait_ms.map_or("grows without end".to_owned(), |w| words::seconds(w / 1000.0))),
            Cell::text(p.advised.to_string()),
        ]);
    }
    blocks.push(Block::heading("Pools"));
    blocks.push(Block::table(table));
}
