# Two private subnets in two zones. `shared`: both leave through one NAT gateway; otherwise each through its own.
net = ec2.create_vpc(CidrBlock='10.0.0.0/16')['Vpc']['VpcId']


def subnet(cidr, zone):
    return ec2.create_subnet(VpcId=net, CidrBlock=cidr, AvailabilityZone=f'eu-west-1{zone}')['Subnet']['SubnetId']


def way(public, name):
    address = ec2.allocate_address(Domain='vpc')['AllocationId']
    tags = [{'ResourceType': 'natgateway', 'Tags': [{'Key': 'Name', 'Value': name}]}]
    made = ec2.create_nat_gateway(SubnetId=public, AllocationId=address, TagSpecifications=tags)
    return made['NatGateway']['NatGatewayId']


door = ec2.create_internet_gateway()['InternetGateway']['InternetGatewayId']
ec2.attach_internet_gateway(InternetGatewayId=door, VpcId=net)
public = {z: subnet(f'10.0.{n}.0/24', z) for n, z in enumerate('ab')}
private = {z: subnet(f'10.0.{n + 10}.0/24', z) for n, z in enumerate('ab')}
ways = {'a': way(public['a'], 'nat-a')}
ways['b'] = ways['a'] if shared else way(public['b'], 'nat-b')
for zone, inside in private.items():
    table = ec2.create_route_table(VpcId=net)['RouteTable']['RouteTableId']
    ec2.create_route(RouteTableId=table, DestinationCidrBlock='0.0.0.0/0', NatGatewayId=ways[zone])
    ec2.associate_route_table(RouteTableId=table, SubnetId=inside)
vpc, subnets = net, public
front = balancer('front')
inside = group('inside', 80)
scaled('pages', {'pages-a': private['a'], 'pages-b': private['b']}, targets('pages', front), [inside])
