SHOW GLOBAL VARIABLES
WHERE Variable_name IN ('max_connections', 'slow_query_log', 'long_query_time', 'log_output', 'performance_schema',
                        'performance_schema_digests_size', 'max_execution_time', 'max_statement_time',
                        'innodb_lock_wait_timeout', 'lock_wait_timeout', 'wait_timeout', 'idle_transaction_timeout',
                        'innodb_flush_log_at_trx_commit', 'innodb_doublewrite', 'innodb_flush_method', 'innodb_page_size',
                        'sync_binlog', 'log_bin', 'binlog_expire_logs_seconds', 'expire_logs_days', 'read_only',
                        'bind_address', 'skip_networking', 'require_secure_transport', 'datadir', 'basedir', 'version',
                        'version_comment', 'wsrep_on')
   OR Variable_name LIKE 'aurora%' OR Variable_name LIKE 'rds\_%' OR Variable_name LIKE 'cloudsql%'
