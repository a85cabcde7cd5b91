//! Coverage and SonarQube.

use super::*;
use crate::imported::Format::{Cobertura, Lcov, SonarQube};
use loadline_model::key::{CODE_COVERAGE, CODE_COVERAGE_CHANGED, CODE_DEBT_RATIO};

/// The shape of coverage-04.dtd, as Cobertura writes it: lines under methods and again under the class, and the document type
/// in front.
const COBERTURA: &str = r#"<?xml version="1.0"?>
<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">
<coverage line-rate="0.71" branch-rate="1.0" lines-covered="5" lines-valid="7" branches-covered="0" branches-valid="0" complexity="1.0" version="2.1.1" timestamp="1452338735527">
  <sources><source>--source</source><source>/home/ci/shop/src/main/java</source></sources>
  <packages>
    <package name="com.example" line-rate="0.71" branch-rate="1.0" complexity="1.0">
      <classes>
        <class name="com.example.A" filename="com/example/A.java" line-rate="0.75" branch-rate="1.0" complexity="1.0">
          <methods>
            <method name="&lt;init&gt;" signature="()V" line-rate="1.0" branch-rate="1.0" complexity="0">
              <lines><line number="3" hits="2" branch="false"/></lines>
            </method>
          </methods>
          <lines>
            <line number="3" hits="2" branch="false"/>
            <line number="4" hits="1" branch="true" condition-coverage="50% (1/2)"><conditions><condition number="0" type="jump" coverage="50%"/></conditions></line>
            <line number="5" hits="7" branch="false"/>
            <line number="9" hits="0" branch="false"/>
          </lines>
        </class>
        <class name="com.example.A$B" filename="com/example/A.java" line-rate="0.0" branch-rate="1.0" complexity="1.0">
          <methods/><lines><line number="9" hits="1" branch="false"/><line number="12" hits="0" branch="false"/></lines>
        </class>
        <class name="com.example.C" filename="/home/ci/shop/src/main/java/com/example/C.java" line-rate="0.0" branch-rate="1.0" complexity="1.0">
          <methods/><lines><line number="1" hits="0"/><line number="2" hits="0"/></lines>
        </class>
      </classes>
    </package>
  </packages>
</coverage>"#;

#[test]
fn cobertura_counts_each_line_once_at_its_best() {
    let read = given(Cobertura, COBERTURA);
    // A.java: 3, 4, 5 and 9 ran, 12 did not; C.java: neither of two.
    assert_eq!(number(&read, CODE_COVERAGE, None), Some(0.571428571));
    assert_eq!(number(&read, CODE_COVERAGE, Some("com/example/A.java")), Some(0.8));
    assert_eq!(number(&read, CODE_COVERAGE, Some("com/example/C.java")), Some(0.0));
    assert_eq!(read.said, "Cobertura: tests run 4 of 7 lines in 2 files (57.1 %).");
}

/// The records of geninfo(1): a test's name, functions, branches, lines, sums.
const LCOV: &str = "TN:unit\nSF:src/a.c\nVER:1\nFN:3,main\nFNDA:1,main\nFNF:1\nFNH:1\nBRDA:4,0,0,1\nBRDA:4,0,1,-\nBRF:2\nBRH:1\n\
    DA:3,1\nDA:4,2,aGVsbG8\nDA:5,0\nDA:6,-1\nLF:4\nLH:2\nend_of_record\nTN:other\nSF:./src/a.c\nDA:5,1\nend_of_record\n";

#[test]
fn lcov_adds_what_several_tests_ran() {
    let read = given(Lcov, LCOV);
    assert_eq!(settings(&read), ["code.coverage = 0.75", "code.coverage src/a.c = 0.75"]);
    let windows = LCOV.replace('\n', "\r\n");
    assert_eq!(settings(&given(Lcov, &windows)), settings(&read));
    let mut about = about();
    about.root = Some("/home/ci/shop".into());
    let absolute = "SF:/home/ci/shop/src/a.c\nDA:1,1\nend_of_record\n";
    let read = crate::imported::read(Lcov, absolute.as_bytes(), &about).expect("below the root");
    assert_eq!(settings(&read), ["code.coverage = 1", "code.coverage src/a.c = 1"]);
}

/// What Node 20.20 wrote: `node --test --experimental-test-coverage --test-reporter=lcov`.
#[test]
fn lcov_of_node_s_test_runner() {
    let text = "TN:\nSF:m.mjs\nFN:1,f\nFN:7,g\nFNDA:1,f\nFNDA:0,g\nFNF:2\nFNH:1\nBRDA:1,0,0,1\nBRDA:1,1,0,1\nBRDA:2,2,0,0\nBRF:3\n\
        BRH:2\nDA:1,1\nDA:2,1\nDA:3,0\nDA:4,0\nDA:5,1\nDA:6,1\nDA:7,1\nDA:8,0\nDA:9,0\nLH:5\nLF:9\nend_of_record\nSF:m.test.mjs\n\
        FN:3,anonymous_0\nFNDA:1,anonymous_0\nFNF:1\nFNH:1\nBRDA:1,0,0,1\nBRDA:3,1,0,1\nBRF:2\nBRH:2\nDA:1,1\nDA:2,1\nDA:3,1\n\
        LH:3\nLF:3\nend_of_record\n";
    let read = given(Lcov, text);
    assert_eq!(number(&read, CODE_COVERAGE, Some("m.mjs")), Some(0.555555556));
    assert_eq!(read.said, "LCOV: tests run 8 of 12 lines in 2 files (66.7 %).");
}

#[test]
fn lcov_that_is_none() {
    let check = |text: &str, words: &str| {
        let (code, said) = refused(Lcov, text.as_bytes());
        assert!(code == "import_malformed" && said.contains(words), "{text}: {said}");
    };
    check("", "no line of code");
    check("SF:a.c\nend_of_record\n", "no line of code");
    check("SF:a.c\nDA:1,1\n", "does not end");
    check("DA:1,1\nend_of_record\n", "line 1: a line of no file");
    check("SF:a.c\nSF:b.c\n", "line 2: a record begins inside another");
    check("SF:a.c\nDA:x,1\n", "line 2: a number");
    check("SF:a.c\nDA:1\n", "line 2: a number");
    check("hello\n", "line 1: this is no word");
    check("end_of_record\n", "line 1: a record ends");
}

/// The answer that SonarQube's web API documents for `api/measures/component`, with the metrics that are read.
#[test]
fn sonarqube_s_component() {
    let measures = r#"{"component": {"key": "MY_PROJECT", "name": "My Project", "qualifier": "TRK", "measures": [
        {"metric": "sqale_debt_ratio", "value": "3.2", "bestValue": false}, {"metric": "ncloc", "value": "1984"},
        {"metric": "line_coverage", "value": "81.4"},
        {"metric": "new_coverage", "period": {"index": 1, "value": "42.5", "bestValue": false}}]},
        "period": {"mode": "previous_version", "date": "2026-01-11T10:49:50+0100", "parameter": "1.0-SNAPSHOT"}}"#;
    let read = given(SonarQube, measures);
    assert_eq!(
        settings(&read),
        [
            "code.debt_ratio = 0.032",
            "code.debt_ratio 2026-11-22 = 0.032",
            "code.coverage = 0.814",
            "code.coverage_changed = 0.425"
        ]
    );
    // Older servers write `periods`; without the ratio it follows from its parts: 120,000 lines are 7,500 days (E9).
    let older = r#"{"component": {"key": "k", "measures": [{"metric": "sqale_index", "value": "216000"},
        {"metric": "ncloc", "value": "120000"}, {"metric": "new_coverage", "periods": [{"index": 1, "value": "50"}]}]}}"#;
    let read = given(SonarQube, older);
    assert_eq!(number(&read, CODE_DEBT_RATIO, None), Some(0.06));
    assert_eq!(number(&read, CODE_COVERAGE_CHANGED, None), Some(0.5));
}

/// The same for `api/measures/search_history`.
#[test]
fn sonarqube_s_history() {
    let history = r#"{"paging": {"pageIndex": 1, "pageSize": 100, "total": 3}, "measures": [
        {"metric": "complexity", "history": [{"date": "2017-01-23T17:00:53+0100", "value": "45"}]},
        {"metric": "sqale_debt_ratio", "history": [{"date": "2026-08-23T17:00:53+0100", "value": "4.0"},
            {"date": "2026-08-24T08:00:00+0200", "value": "5.0"}, {"date": "2026-08-24T17:00:53+0200", "value": "5.5"},
            {"date": "2026-09-01T10:00:00+0200"}]}]}"#;
    let read = given(SonarQube, history);
    assert_eq!(settings(&read), ["code.debt_ratio 2026-08-23 = 0.04", "code.debt_ratio 2026-08-24 = 0.055"]);
    assert!(read.missing.is_empty());
    let page = given(SonarQube, &history.replace("\"total\": 3", "\"total\": 300"));
    assert!(page.missing[0].0.contains("one page"), "{:?}", page.missing);
}

#[test]
fn sonarqube_that_is_none() {
    let check = |text: &str, words: &str| {
        let (code, said) = refused(SonarQube, text.as_bytes());
        assert!(code == "import_malformed" && said.contains(words), "{text}: {said}");
    };
    check("{", "ends in the middle");
    check("{}", "neither");
    check("[]", "neither");
    check(r#"{"errors": [{"msg": "Component key 'x' not found"}]}"#, "neither");
    check(r#"{"component": {}}"#, "no `measures`");
    check(r#"{"component": {"measures": [{"metric": "ncloc", "value": "7"}]}}"#, "none of");
    check(r#"{"component": {"measures": [{"metric": "sqale_debt_ratio", "value": "NaN"}]}}"#, "none of");
    check(r#"{"component": {"measures": [{"metric": "line_coverage", "value": "700"}]}}"#, "none of");
    check(r#"{"measures": []}"#, "no sqale_debt_ratio");
}
