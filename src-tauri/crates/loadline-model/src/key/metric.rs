//! Names of metrics in series and distributions.

/// Distribution (s): server-side duration of requests; labels `route`, `method`.
pub const REQUEST_DURATION: &str = "http.server.request.duration";
/// Gauge (1/s): requests per second; without labels: the whole service. This is *demand*.
pub const REQUEST_RATE: &str = "http.server.request_rate";
/// Gauge (ratio): failed requests over all requests; label `route` optional.
pub const ERROR_RATIO: &str = "http.server.error_ratio";
/// Gauge (ratio): success of a journey; subject: the journey.
pub const JOURNEY_SUCCESS: &str = "journey.success_ratio";
/// Gauge (s): replay lag of a standby; label `standby`.
pub const REPLICA_LAG: &str = "db.replica_lag";
/// Gauge (bytes): size of a table with indexes and TOAST; subject: the table.
pub const TABLE_BYTES: &str = "db.table_bytes";
/// Gauge (sessions): sessions at work at once.
pub const ACTIVE_SESSIONS: &str = "db.active_sessions";
/// Gauge (ratio): buffer hit ratio.
pub const BUFFER_HIT_RATIO: &str = "db.buffer_hit_ratio";
/// Gauge (ratio): cache hit ratio.
pub const CACHE_HIT_RATIO: &str = "cache.hit_ratio";
/// Gauge (1/s): read plus write operations of a store's disk.
pub const DISK_OPERATIONS: &str = "disk.operations";
/// Gauge (s): latency of disk reads of a store.
pub const DISK_READ_LATENCY: &str = "disk.read_latency";
/// Gauge (s): oldest message in a queue.
pub const QUEUE_AGE: &str = "queue.oldest_age";
/// Gauge (count): messages waiting.
pub const QUEUE_DEPTH: &str = "queue.depth";
/// Gauge (1/s): messages put into a queue.
pub const QUEUE_IN: &str = "queue.in_rate";
/// Gauge (1/s): messages finished.
pub const QUEUE_OUT: &str = "queue.out_rate";
/// Gauge (ratio): share of static requests that a CDN answered.
pub const CDN_HIT_RATIO: &str = "cdn.hit_ratio";
/// Gauge (currency, monthly): revenue; compared with cost.
pub const REVENUE: &str = "business.revenue";
/// Gauge (count): active users.
pub const ACTIVE_USERS: &str = "business.active_users";
