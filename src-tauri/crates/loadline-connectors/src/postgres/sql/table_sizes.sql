SELECT t.oid::text AS id, pg_table_size(t.oid)::float8 AS bytes, pg_total_relation_size(t.oid)::float8 AS total
FROM (SELECT c.oid
      FROM pg_class c
      JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
      ORDER BY c.relpages DESC, pg_stat_get_live_tuples(c.oid) DESC, c.oid
      LIMIT 500) t
