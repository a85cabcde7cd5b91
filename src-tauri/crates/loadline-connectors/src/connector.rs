//! What every connector can do, and what it is told about time, progress and cancellation.

use crate::ConnectError;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use loadline_model::{CollectionCost, Scope, Timestamp};
use tokio_util::sync::CancellationToken;

/// One thing the account must allow, and whether it does.
#[derive(Clone, Debug, PartialEq)]
pub struct Permission {
    /// What is asked for: `pg_read_all_stats`, `GET /api/v1/rules`, …
    pub name: String,
    /// Granted or not; `None`: could not be found out.
    pub granted: Option<bool>,
    /// What was seen.
    pub detail: String,
    /// The exact statement or setting that grants it; empty when granted.
    pub closes: String,
    /// Milliseconds the answer took.
    pub latency_ms: u64,
}

/// What a run is expected to cost the account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    /// Requests or statements.
    pub calls: u64,
    /// Requests the vendor bills.
    pub billed_calls: u64,
    /// Milliseconds the source will be busy, as far as one probe can tell.
    pub busy_ms: u64,
    /// One sentence: what the numbers assume.
    pub note: String,
}

/// A part of a collection that is read and kept as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopePlan {
    /// Stable name within the account: `server`, `database/app`.
    pub name: String,
    /// What people read while it runs.
    pub title: String,
    /// What it belongs to, for progress by service: its own title unless several parts are one service in several places.
    pub group: String,
    /// A visit that read something and is younger than these hours stands: the part is not read again. 0: always read.
    pub keep_hours: u32,
    /// What happened is asked for only since the last collection, and vendors forget it: what earlier visits were told of it
    /// stays.
    pub remembers: bool,
}

impl ScopePlan {
    /// A scope with its title.
    pub fn new(name: impl Into<String>, title: impl Into<String>) -> Self {
        let title = title.into();
        Self { name: name.into(), group: title.clone(), title, keep_hours: 0, remembers: false }
    }

    /// The same as a part of a service.
    #[must_use]
    pub fn of(self, group: impl Into<String>) -> Self {
        Self { group: group.into(), ..self }
    }

    /// The same, keeping what earlier visits were told of deployments, change requests and incidents.
    #[must_use]
    pub fn remembering(self) -> Self {
        Self { remembers: true, ..self }
    }

    /// The same, read at most once in so many hours.
    #[must_use]
    pub fn kept(self, hours: u32) -> Self {
        Self { keep_hours: hours, ..self }
    }
}

/// Which time is asked for, what time it is, and the way to stop.
#[derive(Clone, Debug)]
pub struct Window {
    /// Oldest sample wanted; what is older was read before.
    pub from: Timestamp,
    /// Newest sample wanted.
    pub until: Timestamp,
    /// The time of reading, written into every fact.
    pub now: Timestamp,
    /// Cancelled by the reader; a scope then returns within a second with what it has.
    pub cancel: CancellationToken,
}

/// The reader said stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

impl Window {
    /// Waits for the answer or for the reader's stop, whichever is first. A dropped answer closes its connection.
    ///
    /// # Errors
    /// [`Cancelled`] when the stop came first.
    pub async fn wait<T>(&self, answer: impl Future<Output = T>) -> Result<T, Cancelled> {
        tokio::select! {
            biased;
            () = self.cancel.cancelled() => Err(Cancelled),
            value = answer => Ok(value),
        }
    }
}

/// One step of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step<'a> {
    /// Steps finished.
    pub done: u32,
    /// Steps known so far.
    pub total: u32,
    /// What is being read now.
    pub what: &'a str,
}

/// Where a connector reports its steps.
pub struct Progress(Box<dyn Fn(Step<'_>) + Send + Sync>);

impl Progress {
    /// Reports to a function, which must return quickly.
    pub fn new(report: impl Fn(Step<'_>) + Send + Sync + 'static) -> Self {
        Self(Box::new(report))
    }
    /// Reports to nobody.
    pub fn silent() -> Self {
        Self::new(|_| {})
    }
    /// Says that `done` of `total` steps are finished and `what` is next.
    pub fn step(&self, done: u32, total: u32, what: &str) {
        (self.0)(Step { done, total, what });
    }
}

/// A name that a source is asked for and may call otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Naming {
    /// The name that is asked for unless another is given.
    pub name: String,
    /// What is known by it, as a noun phrase.
    pub gives: String,
    /// The name that was given instead.
    pub given: Option<String>,
    /// The name under which the source has it now.
    pub found: Option<String>,
    /// Names of the source that may be it, the likeliest first; a person decides.
    pub suggestions: Vec<String>,
}

/// A connected account. Nothing here can change it.
pub trait Connector: Send + Sync {
    /// Tries each permission.
    fn test(&self) -> BoxFuture<'_, Vec<Permission>>;
    /// Says what a run will cost, from a cheap probe.
    fn estimate(&self) -> BoxFuture<'_, Estimate>;
    /// Lists the parts to read.
    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>>;
    /// How many parts may be read at once without asking more of the source than it should bear.
    fn abreast(&self) -> usize {
        1
    }
    /// Reads one part. Never fails the run: what could not be read is a gap, and a stop returns what was read.
    fn read<'a>(&'a self, scope: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope>;
    /// What was spent since connecting.
    fn cost(&self) -> CollectionCost;
    /// The names it is asked for and which of them it had in the day before `now`; `None` where names cannot be given.
    fn names(&self, _now: Timestamp) -> BoxFuture<'_, Result<Option<Vec<Naming>>, ConnectError>> {
        async { Ok(None) }.boxed()
    }
}
