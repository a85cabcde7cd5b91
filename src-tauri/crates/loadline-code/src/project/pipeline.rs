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

/// Programs that do nothing but run tests.
const RUNNERS: &[&str] = &[
    "pytest",
    "tox",
    "nox",
    "jest",
    "vitest",
    "mocha",
    "ava",
    "gotestsum",
    "rspec",
    "minitest",
    "phpunit",
    "pest",
    "ctest",
    "bats",
    "behave",
    "nextest",
    "node/test",
    "python/test",
    "ruby/rspec-test",
];

/// Programs that run tests when they are told to: the words that tell them.
const TOLD: &[(&[&str], &[&str])] = &[
    (
        &["npm", "yarn", "pnpm", "bun", "playwright", "go", "cargo", "dotnet", "bazel", "bazelisk", "just", "xtask"],
        &["test"],
    ),
    (
        &["rails", "deno", "flutter", "artisan", "composer", "manage.py", "swift", "mix", "sbt", "lein", "cabal"],
        &["test"],
    ),
    (&["rake"], &["test", "spec"]),
    (&["python", "python3", "coverage"], &["unittest"]),
    (&["cypress"], &["run"]),
    (&["make", "gmake"], &["test", "tests", "check"]),
    (&["gradle", "gradlew"], &["test", "check", "build"]),
    // Maven runs them on the way to each of these.
    (&["mvn", "mvnw"], &["test", "package", "verify", "install", "deploy"]),
];

/// Words that keep Maven and Gradle from running tests.
const SKIPPED: &[&str] = &["skiptests", "maven.test.skip", "-x test"];

/// Options by which a program names its tests, builds them or says what it would do, and runs none.
const UNRUN: &[&str] = &[
    "--collect-only",
    "--co",
    "--no-run",
    "--list",
    "--listtests",
    "--list-tests",
    "--dry-run",
    "--just-print",
    "--help",
    "--version",
    "--fixtures",
    "--markers",
    "--setup-plan",
    "--listenvs",
    "--listenvs-all",
    "--list-sessions",
    "--clearcache",
    "--showconfig",
    "--init",
];
/// The same of one program.
const UNRUN_OF: &[(&str, &str)] = &[
    ("go", "-c"),
    ("go", "-list"),
    ("make", "-n"),
    ("gmake", "-n"),
    ("ctest", "-n"),
    ("tox", "-l"),
    ("nox", "-l"),
    ("vitest", "list"),
    ("nextest", "list"),
    ("gradle", "-m"),
    ("gradlew", "-m"),
];

fn unrun(program: &str, after: &[&str]) -> bool {
    after.iter().any(|w| UNRUN.contains(w) || UNRUN_OF.contains(&(program, *w)))
        || (program == "go" && after.iter().any(|w| matches!(*w, "-run=^$" | "^$" | "-run=none")))
}

/// Words of commands that name a program without running it.
pub(super) const NAMING: &[&str] =
    &["install", "add", "remove", "uninstall", "upgrade", "echo", "printf", "which", "key:", "name:", "image:"];

/// Options whose word is the name of a place: `--env test`.
const OF_A_PLACE: &[&str] =
    &["--env", "-e", "--stage", "--environment", "--mode", "--profile", "-p", "--target", "--tag"];

pub(super) fn runs_tests(text: &str) -> bool {
    commands(&super::proof::proving(text)).any(|command| is_test(&command))
}

/// The commands of a pipeline in lower case, without those that are commented out.
pub(super) fn commands(text: &str) -> impl Iterator<Item = String> {
    let lines = text.lines().map(str::trim).filter(|l| !["#", "//", "/*", "* "].iter().any(|c| l.starts_with(c)));
    let lower = lines.map(str::to_lowercase);
    lower.flat_map(|l| l.split(['&', ';', '|']).map(str::to_owned).collect::<Vec<_>>())
}

/// The words of a command.
pub(super) fn words(command: &str) -> Vec<&str> {
    let split = [' ', '\t', '"', '\'', ',', '[', ']', '(', ')', '{', '}', '`'];
    command.split(split).filter(|w| !w.is_empty()).collect()
}

/// Whether one command runs tests.
fn is_test(command: &str) -> bool {
    let words = words(command);
    words.iter().enumerate().any(|(at, word)| {
        let program = word.rsplit('/').next().unwrap_or(word).trim_end_matches(".exe").trim_end_matches(".cmd");
        let before = words.get(..at).unwrap_or_default();
        let after = words.get(at + 1..).unwrap_or_default();
        let named = unrun(program, after) || before.iter().any(|w| NAMING.contains(w));
        // `jest-cache`, `jest.config.js` and `pytest==8` are other words; `bin/jest` is not.
        if RUNNERS.contains(&program) || RUNNERS.contains(&word.trim_end_matches(':')) {
            return !named;
        }
        let Some((_, goals)) = TOLD.iter().find(|(programs, _)| programs.contains(&program)) else { return false };
        let skipped = SKIPPED.iter().any(|skip| command.contains(skip));
        !named && !skipped && !fetches(program, after) && tells(program, goals, after)
    })
}

/// Whether what follows a program tells it to test.
fn tells(program: &str, goals: &[&str], after: &[&str]) -> bool {
    let short = program == "npm" && after.first() == Some(&"t");
    short
        || after.iter().enumerate().any(|(at, word)| {
            let of_a_place = at.checked_sub(1).and_then(|i| after.get(i)).is_some_and(|w| OF_A_PLACE.contains(w));
            !of_a_place && goals.iter().any(|goal| is_goal(program, word, goal))
        })
}

/// A goal, or a kind of it: `test:unit`, `test-unit`; of Gradle also `:app:check` and `testDebugUnitTest`.
fn is_goal(program: &str, word: &str, goal: &str) -> bool {
    if word == goal || (goal == "test" && word.strip_prefix(goal).is_some_and(|r| r.starts_with(['-', '_', ':']))) {
        return true;
    }
    let task = word.rsplit(':').next().unwrap_or(word);
    let built = ["assemble", "compile", "-"].iter().any(|w| task.starts_with(w));
    program.starts_with("gradle")
        && (task == goal || (goal == "test" && !built && (task.starts_with(goal) || task.ends_with(goal))))
}

/// `npm install test` fetches; `mvn install` tests.
fn fetches(program: &str, after: &[&str]) -> bool {
    !program.starts_with("mvn") && after.iter().any(|w| NAMING.contains(w))
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
        check("- run: pip install pytest flake8 && flake8", false);
        check("- run: pip install pytest && pytest -q", true);
        check("- run: npm install --save-dev jest", false);
        check("- run: npm ci && npm --prefix web test", true);
        check("- run: npm run test:unit", true);
        check("- run: npm run testimonials", false);
        check("      - name: pytest", false);
        check("key: jest-cache-${{ hash }}", false);
        check("- run: eslint jest.config.js", false);
        check("- run: echo 'npm test is off'", false);
        check("sh 'mvn -B clean verify'", true);
        check("sh 'mvn -B package -DskipTests'", false);
        check("// sh 'mvn test'", false);
        check("sh \"./gradlew build -x test\"", false);
        check("- run: ./gradlew :app:check", true);
        check("command: [\"make\", \"test-unit\"]", true);
        check("- run: make check-format", false);
        check("- node/test:", true);
        check("- run: python -m unittest discover", true);
        check("- run: npx playwright test", true);
        check("script: cargo +nightly test --all", true);
        check("- run: npm run deploy -- --env test", false);
        check("- run: npm run deploy:test", false);
        check("- run: npm publish --tag t", false);
        check("- run: npm t", true);
        check("- run: ./gradlew testDebugUnitTest", true);
        check("- run: ./gradlew assembleAndroidTest", false);
        check("- run: pytest --collect-only", false);
        check("- run: pytest -n 4", true);
        check("- run: cargo test --no-run", false);
        check("- run: cargo test --no-run && cargo test", true);
        check("- run: cargo nextest list", false);
        check("- run: go test -run '^$' -bench . ./...", false);
        check("- run: make -n test", false);
        assert!(is_one(".github/workflows/ci.yml") && is_one("Jenkinsfile") && !is_one("docs/ci.yml"));
    }
}
