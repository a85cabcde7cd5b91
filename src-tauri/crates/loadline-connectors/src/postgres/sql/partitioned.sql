WITH bounds AS MATERIALIZED (
  SELECT h.inhparent AS root, pg_get_expr(c.relpartbound, c.oid) AS bound
  FROM pg_partitioned_table k
  JOIN pg_attribute a ON a.attrelid = k.partrelid AND a.attnum = k.partattrs[0]
  JOIN pg_inherits h ON h.inhparent = k.partrelid
  JOIN pg_class c ON c.oid = h.inhrelid
  WHERE k.partstrat = 'r' AND k.partnatts = 1 AND k.partdefid = 0
    AND a.atttypid IN ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
), spans AS MATERIALIZED (
  SELECT root, substring(bound FROM 'FROM \(''([^'']+)''\)')::timestamptz AS since,
         coalesce(substring(bound FROM 'TO \(''([^'']+)''\)'), 'infinity')::timestamptz AS until
  FROM bounds
), parts AS MATERIALIZED (
  SELECT pg_partition_root(c.oid)::oid AS root, count(*)::float8 AS partitions,
         sum(pg_stat_get_live_tuples(c.oid))::float8 AS live, sum(pg_stat_get_numscans(c.oid))::float8 AS seq_scan,
         sum(pg_stat_get_tuples_returned(c.oid))::float8 AS seq_read,
         sum(greatest(c.relpages, 0))::float8 * current_setting('block_size')::float8 AS estimated_bytes,
         sum((SELECT sum(pg_stat_get_numscans(x.indexrelid)) FROM pg_index x WHERE x.indrelid = c.oid))::float8 AS idx_scan
  FROM pg_class c
  WHERE c.relispartition AND c.relkind = 'r'
  GROUP BY 1
)
SELECT t.oid::text AS id, n.nspname::text AS schema, t.relname::text AS name, coalesce(p.partitions, 0) AS partitions,
       p.live, p.seq_scan, p.seq_read, p.idx_scan, p.estimated_bytes,
       ARRAY(SELECT a.attname::text FROM pg_attribute a
             WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) AS columns,
       extract(epoch FROM l.since)::float8 AS last_since, extract(epoch FROM l.until)::float8 AS last_until,
       extract(epoch FROM coalesce(d.stats_reset, b.stats_reset))::float8 AS since
FROM pg_class t
JOIN pg_namespace n ON n.oid = t.relnamespace
LEFT JOIN parts p ON p.root = t.oid
LEFT JOIN LATERAL (SELECT s.since, s.until FROM spans s WHERE s.root = t.oid ORDER BY s.until DESC LIMIT 1) l ON true
LEFT JOIN pg_stat_database d ON d.datname = current_database()
CROSS JOIN pg_stat_bgwriter b
WHERE t.relkind = 'p' AND NOT t.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY p.estimated_bytes DESC NULLS LAST, t.oid
LIMIT 200
