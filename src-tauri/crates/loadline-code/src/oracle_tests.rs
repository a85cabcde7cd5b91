//! Paths through functions as lizard and radon count them (`tests/oracles/trees.py` made the programs and the values).

use serde_json::Value;

/// Where lizard counts otherwise: ending, construct, what ours is more by for each of them, and why.
const LIZARD: &[(&str, &str, i64, &str)] = &[
    ("cs", "for", 1, "lizard does not know `foreach` of C#"),
    ("py", "default", -1, "lizard counts `case _`, which is no choice"),
];

#[test]
fn complexity_is_lizards_and_radons_but_for_what_is_explained() {
    let golden: Value =
        serde_json::from_str(include_str!("../../../../tests/oracles/code.json")).expect("golden values");
    let (mut functions, mut explained, mut languages) = (0, 0, Vec::new());
    for file in golden["complexity"].as_array().expect("files") {
        let (path, text) = (file["path"].as_str().expect("a path"), file["text"].as_str().expect("a text"));
        let ending = path.rsplit('.').next().unwrap_or_default();
        let source = crate::read(path, text.as_bytes()).expect("a language").expect("readable");
        assert_eq!(source.lost_lines, 0, "{path} parses");
        let expected = file["functions"].as_array().expect("functions");
        assert_eq!(source.functions.len(), expected.len(), "{path}");
        for (ours, theirs) in source.functions.iter().zip(expected) {
            assert_eq!(Some(ours.name.as_str()), theirs["name"].as_str(), "{path}");
            let counted = i64::from(ours.cyclomatic);
            let differs: i64 = LIZARD
                .iter()
                .filter(|(language, ..)| *language == ending)
                .map(|(_, construct, by, _)| by * theirs["uses"][construct].as_i64().unwrap_or(0))
                .sum();
            assert_eq!(Some(counted - differs), theirs["lizard"].as_i64(), "{path} {}:\n{text}", ours.name);
            if let Some(radon) = theirs.get("radon") {
                assert_eq!(Some(counted), radon.as_i64(), "{path} {}: radon", ours.name);
            }
            functions += 1;
            explained += usize::from(differs != 0);
        }
        languages.push(source.language);
    }
    languages.dedup();
    assert_eq!((languages.len(), functions), (9, 72));
    assert!(explained * 5 < functions, "{explained} of {functions} differ");
}
