//! Routes that answer lists, and routes that say whether the process is well: both are judged by what their handler does.

use super::endpoint::{Endpoint, endpoints};
use super::limit::{Code, Cut, cut};
use super::pattern::idiom;
use super::{Idiom, What, loops, unbounded};
use crate::read::Source;

/// Words by which a handler looks at what the service needs.
const NEEDS: &[&str] = &[
    "query",
    "execute",
    "select ",
    "ping",
    "redis",
    "database",
    "cache",
    "queue",
    "prisma",
    "mongoose",
    "sequelize",
    "broker",
    "db.",
    "pool",
    "connection",
    "migrat",
];
const HEALTH: &[&str] = &[
    "health",
    "healthz",
    "healthcheck",
    "ready",
    "readyz",
    "readiness",
    "livez",
    "live",
    "liveness",
    "ping",
    "heartbeat",
];

pub(super) fn find(source: &Source<'_>, found: &mut Vec<Idiom>) {
    let lines: Vec<&str> = source.text.lines().collect();
    let endpoints = endpoints(source);
    if endpoints.is_empty() {
        return;
    }
    let code = Code::of(source);
    for endpoint in endpoints {
        let Some((from, to)) = endpoint.handler else { continue };
        let mut inside = source.calls.iter().filter(|c| (from..=to).contains(&c.line));
        if let Some(words) = inside.find_map(|c| loops::query(c, source).or_else(|| unbounded::query(c, source))) {
            let how = format!("{words} in the function that answers a route");
            found.push(idiom(What::QueryInHandler, source, endpoint.line, true, &how));
        }
        let from_line = (from as usize).saturating_sub(1);
        let body = lines.get(from_line..(to as usize).min(lines.len())).unwrap_or_default().join("\n").to_lowercase();
        if is_health(&endpoint.route) {
            let deep = looks_at_needs(&body);
            let (what, how) = if deep {
                (What::HealthCheckDeep, "a health route that names what the service needs")
            } else {
                (What::HealthCheckShallow, "a health route that looks at nothing")
            };
            found.push(idiom(what, source, endpoint.line, true, how));
        } else if answers_many(&endpoint) {
            found.extend(list(&endpoint, (from, to), &code, source));
        }
    }
}

/// What a route that answers a list says: that one of its reads has no limit, or that all have.
fn list(endpoint: &Endpoint, lines: (u32, u32), code: &Code, source: &Source<'_>) -> Option<Idiom> {
    let inside = source.calls.iter().filter(|c| (lines.0..=lines.1).contains(&c.line));
    let reads: Vec<_> = inside.filter_map(|c| Some((c, unbounded::recognise(c, source)?))).collect();
    let uncut = reads.iter().filter(|(call, _)| cut(Some(call), lines, code, source).is_none());
    if let Some((_, (likely, how))) = uncut.min_by_key(|(_, (likely, _))| !*likely) {
        let how = format!("a route without `limit` whose handler reads by {how}");
        return Some(idiom(What::ListUnlimited, source, endpoint.line, *likely, &how));
    }
    let cuts = reads.iter().filter_map(|(call, _)| cut(Some(call), lines, code, source));
    match cuts.chain(cut(None, lines, code, source)).max()? {
        Cut::Bounded => {
            let how = "a route whose handler sets a limit or cuts into pages";
            Some(idiom(What::ListLimited, source, endpoint.line, true, how))
        }
        // Somebody else may have looked at the value before: a schema, or a layer in front.
        Cut::Open => {
            let how = "a route whose limit is not seen to have a largest value";
            Some(idiom(What::ListUnlimited, source, endpoint.line, false, how))
        }
    }
}

/// Whether a handler names what the service needs. `@GetMapping` is no ping, and a header about caching is no cache.
fn looks_at_needs(body: &str) -> bool {
    let body = body.replace("cache-control", "").replace("no-cache", "");
    let word = |at: usize| !body[..at].ends_with(char::is_alphabetic);
    NEEDS.iter().any(|need| body.match_indices(need).any(|(at, _)| *need != "ping" || word(at)))
}

/// Whether a route says how the process is.
fn is_health(route: &str) -> bool {
    let last = route.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    HEALTH.contains(&last.as_str())
}

/// A read whose route does not end in the name of one thing.
fn answers_many(endpoint: &Endpoint) -> bool {
    let last = endpoint.route.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let one = last.starts_with([':', '{', '<', '*']) || last.contains('{') || last.contains('<');
    matches!(endpoint.method.as_str(), "GET" | "ANY") && !one
}

#[cfg(test)]
mod tests {
    use super::What;
    use crate::idiom::cases::table;

    #[test]
    fn lists() {
        let cases = [
            ("a.js", "app.get('/users', async (q, s) => {\n s.json(await User.findAll());\n});\n", "1"),
            ("a.js", "app.get('/users', async (q, s) => {\n s.json(await User.findAll({ limit: 20 }));\n});\n", ""),
            ("a.js", "app.get('/users/:id', async (q, s) => {\n s.json(await User.findAll());\n});\n", ""),
            ("a.py", "@app.get('/users')\ndef users():\n    return session.query(U).all()\n", "1"),
            ("a.py", "@app.get('/users')\ndef users():\n    return list(U.objects.all())\n", "1?"),
            ("A.java", "class A {\n @GetMapping(\"/users\")\n List<U> f() { return userRepository.findAll(); } }", "2"),
            ("A.cs", "class A {\n [HttpGet(\"users\")]\n object F() { return _context.Users.ToList(); } }", "2"),
            ("a.php", "<?php\nRoute::get('/users', fn () => User::all());\n", "2"),
            ("a.rb", "get '/users' do\n  User.all\nend\n", "1"),
        ];
        table(What::ListUnlimited, &cases);
        table(What::ListLimited, &[(cases[1].0, cases[1].1, "1"), (cases[0].0, cases[0].1, "")]);
    }

    #[test]
    fn queries_in_handlers() {
        let mixed =
            "app.get('/u/:id', (q, s) => {\n db.query('x');\n});\napp.get('/v/:id', (q, s) => s.json(users.one(q)));\n";
        table(What::QueryInHandler, &[("a.js", mixed, "1")]);
        let small = "app.get('/a', async (q, s) => s.json(await Item.find().limit(20)));\napp.get('/b', (q, s) => s.json(Items.find((i) => i.id)));\n";
        table(What::QueryInHandler, &[("a.js", small, "1")]);
        table(What::QueryInHandler, &[("a.py", "@app.get('/a')\ndef a():\n    return User.query.all()\n", "1")]);
    }

    #[test]
    fn health() {
        let deep = "app.get('/healthz', async (q, s) => {\n await db.query('SELECT 1'); s.send();\n});\n";
        let shallow = "app.get('/healthz', (q, s) => s.send('ok'));\n";
        table(What::HealthCheckDeep, &[("a.js", deep, "1"), ("a.js", shallow, "")]);
        table(What::HealthCheckShallow, &[("a.js", shallow, "1"), ("a.js", deep, "")]);
        let headed = "app.get('/ready', (q, s) => s.set('Cache-Control', 'no-cache').send('ok'));\n";
        table(What::HealthCheckShallow, &[("a.js", headed, "1")]);
        let mapped = "class A {\n @GetMapping(\"/health\")\n String h() { return \"ok\"; } }\n";
        table(What::HealthCheckShallow, &[("A.java", mapped, "2")]);
        table(What::HealthCheckShallow, &[("a.py", "@app.get('/health')\ndef h():\n    return {}\n", "1")]);
    }
}
