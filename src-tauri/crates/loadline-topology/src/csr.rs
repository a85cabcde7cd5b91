//! Adjacency in two flat arrays, and the strongly connected components of it, targets first.

/// For every node its targets, ascending and without repetition.
#[derive(Clone, Debug, Default)]
pub(crate) struct Csr {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Csr {
    /// From (source, target) pairs over `size` nodes.
    pub(crate) fn new(size: usize, mut pairs: Vec<(u32, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut starts = vec![0u32; size + 1];
        for (from, _) in &pairs {
            starts[*from as usize + 1] += 1;
        }
        for i in 0..size {
            starts[i + 1] += starts[i];
        }
        Self { starts, items: pairs.into_iter().map(|(_, to)| to).collect() }
    }
    /// Number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }
    /// Targets of a node.
    pub(crate) fn of(&self, node: u32) -> &[u32] {
        &self.items[self.starts[node as usize] as usize..self.starts[node as usize + 1] as usize]
    }
    /// The same edges turned round.
    pub(crate) fn reversed(&self) -> Self {
        let pairs = (0..self.len() as u32).flat_map(|from| self.of(from).iter().map(move |to| (*to, from)));
        Self::new(self.len(), pairs.collect())
    }
    /// Every node that can be reached from `from`, itself included.
    pub(crate) fn reached(&self, from: impl IntoIterator<Item = u32>) -> Vec<bool> {
        let mut seen = vec![false; self.len()];
        let mut open: Vec<u32> = from.into_iter().collect();
        while let Some(node) = open.pop() {
            if !std::mem::replace(&mut seen[node as usize], true) {
                open.extend(self.of(node).iter().filter(|next| !seen[**next as usize]));
            }
        }
        seen
    }
}

/// Strongly connected components in an order in which the targets of a component come before it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Components {
    nodes: Vec<u32>,
    ends: Vec<u32>,
}

impl Components {
    /// Tarjan's algorithm without recursion; linear.
    pub(crate) fn of(graph: &Csr) -> Self {
        const NEW: u32 = u32::MAX;
        let n = graph.len();
        let (mut index, mut low, mut on_stack) = (vec![NEW; n], vec![0u32; n], vec![false; n]);
        let (mut stack, mut calls, mut found) = (Vec::new(), Vec::new(), Self::default());
        let mut next = 0u32;
        for root in 0..n as u32 {
            if index[root as usize] != NEW {
                continue;
            }
            calls.push((root, 0usize));
            while let Some((node, at)) = calls.pop() {
                let v = node as usize;
                if at == 0 {
                    (index[v], low[v], on_stack[v]) = (next, next, true);
                    next += 1;
                    stack.push(node);
                } else {
                    let child = graph.of(node)[at - 1] as usize;
                    low[v] = low[v].min(low[child]);
                }
                if let Some(step) = open_child(graph.of(node), at, &index, &on_stack, &mut low[v]) {
                    calls.push((node, step + 1));
                    calls.push((graph.of(node)[step], 0));
                } else if low[v] == index[v] {
                    while let Some(member) = stack.pop() {
                        on_stack[member as usize] = false;
                        found.nodes.push(member);
                        if member == node {
                            break;
                        }
                    }
                    found.ends.push(found.nodes.len() as u32);
                }
            }
        }
        found
    }
    /// The components, each as its nodes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.ends.len()).map(|i| self.get(i))
    }
    /// How many.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }
    /// One of them.
    pub(crate) fn get(&self, i: usize) -> &[u32] {
        let start = if i == 0 { 0 } else { self.ends[i - 1] as usize };
        &self.nodes[start..self.ends[i] as usize]
    }
    /// Only the components of which some node is kept, in the same order.
    pub(crate) fn keeping(&self, keep: &[bool]) -> Self {
        let mut kept = Self::default();
        for component in self.iter().filter(|c| c.iter().any(|v| keep[*v as usize])) {
            kept.nodes.extend_from_slice(component);
            kept.ends.push(kept.nodes.len() as u32);
        }
        kept
    }
}

/// The position of the first child not visited yet; visited ones on the stack lower `low`.
fn open_child(children: &[u32], from: usize, index: &[u32], on_stack: &[bool], low: &mut u32) -> Option<usize> {
    for (step, child) in children.iter().enumerate().skip(from) {
        let c = *child as usize;
        if index[c] == u32::MAX {
            return Some(step);
        }
        if on_stack[c] {
            *low = (*low).min(index[c]);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_come_first_and_cycles_stay_together() {
        let graph = Csr::new(6, vec![(0, 1), (1, 2), (2, 1), (2, 3), (4, 0), (4, 4)]);
        let found = Components::of(&graph);
        let sorted: Vec<Vec<u32>> = found
            .iter()
            .map(|c| {
                let mut c = c.to_vec();
                c.sort_unstable();
                c
            })
            .collect();
        assert_eq!(sorted, vec![vec![3], vec![1, 2], vec![0], vec![4], vec![5]]);
        assert_eq!(found.keeping(&[true, false, true, false, false, false]).len(), 2);
        assert_eq!(graph.reversed().of(1), &[0, 2]);
        assert_eq!(graph.reached([1]), vec![false, true, true, true, false, false]);
    }
}
