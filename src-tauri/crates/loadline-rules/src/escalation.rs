//! Severity moves by tier, exposure and urgency, in this order (`rules.md` §1.2).

use crate::{Context, Subject};
use loadline_model::{Environment, Escalation, Kind, Limited, Severity, Tier};

/// Days within which a forecast limit makes a finding urgent (`rules.md` §1.2).
const URGENT_DAYS: f64 = 30.0;

/// The final severity and why it differs from the base.
pub(crate) fn escalate(base: Severity, subject: &Subject<'_>, context: &Context<'_>) -> (Severity, Vec<String>) {
    // The organisation has neither a tier nor a blast radius.
    if subject.rule.escalation == Escalation::None || subject.resource.is_none() {
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
    match context.topology.blast_radius.get(&subject.id).copied() {
        // Tier and exposure together raise by at most one level.
        Some(b) if b >= 0.5 && levels < 1 => {
            levels += 1;
            why.push(format!("one level higher: its failure stops {:.0} % of journeys", b * 100.0));
        }
        Some(b) if b <= 0.05 && subject.exposure.known => {
            levels -= 1;
            why.push("one level lower: its failure is known to stop at most 5 % of journeys".to_owned());
        }
        _ => {}
    }
    if limit_is_near(subject, context) {
        levels += 1;
        why.push(format!("one level higher: its limit is forecast within {URGENT_DAYS:.0} days"));
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

/// For rules that say the final word themselves: one level lower where no user would notice.
pub(crate) fn in_its_environment(severity: Severity, subject: &Subject<'_>) -> Severity {
    if subject.environment == Environment::Production { severity } else { severity.raised(-1) }
}

/// The median forecast of a limit that the rule's fix would move lies within 30 days.
fn limit_is_near(subject: &Subject<'_>, context: &Context<'_>) -> bool {
    let limits = limits_moved_by(subject.rule.id);
    // Without a fitted growth the forecast is the 20 % scenario, as for the first limit: unmeasured is not calm.
    let scenario = if context.capacity.growth.monthly.is_some() { "measured" } else { "20_percent" };
    context.capacity.limits.iter().any(|l| {
        l.subject.id == subject.id
            && limits.contains(&l.resource)
            && l.scenario == scenario
            && l.days.is_some_and(|d| d.p50 < URGENT_DAYS)
    })
}

/// Which limits a rule is about: the "matching capacity rule" of the catalog.
fn limits_moved_by(rule: &str) -> &'static [Limited] {
    match rule {
        "DB-002" | "DB-003" | "DB-004" | "DB-010" | "DB-020" | "CAP-001" => &[Limited::Cpu],
        "DB-007" | "DB-008" | "DB-009" => &[Limited::Connections],
        "CAP-005" => &[Limited::Connections, Limited::Workers],
        "DB-012" => &[Limited::Memory, Limited::Iops],
        "CACHE-003" | "CAP-002" => &[Limited::Memory],
        "DB-018" | "CAP-003" => &[Limited::Disk],
        "CAP-004" => &[Limited::Iops],
        "CAP-006" => &[Limited::Quota],
        "SCALE-003" | "SCALE-004" | "SCALE-005" => &[Limited::Members],
        "ASYNC-002" | "ASYNC-003" | "ASYNC-005" => &[Limited::QueueDrain],
        "CAP-009" => &[Limited::IntegerKey],
        _ => &[],
    }
}

#[cfg(test)]
mod tests;
