//! What the checkers of Route 53 see now.

use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::services::telling::nested;
use crate::aws::shape::{list, opt_bool, opt_string};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

pub(super) const CHECKS: &Operation = operation("route53:ListHealthChecks");
pub(super) const STATUS: &Operation = operation("route53:GetHealthCheckStatus");

/// Share of checkers above which an endpoint counts as healthy (Amazon Route 53 Developer Guide, "How Amazon Route 53
/// determines whether a health check is healthy").
const ENOUGH: f64 = 0.18;

/// A page of `ListHealthChecks` (Amazon Route 53 API Reference, version 2013-04-01).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Checks {
    #[serde(deserialize_with = "list")]
    health_checks: Vec<Check>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Check {
    #[serde(deserialize_with = "opt_string")]
    id: Option<String>,
    #[serde(deserialize_with = "nested")]
    health_check_config: Config,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Config {
    #[serde(rename = "Type", deserialize_with = "opt_string")]
    kind: Option<String>,
    #[serde(deserialize_with = "opt_bool")]
    inverted: Option<bool>,
    #[serde(deserialize_with = "opt_bool")]
    disabled: Option<bool>,
}

impl Check {
    /// Its checkers look at the endpoint itself. Others follow alarms or other checks, and one that is switched off or
    /// turned round says nothing about the endpoint.
    fn looks(&self) -> bool {
        let config = &self.health_check_config;
        let at_endpoint =
            matches!(config.kind.as_deref(), Some("HTTP" | "HTTPS" | "HTTP_STR_MATCH" | "HTTPS_STR_MATCH" | "TCP"));
        at_endpoint && config.inverted != Some(true) && config.disabled != Some(true)
    }
}

/// The answer of `GetHealthCheckStatus`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Status {
    #[serde(deserialize_with = "list")]
    health_check_observations: Vec<Observation>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Observation {
    #[serde(deserialize_with = "nested")]
    status_report: Report,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Report {
    /// `Success: HTTP Status Code 200, OK` or `Failure: …`.
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
}

impl Status {
    /// Enough checkers reach it; `None` when none has reported.
    pub(super) fn is_healthy(&self) -> Option<bool> {
        let seen: Vec<bool> = self
            .health_check_observations
            .iter()
            .filter_map(|o| match o.status_report.status.as_deref()? {
                s if s.starts_with("Success") => Some(true),
                s if s.starts_with("Failure") => Some(false),
                _ => None,
            })
            .collect();
        let well = seen.iter().filter(|ok| **ok).count();
        (!seen.is_empty()).then(|| well as f64 / seen.len() as f64 > ENOUGH)
    }
}

/// Whether the endpoint of each of these checks is healthy; what is not known is not in it.
pub(super) async fn of(asking: &Asking<'_>, ids: &BTreeSet<&str>, answer: &mut Answer) -> BTreeMap<String, bool> {
    if ids.is_empty() {
        return BTreeMap::new();
    }
    let checks: Pages<Checks> = asking.pages(CHECKS, json!({}), answer).await;
    let looking = checks.pages.into_iter().flat_map(|p| p.health_checks).filter(Check::looks).filter_map(|c| c.id);
    let questions = looking.filter(|id| ids.contains(id.as_str())).map(|id| {
        let asked = json!({"HealthCheckId": id});
        (id, asked)
    });
    let read: Vec<(String, Pages<Status>)> = asking.each(STATUS, questions.collect(), &[], answer).await;
    read.into_iter().filter_map(|(id, pages)| Some((id, pages.pages.first()?.is_healthy()?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::parsed;

    /// Shapes of the examples in "GetHealthCheckStatus" and "ListHealthChecks", Amazon Route 53 API Reference 2013-04-01.
    #[test]
    fn enough_checkers_decide() {
        let read = |reports: &[&str]| {
            let all: Vec<_> = reports
                .iter()
                .map(|s| json!({"IPAddress": "192.0.2.1", "Region": "eu-west-1", "StatusReport": {"CheckedTime": "2026-11-22T04:59:00Z", "Status": s}}))
                .collect();
            parsed::<Status>(json!({"HealthCheckObservations": {"HealthCheckObservation": all}})).is_healthy()
        };
        let (good, bad) = ("Success: HTTP Status Code 200, OK", "Failure: Connection timed out");
        assert_eq!(read(&[good, good]), Some(true));
        assert_eq!(read(&[bad, bad]), Some(false));
        assert_eq!(read(&[good, bad, bad, bad, bad]), Some(true), "a fifth is enough");
        assert_eq!(read(&[good, bad, bad, bad, bad, bad]), Some(false));
        assert_eq!(read(&[]), None);
        assert_eq!(read(&["?"]), None);
    }

    #[test]
    fn only_checks_of_endpoints_are_asked() {
        let check = |kind: &str, inverted: &str, disabled: &str| {
            let page: Checks = parsed(json!({"HealthChecks": {"HealthCheck": {"Id": "h-1", "HealthCheckVersion": "1",
                "HealthCheckConfig": {"Type": kind, "Inverted": inverted, "Disabled": disabled, "Port": "80"}}}}));
            page.health_checks.iter().any(Check::looks)
        };
        assert!(check("HTTPS", "false", "false") && check("TCP", "", ""));
        for (kind, inverted, disabled) in [("CALCULATED", "", ""), ("HTTP", "true", ""), ("HTTP", "", "true")] {
            assert!(!check(kind, inverted, disabled), "{kind}");
        }
    }
}
