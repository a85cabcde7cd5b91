//! Self-managed, unsupported or exposed database engine.

use super::end_of_life::{READ_ON, Support, support, table_age_days};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, Escalation, Evidence, GapReason, Kind, Relation, Resource, Severity, SubjectId, key,
};
use std::collections::BTreeSet;

pub(super) const RULE: Rule = Rule {
    id: "DB-021",
    title: "Self-managed, unsupported or exposed database engine",
    question: "Is the engine operated by hand, past support, or reachable from the internet?",
    why: "An open port is found within hours, an unsupported engine gets no more fixes, and a small team that runs its own \
          database pays for it at night; S5 preferred managed engines, S4 moved the database to a network of its own.",
    condition: "The database is reachable from the whole internet; or it asks nobody for credentials; or its version is past \
                community support; or a team of fewer than 10 runs it itself in a cloud that offers it managed",
    fix: &[
        "close the exposure now",
        "upgrade through a replica",
        "plan the move to a managed engine",
        "private subnets and security groups between application and data",
    ],
    effort_days: [1.0, 10.0],
    effort_source: "HD",
    weight: 2,
    severity: "critical: open to the internet; high: past support; medium: self-managed",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Database, Kind::Cache]),
    numbers: &[
        Number { key: "team", value: 10.0, unit: "count", source: "HD" },
        Number { key: "table_days", value: 180.0, unit: "d", source: "HD" },
    ],
    sources: &[
        ("postgres", "SHOW server_version_num"),
        ("mysql", "SELECT @@version"),
        ("mongodb", "buildInfo"),
        ("redis", "INFO server -> redis_version"),
        (
            "aws",
            "rds:DescribeDBInstances -> EngineVersion, PubliclyAccessible, AutoMinorVersionUpgrade, VpcSecurityGroups; ec2:DescribeSecurityGroups -> IpPermissions",
        ),
        ("gcp", "sqladmin instances.get -> settings.ipConfiguration.ipv4Enabled, authorizedNetworks, databaseVersion"),
        ("bundled", "end-of-life table of 2026-06-30 from the vendors' schedules (endoflife.date)"),
    ],
    proof_metric: "stores_protected_share",
    proof: "days of support left rise; exposed ports fall to 0",
    false_positives: "Self-hosting with database administrators on call.",
    unknown_when: "the bundled table of support dates is older than 180 days",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let facts = context.facts;
    let (Some(resource), Some(from)) = (subject.resource, facts.provenance(&subject.id)) else {
        return CheckResult::unknown(
            GapReason::UnmappedSubject,
            "the database itself is not described",
            "Connect it, or the account that runs it.",
        );
    };
    let mut evidence = Vec::new();
    let open = facts.flag(&subject.id, key::PUBLICLY_REACHABLE);
    evidence.extend(
        open.map(|(open, p)| Evidence::read("reachable from the internet", if open { "yes" } else { "no" }, p)),
    );
    let encrypted = facts.flag(&subject.id, key::TLS_REQUIRED);
    evidence.extend(
        encrypted.map(|(on, p)| Evidence::read("refuses connections without TLS", if on { "yes" } else { "no" }, p)),
    );
    if let Some((true, _)) = open {
        let sentence = format!(
            "`{}` can be reached from the whole internet: anyone may try passwords and exploits.",
            subject.name()
        );
        return CheckResult::fail(Severity::Critical, sentence, evidence).with_remedy(
            "Remove 0.0.0.0/0 and ::/0 from its security group or authorised networks, and turn public access off.",
        );
    }
    let locked = facts.flag(&subject.id, key::AUTHENTICATION_REQUIRED);
    evidence.extend(locked.map(|(on, p)| Evidence::read("credentials are required", if on { "yes" } else { "no" }, p)));
    // Where only its own machine reaches it, a missing password lets nobody else in.
    if locked.is_some_and(|(on, _)| !on) && open.is_none() {
        let sentence =
            format!("Whoever reaches `{}` over the network is let in: it asks for no credentials.", subject.name());
        return CheckResult::fail(Severity::High, sentence, evidence).with_remedy(
            "Create users, turn authorization on (MongoDB: security.authorization: enabled) and restart; until then listen on 127.0.0.1 only.",
        );
    }
    let version = resource.engine_version.as_deref().unwrap_or("");
    evidence.push(Evidence::read("engine and version", format!("{} {version}", subject.engine()), from));
    let supported = support(subject.engine(), version, context.as_of.utc_day());
    if let Support::Ended(day) = supported {
        let sentence = format!(
            "{} {version} of `{}` left community support on {day}: no more security fixes.",
            subject.engine(),
            subject.name()
        );
        return CheckResult::fail(Severity::High, sentence, evidence);
    }
    let small = f64::from(context.policy.team.people) < subject.number("team");
    if resource.managed == Some(false) && small && runs_in_cloud(&subject.id, resource, context) {
        evidence.push(Evidence::read("operated by a provider", "no", from));
        let sentence = format!(
            "`{}` runs on a machine of your own: {} people patch, back up and repair it.",
            subject.name(),
            context.policy.team.people
        );
        return CheckResult::fail(Severity::Medium, sentence, evidence);
    }
    if let Some(unknown) = missing(subject, open.is_none(), supported, resource, context) {
        return unknown.with_evidence(evidence);
    }
    CheckResult::pass(format!("`{}` is closed to the internet and its engine is supported.", subject.name()), evidence)
}

fn missing(
    subject: &Subject<'_>,
    reach_unknown: bool,
    supported: Support,
    resource: &Resource,
    context: &Context<'_>,
) -> Option<CheckResult> {
    let name = subject.name();
    if reach_unknown {
        let detail = format!("whether `{name}` is reachable from the internet is not known");
        return Some(CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Connect the cloud account that holds its network rules (ec2:DescribeSecurityGroups, Cloud SQL ipConfiguration).",
        ));
    }
    if supported == Support::Unlisted {
        let version = resource.engine_version.as_deref().unwrap_or("of unknown version");
        let detail = format!("{} {version} of `{name}` is not in the table of support dates", subject.engine());
        return Some(CheckResult::unknown(
            GapReason::UnsupportedVersion,
            detail,
            "Connect the database itself, or update Loadline.",
        ));
    }
    let age = table_age_days(context.as_of);
    if age > subject.number("table_days") {
        let detail = format!(
            "the table of support dates was read on {READ_ON}, {age:.0} days before the snapshot; it counts for {:.0} days",
            subject.number("table_days")
        );
        return Some(CheckResult::unknown(GapReason::Stale, detail, "Update Loadline."));
    }
    if resource.managed.is_none() {
        let detail = format!("whether a provider operates `{name}` is not known");
        return Some(CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Connect the cloud account or platform that runs it.",
        ));
    }
    None
}

/// A cloud lies under it: it has a region, or what it runs in leads to a zone or region.
fn runs_in_cloud(id: &SubjectId, resource: &Resource, context: &Context<'_>) -> bool {
    let mut visit = vec![id.clone()];
    let mut seen = BTreeSet::new();
    while let Some(at) = visit.pop() {
        let kind = context.facts.resource(&at).map(|r| r.kind);
        if matches!(kind, Some(Kind::Zone | Kind::Region)) {
            return true;
        }
        if seen.insert(at.clone()) {
            visit.extend(context.facts.edges_from(&at).filter(|e| e.edge.relation == Relation::RunsIn).map(|e| e.to));
        }
    }
    resource.region.is_some()
}

#[cfg(test)]
#[path = "engine_exposed_tests.rs"]
mod tests;
