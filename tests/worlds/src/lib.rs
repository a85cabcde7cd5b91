//! The pure stages from a snapshot to a plan, callable from native code and, as wasm, from JavaScript. It exists only so that a
//! test can compare the bytes of both worlds.

use loadline_model::{FactIndex, ItemId, Policy, Revalue, SetValue, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use wasm_bindgen::prelude::wasm_bindgen;

/// Values no set: the plan then depends on the items' own values only.
struct Unvalued;

impl Revalue for Unvalued {
    fn revalue(&self, _: &BTreeSet<ItemId>) -> SetValue {
        SetValue::default()
    }
}

/// Graph, trends, capacity, checks, score and plan of a snapshot as JSON; the input is a snapshot as JSON.
#[wasm_bindgen]
pub fn conclusions(snapshot: &str) -> String {
    match serde_json::from_str::<Snapshot>(snapshot) {
        Ok(snapshot) => concluded(&snapshot).unwrap_or_else(|e| e.to_string()),
        Err(error) => error.to_string(),
    }
}

fn concluded(snapshot: &Snapshot) -> Result<String, serde_json::Error> {
    let policy = Policy::default();
    let facts = FactIndex::new(snapshot);
    let topology = loadline_topology::analyse(&facts);
    let trends = loadline_stats::trends(&facts, &policy);
    let capacity = loadline_capacity::assess(&facts, &topology, &trends, &policy);
    let as_of = snapshot.taken_at;
    let context = loadline_rules::Context::new(&facts, (&topology, &capacity, &trends), &policy, as_of);
    let checks = loadline_rules::evaluate(&context);
    let rules = loadline_rules::catalog();
    let situation = loadline_score::Situation { topology: &topology, capacity: &capacity, policy: &policy };
    let score = loadline_score::rate(&checks, &rules, &situation);
    let (incidents, work, code) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    let inputs = loadline_score::DebtInputs {
        incidents: &incidents,
        work: &work,
        code: &code,
        calibration: Default::default(),
        unplanned: None,
        team: &policy.team,
    };
    let debt = loadline_score::debt(&checks, &rules, &inputs);
    let none = loadline_roadmap::ItemDecisions::default();
    let items = loadline_roadmap::items(&checks, &rules, &score, &topology, &capacity, &debt, &none, &policy);
    let plan = loadline_roadmap::plan(items, &policy, as_of, &Unvalued);
    serde_json::to_string(&(topology, trends, capacity, checks, score, debt, plan))
}
