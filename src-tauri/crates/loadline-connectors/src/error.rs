//! Why an account could not be connected: a stable code and a sentence each.

use thiserror::Error;

/// Why an account could not be connected. Messages hold no secret and no password of an address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConnectError {
    /// A configuration value is missing or wrong.
    #[error("The setting `{key}` cannot be used: {why}.")]
    InvalidConfig {
        /// Which.
        key: String,
        /// Why, ending without a full stop.
        why: String,
    },
    /// An address carries a password.
    #[error(
        "The address in `{key}` contains a password. Remove it and give the secret separately, so that it is kept in the keychain."
    )]
    PasswordInUrl {
        /// Which setting.
        key: String,
    },
    /// The source cannot be reached.
    #[error("{host} cannot be reached: {why}. Check the address, the network and the firewall.")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What happened.
        why: String,
    },
    /// The source did not answer in time.
    #[error("{host} did not answer within {seconds} s. Check the network, or a firewall that drops packets.")]
    TimedOut {
        /// Host and port.
        host: String,
        /// How long we waited.
        seconds: u64,
    },
    /// An encrypted connection could not be made or trusted, or is the only one that is accepted.
    #[error("TLS with {host} failed: {why}. {closes}")]
    Tls {
        /// Host and port.
        host: String,
        /// What happened.
        why: String,
        /// What to do.
        closes: &'static str,
    },
    /// The credentials were refused.
    #[error("{host} refused the credentials: {why}. Check user name and secret.")]
    Denied {
        /// Host and port.
        host: String,
        /// What happened.
        why: String,
    },
    /// The session would not be read-only.
    #[error("{host} did not accept a read-only session: {why}. Connect to the database itself, not to a pooler.")]
    NotReadOnly {
        /// Host and port.
        host: String,
        /// What happened.
        why: String,
    },
    /// The source answered, but not as expected.
    #[error("{host} answered with an error: {why}.")]
    Refused {
        /// Host and port.
        host: String,
        /// What happened.
        why: String,
    },
}

impl ConnectError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::InvalidConfig { .. } => "invalid_config",
            Self::PasswordInUrl { .. } => "password_in_url",
            Self::Unreachable { .. } => "unreachable",
            Self::TimedOut { .. } => "timed_out",
            Self::Tls { .. } => "tls_failed",
            Self::Denied { .. } => "authentication_failed",
            Self::NotReadOnly { .. } => "session_not_read_only",
            Self::Refused { .. } => "source_error",
        }
    }

    /// A handshake that failed, from what was said about it; `without` says what to do where the other side speaks no TLS.
    pub(crate) fn tls(host: String, said: &str, without: &'static str) -> Self {
        let (why, closes) = handshake(said, without);
        Self::Tls { host, why, closes }
    }

    /// A configuration value that cannot be used.
    pub(crate) fn config(key: &str, why: impl Into<String>) -> Self {
        Self::InvalidConfig { key: key.to_owned(), why: why.into() }
    }
}

/// What rustls or a driver says of a failed handshake, in plain words, and what to do about it.
pub(crate) fn handshake(said: &str, without: &'static str) -> (String, &'static str) {
    let lower = said.to_ascii_lowercase();
    let has = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
    match () {
        () if has(&["expired"]) => ("its certificate has expired".to_owned(), "Renew the server's certificate."),
        () if has(&["not valid yet", "notvalidyet"]) => {
            ("its certificate is not valid yet".to_owned(), "Compare the clocks of both machines.")
        }
        () if has(&["not valid for name", "notvalidforname"]) => {
            (said.to_owned(), "Connect by a name that the certificate holds, or have it issued for this one.")
        }
        () if has(&["does not support tls", "speaks no tls", "invalidcontenttype", "no answer"]) => {
            let why = if lower.contains("no answer") { said } else { "the server does not speak TLS" };
            (why.to_owned(), without)
        }
        () if has(&["certificate", "unknownissuer"]) => {
            (said.to_owned(), "Add its certificate authority as `ca_file`.")
        }
        () => (said.to_owned(), "Check that server and account allow TLS 1.2 or newer."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_handshake_says_what_to_do() {
        let check = |said: &str, words: &[&str]| {
            let error = ConnectError::tls("db:5432".into(), said, "Turn TLS on.");
            let sentence = error.to_string();
            assert!(words.iter().all(|w| sentence.contains(w)), "{sentence}");
            assert_eq!((error.code(), sentence.matches("..").count()), ("tls_failed", 0), "{sentence}");
        };
        let expired = "invalid peer certificate: certificate expired: verification time 1 (UNIX), but certificate is not valid after 0";
        check(expired, &["has expired.", "Renew"]);
        check("invalid peer certificate: UnknownIssuer", &["UnknownIssuer", "`ca_file`"]);
        check("invalid peer certificate: certificate not valid for name \"db\"", &["not valid for name", "issued"]);
        check("server does not support TLS", &["does not speak TLS.", "Turn TLS on."]);
        check("received corrupt message of type InvalidContentType", &["does not speak TLS.", "Turn TLS on."]);
        check("received fatal alert: ProtocolVersion", &["ProtocolVersion.", "TLS 1.2"]);
    }
}
