//! A repository made with git, with dates and authors of our choosing.

use loadline_model::Timestamp;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// A repository in a temporary folder; it goes with its value.
pub(super) struct Made {
    folder: tempfile::TempDir,
}

impl Made {
    pub(super) fn new() -> Self {
        let made = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        made.git(&["init", "-q", "-b", "main"]);
        made
    }
    pub(super) fn path(&self) -> String {
        self.folder.path().to_str().expect("text").to_owned()
    }
    pub(super) fn root(&self) -> &Path {
        self.folder.path()
    }
    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command
            .args(args)
            .current_dir(self.folder.path())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1");
        command
    }
    /// Runs git and gives what it prints.
    pub(super) fn git(&self, args: &[&str]) -> Vec<u8> {
        let out = self.command(args).output().expect("git runs");
        assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
        out.stdout
    }
    /// Runs git with an input.
    pub(super) fn git_with(&self, args: &[&str], input: &[u8]) -> Vec<u8> {
        let mut child = self
            .command(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("git runs");
        child.stdin.take().expect("an input").write_all(input).expect("written");
        let out = child.wait_with_output().expect("git ends");
        assert!(out.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&out.stderr));
        out.stdout
    }
    pub(super) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    /// Commits everything.
    pub(super) fn commit(&self, at: Timestamp, who: &str, message: &str) {
        self.git(&["add", "-A"]);
        let date = format!("{} +0000", at.0 / 1_000);
        let (name, email) = (format!("{who} Lee"), format!("{who}@acme.io"));
        let out = self
            .command(&["commit", "-q", "--allow-empty", "-m", message])
            .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
            .envs([("GIT_AUTHOR_NAME", &name), ("GIT_COMMITTER_NAME", &name)])
            .envs([("GIT_AUTHOR_EMAIL", &email), ("GIT_COMMITTER_EMAIL", &email)])
            .output()
            .expect("git runs");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
}
