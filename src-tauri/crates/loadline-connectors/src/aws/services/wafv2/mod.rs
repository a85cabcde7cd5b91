//! AWS WAF: which web ACL stands before each application balancer, and whether it blocks and limits. Distributions and
//! stages of APIs name theirs themselves; their readers ask [`acls`] for it.

pub(in crate::aws::services) mod shapes;

use super::ServiceReader;
use super::elbv2::BALANCERS;
use super::elbv2::shapes::Balancers;
use super::telling::{Place, Telling};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use futures_util::FutureExt;
use loadline_model::{Kind, SubjectId, key};
use serde_json::json;
use shapes::{Acl, Found};
use std::collections::{BTreeMap, BTreeSet};

const FOR_RESOURCE: &Operation = operation("wafv2:GetWebACLForResource");
pub(super) const ACL: &Operation = operation("wafv2:GetWebACL");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "wafv2",
    title: "Web application firewall",
    global: false,
    // Asking for the ACL of a resource needs the permission to read the ACL.
    operations: &[BALANCERS, FOR_RESOURCE, ACL],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let pages: Pages<Balancers> = asking.pages_hiding(BALANCERS, json!({}), &[Kind::LoadBalancer], answer).await;
    let balancers = pages.pages.iter().flat_map(|p| &p.load_balancers);
    // Network balancers cannot have one.
    let guarded = balancers.filter(|b| b.kind.as_deref() == Some("application"));
    let questions = guarded.filter_map(|b| b.load_balancer_arn.clone()).map(|arn| {
        let asked = json!({"ResourceArn": arn});
        (arn, asked)
    });
    let found: Vec<(String, Pages<Found>)> = asking.each(FOR_RESOURCE, questions.collect(), &[], answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    for (arn, pages) in found.iter().filter(|(_, p)| p.complete) {
        for found in &pages.pages {
            say(t.call(FOR_RESOURCE.name), &SubjectId::from(arn.as_str()), found.acl.as_ref());
        }
    }
}

/// What stands before an entry: an ACL that was read, or none as its answer said.
pub(super) fn say(t: &mut Telling<'_>, entry: &SubjectId, acl: Option<&Acl>) {
    let (firewall, limits) = acl.map_or((Some("none"), Some(false)), |a| (a.firewall(), a.limits_clients()));
    t.text(entry, key::FIREWALL, firewall);
    t.flag(entry, key::RATE_LIMITED, limits);
}

/// Reads ACLs by their ARN, in the scope's region. An ACL of the classic kind, or one that could not be read, is not
/// in the answer.
pub(super) async fn acls(asking: &Asking<'_>, arns: BTreeSet<String>, answer: &mut Answer) -> BTreeMap<String, Acl> {
    let questions = arns.into_iter().filter_map(|arn| {
        let (scope, name, id) = parts(&arn)?;
        let asked = json!({"Scope": scope, "Name": name, "Id": id});
        Some((arn, asked))
    });
    let read: Vec<(String, Pages<Found>)> = asking.each(ACL, questions.collect(), &[], answer).await;
    read.into_iter().filter_map(|(arn, pages)| Some((arn, pages.into_iter().next()?.acl?))).collect()
}

/// Scope, name and id in `arn:aws:wafv2:us-east-1:111122223333:global/webacl/NAME/ID`.
fn parts(arn: &str) -> Option<(&'static str, &str, &str)> {
    let fields: Vec<&str> = arn.splitn(6, ':').collect();
    let resource = fields.get(5).filter(|_| fields.get(2) == Some(&"wafv2"))?;
    let path: Vec<&str> = resource.split('/').collect();
    match path[..] {
        ["global", "webacl", name, id] => Some(("CLOUDFRONT", name, id)),
        ["regional", "webacl", name, id] => Some(("REGIONAL", name, id)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{parsed, said};

    const ALB: &str = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1";

    /// Shape of the answer of "GetWebACLForResource", AWS WAF API Reference 2019-07-29.
    fn read(found: serde_json::Value) -> Vec<String> {
        let found: Found = parsed(found);
        said(|t| say(t, &SubjectId::from(ALB), found.acl.as_ref()))
    }

    #[test]
    fn a_balancer_with_and_without_an_acl() {
        let it = "elasticloadbalancing:loadbalancer/app/web/1";
        let none = [format!("{it} entry.firewall = none"), format!("{it} entry.rate_limited = off")];
        assert_eq!(read(json!({})), none);
        assert_eq!(read(json!({"WebACL": null})), none);
        let acl = json!({"WebACL": {"Name": "web", "Id": "1", "Rules": [
            {"Name": "common", "Priority": 0, "OverrideAction": {"None": {}}, "Statement": {"ManagedRuleGroupStatement":
                {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}},
            {"Name": "rate", "Priority": 1, "Action": {"Block": {}}, "Statement": {"RateBasedStatement":
                {"Limit": 100, "EvaluationWindowSec": 60, "AggregateKeyType": "IP"}}}]}});
        assert_eq!(read(acl), [format!("{it} entry.firewall = block"), format!("{it} entry.rate_limited = on")]);
    }

    #[test]
    fn arns_name_scope_and_id() {
        let arn = |kind: &str| format!("arn:aws:wafv2:us-east-1:111122223333:{kind}/webacl/web/1-2");
        assert_eq!(parts(&arn("global")), Some(("CLOUDFRONT", "web", "1-2")));
        assert_eq!(parts(&arn("regional")), Some(("REGIONAL", "web", "1-2")));
        for other in ["", "a1b2c3", "arn:aws:waf::111122223333:webacl/1", &arn("other")] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
