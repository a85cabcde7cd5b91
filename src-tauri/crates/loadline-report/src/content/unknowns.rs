//! What is not known, what would close each gap, and which risks people carry knowingly.

use super::{Block, Cell, Mark, Table};
use crate::words;
use loadline_model::{Assessment, Finding, GapReason};
use std::collections::BTreeMap;

const MOST: usize = 80;

pub(super) fn unknowns(a: &Assessment) -> (String, Vec<Block>) {
    let unknown = a.findings.iter().filter(|f| f.severity.is_none()).count();
    let lead = format!(
        "{} of what is judged is known. {} could not be decided; if all turned out well, readiness would be {} instead of {}.",
        words::percent(a.score.coverage),
        words::capital(&words::count(unknown, "check", "checks")),
        words::points(a.score.possible),
        words::points(a.score.proven)
    );
    let mut blocks = vec![Block::heading("Coverage by domain"), Block::table(domains(a))];
    undecided(a, &mut blocks);
    gaps(a, &mut blocks);
    accepted(a, &mut blocks);
    (lead, blocks)
}

fn domains(a: &Assessment) -> Table {
    let mut table = Table::of(&[("Domain", 36), ("Points", -12), ("Proven", -14), ("Possible", -14), ("Known", 24)]);
    for d in &a.score.domains {
        let of_100 = |v: Option<f64>| v.map_or(String::new(), words::points);
        let known = match (d.status.as_str(), d.coverage) {
            ("judged", Some(c)) => {
                Cell { mark: if c < 0.7 { Mark::Unknown } else { Mark::None }, ..Cell::text(words::percent(c)) }
            }
            ("not_applicable", _) => Cell::text("does not apply"),
            ("not_judged_yet", _) => Cell::marked(Mark::Unknown, "not judged by this version"),
            ("not_connected", _) => Cell::marked(Mark::Unknown, "not connected"),
            (other, _) => Cell::text(other.replace('_', " ")),
        };
        table.row(vec![
            Cell::text(&d.name),
            Cell::text(words::points(d.points.points())),
            Cell::text(of_100(d.proven)),
            Cell::text(of_100(d.possible)),
            known,
        ]);
    }
    table
}

/// Undecided checks, gathered by what would close them, dearest first.
fn undecided(a: &Assessment, blocks: &mut Vec<Block>) {
    let mut by_remedy: BTreeMap<(Option<GapReason>, &str), Vec<&Finding>> = BTreeMap::new();
    for f in a.findings.iter().filter(|f| f.severity.is_none()) {
        let key = f.gap.as_ref().map_or((None, ""), |g| (Some(g.reason), g.closes.as_str()));
        by_remedy.entry(key).or_default().push(f);
    }
    if by_remedy.is_empty() {
        return;
    }
    let cost = |some: &[&Finding]| some.iter().map(|f| f.points_lost_micro).sum::<i64>();
    let mut rows: Vec<_> = by_remedy.into_iter().collect();
    rows.sort_by(|x, y| cost(&y.1).cmp(&cost(&x.1)).then(x.0.cmp(&y.0)));
    let mut table =
        Table::of(&[("What would decide it", 44), ("Why it is not known", 18), ("Checks", 26), ("Points", -12)]);
    let more = rows.len().saturating_sub(MOST);
    for ((reason, closes), some) in rows.into_iter().take(MOST) {
        let mut rules: Vec<String> = some.iter().map(|f| format!("{} {}", f.rule, f.subject.name)).collect();
        rules.dedup();
        table.row(vec![
            Cell::marked(Mark::Unknown, if closes.is_empty() { "not stated" } else { closes }),
            Cell::text(reason.map_or("not stated", GapReason::word)),
            Cell::with(words::count(some.len(), "check", "checks"), words::list(&rules, 3)),
            Cell::text(words::points(cost(&some) as f64 / 1e6)),
        ]);
    }
    blocks.push(Block::heading("Checks that could not be decided"));
    blocks.push(Block::table(table));
    if more > 0 {
        blocks.push(Block::note(format!("{more} more are in the spreadsheet.")));
    }
}

fn gaps(a: &Assessment, blocks: &mut Vec<Block>) {
    if a.gaps.is_empty() {
        return;
    }
    let mut table = Table::of(&[("Where", 24), ("What happened", 40), ("What would close it", 36)]);
    for g in a.gaps.iter().take(MOST) {
        let account = g.account.as_ref().and_then(|id| a.accounts.iter().find(|c| c.id == *id));
        let account = account.map_or("no account".to_owned(), |c| c.name.clone());
        table.row(vec![
            Cell { mark: Mark::Unknown, ..Cell::with(&g.scope, account) },
            Cell::with(&g.detail, g.reason.word()),
            Cell::text(&g.closes),
        ]);
    }
    blocks.push(Block::heading("What could not be read"));
    blocks.push(Block::table(table));
    if a.gaps.len() > MOST {
        blocks.push(Block::note(format!("{} more are in the spreadsheet.", a.gaps.len() - MOST)));
    }
}

fn accepted(a: &Assessment, blocks: &mut Vec<Block>) {
    let mut table = Table::of(&[("Accepted risk", 48), ("Owner", 16), ("Until", 14), ("Reason", 22)]);
    for (f, acceptance) in a.findings.iter().filter_map(|f| f.acceptance.as_ref().map(|x| (f, x))) {
        table.row(vec![
            Cell { mark: Mark::of(f.severity), ..Cell::with(&f.sentence, &f.rule.0) },
            Cell::text(&acceptance.owner),
            Cell::text(words::date(acceptance.until.0)),
            Cell::text(&acceptance.reason),
        ]);
    }
    if table.rows.is_empty() {
        return;
    }
    blocks.push(Block::heading("Accepted risks: they still count"));
    blocks.push(Block::table(table));
}
