//! The Atlas Administration API with recorded answers, guarded as Atlas guards it: Digest for a key, a token for a service
//! account.

use super::mongo_replay::in_time;
use super::{Broken, ScriptedServer, respond};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::sync::{Arc, Mutex, PoisonError};

/// The token that the service account's secret is traded for.
const TOKEN: &str = "token-77ab02";

/// A listening server.
pub struct AtlasReplay {
    server: ScriptedServer,
    asked: Arc<Mutex<Vec<String>>>,
}

impl AtlasReplay {
    /// Answers paths below `/api/atlas/v2/` with these documents, those of the later texts in place of the earlier; a
    /// number is a status. `AGO_60_ISO` is the time an hour ago.
    ///
    /// # Errors
    /// When no port is free or a text is not JSON.
    pub fn start(texts: &[&str]) -> Result<Self, Broken> {
        let mut answers: BTreeMap<String, Value> = BTreeMap::new();
        for text in texts {
            let given: BTreeMap<String, Value> = serde_json::from_str(&in_time(text)).map_err(|e| e.to_string())?;
            answers.extend(given);
        }
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = asked.clone();
        let server = ScriptedServer::start(move |head, stream| {
            log.lock().unwrap_or_else(PoisonError::into_inner).push(head.to_owned());
            answer(head, stream, &answers);
        })?;
        Ok(Self { server, asked })
    }

    /// Its address.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Head and body of every request.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn answer(head: &str, stream: &mut TcpStream, answers: &BTreeMap<String, Value>) {
    let mut words = head.split_whitespace();
    let (verb, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let header = |name: &str| {
        head.lines()
            .find_map(|l| l.split_once(':').filter(|(k, _)| k.eq_ignore_ascii_case(name)))
            .map(|(_, v)| v.trim())
    };
    let authorization = header("authorization").unwrap_or("");
    if (verb, target) == ("POST", "/api/oauth/token") {
        // `client:canary-3f9a1c`
        let known =
            authorization == "Basic Y2xpZW50OmNhbmFyeS0zZjlhMWM=" && head.ends_with("grant_type=client_credentials");
        let token = format!("{{\"access_token\":\"{TOKEN}\",\"expires_in\":3600,\"token_type\":\"Bearer\"}}");
        return match known {
            true => respond(stream, "200 OK", "", &token),
            false => respond(stream, "401 Unauthorized", "", r#"{"error":"invalid_client"}"#),
        };
    }
    let by_key = authorization.starts_with("Digest username=\"key\", realm=\"MMS Public API\"")
        && authorization.contains(&response(target, authorization));
    if verb != "GET" || !(by_key || authorization == format!("Bearer {TOKEN}")) {
        let challenge = "www-authenticate: Digest realm=\"MMS Public API\", domain=\"\", nonce=\"n0nce\", algorithm=MD5, qop=\"auth\", stale=false\r\n";
        return respond(stream, "401 Unauthorized", challenge, r#"{"error":401,"reason":"Unauthorized"}"#);
    }
    let path = target.split('?').next().unwrap_or("").trim_start_matches("/api/atlas/v2/");
    match answers.get(path) {
        Some(Value::Number(status)) => {
            let code = if status.as_u64() == Some(403) { "USER_UNAUTHORIZED" } else { "OTHER" };
            let retry = if status.as_u64() == Some(429) { "retry-after: 86400\r\n" } else { "" };
            respond(
                stream,
                &format!("{status} Refused"),
                retry,
                &format!("{{\"error\":{status},\"errorCode\":\"{code}\",\"detail\":\"hunter2\"}}"),
            );
        }
        Some(answer) => respond(stream, "200 OK", "", &answer.to_string()),
        None => respond(stream, "404 Not Found", "", r#"{"error":404,"errorCode":"RESOURCE_NOT_FOUND"}"#),
    }
}

/// The response that the password `canary-3f9a1c` gives (RFC 7616, section 3.4.1), reckoned here anew.
fn response(target: &str, authorization: &str) -> String {
    use md5::{Digest, Md5};
    let md5 = |text: String| -> String { Md5::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect() };
    let field = |name: &str| {
        let rest = authorization.split(&format!(" {name}=")).nth(1).unwrap_or("");
        rest.split(',').next().unwrap_or("").trim_matches('"').to_owned()
    };
    let (who, what) = (md5("key:MMS Public API:canary-3f9a1c".to_owned()), md5(format!("GET:{target}")));
    format!("response=\"{}\"", md5(format!("{who}:n0nce:{}:{}:auth:{what}", field("nc"), field("cnonce"))))
}
