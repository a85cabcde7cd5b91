//! Line coverage by file and overall, from whichever format.

use super::{Imported, Of};
use loadline_model::{Value, key, num};
use std::collections::BTreeMap;

/// Most files that are told one by one: those with most lines that no test runs.
const MOST_FILES: usize = 1_500;

/// Lines of files, each with the highest number of times that it ran.
#[derive(Debug, Default)]
pub(super) struct Lines {
    of_file: BTreeMap<String, BTreeMap<u32, u64>>,
}

impl Lines {
    /// A line ran so often. A line that is told twice ran as often as its best telling.
    pub(super) fn ran(&mut self, path: &str, line: u32, hits: u64) {
        if let Some(lines) = self.of_file.get_mut(path) {
            let known = lines.entry(line).or_default();
            *known = (*known).max(hits);
        } else {
            self.of_file.insert(path.to_owned(), BTreeMap::from([(line, hits)]));
        }
    }

    /// How many lines there are.
    pub(super) fn count(&self) -> usize {
        self.of_file.values().map(BTreeMap::len).sum()
    }

    /// Says the shares: overall, and of the files with most lines that never ran.
    pub(super) fn say(&self, format: &str) -> Imported {
        let mut files: Vec<(&str, usize, usize)> = self
            .of_file
            .iter()
            .map(|(path, lines)| (path.as_str(), lines.values().filter(|hits| **hits > 0).count(), lines.len()))
            .collect();
        let (ran, all) = files.iter().fold((0, 0), |sum, (_, ran, all)| (sum.0 + ran, sum.1 + all));
        let share = |ran: usize, all: usize| Value::Number(num::round9(ran as f64 / all.max(1) as f64));
        let mut imported = Imported { part: "coverage".to_owned(), ..Imported::default() };
        imported.setting(Of::Repository, key::CODE_COVERAGE, None, share(ran, all));
        files.sort_by(|a, b| (b.2 - b.1).cmp(&(a.2 - a.1)).then_with(|| a.0.cmp(b.0)));
        if let Some(left_out) = files.len().checked_sub(MOST_FILES).filter(|n| *n > 0) {
            let detail =
                format!("{left_out} files with the fewest uncovered lines are in the sum and not told one by one");
            imported.missing.push((detail, "Nothing to do: the files that matter most are told.".to_owned()));
        }
        for (path, ran, all) in files.iter().take(MOST_FILES) {
            imported.setting(Of::Repository, key::CODE_COVERAGE, Some(path), share(*ran, *all));
        }
        let percent = ran as f64 * 100.0 / all.max(1) as f64;
        imported.said = format!("{format}: tests run {ran} of {all} lines in {} files ({percent:.1} %).", files.len());
        imported
    }
}
