//! SCALE: statelessness and horizontal scaling.

mod at_maximum;
mod bounds;
mod no_autoscaling;
mod not_containerised;
mod scaling_signal;
mod state_in_process;
mod sticky_sessions;
mod ungraceful_members;

use crate::evaluate::Reading;
use crate::{Context, Rule, Subject};
use loadline_model::{CheckResult, GapReason, key};

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &sticky_sessions::RULE,
    &state_in_process::RULE,
    &no_autoscaling::RULE,
    &at_maximum::RULE,
    &bounds::RULE,
    &scaling_signal::RULE,
    &not_containerised::RULE,
    &ungraceful_members::RULE,
];

/// Users are slow or failing now: the objectives of OBS-003 over the last week.
fn suffers(subject: &Subject<'_>, context: &Context<'_>) -> bool {
    const P95_S: f64 = 0.5;
    const WINDOWS: f64 = 0.01;
    let slow = context.trends.latency_of(&subject.id).and_then(|l| l.last_week.p95).is_some_and(|p| p > P95_S);
    slow || context.trends.errors.iter().any(|e| e.subject.id == subject.id && e.windows_breached > WINDOWS)
}

/// What makes the scaler of a service act; an answer where there is none to judge.
fn scaler<'c>(subject: &Subject<'_>, seen: &mut Reading<'c>) -> Result<&'c str, Box<CheckResult>> {
    let name = subject.name();
    if seen.flag("scaled by its platform", key::PLATFORM_REDUNDANT) == Some(true) {
        let because = format!("The platform of `{name}` adds and removes members by itself.");
        return Err(Box::new(CheckResult::not_applicable(because).with_evidence(std::mem::take(&mut seen.rows))));
    }
    match seen.text("scales by", key::SCALING_SIGNAL) {
        Some("none") => {
            let because = format!("`{name}` does not scale by itself; SCALE-003 judges that.");
            Err(Box::new(CheckResult::not_applicable(because).with_evidence(std::mem::take(&mut seen.rows))))
        }
        Some(signal) => Ok(signal),
        None => Err(Box::new(no_scaler(subject).with_evidence(std::mem::take(&mut seen.rows)))),
    }
}

/// Unknown: whether and how it scales was not read.
fn no_scaler(subject: &Subject<'_>) -> CheckResult {
    CheckResult::unknown(
        GapReason::NotConnected,
        format!("whether and by what `{}` scales is not known", subject.name()),
        "Connect the platform that runs it: application-autoscaling:DescribeScalableTargets and DescribeScalingPolicies, autoscaling:DescribePolicies, or the cluster.",
    )
}

#[cfg(test)]
mod cases {
    //! Services that scale, for cases.
    use crate::testing::Case;
    use loadline_model::{Kind, Resource, Tier, Value, key};

    /// A service `api` of a tier.
    pub(in crate::scale) fn service(tier: Tier) -> Case {
        Case::new().has("api", Resource { tier: Some(tier), ..Resource::new(Kind::Service, "api") })
    }
    /// The same with a scaler.
    pub(in crate::scale) fn scales(tier: Tier, signal: &str) -> Case {
        service(tier).set("api", key::SCALING_SIGNAL, Value::Text(signal.into()))
    }
}
