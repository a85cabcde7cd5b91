//! A history of 50,000 commits beside `git log --numstat`, and two million lines read in bounded memory. Every reading is a
//! process of its own, so that its peak of memory is its own.

mod history;
mod numstat;
mod text;

use anyhow::{Context, Result, ensure};
use loadline_connectors::testing::{account, install_crypto};
use loadline_connectors::{Progress, Window, provider};
use loadline_model::{Scope, Timestamp};
use serde::{Deserialize, Serialize};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Instant;

/// First word of the call that makes this program one reading.
pub(super) const READ: &str = "read-code";

/// Runs of each side; the median counts.
const RUNS: usize = 3;
/// Most memory that reading two million lines may take, MB.
const MOST_MB: f64 = 400.0;
/// Longest time from a stop to the end of the reading, seconds.
const MOST_STOP: f64 = 1.0;

/// How often progress was told, when the first commit was read, and when the stop was said.
type Seen = (u32, Option<Instant>, Option<Instant>);

/// What one reading took.
#[derive(Deserialize, Serialize)]
struct Took {
    /// Until the first commit was read, seconds.
    files: f64,
    /// From then to the end, seconds.
    history: f64,
    /// From the stop to the end, seconds.
    stop: Option<f64>,
    /// Peak of resident memory, MB.
    peak_mb: f64,
    /// Times that progress was told.
    steps: u32,
    scope: Scope,
}

/// Measures and prints; fails where ours differs from git's arithmetic or exceeds its bounds.
pub(super) fn measure() -> Result<()> {
    past()?;
    present()
}

fn past() -> Result<()> {
    let folder = made(&mut |out| history::write(out))?;
    // As a host packs a clone.
    git(folder.path(), &["repack", "-a", "-d", "-q"])?;
    let (mut theirs, mut ours, mut scope, mut whole) = (Vec::new(), Vec::new(), None, 0.0);
    for _ in 0..RUNS {
        let begun = Instant::now();
        let words = ["log", "--no-merges", "--numstat", "-M", "main"];
        let ended = Command::new("git").args(words).current_dir(folder.path()).stdout(Stdio::null()).status()?;
        ensure!(ended.success(), "git log");
        theirs.push(begun.elapsed().as_secs_f64());
        let took = read(folder.path(), None)?;
        ours.push(took.history);
        whole = took.files + took.history;
        scope = Some(took.scope);
    }
    let (theirs, ours) = (median(theirs), median(ours));
    let rows = numstat::compare(folder.path(), &scope.context("a reading")?)?;
    println!(
        "code, {} commits: churn and ownership in {ours:.2} s (with the files {whole:.2} s) against {theirs:.2} s of git log \
         --numstat, ratio {:.1}x; {rows}",
        history::COMMITS,
        theirs / ours
    );
    Ok(())
}

fn present() -> Result<()> {
    for files in [text::FILES / 10, text::FILES] {
        let folder = made(&mut |out| text::write(out, files))?;
        let took = read(folder.path(), None)?;
        ensure!(took.scope.gaps.is_empty(), "{:?}", took.scope.gaps);
        let seconds = took.files + took.history;
        let lines = files * text::LINES;
        println!(
            "code, {lines} lines in {files} files of 8 languages: {seconds:.1} s, {:.0} lines a second, peak of memory {:.0} MB, \
             progress told {} times",
            lines as f64 / seconds,
            took.peak_mb,
            took.steps
        );
        ensure!(took.peak_mb <= MOST_MB, "reading took more than {MOST_MB} MB");
        if files == text::FILES {
            let stopped = read(folder.path(), Some(files / 3))?.stop.context("it was not stopped")?;
            println!("  stopped after a third of the files: ended {:.0} ms later", stopped * 1e3);
            ensure!(stopped <= MOST_STOP, "a stop took longer than {MOST_STOP} s");
        }
    }
    Ok(())
}

/// A repository from a stream of `git fast-import`.
fn made(write: &mut dyn FnMut(&mut dyn Write) -> std::io::Result<()>) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    git(folder.path(), &["init", "-q", "-b", "main"])?;
    let mut child = Command::new("git")
        .args(["fast-import", "--quiet"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .spawn()
        .context("git")?;
    let mut stream = BufWriter::with_capacity(1 << 20, child.stdin.take().context("an input")?);
    write(&mut stream)?;
    stream.flush()?;
    drop(stream);
    ensure!(child.wait()?.success(), "git fast-import");
    Ok(folder)
}

fn git(folder: &Path, words: &[&str]) -> Result<Vec<u8>> {
    let out = Command::new("git").args(words).current_dir(folder).output().context("git")?;
    ensure!(out.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&out.stderr));
    Ok(out.stdout)
}

/// Reads a repository in a process of its own; with `stop`, until so many files were read.
fn read(folder: &Path, stop: Option<u64>) -> Result<Took> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(READ).arg(folder).args(stop.map(|n| n.to_string()));
    let out = command.stderr(Stdio::inherit()).output()?;
    ensure!(out.status.success(), "the reading failed");
    Ok(serde_json::from_slice(&out.stdout)?)
}

/// The reading: `read-code <folder> [files before the stop]`.
pub(super) async fn read_one() -> Result<()> {
    install_crypto();
    let words: Vec<String> = std::env::args().skip(2).collect();
    let path = words.first().context("a folder")?;
    let until: Option<u32> = words.get(1).map(|w| w.parse()).transpose()?;
    let known = provider("git").context("git")?;
    let connector = (known.connect)(&account("git", &[("path", path)]), None).await?;
    let plan = connector.scopes().await?.remove(0);
    let now = history::end();
    let window = Window { from: now.plus_days(-90), until: now, now, cancel: Default::default() };
    let seen: Arc<Mutex<Seen>> = Arc::default();
    let (told, cancel) = (seen.clone(), window.cancel.clone());
    let progress = Progress::new(move |step| {
        let Ok(mut seen) = told.lock() else { return };
        seen.0 += 1;
        if step.what == "reading commits" && seen.1.is_none() {
            seen.1 = Some(Instant::now());
        }
        if step.what == "reading files" && until.is_some_and(|n| step.done >= n) && seen.2.is_none() {
            seen.2 = Some(Instant::now());
            cancel.cancel();
        }
    });
    let begun = Instant::now();
    let scope = connector.read(&plan, &window, &progress).await;
    let ended = Instant::now();
    let (steps, commits, stopped) = *seen.lock().map_err(|_| anyhow::anyhow!("the reading stopped"))?;
    let files = commits.unwrap_or(ended);
    let took = Took {
        files: (files - begun).as_secs_f64(),
        history: (ended - files).as_secs_f64(),
        stop: stopped.map(|at| (ended - at).as_secs_f64()),
        peak_mb: peak_mb()?,
        steps,
        scope,
    };
    serde_json::to_writer(std::io::stdout().lock(), &took)?;
    Ok(())
}

/// Peak of this process's resident memory.
fn peak_mb() -> Result<f64> {
    let status = std::fs::read_to_string("/proc/self/status").context("only Linux says it")?;
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).context("no peak")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Pseudo-random numbers of a generator: the same on every machine.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }
}

/// The author's and the committer's line of a commit.
fn signed(out: &mut dyn Write, who: &str, at: Timestamp) -> std::io::Result<()> {
    let at = at.0 / 1_000;
    writeln!(
        out,
        "author {who} Lee <{who}@acme.io> {at} +0000\ncommitter {who} Lee <{who}@acme.io> {at} +0000\ndata 4\nwork"
    )
}

/// A file of a commit.
fn file(out: &mut dyn Write, path: &str, content: &str) -> std::io::Result<()> {
    writeln!(out, "M 100644 inline {path}\ndata {}\n{content}", content.len())
}
