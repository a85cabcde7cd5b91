//! The command line: one file per subcommand. `--json` output carries its schema; errors are one sentence with a stable code
//! on stderr; a terminal sees progress, a pipe does not.

mod accounts;
mod answer;
mod assess;
mod collect;
mod connect;
mod databases;
mod debt;
mod debt_costs;
mod decide;
mod demo;
mod deployments;
mod housekeeping;
mod import;
mod incidents;
mod json;
mod names;
mod objectives;
mod print;
mod report;
mod review;
mod roadmap;
mod rules;
mod secret;
mod show;
mod team;
mod test_runs;

use clap::{Parser, Subcommand};
use loadline_engine::workspace::AsOf;
use loadline_engine::{EngineError, Place, Workspace, people, settings};
use std::process::ExitCode;

/// How much load your backend can carry before it sinks.
#[derive(Parser)]
#[command(name = "loadline", version, about, long_about = None, max_term_width = 110, after_help = EXAMPLES)]
struct Args {
    /// Workspace: `demo`, a file, or postgres://…  [default: LOADLINE_WORKSPACE, else the platform's data folder]
    #[arg(long, global = true, value_name = "WHERE")]
    workspace: Option<String>,
    /// Print JSON with a schema instead of text
    #[arg(long, global = true)]
    json: bool,
    /// Keep the names of persons in reports and JSON; without it they get pseudonyms, the same every time
    #[arg(long, global = true)]
    with_names: bool,
    /// Look at an earlier snapshot: a date, an ISO week, or a name of the demo (before, midway, after)
    #[arg(long, global = true, value_name = "WHEN")]
    as_of: Option<String>,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Without arguments the window opens.

Examples:
  loadline demo --json                                    assess the embedded demo
  loadline connect postgres --url postgres://ro@db/app --secret-env DB_PASSWORD
  loadline connect aws --profile prod --region eu-west-1   then: loadline test aws
  loadline policy aws --format terraform                  the role that Loadline needs
  loadline collect && loadline assess                     read every account once, then judge
  loadline report --format pdf -o diligence.pdf

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 done with gaps, or other model version; 4 --fail-on reached; 130 interrupted.";

#[derive(Subcommand)]
enum Command {
    /// Open the window on the embedded demo (--json: assess it instead)
    Demo,
    /// Add an account
    Connect(Box<connect::Connect>),
    /// List accounts and their health
    Accounts,
    /// Delete an account's secret; its history stays, its checks become unknown
    Disconnect(accounts::One),
    /// Try an account: each permission ✓ or ✗
    Test(accounts::One),
    /// Change settings of an account that is connected
    Configure(names::Configure),
    /// Show or set what an account calls the metrics it is asked for
    Names(names::Names),
    /// Print the least-privilege policy of a provider
    Policy(accounts::Policy),
    /// Read every account once; Ctrl-C keeps what was read
    Collect(collect::Collect),
    /// Judge the newest snapshot
    Assess(assess::Assess),
    /// List findings
    Findings(show::Findings),
    /// List single points of failure
    Spofs,
    /// Show readiness, coverage and gates
    Score,
    /// Show what breaks first
    Capacity,
    /// Show databases: top statements over time, index advice, connections, growth of tables
    Databases(databases::Databases),
    /// Show objectives: what is left of their error budgets and how fast they burn
    Objectives,
    /// Show what debt costs: principal, interest, payback; hotspots and who knows the code
    Debt(debt::Debt),
    /// Show or change the plan
    Roadmap(roadmap::Roadmap),
    /// List, record or import deployments
    Deployments(deployments::Deployments),
    /// List incidents, or record by hand what no account tells of
    Incidents(incidents::Incidents),
    /// List load tests and drills, or record what one showed
    Tests(test_runs::Tests),
    /// Import what other tools measured: SARIF, coverage, SonarQube, PagerDuty, Opsgenie
    Import(import::Import),
    /// Show before/after comparisons
    Compare(show::Compare),
    /// List what could not be read, and what would close each gap
    Gaps,
    /// Accept a finding's risk until a date
    Accept(decide::Accept),
    /// State that two ids are one thing
    Link(decide::Link),
    /// Take a link back
    Unlink(decide::Unlink),
    /// State the tier of things (t0, t1, t2, or `read` to derive it again)
    Tier(decide::Tier),
    /// State the environment of things (production, staging, development, or `read`)
    Environment(decide::Environment),
    /// State who operates things (provider, self, or `read`)
    Operated(decide::Operated),
    /// State that one thing depends on another
    Depends(decide::Depends),
    /// Answer what no account knows: on-call, who holds which right, unplanned work, migrations
    Answer(answer::Answer),
    /// List, set or remove journeys
    Journeys(decide::Journeys),
    /// Show or set the team and its share for this work
    Team(team::Team),
    /// Show or set thresholds, schedule, retention, zone
    Settings(team::Settings),
    /// Print the log of decisions, or undo one
    Decisions(decide::Decisions),
    /// What changed and why, as Markdown
    Review(review::Review),
    /// Write a report
    Report(report::Report),
    /// Compute every number of a bundle again
    Verify(report::Verify),
    /// Print the catalog of rules with thresholds and their sources
    Rules(rules::Rules),
    /// Write a backup of the workspace
    Backup(housekeeping::File),
    /// Restore a backup into the workspace
    Restore(housekeeping::File),
    /// Delete everything an account ever said
    Forget(accounts::One),
    /// Write a diagnostics file without secrets
    Diagnostics(housekeeping::File),
    /// Print the licences of the parts
    Licences,
}

/// How a subcommand ends: an exit code other than failure.
type Ended = Result<u8, EngineError>;

/// What every subcommand is given.
struct Asked {
    place: Place,
    as_of: AsOf,
    json: bool,
    with_names: bool,
}

impl Asked {
    async fn open(&self) -> Result<Workspace, EngineError> {
        Workspace::open(&self.place).await
    }

    /// The assessment that is meant, or a sentence that says how to get one.
    async fn assessment(&self) -> Result<loadline_model::Assessment, EngineError> {
        self.assessed(&self.open().await?, &self.as_of).await
    }

    /// The assessment of a snapshot, for who reads the answer.
    async fn assessed(&self, workspace: &Workspace, as_of: &AsOf) -> Result<loadline_model::Assessment, EngineError> {
        let made = if self.hides_persons() {
            people::assessment(workspace, as_of).await?
        } else {
            workspace.assessment(as_of).await?
        };
        made.ok_or_else(no_snapshot)
    }

    /// The log of decisions, for who reads the answer.
    async fn log(&self, workspace: &Workspace, as_of: &AsOf) -> Result<Vec<loadline_model::Decision>, EngineError> {
        let hidden = self.hides_persons() || !settings::load(workspace).await?.persons;
        if hidden { people::log(workspace, as_of).await } else { workspace.decisions().await }
    }

    /// Text is read by the one who asks; JSON is made to be passed on.
    fn hides_persons(&self) -> bool {
        self.json && !self.with_names
    }
}

fn no_snapshot() -> EngineError {
    EngineError::new(
        "nothing_collected",
        "This workspace has no snapshot yet, so there is nothing to judge. Run `loadline collect`, or look at the demo: `loadline assess --workspace demo`.",
    )
}

/// Runs the command line.
pub(crate) fn run() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    if matches!(args.command, Command::Demo) && !args.json {
        return crate::window::open(Place::Demo);
    }
    let asked = Asked {
        place: Place::parse(args.workspace.or_else(|| std::env::var("LOADLINE_WORKSPACE").ok()).as_deref()),
        as_of: AsOf::parse(args.as_of.as_deref()),
        json: args.json,
        with_names: args.with_names,
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("loadline: the runtime could not start: {error} (runtime_failed)");
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(dispatch(args.command, &asked));
    // A connector that hangs in a system call must not keep an interrupted program alive.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    match ended {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("loadline: {error}");
            ExitCode::from(if USAGE_CODES.contains(&error.code.as_str()) { 2 } else { 1 })
        }
    }
}

/// Errors of the words typed, not of the world.
const USAGE_CODES: &[&str] = &[
    "secret_in_argv",
    "wrong_usage",
    "unknown_provider",
    "missing_setting",
    "unknown_setting",
    "invalid_config",
    "unknown_format",
    "unknown_snapshot",
    "invalid_setting",
];

async fn dispatch(command: Command, asked: &Asked) -> Ended {
    match command {
        Command::Demo => demo::assess(asked).await,
        Command::Connect(words) => connect::run(*words, asked).await,
        Command::Accounts => accounts::list(asked).await,
        Command::Disconnect(one) => accounts::disconnect(one, asked).await,
        Command::Test(one) => accounts::test(one, asked).await,
        Command::Configure(words) => names::configure(words, asked).await,
        Command::Names(words) => names::run(words, asked).await,
        Command::Policy(words) => accounts::policy(&words),
        Command::Collect(words) => collect::run(words, asked).await,
        Command::Assess(words) => assess::run(&words, asked).await,
        Command::Findings(words) => show::findings(&words, asked).await,
        Command::Spofs => show::spofs(asked).await,
        Command::Score => show::score(asked).await,
        Command::Capacity => show::capacity(asked).await,
        Command::Databases(words) => databases::run(&words, asked).await,
        Command::Objectives => objectives::run(asked).await,
        Command::Debt(words) => debt::run(&words, asked).await,
        Command::Roadmap(words) => roadmap::run(words, asked).await,
        Command::Deployments(words) => deployments::run(words, asked).await,
        Command::Incidents(words) => incidents::run(words, asked).await,
        Command::Tests(words) => test_runs::run(words, asked).await,
        Command::Import(words) => import::run(words, asked).await,
        Command::Compare(words) => show::compare(&words, asked).await,
        Command::Gaps => show::gaps(asked).await,
        Command::Accept(words) => decide::accept(words, asked).await,
        Command::Link(words) => decide::link(words, asked).await,
        Command::Unlink(words) => decide::unlink(words, asked).await,
        Command::Tier(words) => decide::tier(words, asked).await,
        Command::Environment(words) => decide::environment(words, asked).await,
        Command::Operated(words) => decide::operated(words, asked).await,
        Command::Depends(words) => decide::depends(words, asked).await,
        Command::Answer(words) => answer::run(words, asked).await,
        Command::Journeys(words) => decide::journeys(words, asked).await,
        Command::Team(words) => team::team(words, asked).await,
        Command::Settings(words) => team::settings(words, asked).await,
        Command::Decisions(words) => decide::decisions(words, asked).await,
        Command::Review(words) => review::run(&words, asked).await,
        Command::Report(words) => report::run(words, asked).await,
        Command::Verify(words) => report::verify(&words, asked),
        Command::Rules(words) => rules::run(&words, asked),
        Command::Backup(file) => housekeeping::backup(&file, asked).await,
        Command::Restore(file) => housekeeping::restore(&file, asked).await,
        Command::Forget(one) => accounts::forget(one, asked).await,
        Command::Diagnostics(file) => housekeeping::diagnostics(&file, asked).await,
        Command::Licences => housekeeping::licences(asked),
    }
}

fn wrong_usage(message: impl Into<String>) -> EngineError {
    EngineError::new("wrong_usage", message)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_consistent_and_documented() {
        let command = super::Args::command();
        command.clone().debug_assert();
        for sub in command.get_subcommands() {
            assert!(sub.get_about().is_some(), "{} has no help", sub.get_name());
        }
    }
}
