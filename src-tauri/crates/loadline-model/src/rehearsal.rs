//! Which environments no user reaches, by their names: the one place that decides what counts as production.

/// Parts that say so wherever they stand: none of them is part of another word.
const PARTS: &[&str] = &["staging", "sandbox", "preview", "preprod", "nonprod", "development", "testing", "playground"];
/// Words that say so only as a whole, without a number at their end: `test` is not in `latest`, nor `dev` in `devices`.
const WORDS: &[&str] = &[
    "acceptance",
    "ci",
    "demo",
    "dev",
    "devel",
    "develop",
    "e2e",
    "ephemeral",
    "integration",
    "loadtest",
    "local",
    "localhost",
    "non",
    "nonprd",
    "perf",
    "ppe",
    "pre",
    "preprd",
    "qa",
    "qas",
    "review",
    "sbx",
    "sit",
    "stag",
    "stage",
    "stg",
    "test",
    "tests",
    "tst",
    "uat",
];
/// Words of users' own environments, which decide where they begin a path that a connector wrote.
const PRODUCTION: &[&str] = &["production", "prod", "prd", "live"];

/// The name says that no user reaches the environment: staging, tests, previews, demonstrations. A name that says nothing is
/// production, so that what is deployed there is judged.
///
/// A host that knows the tier of an environment tells it before a slash (`staging/eu-1`, `production/demo`): it decides alone.
pub fn is_rehearsal(environment: &str) -> bool {
    if let Some((tier, _)) = environment.split_once('/') {
        let tier = tier.trim().to_ascii_lowercase();
        if PRODUCTION.contains(&tier.as_str()) {
            return false;
        }
    }
    let words = words(environment);
    let says_so = |word: &String| WORDS.contains(&word.as_str()) || PARTS.iter().any(|part| word.contains(part));
    let of_a_request =
        |pair: &[String]| matches!(pair, [kind, number] if ["pr", "mr"].contains(&kind.as_str()) && is_number(number));
    words.iter().any(says_so) || words.windows(2).any(of_a_request)
}

/// Words of a name in lower case: cut at signs, where a capital follows a small letter, and before a number at the end.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut before = ' ';
    for c in name.chars() {
        let begins = !before.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase());
        if c.is_alphanumeric() {
            match words.last_mut() {
                Some(word) if !begins => word.extend(c.to_lowercase()),
                _ => words.push(c.to_lowercase().collect()),
            }
        }
        before = c;
    }
    let cut = |word: String| {
        let stem = word.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = word[stem.len()..].to_owned();
        [stem.to_owned(), number].into_iter().filter(|part| !part.is_empty())
    };
    words.into_iter().flat_map(cut).collect()
}

fn is_number(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_where_no_user_is() {
        for name in [
            "staging",
            "Staging EU",
            "acme-staging",
            "AcmeStaging",
            "stage-2",
            "stg01",
            "uat",
            "UAT-2",
            "acme_qa",
            "preprod",
            "pre-production",
            "non-prod",
            "nonprod-eu",
            "prod-test",
            "test",
            "eu.dev",
            "dev2",
            "development",
            "sandbox",
            "review/fix-42",
            "preview-main",
            "pr-17",
            "mr/8",
            "ci",
            "customer-demo",
            "staging/production-eu",
            "e2e",
            "testing",
        ] {
            assert!(is_rehearsal(name), "{name}");
        }
        for name in [
            "",
            "production",
            "Production",
            "prod",
            "live",
            "eu-1",
            "prod-eu-west-1",
            "acme-production",
            "postage",
            "latest",
            "devices-prod",
            "contest",
            "reviews-production",
            "circle",
            "qatar",
            "product",
            "production/customer-demo",
            "premium",
            "nonstop",
            "default",
            "pr-manager",
        ] {
            assert!(!is_rehearsal(name), "{name}");
        }
    }
}
