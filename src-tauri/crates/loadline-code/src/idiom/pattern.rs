//! What an idiom looks like: a call by its name and what it is called on, or words on a line.

use super::{Idiom, What};
use crate::language::Language;
use crate::read::Source;
use crate::walk::CallSite;

/// A call.
pub(super) struct Pattern {
    /// Language; JavaScript stands for TypeScript as well.
    pub language: Language,
    /// What it is called on: last words, of which one must match; `*` anything, `^` a word with a capital, an empty
    /// word nothing at all.
    pub on: &'static [&'static str],
    /// Names, of which one must match.
    pub names: &'static [&'static str],
    /// One of these must be among arguments and chain, when there are any.
    pub with: &'static [&'static str],
    /// None of these may be among arguments and chain.
    pub without: &'static [&'static str],
    /// One of these must be somewhere in the file, when there are any.
    pub file_with: &'static [&'static str],
    /// None of these may be anywhere in the file.
    pub file_without: &'static [&'static str],
    /// Whether it leaves little else to think.
    pub likely: bool,
    /// How it was recognised.
    pub how: &'static str,
}

impl Pattern {
    /// A pattern to fill in: any receiver, likely, no conditions.
    pub(super) const fn of(language: Language, names: &'static [&'static str], how: &'static str) -> Self {
        Self {
            language,
            on: &["*"],
            names,
            with: &[],
            without: &[],
            file_with: &[],
            file_without: &[],
            likely: true,
            how,
        }
    }

    /// Whether a call of a file is one.
    pub(super) fn matches(&self, call: &CallSite<'_>, source: &Source<'_>) -> bool {
        self.names_it(call, source) && !self.without.iter().any(|w| says(call, w))
    }

    /// Whether a call is one but for the words that may not be there.
    pub(super) fn names_it(&self, call: &CallSite<'_>, source: &Source<'_>) -> bool {
        self.language == source.language.family()
            && self.names.contains(&call.name)
            && self.on.iter().any(|on| receives(on, call.on))
            && (self.with.is_empty() || self.with.iter().any(|w| says(call, w)))
            && (self.file_with.is_empty() || self.file_with.iter().any(|w| source.text.contains(w)))
            && !self.file_without.iter().any(|w| source.text.contains(w))
    }
}

/// Whether the receiver's last word is this one. Pointers, variables' marks and an own field are passed over.
fn receives(wanted: &str, on: &str) -> bool {
    let last = last_word(on);
    match wanted {
        "*" => true,
        "^" => last.starts_with(|c: char| c.is_uppercase()),
        "" => on.is_empty(),
        ends if ends.starts_with('~') => last.to_lowercase().ends_with(&ends[1..]),
        word => last == word,
    }
}

/// The last word of a receiver: `self.db` is `db`, `User.objects` is `objects`, `$this->repo` is `repo`.
pub(super) fn last_word(on: &str) -> &str {
    let on = on.strip_suffix("()").unwrap_or(on);
    on.rsplit(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or(on)
}

fn says(call: &CallSite<'_>, word: &str) -> bool {
    call.arguments.contains(word) || call.chain.contains(word)
}

/// Words on a line of code.
pub(super) struct Words {
    /// Language; JavaScript stands for TypeScript as well.
    pub language: Language,
    /// All of these must be on the line.
    pub all: &'static [&'static str],
    /// None of these may be on the line.
    pub none: &'static [&'static str],
    /// Whether it leaves little else to think.
    pub likely: bool,
    /// How it was recognised.
    pub how: &'static str,
}

/// Adds every call that matches one of the patterns.
pub(super) fn find_calls(what: What, patterns: &[Pattern], source: &Source<'_>, found: &mut Vec<Idiom>) {
    for call in &source.calls {
        if let Some(pattern) = patterns.iter().find(|p| p.matches(call, source)) {
            found.push(idiom(what, source, call.line, pattern.likely, pattern.how));
        }
    }
}

/// Adds every line of code that matches one of the words.
pub(super) fn find_words(what: What, words: &[Words], source: &Source<'_>, found: &mut Vec<Idiom>) {
    let words: Vec<&Words> = words.iter().filter(|w| w.language == source.language.family()).collect();
    if words.is_empty() {
        return;
    }
    for (row, line) in (1_u32..).zip(source.text.lines()) {
        let written = line.trim_start();
        if ["#", "//", "*", "/*", "--"].iter().any(|mark| written.starts_with(mark)) {
            continue;
        }
        let fits = |w: &&&Words| w.all.iter().all(|a| line.contains(a)) && !w.none.iter().any(|n| line.contains(n));
        if let Some(word) = words.iter().find(fits) {
            found.push(idiom(what, source, row, word.likely, word.how));
        }
    }
}

/// An idiom of a file.
pub(super) fn idiom(what: What, source: &Source<'_>, line: u32, likely: bool, how: &str) -> Idiom {
    Idiom { what, path: source.path.to_owned(), line, likely, how: how.to_owned() }
}
