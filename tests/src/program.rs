//! The built program, run as a person would: its own home, its own workspace, nothing inherited that matters.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc;
use std::time::Duration;

/// No run takes this long: one that waits for something that never comes fails with its name instead of stopping the rest.
const LIMIT: Duration = Duration::from_secs(300);

/// The checkout. Cargo names it at run time; what was compiled in may be another clone's that shares the compiled code.
pub fn root() -> PathBuf {
    let manifest =
        std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    manifest.parent().unwrap_or(&manifest).to_path_buf()
}

/// The program under test: `LOADLINE_PROGRAM`, or the debug build beside this test.
pub fn program() -> Result<PathBuf> {
    let path = match std::env::var_os("LOADLINE_PROGRAM") {
        Some(path) => PathBuf::from(path),
        None => {
            let here = std::env::current_exe()?;
            here.ancestors().find(|p| p.ends_with("debug")).context("no debug folder")?.join("loadline")
        }
    };
    ensure!(path.exists(), "{} is not built: run cargo xtask test", path.display());
    Ok(path)
}

/// A home of its own, deleted at the end.
pub struct Home {
    folder: tempfile::TempDir,
}

/// What a run said.
#[derive(Debug)]
pub struct Said {
    /// Exit code; -1 when a signal ended it.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Said {
    /// Standard output as JSON.
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.out).with_context(|| format!("not JSON ({}): {} {}", self.code, self.out, self.err))
    }
}

/// Panics with what was said unless the run ended with one of these codes.
#[track_caller]
pub fn ok(said: &Said, codes: &[i32]) {
    assert!(codes.contains(&said.code), "exit {}: {} {}", said.code, said.out, said.err);
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Home {
    /// A fresh home.
    pub fn new() -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()? })
    }

    /// Writes `~/.aws` with the one profile `shop`; `config` is what `~/.aws/config` says.
    pub fn shop_profile(&self, config: &str, secret: &str) -> Result<()> {
        std::fs::create_dir_all(self.path(".aws"))?;
        std::fs::write(self.path(".aws/config"), config)?;
        let keys = format!("[shop]\naws_access_key_id = AKIDSHOP\naws_secret_access_key = {secret}\n");
        Ok(std::fs::write(self.path(".aws/credentials"), keys)?)
    }

    /// A path inside it.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of the program in this home.
    pub fn command(&self, words: &[&str]) -> Result<Command> {
        let mut command = Command::new(program()?);
        command.args(words).env("HOME", self.folder.path()).env("XDG_DATA_HOME", self.path("data")).env("TZ", "UTC");
        command.env_remove("LOADLINE_WORKSPACE").env_remove("LOADLINE_PASSPHRASE").env("USER", "tester");
        Ok(command)
    }

    /// Runs the program to its end.
    pub fn run(&self, words: &[&str]) -> Result<Said> {
        self.run_with(words, &[])
    }

    /// Runs it with environment variables.
    pub fn run_with(&self, words: &[&str], variables: &[(&str, &str)]) -> Result<Said> {
        ended(piped(self.command(words)?.envs(variables.iter().copied()).stdin(Stdio::null())).spawn()?)
    }

    /// Every file below it with its content.
    pub fn files(&self) -> Result<Vec<(PathBuf, Vec<u8>)>> {
        let mut found = Vec::new();
        let mut waiting = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = waiting.pop() {
            for entry in std::fs::read_dir(folder)?.flatten() {
                let path = entry.path();
                if path.is_dir() {
                    waiting.push(path);
                } else if let Ok(bytes) = std::fs::read(&path) {
                    found.push((path, bytes));
                }
            }
        }
        Ok(found)
    }
}

/// Both outputs kept.
pub fn piped(command: &mut Command) -> &mut Command {
    command.stdout(Stdio::piped()).stderr(Stdio::piped())
}

/// Runs a command with something on its standard input.
pub fn typed(command: &mut Command, text: &str) -> Result<Said> {
    let mut child = piped(command.stdin(Stdio::piped())).spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(text.as_bytes())?;
    }
    ended(child)
}

/// Reads a program to its end.
///
/// # Errors
/// When it does not end within five minutes.
pub fn ended(child: Child) -> Result<Said> {
    let id = child.id().to_string();
    let (done, waiting) = mpsc::channel();
    std::thread::spawn(move || done.send(child.wait_with_output()));
    match waiting.recv_timeout(LIMIT) {
        Ok(output) => Ok(output?.into()),
        Err(_) => {
            Command::new("kill").args(["-9", &id]).status()?;
            bail!("the program did not end within {} s", LIMIT.as_secs())
        }
    }
}
