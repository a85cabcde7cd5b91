//! Whether a published advisory is about a library at a version, from records in OSV's format
//! (ossf.github.io/osv-schema). Records in, hits out; the files are found elsewhere, and nothing is asked of anybody.

mod affected;
mod cvss;
mod record;
mod version;

pub use affected::Match;
pub use record::{NoRecord, Record};
pub use version::compare;

/// How severe a hole is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// A notice, such as that nobody maintains a library any more.
    Notice,
    /// CVSS 0.1–3.9.
    Low,
    /// CVSS 4.0–6.9.
    Medium,
    /// CVSS 7.0–8.9.
    High,
    /// CVSS 9.0–10.
    Critical,
}

impl Level {
    /// The word people read.
    pub fn word(self) -> &'static str {
        match self {
            Self::Notice => "notice",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

#[cfg(test)]
mod oracle_tests;
#[cfg(test)]
mod tests;
