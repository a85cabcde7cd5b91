//! IOPS, throughput or burst credits exhausted.

use super::headroom::{disk_of_another, judged_with_its_group, tightest};
use crate::db::wording::{duration, percent};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Severity, key, num};

pub(super) const RULE: Rule = Rule {
    id: "CAP-004",
    title: "IOPS, throughput or burst credits exhausted",
    question: "Is storage speed the hidden limit?",
    why: "Cheap volumes answer fast on credit. When the credits end in the afternoon, every query waits for the disk although \
          CPU and memory look idle.",
    condition: "Disk operations at peak are above 80 % of what the volume allows, or burst credits are below 30 %, or disk reads \
                take more than 10 ms at p95 while operations are above that line",
    fix: &["read less: indexes, memory", "provision IOPS (gp3)", "move logs to a volume of their own"],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high: credits below 10 %, or reads above 20 ms on a T0 store; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database, Kind::Instance, Kind::Host]),
    numbers: &[
        Number { key: "used", value: 0.80, unit: "ratio", source: "HD" },
        Number { key: "credits", value: 0.30, unit: "ratio", source: "HD" },
        Number { key: "high_credits", value: 0.10, unit: "ratio", source: "HD" },
        Number { key: "latency_s", value: 0.010, unit: "s", source: "HD, for SSD" },
        Number { key: "high_latency_s", value: 0.020, unit: "s", source: "HD" },
        Number { key: "samples_days", value: 7.0, unit: "d", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "AWS/RDS ReadIOPS + WriteIOPS against Iops or the volume's baseline, DiskQueueDepth, ReadLatency, WriteLatency, BurstBalance (gp2), EBSIOBalance%, EBSByteBalance%; AWS/EBS VolumeQueueLength",
        ),
        ("gcp", "compute.googleapis.com/instance/disk/throttled_read_ops_count, throttled_write_ops_count"),
        ("atlas", "disk partition IOPS measurements"),
        (
            "prometheus",
            "rate(node_disk_reads_completed_total[5m]) + rate(node_disk_writes_completed_total[5m]); node_disk_read_time_seconds_total",
        ),
    ],
    proof_metric: "resource_utilisation",
    proof: "storage latency at p95 falls and the lowest credit balance rises",
    false_positives: "The window of a backup.",
    unknown_when: "what the volume allows cannot be derived",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(elsewhere) = judged_with_its_group(subject, context).or_else(|| disk_of_another(subject, context)) {
        return elsewhere;
    }
    let facts = context.facts;
    let mut evidence = Vec::new();
    let credits = facts.number(&subject.id, key::BURST_BALANCE);
    evidence.extend(credits.map(|(n, p)| Evidence::read("burst credits left", percent(n), p)));
    let latency = facts.series(&subject.id, key::metric::DISK_READ_LATENCY).find_map(|(series, from)| {
        let mut values: Vec<f64> = series.samples.iter().map(|s| s.value).filter(|v| v.is_finite()).collect();
        values.sort_by(f64::total_cmp);
        num::quantile_sorted(&values, 0.95).map(|p95| (p95, from))
    });
    evidence.extend(latency.map(|(p95, p)| Evidence::read("disk read latency at p95", duration(p95), p)));
    let operations = tightest(subject, &[Limited::Iops], 0.0, context);
    evidence.extend(operations.iter().flat_map(|o| o.evidence(context)));

    let store = subject.kind().is_some_and(Kind::is_store);
    let very_slow = store && subject.is_t0() && latency.is_some_and(|(l, _)| l > subject.number("high_latency_s"));
    if let Some((left, _)) = credits.filter(|(n, _)| *n < subject.number("credits")) {
        let severity =
            if left < subject.number("high_credits") || very_slow { Severity::High } else { Severity::Medium };
        let sentence = format!(
            "`{}` has {} of its burst credits left; at zero its disk falls to base speed.",
            subject.name(),
            percent(left)
        );
        return CheckResult::fail(severity, sentence, evidence)
            .with_remedy("Move the volume to gp3 with provisioned IOPS at today's peak.");
    }
    let Some(operations) = operations else {
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("what the disk of `{}` does and may do is not known", subject.name()),
            "Connect CloudWatch (ReadIOPS, WriteIOPS) and the account that shows the volume's IOPS (rds:DescribeDBInstances, ec2:DescribeVolumes).",
        )
        .with_evidence(evidence);
    };
    let said = operations.said(subject, "disk operations");
    if operations.used() > subject.number("used") {
        let severity = if very_slow { Severity::High } else { Severity::Medium };
        let waits = latency
            .filter(|(l, _)| *l > subject.number("latency_s"))
            .map_or_else(String::new, |(l, _)| format!("; reads already take {} at p95", duration(l)));
        return CheckResult::fail(severity, format!("{said}{waits}."), evidence);
    }
    operations.acquit(subject, "disk operations", subject.number("samples_days"), 0.0, evidence)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cap::headroom::cases::{thing, uses};
    use crate::testing::{Case, as_of};
    use loadline_model::{Kind, Limited::Iops, Sample, Series, SeriesKind, Tier, key, key::metric};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "x"), expected);
        let x = |tier| thing(Kind::Database, tier);
        let reads = |case: Case, seconds: f64| {
            let samples = (1..9).rev().map(|h| Sample { at: as_of().plus_hours(-h), value: seconds }).collect();
            let (metric, unit) = (metric::DISK_READ_LATENCY.into(), "s".into());
            case.has(
                "x",
                Series {
                    metric,
                    unit,
                    kind: SeriesKind::Gauge,
                    labels: Default::default(),
                    samples,
                    covered_until: as_of().plus_hours(-1),
                },
            )
        };
        check(x(Tier::T0), "unknown not_connected");
        check(uses(x(Tier::T0), Iops, 0.5, 9.0, None), "pass");
        check(uses(x(Tier::T0), Iops, 0.5, 1.0, None), "unknown short_window");
        check(uses(x(Tier::T0), Iops, 0.85, 9.0, None), "fail medium");
        check(reads(uses(x(Tier::T0), Iops, 0.85, 9.0, None), 0.025), "fail high");
        check(reads(uses(x(Tier::T1), Iops, 0.85, 9.0, None), 0.025), "fail medium");
        check(x(Tier::T1).number("x", key::BURST_BALANCE, 0.2), "fail medium");
        check(x(Tier::T1).number("x", key::BURST_BALANCE, 0.05), "fail high");
    }
}
