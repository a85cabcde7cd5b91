//! Plans of backups, alarms made of alarms and what scales, read as a collection reads them: from the emulator where it
//! answers, else replayed from the vendor's documented examples.

use super::super::services::testing::{check, lines};
use super::*;
use crate::testing::{MotoServer, ScriptedServer};

const FILL: &str = "
backup = client('backup')
backup.create_backup_vault(BackupVaultName='main')
backup.create_backup_plan(BackupPlan={'BackupPlanName': 'nightly', 'Rules': [{'RuleName': 'daily', 'TargetBackupVaultName': 'main',
    'ScheduleExpression': 'cron(0 3 * * ? *)', 'Lifecycle': {'DeleteAfterDays': 35}}]})
table = lambda name, more: client('dynamodb').create_table(TableName=name, KeySchema=[{'AttributeName': 'id', 'KeyType': 'HASH'}],
    AttributeDefinitions=[{'AttributeName': 'id', 'AttributeType': 'S'}], **more)
table('carts', {'BillingMode': 'PROVISIONED', 'ProvisionedThroughput': {'ReadCapacityUnits': 10, 'WriteCapacityUnits': 10}})
table('visits', {'BillingMode': 'PAY_PER_REQUEST'})
scaling = client('application-autoscaling')
what = {'ServiceNamespace': 'dynamodb', 'ResourceId': 'table/carts', 'ScalableDimension': 'dynamodb:table:ReadCapacityUnits'}
scaling.register_scalable_target(MinCapacity=5, MaxCapacity=40, **what)
scaling.put_scaling_policy(PolicyName='follow', PolicyType='TargetTrackingScaling', TargetTrackingScalingPolicyConfiguration={'TargetValue': 70.0,
    'PredefinedMetricSpecification': {'PredefinedMetricType': 'DynamoDBReadCapacityUtilization'}}, **what)
s3 = client('s3')
s3.create_bucket(Bucket='files.example', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
s3.put_bucket_versioning(Bucket='files.example', VersioningConfiguration={'Status': 'Enabled'})
s3.put_bucket_lifecycle_configuration(Bucket='files.example', LifecycleConfiguration={'Rules': [{'ID': '1', 'Status': 'Enabled',
    'Filter': {'Prefix': ''}, 'NoncurrentVersionExpiration': {'NoncurrentDays': 30}}]})
watch = client('cloudwatch')
def alarm(name):
    watch.put_metric_alarm(AlarmName=name, Namespace='AWS/ApplicationELB', MetricName='TargetResponseTime', Statistic='Average', Period=60,
        EvaluationPeriods=1, Threshold=1.0, ComparisonOperator='GreaterThanThreshold', Dimensions=[{'Name': 'LoadBalancer', 'Value': 'app/web/1'}])
alarm('slow')
ec2, elb = client('ec2'), client('elbv2')
subnets = [s['SubnetId'] for s in ec2.describe_subnets()['Subnets']][:2]
network = elb.create_load_balancer(Name='net', Subnets=subnets, Type='network')['LoadBalancers'][0]['LoadBalancerArn']
elb.modify_load_balancer_attributes(LoadBalancerArn=network, Attributes=[{'Key': 'load_balancing.cross_zone.enabled', 'Value': 'true'}])
import datetime
groups = client('autoscaling')
groups.create_launch_configuration(LaunchConfigurationName='l', ImageId='ami-12c6146b', InstanceType='t3.small')
groups.create_auto_scaling_group(AutoScalingGroupName='workers', LaunchConfigurationName='l', MinSize=1, MaxSize=4, DesiredCapacity=2, VPCZoneIdentifier=subnets[0])
now = datetime.datetime.now(datetime.timezone.utc)
watch.put_metric_data(Namespace='AWS/AutoScaling', MetricData=[{'MetricName': name, 'Value': value, 'Timestamp': now - datetime.timedelta(minutes=5 * n),
    'Dimensions': [{'Name': 'AutoScalingGroupName', 'Value': 'workers'}]} for n in range(1, 25) for name, value in (('GroupInServiceInstances', 2), ('GroupMaxSize', 4))])
";

#[tokio::test]
async fn what_the_emulator_knows_is_read() {
    let moto = MotoServer::start().expect("moto");
    moto.script(FILL).expect("an account");
    let aws = connected_within(Limits::default(), &moto.url(), &[("regions", "eu-west-1")]).await.expect("an account");
    let (window, progress) = (last_days(7), Progress::silent());
    let read = async |name: &str| aws.read_scope(&ScopePlan::new(name, name), &window, &progress).await;
    let short =
        |scope: &Scope| lines(scope).iter().map(|l| l.replace(":eu-west-1:123456789012:", ":")).collect::<Vec<_>>();
    let has = async |name: &str, expected: &[&str], never: &[&str]| {
        let scope = read(name).await;
        assert!(scope.gaps.is_empty(), "{name}: {:?}", scope.gaps);
        check(&short(&scope), expected, never);
    };
    has(
        "dynamodb/eu-west-1",
        &[
            "dynamodb:table/carts capacity.throughput_mode = provisioned",
            "dynamodb:table/carts capacity.throughput[read] = 10",
            "dynamodb:table/carts capacity.throughput_minimum[read] = 5",
            "dynamodb:table/carts capacity.throughput_maximum[read] = 40",
            "dynamodb:table/carts capacity.throughput_scales[read] = on",
            "dynamodb:table/carts capacity.throughput_scales[write] = off",
            "dynamodb:table/carts scaling.target[read] = 0.7",
            "dynamodb:table/visits capacity.throughput_mode = on_demand",
        ],
        &["dynamodb:table/visits capacity.throughput["],
    )
    .await;
    has("s3/global", &["s3:::files.example backup.retention_days = 30"], &[]).await;
    has(
        "alarms/eu-west-1",
        // The emulator makes no alarms of alarms: the call that asks for both is answered, and there is none.
        &["cloudwatch:alarm:slow alert slow Latency pages Some(false)"],
        &[],
    )
    .await;
    let balancers = read("elbv2/eu-west-1").await;
    assert!(short(&balancers).iter().any(|l| l.ends_with(" entry.cross_zone = on")), "{balancers:?}");
    let members = short(&read("cloudwatch/eu-west-1").await);
    let of_group =
        |ending: &str| members.iter().any(|l| l.contains("autoScalingGroupName/workers") && l.contains(ending));
    assert!(of_group(" series utilisation.members "), "{members:?}");
    assert!(!of_group("scaling.at_maximum"), "two hours are no week: {members:?}");
    // The emulator keeps plans and does not know what they select: a gap, and nothing is covered by guess.
    let plans = read("backup/eu-west-1").await;
    check(&short(&plans), &[], &["rds", "dynamodb"]);
    for call in ["backup:ListBackupSelections", "backup:ListRestoreTestingPlans"] {
        assert!(plans.gaps.iter().any(|g| g.detail.contains(&format!("{call} could not be read"))), "{:?}", plans.gaps);
    }
    assert!(!plans.gaps.iter().any(|g| g.detail.contains("backup:GetBackupPlan ")), "{:?}", plans.gaps);
}

/// Paths of AWS Backup and what they answer, from the examples of its API Reference.
const BACKUP: [(&str, &str, &str); 11] = [
    ("backup:ListBackupVaults", "/backup-vaults/", r#"{"BackupVaultList": []}"#),
    (
        "backup:ListBackupPlans",
        "/backup/plans/",
        r#"{"BackupPlansList": [{"BackupPlanId": "p1", "BackupPlanName": "nightly"}]}"#,
    ),
    (
        "backup:GetBackupPlan",
        "/backup/plans/p1/",
        r#"{"BackupPlanId": "p1", "BackupPlan": {"BackupPlanName": "nightly", "Rules": [{"RuleName": "daily",
            "ScheduleExpression": "cron(0 3 * * ? *)", "TargetBackupVaultName": "main", "Lifecycle": {"DeleteAfterDays": 35},
            "CopyActions": [{"DestinationBackupVaultArn": "arn:aws:backup:eu-central-1:444455556666:backup-vault:safe"}]}]}}"#,
    ),
    (
        "backup:ListBackupSelections",
        "/backup/plans/p1/selections/",
        r#"{"BackupSelectionsList": [{"SelectionId": "s1"}]}"#,
    ),
    (
        "backup:GetBackupSelection",
        "/backup/plans/p1/selections/s1",
        r#"{"BackupSelection": {"SelectionName": "data", "ListOfTags": [{"ConditionType": "STRINGEQUALS", "ConditionKey": "backup",
            "ConditionValue": "daily"}]}}"#,
    ),
    (
        "backup:DescribeRegionSettings",
        "/account-settings",
        r#"{"ResourceTypeOptInPreference": {"RDS": true, "EBS": false}}"#,
    ),
    (
        "backup:ListRestoreTestingPlans",
        "/restore-testing/plans",
        r#"{"RestoreTestingPlans": [{"RestoreTestingPlanName": "weekly", "ScheduleExpression": "cron(0 7 ? * 1 *)"}]}"#,
    ),
    (
        "backup:ListRestoreTestingSelections",
        "/restore-testing/plans/weekly/selections",
        r#"{"RestoreTestingSelections": [{"RestoreTestingSelectionName": "data", "ProtectedResourceType": "RDS"}]}"#,
    ),
    (
        "backup:GetRestoreTestingSelection",
        "/restore-testing/plans/weekly/selections/data",
        r#"{"RestoreTestingSelection": {"ProtectedResourceType": "RDS", "ProtectedResourceArns": ["arn:aws:rds:eu-west-1:123456789012:db:orders"]}}"#,
    ),
    (
        "tag:GetResources",
        "/",
        r#"{"PaginationToken": "", "ResourceTagMappingList": [{"ResourceARN": "arn:aws:rds:eu-west-1:123456789012:db:orders",
            "Tags": [{"Key": "backup", "Value": "daily"}]}]}"#,
    ),
    ("backup:ListCopyJobs", "/copy-jobs/", r#"{"CopyJobs": []}"#),
];

/// The backup scope of an account that refuses this call.
async fn without(denied: &'static str) -> Scope {
    let answer = move |head: &str, stream: &mut TcpStream| {
        let asked = head.split(' ').nth(1).unwrap_or("").split('?').next().unwrap_or("").to_owned();
        match BACKUP.iter().find(|(_, path, _)| *path == asked) {
            Some((call, ..)) if *call == denied => {
                respond(stream, "403 Forbidden", "", r#"{"__type": "AccessDeniedException", "message": "no"}"#);
            }
            Some((.., body)) => respond(stream, "200 OK", "content-type: application/json\r\n", body),
            None => respond(stream, "200 OK", "content-type: application/json\r\n", "{}"),
        }
    };
    let server = ScriptedServer::start(after_who(answer)).expect("a server");
    let aws = connected(&server.url(), &[("regions", "eu-west-1")]).await.expect("an account");
    let scope = ScopePlan::new("backup/eu-west-1", "Backup");
    aws.read_scope(&scope, &last_days(1), &Progress::silent()).await
}

#[tokio::test]
async fn plans_and_drills_are_read_and_each_refusal_is_named() {
    let db = "rds:eu-west-1:123456789012:db:orders";
    let planned = format!("{db} backup.planned = on");
    let tested = format!("{db} restore.test_schedule[weekly] = cron(0 7 ? * 1 *)");
    let everything = without("").await;
    assert!(everything.gaps.is_empty(), "{:?}", everything.gaps);
    let expected = [
        planned.clone(),
        format!("{db} backup.schedule[nightly, daily] = cron(0 3 * * ? *)"),
        format!("{db} backup.retention_days[nightly, daily] = 35"),
        format!("{db} backup.copied_to[nightly, daily] = 444455556666, eu-central-1"),
        tested.clone(),
    ];
    assert_eq!(lines(&everything), expected);
    for (call, ..) in BACKUP {
        let scope = without(call).await;
        assert!(scope.gaps.iter().any(|g| g.closes.contains(&format!("`{call}`"))), "{call}: {:?}", scope.gaps);
        assert!(scope.gaps.iter().all(|g| g.reason == GapReason::PermissionDenied), "{call}: {:?}", scope.gaps);
        let rests = call.contains("Plan") || call.contains("Selection") || call == "tag:GetResources";
        let said = lines(&scope);
        if call.contains("RestoreTesting") {
            assert!(said.contains(&planned) && !said.contains(&tested), "{call}: {said:?}");
        } else if rests || call == "backup:DescribeRegionSettings" {
            assert!(!said.contains(&planned) && said.contains(&tested), "{call}: {said:?}");
        } else {
            assert_eq!(said, expected, "{call}");
        }
    }
}
