//! Reads source text and commits and says what is in them: size and complexity, the module graph, likely smells, churn,
//! hotspots and ownership; which libraries lock files pin, and which advisories are about them. Bytes and commits in,
//! measures out: nothing is executed, opened or asked the time. It is not for judging what it measures, and not for finding
//! the files.

pub mod advisory;
mod ecosystem;
mod graph;
pub mod history;
mod idiom;
mod language;
pub mod project;
mod read;
mod tables;
mod walk;

pub use ecosystem::Ecosystem;
pub use graph::{Boundary, Dependency, Domain, FileImports, Graph, Module, Package, file_imports, graph};
pub use idiom::{Endpoint, Idiom, What, endpoints, idioms, library};
pub use language::Language;
pub use read::{Lines, Source, Unread, read};
pub use tables::{TableUse, tables};
pub use walk::{CallSite, Function, Import, Text};

#[cfg(test)]
mod oracle_tests;
