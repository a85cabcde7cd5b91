//! The table holds reads and nothing else.

use super::super::services::SERVICES;
use super::*;
use std::collections::BTreeSet;

const VERBS: [&str; 4] = ["Describe", "Get", "List", "BatchGet"];

/// Reads whose name begins with another verb: who deployed is in no other answer.
const ODD_NAMES: &[&str] = &["cloudtrail:LookupEvents"];

/// Permissions that are not called like what they allow.
const ODD_PERMISSIONS: &[&str] = &["cloudtrail:LookupEvents", "budgets:ViewBudget"];

/// Reads by name that hand out secrets or contents: never in the table.
const CONTENTS: &[&str] = &[
    "GetSecretValue",
    "BatchGetSecretValue",
    "GetParameter",
    "GetParameters",
    "GetParametersByPath",
    "GetPasswordData",
    "GetObject",
    "GetItem",
    "BatchGetItem",
    "GetRecords",
    "GetFunction",
    "GetAuthorizationToken",
    "GetConsoleOutput",
    "GetLogEvents",
    "GetSessionToken",
    "GetFederationToken",
    "GetRoleCredentials",
    "GetExport",
    "GetApiKey",
    "GetApiKeys",
];

#[test]
fn every_action_is_a_read() {
    for o in OPERATIONS {
        let after = VERBS.iter().find_map(|verb| o.action.strip_prefix(verb));
        let is_whole_word = after.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()));
        assert!(is_whole_word != ODD_NAMES.contains(&o.name), "{} is not a read by name", o.name);
        assert!(!CONTENTS.contains(&o.action), "{} hands out contents", o.name);
        let (prefix, verb) = o.iam.split_once(':').expect("a permission");
        let reads = VERBS.iter().any(|v| verb.starts_with(v)) || verb == "GET";
        assert!(!prefix.is_empty() && reads != ODD_PERMISSIONS.contains(&o.iam), "{}", o.iam);
    }
}

#[test]
fn the_exceptions_are_these_and_no_more() {
    let odd: Vec<&str> =
        OPERATIONS.iter().filter(|o| !VERBS.iter().any(|verb| o.action.starts_with(verb))).map(|o| o.name).collect();
    assert_eq!(odd, ODD_NAMES);
    let slow: Vec<(&str, u64)> = OPERATIONS.iter().filter(|o| o.apart_ms > 0).map(|o| (o.name, o.apart_ms)).collect();
    assert_eq!(slow, [("cloudtrail:LookupEvents", 500)], "two a second");
}

#[test]
fn every_method_is_get_or_a_question_in_a_body() {
    for o in OPERATIONS {
        let rest = matches!(o.api.dialect, Dialect::RestJson | Dialect::RestXml);
        assert!(if rest { o.path.starts_with('/') } else { o.path == "/" }, "{}", o.name);
        let sent = super::super::encode::encode(o, &"http://h/".parse().expect("an address"), &filled(o));
        let verb = sent.expect(o.name).verb;
        assert_eq!(matches!(verb, crate::http::Verb::Get), rest, "{}", o.name);
        assert!(!matches!(verb, crate::http::Verb::OpenMetadata), "{}", o.name);
    }
}

/// Something for every parameter of the path.
fn filled(operation: &Operation) -> serde_json::Value {
    let names = operation.path.split('{').skip(1).filter_map(|part| part.split_once('}'));
    serde_json::Value::Object(names.map(|(name, _)| (name.to_owned(), "x".into())).collect())
}

#[test]
fn names_are_unique_and_exchanges_are_not_in_the_table() {
    let names: BTreeSet<_> = OPERATIONS.iter().map(|o| o.name).collect();
    assert_eq!(names.len(), OPERATIONS.len());
    for exchange in super::super::credentials::EXCHANGES {
        assert!(OPERATIONS.iter().all(|o| o.action != exchange), "{exchange}");
    }
    assert!(OPERATIONS.iter().all(|o| operation(o.name).name == o.name && o.name.ends_with(&format!(":{}", o.action))));
}

#[test]
fn services_ask_rows_of_the_table() {
    let ids: BTreeSet<_> = SERVICES.iter().map(|s| s.id).collect();
    assert_eq!(ids.len(), SERVICES.len());
    for service in SERVICES {
        assert!(!service.operations.is_empty() && !service.title.is_empty(), "{}", service.id);
        for asked in service.operations {
            assert!(
                OPERATIONS.iter().any(|o| (o.name, o.iam, o.path) == (asked.name, asked.iam, asked.path)),
                "{} is not of the table",
                asked.name
            );
        }
        // `test` asks the first one without parameters.
        assert!(!service.operations[0].path.contains('{'), "{}", service.id);
    }
}
