SELECT p.USER AS user, COUNT(*) AS sessions,
       SUM(p.COMMAND <> 'Sleep') AS active,
       SUM(COALESCE(p.STATE, '') LIKE 'Waiting for % lock') AS blocked,
       MAX(CASE WHEN p.STATE LIKE 'Waiting for % lock' THEN p.TIME END) AS longest_wait
FROM performance_schema.processlist p
WHERE p.ID <> CONNECTION_ID() AND p.USER NOT IN ('system user', 'event_scheduler', 'unauthenticated user')
  AND p.COMMAND NOT IN ('Daemon', 'Binlog Dump', 'Binlog Dump GTID')
GROUP BY p.USER
ORDER BY 2 DESC, 1
LIMIT 200
