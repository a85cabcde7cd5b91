//! Copies of the data: members of the replica set with their votes, their distance and the length of the operation log.

use super::commands::{CONFIGURATION, HELLO, LOG_FIRST, LOG_LAST, LOG_SIZE, STATUS, Target};
use super::documents::Fields;
use super::reading::Reading;
use crate::Cancelled;
use ::mongodb::bson::Document;
use loadline_model::{Basis, Confidence, GapReason, Kind, Relation, Resource, Timestamp, Value, key, key::metric};

/// A member as configuration and status show it together.
#[derive(Clone, Debug, Default, PartialEq)]
struct Member {
    host: String,
    /// Missing where the configuration was not read.
    votes: Option<f64>,
    priority: Option<f64>,
    arbiter: bool,
    hidden: bool,
    /// Seconds it stays behind on purpose.
    delay: f64,
    /// `PRIMARY`, `SECONDARY`, `ARBITER`, …; missing where the status was not read.
    state: Option<String>,
    position: Option<Timestamp>,
}

impl Member {
    fn is(&self, state: &str) -> bool {
        self.state.as_deref() == Some(state)
    }

    /// In a state in which it votes and, but for an arbiter, holds what was written (MongoDB manual, "Replica Set
    /// Member States").
    fn is_healthy(&self) -> bool {
        ["PRIMARY", "SECONDARY", "ARBITER"].iter().any(|s| self.is(s))
    }

    /// It can take over now.
    fn is_standby(&self) -> bool {
        self.is("SECONDARY") && self.is_electable()
    }

    fn is_electable(&self) -> bool {
        !self.arbiter && self.priority.is_none_or(|p| p > 0.0)
    }
}

/// What the rest of the scope needs of the members.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Voters {
    pub votes: f64,
    pub arbiters: f64,
    /// Voters that hold data and never become primary.
    pub followers: f64,
}

impl Voters {
    /// How many must be up of those that can be primary or only vote: the majority, less the followers' votes.
    pub(super) fn required(self) -> u32 {
        ((self.votes / 2.0).floor() + 1.0 - self.followers).max(1.0) as u32
    }
}

/// Says the members; who votes among them, when the configuration shows it.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<Option<Voters>, Cancelled> {
    if r.cluster.sharded {
        sharded(r);
        return Ok(None);
    }
    if r.cluster.set.is_none() {
        r.set(&HELLO, key::STANDBY_MEMBERS, None, Value::Number(0.0));
        // A provider's copies do not show in the engine.
        r.flag(&HELLO, key::AUTOMATIC_FAILOVER, (r.cluster.engine() == "mongodb").then_some(false));
        return Ok(None);
    }
    let nothing = Target::default();
    let configuration = match r.try_ask(&CONFIGURATION, &nothing).await? {
        Ok(configuration) => Some(configuration),
        Err(refusal) => {
            r.refused(&CONFIGURATION, &nothing, &refusal, &[]);
            None
        }
    };
    let status = match r.try_ask(&STATUS, &nothing).await? {
        Ok(status) => Some(status),
        Err(refusal) => {
            r.refused(&STATUS, &nothing, &refusal, &[Kind::Instance]);
            None
        }
    };
    let members = joined(configuration.as_ref(), status.as_ref());
    if status.is_some() {
        judged(r, &members);
        lag(r, &members);
    }
    for member in &members {
        exists(r, member, &members);
    }
    if status.is_some() || configuration.is_some() {
        r.answer.listed(Kind::Instance);
    }
    quorum(r, &members, status.as_ref());
    log_window(r).await?;
    let voting = |m: &&Member| m.votes.is_some_and(|v| v > 0.0);
    let voters = Voters {
        votes: members.iter().filter_map(|m| m.votes).sum(),
        arbiters: members.iter().filter(voting).filter(|m| m.arbiter).count() as f64,
        followers: members.iter().filter(voting).filter(|m| !m.arbiter && !m.is_electable()).count() as f64,
    };
    Ok(configuration.map(|_| voters))
}

fn sharded(r: &mut Reading<'_>) {
    let detail = "This is the router of a sharded cluster: members, logs and load of its shards do not show here.";
    let closes = "Connect each shard's replica set as an account of its own, or the Atlas project that runs it.";
    let subject = r.cluster.subject();
    r.answer.miss_of(GapReason::NotConnected, detail, closes, &[Kind::Instance], Some(&subject));
}

/// Members by name, from whichever of the two answered.
fn joined(configuration: Option<&Document>, status: Option<&Document>) -> Vec<Member> {
    let mut members: Vec<Member> = Vec::new();
    for row in configuration.map(|c| c.parts("config/members")).unwrap_or_default() {
        let Some(host) = row.text("host") else { continue };
        members.push(Member {
            host: host.to_ascii_lowercase(),
            votes: row.number("votes").or(Some(1.0)),
            priority: row.number("priority").or(Some(1.0)),
            arbiter: row.flag("arbiterOnly").unwrap_or(false),
            hidden: row.flag("hidden").unwrap_or(false),
            // `slaveDelay` before 5.0.
            delay: row.number("secondaryDelaySecs").or_else(|| row.number("slaveDelay")).unwrap_or(0.0),
            ..Member::default()
        });
    }
    for row in status.map(|s| s.parts("members")).unwrap_or_default() {
        let Some(host) = row.text("name").map(str::to_ascii_lowercase) else { continue };
        let down = row.number("health") == Some(0.0);
        let state = if down { Some("DOWN") } else { row.text("stateStr") }.map(str::to_owned);
        let position = row.time("optimeDate").filter(|at| at.0 > 0);
        match members.iter_mut().find(|m| m.host == host) {
            Some(member) => (member.state, member.position) = (state, position),
            None => {
                let arbiter = state.as_deref() == Some("ARBITER");
                members.push(Member { host, arbiter, state, position, ..Member::default() });
            }
        }
    }
    members.sort_by(|a, b| a.host.cmp(&b.host));
    members
}

fn judged(r: &mut Reading<'_>, members: &[Member]) {
    let standbys = members.iter().filter(|m| m.is_standby()).count();
    r.set(&STATUS, key::STANDBY_MEMBERS, None, Value::Number(standbys as f64));
}

fn exists(r: &mut Reading<'_>, member: &Member, all: &[Member]) {
    let (deployment, subject) = (r.cluster.subject(), r.cluster.member(&member.host));
    let how = match (member.arbiter, member.hidden, member.delay > 0.0) {
        (true, ..) => " (arbiter)",
        (_, _, true) => " (delayed)",
        (_, true, _) => " (hidden)",
        _ => "",
    };
    let resource =
        Resource { engine: Some("mongodb".into()), ..Resource::new(Kind::Instance, format!("{}{how}", member.host)) };
    r.answer.say(&subject, STATUS.name, Basis::Configured, resource);
    if member.votes.is_some_and(|v| v > 0.0) {
        r.edge(&subject, &CONFIGURATION, Relation::MemberOf, &deployment, Confidence::Declared);
    }
    let primary = all.iter().find(|m| m.is("PRIMARY")).map(|m| r.cluster.member(&m.host));
    let Some(primary) = primary.filter(|p| *p != subject && !member.arbiter) else { return };
    let relation = Relation::ReplicatedTo { synchronous: None, automatic: Some(member.is_electable()) };
    r.edge(&primary, &STATUS, relation, &subject, Confidence::Observed);
}

/// Seconds behind the primary, without what a member stays behind on purpose.
fn lag(r: &mut Reading<'_>, members: &[Member]) {
    let Some(head) = members.iter().find(|m| m.is("PRIMARY")).and_then(|m| m.position) else { return };
    for member in members.iter().filter(|m| m.is("SECONDARY")) {
        let Some(at) = member.position else { continue };
        let behind = ((head.0 - at.0) as f64 / 1000.0 - member.delay).max(0.0);
        r.set(&STATUS, key::REPLICA_LAG_SECONDS, Some(&member.host), Value::Number(behind));
        r.now(&STATUS, metric::REPLICA_LAG, "s", Some(("standby", &member.host)), Some(behind));
    }
}

fn quorum(r: &mut Reading<'_>, members: &[Member], status: Option<&Document>) {
    let configured: Vec<f64> = members.iter().filter_map(|m| m.votes).collect();
    let votes = match configured.is_empty() {
        false => Some(configured.iter().sum()),
        true => status.and_then(|s| s.number("votingMembersCount")),
    };
    r.number(if configured.is_empty() { &STATUS } else { &CONFIGURATION }, key::QUORUM_VOTES, votes);
    if status.is_none() {
        return;
    }
    // Without the configuration every member is taken to vote, as every one does unless told otherwise.
    let vote = |m: &Member| m.votes.unwrap_or(if configured.is_empty() { 1.0 } else { 0.0 });
    let healthy: f64 = members.iter().filter(|m| m.is_healthy()).map(vote).sum();
    r.set(&STATUS, key::QUORUM_HEALTHY, None, Value::Number(healthy));
}

/// Hours between the ends of the operation log. A log that is not full yet is shorter than it will be.
async fn log_window(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let nothing = Target::default();
    let Some(first) = r.ask(&LOG_FIRST, &nothing).await? else { return Ok(()) };
    let Some(last) = r.ask(&LOG_LAST, &nothing).await? else { return Ok(()) };
    let end = |d: &Document| d.batch().first().and_then(|row| row.time("ts"));
    let (Some(from), Some(to)) = (end(&first), end(&last)) else { return Ok(()) };
    let hours = to.hours_since(from);
    let filled = match r.try_ask(&LOG_SIZE, &nothing).await? {
        Ok(size) => size.number("size").zip(size.number("maxSize")).map(|(now, most)| now / most),
        Err(_) => None,
    };
    let subject = r.cluster.subject();
    match window(hours, filled) {
        Window::Measured(hours) => r.number(&LOG_LAST, key::OPLOG_WINDOW_HOURS, Some(hours)),
        Window::Growing(hours) => {
            let value = Value::Number(hours);
            r.answer.set(&subject, LOG_SIZE.name, Basis::Inferred, key::OPLOG_WINDOW_HOURS, None, value);
        }
        Window::Unknown => {
            let detail = format!("The operation log covers {hours:.1} hours, and whether it is full is not known.");
            let closes = format!("{} Or collect again in a day.", r.grant(LOG_SIZE.need, "local"));
            r.answer.miss_of(GapReason::ShortWindow, detail, closes, &[], Some(&subject));
        }
    }
    Ok(())
}

#[derive(Debug, PartialEq)]
enum Window {
    /// The log is full, or long enough as it is.
    Measured(f64),
    /// It is not full; at the rate so far it will cover these hours.
    Growing(f64),
    Unknown,
}

fn window(hours: f64, filled: Option<f64>) -> Window {
    /// DB-018 asks for a day.
    const ENOUGH: f64 = 24.0;
    match filled {
        _ if hours >= ENOUGH => Window::Measured(hours),
        Some(share) if share >= 0.9 => Window::Measured(hours),
        Some(share) if share > 0.0 && hours > 0.0 => Window::Growing(hours / share),
        _ => Window::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn followers_vote_but_never_lead() {
        let required = |votes, followers| Voters { votes, arbiters: 0.0, followers }.required();
        assert_eq!((required(3.0, 0.0), required(3.0, 1.0), required(5.0, 0.0), required(1.0, 0.0)), (2, 1, 3, 1));
    }

    #[test]
    fn a_log_that_is_not_full_will_grow() {
        assert_eq!(window(30.0, None), Window::Measured(30.0));
        assert_eq!(window(5.0, Some(0.95)), Window::Measured(5.0));
        assert_eq!(window(5.0, Some(0.25)), Window::Growing(20.0));
        assert_eq!(window(5.0, None), Window::Unknown);
        assert_eq!(window(0.0, Some(0.5)), Window::Unknown);
    }
}
