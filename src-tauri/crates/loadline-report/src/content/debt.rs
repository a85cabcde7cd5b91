//! What debt costs: to clear once and to keep every quarter, as ranges, with how complex the code is where work happens.

use super::{Block, Cell, Table};
use crate::words;
use loadline_model::{ComponentDebt, Debt, Interval};

/// Components listed; `loadline debt --json` holds all.
const LISTED: usize = 10;

/// A heading, the table and what its numbers rest on; nothing without debt.
pub(super) fn debt(debt: &Debt) -> Vec<Block> {
    if debt.components.is_empty() {
        return Vec::new();
    }
    let mut table = Table::of(&[
        ("Component", 26),
        ("Weeks to clear", -14),
        ("Weeks a quarter", -14),
        ("Pays back", -16),
        ("Hotspot", -10),
        ("Worst", -10),
        ("Mean", -10),
    ]);
    for c in debt.components.iter().take(LISTED) {
        table.row(row(c));
    }
    vec![Block::heading("What debt costs"), Block::table(table), Block::note(note(debt))]
}

fn row(c: &ComponentDebt) -> Vec<Cell> {
    let not_measured = || "not measured".to_owned();
    let code = c.code.as_ref();
    let complexity = |n: Option<f64>| Cell::text(n.map_or("–".to_owned(), |n| words::number(n.round())));
    let interest = if c.interest_weeks.p50 > 0.0 { range(&c.interest_weeks, 100.0) } else { not_measured() };
    vec![
        Cell::with(&c.subject.name, words::count(c.findings.len(), "finding", "findings")),
        Cell::text(range(&c.principal_weeks, 10.0)),
        Cell::text(interest),
        Cell::text(c.payback.map_or_else(not_measured, |q| format!("{} quarters", range(&q, 10.0)))),
        complexity(code.and_then(|c| c.hotspot)),
        complexity(code.and_then(|c| c.worst)),
        complexity(code.and_then(|c| c.mean)),
    ]
}

/// Low to high, rounded to a part of one.
fn range(range: &Interval, parts: f64) -> String {
    let [low, high] = [range.p10, range.p90].map(|x| words::number((x * parts).round() / parts));
    if low == high { low } else { format!("{low}–{high}") }
}

fn note(debt: &Debt) -> String {
    let mut said = vec![
        "Engineer-weeks from low to high; hotspot, worst and mean are the cognitive complexity of the files \
        that change most, of the most complex file and of all."
            .to_owned(),
    ];
    if debt.components.len() > LISTED {
        said.push(format!("{} more components are in `loadline debt`.", debt.components.len() - LISTED));
    }
    said.extend(
        debt.quarters
            .map(|q| format!("Clearing everything takes {} quarters of the share set aside.", range(&q, 10.0))),
    );
    said.extend(debt.calibration.sentence());
    said.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{Calibration, CodeDebt, SubjectRef};

    #[test]
    fn debt_is_one_table_of_ranges() {
        assert!(debt(&Debt::default()).is_empty());
        let interval = |p10, p50, p90| Interval { p10, p50, p90 };
        let plain = ComponentDebt::plain(SubjectRef::organisation(), interval(2.0, 2.8, 4.0), 1.5, Vec::new());
        let code = CodeDebt { hotspot: Some(50.4), worst: Some(90.0), ..CodeDebt::default() };
        let one = ComponentDebt {
            interest_weeks: interval(0.75, 1.5, 3.0),
            payback: Some(interval(0.667, 1.89, 5.33)),
            code: Some(code),
            ..plain.clone()
        };
        let unmeasured = ComponentDebt { interest_weeks: Interval::default(), ..plain };
        let all = Debt {
            components: vec![one, unmeasured],
            quarters: Some(interval(0.2, 0.3, 0.4)),
            calibration: Calibration { items: 6, held: 4, ratio: Some(1.4), factor: Some(1.25) },
            ..Debt::default()
        };
        let text = serde_json::to_string(&debt(&all)).expect("blocks");
        for said in
            ["What debt costs", "0.75–3", "0.7–5.3 quarters", "not measured", "0.2–0.4 quarters", "1.4x the estimate"]
        {
            assert!(text.contains(said), "{said} is not in {text}");
        }
    }
}
