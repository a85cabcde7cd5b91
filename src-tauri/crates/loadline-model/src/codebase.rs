//! The code of the connected repositories as the debt page shows it: files with size, complexity, change and who knows
//! them, modules with their imports, what changes together.

use crate::{ChangedTogether, CodeIdiom, CodeMigration, CodeModule, CodeStat, ImportedFinding, SubjectRef, Timestamp};
use serde::{Deserialize, Serialize};

/// Every repository whose code was read, largest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Codebase {
    /// Repositories.
    pub repositories: Vec<Repository>,
}

/// One repository. Numbers that were not read are absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repository {
    /// It.
    pub subject: SubjectRef,
    /// Lines of code in measured languages, tests left out.
    pub lines: Option<f64>,
    /// Source files that were measured, tests left out.
    pub files_measured: Option<f64>,
    /// Share of source files that could not be measured, 0–1.
    pub unmeasured: Option<f64>,
    /// Days of history that were read.
    pub history_days: Option<f64>,
    /// No shallow clone, no limit reached.
    pub history_complete: Option<bool>,
    /// Commits of people in 12 months.
    pub commits: Option<f64>,
    /// Authors of 24 months, and those of the last 90 days.
    pub authors: Option<f64>,
    /// Of them, those with a commit in the last 90 days.
    pub active_authors: Option<f64>,
    /// Authors whose loss leaves more than half of the files without anybody who knows them (Avelino et al. 2016).
    pub truck_factor: Option<f64>,
    /// Share of the files changed in 24 months that no active author knows, 0–1.
    pub orphaned: Option<f64>,
    /// Files by hotspot score, worst first, then by path.
    pub files: Vec<CodeStat>,
    /// Modules by path.
    pub modules: Vec<CodeModule>,
    /// Circles of modules by number.
    pub cycles: Vec<Cycle>,
    /// Files that change in the same commits, most first.
    pub pairs: Vec<ChangedTogether>,
    /// Lines of tests.
    #[serde(default)]
    pub test_lines: Option<f64>,
    /// Share of the lines that tests run, 0–1, as a coverage report says.
    #[serde(default)]
    pub coverage: Option<f64>,
    /// The same of the lines that changed.
    #[serde(default)]
    pub coverage_changed: Option<f64>,
    /// An analyser's cost of repair over the cost of writing anew, 0–1.
    #[serde(default)]
    pub debt_ratio: Option<f64>,
    /// Words of idioms that were looked for, and in how many places each was recognised.
    #[serde(default)]
    pub looked_for: Vec<(String, f64)>,
    /// Places where an idiom was recognised, by word, likely ones first, then by path and line.
    #[serde(default)]
    pub idioms: Vec<CodeIdiom>,
    /// Migrations that a person declared in the account, by name.
    #[serde(default)]
    pub migrations: Vec<Migration>,
}

/// A declared migration with what follows from its lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Migration {
    /// Its lines over time.
    #[serde(flatten)]
    pub lines: CodeMigration,
    /// Share of the lines on the new paths today, 0–1.
    pub done: Option<f64>,
    /// How far it moved in the last eight weeks, 0–1; absent where it was not seen that long.
    pub moved: Option<f64>,
    /// Day on which 95 % are done, if it goes on like this; see [`CodeMigration::forecast`].
    pub forecast: Option<Timestamp>,
}

impl From<CodeMigration> for Migration {
    fn from(lines: CodeMigration) -> Self {
        Self { done: lines.done(), moved: lines.moved(), forecast: lines.forecast(), lines }
    }
}

/// A finding of another tool, which moves no score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherFinding {
    /// What it is about.
    pub subject: SubjectRef,
    /// When it was read or imported.
    pub read_at: Timestamp,
    /// What the tool says.
    #[serde(flatten)]
    pub finding: ImportedFinding,
}

/// Modules that import each other in a circle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cycle {
    /// Its number in [`CodeModule::cycle`].
    pub number: u32,
    /// Paths of its modules.
    pub modules: Vec<String>,
    /// Lines of code in them.
    pub lines: f64,
    /// The import with which cutting it begins, as path and line.
    pub cut: Option<String>,
}
