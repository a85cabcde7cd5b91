//! A repository about which everything is known and good, for the laws.

use crate::testing::{Case, as_of};
use loadline_model::{CodeIdiom, CodeStat, Document, Kind, Relation, Setting, Value, key, key::idiom};

/// The rules that pass about it.
pub(super) const PASSES: [(&str, &str); 9] = [
    ("ARCH-001", "repo"),
    ("ARCH-002", "repo"),
    ("ARCH-003", "repo"),
    ("ARCH-004", "repo"),
    ("ARCH-006", "repo"),
    ("ARCH-007", "repo"),
    ("PPL-001", "repo"),
    ("PPL-002", "repo"),
    ("PPL-003", "organisation"),
];

/// Adds the repository `repo`, from which `api` is built.
pub(super) fn repository(case: Case) -> Case {
    let numbers = [
        (key::CODE_FILES, 40.0),
        (key::CODE_UNMEASURED, 0.0),
        (key::CODE_LINES, 4_000.0),
        (key::CODE_TEST_LINES, 900.0),
        (key::CODE_PIPELINES, 1.0),
        (key::CODE_ROUTES, 20.0),
        (key::CODE_ROUTES_SEEN, 20.0),
        (key::CODE_DOMAINS, 6.0),
        (key::CODE_BOUNDARY, 0.9),
        (key::CODE_IMPORTS, 90.0),
        (key::CODE_DOMAINS_IN_CYCLE, 0.0),
        (key::CODE_LARGEST_CYCLE, 0.0),
        (key::CODE_CYCLIC_SHARE, 0.0),
        (key::CODE_OWNERS_ERRORS, 0.0),
        (key::CODE_OWNED_SHARE, 1.0),
        (key::HISTORY_DAYS, 700.0),
        (key::HISTORY_COMMITS, 400.0),
        (key::HISTORY_AUTHORS, 5.0),
        (key::HISTORY_ACTIVE_AUTHORS, 4.0),
        (key::TRUCK_FACTOR, 3.0),
        (key::TRUCK_FACTOR_ACTIVE, 3.0),
        (key::ORPHANED_SHARE, 0.1),
    ];
    let flags = [
        (key::HISTORY_COMPLETE, true),
        (key::CODE_OWNERS_FILE, true),
        (key::CODE_TESTS_RUN, true),
        (key::CODE_DOCUMENTS_READ, true),
    ];
    let case = case.thing("repo", Kind::Repository).edge("api", Relation::BuiltFrom, "repo");
    let case = numbers.into_iter().fold(case, |case, (key, n)| case.number("repo", key, n));
    let case = flags.into_iter().fold(case, |case, (key, on)| case.flag("repo", key, on));
    let words = [idiom::BACKGROUND_WORK, idiom::LIST_LIMITED, idiom::LIST_UNLIMITED, idiom::QUERY_IN_HANDLER];
    let case = words.into_iter().fold(case, |case, word| {
        let value = Value::Number(if word == idiom::LIST_LIMITED { 1.0 } else { 0.0 });
        case.has("repo", Setting { key: key::CODE_IDIOMS.into(), item: Some(word.into()), value })
    });
    let limited = CodeIdiom {
        what: idiom::LIST_LIMITED.into(),
        path: "src/users.py".into(),
        line: 4,
        likely: true,
        how: "a page".into(),
    };
    let file = CodeStat {
        path: "src/users.py".into(),
        churn: Some(3.0),
        complexity_rank: Some(0.5),
        hotspot: Some(0.2),
        owners: Some(3),
        ..CodeStat::default()
    };
    let runbook = Document {
        what: "runbook".into(),
        title: "api, web and worker at night".into(),
        url: None,
        updated_at: Some(as_of().plus_days(-20)),
    };
    case.has("repo", limited).has("repo", file).has("repo", runbook)
}
