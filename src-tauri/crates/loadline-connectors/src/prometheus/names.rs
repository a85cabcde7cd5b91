//! The names this server uses: OpenTelemetry's unless the account remaps them.

use super::mapping::is_asked_for;
use crate::ConnectError;
use loadline_model::Account;
use std::collections::BTreeMap;

/// Canonical names and what they are called here.
#[derive(Clone, Debug)]
pub(super) struct Names {
    remapped: BTreeMap<String, String>,
    /// Label that names the service.
    pub service: String,
}

impl Names {
    /// From the account's `remap.*` and `service_label`.
    ///
    /// # Errors
    /// [`ConnectError::InvalidConfig`] for what is not a metric or label name.
    pub(super) fn of(account: &Account) -> Result<Self, ConnectError> {
        let mut remapped = BTreeMap::new();
        for (key, theirs) in &account.config {
            let Some(canonical) = key.strip_prefix("remap.") else { continue };
            if !is_name(canonical) || !is_name(theirs) {
                return Err(ConnectError::config(key, format!("`{theirs}` is not the name of a metric")));
            }
            if !is_asked_for(canonical) {
                let why = format!("`{canonical}` is not a metric that Loadline asks for; `loadline names` lists them");
                return Err(ConnectError::config(key, why));
            }
            remapped.insert(canonical.to_owned(), theirs.clone());
        }
        let service = account.config.get("service_label").filter(|l| !l.is_empty()).map_or("job", String::as_str);
        if !is_name(service) || service.contains(':') {
            return Err(ConnectError::config("service_label", format!("`{service}` is not the name of a label")));
        }
        Ok(Self { remapped, service: service.to_owned() })
    }

    /// What a canonical metric is called here.
    pub(super) fn local(&self, canonical: &str) -> String {
        self.remapped.get(canonical).cloned().unwrap_or_else(|| canonical.to_owned())
    }

    /// An expression over canonical names, over the names used here.
    pub(super) fn localise(&self, expression: &str) -> String {
        let mut local = String::with_capacity(expression.len());
        let mut word = String::new();
        for c in expression.chars() {
            if c.is_ascii_alphanumeric() || matches!(c, '_' | ':') {
                word.push(c);
            } else {
                local.push_str(&self.local(&std::mem::take(&mut word)));
                local.push(c);
            }
        }
        local + &self.local(&word)
    }
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | ':'))
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_replaced() {
        let remapped = [("up".to_owned(), "mine".to_owned())].into();
        let names = Names { remapped, service: "job".into() };
        assert_eq!(names.localise("sum(up{a=\"x\"}) / up_total + up"), "sum(mine{a=\"x\"}) / up_total + mine");
    }

    #[test]
    fn names_cannot_smuggle_expressions() {
        for bad in ["", "1a", "a}", "a b", "a\"", "é"] {
            assert!(!is_name(bad), "{bad}");
        }
        assert!(is_name("job:latency_1"));
    }
}
