//! P14–P22 and P16b at the level of checks.

use super::*;

/// Answers a known check may lose its proof to.
fn denied() -> CheckResult {
    CheckResult::unknown(GapReason::PermissionDenied, "denied", "grant it")
}

/// Each check changed where its bit is set.
fn where_set(checks: &[Check], mask: u32, change: impl Fn(&Check) -> Check) -> Vec<Check> {
    checks.iter().enumerate().map(|(at, c)| if mask >> (at % 32) & 1 == 1 { change(c) } else { c.clone() }).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn p14_bounds(checks in checks()) {
        let score = rated(&checks, &catalog());
        prop_assert!(0 <= score.proven_micro.0 && score.proven_micro <= score.possible_micro && score.possible_micro <= MicroPoints::FULL);
        prop_assert!((0.0..=1.0).contains(&score.coverage));
        for domain in score.domains.iter().filter(|d| d.points.0 > 0) {
            prop_assert!(0.0 <= domain.proven.unwrap() && domain.proven <= domain.possible && domain.possible.unwrap() <= 100.0);
        }
    }

    #[test]
    fn p15_closing_never_lowers(checks in checks(), mask in any::<u32>()) {
        let closed = where_set(&checks, mask, |c| answered(c, CheckResult::pass("fixed", Vec::new())));
        let (before, after) = (rated(&checks, &catalog()), rated(&closed, &catalog()));
        prop_assert!(after.proven_micro >= before.proven_micro && after.possible_micro >= before.possible_micro);
        prop_assert!(after.label >= before.label && after.label_by_number >= before.label_by_number);
    }

    #[test]
    fn p15_milder_severity_never_lowers(checks in checks(), mask in any::<u32>()) {
        let milder = where_set(&checks, mask, |c| match c.result.outcome {
            Outcome::Fail { severity } => answered(c, CheckResult::fail(severity.raised(-1), "milder", Vec::new())),
            _ => c.clone(),
        });
        let (before, after) = (rated(&checks, &catalog()), rated(&milder, &catalog()));
        prop_assert!(after.proven_micro >= before.proven_micro && after.label >= before.label);
    }

    #[test]
    fn p16_unknown_never_raises(checks in checks(), mask in any::<u32>(), hides_exposure in any::<bool>()) {
        let hidden = where_set(&checks, mask, |c| {
            let exposure = if hides_exposure { Exposure { high: 1.0, known: false, ..c.exposure } } else { c.exposure };
            Check { exposure, ..answered(c, denied()) }
        });
        let (before, after) = (rated(&checks, &catalog()), rated(&hidden, &catalog()));
        prop_assert!(after.proven_micro <= before.proven_micro);
        prop_assert!(after.coverage <= before.coverage);
        // P16b at this level: the label does not rise either, although a critical finding may have been hidden.
        prop_assert!(after.label <= before.label && after.label_by_number <= before.label_by_number);
    }

    #[test]
    fn p16b_losing_a_whole_rule_to_a_gap_never_raises(checks in checks(), lost in 0usize..8) {
        let lost = catalog()[lost].id.clone();
        let mut after: Vec<Check> = checks.iter().filter(|c| c.rule != lost).cloned().collect();
        after.push(check_of(lost.as_str(), ORGANISATION, denied(), Exposure::ORGANISATION));
        let (before, after) = (rated(&checks, &catalog()), rated(&after, &catalog()));
        let judged = before.rule_points.iter().any(|(rule, _)| *rule == lost);
        prop_assert!(!judged || after.proven_micro <= before.proven_micro);
        prop_assert!(after.label <= before.label);
    }

    #[test]
    fn p17_resolving_never_lowers(checks in checks(), answers in prop::collection::vec(answer(), 24)) {
        let resolved: Vec<Check> = checks
            .iter()
            .zip(answers)
            .map(|(c, answer)| if c.result.outcome.is_unknown() { answered(c, answer) } else { c.clone() })
            .collect();
        prop_assert!(rated(&resolved, &catalog()).proven_micro >= rated(&checks, &catalog()).proven_micro);
    }

    #[test]
    fn p19_order_does_not_matter(checks in checks(), seed in any::<u64>()) {
        let mut shuffled = checks.clone();
        let mut draws = loadline_model::random::Draws::new(seed);
        for at in (1..shuffled.len()).rev() {
            shuffled.swap(at, draws.below(at + 1));
        }
        let mut rules = catalog();
        rules.reverse();
        prop_assert_eq!(rated(&checks, &catalog()), rated(&shuffled, &rules));
    }

    #[test]
    fn p20_passing_subjects_change_nothing(checks in checks(), more in 1usize..5) {
        let mut padded = checks.clone();
        // Only where something is known already: the first known check of a snapshot does raise what was wholly unknown.
        let judged: Vec<RuleId> = checks.iter().filter(|c| !c.result.outcome.is_unknown()).map(|c| c.rule.clone()).collect();
        padded.extend(judged.iter().flat_map(|r| (0..more).map(|n| pass(r.as_str(), &format!("extra {n}")))));
        let (before, after) = (rated(&checks, &catalog()), rated(&padded, &catalog()));
        prop_assert_eq!((before.proven_micro, before.possible_micro, before.label), (after.proven_micro, after.possible_micro, after.label));
    }

    #[test]
    fn p21_the_gap_to_possible_is_what_is_unknown(checks in checks()) {
        let known: Vec<Check> = checks.iter().map(|c| Check { exposure: exposed(c.exposure.high), ..c.clone() }).collect();
        let passing: Vec<Check> = known
            .iter()
            .map(|c| if c.result.outcome.is_unknown() { answered(c, CheckResult::pass("fine", Vec::new())) } else { c.clone() })
            .collect();
        let (score, resolved) = (rated(&known, &catalog()), rated(&passing, &catalog()));
        prop_assert_eq!(score.possible_micro, resolved.proven_micro);
        let anything_unknown = known.iter().any(|c| c.result.outcome.is_unknown());
        prop_assert!(anything_unknown || score.possible_micro == score.proven_micro);
    }

    #[test]
    fn p22_all_unknown_is_zero_and_not_rated(checks in checks()) {
        let blind: Vec<Check> = checks.iter().map(|c| answered(c, denied())).collect();
        let score = rated(&blind, &catalog());
        prop_assert_eq!((score.proven_micro.0, score.coverage, score.label), (0, 0.0, Label::NotRated));
        prop_assert_eq!(score.possible_micro, MicroPoints::FULL);
    }
}
