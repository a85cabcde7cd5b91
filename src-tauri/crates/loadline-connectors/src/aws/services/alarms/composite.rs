//! Alarms made of alarms: which of their parts reach somebody through them.

use super::rule::{Rule, State};
use super::{ALARMS, Alarm, pages_somebody};
use crate::aws::services::telling::Telling;
use loadline_model::{Alert, AlertKind, Basis, SubjectId};
use std::collections::{BTreeMap, BTreeSet};

/// Layers of alarms made of alarms that are followed.
const LAYERS: usize = 5;

/// An alarm made of alarms.
struct Composite<'a> {
    alarm: &'a Alarm,
    /// `None` when its rule is not understood.
    rule: Option<Rule>,
    /// It reaches somebody.
    pages: Option<bool>,
}

/// Every one of a region.
pub(super) struct Composites<'a> {
    all: Vec<Composite<'a>>,
    /// Place in the list by name and by ARN.
    by_name: BTreeMap<&'a str, usize>,
    /// All of them were read.
    complete: bool,
}

/// What an alarm is to one made of alarms.
#[derive(Clone, Copy, Debug)]
struct Part {
    /// The rule names it, or one whose rule does; a rule that is not understood may.
    named: bool,
    /// The rule holds when this alarm is on and every other is off.
    sets_off: Option<bool>,
}

impl<'a> Composites<'a> {
    pub(super) fn of(made: &[&'a Alarm], reach: &BTreeMap<String, Option<bool>>, complete: bool) -> Self {
        let one = |alarm: &&'a Alarm| Composite {
            alarm,
            rule: alarm.alarm_rule.as_deref().and_then(Rule::parse),
            pages: pages_somebody(alarm, reach),
        };
        let names = |(at, alarm): (usize, &&'a Alarm)| {
            let alarm: &'a Alarm = alarm;
            [alarm.alarm_name.as_deref(), alarm.alarm_arn.as_deref()].map(|name| name.map(|name| (name, at)))
        };
        let by_name = made.iter().enumerate().flat_map(names).flatten().collect();
        Self { all: made.iter().map(one).collect(), by_name, complete }
    }

    /// Whether an alarm that wakes somebody itself or not (`own`) does so: also when it alone sets off an alarm that
    /// does. When that hangs on other alarms as well, or on a rule that was not read, it is not known.
    pub(super) fn pages(&self, alarm: &Alarm, own: Option<bool>) -> Option<bool> {
        if own == Some(true) {
            return own;
        }
        let parts = self.parts(alarm);
        let mut open = !self.complete;
        for (composite, part) in self.all.iter().zip(parts).filter(|(c, p)| p.named && c.pages != Some(false)) {
            if composite.pages == Some(true) && part.sets_off == Some(true) {
                return Some(true);
            }
            open = true;
        }
        own.filter(|_| !open)
    }

    /// Says these alarms, with what their parts watch where that is all the same.
    pub(super) fn say(&self, t: &mut Telling<'_>, alarms: &[&Alarm]) {
        let mut parts: BTreeMap<usize, Vec<&Alarm>> = BTreeMap::new();
        for alarm in alarms.iter().filter(|_| !self.all.is_empty()) {
            for (at, _) in self.parts(alarm).iter().enumerate().filter(|(_, p)| p.named) {
                parts.entry(at).or_default().push(alarm);
            }
        }
        for (at, composite) in self.all.iter().enumerate() {
            let alarm = composite.alarm;
            let (Some(arn), Some(name)) = (alarm.alarm_arn.as_deref(), alarm.alarm_name.as_deref()) else { continue };
            let parts = parts.get(&at).map_or(&[][..], Vec::as_slice);
            let kinds: BTreeSet<AlertKind> = parts.iter().map(|p| p.watches()).collect();
            let watches = match kinds.first() {
                Some(kind) if kinds.len() == 1 => *kind,
                _ => AlertKind::Other,
            };
            let subjects: BTreeSet<SubjectId> = parts.iter().flat_map(|p| p.subjects(t)).collect();
            let alert = Alert {
                name: name.to_owned(),
                expression: alarm.alarm_rule.clone().unwrap_or_default(),
                watches,
                subjects: subjects.into_iter().collect(),
                pages: self.pages(alarm, composite.pages),
                runbook: None,
                owner: None,
                delivery_tested_at: None,
                firings_28d: None,
                firing_since: alarm.firing_since(),
            };
            t.call(ALARMS.name).say(&SubjectId::from(arn), Basis::Configured, alert);
        }
    }

    /// What an alarm is to each of them, in their order; each round follows one layer more.
    fn parts(&self, alarm: &Alarm) -> Vec<Part> {
        let mut known = vec![Part { named: false, sets_off: Some(false) }; self.all.len()];
        for _ in 0..LAYERS {
            known = self.all.iter().map(|composite| self.part(composite, alarm, &known)).collect();
        }
        known
    }

    fn part(&self, composite: &Composite<'a>, alarm: &Alarm, known: &[Part]) -> Part {
        let Some(rule) = &composite.rule else {
            let text = composite.alarm.alarm_rule.as_deref().unwrap_or("");
            let named = alarm.alarm_name.as_deref().is_some_and(|name| text.contains(name));
            return Part { named, sets_off: None };
        };
        let inner = |name: &str| self.by_name.get(name).and_then(|at| known.get(*at));
        let named = rule.names().into_iter().any(|n| alarm.is_called(n) || inner(n).is_some_and(|p| p.named));
        let state = |name: &str| match inner(name).map_or(Some(false), |p| p.sets_off) {
            _ if alarm.is_called(name) => Some(State::Alarm),
            Some(true) => Some(State::Alarm),
            Some(false) => Some(State::Ok),
            None => None,
        };
        Part { named, sets_off: rule.holds(&state) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Alarms, say};
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::json;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:pager";

    /// Shapes of the examples in "DescribeAlarms", Amazon CloudWatch API Reference 2010-08-01: two alarms without
    /// actions, and alarms made of them.
    fn read(made: &[(&str, &str, bool)], complete: bool) -> Vec<String> {
        let arn = |name: &str| format!("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:{name}");
        let part = |name: &str, metric: &str| {
            json!({"AlarmName": name, "AlarmArn": arn(name), "ActionsEnabled": "true", "AlarmActions": "",
                "Namespace": "AWS/ApplicationELB", "MetricName": metric, "StateValue": "OK",
                "Dimensions": [{"Name": "LoadBalancer", "Value": "app/web/1"}]})
        };
        let composite = |(name, rule, acts): &(&str, &str, bool)| {
            let actions = if *acts { json!([TOPIC]) } else { json!("") };
            json!({"AlarmName": name, "AlarmArn": arn(name), "ActionsEnabled": "true", "AlarmActions": actions, "AlarmRule": rule,
                "StateValue": "OK"})
        };
        let page: Alarms = parsed(json!({
            "MetricAlarms": [part("slow", "TargetResponseTime"), part("errors", "HTTPCode_Target_5XX_Count")],
            "CompositeAlarms": made.iter().map(composite).collect::<Vec<_>>()}));
        let reach = [(TOPIC.to_owned(), Some(true))].into();
        let (all, made): (Vec<&Alarm>, Vec<&Alarm>) =
            (page.metric_alarms.iter().collect(), page.composite_alarms.iter().collect());
        let composites = Composites::of(&made, &reach, complete);
        said(|t| {
            all.iter().for_each(|a| say(t, a, composites.pages(a, pages_somebody(a, &reach))));
            composites.say(t, &all);
        })
    }
    fn slow(made: &[(&str, &str, bool)]) -> String {
        let lines = read(made, true);
        let line = lines.iter().find(|l| l.contains("alarm:slow alert")).expect("the alarm is said");
        line.rsplit("pages ").next().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_part_reaches_somebody_through_the_whole() {
        assert_eq!(slow(&[]), "Some(false)");
        assert_eq!(slow(&[("any", "ALARM(slow) OR ALARM(errors)", true)]), "Some(true)");
        let by_arn = "ALARM(\"arn:aws:cloudwatch:eu-west-1:111122223333:alarm:slow\") AND NOT ALARM(deploying)";
        assert_eq!(slow(&[("any", by_arn, true)]), "Some(true)");
        assert_eq!(slow(&[("any", "ALARM(slow) OR ALARM(errors)", false)]), "Some(false)", "nobody is told");
        assert_eq!(slow(&[("both", "ALARM(slow) AND ALARM(errors)", true)]), "None", "it hangs on the other as well");
        assert_eq!(slow(&[("other", "ALARM(errors)", true)]), "Some(false)");
        assert_eq!(slow(&[("odd", "AT_LEAST(1, ALARM, (slow, errors))", true)]), "None");
        let nested = [("inner", "ALARM(slow)", false), ("outer", "ALARM(inner) OR ALARM(errors)", true)];
        assert_eq!(slow(&nested), "Some(true)");
        assert_eq!(
            slow(&[("a", "ALARM(b)", true), ("b", "ALARM(a) OR ALARM(slow)", false)]),
            "Some(true)",
            "a circle ends"
        );
        check(&read(&[], false), &["cloudwatch:alarm:slow alert slow Latency pages None"], &[]);
    }

    #[test]
    fn the_whole_is_an_alarm_too() {
        let lines = read(&[("any", "ALARM(slow) OR ALARM(errors)", true), ("one", "ALARM(errors)", false)], true);
        let expected = [
            "cloudwatch:alarm:any alert any Other pages Some(true)",
            "cloudwatch:alarm:one alert one Errors pages Some(false)",
        ];
        check(&lines, &expected, &[]);
    }
}
