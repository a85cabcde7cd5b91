//! LCOV tracefiles: `SF`, `DA`, `end_of_record` (geninfo(1), “Tracefile format”). Functions and branches are not read.

use super::coverage::Lines;
use super::{About, ImportError, Imported, malformed, path};

const FORMAT: &str = "an LCOV tracefile";

/// Reads a tracefile.
pub(super) fn read(text: &str, about: &About) -> Result<Imported, ImportError> {
    let mut lines = Lines::default();
    let mut file: Option<String> = None;
    for (at, line) in text.lines().enumerate() {
        let bad = |why: &str| malformed(FORMAT, format!("line {}: {why}", at + 1));
        let line = line.trim();
        if line == "end_of_record" {
            file.take().ok_or_else(|| bad("a record ends that never began"))?;
        } else if let Some(source) = line.strip_prefix("SF:") {
            if file.is_some() {
                return Err(bad("a record begins inside another"));
            }
            file = Some(path::inside(source, &[], about)?);
        } else if let Some(data) = line.strip_prefix("DA:") {
            let file = file.as_deref().ok_or_else(|| bad("a line of no file"))?;
            let mut parts = data.split(',');
            let number = parts.next().and_then(|n| n.trim().parse::<u32>().ok());
            // geninfo writes counts that overflowed as negative ones; such a line never counts as run.
            let hits = parts.next().and_then(|n| n.trim().parse::<i64>().ok());
            let (Some(number), Some(hits)) = (number, hits) else { return Err(bad("a number was expected")) };
            lines.ran(file, number, u64::try_from(hits).unwrap_or(0));
        } else if !line.is_empty() && !line.starts_with('#') && !is_known(line) {
            return Err(bad("this is no word of the format"));
        }
    }
    if file.is_some() {
        return Err(malformed(FORMAT, "its last record does not end"));
    }
    if lines.count() == 0 {
        return Err(malformed(FORMAT, "it holds no line of code"));
    }
    Ok(lines.say("LCOV"))
}

/// `TN:`, `FN:`, `BRDA:`, `LF:`, `VER:` and whatever newer versions add: capitals and a colon.
fn is_known(line: &str) -> bool {
    line.split_once(':').is_some_and(|(word, _)| {
        (2..=6).contains(&word.len()) && word.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    })
}
