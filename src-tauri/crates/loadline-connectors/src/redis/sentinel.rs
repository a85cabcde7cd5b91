//! Sentinels: which primaries they watch, their copies, and whether enough of them agree on a failover.

use super::address::{self, Address};
use super::commands::{Argument, CHECK_QUORUM, Command, MASTERS, REPLICAS, SENTINELS, version};
use super::identity::{self, copied, copy, identifier, plausible};
use super::info::Info;
use super::reading::Reading;
use super::refusal::Why;
use super::session::Session;
use super::wire::Reply;
use crate::Cancelled;
use loadline_model::{
    Basis, Confidence, Edge, Environment, GapReason, Kind, Relation, Resource, SubjectId, Value, key,
};

/// Most primaries of one Sentinel that are read.
const MOST: usize = 50;

/// A primary as one Sentinel sees it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Watched {
    name: String,
    endpoint: String,
    run: Option<String>,
    quorum: Option<f64>,
    /// Sentinels beside the one that answers, and those of them that answer it.
    others: Option<(f64, f64)>,
    /// Replicas, and those whose link to the primary is up.
    replicas: Option<Vec<(String, bool)>>,
    /// The Sentinel's own verdict; `None` where it was not asked or not allowed.
    agreed: Option<bool>,
}

impl Watched {
    /// Sentinels, and those that answer.
    fn votes(&self) -> Option<(f64, f64)> {
        self.others.map(|(all, up)| (all + 1.0, up + 1.0))
    }

    /// A replica in step is there to be promoted. A verdict of the moment is told by the votes.
    fn automatic(&self) -> Option<bool> {
        Some(self.replicas.as_ref()?.iter().any(|(_, up)| *up))
    }
}

/// Scope `sentinel`: everything the connected Sentinel watches.
pub(super) async fn read(r: &mut Reading<'_>, environment: Option<Environment>) -> Result<(), Cancelled> {
    let Some(masters) = r.ask(&MASTERS, Argument::None).await? else { return Ok(()) };
    if masters.list().len() > MOST {
        let detail = format!("This Sentinel watches {} primaries; {MOST} of them were read.", masters.list().len());
        r.answer.miss_of(GapReason::Truncated, detail, "Connect a Sentinel of the others.", &[Kind::Cache], None);
    } else {
        r.answer.listed(Kind::Cache);
    }
    for master in masters.list().iter().take(MOST) {
        let Some(mut watched) = from_master(master) else { continue };
        details(r, None, &mut watched).await?;
        let store = SubjectId(format!("redis://{}", watched.endpoint));
        let resource = Resource {
            environment,
            engine: Some(r.server.engine.to_owned()),
            ..Resource::new(Kind::Cache, &watched.name)
        };
        r.answer.say(&store, MASTERS.name, Basis::Measured, resource);
        if let Some(run) = &watched.run {
            let edge = Edge { relation: Relation::SameAs, to: identity::run(run), confidence: Confidence::Declared };
            r.answer.say(&store, MASTERS.name, Basis::Configured, edge);
        }
        say(r, &store, &watched);
        let detail = format!("A Sentinel does not show memory, settings and keys of `{}`.", watched.name);
        let closes =
            format!("loadline connect redis --url redis://{} and name this Sentinel in `sentinels`.", watched.endpoint);
        r.answer.miss_of(GapReason::NotConnected, detail, closes, &[], Some(&store));
    }
    Ok(())
}

/// Asks the Sentinels that the account names, until one knows our store; none named: nothing is said.
pub(super) async fn of_store(r: &mut Reading<'_>, in_step: bool) -> Result<(), Cancelled> {
    let named = r.session.address().sentinels.clone();
    let mut said = String::new();
    for (host, port) in &named {
        let place = address::endpoint(host, *port);
        match r.window.wait(open(r.session, host, *port)).await? {
            Err(why) => said = format!("{place}: {why}"),
            Ok((session, version)) if version < MASTERS.since => {
                drop(session);
                said = format!("{place} is older than Redis 2.8");
            }
            Ok((session, _)) => match ours(r, &session).await? {
                Ok(Some(watched)) => {
                    let store = r.server.store();
                    say(r, &store, &watched);
                    return Ok(());
                }
                Ok(None) => said = format!("{place} watches other servers, but not this one"),
                Err(why) => said = format!("{place}: {why}"),
            },
        }
    }
    if !named.is_empty() {
        let state = if in_step { "Whether a replica is promoted" } else { "Who promotes a replica" };
        let detail = format!("{state} is not known: none of the named Sentinels told. {said}.");
        let closes = "Name the Sentinels that watch this server; allow +sentinel|masters +sentinel|replicas +sentinel|sentinels +sentinel|ckquorum there.";
        r.answer.miss_of(GapReason::ApiError, detail, closes, &[], Some(&r.server.subject()));
    }
    Ok(())
}

/// Opens a Sentinel that a person named. The password is given only where one is asked for.
async fn open(data: &Session, host: &str, port: u16) -> Result<(Session, u32), String> {
    let place: Address = data.address().at(host, port);
    let session = Session::open(&place, None, data.pace().another()).await.map_err(|e| e.to_string())?;
    let told = match session.ask(&super::commands::INFO, Argument::None).await {
        Err(refusal) if refusal.why == Why::NoPassword && data.secret().is_some() => {
            let session = Session::open(&place, data.secret().cloned(), data.pace().another())
                .await
                .map_err(|e| e.to_string())?;
            let told = session.ask(&super::commands::INFO, Argument::None).await.map_err(|e| e.said)?;
            return Ok((session, version_of(&told)));
        }
        told => told.map_err(|e| e.said)?,
    };
    Ok((session, version_of(&told)))
}

fn version_of(info: &Reply) -> u32 {
    version(Info::parse(&info.text().unwrap_or_default()).text("redis_version").unwrap_or_default())
}

/// Our store among those a Sentinel watches: by the run of the process, or by the primary's address.
async fn ours(r: &mut Reading<'_>, session: &Session) -> Result<Result<Option<Watched>, String>, Cancelled> {
    r.step(&MASTERS);
    let masters = match r.window.wait(session.ask(&MASTERS, Argument::None)).await? {
        Ok(masters) => masters,
        Err(refusal) => return Ok(Err(refusal.said)),
    };
    let store = r.server.store();
    let is_ours = |w: &Watched| {
        let same_run = w.run.is_some() && w.run == r.server.run && !r.server.replica;
        same_run || store.as_str() == format!("redis://{}", w.endpoint)
    };
    let Some(mut watched) = masters.list().iter().filter_map(from_master).find(is_ours) else { return Ok(Ok(None)) };
    details(r, Some(session), &mut watched).await?;
    Ok(Ok(Some(watched)))
}

fn from_master(master: &Reply) -> Option<Watched> {
    let host = master.field("ip")?;
    let endpoint = address::endpoint(&plausible(&host)?.to_ascii_lowercase(), master.field("port")?.parse().ok()?);
    let name: String = master.field("name")?.chars().filter(|c| !c.is_control()).take(100).collect();
    let quorum = master.field("quorum").and_then(|q| q.parse().ok());
    Some(Watched { name, endpoint, run: identifier(master.field("runid").as_deref()), quorum, ..Watched::default() })
}

/// Asks for copies, fellow Sentinels and quorum; `session` is another one than the scope's own.
async fn details(r: &mut Reading<'_>, session: Option<&Session>, watched: &mut Watched) -> Result<(), Cancelled> {
    let name = watched.name.clone();
    if let Some(reply) = asked(r, session, &REPLICAS, &name).await? {
        watched.replicas = Some(reply.list().iter().filter_map(replica).collect());
    }
    if let Some(reply) = asked(r, session, &SENTINELS, &name).await? {
        let up = |s: &&Reply| !s.field("flags").is_some_and(|f| f.contains("down") || f.contains("disconnected"));
        let all = reply.list();
        watched.others = Some((all.len() as f64, all.iter().filter(up).count() as f64));
    }
    watched.agreed = match r.window.wait(session.unwrap_or(r.session).ask(&CHECK_QUORUM, Argument::Name(&name))).await?
    {
        Ok(_) => Some(true),
        Err(refusal) if refusal.said.starts_with("NOQUORUM") => Some(false),
        Err(_) => None,
    };
    Ok(())
}

async fn asked(
    r: &mut Reading<'_>,
    session: Option<&Session>,
    command: &Command,
    name: &str,
) -> Result<Option<Reply>, Cancelled> {
    r.step(command);
    Ok(match r.window.wait(session.unwrap_or(r.session).ask(command, Argument::Name(name))).await? {
        Ok(reply) => Some(reply),
        Err(refusal) => {
            r.refused(command, &refusal);
            None
        }
    })
}

fn replica(reply: &Reply) -> Option<(String, bool)> {
    let host = reply.field("ip")?;
    let place = address::endpoint(&plausible(&host)?.to_ascii_lowercase(), reply.field("port")?.parse().ok()?);
    let flags = reply.field("flags").unwrap_or_default();
    let up = reply.field("master-link-status").as_deref() == Some("ok") && !flags.contains("down");
    Some((place, up))
}

fn say(r: &mut Reading<'_>, store: &SubjectId, watched: &Watched) {
    let mut set =
        |command: &Command, basis, key: &str, value| r.answer.set(store, command.name, basis, key, None, value);
    if let Some((votes, mut healthy)) = watched.votes() {
        // The Sentinel's own count includes what flags do not show yet.
        if watched.agreed == Some(false) {
            healthy = healthy.min((votes / 2.0).floor());
        }
        set(&SENTINELS, Basis::Measured, key::QUORUM_VOTES, Value::Number(votes));
        set(&SENTINELS, Basis::Measured, key::QUORUM_HEALTHY, Value::Number(healthy));
    }
    if let Some(quorum) = watched.quorum {
        set(&MASTERS, Basis::Configured, key::QUORUM_NEEDED, Value::Number(quorum));
    }
    if let Some(automatic) = watched.automatic() {
        set(&MASTERS, Basis::Configured, key::AUTOMATIC_FAILOVER, Value::Bool(automatic));
    }
    let Some(replicas) = &watched.replicas else { return };
    let in_step = replicas.iter().filter(|(_, up)| *up).count();
    set(&REPLICAS, Basis::Measured, key::STANDBY_MEMBERS, Value::Number(in_step as f64));
    for (place, up) in replicas {
        let id = copy(store, place);
        let resource = Resource { engine: Some(r.server.engine.to_owned()), ..Resource::new(Kind::Instance, place) };
        r.measured(&id, &REPLICAS, resource);
        let edge = Edge { relation: copied(up.then_some(true)), to: id.clone(), confidence: Confidence::Observed };
        r.measured(store, &REPLICAS, edge);
        r.answer.set(store, REPLICAS.name, Basis::Measured, key::REPLICATION_RUNNING, Some(place), Value::Bool(*up));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(fields: &[(&str, &str)]) -> Reply {
        let text = |t: &str| Reply::Text(t.as_bytes().to_vec());
        Reply::List(fields.iter().flat_map(|(k, v)| [text(k), text(v)]).collect())
    }

    #[test]
    fn a_primary_is_understood() {
        let run = "0123456789abcdef0123456789abcdef01234567";
        let fields = [("name", "mymaster"), ("ip", "10.0.0.1"), ("port", "6379"), ("runid", run), ("quorum", "2")];
        let mut watched = from_master(&list(&fields)).expect("a primary");
        assert_eq!(
            (watched.endpoint.as_str(), watched.quorum, watched.run.as_deref()),
            ("10.0.0.1:6379", Some(2.0), Some(run))
        );
        assert_eq!((watched.votes(), watched.automatic()), (None, None), "unknown until asked");
        watched.others = Some((2.0, 1.0));
        watched.replicas = Some(vec![("a:1".into(), false)]);
        assert_eq!((watched.votes(), watched.automatic()), (Some((3.0, 2.0)), Some(false)));
        assert_eq!(from_master(&list(&[("name", "x"), ("ip", "a b"), ("port", "1")])), None);
    }

    #[test]
    fn a_replica_counts_while_its_link_is_up() {
        let check = |link: &str, flags: &str, up: bool| {
            let fields = [("ip", "h"), ("port", "1"), ("flags", flags), ("master-link-status", link)];
            assert_eq!(replica(&list(&fields)), Some(("h:1".to_owned(), up)), "{link} {flags}");
        };
        check("ok", "slave", true);
        check("err", "slave", false);
        check("ok", "s_down,slave,disconnected", false);
    }
}
