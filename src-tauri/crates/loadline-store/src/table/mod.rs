//! One file per table: its statements and what the store offers over it.

pub(crate) mod account;
mod account_lock;
mod alias;
mod assessment;
pub(crate) mod block;
pub(crate) mod collection;
mod counter;
mod decision;
mod ledger;
mod manifest;
mod setting;
pub(crate) mod snapshot;
pub(crate) mod visit;
