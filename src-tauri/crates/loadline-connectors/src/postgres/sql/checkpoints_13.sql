SELECT checkpoints_timed::float8 AS timed, checkpoints_req::float8 AS requested,
       extract(epoch FROM stats_reset)::float8 AS since
FROM pg_stat_bgwriter
