//! The rows. A call that a service needs is a line here: API, name, how it pages, and where AWS calls its permission
//! differently. Describe, Get, List and BatchGet are its verbs; CloudTrail's LookupEvents, which only reads too and says
//! who deployed, is the one exception, and the tests name it.

use super::Paginator::None as ONE;
use super::{Api, Dialect, Operation, Paginator};

const NEXT: Paginator = Paginator::Token(&[("NextToken", "NextToken")]);
const EC2_NEXT: Paginator = Paginator::Token(&[("NextToken", "nextToken")]);
const LOWER: Paginator = Paginator::Token(&[("nextToken", "nextToken")]);
const LOWER_ASK: Paginator = Paginator::Token(&[("nextToken", "NextToken")]);
const MARKER: Paginator = Paginator::Token(&[("Marker", "Marker")]);
const NEXT_MARKER: Paginator = Paginator::Token(&[("Marker", "NextMarker")]);
const WAF_MARKER: Paginator = Paginator::Token(&[("NextMarker", "NextMarker")]);
const POSITION: Paginator = Paginator::Token(&[("position", "position")]);
const CE_PAGE: Paginator = Paginator::Token(&[("NextPageToken", "NextPageToken")]);
const RECORDS: Paginator =
    Paginator::Token(&[("name", "NextRecordName"), ("type", "NextRecordType"), ("identifier", "NextRecordIdentifier")]);

static STS: Api = Api::query("sts", "2011-06-15");
static IAM: Api = Api::query("iam", "2010-05-08").global();
static EC2: Api = Api::rest("ec2", Dialect::Ec2Query { version: "2016-11-15" });
static AUTOSCALING: Api = Api::query("autoscaling", "2011-01-01");
static SCALABLE: Api = Api::json11("application-autoscaling", "AnyScaleFrontendService");
static ECS: Api = Api::json11("ecs", "AmazonEC2ContainerServiceV20141113");
static ECR: Api = Api::json11("ecr", "AmazonEC2ContainerRegistry_V20150921").host("api.ecr");
static EKS: Api = Api::rest("eks", Dialect::RestJson);
static LAMBDA: Api = Api::rest("lambda", Dialect::RestJson);
static ELB: Api = Api::query("elasticloadbalancing", "2012-06-01");
static ELBV2: Api = Api::query("elasticloadbalancing", "2015-12-01");
static ROUTE53: Api = Api::rest("route53", Dialect::RestXml).global();
static CLOUDFRONT: Api = Api::rest("cloudfront", Dialect::RestXml).global();
static WAF: Api = Api::json11("wafv2", "AWSWAF_20190729");
static APIGATEWAY: Api = Api::rest("apigateway", Dialect::RestJson);
static RDS: Api = Api::query("rds", "2014-10-31");
static PI: Api = Api::json11("pi", "PerformanceInsightsv20180227");
static DYNAMODB: Api = Api::json10("dynamodb", "DynamoDB_20120810");
static ELASTICACHE: Api = Api::query("elasticache", "2015-02-02");
static MEMORYDB: Api = Api::json11("memorydb", "AmazonMemoryDB").host("memory-db");
static KAFKA: Api = Api::rest("kafka", Dialect::RestJson);
static MQ: Api = Api::rest("mq", Dialect::RestJson);
static SQS: Api = Api::json10("sqs", "AmazonSQS");
static SNS: Api = Api::query("sns", "2010-03-31");
static S3: Api = Api::rest("s3", Dialect::RestXml);
static EFS: Api = Api::rest("elasticfilesystem", Dialect::RestJson);
static OPENSEARCH: Api = Api::rest("es", Dialect::RestJson);
static BACKUP: Api = Api::rest("backup", Dialect::RestJson);
static CLOUDWATCH: Api = Api::query("monitoring", "2010-08-01");
static LOGS: Api = Api::json11("logs", "Logs_20140328");
static EVENTS: Api = Api::json11("events", "AWSEvents");
static CLOUDTRAIL: Api = Api::json11("cloudtrail", "com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101");
static CODEDEPLOY: Api = Api::json11("codedeploy", "CodeDeploy_20141006");
static CODEPIPELINE: Api = Api::json11("codepipeline", "CodePipeline_20150709");
static SECRETS: Api = Api::json11("secretsmanager", "secretsmanager");
static ACM: Api = Api::json11("acm", "CertificateManager");
static KMS: Api = Api::json11("kms", "TrentService");
static QUOTAS: Api = Api::json11("servicequotas", "ServiceQuotasV20190624");
static COSTS: Api = Api::json11("ce", "AWSInsightsIndexService").global();
static BUDGETS: Api = Api::json11("budgets", "AWSBudgetServiceGateway").global();
static SUPPORT: Api = Api::json11("support", "AWSSupport_20130415").global();
static HEALTH: Api = Api::json11("health", "AWSHealth_20160804").global();
static RESILIENCE: Api = Api::rest("resiliencehub", Dialect::RestJson);
static OPTIMIZER: Api = Api::json10("compute-optimizer", "ComputeOptimizerService");
static CONFIG: Api = Api::json11("config", "StarlingDoveService");
static TAGGING: Api = Api::json11("tagging", "ResourceGroupsTaggingAPI_20170126");
static ORGANIZATIONS: Api = Api::json11("organizations", "AWSOrganizationsV20161128").global();
static KINESIS: Api = Api::json11("kinesis", "Kinesis_20131202");

const fn op(api: &'static Api, name: &'static str, page: Paginator) -> Operation {
    Operation::new(api, name, page)
}

/// Everything that may be asked, by API.
#[rustfmt::skip]
pub(in crate::aws) static OPERATIONS: &[Operation] = &[
    op(&STS, "sts:GetCallerIdentity", ONE),
    op(&IAM, "iam:GetAccountSummary", ONE),
    op(&IAM, "iam:ListAccountAliases", MARKER),
    op(&ORGANIZATIONS, "organizations:ListAccounts", NEXT),
    op(&EC2, "ec2:DescribeInstances", EC2_NEXT),
    op(&EC2, "ec2:DescribeRegions", ONE),
    op(&EC2, "ec2:DescribeAvailabilityZones", ONE),
    op(&EC2, "ec2:DescribeInstanceStatus", EC2_NEXT),
    op(&EC2, "ec2:DescribeInstanceTypes", EC2_NEXT),
    op(&EC2, "ec2:DescribeVpcs", EC2_NEXT),
    op(&EC2, "ec2:DescribeSubnets", EC2_NEXT),
    op(&EC2, "ec2:DescribeRouteTables", EC2_NEXT),
    op(&EC2, "ec2:DescribeNatGateways", EC2_NEXT),
    op(&EC2, "ec2:DescribeInternetGateways", EC2_NEXT),
    op(&EC2, "ec2:DescribeNetworkInterfaces", EC2_NEXT),
    op(&EC2, "ec2:DescribeNetworkAcls", EC2_NEXT),
    op(&EC2, "ec2:DescribeSecurityGroups", EC2_NEXT),
    op(&EC2, "ec2:DescribeAddresses", ONE),
    op(&EC2, "ec2:DescribeVolumes", EC2_NEXT),
    op(&EC2, "ec2:DescribeVolumeStatus", EC2_NEXT),
    op(&EC2, "ec2:DescribeSnapshots", EC2_NEXT),
    op(&EC2, "ec2:DescribeImages", EC2_NEXT),
    op(&EC2, "ec2:DescribeLaunchTemplates", EC2_NEXT),
    op(&EC2, "ec2:DescribeLaunchTemplateVersions", EC2_NEXT),
    op(&EC2, "ec2:DescribePlacementGroups", ONE),
    op(&EC2, "ec2:DescribeVpcEndpoints", EC2_NEXT),
    op(&EC2, "ec2:DescribeVpcPeeringConnections", EC2_NEXT),
    op(&EC2, "ec2:DescribeTransitGatewayAttachments", EC2_NEXT),
    op(&EC2, "ec2:DescribeVpnConnections", ONE),
    op(&EC2, "ec2:DescribeReservedInstances", ONE),
    op(&AUTOSCALING, "autoscaling:DescribeAutoScalingGroups", NEXT),
    op(&AUTOSCALING, "autoscaling:DescribePolicies", NEXT),
    op(&AUTOSCALING, "autoscaling:DescribeScheduledActions", NEXT),
    op(&AUTOSCALING, "autoscaling:DescribeLaunchConfigurations", NEXT),
    op(&AUTOSCALING, "autoscaling:DescribeLifecycleHooks", ONE),
    op(&AUTOSCALING, "autoscaling:DescribeScalingActivities", NEXT),
    op(&AUTOSCALING, "autoscaling:DescribeInstanceRefreshes", NEXT),
    op(&AUTOSCALING, "autoscaling:DescribeWarmPool", NEXT),
    op(&SCALABLE, "application-autoscaling:DescribeScalableTargets", NEXT),
    op(&SCALABLE, "application-autoscaling:DescribeScalingPolicies", NEXT),
    op(&SCALABLE, "application-autoscaling:DescribeScheduledActions", NEXT),
    op(&SCALABLE, "application-autoscaling:DescribeScalingActivities", NEXT),
    op(&ECS, "ecs:ListClusters", LOWER),
    op(&ECS, "ecs:DescribeClusters", ONE),
    op(&ECS, "ecs:ListServices", LOWER),
    op(&ECS, "ecs:DescribeServices", ONE),
    op(&ECS, "ecs:ListTasks", LOWER),
    op(&ECS, "ecs:DescribeTasks", ONE),
    op(&ECS, "ecs:DescribeTaskDefinition", ONE),
    op(&ECS, "ecs:ListContainerInstances", LOWER),
    op(&ECS, "ecs:DescribeContainerInstances", ONE),
    op(&ECS, "ecs:DescribeCapacityProviders", LOWER),
    op(&ECS, "ecs:ListServiceDeployments", LOWER),
    op(&ECS, "ecs:DescribeServiceDeployments", ONE),
    op(&ECR, "ecr:DescribeRepositories", LOWER),
    op(&EKS, "eks:ListClusters", LOWER).at("/clusters"),
    op(&EKS, "eks:DescribeCluster", ONE).at("/clusters/{name}"),
    op(&EKS, "eks:ListNodegroups", LOWER).at("/clusters/{name}/node-groups"),
    op(&EKS, "eks:DescribeNodegroup", ONE).at("/clusters/{name}/node-groups/{nodegroupName}"),
    op(&EKS, "eks:ListAddons", LOWER).at("/clusters/{name}/addons"),
    op(&EKS, "eks:ListFargateProfiles", LOWER).at("/clusters/{name}/fargate-profiles"),
    op(&LAMBDA, "lambda:ListFunctions", NEXT_MARKER).at("/2015-03-31/functions/"),
    op(&LAMBDA, "lambda:GetAccountSettings", ONE).at("/2016-08-19/account-settings/"),
    op(&LAMBDA, "lambda:GetFunctionConcurrency", ONE).at("/2019-09-30/functions/{FunctionName}/concurrency"),
    op(&LAMBDA, "lambda:ListProvisionedConcurrencyConfigs", NEXT_MARKER)
        .at("/2019-09-30/functions/{FunctionName}/provisioned-concurrency?List=ALL"),
    op(&LAMBDA, "lambda:ListEventSourceMappings", NEXT_MARKER).at("/2015-03-31/event-source-mappings/"),
    op(&LAMBDA, "lambda:ListAliases", NEXT_MARKER).at("/2015-03-31/functions/{FunctionName}/aliases"),
    op(&LAMBDA, "lambda:ListVersionsByFunction", NEXT_MARKER).at("/2015-03-31/functions/{FunctionName}/versions"),
    op(&LAMBDA, "lambda:GetFunctionEventInvokeConfig", ONE)
        .at("/2019-09-25/functions/{FunctionName}/event-invoke-config").none_is(&["ResourceNotFoundException"]),
    op(&ELB, "elb:DescribeLoadBalancers", NEXT_MARKER).iam("elasticloadbalancing:DescribeLoadBalancers"),
    op(&ELB, "elb:DescribeInstanceHealth", ONE).iam("elasticloadbalancing:DescribeInstanceHealth"),
    op(&ELB, "elb:DescribeLoadBalancerAttributes", ONE).iam("elasticloadbalancing:DescribeLoadBalancerAttributes"),
    op(&ELB, "elb:DescribeTags", ONE).iam("elasticloadbalancing:DescribeTags"),
    op(&ELBV2, "elbv2:DescribeLoadBalancers", NEXT_MARKER).iam("elasticloadbalancing:DescribeLoadBalancers"),
    op(&ELBV2, "elbv2:DescribeListeners", NEXT_MARKER).iam("elasticloadbalancing:DescribeListeners"),
    op(&ELBV2, "elbv2:DescribeRules", NEXT_MARKER).iam("elasticloadbalancing:DescribeRules"),
    op(&ELBV2, "elbv2:DescribeTargetGroups", NEXT_MARKER).iam("elasticloadbalancing:DescribeTargetGroups"),
    op(&ELBV2, "elbv2:DescribeTargetHealth", ONE).iam("elasticloadbalancing:DescribeTargetHealth"),
    op(&ELBV2, "elbv2:DescribeLoadBalancerAttributes", ONE).iam("elasticloadbalancing:DescribeLoadBalancerAttributes"),
    op(&ELBV2, "elbv2:DescribeTargetGroupAttributes", ONE).iam("elasticloadbalancing:DescribeTargetGroupAttributes"),
    op(&ELBV2, "elbv2:DescribeListenerCertificates", NEXT_MARKER).iam("elasticloadbalancing:DescribeListenerCertificates"),
    op(&ELBV2, "elbv2:DescribeTags", ONE).iam("elasticloadbalancing:DescribeTags"),
    op(&ROUTE53, "route53:ListHostedZones", Paginator::Token(&[("marker", "NextMarker")])).at("/2013-04-01/hostedzone"),
    op(&ROUTE53, "route53:ListResourceRecordSets", RECORDS).at("/2013-04-01/hostedzone/{Id}/rrset"),
    op(&ROUTE53, "route53:ListHealthChecks", Paginator::Token(&[("marker", "NextMarker")])).at("/2013-04-01/healthcheck"),
    op(&ROUTE53, "route53:GetHealthCheckStatus", ONE).at("/2013-04-01/healthcheck/{HealthCheckId}/status"),
    op(&CLOUDFRONT, "cloudfront:ListDistributions", Paginator::Token(&[("Marker", "NextMarker")])).at("/2020-05-31/distribution"),
    op(&CLOUDFRONT, "cloudfront:GetDistribution", ONE).at("/2020-05-31/distribution/{Id}"),
    op(&CLOUDFRONT, "cloudfront:GetDistributionConfig", ONE).at("/2020-05-31/distribution/{Id}/config"),
    op(&CLOUDFRONT, "cloudfront:GetMonitoringSubscription", ONE)
        .at("/2020-05-31/distributions/{DistributionId}/monitoring-subscription").none_is(&["NoSuchMonitoringSubscription"]),
    op(&CLOUDFRONT, "cloudfront:ListCachePolicies", Paginator::Token(&[("Marker", "NextMarker")])).at("/2020-05-31/cache-policy"),
    op(&CLOUDFRONT, "cloudfront:GetCachePolicy", ONE).at("/2020-05-31/cache-policy/{Id}"),
    op(&WAF, "wafv2:ListWebACLs", WAF_MARKER),
    op(&WAF, "wafv2:GetWebACL", ONE),
    op(&WAF, "wafv2:GetWebACLForResource", ONE).none_is(&["WAFNonexistentItemException"]),
    op(&WAF, "wafv2:ListResourcesForWebACL", ONE),
    op(&APIGATEWAY, "apigateway:GetRestApis", POSITION).at("/restapis").iam("apigateway:GET"),
    op(&APIGATEWAY, "apigateway:GetStages", ONE).at("/restapis/{restApiId}/stages").iam("apigateway:GET"),
    op(&APIGATEWAY, "apigateway:GetResources", POSITION).at("/restapis/{restApiId}/resources").iam("apigateway:GET"),
    op(&APIGATEWAY, "apigateway:GetUsagePlans", POSITION).at("/usageplans").iam("apigateway:GET"),
    op(&APIGATEWAY, "apigateway:GetAccount", ONE).at("/account").iam("apigateway:GET"),
    op(&APIGATEWAY, "apigateway:GetDomainNames", POSITION).at("/domainnames").iam("apigateway:GET"),
    op(&APIGATEWAY, "apigateway:GetBasePathMappings", POSITION)
        .at("/domainnames/{domainName}/basepathmappings").iam("apigateway:GET"),
    op(&APIGATEWAY, "apigateway:GetApis", LOWER).at("/v2/apis").iam("apigateway:GET"),
    op(&APIGATEWAY, "apigateway:GetApiStages", LOWER).at("/v2/apis/{apiId}/stages").iam("apigateway:GET"),
    op(&APIGATEWAY, "apigateway:GetIntegrations", LOWER).at("/v2/apis/{apiId}/integrations").iam("apigateway:GET"),
    op(&RDS, "rds:DescribeDBInstances", MARKER),
    op(&RDS, "rds:DescribeDBClusters", MARKER),
    op(&RDS, "rds:DescribeGlobalClusters", MARKER),
    op(&RDS, "rds:DescribeDBSnapshots", MARKER),
    op(&RDS, "rds:DescribeDBClusterSnapshots", MARKER),
    op(&RDS, "rds:DescribeDBInstanceAutomatedBackups", MARKER),
    op(&RDS, "rds:DescribeDBClusterAutomatedBackups", MARKER),
    op(&RDS, "rds:DescribeDBParameters", MARKER),
    op(&RDS, "rds:DescribeDBParameterGroups", MARKER),
    op(&RDS, "rds:DescribeDBClusterParameters", MARKER),
    op(&RDS, "rds:DescribeDBSubnetGroups", MARKER),
    op(&RDS, "rds:DescribeDBProxies", MARKER),
    op(&RDS, "rds:DescribeDBProxyTargets", MARKER),
    op(&RDS, "rds:DescribeEvents", MARKER),
    op(&RDS, "rds:DescribePendingMaintenanceActions", MARKER),
    op(&RDS, "rds:DescribeDBEngineVersions", MARKER),
    op(&RDS, "rds:DescribeDBMajorEngineVersions", MARKER),
    op(&RDS, "rds:DescribeCertificates", MARKER),
    op(&RDS, "rds:DescribeEventSubscriptions", MARKER),
    op(&RDS, "rds:DescribeReservedDBInstances", MARKER),
    op(&RDS, "rds:DescribeAccountAttributes", ONE),
    op(&PI, "pi:GetResourceMetrics", NEXT),
    op(&PI, "pi:DescribeDimensionKeys", NEXT),
    op(&DYNAMODB, "dynamodb:ListTables", Paginator::Token(&[("ExclusiveStartTableName", "LastEvaluatedTableName")])),
    op(&DYNAMODB, "dynamodb:DescribeTable", ONE),
    op(&DYNAMODB, "dynamodb:DescribeContinuousBackups", ONE),
    op(&DYNAMODB, "dynamodb:DescribeTimeToLive", ONE),
    op(&DYNAMODB, "dynamodb:DescribeLimits", ONE),
    op(&DYNAMODB, "dynamodb:ListBackups", Paginator::Token(&[("ExclusiveStartBackupArn", "LastEvaluatedBackupArn")])),
    op(&DYNAMODB, "dynamodb:ListGlobalTables", Paginator::Token(&[("ExclusiveStartGlobalTableName", "LastEvaluatedGlobalTableName")])),
    op(&ELASTICACHE, "elasticache:DescribeReplicationGroups", MARKER),
    op(&ELASTICACHE, "elasticache:DescribeCacheClusters", MARKER),
    op(&ELASTICACHE, "elasticache:DescribeCacheParameters", MARKER),
    op(&ELASTICACHE, "elasticache:DescribeCacheSubnetGroups", MARKER),
    op(&ELASTICACHE, "elasticache:DescribeSnapshots", MARKER),
    op(&ELASTICACHE, "elasticache:DescribeServerlessCaches", NEXT),
    op(&ELASTICACHE, "elasticache:DescribeEvents", MARKER),
    op(&ELASTICACHE, "elasticache:DescribeUpdateActions", MARKER),
    op(&MEMORYDB, "memorydb:DescribeClusters", NEXT),
    op(&MEMORYDB, "memorydb:DescribeSnapshots", NEXT),
    op(&MEMORYDB, "memorydb:DescribeParameters", NEXT),
    op(&KAFKA, "kafka:ListClustersV2", LOWER).at("/api/v2/clusters"),
    op(&KAFKA, "kafka:DescribeConfiguration", ONE).at("/v1/configurations/{arn}"),
    op(&KAFKA, "kafka:DescribeConfigurationRevision", ONE).at("/v1/configurations/{arn}/revisions/{revision}"),
    op(&KAFKA, "kafka:ListNodes", LOWER).at("/v1/clusters/{clusterArn}/nodes"),
    op(&MQ, "mq:ListBrokers", LOWER).at("/v1/brokers"),
    op(&MQ, "mq:DescribeBroker", ONE).at("/v1/brokers/{broker-id}"),
    op(&SQS, "sqs:ListQueues", NEXT),
    op(&SQS, "sqs:GetQueueAttributes", ONE),
    op(&SQS, "sqs:ListDeadLetterSourceQueues", NEXT),
    op(&SQS, "sqs:ListQueueTags", ONE),
    op(&SNS, "sns:ListTopics", NEXT),
    op(&SNS, "sns:GetTopicAttributes", ONE),
    op(&SNS, "sns:ListSubscriptions", NEXT),
    op(&SNS, "sns:ListSubscriptionsByTopic", NEXT),
    op(&SNS, "sns:GetSubscriptionAttributes", ONE),
    op(&KINESIS, "kinesis:ListStreams", NEXT),
    op(&KINESIS, "kinesis:DescribeStreamSummary", ONE),
    op(&S3, "s3:ListBuckets", Paginator::Token(&[("continuation-token", "ContinuationToken")])).iam("s3:ListAllMyBuckets"),
    op(&S3, "s3:GetBucketLocation", ONE).at("/{Bucket}?location"),
    op(&S3, "s3:GetBucketVersioning", ONE).at("/{Bucket}?versioning"),
    op(&S3, "s3:GetBucketReplication", ONE).at("/{Bucket}?replication").iam("s3:GetReplicationConfiguration")
        .none_is(&["ReplicationConfigurationNotFoundError"]),
    op(&S3, "s3:GetBucketLifecycleConfiguration", ONE).at("/{Bucket}?lifecycle").iam("s3:GetLifecycleConfiguration")
        .none_is(&["NoSuchLifecycleConfiguration"]),
    op(&S3, "s3:GetObjectLockConfiguration", ONE).at("/{Bucket}?object-lock").iam("s3:GetBucketObjectLockConfiguration")
        .none_is(&["ObjectLockConfigurationNotFoundError"]),
    op(&S3, "s3:GetBucketTagging", ONE).at("/{Bucket}?tagging").none_is(&["NoSuchTagSet"]),
    op(&S3, "s3:GetBucketEncryption", ONE).at("/{Bucket}?encryption").iam("s3:GetEncryptionConfiguration")
        .none_is(&["ServerSideEncryptionConfigurationNotFoundError"]),
    op(&S3, "s3:GetPublicAccessBlock", ONE).at("/{Bucket}?publicAccessBlock").iam("s3:GetBucketPublicAccessBlock")
        .none_is(&["NoSuchPublicAccessBlockConfiguration"]),
    op(&S3, "s3:GetBucketLogging", ONE).at("/{Bucket}?logging"),
    op(&EFS, "elasticfilesystem:DescribeFileSystems", NEXT_MARKER).at("/2015-02-01/file-systems"),
    op(&EFS, "elasticfilesystem:DescribeMountTargets", NEXT_MARKER).at("/2015-02-01/mount-targets"),
    op(&EFS, "elasticfilesystem:DescribeBackupPolicy", ONE).at("/2015-02-01/file-systems/{FileSystemId}/backup-policy")
        .none_is(&["PolicyNotFound"]),
    op(&OPENSEARCH, "es:ListDomainNames", ONE).at("/2021-01-01/domain"),
    op(&OPENSEARCH, "es:DescribeDomain", ONE).at("/2021-01-01/opensearch/domain/{DomainName}"),
    op(&BACKUP, "backup:ListBackupPlans", LOWER_ASK).at("/backup/plans/"),
    op(&BACKUP, "backup:GetBackupPlan", ONE).at("/backup/plans/{backupPlanId}/"),
    op(&BACKUP, "backup:ListBackupSelections", LOWER_ASK).at("/backup/plans/{backupPlanId}/selections/"),
    op(&BACKUP, "backup:GetBackupSelection", ONE).at("/backup/plans/{backupPlanId}/selections/{selectionId}"),
    op(&BACKUP, "backup:ListBackupVaults", LOWER_ASK).at("/backup-vaults/"),
    op(&BACKUP, "backup:DescribeBackupVault", ONE).at("/backup-vaults/{backupVaultName}"),
    op(&BACKUP, "backup:ListBackupJobs", LOWER_ASK).at("/backup-jobs/"),
    op(&BACKUP, "backup:ListCopyJobs", LOWER_ASK).at("/copy-jobs/"),
    op(&BACKUP, "backup:ListRestoreJobs", LOWER_ASK).at("/restore-jobs/"),
    op(&BACKUP, "backup:DescribeRegionSettings", ONE).at("/account-settings"),
    op(&BACKUP, "backup:ListRestoreTestingPlans", NEXT).at("/restore-testing/plans"),
    op(&BACKUP, "backup:ListRestoreTestingSelections", NEXT).at("/restore-testing/plans/{RestoreTestingPlanName}/selections"),
    op(&BACKUP, "backup:GetRestoreTestingSelection", ONE)
        .at("/restore-testing/plans/{RestoreTestingPlanName}/selections/{RestoreTestingSelectionName}"),
    op(&BACKUP, "backup:GetRestoreTestingPlan", ONE).at("/restore-testing/plans/{RestoreTestingPlanName}"),
    op(&BACKUP, "backup:ListProtectedResources", LOWER_ASK).at("/resources/"),
    op(&BACKUP, "backup:ListRecoveryPointsByBackupVault", LOWER_ASK).at("/backup-vaults/{backupVaultName}/recovery-points/"),
    op(&BACKUP, "backup:ListRecoveryPointsByResource", LOWER_ASK).at("/resources/{resourceArn}/recovery-points/"),
    op(&CLOUDWATCH, "cloudwatch:GetMetricData", NEXT).billed(),
    op(&CLOUDWATCH, "cloudwatch:GetMetricStatistics", ONE),
    op(&CLOUDWATCH, "cloudwatch:ListMetrics", NEXT),
    op(&CLOUDWATCH, "cloudwatch:DescribeAlarms", NEXT),
    op(&CLOUDWATCH, "cloudwatch:DescribeAlarmHistory", NEXT),
    op(&CLOUDWATCH, "cloudwatch:ListDashboards", NEXT),
    op(&LOGS, "logs:DescribeLogGroups", LOWER),
    op(&LOGS, "logs:DescribeMetricFilters", LOWER),
    op(&EVENTS, "events:ListRules", NEXT),
    op(&EVENTS, "events:ListTargetsByRule", NEXT),
    op(&CLOUDTRAIL, "cloudtrail:DescribeTrails", ONE),
    op(&CLOUDTRAIL, "cloudtrail:GetTrailStatus", ONE),
    // Two requests a second for an account in a region (CloudTrail User Guide, "Quotas in AWS CloudTrail").
    op(&CLOUDTRAIL, "cloudtrail:LookupEvents", NEXT).apart(500),
    op(&CODEDEPLOY, "codedeploy:ListApplications", LOWER),
    op(&CODEDEPLOY, "codedeploy:ListDeploymentGroups", LOWER),
    op(&CODEDEPLOY, "codedeploy:BatchGetDeploymentGroups", ONE),
    op(&CODEDEPLOY, "codedeploy:ListDeployments", LOWER),
    op(&CODEDEPLOY, "codedeploy:BatchGetDeployments", ONE),
    op(&CODEDEPLOY, "codedeploy:GetDeploymentConfig", ONE),
    op(&CODEPIPELINE, "codepipeline:ListPipelines", LOWER),
    op(&CODEPIPELINE, "codepipeline:GetPipeline", ONE),
    op(&CODEPIPELINE, "codepipeline:GetPipelineState", ONE),
    op(&CODEPIPELINE, "codepipeline:ListPipelineExecutions", LOWER),
    op(&SECRETS, "secretsmanager:ListSecrets", NEXT),
    op(&SECRETS, "secretsmanager:DescribeSecret", ONE),
    op(&ACM, "acm:ListCertificates", NEXT),
    op(&ACM, "acm:DescribeCertificate", ONE),
    op(&KMS, "kms:ListKeys", NEXT_MARKER),
    op(&KMS, "kms:DescribeKey", ONE),
    op(&KMS, "kms:GetKeyRotationStatus", ONE),
    op(&QUOTAS, "servicequotas:ListServiceQuotas", NEXT),
    op(&QUOTAS, "servicequotas:GetServiceQuota", ONE),
    op(&QUOTAS, "servicequotas:ListAWSDefaultServiceQuotas", NEXT),
    op(&COSTS, "ce:GetCostAndUsage", CE_PAGE).billed(),
    op(&COSTS, "ce:GetAnomalies", CE_PAGE).billed(),
    op(&COSTS, "ce:GetAnomalyMonitors", CE_PAGE).billed(),
    op(&COSTS, "ce:GetAnomalySubscriptions", CE_PAGE).billed(),
    op(&COSTS, "ce:ListCostAllocationTags", NEXT).billed(),
    op(&BUDGETS, "budgets:DescribeBudgetNotificationsForAccount", NEXT).iam("budgets:ViewBudget"),
    op(&COSTS, "ce:GetSavingsPlansCoverage", NEXT).billed(),
    op(&COSTS, "ce:GetReservationCoverage", CE_PAGE).billed(),
    op(&SUPPORT, "support:DescribeTrustedAdvisorChecks", ONE),
    op(&SUPPORT, "support:DescribeTrustedAdvisorCheckResult", ONE),
    op(&SUPPORT, "support:DescribeTrustedAdvisorCheckSummaries", ONE),
    op(&HEALTH, "health:DescribeEvents", LOWER),
    op(&HEALTH, "health:DescribeAffectedEntities", LOWER),
    op(&RESILIENCE, "resiliencehub:ListApps", LOWER).at("/list-apps"),
    op(&RESILIENCE, "resiliencehub:ListAppAssessments", LOWER).at("/list-app-assessments"),
    op(&OPTIMIZER, "compute-optimizer:GetEnrollmentStatus", ONE),
    op(&OPTIMIZER, "compute-optimizer:GetEC2InstanceRecommendations", LOWER),
    op(&OPTIMIZER, "compute-optimizer:GetRDSDatabaseRecommendations", LOWER),
    op(&CONFIG, "config:DescribeConfigRules", NEXT),
    op(&CONFIG, "config:DescribeComplianceByConfigRule", NEXT),
    op(&TAGGING, "tag:GetResources", Paginator::Token(&[("PaginationToken", "PaginationToken")])),
];
