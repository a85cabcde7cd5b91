//! ASYNC: background work.

mod broker_alarm;
mod consumers_missing;
mod dead_letters;
mod heavy_requests;
mod jobs_lost_or_twice;
mod old_messages;
mod queue_grows;

use crate::evaluate::Reading;
use crate::window::{Window, last_hours};
use crate::{Context, Rule, Subject};
use loadline_model::{CheckResult, key};

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &heavy_requests::RULE,
    &queue_grows::RULE,
    &old_messages::RULE,
    &dead_letters::RULE,
    &consumers_missing::RULE,
    &jobs_lost_or_twice::RULE,
    &broker_alarm::RULE,
];

/// Hours of neighbouring samples in which more came in than went out that count as growth.
const GROWTH_HOURS: f64 = 0.5;

/// Dead letters are judged with the queues that send them.
fn judged_with_its_queues(subject: &Subject<'_>, seen: &mut Reading<'_>) -> Option<CheckResult> {
    if seen.flag("holds dead letters", key::IS_DEAD_LETTER) != Some(true) {
        return None;
    }
    let because = format!("`{}` holds dead letters; the queues that send them are judged.", subject.name());
    Some(CheckResult::not_applicable(because).with_evidence(std::mem::take(&mut seen.rows)))
}

/// Messages in less messages out over the last hours.
fn net_inflow<'a>(subject: &Subject<'_>, hours: f64, context: &Context<'a>) -> Option<Window<'a>> {
    let inflow = last_hours(&subject.id, key::metric::QUEUE_IN, hours, context)?;
    inflow.minus(&last_hours(&subject.id, key::metric::QUEUE_OUT, hours, context)?)
}

#[cfg(test)]
mod cases {
    //! Queues for cases.
    use crate::testing::Case;
    use crate::window::cases::series;
    use loadline_model::{Kind, Resource, Tier, key::metric};

    /// A queue `jobs` of a tier.
    pub(in crate::r#async) fn queue(tier: Tier) -> Case {
        Case::new().has("jobs", Resource { tier: Some(tier), ..Resource::new(Kind::Queue, "jobs") })
    }
    /// Rates and backlog over some hours; more comes in than goes out in the last `growing` hours.
    pub(in crate::r#async) fn flows(case: Case, hours: i64, growing: f64, backlog: f64) -> Case {
        let inflow = series(metric::QUEUE_IN, hours, move |h| if h <= growing { 12.0 } else { 8.0 });
        case.has("jobs", inflow)
            .has("jobs", series(metric::QUEUE_OUT, hours, |_| 10.0))
            .has("jobs", series(metric::QUEUE_DEPTH, hours, move |_| backlog))
    }
}
