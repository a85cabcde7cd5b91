//! How alike two texts are, as git measures it when it looks for renames: the share of bytes of lines that both have.

use std::collections::BTreeMap;

/// Longest piece of a line without end; git cuts there as well (diffcore-delta.c).
const PIECE: usize = 64;

/// Bytes that both texts have in common over the size of the larger, 0–1; git calls half and more a rename.
pub fn similarity(a: &[u8], b: &[u8]) -> f64 {
    let larger = a.len().max(b.len());
    if larger == 0 {
        return 0.0;
    }
    let (mine, theirs) = (pieces(a), pieces(b));
    let shared: usize =
        mine.iter().filter_map(|(piece, count)| theirs.get(piece).map(|other| count.min(other) * piece.len())).sum();
    shared as f64 / larger as f64
}

fn pieces(text: &[u8]) -> BTreeMap<&[u8], usize> {
    let mut pieces = BTreeMap::new();
    let mut rest = text;
    while !rest.is_empty() {
        let line = rest.iter().position(|b| *b == b'\n').map_or(rest.len(), |at| at + 1).min(PIECE);
        let (piece, after) = rest.split_at(line);
        *pieces.entry(piece).or_insert(0) += 1;
        rest = after;
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::similarity;

    #[test]
    fn cases() {
        let check = |a: &str, b: &str, expected: f64| assert_eq!(similarity(a.as_bytes(), b.as_bytes()), expected);
        check("", "", 0.0);
        check("a\nb\n", "a\nb\n", 1.0);
        check("a\nb\n", "b\nc\n", 0.5);
        check("a\na\n", "a\n", 0.5);
        check("x", "y", 0.0);
    }
}
