//! CloudFront: distributions, the names they answer at and the origins behind them.

use super::ServiceReader;
use super::telling::{Place, Telling, host, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_bool, opt_string};
use futures_util::FutureExt;
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use serde::Deserialize;
use serde_json::json;

const DISTRIBUTIONS: &Operation = operation("cloudfront:ListDistributions");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "cloudfront",
    title: "CloudFront",
    global: true,
    operations: &[DISTRIBUTIONS],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `ListDistributions` (Amazon CloudFront API Reference, version 2020-05-31). XML answers put `Quantity`
/// beside `Items`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    #[serde(deserialize_with = "nested")]
    items: Summaries,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Summaries {
    #[serde(rename = "DistributionSummary", deserialize_with = "crate::aws::shape::flat_list")]
    all: Vec<Distribution>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Distribution {
    #[serde(rename = "ARN", deserialize_with = "opt_string")]
    arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    domain_name: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    enabled: Option<bool>,
    #[serde(deserialize_with = "nested")]
    aliases: Items<String>,
    #[serde(deserialize_with = "nested")]
    origins: Items<Origin>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase", default, bound = "T: serde::de::DeserializeOwned")]
struct Items<T> {
    #[serde(deserialize_with = "list")]
    items: Vec<T>,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { items: Vec::new() }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Origin {
    #[serde(deserialize_with = "opt_string")]
    domain_name: Option<String>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let pages: Pages<Page> = asking.pages_hiding(DISTRIBUTIONS, json!({}), &[Kind::Cdn], answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    pages.pages.iter().flat_map(|p| &p.items.all).for_each(|d| say(&mut t, d));
    t.listed(&[Kind::Cdn], pages.complete);
}

fn say(t: &mut Telling<'_>, distribution: &Distribution) {
    let (Some(arn), Some(domain)) = (distribution.arn.as_deref(), distribution.domain_name.as_deref()) else { return };
    if distribution.enabled == Some(false) {
        return;
    }
    let subject = SubjectId::from(arn);
    t.call(DISTRIBUTIONS.name);
    let name =
        distribution.aliases.items.first().map_or_else(|| distribution.id.as_deref().unwrap_or(domain), String::as_str);
    let resource = Resource { region: None, managed: Some(true), ..t.resource(Kind::Cdn, name, &[]) };
    t.exists(&subject, resource);
    t.flag(&subject, key::ENTRY_MANAGED, Some(true));
    t.also(&subject, &host(domain));
    for origin in distribution.origins.items.iter().filter_map(|o| o.domain_name.as_deref()) {
        t.edge(&subject, Relation::Serves, &origin_id(origin));
    }
}

/// Buckets by their ARN, which their own scope uses; everything else by its name.
fn origin_id(domain: &str) -> SubjectId {
    let lower = domain.to_ascii_lowercase();
    let bucket = lower
        .split_once(".s3.")
        .or_else(|| lower.split_once(".s3-website"))
        .filter(|(_, rest)| rest.contains("amazonaws.com"));
    bucket.map_or_else(|| host(&lower), |(name, _)| SubjectId(format!("arn:aws:s3:::{name}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    /// Shape of the example in "ListDistributions", Amazon CloudFront API Reference 2020-05-31.
    fn read(change: impl FnOnce(&mut Value)) -> Vec<String> {
        let mut distribution = json!({"Id": "E1", "ARN": "arn:aws:cloudfront::111122223333:distribution/E1", "Status": "Deployed",
            "DomainName": "d111.cloudfront.net", "Enabled": "true",
            "Aliases": {"Quantity": "1", "Items": {"CNAME": "www.example.com"}},
            "Origins": {"Quantity": "2", "Items": {"Origin": [
                {"Id": "api", "DomainName": "web-1.eu-west-1.elb.amazonaws.com"},
                {"Id": "files", "DomainName": "files.s3.eu-west-1.amazonaws.com"}]}}});
        change(&mut distribution);
        let page: Page = parsed(json!({"Marker": "", "IsTruncated": "false", "Quantity": "1",
            "Items": {"DistributionSummary": distribution}}));
        said(|t| page.items.all.iter().for_each(|d| say(t, d)))
    }

    #[test]
    fn a_distribution_serves_its_origins() {
        let it = "cloudfront::111122223333:distribution/E1";
        let expected = [
            format!("{it} is CDN www.example.com, managed"),
            format!("{it} SameAs dns:d111.cloudfront.net"),
            format!("{it} Serves dns:web-1.eu-west-1.elb.amazonaws.com"),
            format!("{it} Serves s3:::files"),
            format!("{it} entry.managed = on"),
        ];
        check(&read(|_| ()), &expected.each_ref().map(String::as_str), &[]);
    }

    #[test]
    fn what_is_missing_is_not_said() {
        assert!(read(|d| d["Enabled"] = json!("false")).is_empty());
        assert!(read(|d| d["ARN"] = json!("")).is_empty());
        let lines = read(|d| d["Origins"] = json!({"Quantity": "0"}));
        check(&lines, &[], &["cloudfront::111122223333:distribution/E1 Serves"]);
    }
}
