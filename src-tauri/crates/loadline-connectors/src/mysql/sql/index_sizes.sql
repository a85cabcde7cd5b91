SELECT i.database_name AS table_schema, SUBSTRING_INDEX(SUBSTRING_INDEX(i.table_name, '#P#', 1), '#p#', 1) AS table_name,
       i.index_name AS index_name, SUM(i.stat_value) * @@innodb_page_size AS bytes
FROM mysql.innodb_index_stats i
WHERE i.stat_name = 'size' AND i.database_name NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
GROUP BY 1, 2, 3
ORDER BY 4 DESC, 1, 2, 3
LIMIT 20000
