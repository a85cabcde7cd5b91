//! Unbounded reads.

use super::reading::{DAY_HOURS, Engine, Statement, dependents, no_statements, rows, short_window, statements};
use super::wording::count;
use crate::source_text::hints;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Kind, Severity, Verb, key};

pub(super) const RULE: Rule = Rule {
    id: "DB-005",
    title: "Unbounded reads",
    question: "Can one request return an unlimited number of rows?",
    why: "A list without a limit grows with the business until one request fills memory and network. Pages of 20-50 items with \
          hard limits took part in bringing a home page from more than 10 s to 1-2 s (S1).",
    condition: "An interactive statement (it serves a route, or runs 100 times a day or more) returns more than 1,000 rows a \
                call on average, over at least 24 h",
    fix: &[
        "page by key, 20-50 items, with a maximum the server enforces",
        "return only the fields that are shown",
        "stream exports through background jobs",
    ],
    effort_days: [1.0, 5.0],
    effort_source: "HD; S1 went endpoint by endpoint",
    weight: 3,
    severity: "high on a T0 store; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "rows_per_call", value: 1_000.0, unit: "rows", source: "HD" },
        Number { key: "interactive_calls_per_day", value: 100.0, unit: "1/d", source: "HD" },
        Number { key: "window_hours", value: DAY_HOURS, unit: "h", source: "HD" },
    ],
    sources: &[
        ("postgres", "pg_stat_statements rows/calls; query text without LIMIT or FETCH"),
        ("mysql", "events_statements_summary_by_digest -> SUM_ROWS_SENT / COUNT_STAR"),
        ("mongodb", "system.profile -> nreturned, responseLength; find without limit"),
        ("otel", "db.response.returned_rows; http.server.response.body.size by http.route"),
        ("repository", "list endpoints without a limit (ARCH-006)"),
    ],
    proof_metric: "rows_per_call",
    proof: "rows and bytes a call at p95 fall",
    false_positives: "Exports and internal batches that read with a cursor.",
    unknown_when: "neither engine nor tracing counts rows",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let counted = statements(&subject.id, context);
    if counted.all.is_empty() {
        let idioms = [key::idiom::LIST_UNLIMITED, key::idiom::UNBOUNDED_QUERY];
        return no_statements(subject).with_evidence(hints(&idioms, &dependents(&subject.id, context), context));
    }
    let need = subject.number("window_hours");
    let mut evidence = counted.evidence();
    if !counted.cover_a_day(need) {
        return short_window("the statement statistics", counted.hours, need, evidence);
    }
    let interactive = |s: &&Statement<'_>| {
        s.stat.route.is_some() || s.calls_a_day().is_some_and(|c| c >= subject.number("interactive_calls_per_day"))
    };
    let mut wide: Vec<&Statement<'_>> = counted
        .all
        .iter()
        .filter(|s| s.stat.verb == Verb::Read && s.rows_per_call() > subject.number("rows_per_call"))
        .filter(interactive)
        .collect();
    wide.sort_by(|a, b| {
        b.rows_per_call().total_cmp(&a.rows_per_call()).then(a.stat.fingerprint.cmp(&b.stat.fingerprint))
    });
    evidence.extend(
        wide.iter()
            .take(5)
            .map(|s| s.evidence(format!("{} a call, {} calls", rows(s.rows_per_call()), count(s.stat.calls)))),
    );
    let Some(worst) = wide.first() else {
        let sentence = format!(
            "No frequent read of `{}` returns more than {} a call.",
            subject.name(),
            rows(subject.number("rows_per_call"))
        );
        return CheckResult::pass(sentence, evidence);
    };
    let severity = if subject.is_t0() { Severity::High } else { Severity::Medium };
    let many = if wide.len() == 1 { "1 statement".to_owned() } else { format!("{} statements", wide.len()) };
    let at_ten = rows(worst.rows_per_call() * 10.0);
    let sentence = format!(
        "{} come back from one call in `{}` ({many}); with ten times the data it would be {at_ten}.",
        rows(worst.rows_per_call()),
        subject.name()
    );
    let page = match Engine::of(subject.engine()) {
        Engine::Mongodb => "{ _id: { $gt: last } }, sort({ _id: 1 }) and limit(50)",
        _ => "`WHERE id > :last ORDER BY id LIMIT 50`",
    };
    CheckResult::fail(severity, sentence, evidence).with_remedy(format!("Page by key: add {page} to: {}", worst.text()))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::db::reading::cases::{database, statement};
    use crate::testing::Case;
    use loadline_model::{QueryStat, Tier};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let with = |tier, stat: QueryStat| database("mysql", tier).has("db", stat);
        check(database("mysql", Tier::T0), "unknown feature_disabled");
        check(with(Tier::T0, statement("SELECT a", 900.0, 1.0, 5_000.0, 3.0)), "unknown short_window");
        check(with(Tier::T0, statement("SELECT a", 900.0, 1.0, 5_000.0, 48.0)), "fail high");
        check(with(Tier::T1, statement("SELECT a", 900.0, 1.0, 1_001.0, 48.0)), "fail medium");
        check(with(Tier::T1, statement("SELECT a", 900.0, 1.0, 1_000.0, 48.0)), "pass");
        check(with(Tier::T0, statement("SELECT nightly dump", 2.0, 1.0, 9e6, 48.0)), "pass");
        check(with(Tier::T0, statement("DELETE FROM a", 900.0, 1.0, 9e6, 48.0)), "pass");
        let export = QueryStat { route: Some("GET /export".into()), ..statement("SELECT dump", 2.0, 1.0, 9e6, 48.0) };
        check(with(Tier::T0, export), "fail high");
    }
}
