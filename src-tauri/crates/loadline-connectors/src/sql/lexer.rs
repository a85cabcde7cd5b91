//! Statement text as tokens, in which no literal and no comment survives.

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A keyword or name, lower case unless it was quoted.
    Word(String),
    /// `$1`.
    Parameter(String),
    /// Anything that could be data: a string, a number.
    Literal,
    /// One other character.
    Sign(char),
}

impl Token {
    /// It is this keyword.
    pub(crate) fn is(&self, word: &str) -> bool {
        matches!(self, Token::Word(w) if w == word)
    }
}

/// Tokens with "there was space before", and the comments that were left out.
#[derive(Debug, Default)]
pub(crate) struct Lexed {
    /// In order.
    pub tokens: Vec<(bool, Token)>,
    /// Texts of comments, without their marks.
    pub comments: Vec<String>,
}

impl Lexed {
    /// The statement without literals and comments, one space where there was any.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for (spaced, token) in &self.tokens {
            if *spaced && !text.is_empty() {
                text.push(' ');
            }
            match token {
                Token::Word(w) | Token::Parameter(w) => text.push_str(w),
                Token::Literal => text.push('?'),
                Token::Sign(c) => text.push(*c),
            }
        }
        text
    }
}

/// Splits a statement, which may be cut at its end: an open string or comment runs to the end. Double quotes hold a name.
pub(crate) fn lex(text: &str) -> Lexed {
    split(text, false)
}

/// The same for engines in which double quotes hold a string, and a backslash escapes inside of both.
pub(crate) fn lex_double_quoted(text: &str) -> Lexed {
    split(text, true)
}

fn split(text: &str, double_quoted: bool) -> Lexed {
    let mut lexed = Lexed::default();
    let mut rest = text;
    let mut spaced = false;
    while let Some(first) = rest.chars().next() {
        let taken = if let Some(body) = rest.strip_prefix("--") {
            let end = body.find('\n').unwrap_or(body.len());
            lexed.comments.push(body.get(..end).unwrap_or_default().to_owned());
            2 + end
        } else if let Some(body) = rest.strip_prefix("/*") {
            let end = body.find("*/");
            lexed.comments.push(body.get(..end.unwrap_or(body.len())).unwrap_or_default().to_owned());
            end.map_or(rest.len(), |e| e + 4)
        } else if first.is_whitespace() {
            first.len_utf8()
        } else {
            let (token, taken) = token(rest, first, double_quoted);
            lexed.tokens.push((spaced, token));
            spaced = false;
            rest = rest.get(taken..).unwrap_or_default();
            continue;
        };
        spaced = true;
        rest = rest.get(taken..).unwrap_or_default();
    }
    lexed
}

fn token(rest: &str, first: char, double_quoted: bool) -> (Token, usize) {
    let run = |accept: fn(char) -> bool| rest.find(|c| !accept(c)).unwrap_or(rest.len());
    let escape = matches!(first, 'e' | 'E' | 'b' | 'B' | 'x' | 'X' | 'n' | 'N') && rest.get(1..2) == Some("'");
    match first {
        _ if escape => (Token::Literal, 1 + string(&rest[1..], '\'', matches!(first, 'e' | 'E'))),
        '\'' => (Token::Literal, string(rest, '\'', double_quoted)),
        '"' if double_quoted => (Token::Literal, string(rest, '"', true)),
        '"' => {
            let end = string(rest, '"', false);
            (Token::Word(rest.get(1..end.saturating_sub(1)).unwrap_or_default().replace("\"\"", "\"")), end)
        }
        '`' => {
            let end = string(rest, '`', false);
            (Token::Word(rest.get(1..end.saturating_sub(1)).unwrap_or_default().replace("``", "`")), end)
        }
        '$' => dollar(rest),
        _ if first.is_alphabetic() || first == '_' => {
            let end = run(|c| c.is_alphanumeric() || matches!(c, '_' | '$'));
            (Token::Word(rest[..end].to_lowercase()), end)
        }
        _ if first.is_ascii_digit() => (Token::Literal, run(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))),
        _ => (Token::Sign(first), first.len_utf8()),
    }
}

/// Length of a quoted run with its quotes; a doubled quote, and with `escapes` a backslash, do not end it.
fn string(rest: &str, quote: char, escapes: bool) -> usize {
    let mut chars = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if escapes && c == '\\' {
            chars.next();
        } else if c == quote {
            if chars.peek().is_some_and(|(_, next)| *next == quote) {
                chars.next();
            } else {
                return at + c.len_utf8();
            }
        }
    }
    rest.len()
}

/// `$1`, or `$tag$ … $tag$`.
fn dollar(rest: &str) -> (Token, usize) {
    let body = &rest[1..];
    let digits = body.find(|c: char| !c.is_ascii_digit()).unwrap_or(body.len());
    if digits > 0 {
        return (Token::Parameter(rest[..=digits].to_owned()), digits + 1);
    }
    let Some(tag_end) = body.find('$').filter(|end| body[..*end].chars().all(|c| c.is_alphanumeric() || c == '_'))
    else {
        return (Token::Sign('$'), 1);
    };
    let tag = &rest[..tag_end + 2];
    let after = &rest[tag.len()..];
    (Token::Literal, after.find(tag).map_or(rest.len(), |end| tag.len() + end + tag.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(lex(text).text(), expected, "{text}");
    }

    #[test]
    fn double_quotes_are_strings_or_names() {
        let text = r#"SELECT "it's \" secret", 'it\'s', a FROM t"#;
        assert_eq!(lex_double_quoted(text).text(), "select ?, ?, a from t");
        assert_eq!(lex("SELECT \"a\"").text(), "select a");
    }

    #[test]
    fn no_literal_survives() {
        check("SELECT * FROM t WHERE a = 'se''cret' AND b=42.5e3", "select * from t where a = ? and b=?");
        check(r"SELECT E'it\'s secret', N'x', B'101', t1.c2", "select ?, ?, ?, t1.c2");
        check("DO $body$ password := 'x' $body$; SELECT $$secret$$, $1", "do ?; select ?, $1");
        check("SELECT 1 -- secret\n, 2 /* secret */ + 3", "select ? , ? + ?");
        check("SELECT 'cut off secret", "select ?");
        check("SELECT /* cut off secret", "select");
        check("SELECT $unfinished$ secret", "select ?");
        check("SELECT \"Mixed Case\", ünïcode", "select Mixed Case, ünïcode");
        check("SELECT \"cut", "select cu");
        check("SELECT `Mixed` . `a``b` FROM `t` WHERE `c` IN (...)", "select Mixed . a`b from t where c in (...)");
        check("", "");
    }
}
