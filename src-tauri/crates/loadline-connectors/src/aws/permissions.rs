//! What the account allows, tried with one cheap call for each service; and what a collection will cost.

use super::Aws;
use super::accounts::{Reached, Unreached};
use super::operations::Operation;
use super::places;
use super::refused::Refused;
use super::services::ServiceReader;
use crate::{Estimate, Permission};
use futures_util::StreamExt;
use serde_json::json;
use std::time::Instant;

/// Services tried at once.
const ABREAST: usize = 6;

impl Aws {
    /// Whose keys they are, then the first call of every service in the first region.
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
            let asked: Vec<_> = self.services().map(|service| first(reached, service, &region, &prefix)).collect();
            let tried = futures_util::stream::iter(asked).buffered(ABREAST);
            shown.extend(tried.collect::<Vec<_>>().await.into_iter().flatten());
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
        let note = format!(
            "One page of each call in {places} regions of {} accounts; many things of one kind take more pages.",
            self.reached.len()
        );
        Estimate { calls, billed_calls, busy_ms: calls * each.clamp(20, 1000), note }
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

async fn first(reached: &Reached, service: &ServiceReader, region: &str, prefix: &str) -> Option<Permission> {
    let operation: &'static Operation = service.operations.first()?;
    let region = if service.global { places::home(&reached.client.identity.partition) } else { region };
    let begun = Instant::now();
    let tried = reached.client.ask(operation, region, &json!({})).await.map(drop);
    // The question was understood and allowed, even when there is nothing or something else was missing in it.
    let tried = match tried {
        Err(refused) if operation.absent.iter().any(|code| refused.is(code)) => Ok(()),
        other => other,
    };
    Some(Permission {
        name: format!("{prefix}{}", operation.iam),
        granted: match &tried {
            Ok(()) => Some(true),
            Err(Refused::Denied { .. } | Refused::Credentials { .. } | Refused::NoCredentials(_)) => Some(false),
            Err(_) => None,
        },
        detail: match &tried {
            Ok(()) => format!("{} can be read.", service.title),
            Err(refused) => format!("{}: {refused}.", service.title),
        },
        closes: tried.err().map(|refused| refused.closes(operation)).unwrap_or_default(),
        latency_ms: begun.elapsed().as_millis() as u64,
    })
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
