//! No feature flags, or flags rot.

use crate::arch::{at, measured, places};
use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::source_text::services_of;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, CodeMigration, Deployment, Escalation, GapReason, Kind, MIGRATION_DONE, Provenance, Severity,
    SubjectId, key,
};

pub(super) const RULE: Rule = Rule {
    id: "DEL-012",
    title: "No feature flags, or flags rot",
    question: "Can you turn a feature off without a deploy?",
    why: "A feature behind a flag is switched off in seconds; without one, the way back is another deployment. S5 shipped behind flags \
          and rolled out step by step.",
    condition: "More than 10 % of the changes of a critical service fail, or its code is being migrated, and no library of feature flags \
                is used; or more than 20 % of the flags of releases are older than 90 days",
    fix: &["one library of flags", "a day of expiry for each flag", "switches for the risky paths"],
    effort_days: [1.0, 4.0],
    effort_source: "HD",
    weight: 1,
    severity: "low; medium while a migration is under way",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Repository]),
    numbers: &[
        Number { key: "failing", value: 0.10, unit: "ratio", source: "S5; WAF OPS06-BP03; HD" },
        Number { key: "done", value: MIGRATION_DONE, unit: "ratio", source: "S1 (90-95 % over time)" },
        Number { key: "unmeasured", value: 0.20, unit: "ratio", source: "HD" },
    ],
    sources: &[
        (
            "git",
            "imports and manifests: LaunchDarkly, Unleash, Flagsmith, OpenFeature, GrowthBook, waffle, Flipper, Split",
        ),
        ("git", "lines under the paths of the setting migration.NAME"),
        ("github, gitlab, aws, import", "deployments of what is built from it, and how they ended"),
    ],
    proof_metric: "change_recovery_time",
    proof: "the time to recover from failed changes falls, as they are switched off instead of rolled back",
    false_positives: "Flags of your own making, which no library shows. Flags of permissions and plans live long on purpose.",
    unknown_when: "there are flags, since no connector tells how old they are; or how the changes of what is built from it ended is not known",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let mut verdict = Verdict::new();
    let name = subject.name();
    measured(subject.number("unmeasured"), subject, &mut seen, &mut verdict);
    let flags = places(key::idiom::FEATURE_FLAGS, subject, context, &mut seen, &mut verdict);
    match flags {
        Some(flags) if flags.likely.is_empty() && flags.possible == 0 => {
            without(subject, context, &mut seen, &mut verdict);
        }
        Some(flags) => {
            let place = if flags.likely.is_empty() { "a manifest".to_owned() } else { at(&flags.likely) };
            verdict.lacks(
                GapReason::FeatureDisabled,
                format!("`{name}` likely has feature flags ({place}); how old they are is not known"),
                "Nothing closes this yet: no account of a flag provider can be connected that tells when a flag was made.",
            );
        }
        None => {}
    }
    verdict.hidden(subject, context, &["code_idiom", "code_migration", key::CODE_IDIOMS]);
    verdict.hidden_anywhere(subject, context, &["deployment", "built_from"]);
    let said = format!("Changes of what is built from `{name}` rarely fail, and it has no flag that could rot.");
    verdict.answer(seen.rows, said)
}

/// A repository in which no flag was seen.
fn without(subject: &Subject<'_>, context: &Context<'_>, seen: &mut Reading<'_>, verdict: &mut Verdict) {
    let name = subject.name();
    // A flag may be in what was not measured.
    let whole = !verdict.is_lacking();
    if let Some((migration, done, from)) = migrating(subject, context) {
        seen.row(format!("{migration}: done"), percent(done), from);
        if whole {
            let said = format!(
                "`{name}` is being migrated (`{migration}`), and no feature flag switches back to the old path"
            );
            verdict.fault(Severity::Medium, said);
        }
    }
    let critical = critical(subject, context);
    if critical.is_empty() {
        verdict.lacks(
            GapReason::UnmappedSubject,
            format!("which critical service is built from `{name}` is not known"),
            "Name the service that is built from it: setting `service` of the account.",
        );
    }
    for id in critical {
        let service = context.reference(&id).name;
        let trend = context.trends.delivery.iter().find(|t| t.subject.id == id);
        let newest = context.facts.facts::<Deployment>(&id).map(|(_, p)| p).max_by_key(|p| (p.read_at, *p));
        let (Some(rate), Some(from)) = (trend.and_then(|t| t.failure_rate), newest) else {
            verdict.lacks(
                GapReason::LowSample,
                format!("how many changes of `{service}` fail is not known"),
                "Connect what deploys it; 20 deployments of known outcome in 90 days say it.",
            );
            continue;
        };
        seen.row(format!("changes of {service} that fail"), percent(rate.p50), from);
        if rate.p50 > subject.number("failing") && whole {
            let said =
                format!("{} of the changes of `{service}` fail, and none can be switched off", percent(rate.p50));
            verdict.fault(Severity::Low, said);
        }
    }
}

/// T0 services that are built from the repository.
fn critical(subject: &Subject<'_>, context: &Context<'_>) -> Vec<SubjectId> {
    let t0 = |id: &SubjectId| {
        context.facts.resource(id).is_none_or(|r| Subject::thing(subject.rule, id, r, context).is_t0())
    };
    services_of(&subject.id, context).into_iter().filter(t0).collect()
}

/// A declared migration of the repository that is not done: its name, how much is.
fn migrating<'a>(subject: &Subject<'_>, context: &Context<'a>) -> Option<(&'a str, f64, &'a Provenance)> {
    let counted = context.facts.facts::<CodeMigration>(&subject.id);
    let open = counted.filter_map(|(m, from)| m.done().map(|done| (m.name.as_str(), done, from)));
    open.filter(|(_, done, _)| *done < subject.number("done")).min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(b.0)))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::del::history::cases::{deployments, failing, service};
    use crate::testing::{Case, as_of};
    use loadline_model::{
        CodeIdiom, CodeMigration, Kind, MigrationMoment, Relation, Setting, Tier, Value, key, key::idiom::FEATURE_FLAGS,
    };

    /// `api` of a tier is built from `repo`, in which so many places of flags were recognised.
    fn flags(tier: Tier, places: u32) -> Case {
        let count = Value::Number(f64::from(places));
        let count = Setting { key: key::CODE_IDIOMS.into(), item: Some(FEATURE_FLAGS.into()), value: count };
        let case = deployments(service(tier), 30, 48, 5)
            .thing("repo", Kind::Repository)
            .edge("api", Relation::BuiltFrom, "repo")
            .number("repo", key::CODE_FILES, 40.0)
            .number("repo", key::CODE_UNMEASURED, 0.0)
            .has("repo", count);
        let idiom = |line, likely| CodeIdiom {
            what: FEATURE_FLAGS.into(),
            path: "src/a.py".into(),
            line,
            likely,
            how: "a case".into(),
        };
        (0..places).fold(case, |case, n| case.has("repo", idiom(n + 1, n == 0)))
    }

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
        let fails = |case, rate| failing(case, Some([rate / 2.0, rate, rate * 2.0]));
        check(Case::new().thing("repo", Kind::Repository), "unknown not_connected");
        check(flags(Tier::T0, 0), "unknown low_sample");
        check(flags(Tier::T1, 0), "unknown unmapped_subject");
        check(fails(flags(Tier::T0, 0), 0.10), "pass");
        check(fails(flags(Tier::T0, 0), 0.12), "fail low");
        check(fails(flags(Tier::T0, 2), 0.12), "unknown feature_disabled");
        check(fails(flags(Tier::T0, 2), 0.02), "unknown feature_disabled");
        check(fails(flags(Tier::T0, 0), 0.02).gap("repo", "code_idiom"), "unknown permission_denied");
        let partly = fails(flags(Tier::T0, 0), 0.12).edit(|s| {
            for fact in &mut s.facts {
                if let loadline_model::Body::Setting(s) = &mut fact.body
                    && s.key == key::CODE_UNMEASURED
                {
                    s.value = Value::Number(0.5);
                }
            }
        });
        check(partly, "unknown truncated");
    }

    #[test]
    fn a_migration_without_a_switch() {
        let moment = MigrationMoment { at: as_of(), old_lines: 60.0, new_lines: 40.0 };
        let moved = CodeMigration { name: "layers".into(), moments: vec![moment], ..CodeMigration::default() };
        let case = failing(flags(Tier::T0, 0), Some([0.01, 0.02, 0.04])).has("repo", moved);
        assert_eq!(case.answer(&RULE, "repo"), "fail medium");
    }
}
