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
        anyhow::Ok(())
    };
    window.tell(story).await.expect("the story holds");
    let files = home.files().expect("files");
    let saved = files.iter().filter(|(p, _)| p.extension().is_some_and(|e| e == "png"));
    assert!(saved.clone().any(|(_, b)| b.starts_with(b"\x89PNG") && b.len() > 5_000), "{}", saved.count());
    window.close().await.expect("closes");
}
