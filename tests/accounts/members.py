# An Auto Scaling group behind a balancer with a member in each of `zones`, of which `required` must be up.
front = balancer('front')
inside = group('inside', 80)
members = {f'pages-{n}{zone}': subnets[zone] for n, zone in enumerate(zones)}
tags = [('loadline:required-members', required)] if required else []
scaled('pages', members, targets('pages', front), [inside], tags)
