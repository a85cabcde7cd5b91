//! An AWS account on this machine: moto server, which keeps state and answers in Amazon's own forms.

use super::{Broken, Running, free_port, run, until};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Where `cargo xtask test` puts it below the cache folder; the name holds the versions that the tests know.
const KEPT: &str = "loadline-tools/python/moto-server---5-2-5-boto3--1-44-5/bin/moto_server";

/// A running server; every key is accepted and belongs to account 123456789012 until `reset-auth` says otherwise.
pub struct MotoServer {
    // Before the folder, so that the server has ended when its folder goes.
    _process: Running,
    _folder: TempDir,
    program: PathBuf,
    /// Port of 127.0.0.1.
    pub port: u16,
}

impl MotoServer {
    /// Starts an empty account without images of others.
    ///
    /// # Errors
    /// When moto is not installed or does not start.
    pub fn start() -> Result<Self, Broken> {
        let program = program()?;
        let folder = TempDir::new().map_err(|e| e.to_string())?;
        let port = free_port()?;
        let log = std::fs::File::create(folder.path().join("log")).map_err(|e| e.to_string())?;
        let child = Command::new(&program)
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .map_err(|e| format!("{}: {e}", program.display()))?;
        let server = Self { _process: Running(child), _folder: folder, program, port };
        until("moto did not start", 120, || server.is_ready())?;
        Ok(server)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Runs a script of Python with the vendor's own client beside the server; `client(service, region)` makes one.
    ///
    /// # Errors
    /// What the script complained about.
    pub fn script(&self, script: &str) -> Result<String, Broken> {
        let python = self.program.with_file_name("python");
        let prelude = format!(
            "import boto3\ndef client(service, region='eu-west-1'):\n    return boto3.client(service, region_name=region, endpoint_url='{}', aws_access_key_id='test', aws_secret_access_key='test')\n",
            self.url()
        );
        run(Command::new(python).arg("-c").arg(prelude + script).env("AWS_EC2_METADATA_DISABLED", "true"))
    }

    fn is_ready(&self) -> bool {
        let answer = forward(self.port, "GET /moto-api/ HTTP/1.0");
        answer.is_ok_and(|answer| String::from_utf8_lossy(&answer).contains(" 200 "))
    }
}

/// Asks a server of this machine the question that a [`super::ScriptedServer`] was asked, and returns its whole answer.
///
/// # Errors
/// When it cannot be asked or stops answering.
pub fn forward(port: u16, text: &str) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
    // The older version of the protocol makes the server end its answer by closing.
    let head = head.replacen("HTTP/1.1", "HTTP/1.0", 1);
    let lines: Vec<&str> = head.lines().filter(|l| !l.to_ascii_lowercase().starts_with("connection:")).collect();
    stream.write_all(format!("{}\r\n\r\n{body}", lines.join("\r\n")).as_bytes())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// `LOADLINE_MOTO`, or the one in the cache folder of the project's tools.
fn program() -> Result<PathBuf, Broken> {
    let named = std::env::var_os("LOADLINE_MOTO").filter(|p| !p.is_empty()).map(PathBuf::from);
    let cache = std::env::var_os("XDG_CACHE_HOME").filter(|p| !p.is_empty()).map(PathBuf::from);
    let cache = cache.or_else(|| std::env::home_dir().map(|home| home.join(".cache")));
    let kept = cache.map(|c| c.join(KEPT));
    let program = named.or(kept).ok_or("no home folder to look for moto in")?;
    if program.exists() {
        return Ok(program);
    }
    Err(format!("moto is not at {}; run cargo xtask test, which installs it, or set LOADLINE_MOTO", program.display()))
}
