//! One clone being read: files first, then commits, then what follows from both.

use super::clone::{Clone, identity, is_addressed};
use super::code::Code;
use super::project::Project;
use super::{advisories, age, commits, files, past, people};
use crate::{Answer, Window};
use gix::ObjectId;
use loadline_code::history::{History, OWNERSHIP_DAYS};
use loadline_model::{
    Account, Basis, Confidence, Edge, GapReason, Kind, Relation, Resource, SubjectId, Timestamp, Value, key,
};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tokio::sync::mpsc::UnboundedSender;

/// How often progress is told: every so many files or commits.
const EVERY: usize = 200;
/// What the facts about the present state are read from.
pub(super) const TREE: &str = "files of HEAD";
/// What the facts about the past are read from.
pub(super) const LOG: &str = "commits reachable from HEAD";
/// Longest lock file, in bytes: tools write longer ones than people do.
const MOST_OF_A_LOCK: usize = 32 << 20;
/// Most places of one idiom that are told; the count says how many there are.
pub(super) const MOST_PLACES: usize = 100;

/// A clone, what was read of it, and where progress goes.
pub(super) struct Reading<'a> {
    pub answer: Answer,
    clone: &'a Clone,
    account: &'a Account,
    window: Window,
    steps: UnboundedSender<(u32, u32, &'static str)>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(
        answer: Answer,
        clone: &'a Clone,
        account: &'a Account,
        window: Window,
        steps: UnboundedSender<(u32, u32, &'static str)>,
    ) -> Self {
        Self { answer, clone, account, window, steps }
    }

    fn stopped(&self) -> bool {
        self.window.cancel.is_cancelled()
    }

    fn step(&self, done: usize, total: usize, what: &'static str) {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        // Nobody may be listening any more; then nobody misses it.
        let _ = self.steps.send((small(done), small(total), what));
    }

    /// Reads everything; what cannot be read is a gap.
    pub(super) fn read(&mut self) {
        let broken = "Fetch the clone again, whole; `git fsck` shows what is damaged.";
        let repository = match self.clone.repository() {
            Ok(repository) => repository,
            Err(said) => {
                return self.answer.miss(GapReason::ApiError, format!("the clone cannot be opened: {said}"), broken);
            }
        };
        let head = repository.head_commit().ok().and_then(|c| Some((c.id, c.tree_id().ok()?.detach())));
        let (Some((head, tree)), Some((subject, name))) = (head, identity(&repository, self.clone)) else {
            return self.answer.miss(
                GapReason::FeatureDisabled,
                "the repository has no commit",
                "Commit something, or name another clone.",
            );
        };
        age::date(&mut self.answer, &repository, head, &subject);
        self.exists(&subject, &name);
        let stop = || self.stopped();
        let listed = match files::list(&repository, tree, &stop) {
            Ok(listed) => listed,
            Err(said) => {
                return self.answer.miss(
                    GapReason::ApiError,
                    format!("the files of HEAD cannot be read: {said}"),
                    broken,
                );
            }
        };
        if listed.cut {
            let detail = "the repository has more than 300,000 entries; those beyond were not read";
            self.about(&subject, GapReason::LimitReached, detail, "Connect clones of its parts.");
        }
        if listed.unread > 0 {
            let detail =
                format!("{} folders of HEAD lie more than 64 deep or are damaged, and were not read", listed.unread);
            self.about(&subject, GapReason::LimitReached, &detail, "Connect clones of the repository's parts.");
        }
        let Some((mut code, project)) = self.read_files(&repository, &subject, &listed) else { return };
        let history = self.read_commits(&repository, head, &subject, &listed, project.documents());
        if let Some((history, changed)) = &history {
            let logs = history.files();
            people::say(&mut self.answer, &subject, history, &logs, &project);
            code.join(&logs, history);
            let months = commits::monthly(&repository, head, history.as_of(), past::MONTHS);
            past::trends(&repository, &months, &mut code, &|| self.window.cancel.is_cancelled());
            project.say_documents(&mut self.answer, &subject, changed);
        }
        code.say(&mut self.answer, &subject, history.as_ref().map(|(history, _)| history));
        project.say(&mut self.answer, &subject);
        self.compare_libraries(&subject, &project);
        if let Some(service) = self.service() {
            code.say_of_service(&mut self.answer, &service);
        }
        if self.stopped() {
            self.answer.cancelled();
        }
    }

    /// Says the libraries that are pinned, and the advisories about them where the account names a folder of them.
    fn compare_libraries(&mut self, subject: &SubjectId, project: &Project) {
        let today = self.window.now.utc_day();
        let used = project.libraries.used();
        project.libraries.say(&mut self.answer, subject, &used, today);
        let Some(folder) = self.account.config.get("advisories").map(|s| s.trim()).filter(|s| !s.is_empty()) else {
            return;
        };
        let stop = || self.window.cancel.is_cancelled();
        let found = advisories::read(Path::new(folder), &used, today, &stop, &|done| {
            self.step(done, done + EVERY, "reading advisories");
        });
        match found {
            Some(found) => found.say(&mut self.answer, subject, &used),
            None => self.about(
                subject,
                GapReason::NotConnected,
                "the folder that `advisories` names holds no advisory in OSV's format, or cannot be read",
                "Unpack an export of OSV's database into it (the README says how), or name another folder.",
            ),
        }
    }

    fn service(&self) -> Option<SubjectId> {
        self.account.config.get("service").map(|s| s.trim()).filter(|s| !s.is_empty()).map(SubjectId::new)
    }

    fn exists(&mut self, subject: &SubjectId, name: &str) {
        let resource = Resource { environment: self.account.environment, ..Resource::new(Kind::Repository, name) };
        let call = if is_addressed(subject) {
            "remote and first commit"
        } else {
            "first commit and folder: the clone has no remote with an address"
        };
        self.answer.say(subject, call, Basis::Configured, resource);
        if let Some(service) = self.service() {
            let edge = Edge { relation: Relation::BuiltFrom, to: subject.clone(), confidence: Confidence::Declared };
            self.answer.say(&service, "setting `service` of the account", Basis::Stated, edge);
        }
    }

    /// Says a gap about the repository.
    fn about(&mut self, subject: &SubjectId, reason: GapReason, detail: &str, closes: &str) {
        self.answer.miss_of(reason, detail, closes, &[], Some(subject));
    }

    fn read_files(
        &mut self,
        repository: &gix::Repository,
        subject: &SubjectId,
        listed: &files::Files,
    ) -> Option<(Code, Project)> {
        let (mut code, mut project) = (Code::default(), Project::default());
        let mut unread: usize = 0;
        for (at, file) in listed.files.iter().enumerate() {
            if at % EVERY == 0 {
                self.step(at, listed.files.len(), "reading files");
            }
            if self.stopped() {
                self.answer.cancelled();
                return None;
            }
            if !Code::wants(&file.path) && !loadline_code::project::matters(&file.path) {
                code.pass_over(&file.path);
                continue;
            }
            let lock = loadline_code::project::locks::is_lock_alone(&file.path);
            match files::content(repository, file.id, if lock { MOST_OF_A_LOCK } else { 4 << 20 }) {
                Ok(Some(bytes)) => {
                    project.add(&file.path, &bytes, &mut code);
                    code.add(&file.path, &bytes);
                }
                Ok(None) => {
                    code.too_long(&file.path);
                    project.unopened(&file.path);
                }
                Err(_) => {
                    unread += 1;
                    project.unopened(&file.path);
                }
            }
        }
        self.step(listed.files.len(), listed.files.len(), "drawing the module graph");
        if unread + listed.missing > 0 {
            let missing = listed.missing;
            let detail = format!(
                "{unread} files and {missing} folders of HEAD are not in the clone (a partial or damaged clone)"
            );
            self.about(subject, GapReason::Truncated, &detail, "Fetch the clone again without a filter.");
        }
        code.left_out(listed.left_out + unread, listed.open_ended());
        code.draw(project.packages());
        Some((code, project))
    }

    /// The history, and when each of the documents was changed last: by the newest commit that touches it.
    fn read_commits(
        &mut self,
        repository: &gix::Repository,
        head: ObjectId,
        subject: &SubjectId,
        listed: &files::Files,
        mut documents: BTreeSet<&str>,
    ) -> Option<(History, BTreeMap<String, Timestamp>)> {
        let shallow = repository.is_shallow().unwrap_or(false);
        // The newest commit may lie after the machine's own clock; nothing of a repository lies after it.
        let as_of = self.window.now;
        let since = as_of.plus_days(-OWNERSHIP_DAYS);
        let today: BTreeSet<&str> = listed.files.iter().map(|f| f.path.as_str()).collect();
        let mut history = History::new(today.into_iter().map(str::to_owned), as_of);
        let mut changed = BTreeMap::new();
        let mut count = 0_usize;
        let walked = commits::walk(repository, head, since, &mut |commit| {
            if count.is_multiple_of(EVERY) {
                self.step(count, count + EVERY, "reading commits");
            }
            count += 1;
            history.add(commit);
            for change in &commit.changes {
                if documents.remove(change.path.as_str()) {
                    changed.insert(change.path.clone(), commit.at);
                }
            }
            !self.window.cancel.is_cancelled()
        });
        if self.stopped() {
            self.answer.cancelled();
            return None;
        }
        let left_out = match walked {
            Ok(left_out) => left_out,
            Err(said) => {
                self.about(
                    subject,
                    GapReason::ApiError,
                    &format!("the history cannot be read: {said}"),
                    "Fetch the clone again, whole.",
                );
                return None;
            }
        };
        let complete = !shallow && left_out.broken == 0;
        if !complete {
            let (what, closes) = match shallow {
                true => ("shallow", "git fetch --unshallow"),
                false => ("partial or damaged", "Clone the repository again, whole and without a filter."),
            };
            let detail = format!("history: the clone is {what}, so churn, hotspots and ownership are not known");
            self.about(subject, GapReason::Truncated, &detail, closes);
        }
        if left_out.huge > 0 {
            let detail = format!("{} commits touch more than 50,000 files each and were left out", left_out.huge);
            self.about(
                subject,
                GapReason::LimitReached,
                &detail,
                "Nothing is needed: imports of foreign code are nobody's work.",
            );
        }
        let mut set = |key: &str, value: Value| self.answer.set(subject, LOG, Basis::Measured, key, None, value);
        set(key::HISTORY_COMPLETE, Value::Bool(complete));
        let days = history.oldest.map_or(0.0, |oldest: Timestamp| as_of.days_since(oldest).max(0.0));
        set(key::HISTORY_DAYS, Value::Number(loadline_model::num::round9(days)));
        complete.then_some((history, changed))
    }
}
