//! The ten laws of readiness as far as checks and score can show them.

use super::*;
use crate::ledger::{Moment, update};
use crate::{Scored, decompose, findings};

fn accepted(fingerprint: &Fingerprint) -> (Fingerprint, Acceptance) {
    let acceptance = Acceptance {
        owner: "Ada".into(),
        reason: "known".into(),
        until: Timestamp(i64::MAX),
        author: "Ada".into(),
        at: Timestamp(0),
    };
    (fingerprint.clone(), acceptance)
}

fn with(checks: &[Check], at: usize, result: CheckResult) -> Vec<Check> {
    let mut changed = checks.to_vec();
    changed[at].result = result;
    changed
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn law_1_fail_to_pass_never_lowers(checks in checks()) {
        let before = rated(&checks, &catalog());
        for at in (0..checks.len()).filter(|at| checks[*at].result.outcome.severity().is_some()) {
            let after = rated(&with(&checks, at, CheckResult::pass("fixed", Vec::new())), &catalog());
            prop_assert!(after.proven_micro >= before.proven_micro && after.possible_micro >= before.possible_micro);
        }
    }

    #[test]
    fn law_2_resolving_an_unknown_never_lowers_proven(checks in checks(), answer in answer(), worst in severity()) {
        let before = rated(&checks, &catalog());
        for at in (0..checks.len()).filter(|at| checks[*at].result.outcome.is_unknown()) {
            prop_assert!(rated(&with(&checks, at, answer.clone()), &catalog()).proven_micro >= before.proven_micro);
            let failed = rated(&with(&checks, at, CheckResult::fail(worst, "bad", Vec::new())), &catalog());
            prop_assert!(failed.proven_micro >= before.proven_micro && failed.possible_micro <= before.possible_micro);
        }
    }

    #[test]
    fn law_3_the_truth_lies_between(checks in checks(), truth in prop::collection::vec((answer(), 0u32..=100), 24)) {
        let interval = rated(&checks, &catalog());
        let completed: Vec<Check> = checks
            .iter()
            .zip(&truth)
            .map(|(c, (answer, at))| {
                let e = c.exposure.low + (c.exposure.high - c.exposure.low) * f64::from(*at) / 100.0;
                let result = match (c.result.outcome.is_unknown(), answer.outcome.is_unknown()) {
                    (false, _) => c.result.clone(),
                    (true, true) => CheckResult::pass("fine", Vec::new()),
                    (true, false) => answer.clone(),
                };
                Check { exposure: exposed(e), ..answered(c, result) }
            })
            .collect();
        let truth = rated(&completed, &catalog());
        prop_assert!(interval.proven_micro <= truth.proven_micro && truth.proven_micro <= interval.possible_micro);
        prop_assert_eq!(truth.proven_micro, truth.possible_micro);
    }

    #[test]
    fn law_4_accepting_never_raises(checks in checks()) {
        let score = rated(&checks, &catalog());
        let acceptances = checks.iter().map(|c| accepted(&c.fingerprint)).collect();
        let moment = Moment { snapshot: &"s1".into(), at: Timestamp(1) };
        let ledger = update(&[], &checks, &acceptances, &moment);
        let shown = findings(&checks, &ledger, &catalog(), &score, &acceptances, Timestamp(1));
        // Accepted findings stay findings, keep their loss, and stay in the denominator.
        prop_assert!(shown.iter().all(|f| f.state == FindingState::Accepted));
        prop_assert_eq!(shown.iter().map(|f| f.points_lost_micro).sum::<i64>(), 100_000_000 - score.proven_micro.0);
    }

    #[test]
    fn law_4_withholding_evidence_never_raises_proven(checks in checks(), at in any::<prop::sample::Index>()) {
        let withheld = with(&checks, at.index(checks.len()), CheckResult::unknown(GapReason::ExcludedByUser, "excluded", "include it"));
        prop_assert!(rated(&withheld, &catalog()).proven_micro <= rated(&checks, &catalog()).proven_micro);
    }

    #[test]
    fn law_5_passing_resources_do_not_offset_failing_ones(checks in checks(), extra in 1usize..200) {
        let failing = || checks.iter().filter(|c| c.result.outcome.severity().is_some());
        let mut padded = checks.clone();
        padded.extend(failing().flat_map(|c| (0..extra).map(move |n| pass(c.rule.as_str(), &format!("healthy {n}")))));
        prop_assert_eq!(rated(&padded, &catalog()).losses, rated(&checks, &catalog()).losses);
    }

    #[test]
    fn law_6_same_evidence_same_bytes(checks in checks()) {
        let bytes = |checks: &[Check]| serde_json::to_string(&rated(checks, &catalog())).unwrap();
        let through_json: Vec<Check> = serde_json::from_str(&serde_json::to_string(&checks).unwrap()).unwrap();
        prop_assert_eq!(bytes(&checks), bytes(&through_json));
        let reversed: Vec<Check> = checks.iter().rev().cloned().collect();
        prop_assert_eq!(bytes(&checks), bytes(&reversed));
    }

    #[test]
    fn law_7_every_point_lost_resolves_to_a_check(checks in checks()) {
        let score = rated(&checks, &catalog());
        prop_assert_eq!(score.losses.iter().map(|l| l.lost.0).sum::<i64>(), 100_000_000 - score.proven_micro.0);
        for loss in &score.losses {
            let check = checks.iter().find(|c| c.fingerprint == loss.fingerprint).expect("a check");
            prop_assert_eq!((&check.rule, check.result.outcome.word()), (&loss.rule, loss.result.as_str()));
            prop_assert!(!check.result.evidence.is_empty() || check.result.gap.is_some());
        }
    }

    #[test]
    fn law_8_one_definition_everywhere(checks in checks()) {
        let score = rated(&checks, &catalog());
        let carried: i64 = score.domains.iter().map(|d| d.points.0).sum();
        prop_assert_eq!(carried, 100_000_000);
        prop_assert_eq!(score.rule_points.iter().map(|(_, p)| p.0).sum::<i64>(), carried);
        let from_domains: f64 = score.domains.iter().filter_map(|d| Some(d.points.points() * d.proven? / 100.0)).sum();
        prop_assert!((from_domains - score.proven).abs() < 1e-6);
        prop_assert_eq!(score.proven, score.proven_micro.points());
    }

    #[test]
    fn law_9_removing_permissions_only_takes_away(checks in checks(), mask in any::<u32>()) {
        let hidden = |(at, c): (usize, &Check)| match mask >> (at % 32) & 1 {
            1 => answered(c, CheckResult::unknown(GapReason::PermissionDenied, "denied", "grant it")),
            _ => c.clone(),
        };
        let after: Vec<Check> = checks.iter().enumerate().map(hidden).collect();
        let (before, after) = (rated(&checks, &catalog()), rated(&after, &catalog()));
        prop_assert!(after.proven_micro <= before.proven_micro && after.label <= before.label && after.coverage <= before.coverage);
        let opened = |s: &Score| s.gates.iter().filter(|g| g.open).map(|g| g.id.clone()).collect::<Vec<_>>();
        let still: Vec<String> = opened(&after);
        prop_assert!(still.iter().all(|id| opened(&before).contains(id)));
    }

    #[test]
    fn law_10_the_change_is_the_sum_of_its_causes(before in checks(), after in checks()) {
        let (then, now) = (rated(&before, &catalog()), rated(&after, &catalog()));
        let side = |score, checks| Scored { score, checks, model_version: MODEL_VERSION };
        let delta = decompose(&side(&then, &before), &side(&now, &after));
        prop_assert_eq!(delta.lines.iter().map(|l| l.change.0).sum::<i64>(), now.proven_micro.0 - then.proven_micro.0);
        // What a newly discovered resource costs is never called opened.
        let known = |c: &Check| before.iter().any(|b| b.subject.id == c.subject.id);
        for line in delta.lines.iter().filter(|l| l.cause == Cause::Opened) {
            prop_assert!(after.iter().any(|c| c.fingerprint == line.fingerprint && known(c)));
        }
    }
}
