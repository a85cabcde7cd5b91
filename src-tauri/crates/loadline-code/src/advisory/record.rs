//! One record: the fields that decide, and what is no record.

use super::{Level, cvss};
use crate::Ecosystem;
use loadline_model::Day;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use std::collections::BTreeSet;

/// Why a file is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRecord {
    /// It is about something else.
    Other,
    /// It looks like a record and cannot be read as one.
    Damaged,
}

/// An advisory.
#[derive(Clone, Debug, Deserialize)]
pub struct Record {
    /// Its identifier, such as `GHSA-35jh-r3h4-6jhm`.
    pub id: String,
    modified: String,
    #[serde(default)]
    published: Option<String>,
    #[serde(default)]
    withdrawn: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    aliases: Vec<String>,
    #[serde(default)]
    summary: Option<String>,
    #[serde(default, deserialize_with = "or_default")]
    severity: Vec<Severity>,
    #[serde(default)]
    database_specific: Option<Value>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) affected: Vec<Affected>,
}

/// A score in one of several systems.
#[derive(Clone, Debug, Deserialize)]
struct Severity {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    system: String,
    #[serde(default, deserialize_with = "or_default")]
    score: String,
}

/// What is affected.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Affected {
    #[serde(default)]
    pub package: Option<Package>,
    #[serde(default, deserialize_with = "or_default")]
    pub ranges: Vec<Range>,
    #[serde(default, deserialize_with = "or_default")]
    pub versions: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    severity: Vec<Severity>,
    #[serde(default)]
    pub database_specific: Option<Value>,
}

/// A library.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Package {
    pub ecosystem: String,
    pub name: String,
}

/// Versions between events.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Range {
    #[serde(rename = "type", default, deserialize_with = "or_default")]
    pub kind: String,
    #[serde(default, deserialize_with = "or_default")]
    pub events: Vec<Event>,
}

/// One event; a record names one of them.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Event {
    #[serde(default)]
    pub introduced: Option<String>,
    #[serde(default)]
    pub fixed: Option<String>,
    #[serde(default)]
    pub last_affected: Option<String>,
    #[serde(default)]
    pub limit: Option<String>,
}

/// Some databases write `null` for what is empty.
fn or_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}

impl Record {
    /// Reads a file.
    ///
    /// # Errors
    /// [`NoRecord::Other`] for JSON that is about something else, [`NoRecord::Damaged`] for what might have been a record.
    pub fn read(bytes: &[u8]) -> Result<Self, NoRecord> {
        serde_json::from_slice::<Self>(bytes).map_err(|_| match serde_json::from_slice::<Value>(bytes) {
            // Only a record has both.
            Ok(json) if json.get("id").is_none() || json.get("affected").is_none() => NoRecord::Other,
            _ => NoRecord::Damaged,
        })
    }

    /// Its authors took it back.
    pub fn is_withdrawn(&self) -> bool {
        self.withdrawn.is_some()
    }

    /// The day of its last change.
    pub fn modified(&self) -> Option<Day> {
        Day::parse(self.modified.get(..10)?)
    }

    /// The day on which it was published.
    pub fn published(&self) -> Option<Day> {
        Day::parse(self.published.as_ref()?.get(..10)?)
    }

    /// Every identifier of the same hole, its own first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.id.as_str()).chain(self.aliases.iter().map(String::as_str))
    }

    /// One line for people, at most 120 characters.
    pub fn summary(&self) -> Option<String> {
        let line = self.summary.as_ref()?.split_whitespace().collect::<Vec<_>>().join(" ");
        let line: String = line.chars().filter(|c| !c.is_control()).take(120).collect();
        (!line.is_empty()).then_some(line)
    }

    /// The libraries it is about, by the name that their ecosystem compares; each once.
    pub fn libraries(&self) -> BTreeSet<(Ecosystem, String)> {
        let packages = self.affected.iter().filter_map(|a| a.package.as_ref());
        let known = packages.filter_map(|p| Ecosystem::named(&p.ecosystem).map(|e| (e, e.normal(&p.name))));
        known.collect()
    }

    /// How severe it is: the word of its database, else the highest score by CVSS 3. A package that is malware by itself is
    /// critical, and a notice that nobody maintains it is no hole.
    pub(super) fn level(&self, affected: &Affected) -> Option<Level> {
        if self.id.starts_with("MAL-") {
            return Some(Level::Critical);
        }
        let informational = affected.database_specific.as_ref().and_then(|d| d.get("informational"));
        if informational.is_some_and(|i| !i.is_null()) {
            return Some(Level::Notice);
        }
        let word = self.database_specific.as_ref().and_then(|d| d.get("severity")).and_then(Value::as_str);
        if let Some(level) = word.and_then(of_word) {
            return Some(level);
        }
        let scores = self.severity.iter().chain(&affected.severity).filter(|s| s.system == "CVSS_V3");
        scores.filter_map(|s| cvss::level(&s.score)).max()
    }
}

fn of_word(word: &str) -> Option<Level> {
    Some(match word.to_ascii_lowercase().as_str() {
        "critical" => Level::Critical,
        "high" => Level::High,
        "moderate" | "medium" => Level::Medium,
        "low" => Level::Low,
        _ => return None,
    })
}
