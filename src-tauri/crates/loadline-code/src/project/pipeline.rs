//! Pipelines as files, and whether one of their steps runs tests.

pub(super) fn is_one(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let yaml = name.ends_with(".yml") || name.ends_with(".yaml");
    let folders = [".github/workflows/", ".circleci/", ".buildkite/"];
    (yaml && folders.iter().any(|f| path.starts_with(f)))
        || matches!(
            path,
            ".gitlab-ci.yml"
                | "Jenkinsfile"
                | "bitbucket-pipelines.yml"
                | "azure-pipelines.yml"
                | "buildspec.yml"
                | "cloudbuild.yaml"
                | ".travis.yml"
                | ".drone.yml"
                | ".woodpecker.yml"
        )
}

/// Words of commands that run tests.
const RUNNERS: &[&str] = &[
    "pytest",
    "tox",
    "nox",
    "manage.py test",
    "python -m unittest",
    "npm test",
    "npm run test",
    "npm t ",
    "yarn test",
    "pnpm test",
    "bun test",
    "jest",
    "vitest",
    "mocha",
    "playwright test",
    "cypress run",
    "go test",
    "gotestsum",
    "cargo test",
    "cargo nextest",
    "mvn test",
    "mvn verify",
    "mvnw test",
    "mvnw verify",
    "gradle test",
    "gradlew test",
    "gradlew check",
    "gradle check",
    "gradlew build",
    "rspec",
    "rails test",
    "rake test",
    "minitest",
    "phpunit",
    "pest",
    "artisan test",
    "composer test",
    "dotnet test",
    "make test",
    "make check",
    "just test",
    "xtask test",
    "bazel test",
];

pub(super) fn runs_tests(text: &str) -> bool {
    let commands = text.lines().filter(|l| !l.trim_start().starts_with('#'));
    commands.map(str::to_lowercase).any(|line| RUNNERS.iter().any(|r| says(&line, r)))
}

/// Whether a line has these words, not as part of a longer one.
fn says(line: &str, words: &str) -> bool {
    line.match_indices(words.trim_end()).any(|(at, found)| {
        let before = line[..at].chars().next_back();
        let after = line[at + found.len()..].chars().next();
        let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        !part(before) && !part(after)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let check = |text: &str, expected: bool| assert_eq!(runs_tests(text), expected, "{text}");
        check("- run: npm test", true);
        check("# - run: npm test", false);
        check("- run: npm run build", false);
        check("script:\n  - bundle exec rspec spec", true);
        check("- run: latest-deploy", false);
        check("- run: ./contest.sh", false);
        check("- run: go test ./...", true);
        check("- uses: jestor/action", false);
        assert!(is_one(".github/workflows/ci.yml") && is_one("Jenkinsfile") && !is_one("docs/ci.yml"));
    }
}
