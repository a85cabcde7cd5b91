//! Every command we ever send: the one table from which the least-privilege user is written. A command is built here or
//! not at all; its arguments are a number, a key or a name, and settings come from a list that holds no secret.

/// What a command takes besides its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// Nothing.
    Nothing,
    /// A cursor.
    Cursor,
    /// The number of a database.
    Database,
    /// The name of a key.
    Key,
    /// What a Sentinel calls the primary.
    Name,
    /// One of [`SETTINGS`].
    Setting,
}

/// An argument of the kind that a command takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Argument<'a> {
    /// For commands that take none.
    None,
    /// Cursor or database.
    Number(u64),
    /// A key, as bytes.
    Key(&'a [u8]),
    /// A primary's name.
    Name(&'a str),
    /// A setting.
    Setting(&'static str),
}

/// The settings that are asked for. `CONFIG GET *` would carry passwords.
pub(super) const SETTINGS: [&str; 8] = [
    "maxmemory",
    "maxmemory-policy",
    "save",
    "appendonly",
    "maxclients",
    "slowlog-log-slower-than",
    "slowlog-max-len",
    "min-replicas-to-write",
];

/// Where a command is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Servers that hold data.
    Data,
    /// Sentinels.
    Sentinel,
    /// Both.
    Both,
}

/// One read.
#[derive(Debug)]
pub(super) struct Command {
    /// Its name, written into provenance.
    pub name: &'static str,
    /// Sent before the argument.
    pub words: &'static [&'static str],
    /// Sent after the argument.
    pub tail: &'static [&'static str],
    /// Which argument.
    pub takes: Takes,
    /// Where it is understood.
    pub at: At,
    /// Least version, as [`version`] counts.
    pub since: u32,
    /// The rule that allows it.
    pub rule: &'static str,
    /// What it reads, for the policy and for gaps.
    pub reads: &'static str,
}

impl Command {
    /// The words to send; `None` when the argument is of another kind than the command takes.
    pub(super) fn with(&self, argument: Argument<'_>) -> Option<Vec<Vec<u8>>> {
        let argument = match (self.takes, argument) {
            (Takes::Nothing, Argument::None) => None,
            (Takes::Cursor | Takes::Database, Argument::Number(n)) => Some(n.to_string().into_bytes()),
            (Takes::Key, Argument::Key(key)) => Some(key.to_vec()),
            (Takes::Name, Argument::Name(name)) => Some(name.as_bytes().to_vec()),
            (Takes::Setting, Argument::Setting(name)) if SETTINGS.contains(&name) => Some(name.as_bytes().to_vec()),
            _ => return None,
        };
        let bytes = |words: &[&str]| words.iter().map(|w| w.as_bytes().to_vec()).collect::<Vec<_>>();
        Some(bytes(self.words).into_iter().chain(argument).chain(bytes(self.tail)).collect())
    }
}

/// `7.0.15` as 70015; what cannot be read is 0.
pub(super) fn version(text: &str) -> u32 {
    let mut parts = text.split(['.', '-']).map(|p| p.parse::<u32>().unwrap_or(0).min(99));
    let mut next = || parts.next().unwrap_or(0);
    next() * 10_000 + next() * 100 + next()
}

macro_rules! commands {
    ($($name:ident: [$($word:literal),+] $takes:ident [$($tail:literal),*], $at:ident $since:literal, $rule:literal, $reads:literal;)+) => {
        $(pub(super) static $name: Command = Command {
            name: stringify!($name),
            words: &[$($word),+],
            tail: &[$($tail),*],
            takes: Takes::$takes,
            at: At::$at,
            since: $since,
            rule: $rule,
            reads: $reads,
        };)+
        /// Every command, in the order of reading.
        pub(super) static ALL: &[&Command] = &[$(&$name),+];
    };
}

commands! {
    INFO: ["INFO"] Nothing [], Both 0, "+info", "INFO: version, memory, persistence, clients, replication, key counts";
    COMMAND_STATS: ["INFO", "commandstats"] Nothing [], Data 20600, "+info", "INFO commandstats: calls and time of each command";
    WHO_AM_I: ["ACL", "WHOAMI"] Nothing [], Both 60000, "+acl|whoami", "ACL WHOAMI: the name of our own user";
    CONFIG: ["CONFIG", "GET"] Setting [], Data 0, "+config|get", "CONFIG GET of memory, persistence, client and slow-log settings";
    CLIENTS: ["CLIENT", "LIST"] Nothing [], Data 20400, "+client|list", "CLIENT LIST: how many Sentinels watch";
    SLOW_LOG: ["SLOWLOG", "GET", "128"] Nothing [], Data 0, "+slowlog|get", "SLOWLOG GET: command words, times and key patterns, no arguments";
    CLUSTER_INFO: ["CLUSTER", "INFO"] Nothing [], Data 30000, "+cluster|info", "CLUSTER INFO: the state of a Redis Cluster";
    CLUSTER_NODES: ["CLUSTER", "NODES"] Nothing [], Data 30000, "+cluster|nodes", "CLUSTER NODES: shards and their copies";
    NO_TOUCH: ["CLIENT", "NO-TOUCH", "ON"] Nothing [], Data 70200, "+client|no-touch", "CLIENT NO-TOUCH: our look at a key does not count as its use";
    SELECT: ["SELECT"] Database [], Data 0, "+select", "SELECT: which database the sample is of";
    SCAN: ["SCAN"] Cursor ["COUNT", "100"], Data 20800, "+scan", "SCAN: names of at most 1000 keys, kept as patterns";
    TYPE: ["TYPE"] Key [], Data 0, "+type", "TYPE of the sampled keys";
    MEMORY_USAGE: ["MEMORY", "USAGE"] Key [], Data 40000, "+memory|usage", "MEMORY USAGE of the sampled keys";
    LENGTH: ["LLEN"] Key [], Data 70200, "+llen", "LLEN of sampled queues: how many jobs wait; only where our look does not count as a use";
    MASTERS: ["SENTINEL", "MASTERS"] Nothing [], Sentinel 20800, "+sentinel|masters", "SENTINEL MASTERS: watched primaries and their quorum";
    REPLICAS: ["SENTINEL", "REPLICAS"] Name [], Sentinel 50000, "+sentinel|replicas", "SENTINEL REPLICAS: copies of a primary";
    SENTINELS: ["SENTINEL", "SENTINELS"] Name [], Sentinel 20800, "+sentinel|sentinels", "SENTINEL SENTINELS: the other Sentinels";
    CHECK_QUORUM: ["SENTINEL", "CKQUORUM"] Name [], Sentinel 30200, "+sentinel|ckquorum", "SENTINEL CKQUORUM: whether a failover would be agreed on now";
}

fn rules(at: At, newest: u32) -> String {
    let mut rules: Vec<&str> = Vec::new();
    for command in ALL.iter().filter(|c| (c.at == at || c.at == At::Both) && c.since <= newest) {
        if !rules.contains(&command.rule) {
            rules.push(command.rule);
        }
    }
    rules.join(" ")
}

/// The least-privilege users that answer every command above.
pub(super) fn policy() -> String {
    let newer: Vec<&&Command> = ALL.iter().filter(|c| c.since > 70_000).collect();
    let mut lines = vec![
        "# User for Loadline (Redis 6 or newer, Valkey): reads statistics, settings and names of keys, no value of any key."
            .to_owned(),
        format!("ACL SETUSER loadline on >choose-one resetkeys ~* -@all {}", rules(At::Data, 70_000)),
    ];
    lines.extend(newer.iter().map(|c| {
        let (major, minor) = (c.since / 10_000, c.since / 100 % 100);
        format!("# From version {major}.{minor}:\nACL SETUSER loadline {}", c.rule)
    }));
    lines.push("# On each Sentinel (6.2 or newer), where its password is asked for:".to_owned());
    lines.push(format!("ACL SETUSER loadline on >choose-one -@all {}", rules(At::Sentinel, 70_000)));
    lines.push(
        "# Keep it with ACL SAVE or CONFIG REWRITE. Before version 6 there is only the one password of requirepass."
            .to_owned(),
    );
    lines.push("# What is read:".to_owned());
    lines.extend(ALL.iter().map(|c| format!("#   {}", c.reads)));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Redis's own documentation marks as read-only or as a setting of the own connection. Anything else fails.
    const HARMLESS: [&str; 18] = [
        "INFO",
        "INFO commandstats",
        "ACL WHOAMI",
        "CONFIG GET",
        "CLIENT LIST",
        "SLOWLOG GET 128",
        "CLUSTER INFO",
        "CLUSTER NODES",
        "CLIENT NO-TOUCH ON",
        "SELECT",
        "SCAN",
        "TYPE",
        "MEMORY USAGE",
        "LLEN",
        "SENTINEL MASTERS",
        "SENTINEL REPLICAS",
        "SENTINEL SENTINELS",
        "SENTINEL CKQUORUM",
    ];

    #[test]
    fn commands_only_read() {
        let sent: Vec<String> = ALL.iter().map(|c| c.words.join(" ")).collect();
        assert_eq!(sent, HARMLESS);
        for setting in SETTINGS {
            assert!(!setting.contains("pass") && !setting.contains("auth") && !setting.contains('*'), "{setting}");
        }
    }

    #[test]
    fn only_the_argument_a_command_takes_is_sent() {
        let arguments = [
            Argument::None,
            Argument::Number(7),
            Argument::Key(b"k\r\nFLUSHALL"),
            Argument::Name("m"),
            Argument::Setting("maxmemory"),
        ];
        for command in ALL {
            let built = arguments.iter().filter(|a| command.with(**a).is_some()).count();
            assert_eq!(built, 1, "{} takes one kind of argument", command.name);
            for words in arguments.iter().filter_map(|a| command.with(*a)) {
                let said = usize::from(command.takes != Takes::Nothing);
                assert_eq!(words.len(), command.words.len() + said + command.tail.len(), "{}", command.name);
            }
        }
        assert_eq!(CONFIG.with(Argument::Setting("requirepass")), None);
        assert_eq!(CONFIG.with(Argument::Setting("*")), None);
        assert_eq!(CONFIG.with(Argument::Key(b"*")), None);
    }

    #[test]
    fn the_policy_allows_every_command_and_nothing_else() {
        let policy = policy();
        let mut allowed: Vec<&str> = policy
            .lines()
            .filter(|l| l.starts_with("ACL SETUSER"))
            .flat_map(|l| l.split(' '))
            .filter(|w| w.starts_with('+'))
            .collect();
        allowed.sort_unstable();
        allowed.dedup();
        let mut needed: Vec<&str> = ALL.iter().map(|c| c.rule).collect();
        needed.sort_unstable();
        needed.dedup();
        assert_eq!(allowed, needed);
        assert!(ALL.iter().all(|c| policy.contains(c.reads)));
        assert!(!policy.contains("+@") && policy.contains("-@all"));
    }

    #[test]
    fn versions() {
        assert_eq!(version("7.0.15"), 70_015);
        assert_eq!(version("2.8"), 20_800);
        assert_eq!(version("7.4.0-rc1"), 70_400);
        assert_eq!(version("nothing"), 0);
    }
}
