SELECT p.ID AS id, p.USER AS user, p.HOST AS host
FROM performance_schema.processlist p
WHERE p.COMMAND IN ('Binlog Dump', 'Binlog Dump GTID')
ORDER BY 3, 1
LIMIT 200
