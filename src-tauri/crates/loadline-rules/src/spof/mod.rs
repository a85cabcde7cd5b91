//! SPOF: single points of failure.

mod app_and_database_on_one_host;
mod broker_not_replicated;
mod cache_on_one_node;
mod entry_without_balancing;
mod external_without_fallback;
mod no_automatic_failover;
mod one_guardian;
mod one_instance;
mod one_zone;
mod quorum_without_spare;
mod shared_egress;

use crate::{Context, Rule, Subject};
use loadline_model::{CheckResult, EdgeView, Evidence, GapReason, Relation, Severity, Spof, SubjectId, Tier};

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &one_instance::RULE,
    &app_and_database_on_one_host::RULE,
    &one_zone::RULE,
    &no_automatic_failover::RULE,
    &cache_on_one_node::RULE,
    &broker_not_replicated::RULE,
    &shared_egress::RULE,
    &entry_without_balancing::RULE,
    &quorum_without_spare::RULE,
    &external_without_fallback::RULE,
    &one_guardian::RULE,
];

/// One severity per tier: T0, T1, T2.
fn by_tier(subject: &Subject<'_>, [t0, t1, t2]: [Severity; 3]) -> Severity {
    match subject.tier {
        Tier::T0 => t0,
        Tier::T1 => t1,
        Tier::T2 => t2,
    }
}

/// What stops when a thing fails, as far as the graph knows.
enum Cut<'c> {
    /// At least one journey stops, on evidence.
    Journey(&'c Spof),
    /// A journey stops only if inferred edges are true.
    OnlyInferred,
    /// The way to every journey is known, and none stops.
    Nothing,
    /// The graph does not hold it, or not its way to a journey.
    NotMapped,
}

/// Whether the thing or one of its members is a cut node of a journey: a group fails only by its members.
fn cut<'c>(subject: &Subject<'_>, members: &[SubjectId], context: &'c Context<'_>) -> Cut<'c> {
    let stands_for = |id: &SubjectId| *id == subject.id || members.contains(id);
    let mut found = context.topology.spofs.iter().filter(|s| stands_for(&s.subject.id));
    match found.clone().find(|s| s.proven).or_else(|| found.next()) {
        Some(spof) if spof.proven => Cut::Journey(spof),
        Some(_) => Cut::OnlyInferred,
        None if subject.exposure.known => Cut::Nothing,
        None => Cut::NotMapped,
    }
}

/// Unknown because nobody showed the way from users to the thing.
fn not_mapped(subject: &Subject<'_>, fact: &str) -> CheckResult {
    CheckResult::unknown(
        GapReason::UnmappedSubject,
        format!("{fact}, but which journeys need `{}` is not known from evidence", subject.name()),
        "Declare what users do and what it needs (loadline journeys set NAME --needs SUBJECT…), or connect tracing.",
    )
}

/// Path and losses of a single point of failure, as rows.
fn rows_of(spof: &Spof) -> Vec<Evidence> {
    let mut rows = vec![
        Evidence::derived("path", spof.path.join(" → ")),
        Evidence::derived("journeys lost", spof.journeys_lost.join(", ")),
    ];
    for group in &spof.groups {
        let arithmetic = format!("{} of {} must be up, {} are", group.required, group.members, group.up_after);
        rows.push(Evidence::derived(format!("group {}", group.group), arithmetic));
    }
    rows
}

/// Services that fail (hard) or degrade (soft) with the thing.
fn dependants<'c>(subject: &Subject<'_>, context: &Context<'c>, hard: bool) -> Vec<EdgeView<'c>> {
    let wanted = Relation::DependsOn { hard };
    context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == wanted).collect()
}

/// Names of the sources of edges, as people read a list.
fn names(edges: &[EdgeView<'_>], context: &Context<'_>) -> String {
    let names: Vec<String> = edges.iter().map(|e| format!("`{}`", context.reference(&e.from).name)).collect();
    names.join(", ")
}

/// `1 member`, `2 members`.
fn counted(number: f64, thing: &str) -> String {
    if (number - 1.0).abs() < 1e-9 { format!("1 {thing}") } else { format!("{number:.0} {thing}s") }
}
