//! What the account allows, tried with one cheap call for each action that needs no name; and what a collection will cost.

use super::Aws;
use super::accounts::{Reached, Unreached};
use super::operations::Operation;
use super::places;
use super::refused::Refused;
use super::services::ServiceReader;
use crate::{Estimate, Permission};
use futures_util::StreamExt;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::Instant;

/// Actions tried at once.
const ABREAST: usize = 6;

/// Actions besides each service's first that answer without being told a name, so that a test can try them: those without a
/// required member in AWS's own service models, less those whose first page is long or about everybody's things.
const ALONE: &[&str] = &[
    "autoscaling:DescribePolicies",
    "autoscaling:DescribeScheduledActions",
    "cloudfront:ListCachePolicies",
    "cloudwatch:ListDashboards",
    "dynamodb:DescribeLimits",
    "dynamodb:ListBackups",
    "dynamodb:ListGlobalTables",
    "ec2:DescribeAddresses",
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeNatGateways",
    "ec2:DescribeRegions",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVolumes",
    "ec2:DescribeVpcs",
    "ecs:DescribeCapacityProviders",
    "elasticache:DescribeCacheClusters",
    "elasticache:DescribeReplicationGroups",
    "elasticache:DescribeServerlessCaches",
    "elasticache:DescribeSnapshots",
    "elbv2:DescribeTargetGroups",
    "lambda:GetAccountSettings",
    "lambda:ListEventSourceMappings",
    "backup:DescribeRegionSettings",
    "backup:ListBackupJobs",
    "backup:ListBackupPlans",
    "backup:ListBackupVaults",
    "backup:ListCopyJobs",
    "backup:ListProtectedResources",
    "backup:ListRestoreJobs",
    "backup:ListRestoreTestingPlans",
    "memorydb:DescribeSnapshots",
    "rds:DescribeDBClusterSnapshots",
    "rds:DescribeDBClusters",
    "rds:DescribeDBInstanceAutomatedBackups",
    "rds:DescribeDBProxies",
    "rds:DescribeDBSnapshots",
    "rds:DescribeDBSubnetGroups",
    "rds:DescribeGlobalClusters",
    "rds:DescribePendingMaintenanceActions",
    "route53:ListHealthChecks",
    "sns:ListSubscriptions",
];

/// What AWS asks for a request of these APIs, and where it says so.
const PRICES: &[(&str, &str)] = &[
    ("cloudwatch", "GetMetricData USD 0.01 for 1,000 metrics asked for (aws.amazon.com/cloudwatch/pricing)"),
    ("ce", "Cost Explorer USD 0.01 a request (aws.amazon.com/aws-cost-management/aws-cost-explorer/pricing)"),
];

impl Aws {
    /// Whose keys they are, then the actions of every service in the first region: each that can be tried by itself has its
    /// own row, the others are named beside them and become gaps by name when a collection is denied them.
    pub(super) async fn permissions(&self) -> Vec<Permission> {
        let mut shown = Vec::new();
        for (at, reached) in self.reached.iter().enumerate() {
            let prefix = self.prefix(at);
            shown.push(identity(reached, &prefix));
            let region = match reached.regions().await {
                Ok(regions) => regions.into_iter().next(),
                Err(_) => None,
            };
            let region = region.unwrap_or_else(|| reached.client.region().to_owned());
            // Some services ask the same call; one try of it is enough.
            let mut once = BTreeSet::new();
            let tries = self.services().flat_map(|service| tries(service).into_iter().map(move |t| (service, t)));
            let asked: Vec<_> = tries
                .filter(|(_, operation)| once.insert(operation.iam))
                .map(|(service, operation)| tried(reached, service, operation, &region, &prefix))
                .collect();
            let answers = futures_util::stream::iter(asked).buffered(ABREAST);
            shown.extend(answers.collect::<Vec<_>>().await);
        }
        shown.extend(self.unreached.iter().map(untaken));
        shown
    }

    /// One page of every call in every region; the table knows which are billed.
    pub(super) async fn estimated(&self) -> Estimate {
        let (mut calls, mut billed_calls, mut places, mut probes) = (0u64, 0u64, 0, 0u64);
        let begun = Instant::now();
        for reached in &self.reached {
            let regions = reached.regions().await.map_or(1, |r| r.len() as u64);
            probes += 1;
            places += regions;
            for service in self.services() {
                let times = if service.global { 1 } else { regions };
                calls += times * service.operations.len() as u64;
                billed_calls += times * service.operations.iter().filter(|o| o.billed).count() as u64;
            }
        }
        let each = begun.elapsed().as_millis() as u64 / probes.max(1);
        let counted = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let mut note = format!(
            "One page of each call in {} of {}; many things of one kind take more pages.",
            counted(places, "region", "regions"),
            counted(self.reached.len() as u64, "account", "accounts")
        );
        let billed = |api: &str| {
            let mut asked = self.services().flat_map(|s| s.operations.iter());
            asked.any(|o| o.billed && o.name.split(':').next() == Some(api))
        };
        let prices: Vec<&str> = PRICES.iter().filter(|(api, _)| billed(api)).map(|(_, price)| *price).collect();
        if !prices.is_empty() {
            note += &format!(" Billed: {}.", prices.join("; "));
        }
        Estimate { calls, billed_calls, busy_ms: calls * each.clamp(20, 1000), note }
    }
}

/// What a test asks of a service.
fn tries(service: &ServiceReader) -> Vec<&'static Operation> {
    let alone = |(at, o): &(usize, &&'static Operation)| *at == 0 || ALONE.contains(&o.name);
    service.operations.iter().enumerate().filter(alone).map(|(_, o)| *o).collect()
}

/// What a collection asks of a service besides, about things that it finds first.
fn later(service: &ServiceReader) -> Vec<&'static str> {
    let tried = tries(service);
    let rest = service.operations.iter().filter(|o| !tried.iter().any(|t| t.iam == o.iam));
    let mut names: Vec<&str> = rest.map(|o| o.iam).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// What the fewest things are that AWS lets a page have.
fn page_of(operation: &Operation) -> Value {
    match operation.name {
        "ec2:DescribeInstances" | "ec2:DescribeVolumes" => json!({ "MaxResults": 5 }),
        _ => json!({}),
    }
}

fn identity(reached: &Reached, prefix: &str) -> Permission {
    Permission {
        name: format!("{prefix}sts:GetCallerIdentity"),
        granted: Some(true),
        detail: format!("Account {}, as {}.", reached.client.identity.account, reached.client.identity.arn),
        closes: String::new(),
        latency_ms: 0,
    }
}

async fn tried(
    reached: &Reached,
    service: &ServiceReader,
    operation: &'static Operation,
    region: &str,
    prefix: &str,
) -> Permission {
    let region = if service.global { places::home(&reached.client.identity.partition) } else { region };
    let begun = Instant::now();
    let asked = reached.client.ask(operation, region, &page_of(operation)).await.map(drop);
    // The question was understood and allowed, even when there is nothing or something else was missing in it.
    let asked = match asked {
        Err(refused) if operation.absent.iter().any(|code| refused.is(code)) => Ok(()),
        other => other,
    };
    let later =
        if service.operations.first().is_some_and(|o| o.name == operation.name) { later(service) } else { Vec::new() };
    let besides = if later.is_empty() {
        String::new()
    } else {
        format!(" Asked of what is found, and a gap by name where denied: {}.", later.join(", "))
    };
    Permission {
        name: format!("{prefix}{}", operation.iam),
        granted: match &asked {
            Ok(()) => Some(true),
            Err(Refused::Denied { .. } | Refused::Credentials { .. } | Refused::NoCredentials(_)) => Some(false),
            Err(_) => None,
        },
        detail: match &asked {
            Ok(()) => format!("{}.{besides}", service.title),
            Err(refused) => format!("{}: {refused}.{besides}", service.title),
        },
        closes: asked.err().map(|refused| refused.closes(operation)).unwrap_or_default(),
        latency_ms: begun.elapsed().as_millis() as u64,
    }
}

fn untaken(unreached: &Unreached) -> Permission {
    Permission {
        name: format!("sts:AssumeRole {}", unreached.role.arn),
        granted: Some(false),
        detail: format!("The role could not be taken: {}.", unreached.refused),
        closes: "Let these keys take the role, with the external id it asks for.".to_owned(),
        latency_ms: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::super::operations::OPERATIONS;
    use super::super::services::SERVICES;
    use super::*;

    #[test]
    fn every_action_is_tried_or_named_once_a_service() {
        for name in ALONE {
            let tried =
                OPERATIONS.iter().find(|o| o.name == *name).unwrap_or_else(|| panic!("{name} is not in the table"));
            assert!(!tried.billed && !tried.path.contains('{'), "{name} costs or needs a name");
        }
        for service in SERVICES {
            let tried = tries(service);
            assert_eq!(tried.first().map(|o| o.name), service.operations.first().map(|o| o.name), "{}", service.id);
            let named: Vec<&str> = tried.iter().map(|o| o.iam).chain(later(service)).collect();
            assert!(service.operations.iter().all(|o| named.contains(&o.iam)), "{}", service.id);
            assert!(later(service).iter().all(|iam| !tried.iter().any(|t| t.iam == *iam)), "{}", service.id);
        }
    }

    #[test]
    fn what_is_billed_has_a_price_with_its_source() {
        for billed in OPERATIONS.iter().filter(|o| o.billed) {
            let api = billed.name.split(':').next().unwrap_or_default();
            assert!(PRICES.iter().any(|(known, price)| *known == api && price.contains("pricing")), "{}", billed.name);
        }
    }
}
