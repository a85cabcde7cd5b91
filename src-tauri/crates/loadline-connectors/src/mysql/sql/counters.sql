SHOW GLOBAL STATUS
WHERE Variable_name IN ('Uptime', 'Uptime_since_flush_status', 'Threads_connected', 'Connections', 'Max_used_connections',
                        'Connection_errors_max_connections', 'Innodb_buffer_pool_read_requests', 'Innodb_buffer_pool_reads',
                        'Innodb_deadlocks', 'Performance_schema_digest_lost', 'Performance_schema_index_stat_lost',
                        'Performance_schema_table_instances_lost', 'Performance_schema_table_handles_lost')
