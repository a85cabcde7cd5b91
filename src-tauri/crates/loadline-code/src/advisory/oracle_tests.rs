//! Which of two versions comes first, as packaging, semantic_version and univers say it (`tests/oracles/versions.py` made the
//! pairs and the answers).

use super::compare;
use crate::Ecosystem;
use serde_json::Value;

#[test]
fn versions_are_ordered_as_other_people_order_them() {
    let golden: Value =
        serde_json::from_str(include_str!("../../../../../tests/oracles/code.json")).expect("golden values");
    let mut differ = Vec::new();
    let mut pairs = 0;
    for case in golden["versions"].as_array().expect("pairs") {
        let text = |key: &str| case[key].as_str().expect("a text");
        let (name, a, b) = (text("ecosystem"), text("a"), text("b"));
        let ecosystem = Ecosystem::named(name).expect("an ecosystem");
        let ours = compare(ecosystem, a, b).map(|order| order as i64);
        if ours != case["order"].as_i64() {
            differ.push(format!("{name} {a} {b}: ours {ours:?}, theirs {}", case["order"]));
        }
        pairs += 1;
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert_eq!(pairs, 600);
}
