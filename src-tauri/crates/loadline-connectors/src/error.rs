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
    /// TLS could not be verified.
    #[error("The TLS certificate of {host} could not be verified: {why}. Add its certificate authority as `ca_file`.")]
    Tls {
        /// Host and port.
        host: String,
        /// What happened.
        why: String,
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

    /// A configuration value that cannot be used.
    pub(crate) fn config(key: &str, why: impl Into<String>) -> Self {
        Self::InvalidConfig { key: key.to_owned(), why: why.into() }
    }
}
