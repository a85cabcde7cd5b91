//! Statements that run once for each row another returned: N+1 as the counters of a database show it, without traces.

use super::reading::{Statement, dependents, statements};
use super::wording::{count, percent};
use crate::{Context, Subject};
use loadline_model::{Evidence, Kind, Relation, SubjectId, Verb};

/// A list and the look-up that follows its rows.
pub(super) struct Loop<'a> {
    list: Statement<'a>,
    look_up: Statement<'a>,
}

impl Loop<'_> {
    /// The sentence, which says that this is likely and not seen.
    pub(super) fn said(&self) -> String {
        format!(
            "Likely N+1: a look-up ran {} times, as often as another statement returned rows ({} a call, {} of them).",
            count(self.look_up.stat.calls),
            count(self.list.rows_per_call()),
            percent(self.look_up.stat.calls / self.list.stat.rows)
        )
    }
    /// Both statements.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let look_up =
            format!("{} calls, {} rows each", count(self.look_up.stat.calls), count(self.look_up.rows_per_call()));
        let list = format!("{} calls, {} rows each", count(self.list.stat.calls), count(self.list.rows_per_call()));
        vec![self.look_up.evidence(look_up), self.list.evidence(list)]
    }
    /// The look-up's text.
    pub(super) fn look_up(&self) -> String {
        self.look_up.text()
    }
}

/// The most frequent loop in a database that this service alone uses: with several, nobody could say whose it is.
pub(super) fn of_service<'a>(subject: &Subject<'_>, context: &Context<'a>) -> Option<Loop<'a>> {
    let databases = databases_of(&subject.id, context);
    let own = databases.into_iter().filter(|d| dependents(d, context).len() == 1);
    own.filter_map(|d| most_frequent(&d, subject, context))
        .max_by(|a, b| a.look_up.stat.calls.total_cmp(&b.look_up.stat.calls))
}

fn databases_of(service: &SubjectId, context: &Context<'_>) -> Vec<SubjectId> {
    let needs = context.facts.edges_from(service).filter(|e| matches!(e.edge.relation, Relation::DependsOn { .. }));
    let mut found: Vec<SubjectId> =
        needs.map(|e| e.to).filter(|id| context.facts.resource(id).is_some_and(|r| r.kind == Kind::Database)).collect();
    found.sort();
    found.dedup();
    found
}

fn most_frequent<'a>(database: &SubjectId, subject: &Subject<'_>, context: &Context<'a>) -> Option<Loop<'a>> {
    let reads: Vec<Statement<'a>> = statements(database, context)
        .all
        .into_iter()
        .filter(|s| s.stat.verb == Verb::Read && s.stat.rows > 0.0)
        .collect();
    let is_look_up = |s: &&Statement<'a>| {
        let one = s.rows_per_call() <= subject.number("look_up_rows");
        one && s.stat.calls >= subject.number("look_ups") && s.stat.text.to_ascii_lowercase().contains(" where ")
    };
    let mut look_ups: Vec<Statement<'a>> = reads.iter().filter(is_look_up).copied().collect();
    look_ups.sort_by(|a, b| b.stat.calls.total_cmp(&a.stat.calls).then(a.stat.fingerprint.cmp(&b.stat.fingerprint)));
    look_ups.into_iter().find_map(|look_up| {
        let follows = |list: &&Statement<'a>| {
            let share = look_up.stat.calls / list.stat.rows;
            let near = (share - 1.0).abs() <= subject.number("tolerance");
            let together = match (&look_up.stat.route, &list.stat.route) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            };
            near && together
                && list.rows_per_call() >= subject.number("list_rows")
                && list.stat.since == look_up.stat.since
        };
        reads.iter().find(follows).map(|list| Loop { list: *list, look_up })
    })
}
