//! Where the server is and how TLS is checked: the account's configuration, refused where it is unsafe.

use crate::ConnectError;
use loadline_model::Account;
use std::net::IpAddr;
use url::{Host, Url};

/// A server to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// Name or number of the host, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// User of the access list; `None`: the default user.
    pub user: Option<String>,
    /// The only database to sample; `None`: every one that holds keys.
    pub database: Option<u64>,
    /// How the connection is encrypted.
    pub tls: Tls,
    /// PEM file to trust besides the system's.
    pub ca_file: Option<String>,
    /// Sentinels that watch it.
    pub sentinels: Vec<(String, u16)>,
}

/// How a connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    /// Not at all.
    None,
    /// Without looking at the certificate.
    Unverified,
    /// With a certificate that is checked.
    Verified,
}

const FORM: &str = "write redis://user@host:6379/0, or rediss:// for TLS";
/// Most Sentinels that are asked.
const MOST_SENTINELS: usize = 9;

impl Address {
    /// Reads `url`, `tls`, `ca_file` and `sentinels`.
    ///
    /// # Errors
    /// [`ConnectError::PasswordInUrl`] and [`ConnectError::InvalidConfig`].
    pub(super) fn parse(account: &Account) -> Result<Self, ConnectError> {
        let set = |key: &str| account.config.get(key).map(|v| v.trim()).filter(|v| !v.is_empty());
        let wrong = |why: &str| ConnectError::config("url", why);
        let url = Url::parse(set("url").ok_or_else(|| wrong(&format!("it is missing; {FORM}")))?);
        let url = url.map_err(|_| wrong(FORM))?;
        if url.password().is_some_and(|p| !p.is_empty()) || url.query_pairs().any(|(k, _)| k.contains("pass")) {
            return Err(ConnectError::PasswordInUrl { key: "url".to_owned() });
        }
        let encrypted = match url.scheme() {
            "redis" | "valkey" => false,
            "rediss" | "valkeys" => true,
            _ => return Err(wrong(FORM)),
        };
        if url.query().is_some() || url.fragment().is_some() {
            return Err(wrong("it takes no query"));
        }
        let host = decoded(url.host_str().unwrap_or_default()).trim_matches(['[', ']']).to_ascii_lowercase();
        if host.is_empty() {
            return Err(wrong(FORM));
        }
        let database = match url.path().trim_matches('/') {
            "" => None,
            n => Some(n.parse().map_err(|_| wrong("its database is not a number; write redis://host:6379/0"))?),
        };
        let here = is_here(&host);
        let tls = match (encrypted, set("tls")) {
            (false, None) => Tls::None,
            (false, Some(_)) => return Err(ConnectError::config("tls", "the address has none; write rediss://")),
            (true, Some("verify")) => Tls::Verified,
            (true, Some("encrypt")) => Tls::Unverified,
            (true, Some(other)) => {
                return Err(ConnectError::config("tls", format!("`{other}` is not verify or encrypt")));
            }
            (true, None) => {
                if here {
                    Tls::Unverified
                } else {
                    Tls::Verified
                }
            }
        };
        let address = Self {
            host,
            port: url.port().unwrap_or(6379),
            user: Some(decoded(url.username())).filter(|u| !u.is_empty()),
            database,
            tls,
            ca_file: set("ca_file").map(str::to_owned),
            sentinels: sentinels(set("sentinels").unwrap_or_default())?,
        };
        if is_metadata(&address.host) {
            return Err(wrong("link-local addresses serve machine metadata and are never asked"));
        }
        Ok(address)
    }

    /// `host:port`, with brackets where the host holds colons.
    pub(super) fn endpoint(&self) -> String {
        endpoint(&self.host, self.port)
    }

    /// This machine.
    pub(super) fn is_local(&self) -> bool {
        is_here(&self.host)
    }

    /// The same way in to another server.
    pub(super) fn at(&self, host: &str, port: u16) -> Self {
        Self { host: host.to_owned(), port, sentinels: Vec::new(), ..self.clone() }
    }
}

/// `host:port`, with brackets where the host holds colons.
pub(super) fn endpoint(host: &str, port: u16) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Loopback.
pub(super) fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Addresses at which clouds serve the credentials of machines.
pub(super) fn is_metadata(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V4(ip)) => ip.is_link_local(),
        Ok(IpAddr::V6(ip)) => ip.is_unicast_link_local() || ip.to_ipv4_mapped().is_some_and(|ip| ip.is_link_local()),
        Err(_) => false,
    }
}

fn sentinels(text: &str) -> Result<Vec<(String, u16)>, ConnectError> {
    let wrong = |why: &str| ConnectError::config("sentinels", why);
    let mut all = Vec::new();
    for one in text.split(',').map(str::trim).filter(|t| !t.is_empty()) {
        if one.contains('@') {
            return Err(wrong("it names a user or password; write host:26379,host:26379"));
        }
        let url = Url::parse(&format!("redis://{one}")).map_err(|_| wrong("write host:26379,host:26379"))?;
        let host = match url.host() {
            Some(Host::Ipv6(ip)) => ip.to_string(),
            _ => url.host_str().unwrap_or_default().to_ascii_lowercase(),
        };
        if host.is_empty() || is_metadata(&host) {
            return Err(wrong("write host:26379,host:26379"));
        }
        all.push((host, url.port().unwrap_or(26379)));
    }
    if all.len() > MOST_SENTINELS {
        return Err(wrong("name at most nine"));
    }
    Ok(all)
}

fn decoded(text: &str) -> String {
    // The form decoder turns `+` into a space, which names may contain.
    let kept = text.replace('+', "%2B");
    url::form_urlencoded::parse(format!("v={kept}").as_bytes()).map(|(_, v)| v.into_owned()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::account;

    type Understood<'a> = (&'a str, Option<&'a str>, Option<u64>, Tls);

    fn check(config: &[(&str, &str)], expected: Result<Understood<'_>, &str>) {
        let found = Address::parse(&account("redis", config));
        match (&found, expected) {
            (Ok(a), Ok((endpoint, user, database, tls))) => {
                assert_eq!(
                    (a.endpoint().as_str(), a.user.as_deref(), a.database, a.tls),
                    (endpoint, user, database, tls)
                );
            }
            (Err(e), Err(code)) => assert_eq!(e.code(), code, "{config:?}: {e}"),
            _ => panic!("{config:?}: {found:?}, expected {expected:?}"),
        }
        if let Err(e) = found {
            assert!(!e.to_string().contains("hunter2"), "{e}");
        }
    }

    #[test]
    fn addresses() {
        check(&[("url", "redis://cache.example.com")], Ok(("cache.example.com:6379", None, None, Tls::None)));
        check(
            &[("url", "redis://ro@Cache.Example.com:7000/3")],
            Ok(("cache.example.com:7000", Some("ro"), Some(3), Tls::None)),
        );
        check(&[("url", "rediss://cache")], Ok(("cache:6379", None, None, Tls::Verified)));
        check(&[("url", "valkeys://127.0.0.1:1")], Ok(("127.0.0.1:1", None, None, Tls::Unverified)));
        check(&[("url", "rediss://127.0.0.1:1"), ("tls", "verify")], Ok(("127.0.0.1:1", None, None, Tls::Verified)));
        check(&[("url", "rediss://cache"), ("tls", "encrypt")], Ok(("cache:6379", None, None, Tls::Unverified)));
        check(&[("url", "redis://[::1]:7000")], Ok(("[::1]:7000", None, None, Tls::None)));
        check(&[("url", "redis://a%40b:@h")], Ok(("h:6379", Some("a@b"), None, Tls::None)));
    }

    #[test]
    fn refusals() {
        for url in ["redis://u:hunter2@h", "redis://:hunter2@h", "rediss://h?password=hunter2"] {
            check(&[("url", url)], Err("password_in_url"));
        }
        for url in
            ["", "hunter2", "http://h", "redis://", "redis://h/hunter2", "redis://h?x=1", "redis://169.254.169.254"]
        {
            check(&[("url", url)], Err("invalid_config"));
        }
        check(&[("url", "redis://h"), ("tls", "verify")], Err("invalid_config"));
        check(&[("url", "rediss://h"), ("tls", "perhaps")], Err("invalid_config"));
        check(&[("url", "redis://h"), ("sentinels", "u:hunter2@s:1")], Err("invalid_config"));
        check(&[("url", "redis://h"), ("sentinels", "169.254.169.254")], Err("invalid_config"));
    }

    #[test]
    fn sentinels_are_listed() {
        let found = sentinels("a, b:1 ,[::1]:2").expect("three");
        assert_eq!(found, [("a".to_owned(), 26379), ("b".to_owned(), 1), ("::1".to_owned(), 2)]);
    }
}
