SELECT (SELECT extversion FROM pg_extension WHERE extname = 'pg_stat_statements')::text AS version
