//! Routes: where a file says which function answers which path.

use super::pattern::last_word;
use crate::language::Language;
use crate::read::Source;
use crate::walk::CallSite;

/// A route of a web framework.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    /// File.
    pub path: String,
    /// Line of the registration.
    pub line: u32,
    /// `GET`, `POST`, …; `ANY` when the registration does not say.
    pub method: String,
    /// The route as written, cut at 200 characters.
    pub route: String,
    /// First and last line of the function that answers, when it is in the same file.
    pub handler: Option<(u32, u32)>,
}

/// How a framework registers routes.
struct Registration {
    language: Language,
    /// What it is called on; `*` anything, an empty word nothing.
    on: &'static [&'static str],
    /// Names, with the method each stands for.
    names: &'static [(&'static str, &'static str)],
    /// It annotates the function that follows.
    annotates: bool,
}

const LOWER: &[(&str, &str)] =
    &[("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE"), ("all", "ANY")];
const TITLE: &[(&str, &str)] =
    &[("Get", "GET"), ("Post", "POST"), ("Put", "PUT"), ("Patch", "PATCH"), ("Delete", "DELETE")];

const REGISTRATIONS: &[Registration] = &[
    Registration {
        language: Language::JavaScript,
        on: &["app", "router", "server", "api", "fastify", "routes", "route", "~router", "~app"],
        names: LOWER,
        annotates: false,
    },
    Registration { language: Language::JavaScript, on: &[""], names: TITLE, annotates: true },
    Registration {
        language: Language::Python,
        on: &["app", "router", "bp", "blueprint", "api", "~router", "~app", "~bp", "~blueprint", "~api"],
        names: &[
            ("get", "GET"),
            ("post", "POST"),
            ("put", "PUT"),
            ("patch", "PATCH"),
            ("delete", "DELETE"),
            ("route", "ANY"),
        ],
        annotates: true,
    },
    Registration {
        language: Language::Python,
        on: &[""],
        names: &[("path", "ANY"), ("re_path", "ANY")],
        annotates: false,
    },
    Registration {
        language: Language::Go,
        on: &["*"],
        names: &[
            ("HandleFunc", "ANY"),
            ("GET", "GET"),
            ("POST", "POST"),
            ("PUT", "PUT"),
            ("PATCH", "PATCH"),
            ("DELETE", "DELETE"),
        ],
        annotates: false,
    },
    Registration {
        language: Language::Go,
        on: &["r", "router", "mux", "app", "e", "g", "group", "api", "~router"],
        names: TITLE,
        annotates: false,
    },
    Registration {
        language: Language::Java,
        on: &[""],
        names: &[
            ("GetMapping", "GET"),
            ("PostMapping", "POST"),
            ("PutMapping", "PUT"),
            ("PatchMapping", "PATCH"),
            ("DeleteMapping", "DELETE"),
        ],
        annotates: true,
    },
    Registration {
        language: Language::Ruby,
        on: &[""],
        names: &[("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")],
        annotates: false,
    },
    Registration { language: Language::Php, on: &["Route", "app", "router", "group"], names: LOWER, annotates: false },
    Registration {
        language: Language::CSharp,
        on: &["*"],
        names: &[("MapGet", "GET"), ("MapPost", "POST"), ("MapPut", "PUT"), ("MapDelete", "DELETE")],
        annotates: false,
    },
    Registration {
        language: Language::CSharp,
        on: &[""],
        names: &[
            ("HttpGet", "GET"),
            ("HttpPost", "POST"),
            ("HttpPut", "PUT"),
            ("HttpPatch", "PATCH"),
            ("HttpDelete", "DELETE"),
        ],
        annotates: true,
    },
    Registration { language: Language::Rust, on: &[""], names: LOWER, annotates: true },
    Registration { language: Language::Rust, on: &["*"], names: &[("route", "ANY")], annotates: false },
];

/// The routes of a file, by line.
pub fn endpoints(source: &Source<'_>) -> Vec<Endpoint> {
    let path = source.path.to_ascii_lowercase();
    if ["test", "spec", "mock", "fixture"].iter().any(|w| path.contains(w)) {
        return Vec::new();
    }
    let mut found: Vec<Endpoint> = source.calls.iter().filter_map(|call| endpoint(call, source)).collect();
    found.sort();
    found.dedup_by(|a, b| (a.line, &a.route, &a.method) == (b.line, &b.route, &b.method));
    found
}

fn endpoint(call: &CallSite<'_>, source: &Source<'_>) -> Option<Endpoint> {
    let language = source.language.family();
    let on_fits = |wanted: &&'static str| match *wanted {
        "*" => !call.on.is_empty(),
        "" => call.on.is_empty(),
        ends if ends.starts_with('~') => last_word(call.on).to_lowercase().ends_with(&ends[1..]),
        word => last_word(call.on) == word,
    };
    let fits = |r: &&Registration| {
        r.language == language && r.on.iter().any(&on_fits) && r.names.iter().any(|(n, _)| *n == call.name)
    };
    let registration = REGISTRATIONS.iter().find(fits)?;
    // Python's decorator holds a call: the call is what is read, whatever stands round it.
    let annotated = call.annotation || language == Language::Python;
    if registration.annotates != annotated && language != Language::Python
        || (call.annotation && language == Language::Python)
    {
        return None;
    }
    let (_, method) = registration.names.iter().find(|(n, _)| *n == call.name)?;
    let written = first_string(call.arguments);
    let route = match written {
        Some(route) => route,
        // An annotation without a path is on the path of its class.
        None if call.annotation => "",
        None => return None,
    };
    let (method, route) = match route.split_once(' ') {
        Some((verb, rest)) if language == Language::Go && verb.chars().all(char::is_uppercase) => (verb, rest),
        _ => (*method, route),
    };
    // Django writes routes without the first slash; elsewhere a word without slash is a key of something else.
    let slashless = call.annotation || matches!(call.name, "path" | "re_path") || language == Language::Php;
    let of_rails = language == Language::Ruby && source.path.ends_with("routes.rb");
    if !(route.starts_with('/') || slashless || of_rails) {
        return None;
    }
    let method = of_arguments(call, language).unwrap_or(method);
    Some(Endpoint {
        path: source.path.to_owned(),
        line: call.line,
        method: method.to_owned(),
        route: route.chars().take(200).collect(),
        handler: handler(call, source, registration.annotates),
    })
}

/// The method where the arguments name it: axum's `get(list)`, Flask's `methods=["POST"]`.
fn of_arguments(call: &CallSite<'_>, language: Language) -> Option<&'static str> {
    let said = call.arguments;
    match (language, call.name) {
        (Language::Rust, "route") => LOWER.iter().find(|(n, _)| said.contains(&format!("{n}("))).map(|(_, m)| *m),
        (Language::Python, "route") if !said.contains("methods") => Some("GET"),
        (Language::Python, "route") => LOWER.iter().find(|(_, m)| said.contains(*m)).map(|(_, m)| *m),
        _ => None,
    }
}

/// The first string literal of the arguments, when it is the first argument.
fn first_string(arguments: &str) -> Option<&str> {
    let rest = arguments.trim_start_matches('(').trim_start();
    let rest = rest.strip_prefix("value").map_or(rest, |r| r.trim_start().trim_start_matches('=').trim_start());
    let rest = rest.trim_start_matches(['r', 'f', '@', '{']).trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    rest.get(1..)?.split(quote).next()
}

/// Lines of the function that answers: the one that follows an annotation, the one written in the arguments, or the one
/// of the last name in the arguments.
fn handler(call: &CallSite<'_>, source: &Source<'_>, annotates: bool) -> Option<(u32, u32)> {
    let lines = |f: &crate::Function| (f.first_line, f.last_line);
    if annotates {
        let next = source.functions.iter().filter(|f| f.first_line >= call.line).min_by_key(|f| f.first_line)?;
        return (next.first_line - call.line < 20).then(|| lines(next));
    }
    // Ruby's block stands behind the arguments.
    let whole = source.text.get(call.start..call.end).unwrap_or_default();
    if source.language == Language::Ruby && (whole.ends_with("end") || whole.ends_with('}')) {
        return Some((call.line, call.line + u32::try_from(whole.matches('\n').count()).unwrap_or(0)));
    }
    let last = call.line + u32::try_from(call.arguments.matches('\n').count()).unwrap_or(0);
    let inline = ["=>", "function", "func(", "->", " do", "fn (", "|"].iter().any(|w| call.arguments.contains(w));
    if inline || last > call.line {
        return Some((call.line, last));
    }
    let named = last_word(call.arguments.trim_end_matches([')', ' ']));
    source.functions.iter().find(|f| f.name == named).map(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_of_the_frameworks() {
        let check = |path: &str, text: &str, expected: &str| {
            let source = crate::read(path, text.as_bytes()).expect("a language").expect("readable");
            let one = |e: &Endpoint| {
                let handler = e.handler.map_or(String::new(), |(a, b)| format!(" {a}-{b}"));
                format!("{} {} {}{handler}", e.line, e.method, e.route)
            };
            assert_eq!(endpoints(&source).iter().map(one).collect::<Vec<_>>().join("; "), expected, "{text}");
        };
        check("a.js", "app.get('/users', (q, s) => {\n  s.send();\n});\ncache.get('users');\n", "1 GET /users 1-3");
        check("a.ts", "function list() {}\nuserRouter.post('/users', list);\n", "2 POST /users 1-1");
        check("a.ts", "class A {\n @Get('users')\n list() {\n }\n}", "2 GET users 3-4");
        check("a.py", "@app.get('/users')\nasync def users():\n    pass\n", "1 GET /users 2-3");
        check(
            "a.py",
            "@bp.route('/users', methods=['POST'])\ndef users():\n    pass\nd.get('/x')\n",
            "1 POST /users 2-3",
        );
        check("urls.py", "urlpatterns = [path('users/', views.users)]\n", "1 ANY users/");
        check(
            "a.go",
            "package a\nfunc f() { mux.HandleFunc(\"GET /users\", list)\n r.GET(\"/x\", g) }",
            "2 GET /users; 3 GET /x",
        );
        check("A.java", "class A {\n @GetMapping(\"/users\")\n List<U> f() {\n } }", "2 GET /users 2-4");
        check("config/routes.rb", "get '/users', to: 'users#index'\n", "1 GET /users");
        check("app.rb", "get '/users' do\n  User.all\nend\nget '/x', &f\n", "1 GET /users 1-3; 4 GET /x");
        check("a.php", "<?php\nRoute::get('/users', [U::class, 'index']);\n", "2 GET /users");
        check("A.cs", "class A {\n [HttpGet(\"users\")]\n void F() { } }", "2 GET users 2-3");
        check("P.cs", "app.MapGet(\"/users\", () => 1);", "1 GET /users 1-1");
        check("a.rs", "fn f() { Router::new().route(\"/users\", get(list)); }\nfn list() {}", "1 GET /users 2-2");
        check("a.rs", "#[get(\"/users\")]\nasync fn users() {\n}", "1 GET /users 2-3");
        check("tests/a.js", "app.get('/users', f);\n", "");
    }
}
