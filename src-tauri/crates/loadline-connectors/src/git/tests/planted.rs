//! A small shop with planted owners, churn, a cycle, smells, bots, a rename and a merge.

use super::*;
use loadline_model::{ChangedTogether, CodeModule, Document, Edge, Kind, Resource, key};

/// Ann makes everything 300 days ago and changes the api four times, Bo renames and repairs, a machine changes all.
fn shop() -> Made {
    let made = Made::new();
    let api = |n: u32| {
        let more: String = (0..n).map(|i| format!("    if user and order:\n        print({i})\n")).collect();
        format!(
            "import requests\nfrom shop.users import tables\n\ndef pay(user, order):\n    requests.post(url)\n{more}    for o in order:\n        Item.objects.get(id=o)\n"
        )
    };
    made.write("shop/orders/api.py", api(1));
    made.write("shop/users/tables.py", "from shop.orders import api\n\nclass User:\n    pass\n\n# a\n# b\n# c\n");
    made.write("shop/plain.py", "x = 1\n");
    made.write("tests/test_api.py", "def test_pay():\n    assert True\n");
    made.write("docs/runbooks/pay.md", "# When payment fails\n");
    made.write("Dockerfile", "FROM python:3.8\nCMD x\n");
    made.write("requirements.txt", "django\nslowapi\n");
    made.write("CODEOWNERS", "/shop/orders/ @acme/pay @acme/all\n");
    made.write(".github/workflows/ci.yml", "jobs:\n  a:\n    steps:\n      - run: pytest\n");
    made.write("db/migrations/0001_x.sql", "ALTER TABLE a DROP COLUMN b;\n");
    made.commit(days_ago(300), "ann", "Begin");
    for n in 2..=5 {
        made.write("shop/orders/api.py", api(n));
        made.commit(days_ago(300 - i64::from(n) * 10), "ann", "Add to the api");
    }
    made.git(&["mv", "shop/users/tables.py", "shop/users/names.py"]);
    made.write("shop/orders/api.py", api(5).replace("tables", "names"));
    made.commit(days_ago(50), "bo", "Fix the name of the table");
    made.write("shop/plain.py", "x = 2\n");
    made.write("shop/orders/api.py", api(6).replace("tables", "names"));
    made.commit(days_ago(20), "renovate-bot", "Update everything");
    made.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    made.write("shop/side.py", "y = 1\n");
    made.commit(days_ago(15), "bo", "Add a side");
    made.git(&["checkout", "-q", "main"]);
    made.git(&[
        "-c",
        "user.name=Cy Lee",
        "-c",
        "user.email=cy@acme.io",
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge side",
        "side",
    ]);
    made
}

#[tokio::test]
async fn a_planted_repository_gives_what_was_planted() {
    let made = shop();
    made.git(&["remote", "add", "origin", "https://token@git.acme.io/Acme/Shop.git"]);
    let scope = read(&made, &[]).await;
    assert_eq!(scope.gaps, [], "nothing is missing");
    assert!(scope.facts.iter().all(|f| f.subject.as_str() == "repository:git.acme.io/acme/shop"));
    let thing: Vec<Resource> = bodies(&scope);
    assert_eq!((thing[0].kind, thing[0].name.as_str()), (Kind::Repository, "shop"));

    let api = stat(&scope, "shop/orders/api.py");
    assert_eq!((api.churn, api.fixes), (Some(6.0), Some(1.0)), "five of Ann, one of Bo, none of the machine");
    assert_eq!(api.complexity, Some(6.0 * 2.0 + 1.0));
    assert_eq!(stat(&scope, "shop/users/names.py").churn, Some(2.0), "the rename is followed");
    assert_eq!(stat(&scope, "shop/plain.py").churn, Some(1.0));
    assert_eq!(stat(&scope, "shop/side.py").churn, Some(1.0), "the merge itself does not count");

    let check = |key: &str, item: Option<&str>, expected: &str| {
        assert_eq!(setting(&scope, key, item).as_deref(), Some(expected), "{key} {item:?}");
    };
    check(key::CODE_FILES, None, "4");
    check(key::CODE_TEST_LINES, None, "2");
    check(key::CODE_UNMEASURED, None, "0");
    check(key::CODE_LARGEST_CYCLE, None, "2");
    check(key::CODE_DOMAINS_IN_CYCLE, None, "2");
    check(key::CODE_CYCLE_EDGE, Some("1"), "shop/orders/api.py:2");
    check(key::CODE_IMAGES, None, "1");
    check(key::CODE_IMAGE_ROOT, Some("Dockerfile"), "on");
    check(key::CODE_RUNTIME, Some("python in Dockerfile"), "3.8");
    check(key::CODE_LOCKED, Some("python in requirements.txt"), "off");
    check(key::CODE_TESTS_RUN, None, "on");
    check(key::CODE_OWNERS_FILE, None, "on");
    check(key::HISTORY_COMPLETE, None, "on");
    check(key::HISTORY_COMMITS, None, "7");
    check(key::HISTORY_AUTHORS, None, "2");
    check(key::HISTORY_ACTIVE_AUTHORS, None, "1");
    check(key::TRUCK_FACTOR, None, "1");
    assert_eq!(places(&scope, key::idiom::CALL_WITHOUT_TIMEOUT), ["shop/orders/api.py:5"]);
    assert_eq!(places(&scope, key::idiom::QUERY_IN_LOOP), ["shop/orders/api.py:19"]);
    assert_eq!(places(&scope, "rate_limit"), ["requirements.txt:1?"]);
    assert_eq!(places(&scope, key::idiom::DESTRUCTIVE_MIGRATION), ["db/migrations/0001_x.sql:1"]);
    let documents: Vec<Document> = bodies(&scope);
    assert_eq!((documents[0].what.as_str(), documents[0].title.as_str()), ("runbook", "When payment fails"));
    assert_eq!(documents[0].updated_at.map(|at| at.utc_day()), Some(days_ago(300).utc_day()));
    let modules: Vec<CodeModule> = bodies(&scope);
    assert_eq!(modules.iter().filter(|m| m.cycle == Some(1)).count(), 2);
    assert!(bodies::<ChangedTogether>(&scope).is_empty(), "nothing changed together five times");

    let text = serde_json::to_string(&scope.facts).expect("plain data");
    for secret in ["token", "ann", "acme.io\"", "Lee", made.path().as_str()] {
        assert!(!text.contains(secret), "{secret} is told");
    }
}

#[tokio::test]
async fn a_clone_without_address_is_known_by_its_first_commit_and_its_folder_and_a_service_by_its_id() {
    let known = async |made: &Made, more: &[(&str, &str)]| {
        let scope = read(made, more).await;
        let fact = scope.facts.iter().find(|f| Resource::of(&f.body).is_some()).expect("a repository");
        (fact.subject.as_str().to_owned(), scope)
    };
    let made = shop();
    let (id, scope) = known(&made, &[("service", "arn:api")]).await;
    let first = String::from_utf8(made.git(&["rev-list", "--max-parents=0", "HEAD"])).expect("text");
    assert!(id.starts_with(&format!("repository:commit/{}/", first.trim())), "{id}");
    let edge = scope.facts.iter().find_map(|f| Edge::of(&f.body).map(|e| (f.subject.as_str(), e.to.as_str())));
    assert_eq!(edge, Some(("arn:api", id.as_str())));
    assert_eq!(known(&made, &[]).await.0, id, "connected again");

    let again = Made::new();
    again.git(&["pull", "-q", &made.path(), "main"]);
    assert_ne!(known(&again, &[]).await.0, id, "another product may have begun from the same commits");
    again.git(&["remote", "add", "origin", &made.path()]);
    assert_eq!(known(&again, &[]).await.0, id, "a clone of that folder");
    again.git(&["remote", "set-url", "origin", &format!("file://{}/.git/", made.path())]);
    assert_eq!(known(&again, &[]).await.0, id, "the same folder as an address");
}

#[tokio::test]
async fn tables_in_sql_text_are_counted_by_domain() {
    let made = Made::new();
    let runs = |sql: &str| format!("def f(db):\n    db.execute('{sql}')\n\ndef g(db):\n    return 1\n");
    made.write("shop/orders/api.py", runs("INSERT INTO orders (id) VALUES (1)"));
    made.write("shop/payments/api.py", runs("UPDATE orders SET paid = true WHERE id = 1"));
    made.write("shop/users/api.py", runs("SELECT id FROM orders WHERE id = 1"));
    made.write("shop/users/rows.py", runs("INSERT INTO users (id) VALUES (1)"));
    made.write("tests/test_api.py", runs("DELETE FROM users WHERE id = 1"));
    made.commit(days_ago(30), "ann", "Begin");
    let scope = read(&made, &[]).await;
    let said = |key: &str, table: &str| setting(&scope, key, Some(table));
    assert_eq!(said(key::CODE_TABLE_WRITERS, "orders").as_deref(), Some("2"));
    assert_eq!(said(key::CODE_TABLE_READERS, "orders").as_deref(), Some("1"));
    assert_eq!(said(key::CODE_TABLE_WRITERS, "users").as_deref(), Some("1"));
    assert_eq!(said(key::CODE_TABLE_READERS, "users"), None);
}
