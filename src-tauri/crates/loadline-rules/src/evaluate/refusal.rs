//! What no rule may conclude: a verdict on evidence that is disconnected, too old, or only somebody's word.

use super::reading::{cut_repository, hidden_by};
use crate::{Context, Subject};
use loadline_model::{AccountId, Basis, CheckResult, Evidence, GapReason, IMPORTED, Kind, Outcome, Resource};

/// The result, or unknown when what it rests on is too weak for it. Failing on a person's word is allowed; passing or
/// leaving the denominator on it is not.
pub(super) fn refuse_weak_evidence(result: CheckResult, subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    if result.outcome.is_unknown() {
        return result;
    }
    let refused = disconnected(&result, subject, context)
        .or_else(|| stale(&result, subject, context))
        .or_else(|| merely_stated(&result))
        .or_else(|| cut(&result, subject, context));
    match refused {
        Some(refused) => refused.with_evidence(result.evidence),
        None => result,
    }
}

fn disconnected(result: &CheckResult, subject: &Subject<'_>, context: &Context<'_>) -> Option<CheckResult> {
    let accounts = &context.facts.snapshot().accounts;
    let gone = |account: &AccountId| accounts.iter().any(|a| a.id == *account && !a.connected);
    let of_evidence = result.evidence.iter().filter_map(|e| e.account.as_ref()).find(|a| gone(a));
    // Evidence may follow from the model alone; then the thing itself must still be seen by somebody.
    let witnesses: Vec<&AccountId> = context.facts.facts::<Resource>(&subject.id).map(|(_, p)| &p.account).collect();
    let of_existence = witnesses.first().copied().filter(|_| witnesses.iter().all(|a| gone(a)));
    let account = of_evidence.or(of_existence)?;
    Some(CheckResult::unknown(
        GapReason::NotConnected,
        format!("it rests on account {account}, which is disconnected"),
        format!("Connect {account} again."),
    ))
}

fn stale(result: &CheckResult, subject: &Subject<'_>, context: &Context<'_>) -> Option<CheckResult> {
    let limit = context.policy.stale_after_days;
    // What a person said does not age by being read; what it is about may, and the rule judges that.
    let of_evidence = result
        .evidence
        .iter()
        .filter(|e| e.basis != Some(Basis::Stated))
        .filter_map(|e| e.read_at.map(|at| (context.as_of.days_since(at), e)))
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(age, row): (f64, &Evidence)| (age, format!("“{}”", row.label), row.account.clone()));
    let of_existence = context
        .facts
        .facts::<Resource>(&subject.id)
        .map(|(_, p)| p)
        .max_by_key(|p| (p.basis == Basis::Stated, p.read_at))
        .filter(|p| p.basis != Basis::Stated)
        .map(|p| (context.as_of.days_since(p.read_at), format!("`{}`", subject.name()), Some(p.account.clone())));
    let (age, what, account) = [of_evidence, of_existence].into_iter().flatten().find(|(age, ..)| *age > limit)?;
    let closes = match account {
        Some(account) if account.as_str() == IMPORTED => {
            "Import the newest file again (loadline import), best from the pipeline that writes it.".to_owned()
        }
        Some(account) if is_clone(&account, context) => {
            format!("In the clone: git pull. Then collect {account} again.")
        }
        Some(account) => format!("Collect {account} again."),
        None => "Collect the account again.".to_owned(),
    };
    Some(CheckResult::unknown(
        GapReason::Stale,
        format!("{what} was read {age:.0} days before the snapshot; evidence counts for {limit:.0} days"),
        closes,
    ))
}

/// A collection reads a clone as it is; nobody but its owner fetches.
fn is_clone(account: &AccountId, context: &Context<'_>) -> bool {
    context.facts.snapshot().accounts.iter().any(|a| a.id == *account && a.provider == "git")
}

fn merely_stated(result: &CheckResult) -> Option<CheckResult> {
    let good = matches!(result.outcome, Outcome::Pass | Outcome::NotApplicable { .. });
    let stated = result.evidence.iter().any(|e| e.basis == Some(Basis::Stated));
    (good && stated).then(|| {
        CheckResult::unknown(
            GapReason::NotConnected,
            format!("a person states it, no account shows it ({})", result.sentence.trim_end_matches('.')),
            "Connect the account that shows it.",
        )
    })
}

/// A repository of which a part was not read: the fault that nobody saw may be in it.
fn cut(result: &CheckResult, subject: &Subject<'_>, context: &Context<'_>) -> Option<CheckResult> {
    let good = matches!(result.outcome, Outcome::Pass | Outcome::NotApplicable { .. });
    let gap = (good && subject.kind() == Some(Kind::Repository))
        .then(|| cut_repository(&subject.id, &result.evidence, context))?;
    gap.map(|gap| hidden_by(gap, subject))
}
