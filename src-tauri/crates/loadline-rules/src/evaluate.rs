//! Every rule on every subject, with what holds for all of them: stale, disconnected or merely stated evidence is unknown.

use crate::escalation::escalate;
use crate::{Applies, Context, Rule, Subject, all};
use loadline_model::{Basis, Check, CheckResult, Exposure, Fingerprint, GapReason, Kind, Outcome, RuleId, RuleInfo};
use std::collections::BTreeSet;

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
        Applies::Organisation => vec![judge(&Subject::organisation(rule, Exposure::ORGANISATION, context), context)],
        Applies::To(kinds) => {
            let things = context.facts.resources().filter(|(_, r)| kinds.contains(&r.kind));
            let checks: Vec<Check> =
                things.map(|(id, resource)| judge(&Subject::thing(rule, id, resource, context), context)).collect();
            if checks.is_empty() { vec![nothing_to_judge(rule, context)] } else { checks }
        }
    }
}

fn judge(subject: &Subject<'_>, context: &Context<'_>) -> Check {
    let mut result = refuse_weak_evidence((subject.rule.check)(subject, context), context);
    let base_severity = result.outcome.severity();
    let mut escalation = Vec::new();
    if let Some(base) = base_severity {
        let (severity, why) = escalate(base, subject, context);
        result.outcome = Outcome::Fail { severity };
        escalation = why;
    }
    if let Some(gap) = &mut result.gap {
        gap.subject = Some(subject.id.clone());
        if gap.scope.is_empty() {
            gap.scope = subject.rule.id.to_owned();
        }
    }
    let rule = RuleId::new(subject.rule.id);
    Check {
        fingerprint: Fingerprint::of(&rule, &subject.id, ""),
        rule,
        subject: subject.reference.clone(),
        result,
        base_severity,
        escalation,
        exposure: subject.exposure,
    }
}

/// No subject of the rule's kinds exists in the facts: not applicable if that is known, else unknown.
fn nothing_to_judge(rule: &'static Rule, context: &Context<'_>) -> Check {
    let words: Vec<&str> = rule.kinds().iter().map(|k: &Kind| k.word()).collect();
    let listed = words.join(" or ");
    let known_absent = rule.kinds().iter().all(|k| context.facts.inventory_read(*k));
    let result = if known_absent {
        CheckResult::not_applicable(format!(
            "No {listed} exists in the connected accounts; their inventories were read completely."
        ))
    } else {
        CheckResult::unknown(
            GapReason::NotConnected,
            format!("no {listed} is visible in any connected account"),
            format!(
                "Connect the account that holds your {listed}, or state that there is none by listing it completely."
            ),
        )
    };
    let subject = Subject::organisation(rule, Exposure::UNKNOWN, context);
    let rule_id = RuleId::new(rule.id);
    let mut result = result;
    if let Some(gap) = &mut result.gap {
        gap.scope = rule.id.to_owned();
        gap.hides = rule.kinds().to_vec();
    }
    Check {
        fingerprint: Fingerprint::of(&rule_id, &subject.id, "none"),
        rule: rule_id,
        subject: subject.reference,
        result,
        base_severity: None,
        escalation: Vec::new(),
        exposure: Exposure::UNKNOWN,
    }
}

fn refuse_weak_evidence(result: CheckResult, context: &Context<'_>) -> CheckResult {
    if !matches!(result.outcome, Outcome::Pass | Outcome::Fail { .. }) {
        return result;
    }
    let disconnected = result.evidence.iter().find(|e| {
        e.account.as_ref().is_some_and(|a| context.facts.snapshot().accounts.iter().any(|s| s.id == *a && !s.connected))
    });
    if let Some(row) = disconnected {
        let account = row.account.as_ref().map(ToString::to_string).unwrap_or_default();
        let refused = CheckResult::unknown(
            GapReason::NotConnected,
            format!("it rests on account {account}, which is disconnected"),
            format!("Connect {account} again."),
        );
        return refused.with_evidence(result.evidence);
    }
    let limit = context.policy.stale_after_days;
    let oldest = result
        .evidence
        .iter()
        .filter(|e| e.basis != Some(Basis::Stated))
        .filter_map(|e| e.read_at.map(|at| (context.as_of.days_since(at), e)))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    if let Some((age, row)) = oldest.filter(|(age, _)| *age > limit) {
        let detail =
            format!("“{}” was read {age:.0} days before the snapshot; evidence counts for {limit:.0} days", row.label);
        let account = row.account.as_ref().map_or_else(|| "the account".to_owned(), ToString::to_string);
        let refused = CheckResult::unknown(GapReason::Stale, detail, format!("Collect {account} again."));
        return refused.with_evidence(result.evidence);
    }
    let stated = result.evidence.iter().any(|e| e.basis == Some(Basis::Stated));
    if stated && result.outcome == Outcome::Pass {
        let detail = format!("a person states it, no account shows it ({})", result.sentence.trim_end_matches('.'));
        let refused = CheckResult::unknown(GapReason::NotConnected, detail, "Connect the account that shows it.");
        return refused.with_evidence(result.evidence);
    }
    result
}
