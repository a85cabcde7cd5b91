//! Scope `hosts`: machines that reported, and how full they are.

use super::calls;
use super::reading::Reading;
use crate::Cancelled;
use loadline_model::{GapReason, Kind, Limited, SubjectId};
use serde_json::Value;
use std::collections::BTreeSet;

/// Calls of a first collection: 90 days of five minutes for each level, and one page of hosts.
pub(super) const CALLS: u64 = 3 * 18 + 1;

const STEP: i64 = 300;
/// Hosts of one page, and pages that are read.
const PAGE: usize = 1_000;
const PAGES: usize = 20;

/// A level: what is asked, what it fills, and how a value becomes a share.
type Level = (&'static str, Limited, fn(f64) -> f64);

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(hosts) = listed(r).await? else { return Ok(()) };
    for name in &hosts {
        r.exists(&subject(name), calls::HOSTS.path, Kind::Instance, name);
    }
    if hosts.is_empty() {
        let detail = "No host reported: CPU, memory and disk of machines cannot be known.";
        r.answer.miss_of(GapReason::FeatureDisabled, detail, "Run the Datadog Agent on them.", &[Kind::Instance], None);
        return Ok(());
    }
    // ("System Check", Datadog documentation): shares of one, but for the idle time, which is in per cent.
    let levels: [Level; 3] = [
        ("avg:system.cpu.idle", Limited::Cpu, |idle| (1.0 - idle / 100.0).clamp(0.0, 1.0)),
        ("avg:system.mem.pct_usable", Limited::Memory, |usable| (1.0 - usable).clamp(0.0, 1.0)),
        ("max:system.disk.in_use", Limited::Disk, |used| used.clamp(0.0, 1.0)),
    ];
    for (what, limited, share) in levels {
        let how = &what[..3];
        let query = format!("{what}{{{}}} by {{host}}.rollup({how}, {STEP})", r.filter);
        for line in r.over_time(&query, STEP).await?.unwrap_or_default() {
            let Some(host) = line.tags.get("host").filter(|h| hosts.contains(*h)) else { continue };
            let id = subject(host);
            r.series(&id, what, (&limited.utilisation_metric(), "ratio"), &line.points, share);
        }
    }
    Ok(())
}

fn subject(host: &str) -> SubjectId {
    SubjectId(format!("datadog-host:{host}"))
}

/// Names of the hosts that carry the tags; `None` when they could not be read.
async fn listed(r: &mut Reading<'_>) -> Result<Option<BTreeSet<String>>, Cancelled> {
    let mut names = BTreeSet::new();
    let tags = if r.filter == "*" { String::new() } else { r.filter.replace(',', " ") };
    for page in 0..PAGES {
        let (start, count) = ((page * PAGE).to_string(), PAGE.to_string());
        let asked = [("start", start.as_str()), ("count", count.as_str()), ("filter", tags.as_str())];
        let Some(answer) = r.ask(&calls::HOSTS, calls::HOSTS.path, &asked, &[Kind::Instance]).await? else {
            return Ok(None);
        };
        let rows = answer.get("host_list").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        names.extend(rows.iter().filter_map(|h| h.get("name")?.as_str()).map(str::to_owned));
        let all = answer.get("total_matching").and_then(Value::as_u64).unwrap_or(0);
        if rows.is_empty() || (page + 1) * PAGE >= all as usize {
            r.answer.listed(Kind::Instance);
            return Ok(Some(names));
        }
    }
    let detail = format!("More than {} hosts: the first were read.", PAGE * PAGES);
    r.answer.miss_of(GapReason::LimitReached, detail, "Set `filter` to what matters.", &[Kind::Instance], None);
    Ok(Some(names))
}
