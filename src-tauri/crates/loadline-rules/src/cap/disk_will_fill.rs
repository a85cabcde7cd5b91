//! Disk will fill.

use super::headroom::{disk_of_another, judged_with_its_group, tightest};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "CAP-003",
    title: "Disk will fill",
    question: "When does storage run out?",
    why: "A full disk stops every write at once, and the clean-up that would free space needs to write as well.",
    condition: "The disk is more than 80 % full and does not grow by itself, or is full within 30 days",
    fix: &[
        "drop old data: retention, partitions, logs",
        "let it grow by itself, with an alert at the ceiling",
        "remove stale replication slots (DB-018)",
    ],
    effort_days: [0.25, 2.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical: within 3 days, or more than 95 % full; high within 14 days; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database, Kind::Instance, Kind::Host, Kind::Queue]),
    numbers: &[
        Number { key: "full", value: 0.80, unit: "ratio", source: "HD" },
        Number { key: "critical_full", value: 0.95, unit: "ratio", source: "HD" },
        Number { key: "critical_days", value: 3.0, unit: "d", source: "HD" },
        Number { key: "high_days", value: 14.0, unit: "d", source: "HD" },
        Number { key: "medium_days", value: 30.0, unit: "d", source: "HD" },
        Number { key: "samples_days", value: 1.0, unit: "d", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "AWS/RDS FreeStorageSpace; rds:DescribeDBInstances -> AllocatedStorage, MaxAllocatedStorage; CWAgent disk_used_percent",
        ),
        (
            "prometheus",
            "predict_linear(node_filesystem_avail_bytes[7d], 30*86400) < 0; kubelet_volume_stats_available_bytes; node_filesystem_files_free",
        ),
        ("gcp", "cloudsql.googleapis.com/database/disk/utilization; settings.storageAutoResize"),
        ("atlas", "disk partition measurements"),
    ],
    proof_metric: "resource_utilisation",
    proof: "days until the disk is full rise",
    false_positives: "A short compaction or import: the 7-day and the 24-hour slope must agree.",
    unknown_when: "the disk grows by itself up to a ceiling that is not known",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(elsewhere) = judged_with_its_group(subject, context).or_else(|| disk_of_another(subject, context)) {
        return elsewhere;
    }
    let Some(disk) = tightest(subject, &[Limited::Disk], subject.number("medium_days"), context) else {
        return CheckResult::unknown(
            GapReason::FeatureDisabled,
            format!("the disk of `{}` is not measured", subject.name()),
            "Connect CloudWatch (FreeStorageSpace), Cloud Monitoring (disk/utilization), or a Prometheus that scrapes node_exporter.",
        );
    };
    let mut evidence = disk.evidence(context);
    let grows = context.facts.flag(&subject.id, key::DISK_AUTOGROWTH);
    evidence.extend(grows.map(|(on, p)| Evidence::read("the disk grows by itself", if on { "yes" } else { "no" }, p)));
    let used = disk.used();
    let crowded = used > subject.number("full");
    let fixed = crowded && grows.is_some_and(|(on, _)| !on);
    let medium_days = subject.number("medium_days");
    let severity = if disk.ends_within(subject.number("critical_days"))
        || (fixed && used > subject.number("critical_full"))
    {
        Severity::Critical
    } else if disk.ends_within(subject.number("high_days")) {
        Severity::High
    } else if fixed || disk.ends_within(medium_days) {
        Severity::Medium
    } else if crowded {
        let detail = match grows {
            Some(_) => format!("{}; it grows by itself, up to a ceiling that is not known", disk.said(subject, "disk")),
            None => format!("{}; whether it grows by itself is not known", disk.said(subject, "disk")),
        };
        return CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Connect the cloud account (MaxAllocatedStorage, storageAutoResize and its limit).",
        )
        .with_evidence(evidence);
    } else {
        return disk.acquit(subject, "disk", subject.number("samples_days"), medium_days, evidence);
    };
    CheckResult::fail(severity, format!("{}; a full disk stops every write.", disk.said(subject, "disk")), evidence)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cap::headroom::cases::{thing, uses};
    use crate::testing::Case;
    use loadline_model::{Kind, Limited::Disk, Relation, Resource, Tier, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "x"), expected);
        let disk = |share, days| uses(thing(Kind::Database, Tier::T1), Disk, share, 9.0, days);
        let fixed = |share, days| disk(share, days).flag("x", key::DISK_AUTOGROWTH, false);
        check(thing(Kind::Database, Tier::T1), "unknown feature_disabled");
        check(disk(0.5, None), "pass");
        check(disk(0.5, Some(40.0)), "pass");
        check(thing(Kind::Database, Tier::T1).used("x", Disk, 0.5, 9.0), "unknown short_window");
        check(uses(thing(Kind::Database, Tier::T1), Disk, 0.5, 0.0, None), "unknown short_window");
        check(disk(0.5, Some(29.0)), "fail medium");
        check(disk(0.5, Some(13.0)), "fail high");
        check(disk(0.5, Some(2.0)), "fail critical");
        check(fixed(0.85, None), "fail medium");
        check(fixed(0.96, None), "fail critical");
        check(disk(0.85, None), "unknown not_connected");
        let member = |of: Kind, managed| {
            let node = Resource { managed, ..Resource::new(Kind::Instance, "x") };
            Case::new().has("x", node).thing("g", of).edge("x", Relation::MemberOf, "g")
        };
        check(member(Kind::Database, None), "not_applicable");
        check(member(Kind::Service, None), "unknown feature_disabled");
        check(uses(member(Kind::Service, None), Disk, 0.5, 9.0, Some(2.0)), "fail critical");
        check(member(Kind::Service, Some(true)), "not_applicable");
        check(member(Kind::Service, Some(false)), "unknown feature_disabled");
        check(
            member(Kind::Service, None).thing("m", Kind::Instance).edge("x", Relation::RunsIn, "m"),
            "not_applicable",
        );
        check(disk(0.85, None).flag("x", key::DISK_AUTOGROWTH, true), "unknown not_connected");
    }
}
