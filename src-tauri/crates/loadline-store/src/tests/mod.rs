//! What the store promises, on both databases.

mod backups;
mod durability;
mod everyday;
mod round_trip;
mod schema;
mod snapshots;
