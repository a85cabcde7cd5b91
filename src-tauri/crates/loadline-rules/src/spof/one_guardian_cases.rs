use super::RULE;
use crate::testing::{Case, as_of};
use loadline_model::{Body, Expiry, Kind, Setting, Tier, Value, key};

fn ends(what: &str, days: i64, automatic: Option<bool>) -> Expiry {
    Expiry { what: what.into(), name: format!("{what}.example"), at: as_of().plus_days(days), automatic }
}
fn job(key: &str, value: Value) -> Body {
    Body::Setting(Setting { key: key.into(), item: Some("nightly".into()), value })
}
fn runs_in(place: &str) -> Body {
    job(key::SCHEDULE_RUNS_IN, Value::Text(place.into()))
}
/// Certificate, domain and job as given; the rest is fine.
fn with(certificate: i64, domain: Expiry, schedule: Body) -> Case {
    let case = Case::new().thing("www", Kind::Entrypoint).thing("api", Kind::Service);
    case.has("www", ends("certificate", certificate, Some(true))).has("www", domain).has("api", schedule)
}

#[test]
fn cases() {
    let domain = |days| ends("domain", days, None);
    let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "organisation"), expected);
    check(Case::new(), "unknown not_connected");
    check(with(60, domain(300), runs_in("cluster")), "pass");
    check(Case::new().has("www", ends("certificate", 60, None)), "unknown not_connected");
    check(with(20, domain(300), runs_in("cluster")), "fail high");
    check(with(6, domain(300), runs_in("cluster")), "fail critical");
    check(with(-2, domain(300), runs_in("cluster")), "fail critical");
    check(with(60, domain(44), runs_in("cluster")), "fail medium");
    check(with(60, ends("domain", 44, Some(true)), runs_in("cluster")), "pass");
    check(with(60, domain(5), runs_in("cluster")), "fail critical");
    check(with(60, domain(300), runs_in("web_process")), "fail medium");
    check(with(60, domain(300), runs_in("one_host")), "fail medium");
    let missed = |n| job(key::SCHEDULE_MISSED_RUNS, Value::Number(n));
    check(with(60, domain(300), missed(1.0)), "pass");
    check(with(60, domain(300), missed(2.0)), "fail high");
    check(with(60, domain(300), missed(2.0)).tier("api", Tier::T2), "fail medium");
    check(with(60, domain(300), runs_in("cluster")).gap("www", "expiry"), "unknown permission_denied");
    check(Case::new().has("www", ends("secret", 20, None)), "fail high");
}
