//! Where the servers are and how TLS is checked: the account's configuration, refused where it is unsafe.

use crate::{ConnectError, Secret};
use ::mongodb::options::{ClientOptions, Credential, ServerAddress, ServerMonitoringMode, Tls, TlsOptions};
use loadline_model::Account;
use std::path::PathBuf;
use std::time::Duration;

const SHAPE: &str = "write mongodb://user@host:27017/?replicaSet=name or mongodb+srv://user@host";
/// For one connection and for finding out that there is none.
pub(super) const PATIENCE: Duration = Duration::from_secs(4);
/// Options of drivers that say how an application wants to work; they do not concern us.
const IGNORED: [&str; 16] = [
    "appname",
    "compressors",
    "connecttimeoutms",
    "directconnection",
    "heartbeatfrequencyms",
    "localthresholdms",
    "maxidletimems",
    "maxpoolsize",
    "maxstalenessseconds",
    "minpoolsize",
    "readconcernlevel",
    "readpreference",
    "retryreads",
    "retrywrites",
    "serverselectiontimeoutms",
    "w",
];

/// How the way to a server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    Verified,
    Unverified,
    Off,
}

/// A deployment to connect to.
pub(super) struct Address {
    /// `host:port` as typed, or the name whose SRV record lists them.
    hosts: Vec<String>,
    srv: bool,
    credential: Option<Credential>,
    tls: Option<TlsOptions>,
    /// Name of the replica set, when the address demands one.
    pub set: Option<String>,
    /// This machine.
    pub local: bool,
}

/// Reads `url`, `tls`, `auth_source` and `ca_file`.
///
/// # Errors
/// [`ConnectError::PasswordInUrl`] and [`ConnectError::InvalidConfig`].
pub(super) fn parse(account: &Account, secret: Option<&Secret>) -> Result<Address, ConnectError> {
    let given = |key: &str| account.config.get(key).map(|v| v.trim()).filter(|v| !v.is_empty());
    let target = Target::parse(given("url").unwrap_or(""))?;
    let local = target.hosts.iter().all(|h| is_loopback(h));
    let protection = match given("tls").or(target.tls.as_deref()) {
        Some("verify" | "true") => Protection::Verified,
        Some("unverified") => Protection::Unverified,
        Some("off" | "false") => Protection::Off,
        Some(other) => {
            return Err(ConnectError::config("tls", format!("`{other}` is none of verify, unverified, off")));
        }
        None if local => Protection::Off,
        None => Protection::Verified,
    };
    let ca = given("ca_file").map(PathBuf::from).or(target.ca_file.map(PathBuf::from));
    let mut tls = None;
    if protection != Protection::Off {
        let mut options = TlsOptions::default();
        options.allow_invalid_certificates = (protection == Protection::Unverified).then_some(true);
        options.ca_file_path = ca;
        tls = Some(options);
    }
    let mut credential = None;
    if let Some(user) = target.user {
        let mut known = Credential::default();
        known.username = Some(user);
        known.source =
            Some(given("auth_source").map(str::to_owned).or(target.source).unwrap_or_else(|| "admin".to_owned()));
        known.password = Some(secret.map_or_else(String::new, |s| s.expose().to_owned()));
        credential = Some(known);
    } else if secret.is_some() {
        return Err(ConnectError::config("url", "it names no user for the password; write mongodb://user@host"));
    }
    Ok(Address { hosts: target.hosts, srv: target.srv, credential, tls, set: target.set, local })
}

impl Address {
    /// The first host, for messages.
    pub(super) fn endpoint(&self) -> String {
        self.hosts.first().cloned().unwrap_or_default()
    }

    /// Connections are encrypted.
    pub(super) fn is_encrypted(&self) -> bool {
        self.tls.is_some()
    }

    /// The user, when one logs in.
    pub(super) fn user(&self) -> Option<&str> {
        self.credential.as_ref()?.username.as_deref()
    }

    /// The servers to try, from the SRV record where the address names one.
    ///
    /// # Errors
    /// [`ConnectError::Unreachable`] when the record cannot be read.
    pub(super) async fn servers(&self) -> Result<Vec<String>, ConnectError> {
        if !self.srv {
            return Ok(self.hosts.clone());
        }
        let host = self.endpoint();
        let asked = tokio::time::timeout(PATIENCE * 2, ClientOptions::parse(format!("mongodb+srv://{host}/"))).await;
        let late = || ConnectError::TimedOut { host: host.clone(), seconds: (PATIENCE * 2).as_secs() };
        let found = asked.map_err(|_| late())?.map_err(|_| ConnectError::Unreachable {
            host: host.clone(),
            why: format!("the record _mongodb._tcp.{host} could not be read"),
        })?;
        Ok(found.hosts.iter().map(ToString::to_string).collect())
    }

    /// Everything the driver needs for one server: one connection and one that watches it.
    pub(super) fn options(&self, server: &str) -> Option<ClientOptions> {
        let mut options = ClientOptions::default();
        options.hosts = vec![ServerAddress::parse(server).ok()?];
        options.direct_connection = Some(true);
        options.app_name = Some("loadline".to_owned());
        options.max_pool_size = Some(1);
        options.server_monitoring_mode = Some(ServerMonitoringMode::Poll);
        options.connect_timeout = Some(PATIENCE);
        options.server_selection_timeout = Some(PATIENCE);
        options.retry_reads = Some(false);
        options.retry_writes = Some(false);
        options.credential.clone_from(&self.credential);
        options.tls = self.tls.clone().map(Tls::Enabled);
        Some(options)
    }
}

/// A host of this machine.
pub(super) fn is_loopback(server: &str) -> bool {
    let bare: Option<std::net::Ipv6Addr> = server.parse().ok();
    let host = server.rsplit_once(':').filter(|_| bare.is_none()).map_or(server, |(host, _)| host);
    let host = host.trim_matches(['[', ']']);
    let ip: Option<std::net::IpAddr> = host.parse().ok();
    host == "localhost" || ip.is_some_and(|ip| ip.is_loopback())
}

#[derive(Debug, Default, PartialEq)]
struct Target {
    srv: bool,
    user: Option<String>,
    hosts: Vec<String>,
    source: Option<String>,
    set: Option<String>,
    tls: Option<String>,
    ca_file: Option<String>,
}

impl Target {
    fn parse(text: &str) -> Result<Self, ConnectError> {
        let wrong = |why: &str| ConnectError::config("url", why);
        let (scheme, rest) = text.split_once("://").ok_or_else(|| wrong(SHAPE))?;
        let srv = match scheme {
            "mongodb" => false,
            "mongodb+srv" => true,
            _ => return Err(wrong("it must start with mongodb:// or mongodb+srv://")),
        };
        let (authority, tail) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
        let (user, hosts) = authority.rsplit_once('@').map_or((None, authority), |(u, h)| (Some(u), h));
        if user.is_some_and(|u| u.contains(':')) {
            return Err(ConnectError::PasswordInUrl { key: "url".to_owned() });
        }
        let hosts: Vec<String> = hosts.split(',').map(|h| h.trim().to_ascii_lowercase()).collect();
        if hosts.iter().any(String::is_empty) || srv && (hosts.len() > 1 || hosts.iter().any(|h| h.contains(':'))) {
            return Err(wrong(SHAPE));
        }
        let with_port = |h: String| if srv || has_port(&h) { h } else { format!("{h}:27017") };
        let mut target = Self { srv, hosts: hosts.into_iter().map(with_port).collect(), ..Self::default() };
        if target.hosts.iter().any(|h| !srv && ServerAddress::parse(h).is_err()) {
            return Err(wrong("a host or port of it cannot be understood"));
        }
        target.user = user.map(decoded).filter(|u| !u.is_empty());
        let (path, query) = tail.split_once('?').unwrap_or((tail, ""));
        target.source = Some(decoded(path.trim_start_matches('/'))).filter(|d| !d.is_empty());
        for (key, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let value = value.into_owned();
            match key.to_ascii_lowercase().as_str() {
                "replicaset" => target.set = Some(value),
                "authsource" => target.source = Some(value),
                "authmechanism" if value.starts_with("SCRAM-SHA-") => {}
                "authmechanism" => return Err(wrong("only SCRAM users are supported")),
                "tls" | "ssl" => target.tls = Some(value),
                "tlscafile" => target.ca_file = Some(value),
                ignored if IGNORED.contains(&ignored) => {}
                _ => return Err(wrong("it has a parameter that is not known; keep replicaSet, authSource and tls")),
            }
        }
        Ok(target)
    }
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(before, _)| !before.contains(':') || before.ends_with(']'))
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

    fn check(url: &str, expected: Result<(&[&str], &str, &str), &str>) {
        let found = Target::parse(url);
        match (&found, expected) {
            (Ok(t), Ok((hosts, user, source))) => {
                assert_eq!(t.hosts, hosts, "{url}");
                assert_eq!((t.user.as_deref(), t.source.as_deref()), (some(user), some(source)), "{url}");
            }
            (Err(e), Err(code)) => assert_eq!(e.code(), code, "{url}: {e}"),
            _ => panic!("{url}: {found:?}, expected {expected:?}"),
        }
        if let Err(e) = found {
            assert!(!e.to_string().contains("hunter2"), "{e}");
        }
    }

    fn some(text: &str) -> Option<&str> {
        Some(text).filter(|t| !t.is_empty())
    }

    #[test]
    fn addresses() {
        check(
            "mongodb://a@Db1.example.com,db2.example.com:27018/?replicaSet=rs",
            Ok((&["db1.example.com:27017", "db2.example.com:27018"], "a", "")),
        );
        check(
            "mongodb+srv://a%40b@cluster0.abc.mongodb.net/?retryWrites=true&w=majority",
            Ok((&["cluster0.abc.mongodb.net"], "a@b", "")),
        );
        check("mongodb://a@[::1]/shop?authSource=users", Ok((&["[::1]:27017"], "a", "users")));
        check("mongodb://localhost", Ok((&["localhost:27017"], "", "")));
        check("mongodb://a@db/shop", Ok((&["db:27017"], "a", "shop")));
    }

    #[test]
    fn refusals() {
        check("mongodb://a:hunter2@db", Err("password_in_url"));
        check("mongodb://a:@db", Err("password_in_url"));
        check("mongodb://a@db/?tlsCertificateKeyFilePassword=hunter2", Err("invalid_config"));
        check("mongodb://a@db/?tlsInsecure=true", Err("invalid_config"));
        check("mongodb://a@db/?authMechanism=MONGODB-X509", Err("invalid_config"));
        check("mongodb+srv://a@one,two", Err("invalid_config"));
        check("mongodb://db:hunter2", Err("invalid_config"));
        check("postgres://a@db", Err("invalid_config"));
        check("hunter2", Err("invalid_config"));
        check("", Err("invalid_config"));
    }

    #[test]
    fn tls_is_verified_unless_the_server_is_here() {
        let verified = |url: &str, set: &[(&str, &str)]| {
            let config: Vec<(&str, &str)> = [("url", url)].iter().chain(set).copied().collect();
            let address = parse(&account("mongodb", &config), None).expect("an address");
            address.tls.map(|t| t.allow_invalid_certificates != Some(true))
        };
        assert_eq!(verified("mongodb://db.example.com", &[]), Some(true));
        assert_eq!(verified("mongodb+srv://c.example.com", &[]), Some(true));
        assert_eq!(verified("mongodb://localhost", &[]), None);
        assert_eq!(verified("mongodb://localhost,db.example.com", &[]), Some(true));
        assert_eq!(verified("mongodb://localhost/?tls=true", &[]), Some(true));
        assert_eq!(verified("mongodb://db.example.com", &[("tls", "unverified")]), Some(false));
        assert_eq!(verified("mongodb://db.example.com", &[("tls", "off")]), None);
        let refused = parse(&account("mongodb", &[("url", "mongodb://db"), ("tls", "maybe")]), None);
        assert_eq!(refused.err().map(|e| e.code()), Some("invalid_config"));
        let nobody = parse(&account("mongodb", &[("url", "mongodb://db")]), Some(&Secret::new("hunter2")));
        assert_eq!(nobody.err().map(|e| e.code()), Some("invalid_config"));
    }
}
