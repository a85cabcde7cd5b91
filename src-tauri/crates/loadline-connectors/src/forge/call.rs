//! A GET of a host's API, with the right it needs.

/// A row of a host's table of calls, from which its policy is written.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// Below the address; `{repo}` and `{of}` stand for names.
    pub(crate) path: &'static str,
    /// What it gives.
    pub(crate) reads: &'static str,
    /// The right it needs, as the host names it.
    pub(crate) right: &'static str,
    /// Where the rows of a list are; empty: the answer is the list.
    pub(crate) rows: &'static str,
}

impl Call {
    /// The path about a repository and something of it; of two things with a space between them, where the path names two.
    pub(crate) fn of(&self, repository: &str, of: &str) -> String {
        let path = self.path.replace("{repo}", repository);
        match of.split_once(' ').filter(|_| path.matches("{of}").count() > 1) {
            Some((first, second)) => path.replacen("{of}", first, 1).replacen("{of}", second, 1),
            None => path.replace("{of}", of),
        }
    }

    /// It asks about nothing but the repository.
    pub(crate) fn stands_alone(&self) -> bool {
        !self.path.contains("{of}")
    }

    /// What grants it.
    pub(crate) fn closes(&self, repository: &str) -> String {
        format!("Give the token {} for {repository}; the owner of the repository may have to approve it.", self.right)
    }
}
