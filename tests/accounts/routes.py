# A container service whose deployments are told by others too; it is built after the account that all share.
containers('shop', targets('shop', balancer('shop'), 'ip', 8080), 2, {}, [group('shop', 8080)])
