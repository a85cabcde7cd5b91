//! One part being read: a refused question becomes a gap, a stop ends it at once.

use crate::forge::{flag, text};
use crate::http::{Door, HttpError, Visit};
use crate::imported::{Imported, Of};
use crate::{Cancelled, Progress, ScopePlan, Window};
use loadline_model::{Account, GapReason, ORGANISATION, SubjectId, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use url::Url;

/// Most pages of a list: the tools give no more than 10,000 rows, 100 a page.
const PAGES: usize = 100;
/// Asked again so far back, for incidents that ended after they were last seen.
const AGAIN_DAYS: i64 = 30;
/// A window this long is a first collection's.
const FIRST_DAYS: f64 = 89.0;

/// A GET of a tool's API, with the right it needs: a row of the table from which its policy is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Below the address; `{of}` stands for an id.
    pub(crate) path: &'static str,
    /// What it gives.
    pub(crate) reads: &'static str,
    /// The right it needs, as the tool names it.
    pub(crate) right: &'static str,
    /// Where the rows of a list are; empty: it is no list.
    pub(crate) rows: &'static str,
}

impl Call {
    /// What grants it.
    pub(crate) fn closes(&self) -> String {
        format!("Give the key {}.", self.right)
    }
}

/// What a part's readers share.
pub(crate) struct Reading<'a> {
    /// The scope, what was answered, the way to stop.
    pub(crate) visit: Visit<'a>,
    /// Since when things that happened are asked for.
    pub(crate) since: Timestamp,
    door: &'a Door,
    services: &'a BTreeMap<String, SubjectId>,
    /// Why nothing more is asked: the limit is spent, or the key is no longer valid.
    over: Option<HttpError>,
}

impl<'a> Reading<'a> {
    /// Nothing is asked yet.
    pub(crate) fn of(
        account: &Account,
        plan: &ScopePlan,
        (window, progress): (&'a Window, &'a Progress),
        door: &'a Door,
        (services, days): (&'a BTreeMap<String, SubjectId>, i64),
    ) -> Self {
        let first = window.until.days_since(window.from) >= FIRST_DAYS;
        let oldest = window.now.plus_days(-days);
        let since = if first { oldest } else { window.from.min(window.now.plus_days(-AGAIN_DAYS)).max(oldest) };
        let visit = Visit::begin(account, plan, window, progress);
        Self { visit, since, door, services, over: None }
    }

    /// One answer; `None` when a gap was left instead.
    ///
    /// # Errors
    /// [`Cancelled`] when the reader stopped.
    pub(crate) async fn get(
        &mut self,
        call: &Call,
        of: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<Value>, Cancelled> {
        self.ask(call, self.door.url(&call.path.replace("{of}", of), query)).await
    }

    async fn ask(&mut self, call: &Call, url: Result<Url, HttpError>) -> Result<Option<Value>, Cancelled> {
        let answer = match (&self.over, url) {
            (Some(over), _) => Err(over.clone()),
            (None, Ok(url)) => self.visit.wait(call.reads, self.door.page(url)).await?,
            (None, Err(error)) => Err(error),
        };
        Ok(answer.map_err(|error| self.refused(call, &error)).ok().map(|page| page.body))
    }

    /// Rows of a list, page after page, and whether they are all; `None` when not even the first page could be read. What
    /// is missing leaves a gap. Lists go on where a link leads, or at the next offset.
    ///
    /// # Errors
    /// The same.
    pub(crate) async fn list(
        &mut self,
        call: &Call,
        query: &[(&str, &str)],
    ) -> Result<Option<(Vec<Value>, bool)>, Cancelled> {
        self.list_of(call, "", query).await
    }

    /// The same of the list of one thing.
    ///
    /// # Errors
    /// The same.
    pub(crate) async fn list_of(
        &mut self,
        call: &Call,
        of: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<(Vec<Value>, bool)>, Cancelled> {
        let Some(mut body) = self.get(call, of, query).await? else { return Ok(None) };
        let mut all = Vec::new();
        for _ in 0..PAGES {
            let Some(found) = body.get(call.rows).and_then(Value::as_array) else {
                self.refused(call, &HttpError::Malformed("it is no list".to_owned()));
                return Ok((!all.is_empty()).then_some((all, false)));
            };
            let empty = found.is_empty();
            all.extend(found.iter().cloned());
            let next = match text(&body, "/paging/next") {
                Some(link) => self.door.link(link),
                // The link of Jira Service Management leaves out the site: only that there is one counts.
                None if flag(&body, "/more") == Some(true) || text(&body, "/links/next").is_some() => {
                    let offset = all.len().to_string();
                    let asked: Vec<(&str, &str)> = query.iter().copied().chain([("offset", offset.as_str())]).collect();
                    self.door.url(&call.path.replace("{of}", of), &asked)
                }
                None => return Ok(Some((all, true))),
            };
            if empty {
                return Ok(Some((all, true)));
            }
            match self.ask(call, next).await? {
                Some(answer) => body = answer,
                None => return Ok(Some((all, false))),
            }
        }
        let detail = format!("{}: more than {PAGES} pages; the first were read.", call.reads);
        self.visit.answer.miss(GapReason::LimitReached, detail, "Set `history_days` to fewer days.");
        Ok(Some((all, false)))
    }

    /// Leaves the gap of a refused call.
    pub(crate) fn refused(&mut self, call: &Call, error: &HttpError) {
        let reads = call.reads;
        let (reason, detail, closes) = match error {
            HttpError::Forbidden(_) | HttpError::NotFound => (
                GapReason::PermissionDenied,
                format!("{reads}: {error}; of what a key may not read it is also said that it does not exist."),
                call.closes(),
            ),
            HttpError::Unauthorized => (
                GapReason::PermissionDenied,
                format!("{reads}: the key was valid when the collection began and is refused now (401)."),
                "Connect with a fresh key, and collect again.".to_owned(),
            ),
            // 402: what the plan does not hold.
            HttpError::Refused { status: 402, said } => (
                GapReason::FeatureDisabled,
                format!("{reads}: the plan of the account does not include it (402) {said}."),
                "It is not known without a plan that includes it.".to_owned(),
            ),
            other => (other.reason(), format!("{reads}: {other}."), other.closes().to_owned()),
        };
        // Asking on would only prolong the limit, or be refused again.
        if matches!(error, HttpError::Unauthorized | HttpError::RateLimited(_)) {
            self.over = Some(error.clone());
        }
        self.visit.answer.miss(reason, detail, closes);
    }

    /// Leaves the gap of a row that is none.
    pub(crate) fn malformed(&mut self, call: &Call, why: &str) {
        self.refused(call, &HttpError::Malformed(why.to_owned()));
    }

    /// Says what was told, of what it was told of. A service that only this tool names is no thing to judge: its incidents are
    /// kept under the id that a file of the tool gives it too.
    pub(crate) fn keep(&mut self, call: &Call, told: Imported) {
        for (of, basis, body) in told.facts {
            let subject = match of {
                Of::Thing(id) => id,
                Of::Service(Some(name)) => {
                    let meant = self.services.get(&name).cloned();
                    meant.unwrap_or_else(|| SubjectId::new(format!("service:{name}")))
                }
                Of::Service(None) | Of::Repository => SubjectId::new(ORGANISATION),
            };
            self.visit.answer.say(&subject, call.path, basis, body);
        }
        for (detail, closes) in told.missing {
            self.visit.answer.miss(GapReason::ShortWindow, detail, closes);
        }
    }
}
