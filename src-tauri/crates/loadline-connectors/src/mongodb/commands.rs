//! Every command we ever send, with what it needs: the one table from which the least-privilege role is written, and
//! the guard that lets nothing else pass.

use ::mongodb::bson::{Bson, Document, doc};

/// What a role must have for a command to answer fully.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Need {
    /// Any user that may log in.
    Connect,
    /// `clusterMonitor`, on the deployment.
    Cluster,
    /// Statistics of every collection and index.
    Statistics,
    /// Names of collections and indexes.
    Names,
    /// `find` on `system.profile`.
    Profile,
    /// `find` on `local.oplog.rs`.
    Oplog,
    /// `find` on a collection: a plan is only explained to whom may run it.
    Read,
}

impl Need {
    /// The privilege as `createRole` takes it; `None` where nothing is to be granted, or only on purpose.
    fn privilege(self) -> Option<&'static str> {
        Some(match self {
            Need::Connect | Need::Read => return None,
            Need::Cluster => {
                r#"{ resource: { cluster: true }, actions: [ "serverStatus", "replSetGetStatus", "replSetGetConfig", "getCmdLineOpts", "inprog", "listDatabases" ] }"#
            }
            Need::Statistics => {
                r#"{ resource: { db: "", collection: "" }, actions: [ "collStats", "dbStats", "indexStats" ] }"#
            }
            Need::Names => r#"{ resource: { db: "", collection: "" }, actions: [ "listCollections", "listIndexes" ] }"#,
            Need::Profile => r#"{ resource: { db: "", collection: "system.profile" }, actions: [ "find" ] }"#,
            Need::Oplog => r#"{ resource: { db: "local", collection: "oplog.rs" }, actions: [ "find", "collStats" ] }"#,
        })
    }

    /// What gives it to `user`, of the database `database` where that matters.
    pub(super) fn grant(self, user: &str, database: &str) -> String {
        let role = |role: &str, db: &str| {
            format!("db.getSiblingDB(\"admin\").grantRolesToUser({user:?}, [ {{ role: {role:?}, db: {db:?} }} ])")
        };
        match (self, self.privilege()) {
            (Need::Read, _) => role("read", database),
            (Need::Cluster, _) => role("clusterMonitor", "admin"),
            (_, Some(privilege)) => {
                format!("db.getSiblingDB(\"admin\").grantPrivilegesToRole(\"loadline\", [ {privilege} ])")
            }
            (_, None) => "Let the user log in.".to_owned(),
        }
    }
}

/// Which member is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A secondary where one answers: what is the same everywhere.
    Copy,
    /// The primary: what counts the work of the member that is asked.
    Primary,
}

/// Which database the command is sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Within {
    Admin,
    Local,
    Database,
}

/// What a command is about.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Target<'a> {
    pub database: &'a str,
    pub collection: &'a str,
    /// A filter without values, for `explain`.
    pub filter: Option<&'a Document>,
}

impl<'a> Target<'a> {
    pub(super) fn database(database: &'a str) -> Self {
        Self { database, ..Self::default() }
    }
    pub(super) fn collection(database: &'a str, collection: &'a str) -> Self {
        Self { database, collection, filter: None }
    }
}

/// One read.
pub(super) struct Command {
    /// Its name, written into provenance.
    pub name: &'static str,
    /// What it reads, for the policy.
    pub reads: &'static str,
    /// What it needs.
    pub need: Need,
    /// Who is asked.
    pub place: Place,
    /// Where it is sent.
    pub within: Within,
    form: fn(&Target<'_>) -> Document,
}

/// Documents of one batch: a list that is longer ends here.
pub(super) const BATCH: i32 = 1000;
/// The server's own bound, below that of the connection.
const MAX_TIME_MS: i32 = 5000;

impl Command {
    /// The document that is sent.
    pub(super) fn document(&self, target: &Target<'_>) -> Document {
        let mut document = (self.form)(target);
        document.insert("maxTimeMS", MAX_TIME_MS);
        document
    }
}

/// One aggregate over the statistics of a collection, of the deployment where there is none.
fn statistics(collection: impl Into<Bson>, stages: Vec<Document>) -> Document {
    doc! { "aggregate": collection, "pipeline": stages, "cursor": { "batchSize": BATCH } }
}

fn log_end(order: i32) -> Document {
    doc! { "find": "oplog.rs", "projection": { "_id": 0, "ts": 1 }, "sort": { "$natural": order }, "limit": 1, "singleBatch": true }
}

fn profile(limit: i32, fields: &[&str]) -> Document {
    let projection: Document = fields.iter().map(|f| ((*f).to_owned(), Bson::Int32(1))).collect();
    doc! { "find": "system.profile", "projection": projection, "sort": { "$natural": -1 }, "limit": limit, "batchSize": limit, "singleBatch": true }
}

/// What of an entry of the profiler is read; `command.filter` and its like hold values, of which only the shape is kept.
const PROFILED: [&str; 32] = [
    "ts",
    "op",
    "ns",
    "millis",
    "planSummary",
    "docsExamined",
    "nreturned",
    "nModified",
    "ndeleted",
    "ninserted",
    "appName",
    "command.find",
    "command.filter",
    "command.sort",
    "command.limit",
    "command.aggregate",
    "command.pipeline",
    "command.count",
    "command.distinct",
    "command.key",
    "command.query",
    "command.findAndModify",
    "command.findandmodify",
    "command.update",
    "command.updates.q",
    "command.updates.multi",
    "command.delete",
    "command.deletes.q",
    "command.insert",
    "command.q",
    "command.u",
    "command.multi",
];

macro_rules! commands {
    ($($name:ident: $need:ident, $place:ident, $within:ident, $reads:literal, $form:expr;)+) => {
        $(pub(super) static $name: Command = Command {
            name: stringify!($name),
            reads: $reads,
            need: Need::$need,
            place: Place::$place,
            within: Within::$within,
            form: $form,
        };)+
        /// Every command, in the order of reading.
        pub(super) static ALL: &[&Command] = &[$(&$name),+];
    };
}

commands! {
    HELLO: Connect, Primary, Admin, "hello: members, primary, set", |_| doc! { "hello": 1 };
    BUILD: Connect, Primary, Admin, "buildInfo: version", |_| doc! { "buildInfo": 1 };
    WHO: Connect, Primary, Admin, "connectionStatus: our user and its roles", |_| doc! { "connectionStatus": 1 };
    CONFIGURATION: Cluster, Primary, Admin, "replSetGetConfig: votes, priorities, arbiters", |_| doc! { "replSetGetConfig": 1 };
    STATUS: Cluster, Primary, Admin, "replSetGetStatus: state and position of every member", |_| doc! { "replSetGetStatus": 1 };
    OPTIONS: Cluster, Primary, Admin, "getCmdLineOpts: addresses, authorization, TLS, journal", |_| doc! { "getCmdLineOpts": 1 };
    SERVER: Cluster, Primary, Admin, "serverStatus: connections, cache, counters, default write concern", |_| doc! {
        "serverStatus": 1, "metrics": 0, "locks": 0, "tcmalloc": 0, "mirroredReads": 0
    };
    OPERATIONS: Cluster, Primary, Admin, "currentOp: age and waits of operations, without what they ask", |_| doc! { "currentOp": 1 };
    LOG_FIRST: Oplog, Primary, Local, "local.oplog.rs: time of the first entry", |_| log_end(1);
    LOG_LAST: Oplog, Primary, Local, "local.oplog.rs: time of the last entry", |_| log_end(-1);
    LOG_SIZE: Oplog, Primary, Local, "collStats of local.oplog.rs", |_| doc! { "collStats": "oplog.rs" };
    DATABASES: Cluster, Copy, Admin, "listDatabases: names and sizes", |_| doc! { "listDatabases": 1 };
    VOLUME: Statistics, Primary, Database, "dbStats: size of the data and of its disk", |_| doc! { "dbStats": 1 };
    COLLECTIONS: Names, Copy, Database, "listCollections: names and kinds", |_| doc! { "listCollections": 1, "nameOnly": false, "cursor": { "batchSize": BATCH } };
    PROFILER: Names, Primary, Database, "listCollections: whether the profiler ever wrote", |_| doc! {
        "listCollections": 1, "nameOnly": true, "filter": { "name": "system.profile" }, "cursor": { "batchSize": BATCH }
    };
    SIZES: Statistics, Copy, Database, "collStats: documents, sizes", |t| doc! { "collStats": t.collection };
    INDEXES: Names, Copy, Database, "listIndexes: keys and options", |t| doc! { "listIndexes": t.collection, "cursor": { "batchSize": BATCH } };
    INDEX_USE: Statistics, Primary, Database, "$indexStats: uses of each index, of every member", |t| statistics(t.collection, vec![doc! { "$indexStats": {} }]);
    SCANS: Statistics, Primary, Database, "$collStats: full scans of a collection", |t| statistics(t.collection, vec![doc! { "$collStats": { "queryExecStats": {} } }]);
    PROFILE: Profile, Primary, Database, "system.profile: the newest 1000 entries; of filters only the shape is kept", |_| profile(BATCH, &PROFILED);
    PROFILE_NEWEST: Profile, Primary, Database, "system.profile: time of the newest entry", |_| profile(1, &["ts"]);
    QUERY_STATS: Cluster, Primary, Admin, "$queryStats: query shapes and counters, where the server keeps them", |_| statistics(1, vec![doc! { "$queryStats": {} }]);
    PLAN: Read, Copy, Database, "explain (queryPlanner): the plan of a recorded shape, nothing is run", |t| doc! {
        "explain": { "find": t.collection, "filter": t.filter.cloned().unwrap_or_default() }, "verbosity": "queryPlanner"
    };
}

/// Verbs that pass the door.
const VERBS: [&str; 16] = [
    "aggregate",
    "buildInfo",
    "collStats",
    "connectionStatus",
    "currentOp",
    "dbStats",
    "explain",
    "find",
    "getCmdLineOpts",
    "hello",
    "listCollections",
    "listDatabases",
    "listIndexes",
    "replSetGetConfig",
    "replSetGetStatus",
    "serverStatus",
];

/// The guard before every send: an allow-listed verb, an aggregate of one statistics stage, a find of the profiler or
/// the log's ends, an explain that runs nothing.
pub(super) fn is_allowed(command: &Document) -> bool {
    let Some((verb, of)) = command.iter().next() else { return false };
    match verb.as_str() {
        "aggregate" => {
            let stages = command.get_array("pipeline").map(Vec::as_slice).unwrap_or_default();
            let [Bson::Document(stage)] = stages else { return false };
            let first = stage.keys().next().map(String::as_str);
            stage.len() == 1 && matches!(first, Some("$indexStats" | "$collStats" | "$queryStats"))
        }
        "find" => {
            let known = matches!(of.as_str(), Some("system.profile" | "oplog.rs"));
            known
                && command.contains_key("projection")
                && command.contains_key("limit")
                && !command.contains_key("filter")
        }
        "explain" => {
            let inner = of.as_document().and_then(|d| d.keys().next());
            inner.is_some_and(|k| k == "find") && command.get_str("verbosity").is_ok_and(|v| v == "queryPlanner")
        }
        other => VERBS.contains(&other),
    }
}

/// The role and user that answer every command above, as mongosh takes it.
pub(super) fn policy() -> String {
    let mut needs: Vec<Need> = ALL.iter().map(|c| c.need).collect();
    needs.sort();
    needs.dedup();
    let privileges: Vec<String> = needs.iter().filter_map(|n| n.privilege()).map(|p| format!("    {p}")).collect();
    let mut lines = vec![
        "// Role for Loadline, in mongosh: reads statistics and names, no document of any collection of yours.".to_owned(),
        "db.getSiblingDB(\"admin\").createRole({".to_owned(),
        "  role: \"loadline\",".to_owned(),
        "  privileges: [".to_owned(),
        privileges.join(",\n"),
        "  ],".to_owned(),
        "  roles: [ { role: \"clusterMonitor\", db: \"admin\" } ]".to_owned(),
        "})".to_owned(),
        "db.getSiblingDB(\"admin\").createUser({ user: \"loadline\", pwd: passwordPrompt(), roles: [ { role: \"loadline\", db: \"admin\" } ] })".to_owned(),
        "// On Atlas: Database Access, a custom role with the same actions, or the built-in role clusterMonitor.".to_owned(),
        "// Only where the profiler records no plans: lets a shape be explained, and would let documents be read.".to_owned(),
        format!("// {}", Need::Read.grant("loadline", "your_database")),
        "// What is sent, each with maxTimeMS 5000, at most two connections to one member at a time:".to_owned(),
    ];
    lines.extend(ALL.iter().map(|c| format!("//   {}: {}", c.name.to_lowercase(), c.reads)));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_passes_and_is_bounded() {
        let filter = doc! { "a": Bson::Null };
        for command in ALL {
            // Names come from the server: a hostile one stays a value.
            let target = Target { database: "d", collection: "$out", filter: Some(&filter) };
            let document = command.document(&target);
            assert!(is_allowed(&document), "{}: {document}", command.name);
            assert_eq!(document.get_i32("maxTimeMS").ok(), Some(MAX_TIME_MS), "{}", command.name);
            let text = document.to_string();
            for word in ["$merge", "$where", "$function", "$accumulator"] {
                assert!(!text.contains(word), "{} says {word}", command.name);
            }
        }
    }

    #[test]
    fn nothing_else_passes() {
        let check = |command: Document| assert!(!is_allowed(&command), "{command}");
        for verb in [
            "insert",
            "update",
            "delete",
            "drop",
            "dropDatabase",
            "createIndexes",
            "getLog",
            "shutdown",
            "setParameter",
            "profile",
            "eval",
            "mapReduce",
            "renameCollection",
            "createUser",
            "killOp",
            "fsync",
            "replSetReconfig",
            "HELLO",
            "",
        ] {
            check(doc! { verb: 1, "hello": 1 });
        }
        check(doc! {});
        check(doc! { "find": "orders", "projection": { "a": 1 }, "limit": 1 });
        check(doc! { "find": "system.profile", "limit": 1 });
        check(doc! { "aggregate": "orders", "pipeline": [{ "$match": {} }] });
        check(doc! { "aggregate": "orders", "pipeline": [{ "$indexStats": {} }, { "$out": "stolen" }] });
        check(doc! { "aggregate": "orders", "pipeline": [{ "$indexStats": {}, "$merge": "x" }] });
        check(doc! { "aggregate": "orders", "pipeline": [] });
        check(doc! { "explain": { "find": "orders" }, "verbosity": "executionStats" });
        check(doc! { "explain": { "delete": "orders" }, "verbosity": "queryPlanner" });
    }

    #[test]
    fn there_is_one_door() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/mongodb");
        let mut doors = Vec::new();
        for entry in std::fs::read_dir(folder).expect("the folder").flatten() {
            let path = entry.path();
            if path.extension().is_none_or(|e| e != "rs") || path.ends_with("commands.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("a source file");
            let code: Vec<&str> = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect();
            let code = code.join("\n");
            for way in [
                ".run_command(",
                ".run_raw_command(",
                ".run_cursor_command(",
                ".collection::<",
                ".aggregate(",
                ".bulk_write(",
                ".list_collection",
                ".watch(",
            ] {
                doors.extend(code.matches(way).map(|w| (path.file_name().map(|n| n.to_os_string()), w.to_owned())));
            }
        }
        assert_eq!(doors.len(), 1, "{doors:?}");
        assert!(
            doors.iter().all(|(file, way)| file.as_ref().is_some_and(|f| f == "session.rs") && way == ".run_command(")
        );
    }

    #[test]
    fn the_policy_names_every_need_and_every_command() {
        let policy = policy();
        for wanted in [
            "createRole",
            "clusterMonitor",
            "indexStats",
            "system.profile",
            "oplog.rs",
            "listIndexes",
            "passwordPrompt()",
        ] {
            assert!(policy.contains(wanted), "{wanted}");
        }
        assert!(ALL.iter().all(|c| policy.contains(&c.name.to_lowercase()) && policy.contains(c.reads)));
        for too_much in ["root", "readWrite", "dbAdmin", "\"insert\"", "\"update\"", "anyAction", "readAnyDatabase"] {
            assert!(!policy.contains(too_much), "{too_much}");
        }
    }
}
