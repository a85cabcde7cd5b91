//! Journeys whose success a metrics account measures, by words that a person gave in the account's settings.

use crate::ConnectError;
use loadline_model::{Account, GapReason, SubjectId};

/// Keys of the account's settings: `journey.` and the name of the journey.
pub(crate) const PREFIX: &str = "journey.";
/// Read where the account says what measures a journey.
pub(crate) const SCOPE: (&str, &str) = ("journeys", "Success of journeys");

/// A journey and what measures it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Given {
    /// The id under which journeys are declared.
    pub journey: SubjectId,
    /// The setting.
    pub key: String,
    /// What to ask, in the source's language.
    pub words: String,
}

/// What the account gives.
///
/// # Errors
/// [`ConnectError`] for a journey without a name.
pub(crate) fn given(account: &Account) -> Result<Vec<Given>, ConnectError> {
    let mut found = Vec::new();
    for (key, words) in &account.config {
        let (Some(name), words) = (key.strip_prefix(PREFIX), words.trim()) else { continue };
        if name.trim().is_empty() {
            return Err(ConnectError::config(key, "name the journey behind the point"));
        }
        if !words.is_empty() {
            found.push(Given { journey: id(name), key: key.clone(), words: words.to_owned() });
        }
    }
    Ok(found)
}

/// The id of a journey of this name.
pub(crate) fn id(name: &str) -> SubjectId {
    SubjectId(format!("journey:{}", name.to_lowercase().replace(' ', "-")))
}

/// Why series are not the one share of a journey; `None` when they are. Each series is its values.
pub(crate) fn refused(key: &str, series: &[Vec<f64>]) -> Option<(GapReason, String, &'static str)> {
    let odd = series.iter().flatten().filter(|v| !(0.0..=1.0).contains(*v)).count();
    match series {
        [_] if odd == 0 => None,
        [] => Some((
            GapReason::FeatureDisabled,
            format!("`{key}` gave no value in the window: whether the journey succeeds cannot be known."),
            "Count the journey's attempts and successes, or correct the setting.",
        )),
        [_] => Some((
            GapReason::ParseError,
            format!("`{key}` gave {odd} values outside of 0 to 1: it is no share."),
            "Divide successes by attempts.",
        )),
        more => Some((
            GapReason::ParseError,
            format!("`{key}` gave {} series: a journey has one share.", more.len()),
            "Add up successes and attempts over everything before dividing.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::account;

    #[test]
    fn journeys_are_named_by_their_setting() {
        let found = given(&account("prometheus", &[("journey.Sign up", " a / b "), ("journey.x", ""), ("url", "u")]));
        let found = found.expect("settings");
        assert_eq!((found.len(), found[0].journey.as_str(), found[0].words.as_str()), (1, "journey:sign-up", "a / b"));
        assert!(given(&account("prometheus", &[("journey.", "a / b")])).is_err());
    }

    #[test]
    fn a_share_is_one_series_from_0_to_1() {
        assert_eq!(refused("k", &[vec![0.0, 0.98, 1.0]]), None);
        let why = |series: &[Vec<f64>]| refused("k", series).map(|r| r.0);
        assert_eq!(why(&[]), Some(GapReason::FeatureDisabled));
        assert_eq!(why(&[vec![0.5, 98.0]]), Some(GapReason::ParseError));
        assert_eq!(why(&[vec![0.5], vec![0.5]]), Some(GapReason::ParseError));
    }
}
