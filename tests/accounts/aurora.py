# An Aurora cluster with one reader, both in one zone: redundancy on paper. A container service needs it.
front = balancer('front')
inside = group('inside', 80)
made = rds.create_db_cluster(DBClusterIdentifier='orders', Engine='aurora-postgresql', MasterUsername='app',
                             MasterUserPassword='password', BackupRetentionPeriod=7, DeletionProtection=True)
for n, zone in enumerate(zones):
    rds.create_db_instance(DBInstanceIdentifier=f'orders-{n}', DBInstanceClass='db.r6g.large', Engine='aurora-postgresql',
                           DBClusterIdentifier='orders', AvailabilityZone=f'eu-west-1{zone}')
url = f"postgresql://app@{made['DBCluster']['Endpoint']}:5432/orders"
containers('api', targets('api', front, 'ip', 8080), 2, {'DATABASE_URL': url}, [inside])
