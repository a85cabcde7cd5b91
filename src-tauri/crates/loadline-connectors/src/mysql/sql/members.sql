SELECT m.MEMBER_ID AS id, m.MEMBER_HOST AS host, m.MEMBER_PORT AS port, m.MEMBER_STATE AS state, m.MEMBER_ROLE AS role,
       m.MEMBER_ID = @@server_uuid AS own
FROM performance_schema.replication_group_members m
ORDER BY m.MEMBER_ID
LIMIT 50
