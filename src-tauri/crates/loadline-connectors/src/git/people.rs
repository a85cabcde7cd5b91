//! How many people know what. Names and addresses end here: no fact holds any.

use super::project::Project;
use super::reading::{LOG, TREE};
use crate::Answer;
use loadline_code::history::{FileLog, History, ownership};
use loadline_code::project::owned_by;
use loadline_model::{Basis, SubjectId, Value, key, num};
use std::collections::BTreeSet;

/// Says churn of the whole, authors and truck factor.
pub(super) fn say(answer: &mut Answer, subject: &SubjectId, history: &History, logs: &[FileLog], project: &Project) {
    // Files of programs in any language, for knowing needs no parser: who knows a picture or a page says little about who
    // can repair the service.
    let programs: Vec<FileLog> = logs.iter().filter(|l| super::code::Code::is_program(&l.path)).cloned().collect();
    let last = history.last_commits();
    let factor = ownership::truck_factor(&programs, &last, history.as_of());
    let alike = history.alike();
    let authors: BTreeSet<u32> = programs.iter().flat_map(|l| l.by_author.keys().copied()).collect();
    let looks_like_another =
        |a: &&u32| authors.iter().any(|b| b != *a && alike.contains_key(a) && alike.get(a) == alike.get(b));
    let several = authors.iter().filter(looks_like_another).count();
    let mut number = |key: &str, value: f64| answer.set(subject, LOG, Basis::Measured, key, None, Value::Number(value));
    number(key::HISTORY_COMMITS, f64::from(history.commits));
    number(key::HISTORY_AUTHORS, f64::from(factor.authors));
    number(key::HISTORY_ACTIVE_AUTHORS, f64::from(factor.active));
    number(key::HISTORY_AUTHORS_ALIKE, several as f64);
    if several > 0 {
        let (programs, last) = ownership::as_one(&programs, &last, &alike);
        let factor = ownership::truck_factor(&programs, &last, history.as_of());
        number(key::TRUCK_FACTOR_ALIKE, f64::from(factor.active_only));
    }
    if factor.files > 0 {
        number(key::TRUCK_FACTOR, f64::from(factor.all));
        number(key::TRUCK_FACTOR_ACTIVE, f64::from(factor.active_only));
        number(key::ORPHANED_SHARE, num::round9(f64::from(factor.orphaned) / f64::from(factor.files)));
    }
    if let Some(owners) = project.owners() {
        let owned = programs.iter().filter(|l| owned_by(owners, &l.path) > 0).count();
        if !programs.is_empty() {
            let share = Value::Number(num::round9(owned as f64 / programs.len() as f64));
            answer.set(subject, TREE, Basis::Measured, key::CODE_OWNED_SHARE, None, share);
        }
    }
}
