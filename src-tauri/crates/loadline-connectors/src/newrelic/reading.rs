//! One scope being read: a refused question or part becomes a gap that names the right, lists are followed to their end,
//! and NRQL over time is asked in pieces, newest first.

use super::access::Access;
use super::documents::{self, Document};
use crate::Cancelled;
use crate::http::{HttpError, Visit};
use loadline_model::{Environment, GapReason, Kind, Resource, SubjectId, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::{Deref, DerefMut};

/// Most pages of a list.
const PAGES: usize = 50;
/// Most intervals of a TIMESERIES ("Query charts error messages": TIMESERIES supports a maximum of 366 buckets).
const MOST_INTERVALS: i64 = 366;
/// Clocks that differ by less are as good as equal.
const SKEW_MS: i64 = 5 * 60_000;
/// What is newer may be incomplete ("Create NRQL alert conditions": query data from 3 minutes ago or longer).
const SETTLING_MS: i64 = 3 * 60_000;
pub(super) const DAY: i64 = 86_400;
/// Most services, and most hosts, whose measurements are asked for.
const MOST_MEASURED: usize = 500;

/// What a scope's rooms share.
pub(super) struct Reading<'a> {
    /// The scope, what was answered, the way to stop.
    pub visit: Visit<'a>,
    /// NerdGraph.
    pub access: &'a Access,
    /// What stands behind every search for services and hosts: tags that they must carry.
    pub filter: &'a str,
}

impl<'a> Deref for Reading<'a> {
    type Target = Visit<'a>;
    fn deref(&self) -> &Visit<'a> {
        &self.visit
    }
}

impl<'a> DerefMut for Reading<'a> {
    fn deref_mut(&mut self) -> &mut Visit<'a> {
        &mut self.visit
    }
}

/// Rows of a list.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// In New Relic's order.
    pub rows: Vec<Value>,
    /// All of them were read.
    pub whole: bool,
}

/// Something that New Relic monitors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entity {
    /// Its id, in which the account's number is written.
    pub guid: String,
    /// What people call it.
    pub name: String,
    /// `APM`, `EXT`, `INFRA`.
    pub domain: String,
    /// It sent data within the last hours.
    pub reports: bool,
    /// Tags that people and agents gave it.
    pub tags: BTreeMap<String, Vec<String>>,
}

/// NRQL that is asked once for each piece of the window.
#[derive(Clone, Debug)]
pub(super) struct Query {
    /// Behind SELECT.
    pub select: String,
    /// Behind FROM, with WHERE.
    pub from: String,
    /// Attribute to group by; empty for one group.
    pub facet: &'static str,
    /// Most groups.
    pub limit: usize,
    /// Seconds of an interval.
    pub step: i64,
    /// What stands at its end.
    pub tail: &'static str,
}

/// One interval of a group.
pub(super) struct Point<'r> {
    /// Values of the attributes that were grouped by.
    pub facets: Vec<&'r str>,
    /// Begin of the interval.
    pub at: Timestamp,
    /// Everything that was selected.
    pub row: &'r Value,
}

impl Reading<'_> {
    /// What a document asks for; `None` when a gap was left instead. Refused parts leave gaps beside the answer.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(super) async fn ask(
        &mut self,
        document: &Document,
        variables: &[(&str, Value)],
        hides: &[Kind],
    ) -> Result<Option<Value>, Cancelled> {
        let closes = |error: &HttpError| match error {
            HttpError::Unauthorized | HttpError::Forbidden(_) => document.closes(),
            HttpError::TimedOut(_) => "Collect again; if it stays, set `filter` to what matters.".to_owned(),
            HttpError::NotFound => "Check `endpoint_url`: NerdGraph answers at /graphql.".to_owned(),
            other => other.closes().to_owned(),
        };
        let access = self.access;
        let told = self.visit.ask(document.reads, access.ask(document, variables), closes, hides).await?;
        let Some(told) = told else { return Ok(None) };
        for refusal in &told.refusals {
            let detail = format!("{}, at {}: {}.", document.reads, refusal.place, refusal.error);
            self.answer.miss_of(refusal.error.reason(), detail, closes(&refusal.error), hides, None);
        }
        Ok(Some(told.answer).filter(|_| told.refusals.is_empty() || !document.rows.is_empty()))
    }

    /// Every row of a list; `None` when not even its first page could be read.
    ///
    /// # Errors
    /// The same.
    pub(super) async fn list(
        &mut self,
        document: &Document,
        search: Option<&str>,
        hides: &[Kind],
    ) -> Result<Option<Listed>, Cancelled> {
        let (mut listed, mut seen, mut cursor) = (Listed::default(), BTreeSet::new(), Value::Null);
        for page in 0..PAGES {
            let mut variables = vec![("cursor", cursor.clone())];
            variables.extend(search.map(|s| ("search", json!(s))));
            let gaps = self.answer.gaps();
            let Some(answer) = self.ask(document, &variables, hides).await? else {
                return Ok((page > 0).then_some(listed));
            };
            let Some(rows) = answer.get(document.rows).and_then(Value::as_array) else {
                if self.answer.gaps() == gaps {
                    self.odd(document, "did not come as a list", hides);
                }
                return Ok((page > 0).then_some(listed));
            };
            listed.rows.extend(rows.iter().filter(|row| !row.is_null()).cloned());
            let next = answer.get("nextCursor").and_then(Value::as_str).filter(|c| !c.is_empty());
            let Some(next) = next else {
                listed.whole = self.answer.gaps() == gaps;
                return Ok(Some(listed));
            };
            if !seen.insert(next.to_owned()) {
                self.odd(document, "go round in a circle: a page was named twice", hides);
                return Ok(Some(listed));
            }
            cursor = json!(next);
        }
        let detail = format!("{}: more than {PAGES} pages, the first were read.", document.reads);
        self.answer.miss_of(GapReason::LimitReached, detail, "Set `filter` to what matters.", hides, None);
        Ok(Some(listed))
    }

    fn odd(&mut self, document: &Document, what: &str, hides: &[Kind]) {
        let detail = format!("{} {what}.", document.reads);
        let closes = "Collect again; if it stays, report it with the answer of NerdGraph's explorer.";
        self.answer.miss_of(GapReason::ParseError, detail, closes, hides, None);
    }

    /// Rows of NRQL; `None` when a gap was left instead.
    ///
    /// # Errors
    /// The same.
    pub(super) async fn nrql(&mut self, nrql: &str, hides: &[Kind]) -> Result<Option<Vec<Value>>, Cancelled> {
        let document = &documents::NRQL;
        if !documents::only_selects(nrql) {
            self.odd(document, "are asked by SELECT alone", hides);
            return Ok(None);
        }
        let gaps = self.answer.gaps();
        let answer = self.ask(document, &[("nrql", json!(nrql))], hides).await?;
        let Some(mut answer) = answer else { return Ok(None) };
        match answer.get_mut(document.rows).map(Value::take) {
            Some(Value::Array(rows)) => return Ok(Some(rows)),
            _ if self.answer.gaps() == gaps => self.odd(document, "did not come as a list", hides),
            _ => {}
        }
        Ok(None)
    }

    /// Until when data are complete by both clocks: what a clock that is ahead asks for beyond would be counted as zero.
    pub(super) fn until(&mut self) -> Timestamp {
        let wanted = self.window.until;
        let theirs = self.access.told_at().map_or(wanted, |at| at.min(wanted));
        if wanted.0 - theirs.0 > SKEW_MS {
            let minutes = (wanted.0 - theirs.0) / 60_000;
            let detail = format!("This clock is {minutes} min ahead of New Relic's: the newest minutes were not read.");
            self.answer.miss(
                GapReason::ShortWindow,
                detail,
                "Set the clock of this machine (NTP), then collect again.",
            );
        }
        Timestamp(theirs.0 - SETTLING_MS)
    }

    /// Asks for the intervals between two times in pieces, newest first, and ends at the first that cannot be read, so that
    /// what was read reaches without a hole to the end. Intervals of another length or time than asked for are not told.
    ///
    /// # Errors
    /// The same.
    pub(super) async fn over_time(
        &mut self,
        query: &Query,
        (from, until): (Timestamp, Timestamp),
        mut tell: impl FnMut(Point<'_>),
    ) -> Result<(), Cancelled> {
        let step = query.step;
        let begin = from.0.div_euclid(1_000 * step) * step;
        let mut until = until.0.div_euclid(1_000 * step) * step;
        let facet = if query.facet.is_empty() { String::new() } else { format!(" FACET {}", query.facet) };
        // Whole days, so that every question begins at the same time of the day.
        let stride = (MOST_INTERVALS * step / DAY).max(1) * DAY;
        while until > begin {
            let since = (until - stride).max(begin);
            let nrql = format!(
                "SELECT {} FROM {}{facet} SINCE {since}000 UNTIL {until}000 TIMESERIES {step} seconds LIMIT {}{}",
                query.select, query.from, query.limit, query.tail
            );
            let Some(rows) = self.nrql(&nrql, &[]).await? else { return Ok(()) };
            let mut odd = 0usize;
            for row in &rows {
                let seconds = |key: &str| row.get(key).and_then(Value::as_f64).map(|s| s as i64);
                let (Some(at), Some(end)) = (seconds("beginTimeSeconds"), seconds("endTimeSeconds")) else { continue };
                let told = end - at == step && at % step == 0 && (since..until).contains(&at);
                odd += usize::from(!told);
                if told {
                    tell(Point { facets: facets(row), at: Timestamp(at * 1_000), row });
                }
            }
            if odd > 0 {
                self.odd(&documents::NRQL, &format!("came in {odd} intervals that were not asked for"), &[]);
            }
            until = since;
        }
        Ok(())
    }

    /// Entities of a kind in the account that carry the tags.
    ///
    /// # Errors
    /// The same.
    pub(super) async fn entities(
        &mut self,
        kind: &str,
        hides: &[Kind],
    ) -> Result<Option<(Vec<Entity>, bool)>, Cancelled> {
        let search = format!("accountId = {} AND {kind}{}", self.access.account, self.filter);
        let Some(listed) = self.list(&documents::ENTITIES, Some(&search), hides).await? else { return Ok(None) };
        let mut entities: Vec<Entity> = listed.rows.iter().filter_map(entity).collect();
        entities.sort_by(|a, b| a.guid.cmp(&b.guid));
        entities.dedup_by(|a, b| a.guid == b.guid);
        Ok(Some((entities, listed.whole)))
    }

    /// Services, by agents of New Relic and by OpenTelemetry.
    ///
    /// # Errors
    /// The same.
    pub(super) async fn services(&mut self) -> Result<Option<Vec<Entity>>, Cancelled> {
        let kind = "domain IN ('APM', 'EXT') AND type IN ('APPLICATION', 'SERVICE')";
        Ok(self.entities(kind, &[Kind::Service]).await?.map(|(services, _)| services))
    }

    /// The first entities, when they are more than can be asked for within reason; a gap names the rest.
    pub(super) fn bounded<'e>(&mut self, what: &str, entities: &'e [Entity], hides: &[Kind]) -> &'e [Entity] {
        let some = entities.get(..MOST_MEASURED).unwrap_or(entities);
        if some.len() < entities.len() {
            let detail = format!("{} {what}: the first {MOST_MEASURED} were measured.", entities.len());
            self.answer.miss_of(GapReason::LimitReached, detail, "Set `filter` to what matters.", hides, None);
        }
        some
    }

    /// Says that a thing exists, in the environment that its tags name.
    pub(super) fn exists_as(&mut self, kind: Kind, entity: &Entity, call: &str) {
        let environment = entity.environment().or(self.visit.environment);
        let resource = Resource { environment, ..Resource::new(kind, entity.name.as_str()) };
        self.answer.say(&entity.subject(), call, loadline_model::Basis::Measured, resource);
    }
}

impl Entity {
    /// Its id here.
    pub(super) fn subject(&self) -> SubjectId {
        subject(&self.guid)
    }

    /// The first value of one of these tags.
    pub(super) fn tag(&self, keys: &[&str]) -> Option<&str> {
        let named = |key: &&str| self.tags.iter().find(|(k, _)| k.eq_ignore_ascii_case(key));
        keys.iter().filter_map(named).find_map(|(_, values)| values.first()).map(String::as_str)
    }

    /// Where it serves, as its tags say.
    pub(super) fn environment(&self) -> Option<Environment> {
        let word = self.tag(&["environment", "env", "deployment.environment"])?.to_ascii_lowercase();
        let begins = |words: &[&str]| words.iter().any(|w| word.starts_with(w));
        match () {
            () if begins(&["prod", "prd", "live"]) => Some(Environment::Production),
            () if begins(&["stag", "test", "qa", "uat", "preprod", "pre-prod"]) => Some(Environment::Staging),
            () if begins(&["dev", "local", "sandbox"]) => Some(Environment::Development),
            () => None,
        }
    }
}

/// The id of an entity here.
pub(super) fn subject(guid: &str) -> SubjectId {
    SubjectId(format!("newrelic:{guid}"))
}

/// Text that is not empty.
pub(super) fn text<'v>(value: &'v Value, at: &str) -> Option<&'v str> {
    value.pointer(at)?.as_str().filter(|t| !t.is_empty())
}

/// A number that is finite, also where it is written as text.
pub(super) fn number(row: &Value, key: &str) -> Option<f64> {
    let value = row.get(key)?;
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|n| n.is_finite())
}

/// Only characters of a GUID, so that nothing else can be slipped into NRQL.
pub(super) fn is_guid(guid: &str) -> bool {
    !guid.is_empty() && guid.chars().all(|c| c.is_ascii_alphanumeric() || "+/=_-".contains(c))
}

/// `attribute IN ('…', …)` over GUIDs.
pub(super) fn is_one_of<'g>(attribute: &str, guids: impl Iterator<Item = &'g str>) -> String {
    let quoted: Vec<String> = guids.map(|g| format!("'{g}'")).collect();
    format!("{attribute} IN ({})", quoted.join(", "))
}

/// Tags as NerdGraph lists them.
pub(super) fn tags(row: &Value) -> BTreeMap<String, Vec<String>> {
    let words = |v: &Value| v.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let all = row.get("tags").and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|tag| Some((text(tag, "/key")?.to_owned(), words(tag.get("values")?)))).collect()
}

pub(super) fn entity(row: &Value) -> Option<Entity> {
    let guid = text(row, "/guid").filter(|g| is_guid(g))?;
    Some(Entity {
        guid: guid.to_owned(),
        name: text(row, "/name")?.to_owned(),
        domain: text(row, "/domain").unwrap_or_default().to_owned(),
        reports: row.get("reporting").and_then(Value::as_bool).unwrap_or(true),
        tags: tags(row),
    })
}

/// What a row is grouped by: one value, or several.
pub(super) fn facets(row: &Value) -> Vec<&str> {
    match row.get("facet") {
        Some(Value::Array(several)) => several.iter().map(|f| f.as_str().unwrap_or_default()).collect(),
        Some(Value::String(one)) => vec![one],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entity_and_where_it_serves() {
        // Form of "NerdGraph tutorial: View entity data".
        let row = json!({"guid": "MXxBUE18QVBQTElDQVRJT058NDI", "name": "shop", "domain": "APM", "type": "APPLICATION",
            "reporting": true, "tags": [{"key": "Environment", "values": ["Staging-EU"]}, {"key": "team", "values": []}]});
        let read = entity(&row).expect("an entity");
        assert_eq!((read.environment(), read.tag(&["team"])), (Some(Environment::Staging), None));
        assert_eq!(read.subject(), SubjectId::from("newrelic:MXxBUE18QVBQTElDQVRJT058NDI"));
        assert!(entity(&json!({"guid": "x') OR ('a", "name": "evil"})).is_none(), "nothing slips into NRQL");
        assert!(entity(&json!({"guid": "MXx", "name": null})).is_none());
    }

    #[test]
    fn rows_are_grouped_by_one_or_several() {
        assert_eq!(facets(&json!({"facet": ["a", "b"]})), ["a", "b"]);
        assert_eq!(facets(&json!({"facet": "a", "entityGuid": "a"})), ["a"]);
        assert!(facets(&json!({"count": 1})).is_empty());
    }
}
