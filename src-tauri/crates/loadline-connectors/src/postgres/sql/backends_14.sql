SELECT count(*)::float8 AS sessions,
       count(*) FILTER (WHERE a.usename <> current_user AND a.application_name !~* 'exporter|monitor')::float8 AS readers,
       count(*) FILTER (WHERE a.state = 'active')::float8 AS active,
       count(*) FILTER (WHERE a.wait_event_type = 'Lock')::float8 AS blocked,
       coalesce((SELECT max(extract(epoch FROM clock_timestamp() - l.waitstart)) FROM pg_locks l WHERE NOT l.granted), 0)::float8 AS longest_wait,
       coalesce(max(extract(epoch FROM clock_timestamp() - a.state_change))
                FILTER (WHERE a.state LIKE 'idle in transaction%'), 0)::float8 AS longest_idle,
       greatest(coalesce(max(extract(epoch FROM clock_timestamp() - a.xact_start)), 0),
                coalesce((SELECT max(extract(epoch FROM clock_timestamp() - p.prepared)) FROM pg_prepared_xacts p), 0)
               )::float8 AS oldest
FROM pg_stat_activity a
WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
