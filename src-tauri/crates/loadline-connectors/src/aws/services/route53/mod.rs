//! Route 53: public names, what they point at, and whether that is checked and healthy.

mod health;

use super::ServiceReader;
use super::telling::{Place, Telling, address, host, nested, opt_list};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_bool, opt_string};
use futures_util::FutureExt;
use loadline_model::{Kind, Relation, Resource, SubjectId, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const ZONES: &Operation = operation("route53:ListHostedZones");
const RECORDS: &Operation = operation("route53:ListResourceRecordSets");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "route53",
    title: "Route 53",
    global: true,
    operations: &[ZONES, RECORDS, health::CHECKS, health::STATUS],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `ListHostedZones` (Amazon Route 53 API Reference, version 2013-04-01).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Zones {
    #[serde(deserialize_with = "list")]
    hosted_zones: Vec<HostedZone>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct HostedZone {
    #[serde(deserialize_with = "opt_string")]
    id: Option<String>,
    #[serde(deserialize_with = "nested")]
    config: ZoneConfig,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ZoneConfig {
    #[serde(deserialize_with = "opt_bool")]
    private_zone: Option<bool>,
}

/// A page of `ListResourceRecordSets`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Records {
    #[serde(deserialize_with = "list")]
    resource_record_sets: Vec<Record>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Record {
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(rename = "Type", deserialize_with = "opt_string")]
    kind: Option<String>,
    #[serde(deserialize_with = "opt_list")]
    resource_records: Option<Vec<RecordValue>>,
    #[serde(deserialize_with = "nested")]
    alias_target: AliasTarget,
    #[serde(deserialize_with = "opt_string")]
    health_check_id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    failover: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RecordValue {
    #[serde(deserialize_with = "opt_string")]
    value: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AliasTarget {
    #[serde(rename = "DNSName", deserialize_with = "opt_string")]
    dns_name: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    evaluate_target_health: Option<bool>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let hides = [Kind::Entrypoint, Kind::Dns];
    let zones: Pages<Zones> = asking.pages_hiding(ZONES, json!({}), &hides, answer).await;
    let public = zones.pages.iter().flat_map(|p| &p.hosted_zones).filter(|z| z.config.private_zone == Some(false));
    // Ids are written `/hostedzone/Z1`.
    let ids = public.filter_map(|z| z.id.as_deref()?.rsplit('/').next());
    let questions = ids.map(|id| ((), json!({"Id": id}))).collect();
    let records: Vec<((), Pages<Records>)> = asking.each(RECORDS, questions, &hides, answer).await;
    let complete = zones.complete && records.iter().all(|(_, p)| p.complete);
    let all: Vec<&Record> = records.iter().flat_map(|(_, p)| &p.pages).flat_map(|p| &p.resource_record_sets).collect();
    let checks: BTreeSet<&str> = all.iter().filter_map(|r| r.health_check_id.as_deref()).collect();
    let healthy = health::of(asking, &checks, answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    say(&mut t, &all, &healthy);
    t.listed(&hides, complete);
}

/// What a name points at, over all its record sets.
#[derive(Default)]
struct Way {
    targets: BTreeSet<SubjectId>,
    /// Every target is kept up by AWS itself.
    managed: bool,
    /// Each way is checked, as far as there is more than one.
    checks: Vec<bool>,
    addresses: u64,
    /// Those whose check succeeds; `None` when the health of one is not known.
    healthy: Option<u64>,
}

/// Names that lead to addresses or to services of AWS. Other names (mail, verification, other providers' services)
/// lead nowhere that users of this account's services go.
fn say(t: &mut Telling<'_>, records: &[&Record], healthy: &BTreeMap<String, bool>) {
    let mut ways: BTreeMap<String, Way> = BTreeMap::new();
    for record in records {
        let (Some(name), Some(kind)) = (record.name.as_deref(), record.kind.as_deref()) else { continue };
        if !matches!(kind, "A" | "AAAA" | "CNAME") || name.starts_with('_') || name.contains("._") {
            continue;
        }
        let found = targets(record);
        if found.is_empty() {
            continue;
        }
        // `*` is written in octal.
        let name = name.trim_end_matches('.').replace("\\052", "*").to_ascii_lowercase();
        let way = ways.entry(name).or_insert_with(|| Way { managed: true, healthy: Some(0), ..Way::default() });
        let well = record.health_check_id.as_ref().and_then(|id| healthy.get(id).copied());
        for (target, by_aws) in found {
            way.managed &= by_aws;
            // One host often has an address of each kind.
            let counts = kind != "AAAA" && !by_aws;
            way.addresses += u64::from(counts);
            if counts {
                way.healthy = way.healthy.zip(well).map(|(n, up)| n + u64::from(up));
            }
            way.targets.insert(target);
        }
        let evaluated = record.alias_target.evaluate_target_health == Some(true);
        way.checks.push(record.health_check_id.is_some() || evaluated);
    }
    t.call(RECORDS.name);
    for (name, way) in &ways {
        let entry = SubjectId(format!("https://{name}"));
        let dns = host(name);
        let resource = Resource { region: None, ..t.resource(Kind::Entrypoint, name, &[]) };
        t.exists(&entry, resource.clone());
        t.exists(&dns, Resource { kind: Kind::Dns, name: format!("{name} (DNS)"), managed: Some(true), ..resource });
        t.edge(&entry, Relation::Serves, &dns);
        for target in &way.targets {
            t.edge(&dns, Relation::Serves, target);
        }
        t.flag(&entry, key::ENTRY_MANAGED, Some(way.managed));
        if !way.managed {
            t.count(&entry, key::ENTRY_TARGETS, Some(way.addresses.max(1)));
            t.flag(&entry, key::HEALTH_CHECKS, Some(way.checks.iter().any(|on| *on)));
            t.call(health::STATUS.name).count(&entry, key::HEALTHY_TARGETS, way.healthy.filter(|_| way.addresses > 0));
            t.call(RECORDS.name);
        }
    }
}

/// Targets, and whether AWS keeps each up. A name of another provider is left out.
fn targets(record: &Record) -> Vec<(SubjectId, bool)> {
    if let Some(name) = record.alias_target.dns_name.as_deref() {
        let name = name.trim_start_matches("dualstack.");
        return if is_platform(name) { vec![(host(name), true)] } else { Vec::new() };
    }
    let values = record.resource_records.iter().flatten().filter_map(|r| r.value.as_deref());
    match record.kind.as_deref() {
        Some("CNAME") => {
            values.filter(|v| is_platform(v) || is_machine(v)).map(|v| (host(v), is_platform(v))).collect()
        }
        _ => values.map(|v| (address(v), false)).collect(),
    }
}

/// Balancers, content networks and gateways of AWS, which answer from several places.
fn is_platform(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    let service =
        [".elb.", ".cloudfront.net", ".execute-api.", ".awsglobalaccelerator.com", ".lambda-url.", ".awsapprunner.com"];
    let s3 = name.starts_with("s3-website");
    s3 || service.iter().any(|s| name.contains(s)) || name.ends_with(".elb.amazonaws.com")
}

/// The public name of one machine.
fn is_machine(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.starts_with("ec2-") && name.ends_with(".amazonaws.com")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    /// Shapes of the examples in "ListResourceRecordSets", Amazon Route 53 API Reference 2013-04-01.
    fn read(records: Value) -> Vec<String> {
        let page: Records = parsed(json!({"ResourceRecordSets": {"ResourceRecordSet": records}}));
        let healthy = BTreeMap::from([("h-up".to_owned(), true), ("h-down".to_owned(), false)]);
        said(|t| say(t, &page.resource_record_sets.iter().collect::<Vec<_>>(), &healthy))
    }
    fn plain(name: &str, kind: &str, value: &str) -> Value {
        json!({"Name": name, "Type": kind, "TTL": "300", "ResourceRecords": {"ResourceRecord": {"Value": value}}})
    }

    #[test]
    fn a_name_of_one_address() {
        let expected = [
            "https://app.example.com is entry point app.example.com",
            "https://app.example.com Serves dns:app.example.com",
            "dns:app.example.com Serves ip:203.0.113.25",
            "https://app.example.com entry.managed = off",
            "https://app.example.com entry.targets = 1",
            "https://app.example.com health_checks = off",
        ];
        check(&read(plain("app.example.com.", "A", "203.0.113.25")), &expected, &[]);
    }

    #[test]
    fn an_alias_to_a_balancer_is_kept_up_by_its_provider() {
        let alias = json!({"Name": "app.example.com.", "Type": "A", "AliasTarget": {"HostedZoneId": "Z1",
            "DNSName": "dualstack.web-1.eu-west-1.elb.amazonaws.com.", "EvaluateTargetHealth": "false"}});
        let expected = [
            "dns:app.example.com Serves dns:web-1.eu-west-1.elb.amazonaws.com",
            "https://app.example.com entry.managed = on",
        ];
        check(&read(alias), &expected, &["https://app.example.com entry.targets", "https://app.example.com health"]);
    }

    #[test]
    fn failover_records_are_several_checked_ways() {
        let mut first = plain("app.example.com.", "A", "203.0.113.25");
        first["Failover"] = json!("PRIMARY");
        first["HealthCheckId"] = json!("h-1");
        let second = plain("app.example.com.", "A", "203.0.113.26");
        let expected = ["https://app.example.com entry.targets = 2", "https://app.example.com health_checks = on"];
        check(&read(json!([first, second])), &expected, &[]);
    }

    #[test]
    fn checkers_tell_how_many_ways_are_up() {
        let way = |value: &str, check: &str| {
            let mut record = plain("app.example.com.", "A", value);
            record["HealthCheckId"] = json!(check);
            record
        };
        let up = |records: Value, expected: Option<u64>| {
            let line = expected.map(|n| format!("https://app.example.com entry.healthy_targets = {n}"));
            match &line {
                Some(line) => check(&read(records), &[line], &[]),
                None => check(&read(records), &[], &["https://app.example.com entry.healthy_targets"]),
            }
        };
        up(json!([way("203.0.113.25", "h-up"), way("203.0.113.26", "h-up")]), Some(2));
        up(json!([way("203.0.113.25", "h-up"), way("203.0.113.26", "h-down")]), Some(1));
        up(json!([way("203.0.113.25", "h-up"), way("203.0.113.26", "h-unread")]), None);
        up(json!([way("203.0.113.25", "h-up"), plain("app.example.com.", "A", "203.0.113.26")]), None);
        up(plain("app.example.com.", "AAAA", "2001:db8::1"), None);
    }

    #[test]
    fn names_that_lead_elsewhere_are_no_entries() {
        let others = json!([
            plain("_acme-challenge.example.com.", "CNAME", "x.acm-validations.aws."),
            plain("k1._domainkey.example.com.", "CNAME", "dkim.mail.example."),
            plain("status.example.com.", "CNAME", "status.provider.example."),
            {"Name": "example.com.", "Type": "A", "AliasTarget": {"DNSName": "www.example.com."}},
            {"Name": "bare.example.com.", "Type": "A"},
            {"Type": "A", "ResourceRecords": {"ResourceRecord": {"Value": "203.0.113.1"}}}
        ]);
        assert!(read(others).is_empty());
    }
}
