//! Every smell in every language, planted once beside a healthy twin: exactly the planted places are told.

mod routes;
mod table;

use super::*;
use routes::ROUTES;
use table::SMELLS;

#[tokio::test]
async fn every_smell_is_told_in_every_language_and_its_healthy_twin_is_not() {
    let made = Made::new();
    for (what, cases) in SMELLS.iter().chain(ROUTES) {
        for (ending, bad, _, good) in cases {
            made.write(&format!("{what}/bad.{ending}"), bad);
            made.write(&format!("{what}/good.{ending}"), good);
        }
    }
    made.commit(days_ago(9), "ann", "Begin");
    let scope = read(&made, &[]).await;
    let mut wrong = Vec::new();
    for (what, cases) in SMELLS.iter().chain(ROUTES) {
        let mut expected: Vec<String> = cases.iter().map(|(e, _, line, _)| format!("{what}/bad.{e}:{line}")).collect();
        expected.sort();
        let found: Vec<String> =
            places(&scope, what).into_iter().filter(|p| p.starts_with(&format!("{what}/"))).collect();
        wrong.extend(expected.iter().filter(|p| !found.contains(p)).map(|p| format!("not told: {p}")));
        wrong.extend(found.iter().filter(|p| !expected.contains(p)).map(|p| format!("told: {p}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let said = bodies::<CodeIdiom>(&scope);
    assert!(
        said.len() >= SMELLS.len() * 9 && said.iter().all(|i| i.line > 0 && !i.path.is_empty() && !i.how.is_empty())
    );
}
