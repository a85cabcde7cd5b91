//! Examples and properties of `scoring.md` §6.

mod examples;
mod items;
mod plan;
mod properties;

use crate::*;
use loadline_model::*;
use std::collections::{BTreeMap, BTreeSet};

fn task(id: &str, value: i64, cost: u32, needs: &[&str]) -> Task {
    Task { id: id.into(), value, cost, needs: needs.iter().map(|n| (*n).into()).collect() }
}

fn problem(budget: u32, tasks: Vec<Task>) -> Problem {
    Problem { tasks, done: BTreeSet::new(), budget }
}

fn names(ids: &[ItemId]) -> Vec<&str> {
    ids.iter().map(ItemId::as_str).collect()
}

/// E20: observability, index, replica, backup, restore, god service, rate limit, CDN.
fn e20(budget: u32) -> Problem {
    let tasks = vec![
        task("A", 900, 6, &[]),
        task("B", 1400, 4, &["A"]),
        task("C", 1100, 6, &["B"]),
        task("D", 1000, 2, &[]),
        task("E", 700, 3, &["D"]),
        task("F", 2600, 20, &[]),
        task("G", 650, 3, &[]),
        task("H", 600, 4, &[]),
    ];
    problem(budget, tasks)
}

/// An item of a plan: value in thousandths of a point, mode = cost.
fn item(id: &str, value: i64, cost: u32, needs: &[&str]) -> Item {
    Item {
        id: id.into(),
        rule: "DB-003".into(),
        subject: SubjectRef { id: id.into(), kind: None, name: id.into(), account: None, region: None },
        title: id.into(),
        steps: Vec::new(),
        half_days: HalfDays { low: cost.div_ceil(2), mode: cost, high: cost * 2 },
        value,
        parts: ValueParts { points: value as f64 / 1000.0, ..ValueParts::default() },
        needs: needs.iter().map(|n| (*n).into()).collect(),
        closes: Vec::new(),
        proof_metric: String::new(),
        proof: String::new(),
        pinned_sprint: None,
        started_at: None,
        done_at: None,
        took_weeks: None,
    }
}

/// Values sets as 0.9 point an item, and remembers nothing.
struct Flat;

impl Revalue for Flat {
    fn revalue(&self, items: &BTreeSet<ItemId>) -> SetValue {
        SetValue { points: 0.9 * items.len() as f64, hours: 0.5 * items.len() as f64 }
    }
}

/// A team whose sprint holds exactly these half-days.
fn policy(half_days: u32, sprints: u32) -> Policy {
    let team = Team { people: half_days, sprint_days: 10, starts: None, availability: 1.0, share: 0.05, sprints };
    assert_eq!(team.half_days(), half_days);
    Policy { team, ..Policy::default() }
}

/// Ids per sprint.
fn planned(roadmap: &Roadmap) -> Vec<Vec<&str>> {
    roadmap.sprints.iter().map(|s| s.items.iter().map(|i| i.id.as_str()).collect()).collect()
}

fn left(roadmap: &Roadmap) -> BTreeMap<&str, &str> {
    roadmap.left_out.iter().map(|l| (l.item.id.as_str(), l.because.as_str())).collect()
}
