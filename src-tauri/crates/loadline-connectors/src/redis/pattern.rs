//! What is kept of a key's name: its first word and a star. Names of keys are users' data; the rest of them is dropped
//! before anything else looks at it.

/// Keys that queue libraries make under exactly these names.
const KNOWN: [&str; 9] =
    ["celery", "unacked", "unacked_index", "unacked_mutex", "queues", "processes", "schedule", "retry", "dead"];

/// `user:42:profile` as `user:*`; `*` where no plain word comes first.
pub(super) fn of(name: &[u8]) -> String {
    let Ok(name) = std::str::from_utf8(name) else { return "*".to_owned() };
    if KNOWN.contains(&name) {
        return name.to_owned();
    }
    let Some(at) = name.find([':', '/', '.', '|', '#']) else { return "*".to_owned() };
    let (word, rest) = name.split_at(at);
    let delimiter = rest.get(..1).unwrap_or_default();
    if is_word(word) { format!("{word}{delimiter}*") } else { "*".to_owned() }
}

/// Letters, with `-` or `_` between: no digits, so no number, date or identifier.
fn is_word(text: &str) -> bool {
    (2..=24).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '_'))
        && text.chars().any(|c| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_first_words_are_kept() {
        let check = |name: &[u8], expected: &str| assert_eq!(of(name), expected, "{}", String::from_utf8_lossy(name));
        check(b"user:42:profile", "user:*");
        check(b"session:alice@example.com", "session:*");
        check(b"bull:emails:wait", "bull:*");
        check(b"_kombu.binding.celery", "_kombu.*");
        check(b"celery", "celery");
        check(b"celery-task-meta-0a1b", "*");
        check(b"alice@example.com", "*");
        check(b"42:user", "*");
        check(b"0f8fad5b-d9cb-469f-a165-70867728950e", "*");
        check(b"{user1}:cart", "*");
        check(b"\xff\xfe:x", "*");
        check(b"", "*");
        check("größe:1".as_bytes(), "*");
        check(b"averyveryverylongwordthatmaybeatoken:1", "*");
    }
}
