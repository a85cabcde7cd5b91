SELECT a.ATTR_VALUE AS program, COUNT(*) AS sessions
FROM performance_schema.session_connect_attrs a
JOIN performance_schema.threads t ON t.PROCESSLIST_ID = a.PROCESSLIST_ID
WHERE a.ATTR_NAME = 'program_name' AND a.PROCESSLIST_ID <> CONNECTION_ID()
GROUP BY a.ATTR_VALUE
ORDER BY 2 DESC, 1
LIMIT 50
