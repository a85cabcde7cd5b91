//! Keys of the machine's role, from its metadata (version 2). Asked only when the account says `instance_role=true`.

use super::{Keys, Way, exchange};
use crate::aws::refused::Refused;
use crate::http::{Outgoing, Reply, Verb};
use url::Url;

const METADATA: &str = "http://169.254.169.254/latest/";

/// Opens a session, asks for the role's name, then for its keys.
pub(super) async fn keys(way: &Way) -> Result<Keys, Refused> {
    let base = way.endpoints.at("imds").map_or_else(|| METADATA.to_owned(), |e| format!("{}latest/", slashed(e)));
    let open = vec![("x-aws-ec2-metadata-token-ttl-seconds".to_owned(), "21600".to_owned())];
    let session = text(send(way, &base, "api/token", Verb::OpenMetadata, open).await?)?;
    let asked = vec![("x-aws-ec2-metadata-token".to_owned(), session)];
    let folder = "meta-data/iam/security-credentials/";
    let role = text(send(way, &base, folder, Verb::Get, asked.clone()).await?)?;
    let role = role.lines().next().map(str::trim).filter(|r| !r.is_empty() && !r.contains(['/', '?', '#']));
    let role = role.ok_or_else(|| Refused::NoCredentials("this machine has no role".to_owned()))?;
    let answer = send(way, &base, &format!("{folder}{role}"), Verb::Get, asked).await?;
    let tree = serde_json::from_slice(&answer.body).unwrap_or_default();
    let keys = exchange::keys(&tree, ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"]);
    keys.ok_or_else(|| Refused::NotUnderstood("the metadata of this machine hold no keys".to_owned()))
}

fn slashed(url: &Url) -> String {
    format!("{}/", url.as_str().trim_end_matches('/'))
}

fn text(reply: Reply) -> Result<String, Refused> {
    String::from_utf8(reply.body).map_err(|_| Refused::NotUnderstood("metadata that are not text".to_owned()))
}

async fn send(way: &Way, base: &str, path: &str, verb: Verb, headers: Vec<(String, String)>) -> Result<Reply, Refused> {
    let url = Url::parse(&format!("{base}{path}")).map_err(|e| Refused::NotUnderstood(e.to_string()))?;
    let reply = way.direct.send(Outgoing { verb, url, headers }).await;
    let none = |why: String| Refused::NoCredentials(format!("the metadata of this machine do not answer: {why}"));
    match reply {
        Ok(reply) if reply.status == 200 => Ok(reply),
        Ok(reply) => Err(none(format!("status {}", reply.status))),
        Err(e) => Err(none(e.to_string())),
    }
}
