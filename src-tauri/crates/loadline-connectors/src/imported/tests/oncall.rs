//! Incidents and on-call.

use super::*;
use crate::imported::Format::{Opsgenie, PagerDuty};

/// The entry that PagerDuty's API reference shows for `GET /incidents`, with what changes put in.
fn incident(status: &str, more: &str) -> String {
    format!(
        r#"{{"incidents": [{{"id": "PT4KHLK", "type": "incident", "summary": "[#1234] The server is on fire.",
        "incident_number": 1234, "title": "The server is on fire.", "created_at": "2015-10-06T21:30:42Z", "status": "{status}",
        "service": {{"id": "PIJ90N7", "type": "service_reference", "summary": "My Mail Service"}},
        "last_status_change_at": "2015-10-06T21:38:23Z", "urgency": "high"{more}}}],
        "limit": 1, "offset": 0, "more": true}}"#
    )
}

#[test]
fn pagerduty_s_incidents() {
    let minutes = |text: &str| {
        let read = given(PagerDuty, text);
        let (service, one) = incidents(&read).remove(0);
        assert_eq!((service.as_deref(), one.title.as_str()), (Some("My Mail Service"), "The server is on fire."));
        one.resolved_at.map(|at| (at.hours_since(one.started_at) * 60.0).round())
    };
    assert_eq!(minutes(&incident("triggered", "")), None);
    assert_eq!(minutes(&incident("acknowledged", r#", "resolved_at": null"#)), None);
    // Older answers say only when the status changed last.
    assert_eq!(minutes(&incident("resolved", "")), Some(8.0));
    assert_eq!(minutes(&incident("resolved", r#", "resolved_at": "2015-10-06T22:30:42Z""#)), Some(60.0));
    let read = given(PagerDuty, &incident("resolved", ""));
    assert!(read.missing[0].0.contains("one page"), "{:?}", read.missing);
    assert_eq!(incidents(&read)[0].1.id, "pagerduty/PT4KHLK");
    let cause = r#", "custom_fields": [{"id": "PT1", "name": "team"}, {"id": "PT2", "name": "deployment_id", "value": "d-77"}]"#;
    assert_eq!(incidents(&given(PagerDuty, &incident("resolved", cause)))[0].1.caused_by.as_deref(), Some("d-77"));
}

/// The second entry of Opsgenie's example for listing alerts, and its first one as an urgent alert.
#[test]
fn opsgenie_s_alerts() {
    let alerts = |priority: &str| {
        format!(
            r#"{{"data": [{{"id": "70413a06-38d6-4c85-92b8-5ebc900d42e2", "tinyId": "1791", "alias": "event_573",
            "message": "Our servers are in danger", "status": "closed", "acknowledged": false, "isSeen": true,
            "createdAt": "2017-03-21T20:32:52.353Z", "updatedAt": "2017-04-03T20:32:57.301Z", "priority": "{priority}",
            "report": {{"ackTime": 15702, "closeTime": 60503, "acknowledgedBy": "agent_smith@opsgenie.com"}}}},
            {{"id": "70413a06-38d6-4c85-92b8-5ebc900d42e3", "tinyId": "1790", "alias": "event_574", "message": "Sample Message",
            "status": "open", "acknowledged": false, "createdAt": "2017-03-21T20:32:52.353Z", "priority": "P5"}}],
            "paging": {{"next": "https://api.opsgenie.com/v2/alerts?offset=2"}}, "took": 0.605}}"#
        )
    };
    let read = given(Opsgenie, &alerts("P1"));
    let found = incidents(&read);
    assert_eq!(found.len(), 1);
    let seconds = found[0].1.resolved_at.map(|at| at.0 - found[0].1.started_at.0);
    assert_eq!(seconds, Some(60_503));
    assert_eq!(read.said, "Opsgenie: 1 incidents; 1 alerts below P2 are left out.");
    assert!(read.missing[0].0.contains("one page"));
    assert!(!format!("{read:?}").contains("agent_smith"), "no name of a person is kept");
    assert!(incidents(&given(Opsgenie, &alerts("P4"))).is_empty());
}

/// After Opsgenie's example for listing incidents.
#[test]
fn opsgenie_s_incidents() {
    let text = r#"{"data": [{"id": "70413a06-38d6-4c85-92b8-5ebc900d42e2", "tinyId": "1791", "message": "Our servers are in danger",
        "status": "resolved", "tags": ["Outage"], "createdAt": "2018-10-21T10:00:00Z", "updatedAt": "2018-10-21T13:00:00Z",
        "priority": "P5", "impactStartDate": "2018-10-21T09:00:00Z", "impactEndDate": "2018-10-21T11:00:00Z",
        "extraProperties": {"deployment": "d-7", "service": "checkout"}}]}"#;
    let (service, one) = incidents(&given(Opsgenie, text)).remove(0);
    assert_eq!(one.resolved_at.map(|at| at.hours_since(one.started_at)), Some(2.0));
    assert_eq!((service.as_deref(), one.caused_by.as_deref()), (Some("checkout"), Some("d-7")));
}

/// In the form of PagerDuty's API reference for `GET /schedules/{id}` with `since` and `until`.
fn schedule(entries: &str) -> Imported {
    let text = format!(
        r#"{{"schedule": {{"id": "PI7DH85", "type": "schedule", "name": "Daily Engineering Rotation", "time_zone": "Etc/UTC",
        "users": [{{"id": "PA", "summary": "Ana"}}, {{"id": "PB", "summary": "Bo"}}, {{"id": "PC", "summary": "Cy",
        "deleted_at": "2026-01-01T00:00:00Z"}}],
        "final_schedule": {{"name": "Final Schedule", "rendered_schedule_entries": [{entries}], "rendered_coverage_percentage": 99}}}}}}"#
    );
    given(PagerDuty, &text)
}

fn shift(from: &str, until: &str, who: &str) -> String {
    format!(r#"{{"start": "2026-{from}T00:00:00Z", "end": "2026-{until}T00:00:00Z", "user": {{"id": "{who}"}}}}"#)
}

#[test]
fn pagerduty_s_schedules() {
    let check = |entries: &[String], expected: &[&str]| {
        let read = schedule(&entries.join(","));
        let said: Vec<String> =
            settings(&read).into_iter().map(|s| s.replace("pagerduty/schedules/PI7DH85: ", "")).collect();
        assert_eq!(said, expected, "{entries:?}");
        assert!(!format!("{read:?}").contains("Ana"), "no name of a person is kept");
    };
    // The import is on 2026-11-22 at noon: two weeks on are until 2026-12-06.
    let month = [shift("11-20", "12-10", "PA"), shift("12-10", "12-20", "PB")];
    check(&month, &["oncall.people = 2", "oncall.gap_hours_14d = 0", "oncall.largest_share = 0.666666667"]);
    let hole = [shift("11-20", "11-27", "PA"), shift("11-28", "12-20", "PB")];
    check(&hole, &["oncall.people = 2", "oncall.gap_hours_14d = 24", "oncall.largest_share = 0.75862069"]);
    // The next shift begins after the two weeks.
    let later = [shift("11-20", "11-27", "PA"), shift("12-10", "12-20", "PB")];
    check(&later, &["oncall.people = 2", "oncall.gap_hours_14d = 228", "oncall.largest_share = 0.588235294"]);
    // Cut where the question ended: what follows is not known.
    check(&[shift("11-20", "11-29", "PA")], &["oncall.people = 2"]);
    check(&[shift("11-25", "12-20", "PA")], &["oncall.people = 2"]);
    check(&[], &["oncall.people = 2"]);
}

/// In the form of PagerDuty's API reference for `GET /escalation_policies`.
#[test]
fn pagerduty_s_escalation_policies() {
    let policy = |rules: &str| {
        let text = format!(
            r#"{{"escalation_policies": [{{"id": "PANZZEQ", "type": "escalation_policy", "name": "Engineering Escalation Policy",
            "escalation_rules": [{rules}], "num_loops": 0}}], "limit": 25, "offset": 0, "more": false, "total": null}}"#
        );
        settings(&given(PagerDuty, &text)).remove(0)
    };
    let rule = |who: &str| {
        format!(
            r#"{{"id": "R{who}", "escalation_delay_in_minutes": 30, "targets": [{{"id": "{who}", "type": "user_reference"}}]}}"#
        )
    };
    let levels = |n: u32| format!("pagerduty/escalation_policies/PANZZEQ: oncall.levels = {n}");
    assert_eq!(policy(&format!("{},{}", rule("A"), rule("B"))), levels(2));
    assert_eq!(policy(&format!("{},{}", rule("A"), rule("A"))), levels(1));
    assert_eq!(policy(r#"{"id": "R", "targets": []}"#), levels(0));
}

#[test]
fn one_page_of_policies_is_not_all() {
    let check = |offset: u32, more: bool, expected: usize| {
        let text = format!(r#"{{"escalation_policies": [], "limit": 1, "offset": {offset}, "more": {more}}}"#);
        assert_eq!(given(PagerDuty, &text).missing.len(), expected, "{text}");
    };
    check(0, false, 0);
    check(0, true, 1);
    // It replaces the page before.
    check(1, false, 1);
}

#[test]
fn answers_that_are_none() {
    let check =
        |format: Format, text: &str| assert_eq!(refused(format, text.as_bytes()).0, "import_malformed", "{text}");
    check(PagerDuty, r#"{"error": {"message": "Invalid Input Provided", "code": 2001}}"#);
    check(PagerDuty, r#"{"incidents": [{"id": "P1"}]}"#);
    check(PagerDuty, r#"{"schedule": {"id": "P1"}}"#);
    check(PagerDuty, r#"{"escalation_policies": [{}]}"#);
    check(Opsgenie, r#"{"message": "Could not authenticate", "took": 0.001}"#);
    check(Opsgenie, r#"{"data": {"success": true}}"#);
    check(Opsgenie, r#"{"data": [{"id": "x", "message": "m"}]}"#);
}
