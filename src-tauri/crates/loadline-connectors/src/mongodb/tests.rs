//! Against a real server (SecantusDB: one member, MongoDB's wire protocol on WiredTiger), and against recorded documents
//! of a replica set of three, which no server that can be had answers. The documents follow the examples and fields of the
//! MongoDB manual: "replSetGetStatus", "replSetGetConfig", "serverStatus", "$indexStats", "$collStats", "Database
//! Profiler Output", "getCmdLineOpts", "currentOp".

mod misfortune;
mod real;
mod recorded;

use super::*;
use crate::testing::{account, last_days};
use loadline_model::{Fact, FactBody, Setting, Value};

async fn connect_to(url: &str, secret: Option<&str>) -> Mongodb {
    let account = account("mongodb", &[("url", url)]);
    Mongodb::connect(account, secret.map(Secret::new)).await.expect("a connection")
}

async fn read(connector: &Mongodb, scope: &str) -> Scope {
    connector.read(&ScopePlan::new(scope, ""), &last_days(28), &Progress::silent()).await
}

fn all<'a, T: FactBody + 'a>(facts: &'a [Fact]) -> Vec<(&'a Fact, &'a T)> {
    facts.iter().filter_map(|f| Some((f, T::of(&f.body)?))).collect()
}

fn setting<'a>(scope: &'a Scope, key: &str, item: Option<&str>) -> Option<&'a Value> {
    let found = all::<Setting>(&scope.facts).into_iter().map(|(_, s)| s);
    found.into_iter().find(|s| s.key == key && s.item.as_deref() == item).map(|s| &s.value)
}

fn number(scope: &Scope, key: &str) -> Option<f64> {
    setting(scope, key, None).and_then(Value::as_number)
}

fn text_of(scopes: &[&Scope]) -> String {
    serde_json::to_string(scopes).expect("json")
}
