//! Copies of a store: those that are in step, how far behind they are, and whether one takes over by itself.

use super::commands::{Argument, CLIENTS, CONFIG, INFO};
use super::identity::{copied, copy, plausible};
use super::info::Info;
use super::reading::Reading;
use super::server::{self, Settings};
use super::{address, sentinel};
use crate::Cancelled;
use loadline_model::{Basis, Confidence, Edge, GapReason, Kind, Resource, Value, key, key::metric};
use std::collections::{BTreeMap, BTreeSet};

/// More connections than this are not listed: the answer would be large, and only Sentinels are looked for.
const LISTED_CLIENTS: f64 = 5_000.0;

/// Reads the copies of a primary, or the state of a replica, and what watches them.
pub(super) async fn read(r: &mut Reading<'_>, info: &Info, settings: &Settings) -> Result<(), Cancelled> {
    if r.server.replica {
        replica(r, info);
        return sentinel::of_store(r, false).await;
    }
    let replicas: Vec<Replica> = info.parts("slave").filter_map(|(_, parts)| Replica::from_parts(&parts)).collect();
    let in_step = replicas.iter().filter(|c| c.online).count();
    if in_step == 0 && r.server.managed == Some(true) {
        let detail = "Managed services keep replicas that INFO does not always show.";
        let closes = "Connect the cloud account that runs this server.";
        r.answer.miss_of(GapReason::NotConnected, detail, closes, &[Kind::Instance], Some(&r.server.subject()));
    } else {
        r.number(&INFO, key::STANDBY_MEMBERS, Some(in_step as f64));
    }
    let offset = info.number("master_repl_offset");
    for one in &replicas {
        say(r, one, offset);
    }
    if let Some(least) = server::number(settings, "min-replicas-to-write") {
        r.configured(&CONFIG, key::CACHE_MIN_REPLICAS, Value::Number(least));
    }
    if r.session.address().sentinels.is_empty() {
        return watched(r, info, in_step).await;
    }
    sentinel::of_store(r, in_step > 0).await
}

/// One line of `INFO replication`.
#[derive(Clone, Debug, PartialEq)]
struct Replica {
    endpoint: String,
    online: bool,
    offset: Option<f64>,
    lag: Option<f64>,
}

impl Replica {
    fn from_parts(parts: &BTreeMap<&str, &str>) -> Option<Self> {
        let number = |name: &str| parts.get(name).and_then(|v| v.parse::<f64>().ok()).filter(|n| *n >= 0.0);
        let host = plausible(parts.get("ip")?)?;
        let endpoint = address::endpoint(&host.to_ascii_lowercase(), parts.get("port")?.parse().ok()?);
        let online = parts.get("state") == Some(&"online");
        Some(Self { endpoint, online, offset: number("offset"), lag: number("lag") })
    }
}

fn say(r: &mut Reading<'_>, one: &Replica, offset: Option<f64>) {
    let store = r.server.store();
    let id = copy(&store, &one.endpoint);
    let resource =
        Resource { engine: Some(r.server.engine.to_owned()), ..Resource::new(Kind::Instance, &one.endpoint) };
    r.measured(&id, &INFO, resource);
    let edge = Edge { relation: copied(None), to: id.clone(), confidence: Confidence::Observed };
    r.measured(&store, &INFO, edge);
    r.set(&INFO, Basis::Measured, key::REPLICATION_RUNNING, Some(&one.endpoint), Value::Bool(one.online));
    if let Some(lag) = one.lag {
        r.set(&INFO, Basis::Measured, key::REPLICA_LAG_SECONDS, Some(&one.endpoint), Value::Number(lag));
        r.now(&INFO, metric::REPLICA_LAG, "s", Some(("standby", &one.endpoint)), Some(lag));
    }
    if let (Some(ahead), Some(at)) = (offset, one.offset) {
        let behind = Value::Number((ahead - at).max(0.0));
        r.set(&INFO, Basis::Measured, key::REPLICA_LAG_BYTES, Some(&one.endpoint), behind);
    }
}

/// A replica whose link is down is as far behind as the link is.
fn replica(r: &mut Reading<'_>, info: &Info) {
    let up = info.text("master_link_status").map(|status| status == "up");
    r.flag(&INFO, key::REPLICATION_RUNNING, up);
    let lag = match up {
        Some(true) => info.number("master_last_io_seconds_ago"),
        Some(false) => info.number("master_link_down_since_seconds"),
        None => None,
    };
    let lag = lag.filter(|s| *s >= 0.0);
    r.number(&INFO, key::REPLICA_LAG_SECONDS, lag);
    r.now(&INFO, metric::REPLICA_LAG, "s", None, lag);
    let behind = info.number("slave_read_repl_offset").zip(info.number("slave_repl_offset"));
    r.number(&INFO, key::REPLICA_LAG_BYTES, behind.map(|(read, applied)| (read - applied).max(0.0)));
}

/// Sentinels name their connections, so a primary shows how many watch it; their quorum only they know.
async fn watched(r: &mut Reading<'_>, info: &Info, in_step: usize) -> Result<(), Cancelled> {
    if in_step == 0 || info.number("connected_clients").is_none_or(|n| n > LISTED_CLIENTS) {
        return Ok(());
    }
    let Some(list) = r.ask(&CLIENTS, Argument::None).await?.and_then(|reply| reply.text()) else { return Ok(()) };
    let seen = sentinels_in(&list);
    let subject = r.server.subject();
    let (detail, closes) = if seen.is_empty() {
        (
            "Replicas are there, and no Sentinel is connected: what promotes a replica is not visible from here."
                .to_owned(),
            "Name its Sentinels in `sentinels` (host:26379,…), or connect what manages the failover.".to_owned(),
        )
    } else {
        let places: Vec<String> = seen.into_iter().collect();
        (
            format!("{} Sentinels watch this server; their quorum and votes are only known to them.", places.len()),
            format!("Name them in `sentinels`, by their port (usually 26379): they are at {}.", places.join(", ")),
        )
    };
    r.answer.miss_of(GapReason::NotConnected, detail, closes, &[], Some(&subject));
    Ok(())
}

/// Addresses of the Sentinels in `CLIENT LIST`, one for each.
fn sentinels_in(list: &str) -> BTreeSet<String> {
    list.lines()
        .filter_map(|line| {
            let field = |name: &str| line.split(' ').find_map(|part| part.strip_prefix(name)?.strip_prefix('='));
            let name = field("name")?.strip_prefix("sentinel-")?.strip_suffix("-cmd")?;
            let host = plausible(field("addr")?.rsplit_once(':')?.0.trim_matches(['[', ']']))?;
            Some(format!("{host} ({})", plausible(name)?))
        })
        .take(32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replicas_of_any_age() {
        let info = Info::parse(
            "slave0:ip=10.0.0.2,port=6379,state=online,offset=14,lag=1\nslave1:ip=::1,port=2,state=wait_bgsave,offset=0,lag=0\n\
             slave2:ip=a b,port=6379,state=online",
        );
        let found: Vec<Replica> = info.parts("slave").filter_map(|(_, p)| Replica::from_parts(&p)).collect();
        let told: Vec<(&str, bool)> = found.iter().map(|r| (r.endpoint.as_str(), r.online)).collect();
        assert_eq!(told, [("10.0.0.2:6379", true), ("[::1]:2", false)]);
    }

    #[test]
    fn sentinels_are_counted_once() {
        let list = "id=1 addr=10.0.0.5:40000 name=sentinel-aaaa1111-cmd age=1\n\
                    id=2 addr=10.0.0.5:40001 name=sentinel-aaaa1111-pubsub age=1\n\
                    id=3 addr=10.0.0.6:40000 name=sentinel-bbbb2222-cmd age=1\n\
                    id=4 addr=10.0.0.7:40000 name=worker age=1\n";
        assert_eq!(sentinels_in(list).len(), 2);
    }
}
