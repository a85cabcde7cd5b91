//! What a set of failures does: the window's what-if.

use crate::impact::weight;
use crate::lanes::Lanes;
use crate::system::System;
use loadline_model::{Graph, SubjectId};
use serde::{Deserialize, Serialize};

/// What follows when some things fail together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// What is down, the failed things included, in id order.
    pub down: Vec<SubjectId>,
    /// What is up but misses something it needs softly, in id order.
    pub degraded: Vec<SubjectId>,
    /// Names of the journeys lost, in the graph's order.
    pub journeys_lost: Vec<String>,
    /// Names of the journeys that only degrade.
    pub journeys_degraded: Vec<String>,
    /// Share of journeys lost, 0–1.
    pub weight_lost: f64,
    /// The consequence in one sentence.
    pub sentence: String,
}

/// Reusable memory for repeated failures of one [`System`].
#[derive(Clone, Debug)]
pub struct Scratch(Lanes<1>);

impl System {
    /// Memory for [`System::fail`].
    pub fn scratch(&self) -> Scratch {
        Scratch(Lanes::new(self))
    }

    /// What follows when these fail together; ids the graph does not hold are ignored. One linear fixed point.
    pub fn fail(&self, scratch: &mut Scratch, failed: &[SubjectId]) -> Failure {
        let nodes: Vec<(u32, [u64; 1])> = failed.iter().filter_map(|id| self.node(id)).map(|v| (v, [1])).collect();
        let lanes = &mut scratch.0;
        lanes.run_all(self, &nodes);
        let listed = |wanted: &dyn Fn(usize) -> bool| -> Vec<SubjectId> {
            (0..self.elements()).filter(|v| wanted(*v)).map(|v| self.ids[v].clone()).collect()
        };
        let down = listed(&|v| lanes.down[v][0] & 1 == 1);
        let degraded = listed(&|v| (lanes.impaired[v][0] & !lanes.down[v][0]) & 1 == 1);
        let (mut lost, mut limping) = (Vec::new(), Vec::new());
        for (j, journey) in self.journeys.iter().enumerate() {
            if lanes.lost(self, journey)[0] & 1 == 1 {
                lost.push(j as u32);
            } else if lanes.degraded(journey)[0] & 1 == 1 {
                limping.push(j as u32);
            }
        }
        let names = |journeys: &[u32]| -> Vec<String> {
            journeys.iter().map(|j| self.journeys[*j as usize].name.clone()).collect()
        };
        let weight_lost = weight(self, &lost);
        let (journeys_lost, journeys_degraded) = (names(&lost), names(&limping));
        let sentence = sentence(nodes.len(), weight_lost, &journeys_lost, &journeys_degraded);
        Failure { down, degraded, journeys_lost, journeys_degraded, weight_lost, sentence }
    }
}

/// What follows when these fail together (`scoring.md` §1.2); ids the graph does not hold are ignored.
pub fn fail(graph: &Graph, failed: &[SubjectId]) -> Failure {
    let system = System::new(graph);
    system.fail(&mut system.scratch(), failed)
}

fn sentence(failures: usize, weight: f64, lost: &[String], degraded: &[String]) -> String {
    let subject = match failures {
        0 => return "Nothing fails, so nothing stops.".to_owned(),
        1 => "This failure",
        _ => "These failures together",
    };
    let verb = |one: &'static str, many: &'static str| if failures == 1 { one } else { many };
    match (lost.is_empty(), degraded.is_empty()) {
        (true, true) => format!("{subject} {} no journey.", verb("stops", "stop")),
        (true, false) => format!(
            "{subject} {} {} and {} none.",
            verb("degrades", "degrade"),
            degraded.join(", "),
            verb("stops", "stop")
        ),
        (false, true) => {
            format!("{subject} {} {} of journeys: {}.", verb("stops", "stop"), percent(weight), lost.join(", "))
        }
        (false, false) => format!(
            "{subject} {} {} of journeys: {}; {} only {}.",
            verb("stops", "stop"),
            percent(weight),
            lost.join(", "),
            degraded.join(", "),
            if degraded.len() == 1 { "degrades" } else { "degrade" },
        ),
    }
}

/// A share as people read it: `100 %`, `30 %`, `0.4 %`.
pub(crate) fn percent(share: f64) -> String {
    let hundredths = share * 100.0;
    if hundredths >= 10.0 || hundredths == hundredths.trunc() {
        format!("{hundredths:.0} %")
    } else if hundredths >= 0.05 {
        format!("{hundredths:.1} %")
    } else {
        "less than 0.1 %".to_owned()
    }
}
