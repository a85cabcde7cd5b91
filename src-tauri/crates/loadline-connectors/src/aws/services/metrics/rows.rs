//! Which metrics of CloudWatch are read: one line each, with what they become.

use crate::aws::services::telling::Place;
use loadline_model::{SubjectId, key::metric};

/// One metric of one kind of thing.
#[derive(Debug)]
pub(super) struct Row {
    /// Stable word by which readings are put together.
    pub word: &'static str,
    pub namespace: &'static str,
    pub name: &'static str,
    pub statistic: &'static str,
    /// Exactly these dimensions: other sets are parts or sums of the same.
    pub dimensions: &'static [&'static str],
    /// What a value becomes by itself: metric of the model, unit, and factor to it.
    pub becomes: Option<(&'static str, &'static str, f64)>,
}

macro_rules! rows {
    ($($word:literal $namespace:literal $name:literal $statistic:literal [$($dimension:literal),+] $becomes:expr;)+) => {
        /// Every metric that is read.
        pub(super) const ROWS: &[Row] = &[$(Row {
            word: $word, namespace: $namespace, name: $name, statistic: $statistic,
            dimensions: &[$($dimension),+], becomes: $becomes,
        }),+];
    };
}

/// A sum of an hour as a rate.
const A_SECOND: f64 = 1.0 / 3600.0;
const CPU: Option<(&str, &str, f64)> = Some(("utilisation.cpu", "ratio", 0.01));
const MEMORY: Option<(&str, &str, f64)> = Some(("utilisation.memory", "ratio", 0.01));

rows! {
    "cpu" "AWS/EC2" "CPUUtilization" "Average" ["InstanceId"] CPU;
    "cpu" "AWS/ECS" "CPUUtilization" "Average" ["ClusterName", "ServiceName"] CPU;
    "memory" "AWS/ECS" "MemoryUtilization" "Average" ["ClusterName", "ServiceName"] MEMORY;
    "cpu" "AWS/RDS" "CPUUtilization" "Average" ["DBInstanceIdentifier"] CPU;
    "connections" "AWS/RDS" "DatabaseConnections" "Maximum" ["DBInstanceIdentifier"] Some(("used.connections", "connections", 1.0));
    "latency" "AWS/RDS" "ReadLatency" "Average" ["DBInstanceIdentifier"] Some((metric::DISK_READ_LATENCY, "s", 1.0));
    // Written where Performance Insights is on ("Amazon CloudWatch metrics for Amazon RDS Performance Insights").
    "sessions" "AWS/RDS" "DBLoad" "Average" ["DBInstanceIdentifier"] Some((metric::ACTIVE_SESSIONS, "sessions", 1.0));
    "reads" "AWS/RDS" "ReadIOPS" "Average" ["DBInstanceIdentifier"] None;
    "writes" "AWS/RDS" "WriteIOPS" "Average" ["DBInstanceIdentifier"] None;
    "free" "AWS/RDS" "FreeStorageSpace" "Minimum" ["DBInstanceIdentifier"] None;
    "lag" "AWS/RDS" "ReplicaLag" "Maximum" ["DBInstanceIdentifier"] None;
    "cpu" "AWS/ElastiCache" "EngineCPUUtilization" "Average" ["CacheClusterId"] CPU;
    "memory" "AWS/ElastiCache" "DatabaseMemoryUsagePercentage" "Maximum" ["CacheClusterId"] MEMORY;
    "hits" "AWS/ElastiCache" "CacheHitRate" "Average" ["CacheClusterId"] Some((metric::CACHE_HIT_RATIO, "ratio", 0.01));
    "requests" "AWS/ApplicationELB" "RequestCount" "Sum" ["LoadBalancer"] None;
    "errors" "AWS/ApplicationELB" "HTTPCode_Target_5XX_Count" "Sum" ["LoadBalancer"] None;
    "refused" "AWS/ApplicationELB" "HTTPCode_ELB_5XX_Count" "Sum" ["LoadBalancer"] None;
    "p50" "AWS/ApplicationELB" "TargetResponseTime" "p50" ["LoadBalancer"] None;
    "p95" "AWS/ApplicationELB" "TargetResponseTime" "p95" ["LoadBalancer"] None;
    "p99" "AWS/ApplicationELB" "TargetResponseTime" "p99" ["LoadBalancer"] None;
    "age" "AWS/SQS" "ApproximateAgeOfOldestMessage" "Maximum" ["QueueName"] Some((metric::QUEUE_AGE, "s", 1.0));
    "depth" "AWS/SQS" "ApproximateNumberOfMessagesVisible" "Maximum" ["QueueName"] Some((metric::QUEUE_DEPTH, "count", 1.0));
    "in" "AWS/SQS" "NumberOfMessagesSent" "Sum" ["QueueName"] Some((metric::QUEUE_IN, "1/s", A_SECOND));
    "out" "AWS/SQS" "NumberOfMessagesDeleted" "Sum" ["QueueName"] Some((metric::QUEUE_OUT, "1/s", A_SECOND));
    "requests" "AWS/Lambda" "Invocations" "Sum" ["FunctionName"] None;
    "errors" "AWS/Lambda" "Errors" "Sum" ["FunctionName"] None;
    "run" "AWS/Lambda" "Duration" "p99" ["FunctionName"] None;
    "requests" "AWS/CloudFront" "Requests" "Sum" ["DistributionId", "Region"] None;
    "failing" "AWS/CloudFront" "5xxErrorRate" "Average" ["DistributionId", "Region"] Some((metric::ERROR_RATIO, "ratio", 0.01));
    "hits" "AWS/CloudFront" "CacheHitRate" "Average" ["DistributionId", "Region"] Some((metric::CDN_HIT_RATIO, "ratio", 0.01));
    "hit_count" "AWS/ElastiCache" "CacheHits" "Sum" ["CacheClusterId"] None;
    "miss_count" "AWS/ElastiCache" "CacheMisses" "Sum" ["CacheClusterId"] None;
    "gets" "AWS/ElastiCache" "GetTypeCmds" "Sum" ["CacheClusterId"] None;
    "sets" "AWS/ElastiCache" "SetTypeCmds" "Sum" ["CacheClusterId"] None;
    "evictions" "AWS/ElastiCache" "Evictions" "Sum" ["CacheClusterId"] None;
    "depth" "AWS/AmazonMQ" "MessageReadyCount" "Maximum" ["Broker"] None;
    "in" "AWS/AmazonMQ" "PublishRate" "Average" ["Broker"] None;
    "out" "AWS/AmazonMQ" "AckRate" "Average" ["Broker"] None;
    "consumers" "AWS/AmazonMQ" "ConsumerCount" "Minimum" ["Broker"] None;
    "heap" "AWS/AmazonMQ" "HeapUsage" "Maximum" ["Broker"] None;
    "store" "AWS/AmazonMQ" "StorePercentUsage" "Maximum" ["Broker"] None;
    "cpu" "AWS/AmazonMQ" "CpuUtilization" "Average" ["Broker"] None;
    "cpu" "AWS/AmazonMQ" "SystemCpuUtilization" "Average" ["Broker", "Node"] None;
    "memory" "AWS/AmazonMQ" "RabbitMQMemUsed" "Maximum" ["Broker", "Node"] None;
    "memory_limit" "AWS/AmazonMQ" "RabbitMQMemLimit" "Minimum" ["Broker", "Node"] None;
    "disk_free" "AWS/AmazonMQ" "RabbitMQDiskFree" "Minimum" ["Broker", "Node"] None;
    "disk_limit" "AWS/AmazonMQ" "RabbitMQDiskFreeLimit" "Maximum" ["Broker", "Node"] None;
    "logs" "AWS/Kafka" "KafkaDataLogsDiskUsed" "Maximum" ["Cluster Name", "Broker ID"] None;
    "cpu" "AWS/Kafka" "CpuUser" "Average" ["Cluster Name", "Broker ID"] None;
    "system" "AWS/Kafka" "CpuSystem" "Average" ["Cluster Name", "Broker ID"] None;
}

/// The thing that dimensions name, values in the order of the row's dimensions.
pub(super) fn subject(place: &Place, namespace: &str, values: &[&str]) -> Option<SubjectId> {
    Some(match (namespace, values) {
        ("AWS/EC2", [id]) => place.instance(id),
        ("AWS/ECS", [cluster, service]) => place.arn("ecs", &format!("service/{cluster}/{service}")),
        ("AWS/RDS", [id]) => place.arn("rds", &format!("db:{id}")),
        ("AWS/ElastiCache", [id]) => place.arn("elasticache", &format!("cluster:{id}")),
        ("AWS/ApplicationELB", [name]) => place.arn("elasticloadbalancing", &format!("loadbalancer/{name}")),
        ("AWS/SQS", [name]) => place.arn("sqs", name),
        ("AWS/Lambda", [name]) => place.arn("lambda", &format!("function:{name}")),
        ("AWS/CloudFront", [id, "Global"]) => {
            SubjectId(format!("arn:{}:cloudfront::{}:distribution/{id}", place.partition, place.account))
        }
        // Names that only the readers of brokers resolve: a dimension holds no ARN.
        ("AWS/AmazonMQ", names) => place.arn("mq", &format!("node/{}", names.join("/"))),
        ("AWS/Kafka", names) => place.arn("kafka", &format!("node/{}", names.join("/"))),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::Limited;

    #[test]
    fn rows_become_what_the_model_knows() {
        let known: Vec<String> = Limited::ALL.iter().flat_map(|l| [l.utilisation_metric(), l.used_metric()]).collect();
        for row in ROWS {
            let fits = |m: &str| {
                known.iter().any(|k| k == m)
                    || ["db.", "cache.", "disk.", "queue.", "cdn.", "http."].iter().any(|p| m.starts_with(p))
            };
            assert!(row.becomes.is_none_or(|(m, ..)| fits(m)), "{row:?}");
            let twins = ROWS
                .iter()
                .filter(|r| (r.word, r.namespace, r.dimensions) == (row.word, row.namespace, row.dimensions));
            assert_eq!(twins.count(), 1, "{row:?}");
        }
    }
}
