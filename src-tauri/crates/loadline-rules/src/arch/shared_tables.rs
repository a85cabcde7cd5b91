//! Services or domains share tables.

use super::tables_in_source::in_source;
use crate::db::wording::{count, named};
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{
    CheckResult, Escalation, Evidence, Gap, GapReason, Kind, LockSample, Relation, Severity, SubjectId, key,
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const RULE: Rule = Rule {
    id: "ARCH-011",
    title: "Services or domains share tables",
    question: "Can one team change its schema alone?",
    why: "A table that several services write is an interface nobody wrote down: its columns, locks and load belong to all of them, \
          and none can change or scale alone (S2, modular boundaries).",
    condition: "Two services or more write a table, or three domains or more read it outside the one that writes it",
    fix: &[
        "one owner for each table",
        "an interface, view or event for the others",
        "a role of its own for each service",
    ],
    effort_days: [3.0, 15.0],
    effort_source: "HD",
    weight: 1,
    severity: "medium when statements on the database wait for locks; low otherwise",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "writers", value: 2.0, unit: "count", source: "S2 (modular boundaries); HD" },
        Number { key: "readers", value: 3.0, unit: "count", source: "HD" },
        Number { key: "share", value: 0.01, unit: "ratio", source: "HD (fewer writes are repairs by hand)" },
    ],
    sources: &[
        ("postgres", "pg_stat_statements: users whose statements write a table"),
        ("git", "tables in the SQL text of source files, by the domain of the layout"),
    ],
    proof_metric: "boundary_violations",
    proof: "tables with several writers fall to 0",
    false_positives: "Outbox tables; several users of one service; tables of the same name in another database.",
    unknown_when: "one user writes everything, so services cannot be told apart, and no source shows several writers",
    prerequisites: &[],
    check,
};

/// Words of users that run no service.
const NO_SERVICE: [&str; 8] = ["migrat", "admin", "backup", "replic", "flyway", "liquibase", "postgres", "root"];

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut verdict = Verdict::new();
    let mut rows = Vec::new();
    let name = subject.name();
    let stored = context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::StoredIn);
    let tables: BTreeSet<SubjectId> =
        stored.map(|e| e.from).filter(|id| context.facts.resource(id).is_some_and(|r| r.kind == Kind::Table)).collect();
    let mut users = BTreeSet::new();
    let mut shared = Vec::new();
    for table in &tables {
        let writers = writers(table, subject.number("share"), context, &mut rows);
        if writers.len() as f64 >= subject.number("writers") {
            shared.push(context.reference(table).name);
        }
        users.extend(writers);
    }
    let severity = if waits(&subject.id, context) { Severity::Medium } else { Severity::Low };
    if !shared.is_empty() {
        verdict.fault(severity, format!("several services likely write {} of `{name}`", named(&shared)));
    }
    in_source(&tables, subject, severity, context, &mut rows, &mut verdict);
    verdict.hidden(subject, context, &["statement"]);
    verdict.hidden_anywhere(
        subject,
        context,
        &[key::TABLE_WRITES, key::CODE_TABLE_WRITERS, key::CODE_TABLE_READERS, "stored_in"],
    );
    if let Some(gap) = context.facts.gaps_hiding(Kind::Table).next() {
        verdict.lacks(
            gap.reason,
            format!("not all tables of `{name}` may be known: {}", gap.detail),
            gap.closes.clone(),
        );
    }
    let cut = |g: &&Gap| g.reason == GapReason::Truncated && g.subject.as_ref() == Some(&subject.id);
    if let Some(gap) = context.facts.snapshot().gaps.iter().find(cut) {
        verdict.lacks(
            gap.reason,
            format!("what is known about `{name}` is incomplete: {}", gap.detail),
            gap.closes.clone(),
        );
    }
    let callers = callers(&subject.id, context);
    if users.len() < 2 || users.len() < callers {
        let detail = match users.len() {
            0 => format!("which users write the tables of `{name}` is not known"),
            n => format!(
                "{n} users write `{name}` for {} services: who writes what cannot be told apart",
                callers.max(1)
            ),
        };
        verdict.lacks(
            GapReason::NotConnected,
            detail,
            "Give each service a database user of its own, and connect PostgreSQL with pg_stat_statements.",
        );
    }
    verdict.answer(rows, format!("Each table of `{name}` has one writer among {} users.", users.len()))
}

/// Users whose statements write a table, without those who hardly do and those that run no service.
fn writers(table: &SubjectId, least: f64, context: &Context<'_>, rows: &mut Vec<Evidence>) -> BTreeSet<String> {
    let mut of_user: BTreeMap<&str, (f64, _)> = BTreeMap::new();
    for (setting, from) in context.facts.settings(table, key::TABLE_WRITES) {
        let Some((user, calls)) = setting.item.as_deref().zip(setting.value.as_number()) else { continue };
        let known = of_user.entry(user).or_insert((calls, from));
        if from.read_at > known.1.read_at {
            *known = (calls, from);
        }
    }
    let all: f64 = of_user.values().map(|(calls, _)| calls).sum();
    let runs_a_service = |user: &str| {
        let user = user.to_ascii_lowercase();
        !NO_SERVICE.iter().any(|word| user.contains(word))
    };
    of_user.retain(|user, (calls, _)| all > 0.0 && *calls >= all * least && runs_a_service(user));
    if of_user.len() > 1 && rows.len() < 20 {
        for (user, (calls, from)) in &of_user {
            let label = format!("{} is written by {user}", context.reference(table).name);
            rows.push(Evidence::read(label, format!("{} executions", count(*calls)), from));
        }
    }
    of_user.into_keys().map(str::to_owned).collect()
}

/// Services that are known to depend on a thing.
fn callers(id: &SubjectId, context: &Context<'_>) -> usize {
    let edges = context.facts.edges_to(id).filter(|e| matches!(e.edge.relation, Relation::DependsOn { .. }));
    let services = edges.filter(|e| context.facts.resource(&e.from).is_some_and(|r| r.kind == Kind::Service));
    services.map(|e| e.from).collect::<BTreeSet<_>>().len()
}

/// Statements were seen to wait for a lock.
fn waits(id: &SubjectId, context: &Context<'_>) -> bool {
    context.facts.facts::<LockSample>(id).any(|(sample, _)| sample.blocked > 0.0)
}

#[cfg(test)]
#[path = "shared_tables_tests.rs"]
mod tests;
