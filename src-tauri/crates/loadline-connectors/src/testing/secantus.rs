//! A real server that speaks MongoDB's wire protocol on WiredTiger: SecantusDB, one member, filled by the vendor's client.

use super::{Broken, Running, free_port, run, until};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Where `cargo xtask test` puts it below the cache folder; the name holds the versions that the tests know.
const KEPT: &str = "loadline-tools/python/SecantusDB--0-7-0b3-pymongo--4-20-0/bin/secantusd-py";

/// A running server.
pub struct SecantusServer {
    // Before the folder, so that the server has ended when its folder goes.
    process: Option<Running>,
    folder: TempDir,
    program: PathBuf,
    /// Port of 127.0.0.1.
    pub port: u16,
}

impl SecantusServer {
    /// Starts an empty server with these flags (`--standalone`, `--auth`, …).
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(flags: &[&str]) -> Result<Self, Broken> {
        let (program, folder) = (program()?, TempDir::new().map_err(|e| e.to_string())?);
        let mut server = Self { process: None, folder, program, port: free_port()? };
        server.run(flags)?;
        Ok(server)
    }

    /// Ends it and starts it again on the same data, with other flags.
    ///
    /// # Errors
    /// When it does not start.
    pub fn restart(&mut self, flags: &[&str]) -> Result<(), Broken> {
        self.process = None;
        self.run(flags)
    }

    fn run(&mut self, flags: &[&str]) -> Result<(), Broken> {
        let log = std::fs::File::create(self.folder.path().join("log")).map_err(|e| e.to_string())?;
        let child = Command::new(&self.program)
            .args(["--host", "127.0.0.1", "--port", &self.port.to_string(), "--storage-path"])
            .arg(self.folder.path().join("data"))
            .args(flags)
            .current_dir(self.folder.path())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|e| format!("{}: {e}", self.program.display()))?;
        self.process = Some(Running(child));
        let port = self.port;
        until("SecantusDB did not start", 60, || std::net::TcpStream::connect(("127.0.0.1", port)).is_ok())
    }

    /// Ends it at once, as a crash would.
    pub fn die(&mut self) {
        if let Some(process) = self.process.as_mut() {
            let _ = process.0.kill();
            let _ = process.0.wait();
        }
    }

    /// Its address, without user.
    pub fn url(&self) -> String {
        format!("mongodb://127.0.0.1:{}", self.port)
    }

    /// The same for a user.
    pub fn url_for(&self, user: &str) -> String {
        format!("mongodb://{user}@127.0.0.1:{}", self.port)
    }

    /// A folder that lives as long as the server.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Runs a script of Python with the vendor's own client; `client` is connected, `options` are more arguments of it.
    ///
    /// # Errors
    /// What the script complained about.
    pub fn script(&self, options: &str, script: &str) -> Result<String, Broken> {
        let python = self.program.with_file_name("python");
        let prelude = format!(
            "import pymongo, hashlib, json\nfrom bson import json_util\nclient = pymongo.MongoClient('127.0.0.1', {}, directConnection=True, serverSelectionTimeoutMS=10000{options})\n",
            self.port
        );
        run(Command::new(python).arg("-c").arg(prelude + script))
    }
}

/// `LOADLINE_SECANTUS`, or the one in the cache folder of the project's tools.
fn program() -> Result<PathBuf, Broken> {
    let named = std::env::var_os("LOADLINE_SECANTUS").filter(|p| !p.is_empty()).map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|p| !p.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    let program = named.or(cache.map(|c| c.join(KEPT))).ok_or("no home folder to look for SecantusDB in")?;
    if program.exists() {
        return Ok(program);
    }
    Err(format!(
        "SecantusDB is not at {}; run cargo xtask test, which installs it, or set LOADLINE_SECANTUS",
        program.display()
    ))
}
