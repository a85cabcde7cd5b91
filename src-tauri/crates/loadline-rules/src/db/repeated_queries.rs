//! N+1 queries on a hot endpoint.

use super::likely_loops;
use super::wording::{count, named};
use crate::source_text::hints;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "DB-004",
    title: "N+1 queries on a hot endpoint",
    question: "Does one page load fire dozens of similar queries?",
    why: "Every query costs a round trip and a connection for its duration, so one page multiplies the load on the database. \
          One page went from 47 calls to 3 (S2).",
    condition: "At p95 a request on one of the 20 busiest routes makes more than 30 database calls; without traces, likely: a \
                look-up ran as often (within 10 %) as another statement of the same database returned rows, 1,000 times or \
                more, 10 rows a call or more",
    fix: &[
        "load related rows eagerly, or in one query by a list of ids",
        "put a data-loader behind GraphQL resolvers",
        "guard the route with a test that fails above a query budget",
    ],
    effort_days: [1.0, 4.0],
    effort_source: "S2: inside 2-3 weeks",
    weight: 5,
    severity: "high on a T0 route or above 40 calls; medium otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[
        Number { key: "calls", value: 30.0, unit: "count", source: "HD; S2 found 47" },
        Number { key: "high_calls", value: 40.0, unit: "count", source: "HD" },
        Number { key: "routes", value: 20.0, unit: "count", source: "HD" },
        Number { key: "look_ups", value: 1_000.0, unit: "count", source: "HD" },
        Number { key: "look_up_rows", value: 1.05, unit: "count", source: "HD" },
        Number { key: "list_rows", value: 10.0, unit: "count", source: "HD" },
        Number { key: "tolerance", value: 0.10, unit: "ratio", source: "HD" },
    ],
    sources: &[
        (
            "otel",
            "per server span: count of child spans with db.system.name, grouped by normalised db.query.text; span http.route",
        ),
        (
            "postgres",
            "calls of a single-row SELECT over requests of the endpoint; pg_stat_statements rows/calls <= 1 with a call rate that follows http_server_request_duration_seconds_count",
        ),
        (
            "repository",
            "ORM loops with lazy relation access (Django without select_related, ActiveRecord without includes, populate in a loop)",
        ),
    ],
    proof_metric: "db_calls_per_request",
    proof: "database calls per request and the route's latency at p95 fall",
    false_positives: "Deliberate batches in background jobs; lookups that a per-request cache answers.",
    unknown_when: "there are no traces, and statements follow no route with r of at least 0.8",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut routes: Vec<(String, f64, Evidence)> = context
        .facts
        .settings(&subject.id, key::DB_CALLS_PER_REQUEST)
        .filter_map(|(setting, from)| {
            let calls = setting.value.as_number()?;
            let route = setting.item.clone().unwrap_or_else(|| "all routes".to_owned());
            Some((
                route.clone(),
                calls,
                Evidence::read(format!("database calls per request at p95, {route}"), count(calls), from),
            ))
        })
        .filter(|(route, ..)| is_busy(route, subject, context))
        .collect();
    if routes.is_empty() {
        if let Some(found) = likely_loops::of_service(subject, context) {
            let remedy = format!("Load these rows once, by a list of ids (= ANY), instead of: {}", found.look_up());
            return CheckResult::fail(Severity::Medium, found.said(), found.evidence()).with_remedy(remedy);
        }
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("how many database calls a request of `{}` makes is not visible", subject.name()),
            "Send OpenTelemetry traces with database spans (db.system.name, db.query.text) and http.route, and connect their backend.",
        )
        .with_evidence(hints(&[key::idiom::QUERY_IN_LOOP], [&subject.id], context));
    }
    routes.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let limit = subject.number("calls");
    let over: Vec<String> =
        routes.iter().filter(|(_, calls, _)| *calls > limit).map(|(route, ..)| route.clone()).collect();
    let (worst_route, worst) = routes.first().map_or((String::new(), 0.0), |(route, calls, _)| (route.clone(), *calls));
    let evidence = routes.into_iter().map(|(_, _, row)| row).collect();
    if over.is_empty() {
        let sentence = format!("Requests of `{}` make at most {} database calls at p95.", subject.name(), count(worst));
        return CheckResult::pass(sentence, evidence);
    }
    let severity =
        if subject.is_t0() || worst > subject.number("high_calls") { Severity::High } else { Severity::Medium };
    let sentence = format!(
        "{} database calls serve one request of `{worst_route}` at p95; each is a round trip, and the load grows with every list ({}).",
        count(worst),
        named(&over)
    );
    CheckResult::fail(severity, sentence, evidence).with_remedy(format!(
        "On `{worst_route}`, find the statement that repeats per row and load it once by a list of ids."
    ))
}

/// Among the busiest routes, or of unknown traffic.
fn is_busy(route: &str, subject: &Subject<'_>, context: &Context<'_>) -> bool {
    let mut traffic: Vec<(u64, &str)> = context
        .trends
        .latency
        .iter()
        .filter(|l| l.subject.id == subject.id)
        .filter_map(|l| l.route.as_deref().map(|r| (l.last_week.count, r)))
        .collect();
    traffic.sort_by(|a, b| b.cmp(a));
    let rank = traffic.iter().position(|(_, r)| *r == route);
    rank.is_none_or(|at| (at as f64) < subject.number("routes"))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::db::reading::cases::{database, statement};
    use crate::testing::Case;
    use loadline_model::{Kind, QueryStat, Relation, Resource, Setting, Tier, Value, key};

    #[test]
    fn cases() {
        let service =
            |tier| Case::new().has("api", Resource { tier: Some(tier), ..Resource::new(Kind::Service, "api") });
        let calls = |case: Case, route: &str, n: f64| {
            case.has(
                "api",
                Setting { key: key::DB_CALLS_PER_REQUEST.into(), item: Some(route.into()), value: Value::Number(n) },
            )
        };
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        check(service(Tier::T0), "unknown not_connected");
        check(calls(service(Tier::T0), "GET /orders", 30.0), "pass");
        check(calls(calls(service(Tier::T0), "GET /", 3.0), "GET /orders", 31.0), "fail high");
        check(calls(service(Tier::T1), "GET /orders", 31.0), "fail medium");
        check(calls(service(Tier::T1), "GET /orders", 47.0), "fail high");
    }

    #[test]
    fn without_traces_equal_counts_make_it_likely() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let depends = Relation::DependsOn { hard: true };
        let load = |look_ups: f64, each: f64, route: Option<&str>| {
            let routed = |s: QueryStat, route: Option<&str>| QueryStat { route: route.map(str::to_owned), ..s };
            database("postgresql", Tier::T1)
                .thing("api", Kind::Service)
                .edge("api", depends, "db")
                .has("db", routed(statement("SELECT * FROM orders LIMIT ?", 200.0, 1.0, 47.0, 48.0), Some("/orders")))
                .has("db", routed(statement("SELECT * FROM users WHERE id = ?", look_ups, 0.1, each, 48.0), route))
        };
        check(load(9_400.0, 1.0, None), "fail medium");
        check(load(9_400.0, 1.0, Some("/orders")), "fail medium");
        check(load(9_400.0, 1.0, Some("/users")), "unknown not_connected");
        check(load(9_400.0, 3.0, None), "unknown not_connected");
        check(load(7_000.0, 1.0, None), "unknown not_connected");
        let shared = load(9_400.0, 1.0, None).thing("jobs", Kind::Service).edge("jobs", depends, "db");
        check(shared, "unknown not_connected");
        let found = load(9_400.0, 1.0, None).check_of(&RULE, "api").result;
        assert_eq!(
            found.sentence,
            "Likely N+1: a look-up ran 9,400 times, as often as another statement returned rows (47 a call, 100 % of them)."
        );
    }
}
