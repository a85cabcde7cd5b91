//! The real window under a virtual display, driven through WebDriver.

use crate::program::{Home, program};
use anyhow::{Context, Result, bail};
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A display and a driver; both end with it.
pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// A virtual display of this size.
    pub fn start(width: u32, height: u32) -> Result<Self> {
        let screen = format!("{width}x{height}x24");
        // The server picks a free number and says it: two tests choosing for themselves could share one display.
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("Xvfb is missing: run cargo xtask install test")?;
        let mut number = String::new();
        if let Some(said) = server.stdout.take() {
            BufReader::new(said).read_line(&mut number)?;
        }
        let number: u32 = number.trim().parse().context("no virtual display could be started")?;
        Ok(Self { server, name: format!(":{number}") })
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The window, open and driven.
pub struct Window {
    /// The WebDriver session.
    pub client: Client,
    driver: Child,
    _display: Display,
}

impl Window {
    /// Opens the program's window in a home, with arguments.
    pub async fn open(home: &Home, words: &[&str], size: (u32, u32)) -> Result<Self> {
        Self::open_with(home, words, size, &[]).await
    }

    /// The same with environment variables.
    pub async fn open_with(home: &Home, words: &[&str], size: (u32, u32), variables: &[(&str, &str)]) -> Result<Self> {
        let display = Display::start(size.0, size.1)?;
        let port = loadline_connectors::testing::free_port().map_err(|e| anyhow::anyhow!("{e:?}"))?;
        let plain = home.command(&[])?;
        let inherited = plain.get_envs().filter_map(|(k, v)| Some((k.to_owned(), v?.to_owned())));
        let driver = Command::new("WebKitWebDriver")
            .arg(format!("--port={port}"))
            .envs(inherited)
            .envs(variables.iter().copied())
            .env("DISPLAY", &display.name)
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .env("GDK_BACKEND", "x11")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("WebKitWebDriver is missing: run cargo xtask install test")?;
        let mut capabilities = Capabilities::new();
        let binary = program()?.display().to_string();
        capabilities.insert("webkitgtk:browserOptions".into(), json!({ "binary": binary, "args": words }));
        let address = format!("http://127.0.0.1:{port}");
        let begun = Instant::now();
        loop {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            match tokio::time::timeout(Duration::from_secs(60), builder.connect(&address)).await {
                Ok(Ok(client)) => {
                    client.set_window_rect(0, 0, size.0, size.1).await.ok();
                    return Ok(Self { client, driver, _display: display });
                }
                Ok(Err(error)) if begun.elapsed() > Duration::from_secs(60) => bail!("no window session: {error}"),
                Err(_) => bail!("the window did not open within 60 s"),
                Ok(Err(_)) => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    }

    /// Waits for an element with this `data-testid`.
    pub async fn find(&self, id: &str) -> Result<fantoccini::elements::Element> {
        self.wait(&format!("[data-testid=\"{id}\"]"), 60).await
    }

    /// Waits for an element.
    pub async fn wait(&self, css: &str, seconds: u64) -> Result<fantoccini::elements::Element> {
        let begun = Instant::now();
        loop {
            match self.client.find(Locator::Css(css)).await {
                Ok(element) => return Ok(element),
                Err(error) if begun.elapsed() > Duration::from_secs(seconds) => {
                    let text = self.text().await.unwrap_or_default();
                    bail!("{css} did not appear in {seconds} s ({error}); the window says: {text}")
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    }

    /// Clicks an element by `data-testid` once it stands still: the driver aims first and clicks later.
    pub async fn click(&self, id: &str) -> Result<()> {
        let mut element = self.find(id).await?;
        let mut place = element.rectangle().await.ok();
        for _ in 0..100 {
            tokio::time::sleep(Duration::from_millis(30)).await;
            element = self.find(id).await?;
            let now = element.rectangle().await.ok();
            if now.is_some() && now == place {
                break;
            }
            place = now;
        }
        element.click().await.with_context(|| format!("could not click {id}"))
    }

    /// Types into an element by `data-testid`, replacing what is there.
    pub async fn fill(&self, id: &str, text: &str) -> Result<()> {
        let element = self.find(id).await?;
        element.clear().await.ok();
        element.send_keys(text).await.with_context(|| format!("could not type into {id}"))
    }

    /// All text of the window.
    pub async fn text(&self) -> Result<String> {
        Ok(self.client.find(Locator::Css("body")).await?.text().await?)
    }

    /// Waits until the window shows a text.
    pub async fn shows(&self, expected: &str, seconds: u64) -> Result<()> {
        let begun = Instant::now();
        loop {
            let text = self.text().await.unwrap_or_default();
            if text.contains(expected) {
                return Ok(());
            }
            if begun.elapsed() > Duration::from_secs(seconds) {
                bail!("the window did not show `{expected}` in {seconds} s; it says: {text}");
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Runs a story to its end, or says where it stopped with a picture of the window.
    ///
    /// # Errors
    /// What the story says, or that it did not end within six minutes.
    pub async fn tell(&self, story: impl Future<Output = Result<()>>) -> Result<()> {
        let limit = Duration::from_secs(360);
        let ended = tokio::time::timeout(limit, story).await.unwrap_or_else(|_| bail!("no end within {limit:?}"));
        if ended.is_err()
            && let Ok(picture) = self.picture().await
        {
            let path = std::env::temp_dir().join(format!("loadline-window-{}.png", std::process::id()));
            std::fs::write(&path, picture)?;
            return ended.with_context(|| format!("see {}", path.display()));
        }
        ended
    }

    /// A picture of the window as PNG.
    pub async fn picture(&self) -> Result<Vec<u8>> {
        Ok(tokio::time::timeout(Duration::from_secs(300), self.client.screenshot()).await??)
    }

    /// Closes window and driver.
    pub async fn close(mut self) -> Result<()> {
        tokio::time::timeout(Duration::from_secs(20), self.client.clone().close()).await.ok();
        self.driver.kill().ok();
        self.driver.wait().ok();
        Ok(())
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
