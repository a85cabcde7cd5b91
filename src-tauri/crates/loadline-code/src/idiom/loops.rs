//! Queries inside loops: one round trip for each element, where one for all would do.

use super::pattern::{Pattern, idiom};
use super::{Idiom, What};
use crate::language::Language;
use crate::read::Source;
use crate::walk::CallSite;

const PATTERNS: &[Pattern] = &[
    Pattern {
        on: &["objects"],
        ..Pattern::of(
            Language::Python,
            &["get", "filter", "all", "exclude", "get_or_create", "create", "update_or_create"],
            "a query of Django's ORM",
        )
    },
    Pattern {
        on: &["session", "db", "Session", "conn", "connection", "cursor", "cur"],
        ..Pattern::of(Language::Python, &["query", "execute", "scalar", "scalars", "fetch", "fetchrow"], "a query")
    },
    Pattern {
        ..Pattern::of(
            Language::JavaScript,
            &["findOne", "findByPk", "findById", "findUnique", "findFirst", "findMany", "findOneBy", "findOneOrFail"],
            "a query of the ORM",
        )
    },
    Pattern {
        on: &["db", "pool", "client", "connection", "conn", "sequelize", "knex", "pg"],
        ..Pattern::of(Language::JavaScript, &["query", "execute", "raw"], "a query")
    },
    Pattern {
        on: &["^"],
        ..Pattern::of(
            Language::Ruby,
            &["find", "find_by", "find_by!", "where", "find_or_create_by"],
            "a query of Active Record",
        )
    },
    Pattern {
        on: &["~repository", "~dao", "~repo"],
        ..Pattern::of(
            Language::Java,
            &["findById", "findAll", "findOne", "getOne", "getById", "save", "findBy", "getReferenceById"],
            "a query of a repository",
        )
    },
    Pattern {
        on: &["entityManager", "em", "jdbcTemplate", "session"],
        ..Pattern::of(
            Language::Java,
            &["find", "createQuery", "createNativeQuery", "query", "queryForObject", "queryForList"],
            "a query",
        )
    },
    Pattern {
        on: &["*"],
        with: &["_context.", "context.", "_db.", "dbContext.", "_dbContext."],
        ..Pattern::of(
            Language::CSharp,
            &[
                "Find",
                "FindAsync",
                "First",
                "FirstAsync",
                "FirstOrDefault",
                "FirstOrDefaultAsync",
                "Single",
                "SingleAsync",
                "SingleOrDefaultAsync",
                "ToListAsync",
                "ToList",
            ],
            "a query of Entity Framework",
        )
    },
    Pattern {
        on: &["^"],
        ..Pattern::of(Language::Php, &["find", "findOrFail", "where", "firstWhere", "all"], "a query of Eloquent")
    },
    Pattern {
        on: &["DB", "db", "pdo", "conn", "stmt", "connection", "mysqli"],
        ..Pattern::of(Language::Php, &["select", "query", "execute", "selectOne"], "a query")
    },
    Pattern {
        on: &["db", "tx", "conn", "pool", "DB", "stmt", "q", "queries"],
        ..Pattern::of(
            Language::Go,
            &[
                "Query",
                "QueryRow",
                "QueryContext",
                "QueryRowContext",
                "Exec",
                "ExecContext",
                "First",
                "Find",
                "Get",
                "Select",
            ],
            "a query",
        )
    },
    Pattern {
        on: &["sqlx"],
        ..Pattern::of(
            Language::Rust,
            &["query", "query_as", "query_scalar", "query!", "query_as!", "query_scalar!"],
            "a query of sqlx",
        )
    },
    Pattern {
        file_with: &["diesel::"],
        ..Pattern::of(Language::Rust, &["load", "get_result", "get_results"], "a query of diesel")
    },
];

/// Whether a call is a query of one of these, and its words.
pub(super) fn query(call: &CallSite<'_>, source: &Source<'_>) -> Option<&'static str> {
    PATTERNS.iter().find(|p| p.matches(call, source)).map(|p| p.how)
}

/// Scripts and tests run queries in loops on purpose.
const BATCH: &[&str] = &["test", "spec", "migrat", "seed", "script", "fixture", "worker", "jobs/", "tasks"];

pub(super) fn find(source: &Source<'_>, found: &mut Vec<Idiom>) {
    let path = source.path.to_ascii_lowercase();
    let likely = !BATCH.iter().any(|b| path.contains(b));
    for call in source.calls.iter().filter(|c| c.loops > 0) {
        if let Some(words) = query(call, source) {
            found.push(idiom(What::QueryInLoop, source, call.line, likely, &format!("{words} inside a loop")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::What;
    use crate::idiom::cases::table;

    #[test]
    fn cases() {
        table(
            What::QueryInLoop,
            &[
                (
                    "v.py",
                    "for o in Order.objects.all():\n    Item.objects.filter(order=o)\nItem.objects.filter(id=1)\n",
                    "2",
                ),
                ("v.py", "xs = [session.query(A).get(i) for i in ids]\n", "1"),
                ("v.py", "def f():\n    for i in ids:\n        def g():\n            session.query(A)\n", ""),
                ("tests/v.py", "for i in ids:\n    session.query(A)\n", "2?"),
                ("v.ts", "for (const p of posts) {\n  await User.findByPk(p.userId);\n}\n", "2"),
                (
                    "v.js",
                    "async function f() { await Promise.all(posts.map(async (p) => {\n  return db.query('x', p.id);\n })); }\n",
                    "2",
                ),
                ("v.js", "for (const p of await Post.findMany()) { g(p); }\n", ""),
                ("v.rb", "posts.each do |p|\n  User.find(p.user_id)\nend\nUser.find(1)\n", "2"),
                ("V.java", "class V { void f() { for (P p : ps) {\n userRepository.findById(p.id); } } }", "2"),
                ("V.java", "class V { void f() { ps.forEach(p -> {\n userRepository.findById(p.id); }); } }", "2"),
                ("V.cs", "class V { void F() { foreach (var p in ps) {\n _context.Users.Find(p.Id); } } }", "2"),
                ("v.php", "<?php foreach ($ps as $p) {\n User::find($p->id);\n $this->db->query($q); }", "2 3"),
                ("v.go", "package v\nfunc f() { for _, p := range ps {\n db.QueryRow(q, p.ID) } }", "3"),
                ("v.rs", "fn f() { for p in ps {\n sqlx::query(\"x\").bind(p); } }", "2"),
            ],
        );
    }
}
