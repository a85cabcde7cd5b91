SELECT u.OBJECT_SCHEMA AS table_schema, u.OBJECT_NAME AS table_name, u.INDEX_NAME AS index_name,
       u.COUNT_STAR AS used, u.COUNT_FETCH AS fetched
FROM performance_schema.table_io_waits_summary_by_index_usage u
WHERE u.OBJECT_TYPE = 'TABLE' AND u.OBJECT_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
ORDER BY u.OBJECT_SCHEMA, u.OBJECT_NAME, u.INDEX_NAME
LIMIT 20000
