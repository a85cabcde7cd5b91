//! The two calls that are not reads: keys of one identity against keys of a role. They change nothing in the account,
//! stand apart from the table of operations, and are the only actions this room can name.

use super::{Keys, Way};

use crate::Secret;
use crate::aws::refused::Refused;
use crate::aws::{judge, shape, signing};
use crate::http::{Outgoing, Verb};
use serde_json::Value;
use std::time::SystemTime;
use url::Url;
use url::form_urlencoded::Serializer;

/// The whole list of exchanges.
pub(in crate::aws) const EXCHANGES: [&str; 2] = ["AssumeRole", "AssumeRoleWithWebIdentity"];

/// Which of them is meant.
#[derive(Clone, Copy)]
enum Exchange {
    Role,
    WebIdentity,
}

impl Exchange {
    fn action(self) -> &'static str {
        match self {
            Self::Role => EXCHANGES[0],
            Self::WebIdentity => EXCHANGES[1],
        }
    }
}

/// A role to take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::aws) struct Role {
    /// Its ARN.
    pub arn: String,
    /// What its owner asks for besides.
    pub external_id: Option<String>,
}

impl Role {
    /// The number of the account that holds it.
    pub(in crate::aws) fn account(&self) -> Option<&str> {
        self.arn.split(':').nth(4).filter(|a| a.len() == 12 && a.bytes().all(|b| b.is_ascii_digit()))
    }
}

/// Keys of a role for keys that may take it.
pub(super) async fn assume(way: &Way, keys: &Keys, role: &Role, now: SystemTime) -> Result<Keys, Refused> {
    let mut fields = vec![("RoleArn", role.arn.as_str()), ("RoleSessionName", "loadline")];
    fields.extend(role.external_id.as_deref().map(|id| ("ExternalId", id)));
    let outgoing = question(way, Exchange::Role, &fields)?;
    let signed = signing::signed(outgoing, ("sts", &way.region), keys, now)?;
    taken(way, Exchange::Role, role, signed).await
}

/// Keys of a role for a token of another identity provider.
pub(super) async fn assume_with(way: &Way, token: &str, role: &Role) -> Result<Keys, Refused> {
    let fields = [("RoleArn", role.arn.as_str()), ("RoleSessionName", "loadline"), ("WebIdentityToken", token)];
    let outgoing = question(way, Exchange::WebIdentity, &fields)?;
    taken(way, Exchange::WebIdentity, role, outgoing).await
}

fn question(way: &Way, exchange: Exchange, fields: &[(&str, &str)]) -> Result<Outgoing, Refused> {
    let mut form = Serializer::new(String::new());
    form.append_pair("Action", exchange.action()).append_pair("Version", "2011-06-15").extend_pairs(fields);
    let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned())];
    Ok(Outgoing { verb: Verb::Post(form.finish().into_bytes()), url: host(way)?, headers })
}

fn host(way: &Way) -> Result<Url, Refused> {
    match way.endpoints.at("sts") {
        Some(endpoint) => Ok(endpoint.clone()),
        None => crate::aws::places::host("sts", &way.region, false),
    }
}

async fn taken(way: &Way, exchange: Exchange, role: &Role, outgoing: Outgoing) -> Result<Keys, Refused> {
    let reply = way.wire.send(outgoing).await?;
    let tree = judge::tree_of(&reply, "").map_err(|refused| match refused {
        Refused::Denied { code, because } => {
            Refused::NoCredentials(format!("the role {} may not be taken ({code}){because}", role.arn))
        }
        other => other,
    })?;
    let result = tree.get(format!("{}Result", exchange.action())).and_then(|r| r.get("Credentials"));
    let keys = result.and_then(|c| keys(c, ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"]));
    keys.ok_or_else(|| Refused::NotUnderstood("an exchange without keys".to_owned()))
}

/// Keys under these names of an answer: id, secret, token, end.
pub(super) fn keys(answer: &Value, names: [&str; 4]) -> Option<Keys> {
    let [id, secret, token, end] = names;
    let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|t| !t.is_empty());
    Some(Keys {
        id: text(id)?.to_owned(),
        secret: Secret::new(text(secret)?),
        token: text(token).map(Secret::new),
        expires: answer.get(end).and_then(shape::time),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_two_exchanges_can_be_named() {
        assert_eq!([Exchange::Role, Exchange::WebIdentity].map(Exchange::action), EXCHANGES);
        // Nothing in this room sends an action by another name.
        let source = include_str!("exchange.rs");
        let code = source.split("#[cfg(test)]").next().expect("the code");
        assert_eq!((code.matches("\"Action\"").count(), code.matches("exchange.action()").count()), (1, 2));
    }

    #[test]
    fn a_role_names_its_account() {
        let role = |arn: &str| Role { arn: arn.to_owned(), external_id: None };
        assert_eq!(role("arn:aws:iam::123456789012:role/r").account(), Some("123456789012"));
        assert_eq!(role("arn:aws:iam::12:role/r").account(), None);
        assert_eq!(role("r").account(), None);
    }
}
