//! Files through the whole way: bytes, store, snapshot, rules.

use super::*;
use crate::Place;
use crate::delivery::{self, Record};
use loadline_model::{
    ActorKind, Assessment, Deployment, DeploymentStatus, ImportedFinding, Incident, Outcome, Setting, deployments_of,
};
use loadline_store::Location;

async fn workspace() -> Workspace {
    Workspace::open(&Place::Own(Location::Memory)).await.expect("a workspace")
}

fn wanted(format: Format, repository: Option<&str>) -> Wanted {
    Wanted { format, repository: repository.map(str::to_owned), service: None, root: None }
}

async fn kept(workspace: &Workspace, format: Format, text: &str) -> Kept {
    let repository = format.is_about_code().then_some("shop");
    import(workspace, &wanted(format, repository), text.as_bytes()).await.expect("kept")
}

async fn assessed(workspace: &Workspace) -> Assessment {
    workspace.assessment(&AsOf::Newest).await.expect("assessed").expect("a snapshot")
}

fn bodies<T: loadline_model::FactBody + Clone>(snapshot: &Snapshot, subject: &str) -> Vec<T> {
    snapshot.facts.iter().filter(|f| f.subject.as_str() == subject).filter_map(|f| T::of(&f.body)).cloned().collect()
}

async fn newest(workspace: &Workspace) -> Snapshot {
    workspace.case(&AsOf::Newest).await.expect("a case").expect("a snapshot").snapshot
}

fn outcome(a: &Assessment, rule: &str, subject: &str) -> String {
    let check = a.checks.iter().find(|c| c.rule.as_str() == rule && c.subject.id.as_str() == subject);
    match &check.unwrap_or_else(|| panic!("{rule} does not judge {subject}")).result.outcome {
        Outcome::Fail { severity } => format!("fail {severity}"),
        other => other.word().to_owned(),
    }
}

fn component(ratio: f64) -> String {
    format!(
        r#"{{"component": {{"key": "shop", "measures": [{{"metric": "sqale_debt_ratio", "value": "{ratio}"}},
        {{"metric": "new_coverage", "period": {{"value": "31.0"}}}}]}}}}"#
    )
}

#[tokio::test]
async fn a_debt_ratio_is_judged_and_its_history_outlives_a_file() {
    let workspace = workspace().await;
    kept(&workspace, Format::SonarQube, &component(25.0)).await;
    let a = assessed(&workspace).await;
    assert_eq!(outcome(&a, "ARCH-005", "repository:shop"), "fail medium");
    assert_eq!(outcome(&a, "ARCH-009", "repository:shop"), "fail medium");
    let day = |days: i64| clock::now().plus_days(-days).to_string();
    let history = |days: i64, value: &str| {
        let row = format!(r#"{{"date": "{}", "value": "{value}"}}"#, day(days));
        format!(r#"{{"measures": [{{"metric": "sqale_debt_ratio", "history": [{row}]}}]}}"#)
    };
    kept(&workspace, Format::SonarQube, &history(95, "4.0")).await;
    kept(&workspace, Format::SonarQube, &history(60, "4.0")).await;
    kept(&workspace, Format::SonarQube, &component(4.5)).await;
    let days: Vec<Setting> = bodies(&newest(&workspace).await, "repository:shop");
    let days = days.iter().filter(|s| s.key == key::CODE_DEBT_RATIO && s.item.is_some()).count();
    assert_eq!(days, 3, "today, and the days of both pages");
    assert_eq!(outcome(&assessed(&workspace).await, "ARCH-005", "repository:shop"), "pass");
}

#[tokio::test]
async fn a_later_file_of_the_same_tool_replaces_its_findings_alone() {
    let workspace = workspace().await;
    let log = |tool: &str, rules: &[&str]| {
        let results: Vec<String> =
            rules.iter().map(|r| format!(r#"{{"ruleId": "{r}", "message": {{"text": "m"}}}}"#)).collect();
        let results = results.join(",");
        format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "{tool}"}}}}, "results": [{results}]}}]}}"#
        )
    };
    kept(&workspace, Format::Sarif, &log("ESLint", &["a", "b"])).await;
    kept(&workspace, Format::Sarif, &log("Semgrep", &["c"])).await;
    kept(&workspace, Format::Sarif, &log("ESLint", &["b"])).await;
    let found: Vec<ImportedFinding> = bodies(&newest(&workspace).await, "repository:shop");
    let mut said: Vec<String> = found.iter().map(|f| format!("{} {}", f.source, f.rule)).collect();
    said.sort();
    assert_eq!(said, ["ESLint b", "Semgrep c"]);
}

#[tokio::test]
async fn the_only_repository_is_meant_and_of_several_one_must_be_named() {
    let workspace = workspace().await;
    let lcov = b"SF:a.c\nDA:1,1\nend_of_record\n";
    let code = |result: Result<Kept, EngineError>| result.expect_err("refused").code;
    let none = wanted(Format::Lcov, None);
    assert_eq!(code(import(&workspace, &none, lcov).await), "which_repository");
    import(&workspace, &wanted(Format::Lcov, Some("shop")), lcov).await.expect("kept");
    import(&workspace, &none, lcov).await.expect("the only one");
    import(&workspace, &wanted(Format::Lcov, Some("web")), lcov).await.expect("kept");
    assert_eq!(code(import(&workspace, &none, lcov).await), "which_repository");
    let outside = b"SF:../a.c\nDA:1,1\nend_of_record\n";
    let before = newest(&workspace).await.id;
    assert_eq!(code(import(&workspace, &wanted(Format::Lcov, Some("shop")), outside).await), "import_path_outside");
    assert_eq!(newest(&workspace).await.id, before, "nothing was kept of it");
}

fn incidents(rows: &[(&str, i64, Option<i64>, &str)]) -> String {
    let row = |(id, started, ended, service): &(&str, i64, Option<i64>, &str)| {
        let at = |hours: i64| clock::now().plus_hours(-hours).to_string();
        let over = ended.map(|e| format!(r#", "status": "resolved", "resolved_at": "{}""#, at(e))).unwrap_or_default();
        format!(
            r#"{{"id": "{id}", "title": "t", "created_at": "{}", "service": {{"id": "P", "summary": "{service}"}},
            "custom_fields": [{{"name": "deployment_id", "value": "r-{id}"}}]{over}}}"#,
            at(*started)
        )
    };
    let rows: Vec<String> = rows.iter().map(row).collect();
    format!(r#"{{"incidents": [{}], "more": false}}"#, rows.join(","))
}

#[tokio::test]
async fn incidents_reach_the_service_they_name_and_are_remembered() {
    let workspace = workspace().await;
    let record = Record {
        service: "shop".into(),
        environment: "production".into(),
        revision: "abc".into(),
        started_at: Some(clock::now().plus_hours(-30)),
        finished_at: Some(clock::now().plus_hours(-29)),
        status: DeploymentStatus::Succeeded,
        actor_kind: ActorKind::Pipeline,
        actor: None,
    };
    delivery::record(&workspace, &[record]).await.expect("recorded");
    let first =
        kept(&workspace, Format::PagerDuty, &incidents(&[("1", 20, None, "shop"), ("2", 10, Some(8), "Mail")])).await;
    assert_eq!(first.unmatched, [SubjectId::new("service:Mail")]);
    kept(&workspace, Format::PagerDuty, &incidents(&[("1", 20, Some(18), "shop")])).await;
    let snapshot = newest(&workspace).await;
    let of_shop: Vec<Incident> = bodies(&snapshot, "service:shop");
    assert_eq!(of_shop.len(), 1, "told twice, it is one");
    assert!(of_shop[0].resolved_at.is_some() && of_shop[0].caused_by.as_deref() == Some("r-1"));
    assert_eq!(
        bodies::<Incident>(&snapshot, "service:Mail").len(),
        1,
        "what the second file does not tell is remembered"
    );
    assert!(bodies::<Resource>(&snapshot, "service:Mail").is_empty(), "what no account knows is no thing to judge");
}

/// Five deployments that five incidents name as their cause: the time to recover is theirs.
#[tokio::test]
async fn recovery_follows_from_imported_incidents() {
    let workspace = workspace().await;
    let record = |n: i64| Record {
        service: "shop".into(),
        environment: "production".into(),
        revision: format!("abc{n}"),
        started_at: Some(clock::now().plus_hours(-n * 24 - 10)),
        finished_at: Some(clock::now().plus_hours(-n * 24 - 9)),
        status: DeploymentStatus::Succeeded,
        actor_kind: ActorKind::Pipeline,
        actor: None,
    };
    let records: Vec<Record> = (1..=6).map(record).collect();
    delivery::record(&workspace, &records).await.expect("recorded");
    let snapshot = newest(&workspace).await;
    let index = loadline_model::FactIndex::new(&snapshot);
    let shipped: Vec<Deployment> =
        deployments_of(&index, &"service:shop".into()).into_iter().map(|s| s.deployment).collect();
    let rows: Vec<String> = shipped
        .iter()
        .map(|d| {
            format!(
                r#"{{"id": "{}", "message": "m", "status": "resolved", "createdAt": "{}", "impactStartDate": "{}", "impactEndDate": "{}",
                "extraProperties": {{"deployment": "{}", "service": "shop"}}}}"#,
                d.id, d.started_at, d.started_at.plus_hours(1), d.started_at.plus_hours(6), d.id
            )
        })
        .collect();
    kept(&workspace, Format::Opsgenie, &format!(r#"{{"data": [{}]}}"#, rows.join(","))).await;
    let a = assessed(&workspace).await;
    let trend = a.trends.delivery.iter().find(|d| d.subject.id.as_str() == "service:shop").expect("a trend");
    assert_eq!((trend.dora.recovery.n, trend.dora.recovery.median), (6, Some(5.0)));
    assert_eq!(outcome(&a, "DEL-007", "service:shop"), "fail medium");
}
