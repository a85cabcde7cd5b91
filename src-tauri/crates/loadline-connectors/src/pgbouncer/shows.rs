//! Every command we ever send to the console. All of them only show; the console's others change or stop it.

/// One command.
#[derive(Debug)]
pub(super) struct Show {
    /// Its name, written into provenance.
    pub name: &'static str,
    /// What is sent.
    pub command: &'static str,
    /// What it tells, for the policy.
    pub tells: &'static str,
}

macro_rules! shows {
    ($($name:ident: $command:literal, $tells:literal;)+) => {
        $(pub(super) static $name: Show = Show { name: stringify!($name), command: $command, tells: $tells };)+
        /// Every command, in the order of reading.
        pub(super) static ALL: &[&Show] = &[$(&$name),+];
    };
}

shows! {
    VERSION: "SHOW VERSION", "the version";
    CONFIG: "SHOW CONFIG", "limits, pool mode and sizes";
    DATABASES: "SHOW DATABASES", "the databases it stands before, their pool sizes and modes";
    POOLS: "SHOW POOLS", "clients waiting and connections in use, by database and user";
    STATS: "SHOW STATS", "transactions and time waited since its start, by database";
    CLIENTS: "SHOW CLIENTS", "the number of clients; their addresses are not kept";
}

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let mut lines = vec![
        "; A user for Loadline who may look at the console and change nothing.".to_owned(),
        "; pgbouncer.ini, section [pgbouncer] (then RELOAD):".to_owned(),
        "stats_users = loadline".to_owned(),
        "; auth_file (userlist.txt), or a role that auth_query finds:".to_owned(),
        "\"loadline\" \"choose one\"".to_owned(),
        "; What is read, over the simple protocol:".to_owned(),
    ];
    lines.extend(ALL.iter().map(|s| format!(";   {}: {}", s.command, s.tells)));
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_only_show() {
        for show in ALL {
            let words: Vec<&str> = show.command.split(' ').collect();
            assert!(
                matches!(words.as_slice(), ["SHOW", one] if one.chars().all(|c| c.is_ascii_uppercase())),
                "{show:?}"
            );
            assert!(policy().contains(show.command), "{show:?}");
        }
        assert!(!policy().contains("admin_users"), "no more than needed");
    }
}
