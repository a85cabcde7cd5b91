//! Tables that are divided into partitions (PostgreSQL): judged as one, with remedies that work on all of it.

use super::reading::table_stat;
use super::wording::count;
use crate::{Context, Subject};
use loadline_model::{CheckResult, IndexStat};

/// Answers for the whole. A partition is not judged on its own, but for indexes that only it has: what reads it names the
/// whole.
pub(super) fn as_one(
    subject: &Subject<'_>,
    context: &Context<'_>,
    judge: fn(&Subject<'_>, &Context<'_>) -> CheckResult,
) -> CheckResult {
    let Some((stat, _)) = table_stat(&subject.id, context) else { return judge(subject, context) };
    if let Some(whole) =
        stat.partition_of.as_ref().filter(|_| context.facts.facts::<IndexStat>(&subject.id).next().is_none())
    {
        return CheckResult::not_applicable(format!("`{}` is a partition and judged with `{whole}`.", subject.name()));
    }
    let answer = judge(subject, context);
    match stat.partitions.filter(|n| *n > 0.0) {
        Some(parts) => {
            let remedy = answer.remedy.as_deref().map(|remedy| on_partitions(remedy, parts));
            CheckResult { remedy, ..answer }
        }
        None => answer,
    }
}

/// Nothing concurrent works on an index of the whole: it is built on each partition and attached.
/// <https://www.postgresql.org/docs/current/ddl-partitioning.html#DDL-PARTITIONING-DECLARATIVE-MAINTENANCE>
fn on_partitions(remedy: &str, parts: f64) -> String {
    let parts = count(parts);
    if let Some((table, columns)) =
        remedy.strip_prefix("CREATE INDEX CONCURRENTLY ON ").and_then(|on| on.trim_end_matches(';').split_once(" ("))
    {
        let plain: String = format!("{} {columns}", table.rsplit('.').next().unwrap_or(table))
            .chars()
            .filter_map(|c| match c {
                ' ' => Some('_'),
                c => (c.is_ascii_alphanumeric() || c == '_').then(|| c.to_ascii_lowercase()),
            })
            .collect();
        return format!(
            "CREATE INDEX {plain}_idx ON ONLY {table} ({columns}; then on each of its {parts} partitions \
             CREATE INDEX CONCURRENTLY … ({columns}; ALTER INDEX {plain}_idx ATTACH PARTITION …;"
        );
    }
    if !remedy.contains(" INDEX CONCURRENTLY ") {
        return remedy.to_owned();
    }
    let one = |statement: &str| {
        let statement = statement.trim();
        match statement.strip_prefix("REINDEX INDEX CONCURRENTLY ") {
            Some(index) => format!("ALTER INDEX {index} ATTACH PARTITION …;"),
            None => format!("{};", statement.replace("DROP INDEX CONCURRENTLY", "DROP INDEX")),
        }
    };
    let all: Vec<String> = remedy.split(';').filter(|s| !s.trim().is_empty()).map(one).collect();
    let attached =
        if remedy.contains("REINDEX") { " Attach after building it on each partition that has none." } else { "" };
    format!(
        "SET lock_timeout = '2s'; {} -- dropping locks the table and its {parts} partitions for a moment.{attached}",
        all.join(" ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_concurrent_is_asked_of_a_partitioned_index() {
        let created = on_partitions("CREATE INDEX CONCURRENTLY ON public.events (user_id, kind);", 24.0);
        assert_eq!(
            created,
            "CREATE INDEX events_user_id_kind_idx ON ONLY public.events (user_id, kind); then on each of its 24 partitions \
             CREATE INDEX CONCURRENTLY … (user_id, kind); ALTER INDEX events_user_id_kind_idx ATTACH PARTITION …;"
        );
        let dropped = on_partitions("DROP INDEX CONCURRENTLY public.a; REINDEX INDEX CONCURRENTLY public.b;", 3.0);
        assert!(dropped.contains("DROP INDEX public.a; ALTER INDEX public.b ATTACH PARTITION …;"), "{dropped}");
        assert!(!dropped.contains("CONCURRENTLY"), "{dropped}");
        assert_eq!(on_partitions("EXPLAIN it", 3.0), "EXPLAIN it");
    }
}
