SELECT slot_name::text AS name, active, wal_status::text AS wal_status,
       pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END,
                       restart_lsn)::float8 AS retained
FROM pg_replication_slots
ORDER BY slot_name
LIMIT 200
