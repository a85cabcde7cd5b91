//! Keys of single sign-on: the token that `aws sso login` left in its cache, against keys of the profile's role.

use super::{Keys, Way, exchange};
use crate::Secret;
use crate::aws::clock::millis;
use crate::aws::encode::escaped;
use crate::aws::judge;
use crate::aws::refused::Refused;
use crate::aws::shape;
use crate::http::{Outgoing, Verb};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use url::Url;

/// What a profile says about single sign-on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aws) struct SignOn {
    pub start_url: String,
    pub region: String,
    pub account: String,
    pub role: String,
    /// Where `aws sso login` keeps its tokens.
    pub cache: PathBuf,
}

/// `sso:GetRoleCredentials`; it is not signed, the token of the session stands for the person.
pub(super) async fn keys(way: &Way, sign_on: &SignOn, now: SystemTime) -> Result<Keys, Refused> {
    let token = token(&sign_on.cache, &sign_on.start_url, now)?;
    let base = match way.endpoints.at("sso") {
        Some(endpoint) => endpoint.clone(),
        None => Url::parse(&format!("https://portal.sso.{}.amazonaws.com/", sign_on.region))
            .map_err(|e| Refused::NoCredentials(format!("the region of single sign-on is not one: {e}")))?,
    };
    let mut url = base;
    url.set_path("/federation/credentials");
    url.set_query(Some(&format!("account_id={}&role_name={}", escaped(&sign_on.account), escaped(&sign_on.role))));
    let headers = vec![("x-amz-sso_bearer_token".to_owned(), token.expose().to_owned())];
    let reply = way.wire.send(Outgoing { verb: Verb::Get, url, headers }).await?;
    if reply.status == 401 {
        return Err(ended(&sign_on.start_url));
    }
    let tree = judge::tree_of(&reply, "")?;
    let found = tree.get("roleCredentials").and_then(|c| {
        let mut keys = exchange::keys(c, ["accessKeyId", "secretAccessKey", "sessionToken", "-"])?;
        // Milliseconds, where every other service writes seconds.
        keys.expires = c.get("expiration").and_then(Value::as_i64).map(loadline_model::Timestamp);
        Some(keys)
    });
    found.ok_or_else(|| Refused::NotUnderstood("single sign-on gave no keys".to_owned()))
}

fn ended(start_url: &str) -> Refused {
    Refused::NoCredentials(format!("the single sign-on session of {start_url} has ended; run `aws sso login`"))
}

/// The newest token of that start page that is still good.
fn token(cache: &Path, start_url: &str, now: SystemTime) -> Result<Secret, Refused> {
    let files = std::fs::read_dir(cache).map(|files| files.flatten().map(|f| f.path()).collect()).unwrap_or_default();
    let mut best: Option<(i64, Secret)> = None;
    let files: Vec<PathBuf> = files;
    for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "json")) {
        let Some(held) = std::fs::read(file).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok()) else {
            continue;
        };
        let same = |url: &str| url.trim_end_matches(['/', '#']) == start_url.trim_end_matches(['/', '#']);
        if !held.get("startUrl").and_then(Value::as_str).is_some_and(same) {
            continue;
        }
        let end = held.get("expiresAt").and_then(shape::time).map_or(0, |t| t.0);
        let token = held.get("accessToken").and_then(Value::as_str);
        if let Some(token) = token.filter(|_| best.as_ref().is_none_or(|b| end > b.0)) {
            best = Some((end, Secret::new(token)));
        }
    }
    best.filter(|(end, _)| *end > millis(now)).map(|(_, token)| token).ok_or_else(|| ended(start_url))
}
