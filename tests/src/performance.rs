//! The performance page and `loadline objectives`, on the demo's story.

use crate::program::Home;
use crate::window::Window;
use fantoccini::key::Key;

#[test]
fn the_command_line_says_what_is_left_of_each_promise() {
    let home = Home::new().expect("home");
    let said = home.run(&["objectives", "--workspace", "demo", "--as-of", "after", "--json"]).expect("runs");
    assert_eq!(said.code, 0, "{}", said.err);
    let found = said.json().expect("json");
    assert_eq!(found["schema"], "loadline.objectives/1");
    let objectives = found["objectives"].as_array().expect("objectives");
    assert_eq!(objectives.len(), 3);
    for objective in objectives {
        assert_eq!(objective["burns"].as_array().map(Vec::len), Some(3), "{objective}");
        let sentence = objective["sentence"].as_str().unwrap_or_default();
        let target = if sentence.contains("sign-up") { "97 %" } else { "99.5 %" };
        assert!(sentence.contains(&format!("promises {target} over 28 days")), "{sentence}");
    }
    let text = home.run(&["objectives", "--workspace", "demo"]).expect("runs");
    assert!(text.out.contains("wakes somebody from 14.4 on"), "{}", text.out);
    let before = home.run(&["objectives", "--workspace", "demo", "--as-of", "before"]).expect("runs");
    assert!(before.out.contains("No objective is known"), "{}", before.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_range_holds_for_every_chart_and_is_remembered() {
    let home = Home::new().expect("home");
    let window = Window::open(&home, &["demo"], (1360, 900)).await.expect("the window opens");
    let story = async {
        window.click("nav-performance").await?;
        window.find("page-performance").await?;
        let chosen = |code: &str| format!("[data-testid=\"range-{code}\"][aria-checked=\"true\"]");
        window.wait(&chosen("90d"), 60).await?;
        window.click("range-28d").await?;
        let shown = window.wait(&chosen("28d"), 10).await?;
        let line = window.find("range-shown").await?.text().await?;
        anyhow::ensure!(line.contains("28 days"), "{line}");
        shown.send_keys(&String::from(char::from(Key::Left))).await?;
        window.wait(&chosen("14d"), 10).await?;

        let cells = window.find("cells").await?;
        window.find("heat-sentence").await?;
        cells.send_keys(&String::from(char::from(Key::Right))).await?;
        window.wait(".plot__cell", 10).await?;
        window.click("as-table").await?;
        window.find("heat-table").await?;

        window.click("nav-capacity").await?;
        window.find("page-capacity").await?;
        window.click("nav-performance").await?;
        window.wait(&chosen("14d"), 60).await?;
        anyhow::Ok(())
    };
    window.tell(story).await.expect("the story holds");
    window.close().await.expect("closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn charts_are_saved_as_pictures_and_objectives_have_their_own_tab() {
    let home = Home::new().expect("home");
    let window = Window::open(&home, &["demo"], (1360, 900)).await.expect("the window opens");
    let story = async {
        window.click("nav-performance").await?;
        window.find("plot").await?;
        window.click("export-png").await?;
        window.shows("Saved: ", 30).await?;

        window.click("tab-objectives").await?;
        window.find("objective").await?;
        let summary = window.find("objectives-summary").await?.text().await?;
        anyhow::ensure!(summary.contains("kept"), "{summary}");
        window.find("incidents").await?;
        window.click("range-all").await?;
        window.find("incident").await?;
        // What the page asks for itself follows the snapshot on show.
        window.click("as-of").await?;
        window.wait("[data-testid=\"snapshot\"]:last-child", 10).await?.click().await?;
        window.shows("No objective is known", 60).await?;
        anyhow::Ok(())
    };
    window.tell(story).await.expect("the story holds");
    let files = home.files().expect("files");
    let saved = files.iter().filter(|(p, _)| p.extension().is_some_and(|e| e == "png"));
    assert!(saved.clone().any(|(_, b)| b.starts_with(b"\x89PNG") && b.len() > 5_000), "{}", saved.count());
    window.close().await.expect("closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_written_down_in_the_window_and_forgotten_there() {
    let home = Home::new().expect("home");
    let at = |hours: i64| loadline_connectors::testing::real_now().plus_hours(-hours).to_string();
    let (started, finished) = (at(30), at(29));
    let words = ["deployments", "record", "--service", "shop", "--environment", "production", "--revision", "a84d88e"];
    let times = ["--started-at", started.as_str(), "--finished-at", finished.as_str(), "--status", "succeeded"];
    let said = home.run(&[&words[..], &times[..], &["--actor-kind", "pipeline"]].concat()).expect("runs");
    assert_eq!(said.code, 0, "{}", said.err);
    let listed = || home.run(&["incidents", "--json"]).expect("runs").json().expect("json");
    let window = Window::open(&home, &[], (1360, 900)).await.expect("the window opens");
    let story = async {
        window.click("nav-performance").await?;
        window.click("tab-objectives").await?;
        window.click("record-incident").await?;
        window.fill("incident-title", "Checkout down").await?;
        let fill = |id: &str, value: &str| {
            format!(
                "const f = document.querySelector('[data-testid={id}]'); f.value = '{value}';
                 f.dispatchEvent(new Event('input', {{bubbles: true}})); f.dispatchEvent(new Event('change', {{bubbles: true}}));"
            )
        };
        let local = |hours: i64| at(hours).chars().take(16).collect::<String>();
        for (id, value) in [
            ("incident-service", "service:shop".to_owned()),
            ("incident-began", local(27)),
            ("incident-over", local(28)),
        ] {
            window.client.execute(&fill(id, &value), Vec::new()).await?;
        }
        window.shows("It cannot be over before it begins.", 10).await?;
        window.client.execute(&fill("incident-over", &local(26)), Vec::new()).await?;
        window.click("incident-submit").await?;
        window.shows("The incident is recorded.", 30).await?;
        window.find("incident").await?;
        let rows = listed();
        let row = &rows["incidents"][0];
        anyhow::ensure!(row["title"] == "Checkout down" && row["subject"]["name"] == "shop", "{rows}");
        anyhow::ensure!(row["recorded"] == true && !row["until"].is_null(), "{rows}");
        window.click("forget-incident").await?;
        window.shows("The incident is forgotten.", 30).await?;
        anyhow::ensure!(listed()["incidents"].as_array().is_some_and(Vec::is_empty), "{}", listed());
        anyhow::Ok(())
    };
    window.tell(story).await.expect("the story holds");
    window.close().await.expect("closes");
}
