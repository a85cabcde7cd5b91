# A shop before it grew: one machine with everything on it, a container service of one task, a database in one zone
# without backups, a balancer with one target in each of its groups, and nobody who is told.
web = group('web', 80)
store = group('store', 5432, web)
front = balancer('front')
host = machine('host', subnets['a'], [web])
elbv2.register_targets(TargetGroupArn=targets('everything', front), Targets=[{'Id': host, 'Port': 80}])
orders = database('orders', MultiAZ=False, BackupRetentionPeriod=0, VpcSecurityGroupIds=[store])
address = orders['Endpoint']
url = f"postgresql://app@{address['Address']}:{address['Port']}/orders"
containers('api', targets('api', front, 'ip', 8080), 1, {'DATABASE_URL': url}, [web], 'a')
alias('www.shop.example', 'dualstack.' + front['DNSName'], 'Z32O12XQLNTSW2')
