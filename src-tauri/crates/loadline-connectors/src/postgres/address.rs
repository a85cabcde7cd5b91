//! Where the server is and how TLS is checked: the account's configuration, refused where it is unsafe.

use super::session::Refusal;
use crate::{ConnectError, Secret};
use loadline_model::Account;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

/// A server to connect to.
pub(crate) struct Address {
    /// Everything sqlx needs, password included; never printed.
    pub options: PgConnectOptions,
    /// `host:port`, or the socket folder with the port.
    pub endpoint: String,
    /// This machine: loopback or a unix socket.
    pub local: bool,
}

/// Reads `url`, `sslmode` and `ca_file`.
///
/// # Errors
/// [`ConnectError::PasswordInUrl`] and [`ConnectError::InvalidConfig`].
pub(crate) fn parse(account: &Account, secret: Option<&Secret>) -> Result<Address, ConnectError> {
    let target = Target::parse(account.config.get("url").map_or("", String::as_str))?;
    let local = target.is_local();
    let named = account.config.get("sslmode").or(target.sslmode.as_ref());
    let mode = match named.map(String::as_str).filter(|m| !m.is_empty()) {
        Some(mode) => mode.parse().map_err(|_| ConnectError::config("sslmode", format!("`{mode}` is not a mode")))?,
        None if local => PgSslMode::Prefer,
        None => PgSslMode::VerifyFull,
    };
    // An empty password keeps sqlx from sending one that the environment holds for another server.
    let mut options = PgConnectOptions::new_without_pgpass()
        .port(target.port)
        .username(&target.user)
        .password(secret.map_or("", |s| s.expose()))
        .ssl_mode(mode)
        .application_name("loadline")
        .statement_cache_capacity(0);
    options = match target.host.strip_prefix('/') {
        Some(_) => options.socket(&target.host),
        None => options.host(&target.host),
    };
    options = options.database(&target.database);
    if let Some(path) = account.config.get("ca_file").or(target.ca_file.as_ref()) {
        options = options.ssl_root_cert(path);
    }
    Ok(Address { options, endpoint: format!("{}:{}", target.host, target.port), local })
}

/// What to do where the server offers no TLS.
const NO_TLS: &str = "Turn TLS on at the server, or set sslmode to disable where the network between is trusted.";

/// Why a server or its pooler did not let us in.
pub(crate) fn explain(endpoint: &str, error: sqlx::Error) -> ConnectError {
    let host = endpoint.to_owned();
    let tls = matches!(error, sqlx::Error::Tls(_));
    let io = matches!(error, sqlx::Error::Io(_));
    let Refusal { state, said: why } = error.into();
    match state.as_str() {
        _ if why.contains("startup parameter") => ConnectError::NotReadOnly { host, why },
        // A pooler reports a wrong password as a violation of the protocol.
        // Its list of who may connect has entries for encrypted connections, or none for us at all.
        "28000" if why.contains("no encryption") => {
            let why =
                format!("{why}; where only encrypted connections are let in, set sslmode to require or verify-full");
            ConnectError::Denied { host, why }
        }
        "28P01" | "28000" | "42501" => ConnectError::Denied { host, why },
        "08P01" if why.contains("SSL required") => {
            let why = "it accepts encrypted connections only".to_owned();
            ConnectError::Tls { host, why, closes: "Set sslmode to require or verify-full." }
        }
        "08P01" if why.contains("auth") || why.contains("not allowed") => ConnectError::Denied { host, why },
        "" if tls || why.contains("certificate") || why.contains("TLS") => ConnectError::tls(host, &why, NO_TLS),
        "" if io => ConnectError::Unreachable { host, why },
        _ => ConnectError::Refused { host, why },
    }
}

#[derive(Debug, PartialEq)]
struct Target {
    host: String,
    port: u16,
    user: String,
    database: String,
    sslmode: Option<String>,
    ca_file: Option<String>,
}

impl Target {
    fn parse(text: &str) -> Result<Self, ConnectError> {
        let wrong = |why: &str| ConnectError::config("url", why);
        if text.trim().is_empty() {
            return Err(wrong("it is missing; write postgres://user@host:5432/database"));
        }
        let url = Url::parse(text.trim()).map_err(|_| wrong("write postgres://user@host:5432/database"))?;
        if !matches!(url.scheme(), "postgres" | "postgresql") {
            return Err(wrong("it must start with postgres://"));
        }
        if url.password().is_some() || url.query_pairs().any(|(k, _)| k.eq_ignore_ascii_case("password")) {
            return Err(ConnectError::PasswordInUrl { key: "url".to_owned() });
        }
        let host = decoded(url.host_str().unwrap_or_default());
        let mut target = Self {
            host: host.trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(5432),
            user: decoded(url.username()),
            database: decoded(url.path().trim_start_matches('/')),
            sslmode: None,
            ca_file: None,
        };
        for (key, value) in url.query_pairs() {
            let value = value.into_owned();
            match key.as_ref() {
                "host" => target.host = value,
                "port" => target.port = value.parse().map_err(|_| wrong("its port is not a number"))?,
                "user" => target.user = value,
                "dbname" => target.database = value,
                "sslmode" => target.sslmode = Some(value),
                "sslrootcert" => target.ca_file = Some(value),
                "application_name" | "connect_timeout" | "fallback_application_name" | "channel_binding" => {}
                other => return Err(wrong(&format!("the parameter `{other}` is not known"))),
            }
        }
        target.complete()
    }

    fn complete(mut self) -> Result<Self, ConnectError> {
        if self.host.is_empty() {
            self.host = "localhost".to_owned();
        }
        if self.user.is_empty() {
            return Err(ConnectError::config("url", "it names no user; write postgres://user@host:5432/database"));
        }
        if self.database.is_empty() {
            self.database.clone_from(&self.user);
        }
        Ok(self)
    }

    fn is_local(&self) -> bool {
        let ip: Option<std::net::IpAddr> = self.host.parse().ok();
        self.host.starts_with('/') || self.host == "localhost" || ip.is_some_and(|ip| ip.is_loopback())
    }
}

fn decoded(text: &str) -> String {
    // The form decoder turns `+` into a space, which names may contain.
    let kept = text.replace('+', "%2B");
    url::form_urlencoded::parse(format!("v={kept}").as_bytes()).map(|(_, v)| v.into_owned()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(url: &str, expected: Result<(&str, u16, &str, &str, bool), &str>) {
        let found = Target::parse(url);
        match (&found, expected) {
            (Ok(t), Ok((host, port, user, database, local))) => {
                assert_eq!(
                    (t.host.as_str(), t.port, t.user.as_str(), t.database.as_str()),
                    (host, port, user, database)
                );
                assert_eq!(t.is_local(), local, "{url}");
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
        check("postgres://app@db.example.com/shop", Ok(("db.example.com", 5432, "app", "shop", false)));
        check("postgresql://app@[::1]:6000/shop?sslmode=require", Ok(("::1", 6000, "app", "shop", true)));
        check("postgres://a%40b@localhost", Ok(("localhost", 5432, "a@b", "a@b", true)));
        check("postgres:///shop?host=/run/postgresql&user=app", Ok(("/run/postgresql", 5432, "app", "shop", true)));
        check("postgres://app@%2Ftmp%2Fs:6001/shop", Ok(("/tmp/s", 6001, "app", "shop", true)));
        check("postgres://app@127.0.0.1/a+b", Ok(("127.0.0.1", 5432, "app", "a+b", true)));
    }

    #[test]
    fn refusals() {
        check("postgres://app:hunter2@db/shop", Err("password_in_url"));
        check("postgres://app@db/shop?password=hunter2", Err("password_in_url"));
        check("postgres://app:@db/shop", Ok(("db", 5432, "app", "shop", false)));
        check("postgres://app@db/shop?options=-c%20x", Err("invalid_config"));
        check("mysql://app@db/shop", Err("invalid_config"));
        check("postgres://db.example.com/shop", Err("invalid_config"));
        check("hunter2", Err("invalid_config"));
        check("", Err("invalid_config"));
    }
}
