//! Redis's protocol (RESP2), read within bounds: whatever a server sends, an answer ends by size, count or depth.

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncReadExt};

/// Most bytes of one answer; `SLOWLOG GET 128` and `CLIENT LIST` of 10 000 clients stay below it.
const BYTES: usize = 8 << 20;
/// Most parts of one answer.
const PARTS: usize = 100_000;
/// Most lists inside each other; ours need three.
const DEPTH: usize = 8;
/// Longest line that is no bulk text.
const LINE: usize = 16 << 10;

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// Text or bytes.
    Text(Vec<u8>),
    /// A whole number.
    Number(i64),
    /// Nothing.
    Nil,
    /// Several answers.
    List(Vec<Reply>),
    /// A refusal: code word and sentence.
    Error(String),
}

impl Reply {
    /// The text, read leniently; `None` for anything else.
    pub(super) fn text(&self) -> Option<String> {
        if let Self::Text(bytes) = self { Some(String::from_utf8_lossy(bytes).into_owned()) } else { None }
    }
    /// The number, also when it is written as text.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(n) => Some(*n as f64),
            Self::Text(_) => self.text()?.trim().parse().ok().filter(|n: &f64| n.is_finite()),
            _ => None,
        }
    }
    /// The parts of a list; none for anything else.
    pub(super) fn list(&self) -> &[Reply] {
        if let Self::List(parts) = self { parts } else { &[] }
    }
    /// The value that follows a name in a list of names and values.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        self.list().chunks_exact(2).find_map(|pair| match pair {
            [key, value] if key.text()?.eq_ignore_ascii_case(name) => value.text(),
            _ => None,
        })
    }
}

/// Why no answer was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// The connection ended.
    Closed,
    /// The connection failed.
    Failed(String),
    /// More than we read.
    TooLarge,
    /// Not this protocol.
    Garbled,
}

impl From<std::io::Error> for Unread {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof
            | std::io::ErrorKind::ConnectionReset
            | std::io::ErrorKind::BrokenPipe
            | std::io::ErrorKind::ConnectionAborted => Self::Closed,
            _ => Self::Failed(crate::http::innermost(&error)),
        }
    }
}

/// A command as bytes: every word with its length, so that no word can become a command of its own.
pub(super) fn encode(words: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend(format!("${}\r\n", word.len()).into_bytes());
        bytes.extend(word);
        bytes.extend(b"\r\n");
    }
    bytes
}

/// One answer.
///
/// # Errors
/// [`Unread`]; the connection is then in the middle of an answer and must be dropped.
pub(super) async fn read<R: AsyncBufRead + Unpin>(from: &mut R) -> Result<Reply, Unread> {
    let (mut left, mut parts) = (BYTES, 0);
    // Lists that are still open: parts that are missing, and those that were read.
    let mut open: Vec<(usize, Vec<Reply>)> = Vec::new();
    loop {
        parts += 1;
        if parts > PARTS {
            return Err(Unread::TooLarge);
        }
        let mut done = match part(from, &mut left).await? {
            Part::Whole(reply) => reply,
            Part::List(0) => Reply::List(Vec::new()),
            Part::List(n) if n > PARTS || open.len() >= DEPTH => return Err(Unread::TooLarge),
            Part::List(n) => {
                open.push((n, Vec::new()));
                continue;
            }
        };
        loop {
            let Some((missing, read)) = open.last_mut() else { return Ok(done) };
            read.push(done);
            *missing -= 1;
            if *missing > 0 {
                break;
            }
            done = Reply::List(open.pop().map(|(_, read)| read).unwrap_or_default());
        }
    }
}

enum Part {
    Whole(Reply),
    List(usize),
}

async fn part<R: AsyncBufRead + Unpin>(from: &mut R, left: &mut usize) -> Result<Part, Unread> {
    let line = line(from, left).await?;
    let (kind, rest) = line.split_first().ok_or(Unread::Garbled)?;
    let said = || String::from_utf8_lossy(rest).into_owned();
    let number = || said().trim().parse::<i64>().map_err(|_| Unread::Garbled);
    Ok(match kind {
        b'+' => Part::Whole(Reply::Text(rest.to_vec())),
        b'-' => Part::Whole(Reply::Error(said())),
        b':' => Part::Whole(Reply::Number(number()?)),
        b'$' => match usize::try_from(number()?) {
            Err(_) => Part::Whole(Reply::Nil),
            Ok(size) => Part::Whole(Reply::Text(bulk(from, size, left).await?)),
        },
        b'*' => usize::try_from(number()?).map_or(Part::Whole(Reply::Nil), Part::List),
        _ => return Err(Unread::Garbled),
    })
}

async fn line<R: AsyncBufRead + Unpin>(from: &mut R, left: &mut usize) -> Result<Vec<u8>, Unread> {
    let most = LINE.min(*left);
    let mut line = Vec::new();
    let read = (&mut *from).take(most as u64).read_until(b'\n', &mut line).await?;
    *left = left.saturating_sub(read);
    match line.as_slice() {
        [] => Err(Unread::Closed),
        [text @ .., b'\r', b'\n'] => Ok(text.to_vec()),
        _ if read >= most => Err(Unread::TooLarge),
        [.., b'\n'] => Err(Unread::Garbled),
        _ => Err(Unread::Closed),
    }
}

async fn bulk<R: AsyncBufRead + Unpin>(from: &mut R, size: usize, left: &mut usize) -> Result<Vec<u8>, Unread> {
    if size > *left {
        return Err(Unread::TooLarge);
    }
    *left -= size;
    // Grows as bytes arrive: a length alone reserves nothing.
    let mut bytes = Vec::new();
    let wanted = size as u64 + 2;
    if (&mut *from).take(wanted).read_to_end(&mut bytes).await? as u64 != wanted {
        return Err(Unread::Closed);
    }
    if bytes.split_off(size) != b"\r\n" {
        return Err(Unread::Garbled);
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn check(sent: &[u8], expected: Result<Reply, Unread>) {
        let mut from = tokio::io::BufReader::new(sent);
        assert_eq!(read(&mut from).await, expected, "{:?}", String::from_utf8_lossy(&sent[..sent.len().min(60)]));
    }

    fn text(t: &str) -> Reply {
        Reply::Text(t.as_bytes().to_vec())
    }

    #[tokio::test]
    async fn answers() {
        check(b"+OK\r\n", Ok(text("OK"))).await;
        check(b"-NOPERM no\r\n", Ok(Reply::Error("NOPERM no".into()))).await;
        check(b":-42\r\n", Ok(Reply::Number(-42))).await;
        check(b"$4\r\na\r\nb\r\n", Ok(text("a\r\nb"))).await;
        check(b"$3\r\n\xff\xfe\x00\r\n", Ok(Reply::Text(vec![255, 254, 0]))).await;
        check(b"$-1\r\n", Ok(Reply::Nil)).await;
        check(b"*0\r\n", Ok(Reply::List(vec![]))).await;
        let nested = Reply::List(vec![Reply::Number(1), Reply::List(vec![text("a"), Reply::Nil]), text("z")]);
        check(b"*3\r\n:1\r\n*2\r\n+a\r\n$-1\r\n+z\r\n", Ok(nested)).await;
    }

    #[tokio::test]
    async fn what_no_decent_server_sends_ends() {
        check(b"", Err(Unread::Closed)).await;
        check(b"$10\r\nabc", Err(Unread::Closed)).await;
        check(b"*2\r\n:1\r\n", Err(Unread::Closed)).await;
        check(b"HTTP/1.1 400 Bad Request\r\n\r\n", Err(Unread::Garbled)).await;
        check(b"+OK\n", Err(Unread::Garbled)).await;
        check(b"$3\r\nabcdefg", Err(Unread::Garbled)).await;
        check(b"$9999999999\r\n", Err(Unread::TooLarge)).await;
        check(b"*1000000000\r\n", Err(Unread::TooLarge)).await;
        check(&b"*1\r\n".repeat(50), Err(Unread::TooLarge)).await;
        check(&[b'+'; 1 << 16], Err(Unread::TooLarge)).await;
        let many = [b"*99999\r\n".to_vec(), b"*99999\r\n".to_vec(), b":1\r\n".repeat(200_000)].concat();
        check(&many, Err(Unread::TooLarge)).await;
    }

    #[test]
    fn a_word_cannot_become_a_command() {
        let bytes = encode(&[b"TYPE".to_vec(), b"k\r\nFLUSHALL\r\n".to_vec()]);
        assert_eq!(bytes, b"*2\r\n$4\r\nTYPE\r\n$13\r\nk\r\nFLUSHALL\r\n\r\n");
    }

    #[test]
    fn fields_are_found_by_name() {
        let list = Reply::List(vec![text("quorum"), text("2"), text("odd")]);
        assert_eq!(list.field("quorum").as_deref(), Some("2"));
        assert_eq!(list.field("odd"), None);
    }
}
