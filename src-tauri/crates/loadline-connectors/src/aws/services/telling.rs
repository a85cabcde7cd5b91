//! Saying facts about AWS things: where they are, what they are called, and that what was not read is not said.

use crate::Answer;
use crate::aws::asking::Asking;
use crate::aws::shape::{list, opt_string};
use loadline_model::{
    Basis, Body, Confidence, Edge, Environment, Kind, Limit, Limited, Relation, Resource, SubjectId, Timestamp, Value,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;

/// Where a scope reads.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub partition: String,
    pub account: String,
    /// `us-east-1` for global services.
    pub region: String,
    /// What the account was said to be, for things whose tags say nothing.
    pub environment: Option<Environment>,
}

impl Place {
    pub(super) fn of(asking: &Asking<'_>, region: &str) -> Self {
        Self {
            partition: asking.partition().to_owned(),
            account: asking.account().to_owned(),
            region: region.to_owned(),
            environment: asking.environment,
        }
    }
    /// An ARN of this account and region.
    pub(super) fn arn(&self, service: &str, rest: &str) -> SubjectId {
        SubjectId(format!("arn:{}:{service}:{}:{}:{rest}", self.partition, self.region, self.account))
    }
    /// A machine of EC2.
    pub(super) fn instance(&self, id: &str) -> SubjectId {
        self.arn("ec2", &format!("instance/{id}"))
    }
    /// A subnet.
    pub(super) fn subnet(&self, id: &str) -> SubjectId {
        self.arn("ec2", &format!("subnet/{id}"))
    }
    /// A zone by its name, which means another place in another account.
    pub(super) fn zone(&self, name: &str) -> SubjectId {
        SubjectId(format!("aws:{}:{name}", self.account))
    }
    /// The region, shared by all accounts.
    pub(super) fn region_id(&self) -> SubjectId {
        SubjectId(format!("aws:{}", self.region))
    }
    /// The account.
    pub(super) fn account_id(&self) -> SubjectId {
        SubjectId(format!("aws:{}", self.account))
    }
}

/// A host name as an id that several accounts may name: `dns:db.example.com`.
pub(super) fn host(name: &str) -> SubjectId {
    SubjectId(format!("dns:{}", name.trim_end_matches('.').to_ascii_lowercase()))
}

/// A public address as an id.
pub(super) fn address(ip: &str) -> SubjectId {
    SubjectId(format!("ip:{ip}"))
}

/// Says facts into an answer; whatever is `None` is not said.
pub(super) struct Telling<'a> {
    answer: &'a mut Answer,
    /// Where this is.
    pub place: Place,
    call: &'static str,
    placed: BTreeSet<SubjectId>,
}

impl<'a> Telling<'a> {
    pub(super) fn new(answer: &'a mut Answer, place: Place) -> Self {
        Self { answer, place, call: "", placed: BTreeSet::new() }
    }
    /// What follows was answered by this call.
    pub(super) fn call(&mut self, name: &'static str) -> &mut Self {
        self.call = name;
        self
    }
    /// When this is read.
    pub(super) fn read_at(&self) -> Timestamp {
        self.answer.read_at()
    }
    /// A resource of this region; tags may say its environment.
    pub(super) fn resource(&self, kind: Kind, name: &str, tags: &[Tag]) -> Resource {
        Resource {
            region: Some(self.place.region.clone()),
            environment: environment(tags).or(self.place.environment),
            ..Resource::new(kind, name)
        }
    }
    pub(super) fn say(&mut self, id: &SubjectId, basis: Basis, body: impl Into<Body>) {
        self.answer.say(id, self.call, basis, body);
    }
    /// The level of a metric now.
    pub(super) fn sample(&mut self, id: &SubjectId, metric: &str, unit: &str, value: Option<f64>) {
        self.answer.sample(id, self.call, metric, unit, None, value);
    }
    /// It exists.
    pub(super) fn exists(&mut self, id: &SubjectId, resource: Resource) {
        self.say(id, Basis::Configured, resource);
    }
    /// A relation that configuration declares.
    pub(super) fn edge(&mut self, from: &SubjectId, relation: Relation, to: &SubjectId) {
        let edge = Edge { relation, to: to.clone(), confidence: Confidence::Declared };
        self.say(from, Basis::Configured, edge);
    }
    /// A relation that follows from other facts.
    pub(super) fn infer(&mut self, from: &SubjectId, relation: Relation, to: &SubjectId) {
        let edge = Edge { relation, to: to.clone(), confidence: Confidence::Inferred };
        self.say(from, Basis::Inferred, edge);
    }
    /// Another name of the same thing.
    pub(super) fn also(&mut self, id: &SubjectId, other: &SubjectId) {
        self.edge(id, Relation::SameAs, other);
    }
    pub(super) fn flag(&mut self, id: &SubjectId, key: &str, value: Option<bool>) {
        self.set(id, Basis::Configured, key, None, value.map(Value::Bool));
    }
    pub(super) fn number(&mut self, id: &SubjectId, key: &str, value: Option<f64>) {
        self.set(id, Basis::Configured, key, None, value.map(Value::Number));
    }
    pub(super) fn count(&mut self, id: &SubjectId, key: &str, value: Option<u64>) {
        self.number(id, key, value.map(|n| n as f64));
    }
    pub(super) fn text(&mut self, id: &SubjectId, key: &str, value: Option<&str>) {
        self.set(id, Basis::Configured, key, None, value.map(|v| Value::Text(v.to_owned())));
    }
    pub(super) fn set(&mut self, id: &SubjectId, basis: Basis, key: &str, item: Option<&str>, value: Option<Value>) {
        if let Some(value) = value {
            self.answer.set(id, self.call, basis, key, item, value);
        }
    }
    /// A hard limit.
    pub(super) fn limit(&mut self, id: &SubjectId, limited: Limited, value: Option<f64>, unit: &str) {
        if let Some(value) = value.filter(|v| v.is_finite() && *v > 0.0) {
            self.say(id, Basis::Configured, Limit { limited, value, unit: unit.to_owned() });
        }
    }
    /// It lies in this zone.
    pub(super) fn in_zone(&mut self, id: &SubjectId, zone: Option<&str>) {
        let Some(name) = zone.filter(|z| !z.is_empty()) else { return };
        let zone = self.place.zone(name);
        if self.placed.insert(zone.clone()) {
            let region = self.place.region_id();
            let resource = Resource { region: Some(self.place.region.clone()), ..Resource::new(Kind::Zone, name) };
            self.exists(&zone, resource);
            self.exists(&region, Resource::new(Kind::Region, self.place.region.clone()));
            self.edge(&zone, Relation::RunsIn, &region);
        }
        self.edge(id, Relation::RunsIn, &zone);
    }
    /// It lies in the region as a whole.
    pub(super) fn in_region(&mut self, id: &SubjectId) {
        let region = self.place.region_id();
        if self.placed.insert(region.clone()) {
            self.exists(&region, Resource::new(Kind::Region, self.place.region.clone()));
        }
        self.edge(id, Relation::RunsIn, &region);
    }
    /// Members are identical copies of which any one can serve: one must be up, unless a tag says how many. Whether
    /// one carries the load is a question of capacity. What a person declares is not overruled: the basis is weak.
    pub(super) fn interchangeable(&mut self, id: &SubjectId, resource: &Resource, tags: &[Tag]) {
        let said: Option<u32> = tag(tags, REQUIRED_TAG).and_then(|n| n.trim().parse().ok()).filter(|n| *n > 0);
        let basis = if said.is_some() { Basis::Configured } else { Basis::Inferred };
        let required = Resource { required_members: Some(said.unwrap_or(1)), ..resource.clone() };
        self.say(id, basis, required);
    }
    /// These kinds were listed completely.
    pub(super) fn listed(&mut self, kinds: &[Kind], complete: bool) {
        if complete {
            kinds.iter().for_each(|kind| self.answer.listed(*kind));
        }
    }
}

/// Says how many members of a group must be up.
pub(super) const REQUIRED_TAG: &str = "loadline:required-members";

/// A tag, as every service writes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Tag {
    #[serde(rename = "Key", alias = "key", alias = "TagKey", deserialize_with = "opt_string")]
    pub key: Option<String>,
    #[serde(rename = "Value", alias = "value", alias = "TagValue", deserialize_with = "opt_string")]
    pub value: Option<String>,
}

/// The value of a tag.
pub(super) fn tag<'t>(tags: &'t [Tag], key: &str) -> Option<&'t str> {
    tags.iter().find(|t| t.key.as_deref() == Some(key)).and_then(|t| t.value.as_deref())
}

/// The environment that tags name.
pub(super) fn environment(tags: &[Tag]) -> Option<Environment> {
    let named = |t: &&Tag| {
        let key = t.key.as_deref().unwrap_or("").to_ascii_lowercase();
        matches!(key.as_str(), "environment" | "env" | "stage")
    };
    let value = tags.iter().find(named)?.value.as_deref()?.to_ascii_lowercase();
    match value.as_str() {
        "production" | "prod" | "prd" | "live" => Some(Environment::Production),
        "staging" | "stage" | "stg" | "uat" | "preprod" | "pre-production" => Some(Environment::Staging),
        "development" | "dev" | "test" | "testing" | "qa" | "sandbox" | "preview" => Some(Environment::Development),
        _ => None,
    }
}

/// A list that may be absent: absent is not known, empty is none.
pub(super) fn opt_list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Option<Vec<T>>, D::Error> {
    list(from).map(Some)
}

/// A nested answer; whatever is no object is an empty one.
pub(super) fn nested<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    match Option::<serde_json::Value>::deserialize(from)? {
        Some(object @ serde_json::Value::Object(_)) => serde_json::from_value(object).map_err(serde::de::Error::custom),
        _ => Ok(T::default()),
    }
}

/// Groups of at most `size` items, for calls that take so many names.
pub(super) fn batches<T: Clone>(items: &[T], size: usize) -> Vec<Vec<T>> {
    items.chunks(size.max(1)).map(<[T]>::to_vec).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_say_the_environment() {
        let said = |key: &str, value: &str| environment(&[Tag { key: Some(key.into()), value: Some(value.into()) }]);
        assert_eq!(said("Environment", "Prod"), Some(Environment::Production));
        assert_eq!(said("env", "staging"), Some(Environment::Staging));
        assert_eq!(said("stage", "qa"), Some(Environment::Development));
        assert_eq!(said("env", "blue"), None, "an unknown word decides nothing");
        assert_eq!(said("team", "production"), None);
    }

    #[test]
    fn host_names_are_compared_without_case_and_dot() {
        assert_eq!(host("Db.Example.COM."), host("db.example.com"));
    }
}
