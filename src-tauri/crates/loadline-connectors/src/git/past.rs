//! How the complexity of the worst files moved over the last year: the same files at the end of each month.

use super::code::Code;
use super::files;
use loadline_code::history::trend;
use loadline_model::num;

/// Months that are looked at, this one included.
pub(super) const MONTHS: u32 = 13;
/// Files whose past is read; H of at least this makes one of them (`rules.md` ARCH-004).
const MOST_FILES: usize = 30;
const WORTH: f64 = 0.5;

/// Adds the trend to the worst files. A file is looked up under the name it has today, so that the months before a rename
/// are missing from it; with fewer than five months there is no trend.
pub(super) fn trends(repository: &gix::Repository, months: &[gix::ObjectId], code: &mut Code, stop: &dyn Fn() -> bool) {
    for stat in code.stats.iter_mut().filter(|s| s.hotspot.is_some_and(|h| h >= WORTH)).take(MOST_FILES) {
        let mut samples: Vec<f64> = Vec::new();
        for month in months {
            if stop() {
                return;
            }
            samples.extend(complexity(repository, *month, &stat.path));
        }
        stat.trend = trend(&samples).filter(|t| t.certain).map(|t| num::round9(t.slope));
    }
}

fn complexity(repository: &gix::Repository, tree: gix::ObjectId, path: &str) -> Option<f64> {
    let entry = repository.find_tree(tree).ok()?.lookup_entry(path.split('/')).ok()??;
    let bytes = files::content(repository, entry.object_id(), 1 << 20).ok()??;
    let source = loadline_code::read(path, &bytes)?.ok()?;
    Some(f64::from(source.cognitive))
}
