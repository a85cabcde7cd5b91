//! AWS accounts from end to end: built by the vendor's own client on an emulator, read and judged by the real program.

mod accounts;
mod between;
mod denied;
mod documented;
mod large;
mod misfortune;
mod routes;
mod shapes;

use crate::program::{Home, Said, ok, root};
use between::{Between, Turn};
use loadline_connectors::testing::MotoServer;
use serde_json::Value;

const KEY: (&str, &str) = ("AWS_ACCEPTANCE_SECRET", "canary-77ab02");

/// An emulated account and a home that is connected to it.
struct Estate {
    home: Home,
    // Before the emulator, so that nobody asks what has ended.
    _between: Between,
    _moto: MotoServer,
}

/// Text of one of the scripts that build accounts.
fn script(name: &str) -> String {
    let path = root().join("tests/accounts").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// An emulator with the account that a script builds; `given` are lines before it.
fn built(name: &str, given: &str) -> MotoServer {
    let moto = MotoServer::start().expect("moto");
    moto.script(&format!("{}\n{given}\n{}", script("base.py"), script(name))).expect("an account");
    moto
}

/// Connects a home to an address as an account `aws` in Ireland.
fn connect(home: &Home, url: &str, settings: &[&str]) {
    let endpoint = format!("endpoint_url={url}");
    let mut words = vec!["connect", "aws", "--name", "aws", "--environment", "production", "--secret-env", KEY.0];
    for setting in [endpoint.as_str(), "access_key_id=AKIDACCEPTANCE", "regions=eu-west-1"].iter().chain(settings) {
        words.extend(["--set", setting]);
    }
    ok(&home.run(&words).expect("runs"), &[0]);
}

impl Estate {
    fn new(name: &str, given: &str, turn: Turn) -> Self {
        let moto = built(name, given);
        let between = Between::start(moto.port, turn);
        let home = Home::new().expect("a home");
        connect(&home, &between.server.url(), &[]);
        Self { home, _between: between, _moto: moto }
    }
    /// Collects, and what follows from it.
    fn assessed(&self) -> Assessed {
        ok(&self.home.run_with(&["collect"], &[KEY]).expect("runs"), &[0, 3]);
        Assessed::of(&self.home)
    }
}

/// What the program says of a home.
struct Assessed(Value);

impl Assessed {
    fn of(home: &Home) -> Self {
        let said = home.run(&["assess", "--json"]).expect("runs");
        ok(&said, &[0]);
        Self(said.json().expect("json"))
    }
    fn list(&self, name: &str) -> &[Value] {
        self.0[name].as_array().unwrap_or_else(|| panic!("no {name}"))
    }
    /// Names of the single points of failure, in order of names.
    fn spofs(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.list("spofs").iter().filter_map(|s| s["subject"]["name"].as_str()).collect();
        names.sort_unstable();
        names
    }
    /// `RULE subject` of the findings of these families that fail, in order.
    fn failing(&self, families: &[&str]) -> Vec<String> {
        self.with("fail", families)
    }
    /// What the account refused or answered wrongly, without the calls that only the emulator does not know.
    fn unread(&self) -> Vec<&Value> {
        let unknown = |g: &&Value| text(&g["closes"]).contains("if this endpoint is not AWS itself");
        self.list("gaps").iter().filter(|g| g["account"] == "aws" && !unknown(g)).collect()
    }
    fn with(&self, result: &str, families: &[&str]) -> Vec<String> {
        let of = |f: &&Value| {
            let rule = f["rule"].as_str().unwrap_or_default();
            f["result"] == result && families.iter().any(|family| rule.starts_with(family))
        };
        let line = |f: &Value| format!("{} {}", text(&f["rule"]), text(&f["subject"]["name"]));
        let mut lines: Vec<String> = self.list("findings").iter().filter(of).map(line).collect();
        lines.sort();
        lines
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Names of everything that the newest snapshot of a home holds.
fn known(home: &Home) -> Vec<String> {
    use loadline_engine::workspace::{AsOf, Place, Workspace};
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let path = home.path("data/loadline/workspace.loadline");
    let case = runtime.block_on(async {
        let workspace =
            Workspace::open(&Place::Own(loadline_engine::Location::Sqlite(path))).await.expect("a workspace");
        let case = workspace.case(&AsOf::Newest).await.expect("a case").expect("a snapshot");
        workspace.close().await;
        case
    });
    let index = loadline_model::FactIndex::new(&case.snapshot);
    index.resources().map(|(_, resource)| resource.name.clone()).collect()
}
