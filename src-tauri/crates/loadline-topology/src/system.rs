//! The boolean system of a graph in flat arrays: what each node needs, and how a request reaches what a journey needs.
//!
//! Readings of `scoring.md` §1.2 that the graph's types leave open, each the cautious one unless evidence says more:
//!
//! - A member that only receives an asynchronous or manual copy does not count as a member.
//! - A store with an automatic copy outside a common group is up while either of them is (a virtual node stands for it).
//! - A node in two places of one kind (two zones) needs both, unless its `required` says how many it needs.
//! - Outbound traffic passes any one of a node's gateways. An external provider that routes through a gateway needs it; a service
//!   needs it hard when it needs an external provider hard, else soft. A journey that needs an external provider for which nobody
//!   says the way out needs the gateways of the services it needs.
//! - What a journey needs must be reached along `serves` edges where such a path exists at all; where none does, along calls and
//!   messages; where neither exists, only its being up counts. A journey of which nothing can be reached although there is an
//!   entry is a broken model.

use crate::csr::{Components, Csr};
use crate::lanes::Lanes;
use crate::parts::Parts;
use crate::reach::{self, Pass};
use loadline_model::{Graph, Kind, SubjectId};

/// At least `members - slack` of the members must be up.
#[derive(Clone, Debug)]
pub(crate) struct Threshold {
    /// How many members may be down; negative when there are fewer members than must be up.
    pub(crate) slack: i32,
    /// The members.
    pub(crate) members: Vec<u32>,
}

/// One thing a journey needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    pub(crate) node: u32,
    /// What must be up: the node or what stands for it.
    pub(crate) function: u32,
    /// The pass that must reach it, when one can.
    pub(crate) pass: Option<usize>,
}

/// A journey with its needs as nodes.
#[derive(Clone, Debug)]
pub(crate) struct Wanted {
    pub(crate) id: SubjectId,
    pub(crate) name: String,
    pub(crate) weight: f64,
    pub(crate) needs: Vec<Need>,
    /// Down with nothing failed.
    pub(crate) broken: bool,
}

/// A graph compiled for repeated failures. Build once, fail often.
#[derive(Clone, Debug)]
pub struct System {
    pub(crate) ids: Vec<SubjectId>,
    pub(crate) kinds: Vec<Kind>,
    /// What those who need a node look at: itself, or the virtual node that stands for it and its automatic copies.
    pub(crate) function: Vec<u32>,
    /// All of these must be up.
    pub(crate) hard: Csr,
    /// Any of these down degrades.
    pub(crate) soft: Csr,
    /// Redundancy groups, by owner: a range of `thresholds`.
    pub(crate) first_threshold: Vec<u32>,
    pub(crate) thresholds: Vec<Threshold>,
    /// Everything, targets first.
    pub(crate) all: Components,
    /// What some journey rests on, targets first.
    pub(crate) resting: Components,
    /// Component of each node in `resting`; `u32::MAX` outside.
    pub(crate) position: Vec<u32>,
    pub(crate) passes: Vec<Pass>,
    pub(crate) journeys: Vec<Wanted>,
    pub(crate) base_down: Vec<bool>,
    pub(crate) base_impaired: Vec<bool>,
    /// Nodes that stand for their members and cannot fail on their own.
    pub(crate) is_group: Vec<bool>,
}

impl System {
    /// Compiles a graph; linear apart from sorting.
    pub fn new(graph: &Graph) -> Self {
        let mut parts = Parts::of(graph);
        let wanted = parts.wanted(graph);
        let size = parts.size();
        let mut first_threshold = vec![0u32; size + 1];
        parts.thresholds.sort_by_key(|(owner, _)| *owner);
        for (owner, _) in &parts.thresholds {
            first_threshold[*owner as usize + 1] += 1;
        }
        for i in 0..size {
            first_threshold[i + 1] += first_threshold[i];
        }
        let mut system = Self {
            ids: graph.nodes.iter().map(|n| n.id.clone()).collect(),
            kinds: graph.nodes.iter().map(|n| n.kind).collect(),
            function: parts.function.clone(),
            hard: Csr::new(size, std::mem::take(&mut parts.hard)),
            soft: Csr::new(size, std::mem::take(&mut parts.soft)),
            first_threshold,
            thresholds: parts.thresholds.into_iter().map(|(_, t)| t).collect(),
            all: Components::default(),
            resting: Components::default(),
            position: vec![u32::MAX; size],
            passes: Vec::new(),
            journeys: wanted,
            base_down: vec![false; size],
            base_impaired: vec![false; size],
            is_group: parts.is_group,
        };
        let needs = system.needs_of_each();
        system.all = Components::of(&needs);
        let reached = reach::plan(graph, &mut system);
        system.rest_on(&needs);
        system.find_base(reached);
        system
    }

    /// Number of graph nodes; virtual nodes follow them.
    pub(crate) fn elements(&self) -> usize {
        self.ids.len()
    }
    /// Number of all nodes.
    pub(crate) fn size(&self) -> usize {
        self.function.len()
    }
    /// The groups of a node.
    pub(crate) fn thresholds_of(&self, node: u32) -> &[Threshold] {
        let (from, to) = (self.first_threshold[node as usize], self.first_threshold[node as usize + 1]);
        &self.thresholds[from as usize..to as usize]
    }
    /// The node of an id.
    pub(crate) fn node(&self, id: &SubjectId) -> Option<u32> {
        self.ids.binary_search(id).ok().map(|i| i as u32)
    }
    /// A node whose failure may be asked for: not a group, not a person or pipeline, and some journey rests on it.
    pub(crate) fn is_candidate(&self, node: u32) -> bool {
        let v = node as usize;
        v < self.elements()
            && !self.is_group[v]
            && self.position[v] != u32::MAX
            && !matches!(self.kinds[v], Kind::Person | Kind::Pipeline | Kind::Journey)
    }
    /// Everything a node needs in any way: hard, soft, members.
    pub(crate) fn needs_of_each(&self) -> Csr {
        let mut pairs = Vec::new();
        for v in 0..self.size() as u32 {
            pairs.extend(self.hard.of(v).iter().chain(self.soft.of(v)).map(|t| (v, *t)));
            pairs.extend(self.thresholds_of(v).iter().flat_map(|t| &t.members).map(|m| (v, *m)));
        }
        Csr::new(self.size(), pairs)
    }
    /// Hard needs and members only.
    pub(crate) fn hard_only(&self) -> Csr {
        let mut pairs = Vec::new();
        for v in 0..self.size() as u32 {
            pairs.extend(self.hard.of(v).iter().map(|t| (v, *t)));
            pairs.extend(self.thresholds_of(v).iter().flat_map(|t| &t.members).map(|m| (v, *m)));
        }
        Csr::new(self.size(), pairs)
    }
    /// Nodes at which the journeys' dependence starts: needs, and what lies on a way from an entry to a need.
    pub(crate) fn footing(&self, journeys: impl Iterator<Item = usize> + Clone) -> Vec<u32> {
        let needs = journeys.clone().flat_map(|j| &self.journeys[j].needs).flat_map(|need| [need.node, need.function]);
        let mut footing: Vec<u32> = needs.chain(self.ways(journeys)).collect();
        footing.sort_unstable();
        footing.dedup();
        footing
    }
    /// What must be up on some way from an entry to what any journey needs.
    pub(crate) fn on_way(&self) -> Vec<u32> {
        let mut ways = self.ways(0..self.journeys.len());
        ways.sort_unstable();
        ways.dedup();
        ways
    }

    fn ways(&self, journeys: impl Iterator<Item = usize>) -> Vec<u32> {
        let mut targets: Vec<Vec<u32>> = vec![Vec::new(); self.passes.len()];
        for need in journeys.flat_map(|j| &self.journeys[j].needs) {
            if let Some(pass) = need.pass {
                targets[pass].push(need.node);
            }
        }
        let mut ways = Vec::new();
        for (pass, needs) in self.passes.iter().zip(targets) {
            let before = pass.feeds.reached(needs);
            let on_way = (0..self.elements()).filter(|v| before[*v] && pass.reached[*v]);
            ways.extend(on_way.flat_map(|v| [v as u32, self.function[v]]));
        }
        ways
    }
    /// Where the passes that must reach a journey's needs begin.
    pub(crate) fn starts(&self, journey: usize) -> Vec<u32> {
        let mut starts: Vec<u32> =
            self.journeys[journey].needs.iter().filter_map(|n| n.pass).flat_map(|p| self.passes[p].starts()).collect();
        starts.sort_unstable();
        starts.dedup();
        starts
    }

    fn rest_on(&mut self, needs: &Csr) {
        let resting = needs.reached(self.footing(0..self.journeys.len()));
        self.resting = self.all.keeping(&resting);
        for i in 0..self.resting.len() {
            for v in self.resting.get(i) {
                self.position[*v as usize] = i as u32;
            }
        }
    }

    fn find_base(&mut self, entries_exist: bool) {
        let mut lanes = Lanes::<1>::new(self);
        lanes.run_all(self, &[]);
        self.base_down = lanes.down.iter().map(|w| w[0] & 1 == 1).collect();
        self.base_impaired = lanes.impaired.iter().map(|w| w[0] & 1 == 1).collect();
        let unreached = |j: &Wanted| entries_exist && j.needs.iter().all(|need| need.pass.is_none());
        let broken: Vec<bool> =
            self.journeys.iter().map(|j| j.broken || unreached(j) || lanes.stopped(j)[0] & 1 == 1).collect();
        for (journey, broken) in self.journeys.iter_mut().zip(broken) {
            journey.broken = broken;
        }
    }
}
