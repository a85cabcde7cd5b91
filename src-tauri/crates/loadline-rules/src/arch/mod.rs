//! ARCH: architecture and code. Subjects are repositories.

mod advisories;
mod background_work;
mod complex_and_changing;
mod debt_ratio;
mod framework_support;
mod god_service;
mod layers_mixed;
mod lists_without_limit;
mod migration_stalled;
mod migrations;
mod module_cycles;
mod out_of_date;
mod reading;
mod runtime_support;
mod shared_tables;
mod tables_in_source;
mod tests_missing;

use crate::Rule;

pub(crate) use reading::{at, history_too_short, measured, places};

/// The rules of this family, by id.
pub(crate) const RULES: &[&Rule] = &[
    &god_service::RULE,
    &module_cycles::RULE,
    &layers_mixed::RULE,
    &complex_and_changing::RULE,
    &debt_ratio::RULE,
    &lists_without_limit::RULE,
    &background_work::RULE,
    &out_of_date::RULE,
    &tests_missing::RULE,
    &migration_stalled::RULE,
    &shared_tables::RULE,
];

#[cfg(test)]
mod cases {
    //! Repositories for cases.
    use crate::testing::Case;
    use loadline_model::{CodeIdiom, Kind, Setting, Value, key};

    /// A repository `repo` of 40 measured files; this share of its files was not measured.
    pub(in crate::arch) fn partly(unmeasured: f64) -> Case {
        let case = Case::new().thing("repo", Kind::Repository).number("repo", key::CODE_FILES, 40.0);
        case.number("repo", key::CODE_UNMEASURED, unmeasured)
    }
    /// The same, measured as a whole.
    pub(in crate::arch) fn repository() -> Case {
        partly(0.0)
    }
    /// The same with so many routes, and so many handlers that were seen.
    pub(in crate::arch) fn routes(all: f64, visible: f64) -> Case {
        repository().number("repo", key::CODE_ROUTES, all).number("repo", key::CODE_ROUTES_SEEN, visible)
    }
    /// The same with ten routes whose handlers were seen.
    pub(in crate::arch) fn serving() -> Case {
        routes(10.0, 10.0)
    }
    /// Adds places of an idiom, likely or only possible, and their count.
    pub(in crate::arch) fn idioms(case: Case, what: &str, places: u32, likely: bool) -> Case {
        let count =
            Setting { key: key::CODE_IDIOMS.into(), item: Some(what.into()), value: Value::Number(f64::from(places)) };
        (0..places).fold(case.has("repo", count), |case, line| {
            let idiom =
                CodeIdiom { what: what.into(), path: "src/a.py".into(), line: line + 1, likely, how: "a case".into() };
            case.has("repo", idiom)
        })
    }
}
