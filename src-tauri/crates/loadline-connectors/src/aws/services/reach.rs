//! Who may reach whom: security groups that let the members of other groups in. That traffic is allowed does not show
//! that it flows, so the dependencies found here are inferred. What the whole internet may reach is configuration.

use super::ec2::shapes::{Instance, Instances, Rule, SecurityGroup, SecurityGroups, instances_of};
use super::ec2::{INSTANCES, SECURITY_GROUPS};
use super::rds::shapes::{Cluster, Clusters, Instance as Database, Instances as Databases};
use super::telling::{Place, Telling};
use super::{ServiceReader, autoscaling, ecs, rds};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use futures_util::FutureExt;
use loadline_model::{Relation, SubjectId, key};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const READER: ServiceReader = ServiceReader {
    id: "security-groups",
    title: "Security groups",
    global: false,
    operations: &[
        SECURITY_GROUPS,
        INSTANCES,
        autoscaling::GROUPS,
        ecs::CLUSTERS,
        ecs::SERVICES,
        ecs::DESCRIBE_SERVICES,
        rds::INSTANCES,
        rds::CLUSTERS,
    ],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// Something with security groups.
#[derive(Clone, Debug, Default)]
struct Holder {
    id: SubjectId,
    groups: BTreeSet<String>,
}

/// A store that listens, and whether it has a public address.
#[derive(Clone, Debug, Default)]
struct Listener {
    holder: Holder,
    port: u64,
    public: Option<bool>,
    /// Holds a copy of another store: who may reach it can do without it.
    copy: bool,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let databases: Pages<Databases> = asking.pages(rds::INSTANCES, json!({}), answer).await;
    let clusters: Pages<Clusters> = asking.pages(rds::CLUSTERS, json!({}), answer).await;
    let instances = databases.pages.iter().flat_map(|p| &p.all).filter_map(of_database);
    let listeners: Vec<Listener> =
        instances.chain(clusters.pages.iter().flat_map(|p| &p.all).filter_map(of_cluster)).collect();
    if listeners.is_empty() {
        return;
    }
    let groups: Pages<SecurityGroups> = asking.pages(SECURITY_GROUPS, json!({}), answer).await;
    let machines: Pages<Instances> = asking.pages(INSTANCES, json!({}), answer).await;
    let scaled = autoscaling::groups_of(asking, answer).await;
    let services = ecs::services_of(asking, answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    let owners: BTreeMap<&str, &str> = scaled.pages.iter().flat_map(autoscaling::Groups::members).collect();
    let mut callers: Vec<Holder> =
        instances_of(&machines.pages).into_iter().filter_map(|i| of_machine(&t, i, &owners)).collect();
    callers.extend(services.all.iter().filter_map(|s| {
        let groups = s.network_configuration.awsvpc_configuration.security_groups.iter().cloned().collect();
        Some(Holder { id: SubjectId::from(s.service_arn.as_deref()?), groups })
    }));
    let rules = groups.pages.iter().flat_map(|p| &p.security_group_info);
    say(&mut t, &listeners, &callers, &by_id(rules));
}

fn of_database(database: &Database) -> Option<Listener> {
    // The members of a cluster listen for the cluster.
    if database.cluster.is_some() {
        return None;
    }
    let groups = database.groups.iter().filter_map(|g| g.vpc_security_group_id.clone()).collect();
    let holder = Holder { id: SubjectId::from(database.arn.as_deref()?), groups };
    let (port, public) = (database.endpoint.port?, database.publicly_accessible);
    Some(Listener { holder, port, public, copy: database.copy_of.is_some() })
}

fn of_cluster(cluster: &Cluster) -> Option<Listener> {
    let groups = cluster.groups.iter().filter_map(|g| g.vpc_security_group_id.clone()).collect();
    let holder = Holder { id: SubjectId::from(cluster.arn.as_deref()?), groups };
    let copy = cluster.replication_source_identifier.is_some();
    Some(Listener { holder, port: cluster.port?, public: None, copy })
}

/// A machine of an Auto Scaling group calls for its group.
fn of_machine(t: &Telling<'_>, machine: &Instance, owners: &BTreeMap<&str, &str>) -> Option<Holder> {
    let id = machine.instance_id.as_deref()?;
    let groups = machine.group_set.iter().filter_map(|g| g.group_id.clone()).collect();
    let subject = owners.get(id).map_or_else(|| t.place.instance(id), |owner| SubjectId::from(*owner));
    Some(Holder { id: subject, groups })
}

fn by_id<'g>(groups: impl Iterator<Item = &'g SecurityGroup>) -> BTreeMap<&'g str, &'g [Rule]> {
    groups.filter_map(|g| Some((g.group_id.as_deref()?, g.ip_permissions.as_slice()))).collect()
}

fn say(t: &mut Telling<'_>, listeners: &[Listener], callers: &[Holder], rules: &BTreeMap<&str, &[Rule]>) {
    t.call(SECURITY_GROUPS.name);
    for listener in listeners {
        let own: Option<Vec<&[Rule]>> = listener.holder.groups.iter().map(|g| rules.get(g.as_str()).copied()).collect();
        let Some(own) = own.filter(|o| !o.is_empty()) else { continue };
        let open: Vec<&Rule> = own.into_iter().flatten().filter(|r| r.opens(listener.port)).collect();
        // Behind a public address the groups decide; that it has none is said where it is configured.
        if listener.public == Some(true) {
            let to_all = open.iter().any(|r| r.is_open_to_all());
            t.flag(&listener.holder.id, key::PUBLICLY_REACHABLE, Some(to_all));
        }
        let let_in: BTreeSet<&str> =
            open.iter().flat_map(|r| &r.groups).filter_map(|g| g.group_id.as_deref()).collect();
        let calling = callers.iter().filter(|c| c.groups.iter().any(|g| let_in.contains(g.as_str())));
        let calling: BTreeSet<&SubjectId> = calling.map(|c| &c.id).collect();
        for caller in calling {
            t.infer(caller, Relation::DependsOn { hard: !listener.copy }, &listener.holder.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    /// Shape of the example in "DescribeSecurityGroups", Amazon EC2 API Reference: a database whose group lets another
    /// group in at its port.
    fn read(rule: Value, public: Option<bool>) -> Vec<String> {
        reached(rule, public, false)
    }
    fn reached(rule: Value, public: Option<bool>, copy: bool) -> Vec<String> {
        let page: SecurityGroups = parsed(json!({"securityGroupInfo": [
            {"groupId": "sg-db", "groupName": "db", "vpcId": "vpc-1", "ipPermissions": [rule], "ipPermissionsEgress": ""},
            {"groupId": "sg-web", "groupName": "web", "vpcId": "vpc-1", "ipPermissions": ""}]}));
        let holder = |id: &str, group: &str| Holder { id: id.into(), groups: BTreeSet::from([group.to_owned()]) };
        let listener = Listener { holder: holder("db", "sg-db"), port: 5432, public, copy };
        let callers = [holder("web", "sg-web"), holder("other", "sg-other")];
        said(|t| say(t, &[listener], &callers, &by_id(page.security_group_info.iter())))
    }
    fn from_web(from: &str, to: &str) -> Value {
        json!({"ipProtocol": "tcp", "fromPort": from, "toPort": to, "groups": [{"groupId": "sg-web", "userId": "111122223333"}], "ipRanges": ""})
    }

    #[test]
    fn a_group_that_is_let_in_may_depend() {
        check(&read(from_web("5432", "5432"), Some(false)), &["web needs db (inferred)"], &["other", "db db.publicly"]);
        check(
            &read(json!({"ipProtocol": "-1", "groups": [{"groupId": "sg-web"}]}), None),
            &["web needs db (inferred)"],
            &[],
        );
        check(&reached(from_web("5432", "5432"), None, true), &["web may use db (inferred)"], &["web needs"]);
        assert!(read(from_web("443", "443"), None).is_empty());
        assert!(read(from_web("", ""), None).is_empty());
    }

    #[test]
    fn the_internet_is_let_in_or_not() {
        let open = json!({"ipProtocol": "tcp", "fromPort": "0", "toPort": "65535", "groups": "", "ipRanges": [{"cidrIp": "0.0.0.0/0"}]});
        check(&read(open.clone(), Some(true)), &["db db.publicly_reachable = on"], &[]);
        check(&read(from_web("5432", "5432"), Some(true)), &["db db.publicly_reachable = off"], &[]);
        assert!(read(open, None).is_empty(), "without a public address nothing is said");
        let unread = said(|t| {
            let holder = Holder { id: "db".into(), groups: BTreeSet::from(["sg-unread".to_owned()]) };
            say(t, &[Listener { holder, port: 5432, public: Some(true), copy: false }], &[], &BTreeMap::new());
        });
        assert!(unread.is_empty(), "a group that was not read decides nothing");
    }
}
