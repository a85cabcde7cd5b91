//! Every path of the Atlas Administration API that we ever ask for, with the role it needs: the one table from which the
//! policy is written (MongoDB documentation, "Atlas Administration API v2", version 2025-03-12).

/// A GET.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Call {
    /// Its name, written into provenance.
    pub name: &'static str,
    /// Below `/api/atlas/v2`; parts in braces are filled in.
    pub path: &'static str,
    /// What it gives.
    pub reads: &'static str,
    /// Role of the key or service account in the project.
    pub role: &'static str,
}

const READ_ONLY: &str = "GROUP_READ_ONLY";

macro_rules! calls {
    ($($name:ident: $path:literal, $reads:literal;)+) => {
        $(pub(super) static $name: Call = Call { name: stringify!($name), path: $path, reads: $reads, role: READ_ONLY };)+
        /// Every call, in the order of reading.
        pub(super) static ALL: &[&Call] = &[$(&$name),+];
    };
}

calls! {
    PROJECTS: "groups", "projects that the key may see";
    CLUSTERS: "groups/{group}/clusters", "clusters: version, members, regions, tiers, backup switches, addresses";
    PROCESSES: "groups/{group}/processes", "members: address, kind, last sign of life";
    ACCESS_LIST: "groups/{group}/accessList", "addresses that may connect";
    ALERT_RULES: "groups/{group}/alertConfigs", "alert rules and who is told";
    ALERTS: "groups/{group}/alerts", "alerts that are open now";
    SCHEDULE: "groups/{group}/clusters/{cluster}/backup/schedule", "how long backups are kept, and where copies go";
    SNAPSHOTS: "groups/{group}/clusters/{cluster}/backup/snapshots", "snapshots and whether they worked";
    RESTORES: "groups/{group}/clusters/{cluster}/backup/restoreJobs", "restores and whether they worked";
    MEASUREMENTS: "groups/{group}/processes/{process}/measurements", "CPU, connections, counters, lag and log window by hour";
    DISK: "groups/{group}/processes/{process}/disks/data/measurements", "disk use, operations and latency by hour";
    SUGGESTED: "groups/{group}/processes/{process}/performanceAdvisor/suggestedIndexes", "indexes that the Performance Advisor suggests";
    SLOW: "groups/{group}/processes/{process}/performanceAdvisor/slowQueryLogs", "slow operations, of which only the shape is kept";
}

impl Call {
    /// The path with its parts filled in; each is one segment whatever it holds.
    pub(super) fn path(&self, group: &str, of: &str) -> String {
        let segment = |text: &str| -> String {
            let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~' | b':');
            text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
        };
        let of = segment(of);
        self.path.replace("{group}", &segment(group)).replace("{cluster}", &of).replace("{process}", &of)
    }
}

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let mut lines = vec![
        "# Atlas: Project → Access Manager → Applications → Service Accounts (or API Keys) → Create".to_owned(),
        format!("#   Project Permissions: Project Read Only ({READ_ONLY}), in every project that Loadline is to read"),
        "#   API Access List: the address of the machine that runs Loadline".to_owned(),
        "# With the Atlas CLI (a key; its private half is Loadline's secret):".to_owned(),
        format!("atlas projects apiKeys create --desc loadline --role {READ_ONLY} --projectId <project>"),
        "# Loadline sends only GET, to these paths below /api/atlas/v2:".to_owned(),
    ];
    lines.extend(ALL.iter().map(|c| format!("GET {}  # {} ({})", c.path, c.reads, c.role)));
    lines.push(
        "# and, for a service account only, POST /api/oauth/token, which trades its secret for a token of an hour."
            .to_owned(),
    );
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_every_call_and_no_more_than_reading() {
        let policy = policy();
        assert!(ALL.iter().all(|c| policy.contains(c.path) && policy.contains(c.reads)));
        for too_much in ["OWNER", "DATA_ACCESS", "CLUSTER_MANAGER", "ORG_"] {
            assert!(!policy.contains(too_much), "{too_much}");
        }
    }

    #[test]
    fn a_name_stays_one_segment() {
        assert_eq!(SNAPSHOTS.path("g1", "../x y"), "groups/g1/clusters/..%2Fx%20y/backup/snapshots");
        assert_eq!(
            DISK.path("g1", "h.mongodb.net:27017"),
            "groups/g1/processes/h.mongodb.net:27017/disks/data/measurements"
        );
    }
}
