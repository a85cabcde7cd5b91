//! Reads of all rows through an ORM.

use super::pattern::{Pattern, idiom};
use super::{Idiom, What};
use crate::language::Language;
use crate::read::Source;
use crate::walk::CallSite;

const PATTERNS: &[Pattern] = &[
    Pattern {
        on: &["objects"],
        without: &[
            ".first",
            ".get(",
            ".count",
            ".exists",
            ".aggregate",
            "[:",
            ".iterator",
            ".update(",
            ".delete(",
            ".last",
            ".in_bulk",
            ".none(",
            ".paginate",
            ".latest",
            ".earliest",
        ],
        likely: false,
        ..Pattern::of(Language::Python, &["all"], "`objects.all()`, unless something later cuts it")
    },
    Pattern {
        with: &["query(", "select(", "scalars("],
        without: &["limit", "first", "paginate", "slice", "filter_by(id"],
        ..Pattern::of(Language::Python, &["all"], "`.all()` of SQLAlchemy without `limit`")
    },
    Pattern {
        on: &["query"],
        without: &["limit", "first", "paginate", "slice", "filter_by(id"],
        ..Pattern::of(Language::Python, &["all"], "`query.all()` of Flask-SQLAlchemy without `limit`")
    },
    Pattern {
        on: &["^", "~repository", "~model", "~repo"],
        without: &["limit", "take", "skip", "first", "pagina", "cursor", "attributes: [sequelize.fn"],
        ..Pattern::of(Language::JavaScript, &["findAll"], "`findAll` without `limit`")
    },
    Pattern {
        without: &["limit", "take", "skip", "first", "pagina", "cursor", "in:"],
        ..Pattern::of(Language::JavaScript, &["findMany"], "`findMany` without `take`")
    },
    Pattern {
        on: &["^", "~repository"],
        without: &["limit", "take", "skip", "pagina", "cursor", "$in", "=>", "countDocuments"],
        ..Pattern::of(Language::JavaScript, &["find"], "`find` without `limit`")
    },
    Pattern {
        on: &["^"],
        without: &["limit", "page", "first", "find_each", "in_batches", "count", "pluck", "take", "paginate", ".size"],
        ..Pattern::of(Language::Ruby, &["all"], "`all` of Active Record without `limit`")
    },
    Pattern {
        on: &["~repository", "~dao", "~repo"],
        with: &["()"],
        without: &["Pageable", "page"],
        ..Pattern::of(Language::Java, &["findAll"], "`findAll()` without `Pageable`")
    },
    Pattern {
        with: &["_context.", "context.", "_db.", "dbContext."],
        without: &["Take(", "Skip(", "Where(", "First", "Single", "Page"],
        ..Pattern::of(
            Language::CSharp,
            &["ToList", "ToListAsync", "ToArrayAsync"],
            "`ToList` without `Where` and `Take`",
        )
    },
    Pattern {
        on: &["^"],
        without: &["limit", "paginate", "take", "first", "chunk", "cursor", "count"],
        ..Pattern::of(Language::Php, &["all"], "`::all()` of Eloquent")
    },
    Pattern {
        with: &["findAll("],
        without: &["limit", "setMaxResults"],
        ..Pattern::of(Language::Php, &["findAll"], "`findAll()` of Doctrine")
    },
    Pattern {
        on: &["db", "DB", "tx"],
        with: &["(&"],
        without: &["Limit(", "First(", "Where(", "Count(", "Scopes("],
        file_with: &["gorm"],
        ..Pattern::of(Language::Go, &["Find"], "`Find` of GORM without `Limit`")
    },
    Pattern {
        file_with: &["diesel::"],
        without: &["limit(", "filter(", "find(", "first", "count"],
        ..Pattern::of(Language::Rust, &["load"], "`load` of diesel without `limit`")
    },
];

/// Whether a call reads all rows, and how sure that is.
pub(super) fn recognise(call: &CallSite<'_>, source: &Source<'_>) -> Option<(bool, &'static str)> {
    PATTERNS.iter().find(|p| p.matches(call, source)).map(|p| (p.likely, p.how))
}

/// Whether a call reads rows through an ORM, all of them or some, and its words.
pub(super) fn query(call: &CallSite<'_>, source: &Source<'_>) -> Option<&'static str> {
    // `Items.find((i) => …)` looks through a list.
    let looks_through = call.arguments.contains("=>") && source.language.family() == Language::JavaScript;
    let names_it = |p: &&Pattern| !looks_through && p.names_it(call, source);
    PATTERNS.iter().find(names_it).map(|_| "a query of the ORM")
}

pub(super) fn find(source: &Source<'_>, found: &mut Vec<Idiom>) {
    let path = source.path.to_ascii_lowercase();
    let rehearsal = ["test", "spec", "migrat", "seed", "fixture", "script"].iter().any(|w| path.contains(w));
    for call in &source.calls {
        if let Some((likely, how)) = recognise(call, source) {
            found.push(idiom(What::UnboundedQuery, source, call.line, likely && !rehearsal, how));
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
            What::UnboundedQuery,
            &[
                ("v.py", "Order.objects.all()\nOrder.objects.all()[:20]\nOrder.objects.all().count()\n", "1?"),
                ("v.py", "session.query(A).all()\nsession.query(A).limit(5).all()\nall(x)\n", "1"),
                ("v.py", "User.query.all()\nUser.query.limit(5).all()\n", "1"),
                ("v.ts", "prisma.user.findMany();\nprisma.user.findMany({ take: 20 });\nUser.findAll();\n", "1 3"),
                ("v.js", "User.find({});\nUser.find({}).limit(20);\nusers.find(u => u.id);\n", "1"),
                ("v.rb", "User.all\nUser.all.limit(5)\nUser.all.find_each { |u| f u }\n", "1"),
                (
                    "V.java",
                    "class V { void f() { userRepository.findAll();\n userRepository.findAll(pageable); } }",
                    "1",
                ),
                (
                    "V.cs",
                    "class V { void F() { _context.Users.ToListAsync();\n _context.Users.Take(5).ToList(); } }",
                    "1",
                ),
                ("v.php", "<?php\nUser::all();\nUser::paginate(20);\n", "2"),
                ("v.go", "package v\nimport \"gorm.io/gorm\"\nfunc f() { db.Find(&us)\n db.Limit(5).Find(&us) }", "3"),
                ("v.rs", "use diesel::prelude::*;\nfn f() { users.load::<U>(c);\n users.limit(5).load::<U>(c); }", "2"),
                ("tests/v.rb", "User.all\n", "1?"),
            ],
        );
    }
}
