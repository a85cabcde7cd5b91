//! CDN hit ratio low or headers prevent caching.

use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::window::last_hours;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "EDGE-002",
    title: "CDN hit ratio low or headers prevent caching",
    question: "Is the CDN really answering?",
    why: "A CDN that passes requests on costs its price and a hop more; one header is often the reason.",
    condition: "Fewer than 90 % of static requests hit over 24 h, headers of more than 10 % of the top files forbid or shorten caching, \
                or text is not compressed",
    fix: &[
        "a cache key without needless query and cookies",
        "immutable, versioned files",
        "origin shield or tiered cache",
    ],
    effort_days: [0.5, 2.0],
    effort_source: "HD",
    weight: 2,
    severity: "high below 50 % while the origin's CPU is the first limit; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Cdn]),
    numbers: &[
        Number { key: "hits", value: 0.90, unit: "ratio", source: "HD" },
        Number { key: "high_hits", value: 0.50, unit: "ratio", source: "HD" },
        Number { key: "uncacheable", value: 0.10, unit: "ratio", source: "HD" },
        Number { key: "window_hours", value: 24.0, unit: "h", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "AWS/CloudFront CacheHitRate (additional metrics) in us-east-1; DistributionConfig CacheBehaviors[].Compress",
        ),
        ("cloudflare", "httpRequestsAdaptiveGroups count by cacheStatus"),
        ("probe", "Cache-Control, Age, Vary, Set-Cookie, content-encoding of the top 100 files"),
    ],
    proof_metric: "cache_hit_ratio",
    proof: "the hit ratio rises and origin requests fall",
    false_positives: "Personal or dynamic content, excluded by type.",
    unknown_when: "the plan keeps less than 24 h, or the additional metrics are off",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let need = subject.number("window_hours");
    let day = last_hours(&subject.id, key::metric::CDN_HIT_RATIO, need, context);
    seen.rows.extend(day.as_ref().map(|d| d.row("hit ratio over 24 h", percent(d.mean()))));
    let ratio = day.as_ref().map(|d| d.mean()).or_else(|| seen.number("hit ratio over a day", "", key::CDN_HIT_RATIO));
    match ratio {
        Some(ratio) if ratio < subject.number("hits") => {
            let first = context.capacity.first_limit.as_ref();
            let pressed = first.is_some_and(|l| matches!(l.subject.kind, Some(Kind::Service | Kind::Instance | Kind::Host)));
            let severity =
                if ratio < subject.number("high_hits") && pressed { Severity::High } else { Severity::Medium };
            verdict.fault(severity, format!("{} of the static requests to `{name}` pass through to the origin", percent(1.0 - ratio)));
        }
        Some(_) => {}
        None => verdict.lacks(
            GapReason::FeatureDisabled,
            format!("how many requests `{name}` answers itself is not measured"),
            "Switch on the additional metrics (cloudfront CreateMonitoringSubscription is yours to run), or connect Cloudflare's analytics.",
        ),
    }
    if let Some(day) = &day {
        day.require("the hit ratio", need, &mut verdict);
    }
    // A high hit ratio shows that headers allow caching; the share of files adds which of them do not.
    if let Some(share) = seen
        .number("top files that may not be cached", "", key::CDN_UNCACHEABLE)
        .filter(|s| *s > subject.number("uncacheable"))
    {
        verdict.fault(
            Severity::Medium,
            format!("headers keep {} of the top files of `{name}` from being cached", percent(share)),
        );
    }
    match seen.flag("text is compressed", key::CDN_COMPRESSES) {
        Some(false) => verdict.fault(Severity::Medium, format!("`{name}` sends text uncompressed")),
        Some(true) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("whether `{name}` compresses text was not read"),
            "Allow cloudfront:GetDistributionConfig, or connect Cloudflare.",
        ),
    }
    verdict.hidden(subject, context, &[key::CDN_UNCACHEABLE, "series"]);
    verdict.answer(
        seen.rows,
        format!("`{name}` answers {} of the static requests itself.", percent(ratio.unwrap_or_default())),
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use crate::window::cases::series;
    use loadline_model::{Kind, key, key::metric};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "cdn"), expected);
        let cdn = || Case::new().thing("cdn", Kind::Cdn);
        let zips = |case: Case| case.flag("cdn", key::CDN_COMPRESSES, true);
        let hits = |hours, ratio: f64| zips(cdn()).has("cdn", series(metric::CDN_HIT_RATIO, hours, move |_| ratio));
        check(cdn(), "unknown feature_disabled");
        check(cdn().number("cdn", key::CDN_HIT_RATIO, 0.95), "unknown not_connected");
        check(zips(cdn()).number("cdn", key::CDN_HIT_RATIO, 0.95), "pass");
        check(zips(cdn()).number("cdn", key::CDN_HIT_RATIO, 0.85), "fail medium");
        check(hits(24, 0.95), "pass");
        check(hits(5, 0.95), "unknown short_window");
        check(hits(24, 0.85), "fail medium");
        check(hits(24, 0.95).number("cdn", key::CDN_UNCACHEABLE, 0.2), "fail medium");
        check(cdn().flag("cdn", key::CDN_COMPRESSES, false), "fail medium");
        assert_eq!(Case::new().listed(Kind::Cdn).answer(&RULE, "organisation"), "not_applicable");
    }
}
