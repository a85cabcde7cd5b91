//! One topic of one repository being read.

use super::{Call, Repository};
use crate::Cancelled;
use crate::http::{Door, HttpError, Page, Visit};
use loadline_model::{GapReason, SubjectId, Timestamp};
use serde_json::Value;

/// Most pages of a list; hosts give 100 rows a page.
const PAGES: usize = 50;
/// Asked again so far back, for what ended after it was last seen.
const AGAIN_DAYS: i64 = 3;
/// A window this long is a first collection's.
const FIRST_DAYS: f64 = 89.0;

/// What a topic's readers share.
pub(crate) struct Reading<'a> {
    /// The scope, what was answered, the way to stop.
    pub(crate) visit: Visit<'a>,
    /// The host.
    pub(crate) door: &'a Door,
    /// As the account names it.
    pub(crate) repository: &'a Repository,
    /// How calls name it now: after a rename another path, or a number.
    pub(crate) asked: String,
    /// What gaps are about.
    pub(crate) subject: SubjectId,
    /// Since when things that happened are asked for.
    pub(crate) since: Timestamp,
    /// Why nothing more is asked: the token's limit is spent, or it is no longer valid.
    over: Option<HttpError>,
}

/// Rows of a list.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// In the host's order.
    pub(crate) rows: Vec<Value>,
    /// All that was wanted was read.
    pub(crate) whole: bool,
}

impl<'a> Reading<'a> {
    /// Nothing is asked yet. `days` is how far back a first collection looks.
    pub(crate) fn of(
        visit: Visit<'a>,
        door: &'a Door,
        (repository, asked): (&'a Repository, String),
        subject: SubjectId,
        days: i64,
    ) -> Self {
        let now = visit.window.now;
        let first = visit.window.until.days_since(visit.window.from) >= FIRST_DAYS;
        let oldest = now.plus_days(-days);
        let since = if first { oldest } else { visit.window.from.min(now.plus_days(-AGAIN_DAYS)).max(oldest) };
        Self { visit, door, repository, asked, subject, since, over: None }
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
        Ok(self.page(call, of, query).await?.map(|page| page.body))
    }

    /// One answer, or `None` inside where the host says that there is none: only for calls whose right was proven otherwise.
    ///
    /// # Errors
    /// The same.
    pub(crate) async fn get_if_any(
        &mut self,
        call: &Call,
        of: &str,
        query: &[(&str, &str)],
    ) -> Result<Option<Option<Value>>, Cancelled> {
        Ok(match self.try_get(call, of, query).await? {
            Ok(answer) => Some(Some(answer)),
            Err(HttpError::NotFound) => Some(None),
            Err(error) => {
                self.refused(call, &error);
                None
            }
        })
    }

    /// The answer or the error, without a gap; [`Self::refused`] leaves one.
    ///
    /// # Errors
    /// The same.
    pub(crate) async fn try_get(
        &mut self,
        call: &Call,
        of: &str,
        query: &[(&str, &str)],
    ) -> Result<Result<Value, HttpError>, Cancelled> {
        Ok(self.ask(call, of, query).await?.map(|page| page.body))
    }

    async fn ask(
        &mut self,
        call: &Call,
        of: &str,
        query: &[(&str, &str)],
    ) -> Result<Result<Page, HttpError>, Cancelled> {
        if let Some(over) = &self.over {
            return Ok(Err(over.clone()));
        }
        match self.door.url(&call.of(&self.asked, of), query) {
            Ok(url) => self.visit.wait(call.reads, self.door.page(url)).await,
            Err(error) => Ok(Err(error)),
        }
    }

    async fn page(&mut self, call: &Call, of: &str, query: &[(&str, &str)]) -> Result<Option<Page>, Cancelled> {
        Ok(match self.ask(call, of, query).await? {
            Ok(page) => Some(page),
            Err(error) => {
                self.refused(call, &error);
                None
            }
        })
    }

    /// Rows of a list, page after page, while `wanted` says so of each; `None` when not even the first page could be read.
    /// What is missing leaves a gap.
    ///
    /// # Errors
    /// The same.
    pub(crate) async fn list(
        &mut self,
        call: &Call,
        of: &str,
        query: &[(&str, &str)],
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Option<Listed>, Cancelled> {
        let Some(mut page) = self.page(call, of, query).await? else { return Ok(None) };
        let mut listed = Listed::default();
        for _ in 0..PAGES {
            let found = if call.rows.is_empty() { page.body.as_array() } else { rows_of(&page.body, call.rows) };
            let Some(found) = found else {
                self.refused(call, &HttpError::Malformed("it is no list".to_owned()));
                return Ok((!listed.rows.is_empty()).then_some(listed));
            };
            let ends = found.iter().any(|row| !wanted(row));
            listed.rows.extend(found.iter().filter(|row| wanted(row)).cloned());
            // Most hosts name the next page in a header, some in the answer, by its address or by a token.
            let by_token = |token: &str| {
                let asked: Vec<(&str, &str)> = query.iter().copied().chain([("page-token", token)]).collect();
                self.door.url(&call.of(&self.asked, of), &asked)
            };
            let named = page.next.take().or_else(|| text(&page.body, "/next").map(|next| self.door.link(next)));
            let named = named.or_else(|| text(&page.body, "/next_page_token").map(by_token));
            let next = match named {
                Some(next) if !ends && !found.is_empty() => next,
                _ => {
                    listed.whole = true;
                    return Ok(Some(listed));
                }
            };
            let answer = match next {
                Ok(url) => self.visit.wait(call.reads, self.door.page(url)).await?,
                Err(error) => Err(error),
            };
            page = match answer {
                Ok(page) => page,
                Err(error) => {
                    self.refused(call, &error);
                    return Ok(Some(listed));
                }
            };
        }
        let detail =
            format!("{} of {}: more than {} pages; the first were read.", call.reads, self.repository.path, PAGES);
        self.about(GapReason::LimitReached, detail, "Set `history_days` to fewer days.");
        Ok(Some(listed))
    }

    /// Leaves the gap of a refused call. A host says of what a token may not see that it does not exist.
    pub(crate) fn refused(&mut self, call: &Call, error: &HttpError) {
        let (reads, name) = (call.reads, &self.repository.path);
        let (reason, detail, closes) = match error {
            HttpError::Forbidden(_) | HttpError::NotFound => (
                GapReason::PermissionDenied,
                format!(
                    "{reads} of {name}: {error}; of what a token may not read it is also said that it does not exist."
                ),
                call.closes(name),
            ),
            HttpError::Unauthorized => (
                GapReason::PermissionDenied,
                format!(
                    "{reads} of {name}: the token was valid when the collection began and is refused now (401): it was revoked \
                     or ended, as the token of an app's installation does after an hour."
                ),
                "Connect with a fresh token, or with one that lives longer, and collect again.".to_owned(),
            ),
            HttpError::RateLimited(wait) => {
                let when =
                    wait.map_or_else(String::new, |w| format!("; it asks to wait {} min", w.as_secs().div_ceil(60)));
                (
                    GapReason::RateLimited,
                    format!("{reads} of {name}: the limit of requests of this token is spent{when}."),
                    "Collect again in an hour: what was read is kept, and what is missing is asked for again."
                        .to_owned(),
                )
            }
            other => (other.reason(), format!("{reads} of {name}: {other}."), other.closes().to_owned()),
        };
        // Asking on would only prolong the limit, or be refused again.
        if matches!(error, HttpError::Unauthorized | HttpError::RateLimited(_)) {
            self.over = Some(error.clone());
        }
        self.about(reason, detail, closes);
    }

    /// Leaves a gap about the subject of this topic.
    pub(crate) fn about(&mut self, reason: GapReason, detail: impl Into<String>, closes: impl Into<String>) {
        let subject = self.subject.clone();
        self.visit.answer.miss_of(reason, detail, closes, &[], Some(&subject));
    }
}

fn rows_of<'v>(body: &'v Value, key: &str) -> Option<&'v Vec<Value>> {
    body.get(key)?.as_array()
}

/// A text of an answer.
pub(crate) fn text<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer)?.as_str().filter(|t| !t.is_empty())
}

/// A whole number of an answer.
pub(crate) fn number(value: &Value, pointer: &str) -> Option<u64> {
    value.pointer(pointer)?.as_u64()
}

/// A switch of an answer.
pub(crate) fn flag(value: &Value, pointer: &str) -> Option<bool> {
    value.pointer(pointer)?.as_bool()
}

/// A time of an answer (ISO 8601).
pub(crate) fn time(value: &Value, pointer: &str) -> Option<Timestamp> {
    Timestamp::parse(text(value, pointer)?)
}

/// An array of an answer; empty when there is none.
pub(crate) fn rows<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value.pointer(pointer).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}
