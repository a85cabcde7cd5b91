SELECT COUNT(DISTINCT SUBSTRING_INDEX(SUBSTRING_INDEX(i.NAME, '#P#', 1), '#p#', 1)) AS existing,
       (SELECT COUNT(*) FROM information_schema.TABLES t
        WHERE t.ENGINE = 'InnoDB' AND t.TABLE_SCHEMA NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')) AS seen
FROM information_schema.INNODB_TABLES i
WHERE i.NAME LIKE '%/%' AND SUBSTRING_INDEX(i.NAME, '/', 1) NOT IN ('mysql', 'sys', 'information_schema', 'performance_schema')
  AND SUBSTRING_INDEX(i.NAME, '/', -1) NOT LIKE '#sql%'
  AND SUBSTRING_INDEX(i.NAME, '/', -1) NOT REGEXP '^FTS_[0-9a-f]{16}'
