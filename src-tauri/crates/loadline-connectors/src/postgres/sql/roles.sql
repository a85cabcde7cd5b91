SELECT rolname::text AS name, rolsuper AS superuser, rolreplication AS replication, rolname = current_user AS own
FROM pg_roles
WHERE rolcanlogin AND rolname !~ '^pg_'
ORDER BY rolname
LIMIT 500
