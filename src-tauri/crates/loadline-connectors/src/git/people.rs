//! How many people know what. Names and addresses end here: no fact holds any.

use super::project::Project;
use super::reading::{LOG, TREE};
use crate::Answer;
use loadline_code::history::{FileLog, History, ownership};
use loadline_code::project::owned_by;
use loadline_model::{Basis, SubjectId, Value, key, num};

/// Says churn of the whole, authors and truck factor.
pub(super) fn say(answer: &mut Answer, subject: &SubjectId, history: &History, logs: &[FileLog], project: &Project) {
    // Files of programs: who knows a picture or a page says little about who can repair the service.
    let programs: Vec<FileLog> = logs.iter().filter(|l| super::code::Code::wants(&l.path)).cloned().collect();
    let factor = ownership::truck_factor(&programs, &history.last_commits(), history.as_of());
    let mut number = |key: &str, value: f64| answer.set(subject, LOG, Basis::Measured, key, None, Value::Number(value));
    number(key::HISTORY_COMMITS, f64::from(history.commits));
    number(key::HISTORY_AUTHORS, f64::from(factor.authors));
    number(key::HISTORY_ACTIVE_AUTHORS, f64::from(factor.active));
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
