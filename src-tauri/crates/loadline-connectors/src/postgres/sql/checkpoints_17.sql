SELECT num_timed::float8 AS timed, num_requested::float8 AS requested, extract(epoch FROM stats_reset)::float8 AS since
FROM pg_stat_checkpointer
