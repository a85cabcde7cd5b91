//! Keys about source text and its history.

keys! {
    /// Every setting key about code.
    CODE:
    // Code, said of a repository.
    /// number: lines of code in languages that are measured, tests left out.
    CODE_LINES = "code.lines";
    /// number: lines of code of tests.
    CODE_TEST_LINES = "code.test_lines";
    /// number: source files that were measured, tests left out.
    CODE_FILES = "code.files";
    /// number (0–1): share of source files that could not be measured: other languages, too long, not text.
    CODE_UNMEASURED = "code.unmeasured_share";
    /// number: routes of web frameworks that were recognised.
    CODE_ROUTES = "code.routes";
    /// number: of those, the ones whose handler is in the same file.
    CODE_ROUTES_SEEN = "code.routes_seen";
    /// number: places where an idiom was recognised, the untold included; item = word of the idiom.
    CODE_IDIOMS = "code.idioms";
    /// number: domains that the layout shows.
    CODE_DOMAINS = "code.domains";
    /// number (0–1): 1 − imports past a domain's interface / imports between domains.
    CODE_BOUNDARY = "code.boundary_score";
    /// number: imports that lead to another module of the repository.
    CODE_IMPORTS = "code.imports_resolved";
    /// number (0–1): share of the lines of code that lies in modules which import each other in circles.
    CODE_CYCLIC_SHARE = "code.cyclic_share";
    /// number: modules of the largest circle; 0 without one.
    CODE_LARGEST_CYCLE = "code.largest_cycle";
    /// number: most domains in one circle; 0 without one.
    CODE_DOMAINS_IN_CYCLE = "code.domains_in_cycle";
    /// text: import with which cutting a circle begins, as path and line; item = number of the circle.
    CODE_CYCLE_EDGE = "code.cycle_edge";
    /// text: a language whose imports are not enough to draw the graph; item = language.
    CODE_GRAPH_PARTIAL = "code.graph_partial";
    /// bool: a lock file pins what is installed; item = ecosystem whose manifests all have one beside or above them, or
    /// `npm in api/package.json`, which has none.
    CODE_LOCKED = "code.locked";
    /// text: version of a language's runtime; item = `python`, `node`, … and the file that names it.
    CODE_RUNTIME = "code.runtime";
    /// number: libraries at one version each that lock files pin; item = ecosystem as OSV names it, such as `PyPI`.
    CODE_PACKAGES = "code.packages";
    /// text: why not every library of a manifest or lock file is known; item = its path.
    CODE_PACKAGES_MISSING = "code.packages_missing";
    /// number: of the libraries that are pinned, those compared with advisories; item = ecosystem.
    CODE_PACKAGES_COMPARED = "code.packages_compared";
    /// number: of the compared ones, those for which an advisory exists whose versions cannot be put in order with the used one,
    /// so that nobody knows whether it is affected; item = ecosystem.
    CODE_PACKAGES_UNORDERED = "code.packages_unordered";
    /// bool: the advisories of a folder on this machine were read; off where a file of it could not be read or a limit was reached.
    CODE_ADVISORIES_READ = "code.advisories_read";
    /// number: advisories of that folder about an ecosystem, 0 none; item = ecosystem.
    CODE_ADVISORIES = "code.advisories";
    /// text: day of the newest change of these advisories, such as `2026-08-24`; item = ecosystem.
    CODE_ADVISORIES_NEWEST = "code.advisories_newest";
    /// number: advisories that are open for pinned libraries, one hole of one library at one version once, the untold included.
    CODE_ADVISORIES_OPEN = "code.advisories_open";
    /// text: version of a framework whose maker says how long it is supported; item = framework and the file that pins it.
    CODE_FRAMEWORK = "code.framework";
    /// number (days): mean time since the release of the used version, over the libraries that are asked for directly and whose
    /// lock file says the day; item = ecosystem. These are no libyears: a newer version need not exist.
    CODE_RELEASE_AGE = "code.release_age_days";
    /// number (days): the longest of these times; item = ecosystem.
    CODE_RELEASE_AGE_OLDEST = "code.release_age_oldest_days";
    /// number: Dockerfiles of programs that are deployed.
    CODE_IMAGES = "code.images";
    /// bool: every base of an image names a version or digest; item = path of the Dockerfile.
    CODE_IMAGE_PINNED = "code.image_pinned";
    /// bool: an image runs as root; item = path of the Dockerfile.
    CODE_IMAGE_ROOT = "code.image_root";
    /// bool: an image says how to see whether it is well; item = path of the Dockerfile.
    CODE_IMAGE_HEALTH_CHECK = "code.image_health_check";
    /// number: files of pipelines.
    CODE_PIPELINES = "code.pipelines";
    /// bool: a step of a pipeline runs tests.
    CODE_TESTS_RUN = "code.tests_run";
    /// bool: a step of a pipeline measures speed: a load test or a benchmark.
    CODE_SPEED_MEASURED = "code.speed_measured";
    /// bool: one of these steps ends badly when something became slower.
    CODE_SPEED_STOPS = "code.speed_stops";
    /// number: files that are load tests; item = tool.
    CODE_LOAD_TESTS = "code.load_tests";
    /// text: a tool in which infrastructure is written down; item = tool.
    CODE_INFRASTRUCTURE = "code.infrastructure";
    /// number: migrations of schemas.
    CODE_MIGRATIONS = "code.migrations";
    /// bool: a CODEOWNERS file exists.
    CODE_OWNERS_FILE = "code.owners_file";
    /// number: lines of CODEOWNERS that name no owner a host understands.
    CODE_OWNERS_ERRORS = "code.owners_errors";
    /// number (0–1): share of the source files, measured or not, that CODEOWNERS gives an owner.
    CODE_OWNED_SHARE = "code.owned_share";
    /// bool: folders of runbooks and decision records were looked for in the whole tree.
    CODE_DOCUMENTS_READ = "code.documents_read";
    /// number: domains of the layout whose source writes a table in SQL text, 1 where the layout shows none; item = table, in
    /// lower case without its schema.
    CODE_TABLE_WRITERS = "code.table_writers";
    /// number: domains whose source reads a table in SQL text and does not write it; item as above.
    CODE_TABLE_READERS = "code.table_readers";
    /// number (0–1): cost of repairing what an analyser found over the cost of writing the code anew (30 minutes a line);
    /// item = day of an earlier analysis, such as `2026-08-24`.
    CODE_DEBT_RATIO = "code.debt_ratio";
    /// number (0–1): share of the lines that tests run, as a coverage report says; item = path of a file.
    CODE_COVERAGE = "code.coverage";
    /// number (0–1): the same of the lines that changed.
    CODE_COVERAGE_CHANGED = "code.coverage_changed";
    // How a change gets onto the branch that is shipped, said of a repository.
    /// number: checks that must pass before a change lands; 0 none; item = the name of one, `pipeline` or `builds` where a host
    /// requires all that ran.
    CHANGE_CHECKS = "change.required_checks";
    /// number: approvals that a change needs before it lands; 0 none.
    CHANGE_APPROVALS = "change.required_approvals";
    /// bool: nothing lands but through a change request.
    CHANGE_BY_REQUEST = "change.by_request_only";
    /// bool: what is pushed straight to the branch must have passed the checks too; false where they bind merges alone.
    CHANGE_CHECKS_BIND_PUSHES = "change.checks_bind_pushes";
    /// bool: these rules hold for administrators too.
    CHANGE_BINDS_ADMINISTRATORS = "change.binds_administrators";
    /// number (0–1): share of the shipped branch's revisions of 28 days for which every pipeline ended well.
    CHANGE_GREEN_SHARE = "change.green_share";
    /// number: revisions that this share is of.
    CHANGE_REVISIONS = "change.revisions";
    /// number (minutes): median time from the start of a pipeline to its end, in 28 days.
    CHANGE_PIPELINE_MINUTES = "change.pipeline_minutes";
    /// number: people and teams who may let a deployment pass; item = environment.
    CHANGE_GATEKEEPERS = "change.gatekeepers";
    // What a host counts of delivery by rules of its own, over 90 days, said of what is deployed; item = the host's name.
    /// number: good production deployments a week.
    DELIVERY_TOLD_PER_WEEK = "delivery.told.per_week";
    /// number (hours): median from the merge of a change to its deployment.
    DELIVERY_TOLD_LEAD = "delivery.told.lead_hours";
    /// number: incidents over deployments.
    DELIVERY_TOLD_FAILURES = "delivery.told.failure_rate";
    /// number (hours): median time that an incident was open.
    DELIVERY_TOLD_RECOVERY = "delivery.told.recovery_hours";
    /// number (days): how far back the history of commits was read.
    HISTORY_DAYS = "history.days";
    /// bool: the history is whole: no shallow clone, no limit reached.
    HISTORY_COMPLETE = "history.complete";
    /// number: commits of people in 12 months, merges left out.
    HISTORY_COMMITS = "history.commits_12m";
    /// number: authors of 24 months.
    HISTORY_AUTHORS = "history.authors";
    /// number: of those, the ones with a commit in the last 90 days.
    HISTORY_ACTIVE_AUTHORS = "history.active_authors";
    /// number: authors whose loss leaves more than half of the files without anybody who knows them.
    TRUCK_FACTOR = "history.truck_factor";
    /// number: the same counting only authors with a commit in the last 90 days; 0 when that is so already.
    TRUCK_FACTOR_ACTIVE = "history.truck_factor_active";
    /// number: authors of 24 months that may be one person under several names or addresses, which nothing joins.
    HISTORY_AUTHORS_ALIKE = "history.authors_alike";
    /// number: the truck factor of active authors if those who may be one person are one; said where some may be.
    TRUCK_FACTOR_ALIKE = "history.truck_factor_alike";
    /// number (0–1): share of the files changed in 24 months that no active author knows.
    ORPHANED_SHARE = "history.orphaned_share";
}
