//! The graph of all accounts and what follows from it (`scoring.md` §1).

use crate::{AccountId, Basis, Confidence, Environment, Exposure, Gap, Kind, Relation, SubjectId, SubjectRef, Tier};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A node of the graph.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Canonical id.
    pub id: SubjectId,
    /// What it is.
    pub kind: Kind,
    /// Its name.
    pub name: String,
    /// Account that says it exists; `None` for implied nodes.
    pub account: Option<AccountId>,
    /// Region.
    pub region: Option<String>,
    /// Zone node it runs in, followed through hosts.
    pub zone: Option<SubjectId>,
    /// Production unless mapped otherwise.
    pub environment: Environment,
    /// Derived or declared tier.
    pub tier: Tier,
    /// For a redundancy group: members that must be up; `None` when it has no members.
    pub required: Option<u32>,
    /// For a redundancy group: number of members.
    pub members: u32,
    /// `required` was not known and was taken as all members.
    pub required_assumed: bool,
    /// Nobody showed it: a tier that must exist, taken as one unredundant node.
    pub implied: bool,
    /// A provider operates it.
    pub managed: Option<bool>,
    /// Engine name.
    pub engine: Option<String>,
}

/// An edge of the graph, both ends canonical.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GraphEdge {
    /// Source.
    pub from: SubjectId,
    /// Target.
    pub to: SubjectId,
    /// How.
    #[serde(flatten)]
    pub relation: Relation,
    /// How sure.
    pub confidence: Confidence,
    /// How it is known.
    pub basis: Basis,
    /// Call or statement that says so.
    pub source: String,
}

/// What users do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Journey {
    /// Its id.
    pub id: SubjectId,
    /// Its name.
    pub name: String,
    /// Share of all journeys, 0–1; the shares sum to 1.
    pub weight: f64,
    /// What is hard on its path is T0.
    pub critical: bool,
    /// What it needs.
    pub needs: Vec<SubjectId>,
    /// Already down with nothing failed: its weight counts as lost, reason unknown.
    pub broken_model: bool,
    /// No journey was declared: this one needs everything reachable.
    pub implicit: bool,
}

/// Nodes, edges and journeys, each in id order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Graph {
    /// Things.
    pub nodes: Vec<Node>,
    /// Relations.
    pub edges: Vec<GraphEdge>,
    /// What users do.
    pub journeys: Vec<Journey>,
}

impl Graph {
    /// A node by id (binary search; nodes are in id order).
    pub fn node(&self, id: &SubjectId) -> Option<&Node> {
        self.nodes.binary_search_by(|n| n.id.cmp(id)).ok().map(|i| &self.nodes[i])
    }

    /// Edges that start at a thing (binary search; edges are in id order).
    pub fn edges_from(&self, id: &SubjectId) -> &[GraphEdge] {
        let (first, end) =
            (self.edges.partition_point(|e| e.from < *id), self.edges.partition_point(|e| e.from <= *id));
        self.edges.get(first..end).unwrap_or_default()
    }
}

/// Median with an 80 % interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// 10th percentile.
    pub p10: f64,
    /// Median.
    pub p50: f64,
    /// 90th percentile.
    pub p90: f64,
}

/// Arithmetic of a redundancy group when a node fails.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupArithmetic {
    /// The group.
    pub group: SubjectId,
    /// Members that must be up.
    pub required: u32,
    /// Members.
    pub members: u32,
    /// Members up after the failure.
    pub up_after: u32,
}

/// One failure that stops at least one journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spof {
    /// What fails.
    pub subject: SubjectRef,
    /// Share of journeys lost, 0–1.
    pub blast_radius: f64,
    /// Share of journeys that only degrade.
    pub degraded: f64,
    /// Names of the journeys lost.
    pub journeys_lost: Vec<String>,
    /// Journey-weighted hours a year.
    pub hours_per_year: Interval,
    /// Shortest path entry point … subject … journey, by name.
    pub path: Vec<String>,
    /// The consequence in one sentence.
    pub why: String,
    /// Group arithmetic along the way.
    pub groups: Vec<GroupArithmetic>,
    /// Weakest edge the verdict rests on.
    pub confidence: Confidence,
    /// Without inferred edges the verdict would differ: shown, but not proven.
    pub proven: bool,
    /// Failures a year and repair hours behind the number, with their source.
    pub assumption: String,
}

/// Two failures that together stop a journey although neither does alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FragilePair {
    /// One.
    pub first: SubjectRef,
    /// The other.
    pub second: SubjectRef,
    /// Journeys lost when both fail.
    pub journeys_lost: Vec<String>,
    /// Product of unavailabilities and weight: the order of the list.
    pub risk: f64,
}

/// A person or pipeline without whom something cannot be recovered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecoverySpof {
    /// The person or pipeline.
    pub subject: SubjectRef,
    /// What only they can recover.
    pub only_for: Vec<SubjectRef>,
    /// Union of the blast radii of those.
    pub blast_radius: f64,
    /// Factor on mean time to repair.
    pub repair_factor: f64,
}

/// Availability of a journey.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct JourneyAvailability {
    /// The journey's name.
    pub journey: String,
    /// Upper bound of its unavailability, 0–1.
    pub unavailability: f64,
    /// Expected hours down a year at that bound.
    pub hours_per_year: f64,
    /// Exact by factoring, or a minimal-cut bound.
    pub exact: bool,
    /// Gap to the Esary–Proschan bound when not exact.
    pub bound_gap: f64,
}

/// What topology concludes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Topology {
    /// The graph.
    pub graph: Graph,
    /// By expected hours a year, then blast radius, then id.
    pub spofs: Vec<Spof>,
    /// At most 50.
    pub fragile_pairs: Vec<FragilePair>,
    /// Recovery path.
    pub recovery_spofs: Vec<RecoverySpof>,
    /// Per subject.
    pub exposures: BTreeMap<SubjectId, Exposure>,
    /// Blast radius per subject (0 for those that stop nothing).
    pub blast_radius: BTreeMap<SubjectId, f64>,
    /// Per journey.
    pub availability: Vec<JourneyAvailability>,
    /// Hard dependency cycles, each as a list of ids.
    pub cycles: Vec<Vec<SubjectId>>,
    /// Sum of expected hours: an upper bound, overlapping events count twice.
    pub hours_upper_bound: f64,
    /// What it could not map.
    pub gaps: Vec<Gap>,
}

impl Topology {
    /// Exposure of a subject; unknown when the graph does not hold it.
    pub fn exposure(&self, id: &SubjectId) -> Exposure {
        self.exposures.get(id).copied().unwrap_or(Exposure::UNKNOWN)
    }
}
