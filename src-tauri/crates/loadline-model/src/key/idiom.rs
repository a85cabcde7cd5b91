//! Words of idioms in source text ([`crate::CodeIdiom`]).

/// Work that runs beside requests in the process that serves them.
pub const BACKGROUND_WORK: &str = "background_work";
/// A call over the network that may wait for ever.
pub const CALL_WITHOUT_TIMEOUT: &str = "call_without_timeout";
/// A statement of a migration that loses data.
pub const DESTRUCTIVE_MIGRATION: &str = "destructive_migration";
/// A route that answers a list, and sets a limit.
pub const LIST_LIMITED: &str = "list_limited";
/// A route that answers a list without a limit.
pub const LIST_UNLIMITED: &str = "list_unlimited";
/// A query in the function that answers a route.
pub const QUERY_IN_HANDLER: &str = "query_in_handler";
/// A query inside a loop.
pub const QUERY_IN_LOOP: &str = "query_in_loop";
/// Retries without a limit or without waiting.
pub const RETRY: &str = "retry";
