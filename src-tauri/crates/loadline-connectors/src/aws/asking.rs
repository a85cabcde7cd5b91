//! One scope asking AWS: pages are followed to their end, a refusal becomes a gap that names the call, and a listing is
//! complete only when every page was read.

use super::client::Client;
use super::operations::{Operation, Paginator};
use super::refused::Refused;
use crate::{Answer, Progress, Window};
use futures_util::StreamExt;
use loadline_model::{Environment, Kind};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

/// More pages than this is a token that never ends.
const MOST_PAGES: usize = 1000;

/// Questions about single things that are open at once; the service's own limit is below this.
const ABREAST: usize = 8;

/// After so many refusals without an answer the rest of the same questions is not asked.
const REFUSALS: u32 = 3;

/// What the calls of one scope share. A service's `read` gets one and asks through it only.
pub(super) struct Asking<'a> {
    client: &'a Client,
    /// The region of the scope; `us-east-1` for global services.
    region: &'a str,
    /// What the scope is called in steps and gaps: `EC2 and VPC in eu-west-1`.
    title: String,
    /// Environment of everything in the account, when it was said.
    pub environment: Option<Environment>,
    /// Which time is asked for; series end at `until`.
    pub window: &'a Window,
    progress: &'a Progress,
    deadline: Instant,
    steps: AtomicU32,
}

/// The pages that were read of one call.
#[derive(Clone, Debug)]
pub(super) struct Pages<T> {
    /// In their order.
    pub pages: Vec<T>,
    /// Every page was read: what is not in them does not exist. Otherwise a gap was left.
    pub complete: bool,
}

impl<T> IntoIterator for Pages<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;
    fn into_iter(self) -> Self::IntoIter {
        self.pages.into_iter()
    }
}

impl<'a> Asking<'a> {
    pub(super) fn new(
        client: &'a Client,
        (region, title): (&'a str, String),
        environment: Option<Environment>,
        (window, progress): (&'a Window, &'a Progress),
        deadline: Instant,
    ) -> Self {
        Self { client, region, title, environment, window, progress, deadline, steps: AtomicU32::new(0) }
    }

    /// The account's number, twelve digits.
    pub(super) fn account(&self) -> &str {
        &self.client.identity.account
    }

    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub(super) fn partition(&self) -> &str {
        &self.client.identity.partition
    }

    /// Pages of a call in the scope's region. What could not be read becomes a gap naming the call, its reason and the
    /// exact action or step that closes it; pages before the failure are kept.
    pub(super) async fn pages<T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        parameters: Value,
        answer: &mut Answer,
    ) -> Pages<T> {
        self.pages_hiding(operation, parameters, &[], answer).await
    }

    /// The same; the gap names the kinds of things that may exist unseen.
    pub(super) async fn pages_hiding<T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        parameters: Value,
        hides: &[Kind],
        answer: &mut Answer,
    ) -> Pages<T> {
        let (pages, refused) = self.follow(operation, self.region, parameters, MOST_PAGES).await;
        let complete = refused.is_none();
        if let Some(refused) = refused {
            self.leave(operation, &refused, hides, answer);
        }
        Pages { pages, complete }
    }

    /// The same, newest first, as far as `most` pages reach: more of them is not an error but simply not read. Complete
    /// when the last page was among them.
    pub(super) async fn newest<T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        parameters: Value,
        most: usize,
        answer: &mut Answer,
    ) -> Pages<T> {
        let (pages, refused) = self.follow(operation, self.region, parameters, most).await;
        if let Some(refused) = refused.as_ref().filter(|r| **r != Refused::Endless || pages.len() < most) {
            self.leave(operation, refused, &[], answer);
        }
        Pages { pages, complete: refused.is_none() }
    }

    /// The same question about each of many things, several at once, answered in the order of the items. The same
    /// refusal of many items is one gap; after three refusals of permission or support in a row the rest is not asked.
    pub(super) async fn each<K, T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        items: Vec<(K, Value)>,
        hides: &[Kind],
        answer: &mut Answer,
    ) -> Vec<(K, Pages<T>)> {
        let refusals = AtomicU32::new(0);
        let asked = futures_util::stream::iter(items)
            .map(|(key, parameters)| {
                let refusals = &refusals;
                async move {
                    if refusals.load(Ordering::Relaxed) >= REFUSALS {
                        return (key, Vec::new(), None, false);
                    }
                    let (pages, refused) = self.follow(operation, self.region, parameters, MOST_PAGES).await;
                    match &refused {
                        Some(r) if r.holds_for_all() => refusals.fetch_add(1, Ordering::Relaxed),
                        _ => refusals.swap(0, Ordering::Relaxed),
                    };
                    let complete = refused.is_none();
                    (key, pages, refused, complete)
                }
            })
            .buffered(ABREAST)
            .collect::<Vec<_>>();
        let mut read = Vec::new();
        for (key, pages, refused, complete) in asked.await {
            if let Some(refused) = refused {
                self.leave(operation, &refused, hides, answer);
            }
            read.push((key, Pages { pages, complete }));
        }
        read
    }

    /// Pages of a call in any region, without writing gaps: for questions whose refusal means something of its own.
    ///
    /// # Errors
    /// The first refusal; pages before it are lost.
    pub(super) async fn ask<T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        region: &str,
        parameters: Value,
    ) -> Result<Vec<T>, Refused> {
        match self.follow(operation, region, parameters, MOST_PAGES).await {
            (pages, None) => Ok(pages),
            (_, Some(refused)) => Err(refused),
        }
    }

    /// Writes the gap of a refusal that [`Self::ask`] returned.
    pub(super) fn leave(&self, operation: &'static Operation, refused: &Refused, hides: &[Kind], answer: &mut Answer) {
        let detail = format!("{}: {} could not be read: {refused}.", self.title, operation.name);
        answer.miss_of(refused.reason(), detail, refused.closes(operation), hides, None);
    }

    async fn follow<T: DeserializeOwned>(
        &self,
        operation: &'static Operation,
        region: &str,
        mut parameters: Value,
        most: usize,
    ) -> (Vec<T>, Option<Refused>) {
        let (mut pages, mut seen) = (Vec::new(), BTreeSet::new());
        loop {
            self.step(operation, pages.len());
            let page = match self.one(operation, region, &parameters).await {
                Ok(page) => page,
                Err(refused) if operation.absent.iter().any(|code| refused.is(code)) => return (pages, None),
                Err(refused) => return (pages, Some(refused)),
            };
            let next = operation.page.next(&page);
            match serde_json::from_value(page) {
                Ok(page) => pages.push(page),
                // The parser's words name fields and types, never the whole content.
                Err(e) => return (pages, Some(Refused::NotUnderstood(e.to_string()))),
            }
            let Some(next) = next else { return (pages, None) };
            if pages.len() >= most || !seen.insert(next.clone()) {
                return (pages, Some(Refused::Endless));
            }
            Paginator::apply(next, &mut parameters);
        }
    }

    async fn one(&self, operation: &'static Operation, region: &str, parameters: &Value) -> Result<Value, Refused> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let asked = tokio::time::timeout(left, self.client.ask(operation, region, parameters));
        match self.window.wait(asked).await {
            Err(_) => Err(Refused::Cancelled),
            Ok(Err(_)) => Err(Refused::TimedOut),
            Ok(Ok(answer)) => answer,
        }
    }

    fn step(&self, operation: &Operation, page: usize) {
        let done = self.steps.fetch_add(1, Ordering::Relaxed);
        let what = match page {
            0 => format!("{}: {}", self.title, operation.action),
            n => format!("{}: {}, page {}", self.title, operation.action, n + 1),
        };
        self.progress.step(done, done + 1, &what);
    }

    /// Calls made by this scope.
    pub(super) fn steps(&self) -> u32 {
        self.steps.load(Ordering::Relaxed)
    }
}
