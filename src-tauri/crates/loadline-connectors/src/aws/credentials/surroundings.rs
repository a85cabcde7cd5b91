//! What the machine brings: variables and files of AWS's own tools. Read once, so that tests bring their own.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// Variables of AWS's tools and the home folder.
#[derive(Clone, Debug, Default)]
pub(in crate::aws) struct Surroundings {
    variables: BTreeMap<String, String>,
    home: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    pub(in crate::aws) fn here() -> Self {
        // A variable that is not text belongs to someone else.
        let texts = std::env::vars_os().filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)));
        let home = std::env::home_dir().unwrap_or_default();
        Self { variables: texts.filter(|(name, _)| name.starts_with("AWS_")).collect(), home }
    }

    /// Those of a test.
    #[cfg(test)]
    pub(in crate::aws) fn of(home: &std::path::Path, variables: &[(&str, &str)]) -> Self {
        let variables = variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Self { variables, home: home.to_owned() }
    }

    /// A variable that is set and not empty.
    pub(in crate::aws) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|v| !v.is_empty())
    }

    /// Variables whose names begin like this, with the rest of the name.
    pub(super) fn starting<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.variables.iter().filter(|(_, value)| !value.is_empty());
        all.filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// A file below `~/.aws`, unless a variable names another.
    pub(super) fn file(&self, variable: &str, name: &str) -> PathBuf {
        self.variable(variable).map_or_else(|| self.folder().join(name), PathBuf::from)
    }

    /// `~/.aws`.
    pub(super) fn folder(&self) -> PathBuf {
        self.home.join(".aws")
    }
}
