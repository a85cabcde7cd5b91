//! Cloud quota close.

use crate::db::wording::{count, named, percent};
use crate::evaluate::{gap_of_teller, hidden_by};
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{AccountId, CheckResult, Escalation, Evidence, GapReason, Kind, Limited, Setting, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "CAP-006",
    title: "Cloud quota close",
    question: "Will the provider refuse the next instance?",
    why: "Autoscaling that the provider refuses is no autoscaling, and a raise takes days that a campaign does not have.",
    condition: "A quota is used above 80 %, or would be exceeded if every scaler of the account went to its maximum",
    fix: &["ask for the increase now: it takes days", "spread over accounts or regions", "larger subnets"],
    effort_days: [0.25, 1.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when it keeps a scaler from its maximum; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Account]),
    numbers: &[Number { key: "used", value: 0.80, unit: "ratio", source: "HD; WAF REL01-BP04 asks for headroom" }],
    sources: &[
        (
            "aws",
            "service-quotas:ListServiceQuotas -> Value, UsageMetric (AWS/Usage ResourceCount), Adjustable; Trusted Advisor; AWS/Lambda ConcurrentExecutions",
        ),
        ("gcp", "compute.regions.get -> quotas[].usage, limit"),
        ("aws", "ec2:DescribeSubnets -> AvailableIpAddressCount"),
    ],
    proof_metric: "supported_multiplier",
    proof: "the smallest quota headroom at a spike rises",
    false_positives: "Quotas of services you do not use.",
    unknown_when: "the provider publishes no usage for the quota",
    prerequisites: &[],
    check,
};

/// Words by which a quota on running capacity is recognised: only these grow with members.
const OF_CAPACITY: [&str; 6] = ["instance", "vcpu", "cpu", "task", "concurren", "address"];

struct Quota {
    name: String,
    used: f64,
    evidence: Evidence,
}

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let Some(account) = context.facts.provenance(&subject.id).map(|p| p.account.clone()) else {
        return nothing_read(subject);
    };
    let mut quotas = quotas_of(subject, &account, context);
    if quotas.is_empty() {
        return nothing_read(subject);
    }
    quotas.sort_by(|a, b| b.used.total_cmp(&a.used).then(a.name.cmp(&b.name)));
    let growth = scale_out_factor(&account, context);
    let blocks = |q: &&Quota| {
        let name = q.name.to_ascii_lowercase();
        growth.as_ref().is_some_and(|(factor, _)| OF_CAPACITY.iter().any(|w| name.contains(w)) && q.used * factor > 1.0)
    };
    let blocking: Vec<String> = quotas.iter().filter(blocks).map(|q| q.name.clone()).collect();
    let close: Vec<String> =
        quotas.iter().filter(|q| q.used > subject.number("used")).map(|q| q.name.clone()).collect();
    let highest = quotas.first().map_or(0.0, |q| q.used);
    let mut evidence: Vec<Evidence> = quotas.into_iter().map(|q| q.evidence).collect();
    if let Some((factor, service)) = growth.filter(|_| !blocking.is_empty()) {
        evidence.push(Evidence::derived(
            format!("`{service}` at its maximum"),
            format!("{factor:.1} times its members now"),
        ));
        let sentence = format!(
            "{} would be exceeded when `{service}` scales to its maximum: the provider refuses the rest.",
            named(&blocking)
        );
        return CheckResult::fail(Severity::High, sentence, evidence)
            .with_remedy(format!("Request {factor:.1} times today's usage for {}.", named(&blocking)));
    }
    if !close.is_empty() {
        let sentence = format!("{} of `{}`: up to {} is used.", named(&close), subject.name(), percent(highest));
        return CheckResult::fail(Severity::Medium, sentence, evidence)
            .with_remedy(format!("Request an increase of {}.", named(&close)));
    }
    // A quota of a region that was not read may be the close one.
    if let Some(gap) = gap_of_teller(&subject.id, context, &["quota"]) {
        return hidden_by(gap, subject).with_evidence(evidence);
    }
    CheckResult::pass(format!("No quota of `{}` is used above {}.", subject.name(), percent(highest)), evidence)
}

fn quotas_of(subject: &Subject<'_>, account: &AccountId, context: &Context<'_>) -> Vec<Quota> {
    let settings = context
        .facts
        .all::<Setting>()
        .filter(|(id, s, p)| s.key == key::QUOTA_USED && (**id == subject.id || p.account == *account));
    let mut found: Vec<Quota> = settings
        .filter_map(|(_, s, from)| {
            let (name, used) = (s.item.clone().unwrap_or_else(|| "quota".to_owned()), s.value.as_number()?);
            Some(Quota { evidence: Evidence::read(name.clone(), format!("{} used", percent(used)), from), name, used })
        })
        .collect();
    let measured = context.capacity.utilisation.iter().filter(|u| {
        u.limited == Limited::Quota && (u.subject.id == subject.id || u.subject.account.as_ref() == Some(account))
    });
    found.extend(measured.map(|u| Quota {
        name: format!("quota of {}", u.subject.name),
        used: u.now.p90,
        evidence: Evidence::derived(
            format!("quota of {}", u.subject.name),
            format!("{} used, limit {}", percent(u.now.p90), u.hard_limit.map_or_else(|| "unknown".into(), count)),
        ),
    }));
    found
}

/// How much the service that may grow most would grow at its scaler's maximum.
fn scale_out_factor(account: &AccountId, context: &Context<'_>) -> Option<(f64, String)> {
    context
        .facts
        .of_kind(Kind::Service)
        .filter(|(id, _)| context.facts.provenance(id).is_some_and(|p| p.account == *account))
        .filter_map(|(id, resource)| {
            let (now, _) = context.facts.number(id, key::DESIRED_MEMBERS).filter(|(n, _)| *n > 0.0)?;
            let (most, _) = context.facts.number(id, key::MAXIMUM_MEMBERS)?;
            Some((most / now, resource.name.clone()))
        })
        .max_by(|a, b| a.0.total_cmp(&b.0).then(b.1.cmp(&a.1)))
}

fn nothing_read(subject: &Subject<'_>) -> CheckResult {
    CheckResult::unknown(
        GapReason::PermissionDenied,
        format!("the quotas of `{}` and their usage were not read", subject.name()),
        "Allow servicequotas:ListServiceQuotas and cloudwatch:GetMetricData (AWS/Usage), or compute.regions.get (compute.viewer).",
    )
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, Limited, Setting, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "cloud"), expected);
        let quota = |name: &str, used| {
            let setting = Setting { key: key::QUOTA_USED.into(), item: Some(name.into()), value: Value::Number(used) };
            Case::new().thing("cloud", Kind::Account).has("eu-west-1", setting)
        };
        let scaled = |case: Case, most| {
            case.thing("api", Kind::Service).number("api", key::DESIRED_MEMBERS, 2.0).number(
                "api",
                key::MAXIMUM_MEMBERS,
                most,
            )
        };
        check(Case::new().thing("cloud", Kind::Account), "unknown permission_denied");
        check(quota("running vCPUs", 0.5), "pass");
        check(quota("running vCPUs", 0.81), "fail medium");
        check(quota("running vCPUs", 0.5).gap("cloud", "Service quotas"), "unknown permission_denied");
        let elsewhere = |case: Case| case.gap("cloud", "Service quotas").edit(|s| s.gaps[0].subject = None);
        check(elsewhere(quota("running vCPUs", 0.5)), "unknown permission_denied");
        check(elsewhere(quota("running vCPUs", 0.81)), "fail medium");
        check(scaled(quota("running vCPUs", 0.5), 3.0), "pass");
        check(scaled(quota("running vCPUs", 0.5), 5.0), "fail high");
        check(scaled(quota("buckets", 0.5), 5.0), "pass");
        check(Case::new().thing("cloud", Kind::Account).used("cloud", Limited::Quota, 0.9, 9.0), "fail medium");
    }
}
