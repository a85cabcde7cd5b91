//! Indexes to add and to drop: the rules' findings, with the share of the workload that each one touches.

use super::tables::database_of;
use super::{Concluded, same_table, subject_ref};
use loadline_model::databases::{IndexAction, IndexAdvice, StatementRow, Unproven};
use loadline_model::{FactIndex, Finding, FindingState, IndexStat, TableStat, num};
use std::collections::BTreeMap;

/// What each of the two rules about indexes asks for.
const RULES: [(&str, IndexAction); 2] = [("DB-003", IndexAction::Add), ("DB-019", IndexAction::Drop)];
/// Tables named of those that one thing would close.
const NAMED: usize = 3;

/// Findings about indexes, the ones that touch most of the workload first.
pub(super) fn indexes(
    index: &FactIndex<'_>,
    assessed: &Concluded<'_>,
    statements: &[StatementRow],
) -> Vec<IndexAdvice> {
    let mut advice: Vec<IndexAdvice> = assessed
        .findings
        .iter()
        .filter(|f| f.result == "fail")
        .filter_map(|f| Some(one(index, statements, f, action(f)?)))
        .collect();
    advice.sort_by(|a, b| {
        let by = |x: Option<f64>, y: Option<f64>| num::cmp9(y.unwrap_or(-1.0), x.unwrap_or(-1.0));
        // To add: what helps the workload most. To drop: what frees most.
        let first = |x: &IndexAdvice| if x.action == IndexAction::Add { x.weight } else { x.bytes };
        a.action
            .cmp(&b.action)
            .then_with(|| by(first(a), first(b)))
            .then_with(|| b.severity.cmp(&a.severity))
            .then_with(|| a.finding.cmp(&b.finding))
    });
    advice
}

/// Findings about indexes that are not proven, grouped by what closes them.
pub(super) fn unproven(assessed: &Concluded<'_>) -> Vec<Unproven> {
    let mut groups: BTreeMap<(&str, &str), Unproven> = BTreeMap::new();
    for finding in assessed.findings.iter().filter(|f| f.result == "unknown" && action(f).is_some()) {
        let Some(gap) = &finding.gap else { continue };
        let group = groups.entry((finding.rule.as_str(), &gap.closes)).or_insert_with(|| Unproven {
            rule: finding.rule.clone(),
            tables: Vec::new(),
            count: 0,
            detail: gap.detail.clone(),
            closes: gap.closes.clone(),
        });
        group.count += 1;
        if group.tables.len() < NAMED {
            group.tables.push(finding.subject.name.clone());
        }
    }
    groups.into_values().collect()
}

fn action(finding: &Finding) -> Option<IndexAction> {
    RULES.iter().find(|(rule, _)| finding.rule.as_str() == *rule).map(|(_, action)| *action)
}

fn one(index: &FactIndex<'_>, statements: &[StatementRow], finding: &Finding, action: IndexAction) -> IndexAdvice {
    let table = &finding.subject;
    let database = database_of(index, &table.id);
    let own = || statements.iter().filter(|s| database.as_ref() == Some(&s.database));
    let naming: Vec<&StatementRow> = own().filter(|s| s.tables.iter().any(|t| same_table(t, &table.name))).collect();
    let newest = index.facts::<TableStat>(&table.id).max_by_key(|(_, from)| from.read_at);
    let freed = || {
        let named = |i: &IndexStat| finding.evidence.iter().any(|e| e.label == i.index);
        // Several nodes report one index; it is as large as the largest of them.
        let mut sizes: BTreeMap<&str, f64> = BTreeMap::new();
        for (stat, _) in index.facts::<IndexStat>(&table.id).filter(|(i, _)| named(i)) {
            let size = sizes.entry(&stat.index).or_default();
            *size = size.max(stat.bytes.unwrap_or(0.0));
        }
        num::round9(sizes.values().sum())
    };
    IndexAdvice {
        action,
        rule: finding.rule.clone(),
        finding: finding.fingerprint.clone(),
        severity: finding.severity.unwrap_or(loadline_model::Severity::Low),
        accepted: finding.state == FindingState::Accepted,
        table: table.clone(),
        database: database.as_ref().map(|d| subject_ref(index, d)),
        sentence: finding.sentence.clone(),
        statement: finding.remedy.clone().unwrap_or_default(),
        weight: own().next().is_some().then(|| num::round9(naming.iter().map(|s| s.share).sum())),
        calls_per_day: naming.iter().map(|s| s.calls_per_day).sum::<Option<f64>>().filter(|_| !naming.is_empty()),
        shapes: naming.len(),
        rows: newest.and_then(|(s, _)| s.rows).map(num::round9),
        bytes: (action == IndexAction::Drop).then(freed),
    }
}
