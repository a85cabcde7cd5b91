//! Which addresses may be asked: those a person typed, never those of machine metadata.

use crate::ConnectError;
use loadline_model::Account;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use url::{Host, Url};

/// The account's `url`, checked.
pub(super) fn base(account: &Account) -> Result<Url, ConnectError> {
    let text = account.config.get("url").map(|u| u.trim()).filter(|u| !u.is_empty());
    checked("url", text.ok_or_else(|| ConnectError::config("url", "it is missing"))?)
}

/// An address that may be asked: http(s), without user, password or query, and not of machine metadata.
pub(super) fn checked(key: &str, text: &str) -> Result<Url, ConnectError> {
    let url = Url::parse(text).map_err(|e| ConnectError::config(key, e.to_string()))?;
    if url.password().is_some() {
        return Err(ConnectError::PasswordInUrl { key: key.to_owned() });
    }
    if !url.username().is_empty() {
        return Err(ConnectError::config(key, "it names a user; use the setting `username`"));
    }
    if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
        return Err(ConnectError::config(key, "write http(s)://host:port/path, without query"));
    }
    let metadata = match url.host() {
        Some(Host::Ipv4(ip)) => is_metadata(IpAddr::V4(ip)),
        Some(Host::Ipv6(ip)) => is_metadata(IpAddr::V6(ip)),
        Some(Host::Domain(_)) => false,
        None => return Err(ConnectError::config(key, "it names no host")),
    };
    if metadata {
        return Err(ConnectError::config(key, "link-local addresses serve machine metadata and are never asked"));
    }
    Ok(url)
}

/// Host and port.
pub(super) fn host(url: &Url) -> String {
    let port = url.port_or_known_default().map(|p| format!(":{p}")).unwrap_or_default();
    format!("{}{port}", url.host_str().unwrap_or_default())
}

/// This machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// 169.254.0.0/16, fe80::/10 and the metadata address fd00:ec2::254.
fn is_metadata(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => v4.is_link_local(),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => v4.is_link_local(),
            None => v6.is_unicast_link_local() || v6 == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254),
        },
    }
}

/// The system's name resolution without the addresses of machine metadata.
pub(super) struct PublicOrPrivate;

impl Resolve for PublicOrPrivate {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|a| !is_metadata(a.ip())).collect();
            if allowed.is_empty() {
                return Err("the name has no address that may be asked".into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_never_asked() {
        for bad in ["169.254.169.254", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254"] {
            assert!(is_metadata(bad.parse().expect("an address")), "{bad}");
        }
        for good in ["10.0.0.1", "127.0.0.1", "fd00::1", "8.8.8.8"] {
            assert!(!is_metadata(good.parse().expect("an address")), "{good}");
        }
    }
}
