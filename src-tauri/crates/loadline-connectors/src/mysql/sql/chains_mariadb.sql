SELECT DISTINCT r.trx_mysql_thread_id AS waiter, rp.USER AS waiter_name,
       TIMESTAMPDIFF(SECOND, r.trx_wait_started, NOW()) AS seconds,
       b.trx_mysql_thread_id AS holder, bp.USER AS holder_name, bp.COMMAND AS holder_state
FROM information_schema.INNODB_LOCK_WAITS w
JOIN information_schema.INNODB_TRX r ON r.trx_id = w.requesting_trx_id
JOIN information_schema.INNODB_TRX b ON b.trx_id = w.blocking_trx_id
LEFT JOIN information_schema.PROCESSLIST rp ON rp.ID = r.trx_mysql_thread_id
LEFT JOIN information_schema.PROCESSLIST bp ON bp.ID = b.trx_mysql_thread_id
ORDER BY 3 DESC, 1, 4
LIMIT 50
