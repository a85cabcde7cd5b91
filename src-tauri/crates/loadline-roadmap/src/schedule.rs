//! Which half-days of which sprint an item takes.

use loadline_model::{Item, ItemId};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Open items and the sprints they are placed in.
pub(crate) struct Schedule<'a> {
    /// Items that are not done, by id.
    pub(crate) open: BTreeMap<&'a ItemId, &'a Item>,
    /// Half-days of every sprint.
    pub(crate) budget: u32,
    /// Per sprint: items and the half-days of them that fall into it.
    slices: Vec<Vec<(&'a ItemId, u32)>>,
    /// First and last sprint of each placed item.
    placed: BTreeMap<&'a ItemId, (u32, u32)>,
}

impl<'a> Schedule<'a> {
    pub(crate) fn new(items: &'a [Item], budget: u32, sprints: u32) -> Self {
        let open = items.iter().filter(|i| i.done_at.is_none()).map(|i| (&i.id, i)).collect();
        Self { open, budget, slices: vec![Vec::new(); sprints as usize], placed: BTreeMap::new() }
    }

    pub(crate) fn sprints(&self) -> u32 {
        self.slices.len() as u32
    }
    /// Items and half-days in a sprint.
    pub(crate) fn slices(&self, sprint: u32) -> &[(&'a ItemId, u32)] {
        self.slices.get(sprint as usize).map_or(&[], Vec::as_slice)
    }
    /// Half-days that nothing takes yet.
    pub(crate) fn left(&self, sprint: u32) -> u32 {
        self.budget.saturating_sub(self.slices(sprint).iter().map(|s| s.1).sum())
    }
    pub(crate) fn is_placed(&self, id: &ItemId) -> bool {
        self.placed.contains_key(id)
    }
    /// Items placed so far, of those that end by a sprint.
    pub(crate) fn finished_by(&self, sprint: u32) -> BTreeSet<ItemId> {
        self.placed.iter().filter(|(_, (_, last))| *last <= sprint).map(|(id, _)| (*id).clone()).collect()
    }
    /// The item begins in the sprint.
    pub(crate) fn begins(&self, id: &ItemId, sprint: u32) -> bool {
        self.placed.get(id).is_some_and(|(first, _)| *first == sprint)
    }
    /// A need that is done, passes (so that no item is open for it), or ends by the sprint.
    pub(crate) fn holds(&self, need: &ItemId, sprint: u32) -> bool {
        !self.open.contains_key(need) || self.placed.get(need).is_some_and(|(_, last)| *last <= sprint)
    }
    /// Needs of an item that do not hold in a sprint.
    pub(crate) fn missing<'b>(&'b self, item: &'b Item, sprint: u32) -> impl Iterator<Item = &'b ItemId> {
        item.needs.iter().filter(move |n| !self.holds(n, sprint))
    }
    /// Larger than any sprint.
    pub(crate) fn is_large(&self, item: &Item) -> bool {
        item.half_days.mode > self.budget
    }

    /// Places an item from a sprint on; `false` and nothing changed when it does not fit. A large item takes what is left of the
    /// sprint and of the following ones, except what is kept for items planned by hand, and must end within the plan.
    pub(crate) fn place(&mut self, item: &'a Item, sprint: u32) -> bool {
        let mut wanted = item.half_days.mode;
        let mut taken = Vec::new();
        for at in sprint..self.sprints() {
            let kept = if at == sprint { 0 } else { self.kept(at) };
            let slice = wanted.min(self.left(at).saturating_sub(kept));
            if slice > 0 {
                taken.push((at, slice));
                wanted -= slice;
            }
            if wanted == 0 || !self.is_large(item) {
                break;
            }
        }
        let (Some((first, _)), Some((last, _))) = (taken.first().copied(), taken.last().copied()) else { return false };
        if wanted > 0 || first != sprint || self.is_placed(&item.id) {
            return false;
        }
        for (at, slice) in taken {
            if let Some(slices) = self.slices.get_mut(at as usize) {
                slices.push((&item.id, slice));
            }
        }
        self.placed.insert(&item.id, (first, last));
        true
    }

    /// Places an item together with whatever of its needs is still missing, or nothing. Needs planned by hand for another sprint
    /// and large ones cannot be brought along.
    pub(crate) fn place_with_needs(&mut self, item: &'a Item, sprint: u32) -> bool {
        if self.is_placed(&item.id) {
            return true;
        }
        let Some(brought) = self.closure(item, sprint) else { return false };
        let brought_cost: u32 = brought.iter().map(|i| i.half_days.mode).fold(0, u32::saturating_add);
        let left = self.left(sprint);
        let fits = if self.is_large(item) {
            brought_cost < left
        } else {
            brought_cost.saturating_add(item.half_days.mode) <= left
        };
        if !fits {
            return false;
        }
        let before = (self.slices.clone(), self.placed.clone());
        let done = brought.into_iter().chain([item]).all(|i| self.place(i, sprint));
        if !done {
            (self.slices, self.placed) = before;
        }
        done
    }

    /// Missing needs, direct and indirect, without the item itself; `None` when one cannot be brought along.
    fn closure(&self, item: &'a Item, sprint: u32) -> Option<Vec<&'a Item>> {
        let mut found: BTreeMap<&ItemId, &'a Item> = BTreeMap::new();
        let mut open: Vec<&'a Item> = vec![item];
        while let Some(at) = open.pop() {
            for need in at.needs.iter().filter(|n| !self.holds(n, sprint) && **n != item.id) {
                let needed = *self.open.get(need)?;
                let elsewhere = needed.pinned_sprint.is_some_and(|s| s != sprint);
                if elsewhere || self.is_large(needed) || self.is_placed(need) {
                    return None;
                }
                if found.insert(&needed.id, needed).is_none() {
                    open.push(needed);
                }
            }
        }
        Some(found.into_values().collect())
    }

    /// Half-days of a sprint kept for items planned by hand.
    fn kept(&self, sprint: u32) -> u32 {
        let pinned = self
            .open
            .values()
            .filter(|i| i.pinned_sprint == Some(sprint) && !self.is_large(i) && !self.is_placed(&i.id));
        pinned.map(|i| i.half_days.mode).fold(0, u32::saturating_add).min(self.budget)
    }

    /// Items that begin in a sprint in the order they should be done: needs first, then what is started, then by value, then id.
    pub(crate) fn in_order(&self, sprint: u32) -> Vec<&'a Item> {
        let ids = self.slices(sprint).iter().map(|s| s.0).filter(|id| self.begins(id, sprint));
        let mut waiting: Vec<&'a Item> = ids.filter_map(|id| self.open.get(id).copied()).collect();
        waiting.sort_by_key(|i| (i.started_at.is_none(), Reverse(i.value), &i.id));
        let mut order: Vec<&'a Item> = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let free = |i: &&Item| !i.needs.iter().any(|n| waiting.iter().any(|w| w.id == *n && w.id != i.id));
            let next = waiting.iter().position(free).unwrap_or(0);
            order.push(waiting.remove(next));
        }
        order
    }
}
