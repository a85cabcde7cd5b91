//! The generated history: thirty people and a machine over 700 days, with renames, merges of real branches, deletions, and
//! files that were made again.

use super::{Numbers, file, signed};
use loadline_model::Timestamp;
use std::io::{Result, Write};

/// Commits of the main line.
pub(super) const COMMITS: u64 = 50_000;
/// Files of the first commit.
const FILES: u64 = 800;
/// Lines of a file.
const LINES: u64 = 120;
const PEOPLE: u64 = 30;
/// Days over which the commits are spread: churn is of the last 365, ownership of 730.
const DAYS: i64 = 700;
/// Marks of commits on branches beside the main line begin here.
const SIDE: u64 = 1_000_000;

/// The moment of the last commit.
pub(super) fn end() -> Timestamp {
    Timestamp(1_790_000_000_000)
}

fn at(commit: u64) -> Timestamp {
    let from = end().plus_days(-DAYS).0;
    Timestamp(from + (end().0 - from) / COMMITS as i64 * commit as i64)
}

/// A program whose text is this file's own, so that no other is taken for it after a rename.
fn content(file: u64, commit: u64) -> String {
    let changed = commit % LINES;
    let line = |n: u64| format!("value_{file}_{n} = compute_{file}({})\n", if n == changed { commit } else { n });
    (0..LINES).map(line).collect()
}

/// Writes the history as `git fast-import` reads it.
pub(super) fn write(out: &mut dyn Write) -> Result<()> {
    let mut numbers = Numbers(7);
    // Path and number of each file that exists; the number is in its text.
    let mut files: Vec<(String, u64)> =
        (0..FILES).map(|n| (format!("src/part{}/room{}/file{n}.py", n % 20, n % 7), n)).collect();
    let mut gone: Vec<(String, u64)> = Vec::new();
    for commit in 1..=COMMITS {
        let side = commit % 97 == 0 && commit > 40;
        if side {
            writeln!(out, "commit refs/heads/side{commit}\nmark :{}", SIDE + commit)?;
            signed(out, &person(&mut numbers), Timestamp(at(commit).0 - 5_000))?;
            writeln!(out, "from :{}", commit - 20)?;
            let path = format!("src/side/room{}/side{commit}.py", commit % 9);
            file(out, &path, &content(FILES + commit, commit))?;
            files.push((path, FILES + commit));
        }
        writeln!(out, "commit refs/heads/main\nmark :{commit}")?;
        signed(out, &person(&mut numbers), at(commit))?;
        if commit > 1 {
            writeln!(out, "from :{}", commit - 1)?;
        }
        let any = numbers.below(files.len() as u64) as usize;
        match commit {
            1 => {
                for (path, n) in &files {
                    file(out, path, &content(*n, commit))?;
                }
            }
            _ if side => {
                let (path, n) = &files[files.len() - 1];
                writeln!(out, "merge :{}", SIDE + commit)?;
                file(out, path, &content(*n, commit))?;
            }
            _ if commit % 61 == 0 => {
                let new = format!("src/part{}/moved/file{commit}.py", numbers.below(20));
                writeln!(out, "R {} {new}", files[any].0)?;
                files[any].0 = new;
                file(out, &files[any].0, &content(files[any].1, commit))?;
            }
            _ if commit % 211 == 0 => {
                let old = files.swap_remove(any);
                writeln!(out, "D {}", old.0)?;
                gone.push(old);
            }
            _ if commit % 211 == 20 && !gone.is_empty() => {
                // Under its old name, but another file.
                let (path, _) = gone.swap_remove(0);
                file(out, &path, &content(commit, commit))?;
                files.push((path, commit));
            }
            _ => {
                for _ in 0..=numbers.below(4) {
                    let (path, n) = &files[numbers.below(files.len() as u64) as usize];
                    file(out, path, &content(*n, commit))?;
                }
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn person(numbers: &mut Numbers) -> String {
    match numbers.below(20) {
        0 => "renovate[bot]".to_owned(),
        // The lower the number, the more commits.
        _ => format!("person{}", numbers.below(PEOPLE).min(numbers.below(PEOPLE))),
    }
}
