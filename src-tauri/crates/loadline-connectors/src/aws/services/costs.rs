//! Cost Explorer and Budgets: the bill by service, and who is told when it grows. Each request costs a cent, so a visit
//! is kept for a day.

use super::ServiceReader;
use super::telling::{Place, Telling};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_f64, opt_string};
use futures_util::FutureExt;
use loadline_model::{Basis, CostLine, Day, Kind, Resource, SubjectId, Timestamp, Value, key};
use serde::Deserialize;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

const MONITORS: &Operation = operation("ce:GetAnomalyMonitors");
const SUBSCRIPTIONS: &Operation = operation("ce:GetAnomalySubscriptions");
const COSTS: &Operation = operation("ce:GetCostAndUsage");
const TAGS: &Operation = operation("ce:ListCostAllocationTags");
const BUDGETS: &Operation = operation("budgets:DescribeBudgetNotificationsForAccount");

/// Days of bills that costs are compared over.
const DAYS: i32 = 120;
/// Days over which the share without an owner is taken.
const TAGGED_DAYS: i32 = 30;
/// Tags that name an owner, by what people call them, best first; case and dashes do not matter.
const OWNERS: [&str; 6] = ["owner", "team", "costcenter", "costcentre", "squad", "department"];

pub(super) const READER: ServiceReader = ServiceReader {
    id: "costs",
    title: "Costs and budgets",
    global: true,
    operations: &[MONITORS, SUBSCRIPTIONS, COSTS, TAGS, BUDGETS],
    read: |asking, region, answer| read(asking, region, answer).boxed(),
};

/// A page of any of the calls (AWS Billing and Cost Management API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    #[serde(deserialize_with = "list")]
    results_by_time: Vec<Period>,
    #[serde(deserialize_with = "list")]
    anomaly_monitors: Vec<Monitor>,
    #[serde(deserialize_with = "list")]
    anomaly_subscriptions: Vec<Subscription>,
    #[serde(deserialize_with = "list")]
    cost_allocation_tags: Vec<AllocationTag>,
    #[serde(deserialize_with = "list")]
    budget_notifications_for_account: Vec<Budget>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Period {
    time_period: Interval,
    #[serde(deserialize_with = "list")]
    groups: Vec<Group>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Interval {
    #[serde(deserialize_with = "opt_string")]
    start: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    end: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Group {
    #[serde(deserialize_with = "list")]
    keys: Vec<String>,
    metrics: BTreeMap<String, Amount>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Amount {
    #[serde(deserialize_with = "opt_f64")]
    amount: Option<f64>,
    /// Currency.
    #[serde(deserialize_with = "opt_string")]
    unit: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Monitor {
    #[serde(deserialize_with = "opt_string")]
    monitor_arn: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Subscription {
    #[serde(deserialize_with = "list")]
    monitor_arn_list: Vec<String>,
    #[serde(deserialize_with = "list")]
    subscribers: Vec<Subscriber>,
}

/// Addresses are not read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Subscriber {
    #[serde(deserialize_with = "opt_string")]
    status: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AllocationTag {
    #[serde(deserialize_with = "opt_string")]
    tag_key: Option<String>,
}

/// A budget has a notification only together with somebody who receives it.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Budget {
    #[serde(deserialize_with = "list")]
    notifications: Vec<serde_json::Value>,
}

async fn read(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let today = asking.window.now.utc_day();
    let bill: Pages<Page> = asking.pages(COSTS, question(today, DAYS, "DIMENSION", "SERVICE"), answer).await;
    let monitors: Pages<Page> = asking.pages(MONITORS, json!({}), answer).await;
    let subscriptions: Pages<Page> = asking.pages(SUBSCRIPTIONS, json!({}), answer).await;
    let account = json!({"AccountId": asking.account()});
    let budgets: Pages<Page> = asking.pages(BUDGETS, account, answer).await;
    let active = json!({"Status": "Active", "Type": "UserDefined"});
    let tags: Pages<Page> = asking.pages(TAGS, active, answer).await;
    let keys: Vec<String> =
        tags.pages.iter().flat_map(|p| &p.cost_allocation_tags).filter_map(|t| t.tag_key.clone()).collect();
    let owned = match owner(&keys) {
        Some(owner) => {
            let pages: Pages<Page> = asking.pages(COSTS, question(today, TAGGED_DAYS, "TAG", owner), answer).await;
            pages.complete.then(|| untagged(&pages.pages)).flatten()
        }
        // Nothing of a bill can be told by a tag that does not exist; which of other tags means an owner is not known.
        None => (tags.complete && keys.is_empty()).then_some(1.0),
    };
    let mut t = Telling::new(answer, Place::of(asking, region));
    let account = t.place.account_id();
    let name = t.place.account.clone();
    t.call(COSTS.name).exists(&account, Resource::new(Kind::Account, name));
    // Half a bill would be a cheap one.
    if bill.complete {
        say_bill(&mut t, &account, &bill.pages);
    }
    t.set(&account, Basis::Measured, key::SPEND_UNTAGGED, None, owned.map(Value::Number));
    let complete = monitors.complete && subscriptions.complete && budgets.complete;
    let watched = is_watched(&monitors.pages, &subscriptions.pages, &budgets.pages);
    t.call(SUBSCRIPTIONS.name);
    t.flag(&account, key::SPEND_WATCHED, (watched || complete).then_some(watched));
}

/// The bill of whole months and this one so far: from the first of the month that lies so many days back. The share of a
/// tag is taken over the days themselves.
fn question(today: Day, days: i32, kind: &str, group: &str) -> serde_json::Value {
    let back = Day(today.0 - days);
    let (year, month, _) = back.civil();
    let start = if kind == "TAG" { back } else { Day::from_civil(year, month, 1) };
    json!({"TimePeriod": {"Start": start.to_string(), "End": today.to_string()}, "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"], "GroupBy": [{"Type": kind, "Key": group}]})
}

fn say_bill(t: &mut Telling<'_>, account: &SubjectId, pages: &[Page]) {
    for period in pages.iter().flat_map(|p| &p.results_by_time) {
        let at = |day: &Option<String>| Day::parse(day.as_deref()?).map(Day::utc_start);
        let (Some(from), Some(until)) = (at(&period.time_period.start), at(&period.time_period.end)) else { continue };
        for group in &period.groups {
            if let Some(line) = line(group, from, until) {
                t.say(account, Basis::Measured, line);
            }
        }
    }
}

fn line(group: &Group, from: Timestamp, until: Timestamp) -> Option<CostLine> {
    let cost = group.metrics.get("UnblendedCost")?;
    let amount = cost.amount.filter(|a| *a != 0.0)?;
    Some(CostLine { service: group.keys.first()?.clone(), amount, currency: cost.unit.clone()?, from, until })
}

/// The tag that names an owner.
fn owner(keys: &[String]) -> Option<&str> {
    let plain = |key: &str| key.to_ascii_lowercase().replace(['-', '_', ' ', ':'], "");
    OWNERS.iter().find_map(|wanted| keys.iter().find(|k| plain(k) == *wanted)).map(String::as_str)
}

/// Share of the bill without that tag: its group is called `tag$`. Credits are nobody's and are left out.
fn untagged(pages: &[Page]) -> Option<f64> {
    let groups = pages.iter().flat_map(|p| &p.results_by_time).flat_map(|p| &p.groups);
    let (mut all, mut nobody) = (0.0, 0.0);
    for group in groups {
        let amount = group.metrics.get("UnblendedCost").and_then(|c| c.amount).filter(|a| *a > 0.0).unwrap_or(0.0);
        all += amount;
        if group.keys.first().is_some_and(|k| k.ends_with('$')) {
            nobody += amount;
        }
    }
    (all > 0.0).then(|| nobody / all)
}

/// An anomaly monitor with somebody who did not decline, or a budget with a notification.
fn is_watched(monitors: &[Page], subscriptions: &[Page], budgets: &[Page]) -> bool {
    let known: BTreeSet<&str> =
        monitors.iter().flat_map(|p| &p.anomaly_monitors).filter_map(|m| m.monitor_arn.as_deref()).collect();
    let told = |s: &Subscription| {
        let about = s.monitor_arn_list.iter().any(|arn| known.contains(arn.as_str()));
        about && s.subscribers.iter().any(|s| s.status.as_deref() != Some("DECLINED"))
    };
    subscriptions.iter().flat_map(|p| &p.anomaly_subscriptions).any(told)
        || budgets.iter().flat_map(|p| &p.budget_notifications_for_account).any(|b| !b.notifications.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{NOW, parsed, scope};
    use loadline_model::Body;

    fn group(key: &str, amount: &str) -> serde_json::Value {
        json!({"Keys": [key], "Metrics": {"UnblendedCost": {"Amount": amount, "Unit": "USD"}}})
    }
    fn bill(groups: serde_json::Value) -> Page {
        parsed(json!({"GroupDefinitions": [{"Type": "DIMENSION", "Key": "SERVICE"}], "ResultsByTime": [
            {"TimePeriod": {"Start": "2026-10-01", "End": "2026-11-01"}, "Total": {}, "Groups": groups, "Estimated": false}]}))
    }

    /// Shape of the example in "GetCostAndUsage", AWS Billing and Cost Management API Reference.
    #[test]
    fn the_bill_of_a_month_by_service() {
        let page = bill(json!([
            group("Amazon Relational Database Service", "812.4000000000"),
            group("AWS Key Management Service", "0"),
            group("Credits", "-12.5")
        ]));
        let lines: Vec<CostLine> = scope(|t| say_bill(t, &"a".into(), &[page]))
            .facts
            .into_iter()
            .filter_map(|f| if let Body::CostLine(line) = f.body { Some(line) } else { None })
            .collect();
        let of = |service: &str, amount: f64| CostLine {
            service: service.into(),
            amount,
            currency: "USD".into(),
            from: Timestamp::parse("2026-10-01").expect("a day"),
            until: Timestamp::parse("2026-11-01").expect("a day"),
        };
        assert_eq!(lines, [of("Amazon Relational Database Service", 812.4), of("Credits", -12.5)]);
        let asked = question(NOW.utc_day(), DAYS, "DIMENSION", "SERVICE");
        assert_eq!(asked["TimePeriod"], json!({"Start": "2026-07-01", "End": "2026-11-22"}));
        let asked = question(NOW.utc_day(), TAGGED_DAYS, "TAG", "Owner");
        assert_eq!(asked["TimePeriod"]["Start"], "2026-10-23");
    }

    #[test]
    fn what_has_no_owner() {
        let page = bill(json!([group("Owner$", "60"), group("Owner$shop", "140"), group("Owner$", "-50")]));
        assert_eq!(untagged(&[page]), Some(0.3));
        assert_eq!(untagged(&[bill(json!([]))]), None, "a bill of nothing has no share");
        let keys = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        assert_eq!(owner(&keys(&["env", "Cost-Center", "Team"])), Some("Team"));
        assert_eq!(owner(&keys(&["env"])), None);
    }

    /// Shapes of the examples in "GetAnomalySubscriptions" and "DescribeBudgetNotificationsForAccount".
    #[test]
    fn somebody_must_be_told() {
        let monitors: [Page; 1] = [parsed(json!({"AnomalyMonitors": [{"MonitorArn": "m1", "MonitorName": "all"}]}))];
        let subscribed = |monitor: &str, status: &str| -> [Page; 1] {
            [parsed(json!({"AnomalySubscriptions": [{"MonitorArnList": [monitor], "Frequency": "DAILY",
                "Subscribers": [{"Address": "ops@example.com", "Type": "EMAIL", "Status": status}]}]}))]
        };
        assert!(is_watched(&monitors, &subscribed("m1", "CONFIRMED"), &[]));
        assert!(!is_watched(&monitors, &subscribed("m1", "DECLINED"), &[]));
        assert!(!is_watched(&monitors, &subscribed("m2", "CONFIRMED"), &[]));
        assert!(!is_watched(&monitors, &[], &[]));
        let budget = |notifications: serde_json::Value| -> [Page; 1] {
            [parsed(json!({"BudgetNotificationsForAccount": [{"BudgetName": "b", "Notifications": notifications}]}))]
        };
        assert!(is_watched(&[], &[], &budget(json!([{"NotificationType": "ACTUAL", "Threshold": 80.0}]))));
        assert!(!is_watched(&[], &[], &budget(json!([]))));
    }
}
