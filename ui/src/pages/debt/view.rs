//! What Debt says, from the assessment and the code: pure.

use super::treemap::{Rect, squarify};
use crate::format;
use loadline_model::codebase::Repository;
use loadline_model::{CodeModule, CodeStat};
use std::collections::{BTreeMap, BTreeSet};

/// Width over height of the map of files.
pub const ASPECT: f64 = 2.4;
/// Modules drawn in the table of imports.
pub const MODULES: usize = 36;

/// What the colour of a file means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Hotspot,
    Knowledge,
}

impl Colour {
    /// Every meaning: code in the route, word.
    pub const ALL: [(&str, &str, Colour); 2] =
        [("hotspots", "Hotspots", Colour::Hotspot), ("knowledge", "Who knows it", Colour::Knowledge)];

    /// From the route; hotspots unless said otherwise.
    pub fn of(code: Option<&str>) -> Self {
        Self::ALL.iter().find(|(c, ..)| Some(*c) == code).map_or(Self::Hotspot, |(.., colour)| *colour)
    }
    /// Strength of a file's colour, 0–4; `None` when it is not known.
    pub fn strength(self, file: &CodeStat) -> Option<u8> {
        match self {
            Self::Hotspot => file.hotspot.map(|h| (h * 5.0).clamp(0.0, 4.0) as u8),
            Self::Knowledge => {
                file.owners.map(|n| 4_u8.saturating_sub(u8::try_from(n).unwrap_or(u8::MAX).saturating_mul(2).min(4)))
            }
        }
    }
    /// What the strengths mean, weakest first.
    pub fn meaning(self) -> [&'static str; 5] {
        match self {
            Self::Hotspot => ["below 0.2", "0.2", "0.4", "0.6", "0.8 and more"],
            Self::Knowledge => ["two or more active people", "", "one", "", "nobody active"],
        }
    }
}

/// A file on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    /// Its place in the repository's list.
    pub at: usize,
    pub rect: Rect,
}

/// A folder, or a file beside folders, on the map.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub path: String,
    pub name: String,
    pub folder: bool,
    pub lines: f64,
    pub rect: Rect,
    pub leaves: Vec<Leaf>,
}

/// The map of what lies below a folder (empty: all): a block for each folder in it, with its files inside.
pub fn blocks(files: &[CodeStat], below: &str) -> Vec<Block> {
    let prefix = if below.is_empty() { String::new() } else { format!("{below}/") };
    let mut inside: BTreeMap<(String, bool), Vec<usize>> = BTreeMap::new();
    for (at, file) in files.iter().enumerate() {
        let Some(rest) = file.path.strip_prefix(&prefix).filter(|_| file.lines > 0.0) else { continue };
        let (name, folder) = rest.split_once('/').map_or((rest, false), |(name, _)| (name, true));
        inside.entry((format!("{prefix}{name}"), folder)).or_default().push(at);
    }
    let mut blocks: Vec<Block> = inside
        .into_iter()
        .map(|((path, folder), at)| Block {
            name: path.rsplit('/').next().unwrap_or(&path).to_owned(),
            lines: at.iter().map(|i| files[*i].lines).sum(),
            leaves: at.into_iter().map(|at| Leaf { at, rect: Rect::default() }).collect(),
            rect: Rect::default(),
            path,
            folder,
        })
        .collect();
    blocks.sort_by(|a, b| b.lines.total_cmp(&a.lines).then_with(|| a.path.cmp(&b.path)));
    let places = squarify(&blocks.iter().map(|b| b.lines).collect::<Vec<_>>(), Rect::WHOLE, ASPECT);
    for (block, rect) in blocks.iter_mut().zip(places) {
        block.rect = rect;
        // Folders keep a line for their name where there is room for one.
        let head = if block.folder && rect.height > 0.12 && rect.width > 0.05 { 0.055 } else { 0.004 };
        let room = if block.folder { rect.inset(head, (0.002, 0.004)) } else { rect };
        let inside: Vec<usize> = block.leaves.iter().map(|l| l.at).collect();
        block.leaves.clear();
        nest(files, &inside, block.path.len() + 1, room, &mut block.leaves);
    }
    blocks
}

/// Places files inside a rectangle, those of one folder together; `from` is where their paths go on below it.
fn nest(files: &[CodeStat], inside: &[usize], from: usize, room: Rect, leaves: &mut Vec<Leaf>) {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for at in inside {
        let rest = files[*at].path.get(from..).unwrap_or_default();
        groups.entry(rest.split_once('/').map_or(rest, |(folder, _)| folder)).or_default().push(*at);
    }
    let lines = |group: &[usize]| group.iter().map(|at| files[*at].lines).sum::<f64>();
    let mut groups: Vec<(&str, Vec<usize>)> = groups.into_iter().collect();
    groups.sort_by(|a, b| lines(&b.1).total_cmp(&lines(&a.1)).then_with(|| a.0.cmp(b.0)));
    let places = squarify(&groups.iter().map(|(_, g)| lines(g)).collect::<Vec<_>>(), room, ASPECT);
    for ((name, group), rect) in groups.into_iter().zip(places) {
        match group[..] {
            [at] => leaves.push(Leaf { at, rect }),
            // One path twice.
            _ if name.is_empty() => leaves.extend(group.into_iter().map(|at| Leaf { at, rect })),
            _ => nest(files, &group, from + name.len() + 1, rect.inset(0.003, (0.0013, 0.003)), leaves),
        }
    }
}

/// A folder only through which everything lies is skipped: the first that branches.
pub fn first_branch(files: &[CodeStat]) -> String {
    let mut at = String::new();
    loop {
        let found = blocks(files, &at);
        match &found[..] {
            [only] if only.folder => at.clone_from(&only.path),
            _ => return at,
        }
    }
}

/// The folders on the way to a folder, outermost first: path and name.
pub fn trail(at: &str) -> Vec<(String, String)> {
    let parts: Vec<&str> = at.split('/').filter(|p| !p.is_empty()).collect();
    (0..parts.len()).map(|i| (parts[..=i].join("/"), parts[i].to_owned())).collect()
}

/// What a file's tile says when one points at it.
pub fn about(file: &CodeStat) -> String {
    let mut said = vec![format!("{}: {}", file.path, format::count(file.lines as usize, "line", "lines"))];
    if let Some(h) = file.hotspot {
        said.push(format!("hotspot {}", format::number(h, 2)));
    }
    if let Some(n) = file.churn {
        said.push(format::count(n as usize, "change a year", "changes a year"));
    }
    if let Some(n) = file.owners {
        said.push(match n {
            0 => "nobody active knows it".to_owned(),
            n => format!("known by {}", format::count(n as usize, "active person", "active people")),
        });
    }
    said.join(" · ")
}

/// The modules worth drawing, so ordered that imports lead downwards except in circles, each circle together.
pub fn ordered(repository: &Repository) -> Vec<&CodeModule> {
    let mut kept: Vec<&CodeModule> = repository.modules.iter().collect();
    kept.sort_by(|a, b| {
        let rank = |m: &CodeModule| (m.cycle.is_none(), std::cmp::Reverse(m.lines as u64));
        rank(a).cmp(&rank(b)).then_with(|| a.path.cmp(&b.path))
    });
    kept.truncate(MODULES);
    // What a circle imports counts for the circle as a whole.
    let group = |m: &CodeModule| m.cycle.map_or_else(|| m.path.clone(), |n| format!("circle {n}"));
    let of: BTreeMap<&str, String> = kept.iter().map(|m| (m.path.as_str(), group(m))).collect();
    let mut needs: BTreeMap<String, BTreeSet<String>> = of.values().map(|g| (g.clone(), BTreeSet::new())).collect();
    for module in &kept {
        let own = group(module);
        let others = module.imports.iter().filter_map(|(path, _)| of.get(path.as_str())).filter(|g| **g != own);
        needs.entry(own.clone()).or_default().extend(others.cloned());
    }
    let mut order: BTreeMap<String, usize> = BTreeMap::new();
    while !needs.is_empty() {
        let imported: BTreeSet<String> = needs.values().flatten().cloned().collect();
        let top = needs.keys().find(|g| !imported.contains(*g)).or_else(|| needs.keys().next()).cloned();
        let Some(top) = top else { break };
        needs.remove(&top);
        order.insert(top, order.len());
    }
    kept.sort_by(|a, b| order.get(&group(a)).cmp(&order.get(&group(b))).then_with(|| a.path.cmp(&b.path)));
    kept
}

/// An import between two modules of [`ordered`], by place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub from: usize,
    pub to: usize,
    pub count: u32,
    /// Both lie in one circle.
    pub circular: bool,
}

/// The imports between these modules.
pub fn imports(modules: &[&CodeModule]) -> Vec<Import> {
    let at: BTreeMap<&str, usize> = modules.iter().enumerate().map(|(i, m)| (m.path.as_str(), i)).collect();
    let of = |(from, module): (usize, &&CodeModule)| {
        let cycle = module.cycle;
        let found = module.imports.iter().filter_map(|(path, count)| Some((*at.get(path.as_str())?, *count)));
        let found = found.filter(|(to, _)| *to != from).map(|(to, count)| Import {
            from,
            to,
            count,
            circular: cycle.is_some() && modules.get(to).is_some_and(|m| m.cycle == cycle),
        });
        found.collect::<Vec<_>>()
    };
    modules.iter().enumerate().flat_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, lines: f64) -> CodeStat {
        CodeStat { path: path.into(), language: "Go".into(), lines, ..CodeStat::default() }
    }

    fn module(path: &str, cycle: Option<u32>, imports: &[&str]) -> CodeModule {
        let imports = imports.iter().map(|i| ((*i).to_owned(), 1)).collect();
        CodeModule { path: path.into(), files: 1, lines: 10.0, domain: None, fan_in: 0, cycle, imports }
    }

    #[test]
    fn a_folder_is_one_block_with_its_files_inside() {
        let files =
            [file("src/a/x.go", 30.0), file("src/a/y.go", 10.0), file("src/main.go", 20.0), file("empty.go", 0.0)];
        assert_eq!(first_branch(&files), "src");
        let found = blocks(&files, "src");
        let seen: Vec<_> = found.iter().map(|b| (b.name.as_str(), b.folder, b.leaves.len(), b.lines)).collect();
        assert_eq!(seen, [("a", true, 2, 40.0), ("main.go", false, 1, 20.0)]);
        for leaf in &found[0].leaves {
            assert!(
                leaf.rect.x >= found[0].rect.x
                    && leaf.rect.y + leaf.rect.height <= found[0].rect.y + found[0].rect.height + 1e-9
            );
        }
        assert!(blocks(&files, "nowhere").is_empty());
    }

    #[test]
    fn colours_tell_what_is_not_known() {
        let hot = CodeStat { hotspot: Some(1.0), owners: Some(1), ..file("a", 1.0) };
        assert_eq!((Colour::Hotspot.strength(&hot), Colour::Knowledge.strength(&hot)), (Some(4), Some(2)));
        let orphan = CodeStat { owners: Some(0), ..file("a", 1.0) };
        assert_eq!((Colour::Hotspot.strength(&orphan), Colour::Knowledge.strength(&orphan)), (None, Some(4)));
        assert_eq!(Colour::Knowledge.strength(&CodeStat { owners: Some(9), ..file("a", 1.0) }), Some(0));
    }

    #[test]
    fn imports_lead_downwards_and_circles_stay_together() {
        let repository = Repository {
            modules: vec![
                module("a", None, &[]),
                module("b", Some(1), &["c", "a"]),
                module("c", Some(1), &["b"]),
                module("d", None, &["b"]),
            ],
            subject: loadline_model::SubjectRef::organisation(),
            lines: None,
            files_measured: None,
            unmeasured: None,
            history_days: None,
            history_complete: None,
            commits: None,
            authors: None,
            active_authors: None,
            truck_factor: None,
            orphaned: None,
            files: Vec::new(),
            cycles: Vec::new(),
            pairs: Vec::new(),
            test_lines: None,
            coverage: None,
            coverage_changed: None,
            debt_ratio: None,
            looked_for: Vec::new(),
            idioms: Vec::new(),
            migrations: Vec::new(),
        };
        let order = ordered(&repository);
        assert_eq!(order.iter().map(|m| m.path.as_str()).collect::<Vec<_>>(), ["d", "b", "c", "a"]);
        let found = imports(&order);
        let upwards: Vec<_> = found.iter().filter(|i| i.to < i.from).map(|i| (i.from, i.to, i.circular)).collect();
        assert_eq!(upwards, [(2, 1, true)]);
    }

    #[test]
    fn the_way_back_names_every_folder() {
        assert_eq!(trail("a/b"), [("a".to_owned(), "a".to_owned()), ("a/b".to_owned(), "b".to_owned())]);
        assert!(trail("").is_empty());
    }
}
