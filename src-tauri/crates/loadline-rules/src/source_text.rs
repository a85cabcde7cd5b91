//! What source text shows of a service. Likely places may convict; none of them ever acquits, and what is merely seen of a
//! repository is shown beside an answer that is unknown.

use crate::Context;
use crate::evaluate::gap_about;
use loadline_model::{CodeIdiom, Evidence, Gap, Provenance, Relation, SubjectId, key};
use std::collections::BTreeSet;

/// Most places shown as rows.
const SHOWN: usize = 5;

/// A likely place of an idiom, and who read it.
pub(crate) type Place<'a> = (&'a CodeIdiom, &'a Provenance);

/// Likely places of an idiom in the repositories from which this service alone is built: with several, nobody could say
/// whose they are.
pub(crate) fn likely<'a>(what: &str, service: &SubjectId, context: &Context<'a>) -> Vec<Place<'a>> {
    let alone = |repository: &SubjectId| services_of(repository, context).len() == 1;
    let own = repositories_of(service, context).into_iter().filter(alone);
    let mut found: Vec<Place<'a>> = own
        .flat_map(|repository| context.facts.facts::<CodeIdiom>(&repository).collect::<Vec<_>>())
        .filter(|(idiom, _)| idiom.likely && idiom.what == what && serves(&idiom.path))
        .collect();
    found.sort_by_key(|(idiom, from)| (&idiom.path, idiom.line, std::cmp::Reverse(from.read_at), *from));
    found.dedup_by_key(|(idiom, _)| (&idiom.path, idiom.line));
    found
}

/// What hides a part of the code of a service: a place may be in it.
pub(crate) fn hidden<'a>(service: &SubjectId, context: &Context<'a>) -> Option<&'a Gap> {
    let topics = ["code_idiom", key::CODE_IDIOMS];
    repositories_of(service, context).iter().find_map(|repository| gap_about(repository, context, &topics))
}

/// Words of paths whose code serves no user: it may wait, loop and read everything.
const BESIDE: [&str; 20] = [
    "test",
    "tests",
    "spec",
    "specs",
    "e2e",
    "example",
    "examples",
    "sample",
    "samples",
    "fixture",
    "fixtures",
    "script",
    "scripts",
    "tool",
    "tools",
    "bench",
    "benches",
    "migrations",
    "seed",
    "seeds",
];

/// Whether code at this path may serve users.
fn serves(path: &str) -> bool {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric());
    !words.map(str::to_ascii_lowercase).any(|word| BESIDE.contains(&word.as_str()))
}

/// The services that are built from a repository.
pub(crate) fn services_of(repository: &SubjectId, context: &Context<'_>) -> BTreeSet<SubjectId> {
    let built = context.facts.edges_to(repository).filter(|e| e.edge.relation == Relation::BuiltFrom);
    built.map(|e| e.from).collect()
}

/// The repositories that a service is built from.
pub(crate) fn repositories_of(service: &SubjectId, context: &Context<'_>) -> BTreeSet<SubjectId> {
    let built = context.facts.edges_from(service).filter(|e| e.edge.relation == Relation::BuiltFrom);
    built.map(|e| e.to).collect()
}

/// `src/a.py:4` and 2 more places.
pub(crate) fn at(places: &[Place<'_>]) -> String {
    let first = places.first().map_or_else(String::new, |(p, _)| format!("`{}:{}`", p.path, p.line));
    match places.len().saturating_sub(1) {
        0 => first,
        1 => format!("{first} and 1 more place"),
        more => format!("{first} and {more} more places"),
    }
}

/// The places as rows.
pub(crate) fn rows(places: &[Place<'_>]) -> Vec<Evidence> {
    let row =
        |(p, from): &Place<'_>| Evidence::read(format!("{}:{}", p.path, p.line), format!("likely: {}", p.how), from);
    places.iter().take(SHOWN).map(row).collect()
}

/// The likely places of several idioms in the code of these services, as rows: where to look while nothing is measured.
pub(crate) fn hints<'i>(
    idioms: &[&str],
    services: impl IntoIterator<Item = &'i SubjectId>,
    context: &Context<'_>,
) -> Vec<Evidence> {
    let of_service = |id| idioms.iter().flat_map(move |what| rows(&likely(what, id, context)));
    services.into_iter().flat_map(of_service).collect()
}

/// What the repositories of a service say of images and of infrastructure that is written down, as rows.
pub(crate) fn artefacts(service: &SubjectId, context: &Context<'_>) -> Vec<Evidence> {
    const SAID: [(&str, &str); 5] = [
        (key::CODE_IMAGES, "container images in the repository"),
        (key::CODE_IMAGE_PINNED, "every base names a version"),
        (key::CODE_IMAGE_ROOT, "runs as root"),
        (key::CODE_IMAGE_HEALTH_CHECK, "says how to see whether it is well"),
        (key::CODE_INFRASTRUCTURE, "infrastructure is written in"),
    ];
    let mut rows = Vec::new();
    for repository in repositories_of(service, context) {
        for (key, label) in SAID {
            for (setting, from) in context.facts.settings(&repository, key).take(SHOWN) {
                let label = setting.item.as_deref().map_or_else(|| label.to_owned(), |item| format!("{label}, {item}"));
                rows.push(Evidence::read(label, setting.value.to_string(), from));
            }
        }
    }
    rows
}

#[cfg(test)]
pub(crate) mod cases {
    //! Idioms for cases.
    use crate::testing::Case;
    use loadline_model::{CodeIdiom, Kind, Relation};

    /// The repository `code` from which `service` is built, with one place of an idiom.
    pub(crate) fn place(case: Case, service: &str, what: &str, likely: bool) -> Case {
        let idiom = CodeIdiom { what: what.into(), path: "src/a.py".into(), line: 4, likely, how: "a case".into() };
        case.thing("code", Kind::Repository).edge(service, Relation::BuiltFrom, "code").has("code", idiom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Case;
    use loadline_model::Kind;

    #[test]
    fn tests_and_scripts_serve_nobody() {
        for (path, expected) in [("src/latest.py", true), ("src/contest/a.ts", true), ("api/users.spec.ts", false)] {
            assert_eq!(serves(path), expected, "{path}");
        }
        assert!(!serves("scripts/import.py") && !serves("a/__tests__/b.js") && !serves("pkg/a_test.go"));
    }

    #[test]
    fn places_belong_to_the_one_service_that_is_built_from_them() {
        let found = |case: Case| {
            let mut said = String::new();
            case.look(|context| said = at(&likely(key::idiom::RETRY, &"api".into(), context)));
            said
        };
        let api = || Case::new().thing("api", Kind::Service);
        assert_eq!(found(cases::place(api(), "api", key::idiom::RETRY, true)), "`src/a.py:4`");
        assert_eq!(found(cases::place(api(), "api", key::idiom::RETRY, false)), "");
        assert_eq!(found(cases::place(api(), "api", key::idiom::SELECT_ALL, true)), "");
        let two = cases::place(api(), "api", key::idiom::RETRY, true).thing("web", Kind::Service);
        assert_eq!(found(two.edge("web", Relation::BuiltFrom, "code")), "");
    }

    #[test]
    fn hints_stand_beside_what_is_unknown_and_change_no_answer() {
        let api = || Case::new().thing("api", Kind::Service);
        let code = cases::place(api(), "api", key::idiom::QUERY_IN_LOOP, true);
        let rule = crate::all().find(|r| r.id == "DB-004").expect("listed");
        let found = code.check_of(rule, "api").result;
        assert!(found.outcome.is_unknown());
        assert_eq!(found.evidence.iter().map(|e| e.label.as_str()).collect::<Vec<_>>(), ["src/a.py:4"]);
        let images = cases::place(api(), "api", key::idiom::RETRY, true).number("code", key::CODE_IMAGES, 2.0);
        let rule = crate::all().find(|r| r.id == "SCALE-007").expect("listed");
        let found = images.check_of(rule, "api").result;
        assert!(found.outcome.is_unknown());
        assert!(found.evidence.iter().any(|e| e.label == "container images in the repository"));
    }
}
