SELECT COUNT(*) AS transactions,
       SUM(t.trx_state = 'LOCK WAIT') AS blocked,
       MAX(TIMESTAMPDIFF(SECOND, t.trx_wait_started, NOW())) AS longest_wait,
       MAX(CASE WHEN p.COMMAND = 'Sleep' THEN p.TIME END) AS longest_idle,
       MAX(TIMESTAMPDIFF(SECOND, t.trx_started, NOW())) AS oldest
FROM information_schema.INNODB_TRX t
LEFT JOIN performance_schema.processlist p ON p.ID = t.trx_mysql_thread_id
WHERE t.trx_mysql_thread_id <> CONNECTION_ID()
