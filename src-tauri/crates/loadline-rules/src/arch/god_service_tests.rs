use super::RULE;
use crate::arch::cases::repository;
use crate::testing::Case;
use crate::window::cases::series;
use loadline_model::key::metric::REQUEST_RATE;
use loadline_model::{AccountSummary, Kind, Relation, key};

#[test]
fn cases() {
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "repo"), expected);
    let domains = |n: f64| repository().number("repo", key::CODE_DOMAINS, n);
    let mixed = || domains(7.0).number("repo", key::CODE_BOUNDARY, 0.4);
    let busy = || mixed().number("repo", key::HISTORY_COMMITS, 900.0);
    let built = |case: Case| case.thing("api", Kind::Service).edge("api", Relation::BuiltFrom, "repo");
    check(Case::new().thing("repo", Kind::Repository), "unknown not_connected");
    check(repository(), "unknown not_connected");
    check(domains(0.0), "unknown unmapped_subject");
    check(domains(4.0), "pass");
    check(domains(7.0), "unknown low_sample");
    check(domains(7.0).number("repo", key::CODE_BOUNDARY, 0.8), "pass");
    check(mixed(), "unknown truncated");
    check(busy(), "unknown unmapped_subject");
    check(built(busy()), "fail medium");
    check(built(busy()).thing("jobs", Kind::Service), "unknown unmapped_subject");
    let other = |case: Case, n: f64| case.thing("two", Kind::Repository).number("two", key::HISTORY_COMMITS, n);
    check(other(built(busy()), 9_000.0), "pass");
    check(other(built(busy()), 100.0), "fail medium");
    check(built(busy()).thing("two", Kind::Repository), "unknown truncated");
    let empty = built(busy()).thing("two", Kind::Repository).number("two", key::CODE_FILES, 0.0);
    check(empty, "fail medium");
    // Of two services the requests decide; what an account that is gone said of the other repository decides nothing.
    let both = |own: f64, jobs: f64| {
        let case = built(busy()).thing("jobs", Kind::Service).has("api", series(REQUEST_RATE, 24, move |_| own));
        case.has("jobs", series(REQUEST_RATE, 24, move |_| jobs))
    };
    check(both(9.0, 1.0), "fail medium");
    check(both(1.0, 9.0), "pass");
    check(both(0.0, 0.0), "unknown unmapped_subject");
    let gone = other(built(busy()), 9_000.0).edit(|s| {
        s.accounts.push(AccountSummary { id: "old".into(), connected: false, ..s.accounts[0].clone() });
        s.facts.last_mut().expect("commits").provenance.account = "old".into();
    });
    check(gone, "unknown not_connected");
}
