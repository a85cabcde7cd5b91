//! New code of functions: Lambda keeps no list of deployments, the calls that brought the code are the record.

use super::who::{FUNCTION, Record, Trail, text};
use super::{EVENTS, Told};
use crate::aws::services::telling::Telling;
use loadline_model::{DeploymentStatus, SubjectId};
use serde_json::Value;
use std::collections::BTreeSet;

/// Says every update of code, but of functions whose deployments CodeDeploy names: there it is only their first step.
pub(super) fn say(t: &mut Telling<'_>, trail: &Trail, spoken: &BTreeSet<SubjectId>) {
    t.call(EVENTS.name);
    for record in trail.of(FUNCTION) {
        if let Some((function, told)) = update(record) {
            let subject = SubjectId::from(function);
            if !spoken.contains(&subject) {
                told.say(t, &subject, None);
            }
        }
    }
}

fn update(record: &Record) -> Option<(&str, Told)> {
    if record.request_parameters.get("dryRun") == Some(&Value::Bool(true)) {
        return None;
    }
    let answered = &record.response_elements;
    let function = unqualified(text(answered, &["functionArn"])?);
    let started_at = record.at()?;
    // The call answers before the code is in place: only an end that it names is one.
    let status = match text(answered, &["lastUpdateStatus"]) {
        Some("Successful") => DeploymentStatus::Succeeded,
        Some("Failed") => DeploymentStatus::Failed,
        _ => DeploymentStatus::InProgress,
    };
    let revision = text(answered, &["codeSha256"]).unwrap_or_default();
    let told = Told {
        id: record.id.clone()?,
        revision: revision.chars().take(12).collect(),
        started_at,
        finished_at: (status != DeploymentStatus::InProgress).then_some(started_at),
        status,
        by: record.by(),
        strategy: None,
    };
    Some((function, told))
}

/// The function without the version or alias that may follow its name.
pub(super) fn unqualified(arn: &str) -> &str {
    let end = arn.match_indices(':').nth(6).map_or(arn.len(), |(at, _)| at);
    arn.get(..end).unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::said;
    use serde_json::json;

    /// Shape of the record in "Logging AWS Lambda API calls using AWS CloudTrail", AWS Lambda Developer Guide.
    #[test]
    fn an_update_of_code_is_a_deployment() {
        let updated = |id: &str, more: Value| {
            let mut answered = json!({"functionName": "api", "codeSha256": "0123456789abcdef",
                "functionArn": "arn:aws:lambda:eu-west-1:111122223333:function:api:4"});
            answered.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
            json!({"eventID": id, "eventName": FUNCTION, "eventTime": "2026-11-20T10:00:00Z", "userIdentity": {"type": "Root"},
                "requestParameters": {"functionName": "api", "dryRun": false}, "responseElements": answered})
        };
        let mut tried = updated("e3", json!({}));
        tried["requestParameters"]["dryRun"] = json!(true);
        let mut refused = updated("e4", json!({}));
        refused["errorCode"] = json!("ResourceConflictException");
        let trail = Trail::recorded(&[
            updated("e1", json!({"lastUpdateStatus": "Successful"})),
            updated("e2", json!({"lastUpdateStatus": "InProgress"})),
            tried,
            refused,
            json!({"eventName": FUNCTION, "eventTime": "2026-11-20T10:00:00Z", "responseElements": Value::Null}),
        ]);
        let expected = [
            "lambda:function:api deployment e1 Succeeded 0123456789ab",
            "lambda:function:api deployment e2 InProgress 0123456789ab",
        ];
        assert_eq!(said(|t| say(t, &trail, &BTreeSet::new())), expected);
        let spoken = BTreeSet::from(["arn:aws:lambda:eu-west-1:111122223333:function:api".into()]);
        assert!(said(|t| say(t, &trail, &spoken)).is_empty());
    }
}
