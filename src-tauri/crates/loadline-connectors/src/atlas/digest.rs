//! HTTP Digest access authentication (RFC 7616) as Atlas asks for it: MD5 or SHA-256, `qop=auth`. It is not for sources
//! that accept anything better: Atlas's service accounts are.

use loadline_model::hash;
use md5::{Digest, Md5};

/// What a server demands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    sha256: bool,
    /// The server did not like an old nonce, rather than the password.
    pub stale: bool,
}

impl Challenge {
    /// From a `WWW-Authenticate` header; `None` for another scheme, algorithm or protection.
    pub(super) fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.trim().split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("digest") {
            return None;
        }
        let fields = fields(rest);
        let get = |name: &str| fields.iter().find(|(k, _)| k.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str());
        let sha256 = match get("algorithm").unwrap_or("MD5") {
            a if a.eq_ignore_ascii_case("MD5") => false,
            a if a.eq_ignore_ascii_case("SHA-256") => true,
            _ => return None,
        };
        if !get("qop")?.split(',').any(|q| q.trim() == "auth") {
            return None;
        }
        Some(Self {
            realm: get("realm")?.to_owned(),
            nonce: get("nonce")?.to_owned(),
            opaque: get("opaque").map(str::to_owned),
            sha256,
            stale: get("stale").is_some_and(|s| s.eq_ignore_ascii_case("true")),
        })
    }

    /// The `Authorization` header of a GET; `uri` is path and query, `count` how often the nonce was used, from 1.
    pub(super) fn answer(&self, user: &str, password: &str, uri: &str, count: u32, cnonce: &str) -> String {
        let hashed = |text: String| match self.sha256 {
            true => hash::hex(text.as_bytes()),
            false => Md5::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect(),
        };
        let nc = format!("{count:08x}");
        let who = hashed(format!("{user}:{}:{password}", self.realm));
        let what = hashed(format!("GET:{uri}"));
        let response = hashed(format!("{who}:{}:{nc}:{cnonce}:auth:{what}", self.nonce));
        let algorithm = if self.sha256 { "SHA-256" } else { "MD5" };
        let plain = |text: &str| text.replace(['"', '\\', '\r', '\n'], "");
        let opaque = self.opaque.as_ref().map(|o| format!(", opaque=\"{}\"", plain(o))).unwrap_or_default();
        format!(
            "Digest username=\"{}\", realm=\"{}\", uri=\"{uri}\", algorithm={algorithm}, nonce=\"{}\", nc={nc}, cnonce=\"{cnonce}\", qop=auth, response=\"{response}\"{opaque}",
            plain(user),
            plain(&self.realm),
            plain(&self.nonce)
        )
    }
}

/// `name=value` pairs, values quoted or not; commas inside quotes belong to the value.
fn fields(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((name, after)) = rest.split_once('=') {
        let name = name.trim_start_matches([',', ' ']).trim().to_owned();
        let (value, left) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => after.split_once(',').unwrap_or((after, "")),
        };
        found.push((name, value.trim().to_owned()));
        rest = left;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7616, section 3.9.1.
    fn check(algorithm: &str, response: &str) {
        let header = format!(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm={algorithm}, nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\""
        );
        let challenge = Challenge::parse(&header).expect("a challenge");
        let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
        let answer = challenge.answer("Mufasa", "Circle of Life", "/dir/index.html", 1, cnonce);
        assert!(answer.contains(&format!("response=\"{response}\"")), "{answer}");
        assert!(
            answer.contains("nc=00000001") && answer.contains("qop=auth,") && answer.contains("opaque=\"FQhe"),
            "{answer}"
        );
        assert!(!answer.contains("Circle"), "{answer}");
    }

    #[test]
    fn the_examples_of_the_standard() {
        check("MD5", "8ca523f5e9506fed4657c9700eebdbec");
        check("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
    }

    #[test]
    fn other_challenges_are_refused() {
        for header in [
            "Basic realm=\"x\"",
            "Digest realm=\"x\", nonce=\"n\", qop=\"auth-int\"",
            "Digest realm=\"x\", nonce=\"n\", qop=\"auth\", algorithm=SHA-512-256",
            "Digest realm=\"x\", qop=\"auth\"",
            "Digest",
            "",
        ] {
            assert_eq!(Challenge::parse(header), None, "{header}");
        }
        // The header that Atlas sends ("Programmatic API keys", MongoDB Atlas documentation).
        let atlas =
            "Digest realm=\"MMS Public API\", domain=\"\", nonce=\"abc=,def\", algorithm=MD5, qop=\"auth\", stale=true";
        let challenge = Challenge::parse(atlas).expect("a challenge");
        assert_eq!((challenge.nonce.as_str(), challenge.stale), ("abc=,def", true));
    }
}
