//! DB: databases.

mod analytics_on_primary;
mod connections_near_limit;
mod counted_scans;
mod end_of_life;
mod engine_exposed;
mod index_missing;
mod index_statement;
mod indexes_unused;
mod likely_loops;
mod lock_samples;
mod lock_waits;
mod log_retention;
mod long_transactions;
mod partitions;
mod planned_scans;
mod pooled;
mod pooler_missing;
mod pools_oversubscribe;
mod read_replica_unused;
mod reading;
mod remedies;
mod repeated_queries;
mod replica_lag;
mod slow_queries_invisible;
mod timeouts_unset;
mod top_statements;
mod unbounded_reads;
mod vacuum_behind;
mod wide_reads;
pub(crate) mod wording;
mod working_set;
mod wraparound;

use crate::Rule;

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &slow_queries_invisible::RULE,
    &top_statements::RULE,
    &index_missing::RULE,
    &repeated_queries::RULE,
    &unbounded_reads::RULE,
    &wide_reads::RULE,
    &connections_near_limit::RULE,
    &pooler_missing::RULE,
    &pools_oversubscribe::RULE,
    &read_replica_unused::RULE,
    &replica_lag::RULE,
    &working_set::RULE,
    &vacuum_behind::RULE,
    &wraparound::RULE,
    &lock_waits::RULE,
    &timeouts_unset::RULE,
    &long_transactions::RULE,
    &log_retention::RULE,
    &indexes_unused::RULE,
    &analytics_on_primary::RULE,
    &engine_exposed::RULE,
];
