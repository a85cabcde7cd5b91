//! The half-filled form of a new account. It outlives the wizard's steps and the page itself, so nothing is lost on back.

use leptos::prelude::*;
use loadline_model::Environment;
use loadline_wire::ApiError;
use loadline_wire::accounts::{Draft, ProviderInfo, SecretDraft, TestReport};
use std::collections::BTreeMap;

/// Where the secret is to go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecretPlace {
    #[default]
    Keychain,
    Environment,
}

/// The form.
#[derive(Clone, Copy, Default)]
pub struct Wizard {
    pub provider: RwSignal<Option<ProviderInfo>>,
    pub name: RwSignal<String>,
    pub environment: RwSignal<Option<Environment>>,
    pub config: RwSignal<BTreeMap<String, String>>,
    pub secret_place: RwSignal<SecretPlace>,
    pub secret: RwSignal<String>,
    pub variable: RwSignal<String>,
    pub testing: RwSignal<bool>,
    pub report: RwSignal<Option<Result<TestReport, ApiError>>>,
}

impl Wizard {
    /// Chooses a provider; what was typed for another one is dropped, for the same one it is kept.
    pub fn choose(self, provider: ProviderInfo) {
        if self.provider.with_untracked(|p| p.as_ref().is_some_and(|p| p.id == provider.id)) {
            return;
        }
        self.clear();
        self.environment.set(Some(Environment::Production));
        self.name.set(provider.name.clone());
        self.provider.set(Some(provider));
    }

    /// The form as the shell wants it; `None` before a provider is chosen.
    pub fn draft(self) -> Option<Draft> {
        let provider = self.provider.get_untracked()?;
        let secret = match (provider.secret_label.is_some(), self.secret_place.get_untracked()) {
            (true, SecretPlace::Environment) if !self.variable.with_untracked(String::is_empty) => {
                SecretDraft::Environment { variable: self.variable.get_untracked() }
            }
            (true, SecretPlace::Keychain) if !self.secret.with_untracked(String::is_empty) => {
                SecretDraft::Keychain { secret: self.secret.get_untracked() }
            }
            _ => SecretDraft::None,
        };
        let config = self.config.get_untracked().into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        let (name, environment) = (self.name.get_untracked(), self.environment.get_untracked());
        Some(Draft { provider: provider.id, name, config, environment, secret })
    }

    /// What is still missing before the form can be tested, reactive.
    pub fn missing(self) -> Vec<String> {
        let Some(provider) = self.provider.get() else { return vec!["a provider".into()] };
        let config = self.config.get();
        let filled = |key: &str| config.get(key).is_some_and(|value| !value.trim().is_empty());
        let mut missing: Vec<String> =
            provider.fields.iter().filter(|f| f.required && !filled(&f.key)).map(|f| f.label.to_lowercase()).collect();
        if self.name.with(|name| name.trim().is_empty()) {
            missing.insert(0, "a name".into());
        }
        let secret = match self.secret_place.get() {
            SecretPlace::Keychain => self.secret.get(),
            SecretPlace::Environment => self.variable.get(),
        };
        if let Some(label) = provider.secret_label.filter(|_| !provider.secret_optional && secret.is_empty()) {
            missing.push(label.to_lowercase());
        }
        missing
    }

    /// The field that the last test could not use, and why, reactive. Errors name a setting in backquotes.
    pub fn wrong_field(self) -> Option<(String, String)> {
        let provider = self.provider.get()?;
        self.report.with(|report| match report {
            Some(Err(error)) => {
                let keys: Vec<String> = provider.fields.iter().map(|f| f.key.clone()).collect();
                wrong_of(&keys, error)
            }
            _ => None,
        })
    }

    /// Forgets everything, the secret first of all.
    pub fn clear(self) {
        self.secret.set(String::new());
        self.variable.set(String::new());
        self.config.set(BTreeMap::new());
        self.name.set(String::new());
        self.report.set(None);
        self.provider.set(None);
    }
}

/// The form of this window.
pub fn use_wizard() -> Wizard {
    super::provided()
}

/// The field of this form that an error is about, with its sentence.
pub fn wrong_of(keys: &[String], error: &ApiError) -> Option<(String, String)> {
    const OF_SETTINGS: [&str; 4] = ["invalid_config", "missing_setting", "secret_in_argv", "password_in_url"];
    if !OF_SETTINGS.contains(&error.code.0.as_str()) {
        return None;
    }
    // The first setting that is named: later ones belong to the advice.
    let place = |key: &str| error.message.find(&format!("`{key}`"));
    let named = keys.iter().filter_map(|key| Some((place(key)?, key)));
    named.min().map(|(_, key)| (key.clone(), error.message.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_shown_at_the_field_that_it_names() {
        let check = |code: &str, message: &str, field: Option<&str>| {
            let keys = ["profile", "regions"].map(str::to_owned);
            let found = wrong_of(&keys, &ApiError::new(code, message));
            assert_eq!(found.as_ref().map(|(key, _)| key.as_str()), field, "{message}");
            assert!(found.is_none_or(|(_, why)| why == message));
        };
        check("invalid_config", "The setting `regions` cannot be used: `x` is not a region.", Some("regions"));
        check("invalid_config", "The setting `profile` cannot be used: set `regions`.", Some("profile"));
        check("invalid_config", "The setting `other` cannot be used.", None);
        check("unreachable", "`regions` cannot be reached.", None);
    }
}
