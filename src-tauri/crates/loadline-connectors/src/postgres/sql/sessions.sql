SELECT a.usename::text AS role, nullif(a.application_name, '')::text AS program, count(*)::float8 AS sessions
FROM pg_stat_activity a
WHERE a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()
GROUP BY 1, 2
ORDER BY 3 DESC, 1, 2
LIMIT 200
