//! Takes secrets out of text that leaves the process: logs, errors, diagnostics.

use crate::Secret;
use std::borrow::Cow;
use std::fmt;
use zeroize::Zeroizing;

const MARK: &str = "<redacted>";
/// Shorter secrets would turn every text into marks, and the marks would spell them.
const SHORTEST: usize = 4;
/// Inside a longer base64 text, fewer certain characters than this are left to chance.
const SHORTEST_BASE64: usize = 6;

/// Knows the secrets in use and replaces each of their forms by `<redacted>`: as they are, percent- or JSON-escaped, in
/// hexadecimal, and in base64 (alone or inside, as in `Authorization: Basic …`).
#[derive(Default)]
pub struct Redactor {
    secrets: Vec<Forms>,
}

struct Forms {
    raw: Zeroizing<Vec<u8>>,
    base64: Vec<Zeroizing<Vec<u8>>>,
}

impl Redactor {
    /// Knows these secrets. Those shorter than four bytes are left out.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut redactor = Self::default();
        secrets.into_iter().for_each(|secret| redactor.add(secret));
        redactor
    }

    /// Knows one more.
    pub fn add(&mut self, secret: &Secret) {
        let raw = secret.expose().as_bytes();
        if raw.len() >= SHORTEST && !self.secrets.iter().any(|known| known.raw.as_slice() == raw) {
            self.secrets.push(Forms { raw: Zeroizing::new(raw.to_vec()), base64: base64_forms(raw) });
        }
    }

    /// The text without any known secret.
    pub fn redact<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let bytes = text.as_bytes();
        let (mut out, mut kept, mut at) = (String::new(), 0, 0);
        while at < bytes.len() {
            match self.longest_at(bytes.get(at..).unwrap_or_default()) {
                Some(length) => {
                    out.push_str(text.get(kept..at).unwrap_or_default());
                    out.push_str(MARK);
                    at += length;
                    kept = at;
                }
                None => at += 1,
            }
        }
        if kept == 0 && out.is_empty() {
            return Cow::Borrowed(text);
        }
        out.push_str(text.get(kept..).unwrap_or_default());
        Cow::Owned(out)
    }

    fn longest_at(&self, text: &[u8]) -> Option<usize> {
        self.secrets.iter().filter_map(|forms| forms.longest_at(text)).max()
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Redactor({} secrets)", self.secrets.len())
    }
}

impl Forms {
    fn longest_at(&self, text: &[u8]) -> Option<usize> {
        let base64 = self.base64.iter().filter(|form| text.starts_with(form)).map(|form| form.len()).max();
        base64.max(escaped(text, &self.raw)).max(hexadecimal(text, &self.raw))
    }
}

/// Length of the secret at the start of the text, each of its bytes plain or escaped.
fn escaped(text: &[u8], secret: &[u8]) -> Option<usize> {
    let mut length = 0;
    for byte in secret {
        length += one_escaped(text.get(length..)?, *byte)?;
    }
    Some(length)
}

fn one_escaped(text: &[u8], byte: u8) -> Option<usize> {
    match (text, byte) {
        ([first, ..], _) if *first == byte => Some(1),
        ([b'+', ..], b' ') => Some(1),
        ([b'%', high, low, ..], _) if pair(*high, *low) == Some(byte) => Some(3),
        ([b'\\', b'u', b'0', b'0', high, low, ..], 0..0x80) if pair(*high, *low) == Some(byte) => Some(6),
        ([b'\\', b'n', ..], b'\n') | ([b'\\', b'r', ..], b'\r') | ([b'\\', b't', ..], b'\t') => Some(2),
        ([b'\\', quoted, ..], b'"' | b'\\' | b'/' | b'\'') if *quoted == byte => Some(2),
        _ => None,
    }
}

fn hexadecimal(text: &[u8], secret: &[u8]) -> Option<usize> {
    let digits = text.get(..secret.len() * 2)?;
    let same = digits.chunks(2).zip(secret).all(|(pair_of, byte)| match pair_of {
        [high, low] => pair(*high, *low) == Some(*byte),
        _ => false,
    });
    same.then_some(digits.len())
}

fn pair(high: u8, low: u8) -> Option<u8> {
    let digit = |c: u8| char::from(c).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

/// How the secret looks in base64 at each of the three alignments it can have inside a longer text, without the
/// characters that also depend on its neighbours; and whole, for when it stands alone.
fn base64_forms(secret: &[u8]) -> Vec<Zeroizing<Vec<u8>>> {
    const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut forms = Vec::new();
    for alphabet in [STANDARD, URL] {
        let alone = base64(secret, alphabet);
        let mut padded = alone.clone();
        padded.resize(alone.len().next_multiple_of(4), b'=');
        forms.extend([padded, alone]);
        for before in 0..3usize {
            let mut shifted = Zeroizing::new(vec![0u8; before]);
            shifted.extend_from_slice(secret);
            let text = base64(&shifted, alphabet);
            let certain = (before * 8).div_ceil(6)..(before + secret.len()) * 8 / 6;
            if let Some(inside) = text.get(certain).filter(|inside| inside.len() >= SHORTEST_BASE64) {
                forms.push(Zeroizing::new(inside.to_vec()));
            }
        }
    }
    forms
}

/// Unpadded base64.
fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(Vec::with_capacity(bytes.len().div_ceil(3) * 4));
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..=group.len() {
            text.push(alphabet[(bits >> (18 - 6 * place) & 63) as usize]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWORD: &str = "p@ss \"wörd\"/+?7";

    fn check(text: &str, wanted: &str) {
        let redactor = Redactor::new([&Secret::new(PASSWORD), &Secret::new("hunter2hunter2"), &Secret::new("abc")]);
        assert_eq!(redactor.redact(text), wanted, "{text}");
    }

    #[test]
    fn every_form_is_taken_out() {
        check("nothing to hide, abc stays", "nothing to hide, abc stays");
        check("", "");
        check(&format!("a {PASSWORD} b {PASSWORD}"), "a <redacted> b <redacted>");
        check("hunter2hunter2hunter2hunter2", "<redacted><redacted>");
        check("postgres://ana:p%40ss%20%22w%C3%B6rd%22%2F%2B%3F7@db/app", "postgres://ana:<redacted>@db/app");
        check("x=p%40ss+%22w%c3%b6rd%22%2f%2b%3f7&y", "x=<redacted>&y");
        check(r#"{"password":"p@ss \"wörd\"/+?7"}"#, r#"{"password":"<redacted>"}"#);
        check(r#"{"password":"p@ss \u0022wörd\u0022\/+?7"}"#, r#"{"password":"<redacted>"}"#);
        check("68756e7465723268756E74657232 hex", "<redacted> hex");
        check("aHVudGVyMmh1bnRlcjI= base64", "<redacted> base64");
        check("token aHVudGVyMmh1bnRlcjI", "token <redacted>");
        check("ünï hunter2hunter2 ✓", "ünï <redacted> ✓");
    }

    #[test]
    fn inside_base64_no_alignment_helps() {
        // `user:hunter2hunter2`, then with one and two letters more in front, then something behind.
        for (text, secret_part) in [
            ("dXNlcjpodW50ZXIyaHVudGVyMg==", "dW50ZXIyaHVudGVy"),
            ("eHVzZXI6aHVudGVyMmh1bnRlcjI=", "aHVudGVyMmh1bnRlcj"),
            ("eXh1c2VyOmh1bnRlcjJodW50ZXIy", "h1bnRlcjJodW50ZXIy"),
            ("dXNlcjpodW50ZXIyaHVudGVyMkBkYg==", "dW50ZXIyaHVudGVy"),
        ] {
            let redactor = Redactor::new([&Secret::new("hunter2hunter2")]);
            assert!(text.contains(secret_part), "the example is right");
            let redacted = redactor.redact(text);
            assert!(redacted.contains(MARK) && !redacted.contains(secret_part), "{text} became {redacted}");
        }
    }

    #[test]
    fn the_redactor_itself_says_nothing() {
        let redactor = Redactor::new([&Secret::new("hunter2hunter2")]);
        assert_eq!(format!("{redactor:?}"), "Redactor(1 secrets)");
        assert_eq!(redactor.redact("the word redacted"), "the word redacted");
    }
}
