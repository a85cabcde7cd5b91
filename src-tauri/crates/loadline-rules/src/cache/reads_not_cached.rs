//! Repeated reads are not cached.

use super::repeated::repeated;
use crate::db::wording::{count, percent};
use crate::evaluate::gap_anywhere;
use crate::verdict::{Verdict, internal};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Relation, Severity, SubjectId};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "CACHE-001",
    title: "Repeated reads are not cached",
    question: "Does the database answer the same question again and again?",
    why: "Profiles, product lists and settings are read a hundred times for each write. Cached, database reads fell by 40-50 % on \
          critical endpoints (S1), and 80-90 % of reads came from the cache (S4).",
    condition: "A user-facing service has no cache, and at least 30 % of its database's time is reads of tables that are read 20 \
                times for each write",
    fix: &[
        "cache-aside with a time to live",
        "invalidate on every update",
        "never cache prices or balances that must be live (S4)",
        "measure the hit ratio per prefix",
    ],
    effort_days: [2.0, 6.0],
    effort_source: "S4: hot-data cache inside 15-20 days",
    weight: 3,
    severity: "high when the database's CPU is above 60 %; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "share", value: 0.30, unit: "ratio", source: "HD" },
        Number { key: "reads_per_write", value: 20.0, unit: "ratio", source: "HD" },
        Number { key: "cpu", value: 0.60, unit: "ratio", source: "HD" },
        Number { key: "window_hours", value: 24.0, unit: "h", source: "HD" },
    ],
    sources: &[
        ("postgres", "pg_stat_statements: SELECT by calls and total_exec_time, writes on the same tables"),
        ("mongodb", "system.profile, $queryStats by collection"),
        ("aws", "elasticache:DescribeReplicationGroups: no cache that the service depends on"),
    ],
    proof_metric: "cache_hit_ratio",
    proof: "database reads per request fall and the cache's hit ratio rises",
    false_positives: "Reads that are already fast from index and memory.",
    unknown_when: "statement statistics are missing, or what the service depends on is not known",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(internal) = internal(subject) {
        return internal;
    }
    let name = subject.name();
    let facts = context.facts;
    let kind_of = |id: &SubjectId| facts.resource(id).map(|r| r.kind);
    let needs: Vec<_> =
        facts.edges_from(&subject.id).filter(|e| matches!(e.edge.relation, Relation::DependsOn { .. })).collect();
    if let Some(cache) = needs.iter().find(|e| kind_of(&e.to) == Some(Kind::Cache)) {
        let used = context.reference(&cache.to).name;
        let row = Evidence::read("depends on cache", used.clone(), cache.provenance);
        return CheckResult::pass(format!("`{name}` answers repeated reads from `{used}`."), vec![row]);
    }
    let mut verdict = Verdict::new();
    let stores: BTreeSet<SubjectId> =
        needs.iter().filter(|e| kind_of(&e.to) == Some(Kind::Database)).map(|e| e.to.clone()).collect();
    let hot = stores.iter().filter_map(|id| repeated(id, subject, context));
    let Some(hot) = hot.max_by(|a, b| a.share.total_cmp(&b.share)) else {
        let (reason, what) = match stores.is_empty() {
            true => (GapReason::UnmappedSubject, "which database it reads"),
            false => (GapReason::FeatureDisabled, "how often its database answers the same"),
        };
        verdict.lacks(
            reason,
            format!("`{name}` has no cache, and {what} is not known"),
            "Link the service to its database, and let the account read statement statistics (DB-001).",
        );
        return verdict.answer(Vec::new(), "");
    };
    let mut rows = vec![Evidence::read(
        "reads of read-mostly tables",
        format!("{} of its time, {} reads a write", percent(hot.share), count(hot.ratio)),
        hot.from,
    )];
    rows.extend(needs.iter().map(|e| Evidence::read("depends on", context.reference(&e.to).name, e.provenance)));
    if hot.share >= subject.number("share") && hot.hours.is_some_and(|h| h >= subject.number("window_hours")) {
        if let Some(gap) = gap_anywhere(context, &["depends_on", "elasticache", "redis"]) {
            verdict.lacks(
                gap.reason,
                format!("whether `{name}` has a cache is not certain: {}", gap.detail),
                gap.closes.clone(),
            );
            return verdict.answer(rows, "");
        }
        let cpu = context.capacity.utilisation.iter().find(|u| u.subject.id == hot.store && u.limited == Limited::Cpu);
        let busy = cpu.is_some_and(|u| u.now.p90 > subject.number("cpu"));
        let store = context.reference(&hot.store).name;
        verdict.fault(
            if busy { Severity::High } else { Severity::Medium },
            format!("{} of the time of `{store}` goes into reads of tables that hardly change, and `{name}` caches none of them", percent(hot.share)),
        );
    }
    let need = subject.number("window_hours");
    match hot.hours {
        Some(hours) if hours >= need => {}
        hours => verdict.short("the statement statistics", hours.unwrap_or_default(), need),
    }
    verdict.hidden(subject, context, &["depends_on"]);
    verdict.hidden_anywhere(subject, context, &["query_stat"]);
    verdict.answer(
        rows,
        format!(
            "`{name}` has no cache, and its database spends {} of its time on reads of tables that hardly change.",
            percent(hot.share)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{Case, as_of};
    use loadline_model::{Kind, Limited, QueryStat, Relation, Resource, Tier, Verb};

    fn stat(fingerprint: &str, verb: Verb, table: &str, calls: f64, total_ms: f64, hours: i64) -> QueryStat {
        QueryStat {
            fingerprint: fingerprint.into(),
            text: fingerprint.into(),
            verb,
            calls,
            total_ms,
            rows: calls,
            rows_examined: None,
            blocks_read: None,
            temp_blocks: None,
            since: Some(as_of().plus_hours(-hours)),
            tables: vec![table.into()],
            route: None,
        }
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let api = |tier| Case::new().has("api", Resource { tier: Some(tier), ..Resource::new(Kind::Service, "api") });
        let needs =
            |case: Case, id: &str, kind| case.thing(id, kind).edge("api", Relation::DependsOn { hard: true }, id);
        let uses = || needs(api(Tier::T1), "db", Kind::Database);
        let reads = |case: Case, ms, hours| case.has("db", stat("profile", Verb::Read, "users", 50_000.0, ms, hours));
        let mix =
            |ms, hours| reads(uses(), ms, hours).has("db", stat("insert", Verb::Write, "orders", 9_000.0, 7e5, hours));
        check(api(Tier::T1), "unknown unmapped_subject");
        check(api(Tier::T2), "not_applicable");
        check(needs(api(Tier::T1), "redis", Kind::Cache), "pass");
        check(uses(), "unknown feature_disabled");
        check(mix(4e5, 48), "fail medium");
        check(mix(4e5, 48).used("db", Limited::Cpu, 0.7, 9.0), "fail high");
        check(mix(4e5, 48).gap("api", "depends_on"), "unknown permission_denied");
        check(mix(2e5, 48), "pass");
        check(mix(4e5, 6), "unknown short_window");
        check(mix(4e5, 48).has("db", stat("change", Verb::Write, "users", 5_000.0, 9.0, 48)), "pass");
    }
}
