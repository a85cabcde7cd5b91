//! No code ownership.

use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "PPL-002",
    title: "No code ownership",
    question: "Who is asked to review and to fix?",
    why: "What belongs to everybody is reviewed by whoever has time and repaired by whoever is awake. A list of owners routes both.",
    condition: "There is no CODEOWNERS, it names owners that no host understands, or it covers less than 90 % of the source files",
    fix: &["owners are teams, not persons", "require their review where users would notice"],
    effort_days: [0.25, 1.0],
    effort_source: "HD",
    weight: 1,
    severity: "low; medium when the team is larger than 10",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "owned", value: 0.90, unit: "ratio", source: "HD" },
        Number { key: "team", value: 10.0, unit: "count", source: "HD" },
    ],
    sources: &[("git", "CODEOWNERS in the root, .github, docs, .gitlab or .bitbucket, and the files it covers")],
    proof_metric: "truck_factor",
    proof: "the share of files with an owner rises",
    false_positives: "A team of fewer than four.",
    unknown_when: "the repository is not connected",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    let large = f64::from(context.policy.team.people) > subject.number("team");
    let severity = if large { Severity::Medium } else { Severity::Low };
    let connect = "Connect a whole clone of the repository (loadline connect git --path …).";
    match seen.flag("CODEOWNERS", key::CODE_OWNERS_FILE) {
        Some(true) => {
            let errors = seen.number("lines with an owner no host understands", "", key::CODE_OWNERS_ERRORS);
            let owned = seen.number("share of source files with an owner", "", key::CODE_OWNED_SHARE);
            if let Some(errors) = errors.filter(|n| *n > 0.0) {
                verdict.fault(
                    severity,
                    format!("{errors:.0} lines of CODEOWNERS of `{name}` name an owner that no host understands"),
                );
            }
            match owned {
                Some(share) if share < subject.number("owned") => {
                    verdict.fault(
                        severity,
                        format!("{} of the source files of `{name}` have no owner", percent(1.0 - share)),
                    );
                }
                Some(_) if errors.is_some() => {}
                _ => verdict.lacks(
                    GapReason::NotConnected,
                    format!("which files of `{name}` have an owner is not known"),
                    connect,
                ),
            }
        }
        Some(false) => verdict.fault(severity, format!("`{name}` has no CODEOWNERS: nobody in particular is asked")),
        None => verdict.lacks(GapReason::NotConnected, format!("whether `{name}` names owners was not read"), connect),
    }
    verdict.answer(seen.rows, format!("CODEOWNERS names an owner for the source files of `{name}`."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Kind, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        let repository = || Case::new().thing("repo", Kind::Repository);
        let file = |on| repository().flag("repo", key::CODE_OWNERS_FILE, on);
        let owned = |errors: f64, share: f64| {
            file(true).number("repo", key::CODE_OWNERS_ERRORS, errors).number("repo", key::CODE_OWNED_SHARE, share)
        };
        check(repository(), "unknown not_connected");
        check(file(false), "fail low");
        check(file(true), "unknown not_connected");
        check(owned(0.0, 1.0), "pass");
        check(owned(2.0, 1.0), "fail low");
        check(owned(0.0, 0.5), "fail low");
    }
}
