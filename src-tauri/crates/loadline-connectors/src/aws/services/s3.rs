//! S3: buckets, their versions and how long these are kept, their copies elsewhere and their locks.

mod lifecycle;

use super::ServiceReader;
use super::telling::{Place, Telling, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::refused::Refused;
use crate::aws::shape::{flat_list, list, opt_string};
use futures_util::{FutureExt, StreamExt};
use lifecycle::Lifecycle;
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use std::collections::BTreeMap;

/// Buckets asked about at once.
const ABREAST: usize = 8;

const BUCKETS: &Operation = operation("s3:ListBuckets");
const LOCATION: &Operation = operation("s3:GetBucketLocation");
const VERSIONING: &Operation = operation("s3:GetBucketVersioning");
const REPLICATION: &Operation = operation("s3:GetBucketReplication");
const LIFECYCLE: &Operation = operation("s3:GetBucketLifecycleConfiguration");
const LOCK: &Operation = operation("s3:GetObjectLockConfiguration");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "s3",
    title: "S3",
    global: true,
    operations: &[BUCKETS, LOCATION, VERSIONING, REPLICATION, LIFECYCLE, LOCK],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `ListBuckets` (Amazon S3 API Reference, version 2006-03-01).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Buckets {
    #[serde(deserialize_with = "list")]
    buckets: Vec<Bucket>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Bucket {
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    bucket_region: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Versioning {
    /// Missing where it was never turned on.
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
}

impl Versioning {
    fn is_on(&self) -> bool {
        self.status.as_deref() == Some("Enabled")
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Replication {
    #[serde(rename = "Rule", deserialize_with = "flat_list")]
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Rule {
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
    #[serde(deserialize_with = "nested")]
    destination: Destination,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Destination {
    #[serde(deserialize_with = "opt_string")]
    bucket: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    account: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Lock {
    #[serde(deserialize_with = "nested")]
    rule: LockRule,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LockRule {
    #[serde(deserialize_with = "nested")]
    default_retention: Retention,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Retention {
    #[serde(deserialize_with = "opt_string")]
    mode: Option<String>,
}

/// What was read of one bucket; `None` where it could not be.
#[derive(Debug, Default)]
struct Seen {
    name: String,
    region: String,
    versioning: Option<Versioning>,
    replication: Option<Replication>,
    lock: Option<Lock>,
    /// Asked only where versions are kept.
    lifecycle: Option<Lifecycle>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Store];
    let pages: Pages<Buckets> = asking.pages_hiding(BUCKETS, json!({}), &hides, answer).await;
    let mut complete = pages.complete;
    let all = pages.pages.into_iter().flat_map(|p| p.buckets).filter_map(|b| Some((b.name?, b.bucket_region)));
    let asked = futures_util::stream::iter(all).map(|(name, home)| bucket(asking, region, name, home));
    let mut seen = Vec::new();
    for (bucket, refusals) in asked.buffered(ABREAST).collect::<Vec<_>>().await {
        complete &= bucket.is_some();
        seen.extend(bucket);
        for (operation, refused) in &refusals {
            asking.leave(operation, refused, if operation.name == LOCATION.name { &hides[..] } else { &[] }, answer);
        }
    }
    let mut t = Telling::new(answer, Place::of(asking, region));
    let homes: BTreeMap<String, String> = seen.iter().map(|s| (s.name.clone(), s.region.clone())).collect();
    seen.iter().for_each(|bucket| say(&mut t, bucket, &homes));
    t.listed(&hides, complete);
}

/// What was not answered, and why.
type Refusals = Vec<(&'static Operation, Refused)>;

/// Reads one bucket in its region; nothing where that is not known.
async fn bucket(asking: &Asking<'_>, region: &str, name: String, home: Option<String>) -> (Option<Seen>, Refusals) {
    let mut refusals = Vec::new();
    let home = match home {
        Some(home) => home,
        None => match asking.ask::<serde_json::Value>(LOCATION, region, json!({"Bucket": name})).await {
            Ok(found) => located(found.first()),
            Err(refused) => return (None, vec![(LOCATION, refused)]),
        },
    };
    let versioning = first(asking, VERSIONING, &home, &name, &mut refusals).await;
    let replication = first(asking, REPLICATION, &home, &name, &mut refusals).await;
    let lock = first(asking, LOCK, &home, &name, &mut refusals).await;
    let mut lifecycle = None;
    if versioning.as_ref().is_some_and(Versioning::is_on) {
        lifecycle = first(asking, LIFECYCLE, &home, &name, &mut refusals).await;
    }
    (Some(Seen { name, region: home, versioning, replication, lock, lifecycle }), refusals)
}

/// The one answer; an absent configuration is an empty one.
async fn first<T: DeserializeOwned + Default>(
    asking: &Asking<'_>,
    operation: &'static Operation,
    region: &str,
    bucket: &str,
    refusals: &mut Refusals,
) -> Option<T> {
    match asking.ask::<serde_json::Value>(operation, region, json!({"Bucket": bucket})).await {
        // An element without content reads as text.
        Ok(found) => match found.into_iter().next() {
            Some(page @ serde_json::Value::Object(_)) => serde_json::from_value(page).ok(),
            _ => Some(T::default()),
        },
        Err(refused) => {
            refusals.push((operation, refused));
            None
        }
    }
}

/// The first region is written as nothing, another as its name.
fn located(answer: Option<&serde_json::Value>) -> String {
    let said = answer.and_then(|a| a.as_str().or_else(|| a.get("LocationConstraint")?.as_str())).unwrap_or("");
    match said {
        "" => "us-east-1".to_owned(),
        "EU" => "eu-west-1".to_owned(),
        region => region.to_owned(),
    }
}

fn say(t: &mut Telling<'_>, bucket: &Seen, homes: &BTreeMap<String, String>) {
    let subject = SubjectId(format!("arn:{}:s3:::{}", t.place.partition, bucket.name));
    t.call(BUCKETS.name);
    let resource = t.resource(Kind::Store, &bucket.name, &[]);
    let region = Some(bucket.region.clone());
    t.exists(&subject, Resource { region, engine: Some("s3".to_owned()), managed: Some(true), ..resource });
    // Kept over at least three zones (Amazon S3 User Guide, "Resilience in Amazon S3").
    t.flag(&subject, key::PLATFORM_REDUNDANT, Some(true));
    let rules = bucket.replication.as_ref().map(|r| &r.rules);
    let copies: Option<Vec<&Destination>> =
        rules.map(|r| r.iter().filter(|r| r.status.as_deref() == Some("Enabled")).map(|r| &r.destination).collect());
    t.call(VERSIONING.name);
    let versioned = bucket.versioning.as_ref().map(Versioning::is_on);
    let kept = match (versioned, &copies) {
        (Some(true), _) => Some(true),
        (_, Some(copies)) if !copies.is_empty() => Some(true),
        (Some(false), Some(_)) => Some(false),
        _ => None,
    };
    t.flag(&subject, key::BACKUP_ENABLED, kept);
    let days = bucket.lifecycle.as_ref().filter(|_| versioned == Some(true)).and_then(Lifecycle::days_kept);
    t.call(LIFECYCLE.name).count(&subject, key::BACKUP_RETENTION_DAYS, days);
    t.call(REPLICATION.name);
    for copy in copies.iter().flatten() {
        let Some(target) = copy.bucket.as_deref() else { continue };
        t.edge(
            &subject,
            Relation::ReplicatedTo { synchronous: Some(false), automatic: Some(false) },
            &SubjectId::from(target),
        );
        let name = target.rsplit(':').next().unwrap_or(target);
        let other_account = copy.account.as_ref().is_some_and(|a| *a != t.place.account);
        let other_region = homes.get(name).is_some_and(|home| *home != bucket.region);
        if other_account || other_region {
            t.flag(&subject, key::BACKUP_ISOLATED, Some(true));
        }
    }
    t.call(LOCK.name);
    // Without a lock here a copy elsewhere may still be locked.
    let locked = bucket.lock.as_ref().is_some_and(|l| l.rule.default_retention.mode.is_some());
    t.flag(&subject, key::BACKUP_IMMUTABLE, locked.then_some(true));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    /// Shapes of the examples in "GetBucketVersioning", "GetBucketReplication" and "GetObjectLockConfiguration",
    /// Amazon S3 API Reference 2006-03-01.
    fn read(versioning: Option<Value>, replication: Option<Value>, lock: Option<Value>) -> Vec<String> {
        let seen = Seen {
            name: "files".into(),
            region: "eu-west-1".into(),
            versioning: versioning.map(parsed),
            replication: replication.map(parsed),
            lock: lock.map(parsed),
            lifecycle: Some(parsed(json!({"Rule": {"ID": "1", "Status": "Enabled", "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": "90"}}}))),
        };
        let homes = [("files", "eu-west-1"), ("copies", "eu-central-1"), ("near", "eu-west-1")];
        let homes = homes.map(|(n, r)| (n.to_owned(), r.to_owned())).into();
        said(|t| say(t, &seen, &homes))
    }
    fn to(bucket: &str) -> Option<Value> {
        Some(json!({"Role": "arn:aws:iam::111122223333:role/s3", "Rule": {"ID": "1", "Status": "Enabled",
            "Destination": {"Bucket": format!("arn:aws:s3:::{bucket}")}}}))
    }

    #[test]
    fn versions_copies_and_locks() {
        let lock =
            json!({"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": "30"}}});
        let lines = read(Some(json!({"Status": "Enabled"})), to("copies"), Some(lock));
        let expected = [
            "s3:::files is store files, s3 ?, managed",
            "s3:::files platform_redundant = on",
            "s3:::files backup.enabled = on",
            "s3:::files backup.retention_days = 90",
            "s3:::files replicated sync Some(false) automatic Some(false) to s3:::copies",
            "s3:::files backup.isolated_copy = on",
            "s3:::files backup.immutable = on",
        ];
        check(&lines, &expected, &[]);
        check(&read(None, to("near"), None), &["s3:::files backup.enabled = on"], &["s3:::files backup.isolated"]);
    }

    #[test]
    fn what_is_off_and_what_was_not_read() {
        let off = read(Some(json!({})), Some(json!({})), Some(json!({})));
        check(
            &off,
            &["s3:::files backup.enabled = off"],
            &["s3:::files backup.isolated", "s3:::files backup.immutable"],
        );
        check(&read(None, Some(json!({})), None), &[], &["s3:::files backup"]);
        check(&read(Some(json!({"Status": "Suspended"})), None, None), &[], &["s3:::files backup"]);
    }

    #[test]
    fn regions_are_written_in_three_ways() {
        assert_eq!(located(Some(&json!(""))), "us-east-1");
        assert_eq!(located(Some(&json!("EU"))), "eu-west-1");
        assert_eq!(located(Some(&json!("eu-central-1"))), "eu-central-1");
        assert_eq!(located(Some(&json!({"LocationConstraint": "eu-central-1"}))), "eu-central-1");
    }
}
