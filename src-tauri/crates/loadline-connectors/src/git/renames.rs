//! Which deletions and additions of one commit are renames, as git finds them by default (`-M50%`): equal content first,
//! then files that kept their name and three quarters of their text, then the most alike. One to one; git also lets one
//! deletion become several files, of which it calls all but one copies.

use gix::ObjectId;
use loadline_code::history::similarity;
use std::collections::{BTreeMap, BTreeSet};

/// Least share of common text.
const ALIKE: f64 = 0.5;
/// The same where the file kept its name.
const ALIKE_BY_NAME: f64 = 0.75;
/// Most pairs that are compared in one commit; beyond it only equal content is a rename (git's limit is 1,000 × 1,000
/// files; ours keeps one commit from taking minutes).
const MOST_PAIRS: usize = 10_000;
/// Longer texts are not compared.
pub(super) const MOST_BYTES: usize = 512 << 10;

/// A path with its content.
pub(super) type Side = (String, ObjectId);

/// Pairs of places in `gone` and `new`.
pub(super) fn pairs(
    gone: &[Side],
    new: &[Side],
    read: &mut dyn FnMut(ObjectId) -> Option<Vec<u8>>,
) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut left: BTreeSet<usize> = (0..gone.len()).collect();
    let mut open: BTreeSet<usize> = (0..new.len()).collect();
    let mut by_content: BTreeMap<ObjectId, Vec<usize>> = BTreeMap::new();
    for at in &left {
        by_content.entry(gone[*at].1).or_default().push(*at);
    }
    for to in open.clone() {
        let same = by_content.get(&new[to].1).map_or(&[][..], Vec::as_slice);
        let free = same.iter().filter(|at| left.contains(at));
        // Of several equal ones the one that kept its name.
        if let Some(from) = free.min_by_key(|at| (name(&gone[**at].0) != name(&new[to].0), **at)).copied() {
            take(&mut found, &mut left, &mut open, from, to);
        }
    }
    if left.is_empty() || open.is_empty() || left.len() * open.len() > MOST_PAIRS {
        return found;
    }
    let mut texts: BTreeMap<ObjectId, Option<Vec<u8>>> = BTreeMap::new();
    for id in left.iter().map(|at| gone[*at].1).chain(open.iter().map(|at| new[*at].1)) {
        texts.entry(id).or_insert_with(|| read(id).filter(|t| !t.is_empty()));
    }
    let score = |from: usize, to: usize| {
        let (a, b) = (texts.get(&gone[from].1)?.as_ref()?, texts.get(&new[to].1)?.as_ref()?);
        let (short, long) = (a.len().min(b.len()), a.len().max(b.len()));
        // What is half as long cannot have half in common.
        (short as f64 / long as f64 >= ALIKE).then(|| similarity(a, b)).filter(|s| *s >= ALIKE)
    };
    let once = |sides: &[Side], among: &BTreeSet<usize>| -> BTreeMap<String, Option<usize>> {
        let mut names: BTreeMap<String, Option<usize>> = BTreeMap::new();
        for at in among {
            names.entry(name(&sides[*at].0).to_owned()).and_modify(|known| *known = None).or_insert(Some(*at));
        }
        names
    };
    let of_new = once(new, &open);
    for (name, from) in once(gone, &left) {
        if let (Some(from), Some(Some(to))) = (from, of_new.get(&name))
            && score(from, *to).is_some_and(|s| s >= ALIKE_BY_NAME)
        {
            take(&mut found, &mut left, &mut open, from, *to);
        }
    }
    let mut scored: Vec<(f64, bool, usize, usize)> = Vec::new();
    for from in &left {
        for to in &open {
            if let Some(score) = score(*from, *to) {
                scored.push((score, name(&gone[*from].0) == name(&new[*to].0), *from, *to));
            }
        }
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| b.1.cmp(&a.1)).then_with(|| (a.2, a.3).cmp(&(b.2, b.3))));
    for (_, _, from, to) in scored {
        if left.contains(&from) && open.contains(&to) {
            take(&mut found, &mut left, &mut open, from, to);
        }
    }
    found
}

fn take(
    found: &mut Vec<(usize, usize)>,
    left: &mut BTreeSet<usize>,
    open: &mut BTreeSet<usize>,
    from: usize,
    to: usize,
) {
    left.remove(&from);
    open.remove(&to);
    found.push((from, to));
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let id = |n: u8| ObjectId::from_bytes_or_panic(&[n; 20]);
        let text = |n: u8| match n {
            1 => "a\nb\nc\nd\n",
            2 => "a\nb\nc\ne\n",
            3 => "a\nb\nx\ny\n",
            4 => "p\nq\n",
            _ => "",
        };
        let check = |gone: &[(&str, u8)], new: &[(&str, u8)], expected: &[(usize, usize)]| {
            let sides = |list: &[(&str, u8)]| list.iter().map(|(p, n)| ((*p).to_owned(), id(*n))).collect::<Vec<_>>();
            let mut read = |of: ObjectId| Some(text(of.as_slice()[0]).as_bytes().to_vec());
            assert_eq!(pairs(&sides(gone), &sides(new), &mut read), expected, "{gone:?} {new:?}");
        };
        check(&[("a", 1)], &[("b", 1)], &[(0, 0)]);
        check(&[("a", 1)], &[("b", 4)], &[]);
        check(&[("a", 1)], &[("b", 3)], &[(0, 0)]);
        check(&[("x/a", 1), ("y/b", 1)], &[("z/b", 1)], &[(1, 0)]);
        check(&[("x/a", 1)], &[("z/b", 1), ("z/c", 2)], &[(0, 0)]);
        check(&[("x/a", 1)], &[("z/c", 3), ("z/d", 2)], &[(0, 1)]);
        check(&[("x/a", 1)], &[("z/a", 2), ("z/d", 3)], &[(0, 0)]);
        check(&[("empty", 5)], &[("other", 5)], &[(0, 0)]);
    }
}
