//! Contrast of the colour tokens, measured in both themes as WCAG 2.2 defines it.

use loadline_model::num::pow;
use std::collections::BTreeMap;

const CSS: &str = include_str!("../styles/tokens.css");

type Tokens = BTreeMap<String, String>;

/// Custom properties between a marker and the next one.
fn block(from: &str, to: Option<&str>) -> Tokens {
    let (_, rest) = CSS.split_once(from).expect("the marker is in tokens.css");
    let text = to.and_then(|to| rest.split_once(to)).map_or(rest, |(text, _)| text);
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.strip_suffix(';')?.split_once(": "))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn themes() -> [(&'static str, Tokens); 2] {
    let shared = block(":root {", Some("/* light */"));
    let with = |theme: Tokens| shared.clone().into_iter().chain(theme).collect();
    [
        ("light", with(block("/* light */", Some("/* dark, chosen by the system */")))),
        ("dark", with(block("/* dark, chosen by the reader */", None))),
    ]
}

fn luminance(tokens: &Tokens, name: &str) -> f64 {
    let value = tokens.get(name).unwrap_or_else(|| panic!("--{name} is not a token"));
    if let Some(other) = value.strip_prefix("var(--").and_then(|v| v.strip_suffix(')')) {
        return luminance(tokens, other);
    }
    let channel = |at: usize| {
        let share = f64::from(u8::from_str_radix(&value[at..at + 2], 16).expect("a hex colour")) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { pow((share + 0.055) / 1.055, 2.4) }
    };
    0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
}

fn contrast(tokens: &Tokens, a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(tokens, a), luminance(tokens, b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

fn check(least: f64, front: &[&str], behind: &[&str]) {
    let mut low = Vec::new();
    for (theme, tokens) in themes() {
        for (front, behind) in front.iter().flat_map(|f| behind.iter().map(move |b| (f, b))) {
            let ratio = contrast(&tokens, front, behind);
            if ratio < least {
                low.push(format!("{theme}: {front} on {behind} is {ratio:.2}"));
            }
        }
    }
    assert!(low.is_empty(), "below {least}: {low:#?}");
}

#[test]
fn text_is_readable() {
    check(4.5, &["text", "text-2", "text-3", "accent-text"], &["bg", "surface", "sunken", "hover"]);
    check(4.5, &["critical", "high", "medium", "low", "unknown", "pass"], &["bg", "surface"]);
    check(4.5, &["accent-text"], &["accent-soft"]);
    check(4.5, &["amber-text"], &["amber-soft"]);
    check(4.5, &["critical"], &["critical-soft"]);
    check(4.5, &["on-accent"], &["accent", "accent-hover"]);
    check(4.5, &["text", "text-2"], &["water"]);
}

#[test]
fn graphics_are_distinguishable() {
    check(3.0, &["line-strong", "hatch-ink", "ink", "mark", "accent"], &["bg", "surface"]);
    check(3.0, &["before", "after", "p50", "p95"], &["surface"]);
    check(3.0, &["series-1", "series-2", "series-3", "series-4", "series-5", "series-6"], &["surface"]);
    check(3.0, &["mark", "water-line"], &["surface"]);
    // The lightest percentile may be fainter: it is always drawn as a line with a label beside the stronger two.
    check(2.7, &["p99"], &["surface"]);
}

#[test]
fn both_dark_themes_are_one() {
    let system = block("/* dark, chosen by the system */", Some("/* dark, chosen by the reader */"));
    assert_eq!(system, block("/* dark, chosen by the reader */", None));
    let light: Vec<String> = block("/* light */", Some("/* dark, chosen by the system */")).into_keys().collect();
    assert_eq!(light, system.into_keys().collect::<Vec<_>>());
}
