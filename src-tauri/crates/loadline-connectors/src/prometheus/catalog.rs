//! Which exporters we understand: one line per reading. Expressions are over canonical names; PromQL follows the
//! exporters' own dashboards.

use loadline_model::{Kind, key};

/// Who a reading is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum About {
    /// The scraped address.
    Instance,
    /// Containers of one name in one namespace.
    Container,
}

/// One series to read where its metrics exist.
#[derive(Debug)]
pub(super) struct Level {
    /// Exporter, for gaps: the first level of an exporter stands for it.
    pub exporter: &'static str,
    /// Canonical metric of the model.
    pub metric: &'static str,
    /// Its unit.
    pub unit: &'static str,
    /// Metrics that must exist.
    pub needs: &'static [&'static str],
    /// What to ask.
    pub expression: &'static str,
    /// Who it is about.
    pub about: About,
    /// What that is.
    pub kind: Kind,
    /// Its engine.
    pub engine: Option<&'static str>,
}

macro_rules! levels {
    ($name:ident: $($exporter:literal $about:ident $kind:ident $engine:expr, $metric:expr, $unit:literal, [$($need:literal),+], $expression:expr;)+) => {
        pub(super) const $name: &[Level] = &[$(Level {
            exporter: $exporter, metric: $metric, unit: $unit, needs: &[$($need),+], expression: $expression,
            about: About::$about, kind: Kind::$kind, engine: $engine,
        }),+];
    };
}

levels! { HOSTS:
    "node_exporter" Instance Instance None, "utilisation.cpu", "ratio", ["node_cpu_seconds_total"],
        "1 - avg by (instance) (rate(node_cpu_seconds_total{mode=\"idle\"}[5m]))";
    "node_exporter" Instance Instance None, "utilisation.memory", "ratio", ["node_memory_MemAvailable_bytes", "node_memory_MemTotal_bytes"],
        "max by (instance) (1 - node_memory_MemAvailable_bytes / (node_memory_MemTotal_bytes > 0))";
    "node_exporter" Instance Instance None, "utilisation.disk", "ratio", ["node_filesystem_avail_bytes", "node_filesystem_size_bytes"],
        "max by (instance, mountpoint) (1 - node_filesystem_avail_bytes{fstype!~\"tmpfs|ramfs|devtmpfs|overlay|squashfs|iso9660\"} / (node_filesystem_size_bytes > 0))";
    "node_exporter" Instance Instance None, "utilisation.disk", "ratio", ["node_filesystem_files_free", "node_filesystem_files"],
        "label_replace(max by (instance, mountpoint) (1 - node_filesystem_files_free{fstype!~\"tmpfs|ramfs|devtmpfs|overlay|squashfs|iso9660\"} / (node_filesystem_files > 0)), \"of\", \"inodes\", \"\", \"\")";
    "node_exporter" Instance Instance None, key::metric::DISK_OPERATIONS, "1/s", ["node_disk_reads_completed_total", "node_disk_writes_completed_total"],
        "sum by (instance) (rate(node_disk_reads_completed_total[5m]) + rate(node_disk_writes_completed_total[5m]))";
    "cAdvisor" Container Service None, "utilisation.cpu", "ratio", ["container_cpu_usage_seconds_total", "container_spec_cpu_quota", "container_spec_cpu_period"],
        "max by (namespace, container) (sum by (namespace, pod, container) (rate(container_cpu_usage_seconds_total{container!=\"\",container!=\"POD\"}[5m])) / (sum by (namespace, pod, container) (container_spec_cpu_quota{container!=\"\",container!=\"POD\"} / container_spec_cpu_period) > 0))";
    "cAdvisor" Container Service None, "utilisation.memory", "ratio", ["container_memory_working_set_bytes", "container_spec_memory_limit_bytes"],
        "max by (namespace, container) (container_memory_working_set_bytes{container!=\"\",container!=\"POD\"} / (container_spec_memory_limit_bytes > 0))";
}

levels! { STORES:
    "postgres_exporter" Instance Database Some("postgresql"), "used.connections", "connections", ["pg_stat_activity_count"],
        "sum by (instance) (pg_stat_activity_count)";
    "postgres_exporter" Instance Database Some("postgresql"), key::metric::BUFFER_HIT_RATIO, "ratio", ["pg_stat_database_blks_hit", "pg_stat_database_blks_read"],
        "sum by (instance) (rate(pg_stat_database_blks_hit[5m])) / (sum by (instance) (rate(pg_stat_database_blks_hit[5m]) + rate(pg_stat_database_blks_read[5m])) > 0)";
    "postgres_exporter" Instance Database Some("postgresql"), key::metric::REPLICA_LAG, "s", ["pg_replication_lag_seconds"],
        "max by (instance) (pg_replication_lag_seconds)";
    "postgres_exporter" Instance Database Some("postgresql"), key::metric::REPLICA_LAG, "s", ["pg_replication_lag"],
        "max by (instance) (pg_replication_lag)";
    "redis_exporter" Instance Cache Some("redis"), key::metric::CACHE_HIT_RATIO, "ratio", ["redis_keyspace_hits_total", "redis_keyspace_misses_total"],
        "sum by (instance) (rate(redis_keyspace_hits_total[5m])) / (sum by (instance) (rate(redis_keyspace_hits_total[5m]) + rate(redis_keyspace_misses_total[5m])) > 0)";
    "redis_exporter" Instance Cache Some("redis"), "utilisation.memory", "ratio", ["redis_memory_used_bytes", "redis_memory_max_bytes"],
        "max by (instance) (redis_memory_used_bytes / (redis_memory_max_bytes > 0))";
}

/// Names of request histograms by how sure we are, with the factor from their unit to seconds.
pub(super) const REQUEST_HISTOGRAMS: [(&str, f64); 5] = [
    ("http_server_request_duration_seconds", 1.0),
    ("http_request_duration_seconds", 1.0),
    ("http_server_requests_seconds", 1.0),
    ("http_server_duration_milliseconds", 0.001),
    ("http_request_duration_milliseconds", 0.001),
];

/// Labels that name the route, the surest first.
pub(super) const ROUTE_LABELS: [&str; 5] = ["http_route", "route", "handler", "path", "uri"];

/// Labels that hold the status code, the surest first.
pub(super) const STATUS_LABELS: [&str; 4] = ["http_response_status_code", "status_code", "code", "status"];

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::Limited;

    #[test]
    fn levels_use_what_they_need_and_say_what_the_model_knows() {
        let utilisation: Vec<String> =
            Limited::ALL.iter().flat_map(|l| [l.utilisation_metric(), l.used_metric()]).collect();
        for level in HOSTS.iter().chain(STORES) {
            assert!(level.needs.iter().all(|n| level.expression.contains(n)), "{level:?}");
            let known = utilisation.iter().any(|m| m == level.metric)
                || ["db.", "cache.", "disk."].iter().any(|p| level.metric.starts_with(p));
            assert!(known, "{level:?}");
        }
    }
}
