(SELECT d.SCHEMA_NAME AS home, d.DIGEST AS id, LEFT(d.DIGEST_TEXT, 8000) AS text, d.COUNT_STAR AS calls,
        d.SUM_TIMER_WAIT / 1000000000 AS total_ms, d.SUM_ROWS_SENT AS sent, d.SUM_ROWS_AFFECTED AS affected,
        d.SUM_ROWS_EXAMINED AS examined, d.SUM_NO_INDEX_USED AS unindexed,
        d.SUM_CREATED_TMP_DISK_TABLES + d.SUM_SORT_MERGE_PASSES AS spilled
 FROM performance_schema.events_statements_summary_by_digest d
 WHERE d.DIGEST IS NOT NULL AND COALESCE(d.SCHEMA_NAME, '') NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
   AND d.DIGEST_TEXT NOT LIKE '%performance_schema%' AND d.DIGEST_TEXT NOT LIKE '%information_schema%'
 ORDER BY d.SUM_TIMER_WAIT DESC, d.DIGEST
 LIMIT 200)
UNION
(SELECT d.SCHEMA_NAME AS home, d.DIGEST AS id, LEFT(d.DIGEST_TEXT, 8000) AS text, d.COUNT_STAR AS calls,
        d.SUM_TIMER_WAIT / 1000000000 AS total_ms, d.SUM_ROWS_SENT AS sent, d.SUM_ROWS_AFFECTED AS affected,
        d.SUM_ROWS_EXAMINED AS examined, d.SUM_NO_INDEX_USED AS unindexed,
        d.SUM_CREATED_TMP_DISK_TABLES + d.SUM_SORT_MERGE_PASSES AS spilled
 FROM performance_schema.events_statements_summary_by_digest d
 WHERE d.DIGEST IS NOT NULL AND COALESCE(d.SCHEMA_NAME, '') NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
   AND d.DIGEST_TEXT NOT LIKE '%performance_schema%' AND d.DIGEST_TEXT NOT LIKE '%information_schema%'
 ORDER BY d.SUM_ROWS_EXAMINED DESC, d.DIGEST
 LIMIT 50)
UNION
(SELECT d.SCHEMA_NAME AS home, d.DIGEST AS id, LEFT(d.DIGEST_TEXT, 8000) AS text, d.COUNT_STAR AS calls,
        d.SUM_TIMER_WAIT / 1000000000 AS total_ms, d.SUM_ROWS_SENT AS sent, d.SUM_ROWS_AFFECTED AS affected,
        d.SUM_ROWS_EXAMINED AS examined, d.SUM_NO_INDEX_USED AS unindexed,
        d.SUM_CREATED_TMP_DISK_TABLES + d.SUM_SORT_MERGE_PASSES AS spilled
 FROM performance_schema.events_statements_summary_by_digest d
 WHERE d.DIGEST IS NOT NULL AND COALESCE(d.SCHEMA_NAME, '') NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
   AND d.DIGEST_TEXT NOT LIKE '%performance_schema%' AND d.DIGEST_TEXT NOT LIKE '%information_schema%'
 ORDER BY d.SUM_ROWS_SENT DESC, d.DIGEST
 LIMIT 50)
UNION
(SELECT d.SCHEMA_NAME AS home, d.DIGEST AS id, LEFT(d.DIGEST_TEXT, 8000) AS text, d.COUNT_STAR AS calls,
        d.SUM_TIMER_WAIT / 1000000000 AS total_ms, d.SUM_ROWS_SENT AS sent, d.SUM_ROWS_AFFECTED AS affected,
        d.SUM_ROWS_EXAMINED AS examined, d.SUM_NO_INDEX_USED AS unindexed,
        d.SUM_CREATED_TMP_DISK_TABLES + d.SUM_SORT_MERGE_PASSES AS spilled
 FROM performance_schema.events_statements_summary_by_digest d
 WHERE d.DIGEST IS NOT NULL AND COALESCE(d.SCHEMA_NAME, '') NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
   AND d.DIGEST_TEXT NOT LIKE '%performance_schema%' AND d.DIGEST_TEXT NOT LIKE '%information_schema%'
 ORDER BY d.SUM_NO_INDEX_USED DESC, d.DIGEST
 LIMIT 50)
UNION
(SELECT d.SCHEMA_NAME AS home, d.DIGEST AS id, LEFT(d.DIGEST_TEXT, 8000) AS text, d.COUNT_STAR AS calls,
        d.SUM_TIMER_WAIT / 1000000000 AS total_ms, d.SUM_ROWS_SENT AS sent, d.SUM_ROWS_AFFECTED AS affected,
        d.SUM_ROWS_EXAMINED AS examined, d.SUM_NO_INDEX_USED AS unindexed,
        d.SUM_CREATED_TMP_DISK_TABLES + d.SUM_SORT_MERGE_PASSES AS spilled
 FROM performance_schema.events_statements_summary_by_digest d
 WHERE d.DIGEST IS NOT NULL AND COALESCE(d.SCHEMA_NAME, '') NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
   AND d.DIGEST_TEXT NOT LIKE '%performance_schema%' AND d.DIGEST_TEXT NOT LIKE '%information_schema%'
 ORDER BY d.SUM_CREATED_TMP_DISK_TABLES + d.SUM_SORT_MERGE_PASSES DESC, d.DIGEST
 LIMIT 50)
