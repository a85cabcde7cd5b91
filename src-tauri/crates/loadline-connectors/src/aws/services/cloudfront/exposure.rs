//! Whether an origin answers requests that did not pass the distribution: balancers whose security groups let the
//! whole internet in. Only what is certain is said: an origin behind a header of its own may refuse the others.

use super::shapes::{Distribution, Origin};
use crate::Answer;
use crate::aws::asking::Asking;
use crate::aws::operations::{Operation, operation};
use crate::aws::services::ec2::SECURITY_GROUPS;
use crate::aws::services::ec2::shapes::{Rule, SecurityGroups};
use crate::aws::services::elbv2::BALANCERS;
use crate::aws::services::elbv2::shapes::{Balancer, Balancers};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

/// Listeners of balancers are reached at these.
const PORTS: [u64; 2] = [80, 443];
pub(super) const ASKED: [&Operation; 2] =
    [operation("elbv2:DescribeLoadBalancers"), operation("ec2:DescribeSecurityGroups")];

/// By host name of a balancer: the whole internet may reach it.
pub(super) type Open = BTreeMap<String, bool>;

/// Reads the balancers that stand as origins, in their regions. Another account's balancer is not among the answers.
pub(super) async fn of(asking: &Asking<'_>, all: &[&Distribution], answer: &mut Answer) -> Open {
    let origins = all.iter().flat_map(|d| &d.origins.items).filter_map(|o| o.domain_name.as_deref());
    let regions: BTreeSet<&str> = origins.filter_map(region_of).collect();
    let mut open = Open::new();
    for region in regions {
        let balancers: Vec<Balancers> = match asking.ask(BALANCERS, region, json!({})).await {
            Ok(pages) => pages,
            Err(refused) => {
                asking.leave(BALANCERS, &refused, &[], answer);
                continue;
            }
        };
        let groups: Vec<SecurityGroups> = match asking.ask(SECURITY_GROUPS, region, json!({})).await {
            Ok(pages) => pages,
            Err(refused) => {
                asking.leave(SECURITY_GROUPS, &refused, &[], answer);
                continue;
            }
        };
        let balancers: Vec<&Balancer> = balancers.iter().flat_map(|p| &p.load_balancers).collect();
        open.extend(opened(&balancers, &groups));
    }
    open
}

/// The region in `web-1.eu-west-1.elb.amazonaws.com`; network balancers are written `web-1.elb.eu-west-1…`.
fn region_of(domain: &str) -> Option<&str> {
    let labels: Vec<&str> = domain.trim_end_matches('.').split('.').collect();
    let region = match labels[..] {
        [_, region, "elb", "amazonaws", "com"] | [_, region, "elb", "amazonaws", "com", "cn"] => region,
        [_, "elb", region, "amazonaws", "com"] | [_, "elb", region, "amazonaws", "com", "cn"] => region,
        _ => return None,
    };
    crate::aws::places::is_region(region).then_some(region)
}

fn opened(balancers: &[&Balancer], groups: &[SecurityGroups]) -> Open {
    let all = groups.iter().flat_map(|p| &p.security_group_info);
    let rules: BTreeMap<&str, &[Rule]> =
        all.filter_map(|g| Some((g.group_id.as_deref()?, g.ip_permissions.as_slice()))).collect();
    let judge = |b: &&Balancer| -> Option<(String, bool)> {
        let name = b.dns_name.as_deref()?.trim_end_matches('.').to_ascii_lowercase();
        if b.scheme.as_deref() == Some("internal") {
            return Some((name, false));
        }
        let own: Option<Vec<&[Rule]>> = b.security_groups.iter().map(|g| rules.get(g.as_str()).copied()).collect();
        let own = own.filter(|o| !o.is_empty())?;
        let to_all = |r: &Rule| r.is_open_to_all() && PORTS.iter().any(|p| r.opens(*p));
        Some((name, own.into_iter().flatten().any(to_all)))
    };
    balancers.iter().filter_map(judge).collect()
}

/// `None` unless it is certain: one origin that anybody reaches, or all that nobody does.
pub(super) fn exposed(distribution: &Distribution, open: &Open) -> Option<bool> {
    let of = |origin: &Origin| -> Option<bool> {
        // Reached through the provider's own network only.
        if origin.vpc_origin_config.vpc_origin_id.is_some() {
            return Some(false);
        }
        let to_all = open.get(&origin.domain_name.as_deref()?.to_ascii_lowercase()).copied()?;
        // A header that only the distribution knows may be asked for.
        let has_header = origin.custom_headers.quantity != Some(0);
        (!(to_all && has_header)).then_some(to_all)
    };
    let origins: Vec<Option<bool>> = distribution.origins.items.iter().map(of).collect();
    if origins.contains(&Some(true)) {
        return Some(true);
    }
    (!origins.is_empty() && origins.iter().all(|o| *o == Some(false))).then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::parsed;
    use serde_json::Value;

    const WEB: &str = "web-1.eu-west-1.elb.amazonaws.com";

    fn open(scheme: &str, rule: Value) -> Open {
        let balancers: Balancers = parsed(json!({"LoadBalancers": [{"LoadBalancerArn": "arn", "DNSName": WEB,
            "Scheme": scheme, "SecurityGroups": ["sg-1"]}]}));
        let groups: SecurityGroups =
            parsed(json!({"securityGroupInfo": [{"groupId": "sg-1", "ipPermissions": [rule]}]}));
        opened(&balancers.load_balancers.iter().collect::<Vec<_>>(), &[groups])
    }
    fn https(ranges: Value) -> Value {
        json!({"ipProtocol": "tcp", "fromPort": "443", "toPort": "443", "groups": "", "ipRanges": ranges})
    }
    fn judged(origins: Value, open: &Open) -> Option<bool> {
        let distribution: Distribution = parsed(json!({"Origins": {"Quantity": "1", "Items": {"Origin": origins}}}));
        exposed(&distribution, open)
    }
    fn origin(name: &str, headers: &str) -> Value {
        json!({"Id": name, "DomainName": name, "CustomHeaders": {"Quantity": headers}})
    }

    #[test]
    fn regions_stand_in_names_of_balancers() {
        assert_eq!(region_of(WEB), Some("eu-west-1"));
        assert_eq!(region_of("net-1.elb.eu-west-1.amazonaws.com"), Some("eu-west-1"));
        for other in ["files.s3.eu-west-1.amazonaws.com", "api.example.com", "x.EVIL/.elb.amazonaws.com", ""] {
            assert_eq!(region_of(other), None, "{other}");
        }
    }

    #[test]
    fn only_what_is_certain_is_said() {
        let all = open("internet-facing", https(json!([{"cidrIp": "0.0.0.0/0"}])));
        let edge = open("internet-facing", https(json!([{"cidrIp": "120.52.22.96/27"}])));
        let inside = open("internal", https(json!([{"cidrIp": "0.0.0.0/0"}])));
        assert_eq!(judged(origin(WEB, "0"), &all), Some(true));
        assert_eq!(judged(origin(WEB, "1"), &all), None, "a header may be asked for");
        assert_eq!(judged(origin(WEB, "0"), &edge), Some(false));
        assert_eq!(judged(origin(WEB, "0"), &inside), Some(false));
        assert_eq!(judged(origin(WEB, "0"), &Open::new()), None, "another account's");
        let files = "files.s3.eu-west-1.amazonaws.com";
        assert_eq!(judged(json!([origin(WEB, "0"), origin(files, "0")]), &edge), None);
        assert_eq!(judged(json!([origin(WEB, "0"), origin(files, "0")]), &all), Some(true));
        let private = json!({"DomainName": "internal", "VpcOriginConfig": {"VpcOriginId": "vo_1"}});
        assert_eq!(judged(private, &Open::new()), Some(false));
        assert_eq!(judged(json!([]), &all), None);
        assert_eq!(open("internet-facing", json!({"ipProtocol": "udp"})).get(WEB), Some(&false));
    }
}
