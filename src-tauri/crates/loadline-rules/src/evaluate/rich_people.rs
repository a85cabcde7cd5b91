//! People, tables and debt about which everything is known, for the laws.

use crate::testing::{Case, as_of};
use loadline_model::key::{self, RIGHTS};
use loadline_model::{Kind, ORGANISATION, Relation, Setting, Value};

/// The rules that pass about it.
pub(super) const PASSES: [(&str, &str); 5] = [
    ("ARCH-005", "repo"),
    ("ARCH-011", "old"),
    ("PPL-004", ORGANISATION),
    ("PPL-005", ORGANISATION),
    ("PPL-006", ORGANISATION),
];

/// Adds on-call, rights, unplanned work, a debt ratio with its past, and tables: those of `old` have one writer each, of those of
/// `db` one has two.
pub(super) fn people(case: Case) -> Case {
    let item = |case: Case, about: &str, key: &str, item: &str, n: f64| {
        case.has(about, Setting { key: key.into(), item: Some(item.into()), value: Value::Number(n) })
    };
    let case = case
        .number("schedule", key::ONCALL_LEVELS, 2.0)
        .number("schedule", key::ONCALL_PEOPLE, 6.0)
        .number("schedule", key::ONCALL_GAP_HOURS_14D, 0.0)
        .number("schedule", key::ONCALL_LARGEST_SHARE, 0.2)
        .flag(ORGANISATION, key::ACCESS_ROOT_SHARED, false)
        .number("repo", key::CODE_DEBT_RATIO, 0.04);
    let case = item(case, "repo", key::CODE_DEBT_RATIO, &as_of().plus_days(-95).utc_day().to_string(), 0.04);
    let case = item(case, ORGANISATION, key::WORK_UNPLANNED, "2026-11-02", 0.4);
    let case = item(case, ORGANISATION, key::WORK_UNPLANNED, "2026-11-09", 0.1);
    let case = RIGHTS.into_iter().fold(case, |case, right| item(case, ORGANISATION, key::ACCESS_HOLDERS, right, 2.0));
    let tables = [("t1", "old"), ("t2", "old"), ("t3", "db"), ("t4", "db")];
    let case = tables
        .into_iter()
        .fold(case, |case, (table, database)| case.thing(table, Kind::Table).edge(table, Relation::StoredIn, database));
    let writes = [("t1", "shop"), ("t2", "mail"), ("t3", "shop"), ("t3", "mail"), ("t4", "mail"), ("t4", "reports")];
    writes.into_iter().fold(case, |case, (table, user)| item(case, table, key::TABLE_WRITES, user, 500.0))
}
