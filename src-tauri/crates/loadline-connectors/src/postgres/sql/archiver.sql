SELECT archived_count::float8 AS archived, failed_count::float8 AS failed,
       extract(epoch FROM last_archived_time)::float8 AS last_archived,
       extract(epoch FROM last_failed_time)::float8 AS last_failed
FROM pg_stat_archiver
