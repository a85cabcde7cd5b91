//! What nobody should trust: refused as a whole, in a sentence, under a stable code.

use super::*;
use crate::imported::Format::{Cobertura, Lcov, Opsgenie, PagerDuty, Sarif, SonarQube};
use crate::imported::MOST_BYTES;

const EACH: [Format; 6] = [Sarif, Cobertura, Lcov, SonarQube, PagerDuty, Opsgenie];

#[test]
fn too_large_and_not_text() {
    let large = vec![b' '; MOST_BYTES + 1];
    for format in EACH {
        assert_eq!(refused(format, &large).0, "import_too_large");
        let (code, said) = refused(format, b"SF:a\xff\xfe.c\n");
        assert_eq!((code.as_str(), said.contains("byte 4")), ("import_not_text", true), "{said}");
        assert_eq!(refused(format, &[0xff, 0xfe, b'{', 0, b'}', 0]).0, "import_not_text", "UTF-16");
        assert_eq!(refused(format, b"").0, "import_malformed");
    }
}

#[test]
fn entities_are_never_expanded() {
    let check = |text: &str| assert_eq!(refused(Cobertura, text.as_bytes()).0, "import_document_type", "{text}");
    let laughs = r#"<?xml version="1.0"?><!DOCTYPE coverage [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
        <!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><coverage><sources><source>&c;</source></sources></coverage>"#;
    check(laughs);
    check(r#"<!DOCTYPE coverage [<!ENTITY file SYSTEM "file:///etc/passwd">]><coverage>&file;</coverage>"#);
    check(r#"<!DOCTYPE coverage SYSTEM "x.dtd" [<!ELEMENT a ANY>]><coverage/>"#);
    check("<coverage><sources><source>&home;</source></sources></coverage>");
    // In an attribute an entity that XML does not know cannot be read either.
    let attribute =
        r#"<coverage><packages><package><classes><class filename="&home;"/></classes></package></packages></coverage>"#;
    assert_eq!(refused(Cobertura, attribute.as_bytes()).0, "import_malformed");
}

#[test]
fn xml_that_is_none() {
    let class = |inside: &str| {
        format!(r#"<coverage><packages><package><classes>{inside}</classes></package></packages></coverage>"#)
    };
    let check = |text: &str| assert_eq!(refused(Cobertura, text.as_bytes()).0, "import_malformed", "{text}");
    check("<coverage>");
    check("<coverage/>");
    check("<report/>");
    check("{}");
    check("<coverage></packages>");
    check(&class(r#"<class filename="a.py"><lines><line number="x" hits="1"/></lines></class>"#));
    check(&class(r#"<class filename="a.py"><lines><line number="1" hits="-1"/></lines></class>"#));
    check(&class(r#"<class filename="a.py"><lines><line number="1"/></lines></class>"#));
    check(&class(r#"<class name="a"/>"#));
    check(&class(r#"<class filename="a.py"/><lines><line number="1" hits="1"/></lines>"#));
    check(&format!("{}{}", "<coverage>".repeat(40), "</coverage>".repeat(40)));
    check("<coverage><lines><line number=\"1\" hits=\"1\"/></lines></coverage>");
}

#[test]
fn paths_that_leave_the_repository() {
    let sarif = |uri: &str| {
        format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "T"}}}}, "results": [{{"message": {{"text": "m"}},
            "locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "{uri}"}}}}}}]}}]}}]}}"#
        )
    };
    let cobertura = |path: &str| {
        format!(r#"<coverage><class filename="{path}"><lines><line number="1" hits="1"/></lines></class></coverage>"#)
    };
    let paths =
        ["../../etc/passwd", "/etc/passwd", "src/../../secrets", "C:/Windows/win.ini", "https://example.com/a.py"];
    for path in paths {
        for (format, text) in
            [(Sarif, sarif(path)), (Cobertura, cobertura(path)), (Lcov, format!("SF:{path}\nDA:1,1\nend_of_record\n"))]
        {
            let (code, said) = refused(format, text.as_bytes());
            assert_eq!(code, "import_path_outside", "{path} in {format:?}: {said}");
            assert!(said.contains(path) && said.contains("--root"), "{said}");
        }
    }
    assert_eq!(refused(Sarif, sarif("file:///etc/passwd").as_bytes()).0, "import_path_outside");
    assert_eq!(refused(Sarif, sarif("src/%2e%2e/%2e%2e/a").as_bytes()).0, "import_path_outside");
    // A sentence about a path holds none of its control characters.
    let (code, said) = refused(Lcov, b"SF:/tmp/\x1b[31mred\nDA:1,1\nend_of_record\n");
    assert!(code == "import_path_outside" && !said.contains('\u{1b}'), "{said:?}");
}

#[test]
fn deep_and_crowded_json() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for format in [Sarif, SonarQube, PagerDuty, Opsgenie] {
        assert_eq!(refused(format, deep.as_bytes()).0, "import_malformed");
    }
    let many = vec![r#"{"message": {"text": "m"}}"#; 10_001].join(",");
    let log =
        format!(r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "T"}}}}, "results": [{many}]}}]}}"#);
    let (code, said) = refused(Sarif, log.as_bytes());
    assert!(code == "import_too_many" && said.contains("10001 results"), "{said}");
}

#[test]
fn arguments_of_messages_do_not_grow_without_end() {
    // Each argument names the next one many times over.
    let arguments: Vec<String> = (1..20).map(|n| format!("\"{}\"", format!("{{{n}}}").repeat(100))).collect();
    let text = format!(
        r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "T", "rules": [{{"id": "R", "messageStrings":
        {{"m": {{"text": "{}"}}}}}}]}}}}, "results": [{{"ruleId": "R", "message": {{"id": "m", "arguments": [{}]}}}}]}}]}}"#,
        "{0}".repeat(100),
        arguments.join(",")
    );
    let read = given(Sarif, &text);
    assert!(format!("{:?}", read.facts).len() < 2_000);
    let runs = vec![r#"{"tool": {"driver": {"name": "T"}}, "results": []}"#; 201].join(",");
    let (code, said) = refused(Sarif, format!(r#"{{"version": "2.1.0", "runs": [{runs}]}}"#).as_bytes());
    assert!(code == "import_too_many" && said.contains("201 runs"), "{said}");
}

#[test]
fn shown_text_is_one_short_line() {
    let text = format!(
        r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "T\u001b[2J"}}}}, "results":
        [{{"message": {{"text": "a\nb{}"}}}}]}}]}}"#,
        "x".repeat(2_000)
    );
    let read = given(Sarif, &text);
    let said = format!("{:?}", read.facts);
    assert!(!said.contains("\\u{1b}") && !said.contains("\\n") && said.len() < 2_000, "{said}");
}
