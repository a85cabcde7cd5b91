//! What of a pipeline can stop a change: steps that may fail, jobs that run on a schedule alone or by hand, and commands
//! whose failure is swallowed prove nothing before a change lands.

/// Settings by which a step or job may fail, or does not run by itself.
const PASSING: &[&str] = &[
    "continue-on-error: true",
    "continueonerror: true",
    "allow_failure: true",
    "soft_fail: true",
    "failure: ignore",
    "ignorefailure: true",
    "when: manual",
    "when: never",
    "if: false",
    "if: ${{ false }}",
];
/// What starts a workflow before or when a change lands.
const EVENTS: &[&str] = &["push", "pull_request", "pull_request_target", "merge_group", "workflow_call"];
/// What follows `||` where a failure is swallowed.
const SWALLOWS: &[&str] = &["true", ":", "/bin/true", "exit 0", "echo", "printf"];

/// The text of a pipeline in lower case, without what proves nothing.
pub(super) fn proving(text: &str) -> String {
    let text = text.replace("\\\r\n", " ").replace("\\\n", " ").to_lowercase();
    let lines: Vec<&str> = text.lines().map(without_comment).collect();
    if only_scheduled(&lines) {
        return String::new();
    }
    let mut kept = vec![true; lines.len()];
    for (at, line) in lines.iter().enumerate() {
        let Some(own) = column(line) else { continue };
        let said = line.get(own..).unwrap_or_default().trim_end().replace(['"', '\''], "");
        let passes = PASSING.contains(&said.as_str());
        let scheduled = (said.starts_with("if:") && is_schedule(&said)) || asks_schedule(&lines, at, own, &said);
        if passes || scheduled {
            let (from, to) = block(&lines, at, own);
            kept.iter_mut().take(to).skip(from).for_each(|k| *k = false);
        } else if PASSING.iter().any(|p| said.starts_with('{') && said.contains(p)) {
            kept[at] = false;
        }
    }
    let left = lines.iter().zip(kept).filter(|(_, kept)| *kept).map(|(line, _)| without_swallowed(line));
    left.collect::<Vec<_>>().join("\n")
}

/// A line without a comment that a space parts from it.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') { "" } else { line.split(" #").next().unwrap_or(line) }
}

/// Where the words of a line begin, behind the dash of a list; `None` on an empty line.
fn column(line: &str) -> Option<usize> {
    let words = line.trim_start();
    let behind = words.strip_prefix("- ").map_or(words, str::trim_start);
    (!words.is_empty()).then(|| line.len() - behind.len())
}

/// Where a line begins, its dash included.
fn begin(line: &str) -> Option<usize> {
    let words = line.trim_start();
    (!words.is_empty()).then(|| line.len() - words.len())
}

/// The lines of the step or job that a setting at this column belongs to.
fn block(lines: &[&str], at: usize, own: usize) -> (usize, usize) {
    let inside = |line: &str| begin(line).is_none_or(|b| b >= own);
    let mut from = at;
    // An item of a list begins on the line of its dash.
    while from > 0 && inside(lines[from]) && inside(lines[from - 1]) {
        from -= 1;
    }
    let item = |line: &str| column(line) == Some(own) && begin(line).is_some_and(|b| b < own);
    if from > 0 && inside(lines[from]) && item(lines[from - 1]) {
        from -= 1;
    }
    let ends = lines.iter().skip(at + 1).position(|line| !inside(line)).map_or(lines.len(), |n| at + 1 + n);
    (from, ends)
}

/// Whether a workflow of GitHub or a pipeline of Azure names what starts it, and nothing of that is a change.
fn only_scheduled(lines: &[&str]) -> bool {
    let top = |line: &&str| begin(line) == Some(0);
    let starts = |line: &&str, key: &str| line.replace(['"', '\''], "").starts_with(key);
    let azure = |key: &str| lines.iter().any(|l| starts(l, key));
    if azure("schedules:") && azure("trigger: none") && azure("pr: none") {
        return true;
    }
    let Some(on) = lines.iter().position(|line| starts(line, "on:")) else { return false };
    let ends =
        lines.iter().skip(on + 1).position(|l| top(l) && !l.starts_with('-')).map_or(lines.len(), |n| on + 1 + n);
    let said = lines.get(on..ends).unwrap_or_default().join("\n");
    let mut words = said.split(|c: char| !(c.is_alphanumeric() || c == '_'));
    !words.any(|word| EVENTS.contains(&word))
}

fn is_schedule(said: &str) -> bool {
    said.contains("==") && said.contains("schedule") && !said.contains("||")
}

/// Whether every condition of a job of GitLab, in `only` or `rules` at this line, asks for a schedule.
fn asks_schedule(lines: &[&str], at: usize, own: usize, said: &str) -> bool {
    if said == "only: [schedules]" || said == "only: schedules" {
        return true;
    }
    if said != "only:" && said != "rules:" && said != "refs:" {
        return false;
    }
    let below = lines
        .iter()
        .skip(at + 1)
        .take_while(|l| begin(l).is_none_or(|b| b > own || (b == own && l.trim_start().starts_with('-'))));
    let items = below.map(|l| l.trim()).filter(|l| l.starts_with('-') && !l.contains("when: never"));
    let mut seen = 0;
    let all = items.inspect(|_| seen += 1).all(|l| l.contains("schedule") && !l.contains("!=") && !l.contains("||"));
    all && seen > 0
}

/// A line without the commands whose failure is swallowed: `pytest || true`.
fn without_swallowed(line: &str) -> String {
    let fails = ["exit 1", "exit $", "false"].iter().any(|w| line.contains(w));
    let part = |part: &str| {
        let Some((_, after)) = part.split_once("||") else { return part.to_owned() };
        let after = after.trim_start_matches([' ', '(', '{', '"', '\'']);
        let swallowed =
            SWALLOWS.iter().any(|s| after.strip_prefix(s).is_some_and(|r| !r.starts_with(char::is_alphanumeric)));
        if swallowed && !fails { after.to_owned() } else { part.to_owned() }
    };
    line.split(';').map(part).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use crate::project::pipeline::runs_tests;

    #[test]
    fn what_proves_nothing() {
        let check = |text: &str, expected: bool| assert_eq!(runs_tests(text), expected, "{text}");
        let github = |on: &str, step: &str| format!("on: {on}\njobs:\n  t:\n    steps:\n      - run: npm ci\n{step}");
        check(&github("[push]", "      - run: pytest\n"), true);
        check(&github("[push]", "      - run: pytest || true\n"), false);
        check(&github("[push]", "      - run: npm run lint && pytest || echo failed\n"), false);
        check(&github("[push]", "      - run: pytest || exit 1\n"), true);
        check(&github("[push]", "      - run: pytest || (echo failed; exit 1)\n"), true);
        check(&github("[push]", "      - run: |\n          pytest \\\n            || true\n"), false);
        check(&github("[push]", "      - run: pytest || true\n      - run: npm test\n"), true);
        check(&github("[push]", "      - run: pytest\n        continue-on-error: true\n"), false);
        check(
            &github(
                "[push]",
                "      - name: x\n        continue-on-error: true\n        run: pytest\n      - run: ls\n",
            ),
            false,
        );
        check(&github("[push]", "      - run: lint\n        continue-on-error: true\n      - run: pytest\n"), true);
        check(&github("[push]", "      - run: pytest # slow\n        continue-on-error: false\n"), true);
        check(
            "on: push\njobs:\n  t:\n    continue-on-error: true\n    steps:\n      - run: pytest\n  u:\n    steps:\n      - run: ls\n",
            false,
        );
        check(
            "on: push\njobs:\n  t:\n    if: github.event_name == 'schedule'\n    steps:\n      - run: pytest\n",
            false,
        );
        check("on: push\njobs:\n  t:\n    if: false\n    steps:\n      - run: pytest\n", false);
        check(&github("schedule", "      - run: pytest\n"), false);
        check(&github("\n  schedule:\n    - cron: '0 3 * * *'\n  workflow_dispatch:", "      - run: pytest\n"), false);
        check(&github("\n  schedule:\n    - cron: '0 3 * * *'\n  pull_request:", "      - run: pytest\n"), true);
        let gitlab = |more: &str| format!("test:\n  script:\n    - pytest\n{more}build:\n  script:\n    - make\n");
        check(&gitlab(""), true);
        check(&gitlab("  allow_failure: true\n"), false);
        check(&gitlab("  when: manual\n"), false);
        check(&gitlab("  only:\n    - schedules\n"), false);
        check(&gitlab("  only:\n    - schedules\n    - merge_requests\n"), true);
        check(&gitlab("  rules:\n    - if: $CI_PIPELINE_SOURCE == \"schedule\"\n"), false);
        check(
            &gitlab("  rules:\n    - if: $CI_PIPELINE_SOURCE == \"schedule\"\n      when: never\n    - when: always\n"),
            true,
        );
        check("schedules:\n- cron: x\ntrigger: none\npr: none\nsteps:\n- script: npm test\n", false);
    }
}
