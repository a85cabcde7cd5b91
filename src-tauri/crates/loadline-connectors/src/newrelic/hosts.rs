//! Scope `hosts`: machines that reported, and how full they are.

use super::documents;
use super::reading::{Entity, Query, Reading, is_one_of, number};
use super::requests::FIVE_MINUTES;
use crate::Cancelled;
use loadline_model::{Basis, Confidence, Edge, GapReason, Kind, Limited, Relation, Timestamp};
use std::collections::BTreeMap;

/// Calls of a first collection of 25 hosts with 8 days of history, and the lists of them and of services.
pub(super) const CALLS: u64 = 2 * 9 + 2 + 2;

/// Hosts of one question.
const BATCH: usize = 25;

/// A level: its name among what is selected, and what it fills.
type Level = (&'static str, Limited);

/// What is asked, and the levels in it. Of disks the fullest counts: the share of all disks together, which SystemSample
/// has too, hides a full one beside an empty one ("SystemSample", "StorageSample", data dictionary).
const QUESTIONS: [(&str, &str, &[Level]); 2] = [
    (
        "SystemSample",
        "average(cpuPercent) AS cpu, average(memoryUsedBytes / memoryTotalBytes) * 100 AS memory",
        &[("cpu", Limited::Cpu), ("memory", Limited::Memory)],
    ),
    ("StorageSample", "max(diskUsedPercent) AS disk", &[("disk", Limited::Disk)]),
];

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let kind = "domain = 'INFRA' AND type = 'HOST'";
    let Some((hosts, whole)) = r.entities(kind, &[Kind::Instance]).await? else { return Ok(()) };
    let hosts: Vec<Entity> = hosts.into_iter().filter(|h| h.reports).collect();
    for host in &hosts {
        r.exists_as(Kind::Instance, host, documents::ENTITIES.name);
    }
    if hosts.is_empty() {
        let detail = "No host reports to this account: CPU, memory and disk of machines cannot be known.";
        let closes = "Install the infrastructure agent on them; check the account number, region and `filter`.";
        r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[Kind::Instance], None);
        return Ok(());
    }
    if whole {
        r.answer.listed(Kind::Instance);
    }
    members(r, &hosts).await?;
    let hosts = r.bounded("hosts", &hosts, &[]);
    let until = r.until();
    for (sample, select, levels) in QUESTIONS {
        for batch in hosts.chunks(BATCH) {
            of(r, (sample, select, levels), batch, until).await?;
        }
    }
    Ok(())
}

/// Which services run on a host, as both agents agreed: names between bars.
fn applications(host: &Entity) -> impl Iterator<Item = &str> {
    let values = host.tags.get("apmApplicationNames").into_iter().flatten();
    values.flat_map(|names| names.split('|')).filter(|name| !name.is_empty())
}

/// Says that hosts are members of the services that run on them.
async fn members(r: &mut Reading<'_>, hosts: &[Entity]) -> Result<(), Cancelled> {
    if hosts.iter().all(|h| applications(h).next().is_none()) {
        return Ok(());
    }
    let services = r.services().await?.unwrap_or_default();
    for host in hosts {
        for name in applications(host) {
            let Some(service) = services.iter().find(|s| s.domain == "APM" && s.name == name) else { continue };
            let edge = Edge { relation: Relation::MemberOf, to: service.subject(), confidence: Confidence::Observed };
            r.answer.say(&host.subject(), documents::ENTITIES.name, Basis::Measured, edge);
        }
    }
    Ok(())
}

async fn of(
    r: &mut Reading<'_>,
    (sample, select, levels): (&str, &str, &[Level]),
    batch: &[Entity],
    until: Timestamp,
) -> Result<(), Cancelled> {
    let those = is_one_of("entityGuid", batch.iter().map(|h| h.guid.as_str()));
    let from = r.window.from;
    let nrql = format!(
        "SELECT earliest(timestamp) AS first FROM {sample} WHERE {those} SINCE {} UNTIL {} LIMIT 1",
        from.0, until.0
    );
    let Some(rows) = r.nrql(&nrql, &[]).await? else { return Ok(()) };
    let first = rows.first().and_then(|row| number(row, "first").or_else(|| number(row, "earliest.timestamp")));
    let Some(first) = first.filter(|at| *at > 0.0) else {
        let names: Vec<&str> = batch.iter().take(3).map(|h| h.name.as_str()).collect();
        let detail = format!("{} of {} hosts ({}, …) was not recorded.", sample, batch.len(), names.join(", "));
        let closes = "Turn it on in the configuration of the infrastructure agent (metrics_system_sample_rate, metrics_storage_sample_rate).";
        r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[], None);
        return Ok(());
    };
    let query = Query {
        select: select.to_owned(),
        from: format!("{sample} WHERE {those}"),
        facet: "entityGuid",
        limit: BATCH,
        step: FIVE_MINUTES,
        tail: "",
    };
    let mut found: BTreeMap<(String, &str), BTreeMap<Timestamp, f64>> = BTreeMap::new();
    r.over_time(&query, (Timestamp(first as i64).max(from), until), |point| {
        let Some(guid) = point.facets.first() else { return };
        for (name, _) in levels {
            // An interval without a sample has no average; a maximum of nothing may come as zero, which no disk is.
            if let Some(percent) = number(point.row, name).filter(|p| *p > 0.0 || *name == "cpu") {
                found.entry(((*guid).to_owned(), *name)).or_default().insert(point.at, percent);
            }
        }
    })
    .await?;
    for host in batch {
        for (name, limited) in levels {
            let Some(points) = found.get(&(host.guid.clone(), *name)) else { continue };
            let call = format!("SELECT {select} FROM {sample}");
            let share = |percent: f64| (percent / 100.0).clamp(0.0, 1.0);
            r.series(&host.subject(), &call, (&limited.utilisation_metric(), "ratio"), points, share);
        }
    }
    Ok(())
}
