//! Backups, tests, documents, code, cost, expiry and what people and other tools say.

use crate::{Day, SubjectId, Timestamp, hash};
use serde::{Deserialize, Serialize};

/// What kind of copy or use of a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackupKind {
    /// A whole copy.
    Snapshot,
    /// A point in time that can be restored to.
    PointInTime,
    /// A restore.
    Restore,
    /// A segment of the log was archived: it restores nothing without a whole copy from before it.
    Log,
}

/// A backup, archive or restore. Subject: the store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BackupEvent {
    /// Which.
    pub kind: BackupKind,
    /// Finished at.
    pub at: Timestamp,
    /// It worked.
    pub succeeded: bool,
    /// Where the copy lies: account, region or bucket.
    #[serde(default)]
    pub location: Option<String>,
    /// Seconds it took.
    #[serde(default)]
    pub duration_s: Option<f64>,
    /// The content was checked after a restore.
    #[serde(default)]
    pub validated: Option<bool>,
    /// Tool or service that made it.
    #[serde(default)]
    pub tool: Option<String>,
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TestKind {
    /// Load or stress.
    Load,
    /// Failover drill.
    Failover,
    /// Fault injection.
    Chaos,
    /// A scripted journey.
    Synthetic,
    /// A recovery drill from backup.
    Recovery,
}

/// A load, failover, chaos or synthetic test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestRun {
    /// Which.
    pub kind: TestKind,
    /// When.
    pub at: Timestamp,
    /// It passed.
    pub passed: bool,
    /// Highest load as a multiple of that day's peak.
    #[serde(default)]
    pub peak_multiplier: Option<f64>,
    /// Requests a second, the mean of the run, as its tool counted them.
    #[serde(default)]
    pub requests_per_second: Option<f64>,
    /// Seconds to recover.
    #[serde(default)]
    pub recovery_s: Option<f64>,
    /// One sentence.
    #[serde(default)]
    pub note: Option<String>,
}

impl TestKind {
    /// Every kind, in the order in which a person is asked.
    pub const ALL: [Self; 5] = [Self::Load, Self::Failover, Self::Chaos, Self::Recovery, Self::Synthetic];

    /// What it is called in sentences and on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Self::Load => "load",
            Self::Failover => "failover",
            Self::Chaos => "chaos",
            Self::Synthetic => "synthetic",
            Self::Recovery => "recovery",
        }
    }

    /// The kind of a word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Something was made to fail and had to come back.
    pub fn is_drill(self) -> bool {
        matches!(self, Self::Failover | Self::Chaos | Self::Recovery)
    }
}

impl TestRun {
    /// Its load or its time to recover, in words; empty where neither is known.
    pub fn figures(&self) -> String {
        let mut said = Vec::new();
        said.extend(self.requests_per_second.map(|rate| format!("{rate:.1} requests a second")));
        said.extend(self.peak_multiplier.map(|times| format!("{times:.1} times the peak of that day")));
        said.extend(self.recovery_s.map(|seconds| format!("back after {seconds:.0} s")));
        said.join(", ")
    }

    /// What tells it from others: one kind of test of one thing begins once at a time.
    pub fn identity(&self, subject: &SubjectId) -> String {
        hash::hex_of(&["test run", subject.as_str(), self.kind.word(), &self.at.to_string()])[..12].to_owned()
    }
}

/// A runbook, decision record or other document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// `runbook`, `decision_record`, `diagram`, …
    pub what: String,
    /// Its title.
    pub title: String,
    /// Where it is.
    #[serde(default)]
    pub url: Option<String>,
    /// Last change.
    #[serde(default)]
    pub updated_at: Option<Timestamp>,
}

/// Size, churn and complexity of a file. Subject: the repository. Only the files that weigh most are told; sums of all
/// files are settings of the repository.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CodeStat {
    /// Path in the repository.
    pub path: String,
    /// Language.
    pub language: String,
    /// Lines of code.
    pub lines: f64,
    /// Cognitive or indentation complexity.
    #[serde(default)]
    pub complexity: Option<f64>,
    /// Commits in 12 months.
    #[serde(default)]
    pub churn: Option<f64>,
    /// Authors with knowledge of it.
    #[serde(default)]
    pub owners: Option<u32>,
    /// The same if authors that look like one person are one; absent where that changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owners_least: Option<u32>,
    /// Of the commits in 12 months, those that repair something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fixes: Option<f64>,
    /// Rank of the complexity among all files of the language in the repository, 0–1 (`scoring.md` §2.3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complexity_rank: Option<f64>,
    /// H, rank of churn times rank of complexity among all files of the language in the repository, 0–1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hotspot: Option<f64>,
    /// Change of the complexity a month over the last year, when it is more than chance (Theil–Sen, Mann–Kendall).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<f64>,
    /// Largest cyclomatic complexity of one of its functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub largest_function: Option<u32>,
}

/// A module of a repository, a folder with source files, and what it imports. Subject: the repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CodeModule {
    /// Path in the repository; empty for its root.
    pub path: String,
    /// Source files.
    pub files: u32,
    /// Lines of code.
    pub lines: f64,
    /// What the product calls the part it belongs to, when the layout shows it.
    #[serde(default)]
    pub domain: Option<String>,
    /// Modules that import it.
    pub fan_in: u32,
    /// Number of the cycle it is in; modules of one number reach each other.
    #[serde(default)]
    pub cycle: Option<u32>,
    /// Modules it imports, with the number of import statements, by path.
    #[serde(default)]
    pub imports: Vec<(String, u32)>,
}

/// An idiom recognised in source text. Subject: the repository. Never certain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CodeIdiom {
    /// A word of [`crate::key::idiom`].
    pub what: String,
    /// Path in the repository.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// *Likely* (`true`) or only *possible*.
    pub likely: bool,
    /// How it was recognised, in words of the language and its libraries; no text of the file.
    pub how: String,
}

/// Two files that change in the same commits (`scoring.md` §2.3). Subject: the repository.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangedTogether {
    /// The one whose path comes first.
    pub first: String,
    /// The other.
    pub second: String,
    /// Commits of 12 months that touched both.
    pub support: u32,
    /// Support over the smaller number of commits of the two, 0–1.
    pub confidence: f64,
}

/// What a subject cost.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CostLine {
    /// Provider's service name.
    pub service: String,
    /// Amount in `currency`.
    pub amount: f64,
    /// ISO 4217 code.
    pub currency: String,
    /// First instant.
    pub from: Timestamp,
    /// First instant after.
    pub until: Timestamp,
}

/// Something expires.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Expiry {
    /// `certificate`, `domain`, `secret`, `engine_support`.
    pub what: String,
    /// Its name.
    pub name: String,
    /// When.
    pub at: Timestamp,
    /// Renews by itself.
    #[serde(default)]
    pub automatic: Option<bool>,
}

/// A finding of another tool, shown beside ours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportedFinding {
    /// The tool.
    pub source: String,
    /// Its rule.
    pub rule: String,
    /// Its title.
    pub title: String,
    /// Its severity, in its own words.
    pub severity: String,
    /// Failing now.
    pub failing: bool,
    /// Path in the repository, where it is about a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Line in it, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The day on which an advisory was published, where it is one that says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Day>,
    /// It is about something that development alone uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub development: Option<bool>,
}

/// Key of a [`Statement`] about the organisation: an item of the roadmap is done since the statement was read; its value is the
/// item's id.
pub const ITEM_DONE: &str = "roadmap.item_done";

/// What a person said. `key` is a [`crate::key`] or free text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Statement {
    /// About what.
    pub key: String,
    /// What.
    pub value: String,
    /// Who.
    pub author: String,
}
