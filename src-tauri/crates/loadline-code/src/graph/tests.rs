//! Planted repositories: exactly their edges, cycles and domains.

use super::*;
use crate::Language;

fn planted(files: &[(&str, &str)], packages: &[Package]) -> Graph {
    let read = |(path, text): &(&str, &str)| {
        file_imports(&crate::read(path, text.as_bytes()).expect("a language").expect("readable"))
    };
    graph(&files.iter().map(read).collect::<Vec<_>>(), packages)
}

fn edges(graph: &Graph) -> String {
    let path = |at: usize| graph.modules.get(at).map_or("?", |m| m.path.as_str());
    graph.dependencies.iter().map(|d| format!("{}>{}", path(d.from), path(d.to))).collect::<Vec<_>>().join(" ")
}

#[test]
fn each_language_finds_its_own() {
    let package = |language, name: &str, folder: &str| Package { language, name: name.into(), folder: folder.into() };
    let check = |files: &[(&str, &str)], packages: &[Package], expected: &str| {
        assert_eq!(edges(&planted(files, packages)), expected);
    };
    let python = [
        ("shop/orders/api.py", "from shop.users.models import User\nfrom ..pay import charge\nimport os\n"),
        ("shop/users/models.py", "from . import names\n"),
        ("shop/users/names.py", ""),
        ("shop/pay/__init__.py", "from shop.orders import api\n"),
    ];
    check(&python, &[], "shop/orders>shop/pay shop/orders>shop/users shop/pay>shop/orders");
    let script = [
        (
            "src/a/x.ts",
            "import { y } from '../b/y';\nimport z from '@/c';\nimport q from '@acme/ui/button';\nimport 'react';\n",
        ),
        ("src/b/y.ts", "import x from '../a/x.js';\n"),
        ("src/c/index.ts", ""),
        ("ui/src/button.tsx", ""),
    ];
    let ui = [package(Language::JavaScript, "@acme/ui", "ui")];
    check(&script, &ui, "src/a>src/b src/a>src/c src/a>ui/src src/b>src/a");
    let go = [
        ("cmd/main.go", "package main\nimport \"acme.io/shop/internal/pay\"\n"),
        ("internal/pay/pay.go", "package pay\n"),
    ];
    check(&go, &[package(Language::Go, "acme.io/shop", "")], "cmd>internal/pay");
    let rust = [
        ("a/src/lib.rs", "use crate::x::Y;\n"),
        ("a/src/x/mod.rs", "use super::z::Z;\nuse b_b::c;\n"),
        ("a/src/z.rs", ""),
        ("b/src/c.rs", ""),
    ];
    check(&rust, &[package(Language::Rust, "b-b", "b")], "a/src>a/src/x a/src/x>a/src a/src/x>b/src");
    let java = [
        ("src/p/A.java", "package p;\nimport q.B;\nimport r.*;\n"),
        ("src/q/B.java", "package q;\n"),
        ("src/r/C.java", "package r;\n"),
    ];
    check(&java, &[], "src/p>src/q src/p>src/r");
    let ruby = [("lib/a/x.rb", "require_relative '../b/y'\nrequire 'c/z'\n"), ("lib/b/y.rb", ""), ("lib/c/z.rb", "")];
    check(&ruby, &[], "lib/a>lib/b lib/a>lib/c");
    let php =
        [("app/A/X.php", "<?php\nnamespace App\\A;\nuse App\\B\\Y;\n"), ("app/B/Y.php", "<?php\nnamespace App\\B;\n")];
    check(&php, &[], "app/A>app/B");
    let sharp = [("A/X.cs", "using Acme.B;\nnamespace Acme.A;\n"), ("B/Y.cs", "namespace Acme.B { }\n")];
    check(&sharp, &[], "A>B");
}

#[test]
fn cycles_domains_and_boundaries() {
    let found = planted(
        &[
            ("src/orders/api.py", "from src.users.db.tables import t\nfrom src.users import u\n"),
            ("src/users/__init__.py", "from src.orders import api\n"),
            ("src/users/db/tables.py", ""),
            ("src/utils/x.py", "from src.orders import api\n"),
        ],
        &[],
    );
    assert_eq!(found.cycles, [vec![0, 1]], "orders and users import each other");
    assert_eq!(found.cyclic_share(), Some(3.0 / 4.0));
    assert_eq!(found.weakest(0).map(|d| (d.path.as_str(), d.line)), Some(("src/orders/api.py", 2)));
    let domains: Vec<String> = found.domains().into_iter().map(|d| format!("{} {}", d.name, d.modules)).collect();
    assert_eq!(domains, ["orders 1", "users 2"], "utils is a layer");
    assert_eq!((found.boundary.crossing, found.boundary.past), (3, 1));
    assert_eq!(found.boundary.score(), Some(1.0 - 1.0 / 3.0));
}

#[test]
fn a_file_in_a_domain_is_not_its_face() {
    let check = |files: &[(&str, &str)], crossing: u32, past: u32| {
        let found = planted(files, &[]);
        assert_eq!((found.boundary.crossing, found.boundary.past), (crossing, past), "{files:?}");
    };
    let inner = "from src.users.inner import x\nfrom src.users import y\nfrom src.users.users import z\n";
    check(
        &[
            ("src/orders/a.py", inner),
            ("src/users/__init__.py", ""),
            ("src/users/inner.py", ""),
            ("src/users/users.py", ""),
        ],
        3,
        1,
    );
    let script =
        "import { a } from '../users';\nimport { b } from '../users/b';\nimport { c } from '../users/users.service';\n";
    check(
        &[
            ("src/orders/a.ts", script),
            ("src/users/index.ts", ""),
            ("src/users/b.ts", ""),
            ("src/users/users.service.ts", ""),
        ],
        3,
        1,
    );
    let rust = "use crate::users::User;\nuse crate::users::rows::Row;\n";
    check(
        &[("src/lib.rs", ""), ("src/orders/mod.rs", rust), ("src/users/mod.rs", ""), ("src/users/rows.rs", "")],
        2,
        1,
    );
    let java = "package orders;\nimport users.User;\nimport users.rows.Row;\n";
    check(
        &[
            ("src/orders/A.java", java),
            ("src/users/User.java", "package users;\n"),
            ("src/users/rows/Row.java", "package users.rows;\n"),
        ],
        2,
        1,
    );
}

#[test]
fn a_path_that_leaves_the_repository_leads_nowhere() {
    let found = planted(&[("a.ts", "import x from '../../etc/x';\n"), ("b/c.py", "from .... import d\n")], &[]);
    assert_eq!((edges(&found).as_str(), found.resolved), ("", 0));
}
