//! Items: one rule's remediation for one subject, from the checks it would close.

use crate::value::{Worth, value};
use loadline_model::{
    Capacity, Check, Choice, Debt, Decision, Fingerprint, HalfDays, Item, ItemId, Outcome, Policy, RuleId, RuleInfo,
    Score, SubjectId, Timestamp, Topology, num,
};
use std::collections::{BTreeMap, BTreeSet};

/// What people decided about items.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ItemDecisions {
    /// Begun, and when.
    pub started: BTreeMap<ItemId, Timestamp>,
    /// Done, and when it reached users.
    pub done: BTreeMap<ItemId, Timestamp>,
    /// Engineer-weeks that items took which are done.
    pub took: BTreeMap<ItemId, f64>,
    /// Planned by hand into a sprint, 0-based.
    pub pinned: BTreeMap<ItemId, u32>,
}

impl ItemDecisions {
    /// From the decision log, oldest first; a later decision about an item replaces an earlier one.
    pub fn from_log(log: &[Decision]) -> Self {
        let mut decisions = Self::default();
        for decision in log {
            match &decision.choice {
                Choice::StartItem { item, at } => {
                    decisions.started.insert(item.clone(), *at);
                }
                Choice::FinishItem { item, at, took_weeks } => {
                    decisions.done.insert(item.clone(), *at);
                    decisions.took.remove(item);
                    decisions.took.extend(took_weeks.map(|took| (item.clone(), took)));
                }
                Choice::ReopenItem { item } => {
                    decisions.started.remove(item);
                    decisions.done.remove(item);
                    decisions.took.remove(item);
                }
                Choice::PinItem { item, sprint: Some(sprint) } => {
                    decisions.pinned.insert(item.clone(), *sprint);
                }
                Choice::PinItem { item, sprint: None } => {
                    decisions.pinned.remove(item);
                }
                _ => {}
            }
        }
        decisions
    }
}

/// The items of a snapshot, by value, then id: one for each rule and subject that fails, and those that are done although nothing
/// fails any more (worth nothing further). Unknown checks need evidence, not remediation, and become no items.
#[expect(clippy::too_many_arguments, reason = "one argument per stage whose conclusions give an item its value")]
pub fn items(
    checks: &[Check],
    rules: &[RuleInfo],
    score: &Score,
    topology: &Topology,
    capacity: &Capacity,
    debt: &Debt,
    decisions: &ItemDecisions,
    policy: &Policy,
) -> Vec<Item> {
    let rules: BTreeMap<&RuleId, &RuleInfo> = rules.iter().map(|r| (&r.id, r)).collect();
    let groups = groups(checks, &rules, decisions);
    let worth = Worth::new(score, topology, capacity, debt);
    let open: BTreeMap<&RuleId, BTreeMap<&SubjectId, ItemId>> =
        groups.iter().fold(BTreeMap::new(), |mut open, ((rule, subject), group)| {
            if group.iter().any(|c| fails(c)) {
                open.entry(*rule).or_insert_with(BTreeMap::new).insert(*subject, ItemId::of(rule, subject));
            }
            open
        });
    let mut items: Vec<Item> = groups
        .iter()
        .filter_map(|((rule, subject), group)| {
            let rule = rules.get(rule)?;
            let mut item = item(rule, group)?;
            item.needs = needs(rule, subject, &open);
            let closes: BTreeSet<&Fingerprint> = group.iter().filter(|c| fails(c)).map(|c| &c.fingerprint).collect();
            item.parts = worth.parts(rule, subject, &closes);
            if closes.is_empty() {
                item.parts = Default::default();
            }
            item.value = value(&item.parts, &policy.weights);
            item.pinned_sprint = decisions.pinned.get(&item.id).copied();
            item.started_at = decisions.started.get(&item.id).copied();
            item.done_at = decisions.done.get(&item.id).copied();
            item.took_weeks = decisions.took.get(&item.id).copied();
            // What is open is planned at this team's pace; what is done keeps the estimate it is held against.
            if item.done_at.is_none() {
                item.half_days = half_days(debt.calibration.applied(rule.effort_days));
            }
            Some(item)
        })
        .collect();
    items.sort_by(|a, b| b.value.cmp(&a.value).then_with(|| a.id.cmp(&b.id)));
    items
}

type Groups<'a> = BTreeMap<(&'a RuleId, &'a SubjectId), Vec<&'a Check>>;

/// Failing checks by rule and subject; where an item is done, its passing checks too.
fn groups<'a>(checks: &'a [Check], rules: &BTreeMap<&RuleId, &RuleInfo>, decisions: &ItemDecisions) -> Groups<'a> {
    let mut groups: Groups<'a> = BTreeMap::new();
    for check in checks.iter().filter(|c| rules.contains_key(&c.rule)) {
        let passes = matches!(check.result.outcome, Outcome::Pass);
        if fails(check) || passes && decisions.done.contains_key(&ItemId::of(&check.rule, &check.subject.id)) {
            groups.entry((&check.rule, &check.subject.id)).or_default().push(check);
        }
    }
    for group in groups.values_mut() {
        group.sort_by(|a, b| a.fingerprint.cmp(&b.fingerprint));
        group.dedup_by(|a, b| a.fingerprint == b.fingerprint && fails(a) == fails(b));
    }
    groups
}

fn fails(check: &Check) -> bool {
    check.result.outcome.severity().is_some()
}

/// The item without its value, needs and decisions; concrete remedies come before the rule's steps.
fn item(rule: &RuleInfo, group: &[&Check]) -> Option<Item> {
    let subject = group.first()?.subject.clone();
    let mut steps: Vec<String> = group.iter().filter_map(|c| c.result.remedy.clone()).collect();
    steps.dedup();
    steps.extend(rule.fix.iter().cloned());
    let mut closes: Vec<Fingerprint> = group.iter().map(|c| c.fingerprint.clone()).collect();
    closes.dedup();
    Some(Item {
        id: ItemId::of(&rule.id, &subject.id),
        rule: rule.id.clone(),
        subject,
        title: rule.title.clone(),
        steps,
        half_days: half_days(rule.effort_days),
        value: 0,
        parts: Default::default(),
        needs: Vec::new(),
        closes,
        proof_metric: rule.proof_metric.clone(),
        proof: rule.proof.clone(),
        pinned_sprint: None,
        started_at: None,
        done_at: None,
        took_weeks: None,
    })
}

/// Effort in half-days from a range in days: mode = round(2 sqrt(low high)), at least 1 (`scoring.md` §6.1).
pub(crate) fn half_days(days: [f64; 2]) -> HalfDays {
    let [low, high] = days.map(|d| if d.is_finite() { d.clamp(0.0, 10_000.0) } else { 0.0 });
    let round = |x: f64| (x.round() as u32).max(1);
    let mode = round(2.0 * num::sqrt(low * high));
    HalfDays { low: round(2.0 * low).min(mode), mode, high: round(2.0 * high).max(mode) }
}

/// Items that come first (`rules.md` §18): the prerequisite rule's item on the same subject, else its only item, else none,
/// because then it is not said which one matters.
fn needs(rule: &RuleInfo, subject: &SubjectId, open: &BTreeMap<&RuleId, BTreeMap<&SubjectId, ItemId>>) -> Vec<ItemId> {
    let mut needs: Vec<ItemId> = rule
        .prerequisites
        .iter()
        .filter(|p| **p != rule.id)
        .filter_map(|p| {
            let failing = open.get(p)?;
            let only = if failing.len() == 1 { failing.values().next() } else { None };
            failing.get(subject).or(only).cloned()
        })
        .collect();
    needs.sort();
    needs.dedup();
    needs
}
