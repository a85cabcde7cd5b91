//! Heavy work inside the request.

use crate::db::wording::{duration, percent};
use crate::evaluate::Reading;
use crate::verdict::{Verdict, internal};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, LatencyTrend, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ASYNC-001",
    title: "Heavy work inside the request",
    question: "Do users wait for email, image processing, reports or third-party calls?",
    why: "Mail, images and reports can be finished after the answer. An upload of 10-20 s became about 1 s, and 1,000 at once no \
          longer slowed anything down (S4).",
    condition: "A route takes more than 1 s at p95, and at least half of that time is work that could be done after the answer",
    fix: &[
        "accept, put into a queue, and answer 202",
        "idempotent workers with retries",
        "a status endpoint, or a push when it is done",
        "the same for email, notifications and reports",
    ],
    effort_days: [2.0, 6.0],
    effort_source: "S4: background email and image jobs inside 15-20 days",
    weight: 5,
    severity: "high: p95 above 5 s, or T0; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "p95_s", value: 1.0, unit: "s", source: "S4" },
        Number { key: "high_p95_s", value: 5.0, unit: "s", source: "HD" },
        Number { key: "offloadable", value: 0.5, unit: "ratio", source: "HD" },
    ],
    sources: &[
        (
            "prometheus",
            "http_server_request_duration_seconds_bucket by http_route: a service without a slow route has none of it",
        ),
        ("otel", "children of server spans: SMTP, image, pdf, storage PUT, external API on POST and PUT routes"),
        ("repository", "mail, image or report calls in controllers"),
    ],
    proof_metric: "route_latency",
    proof: "p95 of the route falls",
    false_positives: "Work whose result the answer needs.",
    unknown_when: "routes are slow and neither traces nor repository show why, or latency is not measured by route",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if let Some(internal) = internal(subject) {
        return internal;
    }
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let trends = context.trends.latency.iter().filter(|l| l.subject.id == subject.id);
    let routes: Vec<(&str, &LatencyTrend)> = trends.filter_map(|l| l.route.as_deref().map(|r| (r, l))).collect();
    if routes.is_empty() {
        verdict.lacks(
            GapReason::FeatureDisabled,
            format!("the latency of `{name}` is not measured by route"),
            "Record http_server_request_duration_seconds with http_route (OBS-001).",
        );
        return verdict.answer(seen.rows, "");
    }
    seen.rows.extend(crate::obs::telemetry::request_evidence(&subject.id, context));
    let shares = seen.numbers("time that could follow the answer", "", key::OFFLOADABLE_SHARE);
    let share_of = |route: &str| shares.iter().find(|(item, _)| *item == Some(route)).map(|(_, share)| *share);
    let mut slow = Vec::new();
    for (route, trend) in routes {
        match trend.last_week.p95 {
            Some(p95) if p95 > subject.number("p95_s") => slow.push((route, p95)),
            Some(_) => {}
            // Rare writes are where uploads and exports hide.
            None if !route.starts_with("GET") => verdict.lacks(
                GapReason::LowSample,
                format!("`{route}` had {} requests in 7 days; p95 needs 600", trend.last_week.count),
                "Wait for more traffic, or connect traces.",
            ),
            None => {}
        }
    }
    slow.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    for (route, p95) in slow.iter().take(5) {
        seen.rows.push(Evidence::derived(format!("p95 of {route}"), duration(*p95)));
    }
    for (route, p95) in slow {
        match share_of(route) {
            Some(share) if share >= subject.number("offloadable") => {
                let severity = if subject.is_t0() || p95 > subject.number("high_p95_s") {
                    Severity::High
                } else {
                    Severity::Medium
                };
                verdict.fault(
                    severity,
                    format!(
                        "users wait {} at p95 on `{route}`, {} of it for work that could follow the answer",
                        duration(p95),
                        percent(share)
                    ),
                );
            }
            Some(_) => {}
            None => verdict.lacks(
                GapReason::NotConnected,
                format!("`{route}` takes {} at p95, and what it does in that time is not known", duration(p95)),
                "Connect traces (OpenTelemetry spans of mail, images, storage and other providers), or the repository.",
            ),
        }
    }
    verdict.answer(seen.rows, format!("No route of `{name}` makes users wait for work that could follow the answer."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, LatencyTrend, Percentiles, Resource, Setting, SubjectRef, Tier, Value, key};

    fn api(tier: Tier, routes: &[(&str, Option<f64>)]) -> Case {
        let mut case = Case::new().has("api", Resource { tier: Some(tier), ..Resource::new(Kind::Service, "api") });
        for (route, p95) in routes {
            let p95 = *p95;
            let week = Percentiles { count: 900, p50: p95, p95, p99: None, p95_above: false, p99_above: false };
            case.trends.latency.push(LatencyTrend {
                subject: SubjectRef { id: "api".into(), kind: None, name: "api".into(), account: None, region: None },
                metric: key::metric::REQUEST_DURATION.into(),
                route: Some((*route).into()),
                unit: "s".into(),
                mergeable: true,
                last_week: week,
                week_before: week,
                days: vec![],
                change_points: vec![],
            });
        }
        case
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let offloadable = |case: Case, share| {
            let item = Some("POST /uploads".to_owned());
            case.has("api", Setting { key: key::OFFLOADABLE_SHARE.into(), item, value: Value::Number(share) })
        };
        let upload = |tier, p95| api(tier, &[("GET /", Some(0.2)), ("POST /uploads", Some(p95))]);
        check(api(Tier::T1, &[]), "unknown feature_disabled");
        check(api(Tier::T2, &[]), "not_applicable");
        check(upload(Tier::T1, 0.8), "pass");
        check(api(Tier::T1, &[("GET /", Some(0.2)), ("POST /uploads", None)]), "unknown low_sample");
        check(upload(Tier::T1, 3.0), "unknown not_connected");
        check(offloadable(upload(Tier::T1, 3.0), 0.4), "pass");
        check(offloadable(upload(Tier::T1, 3.0), 0.6), "fail medium");
        check(offloadable(upload(Tier::T0, 3.0), 0.6), "fail high");
        check(offloadable(upload(Tier::T1, 6.0), 0.6), "fail high");
    }
}
