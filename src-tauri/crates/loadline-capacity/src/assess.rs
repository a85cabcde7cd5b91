//! The one entry: facts in, headroom out.

use crate::demand;
use crate::utilisation::{autoscaled_to, families, utilisation};
use crate::{first_limit, growth, ladder, pools, unmeasured, zone_loss};
use loadline_model::{Capacity, FactIndex, Limited, Policy, Scenario, Topology, Trends, Utilisation};

/// Scenarios that are always shown; measured growth only when it could be fitted.
const SCENARIOS: [Scenario; 4] = [
    Scenario::Measured,
    Scenario::TwentyPercent,
    Scenario::Multiple { times: 5.0 },
    Scenario::Multiple { times: 10.0 },
];

/// How much load fits, what breaks first and when, and what nobody measures.
pub fn assess(index: &FactIndex, topology: &Topology, trends: &Trends, policy: &Policy) -> Capacity {
    let all = utilisation(index, topology, trends, policy);
    let (growth, fit) = growth::of_demand(demand::main_demand(trends));
    // An autoscaler holds CPU at its target, so that CPU says nothing about the limit; its maximum of members does.
    let elastic = |u: &&Utilisation| u.limited == Limited::Cpu && autoscaled_to(index, &u.subject.id).is_some();
    let held: Vec<Utilisation> = all.iter().filter(elastic).cloned().collect();
    let forecast: Vec<Utilisation> = all.iter().filter(|u| !elastic(u)).cloned().collect();
    let limits = first_limit::limits(&forecast, fit.as_ref().map(|f| f.draws.as_slice()), &SCENARIOS);
    let leading = if fit.is_some() { Scenario::Measured } else { Scenario::TwentyPercent }.word();
    Capacity {
        growth,
        first_limit: limits.iter().find(|l| l.scenario == leading).cloned(),
        ladder: ladder::ladder(&limits, &leading),
        unmeasured: unmeasured::unmeasured(index, &topology.graph, &all, &held),
        families: families(&all),
        zone_loss: zone_loss::zone_losses(&topology.graph, &all),
        pools: pools::pools(index, topology, trends),
        utilisation: all,
        limits,
    }
}
