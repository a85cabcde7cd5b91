SELECT i.schemaname::text AS schema, i.relname::text AS table_name, i.indexrelname::text AS name,
       i.idx_scan::float8 AS scans, greatest(c.relpages, 0)::float8 * current_setting('block_size')::float8 AS bytes,
       x.indisunique OR x.indisprimary OR x.indisexclusion
         OR EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) AS uniq,
       x.indisvalid AND x.indisready AS valid,
       ARRAY(SELECT coalesce(a.attname::text, '(expression)')
             FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
             LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum AND k.attnum <> 0
             WHERE k.place <= x.indnkeyatts
             ORDER BY k.place) AS columns,
       extract(epoch FROM coalesce(d.stats_reset, b.stats_reset))::float8 AS since
FROM pg_stat_user_indexes i
JOIN pg_index x ON x.indexrelid = i.indexrelid
JOIN pg_class c ON c.oid = i.indexrelid
LEFT JOIN pg_stat_database d ON d.datname = current_database()
CROSS JOIN pg_stat_bgwriter b
ORDER BY c.relpages DESC, i.indexrelid
LIMIT 2000
