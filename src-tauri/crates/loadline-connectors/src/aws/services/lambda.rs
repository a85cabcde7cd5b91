//! Lambda: functions, the queues and streams that feed them, and the hosts their environment names.

use super::ServiceReader;
use super::ec2::SUBNETS;
use super::ec2::shapes::Subnets;
use super::ecs::hosts::{host_in, is_store};
use super::telling::{Place, Telling, host, nested};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_string, opt_u64};
use futures_util::FutureExt;
use loadline_model::{Kind, Limited, Relation, SubjectId, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const FUNCTIONS: &Operation = operation("lambda:ListFunctions");
pub(super) const SOURCES: &Operation = operation("lambda:ListEventSourceMappings");
const SETTINGS: &Operation = operation("lambda:GetAccountSettings");
const CONCURRENCY: &Operation = operation("lambda:GetFunctionConcurrency");

/// Largest body of a request that is answered at once: 6 MB (AWS Lambda Developer Guide, "Lambda quotas").
const BODY_BYTES: f64 = 6_291_456.0;

pub(super) const READER: ServiceReader = ServiceReader {
    id: "lambda",
    title: "Lambda",
    global: false,
    operations: &[FUNCTIONS, SOURCES, SETTINGS, CONCURRENCY, SUBNETS],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of `ListFunctions` (AWS Lambda API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Functions {
    #[serde(deserialize_with = "list")]
    functions: Vec<Function>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Function {
    #[serde(deserialize_with = "opt_string")]
    function_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    function_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    runtime: Option<String>,
    #[serde(deserialize_with = "nested")]
    vpc_config: VpcConfig,
    #[serde(deserialize_with = "nested")]
    environment: Environment,
    #[serde(deserialize_with = "nested")]
    dead_letter_config: DeadLetter,
    #[serde(deserialize_with = "nested")]
    tracing_config: TracingConfig,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TracingConfig {
    /// `Active`, or `PassThrough` for what the caller decided.
    #[serde(deserialize_with = "opt_string")]
    mode: Option<String>,
}

/// The answer of `GetAccountSettings`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Settings {
    #[serde(deserialize_with = "nested")]
    account_limit: AccountLimit,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AccountLimit {
    /// What functions without a reservation share.
    #[serde(deserialize_with = "opt_u64")]
    unreserved_concurrent_executions: Option<u64>,
}

/// The answer of `GetFunctionConcurrency`; empty without a reservation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Concurrency {
    #[serde(deserialize_with = "opt_u64")]
    reserved_concurrent_executions: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct VpcConfig {
    #[serde(deserialize_with = "list")]
    subnet_ids: Vec<String>,
}

/// Values are looked at for a host name and go no further.
#[derive(Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Environment {
    #[serde(deserialize_with = "nested")]
    variables: BTreeMap<String, serde_json::Value>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct DeadLetter {
    #[serde(deserialize_with = "opt_string")]
    target_arn: Option<String>,
}

/// A page of `ListEventSourceMappings`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Sources {
    #[serde(deserialize_with = "list")]
    event_source_mappings: Vec<Source>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Source {
    #[serde(deserialize_with = "opt_string")]
    event_source_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    function_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    state: Option<String>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let functions: Pages<Functions> = asking.pages_hiding(FUNCTIONS, json!({}), &[Kind::Service], answer).await;
    let all: Vec<&Function> = functions.pages.iter().flat_map(|p| &p.functions).collect();
    if all.is_empty() {
        return;
    }
    let sources: Pages<Sources> = asking.pages(SOURCES, json!({}), answer).await;
    let mut zones = BTreeMap::new();
    if all.iter().any(|f| !f.vpc_config.subnet_ids.is_empty()) {
        let subnets: Pages<Subnets> = asking.pages(SUBNETS, json!({}), answer).await;
        let known = subnets.pages.into_iter().flat_map(|p| p.subnet_set);
        zones = known.filter_map(|s| Some((s.subnet_id?, s.availability_zone?))).collect();
    }
    let settings: Pages<Settings> = asking.pages(SETTINGS, json!({}), answer).await;
    let shared = settings.pages.first().and_then(|s| s.account_limit.unreserved_concurrent_executions);
    let named =
        all.iter().filter_map(|f| Some((f.function_arn.clone()?, json!({"FunctionName": f.function_name.clone()?}))));
    let reserved: Vec<(String, Pages<Concurrency>)> = asking.each(CONCURRENCY, named.collect(), &[], answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    all.iter().for_each(|function| say(&mut t, function, &zones));
    for (arn, pages) in &reserved {
        if let Some(own) = pages.pages.first() {
            say_concurrency(&mut t, &SubjectId::from(arn.as_str()), own.reserved_concurrent_executions, shared);
        }
    }
    for source in sources.pages.iter().flat_map(|p| &p.event_source_mappings) {
        say_source(&mut t, source);
    }
}

/// Calls beyond the reservation, or beyond what all others share, are refused. A reservation of 0 switches a function
/// off, which is no limit of load.
fn say_concurrency(t: &mut Telling<'_>, subject: &SubjectId, reserved: Option<u64>, shared: Option<u64>) {
    let (call, limit) = match reserved {
        Some(own) => (CONCURRENCY, Some(own)),
        None => (SETTINGS, shared),
    };
    t.call(call.name).count(subject, key::CONCURRENCY_LIMIT, limit.filter(|n| *n > 0));
    t.limit(subject, Limited::Quota, limit.map(|n| n as f64), "executions");
}

fn say(t: &mut Telling<'_>, function: &Function, zones: &BTreeMap<String, String>) {
    let Some(arn) = function.function_arn.as_deref() else { return };
    let subject = SubjectId::from(arn);
    t.call(FUNCTIONS.name);
    let resource = t.resource(Kind::Service, function.function_name.as_deref().unwrap_or(arn), &[]);
    let resource = loadline_model::Resource { engine: function.runtime.clone(), ..resource };
    t.exists(&subject, resource);
    let subnets = &function.vpc_config.subnet_ids;
    let found: Option<BTreeSet<&str>> = subnets.iter().map(|s| zones.get(s).map(String::as_str)).collect();
    match found {
        // Without a network of its own it runs in several zones (Lambda Developer Guide, "Resilience in AWS Lambda").
        Some(zones) if zones.is_empty() || zones.len() > 1 => {
            t.in_region(&subject);
            t.flag(&subject, key::PLATFORM_REDUNDANT, Some(true));
        }
        Some(zones) => zones.iter().for_each(|zone| t.in_zone(&subject, Some(zone))),
        None => {}
    }
    let values = function.environment.variables.values().filter_map(|v| v.as_str());
    let hosts: BTreeSet<String> = values.filter_map(host_in).map(|(name, _)| name).collect();
    for name in hosts {
        if is_store(&name) {
            t.edge(&subject, Relation::DependsOn { hard: true }, &host(&name));
        } else {
            t.infer(&subject, Relation::DependsOn { hard: false }, &host(&name));
        }
    }
    t.text(&subject, key::ARTEFACT, Some("function"));
    t.number(&subject, key::BODY_LIMIT_BYTES, Some(BODY_BYTES));
    // Without it a function may still be traced by what its own code sends.
    t.flag(&subject, key::TRACING, (function.tracing_config.mode.as_deref() == Some("Active")).then_some(true));
    if let Some(dead) = function.dead_letter_config.target_arn.as_deref() {
        t.edge(&subject, Relation::Publishes, &SubjectId::from(dead));
    }
}

impl Source {
    /// The function and the queue that calls it.
    fn pair(&self) -> Option<(SubjectId, SubjectId)> {
        let (queue, function) = (self.event_source_arn.as_deref()?, self.function_arn.as_deref()?);
        if self.state.as_deref() == Some("Disabled") || !queue.contains(":sqs:") {
            return None;
        }
        // A version or alias may follow the name.
        let end = function.match_indices(':').nth(6).map_or(function.len(), |(at, _)| at);
        Some((SubjectId::from(function.get(..end).unwrap_or(function)), SubjectId::from(queue)))
    }
}

impl Sources {
    /// Functions and the queues that call them.
    pub(super) fn pairs(&self) -> impl Iterator<Item = (SubjectId, SubjectId)> {
        self.event_source_mappings.iter().filter_map(Source::pair)
    }
}

/// Queues that call a function.
fn say_source(t: &mut Telling<'_>, source: &Source) {
    let Some((function, queue)) = source.pair() else { return };
    t.call(SOURCES.name);
    t.edge(&function, Relation::Consumes, &queue);
    // Lambda adds readers by itself, stops a run at its timeout, and deletes a message after it (Lambda Developer Guide,
    // "Using Lambda with Amazon SQS").
    t.flag(&queue, key::CONSUMERS_SCALE, Some(true));
    t.flag(&queue, key::TASK_TIME_LIMIT, Some(true));
    t.text(&queue, key::ACKNOWLEDGED, Some("after"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    /// Shape of the example in "ListFunctions", AWS Lambda API Reference.
    fn read(vpc: Value, zones: &[(&str, &str)]) -> Vec<String> {
        let page: Functions = parsed(json!({"Functions": [{
            "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:api", "FunctionName": "api", "Runtime": "nodejs22.x",
            "VpcConfig": vpc, "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:eu-west-1:111122223333:dead"},
            "Environment": {"Variables": {"DB_HOST": "db.abc.eu-west-1.rds.amazonaws.com", "KEY": "hunter2"}}}]}));
        let zones = zones.iter().map(|(s, z)| ((*s).to_owned(), (*z).to_owned())).collect();
        said(|t| page.functions.iter().for_each(|f| say(t, f, &zones)))
    }

    #[test]
    fn a_function_is_kept_redundant_by_its_platform() {
        let expected = [
            "lambda:function:api is service api, nodejs22.x ?",
            "lambda:function:api platform_redundant = on",
            "lambda:function:api needs dns:db.abc.eu-west-1.rds.amazonaws.com",
            "lambda:function:api Publishes sqs:dead",
            "lambda:function:api deploy.artefact = function",
            "lambda:function:api load.body_limit_bytes = 6291456",
        ];
        let lines = read(json!(""), &[]);
        check(&lines, &expected, &[]);
        assert!(!lines.join("\n").contains("hunter2"));
        let two = json!({"SubnetIds": ["a", "b"], "VpcId": "vpc-1"});
        check(
            &read(two, &[("a", "eu-west-1a"), ("b", "eu-west-1b")]),
            &["lambda:function:api platform_redundant = on"],
            &[],
        );
    }

    #[test]
    fn one_zone_or_unknown_subnets_prove_no_redundancy() {
        let one = json!({"SubnetIds": ["a"], "VpcId": "vpc-1"});
        let never = ["lambda:function:api platform_redundant"];
        check(&read(one.clone(), &[("a", "eu-west-1a")]), &["lambda:function:api RunsIn eu-west-1a"], &never);
        check(&read(one, &[]), &[], &never);
    }

    /// Shapes of the examples in "GetAccountSettings" and "GetFunctionConcurrency", AWS Lambda API Reference.
    #[test]
    fn calls_beyond_a_limit_are_refused() {
        let settings: Settings =
            parsed(json!({"AccountLimit": {"TotalCodeSize": 80_530_636_800_u64, "ConcurrentExecutions": 1000,
            "UnreservedConcurrentExecutions": 900}, "AccountUsage": {"FunctionCount": 4}}));
        let shared = settings.account_limit.unreserved_concurrent_executions;
        let says = |own: Value, shared: Option<u64>, expected: &[&str]| {
            let own: Concurrency = parsed(own);
            let id = "arn:aws:lambda:eu-west-1:111122223333:function:api".into();
            assert_eq!(said(|t| say_concurrency(t, &id, own.reserved_concurrent_executions, shared)), expected);
        };
        says(
            json!({"ReservedConcurrentExecutions": 100}),
            shared,
            &["lambda:function:api load.concurrency_limit = 100", "lambda:function:api limit quota = 100 executions"],
        );
        says(
            json!({}),
            shared,
            &["lambda:function:api load.concurrency_limit = 900", "lambda:function:api limit quota = 900 executions"],
        );
        says(json!({"ReservedConcurrentExecutions": 0}), shared, &[]);
        says(json!({}), None, &[]);
    }

    #[test]
    fn queues_call_functions() {
        let page: Sources = parsed(json!({"EventSourceMappings": [
            {"EventSourceArn": "arn:aws:sqs:eu-west-1:111122223333:jobs", "State": "Enabled",
             "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:work:live"},
            {"EventSourceArn": "arn:aws:sqs:eu-west-1:111122223333:old", "State": "Disabled",
             "FunctionArn": "arn:aws:lambda:eu-west-1:111122223333:function:work"}]}));
        let lines = said(|t| page.event_source_mappings.iter().for_each(|s| say_source(t, s)));
        let expected = [
            "lambda:function:work Consumes sqs:jobs",
            "sqs:jobs queue.consumers_scale = on",
            "sqs:jobs queue.task_time_limit = on",
            "sqs:jobs queue.acknowledged = after",
        ];
        assert_eq!(lines, expected);
    }
}
