use super::*;
use crate::bundle::{Verified, verify};
use crate::demo::Demo;
use crate::export::{Names, report};
use loadline_model::{
    AccountId, Alert, AlertKind, Basis, Confidence, Deployment, DeploymentStatus, Edge, Fact, Incident, Provenance,
    Resource, Statement, Timestamp,
};
use loadline_report::Options;

fn fact(subject: &str, body: impl Into<Body>) -> Fact {
    let account = AccountId::new("a");
    let provenance =
        Provenance { account, call: "asked for Ana Lima".into(), read_at: Timestamp(1), basis: Basis::Measured };
    Fact { subject: subject.into(), body: body.into(), provenance }
}

fn deployment(kind: ActorKind, actor: &str) -> Deployment {
    Deployment {
        id: "1".into(),
        environment: "production".into(),
        revision: "r".into(),
        started_at: Timestamp(1),
        finished_at: None,
        status: DeploymentStatus::Succeeded,
        actor_kind: kind,
        actor: Some(actor.into()),
        strategy: None,
    }
}

fn incident(title: &str) -> Incident {
    Incident {
        id: "4".into(),
        title: title.into(),
        started_at: Timestamp(1),
        detected_at: None,
        resolved_at: None,
        caused_by: None,
        failover: None,
        journeys: vec![],
    }
}

fn case(facts: Vec<Fact>, decided: Vec<(&str, Choice)>) -> Case {
    let decision =
        |(author, choice): (&str, Choice)| Decision { number: 1, at: Timestamp(1), author: author.into(), choice };
    Case {
        workspace: "acme".into(),
        snapshot: Snapshot { facts, ..Snapshot::default() },
        previous: None,
        decisions: decided.into_iter().map(decision).collect(),
        ledger: vec![],
    }
}

#[test]
fn whoever_acts_owns_or_decides_gets_one_pseudonym_and_machines_keep_their_names() {
    let accept = Choice::Accept {
        fingerprint: "f".into(),
        owner: "Bo Berg".into(),
        reason: "AL agreed, not ALIAS".into(),
        until: Timestamp(9),
    };
    let alert = Alert {
        name: "errors".into(),
        expression: "x".into(),
        watches: AlertKind::Errors,
        subjects: vec![],
        pages: Some(true),
        runbook: None,
        owner: Some("payments".into()),
        delivery_tested_at: None,
        firings_28d: None,
        firing_since: None,
    };
    let known = Edge { relation: Relation::KnownBy, to: "person:cy".into(), confidence: Confidence::Declared };
    let facts = vec![
        fact("api", deployment(ActorKind::Person, "Ana Lima")),
        fact("api", deployment(ActorKind::Pipeline, "dora@example.com")),
        fact("api", deployment(ActorKind::Pipeline, "deploy")),
        fact("api", deployment(ActorKind::Unknown, "eva")),
        fact("api", incident("Eva restarted it before eva left; dora@example.com saw it")),
        fact("api", alert),
        fact("api", known),
        fact("person:fay", Resource::new(Kind::Person, "Fay")),
        fact("api", Statement { key: "k".into(), value: "v".into(), author: "Ana Lima".into() }),
    ];
    let (hidden, count) =
        hide(&case(facts, vec![("AL", accept), ("loadline", Choice::Unaccept { fingerprint: "f".into() })]))
            .expect("plain data");
    let text = serde_json::to_string(&hidden).expect("plain data");
    for name in ["Ana", "Lima", "dora", "eva", "Eva", "Bo Berg", "payments", "person:cy", "Fay", "fay", "\"AL", "AL "] {
        assert!(!text.contains(name), "{name}: {text}");
    }
    for kept in ["\"deploy\"", "\"loadline\"", "ALIAS", "errors"] {
        assert!(text.contains(kept), "{kept}: {text}");
    }
    assert_eq!(count, 7);
    assert_eq!(text.matches(&pseudonym("Ana Lima")).count(), 2 + 9, "{text}");
    // A second time, as an export of what was imported, changes nothing.
    assert_eq!(hide(&hidden).expect("plain data").0, hidden);
}

/// The demo before the change, where one person knows the service; one of its findings is accepted by another.
fn demo() -> Case {
    let demo = Demo::open().expect("embedded");
    let row = demo.snapshots().into_iter().find(|r| r.name.as_deref() == Some("before")).expect("named");
    let mut case = demo.case(&row);
    let fingerprint = demo.assessment(&row).findings.first().expect("a finding").fingerprint.clone();
    let until = row.taken_at.plus_days(90);
    let choice = Choice::Accept { fingerprint, owner: "Jonas".into(), reason: "Jonas and Mira agreed".into(), until };
    case.decisions.push(Decision { number: 999, at: row.taken_at, author: "Mira".into(), choice });
    case
}

/// What a file says, as its reader reads it.
fn said(format: &str, bytes: &[u8]) -> String {
    let read = |program: &str, before: &[&str], after: &[&str]| {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), bytes).expect("written");
        let out = std::process::Command::new(program).args(before).arg(file.path()).args(after).output();
        let out = out.unwrap_or_else(|e| panic!("{program}: {e}"));
        assert!(out.status.success(), "{program}");
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    match format {
        "pdf" => read("pdftotext", &["-layout"], &["-"]),
        "xlsx" => read("unzip", &["-p"], &[]),
        "bundle" => String::from_utf8(zstd::decode_all(bytes).expect("unpacks")).expect("text"),
        _ => String::from_utf8(bytes.to_vec()).expect("text"),
    }
}

#[test]
fn every_format_names_persons_only_when_chosen() {
    let case = demo();
    let mut persons = BTreeSet::new();
    places(&mut case.clone(), &mut |who, name| {
        if who == Who::Person && !spared(name) {
            persons.insert(name.clone());
        }
    });
    assert_eq!(persons.iter().map(String::as_str).collect::<Vec<_>>(), ["Jonas", "Mira"]);
    let named = |format: &str, names: Names| {
        let text = said(format, &report(&case, format, &Options::default(), names).expect("a report").bytes);
        persons.iter().any(|name| text.contains(name) || text.contains(&format!("person:{}", name.to_lowercase())))
    };
    for format in crate::export::FORMATS {
        assert!(!named(format, Names::default()), "{format} by default");
        assert!(!named(format, Names::None), "{format} redacted");
        assert!(named(format, Names::All), "{format} with names");
    }
    for names in [Names::default(), Names::None] {
        let bundle = report(&case, "bundle", &Options::default(), names).expect("a bundle").bytes;
        assert!(matches!(verify(&bundle).expect("a bundle"), Verified::Same { .. }), "{names:?}");
    }
}

#[test]
fn pseudonyms_change_no_number() {
    let case = demo();
    let (named, hidden) = (assess(&case), assess(&hide(&case).expect("plain data").0));
    let counted = |a: &Assessment| {
        let results: Vec<_> =
            a.findings.iter().map(|f| (f.fingerprint.clone(), f.result.clone(), f.severity, f.state)).collect();
        (a.score.clone(), a.debt.clone(), a.capacity.clone(), results)
    };
    assert_eq!(counted(&named), counted(&hidden));
    let hours =
        |a: &Assessment| a.topology.spofs.iter().map(|s| (s.subject.id.clone(), s.hours_per_year)).collect::<Vec<_>>();
    assert_eq!(hours(&named), hours(&hidden));
}

#[tokio::test]
async fn a_workspace_may_show_no_names_at_all() {
    use crate::delivery::{Record, record};
    use crate::{Place, clock, settings};
    let place = Place::Own(loadline_store::Location::Memory);
    let workspace = Workspace::open(&place).await.expect("a workspace");
    let begun = clock::now().plus_hours(-2);
    let by_hand = Record {
        service: "shop".into(),
        environment: "production".into(),
        revision: "a84d88e7554f".into(),
        started_at: Some(begun),
        finished_at: Some(begun),
        status: DeploymentStatus::Succeeded,
        actor_kind: ActorKind::Person,
        actor: Some("Ana Lima".into()),
    };
    record(&workspace, &[by_hand]).await.expect("recorded");
    let shown = async || {
        let assessed = workspace.assessment(&AsOf::Newest).await.expect("assessed").expect("a snapshot");
        serde_json::to_string(&assessed).expect("plain data")
    };
    assert!(shown().await.contains("Ana Lima"));
    let mut chosen = settings::load(&workspace).await.expect("loaded");
    assert!(chosen.persons, "names are shown unless somebody says otherwise");
    chosen.persons = false;
    settings::save(&workspace, &chosen).await.expect("saved");
    let hidden = shown().await;
    assert!(!hidden.contains("Ana Lima") && hidden.contains(&pseudonym("Ana Lima")));
}
