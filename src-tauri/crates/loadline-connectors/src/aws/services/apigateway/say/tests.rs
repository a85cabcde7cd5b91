//! Shapes of the examples in "GetRestApis", "GetStages", "GetResources" and "GetUsagePlans" (API Gateway REST API
//! Reference 2015-07-09), "GetApis", "GetStages" and "GetIntegrations" (version 2 API Reference 2018-11-29).

use super::super::shapes::Page;
use super::*;
use crate::aws::services::testing::{check, parsed, said};
use serde_json::{Value, json};

const IT: &str = "arn:aws:apigateway:eu-west-1::/restapis/a1";
const ACL: &str = "arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/web/1";
const LAMBDA: &str = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function:api:live/invocations";

struct World {
    api: Value,
    stages: Value,
    methods: Value,
    plans: Option<Value>,
    acl: Value,
}

impl Default for World {
    fn default() -> Self {
        Self {
            api: json!({"id": "a1", "name": "shop", "createdDate": 1_511_890_000, "apiKeySource": "HEADER",
                "endpointConfiguration": {"types": ["REGIONAL"]}, "disableExecuteApiEndpoint": false, "tags": {"env": "prod"}}),
            stages: json!([{"stageName": "prod", "deploymentId": "d", "methodSettings": {}, "tracingEnabled": false}]),
            methods: json!({"GET": {"httpMethod": "GET", "apiKeyRequired": false, "authorizationType": "NONE",
                "methodIntegration": {"type": "AWS_PROXY", "httpMethod": "POST", "uri": LAMBDA}}}),
            plans: Some(json!([])),
            acl: json!({"Rules": []}),
        }
    }
}

fn of(world: World) -> Rest {
    let apis: Page<RestApi> = parsed(json!({"item": [world.api]}));
    let stages: Page<RestStage> = parsed(json!({"item": world.stages}));
    let resources: Page<Resource> =
        parsed(json!({"item": [{"id": "r", "path": "/", "resourceMethods": world.methods}]}));
    let plans = world.plans.map(|p| parsed::<Page<UsagePlan>>(json!({"item": p})).all);
    Rest {
        apis: apis.all,
        stages: BTreeMap::from([("a1".to_owned(), stages.all)]),
        resources: BTreeMap::from([("a1".to_owned(), resources.all)]),
        plans,
        acls: BTreeMap::from([(ACL.to_owned(), parsed(world.acl))]),
    }
}

fn read(world: World) -> Vec<String> {
    said(|t| rest(t, &of(world))).iter().map(|l| l.replace(&IT.replace("arn:aws:", ""), "api")).collect()
}

#[test]
fn an_api_serves_its_function() {
    let expected = [
        "api is entry point shop, Production, managed",
        "aws:eu-west-1 is region eu-west-1",
        "api RunsIn aws:eu-west-1",
        "api entry.managed = on",
        "api platform_redundant = on",
        "api entry.sticky_sessions = off",
        "api SameAs dns:a1.execute-api.eu-west-1.amazonaws.com",
        "api Serves lambda:function:api",
        "api entry.firewall = none",
        "api entry.rate_limited = off",
    ];
    assert_eq!(read(World::default()), expected);
    let mut private = World::default();
    private.api["endpointConfiguration"]["types"] = json!(["PRIVATE"]);
    check(&read(private), &["api is load balancer shop, Production, managed"], &[]);
}

#[test]
fn stages_are_guarded_or_not() {
    let stage = |name: &str, acl: Value| json!({"stageName": name, "webAclArn": acl});
    let managed = json!({"Rules": [{"OverrideAction": {"None": {}}, "Statement": {"ManagedRuleGroupStatement": {}}},
        {"Action": {"Block": {}}, "Statement": {"RateBasedStatement": {"AggregateKeyType": "IP"}}}]});
    let guarded = |stages: Value| read(World { stages, acl: managed.clone(), ..World::default() });
    check(
        &guarded(json!([stage("prod", json!(ACL))])),
        &["api entry.firewall = block", "api entry.rate_limited = on"],
        &[],
    );
    let never = ["api entry.firewall", "api entry.rate_limited"];
    check(&guarded(json!([stage("prod", json!(ACL)), stage("dev", Value::Null)])), &[], &never);
    check(&guarded(json!([stage("prod", json!("arn:aws:waf-regional:x:1:webacl/1"))])), &[], &never);
    check(&guarded(json!([])), &[], &never);
}

#[test]
fn keys_with_rates_limit_clients() {
    let keyed = |on: bool| json!({"GET": {"apiKeyRequired": on, "methodIntegration": {"type": "MOCK"}}});
    let plan = |rate: Value| json!([{"id": "p", "name": "basic", "throttle": rate, "apiStages": [{"apiId": "a1", "stage": "prod"}]}]);
    let says = |methods: Value, plans: Option<Value>, expected: Option<&str>| {
        let lines = read(World { methods, plans, ..World::default() });
        let line = expected.map(|word| format!("api entry.rate_limited = {word}"));
        match &line {
            Some(line) => check(&lines, &[line], &[]),
            None => check(&lines, &[], &["api entry.rate_limited"]),
        }
    };
    let rate = || plan(json!({"burstLimit": 20, "rateLimit": 10.0}));
    says(keyed(true), Some(rate()), Some("on"));
    says(keyed(false), Some(rate()), Some("off"));
    says(keyed(true), Some(plan(json!({}))), Some("off"));
    says(keyed(true), None, None);
}

#[test]
fn a_rate_that_all_share_decides_nothing() {
    let stages = |rate: f64| json!([{"stageName": "prod", "methodSettings": {"*/*": {"throttlingRateLimit": rate, "throttlingBurstLimit": 10}}}]);
    check(&read(World { stages: stages(50.0), ..World::default() }), &[], &["api entry.rate_limited"]);
    for none in [10_000.0, -1.0] {
        check(&read(World { stages: stages(none), ..World::default() }), &["api entry.rate_limited = off"], &[]);
    }
}

#[test]
fn addresses_name_what_answers() {
    let of = |uri: &str| target(uri).map(|id| id.to_string());
    let lambda = Some("arn:aws:lambda:eu-west-1:111122223333:function:api".to_owned());
    assert_eq!(of(LAMBDA), lambda);
    assert_eq!(of("arn:aws:lambda:eu-west-1:111122223333:function:api"), lambda);
    assert_eq!(
        of("arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/1/2"),
        Some("arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1".to_owned())
    );
    assert_eq!(
        of("https://web-1.eu-west-1.elb.amazonaws.com/x?key=hunter2"),
        Some("dns:web-1.eu-west-1.elb.amazonaws.com".to_owned())
    );
    for other in [
        "arn:aws:apigateway:eu-west-1:sqs:path/111122223333/jobs",
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:1:function:${stageVariables.f}/invocations",
        "arn:aws:servicediscovery:eu-west-1:111122223333:service/srv-1",
        "localhost",
        "",
    ] {
        assert_eq!(of(other), None, "{other}");
    }
    let linked: Method = parsed(
        json!({"methodIntegration": {"type": "HTTP_PROXY", "uri": "http://internal.example.com/",
        "connectionType": "VPC_LINK", "integrationTarget": "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/1"}}),
    );
    assert_eq!(
        rest_target(&linked).map(|id| id.to_string()),
        Some("arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/web/1".to_owned())
    );
}

#[test]
fn an_http_api_knows_no_firewall() {
    let read = |stages: Value| {
        let api: Page<HttpApi> = parsed(json!({"items": [{"apiId": "h1", "name": "mobile", "protocolType": "HTTP",
            "apiEndpoint": "https://h1.execute-api.eu-west-1.amazonaws.com", "disableExecuteApiEndpoint": false}]}));
        let integrations: Page<HttpIntegration> =
            parsed(json!({"items": [{"integrationId": "i", "integrationType": "AWS_PROXY",
            "integrationUri": "arn:aws:lambda:eu-west-1:111122223333:function:api"}]}));
        let stages: Page<HttpStage> = parsed(json!({"items": stages}));
        let api = Http { api: api.all[0].clone(), stages: Some(stages.all), integrations: integrations.all };
        said(|t| http(t, &api))
    };
    let open = read(json!([{"stageName": "$default", "defaultRouteSettings": {"detailedMetricsEnabled": false}}]));
    let it = "apigateway:eu-west-1::/apis/h1";
    let expected = [
        format!("{it} is entry point mobile, managed"),
        format!("{it} SameAs dns:h1.execute-api.eu-west-1.amazonaws.com"),
        format!("{it} Serves lambda:function:api"),
        format!("{it} entry.rate_limited = off"),
    ];
    check(&open, &expected.each_ref().map(String::as_str), &[&format!("{it} entry.firewall")]);
    let shared = read(json!([{"stageName": "$default", "defaultRouteSettings": {"throttlingRateLimit": 100.0}}]));
    check(&shared, &[], &[&format!("{it} entry.rate_limited")]);
}

#[test]
fn names_of_ones_own_lead_to_apis() {
    let domain_of: Page<Domain> = parsed(json!({"item": [{"domainName": "api.example.com",
        "regionalDomainName": "d-1.execute-api.eu-west-1.amazonaws.com", "regionalHostedZoneId": "Z1"}]}));
    let mappings: Page<Mapping> = parsed(json!({"item": [{"basePath": "(none)", "restApiId": "a1", "stage": "prod"},
        {"basePath": "v2", "restApiId": "h9", "stage": "$default"}]}));
    let lines = said(|t| domain(t, &domain_of.all[0], &mappings.all, &of(World::default())));
    let expected = [
        "dns:d-1.execute-api.eu-west-1.amazonaws.com is DNS api.example.com (API Gateway), managed".to_owned(),
        format!("dns:d-1.execute-api.eu-west-1.amazonaws.com Serves {}", IT.replace("arn:aws:", "")),
    ];
    assert_eq!(lines, expected);
}
