//! The window's state: the open workspace, the week on show, a running collection, what can be undone.

use loadline_engine::collect::{Group, Run, Step, collect};
use loadline_engine::workspace::AsOf;
use loadline_engine::{EngineError, Place, Workspace, clock, settings};
use loadline_model::{AccountId, Assessment};
use loadline_wire::accounts::{AccountProgress, CollectProgress, PartProgress};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::RwLock;
use tokio_util::sync::CancellationToken;

/// The state behind the one window.
pub(crate) struct Desk {
    workspace: RwLock<Arc<Workspace>>,
    own: Place,
    as_of: Mutex<AsOf>,
    progress: Mutex<CollectProgress>,
    cancel: Mutex<CancellationToken>,
    undoable: Mutex<Vec<i64>>,
    shown: Mutex<Option<(String, Arc<Assessment>)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Plain data: what a panic elsewhere left behind is still usable.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Desk {
    /// A desk with an open workspace; `own` is opened by "your workspace".
    pub(crate) fn new(workspace: Workspace, own: Place) -> Self {
        let idle = CollectProgress { phase: "idle".into(), ..CollectProgress::default() };
        Self {
            workspace: RwLock::new(Arc::new(workspace)),
            own,
            as_of: Mutex::new(AsOf::Newest),
            progress: Mutex::new(idle),
            cancel: Mutex::new(CancellationToken::new()),
            undoable: Mutex::new(Vec::new()),
            shown: Mutex::new(None),
        }
    }

    /// The open workspace.
    pub(crate) async fn workspace(&self) -> Arc<Workspace> {
        self.workspace.read().await.clone()
    }

    /// Opens another workspace in place of this one.
    pub(crate) async fn open(&self, demo: bool) -> Result<(), EngineError> {
        let place = if demo { Place::Demo } else { self.own.clone() };
        let opened = Workspace::open(&place).await?;
        *self.workspace.write().await = Arc::new(opened);
        self.view(AsOf::Newest);
        lock(&self.undoable).clear();
        Ok(())
    }

    /// Shows another week.
    pub(crate) fn view(&self, as_of: AsOf) {
        *lock(&self.as_of) = as_of;
    }

    /// The week on show.
    pub(crate) fn as_of(&self) -> AsOf {
        lock(&self.as_of).clone()
    }

    /// The assessment on show, made again only when snapshot or decisions changed.
    pub(crate) async fn assessment(&self) -> Result<Option<Arc<Assessment>>, EngineError> {
        let workspace = self.workspace().await;
        let as_of = self.as_of();
        let Some(row) = workspace.find(&as_of).await? else { return Ok(None) };
        let newest = workspace.decisions().await?.last().map_or(0, |d| d.number);
        let persons = settings::load(&workspace).await?.persons;
        let made = format!("{} {} {newest} {persons}", workspace.location(), row.id);
        if let Some((known, assessment)) = &*lock(&self.shown)
            && *known == made
        {
            return Ok(Some(assessment.clone()));
        }
        let assessment = workspace.assessment(&as_of).await?.map(Arc::new);
        *lock(&self.shown) = assessment.clone().map(|a| (made, a));
        Ok(assessment)
    }

    /// Remembers a decision that can be undone.
    pub(crate) fn remember(&self, number: i64) {
        lock(&self.undoable).push(number);
    }

    /// Forgets a decision that was undone.
    pub(crate) fn forget(&self, number: i64) {
        lock(&self.undoable).retain(|n| *n != number);
    }

    /// The newest decision of this window that can be undone.
    pub(crate) fn undoable(&self) -> Option<i64> {
        lock(&self.undoable).last().copied()
    }

    /// Where the collection is.
    pub(crate) fn progress(&self) -> CollectProgress {
        lock(&self.progress).clone()
    }

    /// Cancels a running collection; what was read is kept.
    pub(crate) fn cancel(&self) {
        lock(&self.cancel).cancel();
    }

    /// Begins a collection unless one is running.
    pub(crate) async fn collect(self: &Arc<Self>, accounts: Vec<AccountId>) -> Result<CollectProgress, EngineError> {
        let workspace = self.workspace().await;
        let all = workspace.store()?.accounts().await?;
        let connected = all.into_iter().filter(|a| a.disconnected_at.is_none());
        let waiting: Vec<AccountProgress> = connected
            .filter(|a| accounts.is_empty() || accounts.contains(&a.id))
            .map(|a| AccountProgress {
                account: a.id,
                name: a.name,
                done: 0,
                total: 0,
                step: String::new(),
                gaps: 0,
                status: "waiting".into(),
                error: None,
                parts: Vec::new(),
            })
            .collect();
        {
            let mut progress = lock(&self.progress);
            if progress.running {
                return Ok(progress.clone());
            }
            *progress = CollectProgress { running: true, phase: "collecting".into(), accounts: waiting, error: None };
        }
        let cancel = CancellationToken::new();
        *lock(&self.cancel) = cancel.clone();
        let desk = self.clone();
        tokio::spawn(async move { desk.run(workspace, accounts, cancel).await });
        Ok(self.progress())
    }

    async fn run(self: Arc<Self>, workspace: Arc<Workspace>, accounts: Vec<AccountId>, cancel: CancellationToken) {
        let desk = self.clone();
        let observer = Arc::new(move |step: Step| desk.note(step));
        let holder = format!("the window (process {})", std::process::id());
        let passphrase =
            std::env::var("LOADLINE_PASSPHRASE").ok().map(|p| Arc::new(loadline_engine::parts::Secret::new(p)));
        let run = Run { accounts, observer, cancel, passphrase, holder };
        let ended = collect(&workspace, &run).await;
        self.view(AsOf::Newest);
        let mut progress = lock(&self.progress);
        progress.running = false;
        match ended {
            Ok(collected) => progress.phase = if collected.cancelled { "cancelled" } else { "done" }.into(),
            Err(error) => {
                progress.phase = "failed".into();
                progress.error = Some(error.to_string());
            }
        }
    }

    fn note(&self, step: Step) {
        let mut progress = lock(&self.progress);
        if let Some(row) = progress.accounts.iter_mut().find(|a| a.account == step.account) {
            row.parts = parts(&step);
            row.done = step.done;
            row.total = step.total;
            row.step = step.what;
            row.gaps = step.gaps;
            row.status = step.status.into();
            row.error = step.error;
        }
        let over = progress.accounts.iter().all(|a| !matches!(a.status.as_str(), "waiting" | "reading"));
        progress.phase = if over { "assessing" } else { "collecting" }.into();
    }

    /// Collects when the schedule says so, as long as the window is open.
    pub(crate) async fn keep_schedule(self: Arc<Self>) {
        loop {
            tokio::time::sleep(std::time::Duration::from_secs(30)).await;
            let workspace = self.workspace().await;
            let Ok(settings) = settings::load(&workspace).await else { continue };
            let Ok(snapshots) = workspace.snapshots().await else { continue };
            let last = snapshots.last().map(|r| r.taken_at);
            let due = settings::next_due(&settings, last, clock::now()).is_some_and(|at| at <= clock::now());
            if due && !workspace.is_demo() && !self.progress().running {
                // A failure shows on the accounts page; the next slot tries again.
                let _ = self.collect(Vec::new()).await;
            }
        }
    }
}

/// How far each service is.
fn parts(step: &Step) -> Vec<PartProgress> {
    let part = |g: &Group| PartProgress {
        title: g.title.to_string(),
        done: g.done,
        total: g.total,
        reading: g.reading > 0 && step.status == "reading",
    };
    step.groups.iter().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_shown_by_service() {
        let group = |title: &str, done, total, reading| Group { title: title.into(), done, total, reading };
        let step = |status| Step {
            account: "aws".into(),
            done: 3,
            total: 5,
            what: String::new(),
            groups: vec![group("EC2", 2, 2, 0), group("RDS", 1, 2, 1), group("S3", 0, 1, 0)],
            gaps: 0,
            status,
            error: None,
        };
        let shown = |status| -> Vec<(String, u32, u32, bool)> {
            parts(&step(status)).into_iter().map(|p| (p.title, p.done, p.total, p.reading)).collect()
        };
        let row = |title: &str, done, total, reading| (title.to_owned(), done, total, reading);
        assert_eq!(shown("reading"), [row("EC2", 2, 2, false), row("RDS", 1, 2, true), row("S3", 0, 1, false)]);
        assert!(shown("cancelled").iter().all(|(.., reading)| !reading));
    }
}
