SELECT name::text AS name, reset_val::text AS value, unit::text AS unit, source::text AS source
FROM pg_settings
WHERE name IN ('max_connections', 'superuser_reserved_connections', 'reserved_connections', 'log_min_duration_statement',
               'autovacuum', 'autovacuum_vacuum_threshold', 'autovacuum_vacuum_scale_factor', 'autovacuum_freeze_max_age',
               'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'fsync', 'full_page_writes',
               'synchronous_commit', 'archive_mode', 'archive_command', 'archive_library', 'max_wal_size', 'max_slot_wal_keep_size', 'data_directory')
   OR name ~ '^(rds|cloudsql|alloydb|azure|neon|aurora)[._]'
ORDER BY name
LIMIT 2000
