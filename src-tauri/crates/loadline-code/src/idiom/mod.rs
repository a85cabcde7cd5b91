//! Idioms of code that matter when load grows, recognised in one file at a time. A table of idioms says what each
//! language calls it; the code is the same for all. What is recognised is *likely* or *possible*, never certain.

mod background;
mod endpoint;
mod library;
mod limit;
mod list;
mod local_state;
mod loops;
mod pattern;
mod retry;
mod shared_state;
mod sql;
mod timeout;
mod unbounded;

pub use endpoint::{Endpoint, endpoints};
pub use library::library;

use crate::read::Source;

/// What was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// Work that runs beside requests in the process that serves them.
    BackgroundWork,
    /// A call over the network that may wait for ever.
    CallWithoutTimeout,
    /// A library that stops calling what fails.
    CircuitBreaker,
    /// A library of feature flags.
    FeatureFlags,
    /// A route that says whether the process is well, and looks at what it needs.
    HealthCheckDeep,
    /// A route that says whether the process is well, and looks at nothing.
    HealthCheckShallow,
    /// A route that answers a list, and sets a limit.
    ListLimited,
    /// A route that answers a list without a limit.
    ListUnlimited,
    /// A query in the function that answers a route.
    QueryInHandler,
    /// A query inside a loop.
    QueryInLoop,
    /// A library that limits requests of one client.
    RateLimit,
    /// Retries without a limit or without waiting.
    Retry,
    /// `SELECT *`.
    SelectAll,
    /// Sessions in the memory or on the disk of the process.
    SessionInProcess,
    /// Sessions in a store that every process reaches.
    SessionShared,
    /// A query that reads all rows.
    UnboundedQuery,
    /// Uploads on the local disk.
    UploadOnDisk,
    /// Uploads in a store that every process reaches.
    UploadShared,
}

impl What {
    /// Every idiom, in order.
    pub const ALL: [What; 18] = [
        What::BackgroundWork,
        What::CallWithoutTimeout,
        What::CircuitBreaker,
        What::FeatureFlags,
        What::HealthCheckDeep,
        What::HealthCheckShallow,
        What::ListLimited,
        What::ListUnlimited,
        What::QueryInHandler,
        What::QueryInLoop,
        What::RateLimit,
        What::Retry,
        What::SelectAll,
        What::SessionInProcess,
        What::SessionShared,
        What::UnboundedQuery,
        What::UploadOnDisk,
        What::UploadShared,
    ];

    /// The word of facts.
    pub fn word(self) -> &'static str {
        match self {
            What::BackgroundWork => "background_work",
            What::CallWithoutTimeout => "call_without_timeout",
            What::CircuitBreaker => "circuit_breaker",
            What::FeatureFlags => "feature_flags",
            What::HealthCheckDeep => "health_check_deep",
            What::HealthCheckShallow => "health_check_shallow",
            What::ListLimited => "list_limited",
            What::ListUnlimited => "list_unlimited",
            What::QueryInHandler => "query_in_handler",
            What::QueryInLoop => "query_in_loop",
            What::RateLimit => "rate_limit",
            What::Retry => "retry",
            What::SelectAll => "select_all",
            What::SessionInProcess => "session_in_process",
            What::SessionShared => "session_shared",
            What::UnboundedQuery => "unbounded_query",
            What::UploadOnDisk => "upload_on_disk",
            What::UploadShared => "upload_shared",
        }
    }
}

/// Something recognised at a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Idiom {
    /// What.
    pub what: What,
    /// Path in the repository.
    pub path: String,
    /// Line, from 1.
    pub line: u32,
    /// The words of the source leave little else to think (`true`), or it is one of several readings (`false`).
    pub likely: bool,
    /// How it was recognised: a clause without full stop. It holds names of the language and its libraries, no text of
    /// the file.
    pub how: String,
}

impl Idiom {
    /// Retries that come one right after the other. Others of [`What::Retry`] wait but never end.
    pub fn never_waits(&self) -> bool {
        self.what == What::Retry && retry::NEVER_WAITS.iter().any(|words| self.how.contains(words))
    }
}

/// Everything recognised in a file, by kind and line; each once a line.
pub fn idioms(source: &Source<'_>) -> Vec<Idiom> {
    let mut found = Vec::new();
    timeout::find(source, &mut found);
    retry::find(source, &mut found);
    local_state::find(source, &mut found);
    shared_state::find(source, &mut found);
    background::find(source, &mut found);
    loops::find(source, &mut found);
    sql::find(source, &mut found);
    unbounded::find(source, &mut found);
    list::find(source, &mut found);
    library::find(source, &mut found);
    found.sort_by(|a, b| (a.what, a.line, !a.likely, &a.how).cmp(&(b.what, b.line, !b.likely, &b.how)));
    found.dedup_by(|a, b| (a.what, a.line) == (b.what, b.line));
    found
}

#[cfg(test)]
pub(crate) mod cases {
    //! One planted file a line, for the tables of the idioms.
    use super::{What, idioms};

    /// The lines of an idiom in a text, with `?` where it is only possible.
    pub(crate) fn lines(what: What, path: &str, text: &str) -> String {
        let source = crate::read(path, text.as_bytes()).expect("a language").expect("readable");
        assert_eq!(source.lost_lines, 0, "{path} parses: {text}");
        let said = |i: &super::Idiom| format!("{}{}", i.line, if i.likely { "" } else { "?" });
        idioms(&source).iter().filter(|i| i.what == what).map(said).collect::<Vec<_>>().join(" ")
    }

    /// A table of path, text and expected lines.
    pub(crate) fn table(what: What, cases: &[(&str, &str, &str)]) {
        for (path, text, expected) in cases {
            assert_eq!(lines(what, path, text), *expected, "{what:?} in {path}:\n{text}");
        }
    }
}
