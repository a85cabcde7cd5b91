SELECT n.nspname::text AS schema, s.relname::text AS name,
       quote_ident(n.nspname) || '.' || quote_ident(s.relname) AS quoted,
       CASE WHEN t.relname IS NOT NULL THEN tn.nspname || '.' || t.relname || '.' || a.attname END AS column_name,
       coalesce(a.atttypid, q.seqtypid)::regtype::text AS type, q.seqmax::float8 AS most,
       has_sequence_privilege(s.oid, 'SELECT') AS readable,
       count(*) OVER ()::float8 AS listed
FROM pg_sequence q
JOIN pg_class s ON s.oid = q.seqrelid
JOIN pg_namespace n ON n.oid = s.relnamespace
LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.objsubid = 0
                     AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0 AND d.deptype IN ('a', 'i')
LEFT JOIN pg_class t ON t.oid = d.refobjid
LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
WHERE q.seqincrement > 0 AND NOT q.seqcycle AND NOT pg_is_other_temp_schema(n.oid) AND s.relpersistence = 'p'
ORDER BY t.relpages DESC NULLS LAST, t.reltuples DESC NULLS LAST, s.oid
LIMIT 2000
