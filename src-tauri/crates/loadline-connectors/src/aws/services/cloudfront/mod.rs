//! CloudFront: distributions, the names they answer at, the origins behind them, and what guards both.

mod exposure;
mod shapes;

use super::telling::{Place, Telling, host};
use super::wafv2::shapes::Acl;
use super::{ServiceReader, wafv2};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use exposure::Open;
use futures_util::FutureExt;
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use serde_json::json;
use shapes::{Behavior, Distribution, Page, PolicyPage};
use std::collections::{BTreeMap, BTreeSet};

const DISTRIBUTIONS: &Operation = operation("cloudfront:ListDistributions");
const CACHE_POLICIES: &Operation = operation("cloudfront:ListCachePolicies");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "cloudfront",
    title: "CloudFront",
    global: true,
    operations: &[DISTRIBUTIONS, CACHE_POLICIES, wafv2::ACL, exposure::ASKED[0], exposure::ASKED[1]],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// What was read beside the distributions; what is not in it is not known.
#[derive(Default)]
struct Beside {
    /// By their ARN.
    acls: BTreeMap<String, Acl>,
    /// By id of a cache policy: compressed copies are kept.
    compressed: BTreeMap<String, bool>,
    open: Open,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let pages: Pages<Page> = asking.pages_hiding(DISTRIBUTIONS, json!({}), &[Kind::Cdn], answer).await;
    let all: Vec<&Distribution> =
        pages.pages.iter().flat_map(|p| &p.items.all).filter(|d| d.enabled != Some(false)).collect();
    let arns: BTreeSet<String> = all.iter().filter_map(|d| d.web_acl_id.clone()).collect();
    let mut beside = Beside { acls: wafv2::acls(asking, arns, answer).await, ..Beside::default() };
    let behaviors = all.iter().flat_map(|d| d.cache_behaviors.items.iter().chain(&d.default_cache_behavior));
    if behaviors.into_iter().any(|b| b.compress == Some(true) && b.cache_policy_id.is_some()) {
        let policies: Pages<PolicyPage> = asking.pages(CACHE_POLICIES, json!({}), answer).await;
        let policies = policies.pages.into_iter().flat_map(|p| p.items.all).map(|s| s.cache_policy);
        beside.compressed = policies.filter_map(|p| Some((p.id.clone()?, p.keeps_compressed()?))).collect();
    }
    beside.open = exposure::of(asking, &all, answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    all.iter().for_each(|d| say(&mut t, d, &beside));
    t.listed(&[Kind::Cdn], pages.complete);
}

fn say(t: &mut Telling<'_>, distribution: &Distribution, beside: &Beside) {
    let (Some(arn), Some(domain)) = (distribution.arn.as_deref(), distribution.domain_name.as_deref()) else { return };
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
    match distribution.web_acl_id.as_deref().map(str::trim) {
        Some("") => wafv2::say(t, &subject, None),
        Some(id) => {
            if let Some(acl) = beside.acls.get(id) {
                wafv2::say(t.call(wafv2::ACL.name), &subject, Some(acl));
            }
        }
        None => {}
    }
    t.call(DISTRIBUTIONS.name);
    t.flag(&subject, key::ORIGIN_FAILOVER, fails_over(distribution));
    t.flag(&subject, key::CDN_COMPRESSES, compresses(distribution, &beside.compressed));
    t.call(exposure::ASKED[1].name).flag(&subject, key::ORIGIN_EXPOSED, exposure::exposed(distribution, &beside.open));
}

/// What no path names goes to an origin group, whose second member answers when the first fails.
fn fails_over(distribution: &Distribution) -> Option<bool> {
    let target = distribution.default_cache_behavior.as_ref()?.target_origin_id.as_deref()?;
    let group = distribution.origin_groups.items.iter().find(|g| g.id.as_deref() == Some(target));
    group.map_or(Some(false), |g| g.members.quantity.map(|n| n > 1))
}

/// All paths, or none of them; where some do, it depends on what lies there.
fn compresses(distribution: &Distribution, policies: &BTreeMap<String, bool>) -> Option<bool> {
    let one = |b: &Behavior| match (b.compress?, b.cache_policy_id.as_ref()) {
        (true, Some(policy)) => policies.get(policy).copied(),
        (on, _) => Some(on),
    };
    let all = distribution.default_cache_behavior.iter().chain(&distribution.cache_behaviors.items);
    let all: BTreeSet<bool> = all.map(one).collect::<Option<_>>()?;
    all.first().copied().filter(|_| all.len() == 1)
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
        said(|t| page.items.all.iter().for_each(|d| say(t, d, &Beside::default())))
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
        assert!(read(|d| d["ARN"] = json!("")).is_empty());
        let lines = read(|d| d["Origins"] = json!({"Quantity": "0"}));
        check(&lines, &[], &["cloudfront::111122223333:distribution/E1 Serves"]);
    }

    fn listed(change: impl FnOnce(&mut Value)) -> Distribution {
        let mut distribution = json!({"ARN": "arn:aws:cloudfront::111122223333:distribution/E1", "Id": "E1",
            "DomainName": "d111.cloudfront.net", "Enabled": "true", "WebACLId": "",
            "DefaultCacheBehavior": {"TargetOriginId": "api", "Compress": "true"}, "CacheBehaviors": {"Quantity": "0"}});
        change(&mut distribution);
        parsed(distribution)
    }

    #[test]
    fn what_guards_a_distribution() {
        let it = "cloudfront::111122223333:distribution/E1";
        let acl: Acl = parsed(json!({"Rules": [{"Name": "common", "OverrideAction": {"Count": {}},
            "Statement": {"ManagedRuleGroupStatement": {"VendorName": "AWS"}}}]}));
        let arn = "arn:aws:wafv2:us-east-1:111122223333:global/webacl/web/1";
        let beside = Beside { acls: BTreeMap::from([(arn.to_owned(), acl)]), ..Beside::default() };
        let said = |id: Value| {
            let distribution = listed(|d| d["WebACLId"] = id);
            said(|t| say(t, &distribution, &beside))
        };
        let firewall = |mode: &str| format!("{it} entry.firewall = {mode}");
        check(&said(json!("")), &[&firewall("none"), &format!("{it} entry.rate_limited = off")], &[]);
        check(&said(json!(arn)), &[&firewall("count"), &format!("{it} entry.rate_limited = off")], &[]);
        for unknown in [json!("a1b2"), Value::Null] {
            check(&said(unknown), &[], &[&format!("{it} entry.firewall"), &format!("{it} entry.rate_limited")]);
        }
    }

    #[test]
    fn origin_groups_fail_over() {
        let groups = |members: &str| {
            json!({"Quantity": "1", "Items": {"OriginGroup": {"Id": "both",
            "FailoverCriteria": {"StatusCodes": {"Quantity": "1", "Items": {"StatusCode": "500"}}},
            "Members": {"Quantity": members, "Items": {"OriginGroupMember": [{"OriginId": "a"}, {"OriginId": "b"}]}}}}})
        };
        assert_eq!(fails_over(&listed(|_| ())), Some(false));
        let both = listed(|d| {
            d["OriginGroups"] = groups("2");
            d["DefaultCacheBehavior"]["TargetOriginId"] = json!("both");
        });
        assert_eq!(fails_over(&both), Some(true));
        assert_eq!(fails_over(&listed(|d| d["OriginGroups"] = groups("2"))), Some(false), "nothing goes to the group");
        assert_eq!(fails_over(&listed(|d| d["DefaultCacheBehavior"] = Value::Null)), None);
    }

    #[test]
    fn compression_needs_the_cache_policy() {
        let policies = BTreeMap::from([("zips".to_owned(), true), ("not".to_owned(), false)]);
        let with = |policy: &str| listed(|d| d["DefaultCacheBehavior"]["CachePolicyId"] = json!(policy));
        assert_eq!(compresses(&listed(|_| ()), &policies), Some(true));
        assert_eq!(compresses(&with("zips"), &policies), Some(true));
        assert_eq!(compresses(&with("not"), &policies), Some(false));
        assert_eq!(compresses(&with("unread"), &policies), None);
        let mixed = listed(|d| {
            d["CacheBehaviors"] =
                json!({"Quantity": "1", "Items": {"CacheBehavior": {"PathPattern": "/api/*", "Compress": "false"}}});
        });
        assert_eq!(compresses(&mixed, &policies), None);
        let page: PolicyPage = parsed(json!({"Quantity": "1", "Items": {"CachePolicySummary": {"Type": "managed",
            "CachePolicy": {"Id": "zips", "CachePolicyConfig": {"ParametersInCacheKeyAndForwardedToOrigin":
                {"EnableAcceptEncodingGzip": "true", "EnableAcceptEncodingBrotli": "true"}}}}}}));
        assert_eq!(page.items.all[0].cache_policy.keeps_compressed(), Some(true));
    }
}
