SELECT r.application_name::text AS name, host(r.client_addr) AS address, r.state::text AS state,
       r.sync_state::text AS sync_state, s.slot_name::text AS slot,
       CASE WHEN r.replay_lsn = r.sent_lsn AND r.replay_lag IS NULL THEN 0
            ELSE extract(epoch FROM r.replay_lag) END::float8 AS lag,
       coalesce(s.slot_type, 'physical')::text AS slot_type
FROM pg_stat_replication r
LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
ORDER BY 1, 2
LIMIT 200
