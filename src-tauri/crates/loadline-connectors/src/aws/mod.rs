//! Amazon Web Services: accounts read by signed Describe, Get, List and BatchGet calls out of one table. A part of a
//! collection is one service in one region. It is not for anything that changes an account: no such call can be named.

mod accounts;
mod asking;
mod client;
mod credentials;
mod encode;
mod judge;
mod operations;
mod pace;
mod permissions;
mod places;
mod policy;
mod refused;
mod services;
mod shape;
pub(crate) mod signer;
mod signing;
mod xml;

use crate::http::Limits;
use crate::http::clock;
use crate::{
    Answer, ConfigField, ConnectError, Connector, Estimate, Permission, Progress, Provider, ScopePlan, Secret,
    SecretNeed, Window,
};
use accounts::{Reached, Unreached};
use asking::Asking;
use credentials::Surroundings;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use loadline_model::{Account, CollectionCost, GapReason, Scope};
use services::{SERVICES, ServiceReader};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What one part may take; AWS answers a page in tenths of a second.
const DEADLINE: Duration = Duration::from_secs(600);

/// Parts that are read at once. Each service has its own pace in each region, so parts seldom wait for one another.
const ABREAST: usize = 6;

const fn field(key: &'static str, label: &'static str, help: &'static str) -> ConfigField {
    ConfigField { key, label, help, required: false }
}

/// What people see before connecting.
pub(crate) const PROVIDER: Provider = Provider {
    id: "aws",
    name: "Amazon Web Services",
    summary: "Reads servers, containers, load balancers, databases, caches, queues, backups, alarms and their redundancy of one or many AWS accounts.",
    config: &[
        field(
            "profile",
            "Profile",
            "A profile of ~/.aws/config, also of single sign-on; without it the environment is used",
        ),
        field("access_key_id", "Access key", "AKIA…, when there is no profile; its secret key is the account's secret"),
        field("regions", "Regions", "eu-west-1 us-east-1; every enabled region unless set"),
        field("role_arn", "Role", "arn:aws:iam::123456789012:role/loadline, taken before anything is read"),
        field("external_id", "External id", "What the owner of the role asks for besides"),
        field("roles", "Roles in more accounts", "ARNs of one role in each further account, separated by spaces"),
        field("services", "Services", "ec2 rds …, to read only these; all unless set"),
        field("instance_role", "Role of this machine", "true, to use the role of the machine that Loadline runs on"),
        field("endpoint_url", "Endpoint", "Takes the place of every AWS host: an emulator or a private endpoint"),
        field("ca_file", "Certificate authority", "Path of a PEM file to trust besides the system's"),
        field("proxy", "Proxy", "http://proxy:3128, or `none` to ignore the environment's"),
    ],
    secret: SecretNeed::Optional("secret access key of `access_key_id`"),
    policy: policy::text,
    documents: policy::documents,
    check: |account| accounts::check(account).map(drop),
    connect: |account, secret| connect(account.clone(), secret).boxed(),
};

/// A connected account, and the accounts its roles lead to.
struct Aws {
    account: Account,
    wire: Arc<crate::http::Wire>,
    reached: Vec<Reached>,
    unreached: Vec<Unreached>,
    deadline: Duration,
}

async fn connect(account: Account, secret: Option<Secret>) -> Result<Box<dyn Connector>, ConnectError> {
    let limits = Limits::default();
    Ok(Box::new(Aws::connect(account, secret, &Surroundings::here(), limits, DEADLINE).await?))
}

impl Aws {
    /// The services that are read here, as the account's settings say.
    fn services(&self) -> impl Iterator<Item = &'static ServiceReader> {
        let wanted = accounts::words(&self.account, "services");
        SERVICES.iter().filter(move |s| wanted.is_empty() || wanted.iter().any(|w| w == s.id))
    }

    /// Scopes of the first account have no prefix; those of further accounts begin with their number.
    fn prefix(&self, at: usize) -> String {
        match self.reached.get(at) {
            Some(further) if at > 0 => format!("{}/", further.client.identity.account),
            _ => String::new(),
        }
    }

    async fn plan(&self) -> Vec<ScopePlan> {
        let mut plan = Vec::new();
        let mut troubled = !self.unreached.is_empty();
        for (at, reached) in self.reached.iter().enumerate() {
            let (prefix, regions) = (self.prefix(at), reached.regions().await);
            troubled |= regions.is_err();
            let regions = regions.unwrap_or_else(|_| vec![reached.client.region().to_owned()]);
            for service in self.services() {
                let places = if service.global { vec!["global".to_owned()] } else { regions.clone() };
                for place in places {
                    let name = format!("{prefix}{}/{place}", service.id);
                    let part = ScopePlan::new(name, self.title(at, service, &place)).of(service.title);
                    plan.push(part.kept(services::kept_hours(service.id)));
                }
            }
        }
        if troubled {
            plan.insert(0, ScopePlan::new(accounts::SCOPE, "Accounts and regions"));
        }
        plan
    }

    fn title(&self, at: usize, service: &ServiceReader, place: &str) -> String {
        let place = if service.global { String::new() } else { format!(" in {place}") };
        let whose = self.prefix(at);
        let whose = if whose.is_empty() { whose } else { format!(" of {}", whose.trim_end_matches('/')) };
        format!("{}{place}{whose}", service.title)
    }

    async fn read_scope(&self, scope: &ScopePlan, window: &Window, progress: &Progress) -> Scope {
        let mut answer = Answer::new(&self.account.id, &scope.name, window);
        if scope.name == accounts::SCOPE {
            self.say_unreached(&mut answer).await;
            return answer.finish();
        }
        let Some((at, service, place)) = self.find(&scope.name) else {
            answer.miss(GapReason::UnmappedSubject, format!("There is no part `{}`.", scope.name), "Collect again.");
            return answer.finish();
        };
        let Some(reached) = self.reached.get(at) else { return answer.finish() };
        let region = if service.global { places::home(&reached.client.identity.partition) } else { place };
        let title = self.title(at, service, place);
        let (whole, until) = (self.account.environment, Instant::now() + self.deadline);
        let asking = Asking::new(&reached.client, (region, title), whole, (window, progress), until);
        (service.read)(&asking, region, &mut answer).await;
        if window.cancel.is_cancelled() {
            answer.cancelled();
        }
        progress.step(asking.steps(), asking.steps(), "");
        answer.finish()
    }

    /// The account, service and place of a scope's name.
    fn find<'n>(&self, name: &'n str) -> Option<(usize, &'static ServiceReader, &'n str)> {
        let (at, rest) = match name.split_once('/') {
            Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => {
                let found = self.reached.iter().skip(1).position(|r| r.client.identity.account == number)?;
                (found + 1, rest)
            }
            _ => (0, name),
        };
        let (id, place) = rest.split_once('/')?;
        let service = SERVICES.iter().find(|s| s.id == id)?;
        let fits = if service.global { place == "global" } else { places::is_region(place) };
        fits.then_some((at, service, place))
    }
}

impl Connector for Aws {
    fn test(&self) -> BoxFuture<'_, Vec<Permission>> {
        self.permissions().boxed()
    }

    fn estimate(&self) -> BoxFuture<'_, Estimate> {
        self.estimated().boxed()
    }

    fn scopes(&self) -> BoxFuture<'_, Result<Vec<ScopePlan>, ConnectError>> {
        async { Ok(self.plan().await) }.boxed()
    }

    fn abreast(&self) -> usize {
        ABREAST
    }

    fn read<'a>(&'a self, scope: &'a ScopePlan, window: &'a Window, progress: &'a Progress) -> BoxFuture<'a, Scope> {
        self.read_scope(scope, window, progress).boxed()
    }

    fn cost(&self) -> CollectionCost {
        let (calls, busy_ms) = self.wire.spent();
        let billed_calls = self.reached.iter().map(|r| r.client.billed()).sum();
        CollectionCost { calls, billed_calls, busy_ms, connections: u32::from(calls > 0) }
    }
}

#[cfg(test)]
mod tests;
