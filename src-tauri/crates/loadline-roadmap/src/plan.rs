//! The roadmap: sprint by sprint the best set, what people planned by hand first, and what was left out (`scoring.md` §6).

use crate::calendar;
use crate::fit::{Load, probability};
use crate::schedule::Schedule;
use crate::solve::{Problem, Task, solve};
use crate::value::{amount, cost_of_leaving, value};
use loadline_model::{Item, ItemId, LeftOut, Policy, Revalue, Roadmap, Sprint, Timestamp, ValueParts, num};
use std::collections::{BTreeMap, BTreeSet};

/// Sprints beyond which nobody plans: two years of weeks.
const MOST_SPRINTS: u32 = 104;

/// Plans items into the sprints of the policy's team.
///
/// Each sprint is solved exactly on its own, after what was planned by hand for it and, in the first, what is started already. An
/// item planned by hand brings its missing needs along; if that does not fit, it is left out rather than moved. A need for which
/// there is no open item counts as done.
///
/// An item larger than a sprint begins in a sprint that it may fill, when the part done there is worth more than everything else
/// that would fit. It is listed where it begins with its whole effort; that sprint counts only the part done in it, and the
/// budgets of the following sprints shrink by the rest. What needs it comes after its last sprint has begun.
///
/// `gap` is the certificate of the first sprint; `set_value`, `gain_points` and `gain_hours` are re-valued as sets, because values
/// of items overlap.
pub fn plan(items: Vec<Item>, policy: &Policy, as_of: Timestamp, revalue: &dyn Revalue) -> Roadmap {
    let budget = policy.team.half_days();
    let sprints = if budget == 0 { 0 } else { policy.team.sprints.min(MOST_SPRINTS) };
    let mut schedule = Schedule::new(&items, budget, sprints);
    let mut gap = 0.0;
    for sprint in 0..sprints {
        place_by_hand(&mut schedule, sprint);
        let certificate = choose(&mut schedule, sprint);
        if sprint == 0 {
            gap = certificate;
        }
    }
    let all = revalue.revalue(&schedule.finished_by(sprints));
    let mut done: Vec<Item> = items.iter().filter(|i| i.done_at.is_some()).cloned().collect();
    done.sort_by(|a, b| a.done_at.cmp(&b.done_at).then_with(|| a.id.cmp(&b.id)));
    Roadmap {
        budget_half_days: budget,
        sprints: (0..sprints).map(|s| sprint(&schedule, policy, as_of, s)).collect(),
        left_out: left_out(&schedule),
        done,
        gap,
        set_value: if sprints == 0 { 0 } else { set_value(&schedule, policy, revalue) },
        gain_points: amount(all.points),
        gain_hours: amount(all.hours),
        why_empty: why_empty(&schedule, policy),
    }
}

/// Pinned items by value, then, in the first sprint, started ones.
fn place_by_hand<'a>(schedule: &mut Schedule<'a>, sprint: u32) {
    let by_value = |wanted: &dyn Fn(&Item) -> bool| {
        let mut picked: Vec<&'a Item> = schedule.open.values().copied().filter(|i| wanted(i)).collect();
        picked.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.id.cmp(&b.id)));
        picked
    };
    let pinned = by_value(&|i| i.pinned_sprint == Some(sprint));
    let started = by_value(&|i| sprint == 0 && i.pinned_sprint.is_none() && i.started_at.is_some());
    for item in pinned.into_iter().chain(started) {
        schedule.place_with_needs(item, sprint);
    }
}

/// Fills what is left of a sprint with the best set, or with the beginning of a large item; returns the certificate.
fn choose(schedule: &mut Schedule<'_>, sprint: u32) -> f64 {
    let left = schedule.left(sprint);
    if left == 0 {
        return 0.0;
    }
    let free: Vec<&Item> =
        schedule.open.values().copied().filter(|i| i.pinned_sprint.is_none() && !schedule.is_placed(&i.id)).collect();
    let (large, small): (Vec<&Item>, Vec<&Item>) = free.into_iter().partition(|i| schedule.is_large(i));
    let tasks = small.iter().map(|i| Task {
        id: i.id.clone(),
        value: i.value,
        cost: i.half_days.mode,
        needs: schedule.missing(i, sprint).cloned().collect(),
    });
    let solution = solve(&Problem { tasks: tasks.collect(), done: BTreeSet::new(), budget: left });
    let ready = large.into_iter().filter(|i| i.value > 0 && schedule.missing(i, sprint).next().is_none());
    let densest = ready.max_by(|a, b| {
        let density = |x: &Item, y: &Item| i128::from(x.value) * i128::from(y.half_days.mode);
        density(a, b).cmp(&density(b, a)).then_with(|| b.id.cmp(&a.id))
    });
    if let Some(item) = densest {
        let part = i128::from(item.value) * i128::from(left);
        let rest = i128::from(solution.value) * i128::from(item.half_days.mode);
        if part > rest && schedule.place(item, sprint) {
            let worth = part as f64 / f64::from(item.half_days.mode);
            let bound = worth.max(solution.upper_bound as f64);
            return num::round9((bound - worth) / bound);
        }
    }
    let chosen: BTreeMap<&ItemId, &Item> = small.into_iter().map(|i| (&i.id, i)).collect();
    for item in solution.chosen.iter().filter_map(|id| chosen.get(id)) {
        schedule.place(item, sprint);
    }
    solution.gap
}

fn sprint(schedule: &Schedule<'_>, policy: &Policy, as_of: Timestamp, at: u32) -> Sprint {
    let slices = schedule.slices(at);
    let begins = |id: &ItemId| schedule.begins(id, at);
    let carried: u32 = slices.iter().filter(|(id, _)| !begins(id)).map(|s| s.1).sum();
    let loads: Vec<Load<'_>> = slices
        .iter()
        .filter_map(|(id, slice)| {
            let effort = schedule.open.get(id)?.half_days;
            Some((*id, effort, f64::from(*slice) / f64::from(effort.mode.max(1))))
        })
        .collect();
    Sprint {
        starts: calendar::starts(&policy.team, as_of, at),
        budget_half_days: schedule.budget.saturating_sub(carried),
        used_half_days: slices.iter().filter(|(id, _)| begins(id)).map(|s| s.1).sum(),
        fits_probability: probability(&loads, schedule.budget),
        items: schedule.in_order(at).into_iter().cloned().collect(),
    }
}

/// What the items finished in the first sprint are worth together: points and hours re-valued, interest added, the first limit
/// moved once.
fn set_value(schedule: &Schedule<'_>, policy: &Policy, revalue: &dyn Revalue) -> i64 {
    let first = schedule.finished_by(0);
    let together = revalue.revalue(&first);
    let items = || first.iter().filter_map(|id| schedule.open.get(id));
    let parts = ValueParts {
        points: together.points,
        hours: together.hours,
        interest: items().map(|i| i.parts.interest).sum(),
        urgency: items().map(|i| i.parts.urgency).fold(0.0, f64::max),
    };
    value(&parts, &policy.weights)
}

fn left_out(schedule: &Schedule<'_>) -> Vec<LeftOut> {
    let mut left: Vec<LeftOut> = schedule
        .open
        .values()
        .filter(|i| !schedule.is_placed(&i.id))
        .map(|i| LeftOut {
            item: (*i).clone(),
            because: because(schedule, i).to_owned(),
            costs: cost_of_leaving(&i.parts),
        })
        .collect();
    left.sort_by(|a, b| b.item.value.cmp(&a.item.value).then_with(|| a.item.id.cmp(&b.item.id)));
    left
}

fn because(schedule: &Schedule<'_>, item: &Item) -> &'static str {
    if item.value <= 0 && item.pinned_sprint.is_none() {
        "no_value"
    } else if schedule.budget > 0 && schedule.is_large(item) {
        "larger_than_a_sprint"
    } else if schedule.budget > 0 && schedule.missing(item, schedule.sprints()).next().is_some() {
        "prerequisite"
    } else {
        "budget"
    }
}

fn why_empty(schedule: &Schedule<'_>, policy: &Policy) -> Option<String> {
    let team = &policy.team;
    let nothing_placed = schedule.open.keys().all(|id| !schedule.is_placed(id));
    let why = if !nothing_placed {
        return None;
    } else if !(team.share.is_finite() && team.share > 0.0) {
        "The share of engineering time for this work is 0 %, so nothing fits.".to_owned()
    } else if schedule.budget == 0 {
        "The team has less than half a day for this work in a sprint, so nothing fits.".to_owned()
    } else if schedule.sprints() == 0 {
        "No sprint is to be planned.".to_owned()
    } else if schedule.open.is_empty() {
        "Nothing fails that an item would remedy.".to_owned()
    } else {
        format!("Nothing of value fits into the {} half-days of a sprint.", schedule.budget)
    };
    Some(why)
}
