//! Screenshots of every page: dark and light, the story before and after, empty, and at 1024 pixels.

use anyhow::{Context, Result, ensure};
use fantoccini::Locator;
use loadline_connectors::testing::MotoServer;
use loadline_tests::crowd;
use loadline_tests::program::Home;
use loadline_tests::window::Window;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const PAGES: [&str; 12] = [
    "overview",
    "map",
    "findings",
    "debt",
    "performance",
    "capacity",
    "delivery",
    "roadmap",
    "reports",
    "accounts",
    "answers",
    "settings",
];

#[tokio::main(flavor = "multi_thread")]
async fn main() -> Result<()> {
    let folder: PathBuf = std::env::args_os().nth(1).context("name a folder")?.into();
    std::fs::create_dir_all(&folder)?;
    // `shots FOLDER maps`, `map-200`, `wizard`, `code` or `demo`: only these.
    let only = std::env::args().nth(2);
    let wanted = |what: &str| only.as_deref().is_none_or(|only| only == what);
    for things in [20, 200, 2000] {
        if wanted("maps") || wanted(&format!("map-{things}")) {
            map_of(&folder, things).await?;
        }
    }
    if wanted("wizard") {
        wizard(&folder).await?;
    }
    if wanted("code") {
        code(&folder).await?;
    }
    if wanted("demo") && only.is_some() {
        pages(&folder, "dark", "", (1360, 900)).await?;
        code_and_people(&folder).await?;
    }
    if only.is_some() {
        return Ok(());
    }
    for theme in ["light", "dark"] {
        empty(&folder, theme).await?;
        for (name, size) in [("", (1360, 900)), ("-1024", (1024, 700))] {
            pages(&folder, theme, name, size).await?;
        }
    }
    Ok(())
}

async fn themed(window: &Window, theme: &str) -> Result<()> {
    let script = format!(
        "document.documentElement.dataset.theme = '{theme}'; localStorage.setItem('loadline.theme', '{theme}');"
    );
    window.client.execute(&script, Vec::new()).await?;
    Ok(())
}

async fn shot(window: &Window, path: &Path) -> Result<()> {
    tokio::time::sleep(Duration::from_millis(700)).await;
    std::fs::write(path, window.picture().await?)?;
    println!("{}", path.display());
    Ok(())
}

async fn empty(folder: &Path, theme: &str) -> Result<()> {
    let home = Home::new()?;
    let window = Window::open(&home, &[], (1360, 900)).await?;
    window.find("open-demo").await?;
    themed(&window, theme).await?;
    shot(&window, &folder.join(format!("first-run-{theme}.png"))).await?;
    window.close().await
}

async fn pages(folder: &Path, theme: &str, suffix: &str, size: (u32, u32)) -> Result<()> {
    let home = Home::new()?;
    let window = Window::open(&home, &["demo"], size).await?;
    loaded(&window).await?;
    themed(&window, theme).await?;
    for page in PAGES {
        visit(&window, page, &folder.join(format!("{page}-{theme}{suffix}.png"))).await?;
    }
    debt(&window, folder, &format!("{theme}{suffix}")).await?;
    databases(&window, &folder.join(format!("databases-{theme}{suffix}.png"))).await?;
    objectives(&window, &folder.join(format!("objectives-{theme}{suffix}.png"))).await?;
    if suffix.is_empty() {
        in_use(&window, folder, theme).await?;
    }
    window.close().await
}

/// What a page looks like with something chosen on it, and the story's first week.
async fn in_use(window: &Window, folder: &Path, theme: &str) -> Result<()> {
    window.click("nav-findings").await?;
    window.click("finding-row").await?;
    window.find("drawer").await?;
    shot(window, &folder.join(format!("finding-{theme}.png"))).await?;
    window.click("drawer-close").await?;
    window.click("nav-map").await?;
    window.wait("[data-testid^=\"map-node-\"]", 60).await?.click().await?;
    shot(window, &folder.join(format!("map-node-{theme}.png"))).await?;
    window.click("as-of").await?;
    let named = "//*[@data-testid='snapshot'][.//*[text()='before']]";
    window.client.find(Locator::XPath(named)).await?.click().await?;
    window.find("band-earlier").await?;
    for page in PAGES {
        visit(window, page, &folder.join(format!("{page}-before-{theme}.png"))).await?;
    }
    databases(window, &folder.join(format!("databases-before-{theme}.png"))).await
}

/// The other tabs of the debt page.
async fn debt(window: &Window, folder: &Path, ending: &str) -> Result<()> {
    window.click("nav-debt").await?;
    for (tab, shown) in [("files", "treemap"), ("modules", "module-matrix"), ("places", "places"), ("tools", "others")]
    {
        window.click(&format!("tab-{tab}")).await?;
        window.find(shown).await?;
        loaded(window).await?;
        shot(window, &folder.join(format!("debt-{tab}-{ending}.png"))).await?;
    }
    Ok(())
}

/// The second tab of the performance page.
async fn databases(window: &Window, path: &Path) -> Result<()> {
    window.click("nav-performance").await?;
    window.click("tab-databases").await?;
    window.find("db-row").await?;
    loaded(window).await?;
    shot(window, path).await
}

/// Its third one.
async fn objectives(window: &Window, path: &Path) -> Result<()> {
    window.click("nav-performance").await?;
    window.click("tab-objectives").await?;
    window.find("objectives").await?;
    loaded(window).await?;
    shot(window, path).await
}

async fn visit(window: &Window, page: &str, path: &Path) -> Result<()> {
    window.click(&format!("nav-{page}")).await?;
    window.find(&format!("page-{page}")).await?;
    loaded(window).await?;
    shot(window, path).await
}

/// What the story says of code and people, light and narrow.
async fn code_and_people(folder: &Path) -> Result<()> {
    let home = Home::new()?;
    for (theme, suffix, size) in [("light", "", (1360, 900)), ("dark", "-1024", (1024, 700))] {
        let window = Window::open(&home, &["demo"], size).await?;
        loaded(&window).await?;
        themed(&window, theme).await?;
        for page in ["debt", "delivery", "answers"] {
            visit(&window, page, &folder.join(format!("{page}-{theme}{suffix}.png"))).await?;
        }
        debt(&window, folder, &format!("{theme}{suffix}")).await?;
        window.close().await?;
    }
    Ok(())
}

/// Waits until nothing on the page says that it is still coming.
async fn loaded(window: &Window) -> Result<()> {
    let begun = Instant::now();
    loop {
        let coming = window.client.find_all(Locator::Css("[data-testid=\"loading\"], [aria-busy=\"true\"]")).await?;
        if coming.is_empty() {
            return Ok(());
        }
        ensure!(begun.elapsed() < Duration::from_secs(60), "the page is still loading");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The failure map of this many things, whole and with one of them failed.
async fn map_of(folder: &Path, things: usize) -> Result<()> {
    let home = Home::new()?;
    crowd::fill(&home, things).await?;
    let window = Window::open(&home, &[], (1360, 900)).await?;
    window.wait("[data-testid=\"nav-map\"]", 120).await?;
    for theme in ["light", "dark"] {
        themed(&window, theme).await?;
        visit(&window, "map", &folder.join(format!("map-{things}-{theme}.png"))).await?;
    }
    window.click("spof").await?;
    shot(&window, &folder.join(format!("map-{things}-failed-dark.png"))).await?;
    // A part opened: what it is made of, among the others.
    if let Ok(part) = window.client.find(Locator::Css("[data-testid^=\"map-node-part:\"]")).await {
        part.click().await?;
        loaded(&window).await?;
        shot(&window, &folder.join(format!("map-{things}-open-dark.png"))).await?;
    }
    window.close().await
}

/// The steps of connecting an AWS account, against an emulator that a profile leads to.
async fn wizard(folder: &Path) -> Result<()> {
    let moto = MotoServer::start().map_err(|e| anyhow::anyhow!("{e}"))?;
    let home = Home::new()?;
    home.shop_profile(&format!("[profile shop]\nregion = eu-west-1\nendpoint_url = {}\n", moto.url()), "secret")?;
    let window = Window::open(&home, &[], (1360, 900)).await?;
    window.click("connect-account").await?;
    both(&window, folder, "wizard-1-choose").await?;
    window.click("provider-aws").await?;
    window.find("policy-json").await?;
    both(&window, folder, "wizard-2-policy").await?;
    window.click("wizard-next").await?;
    window.fill("field-profile", "shop").await?;
    window.fill("field-regions", "Ireland").await?;
    window.click("test-draft").await?;
    window.find("wrong-regions").await?;
    both(&window, folder, "wizard-3-wrong").await?;
    window.fill("field-regions", "eu-west-1 eu-central-1").await?;
    window.click("test-draft").await?;
    window.find("test-report").await?;
    both(&window, folder, "wizard-3-tested").await?;
    let next = "[data-testid=\"wizard-next\"]:not([disabled])";
    window.wait(next, 60).await?.click().await?;
    window.find("estimate").await?;
    both(&window, folder, "wizard-4-cost").await?;
    window.wait(next, 60).await?.click().await?;
    window.wait("[data-testid=\"collect-service\"][data-state=\"done\"]", 60).await?;
    both(&window, folder, "wizard-4-collecting").await?;
    window.close().await
}

/// The debt page with the code that this program is made of.
async fn code(folder: &Path) -> Result<()> {
    let home = Home::new()?;
    let clone = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
    let clone = clone.to_str().context("a path in UTF-8")?;
    for words in [&["connect", "git", "--path", clone][..], &["collect"]] {
        let said = home.run(words)?;
        ensure!([0, 3].contains(&said.code), "{}", said.err);
    }
    for (suffix, size) in [("", (1360, 900)), ("-1024", (1024, 700))] {
        let window = Window::open(&home, &[], size).await?;
        for theme in ["light", "dark"] {
            themed(&window, theme).await?;
            visit(&window, "debt", &folder.join(format!("debt-code-{theme}{suffix}.png"))).await?;
            for (tab, what) in [("modules", "debt-modules"), ("places", "debt-places"), ("files", "debt-files")] {
                window.click(&format!("tab-{tab}")).await?;
                window.find(what).await?;
                shot(&window, &folder.join(format!("debt-code-{tab}-{theme}{suffix}.png"))).await?;
            }
            window.click("colour-knowledge").await?;
            window.find("treemap").await?;
            shot(&window, &folder.join(format!("debt-code-knowledge-{theme}{suffix}.png"))).await?;
        }
        window.close().await?;
    }
    Ok(())
}

async fn both(window: &Window, folder: &Path, name: &str) -> Result<()> {
    for theme in ["light", "dark"] {
        themed(window, theme).await?;
        shot(window, &folder.join(format!("{name}-{theme}.png"))).await?;
    }
    Ok(())
}
