//! Semantic versions (semver.org, section 11), and NuGet's with four numbers and no case (learn.microsoft.com/nuget,
//! "Package versioning").

use std::cmp::Ordering;

/// Orders two versions of at most this many numbers; missing numbers are zero.
pub(super) fn compare(a: &str, b: &str, most: usize, fold: bool) -> Option<Ordering> {
    let (a, b) = (parse(a, most, fold)?, parse(b, most, fold)?);
    Some(a.0.cmp(&b.0).then_with(|| match (a.1.is_empty(), b.1.is_empty()) {
        (true, true) => Ordering::Equal,
        // A release comes after what leads to it.
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => a.1.cmp(&b.1),
    }))
}

/// Numbers come before words.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Number(u64),
    Word(String),
}

fn parse(version: &str, most: usize, fold: bool) -> Option<(Vec<u64>, Vec<Part>)> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let version = version.split('+').next()?;
    let (core, before) = version.split_once('-').map_or((version, None), |(core, before)| (core, Some(before)));
    let mut numbers: Vec<u64> = core.split('.').map(number).collect::<Option<_>>()?;
    if numbers.len() > most {
        return None;
    }
    numbers.resize(most, 0);
    let part = |text: &str| {
        let is_word = !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
        is_word.then(|| match number(text) {
            Some(number) => Part::Number(number),
            None if fold => Part::Word(text.to_ascii_lowercase()),
            None => Part::Word(text.to_owned()),
        })
    };
    let before = before.map_or(Some(Vec::new()), |parts| parts.split('.').map(part).collect())?;
    Some((numbers, before))
}

fn number(text: &str) -> Option<u64> {
    (!text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}
