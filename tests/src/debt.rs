//! Debt, findings of other tools and answers, on the demo's story.

use crate::program::Home;
use crate::window::Window;
use serde_json::Value;

fn asked(home: &Home, words: &[&str], as_of: &str) -> Value {
    let mut all = words.to_vec();
    all.extend(["--workspace", "demo", "--as-of", as_of, "--json"]);
    home.run(&all).expect("runs").json().expect("json")
}

#[test]
fn the_demos_code_gets_better_from_moment_to_moment() {
    let home = Home::new().expect("home");
    let circles = |debt: &Value| {
        let of = |m: &Value| m["path"].as_str().unwrap_or_default().starts_with("api/") && !m["cycle"].is_null();
        debt["repositories"][0]["modules"].as_array().expect("modules").iter().filter(|m| of(m)).count()
    };
    let hottest = |debt: &Value| {
        let files = debt["repositories"][0]["files"].as_array().expect("files");
        let hot = |f: &&Value| f["hotspot"].as_f64().unwrap_or(0.0) >= 0.5 && f["complexity"].as_f64() > Some(90.0);
        files.iter().filter(hot).count()
    };
    let [before, midway, after] = ["before", "midway", "after"].map(|at| asked(&home, &["debt"], at));
    assert!(circles(&before) > circles(&midway) && circles(&midway) > circles(&after), "circles are cut");
    assert_eq!(circles(&after), 0);
    assert!(hottest(&before) > hottest(&after), "knots are taken apart");
    let weeks = |debt: &Value| debt["debt"]["principal_weeks"]["p50"].as_f64().expect("weeks");
    assert!(weeks(&before) > weeks(&midway) && weeks(&midway) > weeks(&after), "debt is paid back");
    let open = |at: &str| asked(&home, &["findings", "--others"], at)["findings"].as_array().map_or(0, Vec::len);
    assert!(open("before") > 0 && open("midway") > 0 && open("after") > 0);
}

#[test]
fn the_report_lists_what_other_tools_found() {
    let home = Home::new().expect("home");
    let file = home.path("r.md").display().to_string();
    let words = ["report", "--workspace", "demo", "--as-of", "after", "--format", "md", "-o", &file];
    assert_eq!(home.run(&words).expect("runs").code, 0);
    let text = std::fs::read_to_string(&file).expect("written");
    assert!(text.contains("Findings of other tools") && text.contains("CodeQL"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn debt_has_its_tabs_and_an_answer_is_undone() {
    let home = Home::new().expect("home");
    let window = Window::open(&home, &["demo"], (1360, 900)).await.expect("the window opens");
    let story = async {
        window.click("nav-debt").await?;
        window.find("ledger-row").await?;
        for (tab, shown) in
            [("files", "treemap"), ("modules", "module-matrix"), ("places", "places-group"), ("tools", "other")]
        {
            window.click(&format!("tab-{tab}")).await?;
            window.find(shown).await?;
        }
        window.click("nav-answers").await?;
        window.find("page-answers").await?;
        window.fill("answer-oncall.people", "9").await?;
        window.click("nav-overview").await?;
        // The answer is undone once it was judged, which the notice says.
        window.shows("oncall.people is 9", 60).await?;
        window.click("nav-answers").await?;
        let shown = |value: &str| {
            format!("return document.querySelector('[data-testid=\"answer-oncall.people\"]')?.value === '{value}'")
        };
        wait_for(&window, &shown("9")).await?;
        window.click("nav-settings").await?;
        window.click("tab-decisions").await?;
        window.click("undo-newest").await?;
        window.click("nav-answers").await?;
        wait_for(&window, &shown("4")).await
    };
    window.tell(story).await.expect("the story holds");
    window.close().await.expect("closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_map_of_files_is_gone_into_and_says_who_knows_them() {
    let home = Home::new().expect("home");
    let window = Window::open(&home, &["demo"], (1360, 900)).await.expect("the window opens");
    let story = async {
        window.click("nav-debt").await?;
        window.click("tab-files").await?;
        window.find("treemap").await?;
        let deeper = "const t = document.querySelector('[data-testid=tree-trail]').innerText;
            const f = document.querySelector('.tree__block--folder');
            if (f && !window.gone) { window.gone = t; f.click(); return false; }
            return !!window.gone && t.length > window.gone.length;";
        wait_for(&window, deeper).await?;
        // Below the folder every row of the table lies in it.
        let inside = "const t = document.querySelector('[data-testid=tree-trail]').innerText.replace(/\\s/g, '').replace(/^All/, '');
            const rows = [...document.querySelectorAll('[data-testid=file] code')].map(c => '/' + c.innerText);
            return rows.length > 0 && rows.every(r => r.startsWith(t));";
        wait_for(&window, inside).await?;
        window.click("colour-knowledge").await?;
        window.shows("how many active people know it", 20).await?;
        let colours = "return document.querySelectorAll('[data-testid=treemap] .tile--4, [data-testid=treemap] .tile--2').length > 0";
        wait_for(&window, colours).await
    };
    window.tell(story).await.expect("the story holds");
    window.close().await.expect("closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn delivery_shows_its_rules_and_what_a_deployment_did() {
    let home = Home::new().expect("home");
    let window = Window::open(&home, &["demo"], (1360, 900)).await.expect("the window opens");
    let story = async {
        window.click("nav-delivery").await?;
        for shown in ["keys-row", "keys-rules", "lanes", "deployment"] {
            window.find(shown).await?;
        }
        window.shows("Wilson interval", 20).await?;
        let all = "window.all = document.querySelectorAll('.lanes .tick').length; return window.all > 0";
        wait_for(&window, all).await?;
        window.click("failed-only").await?;
        let failed = "const rows = [...document.querySelectorAll('[data-testid=deployment]')].map(r => r.innerText);
            return rows.length > 0 && rows.every(r => /failed|rolled back/i.test(r));";
        wait_for(&window, failed).await?;
        window.click("nav-overview").await?;
        window.click("nav-delivery").await?;
        window.click("deployment-effect").await?;
        window.find("page-performance").await?;
        wait_for(&window, "return location.search.includes('change=')").await
    };
    window.tell(story).await.expect("the story holds");
    window.close().await.expect("closes");
}

/// Waits until a script in the window says yes.
async fn wait_for(window: &Window, script: &str) -> anyhow::Result<()> {
    for _ in 0..600 {
        if window.client.execute(script, Vec::new()).await? == Value::Bool(true) {
            return Ok(());
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    anyhow::bail!("it never held: {script}")
}
