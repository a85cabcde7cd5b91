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
)
SELECT t.nspname::text AS schema, t.relname::text AS table_name, k.conname::text AS name,
       ARRAY(SELECT a.attname::text
             FROM unnest(k.conkey) WITH ORDINALITY AS c(attnum, place)
             JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.attnum
             ORDER BY c.place) AS columns,
       fn.nspname || '.' || f.relname AS refers_to,
       pg_stat_get_tuples_deleted(f.oid)::float8 AS deletes
FROM named t
JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype = 'f' AND k.conparentid = 0
JOIN pg_class f ON f.oid = k.confrelid
JOIN pg_namespace fn ON fn.oid = f.relnamespace
WHERE NOT EXISTS (SELECT 1 FROM pg_index x
                  WHERE x.indrelid = k.conrelid AND x.indisvalid AND x.indpred IS NULL
                    AND (x.indkey::int2[])[0:cardinality(k.conkey) - 1] @> k.conkey)
ORDER BY 1, 2, 3
LIMIT 2000
