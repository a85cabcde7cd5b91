//! Which keys an account uses, decided before anything is sent: the account's own settings first, then the environment,
//! then profiles; the machine's role is used only when the account says so.

use super::files::{self, Sections};
use super::sso::SignOn;
use super::{Keys, Role, Surroundings};
use crate::{ConnectError, Secret};
use loadline_model::Account;
use std::collections::BTreeMap;

/// Profiles that lead to profiles.
const DEEPEST: usize = 5;

/// Where keys are fetched.
#[derive(Clone, Debug)]
pub(in crate::aws) enum Source {
    /// They are at hand.
    Fixed(Keys),
    /// A role that other keys may take.
    Role {
        /// Whose keys ask for it.
        base: Box<Source>,
        /// Which role.
        role: Role,
    },
    /// A role that a token of another identity provider may take.
    WebIdentity {
        /// File of the token; read at each renewal.
        token_file: String,
        /// Which role.
        role: Role,
    },
    /// A session of single sign-on that was opened with `aws sso login`.
    Sso(SignOn),
    /// The role of the machine.
    Instance,
}

impl Source {
    /// The source that the account's settings and its surroundings name.
    ///
    /// # Errors
    /// [`ConnectError`] naming the setting, when there is none or a profile cannot be used.
    pub(in crate::aws) fn of(
        account: &Account,
        secret: Option<Secret>,
        surroundings: &Surroundings,
    ) -> Result<Self, ConnectError> {
        let config = |key: &str| account.config.get(key).map(|v| v.trim()).filter(|v| !v.is_empty());
        let own = match (config("access_key_id"), secret) {
            (Some(id), Some(secret)) => Some(keys(id, secret, None)),
            (Some(_), None) => {
                return Err(ConnectError::config("access_key_id", "it has no secret key; give the secret"));
            }
            (None, Some(_)) => return Err(ConnectError::config("access_key_id", "a secret key without its id")),
            (None, None) => None,
        };
        let machine = matches!(config("instance_role"), Some("true" | "yes"));
        let base = match (own, config("profile")) {
            (Some(own), _) => own,
            (None, Some(profile)) => {
                named(&files::read(surroundings), profile, surroundings, machine, &mut Vec::new())?
            }
            (None, None) => around(surroundings, machine)?,
        };
        let Some(arn) = config("role_arn") else { return Ok(base) };
        let role = Role { arn: arn.to_owned(), external_id: config("external_id").map(str::to_owned) };
        Ok(Self::Role { base: Box::new(base), role })
    }
}

fn keys(id: &str, secret: Secret, token: Option<&str>) -> Source {
    Source::Fixed(Keys { id: id.to_owned(), secret, token: token.map(Secret::new), expires: None })
}

fn from_environment(surroundings: &Surroundings) -> Option<Source> {
    let secret = surroundings.variable("AWS_SECRET_ACCESS_KEY")?;
    let id = surroundings.variable("AWS_ACCESS_KEY_ID")?;
    Some(keys(id, Secret::new(secret), surroundings.variable("AWS_SESSION_TOKEN")))
}

fn around(surroundings: &Surroundings, machine: bool) -> Result<Source, ConnectError> {
    if let Some(found) = from_environment(surroundings) {
        return Ok(found);
    }
    let identity = (surroundings.variable("AWS_WEB_IDENTITY_TOKEN_FILE"), surroundings.variable("AWS_ROLE_ARN"));
    if let (Some(file), Some(arn)) = identity {
        let role = Role { arn: arn.to_owned(), external_id: None };
        return Ok(Source::WebIdentity { token_file: file.to_owned(), role });
    }
    let profile = surroundings.variable("AWS_PROFILE");
    let sections = files::read(surroundings);
    let exists = |name: &str| sections.contains_key(&format!("profile {name}"));
    match profile.or_else(|| exists("default").then_some("default")) {
        Some(name) if profile.is_some() || !machine => named(&sections, name, surroundings, machine, &mut Vec::new()),
        _ if machine => Ok(Source::Instance),
        _ => Err(ConnectError::config(
            "profile",
            "no credentials: give a profile, an access key with its secret, or set instance_role=true on a machine with a role",
        )),
    }
}

/// The source of a profile; `seen` are those that led here.
fn named(
    sections: &Sections,
    name: &str,
    surroundings: &Surroundings,
    machine: bool,
    seen: &mut Vec<String>,
) -> Result<Source, ConnectError> {
    let wrong = |why: String| Err(ConnectError::config("profile", format!("{name}: {why}")));
    if seen.len() >= DEEPEST || seen.iter().any(|s| s == name) {
        return wrong("it leads back to itself".to_owned());
    }
    let Some(profile) = sections.get(&format!("profile {name}")) else {
        return wrong("there is no such profile in ~/.aws/config or ~/.aws/credentials".to_owned());
    };
    let get = |key: &str| profile.get(key).map(String::as_str).filter(|v| !v.is_empty());
    let fixed =
        || Some(keys(get("aws_access_key_id")?, Secret::new(get("aws_secret_access_key")?), get("aws_session_token")));
    if let Some(arn) = get("role_arn") {
        let role = Role { arn: arn.to_owned(), external_id: get("external_id").map(str::to_owned) };
        if get("mfa_serial").is_some() {
            return wrong("its role asks for a second factor at each use; use single sign-on or a session".to_owned());
        }
        if let Some(file) = get("web_identity_token_file") {
            return Ok(Source::WebIdentity { token_file: file.to_owned(), role });
        }
        let base = match (get("source_profile"), get("credential_source")) {
            // A profile may name itself: its role is taken with its own keys.
            (Some(source), _) if source == name => fixed(),
            (Some(source), _) => {
                seen.push(name.to_owned());
                Some(named(sections, source, surroundings, machine, seen)?)
            }
            (None, Some("Environment")) => from_environment(surroundings),
            (None, Some("Ec2InstanceMetadata")) if machine => Some(Source::Instance),
            (None, Some("Ec2InstanceMetadata")) => {
                return wrong("it uses the role of this machine; set instance_role=true to allow that".to_owned());
            }
            _ => None,
        };
        return match base {
            Some(base) => Ok(Source::Role { base: Box::new(base), role }),
            None => wrong("its role has no keys to ask with (source_profile)".to_owned()),
        };
    }
    if let Some(sign_on) = sign_on(sections, profile, surroundings) {
        return Ok(Source::Sso(sign_on));
    }
    match fixed() {
        Some(source) => Ok(source),
        None if get("credential_process").is_some() => {
            wrong("credential_process runs a program, which is not supported; export the keys instead".to_owned())
        }
        None => wrong("it holds no credentials that can be used".to_owned()),
    }
}

fn sign_on(sections: &Sections, profile: &BTreeMap<String, String>, surroundings: &Surroundings) -> Option<SignOn> {
    let session = profile.get("sso_session").and_then(|s| sections.get(&format!("sso-session {s}")));
    let get = |key: &str| profile.get(key).or_else(|| session?.get(key)).cloned();
    Some(SignOn {
        start_url: get("sso_start_url")?,
        region: get("sso_region")?,
        account: get("sso_account_id")?,
        role: get("sso_role_name")?,
        cache: surroundings.folder().join("sso").join("cache"),
    })
}
