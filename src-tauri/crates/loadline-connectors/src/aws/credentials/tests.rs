//! Which keys are used, and how they are fetched.

use super::*;
use crate::aws::clock;
use crate::http::Limits;
use crate::testing::{ScriptedServer, account, install_crypto};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::TempDir;

fn home(config: &str, credentials: &str) -> TempDir {
    let home = TempDir::new().expect("a folder");
    let folder = home.path().join(".aws");
    std::fs::create_dir_all(folder.join("sso/cache")).expect("a folder");
    std::fs::write(folder.join("config"), config).expect("a file");
    std::fs::write(folder.join("credentials"), credentials).expect("a file");
    home
}

fn source(home: &Path, config: &[(&str, &str)], variables: &[(&str, &str)]) -> Result<Source, crate::ConnectError> {
    Source::of(&account("aws", config), None, &Surroundings::of(home, variables))
}

/// Short words for a source: `A`, `role(A)`, `token`, `sso`, `machine`.
fn shown(source: &Source) -> String {
    match source {
        Source::Fixed(keys) => keys.id.clone(),
        Source::Role { base, role } => {
            format!("{}({}){}", role.arn, shown(base), role.external_id.as_deref().unwrap_or_default())
        }
        Source::WebIdentity { .. } => "token".to_owned(),
        Source::Sso(s) => format!("sso {} {}", s.account, s.role),
        Source::Instance => "machine".to_owned(),
    }
}

const CONFIG: &str = "
[default]
region = eu-west-1
[profile role]
role_arn = arn:r
source_profile = base
external_id = x
[profile chain]
role_arn = arn:c
source_profile = role
[profile loop]
role_arn = arn:l
source_profile = loop2
[profile loop2]
role_arn = arn:l
source_profile = loop
[profile self]
role_arn = arn:s
source_profile = self
aws_access_key_id = SELF
aws_secret_access_key = s
[profile machine]
role_arn = arn:m
credential_source = Ec2InstanceMetadata
[profile web]
role_arn = arn:w
web_identity_token_file = /t
[profile runs]
credential_process = /bin/keys
[profile mfa]
role_arn = arn:m
source_profile = base
mfa_serial = s
[sso-session s]
sso_start_url = https://s.awsapps.com/start
sso_region = eu-west-1
[profile sso]
sso_session = s
sso_account_id = 1
sso_role_name = R
";
const CREDENTIALS: &str = "[default]\naws_access_key_id = DEF\naws_secret_access_key = s\n[base]\naws_access_key_id = BASE\naws_secret_access_key = s\n";

#[test]
fn keys_are_found_in_the_order_people_expect() {
    let home = home(CONFIG, CREDENTIALS);
    let check = |config: &[(&str, &str)], variables: &[(&str, &str)], expected: &str| {
        let found = source(home.path(), config, variables);
        assert_eq!(found.map(|s| shown(&s)).map_err(|e| e.to_string()).as_deref(), Ok(expected), "{config:?}");
    };
    let env = [("AWS_ACCESS_KEY_ID", "ENV"), ("AWS_SECRET_ACCESS_KEY", "s")];
    check(&[], &env, "ENV");
    check(&[("profile", "base")], &env, "BASE");
    check(&[], &[], "DEF");
    check(&[], &[("AWS_PROFILE", "base")], "BASE");
    check(&[], &[("AWS_WEB_IDENTITY_TOKEN_FILE", "/t"), ("AWS_ROLE_ARN", "arn")], "token");
    check(&[("profile", "role")], &[], "arn:r(BASE)x");
    check(&[("profile", "chain")], &[], "arn:c(arn:r(BASE)x)");
    check(&[("profile", "self")], &[], "arn:s(SELF)");
    check(&[("profile", "web")], &[], "token");
    check(&[("profile", "sso")], &[], "sso 1 R");
    check(&[("profile", "machine"), ("instance_role", "true")], &[], "arn:m(machine)");
    check(&[("role_arn", "arn:o"), ("external_id", "e")], &env, "arn:o(ENV)e");
    let empty = TempDir::new().expect("a folder");
    let found = source(empty.path(), &[("instance_role", "true")], &[]).expect("the machine");
    assert_eq!(shown(&found), "machine");
    assert!(source(empty.path(), &[], &[]).is_err(), "the machine's role is never guessed");
}

#[test]
fn what_cannot_be_used_is_said() {
    let home = home(CONFIG, CREDENTIALS);
    for (profile, why) in
        [("loop", "itself"), ("none", "no such"), ("machine", "instance_role"), ("runs", "program"), ("mfa", "second")]
    {
        let error = source(home.path(), &[("profile", profile)], &[]).expect_err(profile);
        assert_eq!(error.code(), "invalid_config");
        assert!(error.to_string().contains(why), "{error}");
    }
    let of = |config: &[(&str, &str)], secret| {
        Source::of(&account("aws", config), secret, &Surroundings::of(home.path(), &[])).map(|s| shown(&s))
    };
    assert!(of(&[("access_key_id", "A")], None).is_err());
    assert!(of(&[], Some(Secret::new("s"))).is_err());
    assert_eq!(of(&[("access_key_id", "A")], Some(Secret::new("s"))).as_deref(), Ok("A"));
    let keys = Keys { id: "A".to_owned(), secret: Secret::new("hunter2"), token: None, expires: None };
    assert!(!format!("{keys:?}").contains("hunter2"));
}

fn way(server: &ScriptedServer) -> Way {
    install_crypto();
    let wire = Arc::new(Wire::open(&account("aws", &[]), true, Limits::default()).expect("a wire"));
    let endpoints = Endpoints::everywhere(server.url().parse().expect("an address"));
    Way { direct: wire.clone(), wire, endpoints, region: "eu-west-1".to_owned() }
}

fn fixed() -> Source {
    Source::Fixed(Keys { id: "BASE".to_owned(), secret: Secret::new("s"), token: None, expires: None })
}

fn role() -> Role {
    Role { arn: "arn:aws:iam::123456789012:role/r".to_owned(), external_id: Some("e x".to_owned()) }
}

#[tokio::test]
async fn a_role_is_taken_once_and_renewed_before_it_ends() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = asked.clone();
    let server = ScriptedServer::start(move |head, s| {
        assert!(head.contains("Action=AssumeRole&Version=2011-06-15"), "{head}");
        assert!(head.contains("ExternalId=e+x") && head.contains("Credential=BASE/"), "{head}");
        // The first keys end within the five minutes that a renewal comes early.
        let ends = if count.fetch_add(1, Ordering::SeqCst) == 0 { 60 } else { 3600 };
        let ends = jiff::Timestamp::from_millisecond(clock::millis(clock::now()) + ends * 1000).expect("a time");
        let body = format!(
            "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>TEMP</AccessKeyId><SecretAccessKey>t</SecretAccessKey><SessionToken>k</SessionToken><Expiration>{ends}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
        );
        crate::testing::respond(s, "200 OK", "", &body);
    });
    let server = server.expect("a server");
    let credentials = Credentials::new(Source::Role { base: Box::new(fixed()), role: role() }, way(&server));
    for expected in [1, 2, 2] {
        let keys = credentials.keys(clock::now()).await.expect("keys");
        assert_eq!((keys.id.as_str(), asked.load(Ordering::SeqCst)), ("TEMP", expected));
    }
    credentials.forget().await;
    assert!(credentials.keys(clock::now()).await.is_ok() && asked.load(Ordering::SeqCst) == 3);
}

#[tokio::test]
async fn a_role_that_may_not_be_taken_names_itself() {
    let server = ScriptedServer::start(|_, s| {
        let body = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>";
        crate::testing::respond(s, "403 Forbidden", "", body);
    });
    let server = server.expect("a server");
    let credentials = Credentials::new(Source::Role { base: Box::new(fixed()), role: role() }, way(&server));
    let refused = credentials.keys(clock::now()).await.expect_err("a refusal");
    assert!(refused.to_string().contains(&role().arn), "{refused}");
}

#[tokio::test]
async fn tokens_sign_on_and_the_machine_give_keys() {
    let server = ScriptedServer::start(|head, s| {
        let line = head.lines().next().unwrap_or_default();
        let lower = head.to_ascii_lowercase();
        let (status, body) = match line {
            l if l.starts_with("POST / ")
                && head.contains("Action=AssumeRoleWithWebIdentity")
                && !lower.contains("authorization:") =>
            {
                (
                    "200 OK",
                    "<R><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>WEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey></Credentials></AssumeRoleWithWebIdentityResult></R>",
                )
            }
            l if l.starts_with("GET /federation/credentials?account_id=1&role_name=R ")
                && lower.contains("x-amz-sso_bearer_token: good") =>
            {
                (
                    "200 OK",
                    r#"{"roleCredentials":{"accessKeyId":"SSO","secretAccessKey":"s","sessionToken":"t","expiration":4102444800000}}"#,
                )
            }
            l if l.starts_with("PUT /latest/api/token ") => ("200 OK", "session"),
            l if l.starts_with("GET /latest/meta-data/iam/security-credentials/ ")
                && lower.contains("token: session") =>
            {
                ("200 OK", "the-role")
            }
            l if l.starts_with("GET /latest/meta-data/iam/security-credentials/the-role ") => (
                "200 OK",
                r#"{"AccessKeyId":"IMDS","SecretAccessKey":"s","Token":"t","Expiration":"2100-01-01T00:00:00Z"}"#,
            ),
            _ => ("404 Not Found", ""),
        };
        crate::testing::respond(s, status, "", body);
    });
    let server = server.expect("a server");
    let home = home(CONFIG, CREDENTIALS);
    let cache = home.path().join(".aws/sso/cache");
    let held = |end: &str, token: &str| {
        format!(r#"{{"startUrl":"https://s.awsapps.com/start","accessToken":"{token}","expiresAt":"{end}"}}"#)
    };
    std::fs::write(cache.join("a.json"), held("2001-01-01T00:00:00Z", "old")).expect("a file");
    let ask = async |source: Source| Credentials::new(source, way(&server)).keys(clock::now()).await.map(|k| k.id);
    let sso = source(home.path(), &[("profile", "sso")], &[]).expect("single sign-on");
    let ended = ask(sso.clone()).await.expect_err("an ended session");
    assert!(ended.to_string().contains("aws sso login"), "{ended}");
    std::fs::write(cache.join("b.json"), held("2100-01-01T00:00:00Z", "good")).expect("a file");
    std::fs::write(cache.join("c.json"), "not json").expect("a file");
    assert_eq!(ask(sso).await.as_deref(), Ok("SSO"));
    assert_eq!(ask(Source::Instance).await.as_deref(), Ok("IMDS"));
    let token_file = home.path().join("token").display().to_string();
    let web = Source::WebIdentity { token_file: token_file.clone(), role: role() };
    assert!(ask(web.clone()).await.is_err(), "without its file");
    std::fs::write(&token_file, "jwt\n").expect("a file");
    assert_eq!(ask(web).await.as_deref(), Ok("WEB"));
}
