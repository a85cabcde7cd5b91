//! The edge and the compute side of an account, filled by the vendor's own client and read scope by scope.

use super::super::services::testing::{check, lines};
use super::*;
use crate::testing::MotoServer;

const FILL: &str = "
import json
role = client('iam').create_role(RoleName='r', AssumeRolePolicyDocument='{}')['Role']['Arn']
ec2, elb, waf = client('ec2'), client('elbv2'), client('wafv2')
vpc = ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']
zones = {'eu-west-1a': '10.0.0.0/20', 'eu-west-1b': '10.0.16.0/20'}
subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=c, AvailabilityZone=z)['Subnet']['SubnetId'] for z, c in zones.items()]
def balancer(name):
    return elb.create_load_balancer(Name=name, Subnets=subnets, Type='application')['LoadBalancers'][0]['LoadBalancerArn']
web, bare = balancer('web'), balancer('bare')
group = elb.create_target_group(Name='web', Protocol='HTTP', Port=80, VpcId=vpc, TargetType='instance')['TargetGroups'][0]['TargetGroupArn']
elb.create_listener(LoadBalancerArn=web, Protocol='HTTP', Port=80, DefaultActions=[{'Type': 'forward', 'TargetGroupArn': group}])
elb.modify_target_group_attributes(TargetGroupArn=group, Attributes=[{'Key': 'stickiness.enabled', 'Value': 'true'},
    {'Key': 'deregistration_delay.timeout_seconds', 'Value': '45'}])
seen = {'SampledRequestsEnabled': False, 'CloudWatchMetricsEnabled': False, 'MetricName': 'm'}
acl = waf.create_web_acl(Name='web', Scope='REGIONAL', DefaultAction={'Allow': {}}, VisibilityConfig=seen, Rules=[
    {'Name': 'common', 'Priority': 0, 'OverrideAction': {'None': {}}, 'VisibilityConfig': seen,
     'Statement': {'ManagedRuleGroupStatement': {'VendorName': 'AWS', 'Name': 'AWSManagedRulesCommonRuleSet'}}},
    {'Name': 'rate', 'Priority': 1, 'Action': {'Block': {}}, 'VisibilityConfig': seen,
     'Statement': {'RateBasedStatement': {'Limit': 100, 'AggregateKeyType': 'IP'}}}])['Summary']['ARN']
waf.associate_web_acl(WebACLArn=acl, ResourceArn=web)
gateway = client('apigateway')
api = gateway.create_rest_api(name='shop')['id']
root = gateway.get_resources(restApiId=api)['items'][0]['id']
gateway.put_method(restApiId=api, resourceId=root, httpMethod='GET', authorizationType='NONE')
gateway.put_integration(restApiId=api, resourceId=root, httpMethod='GET', type='HTTP_PROXY', integrationHttpMethod='GET', uri='https://app.internal.example.com/x')
gateway.create_deployment(restApiId=api, stageName='prod')
waf.associate_web_acl(WebACLArn=acl, ResourceArn=f'arn:aws:apigateway:eu-west-1::/restapis/{api}/stages/prod')
two = client('apigatewayv2')
http = two.create_api(Name='mobile', ProtocolType='HTTP')['ApiId']
two.create_integration(ApiId=http, IntegrationType='AWS_PROXY', IntegrationUri='arn:aws:lambda:eu-west-1:123456789012:function:api', PayloadFormatVersion='2.0')
two.create_stage(ApiId=http, StageName='$default')
scaling = client('autoscaling')
scaling.create_launch_configuration(LaunchConfigurationName='l', ImageId='ami-12c6146b', InstanceType='t3.small')
scaling.create_auto_scaling_group(AutoScalingGroupName='workers', LaunchConfigurationName='l', MinSize=1, MaxSize=4, DesiredCapacity=2, VPCZoneIdentifier=','.join(subnets))
scaling.put_scaling_policy(AutoScalingGroupName='workers', PolicyName='cpu', PolicyType='TargetTrackingScaling', TargetTrackingConfiguration={
    'PredefinedMetricSpecification': {'PredefinedMetricType': 'ASGAverageCPUUtilization'}, 'TargetValue': 60.0})
ecs = client('ecs')
ecs.create_cluster(clusterName='main')
ecs.register_task_definition(family='api', requiresCompatibilities=['FARGATE'], cpu='512', memory='1024', networkMode='awsvpc',
    containerDefinitions=[{'name': 'api', 'image': 'nginx:latest', 'essential': True}])
ecs.create_service(cluster='main', serviceName='api', taskDefinition='api', desiredCount=1, launchType='FARGATE',
    deploymentConfiguration={'minimumHealthyPercent': 0, 'maximumPercent': 200, 'deploymentCircuitBreaker': {'enable': True, 'rollback': True}})
eks = client('eks')
eks.create_cluster(name='k8s', version='1.33', roleArn=role, resourcesVpcConfig={'subnetIds': subnets})
eks.create_nodegroup(clusterName='k8s', nodegroupName='nodes', scalingConfig={'minSize': 1, 'maxSize': 3, 'desiredSize': 2}, subnets=subnets, nodeRole=role)
client('efs').create_file_system(CreationToken='1', AvailabilityZoneName='eu-west-1a', Backup=True)
queue = client('sqs').create_queue(QueueName='jobs')['QueueUrl']
topic = client('sns').create_topic(Name='orders')['TopicArn']
client('sns').subscribe(TopicArn=topic, Protocol='sqs', Endpoint='arn:aws:sqs:eu-west-1:123456789012:jobs')
client('cloudfront', 'us-east-1').create_distribution(DistributionConfig={'CallerReference': '1', 'Comment': '', 'Enabled': True,
    'Origins': {'Quantity': 1, 'Items': [{'Id': 'o', 'DomainName': 'app.example.com', 'CustomOriginConfig': {'HTTPPort': 80, 'HTTPSPort': 443, 'OriginProtocolPolicy': 'https-only'}}]},
    'DefaultCacheBehavior': {'TargetOriginId': 'o', 'ViewerProtocolPolicy': 'redirect-to-https', 'Compress': False,
        'ForwardedValues': {'QueryString': False, 'Cookies': {'Forward': 'none'}}, 'MinTTL': 0}})
print(web, bare, group, api, http)
";

#[tokio::test]
async fn entries_and_services_are_read_with_what_the_rules_ask() {
    let moto = MotoServer::start().expect("moto");
    let ids = moto.script(FILL).expect("an account");
    let short = |arn: &str| arn.replace("arn:aws:", "").replace(":eu-west-1:123456789012:", ":");
    let ids: Vec<String> = ids.split_whitespace().map(short).collect();
    let [web, bare, group, rest, http] = &ids[..] else { panic!("{ids:?}") };
    install_crypto();
    let account = account("aws", &[("endpoint_url", &moto.url()), ("access_key_id", "AKIDTEST")]);
    let secret = Some(Secret::new("hunter2"));
    let aws = Aws::connect(account, secret, &Surroundings::default(), Limits::default(), Duration::from_secs(60)).await;
    let (aws, window, progress) = (aws.expect("an account"), last_days(7), Progress::silent());
    let read = async |name: &str| {
        let scope = aws.read_scope(&ScopePlan::new(name, name), &window, &progress).await;
        assert!(scope.gaps.is_empty(), "{name}: {:?}", scope.gaps);
        lines(&scope)
            .iter()
            .map(|l| l.replace(":eu-west-1:123456789012:", ":").replace("aws:123456789012:", ""))
            .collect::<Vec<_>>()
    };
    let has = async |name: &str, expected: &[String]| {
        check(&read(name).await, &expected.iter().map(String::as_str).collect::<Vec<_>>(), &[]);
    };
    has(
        "wafv2/eu-west-1",
        &[
            format!("{web} entry.firewall = block"),
            format!("{web} entry.rate_limited = on"),
            format!("{bare} entry.firewall = none"),
            format!("{bare} entry.rate_limited = off"),
        ],
    )
    .await;
    has(
        "elbv2/eu-west-1",
        &[
            format!("{web} entry.sticky_sessions[web] = on"),
            format!("{group} members.drain_seconds = 45"),
            format!("{group} members.readiness_check = on"),
        ],
    )
    .await;
    let rest = format!("apigateway:eu-west-1::/restapis/{rest}");
    has(
        "apigateway/eu-west-1",
        &[
            format!("{rest} is entry point shop, managed"),
            format!("{rest} Serves dns:app.internal.example.com"),
            format!("{rest} entry.firewall = block"),
            format!("{rest} entry.rate_limited = on"),
            format!("apigateway:eu-west-1::/apis/{http} Serves lambda:function:api"),
            format!("apigateway:eu-west-1::/apis/{http} entry.rate_limited = off"),
        ],
    )
    .await;
    let groups = read("autoscaling/eu-west-1").await;
    for ending in [
        "scaling.signal = cpu",
        "scaling.target = 0.6",
        "deploy.artefact = machine_image",
        "deploy.artefact_mutable = off",
        "scaling.failures_7d = 0",
        "scaling.actions_per_hour = 0",
    ] {
        assert!(groups.iter().any(|l| l.contains("autoScalingGroupName/workers") && l.ends_with(ending)), "{groups:?}");
    }
    has(
        "ecs/eu-west-1",
        &[
            "ecs:service/main/api deploy.artefact_mutable = on".to_owned(),
            "ecs:service/main/api members.resources_reserved = on".to_owned(),
            "ecs:service/main/api members.cores = 0.5".to_owned(),
        ],
    )
    .await;
    let clusters = read("eks/eu-west-1").await;
    for ending in ["cluster/k8s platform_redundant = on", "members.desired = 2", "may use eks:cluster/k8s"] {
        assert!(clusters.iter().any(|l| l.ends_with(ending)), "{clusters:?}");
    }
    let files = read("efs/eu-west-1").await;
    for ending in ["RunsIn eu-west-1a", "platform_redundant = off", "backup.enabled = on"] {
        assert!(files.iter().any(|l| l.ends_with(ending)), "{files:?}");
    }
    has(
        "sns/eu-west-1",
        &["sns:orders is queue orders, sns ?, managed".to_owned(), "sns:orders Publishes sqs:jobs".to_owned()],
    )
    .await;
    let edge = read("cloudfront/global").await;
    for ending in
        ["entry.firewall = none", "entry.rate_limited = off", "cdn.origin_failover = off", "cdn.compresses = off"]
    {
        assert!(edge.iter().any(|l| l.ends_with(ending)), "{edge:?}");
    }
}
