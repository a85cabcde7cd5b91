//! Files that change in the same commits although they are parts of different domains.

use crate::arch::measured;
use crate::db::wording::percent;
use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Context, Subject};
use loadline_model::{ChangedTogether, CodeModule, CodeStat, Evidence, Provenance};
use std::collections::{BTreeMap, BTreeSet};

/// Pairs that a repository tells of, the surest first (`MOST_PAIRS` of the connector).
const TOLD: usize = 100;
/// Most pairs shown as rows.
const SHOWN: usize = 10;

/// What changes together past the threshold.
pub(super) struct Pairs {
    /// Pairs of source files in two domains.
    pub crossing: usize,
    /// Pairs of source files of which one has no known domain.
    pub unclear: usize,
    /// The crossing ones, surest first.
    pub rows: Vec<Evidence>,
    /// There may be more than were told.
    pub cut: bool,
}

/// The pairs of a repository that change together often enough to count.
pub(super) fn pairs(
    subject: &Subject<'_>,
    context: &Context<'_>,
    seen: &mut Reading<'_>,
    verdict: &mut Verdict,
) -> Pairs {
    measured(subject.number("unmeasured"), subject, seen, verdict);
    let domains = domains(subject, context);
    // Lock files, texts and tests change with everything; what is judged is the product's own source.
    let source: BTreeSet<&str> = context.facts.facts::<CodeStat>(&subject.id).map(|(s, _)| s.path.as_str()).collect();
    let told = newest(subject, context);
    let least = |p: &ChangedTogether| p.confidence >= subject.number("confidence");
    let cut = told.len() >= TOLD && told.values().all(|(p, _)| least(p));
    let counts = |(p, _): &(&ChangedTogether, &Provenance)| {
        least(p)
            && f64::from(p.support) >= subject.number("support")
            && [&p.first, &p.second].iter().all(|f| source.contains(f.as_str()))
    };
    let mut found: Vec<(&ChangedTogether, &Provenance)> = told.into_values().filter(counts).collect();
    found.sort_by(|(a, _), (b, _)| {
        let by = b.confidence.total_cmp(&a.confidence).then(b.support.cmp(&a.support));
        by.then_with(|| (&a.first, &a.second).cmp(&(&b.first, &b.second)))
    });
    let mut pairs = Pairs { crossing: 0, unclear: 0, rows: Vec::new(), cut };
    for (pair, from) in found {
        match (domains.get(folder(&pair.first)), domains.get(folder(&pair.second))) {
            (Some(a), Some(b)) if a == b => {}
            (Some(_), Some(_)) => {
                pairs.crossing += 1;
                if pairs.rows.len() < SHOWN {
                    let said = format!("{} of the changes, {} commits", percent(pair.confidence), pair.support);
                    pairs.rows.push(Evidence::read(format!("{} changes with {}", pair.first, pair.second), said, from));
                }
            }
            _ if folder(&pair.first) == folder(&pair.second) => {}
            _ => pairs.unclear += 1,
        }
    }
    pairs
}

/// The newest telling of each pair.
fn newest<'a>(
    subject: &Subject<'_>,
    context: &Context<'a>,
) -> BTreeMap<(&'a str, &'a str), (&'a ChangedTogether, &'a Provenance)> {
    let mut told: BTreeMap<_, (&ChangedTogether, &Provenance)> = BTreeMap::new();
    for (pair, from) in context.facts.facts::<ChangedTogether>(&subject.id) {
        let known = told.entry((pair.first.as_str(), pair.second.as_str())).or_insert((pair, from));
        if (known.1.read_at, known.1) < (from.read_at, from) {
            *known = (pair, from);
        }
    }
    told
}

/// The domain of each folder whose domain is known.
fn domains<'a>(subject: &Subject<'_>, context: &Context<'a>) -> BTreeMap<&'a str, &'a str> {
    let modules = context.facts.facts::<CodeModule>(&subject.id);
    modules.filter_map(|(m, _)| m.domain.as_deref().map(|d| (m.path.as_str(), d))).collect()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
