//! Calls over the network without a timeout. Only clients whose own default is to wait for ever are listed: `httpx`,
//! `HttpClient` of .NET, `Net::HTTP` and Laravel's `Http` end by themselves.

use super::pattern::{Pattern, Words, find_calls, find_words};
use super::{Idiom, What};
use crate::language::Language;
use crate::read::Source;

const VERBS: &[&str] = &["get", "post", "put", "patch", "delete", "head", "options", "request"];

const PATTERNS: &[Pattern] = &[
    Pattern {
        on: &["requests"],
        without: &["timeout", "**"],
        ..Pattern::of(Language::Python, VERBS, "`requests` waits for ever without `timeout`")
    },
    Pattern {
        without: &["timeout"],
        ..Pattern::of(Language::Python, &["urlopen"], "`urlopen` waits for ever without `timeout`")
    },
    Pattern {
        on: &["httpx", "Client", "AsyncClient", ""],
        with: &["timeout=None"],
        ..Pattern::of(Language::Python, &["get", "post", "Client", "AsyncClient"], "`httpx` with `timeout=None`")
    },
    Pattern {
        on: &["axios"],
        without: &["timeout", "signal"],
        file_without: &["axios.defaults.timeout"],
        ..Pattern::of(
            Language::JavaScript,
            &["get", "post", "put", "patch", "delete", "head", "request", "create"],
            "`axios` waits for ever without `timeout`",
        )
    },
    Pattern {
        on: &[""],
        without: &["signal", "timeout"],
        likely: false,
        ..Pattern::of(Language::JavaScript, &["fetch"], "`fetch` without `signal` ends only when the other side does")
    },
    Pattern {
        on: &["http"],
        file_without: &["http.DefaultClient.Timeout", "DefaultClient = "],
        ..Pattern::of(
            Language::Go,
            &["Get", "Post", "PostForm", "Head"],
            "the default client of `net/http` has no timeout",
        )
    },
    Pattern {
        on: &["DefaultClient"],
        file_without: &["DefaultClient.Timeout", "WithTimeout", "WithDeadline"],
        ..Pattern::of(Language::Go, &["Do", "Get", "Post"], "the default client of `net/http` has no timeout")
    },
    Pattern {
        with: &["()"],
        file_without: &["setReadTimeout", "setConnectTimeout"],
        ..Pattern::of(Language::Java, &["RestTemplate"], "`new RestTemplate()` has no timeout")
    },
    Pattern {
        file_without: &[".timeout("],
        ..Pattern::of(
            Language::Java,
            &["newHttpClient"],
            "`HttpClient.newHttpClient()` has no timeout, and no request sets one",
        )
    },
    Pattern {
        file_without: &["setReadTimeout"],
        ..Pattern::of(Language::Java, &["openConnection"], "`openConnection()` without `setReadTimeout`")
    },
    Pattern {
        on: &["Faraday"],
        file_without: &["timeout"],
        likely: false,
        ..Pattern::of(Language::Ruby, &["new", "get", "post", "put", "delete"], "`Faraday` without `timeout`")
    },
    Pattern {
        on: &[""],
        file_without: &["CURLOPT_TIMEOUT"],
        ..Pattern::of(Language::Php, &["curl_exec"], "`curl_exec` without `CURLOPT_TIMEOUT`")
    },
    Pattern {
        on: &["", "GuzzleHttp"],
        without: &["timeout"],
        file_with: &["GuzzleHttp"],
        ..Pattern::of(Language::Php, &["Client"], "Guzzle's client waits for ever without `timeout`")
    },
    Pattern { on: &["reqwest"], ..Pattern::of(Language::Rust, &["get"], "`reqwest::get` has no timeout") },
    Pattern {
        on: &["Client"],
        file_with: &["reqwest"],
        file_without: &[".timeout("],
        ..Pattern::of(Language::Rust, &["new", "builder"], "`reqwest::Client` without `timeout`")
    },
];

const WORDS: &[Words] = &[
    Words {
        language: Language::CSharp,
        all: &["Timeout", "InfiniteTimeSpan"],
        none: &[],
        likely: true,
        how: "`Timeout.InfiniteTimeSpan`",
    },
    Words {
        language: Language::Ruby,
        all: &["read_timeout", "nil"],
        none: &[],
        likely: true,
        how: "`read_timeout` is `nil`",
    },
    Words {
        language: Language::Go,
        all: &["http.Client{}"],
        none: &[],
        likely: true,
        how: "`http.Client{}` has no timeout",
    },
];

pub(super) fn find(source: &Source<'_>, found: &mut Vec<Idiom>) {
    // Components of pages call from the reader's browser.
    if source.language != Language::Tsx && !source.path.ends_with(".jsx") {
        find_calls(What::CallWithoutTimeout, PATTERNS, source, found);
        find_words(What::CallWithoutTimeout, WORDS, source, found);
    }
}

#[cfg(test)]
mod tests {
    use super::What;
    use crate::idiom::cases::table;

    #[test]
    fn cases() {
        table(
            What::CallWithoutTimeout,
            &[
                ("a.py", "import requests\nrequests.get(url)\nrequests.post(url, timeout=5)\n", "2"),
                ("a.py", "urllib.request.urlopen(u)\nurlopen(u, timeout=3)\nhttpx.get(u)\n", "1"),
                ("a.py", "httpx.Client(timeout=None)\n", "1"),
                (
                    "a.js",
                    "await axios.get(u);\naxios.get(u, { timeout: 5 });\nfetch(u);\nfetch(u, { signal });\n",
                    "1 3?",
                ),
                ("a.ts", "const c = axios.create({ baseURL: u });\n", "1"),
                ("page.tsx", "fetch(u);\n", ""),
                (
                    "a.go",
                    "package a\nfunc f() { http.Get(u) }\nvar c = &http.Client{}\nvar d = &http.Client{Timeout: t}\n",
                    "2 3",
                ),
                (
                    "A.java",
                    "class A { Object r = new RestTemplate();\n Object h = HttpClient.newHttpClient(); }\n",
                    "1 2",
                ),
                ("A.java", "class A { void f() { u.openConnection(); c.setReadTimeout(5); } }", ""),
                ("a.rb", "Faraday.new(url: u)\nNet::HTTP.get(u)\n", "1?"),
                ("a.rb", "http.read_timeout = nil\n", "1"),
                (
                    "a.php",
                    "<?php\nuse GuzzleHttp\\Client;\n$c = new Client();\n$d = new Client(['timeout' => 2]);\n",
                    "3",
                ),
                ("a.php", "<?php\n$h = curl_init($u);\ncurl_exec($h);\n", "3"),
                ("a.cs", "class A { void F() { c.Timeout = Timeout.InfiniteTimeSpan; } }", "1"),
                ("a.cs", "class A { void F() { var c = new HttpClient(); } }", ""),
                ("a.rs", "fn f() { reqwest::get(u); let c = reqwest::Client::new(); }", "1"),
                ("a.rs", "fn f() { reqwest::Client::builder().timeout(t).build(); }", ""),
            ],
        );
    }
}
