//! Why a command gave no answer, in our own words: a server's sentence may repeat what it was sent.

use super::wire::Unread;
use crate::ConnectError;
use loadline_model::GapReason;

/// Longest part of a server's own sentence that is repeated.
const REPEATED: usize = 160;

/// What kind of refusal it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The user may not run it.
    NotPermitted,
    /// A password is asked for.
    NoPassword,
    /// User name or password are wrong.
    WrongPassword,
    /// The server does not know it: older, renamed, or taken away by a provider.
    Unknown,
    /// The server is loading its data, or runs a script.
    Busy,
    /// No connection is left.
    Full,
    /// Only this machine may connect.
    Protected,
    /// No answer in time.
    Late,
    /// The connection ended or failed.
    Lost,
    /// The answer was larger than we read.
    TooLarge,
    /// Our own load budget is spent.
    Spent,
    /// Not Redis's protocol.
    Garbled,
    /// Anything else.
    Other,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    /// Its kind.
    pub why: Why,
    /// A clause without its full stop.
    pub said: String,
}

impl Refusal {
    /// A refusal with these words.
    pub(super) fn new(why: Why, said: impl Into<String>) -> Self {
        Self { why, said: said.into() }
    }

    /// From an error reply. What the server repeats of a secret is taken out.
    pub(super) fn of_server(text: &str, secret: Option<&str>) -> Self {
        let code = text.split(' ').next().unwrap_or_default();
        let lower = text.to_ascii_lowercase();
        let (why, said) = match code {
            "NOPERM" => (Why::NotPermitted, "this user may not run it"),
            "NOAUTH" => (Why::NoPassword, "a password is asked for"),
            "WRONGPASS" => (Why::WrongPassword, "user name or password are wrong, or the user is off"),
            "LOADING" => (Why::Busy, "it is still loading its data into memory"),
            "BUSY" => (Why::Busy, "it is busy with a script"),
            "DENIED" => (Why::Protected, "it is in protected mode and accepts only connections from its own machine"),
            _ if lower.contains("unknown command") || lower.contains("unknown subcommand") => {
                (Why::Unknown, "the server does not know the command, or its provider took it away")
            }
            _ if lower.contains("max number of clients") => (Why::Full, "every connection is taken (maxclients)"),
            _ if lower.contains("invalid password") || lower.contains("invalid username") => {
                (Why::WrongPassword, "the password is wrong")
            }
            _ if lower.contains("no password is set") || lower.contains("without any password configured") => {
                (Why::WrongPassword, "the server has no password, and one was given")
            }
            _ => return Self::new(Why::Other, repeated(text, secret)),
        };
        Self::new(why, said)
    }

    /// The gap it leaves.
    pub(super) fn reason(&self) -> GapReason {
        match self.why {
            Why::NotPermitted | Why::NoPassword | Why::WrongPassword | Why::Protected => GapReason::PermissionDenied,
            Why::Unknown => GapReason::FeatureDisabled,
            Why::Full | Why::Spent => GapReason::LimitReached,
            Why::Late => GapReason::TimedOut,
            Why::TooLarge => GapReason::Truncated,
            Why::Garbled => GapReason::ParseError,
            Why::Busy | Why::Lost | Why::Other => GapReason::ApiError,
        }
    }

    /// The connection can be used for the next command.
    pub(super) fn keeps_connection(&self) -> bool {
        !matches!(self.why, Why::Late | Why::Lost | Why::TooLarge | Why::Garbled | Why::Protected | Why::Full)
    }

    /// As the reason why an account cannot be connected.
    pub(super) fn explain(self, host: String, encrypted: bool) -> ConnectError {
        let why = self.said;
        match self.why {
            Why::NotPermitted | Why::NoPassword | Why::WrongPassword => ConnectError::Denied { host, why },
            Why::Late => ConnectError::TimedOut { host, seconds: super::session::CONNECT.as_secs() },
            Why::Lost if !encrypted => {
                let why = format!("{why}; where it speaks TLS only, write rediss://");
                ConnectError::Refused { host, why }
            }
            Why::Garbled => {
                let why = "it does not speak Redis's protocol; where it speaks TLS only, write rediss://".to_owned();
                ConnectError::Refused { host, why }
            }
            _ => ConnectError::Refused { host, why },
        }
    }
}

impl From<Unread> for Refusal {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Closed => Self::new(Why::Lost, "it closed the connection"),
            Unread::Failed(why) => Self::new(Why::Lost, why),
            Unread::TooLarge => Self::new(Why::TooLarge, "its answer is larger than Loadline reads"),
            Unread::Garbled => Self::new(Why::Garbled, "its answer is not Redis's protocol"),
        }
    }
}

fn repeated(text: &str, secret: Option<&str>) -> String {
    let mut said: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if let Some(secret) = secret.filter(|s| !s.is_empty()) {
        said = said.replace(secret, "<redacted>");
    }
    let cut: String = said.chars().take(REPEATED).collect();
    cut.trim().trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals() {
        let check = |text: &str, why: Why, reason: GapReason| {
            let refusal = Refusal::of_server(text, Some("hunter2"));
            assert_eq!((refusal.why, refusal.reason()), (why, reason), "{text}");
            assert!(!refusal.said.contains("hunter2") && !refusal.said.ends_with('.'), "{refusal:?}");
        };
        check("NOPERM this user has no permissions to run 'info'", Why::NotPermitted, GapReason::PermissionDenied);
        check("NOAUTH Authentication required.", Why::NoPassword, GapReason::PermissionDenied);
        check("WRONGPASS invalid username-password pair", Why::WrongPassword, GapReason::PermissionDenied);
        check("ERR invalid password", Why::WrongPassword, GapReason::PermissionDenied);
        check("ERR Client sent AUTH, but no password is set", Why::WrongPassword, GapReason::PermissionDenied);
        check(
            "ERR AUTH <password> called without any password configured",
            Why::WrongPassword,
            GapReason::PermissionDenied,
        );
        check(
            "ERR unknown command 'AUTH', with args beginning with: 'hunter2'",
            Why::Unknown,
            GapReason::FeatureDisabled,
        );
        check("ERR something with hunter2 in it.", Why::Other, GapReason::ApiError);
        check("ERR max number of clients reached", Why::Full, GapReason::LimitReached);
        check("DENIED Redis is running in protected mode", Why::Protected, GapReason::PermissionDenied);
        check("LOADING Redis is loading the dataset in memory", Why::Busy, GapReason::ApiError);
    }

    #[test]
    fn a_long_sentence_is_cut() {
        assert_eq!(Refusal::of_server(&"x".repeat(5000), None).said.len(), REPEATED);
    }
}
