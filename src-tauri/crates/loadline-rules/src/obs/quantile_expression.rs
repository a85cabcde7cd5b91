//! Recognises queries that average or sum percentiles, in PromQL and in the dialects that look like it.

/// The expression averages or sums something that already is a percentile.
pub(super) fn averages_percentiles(expression: &str) -> bool {
    let text: String = expression.to_ascii_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
    // Datadog writes the aggregator before the metric: avg:trace.web.request.p95{*}.
    let prefixed = ["avg:", "sum:"].iter().flat_map(|a| text.match_indices(a)).any(|(at, aggregator)| {
        let rest = text.get(at + aggregator.len()..).unwrap_or("");
        let metric = rest.split(['{', ' ', ')', ',']).next().unwrap_or("");
        starts_word(&text, at) && names_percentile(metric)
    });
    prefixed || aggregated(&text).into_iter().any(is_percentile)
}

/// The arguments of every averaging or summing aggregator.
fn aggregated(text: &str) -> Vec<&str> {
    const AGGREGATORS: [&str; 5] = ["avg_over_time", "sum_over_time", "average", "avg", "sum"];
    let mut arguments = Vec::new();
    for aggregator in AGGREGATORS {
        for (at, _) in text.match_indices(aggregator) {
            let rest = text.get(at + aggregator.len()..).unwrap_or("");
            if starts_word(text, at)
                && let Some(open) = skip_grouping(rest)
            {
                arguments.extend(balanced(open));
            }
        }
    }
    arguments
}

fn starts_word(text: &str, at: usize) -> bool {
    !text.get(..at).unwrap_or("").ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':' || c == '.')
}

/// Skips ` by (le) ` or ` without (pod) ` before the argument's parenthesis.
fn skip_grouping(rest: &str) -> Option<&str> {
    let rest = rest.trim_start();
    let Some(list) = rest.strip_prefix("by").or_else(|| rest.strip_prefix("without")) else {
        return rest.starts_with('(').then_some(rest);
    };
    let list = list.trim_start();
    let inner = balanced(list)?;
    list.get(inner.len() + 2..).map(str::trim_start).filter(|r| r.starts_with('('))
}

/// What stands between a leading parenthesis and its partner.
fn balanced(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return text.get(1..at);
                }
            }
            _ if at == 0 => return None,
            _ => {}
        }
    }
    None
}

fn is_percentile(argument: &str) -> bool {
    const CALLS: [&str; 4] = ["histogram_quantile(", "quantile_over_time(", "quantile(", "percentile("];
    const LABELS: [&str; 4] = ["quantile=", "quantile =", "quantile=~", "percentile="];
    CALLS.iter().chain(&LABELS).any(|mark| argument.contains(mark)) || names_percentile(argument)
}

/// A name such as `latency_p95`, `request:p99` or `duration_95th`; `p95` inside of a longer word is not one.
fn names_percentile(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        let digits = word.strip_prefix('p').or_else(|| word.strip_suffix("th")).unwrap_or("");
        matches!(digits, "50" | "75" | "90" | "95" | "98" | "99" | "995" | "999")
    })
}

#[cfg(test)]
mod tests {
    use super::averages_percentiles;

    #[test]
    fn recognises_wrong_queries_and_leaves_right_ones() {
        for (expression, expected) in [
            ("histogram_quantile(0.95, sum by (le) (rate(x_bucket[5m])))", false),
            ("histogram_quantile(0.95, sum(rate(x_bucket[5m])) by (le))", false),
            ("avg(histogram_quantile(0.95, rate(x_bucket[5m])))", true),
            ("avg by (job) (histogram_quantile(0.95, rate(x_bucket[5m])))", true),
            ("avg_over_time(histogram_quantile(0.95, rate(x_bucket[5m]))[1h:])", true),
            ("avg_over_time(job:latency:p95[1d])", true),
            ("avg without (instance) (request_duration{quantile=\"0.99\"})", true),
            ("sum(http_latency_p99)", true),
            ("max(http_latency_p99)", false),
            ("avg(rate(x_sum[5m])) / avg(rate(x_count[5m]))", false),
            ("avg(http_up50)", false),
            ("avg:trace.web.request.p95{env:prod}", true),
            ("p95:trace.web.request{env:prod}", false),
            ("avg:system.cpu.user{*}", false),
            ("my_avg(http_latency_p99)", false),
            ("avg(", false),
            ("", false),
        ] {
            assert_eq!(averages_percentiles(expression), expected, "{expression}");
        }
    }
}
