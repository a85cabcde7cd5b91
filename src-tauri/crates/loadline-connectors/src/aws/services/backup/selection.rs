//! What a selection of AWS Backup covers: by name, by the beginning of names, by tags. Where tags or the kinds that AWS
//! Backup takes in the region are not known, so is the answer.

use crate::aws::services::telling::{Tag, nested, tag};
use crate::aws::shape::{list, opt_string};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The answer of `GetBackupSelection` (AWS Backup API Reference, "BackupSelection").
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Selection {
    /// Always there; without it the rest was not answered.
    #[serde(deserialize_with = "opt_string")]
    pub selection_name: Option<String>,
    /// ARNs, and beginnings of ARNs that end with `*`; none means everything that the tags name.
    #[serde(deserialize_with = "list")]
    pub resources: Vec<String>,
    #[serde(deserialize_with = "list")]
    not_resources: Vec<String>,
    /// One of these tags is enough.
    #[serde(deserialize_with = "list")]
    list_of_tags: Vec<Condition>,
    /// All of these must hold.
    #[serde(deserialize_with = "nested")]
    conditions: Conditions,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Conditions {
    #[serde(deserialize_with = "list")]
    string_equals: Vec<Condition>,
    #[serde(deserialize_with = "list")]
    string_not_equals: Vec<Condition>,
    #[serde(deserialize_with = "list")]
    string_like: Vec<Condition>,
    #[serde(deserialize_with = "list")]
    string_not_like: Vec<Condition>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Condition {
    /// `backup` in a list of tags, `aws:ResourceTag/backup` among conditions.
    #[serde(deserialize_with = "opt_string")]
    condition_key: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    condition_value: Option<String>,
}

/// What is known of the region beside the selections.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Tags by ARN of everything that has some; `None` where they could not be read.
    pub tags: Option<BTreeMap<String, Vec<Tag>>>,
    /// Kinds of things that AWS Backup takes where only tags name them; `None` where that could not be read.
    pub taken: Option<BTreeMap<String, bool>>,
}

impl Selection {
    /// Things are chosen by tags, or by the beginning of their names.
    pub(super) fn needs_tags(&self) -> bool {
        self.has_conditions() || self.resources.is_empty() || self.resources.iter().any(|r| r.ends_with('*'))
    }

    /// Whether it covers a thing; `None` when that is not known.
    pub(super) fn covers(&self, arn: &str, known: &Known) -> Option<bool> {
        self.selection_name.as_ref()?;
        let chosen = self.resources.is_empty() || self.resources.iter().any(|r| fits(r, arn));
        if !chosen || self.not_resources.iter().any(|r| fits(r, arn)) {
            return Some(false);
        }
        all([self.is_tagged(arn, known), self.is_taken(arn, known)])
    }

    fn has_conditions(&self) -> bool {
        let c = &self.conditions;
        [&self.list_of_tags, &c.string_equals, &c.string_not_equals, &c.string_like, &c.string_not_like]
            .iter()
            .any(|conditions| !conditions.is_empty())
    }

    fn is_tagged(&self, arn: &str, known: &Known) -> Option<bool> {
        if !self.has_conditions() {
            return Some(true);
        }
        // What is not among the tagged has no tag.
        let tags = known.tags.as_ref()?.get(arn).map_or(&[][..], Vec::as_slice);
        let same = |c: &Condition| c.compare(tags, |value, wanted| value == wanted);
        let like = |c: &Condition| c.compare(tags, is_like);
        // Whether a thing without the tag is another one than those with this value is not documented.
        let not = |found: Option<bool>| found.map(|found| !found);
        let c = &self.conditions;
        let has = |found: Option<bool>| Some(found.unwrap_or(false));
        let one = self.list_of_tags.is_empty() || self.list_of_tags.iter().any(|c| same(c) == Some(true));
        let each = c.string_equals.iter().map(|c| has(same(c))).chain(c.string_like.iter().map(|c| has(like(c))));
        let none = c.string_not_equals.iter().map(|c| not(same(c)));
        all([Some(one)].into_iter().chain(each).chain(none).chain(c.string_not_like.iter().map(|c| not(like(c)))))
    }

    /// Named things are taken whatever the region is set to, but for clusters (AWS Backup Developer Guide, "Select AWS
    /// services to backup").
    fn is_taken(&self, arn: &str, known: &Known) -> Option<bool> {
        let named = self.resources.iter().any(|r| r != "*" && fits(r, arn));
        let kinds = kinds(arn);
        if named && kinds.len() < 2 {
            return Some(true);
        }
        let taken = known.taken.as_ref()?;
        let said: Option<Vec<bool>> = kinds.iter().map(|kind| taken.get(*kind).copied()).collect();
        let said = said.filter(|s| !s.is_empty())?;
        match said.contains(&true) {
            true => (!said.contains(&false)).then_some(true),
            false => Some(false),
        }
    }
}

impl Condition {
    /// `None` where the thing does not have the tag.
    fn compare(&self, tags: &[Tag], so: impl Fn(&str, &str) -> bool) -> Option<bool> {
        let name = self.condition_key.as_deref()?;
        let value = tag(tags, name.strip_prefix("aws:ResourceTag/").unwrap_or(name))?;
        Some(so(value, self.condition_value.as_deref().unwrap_or("")))
    }
}

/// Everything holds; something that does not outweighs what is not known.
fn all(parts: impl IntoIterator<Item = Option<bool>>) -> Option<bool> {
    let parts: Vec<Option<bool>> = parts.into_iter().collect();
    if parts.contains(&Some(false)) {
        return Some(false);
    }
    (!parts.contains(&None)).then_some(true)
}

/// The ARN itself, or one that begins so.
pub(super) fn fits(pattern: &str, arn: &str) -> bool {
    if pattern.contains('*') { is_like(arn, pattern) } else { pattern == arn }
}

/// `*` stands for anything, at any place.
fn is_like(value: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| value.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

/// What AWS Backup calls things of this ARN; several where the ARN does not tell which, none where it keeps no such things.
pub(super) fn kinds(arn: &str) -> &'static [&'static str] {
    let mut parts = arn.splitn(6, ':').skip(2);
    let (service, rest) = (parts.next().unwrap_or(""), parts.nth(2).unwrap_or(""));
    let begins = |word: &str| rest.starts_with(word);
    match service {
        "rds" if begins("db:") => &["RDS"],
        "rds" if begins("cluster:") => &["Aurora", "DocumentDB", "Neptune"],
        "dynamodb" if begins("table/") => &["DynamoDB"],
        "ec2" if begins("volume/") => &["EBS"],
        "ec2" if begins("instance/") => &["EC2"],
        "elasticfilesystem" => &["EFS"],
        "fsx" => &["FSx"],
        "redshift" if begins("cluster:") => &["Redshift"],
        "s3" => &["S3"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::parsed;
    use serde_json::{Value, json};

    const DB: &str = "arn:aws:rds:eu-west-1:111122223333:db:orders";
    const CLUSTER: &str = "arn:aws:rds:eu-west-1:111122223333:cluster:shop";
    const TABLE: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/carts";

    fn known(daily: &[&str], taken: &[(&str, bool)]) -> Known {
        let backup = || vec![Tag { key: Some("backup".into()), value: Some("daily".into()) }];
        let tags = daily.iter().map(|arn| ((*arn).to_owned(), backup())).collect();
        Known { tags: Some(tags), taken: Some(taken.iter().map(|(k, on)| ((*k).to_owned(), *on)).collect()) }
    }
    fn covers(mut selection: Value, arn: &str, known: &Known) -> Option<bool> {
        selection["SelectionName"] = json!("all");
        parsed::<Selection>(selection).covers(arn, known)
    }
    fn equals(key: &str, value: &str) -> Value {
        json!([{"ConditionKey": key, "ConditionValue": value}])
    }

    #[test]
    fn names_cover_and_except() {
        let none = Known::default();
        let check = |selection: Value, arn: &str, expected: Option<bool>| {
            assert_eq!(covers(selection.clone(), arn, &none), expected, "{selection} {arn}");
        };
        check(json!({"Resources": [DB]}), DB, Some(true));
        check(json!({"Resources": [DB]}), TABLE, Some(false));
        check(json!({"Resources": ["arn:aws:rds:*:*:db:*"]}), DB, Some(true));
        check(json!({"Resources": ["arn:aws:rds:*:*:db:*"], "NotResources": [DB]}), DB, Some(false));
        check(json!({"Resources": [CLUSTER]}), CLUSTER, None);
        check(json!({"Resources": ["*"]}), DB, None);
        check(json!({}), DB, None);
        assert_eq!(Selection::default().covers(DB, &none), None, "nothing was answered");
    }

    #[test]
    fn tags_cover_what_has_them_and_is_taken() {
        let rds = known(&[DB], &[("RDS", true), ("DynamoDB", false)]);
        let check = |selection: Value, arn: &str, expected: Option<bool>| {
            assert_eq!(covers(selection.clone(), arn, &rds), expected, "{selection} {arn}");
        };
        let listed = json!({"ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "daily"},
            {"ConditionType": "STRINGEQUALS", "ConditionKey": "other", "ConditionValue": "x"}]});
        check(listed.clone(), DB, Some(true));
        check(listed.clone(), TABLE, Some(false));
        check(json!({"Resources": [TABLE], "ListOfTags": listed["ListOfTags"]}), DB, Some(false));
        let all = |field: &str, value: &str| json!({"Resources": ["*"], "Conditions": {field: equals("aws:ResourceTag/backup", value)}});
        check(all("StringEquals", "daily"), DB, Some(true));
        check(all("StringEquals", "weekly"), DB, Some(false));
        check(all("StringLike", "da*y"), DB, Some(true));
        check(all("StringNotEquals", "daily"), DB, Some(false));
        check(all("StringNotLike", "week*"), DB, Some(true));
        check(json!({"Conditions": {"StringNotEquals": equals("aws:ResourceTag/none", "1")}}), DB, None);
        let tagged = known(&[TABLE], &[("DynamoDB", false)]);
        assert_eq!(covers(listed.clone(), TABLE, &tagged), Some(false), "tables are not taken in this region");
        assert_eq!(covers(listed.clone(), TABLE, &known(&[TABLE], &[])), None, "nobody said whether they are");
        let unread = Known { tags: None, ..rds.clone() };
        assert_eq!(covers(listed, DB, &unread), None, "tags were not read");
        let some = known(&[], &[("Aurora", true), ("DocumentDB", true), ("Neptune", false)]);
        assert_eq!(covers(json!({"Resources": [CLUSTER]}), CLUSTER, &some), None, "it may be of Neptune");
    }
}
