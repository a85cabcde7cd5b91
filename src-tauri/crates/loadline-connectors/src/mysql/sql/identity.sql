SELECT CURRENT_USER() AS account, @@hostname AS hostname, @@port AS port, @@performance_schema AS counting,
       @@max_connections AS most
