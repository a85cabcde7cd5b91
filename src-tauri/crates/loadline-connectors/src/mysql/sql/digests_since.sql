SELECT UNIX_TIMESTAMP(MIN(d.FIRST_SEEN)) AS since, COUNT(*) AS shapes
FROM performance_schema.events_statements_summary_by_digest d
WHERE d.FIRST_SEEN > '1971-01-01'
