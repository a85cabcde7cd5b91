//! Reading answers that may be hostile.

use super::{HttpError, Limits};
use futures_util::StreamExt;
use reqwest::Response;
use serde_json::Value;
use std::time::Instant;

/// The decompressed body, within size, silence and throughput.
pub(super) async fn read(response: Response, limits: &Limits) -> Result<Vec<u8>, HttpError> {
    let begun = Instant::now();
    if response.content_length().is_some_and(|n| n > limits.body as u64) {
        return Err(HttpError::TooLarge(limits.body));
    }
    let mut stream = response.bytes_stream();
    let mut body: Vec<u8> = Vec::new();
    loop {
        let next = tokio::time::timeout(limits.idle, stream.next()).await;
        match next.map_err(|_| HttpError::Stalled(limits.idle))? {
            None => return Ok(body),
            Some(Err(_)) => return Err(HttpError::Truncated),
            Some(Ok(chunk)) if body.len() + chunk.len() > limits.body => return Err(HttpError::TooLarge(limits.body)),
            Some(Ok(chunk)) => body.extend_from_slice(&chunk),
        }
        let elapsed = begun.elapsed();
        if elapsed > limits.grace && (body.len() as f64) < limits.bytes_per_second * elapsed.as_secs_f64() {
            return Err(HttpError::TooSlow);
        }
    }
}

/// The body as JSON of bounded depth.
pub(crate) fn json(body: &[u8], depth: usize) -> Result<Value, HttpError> {
    if depth_of(body) > depth {
        return Err(HttpError::TooDeep(depth));
    }
    // The parser's own words quote no content, only line and column.
    serde_json::from_slice(body).map_err(|e| HttpError::Malformed(e.to_string()))
}

/// Deepest nesting, outside of strings; right for every valid JSON.
fn depth_of(body: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0usize, false, false);
    for byte in body {
        match (quoted, *byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => quoted = !quoted,
            (false, b'[' | b'{') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, b']' | b'}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// The sentence in an error body, at most 300 characters: `error`, `message` or the plain text.
pub(super) fn complaint(body: &[u8]) -> String {
    let parsed: Option<Value> = serde_json::from_slice(body).ok();
    let said = parsed.as_ref().and_then(|v| ["error", "message"].iter().find_map(|k| v.get(k)?.as_str()));
    let text = match (said, std::str::from_utf8(body)) {
        (Some(text), _) => text,
        (None, Ok(text)) if !text.trim_start().starts_with('<') => text,
        _ => "",
    };
    text.trim().chars().filter(|c| !c.is_control()).take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn depth_ignores_strings() {
        for (text, depth) in [("[]", 1), (r#"{"a":["[[["]}"#, 2), (r#"["\"[",[1]]"#, 2), ("1", 0)] {
            assert_eq!(depth_of(text.as_bytes()), depth, "{text}");
        }
        let deep = "[".repeat(65) + &"]".repeat(65);
        assert_eq!(json(deep.as_bytes(), 64), Err(HttpError::TooDeep(64)));
    }

    #[test]
    fn complaints_are_short_and_plain() {
        assert_eq!(complaint(br#"{"status":"error","error":"parse error"}"#), "parse error");
        assert_eq!(complaint(b"<html>no</html>"), "");
        assert_eq!(complaint(&[b'x'; 1000]).len(), 300);
    }
}
