//! Reading facts so that what was read is shown: no verdict can rest on a fact that its evidence does not list.

use crate::{Context, Subject};
use loadline_model::{
    AccountId, Basis, CheckResult, EdgeView, Evidence, Gap, GapReason, IMPORTED, Provenance, RECORDED, Relation,
    Resource, SubjectId, Value, key,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Reads settings of one thing and keeps each as a row of evidence.
pub(crate) struct Reading<'c> {
    context: &'c Context<'c>,
    id: SubjectId,
    /// What was read so far, in order.
    pub(crate) rows: Vec<Evidence>,
}

impl<'c> Reading<'c> {
    /// Nothing read yet.
    pub(crate) fn of(subject: &Subject<'_>, context: &'c Context<'c>) -> Self {
        Self { context, id: subject.id.clone(), rows: Vec::new() }
    }
    /// A switch.
    pub(crate) fn flag(&mut self, label: &str, key: &str) -> Option<bool> {
        let (on, from) = self.context.facts.flag(&self.id, key)?;
        self.row(label, Value::Bool(on).to_string(), from);
        Some(on)
    }
    /// A number, shown with its unit.
    pub(crate) fn number(&mut self, label: &str, unit: &str, key: &str) -> Option<f64> {
        let (number, from) = self.context.facts.number(&self.id, key)?;
        self.row(label, format!("{} {unit}", Value::Number(number)).trim_end().to_owned(), from);
        Some(number)
    }
    /// Words.
    pub(crate) fn text(&mut self, label: &str, key: &str) -> Option<&'c str> {
        let (text, from) = self.context.facts.text(&self.id, key)?;
        self.row(label, text, from);
        Some(text)
    }
    /// The believed value of a setting for each of its items, without item first.
    fn believed(&self, key: &str) -> BTreeMap<Option<&'c str>, (&'c Value, &'c Provenance)> {
        let mut believed: BTreeMap<Option<&'c str>, (&'c Value, &'c Provenance)> = BTreeMap::new();
        for (setting, from) in self.context.facts.settings(&self.id, key) {
            let rank = |p: &Provenance| (p.basis, Reverse(p.read_at));
            let known = believed.entry(setting.item.as_deref()).or_insert((&setting.value, from));
            if rank(from) < rank(known.1) {
                *known = (&setting.value, from);
            }
        }
        believed
    }
    /// A switch for each of its items.
    pub(crate) fn flags(&mut self, label: &str, key: &str) -> Vec<(Option<&'c str>, bool)> {
        self.each(label, "", key, Value::as_bool)
    }
    /// A number for each of its items, shown with its unit.
    pub(crate) fn numbers(&mut self, label: &str, unit: &str, key: &str) -> Vec<(Option<&'c str>, f64)> {
        self.each(label, unit, key, Value::as_number)
    }
    /// Words for each of its items.
    pub(crate) fn texts(&mut self, label: &str, key: &str) -> Vec<(Option<&'c str>, &'c str)> {
        self.each(label, "", key, Value::as_text)
    }
    fn each<T>(
        &mut self,
        label: &str,
        unit: &str,
        key: &str,
        of: impl Fn(&'c Value) -> Option<T>,
    ) -> Vec<(Option<&'c str>, T)> {
        let mut read = Vec::new();
        for (item, (value, from)) in self.believed(key) {
            let Some(known) = of(value) else { continue };
            let label = item.map_or_else(|| label.to_owned(), |item| format!("{label}, {item}"));
            self.row(label, format!("{value} {unit}").trim_end().to_owned(), from);
            read.push((item, known));
        }
        read
    }
    /// Whether a provider operates the thing.
    pub(crate) fn managed(&mut self) -> Option<bool> {
        let said = self.context.facts.facts::<Resource>(&self.id).filter_map(|(r, p)| r.managed.map(|m| (m, p)));
        let (managed, from) = said.min_by_key(|(_, p)| (p.basis, Reverse(p.read_at)))?;
        self.row("operated by", if managed { "a provider" } else { "yourselves" }, from);
        Some(managed)
    }
    /// Members of the thing's redundancy group.
    pub(crate) fn members(&mut self) -> Vec<EdgeView<'c>> {
        let members: Vec<EdgeView<'c>> =
            self.context.facts.edges_to(&self.id).filter(|e| e.edge.relation == Relation::MemberOf).collect();
        for member in &members {
            let name = self.context.reference(&member.from).name;
            self.row("member", name, member.provenance);
        }
        members
    }
    /// Anything else that was read from a source.
    pub(crate) fn row(&mut self, label: impl Into<String>, value: impl Into<String>, from: &Provenance) {
        self.rows.push(Evidence::read(label, value, from));
    }
    /// Something that happened. What was recorded here is as true later as when it was told, while an account is asked again; how
    /// long ago it happened is the rule's to judge.
    pub(crate) fn happened(&mut self, label: impl Into<String>, value: impl Into<String>, from: &Provenance) {
        let row = Evidence::read(label, value, from);
        let read_at = row.read_at.filter(|_| from.account.as_str() != RECORDED);
        self.rows.push(Evidence { read_at, ..row });
    }
    /// `likely ` where what was read last was recognised in code by its shape, which may be something else.
    pub(crate) fn likely(&self) -> &'static str {
        if self.rows.last().is_some_and(|row| row.basis == Some(Basis::Inferred)) { "likely " } else { "" }
    }
    /// Something that follows from the model.
    pub(crate) fn follows(&mut self, label: &str, value: impl Into<String>) {
        self.rows.push(Evidence::derived(label, value));
    }
}

/// A gap about this thing whose scope names one of the topics: what was read of them may not be all there is.
pub(crate) fn gap_about<'c>(id: &SubjectId, context: &Context<'c>, topics: &[&str]) -> Option<&'c Gap> {
    let about = |gap: &&Gap| gap.subject.as_ref().is_some_and(|s| context.facts.canonical(s) == *id);
    gaps_of(topics, context).find(about)
}

/// A gap of an account that shows this thing, about the thing or about no single one, whose words name one of these: what
/// that account tells of the thing may be a part.
pub(crate) fn gap_of_teller<'c>(id: &SubjectId, context: &Context<'c>, words: &[&str]) -> Option<&'c Gap> {
    let tellers: BTreeSet<&AccountId> = context.facts.facts::<Resource>(id).map(|(_, p)| &p.account).collect();
    let tells = |gap: &&Gap| gap.account.as_ref().is_some_and(|a| tellers.contains(a));
    let about = |gap: &&Gap| gap.subject.as_ref().is_none_or(|s| context.facts.canonical(s) == *id);
    let named = |gap: &&Gap| words.iter().any(|word| gap.detail.contains(word));
    // Scopes of clouds end with their region: what another region refused says nothing of this thing.
    let regions: BTreeSet<&str> = context.topology.graph.nodes.iter().filter_map(|n| n.region.as_deref()).collect();
    let own = context.facts.resource(id).and_then(|r| r.region.as_deref());
    let near = |gap: &&Gap| {
        let place = gap.scope.rsplit('/').next().unwrap_or_default();
        own.is_none_or(|own| place == own || !regions.contains(place))
    };
    context.facts.snapshot().gaps.iter().filter(tells).filter(about).filter(near).find(named)
}

/// The same about anything: for verdicts that rest on having seen all of something.
pub(crate) fn gap_anywhere<'c>(context: &Context<'c>, topics: &[&str]) -> Option<&'c Gap> {
    gaps_of(topics, context).next()
}

fn gaps_of<'c>(topics: &[&str], context: &Context<'c>) -> impl Iterator<Item = &'c Gap> {
    context.facts.snapshot().gaps.iter().filter(|gap| topics.iter().any(|topic| tells_of(&gap.scope, topic)))
}

/// Parts of files that people import are called after the files; these hold what a topic names.
const FILES: [(&str, &str); 2] =
    [(key::ONCALL_LEVELS, "pagerduty/policies"), (key::ONCALL_PEOPLE, "pagerduty/schedule ")];

fn tells_of(scope: &str, topic: &str) -> bool {
    scope.contains(topic) || FILES.iter().any(|(of, file)| *of == topic && scope.starts_with(file))
}

/// Why a part of what was asked for is missing although the rest of it was told.
const CUT: [GapReason; 7] = [
    GapReason::Truncated,
    GapReason::LimitReached,
    GapReason::ApiError,
    GapReason::ParseError,
    GapReason::TimedOut,
    GapReason::RateLimited,
    GapReason::Cancelled,
];
/// Words of gaps whose topic has facts of its own (is the history whole, were the advisories read), and of one that costs nothing.
const SAID_ELSEWHERE: [&str; 3] = ["history", "advisories", "commits touch more than"];
/// Topics of hosts that tell of deployments, changes and incidents: rules about those look for them by name.
const ELSEWHERE: [&str; 3] = ["deployments/", "change_requests/", "incidents/"];

/// What an account that told one of these rows could not read of the repository: the rows may be a part of what is there.
pub(crate) fn cut_repository<'c>(id: &SubjectId, rows: &[Evidence], context: &Context<'c>) -> Option<&'c Gap> {
    let told = |gap: &&Gap| gap.account.is_some() && rows.iter().any(|row| row.account == gap.account);
    let about = |gap: &&Gap| gap.subject.as_ref().is_some_and(|s| context.facts.canonical(s) == *id);
    let covered = |gap: &&Gap| {
        SAID_ELSEWHERE.iter().any(|word| gap.detail.contains(word))
            || ELSEWHERE.iter().any(|part| gap.scope.starts_with(part))
    };
    let gaps = context.facts.snapshot().gaps.iter().filter(|gap| CUT.contains(&gap.reason));
    gaps.filter(about).filter(told).find(|gap| !covered(gap))
}

/// What an imported file of a format did not tell of this repository: parts are called `format/tool/repository`.
pub(crate) fn cut_import<'c>(id: &SubjectId, format: &str, context: &Context<'c>) -> Option<&'c Gap> {
    let imported = |gap: &&Gap| gap.account.as_ref().is_some_and(|account| account.as_str() == IMPORTED);
    let about = |gap: &&Gap| {
        let Some(part) = gap.scope.strip_prefix(format).filter(|part| part.starts_with('/')) else { return false };
        // Names of tools and ids of repositories may both hold a slash.
        let mut ends = part.match_indices('/').map(|(at, _)| SubjectId::new(&part[at + 1..]));
        ends.any(|of| context.facts.canonical(&of) == *id)
    };
    context.facts.snapshot().gaps.iter().filter(imported).find(about)
}

/// Unknown with the words of the gap that hides the answer.
pub(crate) fn hidden_by(gap: &Gap, subject: &Subject<'_>) -> CheckResult {
    let detail = format!("what is known about `{}` is incomplete: {}", subject.name(), gap.detail);
    CheckResult::unknown(gap.reason, detail, gap.closes.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Case;
    use loadline_model::Kind;

    /// Parts as connectors and imports call them, with the word by which rules look for their gaps.
    #[test]
    fn topics_of_people_and_delivery_are_parts_that_are_read() {
        let check = |part: &str, topic: &str| assert!(tells_of(part, topic), "{topic} in {part}");
        check("oncall.levels", key::ONCALL_LEVELS);
        check("oncall.people", key::ONCALL_PEOPLE);
        check("pagerduty/policies", key::ONCALL_LEVELS);
        check("pagerduty/schedule P1", key::ONCALL_PEOPLE);
        check("pagerduty/incidents", "incident");
        check("incidents/acme/shop", "incident");
        check("deployments/acme/shop", "deployment");
        check("change_requests/acme/shop", "change_request");
        check("migration.progress", "migration.");
        assert!(!tells_of("pagerduty/incidents", key::ONCALL_LEVELS));
    }

    #[test]
    fn a_cut_counts_where_it_is_read_and_nothing_else_says_it() {
        let cut = |scope: &str, detail: &str| {
            let case = Case::new().thing("repo", Kind::Repository).number("repo", key::CODE_FILES, 9.0);
            let mut found = false;
            case.cut("repo", scope).edit(|s| s.gaps[0].detail = detail.into()).look(|context| {
                let rows: Vec<Evidence> = context
                    .facts
                    .number(&"repo".into(), key::CODE_FILES)
                    .map(|(_, from)| Evidence::read("files", "9", from))
                    .into_iter()
                    .collect();
                found = cut_repository(&"repo".into(), &rows, context).is_some();
                assert!(cut_repository(&"repo".into(), &[], context).is_none(), "nothing of that account was read");
            });
            found
        };
        assert!(cut("repository", "7 files of HEAD are not in the clone"));
        assert!(!cut("repository", "history: the clone is shallow"));
        assert!(!cut("deployments/acme/shop", "one page was not answered"));
    }
}
