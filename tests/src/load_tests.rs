//! Load tests and drills that are told on the command line and in the window. What k6 counted is held against the peak that a real
//! Prometheus measured; what a person tells makes no check pass.

use crate::program::{Home, ok};
use crate::proof;
use crate::window::Window;
use loadline_connectors::testing::{PrometheusServer, real_now};
use serde_json::{Value, json};

/// How a rule judges a thing.
fn outcome(home: &Home, rule: &str, thing: &str) -> String {
    let said = home.run(&["assess", "--json"]).expect("runs");
    let assessment = said.json().expect("json");
    let open = assessment["findings"].as_array().expect("findings");
    let of = |f: &&Value| f["rule"] == rule && f["subject"]["name"] == thing;
    // What passes is no finding; that the rule applies is seen from what was asked before.
    open.iter().find(of).map_or_else(|| "pass".to_owned(), |f| f["result"].as_str().unwrap_or_default().to_owned())
}

fn summary(home: &Home, name: &str, rate: f64, crossed: bool) -> String {
    let path = home.path(name);
    let said = json!({"root_group": {"name": ""}, "metrics": {"http_reqs": {"count": 900, "rate": rate},
        "http_req_duration": {"avg": 14.5, "p(95)": 21.4, "thresholds": {"p(95)<2000": crossed}}}});
    std::fs::write(&path, said.to_string()).expect("written");
    path.display().to_string()
}

#[test]
fn what_k6_counted_can_pass_and_what_a_person_tells_cannot() {
    let (history, _) = proof::faster("shop");
    let prometheus = PrometheusServer::start(&history, "", &[]).expect("Prometheus is installed");
    let home = Home::new().expect("a home");
    let run = |words: &[&str], codes: &[i32]| {
        let said = home.run(words).expect("runs");
        ok(&said, codes);
        said
    };
    run(&["connect", "prometheus", "--url", &prometheus.url(), "--name", "metrics"], &[0]);
    run(&["collect"], &[0, 3]);
    let listed = || run(&["tests", "--json"], &[0]).json().expect("json")["tests"].as_array().cloned().expect("tests");
    let shop = run(&["assess", "--json"], &[0]).json().expect("json")["demand"][0]["subject"]["id"].clone();
    let shop = shop.as_str().expect("demand is measured").to_owned();
    run(&["tier", "t0", &shop], &[0]);
    assert_eq!(outcome(&home, "TEST-001", "shop"), "unknown");

    let at = |days: i64| real_now().plus_days(-days).to_string();
    let record = |days: i64, more: &[&str], codes: &[i32]| {
        let at = at(days);
        let words = ["tests", "record", "--on", "shop", "--kind", "load", "--at", at.as_str()];
        run(&[&words[..], more].concat(), codes)
    };
    // A person's word: it does not pass.
    record(9, &["--passed", "--times-peak", "4"], &[0]);
    assert_eq!(outcome(&home, "TEST-001", "shop"), "unknown");
    // The peak is about half a request a second: a tenth of one is no test of it, five are.
    record(8, &["--k6", &summary(&home, "low.json", 0.1, false)], &[0]);
    run(&["tests", "forget", listed()[0]["id"].as_str().expect("an id")], &[0]);
    assert_eq!(outcome(&home, "TEST-001", "shop"), "fail");
    record(7, &["--k6", &summary(&home, "crossed.json", 5.0, true)], &[0]);
    assert_eq!(outcome(&home, "TEST-001", "shop"), "fail", "its thresholds did not hold");
    record(6, &["--k6", &summary(&home, "high.json", 5.0, false)], &[0]);
    assert_eq!(outcome(&home, "TEST-001", "shop"), "pass");
    assert_eq!(listed().len(), 3);

    // A drill that was not stood convicts; one that was stood is a person's word.
    assert_eq!(outcome(&home, "TEST-004", "shop"), "unknown");
    let drill = |days: i64, how: &[&str]| {
        let at = at(days);
        let words = ["tests", "record", "--on", "shop", "--kind", "chaos", "--at", at.as_str()];
        run(&[&words[..], how].concat(), &[0]);
    };
    drill(3, &["--failed"]);
    assert_eq!(outcome(&home, "TEST-004", "shop"), "fail");
    drill(2, &["--passed", "--recovered-after", "41"]);
    assert_eq!(outcome(&home, "TEST-004", "shop"), "unknown");

    for (more, code) in [
        (&["--passed", "--failed"][..], 2),
        (&[], 1),
        (&["--passed", "--recovered-after", "3"], 1),
        (&["--k6", "/nowhere/summary.json"], 1),
    ] {
        let said = record(5, more, &[code]);
        assert!(said.err.len() > 20, "{more:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drill_is_written_down_in_the_window_and_forgotten_there() {
    let home = Home::new().expect("home");
    let at = |hours: i64| real_now().plus_hours(-hours).to_string();
    let (started, finished) = (at(30), at(29));
    let words = ["deployments", "record", "--service", "shop", "--environment", "production", "--revision", "a84d88e"];
    let times = ["--started-at", started.as_str(), "--finished-at", finished.as_str(), "--status", "succeeded"];
    let said = home.run(&[&words[..], &times[..], &["--actor-kind", "pipeline"]].concat()).expect("runs");
    assert_eq!(said.code, 0, "{}", said.err);
    let window = Window::open(&home, &[], (1360, 1000)).await.expect("the window opens");
    let story = async {
        window.click("nav-performance").await?;
        window.click("tab-objectives").await?;
        window.click("record-test").await?;
        let fill = |id: &str, value: &str| {
            format!(
                "const f = document.querySelector('[data-testid={id}]'); f.value = '{value}';
                 f.dispatchEvent(new Event('input', {{bubbles: true}})); f.dispatchEvent(new Event('change', {{bubbles: true}}));"
            )
        };
        window.find("test-k6").await?;
        let began = at(27).chars().take(16).collect::<String>();
        for (id, value) in [("test-kind", "failover"), ("test-subject", "service:shop"), ("test-began", began.as_str())]
        {
            window.client.execute(&fill(id, value), Vec::new()).await?;
        }
        window.fill("test-figure", "soon").await?;
        window.shows("The figure must be a number above 0.", 10).await?;
        window.client.execute(&fill("test-figure", "41"), Vec::new()).await?;
        window.click("test-submit").await?;
        window.shows("The test is recorded.", 30).await?;
        window.find("test").await?;
        window.shows("back after 41 s", 30).await?;
        window.click("forget-test").await?;
        window.shows("The test is forgotten.", 30).await?;
        let left = home.run(&["tests", "--json"])?.json()?;
        anyhow::ensure!(left["tests"].as_array().is_some_and(Vec::is_empty), "{left}");
        anyhow::Ok(())
    };
    window.tell(story).await.expect("the story holds");
    window.close().await.expect("closes");
}
