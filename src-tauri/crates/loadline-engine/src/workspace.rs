//! A workspace: the embedded demo, or one's own on SQLite or PostgreSQL. It answers which snapshots there are, what an
//! assessment of one of them follows from, and keeps what people decide.

use crate::demo::Demo;
use crate::stages::{Case, assess};
use crate::{EngineError, clock, people, settings};
use loadline_model::{Assessment, Choice, Decision, Fact, LedgerEntry, Snapshot, SnapshotId, Timestamp};
use loadline_store::{Location, Store};
use std::path::PathBuf;

/// Where a workspace is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// The embedded demo.
    Demo,
    /// One's own.
    Own(Location),
}

impl Place {
    /// Reads `--workspace`: `demo`, a path or `postgres://…`; `None`: the platform's data folder.
    pub fn parse(text: Option<&str>) -> Self {
        match text {
            Some("demo") => Self::Demo,
            Some(text) => Self::Own(Location::parse(text)),
            None => Self::Own(Location::Sqlite(data_folder().join("workspace.loadline"))),
        }
    }
}

/// The platform's folder for Loadline's data.
pub fn data_folder() -> PathBuf {
    let from = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let home = || from("HOME").unwrap_or_else(std::env::temp_dir);
    let base = if cfg!(target_os = "macos") {
        home().join("Library/Application Support")
    } else if cfg!(windows) {
        from("APPDATA").unwrap_or_else(home)
    } else {
        from("XDG_DATA_HOME").unwrap_or_else(|| home().join(".local/share"))
    };
    base.join("loadline")
}

/// Which snapshot is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AsOf {
    /// The newest.
    Newest,
    /// By id.
    Snapshot(SnapshotId),
    /// The newest at or before a moment.
    At(Timestamp),
    /// By name (`before`, `midway`, `after` in the demo).
    Named(String),
}

impl AsOf {
    /// Reads `--as-of`: a name, a date, a moment or an ISO week (its end).
    pub fn parse(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::Newest };
        if let Some(monday) = loadline_model::Day::parse_iso_week(text) {
            return Self::At(loadline_model::Day(monday.0 + 7).utc_start());
        }
        if text.len() == 10
            && let Some(day) = loadline_model::Day::parse(text)
        {
            return Self::At(loadline_model::Day(day.0 + 1).utc_start());
        }
        Timestamp::parse(text).map_or_else(|| Self::Named(text.to_owned()), Self::At)
    }
}

/// A snapshot in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotRow {
    /// Its id.
    pub id: SnapshotId,
    /// Its time.
    pub taken_at: Timestamp,
    /// Its name, when it has one.
    pub name: Option<String>,
}

/// An open workspace.
pub struct Workspace {
    inner: Inner,
}

enum Inner {
    Demo(Box<Demo>),
    Own { store: Store, location: Location },
}

impl Workspace {
    /// Opens a workspace, making its file on first use.
    ///
    /// # Errors
    /// What the store says: newer schema, not a workspace, no permission, unreachable.
    pub async fn open(place: &Place) -> Result<Self, EngineError> {
        let inner = match place {
            Place::Demo => Inner::Demo(Box::new(Demo::open()?)),
            Place::Own(location) => {
                if let Location::Sqlite(path) = location
                    && let Some(folder) = path.parent()
                {
                    std::fs::create_dir_all(folder)?;
                }
                Inner::Own { store: Store::open(location).await?, location: location.clone() }
            }
        };
        Ok(Self { inner })
    }

    /// Closes it; what was committed is already safe.
    pub async fn close(&self) {
        if let Inner::Own { store, .. } = &self.inner {
            store.close().await;
        }
    }

    /// True for the embedded demo.
    pub fn is_demo(&self) -> bool {
        matches!(self.inner, Inner::Demo(_))
    }

    /// What people call it.
    pub fn name(&self) -> String {
        match &self.inner {
            Inner::Demo(demo) => demo.name(),
            Inner::Own { location: Location::Sqlite(path), .. } => {
                // The file the program makes by itself has no name of a person's choosing.
                let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned());
                stem.filter(|s| s != "workspace").unwrap_or_else(|| "Your workspace".into())
            }
            Inner::Own { location, .. } => location.to_string(),
        }
    }

    /// Where it is, without a password.
    pub fn location(&self) -> String {
        match &self.inner {
            Inner::Demo(_) => "embedded demo".into(),
            Inner::Own { location, .. } => location.to_string(),
        }
    }

    /// The store of one's own workspace.
    ///
    /// # Errors
    /// `demo_is_read_only` for the demo.
    pub fn store(&self) -> Result<&Store, EngineError> {
        match &self.inner {
            Inner::Own { store, .. } => Ok(store),
            Inner::Demo(_) => Err(EngineError::new(
                "demo_is_read_only",
                "The demo workspace holds no accounts of yours and cannot collect. Open your own workspace and connect an account.",
            )),
        }
    }

    /// The demo, when it is the demo.
    pub fn demo(&self) -> Option<&Demo> {
        if let Inner::Demo(demo) = &self.inner { Some(demo) } else { None }
    }

    /// Snapshots, oldest first.
    pub async fn snapshots(&self) -> Result<Vec<SnapshotRow>, EngineError> {
        match &self.inner {
            Inner::Demo(demo) => Ok(demo.snapshots()),
            Inner::Own { store, .. } => {
                let rows = store.snapshots().await?;
                Ok(rows.into_iter().map(|r| SnapshotRow { id: r.id, taken_at: r.taken_at, name: None }).collect())
            }
        }
    }

    /// The row that is meant; `None` when the workspace has no snapshot yet.
    ///
    /// # Errors
    /// `unknown_snapshot` when there are snapshots, but not this one.
    pub async fn find(&self, as_of: &AsOf) -> Result<Option<SnapshotRow>, EngineError> {
        let rows = self.snapshots().await?;
        let Some(newest) = rows.last().cloned() else { return Ok(None) };
        let found = match as_of {
            AsOf::Newest => Some(newest),
            AsOf::Snapshot(id) => rows.iter().find(|r| r.id == *id).cloned(),
            AsOf::Named(name) => rows.iter().find(|r| r.name.as_deref() == Some(name)).cloned(),
            AsOf::At(at) => rows.iter().rev().find(|r| r.taken_at <= *at).cloned(),
        };
        let names: Vec<String> = rows.iter().filter_map(|r| r.name.clone()).collect();
        let hint = if names.is_empty() {
            "a date such as 2026-11-16".to_owned()
        } else {
            format!("{} or a date", names.join(", "))
        };
        let range = format!("{} to {}", rows[0].taken_at, rows[rows.len() - 1].taken_at);
        found.map(Some).ok_or_else(|| {
            EngineError::new(
                "unknown_snapshot",
                format!("No snapshot matches; there are snapshots from {range}. Use {hint}."),
            )
        })
    }

    /// Everything an assessment of a snapshot follows from.
    ///
    /// # Errors
    /// See [`Self::find`] and the store.
    pub async fn case(&self, as_of: &AsOf) -> Result<Option<Case>, EngineError> {
        let Some(row) = self.find(as_of).await? else { return Ok(None) };
        match &self.inner {
            Inner::Demo(demo) => Ok(Some(demo.case(&row))),
            Inner::Own { store, .. } => {
                let snapshot = store.load_snapshot(&row.id).await?;
                let rows = self.snapshots().await?;
                let previous = match a_week_before(&rows, &row) {
                    Some(id) => Some(store.load_snapshot(&id).await?),
                    None => None,
                };
                let ledger = ledger_before(store.ledger().await?, &snapshot);
                let decisions = decisions_for(store.decisions().await?, &rows, &row);
                let case = Case { workspace: self.name(), snapshot, previous, decisions, ledger };
                Ok(Some(if settings::load(self).await?.persons { case } else { people::hide(&case)?.0 }))
            }
        }
    }

    /// Facts of a snapshot without its series, of those that `keep` wants.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn facts(&self, row: &SnapshotRow, keep: fn(&Fact) -> bool) -> Result<Snapshot, EngineError> {
        match &self.inner {
            Inner::Demo(demo) => Ok(demo.facts(row, keep)),
            Inner::Own { store, .. } => Ok(store.load_facts(&row.id, keep).await?),
        }
    }

    /// The series of a snapshot that `keep` wants; it sees what each is of, and maybe no samples.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn series(
        &self,
        row: &SnapshotRow,
        keep: &(dyn Fn(&Fact) -> bool + Send + Sync),
    ) -> Result<Vec<Fact>, EngineError> {
        match &self.inner {
            Inner::Demo(demo) => Ok(demo.series(row, keep)),
            Inner::Own { store, .. } => Ok(store.load_some(&row.id, keep).await?.facts),
        }
    }

    /// The decisions that apply to a snapshot.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) async fn decisions_at(&self, row: &SnapshotRow) -> Result<Vec<Decision>, EngineError> {
        match &self.inner {
            Inner::Demo(demo) => Ok(demo.decisions_at(row)),
            Inner::Own { store, .. } => Ok(decisions_for(store.decisions().await?, &self.snapshots().await?, row)),
        }
    }

    /// The assessment of a snapshot; `None` when the workspace has no snapshot yet.
    ///
    /// # Errors
    /// See [`Self::find`] and the store.
    pub async fn assessment(&self, as_of: &AsOf) -> Result<Option<Assessment>, EngineError> {
        if let (Inner::Demo(demo), Some(row)) = (&self.inner, self.find(as_of).await?) {
            return Ok(Some(demo.assessment(&row)));
        }
        let Some(case) = self.case(as_of).await? else { return Ok(None) };
        tokio::task::spawn_blocking(move || Some(assess(&case))).await.map_err(|e| {
            EngineError::new(
                "assessment_failed",
                format!("The assessment stopped: {e}. Please send the diagnostics file."),
            )
        })
    }

    /// The log, oldest first.
    ///
    /// # Errors
    /// What the store says.
    pub async fn decisions(&self) -> Result<Vec<Decision>, EngineError> {
        match &self.inner {
            Inner::Demo(demo) => Ok(demo.decisions()),
            Inner::Own { store, .. } => Ok(store.decisions().await?),
        }
    }

    /// Decides something; in the demo the decision lives as long as the window.
    ///
    /// # Errors
    /// What the store says.
    pub async fn decide(&self, author: &str, choice: &Choice) -> Result<i64, EngineError> {
        match &self.inner {
            Inner::Demo(demo) => Ok(demo.decide(author, choice)),
            Inner::Own { store, .. } => Ok(store.append_decision(author, clock::now(), choice).await?),
        }
    }
}

fn a_week_before(rows: &[SnapshotRow], row: &SnapshotRow) -> Option<SnapshotId> {
    // A weekly rhythm slips by hours: six and a half days count as a week.
    let latest = Timestamp(row.taken_at.0 - 13 * 12 * loadline_model::HOUR_MS);
    rows.iter().rev().find(|r| r.taken_at <= latest).map(|r| r.id.clone())
}

/// The ledger as it was before a snapshot, so that assessing it again gives the same lives.
pub(crate) fn ledger_before(entries: Vec<LedgerEntry>, snapshot: &Snapshot) -> Vec<LedgerEntry> {
    entries
        .into_iter()
        .filter_map(|mut entry| {
            entry.life.retain(|event| event.at < snapshot.taken_at && event.snapshot != snapshot.id);
            entry.last_seen = entry.last_seen.min(entry.life.last()?.at.max(entry.first_seen));
            Some(entry)
        })
        .collect()
}

/// Decisions that applied while a snapshot was the newest; all of them for the newest.
fn decisions_for(decisions: Vec<Decision>, rows: &[SnapshotRow], row: &SnapshotRow) -> Vec<Decision> {
    let next = rows.iter().find(|r| r.taken_at > row.taken_at).map(|r| r.taken_at);
    decisions.into_iter().filter(|d| next.is_none_or(|next| d.at < next)).collect()
}
