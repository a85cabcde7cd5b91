//! Takes a scope apart: what is kept with the visit, and what is kept as days of series.

use crate::StoreError;
use crate::codec::Content;
use crate::hash::Hash;
use loadline_model::{AccountId, Body, Day, Distribution, Fact, Gap, GapReason, Kind, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is kept with a visit.
#[derive(Serialize, Deserialize)]
pub(crate) struct Observation {
    pub(crate) facts: Vec<Fact>,
    pub(crate) gaps: Vec<Gap>,
    pub(crate) inventories: Vec<Kind>,
}

/// One series as it arrived: its description without samples, and its days ready to be stored.
pub(crate) struct Arrival {
    pub(crate) header: Fact,
    pub(crate) days: BTreeMap<Day, Encoded>,
}

/// A day as content and as bytes.
pub(crate) struct Encoded {
    pub(crate) hash: Hash,
    pub(crate) body: Vec<u8>,
    pub(crate) content: Content,
}

impl Encoded {
    pub(crate) fn new(content: Content) -> Result<Self, StoreError> {
        let body = content.encode()?;
        Ok(Self { hash: Hash::of(&body), body, content })
    }
}

/// Takes a scope apart. A fact that cannot be written down becomes a gap, so that one broken number does not cost the
/// scope; samples that are not finite are left out: a gap stays a gap.
pub(crate) fn take_apart(account: &AccountId, scope: Scope) -> Result<(Observation, Vec<Arrival>), StoreError> {
    let mut observation = Observation { facts: Vec::new(), gaps: scope.gaps, inventories: scope.inventories };
    let mut arrivals: BTreeMap<String, (Fact, BTreeMap<Day, Content>)> = BTreeMap::new();
    for mut fact in scope.facts {
        let days = take_days(&mut fact.body);
        match (days, identity(&fact)) {
            (Some(days), Some(identity)) => {
                let (header, known) = arrivals.entry(identity).or_insert_with(|| (fact.clone(), BTreeMap::new()));
                describe_newer(header, fact);
                for (day, content) in days {
                    let merged = match known.remove(&day) {
                        Some(earlier) => earlier.merge(content)?,
                        None => content,
                    };
                    known.insert(day, merged);
                }
            }
            _ if survives(&fact) => observation.facts.push(fact),
            _ => observation.gaps.push(not_a_number(account, &scope.name, &fact)),
        }
    }
    let encode = |(header, days): (Fact, BTreeMap<Day, Content>)| {
        let days: Result<_, StoreError> = days.into_iter().map(|(day, c)| Ok((day, Encoded::new(c)?))).collect();
        Ok(Arrival { header, days: days? })
    };
    Ok((observation, arrivals.into_values().map(encode).collect::<Result<_, StoreError>>()?))
}

/// What makes two series of a scope the same one; `None` for other facts.
pub(crate) fn identity(fact: &Fact) -> Option<String> {
    let (metric, unit, kind, labels) = match &fact.body {
        Body::Series(s) => (&s.metric, &s.unit, format!("{:?}", s.kind), &s.labels),
        Body::DistributionSeries(s) => (&s.metric, &s.unit, "Distribution".to_owned(), &s.labels),
        _ => return None,
    };
    Some(format!("{:?}", (&fact.subject.0, metric, unit, kind, labels)))
}

/// Takes over the newer provenance and coverage of the same series.
pub(crate) fn describe_newer(header: &mut Fact, newer: Fact) {
    let until = covered_until(&header.body).max(covered_until(&newer.body));
    *header = newer;
    match (&mut header.body, until) {
        (Body::Series(s), Some(until)) => s.covered_until = until,
        (Body::DistributionSeries(s), Some(until)) => s.covered_until = until,
        _ => {}
    }
}

fn covered_until(body: &Body) -> Option<Timestamp> {
    match body {
        Body::Series(s) => Some(s.covered_until),
        Body::DistributionSeries(s) => Some(s.covered_until),
        _ => None,
    }
}

/// Puts a day back into a series whose earlier days are already there.
pub(crate) fn append(body: &mut Body, content: Content) -> Result<(), StoreError> {
    match (body, content) {
        (Body::Series(series), Content::Samples(samples)) => series.samples.extend(samples),
        (Body::DistributionSeries(series), Content::Hours(hours)) => series.hours.extend(hours),
        _ => return Err(StoreError::damaged("a series' day holds the wrong kind of content")),
    }
    Ok(())
}

fn take_days(body: &mut Body) -> Option<BTreeMap<Day, Content>> {
    match body {
        Body::Series(series) => {
            let mut samples = std::mem::take(&mut series.samples);
            samples.retain(|s| s.value.is_finite());
            Some(by_day(samples, |s| s.at).into_iter().map(|(day, s)| (day, Content::Samples(s))).collect())
        }
        Body::DistributionSeries(series) => {
            let mut hours = std::mem::take(&mut series.hours);
            hours.retain(|h| is_finite(&h.distribution));
            Some(by_day(hours, |h| h.start).into_iter().map(|(day, h)| (day, Content::Hours(h))).collect())
        }
        _ => None,
    }
}

/// Splits by UTC day, ascending; of two at one time the later said wins.
fn by_day<T>(mut said: Vec<T>, at: impl Fn(&T) -> Timestamp) -> BTreeMap<Day, Vec<T>> {
    said.sort_by_key(&at);
    said.dedup_by(|later, kept| {
        let same = at(later) == at(kept);
        if same {
            std::mem::swap(later, kept);
        }
        same
    });
    let mut days: BTreeMap<Day, Vec<T>> = BTreeMap::new();
    for one in said {
        days.entry(at(&one).utc_day()).or_default().push(one);
    }
    days
}

fn is_finite(distribution: &Distribution) -> bool {
    match distribution {
        Distribution::Exponential { sum, .. } => sum.is_none_or(f64::is_finite),
        Distribution::Classic { bounds, sum, .. } => {
            bounds.iter().all(|b| b.is_finite()) && sum.is_none_or(f64::is_finite)
        }
        Distribution::Gauges { quantiles, .. } => quantiles.iter().all(|(q, v)| q.is_finite() && v.is_finite()),
    }
}

/// JSON writes a number that is not finite as `null`, which a required number cannot be read back from.
fn survives(fact: &Fact) -> bool {
    serde_json::to_string(fact).is_ok_and(|text| serde_json::from_str::<Fact>(&text).is_ok())
}

fn not_a_number(account: &AccountId, scope: &str, fact: &Fact) -> Gap {
    Gap {
        account: Some(account.clone()),
        scope: scope.to_owned(),
        reason: GapReason::ParseError,
        detail: format!("{} answered with a number that is not finite", fact.provenance.call),
        closes: "a source that answers with finite numbers".to_owned(),
        hides: Vec::new(),
        subject: Some(fact.subject.clone()),
    }
}
