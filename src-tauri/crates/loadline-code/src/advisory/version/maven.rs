//! Versions of Maven (maven.apache.org/pom.html, "Version Order Specification", where `.word` and `-word` are the same).

use std::cmp::Ordering;

/// What stands before a token. A number behind a dash is less than one behind a dot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Dash,
    Dot,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Number(u64),
    Word(String),
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (tokens(a)?, tokens(b)?);
    for at in 0..a.len().max(b.len()) {
        let order = match (a.get(at), b.get(at)) {
            (Some(a), Some(b)) => of_two(a, b),
            (Some(a), None) => against_nothing(&a.1),
            (None, Some(b)) => against_nothing(&b.1).reverse(),
            (None, None) => Ordering::Equal,
        };
        if order != Ordering::Equal {
            return Some(order);
        }
    }
    Some(Ordering::Equal)
}

fn of_two(a: &(Mark, Token), b: &(Mark, Token)) -> Ordering {
    match (&a.1, &b.1) {
        (Token::Number(x), Token::Number(y)) => a.0.cmp(&b.0).then_with(|| x.cmp(y)),
        (Token::Word(x), Token::Word(y)) => rank(x).cmp(&rank(y)),
        (Token::Number(_), Token::Word(_)) => Ordering::Greater,
        (Token::Word(_), Token::Number(_)) => Ordering::Less,
    }
}

fn against_nothing(token: &Token) -> Ordering {
    match token {
        Token::Number(number) => number.cmp(&0),
        Token::Word(word) => rank(word).cmp(&rank("")),
    }
}

/// The known words in their order, then every other by its letters.
fn rank(word: &str) -> (u8, &str) {
    match word {
        "alpha" => (0, ""),
        "beta" => (1, ""),
        "milestone" => (2, ""),
        "rc" | "cr" => (3, ""),
        "snapshot" => (4, ""),
        "" | "final" | "ga" | "release" => (5, ""),
        "sp" => (6, ""),
        other => (7, other),
    }
}

fn tokens(version: &str) -> Option<Vec<(Mark, Token)>> {
    let version = version.to_ascii_lowercase();
    let is_known = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
    if !version.starts_with(|c: char| c.is_ascii_digit()) || !version.bytes().all(is_known) {
        return None;
    }
    let mut found = Vec::new();
    let mut mark = Mark::Dot;
    let mut rest = version.as_str();
    while !rest.is_empty() {
        let digits = rest.starts_with(|c: char| c.is_ascii_digit());
        let ends = |c: char| matches!(c, '.' | '-' | '_') || c.is_ascii_digit() != digits;
        let end = rest.find(ends).unwrap_or(rest.len());
        let (run, behind) = rest.split_at(end);
        let numbered = behind.starts_with(|c: char| c.is_ascii_digit());
        found.push((mark, token(run, numbered)?));
        // A change between digits and letters counts as a dash.
        (mark, rest) = match behind.as_bytes().first() {
            Some(b'.') => (Mark::Dot, &behind[1..]),
            Some(b'-' | b'_') => (Mark::Dash, &behind[1..]),
            _ => (Mark::Dash, behind),
        };
        if rest.is_empty() && !behind.is_empty() {
            found.push((mark, Token::Number(0)));
        }
    }
    trim(&mut found);
    Some(found)
}

fn token(run: &str, numbered: bool) -> Option<Token> {
    Some(match run {
        "" => Token::Number(0),
        _ if run.starts_with(|c: char| c.is_ascii_digit()) => Token::Number(run.parse().ok()?),
        "a" if numbered => Token::Word("alpha".into()),
        "b" if numbered => Token::Word("beta".into()),
        "m" if numbered => Token::Word("milestone".into()),
        _ => Token::Word(run.to_owned()),
    })
}

/// Takes what counts as nothing (`0`, `final`, `ga`, `release`) from the end, and from before each dash.
fn trim(tokens: &mut Vec<(Mark, Token)>) {
    let is_nothing = |token: &Token| match token {
        Token::Number(number) => *number == 0,
        Token::Word(word) => rank(word) == rank(""),
    };
    let mut end = tokens.len();
    while end > 0 {
        let mut from = end;
        while from > 0 && is_nothing(&tokens[from - 1].1) {
            from -= 1;
        }
        tokens.drain(from..end);
        // On to the next dash before.
        end = from.saturating_sub(1);
        while end > 0 && tokens[end].0 != Mark::Dash {
            end -= 1;
        }
    }
}
