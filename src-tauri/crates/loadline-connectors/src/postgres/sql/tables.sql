WITH listed AS MATERIALIZED (
  SELECT c.oid, n.nspname, c.relname, c.relpages, c.relispartition, pg_stat_get_live_tuples(c.oid) AS live
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
)
SELECT t.oid::text AS id, t.nspname::text AS schema, t.relname::text AS name,
       t.live::float8 AS live, pg_stat_get_dead_tuples(t.oid)::float8 AS dead,
       pg_stat_get_numscans(t.oid)::float8 AS seq_scan, pg_stat_get_tuples_returned(t.oid)::float8 AS seq_read,
       (SELECT sum(pg_stat_get_numscans(x.indexrelid)) FROM pg_index x WHERE x.indrelid = t.oid)::float8 AS idx_scan,
       pg_stat_get_mod_since_analyze(t.oid)::float8 AS modified,
       extract(epoch FROM pg_stat_get_last_autovacuum_time(t.oid))::float8 AS last_autovacuum,
       extract(epoch FROM pg_stat_get_last_autoanalyze_time(t.oid))::float8 AS last_autoanalyze,
       greatest(t.relpages, 0)::float8 * current_setting('block_size')::float8 AS estimated_bytes,
       (SELECT count(*) FROM listed)::float8 AS listed,
       CASE WHEN t.relispartition THEN pg_partition_root(t.oid)::oid::text END AS root,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns,
       extract(epoch FROM coalesce(d.stats_reset, b.stats_reset))::float8 AS since
FROM (SELECT * FROM listed ORDER BY relpages DESC, live DESC, oid LIMIT 500) t
LEFT JOIN pg_stat_database d ON d.datname = current_database()
CROSS JOIN pg_stat_bgwriter b
ORDER BY t.relpages DESC, t.live DESC, t.oid
