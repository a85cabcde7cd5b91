SELECT nullif(current_setting('primary_slot_name', true), '') AS slot,
       coalesce(substring(r.conninfo FROM 'application_name=([^ '']+)'), nullif(current_setting('cluster_name', true), ''),
                'walreceiver') AS name,
       host(inet_server_addr()) AS address
FROM (SELECT 1) AS one
LEFT JOIN pg_stat_wal_receiver r ON true
