//! Versions of gems (`Gem::Version#<=>` of RubyGems).

use std::cmp::Ordering;

/// Words come before numbers: `1.a < 1.0`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Word(String),
    Number(u64),
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (canonical(a)?, canonical(b)?);
    for at in 0..a.len().max(b.len()) {
        let nothing = Segment::Number(0);
        let order = a.get(at).unwrap_or(&nothing).cmp(b.get(at).unwrap_or(&nothing));
        if order != Ordering::Equal {
            return Some(order);
        }
    }
    Some(Ordering::Equal)
}

/// Segments without the zeros at the end of the numbers and at the end of all.
fn canonical(version: &str) -> Option<Vec<Segment>> {
    let version = version.replace('-', ".pre.");
    let is_known = |b: u8| b.is_ascii_alphanumeric() || b == b'.';
    let first = version.split('.').next()?;
    if !first.bytes().all(|b| b.is_ascii_digit()) || !version.bytes().all(is_known) {
        return None;
    }
    let mut segments = Vec::new();
    for part in version.split('.') {
        let mut rest = part;
        if rest.is_empty() {
            return None;
        }
        while let Some(first) = rest.chars().next() {
            let digits = first.is_ascii_digit();
            let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
            let (run, behind) = rest.split_at(end);
            segments.push(if digits { Segment::Number(run.parse().ok()?) } else { Segment::Word(run.to_owned()) });
            rest = behind;
        }
    }
    let words = segments.iter().position(|s| matches!(s, Segment::Word(_))).unwrap_or(segments.len());
    let mut behind = segments.split_off(words);
    for part in [&mut segments, &mut behind] {
        while part.last() == Some(&Segment::Number(0)) {
            part.pop();
        }
    }
    segments.append(&mut behind);
    Some(segments)
}
