//! A real emulator, filled by the vendor's own client.

use super::*;
use crate::testing::MotoServer;
use serde_json::json;

const FILL: &str = "
ec2 = client('ec2')
for n in range(12):
    ec2.run_instances(ImageId='ami-12c6146b', MinCount=1, MaxCount=1, InstanceType='t3.small')
client('rds').create_db_instance(DBInstanceIdentifier='main', DBInstanceClass='db.t3.micro', Engine='postgres',
    MasterUsername='u', MasterUserPassword='password', AllocatedStorage=20)
client('ecs').create_cluster(clusterName='web')
client('s3').create_bucket(Bucket='files.example', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
client('sqs').create_queue(QueueName='jobs')
client('route53').create_hosted_zone(Name='example.com', CallerReference='1')
iam = client('iam')
print(iam.create_role(RoleName='loadline', AssumeRolePolicyDocument='{}')['Role']['Arn'])
";

#[tokio::test]
async fn every_dialect_is_read() {
    let moto = MotoServer::start().expect("moto");
    moto.script(FILL).expect("an account");
    let aws = connected_within(Limits::default(), &moto.url(), &[("regions", "eu-west-1")]).await.expect("an account");
    assert_eq!(aws.reached[0].client.identity.account, "123456789012");
    let (window, progress) = (last_days(1), Progress::silent());
    let asking = asking(&aws, &window, &progress);
    let check = async |name: &str, parameters: Value, pointer: &str, expected: Value| {
        let (read, complete, scope) = pages(&asking, name, parameters).await;
        assert!(complete && scope.gaps.is_empty(), "{name}: {:?}", scope.gaps);
        assert_eq!(read[0].pointer(pointer), Some(&expected), "{name}: {read:?}");
    };
    check("rds:DescribeDBInstances", json!({}), "/DBInstances/DBInstance/DBInstanceIdentifier", json!("main")).await;
    let named = json!({"Filters": {"Filter[]": [{"Name": "engine", "Values": {"Value[]": ["postgres"]}}]}});
    check("rds:DescribeDBInstances", named, "/DBInstances/DBInstance/Engine", json!("postgres")).await;
    check("ecs:DescribeClusters", json!({"clusters": ["web"]}), "/clusters/0/clusterName", json!("web")).await;
    check("s3:ListBuckets", json!({}), "/Buckets/Bucket/Name", json!("files.example")).await;
    check("s3:GetBucketLocation", json!({"Bucket": "files.example"}), "", json!("eu-west-1")).await;
    let queue = format!("{}/123456789012/jobs", moto.url());
    check(
        "sqs:GetQueueAttributes",
        json!({"QueueUrl": queue, "AttributeNames": ["All"]}),
        "/Attributes/DelaySeconds",
        json!("0"),
    )
    .await;
    check("route53:ListHostedZones", json!({}), "/HostedZones/HostedZone/Name", json!("example.com.")).await;
    check("eks:ListClusters", json!({}), "/clusters", json!([])).await;
    check("elbv2:DescribeLoadBalancers", json!({}), "/LoadBalancers", json!("")).await;
    let (read, complete, _) = pages(&asking, "ec2:DescribeInstances", json!({"MaxResults": 5})).await;
    let counted = |page: &Value| page["reservationSet"].as_array().map_or(0, Vec::len);
    assert_eq!((read.iter().map(counted).collect::<Vec<_>>(), complete), (vec![5, 5, 2], true));
    // The emulator does not know this call: a page for people is not an empty list.
    let (read, complete, scope) = pages(&asking, "rds:DescribePendingMaintenanceActions", json!({})).await;
    assert!(read.is_empty() && !complete && scope.status == loadline_model::ScopeStatus::Failed);
    assert!(scope.gaps[0].detail.contains("rds:DescribePendingMaintenanceActions could not be read"), "{scope:?}");
}

#[tokio::test]
async fn several_accounts_and_their_regions_are_planned() {
    let moto = MotoServer::start().expect("moto");
    let roles = "arn:aws:iam::111122223333:role/loadline,arn:aws:iam::444455556666:role/loadline arn:aws:iam::111122223333:role/again";
    let aws = connected_within(Limits::default(), &moto.url(), &[("roles", roles)]).await.expect("three accounts");
    let accounts: Vec<&str> = aws.reached.iter().map(|r| r.client.identity.account.as_str()).collect();
    assert_eq!(accounts, ["123456789012", "111122223333", "444455556666"]);
    let regions = aws.reached[0].regions().await.expect("regions");
    assert!(regions.len() > 10 && regions.contains(&"eu-west-1".to_owned()), "{regions:?}");
    let plan = aws.plan().await;
    let per_account: usize = SERVICES.iter().map(|s| if s.global { 1 } else { regions.len() }).sum();
    assert_eq!(plan.len(), 3 * per_account);
    for scope in &plan {
        assert!(aws.find(&scope.name).is_some(), "{}", scope.name);
    }
    for none in ["", "ec2", "ec2/", "ec2/x y", "999999999999/ec2/eu-west-1", "ec3/eu-west-1", "/ec2/eu-west-1"] {
        assert!(aws.find(none).is_none(), "{none}");
    }
    let estimate = aws.estimated().await;
    assert!(estimate.calls as usize >= plan.len() && estimate.note.contains("3 accounts"), "{estimate:?}");
    assert!(aws.permissions().await.len() >= 3);
}

#[tokio::test]
async fn a_denied_call_names_its_permission() {
    let moto = MotoServer::start().expect("moto");
    let keys = moto.script("
import json
client('ec2').describe_regions()
iam = client('iam')
iam.create_user(UserName='u')
allow = {'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': ['sts:GetCallerIdentity', 'ec2:DescribeRegions'], 'Resource': '*'}]}
iam.put_user_policy(UserName='u', PolicyName='p', PolicyDocument=json.dumps(allow))
key = iam.create_access_key(UserName='u')['AccessKey']
print(key['AccessKeyId'], key['SecretAccessKey'])
import urllib.request
urllib.request.urlopen(urllib.request.Request(ec2_url, data=b'0', headers={'Content-Type': 'text/plain'}, method='POST'))
".replace("ec2_url", &format!("'{}/moto-api/reset-auth'", moto.url())).as_str());
    let keys = keys.expect("a user");
    let (id, secret) = keys.trim().split_once(' ').expect("a pair");
    let account = account("aws", &[("endpoint_url", &moto.url()), ("access_key_id", id)]);
    let open = async |secret: &str| {
        install_crypto();
        let secret = Some(Secret::new(secret));
        Aws::connect(account.clone(), secret, &Surroundings::default(), Limits::default(), Duration::from_secs(20))
            .await
    };
    let aws = open(secret).await.expect("an account");
    let (window, progress) = (last_days(1), Progress::silent());
    let (_, complete, scope) = pages(&asking(&aws, &window, &progress), "ec2:DescribeInstances", json!({})).await;
    assert!(!complete);
    assert_eq!(scope.gaps[0].reason, GapReason::PermissionDenied, "{scope:?}");
    assert!(scope.gaps[0].closes.contains("`ec2:DescribeInstances`"), "{scope:?}");
    // The signature itself is checked by the emulator: a wrong secret does not pass.
    let error = open("wrong").await.err().expect("a refusal");
    assert_eq!(error.code(), "authentication_failed", "{error}");
}
