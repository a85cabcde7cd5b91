//! Cache or session store is a single node and a hard dependency.

use super::{dependants, names};
use crate::evaluate::{Reading, gap_about};
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Relation, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SPOF-005",
    title: "Cache or session store is a single node and a hard dependency",
    question: "Do users get logged out or errors when one cache node dies?",
    why: "A cache that services cannot do without is a database without its protection. Where sessions live in Redis (S4), one \
          lost node signs everybody out; where it only speeds up reads, its loss sends all of them to the database at once.",
    condition: "no replica takes over by itself, and at least one service depends on it",
    fix: &[
        "add a replica in another zone, with automatic failover",
        "make reads of the cache soft: a timeout, then the source behind a limit",
        "keep sessions and queues apart from cached data (CACHE-006)",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 3,
    severity: "high when it holds sessions, queues or locks, or what it holds is not known; medium when it is a cache that \
               shields a database; low when every service can do without it",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Cache]),
    numbers: &[],
    sources: &[
        (
            "aws",
            "elasticache:DescribeReplicationGroups -> AutomaticFailover, MultiAZ; elasticache:DescribeCacheClusters -> NumCacheNodes",
        ),
        ("redis", "INFO replication -> role, connected_slaves; INFO cluster -> cluster_enabled"),
        ("gcp", "redis instances.get -> tier"),
    ],
    proof_metric: "error_ratio",
    proof: "errors and lost sessions during a failover drill fall",
    false_positives: "Memcached used strictly as a cache whose fall-through was tested.",
    unknown_when: "which services need it, and whether they can do without, is not declared or seen",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if seen.flag("kept redundant by its platform", key::PLATFORM_REDUNDANT) == Some(true) {
        return CheckResult::pass(format!("The platform of `{name}` keeps it redundant."), seen.rows);
    }
    let automatic = seen.flag("takes over by itself", key::AUTOMATIC_FAILOVER);
    let standbys = seen.number("replicas", "members", key::STANDBY_MEMBERS);
    let copies = context.facts.edges_from(&subject.id).filter_map(|e| match e.edge.relation {
        Relation::ReplicatedTo { automatic, .. } => Some((automatic, e.provenance)),
        _ => None,
    });
    if let Some((_, from)) = copies.into_iter().find(|(automatic, _)| *automatic == Some(true)) {
        seen.row("a copy takes over by itself", "on", from);
        return CheckResult::pass(format!("A copy of `{name}` takes over by itself."), seen.rows);
    }
    match (automatic, standbys) {
        (Some(true), _) => CheckResult::pass(format!("A replica of `{name}` takes over by itself."), seen.rows),
        (Some(false), _) | (_, Some(0.0)) => single(subject, context, standbys, seen),
        _ => CheckResult::unknown(
            GapReason::NotConnected,
            format!("whether a replica takes over for `{name}` is not visible"),
            "Connect the Redis itself (loadline connect redis) or the cloud account that runs it.",
        )
        .with_evidence(seen.rows),
    }
}

fn single(subject: &Subject<'_>, context: &Context<'_>, standbys: Option<f64>, mut seen: Reading<'_>) -> CheckResult {
    let name = subject.name();
    let hard = dependants(subject, context, true);
    let soft = dependants(subject, context, false);
    if hard.is_empty() && (soft.is_empty() || gap_about(&subject.id, context, &["depends_on", "edge"]).is_some()) {
        return CheckResult::unknown(
            GapReason::UnmappedSubject,
            format!("`{name}` is a single node, but which services need it is not known"),
            "Connect the repository or tracing, or declare who depends on it and whether they can do without.",
        )
        .with_evidence(seen.rows);
    }
    let who = if hard.is_empty() { &soft } else { &hard };
    for edge in who {
        let word = if hard.is_empty() { "can do without it" } else { "fails without it" };
        seen.row(names(std::slice::from_ref(edge), context), word, edge.provenance);
    }
    let role = context.facts.text(&subject.id, key::STORE_ROLE);
    seen.rows.extend(role.map(|(role, from)| Evidence::read("holds", role, from)));
    let severity = match role.map(|(role, _)| role) {
        _ if hard.is_empty() => Severity::Low,
        Some("cache" | "rebuildable") => Severity::Medium,
        _ => Severity::High,
    };
    let node = if standbys == Some(0.0) { "1 node" } else { "1 node without automatic failover" };
    let effect = match severity {
        Severity::Low => format!("{} slow down", names(who, context)),
        Severity::Medium => {
            format!("{} fail, and {} reads reach the database", names(who, context), flood(subject, context, &mut seen))
        }
        _ => format!("{} fail, and the sessions, jobs or locks in it are gone", names(who, context)),
    };
    CheckResult::fail(severity, format!("{node} serves `{name}`; when it dies, {effect}."), seen.rows)
}

/// How many times the reads reach the database once nothing is answered from the cache: 1 / (1 - hit ratio).
fn flood(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>) -> String {
    match context.facts.number(&subject.id, key::HIT_RATIO) {
        Some((ratio, from)) if (0.0..1.0).contains(&ratio) => {
            seen.row("hit ratio", format!("{:.0} %", ratio * 100.0), from);
            format!("{:.1} times the", 1.0 / (1.0 - ratio))
        }
        _ => "all".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Basis, Kind, Relation, Value, key};

    #[test]
    fn cases() {
        let cache = || Case::new().thing("redis", Kind::Cache).thing("api", Kind::Service);
        let single = || cache().number("redis", key::STANDBY_MEMBERS, 0.0);
        let needed = |hard| single().edge("api", Relation::DependsOn { hard }, "redis");
        let holds = |role: &str| needed(true).set("redis", key::STORE_ROLE, Value::Text(role.into()));
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "redis"), expected);
        check(cache(), "unknown not_connected");
        check(single(), "unknown unmapped_subject");
        check(needed(true), "fail high");
        check(holds("sessions"), "fail high");
        check(holds("cache"), "fail medium");
        check(needed(false), "fail low");
        check(needed(false).gap("redis", "depends_on"), "unknown unmapped_subject");
        check(cache().number("redis", key::STANDBY_MEMBERS, 1.0), "unknown not_connected");
        check(cache().flag("redis", key::AUTOMATIC_FAILOVER, true), "pass");
        check(single().flag("redis", key::AUTOMATIC_FAILOVER, true), "pass");
        check(cache().fact("redis", Basis::Stated, setting(true)), "unknown not_connected");
        let copied = Relation::ReplicatedTo { synchronous: None, automatic: Some(true) };
        check(cache().edge("redis", copied, "replica"), "pass");
        assert_eq!(Case::new().listed(Kind::Cache).answer(&RULE, "organisation"), "not_applicable");
    }

    fn setting(on: bool) -> loadline_model::Setting {
        loadline_model::Setting { key: key::AUTOMATIC_FAILOVER.into(), item: None, value: Value::Bool(on) }
    }

    #[test]
    fn says_what_reaches_the_database() {
        let case = Case::new().thing("redis", Kind::Cache).number("redis", key::STANDBY_MEMBERS, 0.0);
        let case = case.edge("api", Relation::DependsOn { hard: true }, "redis").number("redis", key::HIT_RATIO, 0.9);
        let case = case.set("redis", key::STORE_ROLE, Value::Text("cache".into()));
        assert!(case.check_of(&RULE, "redis").result.sentence.contains("10.0 times the reads"));
    }
}
