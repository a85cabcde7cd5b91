//! The names of settings and metrics: the contract between connectors, which write them, and stages, which read them.
//! Values are [`crate::Value`]; the unit or type is stated at each key. A key nobody supplied is unknown, never zero.

macro_rules! keys {
    ($(#[$list_doc:meta])* $list:ident: $($(#[$doc:meta])* $name:ident = $text:literal;)+) => {
        $($(#[$doc])* pub const $name: &str = $text;)+
        $(#[$list_doc])*
        pub const $list: &[&str] = &[$($text),+];
    };
}

mod code;
pub mod idiom;
pub mod metric;
mod people;

pub use code::*;
pub use people::*;

/// Every setting key of the vocabulary, in lists.
pub const ALL: &[&[&str]] = &[GENERAL, CODE, PEOPLE];

keys! {
    /// Every setting key that is not about code.
    GENERAL:
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
    /// number (0–1): utilisation the scaler aims at (AWS target tracking 70 % is 0.7; the HPA's averageUtilization).
    SCALING_TARGET = "scaling.target";
    /// number: most scaling actions in one hour of the last 7 days (scaling activities, HPA events).
    SCALING_ACTIONS_PER_HOUR = "scaling.actions_per_hour";
    /// number (minutes): longest stretch at the maximum in the last 7 days.
    AT_MAXIMUM_MINUTES_7D = "scaling.at_maximum_minutes_7d";
    /// number: failed scaling activities in 7 days.
    SCALING_FAILURES_7D = "scaling.failures_7d";
    /// number (1/s): requests a second that one member was measured to serve within the objective (load test, fit).
    MEMBER_CAPACITY = "members.capacity_per_second";
    /// number: processor cores (vCPU) of one member.
    CORES_PER_MEMBER = "members.cores";
    /// bool: a member receives requests only after it said that it is ready.
    READINESS_CHECK = "members.readiness_check";
    /// number (seconds): time that running requests get before a member stops; 0 none (deregistration delay, preStop).
    DRAIN_SECONDS = "members.drain_seconds";
    /// bool: every container reserves CPU and memory.
    RESOURCES_RESERVED = "members.resources_reserved";
    /// number (0–1): share of scheduler periods in which CPU was throttled; 0 where the platform sets no CPU limit.
    CPU_THROTTLED = "members.cpu_throttled";
    /// text: what members start from: `image`, `machine_image`, `function`, `none`.
    ARTEFACT = "deploy.artefact";
    /// bool: what runs is named by a tag that can change, such as `latest`, instead of a digest or version.
    ARTEFACT_MUTABLE = "deploy.artefact_mutable";
    /// number: interactive sessions that changed production members in 30 days (SSH, Session Manager).
    INTERACTIVE_CHANGES_30D = "deploy.interactive_changes_30d";
    /// bool: a bad version is rolled back by itself, by health or metrics (ECS circuit breaker, CodeDeploy, Argo Rollouts).
    AUTOMATIC_ROLLBACK = "deploy.automatic_rollback";
    /// text: `recreate`, `in_place`, `rolling`, `blue_green`, `canary`, as configured.
    DEPLOY_STRATEGY = "deploy.strategy";
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
    /// bool: users are pinned to one member; item = target group where a balancer has several.
    STICKY_SESSIONS = "entry.sticky_sessions";
    /// bool: each zone's part of a balancer sends to targets of every zone; item = target group where it has a setting
    /// of its own.
    CROSS_ZONE = "entry.cross_zone";
    /// bool: requests of one client are limited; item = `login` or `payment` where these have limits of their own.
    RATE_LIMITED = "entry.rate_limited";
    /// text: managed rules of a web application firewall: `block`, `count` (seen, not stopped), `none`.
    FIREWALL = "entry.firewall";
    /// number (0–1): share of requests at the origin that ask for static files.
    STATIC_REQUESTS = "entry.static_requests_share";
    /// number (0–1): share of bytes from the origin that are static files.
    STATIC_BYTES = "entry.static_bytes_share";
    /// number (0–1): share of static requests that the CDN answered over the last day.
    CDN_HIT_RATIO = "cdn.hit_ratio";
    /// number (0–1): share of the most requested static files whose headers forbid or shorten caching.
    CDN_UNCACHEABLE = "cdn.uncacheable_share";
    /// bool: the CDN compresses text.
    CDN_COMPRESSES = "cdn.compresses";
    /// bool: the origin answers requests that did not pass the CDN (security group open to the world).
    ORIGIN_EXPOSED = "cdn.origin_exposed";
    /// bool: a second origin or a stale answer serves when the origin fails.
    ORIGIN_FAILOVER = "cdn.origin_failover";
    /// number (seconds): total timeout of calls from this service, 0 none; item = id of what is called.
    CALL_TIMEOUT_SECONDS = "call.timeout_seconds";
    /// number: attempts per logical call in steady state (1 = no retries).
    CALL_ATTEMPTS = "call.attempts";
    /// number: most attempts one call can grow to, multiplied over the layers that retry.
    CALL_ATTEMPTS_MOST = "call.attempts_most";
    /// bool: retries wait longer each time, with jitter.
    CALL_BACKOFF = "call.backoff";
    /// bool: a request that is not idempotent is retried.
    CALL_RETRIES_UNSAFE = "call.retries_unsafe";
    /// number: requests a service works on at once before it refuses or queues a bounded number; 0 unlimited.
    CONCURRENCY_LIMIT = "load.concurrency_limit";
    /// number (bytes): largest request body that is accepted; 0 unlimited.
    BODY_LIMIT_BYTES = "load.body_limit_bytes";
    /// bool: a stress test showed that answered requests fall while offered load rises.
    GOODPUT_COLLAPSES = "load.goodput_collapses";
    /// number (0–1): share of a route's time at p95 that could be done after the answer (mail, images, reports);
    /// item = route.
    OFFLOADABLE_SHARE = "request.offloadable_share";
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
    /// bool: calls to this provider stop by a circuit breaker, or use a pool of their own.
    EXTERNAL_BREAKER = "external.breaker";
    /// number: episodes in 90 days in which more than 5 % of calls to this provider failed.
    EXTERNAL_ERROR_EPISODES_90D = "external.error_episodes_90d";
    /// bool: a NAT or egress is regional (true) or lies in one zone.
    EGRESS_REGIONAL = "egress.regional";

    // Any store.
    /// text: `user_data`, `rebuildable`, `cache`, `sessions`, `queue`; item = logical database or key prefix where one
    /// instance holds several.
    STORE_ROLE = "store.role";
    /// bool: another node takes over by itself.
    AUTOMATIC_FAILOVER = "failover.automatic";
    /// number: standby or electable members besides the primary.
    STANDBY_MEMBERS = "failover.standby_members";
    /// number: votes in the quorum group.
    QUORUM_VOTES = "quorum.votes";
    /// number: healthy voting members now.
    QUORUM_HEALTHY = "quorum.healthy";
    /// number: votes that must agree, where it is configured apart from the majority (Redis Sentinel's quorum).
    QUORUM_NEEDED = "quorum.needed";
    /// bool: messages are replicated over brokers.
    QUEUE_REPLICATED = "queue.replicated";
    /// bool: automatic backups are on.
    BACKUP_ENABLED = "backup.enabled";
    /// bool: a plan of a backup service that is not the store's own covers it (AWS Backup).
    BACKUP_PLANNED = "backup.planned";
    /// text: when a plan makes backups, as its service writes it; item = plan and rule.
    BACKUP_SCHEDULE = "backup.schedule";
    /// text: account and region that a plan copies backups to; item = plan and rule.
    BACKUP_COPIED_TO = "backup.copied_to";
    /// text: when restores are tested, as the service writes it; item = plan.
    RESTORE_TEST_SCHEDULE = "restore.test_schedule";
    /// number (days): how long backups are kept; item = plan and rule where a plan says so.
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
    /// number: the client connections in use of one user; item = user.
    CONNECTIONS_OF = "db.connections_of";
    /// number: the client connections in use of one program, as it names itself; item = program.
    CONNECTIONS_OF_PROGRAM = "db.connections_of_program";
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
    /// number: sessions at work at once on average over the last day, as the provider measured them.
    ACTIVE_SESSIONS = "db.active_sessions";
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
    /// bool: connections without TLS are refused.
    TLS_REQUIRED = "db.tls_required";
    /// bool: reachable from the whole internet.
    PUBLICLY_REACHABLE = "db.publicly_reachable";
    /// bool: nobody comes in without credentials.
    AUTHENTICATION_REQUIRED = "db.authentication_required";
    /// number (seconds): replay lag at the time of reading; item = standby.
    REPLICA_LAG_SECONDS = "db.replica_lag_seconds";
    /// bool: a standby receives and applies changes at the time of reading; item = standby.
    REPLICATION_RUNNING = "db.replication_running";
    /// number (bytes): how far a copy is behind in the log; item = standby.
    REPLICA_LAG_BYTES = "db.replica_lag_bytes";
    /// number: timeline of the cluster, raised by every promotion.
    TIMELINE = "db.timeline";
    /// number (0–1): share of checkpoints that were forced by the volume of log, since the statistics' start.
    CHECKPOINTS_FORCED = "db.checkpoints_forced";
    /// number (minutes): mean time between checkpoints since the statistics' start.
    CHECKPOINT_INTERVAL_MINUTES = "db.checkpoint_interval_minutes";
    /// number (bytes): volume of log that forces a checkpoint (max_wal_size).
    CHECKPOINT_LOG_BYTES = "db.checkpoint_log_bytes";
    /// bool: this server is a standby.
    IS_STANDBY = "db.is_standby";
    /// bool: a replica exists that serves reads.
    READ_REPLICA_USED = "db.read_replica_used";
    /// number: executions of statements that write this table since the statistics' start; item = the user who ran them.
    TABLE_WRITES = "db.table_writes";
    /// number: database calls per request at p95; item = route.
    DB_CALLS_PER_REQUEST = "db.calls_per_request";

    // Caches and queues.
    /// bool: append-only persistence is on.
    AOF_ENABLED = "cache.aof_enabled";
    /// bool: last save and last write succeeded.
    LAST_SAVE_OK = "cache.last_save_ok";
    /// bool: snapshots are saved by themselves.
    CACHE_SNAPSHOTS = "cache.snapshots";
    /// number (minutes): age of the last snapshot.
    SNAPSHOT_AGE_MINUTES = "cache.snapshot_age_minutes";
    /// text: eviction policy.
    EVICTION_POLICY = "cache.eviction_policy";
    /// number (0–1): hit ratio.
    HIT_RATIO = "cache.hit_ratio";
    /// bool: a memory limit is set (maxmemory above 0).
    CACHE_MEMORY_LIMITED = "cache.memory_limited";
    /// number (0–1): keys evicted per key written over the last day.
    CACHE_EVICTED_PER_SET = "cache.evicted_per_set";
    /// number (0–1): share of keys that expire.
    CACHE_KEYS_EXPIRING = "cache.keys_expiring";
    /// number (1/s): reads a second over the last day.
    CACHE_GETS_PER_SECOND = "cache.gets_per_second";
    /// number (1/min): commands slower than 10 ms a minute.
    CACHE_SLOW_COMMANDS = "cache.slow_commands_per_minute";
    /// number: keys it holds.
    CACHE_KEYS = "cache.keys";
    /// number: keys whose names, types and sizes were looked at.
    CACHE_KEYS_SAMPLED = "cache.keys_sampled";
    /// number (bytes): size of the largest sampled key; item = pattern of its name.
    CACHE_BIG_KEY_BYTES = "cache.big_key_bytes";
    /// number: clients that wait in a blocking command.
    CACHE_BLOCKED_CLIENTS = "cache.blocked_clients";
    /// number: replicas in step without which a write is refused; 0 none.
    CACHE_MIN_REPLICAS = "cache.min_replicas";
    /// number (seconds): longest time that work may wait in this queue, when the team set one.
    QUEUE_WAIT_OBJECTIVE_SECONDS = "queue.wait_objective_seconds";
    /// bool: this queue is itself where dead letters go; it is judged with the queues that use it.
    IS_DEAD_LETTER = "queue.is_dead_letter";
    /// bool: messages that keep failing go to a dead-letter destination.
    DEAD_LETTER = "queue.dead_letter";
    /// number: dead letters waiting.
    DEAD_LETTER_DEPTH = "queue.dead_letter_depth";
    /// number (hours): how long dead letters have been waiting; 0 when there are none.
    DEAD_LETTER_AGE_HOURS = "queue.dead_letter_age_hours";
    /// number: deliveries before a message is given up; -1 unlimited.
    DELIVERY_LIMIT = "queue.delivery_limit";
    /// number (0–1): share of jobs that failed over the last day.
    QUEUE_FAILURE_RATIO = "queue.failure_ratio";
    /// number: consumers listening now.
    CONSUMERS = "queue.consumers";
    /// number (0–1): share of the time in which a message could be delivered at once (RabbitMQ consumer_capacity).
    CONSUMER_CAPACITY = "queue.consumer_capacity";
    /// bool: consumers are added by themselves when work waits.
    CONSUMERS_SCALE = "queue.consumers_scale";
    /// number (seconds): time after which an unacknowledged message is delivered again.
    VISIBILITY_TIMEOUT_SECONDS = "queue.visibility_timeout_seconds";
    /// number (seconds): run time of a job at p99.
    TASK_SECONDS_P99 = "queue.task_seconds_p99";
    /// bool: a job that runs too long is stopped.
    TASK_TIME_LIMIT = "queue.task_time_limit";
    /// text: when a message is acknowledged: `before` or `after` the work.
    ACKNOWLEDGED = "queue.acknowledged";
    /// bool: running a job twice has the effect of running it once.
    TASK_IDEMPOTENT = "queue.task_idempotent";
    /// bool: the broker raises a resource alarm now (memory, disk, descriptors).
    BROKER_ALARM = "queue.broker_alarm";
    /// number (0–1): highest use of the broker's memory, disk or descriptors against its own limits.
    BROKER_USED = "queue.broker_used";

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
    /// text: how the throughput of a store is bought: `on_demand` (it follows the load), `provisioned`.
    THROUGHPUT_MODE = "capacity.throughput_mode";
    /// number (units a second): throughput that is bought now; item = `read` or `write`, then the index where it is one's.
    THROUGHPUT = "capacity.throughput";
    /// number (units a second): least throughput that its scaler buys; item as above.
    THROUGHPUT_MINIMUM = "capacity.throughput_minimum";
    /// number (units a second): most throughput that its scaler buys; item as above.
    THROUGHPUT_MAXIMUM = "capacity.throughput_maximum";
    /// bool: the throughput is scaled by itself; item as above.
    THROUGHPUT_SCALES = "capacity.throughput_scales";
    /// bool: the disk grows by itself.
    DISK_AUTOGROWTH = "capacity.disk_autogrowth";
    /// number (0–1): burst credits left.
    BURST_BALANCE = "capacity.burst_balance";
    /// number: out-of-memory kills in 30 days.
    OOM_KILLS_30D = "capacity.oom_kills_30d";
    /// number: out-of-memory kills in 7 days.
    OOM_KILLS_7D = "capacity.oom_kills_7d";
    /// number: size classes between the present one and the provider's largest.
    SIZE_STEPS_LEFT = "capacity.size_steps_left";
    /// number (ms): event-loop lag p99.
    EVENT_LOOP_LAG_P99_MS = "capacity.event_loop_lag_p99_ms";
    /// number (0–1): usage of a provider quota; item = quota.
    QUOTA_USED = "capacity.quota_used";
    /// number: worker processes per member.
    PROCESSES_PER_MEMBER = "pool.processes_per_member";
    /// number: most connections one process opens.
    POOL_MAX_PER_PROCESS = "pool.max_per_process";
    /// text: when a pooler gives a connection back: `session`, `transaction`, `statement`; item = database.
    POOL_MODE = "pool.mode";
    /// number (ms): mean wait of a transaction for a pooled connection since the pooler's start; item = database.
    POOL_MEAN_WAIT_MS = "pool.mean_wait_ms";

    // Cost.
    /// number (days): how far back changes of size are known (CloudTrail 90, cost data longer).
    SIZE_HISTORY_DAYS = "cost.size_history_days";
    /// number (0–1): share of the monthly bill that the next smaller size of this thing would save.
    SAVING_SHARE = "cost.saving_share";
    /// bool: a budget or anomaly monitor with a receiver watches the spend of this account.
    SPEND_WATCHED = "cost.spend_watched";
    /// number (0–1): share of the bill without an owner tag.
    SPEND_UNTAGGED = "cost.untagged_share";
    /// number (0–1): capacity paid at the quietest hour over that at the busiest, autoscaled services only.
    TROUGH_CAPACITY = "cost.trough_capacity";
    /// number (0–1): share by which spend exceeds its plan; 0 within plan.
    SPEND_OVER_PLAN = "cost.over_plan";
}

#[cfg(test)]
mod tests {
    #[test]
    fn keys_are_unique() {
        let mut keys = super::ALL.concat();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), super::ALL.iter().map(|list| list.len()).sum::<usize>());
    }
}
