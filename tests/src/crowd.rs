//! A workspace of many things, for looking at the failure map: systems of an entry, a balancer, a service over two zones and its
//! stores, some of them with a copy.

use crate::program::Home;
use anyhow::Result;
use loadline_engine::collect::take_snapshot;
use loadline_engine::{Location, Place, Workspace, clock};
use loadline_model::{
    Account, Basis, Body, Confidence, Edge, Environment, Fact, Kind, Provenance, Relation, Resource, Scope,
    ScopeStatus, SubjectId,
};

/// Things of one system.
const SYSTEM: usize = 10;

/// Fills a home's workspace with about this many things and takes a snapshot.
///
/// # Errors
/// What the store says.
pub async fn fill(home: &Home, things: usize) -> Result<()> {
    let folder = home.path("data/loadline");
    std::fs::create_dir_all(&folder)?;
    let workspace = Workspace::open(&Place::Own(Location::Sqlite(folder.join("workspace.loadline")))).await?;
    let store = workspace.store()?;
    let account = Account {
        id: "shop".into(),
        provider: "prometheus".into(),
        name: "shop".into(),
        config: [("url".to_owned(), "http://127.0.0.1:9".to_owned())].into(),
        secret: None,
        environment: Some(Environment::Production),
        connected_at: clock::now(),
        disconnected_at: None,
        names_changed_at: None,
    };
    store.save_account(&account).await?;
    let mut crowd = Crowd { account, facts: Vec::new() };
    for zone in ["a", "b", "c"] {
        crowd.is(Kind::Zone, &format!("eu-west-1{zone}"));
    }
    (0..things.div_ceil(SYSTEM)).for_each(|n| crowd.system(n));
    let collection = store.begin_collection(&crowd.account.id, clock::now()).await?;
    let scope = Scope {
        name: "all".into(),
        status: ScopeStatus::Complete,
        finished_at: clock::now(),
        inventories: Vec::new(),
        facts: crowd.facts,
        gaps: Vec::new(),
    };
    store.commit_scope(&collection, &scope).await?;
    store.finish_collection(&collection, clock::now(), &Default::default()).await?;
    take_snapshot(&workspace).await?;
    workspace.close().await;
    Ok(())
}

struct Crowd {
    account: Account,
    facts: Vec<Fact>,
}

impl Crowd {
    fn say(&mut self, subject: &str, body: impl Into<Body>) {
        let provenance = Provenance {
            account: self.account.id.clone(),
            call: "crowd".into(),
            read_at: clock::now(),
            basis: Basis::Configured,
        };
        self.facts.push(Fact { subject: SubjectId::new(subject), body: body.into(), provenance });
    }

    fn is(&mut self, kind: Kind, name: &str) {
        let region = Some("eu-west-1".to_owned());
        let required_members = (kind == Kind::Service).then_some(1);
        self.say(name, Resource { region, required_members, ..Resource::new(kind, name) });
    }

    fn leads(&mut self, from: &str, relation: Relation, to: &str) {
        self.say(from, Edge { relation, to: to.into(), confidence: Confidence::Declared });
    }

    fn system(&mut self, n: usize) {
        const WORDS: [&str; 8] = ["checkout", "search", "feed", "chat", "billing", "media", "login", "reports"];
        let word = format!("{}-{n}", WORDS[n % WORDS.len()]);
        let name = |part: &str| format!("{word}-{part}");
        let (front, api, db, cache, jobs, worker) =
            (name("lb"), name("api"), name("db"), name("cache"), name("jobs"), name("worker"));
        let site = format!("{word}.shop.example");
        for (kind, name) in [
            (Kind::Dns, &site),
            (Kind::LoadBalancer, &front),
            (Kind::Service, &api),
            (Kind::Database, &db),
            (Kind::Cache, &cache),
            (Kind::Queue, &jobs),
            (Kind::Service, &worker),
        ] {
            self.is(kind, name);
        }
        let hard = Relation::DependsOn { hard: true };
        self.leads(&site, Relation::Serves, &front);
        self.leads(&front, Relation::Serves, &api);
        self.leads(&api, hard, &db);
        self.leads(&api, Relation::DependsOn { hard: false }, &cache);
        self.leads(&api, Relation::Publishes, &jobs);
        self.leads(&worker, Relation::Consumes, &jobs);
        self.leads(&worker, hard, &db);
        // Every fourth system runs in one zone; the others are spread.
        for (at, service) in [(0, &api), (1, &api), (2, &worker)] {
            let member = format!("{service}-{at}");
            self.is(Kind::Instance, &member);
            self.leads(&member, Relation::MemberOf, service);
            let zone = if n.is_multiple_of(4) { "a" } else { ["a", "b", "c"][(at + n) % 3] };
            self.leads(&member, Relation::RunsIn, &format!("eu-west-1{zone}"));
        }
        if n.is_multiple_of(3) {
            let copy = name("db-copy");
            self.is(Kind::Database, &copy);
            let automatic = Some(n.is_multiple_of(2));
            self.leads(&db, Relation::ReplicatedTo { synchronous: None, automatic }, &copy);
        }
        // Systems call their neighbour, as they do.
        if n > 0 {
            let before = format!("{}-{}-api", WORDS[(n - 1) % WORDS.len()], n - 1);
            self.leads(&api, Relation::DependsOn { hard: n.is_multiple_of(5) }, &before);
        }
        let journey = format!("journey:{word}");
        self.say(&journey, Resource::new(Kind::Journey, word.clone()));
        self.leads(&journey, Relation::Needs, &api);
    }
}
