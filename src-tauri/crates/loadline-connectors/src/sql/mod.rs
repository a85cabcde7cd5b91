//! What the text of an SQL statement tells without running it, shared by every engine that speaks SQL. No literal and no
//! comment survives it.

pub(crate) mod filters;
pub(crate) mod lexer;
pub(crate) mod text;
