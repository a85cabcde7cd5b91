//! The drawing as a layered net: boxes, and way-points where a tie passes a layer. Ties to one target share their way.

use super::layers::Layers;
use crate::pages::map::drawn::{Drawn, Tie};
use std::collections::BTreeMap;

/// Way-points beyond this number would push the boxes apart more than they help; then only request paths get ways.
const MOST_WAYS: usize = 600;

/// Layer and column.
pub type Cell = (usize, usize);

/// Boxes and way-points with their neighbours in the layers above and below.
pub struct Net {
    /// Items below this number are boxes, the others way-points.
    pub boxes: usize,
    /// Layer and column of each item.
    pub cell: Vec<Cell>,
    pub up: Vec<Vec<usize>>,
    pub down: Vec<Vec<usize>>,
    /// For an item that nothing ties to another layer: what it stands beside.
    pub beside: Vec<Option<usize>>,
    /// Way-points of each line, from its upper end.
    pub chains: Vec<Vec<usize>>,
    pub layers: usize,
    pub columns: usize,
}

/// The column of a zone among the columns of all: half of the zones, what has no zone, the other zones.
pub fn column_of_zone(zone: usize, zones: usize) -> usize {
    if zone < zones / 2 { zone } else { zone + 1 }
}

/// Column of each shape.
pub fn columns(drawn: &Drawn) -> Vec<usize> {
    let zones = drawn.zones.len();
    let of_zone: BTreeMap<_, usize> =
        drawn.zones.iter().enumerate().map(|(z, (id, _))| (id, column_of_zone(z, zones))).collect();
    drawn.shapes.iter().map(|s| s.zone.as_ref().and_then(|z| of_zone.get(z).copied()).unwrap_or(zones / 2)).collect()
}

impl Net {
    /// The net of a layered drawing.
    pub fn new(drawn: &Drawn, layers: &Layers, columns: &[usize]) -> Self {
        let boxes = drawn.shapes.len();
        let mut net = Self {
            boxes,
            cell: layers.of.iter().copied().zip(columns.iter().copied()).collect(),
            up: vec![Vec::new(); boxes],
            down: vec![Vec::new(); boxes],
            beside: vec![None; boxes],
            chains: vec![Vec::new(); drawn.lines.len()],
            layers: layers.of.iter().max().map_or(0, |last| last + 1),
            columns: drawn.zones.len() + 1,
        };
        let routed = |ties: &[Tie]| -> Vec<bool> { drawn.lines.iter().map(|l| ties.contains(&l.tie)).collect() };
        let all = routed(&[Tie::Path, Tie::Soft, Tie::Member, Tie::Copy, Tie::Fate]);
        let choices = [all, routed(&[Tie::Path]), routed(&[])];
        let fits = |r: &&Vec<bool>| net.keys(drawn, r).len() <= MOST_WAYS;
        let routed = choices.iter().find(fits).cloned().unwrap_or_default();
        net.tie(drawn, &routed);
        net
    }

    /// Way-points by target, layer and column.
    fn keys(&self, drawn: &Drawn, routed: &[bool]) -> BTreeMap<(usize, Cell), usize> {
        let mut keys = BTreeMap::new();
        for (line, _) in drawn.lines.iter().zip(routed).filter(|(_, routed)| **routed) {
            for cell in self.passed(line.from, line.to) {
                let next = self.boxes + keys.len();
                keys.entry((line.to, cell)).or_insert(next);
            }
        }
        keys
    }

    /// Cells between two ends: in their column when they share one, else between the zones.
    fn passed(&self, from: usize, to: usize) -> impl Iterator<Item = Cell> + use<> {
        let ((upper, a), (lower, b)) = (self.cell[from], self.cell[to]);
        let column = if a == b { a } else { (self.columns - 1) / 2 };
        (upper + 1..lower).map(move |layer| (layer, column))
    }

    fn tie(&mut self, drawn: &Drawn, routed: &[bool]) {
        let keys = self.keys(drawn, routed);
        let items = self.boxes + keys.len();
        let mut cell: Vec<(usize, Cell)> = keys.iter().map(|((_, cell), item)| (*item, *cell)).collect();
        cell.sort_unstable();
        for (i, line) in drawn.lines.iter().enumerate() {
            let way = |cell| keys.get(&(line.to, cell)).copied();
            let chain = if routed.get(i) == Some(&true) {
                self.passed(line.from, line.to).filter_map(way).collect()
            } else {
                Vec::new()
            };
            self.chains[i] = chain;
        }
        self.cell.extend(cell.into_iter().map(|(_, cell)| cell));
        self.up.resize(items, Vec::new());
        self.down.resize(items, Vec::new());
        self.beside.resize(items, None);
        for (line, chain) in drawn.lines.iter().zip(&self.chains) {
            let (a, b) = (self.cell[line.from].0, self.cell[line.to].0);
            if a == b {
                self.beside[line.to] = Some(line.from);
            }
            if a >= b {
                continue;
            }
            let mut above = line.from;
            for item in chain.iter().copied().chain([line.to]) {
                self.down[above].push(item);
                self.up[item].push(above);
                above = item;
            }
        }
        for list in self.up.iter_mut().chain(&mut self.down) {
            list.sort_unstable();
            list.dedup();
        }
    }

    /// The items of each cell in their first order: that of the shapes.
    pub fn cells(&self) -> BTreeMap<Cell, Vec<usize>> {
        let mut cells: BTreeMap<Cell, Vec<usize>> = BTreeMap::new();
        for (item, cell) in self.cell.iter().enumerate() {
            cells.entry(*cell).or_default().push(item);
        }
        cells
    }
}
