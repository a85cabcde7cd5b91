# The same shop after a year of work: two zones, machines that replace each other, a database that fails over and is
# copied, a cache that fails over, a content network with a firewall, and alarms that reach a person.
web = group('web', 80)
store = group('store', 5432, web)
memory = group('memory', 6379, web)
front = balancer('front')
scaled('pages', {'pages-a': subnets['a'], 'pages-b': subnets['b']}, targets('pages', front), [web])
scaling.put_scaling_policy(AutoScalingGroupName='pages', PolicyName='cpu', PolicyType='TargetTrackingScaling',
                           TargetTrackingConfiguration={'TargetValue': 50.0, 'PredefinedMetricSpecification': {
                               'PredefinedMetricType': 'ASGAverageCPUUtilization'}})
del_protect = {'DeletionProtection': True, 'MultiAZ': True, 'BackupRetentionPeriod': 35}
orders = database('orders', VpcSecurityGroupIds=[store], **del_protect)
rds.create_db_instance_read_replica(DBInstanceIdentifier='orders-reports', SourceDBInstanceIdentifier='orders',
                                    AvailabilityZone='eu-west-1b')
rds.create_db_snapshot(DBSnapshotIdentifier='orders-daily', DBInstanceIdentifier='orders')
cache = client('elasticache')
cache.create_replication_group(ReplicationGroupId='sessions', ReplicationGroupDescription='sessions', Engine='redis',
                               CacheNodeType='cache.t3.small', AutomaticFailoverEnabled=True, MultiAZEnabled=True,
                               NumNodeGroups=1, ReplicasPerNodeGroup=1, SnapshotRetentionLimit=7,
                               SecurityGroupIds=[memory])
shard = cache.describe_replication_groups()['ReplicationGroups'][0]['NodeGroups'][0]
primary = shard['PrimaryEndpoint']['Address']
address = orders['Endpoint']
needs = {'DATABASE_URL': f"postgresql://app@{address['Address']}:{address['Port']}/orders",
         'REDIS_URL': f'redis://{primary}:6379'}
containers('api', targets('api', front, 'ip', 8080), 2, needs, [web])

content = client('cloudfront', 'us-east-1')
origin = {'Id': 'front', 'DomainName': front['DNSName'], 'CustomOriginConfig': {
    'HTTPPort': 80, 'HTTPSPort': 443, 'OriginProtocolPolicy': 'https-only'}}
cached = {'TargetOriginId': 'front', 'ViewerProtocolPolicy': 'redirect-to-https', 'Compress': True,
          'ForwardedValues': {'QueryString': True, 'Cookies': {'Forward': 'all'}}, 'MinTTL': 0}
made = content.create_distribution(DistributionConfig={
    'CallerReference': '1', 'Comment': 'shop', 'Enabled': True, 'Aliases': {'Quantity': 1, 'Items': ['www.shop.example']},
    'Origins': {'Quantity': 1, 'Items': [origin]}, 'DefaultCacheBehavior': cached})['Distribution']
alias('www.shop.example', made['DomainName'], 'Z2FDTNDATAQYW2')
seen = {'SampledRequestsEnabled': True, 'CloudWatchMetricsEnabled': True, 'MetricName': 'shop'}
managed = {'ManagedRuleGroupStatement': {'VendorName': 'AWS', 'Name': 'AWSManagedRulesCommonRuleSet'}}
client('wafv2', 'us-east-1').create_web_acl(
    Name='shop', Scope='CLOUDFRONT', DefaultAction={'Allow': {}}, VisibilityConfig=seen,
    Rules=[{'Name': 'common', 'Priority': 0, 'Statement': managed, 'OverrideAction': {'None': {}}, 'VisibilityConfig': seen},
           {'Name': 'rate', 'Priority': 1, 'Action': {'Block': {}}, 'VisibilityConfig': seen,
            'Statement': {'RateBasedStatement': {'Limit': 2000, 'AggregateKeyType': 'IP'}}}])

pager = client('sns').create_topic(Name='pager')['TopicArn']
client('sns').subscribe(TopicArn=pager, Protocol='sms', Endpoint='+491700000000')
watch = client('cloudwatch')
this = [{'Name': 'LoadBalancer', 'Value': front['LoadBalancerArn'].split(':loadbalancer/')[1]}]


def alarm(name, namespace, metric, dimensions, limit, **statistic):
    watch.put_metric_alarm(AlarmName=name, AlarmActions=[pager], ActionsEnabled=True, Namespace=namespace,
                           MetricName=metric, Dimensions=dimensions, Period=60, EvaluationPeriods=5, Threshold=limit,
                           ComparisonOperator='GreaterThanThreshold', **statistic)


alarm('slow', 'AWS/ApplicationELB', 'TargetResponseTime', this, 0.5, ExtendedStatistic='p95')
alarm('failing', 'AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', this, 10, Statistic='Sum')
alarm('database-cpu', 'AWS/RDS', 'CPUUtilization', [{'Name': 'DBInstanceIdentifier', 'Value': 'orders'}], 80,
      Statistic='Average')
