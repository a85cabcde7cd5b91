//! Where the server is and how TLS is checked: the account's configuration, refused where it is unsafe.

use crate::{ConnectError, Secret};
use loadline_model::Account;
use sqlx::mysql::{MySqlConnectOptions, MySqlSslMode};
use url::Url;

/// What to do where the server offers no TLS.
pub(super) const NO_TLS: &str =
    "Turn TLS on at the server, or set sslmode to disable where the network between is trusted.";

/// A server to connect to.
pub(super) struct Address {
    /// Everything sqlx needs, password included; never printed.
    pub options: MySqlConnectOptions,
    /// `host:port`, or the path of the socket.
    pub endpoint: String,
    /// This machine: loopback or a unix socket.
    pub local: bool,
}

/// Reads `url`, `sslmode` and `ca_file`.
///
/// # Errors
/// [`ConnectError::PasswordInUrl`] and [`ConnectError::InvalidConfig`].
pub(super) fn parse(account: &Account, secret: Option<&Secret>) -> Result<Address, ConnectError> {
    let target = Target::parse(account.config.get("url").map_or("", String::as_str))?;
    let local = target.is_local();
    let named = account.config.get("sslmode").or(target.sslmode.as_ref());
    let mode = match named.map(String::as_str).filter(|m| !m.is_empty()) {
        Some(mode) => tls_mode(mode)?,
        None if local => MySqlSslMode::Preferred,
        None => MySqlSslMode::VerifyIdentity,
    };
    // The server's own time zone is kept: InnoDB writes its times in it. Cleartext passwords stay refused without TLS.
    let mut options = MySqlConnectOptions::new()
        .username(&target.user)
        .ssl_mode(mode)
        .statement_cache_capacity(0)
        .pipes_as_concat(false)
        .no_engine_substitution(false)
        .timezone(None);
    if let Some(secret) = secret {
        options = options.password(secret.expose());
    }
    options = match &target.socket {
        Some(path) => options.socket(path),
        None => options.host(&target.host).port(target.port),
    };
    if !target.database.is_empty() {
        options = options.database(&target.database);
    }
    if let Some(path) = account.config.get("ca_file").or(target.ca_file.as_ref()) {
        options = options.ssl_ca(path);
    }
    Ok(Address { options, endpoint: target.endpoint(), local })
}

/// The modes of PostgreSQL and of MySQL's own clients.
fn tls_mode(word: &str) -> Result<MySqlSslMode, ConnectError> {
    match word.to_ascii_lowercase().replace('_', "-").as_str() {
        "disable" | "disabled" => Ok(MySqlSslMode::Disabled),
        "prefer" | "preferred" => Ok(MySqlSslMode::Preferred),
        "require" | "required" => Ok(MySqlSslMode::Required),
        "verify-ca" => Ok(MySqlSslMode::VerifyCa),
        "verify-full" | "verify-identity" => Ok(MySqlSslMode::VerifyIdentity),
        _ => Err(ConnectError::config("sslmode", format!("`{word}` is not a mode"))),
    }
}

#[derive(Debug, PartialEq)]
struct Target {
    host: String,
    port: u16,
    socket: Option<String>,
    user: String,
    database: String,
    sslmode: Option<String>,
    ca_file: Option<String>,
}

impl Target {
    fn parse(text: &str) -> Result<Self, ConnectError> {
        let wrong = |why: &str| ConnectError::config("url", why);
        if text.trim().is_empty() {
            return Err(wrong("it is missing; write mysql://user@host:3306/database"));
        }
        let url = Url::parse(text.trim()).map_err(|_| wrong("write mysql://user@host:3306/database"))?;
        if !matches!(url.scheme(), "mysql" | "mariadb") {
            return Err(wrong("it must start with mysql://"));
        }
        if url.password().is_some() || url.query_pairs().any(|(k, _)| k.eq_ignore_ascii_case("password")) {
            return Err(ConnectError::PasswordInUrl { key: "url".to_owned() });
        }
        let host = decoded(url.host_str().unwrap_or_default());
        let mut target = Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(3306),
            socket: None,
            user: decoded(url.username()),
            database: decoded(url.path().trim_start_matches('/')),
            sslmode: None,
            ca_file: None,
        };
        for (key, value) in url.query_pairs() {
            let value = value.into_owned();
            match key.as_ref() {
                "socket" => target.socket = Some(value).filter(|path| !path.is_empty()),
                "user" => target.user = value,
                "sslmode" | "ssl-mode" => target.sslmode = Some(value),
                "sslrootcert" | "ssl-ca" => target.ca_file = Some(value),
                "charset" | "collation" => {}
                other => return Err(wrong(&format!("the parameter `{other}` is not known"))),
            }
        }
        if target.host.starts_with('/') {
            target.socket = Some(target.host.clone());
        }
        if target.host.is_empty() {
            target.host = "localhost".to_owned();
        }
        if target.user.is_empty() {
            return Err(wrong("it names no user; write mysql://user@host:3306/database"));
        }
        Ok(target)
    }

    fn endpoint(&self) -> String {
        self.socket.clone().unwrap_or_else(|| format!("{}:{}", self.host, self.port))
    }

    fn is_local(&self) -> bool {
        self.socket.is_some() || is_loopback(&self.host)
    }
}

/// A name of this machine, which means another machine elsewhere.
pub(super) fn is_loopback(host: &str) -> bool {
    let ip: Option<std::net::IpAddr> = host.parse().ok();
    host.eq_ignore_ascii_case("localhost") || ip.is_some_and(|ip| ip.is_loopback())
}

fn decoded(text: &str) -> String {
    // The form decoder turns `+` into a space, which names may contain.
    let kept = text.replace('+', "%2B");
    url::form_urlencoded::parse(format!("v={kept}").as_bytes()).map(|(_, v)| v.into_owned()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<(&str, &str, &str, bool), &str>) {
        let found = Target::parse(url);
        match (&found, expected) {
            (Ok(t), Ok((endpoint, user, database, local))) => {
                let seen = (t.endpoint(), t.user.as_str(), t.database.as_str(), t.is_local());
                assert_eq!(seen, (endpoint.to_owned(), user, database, local), "{url}");
            }
            (Err(e), Err(code)) => assert_eq!(e.code(), code, "{url}: {e}"),
            _ => panic!("{url}: {found:?}, expected {expected:?}"),
        }
        if let Err(e) = found {
            assert!(!e.to_string().contains("hunter2"), "{e}");
        }
    }

    #[test]
    fn addresses() {
        check("mysql://app@db.example.com/shop", Ok(("db.example.com:3306", "app", "shop", false)));
        check("mysql://app@db.example.com:3307", Ok(("db.example.com:3307", "app", "", false)));
        check("mariadb://app@[::1]:6000/shop?sslmode=require", Ok(("::1:6000", "app", "shop", true)));
        check("mysql://a%40b@localhost", Ok(("localhost:3306", "a@b", "", true)));
        check("mysql:///shop?socket=/run/mysqld/s.sock&user=app", Ok(("/run/mysqld/s.sock", "app", "shop", true)));
        check("mysql://app@%2Ftmp%2Fs.sock/a+b", Ok(("/tmp/s.sock", "app", "a+b", true)));
    }

    #[test]
    fn refusals() {
        check("mysql://app:hunter2@db/shop", Err("password_in_url"));
        check("mysql://app@db/shop?password=hunter2", Err("password_in_url"));
        check("mysql://app@db/shop?init=x", Err("invalid_config"));
        check("postgres://app@db/shop", Err("invalid_config"));
        check("mysql://db.example.com/shop", Err("invalid_config"));
        check("hunter2", Err("invalid_config"));
        check("", Err("invalid_config"));
        assert!(tls_mode("VERIFY_IDENTITY").is_ok() && tls_mode("maybe").is_err());
    }
}
