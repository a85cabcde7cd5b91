//! Every rule is listed, worded and numbered as the catalog wants it.

#[path = "published.rs"]
mod published;

use crate::all;
use loadline_model::rule_sources::RULE_SOURCES;
use loadline_model::{DOMAINS, Kind};
use published::{CATALOG, EDGES, METRICS};
use std::collections::BTreeSet;
use std::path::Path;

/// Path and text of every source file of the rule families.
fn sources() -> Vec<(String, String, String)> {
    let manifest = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_else(|_| env!("CARGO_MANIFEST_DIR").into());
    let root = Path::new(&manifest).join("src");
    let mut files = Vec::new();
    let folders = std::fs::read_dir(&root).expect("the crate has sources").map(|f| f.expect("readable").path());
    for folder in folders.filter(|f| f.is_dir() && f.join("mod.rs").exists()) {
        let family = folder.file_name().expect("named").to_string_lossy().into_owned();
        for file in std::fs::read_dir(&folder).expect("readable") {
            let file = file.expect("readable").path();
            let stem = file.file_stem().expect("named").to_string_lossy().into_owned();
            files.push((family.clone(), stem, std::fs::read_to_string(&file).expect("text")));
        }
    }
    files.sort();
    files
}

/// Files that hold a rule: family, file, text, id.
fn rule_files() -> Vec<(String, String, String, String)> {
    let is_rule = |text: &str| text.contains("const RULE: Rule");
    let files = sources().into_iter().filter(|(_, _, text)| is_rule(text));
    files
        .map(|(family, stem, text)| {
            let id = text
                .split("id: \"")
                .nth(1)
                .and_then(|rest| rest.split('"').next())
                .expect("a rule has an id")
                .to_owned();
            (family, stem, text, id)
        })
        .collect()
}

#[test]
fn ids_are_unique_and_in_catalog_order() {
    let place = |id: &str| RULE_SOURCES.iter().position(|(known, _)| *known == id);
    let mut last = BTreeSet::new();
    for rule in all() {
        let at = place(rule.id).unwrap_or_else(|| panic!("{} is not in the catalog", rule.id));
        let family: Vec<usize> =
            last.iter().filter(|(family, _)| *family == rule.domain()).map(|(_, at)| *at).collect();
        assert!(family.iter().all(|before| *before < at), "{} is out of order", rule.id);
        assert!(last.insert((rule.domain(), at)), "{} twice", rule.id);
        assert!(DOMAINS.iter().any(|(domain, _, _)| *domain == rule.domain()), "{} has no domain", rule.id);
    }
    let catalog: Vec<&str> = CATALOG.iter().map(|(id, ..)| *id).collect();
    assert_eq!(catalog, RULE_SOURCES.iter().map(|(id, _)| *id).collect::<Vec<_>>());
}

#[test]
fn weight_and_effort_are_the_catalogs() {
    for rule in all() {
        let (_, weight, days) = CATALOG.iter().find(|(id, ..)| *id == rule.id).expect("in the catalog");
        assert_eq!((rule.weight, rule.effort_days), (*weight, *days), "{}", rule.id);
        assert!([1, 2, 3, 5].contains(&rule.weight), "{}", rule.id);
        let [low, high] = rule.effort_days;
        assert!(0.0 < low && low <= high, "{}", rule.id);
    }
}

#[test]
fn prerequisites_are_the_catalogs_and_acyclic() {
    for rule in all() {
        let wanted: BTreeSet<&str> =
            EDGES.iter().filter(|(_, then)| *then == rule.id).map(|(first, _)| *first).collect();
        let said: BTreeSet<&str> = rule.prerequisites.iter().copied().collect();
        assert_eq!(said, wanted, "{}", rule.id);
    }
    let mut edges: Vec<(&str, &str)> = EDGES.to_vec();
    edges.extend(all().flat_map(|r| r.prerequisites.iter().map(|p| (*p, r.id))));
    for (first, then) in &edges {
        assert!([first, then].iter().all(|id| RULE_SOURCES.iter().any(|(known, _)| known == *id)), "{first} -> {then}");
    }
    while !edges.is_empty() {
        let before = edges.len();
        let open: BTreeSet<&str> = edges.iter().map(|(_, then)| *then).collect();
        edges.retain(|(first, _)| open.contains(first));
        assert!(edges.len() < before, "a cycle among {edges:?}");
    }
}

#[test]
fn proof_metrics_are_the_ones_for_the_rule() {
    for rule in all() {
        let known = METRICS.iter().find(|(metric, _)| *metric == rule.proof_metric);
        let (_, used_by) = known.unwrap_or_else(|| panic!("{}: no metric {}", rule.id, rule.proof_metric));
        assert!(used_by.contains(&rule.id), "{} is not proven by {}", rule.id, rule.proof_metric);
    }
}

#[test]
fn words_are_there() {
    for rule in all() {
        assert!(rule.question.ends_with('?'), "{}: {}", rule.id, rule.question);
        let words = [
            rule.title,
            rule.why,
            rule.condition,
            rule.effort_source,
            rule.severity,
            rule.proof,
            rule.false_positives,
            rule.unknown_when,
        ];
        assert!(words.iter().all(|w| !w.trim().is_empty()), "{}", rule.id);
        assert!(words.iter().all(|w| !w.contains("  ")), "{}: two spaces in a row", rule.id);
        assert!(!rule.fix.is_empty() && rule.fix.iter().all(|f| !f.is_empty()), "{}", rule.id);
        assert!(
            !rule.sources.is_empty() && rule.sources.iter().all(|(c, r)| !c.is_empty() && !r.is_empty()),
            "{}",
            rule.id
        );
        let kinds: BTreeSet<Kind> = rule.kinds().iter().copied().collect();
        assert_eq!(kinds.len(), rule.kinds().len(), "{}", rule.id);
        let keys: BTreeSet<&str> = rule.numbers.iter().map(|n| n.key).collect();
        assert_eq!(keys.len(), rule.numbers.len(), "{}", rule.id);
        let said = rule.numbers.iter().all(|n| n.value.is_finite() && !n.unit.is_empty() && !n.source.is_empty());
        assert!(said, "{}: a number without unit or source", rule.id);
    }
}

#[test]
fn every_rule_file_is_listed_in_its_family() {
    let files = rule_files();
    assert_eq!(files.len(), all().count(), "a rule file is not listed, or one is listed twice");
    for (family, stem, _, id) in files {
        let (_, _, list) =
            sources().into_iter().find(|(f, s, _)| *f == family && s == "mod").expect("a family has a mod.rs");
        assert!(list.contains(&format!("&{stem}::RULE")), "{family}/{stem} ({id}) is not in RULES");
        assert!(all().any(|r| r.id == id && r.domain().eq_ignore_ascii_case(&family)), "{id} is not judged");
    }
}

#[test]
fn every_number_that_is_asked_for_exists_and_every_number_is_used() {
    for (family, stem, text, id) in rule_files() {
        let rule = all().find(|r| r.id == id).expect("listed");
        for asked in text.split("subject.number(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(rule.numbers.iter().any(|n| n.key == asked), "{family}/{stem}: no number {asked}");
        }
        // Once where it is defined, and once more here or in what the family shares.
        let shared: String = sources().into_iter().filter(|(f, ..)| *f == family).map(|(.., text)| text).collect();
        for number in rule.numbers {
            let quoted = format!("\"{}\"", number.key);
            let definitions = shared.matches(&format!("key: {quoted}")).count();
            let uses = shared.matches(&quoted).count();
            assert!(uses > definitions, "{id}: {} is never used", number.key);
        }
    }
}
