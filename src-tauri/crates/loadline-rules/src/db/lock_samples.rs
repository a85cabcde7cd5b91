//! Looks at locks and transactions over time, and whether they are enough to acquit. One look that shows what happens in
//! less than 1 % of the time is wrong once in a hundred, so it convicts; to show that something is that rare takes at
//! least a hundred looks, close enough together not to miss it.

use super::wording::duration;
use crate::{Context, Subject};
use loadline_model::{CheckResult, Evidence, GapReason, LockSample, Provenance};

/// The looks at a database in order of time.
pub(super) fn lock_samples<'a>(subject: &Subject<'_>, context: &Context<'a>) -> Vec<(&'a LockSample, &'a Provenance)> {
    let mut samples: Vec<_> = context.facts.facts::<LockSample>(&subject.id).collect();
    samples.sort_by_key(|(s, _)| s.at);
    samples
}

/// One row of evidence a source.
pub(super) fn evidence(samples: &[(&LockSample, &Provenance)]) -> Vec<Evidence> {
    let mut rows: Vec<Evidence> = Vec::new();
    for (_, from) in samples {
        let row = Evidence::read("looks at locks and transactions", samples.len().to_string(), from);
        if !rows.contains(&row) {
            rows.push(row);
        }
    }
    rows
}

/// Unknown when the looks are too few or too far apart to say that something is rare; `None` when they suffice.
/// `samples` and `interval_s` are numbers of the rule.
pub(super) fn not_enough(subject: &Subject<'_>, samples: &[(&LockSample, &Provenance)]) -> Option<CheckResult> {
    let (need, widest) = (subject.number("samples"), subject.number("interval_s"));
    let closes = "Connect a Prometheus that scrapes postgres_exporter (pg_locks, pg_stat_activity) at least once a minute, or let \
                  the account read pg_stat_activity (pg_monitor), information_schema.innodb_trx (PROCESS) or currentOp (clusterMonitor).";
    let (Some((first, _)), Some((last, _))) = (samples.first(), samples.last()) else {
        let detail = format!("locks and transactions of `{}` were not looked at", subject.name());
        return Some(CheckResult::unknown(GapReason::PermissionDenied, detail, closes));
    };
    if (samples.len() as f64) < need {
        let detail = format!("{} looks at `{}` showed nothing; a pass needs {need:.0}", samples.len(), subject.name());
        return Some(CheckResult::unknown(GapReason::LowSample, detail, closes).with_evidence(evidence(samples)));
    }
    let interval = last.at.hours_since(first.at) * 3_600.0 / (samples.len().saturating_sub(1)).max(1) as f64;
    (interval > widest).then(|| {
        let detail = format!(
            "`{}` was looked at every {}; a pass needs at most {}",
            subject.name(),
            duration(interval),
            duration(widest)
        );
        CheckResult::unknown(GapReason::LowSample, detail, closes).with_evidence(evidence(samples))
    })
}

#[cfg(test)]
pub(super) mod cases {
    //! Looks for cases.
    use crate::testing::{Case, as_of};
    use loadline_model::{LockSample, Timestamp};

    /// A calm look so many seconds before `as_of`.
    pub(in crate::db) fn calm(seconds_ago: i64) -> LockSample {
        LockSample {
            at: Timestamp(as_of().0 - seconds_ago * 1_000),
            active: 10.0,
            blocked: 0.0,
            longest_wait_s: 0.0,
            longest_idle_in_transaction_s: 1.0,
            oldest_transaction_s: 2.0,
            chains: vec![],
        }
    }
    /// A hundred calm looks, so many seconds apart.
    pub(in crate::db) fn watched(case: Case, interval: i64) -> Case {
        (1..=100).fold(case, |c, i| c.has("db", calm(i * interval)))
    }
}
