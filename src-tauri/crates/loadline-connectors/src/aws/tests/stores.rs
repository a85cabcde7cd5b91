//! Queues, brokers, caches, bills and deployments of an emulated account, read as a collection reads them.

use super::*;
use crate::testing::MotoServer;
use loadline_model::{ActorKind, Body, Kind, Value as Said, key};

const FILL: &str = "
import json, urllib.request
sqs = client('sqs')
dead = sqs.create_queue(QueueName='jobs-dead')['QueueUrl']
arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=['All'])['Attributes']['QueueArn']
sqs.create_queue(QueueName='jobs', Attributes={'RedrivePolicy': json.dumps({'deadLetterTargetArn': arn, 'maxReceiveCount': 5})})
subnets = [s['SubnetId'] for s in sorted(client('ec2').describe_subnets()['Subnets'], key=lambda s: s['AvailabilityZone'])]
client('mq').create_broker(AutoMinorVersionUpgrade=True, BrokerName='tasks', DeploymentMode='ACTIVE_STANDBY_MULTI_AZ', EngineType='ACTIVEMQ',
    EngineVersion='5.18', HostInstanceType='mq.m5.large', PubliclyAccessible=False, SubnetIds=subnets[:2], Users=[{'Username': 'u', 'Password': 'passwordpassword'}])
kafka = client('kafka')
kafka.create_cluster_v2(ClusterName='stream', Serverless={'VpcConfigs': [{'SubnetIds': subnets[:1]}]})
client('memorydb').create_cluster(ClusterName='carts', NodeType='db.t4g.small', ACLName='open-access', NumShards=1, NumReplicasPerShard=1)
ecs = client('ecs')
ecs.create_cluster(clusterName='main')
ecs.register_task_definition(family='api', containerDefinitions=[{'name': 'api', 'image': 'api:1', 'memory': 128}])
ecs.create_service(cluster='main', serviceName='api', taskDefinition='api', desiredCount=2)
role = client('iam').create_role(RoleName='pipe', AssumeRolePolicyDocument=json.dumps({'Version': '2012-10-17', 'Statement': [
    {'Effect': 'Allow', 'Principal': {'Service': 'codepipeline.amazonaws.com'}, 'Action': 'sts:AssumeRole'}]}))['Role']['Arn']
step = lambda name, category, provider, more: {'name': name, 'actions': [dict({'name': name, 'actionTypeId': {
    'category': category, 'owner': 'AWS', 'provider': provider, 'version': '1'}}, **more)]}
client('codepipeline').create_pipeline(pipeline={'name': 'ship', 'roleArn': role, 'version': 1, 'artifactStore': {'type': 'S3', 'location': 'files'}, 'stages': [
    step('Source', 'Source', 'S3', {'configuration': {'S3Bucket': 'b', 'S3ObjectKey': 'k'}, 'outputArtifacts': [{'name': 'a'}]}),
    step('Deploy', 'Deploy', 'ECS', {'configuration': {'ClusterName': 'main', 'ServiceName': 'api'}, 'inputArtifacts': [{'name': 'a'}]})]})
month = {'TimePeriod': {'Start': '2026-10-01', 'End': '2026-11-01'}, 'Total': {}, 'Estimated': False, 'Groups': [
    {'Keys': ['Amazon Relational Database Service'], 'Metrics': {'UnblendedCost': {'Amount': '812.40', 'Unit': 'USD'}}}]}
body = json.dumps({'results': [{'ResultsByTime': [month]}]}).encode()
urllib.request.build_opener(urllib.request.ProxyHandler({})).open(urllib.request.Request(
    'MOTO/moto-api/static/ce/cost-and-usage-results', data=body, headers={'Content-Type': 'application/json'}, method='POST'))
";

/// The value of a setting of a thing whose id ends so.
fn set(scope: &Scope, id: &str, key: &str) -> Option<Said> {
    scope.facts.iter().filter(|f| f.subject.as_str().ends_with(id)).find_map(|f| match &f.body {
        Body::Setting(s) if s.key == key => Some(s.value.clone()),
        _ => None,
    })
}

fn bodies<T>(scope: &Scope, of: impl Fn(&Body) -> Option<T>) -> Vec<T> {
    scope.facts.iter().filter_map(|f| of(&f.body)).collect()
}

#[tokio::test]
async fn stores_deliveries_and_bills_are_read() {
    let moto = MotoServer::start().expect("moto");
    moto.script(&FILL.replace("MOTO", &moto.url())).expect("an account");
    let aws = connected(&moto.url(), &[("regions", "eu-west-1")]).await.expect("an account");
    let (window, progress) = (last_days(1), Progress::silent());
    let read = async |name: &str| aws.read_scope(&ScopePlan::new(name, name), &window, &progress).await;

    let queues = read("sqs/eu-west-1").await;
    assert!(queues.gaps.is_empty() && queues.inventories == [Kind::Queue], "{:?}", queues.gaps);
    assert_eq!(set(&queues, ":jobs", key::DEAD_LETTER), Some(Said::Bool(true)));
    assert_eq!(set(&queues, ":jobs", key::DELIVERY_LIMIT), Some(Said::Number(5.0)));
    assert_eq!(set(&queues, ":jobs", key::DEAD_LETTER_AGE_HOURS), Some(Said::Number(0.0)), "nothing waits there");
    assert_eq!(set(&queues, ":jobs", key::VISIBILITY_TIMEOUT_SECONDS), Some(Said::Number(30.0)));
    assert_eq!(set(&queues, ":jobs-dead", key::IS_DEAD_LETTER), Some(Said::Bool(true)));

    let brokers = read("mq/eu-west-1").await;
    assert!(brokers.gaps.is_empty() && brokers.inventories == [Kind::Queue], "{:?}", brokers.gaps);
    let said = |key: &str| {
        bodies(&brokers, |b| if let Body::Setting(s) = b { (s.key == key).then(|| s.value.clone()) } else { None })
    };
    assert_eq!(said(key::STANDBY_MEMBERS), [Said::Number(1.0)]);
    let mut zones = bodies(&brokers, |b| match b {
        Body::Resource(r) if r.kind == Kind::Zone => Some(r.name.clone()),
        _ => None,
    });
    zones.sort();
    assert_eq!(zones, ["eu-west-1a", "eu-west-1b"]);

    let streams = read("kafka/eu-west-1").await;
    assert!(streams.gaps.is_empty(), "{:?}", streams.gaps);
    let replicated =
        bodies(&streams, |b| matches!(b, Body::Setting(s) if s.key == key::QUEUE_REPLICATED).then_some(()));
    assert_eq!(replicated.len(), 1);

    let carts = read("memorydb/eu-west-1").await;
    assert_eq!(set(&carts, "cluster/carts", key::STANDBY_MEMBERS), Some(Said::Number(1.0)), "{carts:?}");
    assert_eq!(set(&carts, "cluster/carts", key::BACKUP_RETENTION_DAYS), Some(Said::Number(0.0)));

    let deployed = read("deployments/eu-west-1").await;
    let api = "service/main/api";
    assert_eq!(
        set(&deployed, api, key::AUTOMATIC_ROLLBACK),
        None,
        "the emulator keeps no configuration of deployments"
    );
    let by =
        bodies(
            &deployed,
            |b| if let Body::Deployment(d) = b { Some((d.revision.clone(), d.actor_kind)) } else { None },
        );
    assert_eq!(by, [("api:1".to_owned(), ActorKind::Unknown)], "the emulator has no trail");
    let ships = deployed.facts.iter().any(|f| {
        f.subject.as_str().ends_with(api) && matches!(&f.body, Body::Edge(e) if e.to.as_str().ends_with(":ship"))
    });
    assert!(ships, "{deployed:?}");
    // What the emulator does not know is a gap, not a failure of the rest.
    let gaps: Vec<&str> = deployed.gaps.iter().map(|g| g.detail.as_str()).collect();
    assert!(gaps.iter().any(|g| g.contains("cloudtrail:LookupEvents could not be read")), "{gaps:?}");

    let costs = read("costs/global").await;
    let lines = bodies(&costs, |b| {
        if let Body::CostLine(l) = b { Some((l.service.clone(), l.amount, l.currency.clone())) } else { None }
    });
    assert_eq!(lines, [("Amazon Relational Database Service".to_owned(), 812.4, "USD".to_owned())], "{costs:?}");
    assert_eq!(set(&costs, "aws:123456789012", key::SPEND_WATCHED), None, "monitors could not be read: {costs:?}");
    assert!(aws.cost().billed_calls >= 4);
    let plan = aws.plan().await;
    let kept: Vec<(&str, u32)> =
        plan.iter().filter(|p| p.keep_hours > 0).map(|p| (p.name.as_str(), p.keep_hours)).collect();
    assert_eq!(kept, [("costs/global", 24)]);
}
