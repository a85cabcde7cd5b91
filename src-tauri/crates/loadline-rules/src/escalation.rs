//! Severity moves by tier, exposure and urgency, in this order (`rules.md` §1.2).

use crate::{Context, Subject};
use loadline_model::{Environment, Escalation, Kind, Severity, Tier};

/// The final severity and why it differs from the base.
pub(crate) fn escalate(base: Severity, subject: &Subject<'_>, context: &Context<'_>) -> (Severity, Vec<String>) {
    if subject.rule.escalation == Escalation::None {
        return (base, Vec::new());
    }
    let mut why = Vec::new();
    let mut levels = 0;
    if subject.environment != Environment::Production {
        levels -= 1;
        why.push("one level lower: not production".to_owned());
    } else if subject.tier == Tier::T2 {
        levels -= 1;
        why.push("one level lower: internal or batch (T2)".to_owned());
    } else if subject.tier == Tier::T0 {
        levels += 1;
        why.push("one level higher: on the hard path of a critical journey or sole copy of user data (T0)".to_owned());
    }
    let blast = context.topology.blast_radius.get(&subject.id).copied();
    match blast {
        Some(b) if b >= 0.5 => {
            // Tier and exposure together raise by at most one level.
            if levels < 1 {
                levels += 1;
                why.push(format!("one level higher: its failure stops {:.0} % of journeys", b * 100.0));
            }
        }
        Some(b) if b <= 0.05 && subject.exposure.known => {
            levels -= 1;
            why.push("one level lower: its failure is known to stop at most 5 % of journeys".to_owned());
        }
        _ => {}
    }
    if limit_within_30_days(subject, context) {
        levels += 1;
        why.push("one level higher: its limit is forecast within 30 days".to_owned());
    }
    let protected_store = subject.rule.data_safety
        && subject.environment == Environment::Production
        && subject.kind().is_some_and(Kind::is_store);
    if protected_store && levels < 0 {
        return (base, vec!["not lowered: data safety on a production store".to_owned()]);
    }
    let moved = base.raised(levels);
    if moved == base { (base, Vec::new()) } else { (moved, why) }
}

fn limit_within_30_days(subject: &Subject<'_>, context: &Context<'_>) -> bool {
    context
        .capacity
        .limits
        .iter()
        .any(|l| l.subject.id == subject.id && l.scenario == "measured" && l.days.is_some_and(|d| d.p10 < 30.0))
}
