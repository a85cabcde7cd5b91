//! Every rule on every subject, with what holds for all of them: stale, disconnected or merely stated evidence is unknown.

mod naming;
mod reading;
mod refusal;
#[cfg(test)]
mod registry;
#[cfg(test)]
mod rich_code;
#[cfg(test)]
mod rich_people;
#[cfg(test)]
mod tests;

pub(crate) use reading::{Reading, cut_import, cut_repository, gap_about, gap_anywhere, gap_of_teller, hidden_by};

use crate::escalation::escalate;
use crate::{Applies, Context, Rule, Subject, all};
use loadline_model::{
    AccountId, Basis, Check, CheckResult, Evidence, Exposure, Fingerprint, GapReason, Inventory, Kind, Outcome, RuleId,
    RuleInfo,
};
use std::collections::{BTreeMap, BTreeSet};

/// The catalog as data, in order.
pub fn catalog() -> Vec<RuleInfo> {
    all().map(Rule::info).collect()
}

/// The score domains this model version judges.
pub fn judged_domains() -> BTreeSet<&'static str> {
    all().map(Rule::domain).collect()
}

/// Judges a snapshot: every rule on every subject it applies to, by rule, then subject id.
pub fn evaluate(context: &Context<'_>) -> Vec<Check> {
    all().flat_map(|rule| evaluate_rule(rule, context)).collect()
}

/// One rule on every subject it applies to; at least one check.
pub(crate) fn evaluate_rule(rule: &'static Rule, context: &Context<'_>) -> Vec<Check> {
    match rule.applies {
        Applies::Organisation => {
            let subject = Subject::organisation(rule, Exposure::ORGANISATION, context);
            vec![judge(&subject, context)]
        }
        Applies::To(kinds) => {
            let things = context.facts.resources().filter(|(_, r)| kinds.contains(&r.kind));
            let checks: Vec<Check> =
                things.map(|(id, resource)| judge(&Subject::thing(rule, id, resource, context), context)).collect();
            if checks.is_empty() { vec![nothing_to_judge(rule, context)] } else { checks }
        }
    }
}

fn judge(subject: &Subject<'_>, context: &Context<'_>) -> Check {
    let result = refusal::refuse_weak_evidence((subject.rule.check)(subject, context), subject, context);
    let mut result = naming::name_the_gap(result, subject, context);
    let base_severity = result.outcome.severity();
    let mut escalation = Vec::new();
    if let Some(base) = base_severity {
        let (severity, why) = escalate(base, subject, context);
        result.outcome = Outcome::Fail { severity };
        escalation = why;
    }
    if let Some(gap) = &mut result.gap {
        gap.subject = Some(subject.id.clone());
    }
    check_of(subject, result, base_severity, escalation, "")
}

/// No subject of the rule's kinds exists in the facts: not applicable if that is known, else unknown.
fn nothing_to_judge(rule: &'static Rule, context: &Context<'_>) -> Check {
    let words: Vec<&str> = rule.kinds().iter().map(|k: &Kind| k.word()).collect();
    let listed = words.join(" or ");
    let inventories: Option<Vec<Vec<Evidence>>> =
        rule.kinds().iter().map(|kind| proof_of_absence(*kind, context)).collect();
    let subject = Subject::organisation(rule, Exposure::UNKNOWN, context);
    let mut result = match inventories {
        Some(read) => {
            let because =
                format!("No {listed} exists in the connected accounts; their inventories were read completely.");
            let result = CheckResult::not_applicable(because).with_evidence(read.concat());
            refusal::refuse_weak_evidence(result, &subject, context)
        }
        None => naming::of_nothing(rule.kinds(), context).unwrap_or_else(|| {
            if let Some(account) = context.facts.never_read() {
                return CheckResult::unknown(
                    GapReason::NotConnected,
                    format!("nothing of account `{}` was ever read; it may hold a {listed}", account.name),
                    format!("Collect {} (loadline collect), or disconnect it.", account.id),
                );
            }
            CheckResult::unknown(
                GapReason::NotConnected,
                format!("no {listed} is visible in any connected account"),
                format!("Connect the account that holds your {listed}, or one that lists every {listed} you have."),
            )
        }),
    };
    if let Some(gap) = &mut result.gap {
        gap.hides = rule.kinds().to_vec();
    }
    check_of(&subject, result, None, Vec::new(), "none")
}

/// The newest complete inventory of each connected account that has one, when nothing may hide a thing of this kind. All
/// of them are shown, so that an old one is noticed beside a fresh one.
fn proof_of_absence(kind: Kind, context: &Context<'_>) -> Option<Vec<Evidence>> {
    if !context.facts.inventory_read(kind) {
        return None;
    }
    let snapshot = context.facts.snapshot();
    let connected = |i: &&Inventory| !snapshot.accounts.iter().any(|a| a.id == i.account && !a.connected);
    let mut newest: BTreeMap<&AccountId, &Inventory> = BTreeMap::new();
    for inventory in snapshot.inventories.iter().filter(|i| i.kind == kind).filter(connected) {
        let known = newest.entry(&inventory.account).or_insert(inventory);
        if known.read_at < inventory.read_at {
            *known = inventory;
        }
    }
    let row = |i: &Inventory| Evidence {
        label: format!("inventory: {}", kind.word()),
        value: "read completely, none found".to_owned(),
        account: Some(i.account.clone()),
        source: Some(i.scope.clone()),
        read_at: Some(i.read_at),
        basis: Some(Basis::Configured),
    };
    (!newest.is_empty()).then(|| newest.into_values().map(row).collect())
}

fn check_of(
    subject: &Subject<'_>,
    mut result: CheckResult,
    base_severity: Option<loadline_model::Severity>,
    escalation: Vec<String>,
    discriminator: &str,
) -> Check {
    let rule = RuleId::new(subject.rule.id);
    if let Some(gap) = &mut result.gap
        && gap.scope.is_empty()
    {
        gap.scope = subject.rule.id.to_owned();
    }
    Check {
        fingerprint: Fingerprint::of(&rule, &subject.id, discriminator),
        rule,
        subject: subject.reference.clone(),
        result,
        base_severity,
        escalation,
        exposure: subject.exposure,
    }
}
