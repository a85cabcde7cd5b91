//! Scope `keys`: a capped sample of key names, kept as patterns: what the store holds, and which keys are big.

use super::commands::{Argument, LENGTH, MEMORY_USAGE, NO_TOUCH, SCAN, SELECT, TYPE};
use super::identity::Mode;
use super::info::Info;
use super::reading::Reading;
use super::refusal::Refusal;
use super::session::ROUND;
use super::wire::Reply;
use super::{pattern, roles};
use crate::Cancelled;
use loadline_model::{Basis, GapReason, Value, key, key::metric};
use std::collections::BTreeMap;

/// Most keys that are looked at.
pub(super) const SAMPLE: usize = 1_000;
/// Most databases that are looked into.
const DATABASES: usize = 16;
/// Most rounds of SCAN in one database: a table that was emptied has many slots and few keys.
const ROUNDS: usize = 50;
/// The one list of Celery's default queue.
const CELERY: &[u8] = b"celery";
/// From this size on a key is named, in bytes.
const BIG: f64 = 1_048_576.0;

/// What the sample showed of the keys with one pattern.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    keys: usize,
    kinds: BTreeMap<String, usize>,
    largest: f64,
    /// Jobs in its lists.
    waiting: Option<f64>,
}

type Patterns = BTreeMap<String, Seen>;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(info) = r.info().await? else { return Ok(()) };
    let only = r.session.address().database;
    let mut databases = info.databases();
    databases.retain(|(n, keys, _)| *keys > 0.0 && only.is_none_or(|only| only == *n));
    databases.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    databases.truncate(DATABASES);
    if databases.is_empty() {
        return Ok(());
    }
    if r.server.version >= NO_TOUCH.since {
        r.ask(&NO_TOUCH, Argument::None).await?;
    }
    let mut seen = Patterns::new();
    let share = (SAMPLE / databases.len()).max(1);
    for (number, _, _) in &databases {
        if r.server.mode != Mode::Cluster && r.ask(&SELECT, Argument::Number(*number)).await?.is_none() {
            continue;
        }
        let mut names = names(r, share).await?;
        if names.is_empty() {
            break;
        }
        // One key among millions, which a sample would miss.
        if r.server.mode != Mode::Cluster && !names.iter().any(|n| n == CELERY) {
            names.push(CELERY.to_vec());
        }
        if !look(r, &names, &mut seen).await? {
            break;
        }
    }
    say(r, &info, &seen);
    Ok(())
}

async fn names(r: &mut Reading<'_>, most: usize) -> Result<Vec<Vec<u8>>, Cancelled> {
    let (mut names, mut cursor) = (Vec::new(), 0);
    for _ in 0..ROUNDS {
        let Some(reply) = r.ask(&SCAN, Argument::Number(cursor)).await? else { break };
        let [next, found] = reply.list() else { break };
        names.extend(
            found.list().iter().filter_map(|n| if let Reply::Text(name) = n { Some(name.clone()) } else { None }),
        );
        cursor = next.text().and_then(|c| c.parse().ok()).unwrap_or(0);
        if cursor == 0 || names.len() >= most {
            break;
        }
    }
    names.truncate(most);
    Ok(names)
}

/// Type and size of each key; false when the server refused, so that other databases need not be tried.
async fn look(r: &mut Reading<'_>, names: &[Vec<u8>], seen: &mut Patterns) -> Result<bool, Cancelled> {
    let sized = r.server.version >= MEMORY_USAGE.since;
    let mut refused: Option<(&'static super::commands::Command, Refusal)> = None;
    for some in names.chunks(ROUND) {
        let keys: Vec<Argument<'_>> = some.iter().map(|n| Argument::Key(n)).collect();
        r.step(&TYPE);
        let kinds = r.window.wait(r.session.ask_each(&TYPE, &keys)).await?;
        let sizes = if sized { r.window.wait(r.session.ask_each(&MEMORY_USAGE, &keys)).await? } else { Vec::new() };
        for (at, name) in some.iter().enumerate() {
            let kind = kinds.get(at).map(|k| k.as_ref().map(|reply| reply.text().unwrap_or_default()));
            // Expired since it was listed, or never there.
            if kind.as_ref().is_some_and(|k| k.as_ref().is_ok_and(|k| k == "none")) {
                continue;
            }
            let found = seen.entry(pattern::of(name)).or_default();
            found.keys += 1;
            match kind {
                Some(Ok(kind)) if kind.len() <= 16 => *found.kinds.entry(kind).or_default() += 1,
                Some(Err(refusal)) => refused = refused.or_else(|| Some((&TYPE, refusal.clone()))),
                Some(Ok(_)) | None => {}
            }
            match sizes.get(at) {
                Some(Ok(reply)) => found.largest = found.largest.max(reply.number().unwrap_or(0.0)),
                Some(Err(refusal)) => refused = refused.or_else(|| Some((&MEMORY_USAGE, refusal.clone()))),
                None => {}
            }
        }
        if refused.is_some() {
            break;
        }
        let is_list =
            |at: usize| kinds.get(at).is_some_and(|k| k.as_ref().is_ok_and(|k| k.text().as_deref() == Some("list")));
        let queues = some.iter().enumerate().filter(|(at, name)| is_list(*at) && roles::is_queue(&pattern::of(name)));
        let queues: Vec<&Vec<u8>> = queues.map(|(_, name)| name).collect();
        // Before 7.2 it would count as a use of the key, and move it in the order of eviction.
        if queues.is_empty() || r.server.version < LENGTH.since {
            continue;
        }
        let lists: Vec<Argument<'_>> = queues.iter().map(|n| Argument::Key(n)).collect();
        let lengths = r.window.wait(r.session.ask_each(&LENGTH, &lists)).await?;
        for (name, length) in queues.iter().zip(lengths) {
            match length {
                Ok(reply) => {
                    let found = seen.entry(pattern::of(name)).or_default();
                    found.waiting = reply.number().map(|n| n + found.waiting.unwrap_or(0.0)).or(found.waiting);
                }
                // Types and sizes are known all the same.
                Err(refusal) => {
                    r.refused(&LENGTH, &refusal);
                    break;
                }
            }
        }
    }
    if let Some((command, refusal)) = &refused {
        r.refused(command, refusal);
    }
    Ok(refused.is_none())
}

fn say(r: &mut Reading<'_>, info: &Info, seen: &Patterns) {
    let sampled: usize = seen.values().map(|s| s.keys).sum();
    if sampled == 0 {
        return;
    }
    let only = r.session.address().database;
    let all: f64 = info.databases().iter().filter(|(n, ..)| only.is_none_or(|only| only == *n)).map(|d| d.1).sum();
    r.number(&SCAN, key::CACHE_KEYS, Some(all));
    r.number(&SCAN, key::CACHE_KEYS_SAMPLED, Some(sampled as f64));
    if r.server.version < MEMORY_USAGE.since {
        let detail = format!("Sizes of keys are not known to Redis {}.", r.server.version_text);
        r.answer.miss(GapReason::UnsupportedVersion, detail, "Upgrade Redis to 4.0 or newer.");
    }
    for (pattern, found) in seen.iter().filter(|(_, s)| s.largest >= BIG) {
        let size = Value::Number(found.largest);
        r.set(&MEMORY_USAGE, Basis::Measured, key::CACHE_BIG_KEY_BYTES, Some(pattern), size);
    }
    for (pattern, found) in seen {
        r.now(&LENGTH, metric::QUEUE_DEPTH, "jobs", Some(("queue", pattern)), found.waiting);
    }
    let found = roles::of(seen.iter().map(|(pattern, s)| (pattern.as_str(), &s.kinds)));
    let mut tell = |role: &str, item: Option<&str>| {
        r.set(&SCAN, Basis::Inferred, key::STORE_ROLE, item, Value::Text(role.to_owned()));
    };
    match found.first() {
        Some((first, _)) => {
            // Without item: what asks for most care. Rules that know one role only must not see the milder one.
            tell(first, None);
            if found.len() > 1 {
                for (role, patterns) in &found {
                    patterns.iter().for_each(|pattern| tell(role, Some(pattern)));
                }
            }
        }
        // Somebody chose that any key may go.
        None if info.text("maxmemory_policy").is_some_and(|p| p.starts_with("allkeys")) => tell("cache", None),
        None => {}
    }
}
