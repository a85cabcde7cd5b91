//! The one entry for everything that needs no request: latency, errors, demand, delivery.

use crate::{delivery, demand, errors, history::History, latency};
use loadline_model::{FactIndex, Policy, Trends};

/// Latency, errors, demand and delivery of every subject that has such facts, judged at the snapshot's time.
///
/// Nothing in the policy changes how these are computed today; it is taken so that windows can become editable.
pub fn trends(index: &FactIndex, _policy: &Policy) -> Trends {
    let history = History::of(index);
    Trends {
        latency: latency::latency(index, &history),
        errors: errors::errors(index),
        demand: demand::demand(index),
        delivery: delivery::delivery(index),
    }
}
