//! Tables partitioned by time whose last partition is the one in use: later rows are refused.

use crate::{Context, Subject};
use loadline_model::{
    CheckResult, Evidence, LastPartition, Outcome, Provenance, Relation, Severity, SubjectId, TableStat,
};
use std::collections::BTreeSet;

/// A table that will take no rows.
struct Ending<'a> {
    table: String,
    last: LastPartition,
    /// Until its end; negative after it.
    days: f64,
    from: &'a Provenance,
}

/// The answer for the keys, with what the partitions add; the worse of both leads.
pub(super) fn with(keys: CheckResult, subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let Some(first) = endings(subject, context).into_iter().min_by(|a, b| a.days.total_cmp(&b.days)) else {
        return keys;
    };
    let partition = refused(&first, subject);
    let severity = |answer: &CheckResult| match answer.outcome {
        Outcome::Fail { severity } => Some(severity),
        _ => None,
    };
    let (worse, other) = if severity(&keys) > severity(&partition) { (keys, partition) } else { (partition, keys) };
    let sentence =
        if severity(&other).is_some() { format!("{} {}", worse.sentence, other.sentence) } else { worse.sentence };
    CheckResult { sentence, evidence: [worse.evidence, other.evidence].concat(), ..worse }
}

/// Tables that write into their last partition, or did until it ended.
fn endings<'a>(subject: &Subject<'_>, context: &Context<'a>) -> Vec<Ending<'a>> {
    let inside = context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::StoredIn).map(|e| e.from);
    let tables: BTreeSet<SubjectId> = inside.collect();
    let ending = |id: SubjectId| {
        let (stat, from) = context.facts.facts::<TableStat>(&id).max_by_key(|(_, from)| from.read_at)?;
        let last = stat.last_partition?;
        let days = last.until.days_since(context.as_of);
        let in_use = last.from.is_none_or(|since| since <= context.as_of);
        let table = context.facts.resource(&id).map_or_else(|| id.to_string(), |r| r.name.clone());
        // Long after its end it was left on purpose: refused rows do not stay unnoticed for a month.
        (in_use && days > -subject.number("left_days")).then_some(Ending { table, last, days, from })
    };
    tables.into_iter().filter_map(ending).collect()
}

fn refused(ending: &Ending<'_>, subject: &Subject<'_>) -> CheckResult {
    let Ending { table, last, days, from } = ending;
    let severity = if *days < subject.number("partition_critical_days") {
        Severity::Critical
    } else if *days < subject.number("partition_high_days") {
        Severity::High
    } else {
        Severity::Medium
    };
    let sentence = if *days < 0.0 {
        format!("Rows of `{table}` are refused since {}: its last partition has ended.", last.until.utc_day())
    } else {
        format!("Rows of `{table}` are refused from {}, in {days:.0} days: no partition follows.", last.until.utc_day())
    };
    let evidence =
        Evidence::read(format!("last partition of `{table}`"), format!("ends {}", last.until.utc_day()), from);
    CheckResult::fail(severity, sentence, vec![evidence]).with_remedy(format!(
        "CREATE TABLE … PARTITION OF {table} FOR VALUES FROM ('{}') TO ('…'); and let a job (pg_partman) make the next ones ahead of time.",
        last.until.utc_day()
    ))
}

#[cfg(test)]
mod tests {
    use crate::cap::headroom::cases::thing;
    use crate::cap::structural_ceiling::RULE;
    use crate::testing::{Case, as_of};
    use loadline_model::{Kind, LastPartition, Relation, Setting, TableStat, Tier, Timestamp, Value, key};

    /// A table whose last partition covers these days from now.
    fn divided(since: f64, until: f64) -> Case {
        let at = |days: f64| Timestamp(as_of().0 + (days * 86_400_000.0) as i64);
        let last = LastPartition { from: Some(at(since)), until: at(until) };
        let stat = TableStat { partitions: Some(12.0), last_partition: Some(last), ..TableStat::default() };
        thing(Kind::Database, Tier::T1).thing("t", Kind::Table).edge("t", Relation::StoredIn, "x").has("t", stat)
    }

    fn used(case: Case, share: f64) -> Case {
        case.has("x", Setting { key: key::SEQUENCE_USED.into(), item: Some("id".into()), value: Value::Number(share) })
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "x"), expected);
        check(divided(-20.0, 10.0), "fail high");
        check(divided(-27.0, 3.0), "fail critical");
        check(divided(-300.0, 65.0), "fail medium");
        check(divided(-40.0, -9.0), "fail critical");
        // Left long ago, or followed by a partition that waits.
        check(used(divided(-90.0, -60.0), 0.1), "pass");
        check(used(divided(2.0, 32.0), 0.1), "pass");
        check(divided(2.0, 32.0), "unknown permission_denied");
        // The worse of both.
        check(used(divided(-300.0, 65.0), 0.95), "fail high");
        check(used(divided(-27.0, 3.0), 0.95), "fail critical");
        check(used(divided(-27.0, 3.0), 0.1), "fail critical");
    }
}
