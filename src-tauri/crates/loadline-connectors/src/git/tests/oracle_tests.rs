//! Churn as pydriller counts it and the truck factor as `truckfactor` does (`tests/oracles/trees.py` made the histories and
//! the values).

use super::*;
use loadline_model::key;
use serde_json::Value;
use std::collections::BTreeMap;

/// Where `truckfactor` says another number: ours, and why.
const EXPLAINED: &[(&str, u64, &str)] = &[
    ("exactly half", 3, "half of the files without anybody is not more than half, which is Avelino's rule"),
    ("an odd number", 2, "the tool halves eleven files to five, so that five left count as half"),
];

#[tokio::test]
async fn churn_is_pydrillers_and_the_truck_factor_is_truckfactors() {
    let text = include_str!("../../../../../../tests/oracles/code.json");
    let golden: Value = serde_json::from_str(text).expect("golden values");
    let (mut machines, mut factors) = (0, 0);
    for case in golden["histories"].as_array().expect("histories") {
        let name = case["name"].as_str().expect("a name");
        let made = Made::new();
        made.git_with(&["fast-import", "--quiet"], case["stream"].as_str().expect("a stream").as_bytes());
        let now = Timestamp::parse("2026-04-01").expect("a date");
        let window = crate::Window { from: now.plus_days(-90), until: now, now, ..last_days(90) };
        let connector = crate::git::connect(account(&made.path(), &[])).await.expect("connects");
        let scope = read_with(connector.as_ref(), &window).await;
        assert_eq!(scope.gaps, [], "{name}");
        let ours: BTreeMap<String, u64> =
            bodies::<CodeStat>(&scope).into_iter().map(|s| (s.path, s.churn.unwrap_or(-1.0) as u64)).collect();
        let listed = String::from_utf8(made.git(&["ls-tree", "-r", "--name-only", "main"])).expect("text");
        assert!(ours.keys().map(String::as_str).eq(listed.lines()), "{name}: every file of today is told");
        for (path, churn) in &ours {
            let [all, bots] = [0, 1].map(|at| case["commits"][path][at].as_u64().expect("pydriller's count"));
            // Its own metric counts machines; ours leaves them out.
            assert_eq!(*churn, all - bots, "{name}: {path}");
            machines += bots;
        }
        if let Some(theirs) = case["truckfactor"].as_u64() {
            let expected = EXPLAINED.iter().find(|(of, ..)| *of == name).map_or(theirs, |(_, ours, _)| *ours);
            let ours = setting(&scope, key::TRUCK_FACTOR, None);
            assert_eq!(ours, Some(expected.to_string()), "{name}: truckfactor says {theirs}");
            factors += 1;
        }
    }
    assert!(factors == 7 && machines > 20, "{factors} histories, {machines} commits of machines");
}
