//! Words of idioms in source text ([`crate::CodeIdiom`]).

/// Work that runs beside requests in the process that serves them.
pub const BACKGROUND_WORK: &str = "background_work";
/// A call over the network that may wait for ever.
pub const CALL_WITHOUT_TIMEOUT: &str = "call_without_timeout";
/// A library that stops calling what fails.
pub const CIRCUIT_BREAKER: &str = "circuit_breaker";
/// A statement of a migration that loses data.
pub const DESTRUCTIVE_MIGRATION: &str = "destructive_migration";
/// A library of feature flags.
pub const FEATURE_FLAGS: &str = "feature_flags";
/// A route that answers a list, and sets a limit.
pub const LIST_LIMITED: &str = "list_limited";
/// A route that answers a list without a limit.
pub const LIST_UNLIMITED: &str = "list_unlimited";
/// A query in the function that answers a route.
pub const QUERY_IN_HANDLER: &str = "query_in_handler";
/// A query inside a loop.
pub const QUERY_IN_LOOP: &str = "query_in_loop";
/// A library that limits requests of one client.
pub const RATE_LIMIT: &str = "rate_limit";
/// Retries without a limit or without waiting.
pub const RETRY: &str = "retry";
/// `SELECT *`.
pub const SELECT_ALL: &str = "select_all";
/// A query that reads all rows.
pub const UNBOUNDED_QUERY: &str = "unbounded_query";
