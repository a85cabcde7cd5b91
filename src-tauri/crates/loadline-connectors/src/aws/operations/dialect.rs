//! How each AWS API is spoken to.

/// One API of AWS.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::aws) struct Api {
    /// Name in signatures: `monitoring`.
    pub service: &'static str,
    /// First part of its host: `monitoring` in `monitoring.eu-west-1.amazonaws.com`.
    pub host: &'static str,
    /// Its dialect.
    pub dialect: Dialect,
    /// Answers in one region for all; signed for `us-east-1`.
    pub global: bool,
}

/// The forms in which AWS is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Dialect {
    /// Form in, XML out; lists are `Name.1`.
    Ec2Query {
        /// Version of the API.
        version: &'static str,
    },
    /// Form in, XML out; lists are `Name.member.1`, or `Name.1` for parameters written `Name[]`.
    Query {
        /// Version of the API.
        version: &'static str,
    },
    /// JSON 1.0 in and out.
    Json10 {
        /// Before the action in `x-amz-target`.
        target: &'static str,
    },
    /// JSON 1.1 in and out.
    Json11 {
        /// Before the action in `x-amz-target`.
        target: &'static str,
    },
    /// GET, JSON out.
    RestJson,
    /// GET, XML out.
    RestXml,
}

impl Api {
    pub(super) const fn query(service: &'static str, version: &'static str) -> Self {
        Self { service, host: service, dialect: Dialect::Query { version }, global: false }
    }
    pub(super) const fn json10(service: &'static str, target: &'static str) -> Self {
        Self { service, host: service, dialect: Dialect::Json10 { target }, global: false }
    }
    pub(super) const fn json11(service: &'static str, target: &'static str) -> Self {
        Self { service, host: service, dialect: Dialect::Json11 { target }, global: false }
    }
    pub(super) const fn rest(service: &'static str, dialect: Dialect) -> Self {
        Self { service, host: service, dialect, global: false }
    }
    pub(super) const fn global(mut self) -> Self {
        self.global = true;
        self
    }
    pub(super) const fn host(mut self, host: &'static str) -> Self {
        self.host = host;
        self
    }
}
