use crate::{Secret, SecretError, SecretPlace, delete, probe, read, store};
use loadline_model::SecretReference;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Set in processes that the tests below start in a prepared environment: a keychain is found once per process.
const INSIDE: &str = "LOADLINE_TEST_INSIDE";

fn code<T: std::fmt::Debug>(result: Result<T, SecretError>) -> &'static str {
    result.expect_err("refused").code()
}

#[test]
fn a_secret_never_prints() {
    let secret = Secret::new("hunter2");
    assert_eq!(format!("{secret:?} {:?}", Some(&secret)), "<redacted> Some(<redacted>)");
    assert_eq!(secret.clone().expose(), "hunter2");
}

#[test]
fn places_are_read_from_the_command_line() {
    for (text, wanted) in [
        ("keychain", Some(SecretPlace::Keychain)),
        ("file:/a/b", Some(SecretPlace::File("/a/b".into()))),
        ("file:", None),
        ("vault", None),
    ] {
        assert_eq!(SecretPlace::parse(text), wanted, "{text}");
    }
    let reference = SecretPlace::File("/a/b".into()).reference("db");
    assert_eq!(reference, SecretReference::File { path: "/a/b".into(), name: "db".into() });
}

#[tokio::test]
async fn a_variable_is_resolved_at_each_use_and_never_written() {
    let of = |variable: &str| SecretReference::Environment { variable: variable.to_owned() };
    let home = read(&of("PATH"), None).await.expect("set in every process");
    assert_eq!(home.expose(), std::env::var("PATH").expect("set"));
    for missing in ["LOADLINE_NEVER_SET", "", "A=B", "A\0B"] {
        assert_eq!(code(read(&of(missing), None).await), "secret_env_missing", "{missing:?}");
    }
    let refused = store(&of("PATH"), Secret::new("x"), None).await;
    assert_eq!(code(refused), "secret_env_read_only");
    delete(&of("PATH"), None).await.expect("nothing of ours to delete");
    assert!(std::env::var("PATH").is_ok());
}

#[tokio::test]
async fn the_file_keeps_secrets_under_its_passphrase() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new/secrets.age");
    let place = SecretPlace::File(path.clone());
    let (db, api) = (place.reference("db"), place.reference("api"));
    let (right, wrong) = (Secret::new("correct horse"), Secret::new("battery staple"));

    assert_eq!(code(read(&db, Some(&right)).await), "secret_not_found");
    delete(&db, None).await.expect("nothing there");
    assert_eq!(code(store(&db, Secret::new("s3cret"), None).await), "secret_passphrase_missing");
    store(&db, Secret::new("first"), Some(right.clone())).await.expect("stored");
    store(&db, Secret::new("s3cret"), Some(right.clone())).await.expect("replaced");
    store(&api, Secret::new("tök\"en"), Some(right.clone())).await.expect("stored");

    assert_eq!(read(&db, Some(&right)).await.expect("read").expose(), "s3cret");
    assert_eq!(read(&api, Some(&right)).await.expect("read").expose(), "tök\"en");
    assert_eq!(code(read(&db, Some(&wrong)).await), "secret_passphrase_wrong");
    assert_eq!(code(read(&db, None).await), "secret_passphrase_missing");
    assert_eq!(code(store(&db, Secret::new("x"), Some(wrong.clone())).await), "secret_passphrase_wrong");
    assert_eq!(code(delete(&db, Some(&wrong)).await), "secret_passphrase_wrong");

    delete(&db, Some(&right)).await.expect("deleted");
    assert_eq!(code(read(&db, Some(&right)).await), "secret_not_found");
    assert_eq!(read(&api, Some(&right)).await.expect("kept").expose(), "tök\"en");

    let sealed = std::fs::read(&path).expect("there");
    assert!(sealed.starts_with(b"age-encryption.org/v1"), "any age tool can open it");
    let mode = std::fs::metadata(&path).expect("there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(!path.with_file_name("secrets.age.new").exists());
}

#[tokio::test]
async fn a_file_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("letter.txt");
    std::fs::write(&path, "dear ana").expect("written");
    let (reference, passphrase) = (SecretPlace::File(path.clone()).reference("db"), Secret::new("pass"));
    assert_eq!(code(read(&reference, Some(&passphrase)).await), "secret_file_damaged");
    assert_eq!(code(store(&reference, Secret::new("x"), Some(passphrase)).await), "secret_file_damaged");
    assert_eq!(std::fs::read_to_string(&path).expect("still there"), "dear ana");
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_of_one_file_take_turns() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = SecretPlace::File(folder.path().join("secrets.age"));
    let passphrase = Secret::new("pass");
    let writers: Vec<_> = (0..4)
        .map(|n| {
            let (reference, passphrase) = (place.reference(&format!("{n}")), passphrase.clone());
            tokio::spawn(async move { store(&reference, Secret::new(format!("s{n}")), Some(passphrase)).await })
        })
        .collect();
    for writer in writers {
        writer.await.expect("ran").expect("stored");
    }
    for n in 0..4 {
        let secret = read(&place.reference(&format!("{n}")), Some(&passphrase)).await.expect("kept");
        assert_eq!(secret.expose(), format!("s{n}"));
    }
}

/// Runs one test of this binary with `INSIDE` set, through a shell script that ends in `exec "$@"`.
fn run(script: &str, test: &str, runtime_folder: &Path) -> Output {
    Command::new("timeout")
        .args(["60", "sh", "-c", script, "sh"])
        .arg(std::env::current_exe().expect("the test binary"))
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .env("XDG_RUNTIME_DIR", runtime_folder)
        .env("XDG_DATA_HOME", runtime_folder.join("data"))
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env_remove("DISPLAY")
        .stdin(Stdio::null())
        .output()
        .expect("a shell")
}

fn check_inside(script: &str, test: &str) {
    let folder = tempfile::tempdir().expect("a folder");
    let output = run(script, test, folder.path());
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}

const UNLOCKED: &str = r#"exec dbus-run-session -- sh -c '
    printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@"' sh "$@""#;
const LOCKED: &str = r#"exec dbus-run-session -- "$@""#;
const NO_BUS: &str = r#"exec "$@""#;

#[test]
fn a_real_keychain_keeps_secrets() {
    check_inside(UNLOCKED, "tests::inside_an_unlocked_session");
}

#[tokio::test]
async fn inside_an_unlocked_session() {
    if std::env::var_os(INSIDE).is_none() {
        return;
    }
    // Called from a task on purpose: that is where the driver would panic.
    probe().await.expect("a working keychain");
    let reference = SecretPlace::Keychain.reference("account-1");
    assert_eq!(code(read(&reference, None).await), "secret_not_found");
    store(&reference, Secret::new("first"), None).await.expect("stored");
    store(&reference, Secret::new("tök\"en"), None).await.expect("replaced");
    assert_eq!(read(&reference, None).await.expect("read").expose(), "tök\"en");
    delete(&reference, None).await.expect("deleted");
    delete(&reference, None).await.expect("deleted already");
    assert_eq!(code(read(&reference, None).await), "secret_not_found");
}

#[test]
fn without_a_bus_the_refusal_names_the_ways_out() {
    check_inside(NO_BUS, "tests::inside_no_session");
}

#[tokio::test]
async fn inside_no_session() {
    if std::env::var_os(INSIDE).is_none() {
        return;
    }
    for refused in [
        probe().await.expect_err("no keychain"),
        store(&SecretPlace::Keychain.reference("a"), Secret::new("hunter2"), None).await.expect_err("no keychain"),
    ] {
        assert_eq!(refused.code(), "secret_store_missing");
        let text = refused.to_string();
        assert!(text.contains("--secret-env NAME") && text.contains("--secret-store file:PATH"), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn a_locked_keychain_is_said_to_be_locked() {
    check_inside(LOCKED, "tests::inside_a_locked_session");
}

#[tokio::test]
async fn inside_a_locked_session() {
    if std::env::var_os(INSIDE).is_none() {
        return;
    }
    let refused = probe().await.expect_err("nobody unlocked it");
    assert_eq!(refused.code(), "secret_store_locked", "{refused}");
}
