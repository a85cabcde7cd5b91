//! What is read of each AWS service: which calls, and which facts their answers become. Signing, paging, patience and
//! the words of gaps belong to [`super::asking`]; nothing here sends anything by itself.

mod activity;
mod advisors;
mod alarms;
mod apigateway;
mod autoscaling;
mod backup;
mod certificates;
mod cloudfront;
mod costs;
mod deployments;
mod dynamodb;
mod ec2;
mod ecs;
mod efs;
mod eks;
mod elasticache;
mod elb;
mod elbv2;
mod kafka;
mod lambda;
mod launch;
mod memorydb;
mod metrics;
mod mq;
mod quotas;
mod rds;
mod reach;
mod route53;
mod s3;
mod signal;
mod snapshots;
mod sns;
mod sqs;
mod telling;
#[cfg(test)]
pub(super) mod testing;
mod wafv2;

use super::asking::Asking;
use super::operations::Operation;
use crate::Answer;
use futures_util::future::BoxFuture;

/// One service: its calls and the function that turns them into facts. A scope is a service in a region, named
/// `ec2/eu-west-1`, or `route53/global` for a global service.
pub(super) struct ServiceReader {
    /// First part of the scope's name: `ec2`.
    pub id: &'static str,
    /// What people read while it runs: `EC2 and VPC`.
    pub title: &'static str,
    /// Read once for the account, not in each region; `region` is then `us-east-1`.
    pub global: bool,
    /// Every operation it may ask; a test compares with the table. The first takes no required parameter: `test`
    /// asks for its first page.
    pub operations: &'static [&'static Operation],
    /// Reads one scope: facts, gaps and the kinds that were listed completely go into the answer.
    pub read: for<'a> fn(&'a Asking<'a>, &'a str, &'a mut Answer) -> BoxFuture<'a, ()>,
}

/// Hours for which a visit of a service is kept before it is asked again: where each request is billed.
pub(super) fn kept_hours(service: &str) -> u32 {
    if service == costs::READER.id { 24 } else { 0 }
}

/// Every service, in the order in which they are read.
pub(super) const SERVICES: &[ServiceReader] = &[
    ec2::READER,
    autoscaling::READER,
    elbv2::READER,
    elb::READER,
    ecs::READER,
    lambda::READER,
    rds::READER,
    elasticache::READER,
    dynamodb::READER,
    sqs::READER,
    deployments::READER,
    mq::READER,
    kafka::READER,
    memorydb::READER,
    costs::READER,
    advisors::ADVISOR_READER,
    advisors::HUB_READER,
    backup::READER,
    reach::READER,
    alarms::READER,
    metrics::READER,
    certificates::CERTIFICATES_READER,
    certificates::SECRETS_READER,
    route53::READER,
    cloudfront::READER,
    s3::READER,
    wafv2::READER,
    quotas::READER,
    apigateway::READER,
    eks::READER,
    efs::READER,
    sns::READER,
];
