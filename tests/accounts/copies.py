# A database with automated backups and a vault of AWS Backup; where its copies lie is what the test adds.
front = balancer('front')
inside = group('inside', 80)
host = machine('host', subnets['a'], [inside])
elbv2.register_targets(TargetGroupArn=targets('everything', front), Targets=[{'Id': host, 'Port': 80}])
database('orders', BackupRetentionPeriod=7, VpcSecurityGroupIds=[group('store', 5432, inside)])
client('backup').create_backup_vault(BackupVaultName='main')
