SELECT t.oid::text AS id, t.reltuples::float8 AS rows, w.width::float8 AS width, w.counted::float8 AS counted,
       t.relpages::float8 AS pages, current_setting('block_size')::float8 AS block,
       coalesce(substring(t.options FROM 'fillfactor=([0-9]+)'), '100')::float8 AS fill
FROM (SELECT c.oid, n.nspname, c.relname, c.reltuples, c.relpages, array_to_string(c.reloptions, ' ') AS options
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
        AND c.relpages > 1000
      ORDER BY c.relpages DESC, c.oid
      LIMIT 100) t
CROSS JOIN LATERAL (SELECT sum(s.avg_width * (1 - s.null_frac)) AS width, count(*) AS counted
                    FROM pg_stats s
                    WHERE s.schemaname = t.nspname AND s.tablename = t.relname AND NOT s.inherited) w
ORDER BY t.relpages DESC, t.oid
