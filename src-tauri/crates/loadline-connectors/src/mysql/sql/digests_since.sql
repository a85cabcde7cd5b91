SELECT UNIX_TIMESTAMP(MIN(d.FIRST_SEEN)) AS since,
       SUM(CASE WHEN d.DIGEST IS NOT NULL AND COALESCE(d.SCHEMA_NAME, '') NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
                 AND d.DIGEST_TEXT NOT LIKE '%performance_schema%' AND d.DIGEST_TEXT NOT LIKE '%information_schema%' THEN 1 ELSE 0 END) AS shapes,
       SUM(CASE WHEN d.DIGEST IS NOT NULL AND COALESCE(d.SCHEMA_NAME, '') NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
                 AND d.DIGEST_TEXT NOT LIKE '%performance_schema%' AND d.DIGEST_TEXT NOT LIKE '%information_schema%' THEN d.SUM_TIMER_WAIT ELSE 0 END) / 1000000000 AS all_ms
FROM performance_schema.events_statements_summary_by_digest d
WHERE d.FIRST_SEEN > '1971-01-01'
