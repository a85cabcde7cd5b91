//! Steps of pipelines that measure speed, and load tests that say what is too slow.

use super::pipeline::{NAMING, commands, words};
use super::proof::proving;

/// Programs that measure speed whenever they run.
const ALWAYS: &[&str] = &["wrk", "wrk2", "hey", "oha", "autocannon", "hyperfine", "codspeed", "lhci"];

/// Programs that measure when they are told to: the word that tells them, and what is shown.
const TOLD: &[(&str, &str, &str)] = &[
    ("k6", "run", "k6"),
    ("k6", "cloud", "k6"),
    ("artillery", "run", "artillery"),
    ("jmeter", "-n", "jmeter"),
    ("vegeta", "attack", "vegeta"),
    ("locust", "--headless", "locust"),
    ("asv", "run", "asv"),
    ("asv", "continuous", "asv"),
    ("bencher", "run", "bencher"),
    ("cargo", "bench", "cargo bench"),
    ("go", "-bench", "go test -bench"),
    ("pytest", "--benchmark", "pytest-benchmark"),
    ("mvn", "gatling:test", "gatling"),
    ("mvnw", "gatling:test", "gatling"),
    ("gradle", "gatlingrun", "gatling"),
    ("gradlew", "gatlingrun", "gatling"),
];

/// Ready-made steps of hosts, by the path that names them.
const STEPS: &[(&str, &str)] = &[
    ("grafana/run-k6-action", "k6"),
    ("grafana/k6-action", "k6"),
    ("benchmark-action/github-action-benchmark", "github-action-benchmark"),
    ("codspeedhq/action", "codspeed"),
    ("treosh/lighthouse-ci-action", "lhci"),
];

/// Words by which a step ends badly when something became slower.
const STOPS: &[&str] = &["--benchmark-compare-fail", "fail-on-alert: true", "asv continuous"];

/// The first step of a pipeline that measures speed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Speed {
    /// With what.
    pub tool: &'static str,
    /// The pipeline itself says that a slower result stops it.
    pub stops: bool,
    /// The script that it runs, in lower case; `None` where the step names none, or its failure may stop nothing.
    pub script: Option<String>,
}

impl Speed {
    /// Whether it runs the file of this path.
    pub fn runs(&self, path: &str) -> bool {
        let path = path.to_lowercase();
        let Some(script) = self.script.as_deref().map(|s| s.trim_start_matches("./")) else { return false };
        !script.is_empty() && (path == script || path.ends_with(&format!("/{script}")))
    }
}

/// The first step of a pipeline that measures speed. Whether a slower result stops anything is read from what can stop
/// a change alone: a step that may fail, or runs at night, is still a measurement.
pub(super) fn measured(text: &str) -> Option<Speed> {
    let proving = proving(text);
    let stops = commands(&proving).any(|c| STOPS.iter().any(|stop| c.contains(stop)));
    let proven = commands(&proving).find_map(|c| {
        let is_script = |w: &&&str| [".js", ".ts", ".yml", ".yaml"].iter().any(|end| w.ends_with(end));
        let script = words(&c).iter().find(is_script).map(|w| (*w).to_owned());
        tool(&c).map(|tool| Speed { tool, stops, script })
    });
    let merely = || commands(text).find_map(|c| tool(&c)).map(|tool| Speed { tool, stops: false, script: None });
    proven.or_else(merely)
}

/// Whether a load test says what is too slow or fails too often, so that running it can fail.
pub(super) fn has_limits(tool: &str, text: &str) -> bool {
    let lines = text.lines().map(str::trim).filter(|l| !["#", "//", "/*", "* "].iter().any(|c| l.starts_with(c)));
    let word = match tool {
        "k6" => "thresholds",
        "artillery" => "ensure:",
        _ => return false,
    };
    lines.into_iter().any(|l| l.contains(word))
}

fn tool(command: &str) -> Option<&'static str> {
    if let Some((_, tool)) = STEPS.iter().find(|(step, _)| command.contains("uses:") && command.contains(step)) {
        return Some(tool);
    }
    let words = words(command);
    words.iter().enumerate().find_map(|(at, word)| {
        let program = word.rsplit('/').next().unwrap_or(word).trim_end_matches(".exe").trim_end_matches(".sh");
        let named = words.get(..at).unwrap_or_default().iter().any(|w| NAMING.contains(w));
        let after = words.get(at + 1..).unwrap_or_default();
        if named || after.iter().any(|w| matches!(*w, "--version" | "version" | "install")) {
            return None;
        }
        if let Some(always) = ALWAYS.iter().find(|p| **p == program) {
            return Some(*always);
        }
        let told = |(_, goal, _): &&(&str, &str, &str)| after.iter().any(|w| tells(w, goal));
        TOLD.iter().filter(|(p, ..)| *p == program).find(told).map(|(.., tool)| *tool)
    })
}

/// An option may carry a value (`-bench=.`), a goal is the whole word.
fn tells(word: &str, goal: &str) -> bool {
    if goal.starts_with('-') {
        word == goal || word.strip_prefix(goal).is_some_and(|rest| rest.starts_with(['=', '-']))
    } else {
        word == goal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_that_measure_speed() {
        let check = |text: &str, expected: &str| {
            let said = |s: Speed| format!("{}{}", s.tool, if s.stops { ", stops" } else { "" });
            assert_eq!(measured(text).map_or_else(String::new, said), expected, "{text}");
        };
        check("- run: npm test", "");
        check("- run: k6 run perf/checkout.js", "k6");
        check("- run: docker run -i grafana/k6 run - < perf/checkout.js", "k6");
        check("# - run: k6 run perf/checkout.js", "");
        check("- name: k6 run", "");
        check("image: grafana/k6", "");
        check("- run: brew install k6", "");
        check("- run: k6 version", "");
        check("- uses: grafana/setup-k6-action@v1", "");
        check("- uses: grafana/run-k6-action@v1", "k6");
        check("- run: go test -bench=. ./...", "go test -bench");
        check("- run: go test ./bench", "");
        check("- run: cargo bench --bench parse", "cargo bench");
        check("- run: cargo test --benches", "");
        check("- run: pytest --benchmark-only", "pytest-benchmark");
        check("- run: pytest --benchmark-only --benchmark-compare-fail=mean:5%", "pytest-benchmark, stops");
        check("- uses: benchmark-action/github-action-benchmark@v1\n  with:\n    fail-on-alert: true", GATED);
        check(
            "- uses: benchmark-action/github-action-benchmark@v1\n  with:\n    tool: cargo",
            "github-action-benchmark",
        );
        check("- run: asv continuous main HEAD", "asv, stops");
        check("- run: asv continuous main HEAD\n  continue-on-error: true", "asv");
        check("on: { schedule: [{ cron: '0 3 * * *' }] }\nsteps:\n  - run: asv continuous main HEAD", "asv");
        check("sh './gradlew gatlingRun'", "gatling");
        check("- run: npx artillery run perf/shop.yml", "artillery");
        check("- run: hey -z 30s https://staging/", "hey");
        check("- run: echo hey there", "");
    }

    #[test]
    fn a_step_runs_the_script_it_names() {
        let check = |step: &str, path: &str, expected: bool| {
            assert_eq!(measured(step).is_some_and(|s| s.runs(path)), expected, "{step} {path}");
        };
        check("- run: k6 run ./k6/Buy.js", "k6/Buy.js", true);
        check("- run: k6 run buy.js", "perf/k6/buy.js", true);
        check("- run: k6 run uy.js", "perf/k6/buy.js", false);
        check("- run: k6 run -", "perf/k6/buy.js", false);
        check("- run: k6 run k6/buy.js\n  continue-on-error: true", "k6/buy.js", false);
        check("- run: k6 run k6/buy.js || true", "k6/buy.js", false);
    }

    const GATED: &str = "github-action-benchmark, stops";

    #[test]
    fn load_tests_with_limits() {
        assert!(has_limits("k6", "export const options = { thresholds: { http_req_failed: ['rate<0.01'] } };"));
        assert!(!has_limits("k6", "// thresholds: later\nexport default function () {}"));
        assert!(has_limits("artillery", "config:\n  ensure:\n    p95: 200\n"));
        assert!(!has_limits("locust", "thresholds"));
    }
}
