//! The one entry for everything that needs no request: latency, errors, demand, delivery.

use crate::{delivery, demand, errors, history::History, latency};
use loadline_model::{FactIndex, Policy, Trends};

/// Latency, errors, demand and delivery of every subject that has such facts, judged at the snapshot's time.
///
/// Of the policy the windows and least samples of the delivery rules count (DEL-002, DEL-005 to DEL-007).
pub fn trends(index: &FactIndex, policy: &Policy) -> Trends {
    let history = History::of(index);
    Trends {
        latency: latency::latency(index, &history),
        errors: errors::errors(index),
        demand: demand::demand(index),
        delivery: delivery::delivery(index, policy),
    }
}
