//! Opening a clone so that nothing of it can act, and what it is called.

use crate::ConnectError;
use gix::bstr::ByteSlice;
use loadline_model::{Account, SubjectId};
use std::path::{Path, PathBuf};

/// Bytes of whole objects that each thread keeps for the next diff.
const OBJECT_BYTES: usize = 32 << 20;
/// Bytes of decoded pack entries that each thread keeps: an older tree is written as its difference from a newer one, and
/// without the newer at hand the whole chain is unpacked again for each.
const PACK_BYTES: usize = 32 << 20;

/// A clone on this machine.
#[derive(Clone, Debug)]
pub(super) struct Clone {
    folder: PathBuf,
}

/// The folder that an account names.
pub(super) fn folder(account: &Account) -> Result<PathBuf, ConnectError> {
    let path = account.config.get("path").map(String::as_str).unwrap_or_default().trim();
    if path.is_empty() {
        return Err(ConnectError::config("path", "it names no folder"));
    }
    if path.contains("://") {
        return Err(ConnectError::config("path", "it is an address; name the folder of a clone on this machine"));
    }
    Ok(PathBuf::from(path))
}

/// A source that answered, but not as a repository.
pub(super) fn refused(why: impl Into<String>) -> ConnectError {
    ConnectError::Refused { host: "the clone".into(), why: why.into() }
}

/// Opens a repository. Configuration of system, user and environment is not read, what the repository's own includes is
/// not followed, and its owner is not trusted: what its configuration names is never run.
pub(super) fn open(folder: &Path) -> Result<gix::Repository, String> {
    let options = gix::open::Options::isolated().with(gix::sec::Trust::Reduced);
    let mut repository = gix::open_opts(folder, options).map_err(|e| said(&e))?;
    repository.object_cache_size(OBJECT_BYTES);
    repository.objects.set_pack_cache(|| Box::new(gix::odb::pack::cache::lru::MemoryCappedHashmap::new(PACK_BYTES)));
    Ok(repository)
}

impl Clone {
    /// Finds out that the folder holds a repository.
    pub(super) fn open(account: &Account) -> Result<Self, ConnectError> {
        let clone = Self { folder: folder(account)? };
        if !clone.folder.is_dir() {
            return Err(ConnectError::config("path", "there is no such folder"));
        }
        clone.repository().map_err(|_| ConnectError::config("path", "the folder holds no git repository"))?;
        Ok(clone)
    }

    /// The repository.
    pub(super) fn repository(&self) -> Result<gix::Repository, String> {
        open(&self.folder)
    }

    /// One sentence about what can be read.
    pub(super) fn look(&self) -> Result<String, String> {
        let repository = self.repository()?;
        let head = repository.head_commit().map_err(|_| "it has no commit".to_owned())?;
        head.tree().map_err(|e| said(&e))?;
        Ok(match repository.is_shallow() {
            Ok(true) => {
                "The files can be read; the history is shallow, so churn and ownership stay unknown.".to_owned()
            }
            _ => "Files and history can be read.".to_owned(),
        })
    }

    /// The name of the folder, for people, where there is no remote.
    pub(super) fn folder_name(&self) -> String {
        let whole = self.folder.canonicalize().unwrap_or_else(|_| self.folder.clone());
        let bare = |name: &str| name.strip_suffix(".git").unwrap_or(name).to_owned();
        whole
            .file_name()
            .and_then(|n| n.to_str())
            .map(bare)
            .filter(|n| !n.is_empty())
            .unwrap_or_else(|| "repository".into())
    }
}

/// What went wrong, without the folder: messages are kept and shown elsewhere.
pub(super) fn said(error: &dyn std::error::Error) -> String {
    let text = error.to_string();
    text.split_whitespace().filter(|w| !w.contains(std::path::MAIN_SEPARATOR)).take(30).collect::<Vec<_>>().join(" ")
}

/// How the id of a repository without an address begins.
const COMMIT: &str = "repository:commit/";
/// Letters of what stands for a folder in an id.
const PLACE: usize = 12;

/// Id and name of a repository: host and path of its remote. Never our account, so that connecting again, or another clone of
/// the same, is the same repository. Without an address its first commit and where it lies: products that were begun from one
/// template share their first commits, so that those alone would make them one. A clone of a folder lies where that folder is.
pub(super) fn identity(repository: &gix::Repository, clone: &Clone) -> Option<(SubjectId, String)> {
    let remote = repository.config_snapshot().string("remote.origin.url").map(|url| url.to_str_lossy().into_owned());
    if let Some(address) = remote.as_deref().and_then(address_of) {
        let name = address.rsplit('/').next().unwrap_or(&address).to_owned();
        return Some((SubjectId::new(format!("repository:{address}")), name));
    }
    let head = repository.head_id().ok()?;
    let mut first = head.detach();
    for commit in head.ancestors().first_parent_only().all().ok()? {
        first = commit.ok()?.id;
    }
    let place = place(repository, remote.as_deref())?;
    Some((SubjectId::new(format!("{COMMIT}{first}/{place}")), clone.folder_name()))
}

/// Whether a repository is known by the address of its remote, which other clones of it share.
pub(super) fn is_addressed(subject: &SubjectId) -> bool {
    !subject.as_str().starts_with(COMMIT)
}

/// What stands for the folder of a repository: a few letters, because folders have names of people in them.
fn place(repository: &gix::Repository, origin: Option<&str>) -> Option<String> {
    let base = repository.workdir().unwrap_or(repository.git_dir());
    let origin = origin.map(|url| url.strip_prefix("file://").unwrap_or(url)).filter(|url| !url.is_empty());
    let folder = origin.map_or_else(|| repository.common_dir().to_owned(), |path| base.join(path));
    let whole = folder.canonicalize().unwrap_or(folder);
    let whole = if whole.ends_with(".git") { whole.parent().unwrap_or(&whole) } else { &whole };
    let mut hasher = gix::hash::hasher(gix::hash::Kind::Sha1);
    hasher.update(whole.as_os_str().as_encoded_bytes());
    Some(hasher.try_finalize().ok()?.to_hex_with_len(PLACE).to_string())
}

/// `host/path` of a remote's address, without user, password, port and ending; `None` for a folder of a machine.
pub(crate) fn address_of(url: &str) -> Option<String> {
    let rest = match url.split_once("://") {
        Some(("http" | "https" | "ssh" | "git" | "git+ssh", rest)) => rest.to_owned(),
        Some(_) => return None,
        // `git@host:path`, but neither a drive nor a folder.
        None => {
            let (host, path) = url.split_once(':')?;
            if host.contains('/') || host.len() < 2 || Path::new(url).is_absolute() {
                return None;
            }
            format!("{host}/{}", path.trim_start_matches('/'))
        }
    };
    let (authority, path) = rest.split_once('/')?;
    let host = authority.rsplit('@').next()?.split(':').next()?.to_ascii_lowercase();
    let path = path.split(['?', '#']).next()?.trim_matches('/');
    let path = path.strip_suffix(".git").unwrap_or(path).to_ascii_lowercase();
    (!host.is_empty() && !path.is_empty()).then(|| format!("{host}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::address_of;

    #[test]
    fn addresses() {
        let check = |url: &str, expected: Option<&str>| assert_eq!(address_of(url).as_deref(), expected, "{url}");
        check("https://github.com/Acme/Shop.git", Some("github.com/acme/shop"));
        check("https://user:token@github.com/acme/shop", Some("github.com/acme/shop"));
        check("ssh://git@git.acme.io:2222/team/shop.git", Some("git.acme.io/team/shop"));
        check("git@github.com:acme/shop.git", Some("github.com/acme/shop"));
        check("https://github.com/acme/shop.git?token=x", Some("github.com/acme/shop"));
        check("/srv/git/shop.git", None);
        check("../shop", None);
        check("C:\\shop", None);
        check("file:///srv/git/shop.git", None);
        check("", None);
    }
}
