//! Not containerised, or hosts are changed in place.

use crate::evaluate::Reading;
use crate::source_text::artefacts;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SCALE-007",
    title: "Not containerised, or hosts are changed in place",
    question: "Can you start an identical member from an artefact?",
    why: "A server that was changed by hand cannot be made again. Images made new members a matter of minutes (S1, S3, S4).",
    condition: "Members start from no image, what runs is named by a tag that can change, or people changed production members by \
                hand more than once in 30 days",
    fix: &[
        "a multi-stage image built by the pipeline",
        "tags that never change, deployed by digest",
        "infrastructure as code",
        "a read-only root",
    ],
    effort_days: [2.0, 8.0],
    effort_source: "HD",
    weight: 2,
    severity: "high when it blocks automatic scaling (SCALE-003); medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[Number { key: "changes", value: 1.0, unit: "count", source: "HD" }],
    sources: &[
        (
            "aws",
            "ecs:DescribeTaskDefinition -> image; ec2:DescribeInstances -> ImageId, LaunchTime; ssm:DescribeSessions; lambda functions",
        ),
        ("repository", "Dockerfile, buildpack, image build in the pipeline"),
        ("kubernetes", "containers[].image with digest or tag"),
    ],
    proof_metric: "scale_out_seconds",
    proof: "the time to a ready new member falls",
    false_positives: "Functions that a provider runs.",
    unknown_when: "neither the repository nor the registry nor the platform is connected",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let artefact = seen.text("members start from", key::ARTEFACT);
    if artefact == Some("function") {
        let because = format!("`{name}` is a function that its provider starts from one artefact.");
        return CheckResult::not_applicable(because).with_evidence(seen.rows);
    }
    let mutable = seen.flag("named by a tag that can change", key::ARTEFACT_MUTABLE);
    let by_hand = seen.number("changes by hand in 30 days", "", key::INTERACTIVE_CHANGES_30D);
    if artefact == Some("none") {
        let blocks = seen.text("scales by", key::SCALING_SIGNAL) == Some("none");
        let severity = if blocks { Severity::High } else { Severity::Medium };
        verdict.fault(severity, format!("members of `{name}` start from no artefact: a lost one is rebuilt by hand"));
    }
    if mutable == Some(true) {
        verdict.fault(Severity::Medium, format!("`{name}` runs a tag that can change: two members may differ"));
    }
    if let Some(n) = by_hand.filter(|n| *n > subject.number("changes")) {
        verdict.fault(Severity::Medium, format!("people changed members of `{name}` by hand {n:.0} times in 30 days"));
    }
    let missing = match (artefact.is_none(), mutable.is_none(), by_hand.is_none()) {
        (true, ..) => Some((
            "what members start from",
            "Connect the platform (ecs:DescribeTaskDefinition, ec2:DescribeInstances); the repository shows what is built alone.",
        )),
        (_, true, _) => Some((
            "whether its artefact can change under its name",
            "Connect the platform (ecs:DescribeTaskDefinition) or the registry.",
        )),
        (.., true) => Some((
            "whether people change members by hand",
            "Allow ssm:DescribeSessions, or connect the audit log of the hosts.",
        )),
        _ => None,
    };
    if let Some((what, closes)) = missing {
        // What the repository builds is no proof of what runs, so it stands beside an answer that is open.
        if !verdict.is_faulty() {
            seen.rows.extend(artefacts(&subject.id, context));
        }
        verdict.lacks(GapReason::NotConnected, format!("{what} is not known for `{name}`"), closes);
    }
    verdict.answer(seen.rows, format!("Every member of `{name}` is made from the same artefact."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scale::cases::{scales, service};
    use crate::testing::Case;
    use loadline_model::{Tier, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let from = |case: Case, artefact: &str| case.set("api", key::ARTEFACT, Value::Text(artefact.into()));
        let image = || from(service(Tier::T1), "image").flag("api", key::ARTEFACT_MUTABLE, false);
        check(service(Tier::T1), "unknown not_connected");
        check(from(service(Tier::T1), "function"), "not_applicable");
        check(from(service(Tier::T1), "none"), "fail medium");
        check(from(scales(Tier::T1, "none"), "none"), "fail high");
        check(from(service(Tier::T1), "image"), "unknown not_connected");
        check(image(), "unknown not_connected");
        check(image().number("api", key::INTERACTIVE_CHANGES_30D, 1.0), "pass");
        check(image().number("api", key::INTERACTIVE_CHANGES_30D, 2.0), "fail medium");
        check(from(service(Tier::T1), "image").flag("api", key::ARTEFACT_MUTABLE, true), "fail medium");
    }
}
