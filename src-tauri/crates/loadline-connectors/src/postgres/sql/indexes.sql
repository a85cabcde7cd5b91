WITH largest AS MATERIALIZED (
  SELECT c.oid, n.nspname, c.relname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  ORDER BY c.relpages DESC, pg_stat_get_live_tuples(c.oid) DESC, c.oid
  LIMIT 500
), named AS MATERIALIZED (
  SELECT oid, nspname, relname FROM largest
  UNION ALL
  SELECT c.oid, n.nspname, c.relname
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind = 'p' AND NOT c.relispartition
), parts AS MATERIALIZED (
  SELECT pg_partition_root(c.oid)::oid AS root, sum(pg_stat_get_numscans(c.oid)) AS scans, sum(greatest(c.relpages, 0)) AS pages
  FROM pg_class c
  WHERE c.relispartition AND c.relkind = 'i'
  GROUP BY 1
)
SELECT t.nspname::text AS schema, t.relname::text AS table_name, i.relname::text AS name,
       CASE WHEN i.relkind = 'I' THEN coalesce(p.scans, 0) ELSE pg_stat_get_numscans(i.oid) END::float8 AS scans,
       coalesce(p.pages, greatest(i.relpages, 0))::float8 * current_setting('block_size')::float8 AS bytes,
       x.indisunique OR x.indisprimary OR x.indisexclusion
         OR EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.oid) AS uniq,
       x.indisvalid AND x.indisready AS valid,
       ARRAY(SELECT coalesce(a.attname::text, '(expression)')
             FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
             LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum AND k.attnum <> 0
             WHERE k.place <= x.indnkeyatts
             ORDER BY k.place) AS columns,
       ARRAY(SELECT k.attnum || ' ' || x.indclass[k.place::int - 1] || ' ' || x.indcollation[k.place::int - 1] || ' '
                    || x.indoption[k.place::int - 1]
                    || CASE WHEN k.attnum = 0 THEN ' ' || hashtextextended(pg_get_indexdef(i.oid, k.place::int, false), 0) ELSE '' END
             FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
             WHERE k.place <= x.indnkeyatts
             ORDER BY k.place) AS keys,
       m.amname || coalesce(' where ' || hashtextextended(pg_get_expr(x.indpred, x.indrelid), 0), '')
         || coalesce((SELECT ' include ' || string_agg(k.attnum::text, ' ' ORDER BY k.attnum)
                      FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
                      WHERE k.place > x.indnkeyatts), '') AS alike,
       extract(epoch FROM coalesce(d.stats_reset, b.stats_reset))::float8 AS since
FROM named t
JOIN pg_index x ON x.indrelid = t.oid
JOIN pg_class i ON i.oid = x.indexrelid AND NOT i.relispartition
LEFT JOIN parts p ON p.root = i.oid
JOIN pg_am m ON m.oid = i.relam
LEFT JOIN pg_stat_database d ON d.datname = current_database()
CROSS JOIN pg_stat_bgwriter b
ORDER BY coalesce(p.pages, i.relpages) DESC, i.oid
LIMIT 5000
