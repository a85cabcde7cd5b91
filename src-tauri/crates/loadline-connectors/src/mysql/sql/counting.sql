SELECT c.NAME AS name, c.ENABLED AS enabled
FROM performance_schema.setup_consumers c
WHERE c.NAME IN ('statements_digest', 'global_instrumentation', 'thread_instrumentation')
UNION ALL
SELECT i.NAME, i.ENABLED
FROM performance_schema.setup_instruments i
WHERE i.NAME IN ('wait/io/table/sql/handler', 'statement/sql/select')
