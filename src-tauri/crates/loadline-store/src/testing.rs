//! Real databases for tests: a file in a fresh folder, and a PostgreSQL server that lives as long as the test process.

use crate::{Location, Store};
use loadline_model::{
    Account, AccountId, Basis, Body, Fact, Provenance, Sample, Scope, ScopeStatus, Series, SeriesKind,
};
use loadline_model::{CollectionId, Timestamp};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// Starts a server, says where, and waits until its input ends, which even a killed test process makes happen.
const SERVER: &str = r#"
set -e
bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
dir=$(mktemp -d /tmp/loadline-postgres.XXXXXX)
"$bin/initdb" -D "$dir/data" -A trust -U postgres -E UTF8 --locale=C --no-sync >"$dir/log"
"$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off >>"$dir/log" 2>&1 </dev/null &
server=$!
until "$bin/pg_isready" -q -h "$dir" -U postgres; do kill -0 $server; sleep 0.1; done
echo "$dir $bin"
cat >/dev/null
kill -INT $server
wait $server || true
rm -rf "$dir"
"#;

static RUNNING: Mutex<Option<Server>> = Mutex::new(None);
static DATABASES: AtomicU32 = AtomicU32::new(0);

struct Server {
    socket: String,
    bin: PathBuf,
    /// Its input ends with this process.
    _script: Child,
}

impl Server {
    fn start() -> Self {
        let root = std::fs::metadata("/proc/self").expect("a proc file system").uid() == 0;
        // initdb refuses root.
        let mut command = if root {
            let mut command = Command::new("runuser");
            command.args(["-u", "postgres", "--", "sh", "-c", SERVER]);
            command
        } else {
            let mut command = Command::new("sh");
            command.args(["-c", SERVER]);
            command
        };
        let mut script = command
            .current_dir("/tmp")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell to start PostgreSQL with");
        let mut line = String::new();
        BufReader::new(script.stdout.take().expect("piped")).read_line(&mut line).expect("the server's answer");
        let (socket, bin) = line.trim().split_once(' ').expect("PostgreSQL is installed and starts");
        Self { socket: socket.to_owned(), bin: bin.into(), _script: script }
    }
}

/// A fresh, empty place for one test's workspace; it can be opened many times.
pub(crate) struct Place {
    pub(crate) location: Location,
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { location: Location::Sqlite(folder.path().join("workspace.loadline")), folder }
    }

    pub(crate) fn postgres() -> Self {
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        let server = running.get_or_insert_with(Server::start);
        let name = format!("test_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        let made = Command::new(server.bin.join("createdb"))
            .args(["-h", &server.socket, "-U", "postgres", &name])
            .status()
            .expect("createdb runs");
        assert!(made.success(), "a database for the test");
        let url = format!("postgres://postgres@localhost/{name}?host={}", server.socket);
        Self { location: Location::Postgres(url), folder: tempfile::tempdir().expect("a folder") }
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.location).await.expect("the workspace opens")
    }

    /// A path in the test's own folder.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What `--workspace` would take.
    pub(crate) fn text(&self) -> String {
        match &self.location {
            Location::Postgres(url) => url.clone(),
            Location::Sqlite(path) => path.display().to_string(),
            Location::Memory => "memory".to_owned(),
        }
    }
}

/// The file behind a place, for tests about files.
pub(crate) fn file(place: &Place) -> &Path {
    match &place.location {
        Location::Sqlite(path) => path,
        _ => panic!("only SQLite has a file"),
    }
}

/// Makes each test run on both databases, named after them.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(&$crate::testing::Place::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                super::$name(&$crate::testing::Place::postgres()).await;
            })+
        }
    };
}
pub(crate) use on_both;

/// 2026-11-16, a Monday, plus hours.
pub(crate) fn hour(hours: i64) -> Timestamp {
    Timestamp::parse("2026-11-16").expect("a date").plus_hours(hours)
}

pub(crate) fn account(id: &str) -> Account {
    Account {
        id: id.into(),
        provider: "postgres".into(),
        name: format!("{id} account"),
        config: [("url".to_owned(), "postgres://db/app".to_owned())].into(),
        secret: None,
        environment: None,
        connected_at: hour(-1000),
        disconnected_at: None,
        names_changed_at: None,
    }
}

pub(crate) fn fact(account: &str, subject: &str, body: impl Into<Body>) -> Fact {
    let provenance =
        Provenance { account: account.into(), call: "test".into(), read_at: hour(0), basis: Basis::Measured };
    Fact { subject: subject.into(), body: body.into(), provenance }
}

/// A series with the given (minute, value) samples.
pub(crate) fn series(account: &str, metric: &str, samples: &[(i64, f64)]) -> Fact {
    let samples: Vec<Sample> =
        samples.iter().map(|(m, value)| Sample { at: Timestamp(hour(0).0 + m * 60_000), value: *value }).collect();
    let covered_until = samples.iter().map(|s| s.at).max().unwrap_or_default();
    let series = Series {
        metric: metric.into(),
        unit: "ratio".into(),
        kind: SeriesKind::Gauge,
        labels: [("device".to_owned(), "vda".to_owned())].into(),
        samples,
        covered_until,
    };
    fact(account, "db", series)
}

/// What a snapshot's series holds, as (minute, value).
pub(crate) fn samples(facts: &[Fact], metric: &str) -> Vec<(i64, f64)> {
    let found = facts.iter().find_map(|f| match &f.body {
        Body::Series(s) if s.metric == metric => Some(s),
        _ => None,
    });
    let found = found.unwrap_or_else(|| panic!("the series {metric}"));
    found.samples.iter().map(|s| ((s.at.0 - hour(0).0) / 60_000, s.value)).collect()
}

pub(crate) fn scope(name: &str, status: ScopeStatus, facts: Vec<Fact>) -> Scope {
    Scope { name: name.into(), status, finished_at: hour(1), inventories: vec![], facts, gaps: vec![] }
}

/// Begins a collection of an account that is saved first.
pub(crate) async fn begin(store: &Store, id: &str, at: Timestamp) -> CollectionId {
    let known = store.accounts().await.expect("accounts").iter().any(|a| a.id == AccountId::from(id));
    if !known {
        store.save_account(&account(id)).await.expect("saved");
    }
    store.begin_collection(&id.into(), at).await.expect("begun")
}
