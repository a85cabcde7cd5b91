//! Against the published examples of the two operations, with a key of openssl, which also judges the signatures.

use super::*;
use crate::github::GitHub;
use crate::github::tests::{example, example_of, open_with, published, read};
use crate::testing::{HttpReplay, Question, Said, account, ok, refused, run};
use loadline_model::ScopeStatus;
use std::path::Path;
use std::process::Command;
use std::sync::Mutex as Plain;

const REPOSITORY: (&str, &str) = ("repositories", "octocat/Hello-World");
const INSTALLATION: &str = "/repos/octocat/Hello-World/installation";

/// A new key, as GitHub gives it, and its public half as a file.
fn made(folder: &Path) -> String {
    let (key, public) = (folder.join("app.pem"), folder.join("app.pub"));
    run(Command::new("openssl").args(["genrsa", "-traditional", "-out"]).arg(&key).arg("2048")).expect("a key");
    run(Command::new("openssl").args(["rsa", "-pubout", "-in"]).arg(&key).arg("-out").arg(&public)).expect("its half");
    std::fs::read_to_string(key).expect("a key")
}

/// The claim's body, when openssl takes its signature.
fn claimed(q: &Question<'_>, folder: &Path) -> Option<Value> {
    let (text, signature) = q.head.lines().find_map(|l| l.strip_prefix("authorization: Bearer "))?.rsplit_once('.')?;
    let (_, body) = text.split_once('.')?;
    std::fs::write(folder.join("text"), text).ok()?;
    std::fs::write(folder.join("signature"), URL_SAFE_NO_PAD.decode(signature).ok()?).ok()?;
    let file = |name: &str| folder.join(name);
    let mut verify = Command::new("openssl");
    verify.args(["dgst", "-sha256", "-verify"]).arg(file("app.pub")).arg("-signature").arg(file("signature"));
    run(verify.arg(file("text"))).ok()?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(body).ok()?).ok()
}

/// What the app may do, as its installation says.
fn installation() -> Value {
    let mut found = published("/repos/{owner}/{repo}/installation");
    found["permissions"] =
        json!({"metadata": "read", "contents": "write", "deployments": "write", "pull_requests": "read"});
    found
}

/// GitHub with an app: gives tokens that live so many minutes, and takes those alone.
fn github(folder: &Path, minutes: i64, log: Arc<Plain<Vec<String>>>) -> HttpReplay {
    let (folder, one_at_a_time) = (folder.to_owned(), Plain::new(()));
    HttpReplay::start(move |q| answer(q, &folder, minutes, &log, &one_at_a_time))
}

fn answer(q: &Question<'_>, folder: &Path, minutes: i64, log: &Plain<Vec<String>>, lock: &Plain<()>) -> Said {
    let _one = lock.lock();
    let path = q.path();
    if path != INSTALLATION && !path.starts_with("/app/") {
        let known = q.head.lines().any(|l| l.starts_with("authorization: Bearer ghs_canary"));
        return if known { example(q) } else { refused("401 Unauthorized", "Bad credentials") };
    }
    let Some(claim) = claimed(q, folder) else {
        return refused("401 Unauthorized", "A JSON web token could not be decoded");
    };
    let (begins, ends) = (claim["iat"].as_i64().unwrap_or_default(), claim["exp"].as_i64().unwrap_or_default());
    assert!(ends - begins <= 600, "GitHub takes no claim of more than ten minutes");
    let now = crate::testing::real_now();
    assert!(begins * 1000 < now.0 && now.0 < ends * 1000);
    assert_eq!(claim["iss"], "1234");
    match path {
        INSTALLATION => ok(installation()),
        _ => {
            let (head, body) = q.head.split_once("\n\n").expect("a body");
            assert!(head.starts_with("POST /app/installations/1/access_tokens "), "{head}");
            log.lock().expect("a log").push(body.to_owned());
            let mut made = example_of("POST /app/installations/{installation_id}/access_tokens");
            made["token"] = "ghs_canary".into();
            made["expires_at"] = json!(Timestamp(now.0 + minutes * 60_000).to_string());
            ("201 Created", String::new(), made.to_string())
        }
    }
}

async fn open(replay: &HttpReplay, pem: &str) -> Result<GitHub, ConnectError> {
    open_with(&replay.url(), &[REPOSITORY, (APP, "1234")], pem).await
}

#[tokio::test]
async fn an_app_reads_with_tokens_that_may_only_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pem, log) = (made(folder.path()), Arc::new(Plain::new(Vec::new())));
    let replay = github(folder.path(), 60, log.clone());
    // A field of one line takes line ends away.
    let pasted: String = pem.lines().collect();
    for pem in [pem.as_str(), pasted.as_str()] {
        let github = open(&replay, pem).await.expect("a connection");
        let scope = read(&github, "deployments", "2012-08-01").await;
        assert_eq!((scope.status, scope.gaps.len()), (ScopeStatus::Complete, 0), "{:?}", scope.gaps);
    }
    let asked: Vec<Value> = log.lock().expect("a log").iter().map(|b| serde_json::from_str(b).expect("JSON")).collect();
    let expected = json!({"permissions":
        {"contents": "read", "deployments": "read", "metadata": "read", "pull_requests": "read"}});
    assert_eq!(asked, [expected.clone(), expected], "one token for each connection, and nothing that writes");
}

#[tokio::test]
async fn a_token_that_is_about_to_end_is_renewed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pem, log) = (made(folder.path()), Arc::new(Plain::new(Vec::new())));
    let replay = github(folder.path(), 2, log.clone());
    let github = open(&replay, &pem).await.expect("a connection");
    let before = log.lock().expect("a log").len();
    assert_eq!(read(&github, "change_requests", "2011-02-01").await.status, ScopeStatus::Complete);
    assert!(log.lock().expect("a log").len() > before, "two minutes are fewer than five");
}

#[tokio::test]
async fn what_is_wrong_with_an_app_is_said_without_its_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pem, log) = (made(folder.path()), Arc::new(Plain::new(Vec::new())));
    let check = async |replay: &HttpReplay, config: &[(&str, &str)], pem: &str, code: &str, says: &str| {
        let refused = open_with(&replay.url(), config, pem).await.map(|_| ()).expect_err(says);
        assert_eq!(refused.code(), code, "{refused}");
        assert!(
            refused.to_string().contains(says) && !refused.to_string().contains(&pem[pem.len() / 2..]),
            "{refused}"
        );
    };
    let (of, good) = ((APP, "1234"), github(folder.path(), 60, log.clone()));
    check(&good, &[REPOSITORY, of], "github_pat_canary", "invalid_config", "private key").await;
    let broken = pem.replace("MII", "AAA");
    check(&good, &[REPOSITORY, of], &broken, "invalid_config", ".pem").await;
    check(&good, &[REPOSITORY, (APP, "my app")], &pem, "invalid_config", "client id").await;
    check(&good, &[("repositories", "octocat/a hubot/b"), of], &pem, "invalid_config", "hubot").await;
    let other = tempfile::tempdir().expect("a folder");
    let stranger = made(other.path());
    check(&good, &[REPOSITORY, of], &stranger, "authentication_failed", "private key for app 1234").await;
    let nowhere = HttpReplay::start(|_| refused("404 Not Found", "Not Found"));
    check(&nowhere, &[REPOSITORY, of], &pem, "authentication_failed", "not installed for octocat/Hello-World").await;
    let suspended = HttpReplay::start(|_| {
        let mut found = installation();
        found["suspended_at"] = "2026-11-01T10:00:00Z".into();
        ok(found)
    });
    check(&suspended, &[REPOSITORY, of], &pem, "authentication_failed", "suspended").await;
}

#[tokio::test]
async fn the_app_of_a_renamed_repository_is_found() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pem, log, lock) = (made(folder.path()), Plain::new(Vec::new()), Plain::new(()));
    let place = folder.path().to_owned();
    let replay = HttpReplay::start(move |q| match q.path() {
        "/repos/octocat/Old/installation" => {
            ("301 Moved Permanently", format!("location: http://{}{INSTALLATION}\r\n", q.host()), "{}".to_owned())
        }
        _ => answer(q, &place, 60, &log, &lock),
    });
    let config = [("repositories", "octocat/Old"), (APP, "1234")];
    assert!(open_with(&replay.url(), &config, &pem).await.is_ok());
    // Elsewhere no claim goes.
    let away = HttpReplay::start(|_| {
        ("301 Moved Permanently", "location: https://elsewhere.test/installation\r\n".to_owned(), "{}".to_owned())
    });
    let refused = open_with(&away.url(), &config, &pem).await.map(|_| ()).expect_err("a redirect");
    assert_eq!(refused.code(), "source_error", "{refused}");
}

#[test]
fn an_account_of_an_app_has_one_owner() {
    let names = |repositories| Names::of(&account("github", &[("repositories", repositories)]), 2..=2).expect("names");
    let app = account("github", &[(APP, " Iv23.ab ")]);
    assert_eq!(named(&app, &names("a/b A/c")).ok().flatten(), Some("Iv23.ab"));
    assert!(named(&app, &names("a/b c/d a/e")).is_err());
    assert_eq!(named(&account("github", &[]), &names("a/b c/d")).ok(), Some(None));
}
