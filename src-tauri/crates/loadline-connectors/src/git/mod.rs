//! A local clone: source text and commits, read from git's object store alone. It is not for pipelines and reviews of a
//! host, and nothing of the repository is run: no git, no hook, no filter, no command of its configuration. The working
//! tree is never opened, so links and paths that lead elsewhere lead nowhere.

mod advisories;
mod age;
mod clone;
mod code;
mod commits;
mod files;
mod libraries;
mod moving;
mod past;
mod people;
mod project;
mod reading;
mod renames;
mod tables;

use crate::{
    Answer, ConfigField, ConnectError, Connector, Estimate, Permission, Progress, Provider, ScopePlan, SecretNeed,
    Window,
};
use clone::Clone;
pub(crate) use clone::address_of;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, GapReason, Scope};
use reading::Reading;
use std::sync::Mutex;
use std::time::Instant;
use tokio::sync::mpsc;

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "git",
    name: "Git",
    summary: "Reads a local clone: size, complexity, likely faults, hotspots, ownership. Nothing leaves this machine.",
    config: &[
        ConfigField {
            key: "path",
            label: "Folder",
            help: "The clone on this machine, such as ~/code/shop; a whole one, not a shallow one",
            required: true,
        },
        ConfigField {
            key: "service",
            label: "Service",
            help: "Id of the service that is built from it, as `loadline findings --json` prints it; optional",
            required: false,
        },
        ConfigField {
            key: "advisories",
            label: "Advisories",
            help: "A folder on this machine with advisories in OSV's format, unpacked; nothing is sent; optional",
            required: false,
        },
        ConfigField {
            key: "migration.*",
            label: "Migration",
            help: "migration.checkout=legacy/checkout/**, lib/cart/** -> app/checkout/** counts the lines on both sides week by week; the deeper path wins",
            required: false,
        },
    ],
    secret: SecretNeed::None,
    policy,
    documents: Vec::new,
    check: |account| clone::folder(account).and_then(|_| moving::declared(account)).map(drop),
    connect: |account, _| connect(account.clone()).boxed(),
};

fn policy() -> String {
    "Read permission on the clone's `.git` folder, and on the folder of advisories where the account names one. Loadline opens \
     the clone's objects, references and configuration; it runs neither git nor anything that the repository names (hooks, \
     filters, aliases, helpers), opens no file of the working tree, and sends nothing anywhere. Names of people are not kept: only how many know what."
        .to_owned()
}

struct Git {
    account: Account,
    clone: Clone,
    migrations: Vec<moving::Declared>,
    spent_ms: Mutex<u64>,
}

async fn connect(account: Account) -> Result<Box<dyn Connector>, ConnectError> {
    let migrations = moving::declared(&account)?;
    let opened = tokio::task::spawn_blocking({
        let account = account.clone();
        move || Clone::open(&account)
    });
    let clone = opened.await.map_err(|_| clone::refused("the reader stopped at something in the repository"))??;
    Ok(Box::new(Git { account, clone, migrations, spent_ms: Mutex::new(0) }))
}

impl Git {
    async fn permissions(&self) -> Vec<Permission> {
        let begun = Instant::now();
        let clone = self.clone.clone();
        let seen = tokio::task::spawn_blocking(move || clone.look()).await;
        let (granted, detail, closes) = match seen {
            Ok(Ok(said)) => (true, said, String::new()),
            Ok(Err(said)) => {
                (false, format!("{said}."), "Fetch the clone again, whole: git fetch --unshallow.".to_owned())
            }
            Err(_) => (false, "The reader stopped.".to_owned(), "Clone the repository again.".to_owned()),
        };
        let latency_ms = begun.elapsed().as_millis() as u64;
        vec![Permission { name: "read the clone".into(), granted: Some(granted), detail, closes, latency_ms }]
    }

    /// Reads on a thread of its own, which looks at the reader's stop between files and commits.
    async fn read_all(&self, scope: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let begun = Instant::now();
        let (steps, mut told) = mpsc::unbounded_channel::<(u32, u32, &'static str)>();
        let answer = Answer::new(&self.account.id, &scope.name, window);
        let (clone, account, window_of_thread) = (self.clone.clone(), self.account.clone(), window.clone());
        let migrations = (scope.name == moving::SCOPE.0).then(|| self.migrations.clone());
        let thread = tokio::task::spawn_blocking(move || {
            if let Some(migrations) = migrations {
                let mut answer = answer;
                // Nobody may be listening any more; then nobody misses it.
                let step = |done, total| {
                    let _ = steps.send((done, total, "counting lines of migrations"));
                };
                moving::read(&mut answer, &clone, &migrations, &window_of_thread, &step);
                return answer;
            }
            let mut reading = Reading::new(answer, &clone, &account, window_of_thread, steps);
            reading.read();
            reading.answer
        });
        while let Some((done, total, what)) = told.recv().await {
            progress.step(done, total, what);
        }
        let answer = thread.await.unwrap_or_else(|_| {
            // Whatever stopped the thread is in the repository; what it had read is lost with it.
            let mut answer = Answer::new(&self.account.id, &scope.name, window);
            let detail = "the reader stopped at something in the repository";
            answer.miss(GapReason::ParseError, detail, "Report it with the repository's address, if it is public.");
            answer
        });
        if let Ok(mut spent) = self.spent_ms.lock() {
            *spent += begun.elapsed().as_millis() as u64;
        }
        answer.finish()
    }
}

impl Connector for Git {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        self.permissions().boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        let note = "Reads files of this machine; no account is asked and nothing is sent.".to_owned();
        async move { Estimate { calls: 0, billed_calls: 0, busy_ms: 0, note } }.boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        let mut scopes = vec![ScopePlan::new("repository", "Files and history")];
        if !self.migrations.is_empty() {
            scopes.push(ScopePlan::new(moving::SCOPE.0, moving::SCOPE.1));
        }
        async { Ok(scopes) }.boxed()
    }

    fn read<'a>(&'a self, scope: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope> {
        self.read_all(scope, window, progress).boxed()
    }

    fn cost(&self) -> CollectionCost {
        let busy_ms = self.spent_ms.lock().map_or(0, |spent| *spent);
        CollectionCost { busy_ms, ..CollectionCost::default() }
    }
}

#[cfg(test)]
mod tests;
