//! Latency is known only as an average.

use super::telemetry::{request_evidence, upstream_of};
use crate::db::wording::percent;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Severity, SubjectId, Tier};

pub(super) const RULE: Rule = Rule {
    id: "OBS-001",
    title: "Latency is known only as an average",
    question: "Do you know p50, p95 and p99 per endpoint?",
    why: "An average hides the users who suffer: half of them may wait seconds while it looks fine. Only distributions can be \
          merged over instances, routes and days, so only they can prove that something became faster (S2).",
    condition: "No source gives a mergeable distribution for more than 80 % of the service's requests",
    fix: &[
        "record native histograms, or classic buckets around the objective",
        "where that costs too much, use the load balancer's distributions (S4 found its own p95 too costly)",
        "add recording rules for p50, p95 and p99",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "S2: observability 1-2 weeks",
    weight: 5,
    severity: "high for T0; medium otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[Number { key: "share", value: 0.80, unit: "ratio", source: "HD; SRE service levels" }],
    sources: &[
        ("prometheus", "*_bucket series or native histogram of http_server_request_duration_seconds with http_route"),
        (
            "aws",
            "AWS/ApplicationELB TargetResponseTime extended statistics p50, p95, p99; CloudFront OriginLatency percentiles",
        ),
        (
            "gcp",
            "run.googleapis.com/request_latencies, loadbalancing.googleapis.com/https/backend_latencies (DISTRIBUTION)",
        ),
        ("datadog", "distribution or trace metrics p95:trace.*"),
        ("newrelic", "NRQL percentile(duration, 50, 95, 99)"),
        ("cloudflare", "quantiles of adaptive groups (bound to the plan)"),
    ],
    proof_metric: "telemetry_coverage",
    proof: "the share of traffic with percentile data rises",
    false_positives: "Batch services: judge the distribution of their run times.",
    unknown_when: "nothing is connected that measures requests",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if subject.tier == Tier::T2 {
        return CheckResult::not_applicable(format!("`{}` serves no users (T2).", subject.name()));
    }
    // What stands directly before a service sees the same requests.
    let seen_by = upstream_of(subject, context);
    let best = seen_by
        .iter()
        .filter_map(|id| mergeable_share(id, context).map(|share| (id, share)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    let mut evidence: Vec<Evidence> = seen_by.iter().flat_map(|id| request_evidence(id, context)).collect();
    let bad = if subject.is_t0() { Severity::High } else { Severity::Medium };
    let Some((at, share)) = best else {
        if seen_by.iter().any(|id| context.trends.latency.iter().any(|l| l.subject.id == *id)) {
            let detail = format!("`{}` had no requests in 7 days", subject.name());
            return CheckResult::unknown(GapReason::LowSample, detail, "Collect again when it has traffic.")
                .with_evidence(evidence);
        }
        if context.trends.demand.iter().any(|d| d.subject.id == subject.id)
            || context.trends.errors.iter().any(|e| e.subject.id == subject.id)
        {
            let sentence =
                format!("Requests of `{}` are counted, but how long they take is not recorded.", subject.name());
            return CheckResult::fail(bad, sentence, evidence).with_remedy(REMEDY);
        }
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("nothing that measures requests of `{}` is connected", subject.name()),
            "Connect Prometheus (http_server_request_duration_seconds_bucket), or the load balancer in front.",
        );
    };
    evidence.push(Evidence::derived(
        format!("requests with distributions at `{}`", context.reference(at).name),
        percent(share),
    ));
    if share > subject.number("share") {
        return CheckResult::pass(
            format!("{} of the requests of `{}` have mergeable distributions.", percent(share), subject.name()),
            evidence,
        );
    }
    let sentence = format!(
        "Only {} of the requests of `{}` have a distribution: its slow users are invisible.",
        percent(share),
        subject.name()
    );
    CheckResult::fail(bad, sentence, evidence).with_remedy(REMEDY)
}

const REMEDY: &str = "Record http.server.request.duration as a histogram with http.route, with buckets 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5 s.";

/// Share of the last week's requests whose latency came from mergeable histograms; `None` without requests.
fn mergeable_share(id: &SubjectId, context: &Context<'_>) -> Option<f64> {
    let of: Vec<_> = context.trends.latency.iter().filter(|l| l.subject.id == *id).collect();
    if of.iter().any(|l| l.route.is_none() && l.mergeable && l.last_week.count > 0) {
        return Some(1.0);
    }
    let total: u64 = of.iter().filter(|l| l.route.is_some() || of.len() == 1).map(|l| l.last_week.count).sum();
    let merged: u64 = of.iter().filter(|l| l.mergeable).map(|l| l.last_week.count).sum();
    (total > 0).then(|| merged as f64 / total as f64)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::obs::telemetry::cases::{demand, latency, service};
    use crate::testing::Case;
    use loadline_model::Tier;

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        check(service(Tier::T0), "unknown not_connected");
        check(service(Tier::T2), "not_applicable");
        check(demand(service(Tier::T0)), "fail high");
        check(demand(service(Tier::T1)), "fail medium");
        check(latency(service(Tier::T0), None, true, 9_000, Some(0.2)), "pass");
        check(latency(service(Tier::T0), None, true, 0, None), "unknown low_sample");
        check(latency(service(Tier::T0), None, false, 9_000, Some(0.2)), "fail high");
        let routes = |merged, gauges| {
            latency(latency(service(Tier::T1), Some("/a"), true, merged, None), Some("/b"), false, gauges, None)
        };
        check(routes(81, 19), "pass");
        check(routes(80, 20), "fail medium");
    }
}
