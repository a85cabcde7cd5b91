//! Top 20 statements dominate database time and were never explained.

use super::reading::{DAY_HOURS, Engine, Statement, no_statements, short_window, statements};
use super::wording::{count, duration, percent};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Document, Escalation, Evidence, Kind, Severity};

pub(super) const RULE: Rule = Rule {
    id: "DB-002",
    title: "Top 20 statements dominate database time and were never explained",
    question: "Where does the database spend its time, and has anyone looked at the plans?",
    why: "A handful of statements usually carries the load, and one index can end it: a compound index took a query from 4 s \
          to 12 ms (S2); affected endpoints became 3-10 times faster (S2, S4).",
    condition: "Over at least 24 h the top 20 statements take 60 % or more of execution time, or one statement averages more \
                than 500 ms at 100 or more calls a day, and no review of them is younger than 90 days",
    fix: &[
        "EXPLAIN (ANALYZE, BUFFERS) the worst on a replica or a copy, never on a loaded primary",
        "add a targeted or compound index",
        "rewrite or cache what an index cannot help",
        "compare the share again after 7 days",
    ],
    effort_days: [2.0, 5.0],
    effort_source: "S2: all three database fixes together typically take 2-3 weeks",
    weight: 3,
    severity: "high: one statement of a T0 store takes more than 25 % of the time, or a mean above 1 s; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "statements", value: 20.0, unit: "count", source: "S2 (explain the 20 slowest)" },
        Number { key: "top_share", value: 0.60, unit: "ratio", source: "HD" },
        Number { key: "one_share", value: 0.25, unit: "ratio", source: "HD" },
        Number { key: "mean_ms", value: 500.0, unit: "ms", source: "S4" },
        Number { key: "high_mean_ms", value: 1_000.0, unit: "ms", source: "HD" },
        Number { key: "calls_per_day", value: 100.0, unit: "1/d", source: "HD" },
        Number { key: "window_hours", value: DAY_HOURS, unit: "h", source: "HD" },
        Number { key: "review_days", value: 90.0, unit: "d", source: "HD" },
    ],
    sources: &[
        (
            "postgres",
            "SELECT queryid, calls, total_exec_time, mean_exec_time, stddev_exec_time, rows, shared_blks_hit, shared_blks_read, temp_blks_written FROM pg_stat_statements ORDER BY total_exec_time DESC (PostgreSQL 12 and older: total_time)",
        ),
        (
            "mysql",
            "performance_schema.events_statements_summary_by_digest -> DIGEST, COUNT_STAR, SUM_TIMER_WAIT (ps), QUANTILE_95, QUANTILE_99 (not on MariaDB)",
        ),
        ("mongodb", "system.profile -> ns, millis, planSummary, keysExamined, docsExamined, nreturned"),
        ("aws", "pi:DescribeDimensionKeys metric db.load.avg group db.sql_tokenized"),
    ],
    proof_metric: "statement_time_share",
    proof: "execution time a day of the statement falls at an equal call rate, and the endpoint's p95 with it",
    false_positives: "A nightly batch is judged outside its window.",
    unknown_when: "the statistics cover less than 24 h or were reset in between",
    prerequisites: &["DB-001"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let counted = statements(&subject.id, context);
    if counted.all.is_empty() {
        return no_statements(subject);
    }
    let need = subject.number("window_hours");
    if !counted.cover_a_day(need) {
        return short_window("the statement statistics", counted.hours, need, counted.evidence());
    }
    let mut ranked = counted.all.clone();
    ranked
        .sort_by(|a, b| b.stat.total_ms.total_cmp(&a.stat.total_ms).then(a.stat.fingerprint.cmp(&b.stat.fingerprint)));
    let share = |s: &Statement<'_>| if counted.total_ms > 0.0 { s.stat.total_ms / counted.total_ms } else { 0.0 };
    let top_share: f64 = ranked.iter().take(subject.number("statements") as usize).map(share).sum();
    let frequent = |s: &&Statement<'_>| s.calls_a_day().is_some_and(|c| c >= subject.number("calls_per_day"));
    let slowest = ranked.iter().filter(frequent).max_by(|a, b| a.mean_ms().total_cmp(&b.mean_ms()));
    let slow = slowest.filter(|s| s.mean_ms() > subject.number("mean_ms"));

    let mut evidence = counted.evidence();
    evidence.extend(ranked.iter().chain(slow).take(6).map(|s| {
        s.evidence(format!(
            "{} of the time, {} calls, {} each",
            percent(share(s)),
            count(s.stat.calls),
            duration(s.mean_ms() / 1e3)
        ))
    }));
    let review = context
        .facts
        .facts::<Document>(&subject.id)
        .filter(|(d, _)| d.what == "query_review")
        .filter_map(|(d, p)| Some((d, d.updated_at?, p)))
        .find(|(_, at, _)| context.as_of.days_since(*at) <= subject.number("review_days"));
    let dominated = top_share >= subject.number("top_share");
    if let Some((document, at, from)) = review.filter(|_| dominated || slow.is_some()) {
        evidence.push(Evidence::read(document.title.clone(), at.to_string(), from));
        return CheckResult::pass(
            format!("The statements that dominate `{}` were reviewed on {}.", subject.name(), at.utc_day()),
            evidence,
        );
    }
    let Some(first) = slow.or(ranked.first()).filter(|_| dominated || slow.is_some()) else {
        return CheckResult::pass(
            format!("No few statements dominate `{}`: the top ones take {}.", subject.name(), percent(top_share)),
            evidence,
        );
    };
    let one_dominates = subject.is_t0() && ranked.first().is_some_and(|s| share(s) > subject.number("one_share"));
    let very_slow = slow.is_some_and(|s| s.mean_ms() > subject.number("high_mean_ms"));
    let severity = if one_dominates || very_slow { Severity::High } else { Severity::Medium };
    let sentence = said(subject, slow, top_share, ranked.len());
    let remedy = match Engine::of(subject.engine()) {
        Engine::Mongodb => format!("Run it with .explain(\"executionStats\") on a secondary: {}", first.text()),
        _ => format!("EXPLAIN (ANALYZE, BUFFERS) {} -- on a copy", first.text()),
    };
    CheckResult::fail(severity, sentence, evidence).with_remedy(remedy)
}

fn said(subject: &Subject<'_>, slow: Option<&Statement<'_>>, top_share: f64, shapes: usize) -> String {
    match slow {
        Some(s) => format!(
            "One statement of `{}` takes {} on average, {} times a day, and nobody has reviewed it.",
            subject.name(),
            duration(s.mean_ms() / 1e3),
            count(s.calls_a_day().unwrap_or_default())
        ),
        None => format!(
            "{} of the time of `{}` goes into its top {} statements, which nobody has reviewed.",
            percent(top_share),
            subject.name(),
            shapes.min(subject.number("statements") as usize)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::db::reading::cases::{counted, database, statement};
    use crate::testing::Case;
    use loadline_model::{Document, Tier};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let spread = |tier, hours| {
            (0..60).fold(database("mysql", tier), |c, i| {
                c.has("db", statement(&format!("SELECT {i}"), 1e4, 1.0, 1.0, hours))
            })
        };
        check(database("mysql", Tier::T0), "unknown feature_disabled");
        check(spread(Tier::T0, 6.0), "unknown short_window");
        check(spread(Tier::T0, 48.0), "pass");
        let some = |mean| spread(Tier::T1, 48.0).has("db", statement("SELECT slow", 2_000.0, mean, 1.0, 48.0));
        check(some(600.0), "fail medium");
        check(some(1_500.0), "fail high");
        check(spread(Tier::T1, 48.0).has("db", statement("SELECT rare", 20.0, 6_000.0, 1.0, 48.0)), "pass");
        let hot = |tier| spread(tier, 48.0).has("db", statement("SELECT hot", 4e6, 1.0, 1.0, 48.0));
        check(hot(Tier::T0), "fail high");
        check(hot(Tier::T1), "fail medium");
        let review = |days| Document {
            what: "query_review".into(),
            title: "Review".into(),
            url: None,
            updated_at: Some(counted(days * 24.0)),
        };
        check(hot(Tier::T0).has("db", review(30.0)), "pass");
        check(hot(Tier::T0).has("db", review(120.0)), "fail high");
    }
}
