//! Module cycles.

use super::reading::{CONNECT, measured};
use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "ARCH-002",
    title: "Module cycles",
    question: "Do modules depend on each other in circles?",
    why: "Modules that import each other can only be understood, tested, changed and taken out together: the circle is the real \
          size of the smallest piece (acyclic dependencies principle).",
    condition: "Two domains are in one circle, a circle has more than 10 modules, or more than 20 % of the lines lie in circles",
    fix: &[
        "invert one import by an interface or an event",
        "move what both need below both",
        "forbid it in the pipeline",
    ],
    effort_days: [1.0, 6.0],
    effort_source: "part of S2 2-4 weeks",
    weight: 2,
    severity: "medium: domains in a circle; low otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "domains", value: 2.0, unit: "count", source: "acyclic dependencies principle; HD" },
        Number { key: "modules", value: 10.0, unit: "count", source: "HD" },
        Number { key: "share", value: 0.20, unit: "ratio", source: "HD" },
        Number { key: "unmeasured", value: 0.20, unit: "ratio", source: "HD" },
    ],
    sources: &[("git", "imports of each file (tree-sitter); strongly connected components of its folders")],
    proof_metric: "boundary_violations",
    proof: "domains in circles fall to 0",
    false_positives: "Imports of types alone; TypeScript's are left out, those of other languages are not told apart.",
    unknown_when: "the languages load code by name, or no import leads into the repository",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    measured(subject.number("unmeasured"), subject, &mut seen, &mut verdict);
    let closes = "Nothing closes this where code is loaded by name.";
    for (language, _) in seen.texts("graph", key::CODE_GRAPH_PARTIAL) {
        let language = language.unwrap_or("its language");
        verdict.lacks(
            GapReason::FeatureDisabled,
            format!("{language} loads code by name: its imports are not all there are"),
            closes,
        );
    }
    let imports = seen.number("imports inside the repository", "", key::CODE_IMPORTS);
    if imports == Some(0.0) {
        verdict.lacks(GapReason::LowSample, format!("no import of `{name}` leads to another of its files"), closes);
    }
    let domains = seen.number("domains in one circle", "", key::CODE_DOMAINS_IN_CYCLE);
    let largest = seen.number("modules of the largest circle", "", key::CODE_LARGEST_CYCLE);
    let share = seen.number("share of lines in circles", "", key::CODE_CYCLIC_SHARE);
    seen.texts("cut here first", key::CODE_CYCLE_EDGE);
    if let Some(domains) = domains.filter(|d| *d >= subject.number("domains")) {
        verdict.fault(
            Severity::Medium,
            format!("{domains:.0} domains of `{name}` import each other in a circle: none can be changed alone"),
        );
    }
    if let Some(largest) = largest.filter(|n| *n > subject.number("modules")) {
        verdict.fault(Severity::Low, format!("{largest:.0} modules of `{name}` are in one circle"));
    }
    if let Some(share) = share.filter(|s| *s > subject.number("share")) {
        verdict.fault(Severity::Low, format!("{} of the lines of `{name}` lie in circles", percent(share)));
    }
    if imports.is_none() || domains.is_none() || largest.is_none() || share.is_none() {
        verdict.lacks(GapReason::NotConnected, format!("the module graph of `{name}` was not drawn"), CONNECT);
    }
    verdict.answer(seen.rows, format!("No circle among the modules of `{name}` is large or joins domains."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::arch::cases::{partly, repository};
    use crate::testing::Case;
    use loadline_model::{Setting, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        let of = |case: Case, imports: f64, domains: f64, largest: f64, share: f64| {
            case.number("repo", key::CODE_IMPORTS, imports)
                .number("repo", key::CODE_DOMAINS_IN_CYCLE, domains)
                .number("repo", key::CODE_LARGEST_CYCLE, largest)
                .number("repo", key::CODE_CYCLIC_SHARE, share)
        };
        let graph = |imports, domains, largest, share| of(repository(), imports, domains, largest, share);
        check(repository(), "unknown not_connected");
        check(graph(0.0, 0.0, 0.0, 0.0), "unknown low_sample");
        check(graph(90.0, 0.0, 0.0, 0.0), "pass");
        check(graph(90.0, 1.0, 4.0, 0.1), "pass");
        check(graph(90.0, 2.0, 2.0, 0.1), "fail medium");
        check(graph(90.0, 1.0, 11.0, 0.1), "fail low");
        check(graph(90.0, 1.0, 4.0, 0.3), "fail low");
        check(of(partly(0.5), 90.0, 0.0, 0.0, 0.0), "unknown truncated");
        let by_name = Setting {
            key: key::CODE_GRAPH_PARTIAL.into(),
            item: Some("ruby".into()),
            value: Value::Text("loads code by name".into()),
        };
        check(graph(90.0, 0.0, 0.0, 0.0).has("repo", by_name.clone()), "unknown feature_disabled");
        check(graph(90.0, 2.0, 2.0, 0.1).has("repo", by_name), "fail medium");
    }
}
