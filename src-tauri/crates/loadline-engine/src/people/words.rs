//! Names inside other text, replaced as whole words and never inside other words.

use super::pseudonym;
use serde_json::Value;

/// Accounts under which nobody in particular acts, and words that name a tool: they are hidden where they stand for a person
/// and left alone in other text, where they mean something else.
const NOBODY: [&str; 31] = [
    "admin",
    "administrator",
    "automation",
    "bitbucket",
    "bot",
    "build",
    "ci",
    "circleci",
    "deploy",
    "deployer",
    "dev",
    "github",
    "github-actions",
    "gitlab",
    "jenkins",
    "me",
    "nobody",
    "on-call",
    "operator",
    "ops",
    "person",
    "pipeline",
    "platform",
    "release",
    "root",
    "runner",
    "service",
    "system",
    "team",
    "ubuntu",
    "user",
];

/// What is replaced by what, longest first.
pub(super) struct Words {
    /// In sentences of people.
    sentence: Vec<(String, String)>,
    /// Anywhere: names that are no word of anything else.
    anywhere: Vec<(String, String)>,
    /// Ids of persons.
    ids: Vec<(String, String)>,
}

impl Words {
    /// Of names and ids of persons.
    pub(super) fn new<'a>(names: impl Iterator<Item = &'a str>, ids: impl Iterator<Item = &'a str>) -> Self {
        let mut words = Self { sentence: Vec::new(), anywhere: Vec::new(), ids: Vec::new() };
        for name in names.filter(|name| !names_nobody(name)) {
            let label = pseudonym(name);
            if is_like_no_other(name) {
                words.anywhere.push((name.to_owned(), label.clone()));
            }
            words.sentence.extend(at_the_head(name).map(|capital| (capital, label.clone())));
            words.sentence.push((name.to_owned(), label));
        }
        words.ids = ids.map(|id| (id.to_owned(), pseudonym(id))).collect();
        for list in [&mut words.sentence, &mut words.anywhere, &mut words.ids] {
            list.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        }
        words
    }

    /// Replaces names in what people wrote.
    pub(super) fn in_sentence(&self, text: &mut String) {
        for (name, label) in &self.sentence {
            replace_word(text, name, label, char::is_alphanumeric);
        }
    }

    /// Replaces names in every string of a value; true when one was.
    pub(super) fn in_value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => self.in_string(text),
            Value::Array(items) => items.iter_mut().fold(false, |any, item| self.in_value(item) | any),
            Value::Object(map) => {
                let mut any = map.values_mut().fold(false, |any, value| self.in_value(value) | any);
                let mut named = map.keys().cloned().collect::<Vec<_>>();
                named.retain(|key| self.in_string(&mut key.clone()));
                for key in named {
                    let mut hidden = key.clone();
                    self.in_string(&mut hidden);
                    if let Some(value) = map.remove(&key) {
                        map.insert(hidden, value);
                        any = true;
                    }
                }
                any
            }
            _ => false,
        }
    }

    fn in_string(&self, text: &mut String) -> bool {
        if let Some((_, label)) = self.ids.iter().find(|(id, _)| id == text) {
            text.clone_from(label);
            return true;
        }
        let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        let told = |(id, _): &&(String, String)| id.contains([':', '/', '@']);
        let ids = self.ids.iter().filter(told);
        ids.chain(&self.anywhere).fold(false, |any, (name, label)| replace_word(text, name, label, part) | any)
    }
}

/// A machine, or an account that many share.
pub(super) fn names_nobody(name: &str) -> bool {
    name.ends_with("[bot]") || NOBODY.contains(&name.to_lowercase().as_str())
}

/// A name of several words, an address, or one written like a name: not a word of ours or of a vendor.
fn is_like_no_other(name: &str) -> bool {
    let long = name.chars().count() > 2;
    name.contains([' ', '@']) || long && name.contains(char::is_uppercase) && name.contains(char::is_lowercase)
}

/// `Ana` for `ana`, as sentences write it.
fn at_the_head(name: &str) -> Option<String> {
    let mut rest = name.chars();
    let first = rest.next().filter(|c| c.is_lowercase())?;
    Some(first.to_uppercase().chain(rest).collect())
}

/// Replaces a name where no character that belongs to a word (`part`) stands before or after it.
fn replace_word(text: &mut String, name: &str, label: &str, part: fn(char) -> bool) -> bool {
    if !text.contains(name) {
        return false;
    }
    let mut made = String::with_capacity(text.len());
    let mut done = 0;
    for (at, _) in text.match_indices(name) {
        let before = text[..at].chars().next_back().is_some_and(part);
        let after = text[at + name.len()..].chars().next().is_some_and(part);
        if !before && !after {
            made.push_str(&text[done..at]);
            made.push_str(label);
            done = at + name.len();
        }
    }
    let any = done > 0;
    if any {
        made.push_str(&text[done..]);
        *text = made;
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_as_whole_words_only() {
        let words = Words::new(["AL", "ana", "Mira", "Ana Lima", "root"].into_iter(), ["person:mira"].into_iter());
        let check = |text: &str, expected: &str| {
            let mut said = text.to_owned();
            words.in_sentence(&mut said);
            for name in ["AL", "ana", "Mira", "Ana Lima"] {
                said = said.replace(&pseudonym(name), &format!("<{name}>"));
            }
            assert_eq!(said, expected);
        };
        check("AL asked ana; Ana's note, not ALIAS or banana.", "<AL> asked <ana>; <ana>'s note, not ALIAS or banana.");
        check("Ana Lima and Mira found the root cause (AL)", "<Ana Lima> and <Mira> found the root cause (<AL>)");
        let anywhere = |text: &str| {
            let mut value = Value::String(text.into());
            words.in_value(&mut value);
            value.as_str().map(str::to_owned).unwrap_or_default()
        };
        assert_eq!(anywhere("person:mira"), pseudonym("person:mira"));
        assert_eq!(anywhere("asked of Mira"), format!("asked of {}", pseudonym("Mira")));
        for kept in ["ana", "AL", "AL-003", "Miramar", "mira-1", "root"] {
            assert_eq!(anywhere(kept), kept);
        }
    }

    #[test]
    fn a_name_inside_keys_is_replaced_too() {
        let words = Words::new(["Ana Lima"].into_iter(), std::iter::empty());
        let mut value = serde_json::json!({ "Ana Lima": ["by Ana Lima", 1], "kept": null });
        assert!(words.in_value(&mut value) && !value.to_string().contains("Lima"), "{value}");
        assert!(!words.in_value(&mut value));
    }
}
