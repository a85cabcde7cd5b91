//! Databases on the command line and in the window, on the demo's story.

use crate::program::Home;
use crate::window::Window;
use fantoccini::Locator;
use fantoccini::key::Key;
use std::time::Duration;

#[test]
fn the_command_line_says_where_time_goes() {
    let home = Home::new().expect("home");
    let said = home.run(&["databases", "--workspace", "demo", "--as-of", "midway", "--json"]).expect("runs");
    assert_eq!(said.code, 0, "{}", said.err);
    let found = said.json().expect("json");
    assert_eq!(found["schema"], "loadline.databases/1");
    let statements = found["statements"].as_array().expect("statements");
    let shares: f64 = statements.iter().filter_map(|s| s["share"].as_f64()).sum();
    assert!((shares - 1.0).abs() < 1e-6, "{shares}");
    let messages = statements.iter().find(|s| s["fingerprint"] == "q-messages").expect("the story's statement");
    let means: Vec<f64> =
        messages["mean_over"].as_array().expect("history").iter().filter_map(|m| m.as_f64()).collect();
    assert_eq!((means.first(), means.last()), (Some(&640.0), Some(&11.0)), "the index shows");
    assert!(found["chains"][0]["usable"].as_f64().is_some_and(|n| n > 0.0), "{}", found["chains"]);

    let before = home.run(&["databases", "--workspace", "demo", "--as-of", "before"]).expect("runs");
    assert!(before.out.contains("setProfilingLevel"), "what to switch on is said: {}", before.out);
    let nobody = home.run(&["databases", "--workspace", "demo", "--database", "nobody", "--json"]).expect("runs");
    assert_eq!(nobody.json().expect("json")["databases"].as_array().map(Vec::len), Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn statements_are_searched_sorted_and_walked_by_keys() {
    let home = Home::new().expect("home");
    let window = Window::open(&home, &["demo"], (1360, 900)).await.expect("the window opens");
    let story = async {
        window.click("nav-performance").await?;
        window.click("tab-databases").await?;
        window.find("db-statement").await?;
        let rows = || window.client.find_all(Locator::Css("[data-testid=\"db-statement\"]"));
        let all = rows().await?.len();
        anyhow::ensure!(all >= 5, "{all} statements");

        window.fill("db-search", "notifications").await?;
        tokio::time::sleep(Duration::from_millis(500)).await;
        let found = rows().await?;
        anyhow::ensure!(!found.is_empty() && found.len() < all, "{} of {all} match", found.len());
        // Another tab forgets what was searched on this one.
        window.click("tab-requests").await?;
        window.click("tab-databases").await?;
        window.find("db-statement").await?;

        window.click("db-sort-mean").await?;
        let sorted = "[role=\"columnheader\"][aria-sort=\"descending\"] [data-testid=\"db-sort-mean\"]";
        window.wait(sorted, 10).await?;

        let grid = window.wait("#statements[role=\"grid\"]", 10).await?;
        grid.send_keys(&String::from(char::from(Key::Down))).await?;
        window.find("db-detail").await?;
        let first = grid.attr("aria-activedescendant").await?;
        anyhow::ensure!(first.as_deref() == Some("statements-row-0"), "{first:?}");
        grid.send_keys(&String::from(char::from(Key::End))).await?;
        let last = format!("#statements-row-{}[aria-selected=\"true\"]", all - 1);
        window.wait(&last, 10).await?;
        anyhow::Ok(())
    };
    window.tell(story).await.expect("the story holds");
    window.close().await.expect("closes");
}
