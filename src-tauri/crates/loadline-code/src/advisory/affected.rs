//! Whether a version is affected, as OSV evaluates it (ossf.github.io/osv-schema, "Evaluation"), with a third answer: not
//! known.

use super::record::{Affected, Event, Range, Record};
use super::{Level, compare};
use crate::Ecosystem;
use std::cmp::Ordering;

/// What a record says of a library at a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Match {
    /// It is not about this version.
    Not,
    /// It is.
    Affected {
        /// How severe it is, if anybody says so.
        level: Option<Level>,
        /// The next version without it, if there is one.
        fixed: Option<String>,
    },
    /// It is about the library, and its versions cannot be put in order.
    Unknown,
}

impl Record {
    /// What it says of a library, whose name is written as the ecosystem compares it.
    pub fn matches(&self, ecosystem: Ecosystem, name: &str, version: &str) -> Match {
        let about = |a: &&Affected| {
            let package = a.package.as_ref();
            package.is_some_and(|p| p.ecosystem == ecosystem.name() && ecosystem.normal(&p.name) == name)
        };
        let mut worst = Match::Not;
        for affected in self.affected.iter().filter(about) {
            match is_affected(ecosystem, affected, version) {
                Some(true) => {
                    let level = self.level(affected);
                    return Match::Affected { level, fixed: next_fixed(ecosystem, affected, version) };
                }
                Some(false) => {}
                None => worst = Match::Unknown,
            }
        }
        worst
    }
}

/// `None` when it is not known.
fn is_affected(ecosystem: Ecosystem, affected: &Affected, version: &str) -> Option<bool> {
    if affected.versions.iter().any(|v| v == version || compare(ecosystem, v, version) == Some(Ordering::Equal)) {
        return Some(true);
    }
    let ranges: Vec<&Range> =
        affected.ranges.iter().filter(|r| matches!(r.kind.as_str(), "SEMVER" | "ECOSYSTEM")).collect();
    if ranges.is_empty() {
        // Commits alone say nothing of versions; a list of versions does.
        return if affected.versions.is_empty() { None } else { Some(false) };
    }
    let beyond = beyond_last_known(ecosystem, affected, version) == Some(true);
    let mut answer = Some(false);
    for range in ranges {
        let open = range.events.iter().all(|e| e.fixed.is_none() && e.last_affected.is_none());
        match in_range(ecosystem, &range.events, version) {
            Some(true) if open && beyond => {}
            Some(true) => return Some(true),
            Some(false) => {}
            None => answer = None,
        }
    }
    answer
}

/// In the order of their versions, each event turns the answer.
fn in_range(ecosystem: Ecosystem, events: &[Event], version: &str) -> Option<bool> {
    let mut turns: Vec<(Option<&str>, Turn)> = Vec::new();
    let limits: Vec<&str> = events.iter().filter_map(|e| e.limit.as_deref()).collect();
    let mut below = limits.is_empty();
    for limit in limits {
        below |= limit == "*" || compare(ecosystem, version, limit)? == Ordering::Less;
    }
    if !below {
        return Some(false);
    }
    for event in events {
        turns.push(match (&event.introduced, &event.fixed, &event.last_affected) {
            (Some(v), None, None) => (Some(v.as_str()).filter(|v| *v != "0"), Turn::Introduced),
            (None, Some(v), None) => (Some(v.as_str()), Turn::Fixed),
            (None, None, Some(v)) => (Some(v.as_str()), Turn::LastAffected),
            (None, None, None) if event.limit.is_some() => continue,
            // More than one, or one that is not known.
            _ => return None,
        });
    }
    // A version that has no place even beside itself leaves no answer.
    for (at, _) in &turns {
        order(ecosystem, *at, *at)?;
    }
    turns.sort_by(|a, b| order(ecosystem, a.0, b.0).unwrap_or(Ordering::Equal).then(a.1.cmp(&b.1)));
    let mut inside = (!turns.is_empty()).then_some(false)?;
    for (at, turn) in turns {
        match (turn, order(ecosystem, Some(version), at)?) {
            (Turn::Introduced, Ordering::Equal | Ordering::Greater) => inside = true,
            (Turn::Fixed, Ordering::Equal | Ordering::Greater) | (Turn::LastAffected, Ordering::Greater) => {
                inside = false
            }
            _ => {}
        }
    }
    Some(inside)
}

/// What an event does from its version on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    Fixed,
    Introduced,
    LastAffected,
}

/// `None` as a version is before every other.
fn order(ecosystem: Ecosystem, a: Option<&str>, b: Option<&str>) -> Option<Ordering> {
    match (a, b) {
        (None, None) => Some(Ordering::Equal),
        (None, Some(_)) => Some(Ordering::Less),
        (Some(_), None) => Some(Ordering::Greater),
        (Some(a), Some(b)) => compare(ecosystem, a, b),
    }
}

/// GitHub's database names no fixed version where it knows none, and beside the range the last version known to be affected:
/// `<= 4.5.0` or `< 5`. Its own alerts end there. `None` when nothing is said, or nothing that can be ordered.
fn beyond_last_known(ecosystem: Ecosystem, affected: &Affected, version: &str) -> Option<bool> {
    let said = affected.database_specific.as_ref()?.get("last_known_affected_version_range")?;
    let said = said.as_str()?.trim();
    let (inclusive, last) = match said.strip_prefix("<=") {
        Some(last) => (true, last),
        None => (false, said.strip_prefix('<')?),
    };
    let place = compare(ecosystem, version, last.trim())?;
    Some(place == Ordering::Greater || (!inclusive && place == Ordering::Equal))
}

/// The lowest fixed version above this one.
fn next_fixed(ecosystem: Ecosystem, affected: &Affected, version: &str) -> Option<String> {
    let fixed = affected.ranges.iter().flat_map(|r| &r.events).filter_map(|e| e.fixed.as_deref());
    let above = fixed.filter(|f| compare(ecosystem, f, version) == Some(Ordering::Greater));
    let lowest = above.reduce(|a, b| if compare(ecosystem, b, a) == Some(Ordering::Less) { b } else { a });
    lowest.map(str::to_owned)
}
