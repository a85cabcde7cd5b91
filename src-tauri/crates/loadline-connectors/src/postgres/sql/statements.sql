WITH counted AS MATERIALIZED (
  SELECT s.queryid, sum(s.calls)::float8 AS calls, sum(s.total_exec_time)::float8 AS total_ms, sum(s.rows)::float8 AS rows,
         sum(s.shared_blks_read)::float8 AS blocks_read, sum(s.temp_blks_written)::float8 AS temp_blocks
  FROM pg_stat_statements(false) s
  WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND s.queryid IS NOT NULL
  GROUP BY s.queryid
),
ranked AS MATERIALIZED (
  SELECT c.*, count(*) OVER ()::float8 AS shapes, sum(c.total_ms) OVER ()::float8 AS all_ms,
         row_number() OVER (ORDER BY c.total_ms DESC, c.queryid) AS by_time,
         row_number() OVER (ORDER BY c.calls DESC, c.queryid) AS by_calls,
         row_number() OVER (ORDER BY c.rows DESC, c.queryid) AS by_rows,
         row_number() OVER (ORDER BY c.temp_blocks DESC, c.queryid) AS by_temp,
         row_number() OVER (ORDER BY c.blocks_read DESC, c.queryid) AS by_read
  FROM counted c
),
kept AS MATERIALIZED (
  SELECT * FROM ranked
  WHERE by_time <= 1200 OR by_calls <= 200 OR by_rows <= 200 OR by_temp <= 200 OR by_read <= 200
)
SELECT k.queryid::text AS id, left(t.text, 8000) AS text, length(t.text) > 8000 AS cut, k.calls, k.total_ms, k.rows, k.blocks_read,
       k.temp_blocks, k.shapes, k.all_ms, t.users
FROM kept k
JOIN (SELECT s.queryid, min(s.query) AS text, array_agg(s.calls::text || ' ' || r.rolname::text) AS users
      FROM pg_stat_statements s
      LEFT JOIN pg_roles r ON r.oid = s.userid
      WHERE s.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND s.queryid IN (SELECT queryid FROM kept)
      GROUP BY s.queryid) t USING (queryid)
ORDER BY k.total_ms DESC, k.queryid
