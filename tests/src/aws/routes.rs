//! One deployment told by four routes, each through its own reader: GitHub, ECS, a CSV file and the command line. It is one line of
//! the history, and what it did to latency is told from a real Prometheus.

use super::between::Answer;
use super::{Between, KEY, Value, built, connect, text};
use crate::program::{Home, ok};
use crate::proof;
use loadline_connectors::testing::{PrometheusServer, ScriptedServer};
use loadline_model::Timestamp;
use serde_json::json;
use std::io::Write as _;

const TOKEN: (&str, &str) = ("GITHUB_ACCEPTANCE_TOKEN", "canary-31fe90");
const SHA: &str = "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d";
const SERVICE: &str = "arn:aws:ecs:eu-west-1:123456789012:service/main/shop";

fn time(seconds: i64) -> String {
    Timestamp(seconds * 1_000).to_string()
}

/// GitHub with one repository and one deployment that ended at a second: the fields that its API documents and that are read.
fn github(ended: i64) -> ScriptedServer {
    let server = ScriptedServer::start(move |head, stream| {
        let path = head.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
        let said = match path {
            "/rate_limit" => json!({}),
            "/repos/acme/shop" => json!({"full_name": "acme/shop", "default_branch": "main"}),
            "/repos/acme/shop/deployments" => json!([{"id": 7, "sha": SHA, "ref": "main", "environment": "production",
                "created_at": time(ended - 300), "updated_at": time(ended),
                "performed_via_github_app": {"slug": "github-actions"}, "creator": {"login": "bot", "type": "Bot"}}]),
            "/repos/acme/shop/deployments/7/statuses" => {
                json!([{"id": 2, "state": "success", "created_at": time(ended)},
                    {"id": 1, "state": "in_progress", "created_at": time(ended - 290)}])
            }
            _ => Value::Null,
        };
        let known = head.contains(&format!("Bearer {}", TOKEN.1));
        let status = if known && !said.is_null() { "200 OK" } else { "404 Not Found" };
        let body = said.to_string();
        let length = body.len();
        let _ = write!(stream, "HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}");
    });
    server.expect("a server")
}

/// What ECS tells of it ("ListServiceDeployments", Amazon ECS API Reference), which the emulator does not know.
fn ecs(ended: i64) -> Value {
    let at = |seconds: i64| seconds as f64;
    json!({"serviceDeployments": [{
        "serviceDeploymentArn": "arn:aws:ecs:eu-west-1:123456789012:service-deployment/main/shop/d1", "serviceArn": SERVICE,
        "clusterArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/main", "status": "SUCCESSFUL", "createdAt": at(ended - 240),
        "startedAt": at(ended - 238), "finishedAt": at(ended - 20),
        "targetServiceRevisionArn": "arn:aws:ecs:eu-west-1:123456789012:service-revision/main/shop/8"}]})
}

#[test]
fn four_routes_tell_of_one_deployment_and_what_it_did() {
    let (history, change) = proof::faster("shop");
    let prometheus = PrometheusServer::start(&history, "", &[]).expect("Prometheus is installed");
    let moto = built("routes.py", "zones, required = 'ab', ''");
    let told = ecs(change);
    let between = Between::start(
        moto.port,
        Box::new(move |asked, emulator| match (asked.service.as_str(), asked.action.as_str()) {
            ("ecs", "ListServiceDeployments") => Answer::json(&told),
            ("ecs", "DescribeServiceDeployments") => Answer::json(json!({"serviceDeployments": [], "failures": []})),
            _ => emulator(),
        }),
    );
    let github = github(change);
    let home = Home::new().expect("a home");
    let run = |words: &[&str], codes: &[i32]| {
        let said = home.run_with(words, &[KEY, TOKEN]).expect("runs");
        ok(&said, codes);
        said
    };
    let rows = || {
        let said = run(&["deployments", "--json"], &[0]).json().expect("json");
        said["deployments"].as_array().expect("deployments").clone()
    };
    run(&["connect", "prometheus", "--url", &prometheus.url(), "--name", "metrics"], &[0]);
    connect(&home, &between.server.url(), &[]);
    let endpoint = format!("endpoint_url={}", github.url());
    let words = ["connect", "github", "--name", "github", "--set", "repositories=acme/shop", "--set", &endpoint];
    run(&[&words[..], &["--secret-env", TOKEN.0]].concat(), &[0]);
    run(&["collect"], &[0, 3]);
    assert_eq!(rows().len(), 2, "GitHub's and ECS's, while nobody said that they are of one service: {:?}", rows());
    for id in [SERVICE, "prometheus-job:shop"] {
        run(&["link", id, "service:shop"], &[0]);
    }

    // A file with the short revision and times of its own, and a script that says it at the end.
    let file = home.path("told.csv");
    let line = format!("shop,prod,{},{},{},succeeded,pipeline", &SHA[..7], time(change - 270), time(change - 10));
    std::fs::write(&file, format!("service,environment,sha,started_at,finished_at,status,actor_kind\n{line}\n"))
        .expect("a file");
    run(&["deployments", "import", &file.display().to_string()], &[0]);
    let (started, finished) = (time(change - 5), time(change));
    let record = ["deployments", "record", "--service", "shop", "--environment", "production", "--revision", SHA];
    let times = ["--started-at", started.as_str(), "--finished-at", finished.as_str(), "--status", "succeeded"];
    run(&[&record[..], &times[..], &["--actor-kind", "pipeline"]].concat(), &[0]);
    let one = rows();
    assert_eq!(one.len(), 1, "{one:?}");
    let told = &one[0];
    assert_eq!((text(&told["revision"]), text(&told["actor_kind"])), (SHA, "pipeline"), "{told}");

    let said = run(&["assess", "--json"], &[0]).json().expect("json");
    let of = |c: &&Value| c["deployment"] == told["id"] && c["subject"]["name"] == "shop";
    let effects: Vec<&Value> = said["comparisons"].as_array().expect("comparisons").iter().filter(of).collect();
    assert!(
        !effects.is_empty() && effects.iter().all(|c| c["verdict"] == "improved"),
        "{effects:?} of {}",
        said["comparisons"]
    );
    // The chart of its service marks it, once.
    let report = home.path("report.html").display().to_string();
    run(&["report", "--format", "html", "-o", &report], &[0]);
    assert!(std::fs::read_to_string(&report).expect("a report").contains(&SHA[..7]));
}
