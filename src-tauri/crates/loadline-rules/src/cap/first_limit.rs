//! First limit falls inside the planning horizon.

use super::headroom::measured_by;
use crate::db::wording::percent;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, LimitForecast, Severity};

pub(super) const RULE: Rule = Rule {
    id: "CAP-007",
    title: "First limit falls inside the planning horizon",
    question: "What breaks first if growth continues, and when?",
    why: "Work on any limit but the first changes nothing. At 20 % a month demand is five times today's after 8.8 months and ten \
          times after 12.6 (S5); S1 planned for 5x, S4 and S5 for 10x.",
    condition: "At the pessimistic end of its 80 % interval the first limit is reached within 90 days, or below five times \
                today's peak",
    fix: &["carry out the rule behind the first limit", "compute again: the second limit is now the first"],
    effort_days: [1.0, 10.0],
    effort_source: "HD",
    weight: 5,
    severity: "critical within 14 days; high within 30 days or below 2x; medium within 90 days or below 5x",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[
        Number { key: "critical_days", value: 14.0, unit: "d", source: "HD" },
        Number { key: "high_days", value: 30.0, unit: "d", source: "HD" },
        Number { key: "medium_days", value: 90.0, unit: "d", source: "HD" },
        Number { key: "high_multiplier", value: 2.0, unit: "x", source: "HD" },
        Number { key: "medium_multiplier", value: 5.0, unit: "x", source: "S1" },
        Number {
            key: "families",
            value: 3.0,
            unit: "count",
            source: "HD: of compute, database, connections, storage, network and quota",
        },
        Number { key: "demand_days", value: 28.0, unit: "d", source: "HD" },
    ],
    sources: &[
        ("prometheus", "every utilisation series mapped to demand; http_server_request_duration_seconds_count"),
        ("aws", "CloudWatch utilisation and ALB RequestCount"),
        ("gcp", "Cloud Monitoring utilisation and loadbalancing.googleapis.com/https/request_count"),
        ("model", "growth fit; 20 % month over month, 5x and 10x"),
    ],
    proof_metric: "supported_multiplier",
    proof: "days to the first limit and the supported multiple of today's peak rise",
    false_positives: "Seasonal peaks: compare with the same week a year ago where it is known.",
    unknown_when: "demand was observed for fewer than 28 days, or fewer than 3 of 5 families of limits are measured",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let capacity = context.capacity;
    let families = capacity.families.len();
    let need = subject.number("families");
    if (families as f64) < need {
        let missing: Vec<String> = capacity.unmeasured.iter().take(3).map(|u| u.closes.clone()).collect();
        let closes = if missing.is_empty() {
            "Connect what measures CPU, connections, storage and quotas of your tiers.".to_owned()
        } else {
            missing.join(" ")
        };
        let detail = format!(
            "{families} of 5 families of limits are measured ({}), {need:.0} are needed: the first limit may be hidden",
            capacity.families.join(", ")
        );
        return CheckResult::unknown(GapReason::LowSample, detail, closes);
    }
    let observed =
        context.trends.demand.iter().map(|d| d.days.len()).max().unwrap_or(0).max(capacity.growth.weeks as usize * 7);
    let need = subject.number("demand_days");
    if (observed as f64) < need {
        let detail = format!("demand was observed for {observed} days, {need:.0} are needed");
        return CheckResult::unknown(
            GapReason::ShortWindow,
            detail,
            "Connect the metrics of your entry point with at least 28 days of request rates.",
        );
    }
    let Some(first) = capacity.first_limit.as_ref().or_else(|| lowest(&capacity.limits)) else {
        return CheckResult::unknown(
            GapReason::LowSample,
            "no limit could be forecast",
            "Connect what measures your tiers and their limits.",
        );
    };
    let (days, multiplier) = (first.days.map_or(f64::INFINITY, |d| d.p10), first.multiplier.p10);
    let evidence = evidence(first, context);
    let when = if days.is_finite() { format!("in {days:.0} days") } else { "not within 730 days".to_owned() };
    let growth = if first.scenario == "measured" { "at measured growth" } else { "at 20 % a month" };
    let name = format!("{} of `{}`", first.resource.word().replace('_', " "), first.subject.name);
    let said = if multiplier < 1.0 {
        format!("The first limit, {name}, may be passed by today's peak already")
    } else {
        format!("The first limit is {name}: {when} {growth}, at {multiplier:.1} times today's peak")
    };
    let severity = if days < subject.number("critical_days") {
        Severity::Critical
    } else if days < subject.number("high_days") || multiplier < subject.number("high_multiplier") {
        Severity::High
    } else if days < subject.number("medium_days") || multiplier < subject.number("medium_multiplier") {
        Severity::Medium
    } else {
        return CheckResult::pass(format!("{said}."), evidence);
    };
    let result = CheckResult::fail(severity, format!("{said}; work on anything else does not move it."), evidence);
    match capacity.ladder.first() {
        Some(rung) => result.with_remedy(rung.fix.clone()),
        None => result,
    }
}

/// The limit with the smallest multiple where none falls within the horizon.
fn lowest(limits: &[LimitForecast]) -> Option<&LimitForecast> {
    let scenario = if limits.iter().any(|l| l.scenario == "measured") { "measured" } else { "20_percent" };
    limits.iter().filter(|l| l.scenario == scenario).min_by(|a, b| {
        a.multiplier
            .p10
            .total_cmp(&b.multiplier.p10)
            .then(a.subject.id.cmp(&b.subject.id))
            .then(a.resource.cmp(&b.resource))
    })
}

fn evidence(first: &LimitForecast, context: &Context<'_>) -> Vec<Evidence> {
    let row = |l: &LimitForecast| {
        let days = l.days.map_or_else(
            || "not within 730 days".to_owned(),
            |d| format!("{:.0} days [{:.0}, {:.0}]", d.p50, d.p10, d.p90),
        );
        let value = format!(
            "{} of {}, {days}, first with {}",
            percent(l.utilisation),
            percent(l.limit),
            percent(l.first_probability)
        );
        Evidence::derived(format!("{} of `{}`", l.resource.word(), l.subject.name), value)
    };
    let mut rows = vec![row(first)];
    let others =
        context.capacity.limits.iter().filter(|l| {
            l.scenario == first.scenario && (&l.subject.id, l.resource) != (&first.subject.id, first.resource)
        });
    rows.extend(others.take(4).map(row));
    let sources =
        context.capacity.utilisation.iter().filter(|u| u.subject.id == first.subject.id && u.limited == first.resource);
    rows.extend(sources.flat_map(|u| measured_by(u, context)));
    rows
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::cap::headroom::cases::forecast;
    use crate::testing::Case;
    use loadline_model::Limited;

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "organisation"), expected);
        let measured = |families: usize, weeks| {
            let mut case = Case::new();
            case.capacity.families =
                ["compute", "connections", "storage"].iter().take(families).map(|f| (*f).to_owned()).collect();
            case.capacity.growth.weeks = weeks;
            case
        };
        let first = |days, multiplier| {
            let mut case = measured(3, 8);
            case.capacity.first_limit = Some(forecast(Limited::Cpu, "measured", days, multiplier));
            case
        };
        check(measured(2, 8), "unknown low_sample");
        check(measured(3, 3), "unknown short_window");
        check(measured(3, 8), "unknown low_sample");
        check(first(Some(13.0), 9.0), "fail critical");
        check(first(Some(29.0), 9.0), "fail high");
        check(first(Some(200.0), 1.9), "fail high");
        check(first(Some(89.0), 9.0), "fail medium");
        check(first(None, 4.9), "fail medium");
        check(first(Some(400.0), 6.0), "pass");
        let mut listed = measured(3, 8);
        listed.capacity.limits =
            vec![forecast(Limited::Cpu, "measured", None, 7.0), forecast(Limited::Disk, "measured", None, 3.0)];
        check(listed, "fail medium");
    }
}
