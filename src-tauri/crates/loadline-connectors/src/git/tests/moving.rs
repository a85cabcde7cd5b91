//! Migrations that the account declares: exactly the planted lines at each week.

use super::*;
use loadline_model::{CodeMigration, GapReason};

/// So many lines of text.
fn lines(count: usize) -> String {
    (0..count).map(|i| format!("line {i}\n")).collect()
}

/// Reads what the account declares of a migration `checkout`, and nothing else.
async fn counted(made: &Made, words: &str) -> Scope {
    let account = account(&made.path(), &[("migration.checkout", words)]);
    let connector = crate::git::connect(account).await.expect("connects");
    let plan = connector.scopes().await.expect("scopes").pop().expect("one for migrations");
    assert_eq!(plan.name, "migration.progress");
    connector.read(&plan, &last_days(90), &Progress::silent()).await
}

/// Lines at each week, newest first, as old and new; the first is today.
fn weeks(scope: &Scope) -> Vec<(f64, f64)> {
    let told: Vec<CodeMigration> = bodies(scope);
    let [migration] = &told[..] else { panic!("one is told: {told:?}, {:?}", scope.gaps) };
    migration.moments.iter().rev().map(|m| (m.old_lines, m.new_lines)).collect()
}

fn gaps(scope: &Scope) -> Vec<(GapReason, &str)> {
    scope.gaps.iter().map(|g| (g.reason, g.detail.as_str())).collect()
}

const WORDS: &str = "legacy/** -> app/checkout/**";

#[tokio::test]
async fn a_migration_is_counted_week_by_week() {
    let made = Made::new();
    made.write("legacy/a.rb", lines(300));
    made.write("legacy/deep/b.rb", lines(100));
    made.write("legacy/logo.png", [&b"\x89PNG\0"[..], lines(50).as_bytes()].concat());
    made.write("app/other/c.rb", lines(70));
    made.write("app/checkout/x.rb", "no end of line");
    made.commit(days_ago(200), "ann", "Begin");
    made.write("legacy/a.rb", lines(200));
    made.write("app/checkout/a.rb", lines(150));
    made.commit(days_ago(20), "ann", "Move a part");
    made.git(&["rm", "-q", "-r", "legacy/deep"]);
    made.write("app/checkout/a.rb", lines(199));
    made.commit(days_ago(3), "bo", "Move the rest of it");
    let scope = counted(&made, WORDS).await;
    assert_eq!(gaps(&scope), []);
    let weeks = weeks(&scope);
    // Today; 7 and 14 days ago the first move was made; before it nothing was.
    assert_eq!(weeks[..4], [(200.0, 200.0), (300.0, 151.0), (300.0, 151.0), (400.0, 1.0)]);
    assert_eq!((weeks.len(), weeks[26]), (27, (400.0, 1.0)));
    let told: Vec<CodeMigration> = bodies(&scope);
    assert_eq!(
        (told[0].name.as_str(), &told[0].old[..], &told[0].new[..]),
        ("checkout", &["legacy/**".to_owned()][..], &["app/checkout/**".to_owned()][..])
    );
    assert_eq!(told[0].done(), Some(0.5));
    assert!(told[0].moments.windows(2).all(|w| w[1].at.0 - w[0].at.0 == 7 * loadline_model::DAY_MS));
    let text = serde_json::to_string(&scope.facts).expect("plain data");
    assert!(!text.contains("ann") && !text.contains("Lee") && !text.contains(&made.path()));
}

#[tokio::test]
async fn one_that_stands_and_one_whose_old_path_grows_are_told_as_they_are() {
    let made = Made::new();
    made.write("legacy/a.rb", lines(60));
    made.write("app/checkout/a.rb", lines(40));
    made.commit(days_ago(400), "ann", "Begin");
    let stalled: Vec<CodeMigration> = bodies(&counted(&made, WORDS).await);
    assert_eq!((stalled[0].done(), stalled[0].moved(), stalled[0].forecast()), (Some(0.4), Some(0.0), None));
    for week in (0..8).rev() {
        made.write(&format!("legacy/more_{week}.rb"), lines(5));
        made.commit(days_ago(week * 7 + 1), "bo", "Add to the old path");
    }
    let scope = counted(&made, WORDS).await;
    let old: Vec<f64> = weeks(&scope).iter().take(10).map(|w| w.0).collect();
    assert_eq!(old, [100.0, 95.0, 90.0, 85.0, 80.0, 75.0, 70.0, 65.0, 60.0, 60.0]);
    assert!(bodies::<CodeMigration>(&scope)[0].moved().is_some_and(|moved| moved < 0.0));
}

#[tokio::test]
async fn a_folder_that_got_its_name_lately_moves_no_line() {
    let made = Made::new();
    made.write("shop/a.rb", lines(60));
    made.write("shop/b.rb", lines(30));
    made.write("modern/c.rb", lines(10));
    made.commit(days_ago(300), "ann", "Begin");
    made.git(&["mv", "shop", "first"]);
    made.commit(days_ago(40), "ann", "Name it first");
    made.git(&["mv", "first", "legacy"]);
    made.git(&["mv", "modern", "app"]);
    made.commit(days_ago(10), "ann", "Name both");
    // What was renamed from the old path to the new one did move.
    made.git(&["mv", "legacy/b.rb", "app/b.rb"]);
    made.commit(days_ago(2), "ann", "Move b");
    // A folder of the former name that came later is something else.
    made.write("first/a.rb", lines(500));
    made.commit(days_ago(1), "ann", "Begin something else");
    let weeks = weeks(&counted(&made, "legacy/** -> app/**").await);
    assert_eq!((weeks[0], weeks.len()), ((60.0, 40.0), 27));
    assert!(weeks[1..].iter().all(|w| *w == (90.0, 10.0)), "{weeks:?}");
}

#[tokio::test]
async fn a_young_migration_begins_with_its_old_path() {
    let made = Made::new();
    made.write("app/checkout/a.rb", lines(40));
    made.commit(days_ago(100), "ann", "Begin");
    made.write("legacy/a.rb", lines(60));
    made.commit(days_ago(10), "ann", "Take over an old part");
    assert_eq!(weeks(&counted(&made, WORDS).await), [(60.0, 40.0), (60.0, 40.0)]);
}

#[tokio::test]
async fn a_pattern_that_holds_nothing_names_its_setting_and_tells_nothing() {
    let made = Made::new();
    made.write("legacy/a.rb", lines(60));
    made.write("app/checkout/a.rb", lines(40));
    made.write("empty/.keep", "");
    made.commit(days_ago(100), "ann", "Begin");
    let check = async |words: &str, expected: &str| {
        let scope = counted(&made, words).await;
        assert!(bodies::<CodeMigration>(&scope).is_empty(), "{words}");
        let found = gaps(&scope);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].0 == GapReason::FeatureDisabled && found[0].1.contains(expected), "{found:?}");
        assert!(scope.gaps[0].closes.contains("`migration.checkout`") && scope.gaps[0].scope == "migration.progress");
    };
    check("legcy/** -> app/checkout/**", "`migration.checkout`: pattern 1 before the arrow held no file").await;
    check("legacy/**, lib/** -> app/checkout/**", "pattern 2 before the arrow").await;
    check("legacy/** -> app/checkout/**, web/**", "pattern 2 behind the arrow").await;
    check("empty/** -> app/checkout/**", "held no line of text").await;
    let refused = crate::git::connect(account(&made.path(), &[("migration.checkout", "legacy/**")])).await;
    assert!(refused.is_err_and(|e| e.to_string().contains("migration.checkout")));
}

#[tokio::test]
async fn a_shallow_clone_tells_no_migration() {
    let origin = Made::new();
    for day in [60, 30, 1] {
        origin.write("legacy/a.rb", lines(day));
        origin.write("app/checkout/a.rb", lines(40));
        origin.commit(days_ago(day as i64), "ann", "Change");
    }
    let made = Made::new();
    made.git(&["pull", "-q", "--depth", "1", &format!("file://{}", origin.path()), "main"]);
    let scope = counted(&made, WORDS).await;
    assert!(bodies::<CodeMigration>(&scope).is_empty());
    assert_eq!(gaps(&scope), [(GapReason::Truncated, "how far migrations are is not known: the clone is shallow")]);
}
