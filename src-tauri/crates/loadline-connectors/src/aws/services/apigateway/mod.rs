//! API Gateway: APIs, the names they answer at, what stands behind them, and whether one client is limited.

mod say;
mod shapes;

use super::telling::{Place, Telling};
use super::{ServiceReader, wafv2};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use futures_util::FutureExt;
use loadline_model::Kind;
use say::{Http, Rest};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shapes::{Domain, HttpApi, HttpIntegration, HttpStage, Mapping, Page, Resource, RestApi, RestStage, UsagePlan};
use std::collections::{BTreeMap, BTreeSet};

const REST_APIS: &Operation = operation("apigateway:GetRestApis");
const REST_STAGES: &Operation = operation("apigateway:GetStages");
const RESOURCES: &Operation = operation("apigateway:GetResources");
const USAGE_PLANS: &Operation = operation("apigateway:GetUsagePlans");
const DOMAINS: &Operation = operation("apigateway:GetDomainNames");
const MAPPINGS: &Operation = operation("apigateway:GetBasePathMappings");
const HTTP_APIS: &Operation = operation("apigateway:GetApis");
const HTTP_STAGES: &Operation = operation("apigateway:GetApiStages");
const INTEGRATIONS: &Operation = operation("apigateway:GetIntegrations");

pub(super) const READER: ServiceReader = ServiceReader {
    id: "apigateway",
    title: "API Gateway",
    global: false,
    operations: &[
        REST_APIS,
        REST_STAGES,
        RESOURCES,
        USAGE_PLANS,
        DOMAINS,
        MAPPINGS,
        HTTP_APIS,
        HTTP_STAGES,
        INTEGRATIONS,
        wafv2::ACL,
    ],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

const HIDES: [Kind; 1] = [Kind::Entrypoint];

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let rest = rest_of(asking, answer).await;
    let http = http_of(asking, answer).await;
    let mut domains = Vec::new();
    if !rest.apis.is_empty() || !http.is_empty() {
        let all: Pages<Page<Domain>> = asking.pages(DOMAINS, json!({}), answer).await;
        // Private names lead nowhere that users come from.
        let public = |d: &Domain| d.regional_domain_name.is_some() || d.distribution_domain_name.is_some();
        let all = all.pages.into_iter().flat_map(|p| p.all).filter(public);
        let questions = all.filter_map(|d| {
            let asked = json!({"domainName": d.domain_name.clone()?});
            Some((d, asked))
        });
        domains = each::<_, Mapping>(asking, MAPPINGS, questions.collect(), &[], answer).await;
    }
    let mut t = Telling::new(answer, Place::of(asking, region));
    say::rest(&mut t, &rest);
    http.iter().for_each(|h| say::http(&mut t, h));
    for (domain, mappings) in &domains {
        say::domain(&mut t, domain, mappings.as_deref().unwrap_or_default(), &rest);
    }
}

/// Everything that is listed for each thing; `None` where not all could be read.
async fn each<K, T: DeserializeOwned>(
    asking: &Asking<'_>,
    operation: &'static Operation,
    questions: Vec<(K, Value)>,
    hides: &[Kind],
    answer: &mut Answer,
) -> Vec<(K, Option<Vec<T>>)> {
    let read: Vec<(K, Pages<Page<T>>)> = asking.each(operation, questions, hides, answer).await;
    let whole = |p: Pages<Page<T>>| p.complete.then(|| p.pages.into_iter().flat_map(|p| p.all).collect());
    read.into_iter().map(|(k, p)| (k, whole(p))).collect()
}

async fn rest_of(asking: &Asking<'_>, answer: &mut Answer) -> Rest {
    let apis: Pages<Page<RestApi>> = asking.pages_hiding(REST_APIS, json!({}), &HIDES, answer).await;
    let apis: Vec<RestApi> = apis.pages.into_iter().flat_map(|p| p.all).collect();
    if apis.is_empty() {
        return Rest::default();
    }
    let asked = |extra: Value| -> Vec<(String, Value)> {
        let one = |id: &String| {
            let mut asked = extra.clone();
            asked["restApiId"] = json!(id);
            (id.clone(), asked)
        };
        apis.iter().filter_map(|a| a.id.as_ref()).map(one).collect()
    };
    let stages = each::<_, RestStage>(asking, REST_STAGES, asked(json!({})), &[], answer).await;
    let methods = json!({"embed": "methods", "limit": 500});
    let resources = each::<_, Resource>(asking, RESOURCES, asked(methods), &[], answer).await;
    let plans: Pages<Page<UsagePlan>> = asking.pages(USAGE_PLANS, json!({}), answer).await;
    let plans = plans.complete.then(|| plans.pages.into_iter().flat_map(|p| p.all).collect());
    let arns: BTreeSet<String> =
        stages.iter().filter_map(|(_, s)| s.as_ref()).flatten().filter_map(|s| s.web_acl_arn.clone()).collect();
    let acls = wafv2::acls(asking, arns, answer).await;
    Rest { apis, stages: known(stages), resources: known(resources), plans, acls }
}

fn known<T>(read: Vec<(String, Option<Vec<T>>)>) -> BTreeMap<String, Vec<T>> {
    read.into_iter().filter_map(|(id, all)| Some((id, all?))).collect()
}

async fn http_of(asking: &Asking<'_>, answer: &mut Answer) -> Vec<Http> {
    let apis: Pages<Page<HttpApi>> = asking.pages_hiding(HTTP_APIS, json!({}), &HIDES, answer).await;
    let apis: Vec<HttpApi> = apis.pages.into_iter().flat_map(|p| p.all).collect();
    let asked = || -> Vec<(String, Value)> {
        apis.iter().filter_map(|a| a.api_id.as_ref()).map(|id| (id.clone(), json!({"apiId": id}))).collect()
    };
    let stages = each::<_, HttpStage>(asking, HTTP_STAGES, asked(), &[], answer).await;
    let integrations = each::<_, HttpIntegration>(asking, INTEGRATIONS, asked(), &[], answer).await;
    let mut read = Vec::new();
    for api in apis {
        let stages = stages.iter().find(|(id, _)| Some(id) == api.api_id.as_ref()).and_then(|(_, s)| s.clone());
        let behind = integrations.iter().find(|(id, _)| Some(id) == api.api_id.as_ref()).and_then(|(_, i)| i.clone());
        read.push(Http { api, stages, integrations: behind.unwrap_or_default() });
    }
    read
}
