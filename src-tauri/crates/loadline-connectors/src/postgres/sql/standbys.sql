SELECT r.application_name::text AS name, host(r.client_addr) AS address, r.state::text AS state,
       r.sync_state::text AS sync_state, s.slot_name::text AS slot,
       CASE WHEN r.replay_lsn = r.sent_lsn AND r.replay_lag IS NULL THEN 0
            -- The last measure stays while replay is paused: with a segment to go it says nothing.
            WHEN pg_wal_lsn_diff(r.sent_lsn, r.replay_lsn) > 16777216 AND r.replay_lag < interval '1 s' THEN NULL
            ELSE extract(epoch FROM r.replay_lag) END::float8 AS lag,
       coalesce(s.slot_type, 'physical')::text AS slot_type
FROM pg_stat_replication r
LEFT JOIN pg_replication_slots s ON s.active_pid = r.pid
ORDER BY 1, 2
LIMIT 200
