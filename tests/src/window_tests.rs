//! The real window, driven as a person would.

use crate::program::Home;
use crate::window::Window;
use loadline_connectors::testing::PostgresServer;
use std::time::Duration;

const SIZE: (u32, u32) = (1360, 900);

#[tokio::test(flavor = "multi_thread")]
async fn first_start_demo_findings_evidence_roadmap_report() {
    let home = Home::new().expect("home");
    let window = Window::open(&home, &[], SIZE).await.expect("the window opens");
    let story = async {
        window.click("open-demo").await?;
        window.find("page-overview").await?;
        window.shows("mongodb", 60).await?;

        window.click("nav-findings").await?;
        window.find("page-findings").await?;
        window.click("finding-row").await?;
        window.find("drawer").await?;
        window.click("add-to-roadmap").await?;
        tokio::time::sleep(Duration::from_millis(1500)).await;
        window.click("drawer-close").await?;

        window.click("nav-roadmap").await?;
        window.find("page-roadmap").await?;
        window.find("roadmap-item").await?;

        window.click("nav-map").await?;
        window.find("page-map").await?;
        window.click("nav-performance").await?;
        window.find("page-performance").await?;
        window.shows("improved", 60).await?;
        window.click("nav-capacity").await?;
        window.find("page-capacity").await?;

        window.click("nav-reports").await?;
        window.find("page-reports").await?;
        window.click("export-report").await?;
        window.find("export-result").await?;
        anyhow::Ok(())
    };
    window.tell(story).await.expect("the story holds");
    let written = home.files().expect("files").into_iter().find(|(p, _)| p.extension().is_some_and(|e| e == "pdf"));
    let (_, bytes) = written.expect("a PDF was written");
    assert!(bytes.starts_with(b"%PDF") && bytes.len() > 20_000);
    window.close().await.expect("closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn failing_a_node_darkens_journeys() {
    let home = Home::new().expect("home");
    let window = Window::open(&home, &["demo"], SIZE).await.expect("the window opens");
    let story = async {
        window.click("nav-map").await?;
        window.find("page-map").await?;
        window.wait("[data-testid^=\"map-node-\"]", 60).await?.click().await?;
        let text = window.find("map-sentence").await?.text().await?;
        anyhow::ensure!(text.contains('%') || text.contains("journey"), "{text}");
        Ok(())
    };
    window.tell(story).await.expect("the story holds");
    window.close().await.expect("closes");
}

#[tokio::test(flavor = "multi_thread")]
async fn connect_test_collect_findings_on_a_real_postgres() {
    let home = Home::new().expect("home");
    let server = PostgresServer::start("").expect("PostgreSQL is installed");
    server.sql("postgres", "CREATE TABLE t (id int PRIMARY KEY)").expect("planted");
    let url = server.socket_url("postgres");
    let window = Window::open(&home, &[], SIZE).await.expect("the window opens");
    let story = async {
        window.click("connect-account").await?;
        window.find("wizard").await?;
        window.click("provider-postgres").await?;
        window.click("wizard-next").await?;
        window.click("wizard-next").await?;
        window.fill("field-url", &url).await?;
        window.click("test-draft").await?;
        let next = "[data-testid=\"wizard-next\"]:not([disabled])";
        window.wait(next, 60).await?.click().await?;
        window.wait(next, 60).await?.click().await?;
        window.find("first-collection").await?;
        // Enabled again when the collection has ended.
        window.wait(next, 120).await?.click().await?;
        // The first assessment follows the collection.
        let findings = window.wait("[data-testid=\"nav-findings\"]", 120).await?;
        findings.click().await?;
        window.wait("[data-testid=\"finding-row\"]", 120).await?;
        anyhow::Ok(())
    };
    window.tell(story).await.expect("the story holds");
    window.close().await.expect("closes");
}
