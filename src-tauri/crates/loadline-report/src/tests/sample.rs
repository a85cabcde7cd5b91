//! A small company's assessment with something in every list, made by hand.

use super::measured::{capacity, comparisons, trends};
use loadline_model::*;
use std::collections::BTreeMap;

pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).expect("a date")
}

pub(super) fn subject(name: &str, kind: Kind) -> SubjectRef {
    SubjectRef {
        id: name.into(),
        kind: Some(kind),
        name: name.into(),
        account: Some("acc-1".into()),
        region: Some("eu-central-1".into()),
    }
}

pub(super) fn interval(p10: f64, p50: f64, p90: f64) -> Interval {
    Interval { p10, p50, p90 }
}

fn gap(reason: GapReason) -> Gap {
    Gap {
        account: Some("acc-1".into()),
        scope: "database app".into(),
        reason,
        detail: "pg_stat_statements could not be read.".into(),
        closes: "GRANT pg_monitor TO loadline".into(),
        hides: Vec::new(),
        subject: None,
    }
}

fn finding(rule: &str, name: &str, severity: Option<Severity>, sentence: &str) -> Finding {
    let subject = subject(name, Kind::Database);
    Finding {
        fingerprint: Fingerprint::of(&rule.into(), &subject.id, ""),
        rule: rule.into(),
        title: sentence.into(),
        result: if severity.is_some() { "fail" } else { "unknown" }.into(),
        severity,
        state: FindingState::Open,
        subject,
        sentence: sentence.into(),
        evidence: Vec::new(),
        gap: severity.is_none().then(|| gap(GapReason::PermissionDenied)),
        remedy: Some("Add a standby in a second zone and test the failover.".into()),
        escalation: Vec::new(),
        exposure: Exposure { low: 1.0, high: 1.0, known: true },
        points_lost_micro: 4_200_000,
        first_seen: at("2026-09-14"),
        last_seen: at("2026-11-16"),
        life: Vec::new(),
        acceptance: None,
        item: None,
    }
}

fn findings() -> Vec<Finding> {
    let mut all = vec![
        finding(
            "SPOF-001",
            "prod-db",
            Some(Severity::Critical),
            "One failure of prod-db stops 100 % of journeys, about 9 h a year.",
        ),
        finding(
            "DATA-004",
            "prod-db",
            Some(Severity::Critical),
            "No restore of prod-db has been tested in 214 days: the backup is a hope.",
        ),
        finding(
            "DB-001",
            "prod-db",
            Some(Severity::High),
            "82 of 100 connections are in use at peak; the 83rd request above the line fails at once.",
        ),
        finding("CACHE-001", "session-cache", Some(Severity::High), "Losing session-cache signs every user out."),
        finding("DEL-003", "api", Some(Severity::Medium), "9 of 41 deployments were rolled back in 90 days."),
        finding("OBS-002", "api", Some(Severity::Low), "3 of 14 alerts reach nobody at night."),
    ];
    all[4].state = FindingState::Accepted;
    all[4].acceptance = Some(Acceptance {
        owner: "Ada".into(),
        reason: "Pipeline is rebuilt in spring.".into(),
        until: at("2027-03-01"),
        author: "Ada".into(),
        at: at("2026-11-01"),
    });
    for i in 0..7 {
        let name = ["prod-db", "replica", "queue"][i % 3];
        all.push(finding(&format!("DB-01{i}"), name, None, "Whether indexes are used is not proven."));
    }
    all
}

fn spof(name: &str, kind: Kind, blast: f64, hours: Interval, proven: bool) -> Spof {
    Spof {
        subject: subject(name, kind),
        blast_radius: blast,
        degraded: 0.0,
        journeys_lost: vec!["sign up".into(), "check out".into()],
        hours_per_year: hours,
        path: ["entry", "api", name, "check out"].map(String::from).to_vec(),
        why: format!("One failure of {name} stops {} % of journeys, about {} h a year.", blast * 100.0, hours.p50),
        groups: Vec::new(),
        confidence: Confidence::Observed,
        proven,
        assumption: "1.2 failures a year and 7.5 h to repair: prior for an unmanaged database without standby.".into(),
    }
}

fn topology() -> Topology {
    Topology {
        spofs: vec![
            spof("prod-db", Kind::Database, 1.0, interval(4.0, 9.0, 21.0), true),
            spof("session-cache", Kind::Cache, 0.6, interval(0.4, 1.3, 4.1), true),
            spof("payments", Kind::External, 0.4, interval(0.05, 0.08, 2.0), false),
        ],
        fragile_pairs: vec![FragilePair {
            first: subject("api-1", Kind::Instance),
            second: subject("api-2", Kind::Instance),
            journeys_lost: vec!["sign up".into()],
            risk: 0.001,
        }],
        recovery_spofs: vec![RecoverySpof {
            subject: subject("Grace", Kind::Person),
            only_for: vec![subject("prod-db", Kind::Database)],
            blast_radius: 1.0,
            repair_factor: 3.0,
        }],
        availability: vec![JourneyAvailability {
            journey: "check out".into(),
            unavailability: 0.00118,
            hours_per_year: 10.3,
            exact: true,
            bound_gap: 0.0,
        }],
        hours_upper_bound: 10.4,
        ..Topology::default()
    }
}

fn domain(id: &str, name: &str, points: i64, proven: f64, possible: f64, coverage: f64) -> DomainScore {
    DomainScore {
        id: id.into(),
        name: name.into(),
        points: MicroPoints(points * 1_000_000),
        proven: Some(proven),
        possible: Some(possible),
        coverage: Some(coverage),
        status: "judged".into(),
    }
}

fn score() -> Score {
    let mut domains = vec![
        domain("SPOF", "Single points of failure", 15, 20.0, 40.0, 0.9),
        domain("DB", "Databases", 12, 44.0, 81.0, 0.6),
        domain("DATA", "Data safety", 11, 50.0, 60.0, 0.9),
    ];
    domains.push(DomainScore {
        status: "not_judged_yet".into(),
        proven: None,
        possible: None,
        coverage: None,
        ..domain("COST", "Cost", 2, 0.0, 0.0, 0.0)
    });
    let gate = |id: &str, question: &str, open, because: &str| Gate {
        id: id.into(),
        question: question.into(),
        open,
        caps_at: Label::Conditional,
        because: because.into(),
    };
    Score {
        proven: 41.2,
        possible: 68.4,
        coverage: 0.73,
        proven_micro: MicroPoints(41_200_000),
        possible_micro: MicroPoints(68_400_000),
        confidence: "medium".into(),
        label: Label::AtRisk,
        label_by_number: Label::AtRisk,
        provisional: false,
        gates: vec![
            gate(
                "G1",
                "Every primary store has a proven backup",
                false,
                "The last restore test of prod-db is 214 days old.",
            ),
            gate(
                "G2",
                "No single failure stops 90 % of journeys untested",
                false,
                "prod-db stops 100 % and no failover was seen.",
            ),
            gate("G3", "Load may rise to 1.5× of today's peak", true, "The first limit lies at 2.1× or more."),
        ],
        domains,
        losses: Vec::new(),
        rule_points: Vec::new(),
    }
}

fn item(title: &str, name: &str, closes: &[Fingerprint]) -> Item {
    let subject = subject(name, Kind::Database);
    Item {
        id: ItemId::of(&"DB-001".into(), &subject.id),
        rule: "DB-001".into(),
        subject,
        title: title.into(),
        steps: Vec::new(),
        half_days: HalfDays { low: 3, mode: 5, high: 8 },
        value: 9200,
        parts: ValueParts { points: 4.2, hours: 3.1, interest: 0.1, urgency: 6.0 },
        needs: Vec::new(),
        closes: closes.to_vec(),
        proof_metric: "http.server.request.duration".into(),
        proof: "Refused connections fall to 0; p95 stays within 5 %.".into(),
        pinned_sprint: None,
        started_at: None,
        done_at: None,
        took_weeks: None,
    }
}

fn roadmap(findings: &[Finding]) -> Roadmap {
    let closes = |rule: &str| {
        findings.iter().filter(|f| f.rule == rule.into()).map(|f| f.fingerprint.clone()).collect::<Vec<_>>()
    };
    let sprint = |starts: &str, items: Vec<Item>| Sprint {
        starts: at(starts),
        budget_half_days: 17,
        used_half_days: 5 * items.len() as u32,
        fits_probability: 0.86,
        items,
    };
    Roadmap {
        budget_half_days: 17,
        sprints: vec![
            sprint(
                "2026-11-23",
                vec![
                    item("Pool connections in front of prod-db", "prod-db", &closes("DB-001")),
                    item("Add a standby to prod-db", "prod-db", &closes("SPOF-001")),
                ],
            ),
            sprint("2026-12-07", vec![item("Test a restore of prod-db", "prod-db", &closes("DATA-004"))]),
        ],
        left_out: vec![LeftOut {
            item: item("Split the reports module", "api", &[]),
            because: "larger_than_a_sprint".into(),
            costs: "0.6 engineer-weeks a quarter stay.".into(),
        }],
        done: vec![Item { done_at: Some(at("2026-10-13")), ..item("Batch the feed query", "api", &[]) }],
        gap: 0.0,
        set_value: 17_000,
        gain_points: 14.6,
        gain_hours: 7.9,
        why_empty: None,
    }
}

fn rule(id: &str) -> RuleInfo {
    RuleInfo {
        id: id.into(),
        domain: RuleId::from(id).family().into(),
        title: "Connections close to the limit".into(),
        question: "Are connections close to the limit?".into(),
        why: "At the limit new requests fail at once.".into(),
        condition: "Connections in use at peak exceed 80 % of the limit.".into(),
        fix: vec!["Put a pooler in front.".into()],
        effort_days: [2.0, 4.0],
        effort_source: "HD".into(),
        weight: 3,
        severity: "high".into(),
        escalation: Escalation::Standard,
        data_safety: false,
        organisation: false,
        subjects: vec![Kind::Database],
        thresholds: vec![Threshold { key: "used_ratio".into(), value: 0.8, unit: "ratio".into(), source: "HD".into() }],
        sources: Vec::new(),
        proof_metric: String::new(),
        proof: String::new(),
        false_positives: String::new(),
        unknown_when: String::new(),
        prerequisites: Vec::new(),
    }
}

fn deployments() -> Vec<DeploymentRow> {
    let row = |i: i64| DeploymentRow {
        service: subject("api", Kind::Service),
        deployment: Deployment {
            id: format!("d{i}"),
            environment: "production".into(),
            revision: format!("r{i}"),
            started_at: at("2026-11-12").plus_days(-2 * i),
            finished_at: None,
            status: if i % 9 == 4 { DeploymentStatus::RolledBack } else { DeploymentStatus::Succeeded },
            actor_kind: ActorKind::Pipeline,
            actor: None,
            strategy: None,
        },
    };
    (0..38).map(row).collect()
}

/// Harbour, a company at risk.
pub(super) fn sample() -> Assessment {
    let findings = findings();
    let line = |rule: &str, cause, micro: i64| DeltaLine {
        cause,
        fingerprint: Fingerprint::of(&rule.into(), &"prod-db".into(), ""),
        rule: rule.into(),
        subject: "prod-db".into(),
        change: MicroPoints(micro),
    };
    Assessment {
        schema: "loadline.assessment/1".into(),
        model_version: "1.0.0".into(),
        snapshot: "snap-2026-11-16".into(),
        as_of: at("2026-11-16T06:00:00Z"),
        zone: "Europe/Berlin".into(),
        workspace: "Harbour".into(),
        accounts: vec![AccountSummary {
            id: "acc-1".into(),
            provider: "postgres".into(),
            name: "production".into(),
            connected: true,
            collected_at: Some(at("2026-11-16")),
        }],
        policy: Policy { thresholds: BTreeMap::from([("DB-001.used_ratio".to_owned(), 0.75)]), ..Policy::default() },
        checks: Vec::new(),
        resolved: Vec::new(),
        topology: topology(),
        score: score(),
        changed: Some(Decomposition {
            from: MicroPoints(37_500_000),
            to: MicroPoints(41_200_000),
            lines: vec![line("DB-001", Cause::Closed, 6_100_000), line("DATA-004", Cause::Opened, -2_400_000)],
        }),
        debt: Debt::default(),
        trends: trends(),
        comparisons: comparisons(),
        capacity: capacity(),
        roadmap: roadmap(&findings),
        deployments: deployments(),
        gaps: vec![
            gap(GapReason::PermissionDenied),
            Gap {
                scope: "region eu-central-1".into(),
                closes: "cloudwatch:GetMetricData".into(),
                ..gap(GapReason::NotConnected)
            },
        ],
        rules: ["SPOF-001", "DATA-004", "DB-001", "CACHE-001", "DEL-003"].map(rule).to_vec(),
        findings,
    }
}

/// The same company with a name that somebody chose to do harm, wherever names come from outside.
pub(super) fn hostile(payload: &str) -> Assessment {
    let text = serde_json::to_string(&sample()).expect("JSON");
    let name = serde_json::to_string(payload).expect("JSON");
    let inner = name.strip_prefix('"').and_then(|n| n.strip_suffix('"')).expect("a string");
    let text = ["prod-db", "Harbour", "GET /feed", "Batch the feed query", "Ada"]
        .iter()
        .fold(text, |t, known| t.replace(known, inner));
    serde_json::from_str(&text).expect("an assessment")
}

/// A workspace of which nothing is known.
pub(super) fn empty() -> Assessment {
    let full = sample();
    Assessment {
        accounts: Vec::new(),
        findings: Vec::new(),
        topology: Topology::default(),
        score: Score {
            coverage: 0.0,
            proven: 0.0,
            possible: 100.0,
            label: Label::NotRated,
            gates: Vec::new(),
            domains: Vec::new(),
            ..full.score
        },
        changed: None,
        trends: Trends::default(),
        comparisons: Vec::new(),
        capacity: Capacity {
            growth: Growth {
                monthly: None,
                weeks: 0,
                peak: None,
                missing: Some("no request rate is collected".into()),
            },
            limits: Vec::new(),
            first_limit: None,
            ladder: Vec::new(),
            families: Vec::new(),
            zone_loss: Vec::new(),
            pools: Vec::new(),
            unmeasured: Vec::new(),
            utilisation: Vec::new(),
        },
        roadmap: Roadmap { why_empty: Some("No account is connected.".into()), ..Roadmap::default() },
        deployments: Vec::new(),
        gaps: Vec::new(),
        rules: Vec::new(),
        ..full
    }
}
