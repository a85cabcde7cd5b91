use super::RULE;
use crate::testing::{Case, as_of};
use loadline_model::{Kind, LockSample, Relation, Setting, Value, key};

fn table(case: Case, name: &str) -> Case {
    case.thing(name, Kind::Table).edge(name, Relation::StoredIn, "db")
}

fn database() -> Case {
    table(table(Case::new().thing("db", Kind::Database), "public.orders"), "public.users")
}

fn of(case: Case, about: &str, key: &str, item: &str, n: f64) -> Case {
    case.has(about, Setting { key: key.into(), item: Some(item.into()), value: Value::Number(n) })
}

fn writes(case: Case, table: &str, user: &str, calls: f64) -> Case {
    of(case, table, key::TABLE_WRITES, user, calls)
}

fn check(case: Case, expected: &str) {
    assert_eq!(case.answer(&RULE, "db"), expected);
}

/// Each of two users writes a table of its own.
fn apart() -> Case {
    writes(writes(database(), "public.orders", "shop", 900.0), "public.users", "accounts", 90.0)
}

#[test]
fn users_that_write() {
    check(database(), "unknown not_connected");
    check(writes(database(), "public.orders", "shop", 900.0), "unknown not_connected");
    check(apart(), "pass");
    check(writes(apart(), "public.orders", "accounts", 100.0), "fail low");
    // A repair by hand, a migration and an administrator are no service.
    check(writes(apart(), "public.orders", "accounts", 1.0), "pass");
    check(writes(apart(), "public.orders", "shop_migrations", 800.0), "pass");
    check(writes(apart(), "public.orders", "postgres", 800.0), "pass");
    // Three services and two users: two of the services share one.
    let third = ["a", "b", "c"].iter().fold(apart(), |case, service| {
        case.thing(service, Kind::Service).edge(service, Relation::DependsOn { hard: true }, "db")
    });
    check(third, "unknown not_connected");
    check(apart().gap("public.orders", key::TABLE_WRITES), "unknown permission_denied");
    let waiting = LockSample {
        at: as_of(),
        active: 4.0,
        blocked: 1.0,
        longest_wait_s: 2.0,
        longest_idle_in_transaction_s: 0.0,
        oldest_transaction_s: 0.0,
        chains: vec![],
    };
    check(writes(apart(), "public.orders", "accounts", 100.0).has("db", waiting), "fail medium");
}

#[test]
fn source_that_writes_and_reads() {
    let repository = |case: Case, name: &str| case.thing(name, Kind::Repository);
    let two = || repository(repository(apart(), "shop"), "billing");
    check(of(two(), "shop", key::CODE_TABLE_WRITERS, "orders", 1.0), "pass");
    check(of(two(), "shop", key::CODE_TABLE_WRITERS, "orders", 2.0), "fail low");
    let both = of(two(), "shop", key::CODE_TABLE_WRITERS, "orders", 1.0);
    check(of(both, "billing", key::CODE_TABLE_WRITERS, "orders", 1.0), "fail low");
    let read =
        |n| of(of(two(), "shop", key::CODE_TABLE_WRITERS, "orders", 1.0), "shop", key::CODE_TABLE_READERS, "orders", n);
    check(read(2.0), "pass");
    check(read(3.0), "fail low");
    check(of(two(), "shop", key::CODE_TABLE_READERS, "orders", 5.0), "pass");
    check(of(two(), "shop", key::CODE_TABLE_WRITERS, "carts", 2.0), "pass");
}
