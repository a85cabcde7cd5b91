SELECT t.TABLE_SCHEMA AS table_schema, t.TABLE_NAME AS table_name, t.ENGINE AS engine, t.TABLE_ROWS AS table_rows,
       t.DATA_LENGTH AS data_length, t.INDEX_LENGTH AS index_length, t.AUTO_INCREMENT AS next_key, t.CREATE_OPTIONS LIKE '%partitioned%' AS divided,
       COUNT(*) OVER () AS listed, SUM(t.DATA_LENGTH + t.INDEX_LENGTH) OVER () AS all_bytes
FROM information_schema.TABLES t
WHERE t.TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED')
  AND t.TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
ORDER BY t.DATA_LENGTH + t.INDEX_LENGTH DESC, t.TABLE_SCHEMA, t.TABLE_NAME
LIMIT 500
