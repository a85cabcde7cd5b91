//! What the vendor's references document and the emulator never answers, added on the way.

use super::between::{Answer, Asked, Turn};
use serde_json::{Value, json};

/// Number of the emulated account.
pub(super) const ACCOUNT: &str = "123456789012";
const CLUSTER: &str = "arn:aws:ecs:eu-west-1:123456789012:cluster/main";

/// What an account has beside what the emulator can be told.
#[derive(Clone, Debug, Default)]
pub(super) struct Beside {
    /// Zones of the running tasks of the container service `api`, `ab` for one in each of two.
    pub tasks: &'static str,
    /// Account that backups were copied to.
    pub copied_to: Option<&'static str>,
    /// Zones of the nodes of a replication group.
    pub cache: &'static str,
    /// Nothing is backed up by itself: the emulator shows backups even so.
    pub unsaved: bool,
    /// What plans of backups select, and that restores are tested.
    pub plans: bool,
}

/// The emulator's answers with what is beside them.
pub(super) fn turn(beside: Beside) -> Turn {
    Box::new(move |asked, emulator| instead(asked, &beside).unwrap_or_else(|| added(asked, emulator(), &beside)))
}

/// Calls that the emulator refuses or answers emptily.
fn instead(asked: &Asked, beside: &Beside) -> Option<Answer> {
    let path = asked.action.split_once(' ').map_or("", |(_, path)| path.split('?').next().unwrap_or_default());
    match (asked.service.as_str(), asked.action.as_str(), path) {
        // "ListTasks" and "DescribeTasks", Amazon ECS API Reference: the emulator starts no tasks for services.
        ("ecs", "ListTasks", _) => Some(Answer::json(json!({"taskArns": arns(beside)}))),
        ("ecs", "DescribeTasks", _) => Some(Answer::json(json!({"tasks": tasks(beside), "failures": []}))),
        // "DescribeTargetHealth", Elastic Load Balancing API Reference: a task is a target by its address.
        ("elasticloadbalancing", "DescribeTargetHealth", _) if asked.text.contains("targetgroup%2Fapi%2F") => {
            Some(Answer::xml(healthy(beside)))
        }
        // "ListRecoveryPointsByBackupVault", "ListCopyJobs", "ListRestoreJobs", AWS Backup API Reference.
        ("backup", _, "/copy-jobs/") => Some(Answer::json(json!({"CopyJobs": copies(beside)}))),
        ("backup", _, "/restore-jobs/") => Some(Answer::json(json!({"RestoreJobs": []}))),
        ("backup", _, path) if path.ends_with("/recovery-points/") => Some(Answer::json(json!({"RecoveryPoints": []}))),
        ("backup", _, path) if is_of_plans(path) => Some(Answer::json(plans(path, beside))),
        // "DescribeServerlessCaches", Amazon ElastiCache API Reference: an account without any.
        ("elasticache", "DescribeServerlessCaches", _) => Some(Answer::xml(
            "<DescribeServerlessCachesResponse><DescribeServerlessCachesResult><ServerlessCaches/></DescribeServerlessCachesResult></DescribeServerlessCachesResponse>",
        )),
        // "GetMetricData", Amazon CloudWatch API Reference: a metric without points in the time asked for.
        ("monitoring", "GetMetricData", _) => Some(Answer::xml(
            "<GetMetricDataResponse><GetMetricDataResult><MetricDataResults/></GetMetricDataResult></GetMetricDataResponse>",
        )),
        _ => None,
    }
}

fn added(asked: &Asked, mut answer: Answer, beside: &Beside) -> Answer {
    let field = |body: &str, after: &str, more: &str| body.replace(after, &format!("{after}{more}"));
    match (asked.service.as_str(), asked.action.as_str()) {
        // "DBInstance", Amazon RDS API Reference: the zone of the standby.
        ("rds", "DescribeDBInstances") if !beside.unsaved => {
            let second = "<SecondaryAvailabilityZone>eu-west-1b</SecondaryAvailabilityZone>";
            answer.body = field(&answer.body, "<MultiAZ>true</MultiAZ>", second);
        }
        // "Enabling automated backups", Amazon RDS User Guide: retention 0 turns them off and deletes those there are.
        ("rds", "DescribeDBSnapshots") if beside.unsaved => {
            answer.body = without(&answer.body, "DBSnapshot", "<SnapshotType>automated</SnapshotType>");
        }
        ("rds", "DescribeDBInstanceAutomatedBackups") if beside.unsaved => {
            answer.body = without(&answer.body, "DBInstanceAutomatedBackup", "");
        }
        ("rds", "DescribeDBInstances") if beside.unsaved => {
            answer.body = without(&answer.body, "LatestRestorableTime", "");
        }
        // "NodeGroupMember", Amazon ElastiCache API Reference: the zone of each node.
        ("elasticache", "DescribeReplicationGroups") if !beside.cache.is_empty() => {
            answer.body = zoned(&answer.body, beside.cache);
        }
        _ => {}
    }
    answer
}

/// The answer without the elements of this name that hold these words.
fn without(body: &str, name: &str, words: &str) -> String {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut parts = body.split(&open);
    let mut said = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inner, rest) = part.split_once(&close).unwrap_or((part, ""));
        if !inner.contains(words) {
            said.push_str(&format!("{open}{inner}{close}"));
        }
        said.push_str(rest);
    }
    said
}

/// Each node of a replication group in its zone, whatever the emulator says.
fn zoned(body: &str, zones: &str) -> String {
    let (open, close) = ("<PreferredAvailabilityZone>", "</PreferredAvailabilityZone>");
    let mut zones = zones.chars().cycle();
    let mut parts = body.split(open);
    let mut said = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.split_once(close).map_or("", |(_, rest)| rest);
        said.push_str(&format!("{open}eu-west-1{}{close}{rest}", zones.next().unwrap_or('a')));
    }
    said
}

fn arns(beside: &Beside) -> Vec<String> {
    let numbered = beside.tasks.chars().enumerate();
    numbered.map(|(n, zone)| format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:task/main/{n}{zone}000000000000")).collect()
}

fn tasks(beside: &Beside) -> Vec<Value> {
    let task = |(arn, zone): (String, char)| {
        json!({"taskArn": arn, "clusterArn": CLUSTER, "group": "service:api", "lastStatus": "RUNNING",
            "desiredStatus": "RUNNING", "launchType": "FARGATE", "availabilityZone": format!("eu-west-1{zone}"),
            "healthStatus": "HEALTHY"})
    };
    arns(beside).into_iter().zip(beside.tasks.chars()).map(task).collect()
}

fn healthy(beside: &Beside) -> String {
    let target = |(n, zone): (usize, char)| {
        format!(
            "<member><Target><Id>172.31.0.{n}</Id><Port>8080</Port><AvailabilityZone>eu-west-1{zone}</AvailabilityZone></Target><TargetHealth><State>healthy</State></TargetHealth></member>"
        )
    };
    let targets: String = beside.tasks.chars().enumerate().map(target).collect();
    let result = format!("<TargetHealthDescriptions>{targets}</TargetHealthDescriptions>");
    format!(
        "<DescribeTargetHealthResponse><DescribeTargetHealthResult>{result}</DescribeTargetHealthResult></DescribeTargetHealthResponse>"
    )
}

fn is_of_plans(path: &str) -> bool {
    path == "/account-settings" || path.starts_with("/restore-testing/") || path.contains("/selections/")
}

/// "GetBackupSelection", "DescribeRegionSettings", "ListRestoreTestingPlans" and the like, AWS Backup API Reference: one
/// selection by name and one by tag, and a drill each week.
fn plans(path: &str, beside: &Beside) -> Value {
    let orders = format!("arn:aws:rds:eu-west-1:{ACCOUNT}:db:orders");
    let selection = |more: Value| json!({"BackupPlanId": "1", "SelectionId": "1", "BackupSelection": more});
    match path {
        _ if !beside.plans => json!({}),
        "/account-settings" => json!({"ResourceTypeOptInPreference": {"RDS": true, "DynamoDB": true, "EBS": true}}),
        "/restore-testing/plans" => {
            json!({"RestoreTestingPlans": [{"RestoreTestingPlanName": "weekly", "ScheduleExpression": "cron(0 7 ? * 1 *)"}]})
        }
        p if p.ends_with("/selections") => {
            json!({"RestoreTestingSelections": [{"RestoreTestingSelectionName": "all", "ProtectedResourceType": "RDS"}]})
        }
        p if p.starts_with("/restore-testing/") => {
            json!({"RestoreTestingSelection": {"ProtectedResourceType": "RDS", "ProtectedResourceArns": [orders]}})
        }
        p if p.ends_with("/selections/") => {
            json!({"BackupSelectionsList": [{"SelectionId": "name"}, {"SelectionId": "tag"}]})
        }
        p if p.ends_with("/name") => selection(json!({"SelectionName": "name", "Resources": [orders]})),
        _ => selection(json!({"SelectionName": "tag", "ListOfTags": [
            {"ConditionType": "STRINGEQUALS", "ConditionKey": "backup", "ConditionValue": "daily"}]})),
    }
}

fn copies(beside: &Beside) -> Vec<Value> {
    let copy = |account: &str| {
        json!({"AccountId": ACCOUNT, "CopyJobId": "1", "State": "COMPLETED", "ResourceType": "RDS",
            "ResourceArn": format!("arn:aws:rds:eu-west-1:{ACCOUNT}:db:orders"), "CompletionDate": 1_795_237_200,
            "DestinationBackupVaultArn": format!("arn:aws:backup:eu-west-1:{account}:backup-vault:safe")})
    };
    beside.copied_to.map(copy).into_iter().collect()
}
