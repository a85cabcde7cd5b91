//! What code says of the service that is built from it, of the people who know it, and of the domains in it.

use super::*;
use loadline_model::key;

const SERVICE: &[(&str, &str)] = &[("service", "arn:api")];
const SHARED: &str = "SESSION_ENGINE = 'django.contrib.sessions.backends.cached_db'\n";
const KOTLIN: &str = "class Session { companion object { val all = HashMap<String, Any>() } }\n";

fn with(files: &[(&str, &str)]) -> Made {
    let made = Made::new();
    for (path, text) in files {
        made.write(path, text);
    }
    made.commit(days_ago(100), "ann", "Begin");
    made
}

#[tokio::test]
async fn one_good_place_speaks_for_all_only_where_the_code_was_seen() {
    let check = async |files: &[(&str, &str)], expected: Option<&str>| {
        let scope = read(&with(files), SERVICE).await;
        assert_eq!(setting(&scope, key::SESSIONS_IN_PROCESS, None).as_deref(), expected, "{files:?}");
    };
    check(&[("shop/settings.py", SHARED)], Some("off")).await;
    check(&[("docs/examples/settings.py", SHARED)], None).await;
    check(&[("shop/settings.py", SHARED), ("src/A.kt", KOTLIN)], None).await;
    check(&[("shop/settings.py", "SESSION_ENGINE = 'backends.file'\n"), ("src/A.kt", KOTLIN)], Some("on")).await;
}

#[tokio::test]
async fn retries_that_wait_are_not_told_as_coming_at_once() {
    let check = async |how: &str, expected: Option<&str>| {
        let text = format!("from tenacity import *\n\n@retry({how})\ndef pay():\n    pass\n");
        let scope = read(&with(&[("shop/pay.py", &text)]), SERVICE).await;
        assert_eq!(places(&scope, "retry"), ["shop/pay.py:3"], "{how}");
        assert_eq!(setting(&scope, key::CALL_BACKOFF, None).as_deref(), expected, "{how}");
    };
    check("wait=wait_random_exponential(multiplier=1, max=60)", None).await;
    check("stop=stop_after_attempt(3)", Some("off")).await;
}

/// Commits everything under a name and address.
fn commit_as(made: &Made, days: i64, name: &str, email: &str) {
    made.git(&["add", "-A"]);
    let date = format!("{} +0000", days_ago(days).0 / 1_000);
    let (name, email) = (format!("user.name={name}"), format!("user.email={email}"));
    let author = format!("--date={date}");
    made.git(&["-c", &name, "-c", &email, "commit", "-q", &author, "-m", "Work"]);
}

#[tokio::test]
async fn people_are_counted_over_files_of_every_language_and_may_be_one() {
    let made = Made::new();
    for (n, (name, email)) in [
        ("Ann Lee", "ann.lee@acme.io"),
        ("annlee", "123+annlee@users.noreply.github.com"),
        ("ann", "ann@anns-laptop.local"),
    ]
    .into_iter()
    .enumerate()
    {
        for file in 0..4 {
            made.write(&format!("src/part{n}/F{file}.kt"), KOTLIN);
        }
        commit_as(&made, 30 - n as i64, name, email);
    }
    made.write("scripts/a.py", "x = 1\n");
    made.write("CODEOWNERS", "*.py @acme/ops\n");
    commit_as(&made, 5, "Claude", "noreply@anthropic.com");
    let scope = read(&made, &[]).await;
    let check = |key: &str, expected: &str| assert_eq!(setting(&scope, key, None).as_deref(), Some(expected), "{key}");
    check(key::HISTORY_AUTHORS, "3");
    check(key::TRUCK_FACTOR_ACTIVE, "2");
    check(key::HISTORY_AUTHORS_ALIKE, "3");
    check(key::TRUCK_FACTOR_ALIKE, "1");
    let owned: f64 = setting(&scope, key::CODE_OWNED_SHARE, None).expect("said").parse().expect("a number");
    assert!((owned - 1.0 / 13.0).abs() < 1e-6, "one of thirteen files: {owned}");
}

#[tokio::test]
async fn a_god_module_reaches_past_the_faces_of_its_domains() {
    let domains = ["billing", "catalog", "orders", "search", "shipping", "users"];
    let made = |file: &str| {
        let made = Made::new();
        for own in domains {
            let others = domains.iter().filter(|d| **d != own);
            let imports: String = others.map(|d| format!("from shop.{d}{file} import work as {d}\n")).collect();
            made.write(&format!("shop/{own}/inner.py"), format!("{imports}\ndef work():\n    pass\n"));
            made.write(&format!("shop/{own}/__init__.py"), "from .inner import work\n");
        }
        made.commit(days_ago(9), "ann", "Begin");
        made
    };
    let scope = read(&made(".inner"), &[]).await;
    assert_eq!(setting(&scope, key::CODE_DOMAINS, None).as_deref(), Some("6"));
    assert_eq!(setting(&scope, key::CODE_BOUNDARY, None).as_deref(), Some("0"), "all thirty imports reach past");
    let scope = read(&made(""), &[]).await;
    assert_eq!(setting(&scope, key::CODE_BOUNDARY, None).as_deref(), Some("1"), "all use what the package shows");
}
