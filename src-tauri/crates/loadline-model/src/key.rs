//! The names of settings and metrics: the contract between connectors, which write them, and stages, which read them.
//! Values are [`crate::Value`]; the unit or type is stated at each key. A key nobody supplied is unknown, never zero.

macro_rules! keys {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub const $name: &str = $text;)+
        /// Every setting key of the vocabulary.
        pub const ALL: &[&str] = &[$($text),+];
    };
}

keys! {
    // Journeys and policy, usually stated by a person.
    /// number: weight of a journey by traffic or revenue; normalised over all journeys.
    JOURNEY_WEIGHT = "journey.weight";
    /// bool: the journey is critical (default true); what is hard on its path is T0.
    JOURNEY_CRITICAL = "journey.critical";
    /// text: metric name that measures the success of the journey.
    JOURNEY_SUCCESS_METRIC = "journey.success_metric";
    /// number (minutes): declared recovery point objective of a store.
    RPO_MINUTES = "rpo_minutes";
    /// number (minutes): declared recovery time objective of a store.
    RTO_MINUTES = "rto_minutes";

    // Services and members.
    /// number: members wanted now.
    DESIRED_MEMBERS = "members.desired";
    /// number: least members the scaler keeps.
    MINIMUM_MEMBERS = "members.minimum";
    /// number: most members the scaler allows.
    MAXIMUM_MEMBERS = "members.maximum";
    /// bool: the platform keeps it redundant (serverless, scale to zero).
    PLATFORM_REDUNDANT = "platform_redundant";
    /// number (seconds): from alarm to a serving new member.
    SCALE_OUT_SECONDS = "scale_out_seconds";
    /// text: `cpu`, `requests`, `latency`, `schedule`, `none`.
    SCALING_SIGNAL = "scaling.signal";
    /// bool: sessions live in the process.
    SESSIONS_IN_PROCESS = "sessions.in_process";
    /// bool: uploads live on the local disk.
    UPLOADS_ON_DISK = "uploads.on_disk";
    /// number: unplanned restarts in 30 days.
    UNPLANNED_RESTARTS_30D = "restarts.unplanned_30d";
    /// text per scheduler: `web_process`, `one_host`, `cluster`, `platform`; item = job.
    SCHEDULE_RUNS_IN = "schedule.runs_in";
    /// number per job: scheduled runs missed in a row; item = job.
    SCHEDULE_MISSED_RUNS = "schedule.missed_runs";

    // Entry points and external providers.
    /// bool: the balancer checks the health of its targets.
    HEALTH_CHECKS = "health_checks";
    /// bool: the readiness check touches what the service needs, not only the process.
    HEALTH_CHECK_DEEP = "health_check.deep";
    /// number: addresses or targets behind an entry point, healthy or not.
    ENTRY_TARGETS = "entry.targets";
    /// number: healthy targets behind a balancer.
    HEALTHY_TARGETS = "entry.healthy_targets";
    /// bool: a provider runs this entry (managed balancer, anycast, CDN).
    ENTRY_MANAGED = "entry.managed";
    /// number (minutes): interval of a scripted journey check.
    SYNTHETIC_INTERVAL_MINUTES = "synthetic.interval_minutes";
    /// bool: the scripted check asserts content, not only status.
    SYNTHETIC_ASSERTS_CONTENT = "synthetic.asserts_content";
    /// bool: calls to this external provider have a timeout.
    EXTERNAL_TIMEOUT = "external.timeout";
    /// text: `none`, `queue`, `cache`, `second_provider`, `degrade`.
    EXTERNAL_FALLBACK = "external.fallback";
    /// number (0–1): contractual or observed availability.
    EXTERNAL_AVAILABILITY = "external.availability";
    /// bool: a NAT or egress is regional (true) or lies in one zone.
    EGRESS_REGIONAL = "egress.regional";

    // Any store.
    /// text: `user_data`, `rebuildable`, `cache`, `sessions`, `queue`.
    STORE_ROLE = "store.role";
    /// bool: another node takes over by itself.
    AUTOMATIC_FAILOVER = "failover.automatic";
    /// number: standby or electable members besides the primary.
    STANDBY_MEMBERS = "failover.standby_members";
    /// number: votes in the quorum group.
    QUORUM_VOTES = "quorum.votes";
    /// number: healthy voting members now.
    QUORUM_HEALTHY = "quorum.healthy";
    /// bool: messages are replicated over brokers.
    QUEUE_REPLICATED = "queue.replicated";
    /// bool: automatic backups are on.
    BACKUP_ENABLED = "backup.enabled";
    /// number (days): how long backups are kept.
    BACKUP_RETENTION_DAYS = "backup.retention_days";
    /// bool: point-in-time recovery is on.
    PITR_ENABLED = "pitr.enabled";
    /// number (hours): how far back point-in-time recovery reaches.
    PITR_WINDOW_HOURS = "pitr.window_hours";
    /// bool: one copy lies outside the production account or region.
    BACKUP_ISOLATED = "backup.isolated_copy";
    /// bool: at least one copy cannot be changed or deleted for a time.
    BACKUP_IMMUTABLE = "backup.immutable";
    /// bool: one principal may delete both data and backups.
    BACKUP_SAME_PRINCIPAL = "backup.same_principal";
    /// bool: deletion is protected.
    DELETION_PROTECTION = "deletion_protection";
    /// bool: deployments run schema migrations by themselves.
    MIGRATIONS_AUTOMATIC = "migrations.automatic";

    // Relational databases.
    /// number: most client connections.
    MAX_CONNECTIONS = "db.max_connections";
    /// number: connections reserved for administrators.
    RESERVED_CONNECTIONS = "db.reserved_connections";
    /// number: client connections in use at the time of reading.
    CONNECTIONS_IN_USE = "db.connections_in_use";
    /// number: refused connections in 7 days.
    CONNECTIONS_REFUSED_7D = "db.connections_refused_7d";
    /// number (1/s): new sessions per second.
    NEW_SESSIONS_PER_SECOND = "db.new_sessions_per_second";
    /// bool: a pooler stands before the database.
    POOLER_PRESENT = "db.pooler_present";
    /// bool: per-statement statistics are collected.
    STATEMENT_STATISTICS = "db.statement_statistics";
    /// number (ms): slow-statement log threshold; -1 off.
    SLOW_LOG_THRESHOLD_MS = "db.slow_log_threshold_ms";
    /// number: statement shapes evicted since the last reset.
    STATEMENTS_EVICTED = "db.statements_evicted";
    /// number (hours): length of the statement statistics' window.
    STATEMENT_WINDOW_HOURS = "db.statement_window_hours";
    /// number (0–1): buffer hit ratio since the statistics' start.
    BUFFER_HIT_RATIO = "db.buffer_hit_ratio";
    /// bool: autovacuum runs.
    AUTOVACUUM = "db.autovacuum";
    /// number (rows): autovacuum threshold.
    AUTOVACUUM_THRESHOLD = "db.autovacuum_threshold";
    /// number (0–1): autovacuum scale factor.
    AUTOVACUUM_SCALE_FACTOR = "db.autovacuum_scale_factor";
    /// number: age of the oldest transaction id.
    TRANSACTION_ID_AGE = "db.xid_age";
    /// number: age at which vacuum is forced.
    FREEZE_MAX_AGE = "db.freeze_max_age";
    /// number: deadlocks since the statistics' start.
    DEADLOCKS = "db.deadlocks";
    /// number (hours): length of the database statistics' window.
    STATISTICS_WINDOW_HOURS = "db.statistics_window_hours";
    /// number (bytes): temporary files since the statistics' start.
    TEMP_BYTES = "db.temp_bytes";
    /// number (ms): effective statement timeout, 0 off; item = role.
    STATEMENT_TIMEOUT_MS = "db.statement_timeout_ms";
    /// number (ms): idle-in-transaction timeout, 0 off; item = role.
    IDLE_IN_TRANSACTION_TIMEOUT_MS = "db.idle_in_transaction_timeout_ms";
    /// number (ms): lock timeout, 0 off; item = role.
    LOCK_TIMEOUT_MS = "db.lock_timeout_ms";
    /// bool: commits are flushed to disk.
    FSYNC = "db.fsync";
    /// bool: torn pages are prevented.
    FULL_PAGE_WRITES = "db.full_page_writes";
    /// text: `on`, `off`, `local`, `remote_write`, `remote_apply`.
    SYNCHRONOUS_COMMIT = "db.synchronous_commit";
    /// text: default write concern (`majority`, `1`, `0`).
    WRITE_CONCERN = "db.write_concern";
    /// bool: log archiving is on.
    ARCHIVE_ON = "db.archive_on";
    /// number: archive failures since the last success.
    ARCHIVE_FAILURES = "db.archive_failures";
    /// number (bytes): log retained by a slot; item = slot.
    SLOT_RETAINED_BYTES = "db.slot_retained_bytes";
    /// bool: the slot is in use; item = slot.
    SLOT_ACTIVE = "db.slot_active";
    /// text: `reserved`, `extended`, `unreserved`, `lost`; item = slot.
    SLOT_WAL_STATUS = "db.slot_wal_status";
    /// number (bytes): most log a slot may keep; -1 unlimited.
    SLOT_KEEP_LIMIT_BYTES = "db.slot_keep_limit_bytes";
    /// number (hours): window of the operation log.
    OPLOG_WINDOW_HOURS = "db.oplog_window_hours";
    /// number (bytes): size of the database.
    DATABASE_BYTES = "db.bytes";
    /// number (0–1): share of an integer key's range used; item = sequence or column.
    SEQUENCE_USED = "db.sequence_used";
    /// bool: reachable from the whole internet.
    PUBLICLY_REACHABLE = "db.publicly_reachable";
    /// number (seconds): replay lag at the time of reading; item = standby.
    REPLICA_LAG_SECONDS = "db.replica_lag_seconds";
    /// bool: this server is a standby.
    IS_STANDBY = "db.is_standby";
    /// bool: a replica exists that serves reads.
    READ_REPLICA_USED = "db.read_replica_used";
    /// number: database calls per request at p95; item = route.
    DB_CALLS_PER_REQUEST = "db.calls_per_request";

    // Caches and queues.
    /// bool: append-only persistence is on.
    AOF_ENABLED = "cache.aof_enabled";
    /// bool: last save and last write succeeded.
    LAST_SAVE_OK = "cache.last_save_ok";
    /// number (minutes): age of the last snapshot.
    SNAPSHOT_AGE_MINUTES = "cache.snapshot_age_minutes";
    /// text: eviction policy.
    EVICTION_POLICY = "cache.eviction_policy";
    /// number (0–1): hit ratio.
    HIT_RATIO = "cache.hit_ratio";

    // Observability.
    /// bool: requests are traced across hops.
    TRACING = "obs.tracing";
    /// number (days): how long logs are kept.
    LOG_RETENTION_DAYS = "obs.log_retention_days";
    /// bool: logs are structured.
    LOGS_STRUCTURED = "obs.logs_structured";
    /// text: expression of a recording rule or panel; item = its name.
    RECORDING_RULE = "obs.recording_rule";
    /// bool: an alerting system was read completely.
    ALERTING_READ = "obs.alerting_read";
    /// number: pages per 12-hour shift over the last 28 days.
    PAGES_PER_SHIFT = "obs.pages_per_shift";
    /// number (0–1): share of alerts resolved without action.
    ALERTS_WITHOUT_ACTION = "obs.alerts_without_action";

    // Capacity.
    /// bool: the disk grows by itself.
    DISK_AUTOGROWTH = "capacity.disk_autogrowth";
    /// number (0–1): burst credits left.
    BURST_BALANCE = "capacity.burst_balance";
    /// number: out-of-memory kills in 30 days.
    OOM_KILLS_30D = "capacity.oom_kills_30d";
    /// number (ms): event-loop lag p99.
    EVENT_LOOP_LAG_P99_MS = "capacity.event_loop_lag_p99_ms";
    /// number (0–1): usage of a provider quota; item = quota.
    QUOTA_USED = "capacity.quota_used";
    /// number: worker processes per member.
    PROCESSES_PER_MEMBER = "pool.processes_per_member";
    /// number: most connections one process opens.
    POOL_MAX_PER_PROCESS = "pool.max_per_process";
}

/// Names of metrics in series and distributions.
pub mod metric {
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
    /// Gauge (count): active users.
    pub const ACTIVE_USERS: &str = "business.active_users";
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_are_unique() {
        let mut keys = super::ALL.to_vec();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), super::ALL.len());
    }
}
