SELECT s.queryid::text AS id, left(min(s.query), 8000) AS text, sum(s.calls)::float8 AS calls,
       sum(s.total_exec_time)::float8 AS total_ms, sum(s.rows)::float8 AS rows,
       sum(s.shared_blks_read)::float8 AS blocks_read, sum(s.temp_blks_written)::float8 AS temp_blocks
FROM pg_stat_statements s
WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND s.queryid IS NOT NULL
GROUP BY s.queryid
ORDER BY 4 DESC, 1
LIMIT 200
