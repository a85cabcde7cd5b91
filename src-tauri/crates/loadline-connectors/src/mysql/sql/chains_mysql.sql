SELECT DISTINCT rt.PROCESSLIST_ID AS waiter, rt.PROCESSLIST_USER AS waiter_name,
       TIMESTAMPDIFF(SECOND, r.trx_wait_started, NOW()) AS seconds,
       bt.PROCESSLIST_ID AS holder, bt.PROCESSLIST_USER AS holder_name, bt.PROCESSLIST_COMMAND AS holder_state
FROM performance_schema.data_lock_waits w
LEFT JOIN information_schema.INNODB_TRX r ON r.trx_id = w.REQUESTING_ENGINE_TRANSACTION_ID
LEFT JOIN performance_schema.threads rt ON rt.THREAD_ID = w.REQUESTING_THREAD_ID
LEFT JOIN performance_schema.threads bt ON bt.THREAD_ID = w.BLOCKING_THREAD_ID
ORDER BY 3 DESC, 1, 4
LIMIT 50
