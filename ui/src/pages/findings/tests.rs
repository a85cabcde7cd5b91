use super::*;
use loadline_model::{Exposure, Gap, GapReason, Severity, SubjectRef, Timestamp};

fn finding(rule: &str, subject: &str, severity: Option<Severity>) -> Finding {
    Finding {
        fingerprint: format!("{rule}{subject}").into(),
        rule: rule.into(),
        title: format!("Title of {rule}"),
        result: if severity.is_some() { "fail" } else { "unknown" }.into(),
        severity,
        state: FindingState::Open,
        subject: SubjectRef { name: subject.into(), account: Some("pg".into()), ..SubjectRef::organisation() },
        sentence: String::new(),
        evidence: Vec::new(),
        gap: severity.is_none().then(|| Gap {
            account: None,
            scope: String::new(),
            reason: GapReason::PermissionDenied,
            detail: String::new(),
            closes: "GRANT".into(),
            hides: Vec::new(),
            subject: None,
        }),
        remedy: None,
        escalation: Vec::new(),
        exposure: Exposure::UNKNOWN,
        points_lost_micro: 0,
        first_seen: Timestamp(0),
        last_seen: Timestamp(0),
        life: Vec::new(),
        acceptance: None,
        item: None,
    }
}

fn sample() -> Vec<Finding> {
    vec![
        finding("SPOF-001", "prod-db", Some(Severity::Critical)),
        finding("DB-003", "prod-db", Some(Severity::High)),
        finding("DB-003", "reports", Some(Severity::Low)),
        finding("OBS-002", "api", None),
    ]
}

fn through(filters: &Filters) -> Vec<String> {
    sample().iter().filter(|f| filters.lets_through(f, None)).map(|f| f.fingerprint.to_string()).collect()
}

#[test]
fn filters_meet_and_values_join() {
    let some = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
    let none = Filters::default();
    assert_eq!(through(&none).len(), 4);
    assert_eq!(
        through(&Filters { domains: some(&["DB"]), severities: some(&["high", "critical"]), ..none.clone() }),
        ["DB-003prod-db"]
    );
    assert_eq!(through(&Filters { severities: some(&["unknown"]), ..none.clone() }), ["OBS-002api"]);
    assert_eq!(through(&Filters { reasons: some(&["permission_denied"]), ..none.clone() }), ["OBS-002api"]);
    assert_eq!(through(&Filters { text: "db-003 rep".into(), ..none }), ["DB-003reports"]);
}

#[test]
fn steps_skip_headings_and_stop_at_the_ends() {
    let heading = || Row::Heading { title: String::new(), count: 1 };
    let rows = [heading(), Row::Finding(0), heading(), Row::Finding(1)];
    assert_eq!(step(&rows, None, true), Some(1));
    assert_eq!(step(&rows, Some(1), true), Some(3));
    assert_eq!(step(&rows, Some(3), true), Some(3));
    assert_eq!(step(&rows, Some(3), false), Some(1));
    assert_eq!(step(&rows, Some(1), false), Some(1));
    assert_eq!(step(&[], None, true), None);
}

#[test]
fn the_summary_counts_each_finding_once() {
    let mut findings = sample();
    findings[3].state = FindingState::Accepted;
    assert_eq!(summary(&findings), "3 failing, 1 accepted, worst first.");
    assert_eq!(summary(&sample()), "3 failing, 1 not proven, worst first.");
    assert!(summary(&[]).starts_with("Nothing"));
}
