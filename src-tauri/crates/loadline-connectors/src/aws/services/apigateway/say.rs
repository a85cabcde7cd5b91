//! Facts of APIs. An API that anybody can call is an entry point; one behind a private or closed address is only a
//! balancer on the way.

use super::shapes::{
    Domain, HttpApi, HttpIntegration, HttpStage, Mapping, Method, Resource, RestApi, RestStage, UsagePlan,
};
use super::{DOMAINS, HTTP_APIS, HTTP_STAGES, INTEGRATIONS, MAPPINGS, RESOURCES, REST_APIS, REST_STAGES, USAGE_PLANS};
use crate::aws::services::ecs::hosts::host_in;
use crate::aws::services::telling::{Tag, Telling, host};
use crate::aws::services::wafv2::shapes::Acl;
use loadline_model::{Kind, Relation, SubjectId, key};
use std::collections::{BTreeMap, BTreeSet};

/// The REST APIs of a region; what could not be read completely is not in the maps.
#[derive(Debug, Default)]
pub(super) struct Rest {
    pub apis: Vec<RestApi>,
    /// By id of the API.
    pub stages: BTreeMap<String, Vec<RestStage>>,
    pub resources: BTreeMap<String, Vec<Resource>>,
    pub plans: Option<Vec<UsagePlan>>,
    /// By ARN.
    pub acls: BTreeMap<String, Acl>,
}

/// An HTTP or WebSocket API.
#[derive(Debug)]
pub(super) struct Http {
    pub api: HttpApi,
    pub stages: Option<Vec<HttpStage>>,
    pub integrations: Vec<HttpIntegration>,
}

/// APIs have no account in their ARN.
fn rest_id(t: &Telling<'_>, id: &str) -> SubjectId {
    SubjectId(format!("arn:{}:apigateway:{}::/restapis/{id}", t.place.partition, t.place.region))
}

fn exists(t: &mut Telling<'_>, id: &SubjectId, name: &str, open: bool, tags: &BTreeMap<String, serde_json::Value>) {
    let tags: Vec<Tag> =
        tags.iter().map(|(k, v)| Tag { key: Some(k.clone()), value: v.as_str().map(str::to_owned) }).collect();
    let kind = if open { Kind::Entrypoint } else { Kind::LoadBalancer };
    let resource = t.resource(kind, name, &tags);
    t.exists(id, loadline_model::Resource { managed: Some(true), ..resource });
    // It answers from several zones (API Gateway Developer Guide, "Resilience in Amazon API Gateway") and knows no
    // members that it could pin anybody to.
    t.in_region(id);
    t.flag(id, key::ENTRY_MANAGED, Some(true));
    t.flag(id, key::PLATFORM_REDUNDANT, Some(true));
    t.flag(id, key::STICKY_SESSIONS, Some(false));
}

/// Says the REST APIs.
pub(super) fn rest(t: &mut Telling<'_>, rest: &Rest) {
    for api in &rest.apis {
        let Some(id) = api.id.as_deref() else { continue };
        let subject = rest_id(t, id);
        let private = api.endpoint_configuration.types.iter().any(|k| k == "PRIVATE");
        let open = !private && api.disable_execute_api_endpoint != Some(true);
        t.call(REST_APIS.name);
        exists(t, &subject, api.name.as_deref().unwrap_or(id), open, &api.tags);
        let suffix = if t.place.partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
        let name = host(&format!("{id}.execute-api.{}.{suffix}", t.place.region));
        t.also(&subject, &name);
        let methods: Option<Vec<&Method>> =
            rest.resources.get(id).map(|all| all.iter().flat_map(|r| r.resource_methods.values()).collect());
        t.call(RESOURCES.name);
        let targets: BTreeSet<SubjectId> = methods.iter().flatten().filter_map(|m| rest_target(m)).collect();
        for target in targets {
            t.edge(&subject, Relation::Serves, &target);
        }
        let Some(stages) = rest.stages.get(id).filter(|s| !s.is_empty()) else { continue };
        let firewalls: BTreeSet<Option<&str>> = stages.iter().map(|s| firewall(s, &rest.acls)).collect();
        let limits: BTreeSet<Option<bool>> = stages.iter().map(|s| limits(s, id, rest, methods.as_deref())).collect();
        // Where stages differ it depends on which one is called.
        t.call(REST_STAGES.name).text(&subject, key::FIREWALL, same(&firewalls));
        t.call(USAGE_PLANS.name).flag(&subject, key::RATE_LIMITED, same(&limits));
    }
}

fn same<T: Copy + Ord>(all: &BTreeSet<Option<T>>) -> Option<T> {
    all.first().copied().flatten().filter(|_| all.len() == 1)
}

fn firewall<'a>(stage: &RestStage, acls: &'a BTreeMap<String, Acl>) -> Option<&'a str> {
    match &stage.web_acl_arn {
        None => Some("none"),
        Some(arn) => acls.get(arn)?.firewall(),
    }
}

/// A firewall counts each client, or each client has a key with a rate. A rate that all clients share keeps one of them
/// from sending any number, but not from using it up: then nothing is said.
fn limits(stage: &RestStage, api: &str, rest: &Rest, methods: Option<&[&Method]>) -> Option<bool> {
    let by_firewall = match &stage.web_acl_arn {
        None => Some(false),
        Some(arn) => rest.acls.get(arn).and_then(Acl::limits_clients),
    };
    let by_key = by_key(stage, api, rest.plans.as_deref()?, methods?);
    match (by_firewall, by_key) {
        (Some(true), _) | (_, true) => Some(true),
        (None, _) => None,
        (Some(false), false) => (!stage.method_settings.values().any(|s| s.is_set())).then_some(false),
    }
}

/// Every method asks for a key, and every plan with this stage has a rate.
fn by_key(stage: &RestStage, api: &str, plans: &[UsagePlan], methods: &[&Method]) -> bool {
    let here =
        |p: &&UsagePlan| p.api_stages.iter().any(|s| s.api_id.as_deref() == Some(api) && s.stage == stage.stage_name);
    let mut plans = plans.iter().filter(here).peekable();
    let all_keyed = !methods.is_empty() && methods.iter().all(|m| m.api_key_required == Some(true));
    all_keyed && plans.peek().is_some() && plans.all(|p| p.throttle.rate_limit.is_some_and(|r| r > 0.0))
}

/// What answers a method.
fn rest_target(method: &Method) -> Option<SubjectId> {
    let told = &method.method_integration;
    if let Some(arn) = told.integration_target.as_deref().filter(|a| a.contains(":elasticloadbalancing:")) {
        return Some(SubjectId::from(arn));
    }
    match told.kind.as_deref()? {
        "AWS" | "AWS_PROXY" | "HTTP" | "HTTP_PROXY" => target(told.uri.as_deref()?),
        _ => None,
    }
}

/// The function, balancer or host that an address names. Functions are written
/// `arn:aws:apigateway:REGION:lambda:path/2015-03-31/functions/ARN/invocations` or by their own ARN.
fn target(uri: &str) -> Option<SubjectId> {
    if uri.contains("${") {
        return None;
    }
    let function = uri.split_once("/functions/").and_then(|(_, rest)| rest.strip_suffix("/invocations"));
    if let Some(arn) = function.or_else(|| uri.starts_with("arn:").then_some(uri)) {
        let parts: Vec<&str> = arn.split(':').collect();
        return match (parts.get(2), parts.len()) {
            // A version or alias may follow the name.
            (Some(&"lambda"), 7..) => Some(SubjectId(parts.get(..7)?.join(":"))),
            // A private integration names the listener: `listener/app/web/1/2` of `loadbalancer/app/web/1`.
            (Some(&"elasticloadbalancing"), _) => balancer_of(arn),
            _ => None,
        };
    }
    uri.starts_with("http").then(|| host_in(uri)).flatten().map(|(name, _)| host(&name))
}

fn balancer_of(listener: &str) -> Option<SubjectId> {
    let (head, path) = listener.split_once(":listener/")?;
    let path = path.rsplit_once('/')?.0;
    Some(SubjectId(format!("{head}:loadbalancer/{path}")))
}

/// Says an HTTP or WebSocket API. The web application firewall cannot stand before it, and it knows no keys.
pub(super) fn http(t: &mut Telling<'_>, read: &Http) {
    let api = &read.api;
    let Some(id) = api.api_id.as_deref() else { return };
    let subject = SubjectId(format!("arn:{}:apigateway:{}::/apis/{id}", t.place.partition, t.place.region));
    t.call(HTTP_APIS.name);
    let open = api.disable_execute_api_endpoint != Some(true);
    exists(t, &subject, api.name.as_deref().unwrap_or(id), open, &api.tags);
    if let Some((name, _)) = api.api_endpoint.as_deref().and_then(host_in) {
        t.also(&subject, &host(&name));
    }
    t.call(INTEGRATIONS.name);
    let targets: BTreeSet<SubjectId> =
        read.integrations.iter().filter_map(|i| target(i.integration_uri.as_deref()?)).collect();
    for target in targets {
        t.edge(&subject, Relation::Serves, &target);
    }
    let shared = |s: &HttpStage| s.default_route_settings.is_set() || s.route_settings.values().any(|r| r.is_set());
    let unlimited = read.stages.as_ref().is_some_and(|all| !all.is_empty() && !all.iter().any(shared));
    t.call(HTTP_STAGES.name).flag(&subject, key::RATE_LIMITED, unlimited.then_some(false));
}

/// Says a name of one's own and the REST APIs behind it.
pub(super) fn domain(t: &mut Telling<'_>, domain: &Domain, mappings: &[Mapping], rest: &Rest) {
    let Some(name) = domain.domain_name.as_deref() else { return };
    let behind: BTreeSet<&str> = mappings.iter().filter_map(|m| m.rest_api_id.as_deref()).collect();
    let known = |id: &&&str| rest.apis.iter().any(|a| a.id.as_deref() == Some(**id));
    // Names lead to one of these by DNS.
    for entry in [&domain.regional_domain_name, &domain.distribution_domain_name].into_iter().flatten() {
        let entry = host(entry);
        t.call(DOMAINS.name);
        let resource = t.resource(Kind::Dns, &format!("{name} (API Gateway)"), &[]);
        t.exists(&entry, loadline_model::Resource { managed: Some(true), ..resource });
        t.call(MAPPINGS.name);
        for id in behind.iter().filter(known) {
            let api = rest_id(t, id);
            t.edge(&entry, Relation::Serves, &api);
        }
    }
}

#[cfg(test)]
mod tests;
