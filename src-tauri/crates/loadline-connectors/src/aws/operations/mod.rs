//! The one table of what may be asked of AWS. Nothing else can be signed: [`Operation`] is made in this room only, and
//! its tests hold every row to a read by name and by method. It is not for what answers mean.

mod dialect;
mod paginator;
mod table;

pub(super) use dialect::{Api, Dialect};
pub(super) use paginator::Paginator;
pub(super) use table::OPERATIONS;

/// One call: a row of [`OPERATIONS`]. Rows are found at compile time, so a call that is not in the table does not build.
#[derive(Debug)]
pub(super) struct Operation {
    /// Where it is asked and in which dialect.
    pub api: &'static Api,
    /// Unique name, API and action: `elbv2:DescribeLoadBalancers`.
    pub name: &'static str,
    /// The action as the API spells it: `DescribeLoadBalancers`.
    pub action: &'static str,
    /// The permission it needs, as policies spell it: `elasticloadbalancing:DescribeLoadBalancers`.
    pub iam: &'static str,
    /// Path of a REST call; `{Name}` is taken out of the parameters, the rest become the query. `/` otherwise.
    pub path: &'static str,
    /// How the next page is asked for.
    pub page: Paginator,
    /// Each request costs money.
    pub billed: bool,
    /// Least milliseconds between two requests, where AWS allows fewer than a lane sends; 0 otherwise.
    pub apart_ms: u64,
    /// Error codes that mean "there is none": the answer is then complete and has no page.
    pub absent: &'static [&'static str],
    /// Private: rows are made here only.
    _sealed: (),
}

impl Operation {
    const fn new(api: &'static Api, name: &'static str, page: Paginator) -> Self {
        let action = after_colon(name);
        Self { api, name, action, iam: name, path: "/", page, billed: false, apart_ms: 0, absent: &[], _sealed: () }
    }
    /// The permission, where it is not called like the action.
    const fn iam(mut self, iam: &'static str) -> Self {
        self.iam = iam;
        self
    }
    const fn at(mut self, path: &'static str) -> Self {
        self.path = path;
        self
    }
    const fn none_is(mut self, absent: &'static [&'static str]) -> Self {
        self.absent = absent;
        self
    }
    const fn billed(mut self) -> Self {
        self.billed = true;
        self
    }
    const fn apart(mut self, milliseconds: u64) -> Self {
        self.apart_ms = milliseconds;
        self
    }
}

/// The row of that name: `const INSTANCES: &Operation = operation("ec2:DescribeInstances");`. A name that is not in
/// the table does not compile in a constant; a test keeps it out of other places.
pub(super) const fn operation(name: &str) -> &'static Operation {
    let mut at = 0;
    while at < OPERATIONS.len() {
        if same(OPERATIONS[at].name, name) {
            return &OPERATIONS[at];
        }
        at += 1;
    }
    panic!("no such operation in the table")
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}

const fn after_colon(name: &'static str) -> &'static str {
    let bytes = name.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b':' {
            return name.split_at(at + 1).1;
        }
        at += 1;
    }
    name
}

#[cfg(test)]
mod tests;
