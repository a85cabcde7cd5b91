//! One AWS account: signs rows of the table, keeps their pace, asks again where that helps, and says what an answer is.

use super::credentials::{Credentials, Way};
use super::operations::Operation;
use super::pace::Pace;
use super::refused::Refused;
use super::{clock, encode, judge, places, signing};
use crate::http::Outgoing;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

/// A clock that differs by less needs no correction: AWS accepts five minutes.
const TOLERATED_SECONDS: i64 = 240;

/// Who the keys belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// Number of the account.
    pub account: String,
    /// `aws`, `aws-cn` or `aws-us-gov`.
    pub partition: String,
    /// ARN of the user or role.
    pub arn: String,
}

/// The way into one account.
pub(super) struct Client {
    way: Way,
    credentials: Credentials,
    /// Who it is.
    pub identity: Identity,
    pace: Pace,
    skew_ms: AtomicI64,
    billed: AtomicU64,
}

impl Client {
    /// Finds out whose keys they are.
    ///
    /// # Errors
    /// [`Refused`] when there are no keys or AWS does not know them.
    pub(super) async fn open(credentials: Credentials, way: Way) -> Result<Self, Refused> {
        let partition = places::partition(&way.region).to_owned();
        let unknown = Identity { account: String::new(), partition, arn: String::new() };
        let pace = Pace::new(way.wire.limits().backoff);
        let (skew_ms, billed) = Default::default();
        let mut client = Self { way, credentials, identity: unknown, pace, skew_ms, billed };
        client.identity = client.who().await?;
        Ok(client)
    }

    async fn who(&self) -> Result<Identity, Refused> {
        const WHO: &Operation = super::operations::operation("sts:GetCallerIdentity");
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Who {
            account: String,
            arn: String,
        }
        let answer = self.ask(WHO, &self.way.region, &json!({})).await?;
        let who: Who = serde_json::from_value(answer).map_err(|e| Refused::NotUnderstood(e.to_string()))?;
        let partition = who.arn.split(':').nth(1).filter(|p| p.starts_with("aws")).unwrap_or("aws").to_owned();
        Ok(Identity { account: who.account, partition, arn: who.arn })
    }

    /// The region that is asked first.
    pub(super) fn region(&self) -> &str {
        &self.way.region
    }

    /// Requests that were billed since opening.
    pub(super) fn billed(&self) -> u64 {
        self.billed.load(Ordering::Relaxed)
    }

    /// One page of a row of the table.
    ///
    /// # Errors
    /// [`Refused`], after as many repetitions as help and the budget allows.
    pub(super) async fn ask(
        &self,
        operation: &'static Operation,
        region: &str,
        parameters: &Value,
    ) -> Result<Value, Refused> {
        let region = if operation.api.global { places::home(&self.identity.partition) } else { region };
        let base = match self.way.endpoints.at(operation.name.split(':').next().unwrap_or_default()) {
            Some(endpoint) => endpoint.clone(),
            None => places::address(operation.api, region)?,
        };
        let outgoing = encode::encode(operation, &base, parameters)?;
        let lane = self.pace.lane(operation.api.service, region);
        let (mut attempt, mut mended) = (0, false);
        loop {
            let asked = {
                let _room = lane.enter(Duration::from_millis(operation.apart_ms)).await;
                self.once(operation, region, outgoing.clone()).await
            };
            let refused = match asked {
                Ok(answer) => {
                    lane.faster();
                    self.pace.answered();
                    return Ok(answer);
                }
                Err(refused) => refused,
            };
            if matches!(refused, Refused::Throttled { .. }) {
                lane.slower();
            }
            if !mended && self.mend(&refused).await {
                mended = true;
                continue;
            }
            let Some(pause) = self.pace.again(&refused, attempt) else { return Err(refused) };
            tracing::debug!(call = operation.name, region, %refused, ?pause, "asking again");
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    async fn once(&self, operation: &'static Operation, region: &str, outgoing: Outgoing) -> Result<Value, Refused> {
        let at = self.now();
        let keys = self.credentials.keys(at).await?;
        let signed = signing::signed(outgoing, (operation.api.service, region), &keys, at)?;
        if operation.billed {
            self.billed.fetch_add(1, Ordering::Relaxed);
        }
        judge::answer(operation, region, &self.way.wire.send(signed).await?)
    }

    /// Repairs what one repetition can: a clock that is off, and temporary keys that ended early.
    async fn mend(&self, refused: &Refused) -> bool {
        match refused {
            Refused::ClockSkew { seconds } if seconds.abs() > TOLERATED_SECONDS => {
                self.skew_ms.store(seconds.saturating_mul(1000), Ordering::Relaxed);
                true
            }
            Refused::Credentials { .. } if self.credentials.is_renewable() => {
                self.credentials.forget().await;
                true
            }
            _ => false,
        }
    }

    /// The time that AWS accepts.
    fn now(&self) -> SystemTime {
        clock::moved(clock::now(), self.skew_ms.load(Ordering::Relaxed))
    }
}
