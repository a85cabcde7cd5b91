//! Lists in pages: the address of the next one in a `Link` header (RFC 8288), and how long a limit asks to wait.

use super::{HttpError, address};
use reqwest::header::{DATE, HeaderMap, LINK, RETRY_AFTER};
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// Least wait after a limit that names none ("Rate limits for the REST API", GitHub documentation).
const A_MINUTE: Duration = Duration::from_secs(60);
/// What is larger is no countdown but a time of day.
const LONGEST_COUNTDOWN: u64 = 86_400;

/// An answer, and where the list goes on.
#[derive(Debug)]
pub(crate) struct Page {
    /// The answer.
    pub(crate) body: Value,
    /// The next page; an error when it lies where credentials must not go.
    pub(crate) next: Option<Result<Url, HttpError>>,
}

/// The next page of an answer to `asked`, which must lie where `base` does.
pub(super) fn next(headers: &HeaderMap, asked: &Url, base: &Url) -> Option<Result<Url, HttpError>> {
    let links = headers.get_all(LINK);
    let target = links.iter().filter_map(|v| v.to_str().ok()).find_map(next_of)?;
    let url = asked.join(target).ok()?;
    Some(if url.origin() == base.origin() { Ok(url) } else { Err(HttpError::ForeignLink(address::host(&url))) })
}

/// The target of the link whose relation is `next`. Commas may stand inside of a target.
fn next_of(header: &str) -> Option<&str> {
    let mut rest = header;
    loop {
        let (_, opened) = rest.split_once('<')?;
        let (target, after) = opened.split_once('>')?;
        let words = after.split('<').next().unwrap_or_default();
        let relation = words.split(';').map(str::trim).find_map(|p| p.strip_prefix("rel="))?;
        let relation = relation.trim_end_matches([',', ' ']).trim_matches('"');
        if relation.split_whitespace().any(|r| r.eq_ignore_ascii_case("next")) {
            return Some(target);
        }
        rest = after;
    }
}

/// How long a limit asks to wait: seconds, a countdown, or a time of day against the server's own clock.
pub(super) fn wait(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| -> Option<u64> { headers.get(name)?.to_str().ok()?.trim().parse().ok() };
    let now = || {
        let date = headers.get(DATE)?.to_str().ok()?;
        let parsed = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
        u64::try_from(parsed.as_second()).ok()
    };
    let reset = || match number("x-ratelimit-reset").or_else(|| number("ratelimit-reset"))? {
        countdown @ ..=LONGEST_COUNTDOWN => Some(countdown),
        moment => Some(moment.saturating_sub(now()?)),
    };
    number(RETRY_AFTER.as_str()).or_else(reset).map(Duration::from_secs)
}

/// A refusal (403) that is a limit and no lack of rights; with the wait it asks for.
pub(super) fn limited(headers: &HeaderMap, said: &str) -> Option<Option<Duration>> {
    let spent = headers.get("x-ratelimit-remaining").is_some_and(|v| v == "0");
    let secondary = said.to_ascii_lowercase().contains("secondary rate limit");
    let asked = headers.contains_key(RETRY_AFTER);
    match () {
        () if asked || spent => Some(wait(headers)),
        () if secondary => Some(Some(A_MINUTE)),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderName, HeaderValue};

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let line =
            |(n, v): &(&'static str, &str)| (HeaderName::from_static(n), HeaderValue::from_str(v).expect("text"));
        lines.iter().map(line).collect()
    }

    #[test]
    fn the_next_page_is_found_and_never_elsewhere() {
        let base = Url::parse("https://api.github.com").expect("a base");
        let asked = Url::parse("https://api.github.com/repositories/1/deployments?per_page=100").expect("an address");
        let check = |link: &str, expected: Option<Result<&str, &str>>| {
            let found = next(&headers(&[("link", link)]), &asked, &base);
            let said = found.map(|f| f.map(|u| u.to_string()).map_err(|e| e.code().to_owned()));
            assert_eq!(said, expected.map(|e| e.map(str::to_owned).map_err(str::to_owned)), "{link}");
        };
        let own = "https://api.github.com/repositories/1/deployments?page=2";
        check(
            &format!("<https://api.github.com/x?page=1>; rel=\"prev\", <{own}>; rel=\"next\", <{own}9>; rel=\"last\""),
            Some(Ok(own)),
        );
        check(
            "</repositories/1/deployments?labels=a,b&page=2>; rel=next",
            Some(Ok("https://api.github.com/repositories/1/deployments?labels=a,b&page=2")),
        );
        check("<https://api.github.com/x?page=9>; rel=\"last\"", None);
        check("<https://evil.example/x?page=2>; rel=\"next\"", Some(Err("foreign_link")));
        check("<http://api.github.com/x?page=2>; rel=\"next\"", Some(Err("foreign_link")));
        check("<https://api.github.com:444/x>; rel=\"next\"", Some(Err("foreign_link")));
        check("no link at all", None);
        check("<https://api.github.com/x", None);
    }

    #[test]
    fn waits_are_counted_from_the_servers_own_clock() {
        let check = |lines: &[(&'static str, &str)], expected: Option<u64>| {
            assert_eq!(wait(&headers(lines)), expected.map(Duration::from_secs), "{lines:?}");
        };
        let date = ("date", "Sun, 22 Nov 2026 18:22:38 GMT");
        check(&[("retry-after", "7"), ("x-ratelimit-reset", "90")], Some(7));
        check(&[("x-ratelimit-reset", "90")], Some(90));
        check(&[("x-ratelimit-reset", "1795372000"), date], Some(1_795_372_000 - 1_795_371_758));
        check(&[("ratelimit-reset", "1795371700"), date], Some(0));
        check(&[("x-ratelimit-reset", "1795372000")], None);
        check(&[], None);
    }

    #[test]
    fn a_limit_is_no_lack_of_rights() {
        let check = |lines: &[(&'static str, &str)], said: &str, expected: Option<Option<u64>>| {
            let found = limited(&headers(lines), said);
            assert_eq!(found.map(|w| w.map(|d| d.as_secs())), expected, "{said}");
        };
        check(&[("x-ratelimit-remaining", "0"), ("retry-after", "3")], "API rate limit exceeded", Some(Some(3)));
        check(&[("retry-after", "30")], "wait", Some(Some(30)));
        check(&[], "You have exceeded a secondary rate limit.", Some(Some(60)));
        check(&[("x-ratelimit-remaining", "4999")], "Resource not accessible by personal access token", None);
    }
}
