//! A real Prometheus in a temporary folder, with history written before it starts.

use super::{Broken, Running, free_port, run, until};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A running server.
pub struct PrometheusServer {
    // Before the folder, so that the server has ended when its folder goes.
    _process: Running,
    _folder: TempDir,
    /// Port of 127.0.0.1.
    pub port: u16,
}

impl PrometheusServer {
    /// Starts with `history` (OpenMetrics with timestamps, ending more than three hours ago; may be empty), rules
    /// (YAML of a rule file) and scraped jobs (name, host:port).
    ///
    /// # Errors
    /// When Prometheus is not installed or does not start.
    pub fn start(history: &str, rules: &str, jobs: &[(&str, &str)]) -> Result<Self, Broken> {
        Self::start_with(history, rules, jobs, &[])
    }

    /// The same with further arguments of the command line.
    ///
    /// # Errors
    /// When Prometheus is not installed or does not start.
    pub fn start_with(history: &str, rules: &str, jobs: &[(&str, &str)], arguments: &[&str]) -> Result<Self, Broken> {
        let folder = TempDir::new().map_err(|e| e.to_string())?;
        let place = |name: &str| folder.path().join(name).display().to_string();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).map_err(|e| e.to_string());
        if !history.is_empty() {
            write("history", history)?;
            run(Command::new("promtool").args([
                "tsdb",
                "create-blocks-from",
                "openmetrics",
                // One block: the tool reads the whole file again for each.
                "--max-block-duration=1536h",
                &place("history"),
                &place("data"),
            ]))?;
        }
        let scrape: String = jobs
            .iter()
            .map(|(job, target)| format!("  - job_name: {job}\n    static_configs: [{{ targets: ['{target}'] }}]\n"))
            .collect();
        write("rules.yml", if rules.is_empty() { "groups: []\n" } else { rules })?;
        write(
            "prometheus.yml",
            &format!(
                "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\nrule_files: [rules.yml]\nscrape_configs:\n{}",
                if scrape.is_empty() { "  []\n" } else { &scrape }
            ),
        )?;
        let port = free_port()?;
        let log = std::fs::File::create(folder.path().join("log")).map_err(|e| e.to_string())?;
        let child = Command::new("prometheus")
            .arg(format!("--config.file={}", place("prometheus.yml")))
            .arg(format!("--storage.tsdb.path={}", place("data")))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--storage.tsdb.retention.time=120d")
            .args(arguments)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|e| format!("prometheus: {e}"))?;
        let server = Self { _process: Running(child), _folder: folder, port };
        until("Prometheus did not start", 60, || server.is_ready())?;
        Ok(server)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn is_ready(&self) -> bool {
        let ask = || -> std::io::Result<String> {
            let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
            std::io::Write::write_all(&mut stream, b"GET /-/ready HTTP/1.0\r\n\r\n")?;
            std::io::read_to_string(stream)
        };
        ask().is_ok_and(|answer| answer.contains(" 200 "))
    }
}
