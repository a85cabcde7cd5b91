SELECT sum(pg_database_size(oid))::float8 AS bytes, count(*)::float8 AS sized,
       (SELECT count(*) FROM pg_database WHERE datallowconn)::float8 AS databases
FROM pg_database
WHERE datallowconn
  AND (has_database_privilege(oid, 'CONNECT') OR pg_has_role(current_user, 'pg_read_all_stats', 'USAGE'))
