SELECT w.pid::text AS waiter, w.application_name::text AS waiter_name,
       extract(epoch FROM clock_timestamp() - w.query_start)::float8 AS seconds,
       coalesce(b.pid::text, 'a prepared transaction') AS holder, b.application_name::text AS holder_name,
       b.state::text AS holder_state
FROM pg_stat_activity w
CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS p
LEFT JOIN pg_stat_activity b ON b.pid = p
WHERE w.wait_event_type = 'Lock'
ORDER BY 3 DESC NULLS LAST, 1, 4
LIMIT 50
