//! The demo's repository: what a clone, its host and imported reports would have said of the code on the days it was read.

mod commits;
mod modules;
mod places;
mod tree;

use super::facts::Said;
use super::story::{self, API, at};
use commits::History;
use loadline_model::random::Draws;
use loadline_model::{
    ChangeRequest, CodeStat, DemoFact, Document, Environment, Kind, Relation, Resource, Timestamp, Value, key,
};
use tree::File;

/// The one repository.
pub(super) const REPOSITORY: &str = "repository:github.com/harbor/app";

/// The Mondays on which the code was read, in weeks from the audit. Between them nothing new is known of it.
const READ: [i64; 9] = [0, 4, 8, 13, 17, 21, 25, 30, 35];

/// What the repository says.
pub(super) fn clone() -> Vec<DemoFact> {
    let mut s = Said::default();
    s.call("remote and first commit").during(story::BEGIN, None);
    let resource =
        Resource { environment: Some(Environment::Production), ..Resource::new(Kind::Repository, "harbor/app") };
    s.say(REPOSITORY, resource).edge(API, Relation::BuiltFrom, REPOSITORY);
    let files = tree::files();
    let history = History::simulated(&files);
    let mut spans = Vec::new();
    for (n, week) in READ.iter().enumerate() {
        let look = |week: i64| {
            let day = Timestamp(at(story::BEFORE).0).plus_days(7 * week).utc_day();
            at(&format!("{day} 06:00"))
        };
        let from = if n == 0 { at(story::BEGIN) } else { look(*week) };
        let until = READ.get(n + 1).map_or(at("2099-01-01 00:00"), |w| look(*w));
        read(&mut s, &files, &history, look(*week), (from, until));
        spans.push((from, until));
    }
    places::say(&mut s, &spans);
    project(&mut s);
    s.done()
}

/// What one reading said of files, modules and people; it holds until the next.
fn read(s: &mut Said, files: &[File], history: &History, now: Timestamp, (from, until): (Timestamp, Timestamp)) {
    let there: Vec<usize> = (0..files.len()).filter(|n| files[*n].exists(now)).collect();
    let logs = history.logs(now);
    let complexities: Vec<f64> = there.iter().map(|n| files[*n].complexity(now)).collect();
    let churns: Vec<f64> = there.iter().map(|n| f64::from(logs[*n].churn)).collect();
    s.call("commits reachable from HEAD");
    for (place, n) in there.iter().enumerate() {
        let (file, log) = (&files[*n], &logs[*n]);
        let ranks = [rank(&churns, place), rank(&complexities, place)];
        let stat = CodeStat {
            path: file.path.into(),
            language: "typescript".into(),
            lines: file.lines(now),
            complexity: Some(complexities[place]),
            churn: Some(churns[place]),
            owners: log.owners,
            owners_least: None,
            fixes: Some(f64::from(log.fixes)),
            complexity_rank: Some(loadline_model::num::round9(ranks[1])),
            hotspot: Some(if log.churn == 0 { 0.0 } else { loadline_model::num::round9(ranks[0] * ranks[1]) }),
            trend: file.trend(now),
            largest_function: Some((complexities[place] / 3.2) as u32 + 1),
        };
        s.seen_until(from, until, REPOSITORY, stat);
    }
    for pair in history.pairs(files, now) {
        s.seen_until(from, until, REPOSITORY, pair);
    }
    let graph = modules::graph(files, now);
    let people = history.people(now);
    let numbers = [
        (key::HISTORY_DAYS, now.days_since(at(commits::FIRST)).floor()),
        (key::HISTORY_COMMITS, history.commits(now) as f64),
        (key::HISTORY_AUTHORS, people.authors as f64),
        (key::HISTORY_ACTIVE_AUTHORS, people.active as f64),
        (key::TRUCK_FACTOR, people.truck_factor as f64),
        (key::TRUCK_FACTOR_ACTIVE, people.truck_factor_active as f64),
        (key::ORPHANED_SHARE, people.orphaned),
        (key::CODE_LINES, there.iter().map(|n| files[*n].lines(now)).sum()),
        (key::CODE_FILES, there.len() as f64),
        (key::CODE_IMPORTS, f64::from(graph.imports)),
        (key::CODE_DOMAINS, graph.domains() as f64),
        (key::CODE_DOMAINS_IN_CYCLE, graph.domains_in_cycle() as f64),
        (key::CODE_LARGEST_CYCLE, graph.cycles.first().map_or(0, Vec::len) as f64),
        (key::CODE_CYCLIC_SHARE, graph.cyclic_share()),
    ];
    let set = |key: &str, item: Option<String>, value| loadline_model::Setting { key: key.into(), item, value };
    for (key, value) in numbers {
        s.seen_until(from, until, REPOSITORY, set(key, None, Value::Number(value)));
    }
    for (number, place) in graph.cuts() {
        let said = set(key::CODE_CYCLE_EDGE, Some(number.to_string()), Value::Text(place.into()));
        s.seen_until(from, until, REPOSITORY, said);
    }
    for module in graph.modules {
        s.seen_until(from, until, REPOSITORY, module);
    }
    coverage(s, &there.iter().map(|n| &files[*n]).collect::<Vec<_>>(), now, (from, until));
}

/// A report of the pipeline: what tests run of the whole, of what changed, and of the files that weigh most.
fn coverage(s: &mut Said, files: &[&File], now: Timestamp, (from, until): (Timestamp, Timestamp)) {
    if now < at(story::PIPELINE) {
        return;
    }
    let weeks = now.days_since(at(story::PIPELINE)) / 7.0;
    let set = |key: &str, item: Option<String>, share: f64| loadline_model::Setting {
        key: key.into(),
        item,
        value: Value::Number((share * 1000.0).round() / 1000.0),
    };
    s.call("import of a coverage report");
    s.seen_until(from, until, REPOSITORY, set(key::CODE_COVERAGE, None, 0.38 + 0.017 * weeks));
    s.seen_until(from, until, REPOSITORY, set(key::CODE_COVERAGE_CHANGED, None, 0.71 + 0.008 * weeks));
    for file in files.iter().filter(|f| f.weight >= 6.0) {
        let share = (0.24 + 0.03 * file.weight + 0.012 * weeks).min(0.93);
        s.seen_until(from, until, REPOSITORY, set(key::CODE_COVERAGE, Some(file.path.into()), share));
    }
}

/// Share of the others that are below, equals counting half.
fn rank(values: &[f64], of: usize) -> f64 {
    let value = values[of];
    let below = values.iter().filter(|v| **v < value).count() as f64;
    let equal = values.iter().filter(|v| **v == value).count().saturating_sub(1) as f64;
    (below + equal / 2.0) / (values.len().max(2) - 1) as f64
}

/// What files of the project say: tests, pipelines, images, runtimes, owners, documents; and what analysers said.
fn project(s: &mut Said) {
    s.call("files of HEAD").during(story::BEGIN, None);
    s.flag(REPOSITORY, key::HISTORY_COMPLETE, true).flag(REPOSITORY, key::CODE_DOCUMENTS_READ, true);
    s.number(REPOSITORY, key::CODE_UNMEASURED, 0.02).number(REPOSITORY, key::CODE_ROUTES, 46.0);
    s.number(REPOSITORY, key::CODE_ROUTES_SEEN, 43.0).number(REPOSITORY, key::CODE_MIGRATIONS, 14.0);
    s.item(REPOSITORY, key::CODE_LOCKED, "npm", Value::Bool(true));
    let steps = [
        (story::BEGIN, story::PAGINATION, 380.0, 0.41),
        (story::PAGINATION, story::PIPELINE, 1_940.0, 0.55),
        (story::PIPELINE, story::OBSERVED, 4_310.0, 0.64),
        (story::OBSERVED, "2099-01-01 00:00", 7_260.0, 0.82),
    ];
    for (from, until, tests, boundary) in steps {
        s.during(from, Some(until)).number(REPOSITORY, key::CODE_TEST_LINES, tests);
        s.number(REPOSITORY, key::CODE_BOUNDARY, boundary);
    }
    let runtimes = [
        ("node in api/.nvmrc", "18.19.1", story::BEGIN, story::CONTAINERS),
        ("node in web/.nvmrc", "20.11.0", story::BEGIN, story::OBSERVED),
        ("node in api/Dockerfile", "22.11.0", story::CONTAINERS, "2099-01-01 00:00"),
        ("node in web/.nvmrc", "22.11.0", story::OBSERVED, "2099-01-01 00:00"),
    ];
    for (item, version, from, until) in runtimes {
        s.during(from, Some(until)).item(REPOSITORY, key::CODE_RUNTIME, item, Value::Text(version.into()));
    }
    s.during(story::BEGIN, Some(story::CONTAINERS)).number(REPOSITORY, key::CODE_IMAGES, 0.0);
    s.during(story::CONTAINERS, None).number(REPOSITORY, key::CODE_IMAGES, 2.0);
    s.item(REPOSITORY, key::CODE_INFRASTRUCTURE, "terraform", Value::Text("terraform".into()));
    for path in ["api/Dockerfile", "web/Dockerfile"] {
        s.item(REPOSITORY, key::CODE_IMAGE_PINNED, path, Value::Bool(true));
        s.item(REPOSITORY, key::CODE_IMAGE_HEALTH_CHECK, path, Value::Bool(path.starts_with("api")));
    }
    gate(s);
    documents(s);
    debt_ratio(s);
}

/// What a change must pass, as the host says.
fn gate(s: &mut Said) {
    s.call("branch protection, workflows, CODEOWNERS").during(story::BEGIN, Some(story::PIPELINE));
    s.number(REPOSITORY, key::CODE_PIPELINES, 0.0).number(REPOSITORY, key::CHANGE_CHECKS, 0.0);
    s.number(REPOSITORY, key::CHANGE_APPROVALS, 0.0).flag(REPOSITORY, key::CODE_OWNERS_FILE, false);
    s.during(story::PIPELINE, None);
    s.number(REPOSITORY, key::CODE_PIPELINES, 2.0).flag(REPOSITORY, key::CODE_TESTS_RUN, true);
    s.number(REPOSITORY, key::CHANGE_CHECKS, 3.0).number(REPOSITORY, key::CHANGE_APPROVALS, 1.0);
    s.flag(REPOSITORY, key::CHANGE_BY_REQUEST, true).flag(REPOSITORY, key::CHANGE_BINDS_ADMINISTRATORS, true);
    for check in ["build", "lint", "test"] {
        s.item(REPOSITORY, key::CHANGE_CHECKS, check, Value::Number(1.0));
    }
    s.number(REPOSITORY, key::CHANGE_REVISIONS, 120.0);
    s.number(REPOSITORY, key::CHANGE_GREEN_SHARE, 0.94).number(REPOSITORY, key::CHANGE_PIPELINE_MINUTES, 7.0);
    s.flag(REPOSITORY, key::CODE_OWNERS_FILE, true).number(REPOSITORY, key::CODE_OWNERS_ERRORS, 0.0);
    s.number(REPOSITORY, key::CODE_OWNED_SHARE, 0.96);
}

fn documents(s: &mut Said) {
    let page = |what: &str, title: &str, path: &str, changed: &str| Document {
        what: what.into(),
        title: title.into(),
        url: Some(path.into()),
        updated_at: Some(at(changed)),
    };
    s.call("commits reachable from HEAD").during(story::BEGIN, Some(story::PIPELINE));
    s.say(REPOSITORY, page("runbook", "Deploying the api by hand", "docs/runbooks/deploy.md", "2025-06-11 10:00"));
    for (title, path, day) in [
        ("1: a managed replica set", "docs/decisions/0001-managed-database.md", story::MANAGED),
        ("2: pages with hard limits", "docs/decisions/0002-pagination.md", story::PAGINATION),
        ("3: events instead of imports between domains", "docs/decisions/0003-events.md", story::CACHE),
        ("4: blue-green with automatic rollback", "docs/decisions/0004-blue-green.md", story::PIPELINE),
    ] {
        s.during(day, None).say(REPOSITORY, page("decision_record", title, path, day));
    }
}

/// An analyser's figure: repairing against writing anew. Earlier answers stay known.
fn debt_ratio(s: &mut Said) {
    let told = [
        ("2025-12-01", 0.117),
        ("2026-03-16", 0.124),
        ("2026-05-18", 0.118),
        ("2026-07-13", 0.102),
        ("2026-08-17", 0.091),
        ("2026-10-05", 0.078),
        ("2026-11-16", 0.071),
    ];
    s.call("import of measures");
    for (n, (day, ratio)) in told.iter().enumerate() {
        let begin = format!("{day} 05:00");
        let until = told.get(n + 1).map(|(next, _)| format!("{next} 05:00"));
        let from = if at(&begin) < at(story::BEGIN) { story::BEGIN.to_owned() } else { begin };
        s.during(&from, until.as_deref()).number(REPOSITORY, key::CODE_DEBT_RATIO, *ratio);
        if let Some(next) = until {
            s.during(&next, None).item(REPOSITORY, key::CODE_DEBT_RATIO, day, Value::Number(*ratio));
        }
    }
}

/// A change request that ended in a deployment: its revision is the deployment's.
pub(super) fn changes(s: &mut Said, id: &str, revision: &str, shipped: Timestamp, by_hand: bool, draws: &mut Draws) {
    // By hand, changes waited for the day of the release; a pipeline ships each when it was reviewed.
    let (count, wait_hours, work_hours) =
        if by_hand { (2 + draws.below(4), 90, 110) } else { (1 + draws.below(2), 1, 22) };
    for n in 0..count {
        let waited = 1 + draws.below(wait_hours.max(2)) as i64;
        let merged = Timestamp(shipped.0 - waited * if by_hand { 3_600_000 } else { 600_000 });
        let opened = Timestamp(merged.0 - (20 + draws.below(work_hours * 60)) as i64 * 60_000);
        let request = ChangeRequest {
            id: format!("{id}-{n}"),
            opened_at: opened,
            merged_at: Some(merged),
            lines: Some((draws.lognormal(if by_hand { 260.0 } else { 74.0 }, 0.8)).round()),
            approvals: Some(if by_hand { 0 } else { 1 }),
            revision: (n == 0).then(|| revision.to_owned()),
            committed_at: Some(Timestamp(opened.0 - draws.below(600) as i64 * 60_000)),
        };
        s.call("pull requests").happened(merged, REPOSITORY, request);
    }
}
