//! What an observer is told while the parts of one account are read, several of them at once.

use super::{AccountOutcome, Observer, Step};
use loadline_connectors::{Progress, ScopePlan};
use loadline_model::{Account, AccountId};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Parts of a collection that belong together: one service in all its places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What people call it.
    pub title: Arc<str>,
    /// Parts finished.
    pub done: u32,
    /// Parts in all.
    pub total: u32,
    /// Parts that are being read.
    pub reading: u32,
}

/// How far the reading of one account is.
pub(super) struct Told {
    account: AccountId,
    observer: Observer,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    groups: Vec<Group>,
    gaps: u32,
}

impl Told {
    /// Nothing is read yet, and nobody knows of what.
    pub(super) fn new(account: &Account, observer: &Observer) -> Self {
        Self { account: account.id.clone(), observer: observer.clone(), state: Mutex::default() }
    }

    /// These parts there are.
    pub(super) fn planned(&self, plans: &[ScopePlan]) {
        let mut state = self.state();
        for plan in plans {
            state.group(plan).total += 1;
        }
    }

    /// The part was read, or stands from an earlier reading.
    pub(super) fn finished(&self, plan: &ScopePlan) {
        self.state().group(plan).done += 1;
    }

    /// So many things could not be read.
    pub(super) fn missed(&self, gaps: usize) {
        self.state().gaps += gaps as u32;
    }

    /// The part is no longer being read.
    pub(super) fn ended(&self, plan: &ScopePlan) {
        let mut state = self.state();
        let group = state.group(plan);
        group.reading = group.reading.saturating_sub(1);
    }

    /// The part is being read from now on; its connector reports here.
    pub(super) fn begun(self: &Arc<Self>, plan: &ScopePlan) -> Progress {
        self.state().group(plan).reading += 1;
        let (told, title) = (self.clone(), plan.title.clone());
        told.say(title.clone(), "reading", None);
        Progress::new(move |step| {
            // Some connectors say where they are themselves.
            let what = match step.what {
                "" => title.clone(),
                what if what.starts_with(title.as_str()) => what.to_owned(),
                what => format!("{title}: {what}"),
            };
            told.say(what, "reading", None);
        })
    }

    /// The account is through.
    pub(super) fn over(&self, outcome: &AccountOutcome) {
        self.state().groups.iter_mut().for_each(|group| group.reading = 0);
        self.say(String::new(), outcome.status, outcome.error.as_ref().map(ToString::to_string));
    }

    fn say(&self, what: String, status: &'static str, error: Option<String>) {
        let (groups, gaps) = {
            let state = self.state();
            (state.groups.clone(), state.gaps)
        };
        let (done, total) = (groups.iter().map(|g| g.done).sum(), groups.iter().map(|g| g.total).sum());
        (self.observer)(Step { account: self.account.clone(), done, total, what, groups, gaps, status, error });
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The group of a part; groups come in the order of their first parts.
    fn group(&mut self, plan: &ScopePlan) -> &mut Group {
        let at = self.groups.iter().position(|g| *g.title == *plan.group).unwrap_or_else(|| {
            self.groups.push(Group { title: plan.group.as_str().into(), done: 0, total: 0, reading: 0 });
            self.groups.len() - 1
        });
        &mut self.groups[at]
    }
}
