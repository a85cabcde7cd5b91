SELECT t.relid::text AS id, t.schemaname::text AS schema, t.relname::text AS name,
       t.n_live_tup::float8 AS live, t.n_dead_tup::float8 AS dead, t.seq_scan::float8 AS seq_scan,
       t.seq_tup_read::float8 AS seq_read, t.idx_scan::float8 AS idx_scan, t.n_mod_since_analyze::float8 AS modified,
       extract(epoch FROM t.last_autovacuum)::float8 AS last_autovacuum,
       extract(epoch FROM t.last_autoanalyze)::float8 AS last_autoanalyze,
       greatest(c.relpages, 0)::float8 * current_setting('block_size')::float8 AS estimated_bytes,
       count(*) OVER ()::float8 AS listed,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = t.relid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns,
       extract(epoch FROM coalesce(d.stats_reset, b.stats_reset))::float8 AS since
FROM pg_stat_user_tables t
JOIN pg_class c ON c.oid = t.relid
LEFT JOIN pg_stat_database d ON d.datname = current_database()
CROSS JOIN pg_stat_bgwriter b
WHERE c.relkind IN ('r', 'm')
ORDER BY c.relpages DESC, t.n_live_tup DESC, t.relid
LIMIT 500
