//! Thresholds and weekdays as the page shows them, and what a form field may hold: pure.

use loadline_model::{Policy, RuleInfo};
use loadline_wire::settings::{SaveSettings, Settings};

/// Days of the week as the schedule counts them.
pub const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// A threshold that a team may change.
#[derive(Clone, Debug, PartialEq)]
pub struct ThresholdRow {
    /// `DB-007.used_ratio`: the key in [`Policy::thresholds`].
    pub id: String,
    pub rule: String,
    pub title: String,
    pub key: String,
    pub default: f64,
    pub unit: String,
    pub source: String,
}

/// Every threshold that mentions the text, in catalog order.
pub fn thresholds(rules: &[RuleInfo], text: &str) -> Vec<ThresholdRow> {
    let text = text.to_lowercase();
    let rows = rules.iter().flat_map(|rule| {
        rule.thresholds.iter().map(|threshold| ThresholdRow {
            id: format!("{}.{}", rule.id, threshold.key),
            rule: rule.id.to_string(),
            title: rule.title.clone(),
            key: threshold.key.replace('_', " "),
            default: threshold.value,
            unit: threshold.unit.clone(),
            source: threshold.source.clone(),
        })
    });
    rows.filter(|row| {
        text.split_whitespace()
            .all(|word| format!("{} {} {}", row.id, row.title, row.key).to_lowercase().contains(word))
    })
    .collect()
}

/// Sets a threshold, or takes the change back when the field is empty or holds the default. False: the text is no number.
pub fn change_threshold(policy: &mut Policy, row: &ThresholdRow, text: &str) -> bool {
    match text.trim().replace(',', ".").parse::<f64>() {
        _ if text.trim().is_empty() => drop(policy.thresholds.remove(&row.id)),
        Ok(value) if value.is_finite() && value == row.default => drop(policy.thresholds.remove(&row.id)),
        Ok(value) if value.is_finite() && value >= 0.0 => drop(policy.thresholds.insert(row.id.clone(), value)),
        _ => return false,
    }
    true
}

/// A number in a range; `None` leaves what was there.
pub fn within(text: &str, low: f64, high: f64) -> Option<f64> {
    text.trim().replace(',', ".").parse::<f64>().ok().filter(|value| (low..=high).contains(value))
}

/// The editable part of the settings.
pub fn editable(settings: &Settings) -> SaveSettings {
    SaveSettings {
        policy: settings.policy.clone(),
        schedule: settings.schedule.clone(),
        retention_days: settings.retention_days,
        zone: settings.zone.clone(),
        author: settings.author.clone(),
        persons: settings.persons,
    }
}

/// True when something would be saved.
pub fn differs(draft: &SaveSettings, settings: &Settings) -> bool {
    let saved = editable(settings);
    draft.policy != saved.policy
        || draft.schedule != saved.schedule
        || draft.retention_days != saved.retention_days
        || draft.zone != saved.zone
        || draft.author != saved.author
        || draft.persons != saved.persons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> ThresholdRow {
        let text = String::new;
        ThresholdRow {
            id: "DB-007.used_ratio".into(),
            rule: text(),
            title: text(),
            key: text(),
            default: 0.8,
            unit: text(),
            source: text(),
        }
    }

    #[test]
    fn a_threshold_is_kept_only_while_it_differs() {
        let mut policy = Policy::default();
        assert!(change_threshold(&mut policy, &row(), "0,7"));
        assert_eq!(policy.threshold("DB-007", "used_ratio"), Some(0.7));
        for (text, accepted) in [("many", false), ("-1", false), ("NaN", false), ("0.8", true)] {
            assert_eq!(change_threshold(&mut policy, &row(), text), accepted, "{text}");
        }
        assert_eq!(policy.thresholds.len(), 0);
        change_threshold(&mut policy, &row(), "0.5");
        assert!(change_threshold(&mut policy, &row(), " "));
        assert_eq!(policy.thresholds.len(), 0);
    }

    #[test]
    fn fields_refuse_what_is_out_of_range() {
        assert_eq!(within("0,85", 0.0, 1.0), Some(0.85));
        assert_eq!(within("7", 0.0, 1.0), None);
        assert_eq!(within("", 0.0, 1.0), None);
    }
}
