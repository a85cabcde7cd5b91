SELECT c.oid::text AS id, pg_table_size(c.oid)::float8 AS bytes, pg_total_relation_size(c.oid)::float8 AS total
FROM (SELECT t.relid AS oid
      FROM pg_stat_user_tables t
      JOIN pg_class k ON k.oid = t.relid
      WHERE k.relkind IN ('r', 'm')
      ORDER BY k.relpages DESC, t.n_live_tup DESC, t.relid
      LIMIT 500) c
