//! What moves each limit: the rule whose fix it is, and the fix in words.

use loadline_model::{LimitForecast, Limited, RuleId, Rung};

/// Rungs that are shown.
const RUNGS: usize = 3;

/// The first limits of a scenario in order: fixing one makes the next the first.
pub(crate) fn ladder(limits: &[LimitForecast], scenario: &str) -> Vec<Rung> {
    limits
        .iter()
        .filter(|l| l.scenario == scenario)
        .take(RUNGS)
        .map(|l| {
            let (rule, fix) = remedy(l.resource);
            Rung {
                subject: l.subject.clone(),
                resource: l.resource,
                multiplier: l.multiplier,
                rule: rule.map(RuleId::new),
                fix: fix.to_owned(),
            }
        })
        .collect()
}

fn remedy(limited: Limited) -> (Option<&'static str>, &'static str) {
    match limited {
        Limited::Cpu => (Some("CAP-001"), "Find the top consumers, then scale out, then size up."),
        Limited::Memory => {
            (Some("CAP-002"), "Look for a leak by comparing heaps, set limits and concurrency, add memory last.")
        }
        Limited::Disk => (
            Some("CAP-003"),
            "Set retention and drop old partitions, then let the disk grow with an alert on its ceiling.",
        ),
        Limited::Iops => {
            (Some("CAP-004"), "Reduce reads with indexes and memory, then provision more operations a second.")
        }
        Limited::Connections => {
            (Some("CAP-005"), "Put a pooler in front and set timeouts, then raise the limit after checking memory.")
        }
        Limited::Workers => (Some("CAP-005"), "Set timeouts on what workers wait for, then add members or workers."),
        Limited::Quota => (Some("CAP-006"), "Ask the provider for a higher quota now: it takes days."),
        Limited::IntegerKey => (Some("CAP-009"), "Migrate the key to a 64-bit integer online."),
        Limited::Members => {
            (Some("CAP-007"), "Raise the autoscaler's maximum after checking quota and database connections.")
        }
        Limited::QueueDrain => (None, "Add consumers or shorten jobs until the queue drains faster than it fills."),
    }
}
