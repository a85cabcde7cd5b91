//! Repositories made with git itself: planted ones give exactly what was planted, hostile ones give gaps.

mod advisories;
mod age;
mod generated;
mod history;
mod hostile;
mod large;
mod made;
mod moving;
mod one_service;
mod oracle_tests;
mod planted;
mod smells;

use crate::testing::{last_days, real_now};
use crate::{Connector, Progress, ScopePlan};
use loadline_model::{Account, CodeIdiom, CodeStat, Fact, FactBody, Scope, Setting, Timestamp};
use made::Made;

/// An account that names a folder.
fn account(path: &str, more: &[(&str, &str)]) -> Account {
    let config: Vec<(&str, &str)> = std::iter::once(("path", path)).chain(more.iter().copied()).collect();
    crate::testing::account("git", &config)
}

/// Everything that is read of a repository.
async fn read(made: &Made, more: &[(&str, &str)]) -> Scope {
    let account = account(&made.path(), more);
    let connector = super::connect(account).await.expect("connects");
    read_with(connector.as_ref(), &last_days(90)).await
}

async fn read_with(connector: &dyn Connector, window: &crate::Window) -> Scope {
    let plan: ScopePlan = connector.scopes().await.expect("scopes").remove(0);
    connector.read(&plan, window, &Progress::silent()).await
}

fn bodies<T: FactBody + Clone>(scope: &Scope) -> Vec<T> {
    scope.facts.iter().filter_map(|f: &Fact| T::of(&f.body)).cloned().collect()
}

/// The value of a setting, as people read it.
fn setting(scope: &Scope, key: &str, item: Option<&str>) -> Option<String> {
    let said = bodies::<Setting>(scope);
    said.iter().find(|s| s.key == key && s.item.as_deref() == item).map(|s| s.value.to_string())
}

fn stat(scope: &Scope, path: &str) -> CodeStat {
    bodies::<CodeStat>(scope).into_iter().find(|s| s.path == path).unwrap_or_else(|| panic!("no {path}"))
}

/// `path:line` of each place of an idiom, with `?` where it is only possible.
fn places(scope: &Scope, what: &str) -> Vec<String> {
    let said = |i: &CodeIdiom| format!("{}:{}{}", i.path, i.line, if i.likely { "" } else { "?" });
    let mut found: Vec<String> = bodies::<CodeIdiom>(scope).iter().filter(|i| i.what == what).map(said).collect();
    found.sort();
    found
}

fn days_ago(days: i64) -> Timestamp {
    real_now().plus_days(-days)
}
