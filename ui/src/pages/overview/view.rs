//! What Overview says, from the assessment: pure.

use crate::components::evidence::view::{Plan, blast_radius, effort, hours, plan};
use loadline_model::num::cmp9;
use loadline_model::{
    Assessment, Cause, Decomposition, Finding, FindingState, Interval, MicroPoints, Roadmap, Severity,
};

/// One of the worst risks.
#[derive(Clone, Debug, PartialEq)]
pub struct Risk {
    pub finding: Finding,
    pub sentence: String,
    pub blast_radius: Option<f64>,
    pub hours: Option<Interval>,
    pub effort: String,
    pub plan: Plan,
}

/// The worst risks: open failures by severity, then expected hours a year, then points; one per subject, so that five
/// rules that dislike one database do not fill the list.
pub fn worst(assessment: &Assessment, most: usize) -> Vec<Risk> {
    let mut open: Vec<&Finding> = assessment
        .findings
        .iter()
        .filter(|f| f.severity >= Some(Severity::High) && f.state != FindingState::Accepted)
        .collect();
    let yearly = |f: &Finding| hours(assessment, f).map_or(0.0, |h| h.p50);
    open.sort_by(|a, b| {
        b.severity
            .cmp(&a.severity)
            .then_with(|| cmp9(yearly(b), yearly(a)))
            .then_with(|| b.points_lost_micro.cmp(&a.points_lost_micro))
            .then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    let mut risks: Vec<Risk> = Vec::new();
    for finding in open {
        if risks.iter().any(|risk| risk.finding.subject.id == finding.subject.id) {
            continue;
        }
        let (place, item) = plan(assessment, finding);
        // Of a single point of failure the graph knows the consequence better than the rule does.
        let spof = assessment
            .topology
            .spofs
            .iter()
            .find(|s| s.subject.id == finding.subject.id && finding.rule.family() == "SPOF");
        risks.push(Risk {
            sentence: spof.map_or_else(|| finding.sentence.clone(), |spof| spof.why.clone()),
            blast_radius: blast_radius(assessment, finding),
            hours: hours(assessment, finding),
            effort: effort(item, assessment.rule(&finding.rule)),
            plan: place,
            finding: finding.clone(),
        });
        if risks.len() == most {
            break;
        }
    }
    risks
}

/// One step of the waterfall.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The finding it leads to; `None` for the sum of the small ones.
    pub fingerprint: Option<String>,
    pub cause: String,
    pub what: String,
    pub change: MicroPoints,
    /// Points before this step.
    pub from: MicroPoints,
}

/// The decomposition as steps that add up exactly: the largest alone, the rest as one.
pub fn waterfall(changed: &Decomposition, most: usize, title: impl Fn(&str) -> String) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = changed.from;
    let mut push = |fingerprint, cause, what, change: MicroPoints| {
        steps.push(Step { fingerprint, cause, what, change, from: at });
        at = MicroPoints(at.0 + change.0);
    };
    let mut lines: Vec<_> = changed.lines.iter().collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.change.0.abs()));
    // One more line costs less room than a sum of one.
    let shown = if lines.len() <= most + 1 { lines.len() } else { most };
    for line in &lines[..shown] {
        let what = if line.subject.is_empty() {
            title(line.rule.as_str())
        } else {
            format!("{}, {}", title(line.rule.as_str()), line.subject)
        };
        push(Some(line.fingerprint.to_string()), cause_word(line.cause).to_owned(), what, line.change);
    }
    let rest: i64 = lines[shown..].iter().map(|line| line.change.0).sum();
    if shown < lines.len() {
        push(None, "Together".into(), format!("{} smaller changes", lines.len() - shown), MicroPoints(rest));
    }
    steps
}

/// A cause as a line begins with it.
fn cause_word(cause: Cause) -> &'static str {
    match cause {
        Cause::Model => "Model changed",
        Cause::Scope => "Scope changed",
        Cause::Opened => "Opened",
        Cause::Closed => "Closed",
        Cause::BecameUnknown => "Became unknown",
        Cause::ResolvedUnknown => "Now known",
        Cause::Severity => "Severity changed",
        Cause::Exposure => "Exposure changed",
        Cause::Rescaled => "Rescaled",
    }
}

/// The lower and upper edge of the waterfall's scale, in points: all steps with some air.
pub fn scale(changed: &Decomposition, steps: &[Step]) -> (f64, f64) {
    let ends = steps
        .iter()
        .map(|s| MicroPoints(s.from.0 + s.change.0).points())
        .chain([changed.from.points(), changed.to.points()]);
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), p| (l.min(p), h.max(p)));
    let air = ((high - low) * 0.08).max(0.5);
    ((low - air).max(0.0), (high + air).min(100.0))
}

/// The 20 %: half-days of the current sprint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Budget {
    pub total: u32,
    /// Of items that are begun or done.
    pub spent: u32,
    /// Of items not begun.
    pub planned: u32,
    pub left: u32,
}

/// Budget of the first sprint.
pub fn budget(roadmap: &Roadmap) -> Budget {
    let total = roadmap.sprints.first().map_or(roadmap.budget_half_days, |sprint| sprint.budget_half_days);
    let items = roadmap.sprints.first().map(|sprint| sprint.items.as_slice()).unwrap_or_default();
    let sum = |begun: bool| {
        items
            .iter()
            .filter(|i| (i.started_at.is_some() || i.done_at.is_some()) == begun)
            .map(|i| i.half_days.mode)
            .sum()
    };
    let (spent, planned): (u32, u32) = (sum(true), sum(false));
    Budget { total, spent, planned, left: total.saturating_sub(spent + planned) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::DeltaLine;

    fn changed(changes: &[i64]) -> Decomposition {
        let line = |change: &i64| DeltaLine {
            cause: Cause::Closed,
            fingerprint: format!("f{change}").into(),
            rule: "DB-001".into(),
            subject: "prod-db".into(),
            change: MicroPoints(*change),
        };
        let from = MicroPoints(40_000_000);
        Decomposition {
            from,
            to: MicroPoints(from.0 + changes.iter().sum::<i64>()),
            lines: changes.iter().map(line).collect(),
        }
    }

    #[test]
    fn the_waterfall_is_exact_however_much_is_summed_up() {
        for most in 1..8 {
            let changed = changed(&[5_000_001, -1_200_000, 3, -700_000, 90, 1]);
            let steps = waterfall(&changed, most, str::to_owned);
            assert_eq!(steps.iter().map(|s| s.change.0).sum::<i64>(), changed.to.0 - changed.from.0);
            assert!(steps.windows(2).all(|pair| pair[1].from.0 == pair[0].from.0 + pair[0].change.0));
        }
    }

    #[test]
    fn a_sum_of_one_is_shown_as_itself() {
        let steps = waterfall(&changed(&[3, 2, 1]), 2, str::to_owned);
        assert_eq!(steps.len(), 3);
        assert!(steps.iter().all(|step| step.fingerprint.is_some()));
    }

    #[test]
    fn the_scale_holds_every_step() {
        let changed = changed(&[9_000_000, -20_000_000]);
        let steps = waterfall(&changed, 9, str::to_owned);
        let (low, high) = scale(&changed, &steps);
        assert!(low < 20.0 + 9.0 && high > 40.0);
    }

    #[test]
    fn an_empty_plan_leaves_the_whole_budget() {
        let roadmap = Roadmap { budget_half_days: 17, ..Roadmap::default() };
        assert_eq!(budget(&roadmap), Budget { total: 17, spent: 0, planned: 0, left: 17 });
    }
}
