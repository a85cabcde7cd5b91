//! Cache hit ratio low.

use super::{database_cpu, no_read_cache, roles};
use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::window::last_hours;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "CACHE-002",
    title: "Cache hit ratio low",
    question: "Is the cache actually absorbing reads?",
    why: "A cache that misses costs a second round trip and spares the database nothing: each miss is a read more. S4 aims at 80-90 %.",
    condition: "Over 24 h fewer than 80 % of reads hit at more than 10 reads a second, or the ratio fell by more than 10 points in a \
                week",
    fix: &[
        "find what misses: time to live, too many different keys, answers that do not exist",
        "add memory where keys are evicted",
        "warm it after a deployment",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "high below 50 % while the database's CPU is above 60 %; medium below 80 %; low for the trend",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Cache]),
    numbers: &[
        Number { key: "hits", value: 0.80, unit: "ratio", source: "AWS ElastiCache guidance; S4 (0.80-0.90)" },
        Number { key: "high_hits", value: 0.50, unit: "ratio", source: "HD" },
        Number { key: "gets", value: 10.0, unit: "1/s", source: "HD" },
        Number { key: "fall", value: 0.10, unit: "ratio", source: "HD" },
        Number { key: "cpu", value: 0.60, unit: "ratio", source: "HD" },
        Number { key: "window_hours", value: 24.0, unit: "h", source: "HD" },
    ],
    sources: &[
        ("redis", "INFO stats -> keyspace_hits, keyspace_misses, as differences over 24 h"),
        (
            "prometheus",
            "rate(redis_keyspace_hits_total[1h]) / (rate(redis_keyspace_hits_total[1h]) + rate(redis_keyspace_misses_total[1h]))",
        ),
        ("aws", "AWS/ElastiCache CacheHitRate, CacheHits, CacheMisses, GetTypeCmds"),
    ],
    proof_metric: "cache_hit_ratio",
    proof: "the hit ratio rises at an equal request rate",
    false_positives: "Session or lock stores; INFO mixes logical databases.",
    unknown_when: "a counter was reset in the window, or the window is shorter than 24 h",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let roles = roles(&mut seen);
    if let Some(other) = no_read_cache(subject, &roles, &mut seen) {
        return other;
    }
    let name = subject.name();
    let mut verdict = Verdict::new();
    let need = subject.number("window_hours");
    let gets = seen.number("reads a second", "1/s", key::CACHE_GETS_PER_SECOND);
    let Some(day) = last_hours(&subject.id, key::metric::CACHE_HIT_RATIO, need, context) else {
        // A single reading counts since the start of the server and may hide a bad day.
        let since_start = seen.number("hit ratio since its start", "", key::HIT_RATIO);
        let counted = seen.number("counted", "h", key::STATISTICS_WINDOW_HOURS);
        // Over a day or more it is low for long enough: a single reading convicts, it cannot acquit.
        if let Some(ratio) = since_start.filter(|r| *r < subject.number("hits"))
            && counted.is_some_and(|hours| hours >= need)
            && gets.is_some_and(|g| g > subject.number("gets"))
        {
            verdict.fault(
                Severity::Medium,
                format!(
                    "{} of the reads of `{name}` since its start miss and reach the database",
                    percent(1.0 - ratio)
                ),
            );
        }
        let said = since_start.map_or_else(String::new, |r| format!("; since its start it is {}", percent(r)));
        verdict.lacks(
            GapReason::ShortWindow,
            format!("the hit ratio of `{name}` over {need:.0} h is not recorded{said}"),
            "Connect what records it over time (CloudWatch CacheHitRate, Prometheus with redis_exporter), or collect again tomorrow.",
        );
        return verdict.answer(seen.rows, "");
    };
    let ratio = day.mean();
    seen.rows.push(day.row("hit ratio over 24 h", percent(ratio)));
    let busy = gets.map(|g| g > subject.number("gets"));
    if ratio < subject.number("hits") {
        match busy {
            Some(true) => {
                let pressed = database_cpu(subject, context).is_some_and(|cpu| cpu > subject.number("cpu"));
                let severity =
                    if ratio < subject.number("high_hits") && pressed { Severity::High } else { Severity::Medium };
                verdict.fault(
                    severity,
                    format!("{} of the reads of `{name}` miss and reach the database", percent(1.0 - ratio)),
                );
            }
            Some(false) => {}
            None => verdict.lacks(
                GapReason::NotConnected,
                format!("{} of the reads of `{name}` miss; how many reads that are is not known", percent(1.0 - ratio)),
                "Let the account read GetTypeCmds (CloudWatch) or instantaneous_ops_per_sec (INFO stats).",
            ),
        }
    }
    if let Some(week) = last_hours(&subject.id, key::metric::CACHE_HIT_RATIO, 14.0 * 24.0, context)
        && !verdict.is_faulty()
    {
        let values = week.values();
        let (before, after) = values.split_at(values.len() / 2);
        let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len().max(1) as f64;
        let fell = mean(before) - mean(after);
        if week.hours > 13.0 * 24.0 && fell > subject.number("fall") && busy != Some(false) {
            seen.rows.push(week.row(
                "hit ratio, week before and last week",
                format!("{} and {}", percent(mean(before)), percent(mean(after))),
            ));
            verdict.fault(
                Severity::Low,
                format!("the hit ratio of `{name}` fell by {:.0} points in a week", fell * 100.0),
            );
        }
    }
    day.require("the hit ratio", need, &mut verdict);
    verdict.answer(seen.rows, format!("{} of the reads of `{name}` hit.", percent(ratio)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cache::cases::redis;
    use crate::testing::Case;
    use crate::window::cases::series;
    use loadline_model::{Kind, Limited, Relation, key, key::metric};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "redis"), expected);
        let hits =
            |hours, ratio: f64| redis("cache").has("redis", series(metric::CACHE_HIT_RATIO, hours, move |_| ratio));
        let busy = |case: Case| case.number("redis", key::CACHE_GETS_PER_SECOND, 40.0);
        check(redis(""), "unknown short_window");
        check(redis("sessions"), "not_applicable");
        check(redis("cache").number("redis", key::HIT_RATIO, 0.99), "unknown short_window");
        let counted = |hours, ratio, gets| {
            let case =
                redis("cache").number("redis", key::HIT_RATIO, ratio).number("redis", key::CACHE_GETS_PER_SECOND, gets);
            case.number("redis", key::STATISTICS_WINDOW_HOURS, hours)
        };
        check(counted(48.0, 0.5, 40.0), "fail medium");
        check(counted(48.0, 0.5, 4.0), "unknown short_window");
        check(counted(4.0, 0.5, 40.0), "unknown short_window");
        check(counted(48.0, 0.9, 40.0), "unknown short_window");
        check(hits(48, 0.9), "pass");
        check(hits(6, 0.9), "unknown short_window");
        check(hits(48, 0.7), "unknown not_connected");
        check(hits(48, 0.7).number("redis", key::CACHE_GETS_PER_SECOND, 2.0), "pass");
        check(busy(hits(48, 0.7)), "fail medium");
        let pressed = busy(hits(48, 0.4))
            .thing("db", Kind::Database)
            .edge("api", Relation::DependsOn { hard: true }, "redis")
            .edge("api", Relation::DependsOn { hard: true }, "db");
        check(pressed.used("db", Limited::Cpu, 0.7, 9.0), "fail high");
        let fell = series(metric::CACHE_HIT_RATIO, 14 * 24, |h| if h < 168.0 { 0.82 } else { 0.95 });
        check(busy(redis("cache").has("redis", fell)), "fail low");
        assert_eq!(Case::new().listed(Kind::Cache).answer(&RULE, "organisation"), "not_applicable");
    }
}
