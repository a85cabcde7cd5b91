//! An answer from what was found and what was not read: a fault needs no more than itself, a pass needs everything.

use crate::db::wording::duration;
use crate::evaluate::{gap_about, gap_anywhere, gap_of_teller};
use crate::{Context, Subject};
use loadline_model::{CheckResult, Evidence, GapReason, Severity, Tier};

/// Faults of one subject and inputs that are missing, as a rule collects them.
#[derive(Default)]
pub(crate) struct Verdict {
    faults: Vec<(Severity, String)>,
    missing: Vec<CheckResult>,
}

impl Verdict {
    /// Nothing found yet.
    pub(crate) fn new() -> Self {
        Self::default()
    }
    /// Something is wrong: a clause without its full stop.
    pub(crate) fn fault(&mut self, severity: Severity, said: impl Into<String>) {
        self.faults.push((severity, said.into()));
    }
    /// An input is missing: why, what, and what closes it.
    pub(crate) fn lacks(&mut self, reason: GapReason, detail: impl Into<String>, closes: impl Into<String>) {
        self.missing.push(CheckResult::unknown(reason, detail, closes));
    }
    /// An input covers less time than a verdict needs.
    pub(crate) fn short(&mut self, what: &str, have_hours: f64, need_hours: f64) {
        let (have, need) = (duration(have_hours * 3_600.0), duration(need_hours * 3_600.0));
        let left = duration((need_hours - have_hours).max(0.0) * 3_600.0);
        let detail = format!("{what} covers {have} and a verdict needs {need}");
        self.lacks(GapReason::ShortWindow, detail, format!("Collect again in {left}, or connect what recorded it."));
    }
    /// Fewer observations than a verdict needs.
    pub(crate) fn few(&mut self, what: &str, have: usize, need: f64) {
        let detail = format!("{have} {what} were seen and a verdict needs {need:.0}");
        self.lacks(GapReason::LowSample, detail, "Collect again when more were seen, or connect what recorded them.");
    }
    /// What was read of these topics may not be all there is.
    pub(crate) fn hidden(&mut self, subject: &Subject<'_>, context: &Context<'_>, topics: &[&str]) {
        if let Some(gap) = gap_about(&subject.id, context, topics) {
            let detail = format!("what is known about `{}` is incomplete: {}", subject.name(), gap.detail);
            self.lacks(gap.reason, detail, gap.closes.clone());
        }
    }
    /// What an account that shows the subject tells of it may be a part: a gap of that account names one of these words.
    pub(crate) fn told_in_part(&mut self, subject: &Subject<'_>, context: &Context<'_>, words: &[&str]) {
        if let Some(gap) = gap_of_teller(&subject.id, context, words) {
            let detail = format!("what is known about `{}` is incomplete: {}", subject.name(), gap.detail);
            self.lacks(gap.reason, detail, gap.closes.clone());
        }
    }
    /// The same where the topic may be about other things than the subject.
    pub(crate) fn hidden_anywhere(&mut self, subject: &Subject<'_>, context: &Context<'_>, topics: &[&str]) {
        if let Some(gap) = gap_anywhere(context, topics) {
            let detail = format!("what `{}` is judged by is incomplete: {}", subject.name(), gap.detail);
            self.lacks(gap.reason, detail, gap.closes.clone());
        }
    }
    /// Whether an input is missing.
    pub(crate) fn is_lacking(&self) -> bool {
        !self.missing.is_empty()
    }
    /// Whether a fault was found.
    pub(crate) fn is_faulty(&self) -> bool {
        !self.faults.is_empty()
    }
    /// Fails by the worst fault, is unknown by the first missing input, and passes only without either.
    pub(crate) fn answer(mut self, rows: Vec<Evidence>, pass: impl Into<String>) -> CheckResult {
        self.faults.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        if let Some((worst, _)) = self.faults.first() {
            let said: Vec<&str> = self.faults.iter().map(|(_, said)| said.as_str()).collect();
            return CheckResult::fail(*worst, format!("{}.", said.join("; ")), rows);
        }
        match self.missing.into_iter().next() {
            Some(unknown) => unknown.with_evidence(rows),
            None => CheckResult::pass(pass, rows),
        }
    }
}

/// For rules about what users reach: an internal thing (T2) has no check.
pub(crate) fn internal(subject: &Subject<'_>) -> Option<CheckResult> {
    (subject.tier == Tier::T2).then(|| {
        CheckResult::not_applicable(format!("`{}` is internal or batch (T2): no user reaches it.", subject.name()))
            .with_evidence(vec![Evidence::derived("tier", "T2")])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_outweighs_what_is_missing_and_a_pass_needs_everything() {
        let word = |verdict: Verdict| verdict.answer(Vec::new(), "Fine.").outcome.word().to_owned();
        assert_eq!(word(Verdict::new()), "pass");
        let mut verdict = Verdict::new();
        verdict.few("deployments", 3, 5.0);
        assert_eq!(word(verdict), "unknown");
        let mut verdict = Verdict::new();
        verdict.short("the series", 3.0, 24.0);
        verdict.fault(Severity::Low, "b is wrong");
        verdict.fault(Severity::High, "a is wrong");
        let answer = verdict.answer(Vec::new(), "Fine.");
        assert_eq!(answer.sentence, "a is wrong; b is wrong.");
        assert_eq!(answer.outcome.severity(), Some(Severity::High));
    }

    #[test]
    fn what_is_missing_says_what_is_there_and_what_is_needed() {
        let mut verdict = Verdict::new();
        verdict.short("the series", 6.0, 24.0);
        let answer = verdict.answer(Vec::new(), "Fine.");
        assert!(answer.sentence.contains("covers 6 h and a verdict needs 24 h"), "{}", answer.sentence);
    }
}
