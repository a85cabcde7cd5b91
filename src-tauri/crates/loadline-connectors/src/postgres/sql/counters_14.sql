SELECT sum(d.blks_hit)::float8 AS hit, sum(d.blks_read)::float8 AS read, sum(d.deadlocks)::float8 AS deadlocks,
       sum(d.temp_bytes)::float8 AS temp_bytes, sum(d.numbackends)::float8 AS backends,
       sum(d.sessions)::float8 AS sessions,
       extract(epoch FROM max(coalesce(d.stats_reset, b.stats_reset)))::float8 AS since
FROM pg_stat_database d
CROSS JOIN pg_stat_bgwriter b
WHERE d.datname IS NOT NULL AND d.datname NOT IN ('template0', 'template1')
