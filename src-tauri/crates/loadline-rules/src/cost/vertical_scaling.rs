//! Vertical scaling treadmill.

use crate::evaluate::{Reading, evaluate_rule};
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{Change, CheckResult, Escalation, GapReason, Kind, Relation, Severity, SubjectId, key};

pub(super) const RULE: Rule = Rule {
    id: "COST-002",
    title: "Vertical scaling treadmill",
    question: "Do you keep buying a bigger database?",
    why: "Each size doubles the price and hides the query that needs it; one day there is no larger size. Three fixes of queries cut \
          infrastructure cost by 30-50 % (S2).",
    condition: "A store was made larger twice in 12 months while its query findings (DB-002 to DB-006) are open, or is within 2 steps \
                of the largest size",
    fix: &["index, repeated queries, replica, in that order", "cache", "then a smaller size, and compare"],
    effort_days: [2.0, 10.0],
    effort_source: "S2: 2-3 weeks for the three fixes",
    weight: 3,
    severity: "high near the largest size; medium otherwise; one higher when it is the first limit (CAP-007)",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Database]),
    numbers: &[
        Number { key: "upsizes", value: 2.0, unit: "count", source: "S2, S3; HD" },
        Number { key: "steps", value: 2.0, unit: "count", source: "HD" },
        Number { key: "days", value: 365.0, unit: "d", source: "HD" },
    ],
    sources: &[
        (
            "aws",
            "CloudTrail LookupEvents ModifyDBInstance (dBInstanceClass); monthly hours by class from cost data; rds:DescribeOrderableDBInstanceOptions",
        ),
        ("gcp", "sqladmin operations UPDATE with tier"),
        ("atlas", "project events"),
    ],
    proof_metric: "cost_per_active_user",
    proof: "cost per 1,000 requests of the store falls",
    false_positives: "A newer class of equal size.",
    unknown_when: "changes of size are known for less than 12 months (CloudTrail keeps 90 days)",
    prerequisites: &["DB-010"],
    check,
};

/// Rules whose repair makes a larger size needless.
const QUERY_RULES: [&str; 5] = ["DB-002", "DB-003", "DB-004", "DB-005", "DB-006"];

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let first = context.capacity.first_limit.as_ref().is_some_and(|l| l.subject.id == subject.id);
    let severity = |s: Severity| if first { s.raised(1) } else { s };
    let steps = seen.number("sizes up to the largest", "", key::SIZE_STEPS_LEFT);
    if let Some(left) = steps.filter(|s| *s <= subject.number("steps")) {
        verdict.fault(
            severity(Severity::High),
            format!("`{name}` can be made larger {left:.0} more times, then no size is left"),
        );
    }
    let days = subject.number("days");
    let recent = |c: &Change| (0.0..=days).contains(&context.as_of.days_since(c.at));
    let changes: Vec<_> = context.facts.facts::<Change>(&subject.id).filter(|(c, _)| recent(c)).collect();
    for (change, from) in changes.iter().filter(|(c, _)| is_resize(c)) {
        seen.row(format!("{}, {}", change.what, change.at.utc_day()), change.description.clone(), from);
    }
    let ups = changes.iter().filter(|(c, _)| c.what == "upsize").count();
    let unclear = changes.iter().filter(|(c, _)| c.what == "resize").count();
    if ups as f64 >= subject.number("upsizes") {
        let (open, unread) = query_findings(&subject.id, context);
        seen.follows("open query findings", if open.is_empty() { "none".to_owned() } else { open.join(", ") });
        if !open.is_empty() {
            let said = format!("`{name}` was made larger {ups} times in 12 months while {} stay open", open.join(", "));
            verdict.fault(severity(Severity::Medium), said);
        } else if !unread.is_empty() {
            verdict.lacks(
                GapReason::FeatureDisabled,
                format!("`{name}` was made larger {ups} times in 12 months; {} could not be judged", unread.join(", ")),
                "Let the account read statement statistics (DB-001).",
            );
        }
    } else if (ups + unclear) as f64 >= subject.number("upsizes") {
        verdict.lacks(
            GapReason::ParseError,
            format!("`{name}` changed its size {} times, in which direction is not known", ups + unclear),
            "Import the changes as upsize or downsize.",
        );
    }
    match seen.number("changes of size known for", "d", key::SIZE_HISTORY_DAYS) {
        Some(known) if known < days => verdict.short("the history of sizes", known * 24.0, days * 24.0),
        Some(_) => {}
        None => verdict.lacks(
            GapReason::NotConnected,
            format!("changes of the size of `{name}` were not read"),
            "Allow cloudtrail:LookupEvents and ce:GetCostAndUsage by usage type, or import the changes.",
        ),
    }
    if steps.is_none() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("how many larger sizes `{name}` has left is not known"),
            "Allow rds:DescribeOrderableDBInstanceOptions.",
        );
    }
    verdict.hidden(subject, context, &["change", "upsize"]);
    verdict.answer(seen.rows, format!("`{name}` is not kept alive by larger sizes."))
}

fn is_resize(change: &Change) -> bool {
    matches!(change.what.as_str(), "upsize" | "downsize" | "resize")
}

/// Rules about queries that fail, and those that could not be judged, on the store, its tables or the services that use it.
fn query_findings(store: &SubjectId, context: &Context<'_>) -> (Vec<String>, Vec<String>) {
    let touches = |r: &Relation| matches!(r, Relation::StoredIn | Relation::DependsOn { .. });
    let around = context.facts.edges_to(store).filter(|e| touches(&e.edge.relation)).map(|e| e.from);
    let near: Vec<SubjectId> = around.chain([store.clone()]).collect();
    let (mut open, mut unread) = (Vec::new(), Vec::new());
    for rule in crate::db::RULES.iter().filter(|r| QUERY_RULES.contains(&r.id)) {
        let mut checks = evaluate_rule(rule, context);
        checks.retain(|c| near.contains(&c.subject.id));
        if checks.iter().any(|c| c.result.outcome.severity().is_some()) {
            open.push(rule.id.to_owned());
        } else if checks.iter().any(|c| c.result.outcome.is_unknown()) {
            unread.push(rule.id.to_owned());
        }
    }
    (open, unread)
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::{Case, as_of};
    use loadline_model::{Change, Evidence, Kind, QueryStat, Resource, Verb, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        let db = || {
            Case::new().has("db", Resource { engine: Some("postgresql".into()), ..Resource::new(Kind::Database, "db") })
        };
        let known =
            |steps, days| db().number("db", key::SIZE_STEPS_LEFT, steps).number("db", key::SIZE_HISTORY_DAYS, days);
        let sized = |case: Case, what: &str, days: i64| {
            let at = as_of().plus_days(-days);
            case.has("db", Change { what: what.into(), at, until: None, description: "r6g.large to r6g.xlarge".into() })
        };
        let slow = QueryStat {
            fingerprint: "q".into(),
            text: "SELECT * FROM orders".into(),
            verb: Verb::Read,
            calls: 1e5,
            total_ms: 9e8,
            rows: 1e5,
            rows_examined: None,
            blocks_read: None,
            temp_blocks: None,
            since: Some(as_of().plus_hours(-72)),
            tables: vec!["orders".into()],
            route: None,
        };
        check(db(), "unknown not_connected");
        check(known(5.0, 365.0), "pass");
        check(known(5.0, 90.0), "unknown short_window");
        check(known(2.0, 90.0), "fail high");
        let twice = || sized(sized(known(5.0, 400.0), "upsize", 30), "upsize", 200);
        check(twice(), "unknown feature_disabled");
        check(twice().has("db", slow.clone()), "fail medium");
        check(sized(known(5.0, 400.0), "upsize", 30).has("db", slow), "pass");
        check(sized(sized(known(5.0, 400.0), "resize", 30), "resize", 200), "unknown parse_error");
        check(sized(sized(known(5.0, 400.0), "upsize", 30), "upsize", 400), "pass");
        check(known(5.0, 365.0).gap("db", "change"), "unknown permission_denied");
        let evidence: Vec<Evidence> = twice().check_of(&RULE, "db").result.evidence;
        assert!(evidence.iter().any(|e| e.value.contains("r6g.xlarge")));
    }
}
