//! What other tools found: Trusted Advisor and Resilience Hub, shown beside the judgements of Loadline and never part of
//! them.

use super::ServiceReader;
use super::telling::{Place, Telling, batches};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::refused::Refused;
use crate::aws::shape::{list, opt_string, opt_u64};
use futures_util::FutureExt;
use loadline_model::{Basis, GapReason, ImportedFinding, Kind, Resource};
use serde::Deserialize;
use serde_json::json;

const CHECKS: &Operation = operation("support:DescribeTrustedAdvisorChecks");
const SUMMARIES: &Operation = operation("support:DescribeTrustedAdvisorCheckSummaries");
const APPS: &Operation = operation("resiliencehub:ListApps");

/// Categories that are about what Loadline judges.
const CATEGORIES: [&str; 4] = ["fault_tolerance", "performance", "service_limits", "cost_optimizing"];

pub(super) const ADVISOR_READER: ServiceReader = ServiceReader {
    id: "trustedadvisor",
    title: "Trusted Advisor",
    global: true,
    operations: &[CHECKS, SUMMARIES],
    read: |asking, region, answer| read_advisor(asking, region, answer).boxed(),
};

pub(super) const HUB_READER: ServiceReader = ServiceReader {
    id: "resiliencehub",
    title: "Resilience Hub",
    global: false,
    operations: &[APPS],
    read: |asking, region, answer| read_hub(asking, region, answer).boxed(),
};

/// An answer of any of the calls (AWS Support API Reference 2013-04-15; AWS Resilience Hub API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    checks: Vec<Check>,
    #[serde(deserialize_with = "list")]
    summaries: Vec<Summary>,
    #[serde(deserialize_with = "list")]
    app_summaries: Vec<App>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
struct Check {
    #[serde(deserialize_with = "opt_string")]
    id: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    category: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Summary {
    #[serde(deserialize_with = "opt_string")]
    check_id: Option<String>,
    /// `ok`, `warning`, `error`, `not_available`.
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
    resources_summary: Resources,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Resources {
    #[serde(deserialize_with = "opt_u64")]
    resources_flagged: Option<u64>,
    #[serde(deserialize_with = "opt_u64")]
    resources_processed: Option<u64>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct App {
    #[serde(deserialize_with = "opt_string")]
    app_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    /// `PolicyBreached`, `PolicyMet`, `NotAssessed`, `ChangesDetected`, …
    #[serde(deserialize_with = "opt_string")]
    compliance_status: Option<String>,
}

async fn read_advisor(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let place = Place::of(asking, region);
    let mut found = Vec::new();
    match asking.ask::<Page>(CHECKS, region, json!({"language": "en"})).await {
        Ok(pages) => found = pages.into_iter().flat_map(|p| p.checks).collect(),
        Err(Refused::NotEnabled { .. }) => answer.miss(
            GapReason::FeatureDisabled,
            "The support plan of this account gives no access to Trusted Advisor's checks, so none are shown.",
            "Nothing, unless you want them shown: they come with AWS Business or Enterprise Support.",
        ),
        Err(refused) => asking.leave(CHECKS, &refused, &[], answer),
    }
    found.retain(|c: &Check| c.category.as_deref().is_some_and(|c| CATEGORIES.contains(&c)));
    let ids: Vec<String> = found.iter().filter_map(|c| c.id.clone()).collect();
    let questions = batches(&ids, 50).into_iter().map(|some| ((), json!({"checkIds": some}))).collect();
    let read: Vec<((), Pages<Page>)> = asking.each(SUMMARIES, questions, &[], answer).await;
    let summaries: Vec<Summary> = read.into_iter().flat_map(|(_, p)| p).flat_map(|p| p.summaries).collect();
    let mut t = Telling::new(answer, place);
    // An account is there also when its support plan is a small one: the part is then read, with a gap.
    let (account, name) = (t.place.account_id(), t.place.account.clone());
    t.call(CHECKS.name).exists(&account, Resource::new(Kind::Account, name));
    for summary in &summaries {
        if let Some(finding) = advice(&found, summary) {
            t.call(SUMMARIES.name).say(&account, Basis::Measured, finding);
        }
    }
}

/// What is not available was not checked: it is not said.
fn advice(checks: &[Check], summary: &Summary) -> Option<ImportedFinding> {
    let check = checks.iter().find(|c| c.id.is_some() && c.id == summary.check_id)?;
    let failing = match summary.status.as_deref()? {
        "ok" => false,
        "warning" | "error" => true,
        _ => return None,
    };
    let name = check.name.as_deref()?;
    let counts = summary.resources_summary.resources_flagged.zip(summary.resources_summary.resources_processed);
    let title = match counts.filter(|_| failing) {
        Some((flagged, of)) => format!("{name}: {flagged} of {of}"),
        None => name.to_owned(),
    };
    let severity = summary.status.clone()?;
    Some(ImportedFinding {
        source: "AWS Trusted Advisor".to_owned(),
        rule: check.id.clone()?,
        title,
        severity,
        failing,
        ..ImportedFinding::default()
    })
}

async fn read_hub(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let pages: Pages<Page> = asking.pages(APPS, json!({}), answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    let account = t.place.account_id();
    t.call(APPS.name);
    for finding in pages.pages.iter().flat_map(|p| &p.app_summaries).filter_map(resilience) {
        t.say(&account, Basis::Measured, finding);
    }
}

fn resilience(app: &App) -> Option<ImportedFinding> {
    let status = app.compliance_status.as_deref()?;
    let failing = match status {
        "PolicyBreached" => true,
        "PolicyMet" => false,
        _ => return None,
    };
    let name = app.name.as_deref()?;
    let what = if failing { "breaches" } else { "meets" };
    Some(ImportedFinding {
        source: "AWS Resilience Hub".to_owned(),
        rule: app.app_arn.clone()?,
        title: format!("{name} {what} its resiliency policy"),
        severity: status.to_owned(),
        failing,
        ..ImportedFinding::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::parsed;

    fn shown(finding: Option<ImportedFinding>) -> Option<(String, String, bool)> {
        finding.map(|f| (f.title, f.severity, f.failing))
    }

    /// Shapes of the examples in "DescribeTrustedAdvisorChecks" and "DescribeTrustedAdvisorCheckSummaries", AWS Support
    /// API Reference.
    #[test]
    fn advice_is_what_was_checked() {
        let checks: Page =
            parsed(json!({"checks": [{"id": "opQPADkZvH", "name": "Amazon RDS Backups", "category": "fault_tolerance",
            "description": "Checks for automated backups.", "metadata": ["Status", "Region/AZ"]}]}));
        let read = |id: &str, status: &str| {
            let page: Page =
                parsed(json!({"summaries": [{"checkId": id, "timestamp": "2026-11-22T03:00:00Z", "status": status,
                "hasFlaggedResources": true, "resourcesSummary": {"resourcesProcessed": 5, "resourcesFlagged": 2,
                    "resourcesIgnored": 0, "resourcesSuppressed": 0}}]}));
            shown(advice(&checks.checks, &page.summaries[0]))
        };
        let backups = |title: &str, status: &str, failing| Some((title.to_owned(), status.to_owned(), failing));
        assert_eq!(read("opQPADkZvH", "error"), backups("Amazon RDS Backups: 2 of 5", "error", true));
        assert_eq!(read("opQPADkZvH", "ok"), backups("Amazon RDS Backups", "ok", false));
        assert_eq!(read("opQPADkZvH", "not_available"), None);
        assert_eq!(read("other", "error"), None);
    }

    /// Shape of the example in "ListApps", AWS Resilience Hub API Reference.
    #[test]
    fn policies_are_met_or_breached() {
        let read = |status: &str| {
            let page: Page =
                parsed(json!({"appSummaries": [{"appArn": "arn:aws:resiliencehub:eu-west-1:111122223333:app/1",
                "name": "shop", "complianceStatus": status, "resiliencyScore": 72.5}]}));
            shown(resilience(&page.app_summaries[0]))
        };
        let said = |title: &str, status: &str, failing| Some((title.to_owned(), status.to_owned(), failing));
        assert_eq!(read("PolicyBreached"), said("shop breaches its resiliency policy", "PolicyBreached", true));
        assert_eq!(read("PolicyMet"), said("shop meets its resiliency policy", "PolicyMet", false));
        assert_eq!(read("NotAssessed"), None);
    }
}
