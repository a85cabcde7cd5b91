SELECT max(greatest(age(datfrozenxid), mxid_age(datminmxid)))::float8 AS age
FROM pg_database
