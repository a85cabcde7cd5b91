//! A real Prometheus that calls its histogram something else: it is found, named by a person, and its history is read.

use crate::pipeline::history;
use crate::program::{Home, Said, ok};
use crate::window::Window;
use loadline_connectors::testing::PrometheusServer;
use serde_json::Value;

const OURS: &str = "http_server_request_duration_seconds";
const THEIRS: &str = "shop_request_latency_seconds";

fn row(said: &Said, name: &str) -> Value {
    let rows = said.json().expect("json")["names"].as_array().expect("rows").clone();
    rows.into_iter().find(|r| r["name"] == name).unwrap_or_else(|| panic!("{name}: {}", said.out))
}

fn p50(home: &Home) -> Option<f64> {
    let said = home.run(&["assess", "--json"]).expect("runs");
    let assessment = said.json().expect("json");
    assessment["latency"].as_array()?.iter().find_map(|l| l["last_week"]["p50"].as_f64())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_metric_of_another_name_is_mapped_and_its_history_is_read() {
    let home = Home::new().expect("home");
    let server = PrometheusServer::start(&history(THEIRS), "", &[]).expect("Prometheus is installed");
    ok(&home.run(&["connect", "prometheus", "--url", &server.url(), "--name", "metrics"]).expect("runs"), &[0]);
    ok(&home.run(&["collect"]).expect("runs"), &[0, 3]);
    assert_eq!(p50(&home), None, "nothing has the name that is asked for");

    let asked = |words: &[&str]| home.run(&[&["names", "metrics", "--json"][..], words].concat()).expect("runs");
    // The server holds its newest hours in memory and its history in a block that ended hours ago.
    let before = row(&asked(&[]), OURS);
    assert!(before["found"].is_null() && before["given"].is_null(), "{before}");
    assert_eq!(before["suggestions"][0], THEIRS, "{before}");

    let refused = |word: &str, code: i32, error: &str| {
        let said = asked(&[word]);
        assert_eq!(said.code, code, "{word}: {} {}", said.out, said.err);
        assert!(said.err.contains(error), "{word}: {}", said.err);
    };
    refused("my_metric=other", 2, "invalid_config");
    refused(&format!("{OURS}=a}} or up"), 2, "invalid_config");
    refused(OURS, 2, "wrong_usage");
    assert!(row(&asked(&[]), OURS)["given"].is_null(), "what was refused changed nothing");
    let gone = row(&asked(&[&format!("{OURS}=gone_seconds")]), OURS);
    assert!(gone["found"].is_null() && gone["given"] == "gone_seconds" && gone["suggestions"][0] == THEIRS, "{gone}");

    let mapped = row(&asked(&[&format!("{OURS}={THEIRS}")]), OURS);
    assert_eq!((&mapped["found"], &mapped["given"]), (&THEIRS.into(), &THEIRS.into()), "{mapped}");
    ok(&home.run(&["collect"]).expect("runs"), &[0, 3]);
    // The history ended six hours ago and was passed over by the first collection: it is asked for again.
    assert!(p50(&home).is_some_and(|p| (0.05..=0.1).contains(&p)), "{:?}", p50(&home));

    let configured = |words: &[&str], code: i32| {
        let said = home.run(&[&["configure", "metrics"][..], words].concat()).expect("runs");
        assert_eq!(said.code, code, "{words:?}: {} {}", said.out, said.err);
        said
    };
    let said = configured(&["tenant=acme", "journey.Check out=vector(1)"], 0);
    assert!(said.out.contains("tenant") && said.out.contains("journey.Check out") && said.out.contains(THEIRS));
    for (word, error) in
        [("colour=red", "unknown_setting"), ("url=", "missing_setting"), ("url=http://a:b@x", "secret_in_argv")]
    {
        let said = configured(&[word], 2);
        assert!(said.err.contains(error), "{word}: {}", said.err);
    }
    let back = row(&asked(&[&format!("{OURS}=")]), OURS);
    assert!(back["given"].is_null(), "{back}");
    by_the_window(&home).await;
    assert_eq!(row(&asked(&[]), OURS)["given"], THEIRS, "what the window was told holds");
    let said = configured(&["tenant="], 0).out;
    assert!(said.contains("journey.sign-up") && said.contains("vector(2)") && said.contains(&server.url()), "{said}");
    assert!(!said.contains("Check out") && !said.contains("a:b"), "{said}");
}

async fn by_the_window(home: &Home) {
    let window = Window::open(home, &[], (1360, 900)).await.expect("the window opens");
    let row = |found: bool| format!("[data-testid=\"name-row\"][data-name=\"{OURS}\"][data-found=\"{found}\"]");
    let story = async {
        window.click("nav-accounts").await?;
        window.click("metric-names").await?;
        window.wait(&format!("{} [data-testid=\"name-suggestion\"]", row(false)), 60).await?.click().await?;
        window.wait(&row(true), 60).await?;
        window.find("names-collect").await?;
        window.click("names-close").await?;
        settings(&window).await
    };
    window.tell(story).await.expect("the story holds");
    window.close().await.expect("closes");
}

/// One journey is taken away, another is written, and a password in an address stays at its field.
async fn settings(window: &Window) -> anyhow::Result<()> {
    window.click("account-settings-open").await?;
    window.find("named-row").await?;
    window.click("named-remove").await?;
    window.click("add-journey").await?;
    window.fill("named-value", "vector(2)").await?;
    window.shows("Give each of them a name.", 20).await?;
    window.fill("named-name", "sign-up").await?;
    window.shows("2 changes not saved yet", 20).await?;
    window.click("settings-save").await?;
    window.shows("Saved. The next collection reads by it.", 20).await?;
    window.find("settings-collect").await?;
    window.fill("field-url", "http://a:b@x").await?;
    window.click("settings-save").await?;
    window.find("wrong-url").await?;
    Ok(())
}

#[test]
fn names_that_a_vendor_fixed_cannot_be_given() {
    let home = Home::new().expect("home");
    let url = "postgres://loadline@127.0.0.1:1/app";
    ok(&home.run(&["connect", "postgres", "--url", url, "--name", "db"]).expect("runs"), &[0]);
    let said = home.run(&["names", "db", "up=down"]).expect("runs");
    assert!(said.code != 0 && said.err.contains("names_are_fixed"), "{} {}", said.code, said.err);
}
