//! Working set does not fit memory.

use super::reading::{DAY_HOURS, short_window, statistics_hours};
use super::wording::{count, duration, percent};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, Escalation, Evidence, GapReason, Kind, Provenance, Sample, Series, Severity, key, num,
};

pub(super) const RULE: Rule = Rule {
    id: "DB-012",
    title: "Working set does not fit memory",
    question: "Is the database reading from disk what should be in memory?",
    why: "A miss costs a thousand times a hit, so latency collapses as soon as the hot data outgrows memory; the usual answer, a \
          bigger machine every few months, is the vertical-scaling spiral (COST-002).",
    condition: "The buffer hit ratio is below 98 % over 24 h while disk operations rise",
    fix: &["index or archive first", "remove bloat (DB-013)", "cache hot reads", "only then buy memory"],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when disk reads take more than 10 ms at p95; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "hit_ratio", value: 0.98, unit: "ratio", source: "postgres_exporter mixin" },
        Number { key: "window_hours", value: DAY_HOURS, unit: "h", source: "HD" },
        Number { key: "rising", value: 1.1, unit: "ratio", source: "HD" },
        Number { key: "read_latency_s", value: 0.010, unit: "s", source: "HD" },
    ],
    sources: &[
        ("postgres", "blks_hit / (blks_hit + blks_read) from pg_stat_database; pg_statio_user_tables"),
        ("mysql", "Innodb_buffer_pool_reads / Innodb_buffer_pool_read_requests"),
        (
            "mongodb",
            "serverStatus.wiredTiger.cache -> bytes currently in the cache, maximum bytes configured, tracked dirty bytes, pages read into cache",
        ),
        ("aws", "AWS/RDS FreeableMemory, ReadIOPS, ReadLatency, SwapUsage"),
        ("prometheus", "pg_stat_database_blks_hit, pg_stat_database_blks_read; node_disk_reads_completed_total"),
    ],
    proof_metric: "buffer_hit_ratio",
    proof: "the hit ratio rises and disk reads per request fall",
    false_positives: "The operating system's page cache hides reads from PostgreSQL, so disk reads must rise too; a cold restart.",
    unknown_when: "no disk metric confirms the misses",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let facts = context.facts;
    let need = subject.number("window_hours");
    let series = facts
        .series(&subject.id, key::metric::BUFFER_HIT_RATIO)
        .find_map(|(s, p)| last_day(s, p).map(|(r, h)| (r, Some(h), p)));
    let setting = || {
        let (ratio, from) = facts.number(&subject.id, key::BUFFER_HIT_RATIO)?;
        Some((ratio, statistics_hours(&subject.id, context), from))
    };
    let Some((ratio, hours, from)) = series.or_else(setting) else {
        return CheckResult::unknown(
            GapReason::PermissionDenied,
            format!("the buffer hit ratio of `{}` could not be read", subject.name()),
            "Grant pg_monitor (pg_stat_database), PROCESS (MySQL status) or clusterMonitor (MongoDB serverStatus).",
        );
    };
    let mut evidence = vec![Evidence::read("buffer hit ratio", format!("{:.1} %", ratio * 100.0), from)];
    if hours.is_none_or(|h| h < need) {
        return short_window("the buffer statistics", hours, need, evidence);
    }
    if ratio >= subject.number("hit_ratio") {
        return CheckResult::pass(
            format!("{:.1} % of the reads of `{}` come from memory.", ratio * 100.0, subject.name()),
            evidence,
        );
    }
    let disk = facts.series(&subject.id, key::metric::DISK_OPERATIONS).find_map(|(s, p)| halves(s).map(|h| (h, p)));
    let Some(((before, after), disk_from)) = disk else {
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("{} of the reads of `{}` miss its buffer, but no disk metric says whether they reach the disk", percent(1.0 - ratio), subject.name()),
            "Connect CloudWatch (ReadIOPS, ReadLatency) or a Prometheus that scrapes node_exporter on the database host.",
        )
        .with_evidence(evidence);
    };
    evidence.push(Evidence::read(
        "disk operations a second, earlier and later half",
        format!("{} and {}", count(before), count(after)),
        disk_from,
    ));
    if after < before * subject.number("rising") {
        let sentence = format!(
            "{} of the reads of `{}` miss its buffer, but disk operations do not rise: the page cache answers.",
            percent(1.0 - ratio),
            subject.name()
        );
        return CheckResult::pass(sentence, evidence);
    }
    let latency = facts.series(&subject.id, key::metric::DISK_READ_LATENCY).find_map(|(s, p)| p95(s).map(|l| (l, p)));
    evidence.extend(latency.map(|(l, p)| Evidence::read("disk read latency at p95", duration(l), p)));
    let slow = latency.is_some_and(|(l, _)| l > subject.number("read_latency_s"));
    let severity = if slow { Severity::High } else { Severity::Medium };
    let sentence = format!(
        "{} of the reads of `{}` miss memory and disk operations rose from {} to {} a second: the hot data no longer fits.",
        percent(1.0 - ratio),
        subject.name(),
        count(before),
        count(after)
    );
    CheckResult::fail(severity, sentence, evidence)
}

fn mean(samples: &[Sample]) -> Option<f64> {
    let values: Vec<f64> = samples.iter().map(|s| s.value).filter(|v| v.is_finite()).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// Mean of the last 24 h and the hours it covers.
fn last_day(series: &Series, from: &Provenance) -> Option<(f64, f64)> {
    let start = series.samples.partition_point(|s| from.read_at.hours_since(s.at) > DAY_HOURS + 1.0);
    let day = series.samples.get(start..)?;
    Some((mean(day)?, series.covered_until.hours_since(day.first()?.at)))
}

/// Means of the earlier and the later half, by time.
fn halves(series: &Series) -> Option<(f64, f64)> {
    let (first, last) = (series.samples.first()?, series.samples.last()?);
    if last.at.hours_since(first.at) < DAY_HOURS {
        return None;
    }
    let middle = first.at.0 + (last.at.0 - first.at.0) / 2;
    let (earlier, later) = series.samples.split_at(series.samples.partition_point(|s| s.at.0 < middle));
    Some((mean(earlier)?, mean(later)?))
}

fn p95(series: &Series) -> Option<f64> {
    let mut values: Vec<f64> = series.samples.iter().map(|s| s.value).filter(|v| v.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    num::quantile_sorted(&values, 0.95)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::db::reading::cases::database;
    use crate::testing::{Case, as_of};
    use loadline_model::{Sample, Series, SeriesKind, Tier, key, key::metric};

    fn series(metric: &str, value: impl Fn(f64) -> f64) -> Series {
        let samples =
            (1..50).rev().map(|h| Sample { at: as_of().plus_hours(-h), value: value(50.0 - h as f64) }).collect();
        let kind = SeriesKind::Gauge;
        Series {
            metric: metric.into(),
            unit: "x".into(),
            kind,
            labels: Default::default(),
            samples,
            covered_until: as_of().plus_hours(-1),
        }
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let hit = |ratio: f64, hours: f64| {
            database("postgresql", Tier::T0).number("db", key::BUFFER_HIT_RATIO, ratio).number(
                "db",
                key::STATISTICS_WINDOW_HOURS,
                hours,
            )
        };
        check(database("postgresql", Tier::T0), "unknown permission_denied");
        check(hit(0.99, 48.0), "pass");
        check(hit(0.99, 3.0), "unknown short_window");
        check(hit(0.90, 48.0), "unknown not_connected");
        let flat = series(metric::DISK_OPERATIONS, |_| 100.0);
        let rising = series(metric::DISK_OPERATIONS, |h| 100.0 + h * 10.0);
        check(hit(0.90, 48.0).has("db", flat), "pass");
        check(hit(0.90, 48.0).has("db", rising.clone()), "fail medium");
        check(hit(0.90, 48.0).has("db", rising).has("db", series(metric::DISK_READ_LATENCY, |_| 0.02)), "fail high");
        check(database("mysql", Tier::T0).has("db", series(metric::BUFFER_HIT_RATIO, |_| 0.995)), "pass");
    }
}
