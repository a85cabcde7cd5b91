//! Retries that never end, or that do not wait.

use super::pattern::{Pattern, Words, find_calls, find_words, idiom};
use super::{Idiom, What};
use crate::language::Language;
use crate::read::Source;

/// Words of those that do not wait between two tries.
pub(super) const NEVER_WAITS: &[&str] = &["without waiting", "does not wait"];

const PATTERNS: &[Pattern] = &[
    Pattern {
        without: &["stop", "max_tries", "tries", "attempts", "max_time", "wait", "delay", "backoff", "**"],
        file_with: &["tenacity", "retrying"],
        ..Pattern::of(Language::Python, &["retry"], "retries without a limit and without waiting")
    },
    Pattern {
        without: &["stop", "max_tries", "tries", "attempts", "max_time"],
        file_with: &["tenacity", "retrying", "backoff"],
        ..Pattern::of(Language::Python, &["retry", "on_exception", "on_predicate"], "retries without a limit")
    },
    Pattern {
        without: &["wait", "delay", "backoff", "expo", "constant", "**"],
        file_with: &["tenacity", "retrying"],
        ..Pattern::of(Language::Python, &["retry"], "retries without waiting")
    },
    Pattern {
        with: &["max_retries=None"],
        ..Pattern::of(Language::Python, &["task", "shared_task", "retry"], "a Celery task that retries without a limit")
    },
    Pattern {
        with: &["autoretry_for"],
        without: &["retry_backoff"],
        ..Pattern::of(Language::Python, &["task", "shared_task"], "`autoretry_for` without `retry_backoff`")
    },
    Pattern {
        without: &["retryDelay"],
        ..Pattern::of(Language::JavaScript, &["axiosRetry"], "`axiosRetry` without `retryDelay` does not wait")
    },
    Pattern {
        with: &["forever: true", "Infinity"],
        ..Pattern::of(
            Language::JavaScript,
            &["retry", "pRetry", "operation", "asyncRetry", "backOff"],
            "retries without a limit",
        )
    },
    Pattern {
        without: &["backoff"],
        likely: false,
        ..Pattern::of(Language::Java, &["Retryable"], "`@Retryable` without `backoff` waits a fixed second")
    },
    Pattern {
        on: &["*"],
        ..Pattern::of(
            Language::CSharp,
            &["RetryForever", "RetryForeverAsync", "WaitAndRetryForever", "WaitAndRetryForeverAsync"],
            "Polly retries without a limit",
        )
    },
    Pattern {
        file_with: &["Polly"],
        ..Pattern::of(Language::CSharp, &["Retry", "RetryAsync"], "Polly retries without waiting")
    },
    Pattern { on: &["retry"], ..Pattern::of(Language::Go, &["UntilSucceeded"], "retries without a limit") },
    Pattern {
        on: &["retry"],
        with: &["(0)"],
        ..Pattern::of(Language::Go, &["Attempts"], "`retry.Attempts(0)` has no limit")
    },
    Pattern {
        on: &["FixedInterval", "ExponentialBackoff"],
        file_with: &["tokio_retry"],
        file_without: &[".take("],
        ..Pattern::of(Language::Rust, &["from_millis", "new"], "`tokio_retry` without `take` has no limit")
    },
];

const WORDS: &[Words] = &[Words {
    language: Language::Php,
    all: &["public", "$tries", "= 0"],
    none: &[],
    likely: true,
    how: "`$tries = 0` has no limit",
}];

pub(super) fn find(source: &Source<'_>, found: &mut Vec<Idiom>) {
    find_calls(What::Retry, PATTERNS, source, found);
    find_words(What::Retry, WORDS, source, found);
    if source.language == Language::Ruby {
        bare_retry(source, found);
    }
}

/// Ruby's `retry` runs the method again: without a count in the same function nothing ends it.
fn bare_retry(source: &Source<'_>, found: &mut Vec<Idiom>) {
    let lines: Vec<&str> = source.text.lines().collect();
    for (row, line) in (1_u32..).zip(&lines) {
        if line.trim() != "retry" {
            continue;
        }
        let inside = source.functions.iter().rfind(|f| f.first_line <= row && row <= f.last_line);
        let (from, to) = inside.map_or((1, lines.len()), |f| (f.first_line as usize, f.last_line as usize));
        let body = lines.get(from.saturating_sub(1)..to.min(lines.len())).unwrap_or_default();
        let counts = ["tries", "attempt", "retries", "count", "times"];
        if !body.iter().any(|l| counts.iter().any(|c| l.contains(c))) {
            found.push(idiom(What::Retry, source, row, true, "`retry` without a count"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::What;
    use crate::idiom::cases::table;

    #[test]
    fn cases() {
        table(
            What::Retry,
            &[
                ("a.py", "from tenacity import retry\n@retry()\ndef f(): pass\n", "2"),
                (
                    "a.py",
                    "from tenacity import *\n@retry(stop=stop_after_attempt(3), wait=wait_random())\ndef f(): pass\n",
                    "",
                ),
                ("a.py", "from tenacity import *\n@retry(stop=stop_after_attempt(3))\ndef f(): pass\n", "2"),
                ("a.py", "@app.task(autoretry_for=(E,))\ndef f(): pass\n", "1"),
                (
                    "a.ts",
                    "axiosRetry(axios, { retries: 3 });\nretry(f, { forever: true });\nretry(f, { retries: 3 });\n",
                    "1 2",
                ),
                ("A.java", "class A {\n @Retryable(E.class)\n void f() {} }", "2?"),
                ("a.cs", "class A { void F() { Policy.Handle<E>().RetryForever(); } }", "1"),
                ("a.go", "package a\nfunc f() { retry.Do(g, retry.Attempts(0)) }", "2"),
                ("a.rs", "use tokio_retry::*;\nfn f() { FixedInterval::from_millis(10); }", "2"),
                ("a.rb", "def f\n  g\nrescue E\n  retry\nend\n", "4"),
                ("a.rb", "def f\n  tries ||= 0\n  g\nrescue E\n  retry\nend\n", ""),
                ("a.php", "<?php class A { public $tries = 0; }", "1"),
            ],
        );
    }

    #[test]
    fn what_never_waits() {
        let check = |path: &str, text: &str, expected: bool| {
            let source = crate::read(path, text.as_bytes()).expect("a language").expect("readable");
            let found = crate::idiom::idioms(&source);
            let retries: Vec<_> = found.iter().filter(|i| i.what == What::Retry).collect();
            assert!(!retries.is_empty(), "{text}");
            assert_eq!(retries.iter().any(|i| i.never_waits()), expected, "{text}");
        };
        let tenacity = |how: &str| format!("from tenacity import *\n@retry({how})\ndef f(): pass\n");
        check("a.py", &tenacity("wait=wait_random_exponential(max=60)"), false);
        check("a.py", &tenacity("stop=stop_after_attempt(3)"), true);
        check("a.py", &tenacity(""), true);
        check("a.ts", "axiosRetry(axios, { retries: 3 });\n", true);
        check("a.ts", "retry(f, { forever: true });\n", false);
        check("a.rb", "def f\n  g\nrescue E\n  sleep 2\n  retry\nend\n", false);
    }
}
