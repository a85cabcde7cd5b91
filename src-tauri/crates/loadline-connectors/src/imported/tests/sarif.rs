//! Findings of other tools.

use super::*;
use crate::imported::Format::Sarif;
use loadline_model::ImportedFinding;

fn findings(imported: &Imported) -> Vec<ImportedFinding> {
    let one = |(_, _, body): &(Of, _, Body)| if let Body::ImportedFinding(f) = body { Some(f.clone()) } else { None };
    imported.facts.iter().filter_map(one).collect()
}

/// One run of a tool with results.
fn log(results: &str) -> String {
    format!(r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "T"}}}}, "results": [{results}]}}]}}"#)
}

/// The smallest valid log, as Appendix K.1 of the standard shows it.
#[test]
fn the_smallest_log() {
    let text = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "CodeScanner"}}, "results": []}]}"#;
    let read = given(Sarif, text);
    assert_eq!((read.said.as_str(), read.facts.len()), ("CodeScanner: 0 findings of 0 results.", 0));
}

/// After the log with source information of Appendix K.2: a rule with message strings, a result that names them, a place
/// below a base of its own.
#[test]
fn a_log_with_rules_messages_and_bases() {
    let text = r#"{"version": "2.1.0", "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
      "runs": [{
        "tool": {"driver": {"name": "CodeScanner", "rules": [{"id": "C2001",
            "shortDescription": {"text": "A variable was used without being initialized."},
            "messageStrings": {"default": {"text": "Variable \"{0}\" was used without being initialized."}},
            "defaultConfiguration": {"level": "error"}}]}},
        "originalUriBaseIds": {"SRCROOT": {"uri": "file://build.example.com/jobs/"}, "LIBS": {"uri": "libs/", "uriBaseId": "SRCROOT"}},
        "artifacts": [{"location": {"uri": "src/collections/list.cpp", "uriBaseId": "SRCROOT"}}],
        "results": [
          {"ruleId": "C2001", "ruleIndex": 0, "message": {"id": "default", "arguments": ["ptr"]},
           "locations": [{"physicalLocation": {"artifactLocation": {"uri": "src/collections/list.cpp", "uriBaseId": "SRCROOT", "index": 0},
              "region": {"startLine": 15, "startColumn": 9}}, "logicalLocations": [{"fullyQualifiedName": "collections::list::add"}]}]},
          {"rule": {"index": 0}, "message": {"text": "again"}, "level": "note",
           "locations": [{"physicalLocation": {"artifactLocation": {"index": 0}, "region": {"startLine": 7}}}]},
          {"ruleId": "C2001", "message": {"text": "below"},
           "locations": [{"physicalLocation": {"artifactLocation": {"uri": "a.h", "uriBaseId": "LIBS"}}}]},
          {"ruleId": "C2001/1", "message": {"text": "absolute"},
           "locations": [{"physicalLocation": {"artifactLocation": {"uri": "file://build.example.com/jobs/src/a%20b.cpp"}}}]}
        ]}]}"#;
    let read = given(Sarif, text);
    let said: Vec<String> = findings(&read)
        .iter()
        .map(|f| {
            let place = f.path.clone().unwrap_or_default();
            format!("{} {} {}:{} {}", f.rule, f.severity, place, f.line.unwrap_or(0), f.title)
        })
        .collect();
    assert_eq!(
        said,
        [
            "C2001 error src/collections/list.cpp:15 Variable \"ptr\" was used without being initialized.",
            "C2001 note src/collections/list.cpp:7 again",
            "C2001 error libs/a.h:0 below",
            "C2001/1 error src/a b.cpp:0 absolute",
        ]
    );
    assert!(findings(&read).iter().all(|f| f.failing && f.source == "CodeScanner"));
    assert_eq!((read.said.as_str(), read.part.as_str()), ("CodeScanner: 4 findings of 4 results.", "CodeScanner"));
}

#[test]
fn what_counts_as_failing_and_how_bad() {
    let check = |result: &str, expected: Option<(bool, &str)>| {
        let read = given(Sarif, &log(result));
        let found = findings(&read).first().map(|f| (f.failing, f.severity.clone()));
        assert_eq!(found, expected.map(|(failing, word)| (failing, word.to_owned())), "{result}");
    };
    check(r#"{"message": {"text": "m"}}"#, Some((true, "warning")));
    check(r#"{"message": {"text": "m"}, "level": "error"}"#, Some((true, "error")));
    check(r#"{"message": {"text": "m"}, "kind": "pass"}"#, Some((false, "none")));
    check(r#"{"message": {"text": "m"}, "kind": "notApplicable"}"#, None);
    check(r#"{"message": {"text": "m"}, "suppressions": [{"kind": "inSource"}]}"#, Some((false, "warning")));
    check(r#"{"message": {"text": "m"}, "suppressions": []}"#, Some((true, "warning")));
    check(
        r#"{"message": {"text": "m"}, "suppressions": [{"kind": "external", "status": "rejected"}]}"#,
        Some((true, "warning")),
    );
    check(r#"{"message": {"text": "m"}, "baselineState": "absent"}"#, Some((false, "warning")));
    check(r#"{"message": {"text": "m"}, "baselineState": "unchanged"}"#, Some((true, "warning")));
    check(r#"{"message": {"text": "m"}, "properties": {"security-severity": "9.8"}}"#, Some((true, "critical")));
    check(r#"{"message": {"text": "m"}, "properties": {"security-severity": 7.0}}"#, Some((true, "high")));
    check(r#"{"message": {"text": "m"}, "properties": {"security-severity": "nine"}}"#, Some((true, "warning")));
}

#[test]
fn a_run_that_failed_or_looked_at_nothing_is_said() {
    let failed = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "T"}}, "results": [],
        "invocations": [{"executionSuccessful": false}]}, {"tool": {"driver": {"name": "U"}}}]}"#;
    let said: Vec<String> = given(Sarif, failed).missing.into_iter().map(|(what, _)| what).collect();
    assert_eq!(said, ["T says that its run failed: there may be more findings", "a run of U holds no results"]);
}

#[test]
fn sarif_that_is_none() {
    let check = |text: &str, words: &str| {
        let (code, said) = refused(Sarif, text.as_bytes());
        assert!(code == "import_malformed" && said.contains(words), "{text}: {said}");
    };
    check("", "ends in the middle");
    check("{}", "no version");
    check(r#"{"version": "2.0.0", "runs": []}"#, "version is 2.0.0");
    check(r#"{"version": "2.1.0"}"#, "no `runs`");
    check(r#"{"version": "2.1.0", "runs": [{}]}"#, "names no tool");
    check("<coverage/>", "line 1");
}
