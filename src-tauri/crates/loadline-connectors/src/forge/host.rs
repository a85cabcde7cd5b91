//! What every host of repositories does alike as a connector: its parts, its permissions, its costs, and one topic of one
//! repository at a time.

use super::{Call, Names, Reading, Repository, estimate, permissions, scopes};
use crate::http::{Door, Visit};
use crate::{Cancelled, ConnectError, Connector, Estimate, Permission, Progress, ScopePlan, Window};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, GapReason, Scope, SubjectId};
use serde_json::Value;

/// A host's table of calls, and what they cost.
pub(crate) struct Calls {
    /// Every call, in the order of reading.
    pub(crate) all: &'static [&'static Call],
    /// The one that says what a repository is called.
    pub(crate) repository: &'static Call,
    /// A call that is cheap, for the estimate.
    pub(crate) cheapest: &'static Call,
    /// The cheapest question that each call answers: only whether it is answered counts.
    pub(crate) probe: fn(&Call) -> Vec<(&'static str, &'static str)>,
    /// Calls of a first collection of one repository.
    pub(crate) first: u64,
    /// One sentence: what the host bills and allows.
    pub(crate) budget: &'static str,
}

/// What one host adds to what they all do.
pub(crate) trait Host: Send + Sync {
    /// The account, with the address that the door asks.
    fn account(&self) -> &Account;
    /// What it names.
    fn names(&self) -> &Names;
    /// The host.
    fn door(&self) -> &Door;
    /// What may be asked.
    fn calls(&self) -> &'static Calls;
    /// How calls name a repository.
    fn asked(&self, path: &str) -> String {
        path.to_owned()
    }
    /// Where a repository lies now, by what the host says of it.
    fn called(&self, found: &Value) -> Option<String>;
    /// A topic of a repository is read.
    fn tells(&self, topic: &str, _repository: &Repository) -> bool {
        topic != "incidents"
    }
    /// What a topic is about, as far as the account says: where rules look for its gaps.
    fn subject(&self, topic: &str, repository: &Repository) -> SubjectId {
        self.names().subject_of(topic, repository, &repository.path)
    }
    /// Reads a topic.
    fn topic<'r>(
        &'r self,
        r: &'r mut Reading<'_>,
        topic: &'r str,
        repository: &'r Repository,
    ) -> BoxFuture<'r, Result<(), Cancelled>>;
}

impl Names {
    /// What a topic is about, which is where rules look for its gaps.
    pub(crate) fn subject_of(&self, topic: &str, repository: &Repository, path: &str) -> SubjectId {
        match topic {
            "deployments" | "incidents" => repository.service(path.rsplit('/').next().unwrap_or(path)),
            _ => self.subject(path),
        }
    }
}

async fn read_scope<H: Host>(host: &H, plan: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
    let mut visit = Visit::begin(host.account(), plan, window, progress);
    let Some((topic, repository)) = host.names().of_scope(&plan.name) else {
        visit.answer.miss(GapReason::UnmappedSubject, format!("There is no part `{}`.", plan.name), "Collect again.");
        return visit.end(Ok(()));
    };
    let subject = host.subject(topic, repository);
    let asked = (repository, host.asked(&repository.path));
    let mut r = Reading::of(visit, host.door(), asked, subject, host.names().days);
    let outcome = host.topic(&mut r, topic, repository).await;
    r.visit.end(outcome)
}

async fn tried<H: Host>(host: &H) -> Vec<Permission> {
    let (calls, door) = (host.calls(), host.door());
    let Some(first) = host.names().repositories.first() else { return Vec::new() };
    let mut shown = permissions(door, calls.all, (&first.path, &host.asked(&first.path)), calls.probe).await;
    for repository in &host.names().repositories {
        let found = door.get(&calls.repository.of(&host.asked(&repository.path), ""), &[]).await;
        let now = found.as_ref().ok().and_then(|f| host.called(f));
        let granted = Some(found.is_ok());
        let (detail, closes) = match (found, now) {
            (Ok(_), Some(now)) if !now.eq_ignore_ascii_case(&repository.path) => (
                format!("It is called {now} now."),
                format!("Write {now} in `repositories`; until then it is followed."),
            ),
            (Ok(_), _) => ("It can be read.".to_owned(), String::new()),
            (Err(e), _) => (format!("{e}."), calls.repository.closes(&repository.path)),
        };
        shown.push(Permission { name: repository.path.clone(), granted, detail, closes, latency_ms: 0 });
    }
    shown
}

impl<H: Host> Connector for H {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        tried(self).boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        async {
            let (calls, names) = (self.calls(), self.names());
            let path = names.repositories.first().map(|r| calls.cheapest.of(&self.asked(&r.path), ""));
            let path = path.unwrap_or_default();
            let probe = self.door().get(&path, &[]);
            estimate(names.repositories.len(), calls.first, probe, calls.budget).await
        }
        .boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        async { Ok(scopes(&self.names().repositories, |topic, repository| self.tells(topic, repository))) }.boxed()
    }

    fn read<'a>(&'a self, scope: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope> {
        read_scope(self, scope, window, progress).boxed()
    }

    fn cost(&self) -> CollectionCost {
        self.door().cost()
    }
}
