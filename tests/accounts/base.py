# What every account starts from: its default network, and words for the parts that several of them have. Calls and
# fields are those of the services' API references; `client` makes a client of one service.
import datetime

ec2, elbv2, rds = client('ec2'), client('elbv2'), client('rds')
scaling, ecs, dns = client('autoscaling'), client('ecs'), client('route53', 'us-east-1')
vpc = ec2.describe_vpcs(Filters=[{'Name': 'is-default', 'Values': ['true']}])['Vpcs'][0]['VpcId']
found = ec2.describe_subnets(Filters=[{'Name': 'vpc-id', 'Values': [vpc]}])['Subnets']
subnets = {s['AvailabilityZone'][-1]: s['SubnetId'] for s in found}
production = [{'Key': 'environment', 'Value': 'production'}]


def group(name, port=None, source=None):
    """A security group that lets another one in at a port, or everybody."""
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)['GroupId']
    if port:
        rule = {'IpProtocol': 'tcp', 'FromPort': port, 'ToPort': port}
        rule |= {'UserIdGroupPairs': [{'GroupId': source}]} if source else {'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[rule])
    return made


def machine(name, subnet, groups):
    """A machine whose disk goes with it."""
    disk = {'DeviceName': '/dev/xvda', 'Ebs': {'VolumeSize': 8, 'DeleteOnTermination': True}}
    made = ec2.run_instances(ImageId='ami-12c6146b', MinCount=1, MaxCount=1, InstanceType='t3.medium',
                             SubnetId=subnet, SecurityGroupIds=groups, BlockDeviceMappings=[disk],
                             TagSpecifications=[{'ResourceType': 'instance', 'Tags': [{'Key': 'Name', 'Value': name}]}])
    return made['Instances'][0]['InstanceId']


def balancer(name, zones='ab'):
    """An application load balancer; it always lies in at least two zones."""
    made = elbv2.create_load_balancer(Name=name, Subnets=[subnets[z] for z in zones], Type='application')
    return made['LoadBalancers'][0]


def targets(name, balancer, kind='instance', port=80, path='/health'):
    """A target group behind a balancer."""
    arn = elbv2.create_target_group(Name=name, Protocol='HTTP', Port=port, VpcId=vpc, TargetType=kind,
                                    HealthCheckPath=path)['TargetGroups'][0]['TargetGroupArn']
    forward = [{'Type': 'forward', 'TargetGroupArn': arn}]
    elbv2.create_listener(LoadBalancerArn=balancer['LoadBalancerArn'], Protocol='HTTP', Port=port, DefaultActions=forward)
    return arn


def scaled(name, members, target, groups, tags=()):
    """An Auto Scaling group; the emulator launches into the first subnet only, so members are attached by zone."""
    scaling.create_launch_configuration(LaunchConfigurationName=name, ImageId='ami-12c6146b', InstanceType='t3.medium')
    tags = [{'Key': k, 'Value': v, 'PropagateAtLaunch': False} for k, v in tags]
    scaling.create_auto_scaling_group(AutoScalingGroupName=name, LaunchConfigurationName=name, MinSize=0,
                                      MaxSize=2 * len(members), DesiredCapacity=0, TargetGroupARNs=[target],
                                      VPCZoneIdentifier=','.join(sorted(set(members.values()))), Tags=tags)
    ids = [machine(n, subnet, groups) for n, subnet in members.items()]
    scaling.attach_instances(InstanceIds=ids, AutoScalingGroupName=name)
    scaling.update_auto_scaling_group(AutoScalingGroupName=name, MinSize=len(ids), DesiredCapacity=len(ids))


def database(name, **more):
    """A PostgreSQL database."""
    made = rds.create_db_instance(**{'DBInstanceIdentifier': name, 'DBInstanceClass': 'db.t3.medium', 'Engine': 'postgres',
                                     'MasterUsername': 'app', 'MasterUserPassword': 'password', 'AllocatedStorage': 20,
                                     'AvailabilityZone': 'eu-west-1a', 'PubliclyAccessible': False} | more)
    return made['DBInstance']


def containers(name, target, count, environment, groups, zones='ab'):
    """A container service of Fargate tasks."""
    ecs.create_cluster(clusterName='main')
    variables = [{'name': k, 'value': v} for k, v in environment.items()]
    container = {'name': name, 'image': f'example/{name}:1', 'memory': 256, 'environment': variables,
                 'portMappings': [{'containerPort': 8080}]}
    task = ecs.register_task_definition(family=name, containerDefinitions=[container], networkMode='awsvpc',
                                        requiresCompatibilities=['FARGATE'], cpu='256', memory='512')
    network = {'awsvpcConfiguration': {'subnets': [subnets[z] for z in zones], 'securityGroups': groups}}
    ecs.create_service(cluster='main', serviceName=name, desiredCount=count, launchType='FARGATE',
                       taskDefinition=task['taskDefinition']['taskDefinitionArn'], networkConfiguration=network,
                       loadBalancers=[{'targetGroupArn': target, 'containerName': name, 'containerPort': 8080}])


def alias(name, to, zone):
    """A name that points at a balancer or a distribution."""
    made = dns.create_hosted_zone(Name='shop.example', CallerReference='1')['HostedZone']['Id']
    record = {'Name': name, 'Type': 'A',
              'AliasTarget': {'HostedZoneId': zone, 'DNSName': to, 'EvaluateTargetHealth': True}}
    dns.change_resource_record_sets(HostedZoneId=made,
                                    ChangeBatch={'Changes': [{'Action': 'CREATE', 'ResourceRecordSet': record}]})
