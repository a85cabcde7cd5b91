//! The label and the confidence word (`scoring.md` §3.1).

use loadline_model::{Check, Escalation, Gate, Label, MicroPoints, Outcome, RuleInfo, Severity};
use std::collections::BTreeMap;

/// Criticals that stand in the way of a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Criticals {
    /// Anywhere.
    pub(crate) any: bool,
    /// In SPOF or DATA.
    pub(crate) fatal: bool,
}

/// Open criticals, and unknowns that might be one: otherwise withholding evidence of a critical finding would raise the label,
/// which P16b forbids. Acceptances do not enter: an accepted finding is open here.
pub(crate) fn criticals(checks: &[Check], rules: &[RuleInfo]) -> Criticals {
    let rules: BTreeMap<_, _> = rules.iter().map(|r| (&r.id, r)).collect();
    let mut found = Criticals::default();
    for check in checks {
        let Some(rule) = rules.get(&check.rule) else { continue };
        let critical = match check.result.outcome {
            Outcome::Fail { severity } => severity == Severity::Critical,
            Outcome::Unknown { .. } => may_be_critical(rule),
            Outcome::Pass | Outcome::NotApplicable { .. } => false,
        };
        if critical {
            found.any = true;
            found.fatal |= matches!(rule.domain.as_str(), "SPOF" | "DATA");
        }
    }
    found
}

/// Whether a rule's severity words and escalation can reach critical: named, or raised from high by tier or exposure, or from
/// medium by those and urgency together.
fn may_be_critical(rule: &RuleInfo) -> bool {
    let says = |word: &str| rule.severity.to_ascii_lowercase().contains(word);
    says("critical") || rule.escalation == Escalation::Standard && (says("high") || says("medium"))
}

/// The label by number, coverage and criticals.
pub(crate) fn by_number(proven: MicroPoints, coverage: f64, criticals: Criticals) -> Label {
    let points = proven.points();
    if coverage < 0.4 {
        Label::NotRated
    } else if points >= 85.0 && !criticals.any {
        Label::Ready
    } else if points >= 65.0 && !criticals.fatal {
        Label::Conditional
    } else if points >= 40.0 {
        Label::AtRisk
    } else {
        Label::NotReady
    }
}

/// The label after the gates.
pub(crate) fn capped(label: Label, gates: &[Gate]) -> Label {
    gates.iter().filter(|g| !g.open).map(|g| g.caps_at).fold(label, Label::min)
}

/// The confidence word of a coverage.
pub(crate) fn confidence(coverage: f64) -> &'static str {
    match coverage {
        c if c >= 0.9 => "high",
        c if c >= 0.7 => "medium",
        c if c >= 0.4 => "low",
        _ => "insufficient evidence",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_by_number() {
        let check = |points: f64, coverage: f64, any: bool, fatal: bool, expected: Label| {
            let proven = MicroPoints((points * 1e6) as i64);
            assert_eq!(
                by_number(proven, coverage, Criticals { any, fatal }),
                expected,
                "{points} {coverage} {any} {fatal}"
            );
        };
        check(85.0, 1.0, false, false, Label::Ready);
        check(84.999999, 1.0, false, false, Label::Conditional);
        check(100.0, 1.0, true, false, Label::Conditional);
        check(100.0, 1.0, true, true, Label::AtRisk);
        check(64.9, 1.0, false, false, Label::AtRisk);
        check(39.9, 1.0, false, false, Label::NotReady);
        check(100.0, 0.39, false, false, Label::NotRated);
    }

    #[test]
    fn confidence_words() {
        for (coverage, word) in [
            (1.0, "high"),
            (0.9, "high"),
            (0.89, "medium"),
            (0.7, "medium"),
            (0.4, "low"),
            (0.39, "insufficient evidence"),
        ] {
            assert_eq!(confidence(coverage), word);
        }
    }
}
