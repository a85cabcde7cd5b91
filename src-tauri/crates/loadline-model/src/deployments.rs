//! One history of deployments from all who tell of them. A pipeline's host, the platform that rolls out, an imported file and
//! a script may each tell of the same deployment under ids of their own; whoever counts or lists deployments asks here.

use crate::{ActorKind, Deployment, DeploymentStatus, FactIndex, Provenance, RECORDED, SubjectId, Timestamp};
use std::collections::BTreeMap;

/// Two tellings of one revision are of one deployment when no more than this lies between the end of one and the start of
/// the other: hosts note the request and the end of the job, platforms the rollout in between.
const NEAR_MS: i64 = 15 * 60_000;
/// The same where revisions cannot be compared (a commit and a task definition): they must practically overlap.
const TOUCHING_MS: i64 = 2 * 60_000;
/// Shortest part of a commit's hash that stands for the whole (git's own default).
const SHORT_HASH: usize = 7;

/// A deployment as all who told of it know it.
#[derive(Clone, Debug, PartialEq)]
pub struct Shipped<'a> {
    /// The richest telling; what it does not know is filled in from the others. It runs from the earliest start to the end of
    /// the worst outcome.
    pub deployment: Deployment,
    /// Where the richest telling comes from.
    pub provenance: &'a Provenance,
    /// Ids of all tellings, the richest first.
    pub ids: Vec<String>,
    /// Revisions of all tellings, in the same order.
    pub revisions: Vec<String>,
    /// Somebody said how it ended: it failed, its end was seen, or its outcome was recorded. A release says only that something
    /// was shipped, and is neither success nor failure.
    pub outcome_told: bool,
}

impl Shipped<'_> {
    /// It is known to have brought what it should.
    pub fn succeeded(&self) -> bool {
        self.outcome_told && self.deployment.status == DeploymentStatus::Succeeded
    }
    /// It shipped this revision, by the name that any of its tellings gives it.
    pub fn has_revision(&self, named: &str) -> bool {
        self.revisions.iter().any(|own| same_revision(own, named) == Some(true))
    }
    /// This is its id, or the number at the end of its id by which its host calls it.
    pub fn has_id(&self, named: &str) -> bool {
        let named = named.trim();
        let is = |id: &String| id == named || id.rsplit('/').next() == Some(named);
        !named.is_empty() && self.ids.iter().any(is)
    }
}

type Told<'a> = (&'a Deployment, &'a Provenance);

/// The deployments of a thing by start, then id, each once, however many sources tell of it.
///
/// The rule, in words: of one source (a call of an account) each id is one deployment, believed as it was read last; so is an id
/// that several accounts tell of, but what a script and a file recorded under one id are two tellings. Tellings of different
/// sources are one deployment when they are of the same environment and either of the same revision with at most 15 minutes
/// between them, or of revisions that cannot be compared with at most 2 minutes between them. Two different commits are never
/// one, and no deployment takes two tellings of the same source: the nearest pair joins first.
pub fn deployments_of<'a>(index: &FactIndex<'a>, id: &SubjectId) -> Vec<Shipped<'a>> {
    merged(index.facts::<Deployment>(id))
}

/// The same of every thing, in id order.
pub fn deployments_by_subject<'a>(index: &FactIndex<'a>) -> BTreeMap<SubjectId, Vec<Shipped<'a>>> {
    let mut by_subject: BTreeMap<SubjectId, Vec<Told<'a>>> = BTreeMap::new();
    for (id, deployment, provenance) in index.all::<Deployment>() {
        by_subject.entry(id.clone()).or_default().push((deployment, provenance));
    }
    by_subject.into_iter().map(|(id, told)| (id, merged(told.into_iter()))).collect()
}

fn merged<'a>(told: impl Iterator<Item = Told<'a>>) -> Vec<Shipped<'a>> {
    let mut newest: BTreeMap<(&str, &str), Told<'a>> = BTreeMap::new();
    for (deployment, from) in told {
        // Recorded ids are made of what was told, so that a script and a file may come to the same one.
        let teller = if from.account.as_str() == RECORDED { from.call.as_str() } else { "" };
        let key = (deployment.id.as_str(), teller);
        let newer = newest.get(&key).is_none_or(|(_, p)| (p.read_at, *p) < (from.read_at, from));
        if newer {
            newest.insert(key, (deployment, from));
        }
    }
    let mut told: Vec<Told<'a>> = newest.into_values().collect();
    told.sort_by(|a, b| (a.0.started_at, &a.0.id).cmp(&(b.0.started_at, &b.0.id)));
    let mut shipped: Vec<Shipped<'a>> = groups(&told).into_iter().filter_map(|g| one_of(&told, &g)).collect();
    shipped
        .sort_by(|a, b| (a.deployment.started_at, &a.deployment.id).cmp(&(b.deployment.started_at, &b.deployment.id)));
    shipped
}

/// Which tellings belong together; each is in one group.
fn groups(told: &[Told<'_>]) -> Vec<Vec<usize>> {
    let reach = |d: &Deployment| d.finished_at.map_or(d.started_at.0, |end| end.0.max(d.started_at.0)) + NEAR_MS;
    let mut pairs: Vec<(i64, i64, usize, usize)> = Vec::new();
    for (a, (first, _)) in told.iter().enumerate() {
        let within = told.iter().enumerate().skip(a + 1).take_while(|(_, (d, _))| d.started_at.0 <= reach(first));
        for (b, _) in within {
            let apart = told.get(b).and_then(|second| apart((first, told[a].1), *second));
            if let Some(apart) = apart {
                pairs.push((apart, told[b].0.started_at.0 - first.started_at.0, a, b));
            }
        }
    }
    pairs.sort_unstable();
    let mut group_of: Vec<usize> = (0..told.len()).collect();
    let mut members: BTreeMap<usize, Vec<usize>> = (0..told.len()).map(|at| (at, vec![at])).collect();
    for (_, _, a, b) in pairs {
        let (keep, lose) = (group_of[a].min(group_of[b]), group_of[a].max(group_of[b]));
        if keep == lose || !all_agree(told, &members[&keep], &members[&lose]) {
            continue;
        }
        let moved = members.remove(&lose).unwrap_or_default();
        for at in &moved {
            group_of[*at] = keep;
        }
        members.entry(keep).or_default().extend(moved);
    }
    members.into_values().collect()
}

/// No two of them are of one source, and none is of another commit than another.
fn all_agree(told: &[Told<'_>], left: &[usize], right: &[usize]) -> bool {
    left.iter().all(|a| {
        right.iter().all(|b| {
            let (a, b) = (told[*a], told[*b]);
            source(a) != source(b) && same_revision(&a.0.revision, &b.0.revision) != Some(false)
        })
    })
}

fn source<'a>(told: Told<'a>) -> (&'a str, &'a str) {
    (told.1.account.as_str(), &told.1.call)
}

/// Milliseconds between two tellings that may be of one deployment, 0 when they overlap; `None` when they cannot be.
fn apart(a: Told<'_>, b: Told<'_>) -> Option<i64> {
    if source(a) == source(b) || environment_name(&a.0.environment) != environment_name(&b.0.environment) {
        return None;
    }
    let most = match same_revision(&a.0.revision, &b.0.revision) {
        Some(true) => NEAR_MS,
        Some(false) => return None,
        None => TOUCHING_MS,
    };
    let end = |d: &Deployment| d.finished_at.map_or(d.started_at.0, |end| end.0.max(d.started_at.0));
    let apart = (b.0.started_at.0 - end(a.0)).max(a.0.started_at.0 - end(b.0)).max(0);
    (apart <= most).then_some(apart)
}

/// An environment by one name, also where people call that of their users `prod`, `prd` or `live`.
pub fn environment_name(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    if ["prod", "prd", "live"].contains(&name.as_str()) { "production".to_owned() } else { name }
}

/// The same revision, another one, or `None` where the two are named in ways that cannot be compared. A commit may be shortened.
pub fn same_revision(a: &str, b: &str) -> Option<bool> {
    let (a, b) = (a.trim(), b.trim());
    if a.eq_ignore_ascii_case(b) && !a.is_empty() {
        return Some(true);
    }
    let is_hash =
        |text: &str| text.len() >= SHORT_HASH && text.len() <= 64 && text.bytes().all(|c| c.is_ascii_hexdigit());
    if !is_hash(a) || !is_hash(b) {
        return None;
    }
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    Some(long.get(..short.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(short)))
}

/// How much a telling knows.
fn richness(d: &Deployment) -> u32 {
    [
        d.status != DeploymentStatus::InProgress,
        d.finished_at.is_some(),
        d.actor_kind != ActorKind::Unknown,
        d.actor.is_some(),
        d.strategy.is_some(),
    ]
    .into_iter()
    .map(u32::from)
    .sum()
}

fn one_of<'a>(told: &[Told<'a>], group: &[usize]) -> Option<Shipped<'a>> {
    let mut all: Vec<Told<'a>> = group.iter().filter_map(|at| told.get(*at)).copied().collect();
    all.sort_by(|a, b| richness(b.0).cmp(&richness(a.0)).then_with(|| a.0.id.cmp(&b.0.id)));
    let (first, provenance) = *all.first()?;
    let mut deployment = first.clone();
    for (other, _) in all.iter().skip(1) {
        deployment.started_at = deployment.started_at.min(other.started_at);
        deployment.strategy = deployment.strategy.take().or_else(|| other.strategy.clone());
        deployment.status = worse(deployment.status, other.status);
    }
    deployment.finished_at = end_of(&all, deployment.status);
    (deployment.actor_kind, deployment.actor) = actor_of(&all);
    let mut ids: Vec<String> = Vec::new();
    for (told, _) in all.iter().filter(|(told, _)| told.id != first.id) {
        if !ids.contains(&told.id) {
            ids.push(told.id.clone());
        }
    }
    ids.insert(0, first.id.clone());
    Some(Shipped {
        deployment,
        provenance,
        ids,
        revisions: all.iter().map(|(d, _)| d.revision.clone()).collect(),
        outcome_told: all.iter().any(|told| tells_outcome(*told)),
    })
}

/// Who began it, as one telling says: the kind of one beside the name of another would be nobody. What knows both says most.
fn actor_of(all: &[Told<'_>]) -> (ActorKind, Option<String>) {
    let knows = |d: &Deployment| (d.actor_kind != ActorKind::Unknown, d.actor.is_some());
    let mut best = all.first().map(|(d, _)| *d);
    for (d, _) in all {
        if best.is_some_and(|b| knows(b) < knows(d)) {
            best = Some(*d);
        }
    }
    best.map_or((ActorKind::Unknown, None), |d| (d.actor_kind, d.actor.clone()))
}

/// The end that goes with the outcome: a job may end well long before the rollout that it began fails. Of several the latest.
fn end_of(all: &[Told<'_>], outcome: DeploymentStatus) -> Option<Timestamp> {
    all.iter().filter(|(d, _)| d.status == outcome).filter_map(|(d, _)| d.finished_at).max()
}

/// A success without an end says no more than that something began, unless whoever recorded it said so.
fn tells_outcome((deployment, from): Told<'_>) -> bool {
    deployment.has_failed()
        || (deployment.status == DeploymentStatus::Succeeded
            && (deployment.finished_at.is_some() || from.account.as_str() == RECORDED))
}

/// Of two outcomes the worse; one that is not known yet yields to any.
fn worse(a: DeploymentStatus, b: DeploymentStatus) -> DeploymentStatus {
    let badness = |s: DeploymentStatus| match s {
        DeploymentStatus::InProgress => 0,
        DeploymentStatus::Succeeded => 1,
        DeploymentStatus::Failed => 2,
        DeploymentStatus::RolledBack => 3,
    };
    if badness(b) > badness(a) { b } else { a }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccountId, Basis, Fact, Snapshot, Timestamp};

    const SHA: &str = "a84d88e7554fc1fa21bcbc4efae3c782a70d2b9d";
    const OTHER: &str = "99d03678b90d914dbb1b109132516d71a4a03ea8";

    /// `source id revision from-to outcome`, minutes; an end of `-` is open.
    fn told(line: &str) -> Fact {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (from, to) = words[3].split_once('-').expect("a span");
        let minute = |text: &str| text.parse().map(|m: i64| Timestamp(m * 60_000)).ok();
        let status = match words[4] {
            "ok" => DeploymentStatus::Succeeded,
            "failed" => DeploymentStatus::Failed,
            "back" => DeploymentStatus::RolledBack,
            _ => DeploymentStatus::InProgress,
        };
        let by_pipeline = words[0] == "github";
        let deployment = Deployment {
            id: words[1].into(),
            environment: words.get(5).copied().unwrap_or("production").into(),
            revision: words[2].into(),
            started_at: minute(from).expect("a start"),
            finished_at: minute(to),
            status,
            actor_kind: if by_pipeline { ActorKind::Pipeline } else { ActorKind::Unknown },
            actor: by_pipeline.then(|| "github-actions".into()),
            strategy: (words[0] == "ecs").then(|| "rolling".into()),
        };
        let account = AccountId::new(if words[0] == "cli" || words[0] == "csv" { "recorded" } else { words[0] });
        let provenance = Provenance { account, call: words[0].into(), read_at: Timestamp(0), basis: Basis::Measured };
        Fact { subject: "api".into(), body: deployment.into(), provenance }
    }

    fn check(lines: &[&str], expected: &[&str]) {
        let mut facts: Vec<Fact> = lines.iter().map(|l| told(l)).collect();
        for _ in 0..facts.len() {
            facts.rotate_left(1);
            let snapshot = Snapshot { facts: facts.clone(), ..Snapshot::default() };
            let index = FactIndex::new(&snapshot);
            let found: Vec<String> = deployments_of(&index, &"api".into()).iter().map(|s| s.ids.join("+")).collect();
            assert_eq!(found, expected, "{lines:?}");
            assert_eq!(deployments_by_subject(&index)[&"api".into()].len(), expected.len());
        }
    }

    #[test]
    fn four_routes_are_one_history_without_doubles() {
        let github = format!("github g1 {SHA} 0-9 ok");
        let csv = format!("csv v1 {} 1-9 ok prod", &SHA[..7]);
        let cli = format!("cli c1 {} 10-11 ok Production", &SHA[..12]);
        check(&[&github, "ecs e1 api:8 3-8 ok", &csv, &cli], &["g1+e1+c1+v1"]);
        let later = format!("github g2 {OTHER} 60-70 ok");
        check(&[&github, "ecs e1 api:8 3-8 ok", &later, "ecs e2 api:9 64-69 ok"], &["g1+e1", "g2+e2"]);
    }

    #[test]
    fn what_differs_stays_apart() {
        let one = format!("github g1 {SHA} 0-9 ok");
        check(&[&one, &format!("csv v1 {OTHER} 0-9 ok")], &["g1", "v1"]);
        check(&[&one, &format!("csv v1 {SHA} 0-9 ok staging")], &["g1", "v1"]);
        check(&[&one, &format!("csv v1 {SHA} 25-26 ok")], &["g1", "v1"]);
        check(&[&one, "ecs e1 api:8 12-14 ok"], &["g1", "e1"]);
        check(&[&one, &format!("github g2 {SHA} 5-12 ok")], &["g1", "g2"]);
        check(&[&one, &format!("csv v1 {} 0-9 ok", &SHA[..6])], &["g1+v1"]);
        // A platform's telling cannot tie two different commits together.
        check(&[&one, &format!("csv v1 {OTHER} 2-9 ok"), "ecs e1 api:8 3-8 ok"], &["g1", "e1+v1"]);
    }

    #[test]
    fn a_repeated_deployment_is_paired_with_its_own_repetition() {
        let (first, again) = (format!("github g1 {SHA} 0-5 failed"), format!("github g2 {SHA} 12-20 ok"));
        check(&[&first, &again, &format!("csv v1 {SHA} 13-19 ok")], &["g1", "g2+v1"]);
    }

    #[test]
    fn the_richest_is_filled_up_and_the_worst_outcome_counts() {
        let facts = [
            told(&format!("github g1 {SHA} 0-9 ok")),
            told("ecs e1 api:8 3-8 failed"),
            told(&format!("csv v1 {SHA} 0-- open")),
        ];
        let snapshot = Snapshot { facts: facts.to_vec(), ..Snapshot::default() };
        let all = deployments_of(&FactIndex::new(&snapshot), &"api".into());
        let one = &all[0].deployment;
        assert_eq!((all.len(), one.id.as_str(), one.status), (1, "g1", DeploymentStatus::Failed));
        assert_eq!((one.actor_kind, one.strategy.as_deref()), (ActorKind::Pipeline, Some("rolling")));
    }

    #[test]
    fn kind_and_name_of_the_actor_come_from_one_telling() {
        let who = |told: &mut Fact, kind, name: Option<&str>| {
            if let crate::Body::Deployment(d) = &mut told.body {
                (d.actor_kind, d.actor) = (kind, name.map(str::to_owned));
            }
        };
        let check = |file: (ActorKind, Option<&str>), script: (ActorKind, Option<&str>), expected| {
            let mut facts = vec![told(&format!("csv v1 {SHA} 0-9 ok")), told(&format!("cli c1 {SHA} 0-- ok"))];
            who(&mut facts[0], file.0, file.1);
            who(&mut facts[1], script.0, script.1);
            let snapshot = Snapshot { facts, ..Snapshot::default() };
            let all = deployments_of(&FactIndex::new(&snapshot), &"api".into());
            let one = &all[0].deployment;
            assert_eq!((all.len(), (one.actor_kind, one.actor.as_deref())), (1, expected));
        };
        use ActorKind::{Person, Pipeline, Unknown};
        check((Pipeline, None), (Person, Some("Ana")), (Person, Some("Ana")));
        check((Pipeline, None), (Unknown, Some("Ana")), (Pipeline, None));
        check((Unknown, None), (Unknown, Some("Ana")), (Unknown, Some("Ana")));
        check((Pipeline, Some("ci")), (Person, Some("Ana")), (Pipeline, Some("ci")));
    }

    #[test]
    fn of_one_id_that_a_file_and_a_script_tell_the_worse_outcome_counts() {
        let facts = vec![told(&format!("cli x {SHA} 0-9 failed")), told(&format!("csv x {SHA} 0-9 ok"))];
        let snapshot = Snapshot { facts, ..Snapshot::default() };
        let all = deployments_of(&FactIndex::new(&snapshot), &"api".into());
        let said: Vec<_> = all.iter().map(|s| (s.ids.join("+"), s.deployment.status)).collect();
        assert_eq!(said, [("x".to_owned(), DeploymentStatus::Failed)]);
    }

    /// One deployment of these tellings.
    fn one(lines: &[&str], by: impl Fn(&Shipped<'_>)) {
        let snapshot = Snapshot { facts: lines.iter().map(|l| told(l)).collect(), ..Snapshot::default() };
        let all = deployments_of(&FactIndex::new(&snapshot), &"api".into());
        assert_eq!(all.len(), 1, "{lines:?}");
        by(&all[0]);
    }

    #[test]
    fn it_runs_from_the_first_start_to_the_end_of_the_worst_outcome() {
        let check = |lines: &[&str], expected: (i64, Option<i64>)| {
            let minute = |at: Timestamp| at.0 / 60_000;
            one(lines, |s| {
                let d = &s.deployment;
                assert_eq!((minute(d.started_at), d.finished_at.map(minute)), expected, "{lines:?}");
            });
        };
        let github = format!("github g1 {SHA} 0-2 ok");
        check(&[&github, "ecs e1 api:8 1-25 ok"], (0, Some(25)));
        check(&[&github, "ecs e1 api:8 1-45 back"], (0, Some(45)));
        check(&[&github, "ecs e1 api:8 1-- open"], (0, Some(2)));
        let late = format!("github g1 {SHA} 3-9 ok");
        check(&[&late, "ecs e1 api:8 1-5 failed"], (1, Some(5)));
    }

    #[test]
    fn a_success_without_an_end_tells_no_outcome_unless_it_was_recorded() {
        let check = |lines: &[&str], expected: bool| one(lines, |s| assert_eq!(s.outcome_told, expected, "{lines:?}"));
        let release = format!("github g1 {SHA} 0-- ok");
        check(&[&release], false);
        check(&[&format!("github g1 {SHA} 0-- failed")], true);
        check(&[&format!("github g1 {SHA} 0-- open")], false);
        check(&[&format!("cli c1 {SHA} 0-- ok")], true);
        check(&[&release, "ecs e1 api:8 1-4 ok"], true);
    }

    #[test]
    fn every_telling_gives_it_a_name() {
        let numbered = told(&format!("github github.com/deployments/42 {SHA} 0-9 ok"));
        let snapshot = Snapshot { facts: vec![numbered, told("ecs e1 api:8 3-8 ok")], ..Snapshot::default() };
        let index = FactIndex::new(&snapshot);
        let all = deployments_of(&index, &"api".into());
        for name in ["42", "github.com/deployments/42", "e1"] {
            assert!(all[0].has_id(name), "{name}");
        }
        assert!(!all[0].has_id("2") && !all[0].has_id(""));
        assert!(all[0].has_revision(&SHA[..9]) && all[0].has_revision("api:8"));
        assert!(!all[0].has_revision(&SHA[..6]) && !all[0].has_revision(OTHER));
    }
}
