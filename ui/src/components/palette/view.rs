//! What the palette offers and in which order: pure.

/// Something to go to or do.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub title: String,
    /// Right-hand word: what kind of thing it is.
    pub kind: &'static str,
    /// More words it is found by.
    pub words: String,
    pub action: Action,
}

/// What choosing it does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    Go(String),
    Finding(String),
    Collect,
    OpenDemo,
    OpenOwn,
    ToggleTheme,
    Shortcuts,
    Undo,
}

/// How well a query fits, higher is better; `None`: not at all. Every word must occur; beginnings of words count more
/// than middles, titles more than other words, letters in order count least.
pub fn fit(query: &str, entry: &Entry) -> Option<i32> {
    let (title, words) = (entry.title.to_lowercase(), entry.words.to_lowercase());
    let mut total = 0;
    for part in query.to_lowercase().split_whitespace() {
        total += match (title.find(part), words.find(part)) {
            (Some(0), _) => 100,
            (Some(at), _) if !title.as_bytes().get(at.wrapping_sub(1)).is_some_and(u8::is_ascii_alphanumeric) => 80,
            (Some(_), _) => 50,
            (None, Some(_)) => 30,
            (None, None) if part.len() >= 3 && in_order(part, &title) => 10,
            (None, None) => return None,
        };
    }
    Some(total * 10 - title.len().min(90) as i32 / 10)
}

fn in_order(part: &str, text: &str) -> bool {
    let mut letters = text.chars();
    part.chars().all(|wanted| letters.any(|letter| letter == wanted))
}

/// The best entries for a query, best first; in the given order for an empty one.
pub fn best<'a>(query: &str, entries: &'a [Entry], most: usize) -> Vec<&'a Entry> {
    if query.trim().is_empty() {
        return entries.iter().filter(|entry| entry.kind != "finding").take(most).collect();
    }
    let mut fitting: Vec<(i32, &Entry)> =
        entries.iter().filter_map(|entry| fit(query, entry).map(|fit| (fit, entry))).collect();
    fitting.sort_by_key(|(fit, _)| -fit);
    fitting.into_iter().take(most).map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(title: &str, words: &str) -> Entry {
        Entry { title: title.into(), kind: "page", words: words.into(), action: Action::Shortcuts }
    }

    #[test]
    fn the_best_fit_comes_first() {
        let entries = [
            entry("Unused index on posts", "DB-004"),
            entry("Findings", "risk"),
            entry("Index of prod-db", ""),
            entry("Roadmap", "plan"),
        ];
        let titles = |query: &str| best(query, &entries, 9).iter().map(|e| e.title.clone()).collect::<Vec<_>>();
        assert_eq!(titles("index"), ["Index of prod-db", "Unused index on posts"]);
        assert_eq!(titles("db-004"), ["Unused index on posts"]);
        assert_eq!(titles("rdmp"), ["Roadmap"]);
        assert_eq!(titles("nothing like it"), Vec::<String>::new());
        assert_eq!(titles("").len(), 4);
    }
}
