SELECT s.TABLE_SCHEMA AS table_schema, s.TABLE_NAME AS table_name, s.INDEX_NAME AS index_name, s.NON_UNIQUE AS free,
       s.COLUMN_NAME AS column_name, s.SUB_PART AS sub_part, s.COLLATION AS direction, s.INDEX_TYPE AS index_type,
       s.IGNORED = 'YES' AS hidden
FROM information_schema.STATISTICS s
WHERE s.TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
ORDER BY s.TABLE_SCHEMA, s.TABLE_NAME, s.INDEX_NAME, s.SEQ_IN_INDEX
LIMIT 20000
