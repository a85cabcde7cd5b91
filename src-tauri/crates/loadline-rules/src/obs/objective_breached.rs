//! Latency or error objective is breached.

use super::telemetry::request_evidence;
use crate::db::wording::{count, duration, percent};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, LatencyTrend, Severity, Slo};

pub(super) const RULE: Rule = Rule {
    id: "OBS-003",
    title: "Latency or error objective is breached",
    question: "Are users slow or failing now?",
    why: "This is what users feel. Medians fell from 1-2 s to 200-300 ms (S1), response times by 70 % (S3) and page loads by 60 % \
          (S5) once the limits behind them were fixed one by one.",
    condition: "Over 7 days p95 is above 500 ms, or more than 1 % of requests fail in more than 1 % of the 5-minute windows; the \
                strictest objective of your own for failures replaces the 1 %",
    fix: &["follow the first limit of CAP-007", "apply the database, cache and queue rules of the route"],
    effort_days: [1.0, 10.0],
    effort_source: "HD",
    weight: 3,
    severity: "critical: errors above 5 % or p95 above 3 s on T0; high: errors in more than 10 % of windows; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "p95_s", value: 0.5, unit: "s", source: "S4 (alert at p95 > 500 ms)" },
        Number { key: "critical_p95_s", value: 3.0, unit: "s", source: "HD" },
        Number { key: "critical_error_ratio", value: 0.05, unit: "ratio", source: "HD" },
        Number { key: "windows", value: 0.01, unit: "ratio", source: "HD; a window counts above 1 % errors (S4)" },
        Number { key: "high_windows", value: 0.10, unit: "ratio", source: "HD" },
    ],
    sources: &[
        (
            "prometheus",
            "histogram_quantile(0.95, sum by (le, http_route) (rate(http_server_request_duration_seconds_bucket[5m])))",
        ),
        (
            "prometheus",
            "sum by (http_route)(rate(http_server_request_duration_seconds_count{http_response_status_code=~\"5..\"}[5m])) / sum by (http_route)(rate(http_server_request_duration_seconds_count[5m]))",
        ),
        (
            "aws",
            "AWS/ApplicationELB HTTPCode_Target_5XX_Count, HTTPCode_ELB_5XX_Count, RequestCount, TargetResponseTime",
        ),
    ],
    proof_metric: "route_latency",
    proof: "p95 and error ratio per route fall at equal load",
    false_positives: "Uploads, exports, health checks.",
    unknown_when: "there are fewer than 600 requests for p95",
    prerequisites: &["OBS-001"],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let trends = context.trends;
    let routes: Vec<&LatencyTrend> =
        trends.latency.iter().filter(|l| l.subject.id == subject.id && l.mergeable).collect();
    let slowest = routes
        .iter()
        .filter_map(|l| l.last_week.p95.map(|p| (p, *l)))
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.route.cmp(&a.1.route)));
    let errors: Vec<_> = trends.errors.iter().filter(|e| e.subject.id == subject.id).collect();
    // Of several the strictest; what promises speed says nothing about failures.
    let objectives = context.facts.facts::<Slo>(&subject.id).filter(|(slo, _)| !slo.is_about_time());
    let objective = objectives.max_by(|a, b| a.0.target.total_cmp(&b.0.target));
    let mut evidence = request_evidence(&subject.id, context);
    evidence.extend(
        objective.map(|(slo, p)| {
            Evidence::read(format!("objective {}", slo.name), format!("{:.2} %", slo.target * 100.0), p)
        }),
    );
    evidence.extend(routes.iter().filter_map(|l| {
        let route = l.route.as_deref().unwrap_or("all routes");
        Some(Evidence::derived(
            format!("p95 of {route} over 7 days"),
            format!("{} of {} requests", duration(l.last_week.p95?), count(l.last_week.count as f64)),
        ))
    }));
    let worst = errors.iter().max_by(|a, b| a.last_week.total_cmp(&b.last_week).then(b.route.cmp(&a.route)));
    evidence.extend(worst.map(|e| {
        Evidence::derived(
            "errors over 7 days",
            format!("{}, above 1 % in {} of windows", percent(e.last_week), percent(e.windows_breached)),
        )
    }));

    let p95 = slowest.map_or(0.0, |(p, _)| p);
    let failing = worst.map_or(0.0, |e| e.last_week);
    let windows = errors.iter().map(|e| e.windows_breached).fold(0.0, f64::max);
    let too_slow = p95 > subject.number("p95_s");
    let too_wrong = match objective {
        Some((slo, _)) => failing > 1.0 - slo.target,
        None => windows > subject.number("windows"),
    };
    if too_slow || too_wrong {
        let extreme = failing > subject.number("critical_error_ratio") || p95 > subject.number("critical_p95_s");
        let severity = match () {
            () if extreme && subject.is_t0() => Severity::Critical,
            () if too_wrong && windows > subject.number("high_windows") => Severity::High,
            () => Severity::Medium,
        };
        return CheckResult::fail(severity, said(subject, slowest, too_slow, failing, too_wrong), evidence);
    }
    missing(subject, context, &routes, slowest.is_some(), errors.is_empty())
        .map(|unknown| unknown.with_evidence(evidence.clone()))
        .unwrap_or_else(|| {
            let sentence = format!(
                "`{}` answers in {} at p95 and fails {} of requests.",
                subject.name(),
                duration(p95),
                percent(failing)
            );
            CheckResult::pass(sentence, evidence)
        })
}

fn said(
    subject: &Subject<'_>,
    slowest: Option<(f64, &LatencyTrend)>,
    too_slow: bool,
    failing: f64,
    too_wrong: bool,
) -> String {
    let mut parts = Vec::new();
    if let Some((p95, trend)) = slowest.filter(|_| too_slow) {
        let route = trend.route.as_deref().map_or_else(String::new, |r| format!(" on `{r}`"));
        parts.push(format!(
            "takes {} at p95{route}, the objective is {}",
            duration(p95),
            duration(subject.number("p95_s"))
        ));
    }
    if too_wrong {
        parts.push(format!("fails {} of its requests", percent(failing)));
    }
    format!("`{}` {}.", subject.name(), parts.join(" and "))
}

fn missing(
    subject: &Subject<'_>,
    context: &Context<'_>,
    routes: &[&LatencyTrend],
    has_p95: bool,
    no_errors: bool,
) -> Option<CheckResult> {
    let name = subject.name();
    if !has_p95 {
        let seen = routes.iter().map(|l| l.last_week.count).max();
        return Some(match seen {
            Some(n) => CheckResult::unknown(
                GapReason::LowSample,
                format!("`{name}` had {} requests in 7 days; p95 needs 600", count(n as f64)),
                "Wait for more traffic, or check the route with a scripted journey (OBS-008).",
            ),
            None if context.trends.latency.iter().any(|l| l.subject.id == subject.id) => CheckResult::unknown(
                GapReason::FeatureDisabled,
                format!("the latency of `{name}` comes from averages that cannot be merged"),
                "Record a histogram (OBS-001).",
            ),
            None => CheckResult::unknown(
                GapReason::NotConnected,
                format!("the latency of `{name}` is not measured"),
                "Connect Prometheus (http_server_request_duration_seconds_bucket), or the load balancer in front.",
            ),
        });
    }
    // The true p95 lies somewhere above the last bound, which may itself be below the objective.
    if routes.iter().any(|l| l.last_week.p95_above && l.last_week.p95.is_none_or(|p| p <= subject.number("p95_s"))) {
        let detail = format!("p95 of `{name}` lies above the last bucket of its histogram");
        return Some(CheckResult::unknown(GapReason::FeatureDisabled, detail, "Add buckets up to 10 s."));
    }
    no_errors.then(|| {
        let detail = format!("the error ratio of `{name}` is not measured");
        CheckResult::unknown(
            GapReason::NotConnected,
            detail,
            "Record the status code with the request count (http_response_status_code).",
        )
    })
}

#[cfg(test)]
#[path = "objective_breached_tests.rs"]
mod tests;
