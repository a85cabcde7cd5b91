SELECT t.PROCESSLIST_ID AS id, CAST(v.VARIABLE_VALUE AS CHAR(64)) AS uuid
FROM performance_schema.user_variables_by_thread v
JOIN performance_schema.threads t ON t.THREAD_ID = v.THREAD_ID
WHERE v.VARIABLE_NAME IN ('replica_uuid', 'slave_uuid') AND t.PROCESSLIST_COMMAND IN ('Binlog Dump', 'Binlog Dump GTID')
ORDER BY 1, 2
LIMIT 400
