//! Strongly connected components (Tarjan 1972), without recursion: hostile repositories nest as deep as they like.

/// Nodes that reach each other, two or more in each, ascending; the largest first, then by their first node.
pub(super) fn cycles(nodes: usize, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut next: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    for (from, to) in edges {
        if let (Some(list), true) = (next.get_mut(*from), *to < nodes) {
            list.push(*to);
        }
    }
    let mut state = Search {
        order: vec![None; nodes],
        low: vec![0; nodes],
        open: vec![false; nodes],
        stack: Vec::new(),
        count: 0,
        found: Vec::new(),
    };
    for node in 0..nodes {
        if state.order[node].is_none() {
            state.visit(node, &next);
        }
    }
    let mut found = state.found;
    for component in &mut found {
        component.sort_unstable();
    }
    found.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    found
}

struct Search {
    order: Vec<Option<usize>>,
    low: Vec<usize>,
    open: Vec<bool>,
    stack: Vec<usize>,
    count: usize,
    found: Vec<Vec<usize>>,
}

impl Search {
    fn begin(&mut self, node: usize) {
        self.order[node] = Some(self.count);
        self.low[node] = self.count;
        self.count += 1;
        self.stack.push(node);
        self.open[node] = true;
    }

    fn visit(&mut self, root: usize, next: &[Vec<usize>]) {
        self.begin(root);
        let mut path: Vec<(usize, usize)> = vec![(root, 0)];
        while let Some((node, at)) = path.last_mut() {
            let node = *node;
            let target = next[node].get(*at).copied();
            *at += 1;
            match target {
                Some(to) => match self.order[to] {
                    None => {
                        self.begin(to);
                        path.push((to, 0));
                    }
                    Some(order) if self.open[to] => self.low[node] = self.low[node].min(order),
                    Some(_) => {}
                },
                None => {
                    path.pop();
                    if let Some((parent, _)) = path.last() {
                        self.low[*parent] = self.low[*parent].min(self.low[node]);
                    }
                    if self.order[node] == Some(self.low[node]) {
                        self.close(node);
                    }
                }
            }
        }
    }

    fn close(&mut self, node: usize) {
        let from = self.stack.iter().rposition(|n| *n == node).unwrap_or(0);
        let component = self.stack.split_off(from);
        for inside in &component {
            self.open[*inside] = false;
        }
        if component.len() > 1 {
            self.found.push(component);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::cycles;
    use proptest::prelude::*;

    #[test]
    fn planted() {
        let check = |nodes, edges: &[(usize, usize)], expected: &[&[usize]]| {
            assert_eq!(cycles(nodes, edges), expected.iter().map(|c| c.to_vec()).collect::<Vec<_>>());
        };
        check(0, &[], &[]);
        check(3, &[(0, 1), (1, 2)], &[]);
        check(3, &[(0, 1), (1, 0), (1, 2)], &[&[0, 1]]);
        check(6, &[(0, 1), (1, 0), (2, 3), (3, 4), (4, 2), (1, 2), (5, 5)], &[&[2, 3, 4], &[0, 1]]);
        let ring: Vec<(usize, usize)> = (0..50_000).map(|n| (n, (n + 1) % 50_000)).collect();
        assert_eq!(cycles(50_000, &ring)[0].len(), 50_000);
    }

    proptest! {
        #[test]
        fn two_nodes_share_a_cycle_exactly_when_each_reaches_the_other(
            edges in proptest::collection::vec((0_usize..8, 0_usize..8), 0..20)
        ) {
            let mut reach = [[false; 8]; 8];
            for (from, to) in &edges {
                reach[*from][*to] = true;
            }
            let pairs = || (0..8).flat_map(|i| (0..8).map(move |j| (i, j)));
            for (k, (i, j)) in (0..8).flat_map(|k| pairs().map(move |p| (k, p))) {
                reach[i][j] |= reach[i][k] && reach[k][j];
            }
            let found = cycles(8, &edges);
            for (i, j) in pairs().filter(|(i, j)| i != j) {
                let together = found.iter().any(|c| c.contains(&i) && c.contains(&j));
                prop_assert_eq!(together, reach[i][j] && reach[j][i]);
            }
        }
    }
}
