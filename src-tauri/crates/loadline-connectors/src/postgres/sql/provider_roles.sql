SELECT rolname::text AS name
FROM pg_roles
WHERE rolname IN ('rds_superuser', 'rdsadmin', 'cloudsqlsuperuser', 'cloudsqladmin', 'alloydbsuperuser', 'azure_pg_admin',
                  'neon_superuser', 'doadmin', 'avnadmin')
ORDER BY rolname
