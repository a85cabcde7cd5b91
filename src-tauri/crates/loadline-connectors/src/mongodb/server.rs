//! Scope `server`: the deployment as a resource, its members, defaults, limits, exposure and profilers.

use super::MOST_DATABASES;
use super::address::is_loopback;
use super::commands::{
    BUILD, DATABASES, HELLO, OPTIONS, PROFILE_NEWEST, PROFILER, QUERY_STATS, SERVER, Target, VOLUME, WHO,
};
use super::documents::Fields;
use super::members::{self, Voters};
use super::reading::Reading;
use crate::Cancelled;
use ::mongodb::bson::{Bson, Document};
use loadline_model::{
    Basis, Confidence, Environment, GapReason, Kind, Limit, Limited, Relation, Resource, Value, key, key::metric,
};

/// Databases of the server's own.
pub(super) const OWN: [&str; 3] = ["admin", "config", "local"];
/// A profiler that wrote nothing for so long may be off.
const PROFILE_HOURS: f64 = 168.0;
/// Fewer connections than any server allows (`net.maxIncomingConnections` starts at 5): no limit was said.
const LEAST_CONNECTIONS: f64 = 5.0;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>, name: &str, environment: Option<Environment>) -> Result<(), Cancelled> {
    let nothing = Target::default();
    let options = r.ask(&OPTIONS, &nothing).await?;
    let who = r.ask(&WHO, &nothing).await?;
    let voters = members::read(r).await?;
    exists(r, name, environment, options.as_ref(), voters);
    r.answer.listed(Kind::Database);
    let server = r.ask(&SERVER, &nothing).await?;
    if let Some(options) = &options {
        exposure(r, options, who.as_ref(), server.is_some());
    }
    if let Some(server) = &server {
        durability(r, server, options.as_ref(), voters);
        connections(r, server);
        cache(r, server);
    }
    let databases = sizes(r).await?;
    profilers(r, &databases).await?;
    unreached(r);
    Ok(())
}

fn exists(
    r: &mut Reading<'_>,
    name: &str,
    environment: Option<Environment>,
    options: Option<&Document>,
    voters: Option<Voters>,
) {
    let cluster = r.cluster;
    let subject = cluster.subject();
    let fallback = cluster.set.as_deref().unwrap_or(&cluster.seed);
    let folder = options.and_then(|o| o.text("parsed/storage/dbPath"));
    let managed = cluster.managed(folder);
    let resource = Resource {
        environment,
        engine: Some(cluster.engine().to_owned()),
        engine_version: Some(cluster.version.clone()).filter(|v| !v.is_empty()),
        managed,
        required_members: voters.map(Voters::required),
        ..Resource::new(Kind::Database, if name.is_empty() { fallback } else { name })
    };
    let basis = if managed == Some(false) { Basis::Inferred } else { Basis::Configured };
    r.answer.say(&subject, BUILD.name, basis, resource);
    r.set(&HELLO, key::IS_STANDBY, None, Value::Bool(false));
    for address in cluster.addresses() {
        r.edge(&subject, &HELLO, Relation::SameAs, &address, Confidence::Declared);
    }
}

/// Who may come in: addresses, passwords, encryption.
fn exposure(r: &mut Reading<'_>, options: &Document, who: Option<&Document>, trusted: bool) {
    // Only that nobody else can reach it is an answer: networks before it are not visible from inside.
    let here = listens_here_only(options).filter(|only| *only);
    r.flag(&OPTIONS, key::PUBLICLY_REACHABLE, here.map(|_| false));
    let configured = options.text("parsed/security/authorization").map(|v| v == "enabled");
    // A key file turns authorization on (MongoDB manual, "security.keyFile").
    let keyed = options.field("parsed/security/keyFile").map(|_| true);
    let named = who.map(|w| !w.parts("authInfo/authenticatedUsers").is_empty());
    match (configured.or(keyed), named) {
        (Some(on), _) => r.flag(&OPTIONS, key::AUTHENTICATION_REQUIRED, Some(on)),
        // Somebody without a name was given the server's statistics.
        (None, Some(false)) if trusted => r.flag(&WHO, key::AUTHENTICATION_REQUIRED, Some(false)),
        _ => {}
    }
    let mode = options.text("parsed/net/tls/mode").or_else(|| options.text("parsed/net/ssl/mode"));
    let required = mode.map(|m| matches!(m, "requireTLS" | "requireSSL"));
    r.flag(&OPTIONS, key::TLS_REQUIRED, required);
}

fn listens_here_only(options: &Document) -> Option<bool> {
    if options.flag("parsed/net/bindIpAll") == Some(true) {
        return Some(false);
    }
    let addresses = options.text("parsed/net/bindIp")?;
    Some(addresses.split(',').map(str::trim).all(|a| a.starts_with('/') || is_loopback(a)))
}

fn durability(r: &mut Reading<'_>, server: &Document, options: Option<&Document>, voters: Option<Voters>) {
    let journal = options.and_then(|o| o.flag("parsed/storage/journal/enabled"));
    // Since 6.1 the journal is always on.
    let always = r.cluster.release() >= (6, 1) && r.cluster.engine() == "mongodb";
    r.flag(&OPTIONS, key::FSYNC, journal.or(always.then_some(true)));
    let said = match server.field("defaultRWConcern/defaultWriteConcern/w") {
        Some(Bson::String(w)) => Some(w.clone()),
        Some(_) => server.number("defaultRWConcern/defaultWriteConcern/w").map(|n| format!("{n:.0}")),
        None => None,
    };
    if let Some(concern) = said {
        r.set(&SERVER, key::WRITE_CONCERN, None, Value::Text(concern));
    } else if let Some(concern) = implicit(r.cluster.release(), voters).filter(|_| r.cluster.engine() == "mongodb") {
        let (subject, value) = (r.cluster.subject(), Value::Text(concern.to_owned()));
        r.answer.set(&subject, "CONFIGURATION", Basis::Inferred, key::WRITE_CONCERN, None, value);
    }
}

/// The default that nobody set (MongoDB manual, "Implicit Default Write Concern"): since 5.0 the majority, unless an
/// arbiter leaves no more data-bearing voters than the majority.
fn implicit(release: (u32, u32), voters: Option<Voters>) -> Option<&'static str> {
    let voters = voters?;
    let majority = (voters.votes / 2.0).floor() + 1.0;
    Some(match release {
        (0, _) => return None,
        (..=4, _) => "1",
        _ if voters.arbiters > 0.0 && voters.votes - voters.arbiters <= majority => "1",
        _ => "majority",
    })
}

fn connections(r: &mut Reading<'_>, server: &Document) {
    let current = server.number("connections/current");
    let available = server.number("connections/available");
    // Ours are two.
    let used = current.map(|n| (n - 2.0).max(0.0));
    r.number(&SERVER, key::CONNECTIONS_IN_USE, used);
    r.now(&SERVER, Limited::Connections.used_metric(), "connections", None, used);
    let most = current.zip(available).map(|(used, left)| used + left).filter(|n| *n > LEAST_CONNECTIONS);
    if let Some(most) = most.filter(|_| available > Some(0.0)) {
        r.number(&SERVER, key::MAX_CONNECTIONS, Some(most));
        let limit = Limit { limited: Limited::Connections, value: most, unit: "connections".to_owned() };
        r.answer.say(&r.cluster.subject(), SERVER.name, Basis::Configured, limit);
    }
    let hours = server.number("uptime").map(|s| s / 3600.0);
    r.number(&SERVER, key::STATISTICS_WINDOW_HOURS, hours);
    let per_second = |count: Option<f64>| count.zip(hours.filter(|h| *h >= 1.0)).map(|(n, h)| n / (h * 3600.0));
    r.number(&SERVER, key::NEW_SESSIONS_PER_SECOND, per_second(server.number("connections/totalCreated")));
    // Counted since the start: of the last 7 days only when the start is younger, or when there were none at all.
    let refused = server.number("connections/rejected").filter(|n| *n == 0.0 || hours.is_some_and(|h| h <= 168.0));
    r.number(&SERVER, key::CONNECTIONS_REFUSED_7D, refused);
}

fn cache(r: &mut Reading<'_>, server: &Document) {
    let pages = |what: &str| server.number(&format!("wiredTiger/cache/{what}"));
    let ratio = hit_ratio(pages("pages requested from the cache"), pages("pages read into cache"));
    r.number(&SERVER, key::BUFFER_HIT_RATIO, ratio);
    r.now(&SERVER, metric::BUFFER_HIT_RATIO, "ratio", None, ratio);
}

fn hit_ratio(requested: Option<f64>, read: Option<f64>) -> Option<f64> {
    let (requested, read) = (requested?, read?);
    (requested > 0.0).then(|| (1.0 - read / requested).clamp(0.0, 1.0))
}

/// Says how much is stored, where; names of the databases that are not the server's own.
async fn sizes(r: &mut Reading<'_>) -> Result<Vec<String>, Cancelled> {
    let nothing = Target::default();
    let listed = match r.try_ask(&DATABASES, &nothing).await? {
        Ok(listed) => listed,
        Err(refusal) => {
            r.refused(&DATABASES, &nothing, &refusal, &[Kind::Table]);
            return Ok(Vec::new());
        }
    };
    let bytes = listed.number("totalSize");
    r.number(&DATABASES, key::DATABASE_BYTES, bytes);
    let named = listed.parts("databases").into_iter().filter_map(|d| d.text("name"));
    let mut databases: Vec<String> = named.filter(|n| !OWN.contains(n)).map(str::to_owned).collect();
    databases.sort();
    if databases.len() > MOST_DATABASES {
        let detail = format!("{} databases exist; the first {MOST_DATABASES} by name are read.", databases.len());
        let closes = "Nothing to do, unless a hot one is missing: then report it.";
        r.answer.miss_of(GapReason::LimitReached, detail, closes, &[Kind::Table], Some(&r.cluster.subject()));
        databases.truncate(MOST_DATABASES);
    }
    let Some(first) = databases.first() else { return Ok(databases) };
    if let Ok(volume) = r.try_ask(&VOLUME, &Target::database(first)).await? {
        let (used, size) = (volume.number("fsUsedSize"), volume.number("fsTotalSize").filter(|n| *n > 0.0));
        if let Some(size) = size {
            let limit = Limit { limited: Limited::Disk, value: size, unit: "bytes".to_owned() };
            r.answer.say(&r.cluster.subject(), VOLUME.name, Basis::Measured, limit);
            r.now(&VOLUME, Limited::Disk.used_metric(), "bytes", None, used);
        }
    }
    Ok(databases)
}

/// Whether shapes are counted anywhere. Turning a profiler on makes its collection, so where there is none it never was.
async fn profilers(r: &mut Reading<'_>, databases: &[String]) -> Result<(), Cancelled> {
    let nothing = Target::default();
    let counted = r.try_ask(&QUERY_STATS, &nothing).await?;
    if counted.as_ref().is_ok_and(|c| !c.batch().is_empty()) {
        r.set(&QUERY_STATS, key::STATEMENT_STATISTICS, None, Value::Bool(true));
        return Ok(());
    }
    let (mut stale, mut unread) = (Vec::new(), databases.is_empty());
    for database in databases {
        let target = Target::database(database);
        let Some(found) = r.ask(&PROFILER, &target).await? else {
            unread = true;
            continue;
        };
        if found.batch().is_empty() {
            continue;
        }
        let Some(newest) = r.ask(&PROFILE_NEWEST, &target).await? else {
            unread = true;
            continue;
        };
        let at = newest.batch().first().and_then(|entry| entry.time("ts"));
        if at.is_some_and(|at| r.answer.read_at().hours_since(at) <= PROFILE_HOURS) {
            r.set(&PROFILE_NEWEST, key::STATEMENT_STATISTICS, None, Value::Bool(true));
            return Ok(());
        }
        stale.push(database.clone());
    }
    if !stale.is_empty() {
        let detail = format!("The profiler of {} wrote nothing for 7 days: it may be off.", stale.join(", "));
        let closes = "Run db.setProfilingLevel(1, { slowms: 100 }) in the database that matters.";
        r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[], Some(&r.cluster.subject()));
    } else if !unread {
        r.set(&PROFILER, key::STATEMENT_STATISTICS, None, Value::Bool(false));
    }
    Ok(())
}

/// Members that did not answer under the names they advertise.
fn unreached(r: &mut Reading<'_>) {
    let lost = r.cluster.lost();
    if lost.is_empty() && r.cluster.reaches_primary() {
        return;
    }
    let who = if lost.is_empty() { "The primary".to_owned() } else { lost.join(", ") };
    let detail = format!("{who} could not be asked; counters are those of {}.", r.cluster.primary());
    let closes = "Make the members reachable under the names in the set's configuration, from where Loadline runs.";
    r.answer.miss_of(GapReason::ApiError, detail, closes, &[], Some(&r.cluster.subject()));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::mongodb::bson::doc;

    #[test]
    fn the_default_that_nobody_set() {
        let voters = |votes, arbiters| Some(Voters { votes, arbiters, followers: 0.0 });
        let check = |release, of, expected| assert_eq!(implicit(release, of), expected, "{release:?} {of:?}");
        check((7, 0), voters(3.0, 0.0), Some("majority"));
        check((7, 0), voters(3.0, 1.0), Some("1"));
        check((7, 0), voters(5.0, 1.0), Some("majority"));
        check((4, 4), voters(3.0, 0.0), Some("1"));
        check((0, 0), voters(3.0, 0.0), None);
        check((7, 0), None, None);
    }

    #[test]
    fn who_can_reach_it() {
        let check = |net: Document, expected| {
            assert_eq!(listens_here_only(&doc! { "parsed": { "net": net } }), expected);
        };
        check(doc! { "bindIp": "127.0.0.1,/tmp/mongodb.sock, ::1" }, Some(true));
        check(doc! { "bindIp": "127.0.0.1,10.0.0.5" }, Some(false));
        check(doc! { "bindIp": "localhost", "bindIpAll": true }, Some(false));
        check(doc! {}, None);
    }

    #[test]
    fn ratios_need_something_counted() {
        assert_eq!(hit_ratio(Some(1000.0), Some(20.0)), Some(0.98));
        assert_eq!(hit_ratio(Some(0.0), Some(0.0)), None);
        assert_eq!(hit_ratio(Some(1.0), None), None);
    }
}
