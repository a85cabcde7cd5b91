//! Environment variables: only their name is kept, and each use looks again.

use crate::{Secret, SecretError};

/// The variable's value now.
pub(crate) fn read(variable: &str) -> Result<Secret, SecretError> {
    let missing = || SecretError::EnvironmentMissing { variable: variable.to_owned() };
    // The system refuses such names by panicking instead of answering.
    if variable.is_empty() || variable.contains(['=', '\0']) {
        return Err(missing());
    }
    match std::env::var(variable) {
        Ok(value) if !value.is_empty() => Ok(Secret::new(value)),
        _ => Err(missing()),
    }
}
