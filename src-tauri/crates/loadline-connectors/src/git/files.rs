//! The files of one commit, without the working tree: bounded in number, in depth and in size.

use gix::bstr::ByteSlice;
use gix::objs::tree::EntryKind;

/// Most files of a tree; the rest is left out and said.
const MOST_FILES: usize = 300_000;
/// Deepest folders.
const DEEPEST: usize = 64;

/// A file of a commit.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// Path in the repository.
    pub path: String,
    /// Its content.
    pub id: gix::ObjectId,
}

/// The files of a tree.
#[derive(Debug, Default)]
pub(super) struct Files {
    /// By path.
    pub files: Vec<File>,
    /// Entries left out: names that are no text or lead elsewhere, links, and what is beyond the limits.
    pub left_out: usize,
    /// Of them, folders whose object is not there.
    pub missing: usize,
    /// A limit was reached.
    pub cut: bool,
    /// Of them, folders that lie too deep, or whose object is damaged.
    pub unread: usize,
}

impl Files {
    /// What was left out may hold any number of files.
    pub(super) fn open_ended(&self) -> bool {
        self.cut || self.missing > 0 || self.unread > 0
    }
}

/// Lists the files of a tree. A tree may name the same folder often and so be far larger than its objects (a git bomb):
/// what counts is how many entries were visited.
pub(super) fn list(
    repository: &gix::Repository,
    root: gix::ObjectId,
    stop: &dyn Fn() -> bool,
) -> Result<Files, String> {
    list_where(repository, root, stop, &|_| true)
}

/// The same of those folders alone that are entered, and of the root.
pub(super) fn list_where(
    repository: &gix::Repository,
    root: gix::ObjectId,
    stop: &dyn Fn() -> bool,
    enters: &dyn Fn(&str) -> bool,
) -> Result<Files, String> {
    let mut found = Files::default();
    let mut visited = 0_usize;
    let mut waiting: Vec<(String, gix::ObjectId, usize)> = vec![(String::new(), root, 0)];
    while let Some((folder, id, depth)) = waiting.pop() {
        if stop() {
            break;
        }
        let tree = match repository.find_tree(id) {
            Ok(tree) => tree,
            Err(e) if folder.is_empty() => return Err(super::clone::said(&e)),
            Err(_) => {
                found.left_out += 1;
                found.missing += 1;
                continue;
            }
        };
        for entry in tree.iter() {
            visited += 1;
            if visited > MOST_FILES {
                found.cut = true;
                break;
            }
            let Ok(entry) = entry else {
                found.left_out += 1;
                found.unread += 1;
                break;
            };
            let name = entry.filename().to_str().ok().filter(|n| is_name(n));
            let Some(name) = name else {
                found.left_out += 1;
                continue;
            };
            let path = if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") };
            match entry.mode().kind() {
                EntryKind::Blob | EntryKind::BlobExecutable => found.files.push(File { path, id: entry.object_id() }),
                EntryKind::Tree if depth < DEEPEST && !enters(&path) => {}
                EntryKind::Tree if depth < DEEPEST => waiting.push((path, entry.object_id(), depth + 1)),
                EntryKind::Tree => {
                    found.left_out += 1;
                    found.unread += 1;
                }
                _ => found.left_out += 1,
            }
        }
        if found.cut {
            break;
        }
    }
    found.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(found)
}

/// A name that means a file in its folder and nothing else.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name != "."
        && name != ".."
        && !name.contains(['/', '\\', '\0'])
        && !name.eq_ignore_ascii_case(".git")
}

/// The content of a file, unless it is longer than `most` bytes: the size is asked before anything is unpacked.
pub(super) fn content(repository: &gix::Repository, id: gix::ObjectId, most: usize) -> Result<Option<Vec<u8>>, String> {
    let header = repository.find_header(id).map_err(|e| super::clone::said(&e))?;
    if header.size() > most as u64 {
        return Ok(None);
    }
    let mut blob = repository.find_blob(id).map_err(|e| super::clone::said(&e))?;
    Ok(Some(blob.take_data()))
}
