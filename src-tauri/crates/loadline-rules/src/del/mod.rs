//! DEL: deployment and delivery.

mod all_users_at_once;
mod changes_fail;
mod coupling;
mod deployments_hurt;
mod feature_flags;
mod history;
mod lockstep;
mod long_lead_time;
mod manual_deployments;
mod no_gate;
mod no_rollback;
mod rare_deployments;
mod required_checks;
mod slow_deployments;
mod slow_recovery;

use crate::Rule;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &no_gate::RULE,
    &manual_deployments::RULE,
    &slow_deployments::RULE,
    &rare_deployments::RULE,
    &long_lead_time::RULE,
    &changes_fail::RULE,
    &slow_recovery::RULE,
    &no_rollback::RULE,
    &all_users_at_once::RULE,
    &deployments_hurt::RULE,
    &lockstep::RULE,
    &feature_flags::RULE,
];
