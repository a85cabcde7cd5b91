//! OBS: observability.

mod alert_noise;
mod alerts_watch_causes;
mod alerts_without_owner;
mod golden_signals;
mod latency_only_average;
mod no_business_metrics;
mod no_objectives;
mod no_tracing;
mod objective_breached;
mod percentiles_averaged;
mod quantile_expression;
mod shallow_health_checks;
pub(crate) mod telemetry;

use crate::Rule;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &latency_only_average::RULE,
    &golden_signals::RULE,
    &objective_breached::RULE,
    &no_business_metrics::RULE,
    &alerts_watch_causes::RULE,
    &no_objectives::RULE,
    &no_tracing::RULE,
    &shallow_health_checks::RULE,
    &alerts_without_owner::RULE,
    &alert_noise::RULE,
    &percentiles_averaged::RULE,
];
