//! Ceilings of structure: an integer key that will overflow, or a last partition behind which rows are refused.

use super::headroom::{Days, tightest};
use super::last_partition;
use crate::db::wording::{named, percent};
use crate::evaluate::{gap_of_teller, hidden_by};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Outcome, Relation, Severity, SubjectId, key,
};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "CAP-009",
    title: "An integer key or a partition will run out",
    question: "Are there structural ceilings that money cannot move?",
    why: "An int4 key ends at 2,147,483,647. On that day inserts fail, and rewriting a table of two billion rows takes longer \
          than anyone can wait.",
    condition: "A key has used more than half of its type's range and reaches the end within 365 days, or has used 90 % of it; or a \
                table is divided by time, its last partition is in use, and no other takes later rows",
    fix: &[
        "migrate the key to bigint online: new column, backfill, swap",
        "let a job make partitions ahead of time, and keep a default partition",
        "shard or split the writer where one key space is not enough",
        "remove the shared lock or chatty dependency where members no longer add throughput",
    ],
    effort_days: [1.0, 15.0],
    effort_source: "HD",
    weight: 2,
    severity: "keys: critical within 30 days, high within 180 days or 90 % used, medium within 365 days; partitions: critical within 7 days, \
               high within 30, else medium",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "used", value: 0.5, unit: "ratio", source: "HD" },
        Number { key: "nearly_used", value: 0.9, unit: "ratio", source: "HD; alarm line of integer keys" },
        Number { key: "critical_days", value: 30.0, unit: "d", source: "HD" },
        Number { key: "high_days", value: 180.0, unit: "d", source: "HD" },
        Number { key: "medium_days", value: 365.0, unit: "d", source: "HD" },
        Number { key: "partition_critical_days", value: 7.0, unit: "d", source: "HD" },
        Number { key: "partition_high_days", value: 30.0, unit: "d", source: "HD" },
        Number {
            key: "left_days",
            value: 30.0,
            unit: "d",
            source: "HD; a table that took no rows for so long was left on purpose",
        },
    ],
    sources: &[
        (
            "postgres",
            "pg_sequences.last_value against the maximum of the column's data type; bounds of range partitions",
        ),
        ("mysql", "information_schema.tables.AUTO_INCREMENT against the column's type"),
        ("model", "throughput against members or concurrency (Gunther's universal scalability law)"),
    ],
    proof_metric: "supported_multiplier",
    proof: "the share of the key's range that is used falls",
    false_positives: "Keys that wrap on purpose (CYCLE). Partitions that a job creates shortly before they are needed.",
    unknown_when: "sequences may not be read",
    prerequisites: &["TEST-001"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(from) = context.facts.provenance(&subject.id).filter(|_| subject.engine() == "mongodb") {
        let evidence = vec![Evidence::read("engine", "mongodb", from)];
        return CheckResult::not_applicable(format!(
            "`{}` has no integer keys that run out: its keys are object ids.",
            subject.name()
        ))
        .with_evidence(evidence);
    }
    let mut keys = judge_keys(subject, context);
    // A fault needs one key, a pass all of them.
    let counted = if matches!(subject.engine(), "mysql" | "mariadb") { " tables" } else { "sequences" };
    if keys.outcome == Outcome::Pass
        && let Some(gap) = gap_of_teller(&subject.id, context, &[counted])
    {
        keys = hidden_by(gap, subject).with_evidence(keys.evidence);
    }
    last_partition::with(keys, subject, context)
}

fn judge_keys(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let tables = context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::StoredIn).map(|e| e.from);
    let ids: BTreeSet<SubjectId> = tables.chain([subject.id.clone()]).collect();
    let mut keys: Vec<(String, f64, Evidence)> = ids
        .iter()
        .flat_map(|id| context.facts.settings(id, key::SEQUENCE_USED).collect::<Vec<_>>())
        .filter_map(|(s, from)| {
            let (name, used) = (s.item.clone().unwrap_or_else(|| "key".to_owned()), s.value.as_number()?);
            Some((
                name.clone(),
                used,
                Evidence::read(format!("range of {name}"), format!("{} used", percent(used)), from),
            ))
        })
        .collect();
    keys.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let forecast = tightest(subject, &[Limited::IntegerKey], subject.number("medium_days"), context);
    let highest =
        keys.first().map(|(_, used, _)| *used).into_iter().chain(forecast.as_ref().map(|f| f.used())).reduce(f64::max);
    let Some(highest) = highest else {
        return CheckResult::unknown(
            GapReason::PermissionDenied,
            format!("how far the integer keys of `{}` are used was not read", subject.name()),
            "Grant the reading role pg_read_all_data or USAGE on sequences (PostgreSQL), or REFERENCES on its tables (MySQL); MongoDB needs none.",
        );
    };
    let half = subject.number("used");
    let names: Vec<String> = keys.iter().filter(|(_, used, _)| *used > half).map(|(name, ..)| name.clone()).collect();
    let mut evidence: Vec<Evidence> = keys.into_iter().take(10).map(|(.., row)| row).collect();
    evidence.extend(forecast.iter().flat_map(|f| f.evidence(context)));
    if highest <= half {
        return CheckResult::pass(
            format!("At most {} of the range of an integer key of `{}` is used.", percent(highest), subject.name()),
            evidence,
        );
    }
    judge_days(subject, highest, &named(&names), forecast.as_ref().map_or(Days::Unknown, |f| f.days), evidence)
}

fn judge_days(subject: &Subject<'_>, highest: f64, names: &str, days: Days, evidence: Vec<Evidence>) -> CheckResult {
    let within = |limit: &str| matches!(days, Days::Measured(d) if d < subject.number(limit));
    let severity = if within("critical_days") {
        Severity::Critical
    } else if within("high_days") || highest >= subject.number("nearly_used") {
        Severity::High
    } else if within("medium_days") {
        Severity::Medium
    } else if matches!(days, Days::Measured(_)) {
        return CheckResult::pass(
            format!(
                "{} of the range of a key of `{}` is used; it lasts more than a year.",
                percent(highest),
                subject.name()
            ),
            evidence,
        );
    } else {
        let detail = format!("{} of the range of {names} is used; how fast it fills is not known", percent(highest));
        return CheckResult::unknown(
            GapReason::ShortWindow,
            detail,
            "Collect weekly: the second reading shows the speed.",
        )
        .with_evidence(evidence);
    };
    let when = match days {
        Days::Measured(d) if d.is_finite() => format!("in {d:.0} days"),
        _ => "soon".to_owned(),
    };
    let sentence =
        format!("{} of the range of {names} in `{}` is used: {when} inserts fail.", percent(highest), subject.name());
    CheckResult::fail(severity, sentence, evidence)
        .with_remedy(match subject.engine() {
            "mysql" | "mariadb" => "ALTER TABLE … MODIFY id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT; -- copies the table: gh-ost or pt-online-schema-change keep writes going",
            _ => "ALTER TABLE … ADD COLUMN id_new bigint; fill it in batches and by trigger; swap the columns in one short transaction.",
        })
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cap::headroom::cases::{thing, uses};
    use crate::testing::Case;
    use loadline_model::{Kind, Limited::IntegerKey, Relation, Setting, Tier, Value, key};

    fn sequence(used: f64) -> Setting {
        Setting { key: key::SEQUENCE_USED.into(), item: Some("orders_id_seq".into()), value: Value::Number(used) }
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "x"), expected);
        let x = || thing(Kind::Database, Tier::T1);
        let filling = |used, days| uses(x().has("x", sequence(used)), IntegerKey, used, 9.0, days);
        check(x(), "unknown permission_denied");
        check(x().has("x", sequence(0.4)), "pass");
        check(x().has("x", sequence(0.6)), "unknown short_window");
        check(x().has("x", sequence(0.92)), "fail high");
        check(filling(0.6, None), "pass");
        check(filling(0.6, Some(364.0)), "fail medium");
        check(filling(0.6, Some(170.0)), "fail high");
        check(filling(0.6, Some(29.0)), "fail critical");
        check(filling(0.4, Some(29.0)), "pass");
        check(x().has("x", sequence(0.4)).gap("x", "the last value of 9 sequences"), "unknown permission_denied");
        check(x().has("x", sequence(0.92)).gap("x", "the last value of 9 sequences"), "fail high");
        let of_table = x().thing("t", Kind::Table).edge("t", Relation::StoredIn, "x").has("t", sequence(0.95));
        check(of_table, "fail high");
    }
}
