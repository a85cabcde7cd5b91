//! Who began a change: CloudTrail's record of the call. A pipeline or a person is named only where the record shows it;
//! a role that both may take is neither.

use super::{EVENTS, NOBODY};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::services::telling::nested;
use crate::aws::shape::{list, opt_string, opt_time};
use loadline_model::{ActorKind, Timestamp};
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) const SERVICE: &str = "UpdateService";
pub(super) const NEW_SERVICE: &str = "CreateService";
pub(super) const CODE: &str = "CreateDeployment";
pub(super) const REFRESH: &str = "StartInstanceRefresh";
pub(super) const FUNCTION: &str = "UpdateFunctionCode20150331v2";

/// Pages of one event name: 50 events each, two a second. Scaling writes such events too; what is older than these
/// pages has an unknown author.
const MOST_PAGES: usize = 100;

/// Services of AWS that deploy on a pipeline's behalf.
const PIPELINES: [&str; 3] = ["codepipeline.amazonaws.com", "codedeploy.amazonaws.com", "codebuild.amazonaws.com"];

/// Those who vouch for the jobs of a build service (OpenID Connect issuers of GitHub, GitLab, Bitbucket, CircleCI,
/// Buildkite and Terraform).
const ISSUERS: [&str; 6] = [
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "api.bitbucket.org",
    "oidc.circleci.com",
    "agent.buildkite.com",
    "app.terraform.io",
];

/// Who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct By {
    pub kind: ActorKind,
    pub name: Option<String>,
}

/// Records by the name of their event.
#[derive(Default)]
pub(super) struct Trail(BTreeMap<String, Vec<Record>>);

/// A page of `LookupEvents` (AWS CloudTrail API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    events: Vec<Looked>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Looked {
    /// The record: JSON in a text.
    #[serde(deserialize_with = "opt_string")]
    cloud_trail_event: Option<String>,
}

/// A record ("CloudTrail record contents", AWS CloudTrail User Guide).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Record {
    #[serde(rename = "eventID", deserialize_with = "opt_string")]
    pub id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    event_name: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    event_time: Option<Timestamp>,
    #[serde(deserialize_with = "opt_string")]
    error_code: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    user_agent: Option<String>,
    #[serde(rename = "sourceIPAddress", deserialize_with = "opt_string")]
    source: Option<String>,
    #[serde(deserialize_with = "nested")]
    user_identity: Identity,
    pub request_parameters: Value,
    pub response_elements: Value,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity {
    /// `Root`, `IAMUser`, `AssumedRole`, `FederatedUser`, `AWSService`, `IdentityCenterUser`, …
    #[serde(rename = "type", deserialize_with = "opt_string")]
    kind: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    user_name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    invoked_by: Option<String>,
    #[serde(deserialize_with = "nested")]
    session_context: Session,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Session {
    #[serde(deserialize_with = "nested")]
    session_issuer: Issuer,
    #[serde(deserialize_with = "nested")]
    web_id_federation_data: Federation,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Issuer {
    /// Name of the role.
    #[serde(deserialize_with = "opt_string")]
    user_name: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Federation {
    #[serde(deserialize_with = "opt_string")]
    federated_provider: Option<String>,
}

/// Looks up these events; after a refusal the rest is not asked.
pub(super) async fn read(asking: &Asking<'_>, since: Timestamp, names: &[&'static str], answer: &mut Answer) -> Trail {
    let mut trail = Trail::default();
    for name in names {
        let question = json!({"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}],
            "StartTime": since.0.div_euclid(1000), "MaxResults": 50});
        let pages: Pages<Page> = asking.newest(EVENTS, question, MOST_PAGES, answer).await;
        let is_refused = !pages.complete && pages.pages.is_empty();
        trail.add(pages.pages);
        if is_refused {
            break;
        }
    }
    trail
}

impl Trail {
    fn add(&mut self, pages: Vec<Page>) {
        let texts = pages.into_iter().flat_map(|p| p.events).filter_map(|e| e.cloud_trail_event);
        for record in texts.filter_map(|text| serde_json::from_str::<Record>(&text).ok()) {
            // A call that was refused changed nothing.
            if let (Some(name), None) = (record.event_name.clone(), &record.error_code) {
                self.0.entry(name).or_default().push(record);
            }
        }
    }

    /// Records of an event.
    pub(super) fn of(&self, name: &str) -> &[Record] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    /// Who made the call that answered this value.
    pub(super) fn answered(&self, name: &str, path: &[&str], value: &str) -> By {
        let mut found = self.of(name).iter().filter(|r| text(&r.response_elements, path) == Some(value));
        found.next().map_or(NOBODY, Record::by)
    }

    #[cfg(test)]
    pub(super) fn recorded(records: &[Value]) -> Self {
        let mut trail = Self::default();
        let events = records.iter().map(|r| json!({"CloudTrailEvent": r.to_string()})).collect::<Vec<_>>();
        trail.add(vec![serde_json::from_value(json!({"Events": events})).expect("a page")]);
        trail
    }
}

impl Record {
    /// When the call was made.
    pub(super) fn at(&self) -> Option<Timestamp> {
        self.event_time
    }

    /// Who made it.
    pub(super) fn by(&self) -> By {
        let identity = &self.user_identity;
        let session = identity.arn.as_deref().and_then(|arn| arn.split('/').nth(2));
        let role = identity.session_context.session_issuer.user_name.as_deref();
        let person = |name: Option<&str>| By { kind: ActorKind::Person, name: name.map(str::to_owned) };
        if let Some(service) = self.pipeline() {
            return By { kind: ActorKind::Pipeline, name: Some(service) };
        }
        match identity.kind.as_deref() {
            Some("Root") => person(Some("root")),
            Some("IAMUser" | "IdentityCenterUser") if identity.invoked_by.is_none() => {
                person(identity.user_name.as_deref())
            }
            // The roles of single sign-on, which people take.
            Some("AssumedRole") if identity.invoked_by.is_none() => match role {
                Some(role) if role.starts_with("AWSReservedSSO_") => person(session),
                _ => NOBODY,
            },
            _ => NOBODY,
        }
    }

    /// The pipeline that shows in the record.
    fn pipeline(&self) -> Option<String> {
        let identity = &self.user_identity;
        let service = |text: &Option<String>| PIPELINES.iter().find(|p| text.as_deref() == Some(**p));
        if let Some(service) = service(&identity.invoked_by).or_else(|| service(&self.source)) {
            return Some(service.trim_end_matches(".amazonaws.com").to_owned());
        }
        let provider = identity.session_context.web_id_federation_data.federated_provider.as_deref().unwrap_or("");
        if let Some(issuer) = ISSUERS.iter().find(|i| provider == **i || provider.ends_with(&format!("/{i}"))) {
            return Some((*issuer).to_owned());
        }
        // Names that CodeBuild and the login action of GitHub give their sessions.
        let session = identity.arn.as_deref().and_then(|arn| arn.split('/').nth(2)).unwrap_or("");
        if session.starts_with("AWSCodeBuild-") {
            return Some("codebuild".to_owned());
        }
        let agent = self.user_agent.as_deref().unwrap_or("");
        (session == "GitHubActions" || agent.contains("-for-github-actions")).then(|| "github-actions".to_owned())
    }
}

/// A text in a tree.
pub(super) fn text<'v>(tree: &'v Value, path: &[&str]) -> Option<&'v str> {
    path.iter().try_fold(tree, |v, key| v.get(*key))?.as_str().filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by(identity: Value, rest: Value) -> (ActorKind, Option<String>) {
        let mut record = json!({"eventName": "UpdateService", "userIdentity": identity});
        record.as_object_mut().expect("fields").extend(rest.as_object().expect("fields").clone());
        let record: Record = serde_json::from_value(record).expect("a record");
        let by = record.by();
        (by.kind, by.name)
    }

    fn role(role: &str, session: &str, more: Value) -> Value {
        let mut identity = json!({"type": "AssumedRole", "arn": format!("arn:aws:sts::111122223333:assumed-role/{role}/{session}"),
            "sessionContext": {"sessionIssuer": {"type": "Role", "userName": role}}});
        for (key, value) in more.as_object().expect("fields") {
            identity["sessionContext"][key] = value.clone();
        }
        identity
    }

    /// Shapes of the examples in "CloudTrail userIdentity element", AWS CloudTrail User Guide.
    #[test]
    fn people_and_pipelines_are_told_apart() {
        let user = json!({"type": "IAMUser", "userName": "alice", "arn": "arn:aws:iam::111122223333:user/alice"});
        assert_eq!(by(user.clone(), json!({})), (ActorKind::Person, Some("alice".into())));
        let sso = role("AWSReservedSSO_Admin_0123456789abcdef", "alice@example.com", json!({}));
        assert_eq!(by(sso, json!({})), (ActorKind::Person, Some("alice@example.com".into())));
        assert_eq!(by(json!({"type": "Root"}), json!({})).0, ActorKind::Person);

        let oidc = json!({"webIdFederationData": {"federatedProvider": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}});
        let github = role("deploy", "run-17", oidc);
        assert_eq!(by(github, json!({})), (ActorKind::Pipeline, Some("token.actions.githubusercontent.com".into())));
        let build = role("build", "AWSCodeBuild-0b1", json!({}));
        assert_eq!(by(build, json!({})), (ActorKind::Pipeline, Some("codebuild".into())));
        let pipe = role("pipe", "1700000000", json!({}));
        let called = json!({"sourceIPAddress": "codepipeline.amazonaws.com"});
        assert_eq!(by(pipe.clone(), called), (ActorKind::Pipeline, Some("codepipeline".into())));
        let agent = json!({"userAgent": "aws-sdk-js/3 amazon-ecs-deploy-task-definition-for-github-actions"});
        assert_eq!(by(user, agent).0, ActorKind::Pipeline);
    }

    #[test]
    fn a_role_that_both_may_take_is_neither() {
        for session in ["i-0abc", "alice", "1700000000"] {
            assert_eq!(by(role("deploy", session, json!({})), json!({})), (ActorKind::Unknown, None), "{session}");
        }
        let other = json!({"webIdFederationData": {"federatedProvider": "arn:aws:iam::111122223333:oidc-provider/login.example.com"}});
        assert_eq!(by(role("deploy", "x", other), json!({})).0, ActorKind::Unknown);
        let stack = json!({"type": "IAMUser", "userName": "alice", "invokedBy": "cloudformation.amazonaws.com"});
        assert_eq!(by(stack, json!({})).0, ActorKind::Unknown);
        assert_eq!(by(json!({}), json!({})).0, ActorKind::Unknown);
    }

    #[test]
    fn what_was_refused_and_what_is_broken_is_left_out() {
        let mut trail = Trail::recorded(&[json!({"eventName": "UpdateService", "errorCode": "AccessDenied"})]);
        trail.add(vec![
            serde_json::from_value(json!({"Events": [{"CloudTrailEvent": "{broken"}, {}]})).expect("a page"),
        ]);
        assert!(trail.of("UpdateService").is_empty());
        let done = Trail::recorded(&[json!({"eventName": "CreateDeployment", "userIdentity": {"type": "Root"},
            "responseElements": {"deploymentId": "d-1"}})]);
        assert_eq!(done.answered("CreateDeployment", &["deploymentId"], "d-1").kind, ActorKind::Person);
        assert_eq!(done.answered("CreateDeployment", &["deploymentId"], "d-2"), NOBODY);
    }
}
