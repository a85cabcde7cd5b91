//! Load tests and drills that a person or a script tells of: no account shows that one was run. TEST-001, TEST-004 and DATA-004
//! ask for them; a drill's time to recover stands beside what incidents took.

mod k6;

pub use k6::{Summary, read_summary};

use crate::recorded;
use crate::workspace::Workspace;
use crate::{EngineError, clock};
use loadline_model::{Basis, Body, Fact, FactIndex, Kind, Snapshot, TestKind, TestRun, Timestamp};

const SCOPE: &str = "tests";
const CALL: &str = "loadline tests record";
/// Longest note, in characters.
const NOTE: usize = 300;
/// Longest time to recover that can be meant, in seconds: 30 days.
const LONGEST_S: f64 = 30.0 * 86_400.0;
/// Greatest multiple of a peak that can be meant.
const GREATEST: f64 = 1_000.0;

/// A test as somebody tells of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What was tested: a thing by id or name.
    pub subject: String,
    /// What was tried, and what came of it.
    pub run: TestRun,
    /// Its tool counted the load and judged the outcome, and its file was read. What a person alone tells makes no check pass.
    pub counted: bool,
}

/// A test in a person's words, with what its tool wrote.
#[derive(Clone, Debug, PartialEq)]
pub struct Words {
    /// What was tested: a thing by id or name.
    pub subject: String,
    /// What was tried.
    pub kind: TestKind,
    /// When it began.
    pub at: Timestamp,
    /// It stood, or came back; `None`: nobody says, and the summary does.
    pub passed: Option<bool>,
    /// Its highest load as a multiple of that day's peak.
    pub times_peak: Option<f64>,
    /// What k6 counted.
    pub summary: Option<Summary>,
    /// Seconds until it was back.
    pub recovered_after: Option<f64>,
    /// One sentence.
    pub note: Option<String>,
}

impl Words {
    /// What they tell. A multiple that a person works out stays a person's word, also beside what a tool counted.
    ///
    /// # Errors
    /// `invalid_test` when neither they nor the summary say how it ended.
    pub fn told(self) -> Result<Told, EngineError> {
        let passed = self.summary.map_or(self.passed, |summary| summary.passed).ok_or_else(|| {
            let why = if self.summary.is_some() {
                "The summary has no threshold, so it does not say whether the service stood. Give the script thresholds, or tell of \
                 the test without the summary."
            } else {
                "Say how it ended: --passed or --failed."
            };
            refused(why)
        })?;
        let run = TestRun {
            kind: self.kind,
            at: self.at,
            passed,
            peak_multiplier: self.times_peak,
            requests_per_second: self.summary.map(|summary| summary.requests_per_second),
            recovery_s: self.recovered_after,
            note: self.note,
        };
        let counted = self.summary.is_some() && self.times_peak.is_none();
        Ok(Told { subject: self.subject, run, counted })
    }
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its identity, with which it is forgotten.
    pub id: String,
    /// It was known, and is now as told.
    pub changed: bool,
}

/// Records a test. One of the same kind, thing and start is the same test: it is told of anew.
///
/// # Errors
/// `unknown_thing` when nothing is called so; `invalid_test` for times and numbers that cannot be; what the store says.
pub async fn record(workspace: &Workspace, told: &Told) -> Result<Recorded, EngineError> {
    let run = checked(&told.run)?;
    let snapshot = recorded::newest(workspace).await?;
    let subject =
        recorded::thing(&snapshot, told.subject.trim(), Kind::is_testable).ok_or_else(|| unknown(&told.subject))?;
    let subject = FactIndex::new(&snapshot).canonical(&subject);
    let id = run.identity(&subject);
    let (mut facts, changed) = without(&snapshot, &id);
    let basis = if told.counted { Basis::Measured } else { Basis::Stated };
    facts.push(recorded::told(subject, Body::TestRun(run), CALL, basis));
    recorded::keep(workspace, SCOPE, facts).await?;
    Ok(Recorded { id, changed })
}

/// Forgets a test that was recorded here.
///
/// # Errors
/// `unknown_test`; what the store says.
pub async fn forget(workspace: &Workspace, id: &str) -> Result<(), EngineError> {
    let (facts, found) = without(&recorded::newest(workspace).await?, id);
    if !found {
        let message =
            format!("No test `{id}` was recorded here. `loadline tests` lists them; the demo's cannot be forgotten.");
        return Err(EngineError::new("unknown_test", message));
    }
    recorded::keep(workspace, SCOPE, facts).await
}

/// The tests that were recorded without the one of an identity, and whether it was among them.
fn without(snapshot: &Snapshot, id: &str) -> (Vec<Fact>, bool) {
    let index = FactIndex::new(snapshot);
    let is =
        |fact: &Fact| matches!(&fact.body, Body::TestRun(run) if run.identity(&index.canonical(&fact.subject)) == id);
    let all = recorded::of_ours(snapshot, |body| matches!(body, Body::TestRun(_)));
    let before = all.len();
    let others: Vec<Fact> = all.into_iter().filter(|fact| !is(fact)).collect();
    let found = others.len() < before;
    (others, found)
}

fn unknown(named: &str) -> EngineError {
    let message = format!(
        "The test was not recorded. Nothing that can be tested is called `{named}`, or several things are. Connect the account that \
         knows it, or name it by its id, as `loadline assess --json` shows it."
    );
    EngineError::new("unknown_thing", message)
}

/// The test with its words in order, when everything can be.
fn checked(run: &TestRun) -> Result<TestRun, EngineError> {
    let within = |number: Option<f64>, most: f64| number.is_none_or(|n| n.is_finite() && n > 0.0 && n <= most);
    let note = run.note.as_deref().map(|note| note.split_whitespace().collect::<Vec<_>>().join(" "));
    let why = if run.at > clock::now() {
        "It begins in the future. Check the time and its zone."
    } else if note.as_ref().is_some_and(|note| note.chars().count() > NOTE) {
        "Its note must have 300 characters at most."
    } else if !within(run.peak_multiplier, GREATEST) {
        "Its load must be above 0 and at most 1,000 times the peak."
    } else if !within(run.requests_per_second, f64::MAX) {
        "Its requests a second must be a number above 0."
    } else if (run.peak_multiplier.is_some() || run.requests_per_second.is_some()) && run.kind != TestKind::Load {
        "A load is told of load tests alone."
    } else if !within(run.recovery_s, LONGEST_S) {
        "Its time to recover must be above 0 seconds and at most 30 days."
    } else if run.recovery_s.is_some() && !run.kind.is_drill() {
        "A time to recover is told of drills alone: failover, chaos, recovery."
    } else {
        return Ok(TestRun { note: note.filter(|note| !note.is_empty()), ..run.clone() });
    };
    Err(refused(why))
}

fn refused(why: &str) -> EngineError {
    EngineError::new("invalid_test", format!("The test was not recorded. {why}"))
}

#[cfg(test)]
mod tests;
