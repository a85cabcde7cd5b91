//! Primary database has no automatic failover.

use super::{by_tier, counted};
use crate::data::has_no_backup;
use crate::escalation::in_its_environment;
use crate::evaluate::{Reading, gap_about};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Relation, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SPOF-004",
    title: "Primary database has no automatic failover",
    question: "When the primary database node fails, does something else take over by itself?",
    why: "Without a standby that takes over, a failed primary is down until a person restores it. The contractual floor shows \
          the difference: 43.8 hours a year at 99.5 % for a single RDS instance, 4.4 at 99.95 % with Multi-AZ (SLA).",
    condition: "nothing takes over by itself: no standby, a standby that a person must promote, or a replica set of fewer \
                than three electable members",
    fix: &[
        "turn on Multi-AZ or REGIONAL, or grow to a replica set of three members; self-hosted: a standby and a failover manager",
        "make drivers retry and look the address up again",
        "rehearse the failover (TEST-004)",
    ],
    effort_days: [1.0, 5.0],
    effort_source: "HD; S1 moved to Atlas with replication at once",
    weight: 5,
    severity: "critical for T0 or when there is no backup either (DATA-001), high otherwise; one lower outside production",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[Number {
        key: "electable_standbys",
        value: 2.0,
        unit: "members",
        source: "MDB: three data-bearing members",
    }],
    sources: &[
        ("aws", "rds:DescribeDBInstances -> MultiAZ; rds:DescribeDBClusters -> DBClusterMembers[], MultiAZ"),
        ("gcp", "sqladmin instances.get -> settings.availabilityType"),
        ("atlas", "clusters -> replicationSpecs[].regionConfigs[].electableSpecs.nodeCount"),
        ("mongodb", "replSetGetStatus -> members[].stateStr, health; hello -> setName"),
        ("postgres", "SELECT application_name, state, sync_state, replay_lag FROM pg_stat_replication"),
        ("mysql", "SHOW REPLICAS; performance_schema.replication_group_members -> MEMBER_STATE"),
    ],
    proof_metric: "availability_sli",
    proof: "minutes a quarter in which nothing could be written fall",
    false_positives: "Serverless engines are redundant by themselves. A read replica that nobody promotes does not count.",
    unknown_when: "nobody shows who operates it, or the replication views are denied on a self-hosted primary",
    prerequisites: &["DATA-001"],
    check,
};

const CONNECT: &str = "Connect the cloud account that runs it (AWS, Google Cloud, Atlas), or state who operates it (managed or self-hosted).";

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    if seen.flag("is a standby", key::IS_STANDBY) == Some(true) {
        let because = format!("`{name}` is a standby; its primary is judged.");
        return CheckResult::not_applicable(because).with_evidence(seen.rows);
    }
    if seen.flag("kept redundant by its platform", key::PLATFORM_REDUNDANT) == Some(true) {
        return CheckResult::pass(format!("The platform of `{name}` keeps it redundant."), seen.rows);
    }
    let automatic = seen.flag("takes over by itself", key::AUTOMATIC_FAILOVER);
    let counted_standbys = seen.number("standbys", "members", key::STANDBY_MEMBERS);
    let copies: Vec<Option<bool>> = copies_of(subject, context, &mut seen);
    let standbys = counted_standbys.unwrap_or(copies.len() as f64).max(copies.len() as f64);
    let elects = subject.engine() == "mongodb";
    // A provider's standby does not show in the engine's own list, so that list refutes only engines that elect by it.
    let too_few = elects && counted_standbys.is_some() && standbys < subject.number("electable_standbys");
    if automatic == Some(false) || too_few {
        return fails(subject, context, standbys, seen);
    }
    let unread = gap_about(&subject.id, context, &["replica", "replicat", "failover", "standby"]);
    let elected = copies.contains(&Some(true)) || elects && counted_standbys.is_some();
    if automatic == Some(true) || elected && unread.is_none() {
        let sentence = format!("Another node takes over when the primary of `{name}` fails.");
        return CheckResult::pass(sentence, seen.rows);
    }
    let said_nothing = counted_standbys.is_none() && copies.is_empty();
    match seen.managed() {
        Some(false) if !said_nothing && unread.is_none() => fails(subject, context, standbys, seen),
        Some(false) => CheckResult::unknown(
            unread.map_or(GapReason::NotConnected, |g| g.reason),
            format!("`{name}` is self-hosted, and whether it has a standby could not be read"),
            unread.map_or("Allow reading pg_stat_replication (pg_read_all_stats), or connect the failover manager.", |g| &g.closes),
        )
        .with_evidence(seen.rows),
        _ => CheckResult::unknown(
            GapReason::NotConnected,
            format!("whether something takes over for `{name}` is not visible from inside it; a provider's standby does not show there"),
            CONNECT,
        )
        .with_evidence(seen.rows),
    }
}

/// Whether each copy takes over by itself, as far as it is said.
fn copies_of(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>) -> Vec<Option<bool>> {
    let mut copies = Vec::new();
    for edge in context.facts.edges_from(&subject.id) {
        if let Relation::ReplicatedTo { automatic, .. } = edge.edge.relation {
            let how = match automatic {
                Some(true) => "takes over by itself",
                Some(false) => "is promoted by hand",
                None => "nothing shows that it takes over",
            };
            let copy = context.reference(&edge.to).name;
            seen.row(format!("copied to `{copy}`"), how, edge.provenance);
            copies.push(automatic);
        }
    }
    copies
}

fn fails(subject: &Subject<'_>, context: &Context<'_>, standbys: f64, mut seen: Reading<'_>) -> CheckResult {
    let name = subject.name();
    let mut severity = by_tier(subject, [Severity::Critical, Severity::High, Severity::High]);
    let no_backup = has_no_backup(subject, context);
    if no_backup {
        severity = Severity::Critical;
        seen.follows("backup", "none (DATA-001)");
    }
    let what = if standbys < 1.0 {
        format!("0 standbys wait for `{name}`: when it fails, a person restores it")
    } else {
        format!(
            "{} of `{name}` cannot take over: failover is manual, and a person must promote it",
            counted(standbys, "standby")
        )
    };
    let tail = if no_backup { ", and there is no backup to restore from" } else { "" };
    seen.follows("contractual floor", "43.8 h a year at 99.5 % single, 4.4 h at 99.95 % with failover (SLA)");
    CheckResult::fail(in_its_environment(severity, subject), format!("{what}{tail}."), seen.rows)
        .with_remedy(remedy(subject))
}

fn remedy(subject: &Subject<'_>) -> String {
    let name = subject.name();
    match subject.engine() {
        "postgresql" => format!(
            "Give `{name}` a streaming standby with a failover manager (Patroni, pg_auto_failover), or Multi-AZ when a provider runs it."
        ),
        "mysql" | "mariadb" => format!("Give `{name}` 3 members that elect: InnoDB Cluster, or Galera on MariaDB."),
        "mongodb" => format!("Grow `{name}` to a replica set of 3 data-bearing members in 3 zones."),
        _ => format!("Give `{name}` a standby in another zone that takes over by itself."),
    }
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Basis, Environment, Kind, Relation, Resource, Severity, Tier, key};

    fn run(managed: Option<bool>, engine: &str) -> Case {
        Case::new().has("db", Resource { managed, engine: Some(engine.into()), ..Resource::new(Kind::Database, "db") })
    }
    fn copied(automatic: Option<bool>) -> Relation {
        Relation::ReplicatedTo { synchronous: None, automatic }
    }

    #[test]
    fn cases() {
        let pg = |managed| run(managed, "postgresql");
        let alone = |managed| pg(managed).number("db", key::STANDBY_MEMBERS, 0.0);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        check(pg(None), "unknown not_connected");
        check(pg(Some(false)), "unknown not_connected");
        check(alone(None), "unknown not_connected");
        check(alone(Some(true)), "unknown not_connected");
        check(alone(Some(false)), "fail critical");
        check(alone(Some(false)).tier("db", Tier::T1), "fail high");
        check(alone(Some(false)).tier("db", Tier::T1).flag("db", key::BACKUP_ENABLED, false), "fail critical");
        check(alone(Some(false)).gap("db", "pg_stat_replication"), "unknown permission_denied");
        let stated = Resource { managed: Some(false), ..Resource::new(Kind::Database, "db") };
        check(alone(None).fact("db", Basis::Stated, stated), "fail critical");
        let staging = Resource { environment: Some(Environment::Staging), ..Resource::new(Kind::Database, "db") };
        check(alone(Some(false)).has("db", staging), "fail high");
        check(pg(Some(false)).edge("db", copied(None), "s"), "fail critical");
        check(pg(None).edge("db", copied(None), "s"), "unknown not_connected");
        check(pg(Some(false)).edge("db", copied(Some(false)), "s"), "fail critical");
        check(pg(Some(false)).edge("db", copied(Some(true)), "s"), "pass");
        check(alone(None).flag("db", key::AUTOMATIC_FAILOVER, true), "pass");
        check(pg(None).flag("db", key::AUTOMATIC_FAILOVER, true), "pass");
        check(pg(None).flag("db", key::AUTOMATIC_FAILOVER, false), "fail critical");
        check(pg(None).flag("db", key::PLATFORM_REDUNDANT, true), "pass");
        check(pg(None).flag("db", key::IS_STANDBY, true), "not_applicable");
        let set = |standbys| run(None, "mongodb").number("db", key::STANDBY_MEMBERS, standbys);
        check(set(1.0), "fail critical");
        check(set(2.0), "pass");
    }

    #[test]
    fn tells_a_manual_standby_from_none() {
        let check = run(Some(false), "postgresql").edge("db", copied(None), "s").check_of(&RULE, "db");
        assert!(check.result.sentence.contains("failover is manual"), "{}", check.result.sentence);
        assert_eq!(check.result.outcome.severity(), Some(Severity::Critical));
    }
}
