//! What archives the log, as far as its command names a known tool. Only the tool's name leaves the server: the command may
//! hold addresses and credentials.

use super::server::Settings;

/// Words of commands and libraries, and the tool they mean.
const TOOLS: [(&str, &str); 9] = [
    ("pgbackrest", "pgBackRest"),
    ("wal-g", "WAL-G"),
    ("wal_g", "WAL-G"),
    ("wal-e", "WAL-E"),
    ("barman", "barman"),
    ("pg_probackup", "pg_probackup"),
    ("pghoard", "PGHoard"),
    ("basic_archive", "basic_archive"),
    ("rsync", "rsync"),
];
/// Commands that report success and keep nothing.
const NOTHING: [&str; 7] = ["true", "/bin/true", "/usr/bin/true", ":", "exit 0", "cd .", "rem"];

/// How the log is archived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Archive {
    /// Segments are kept by this tool; `command` where it is not a known one.
    By(&'static str),
    /// Switched off, or to a command that keeps nothing.
    Off,
}

/// From the settings; `None` where they do not show it.
pub(super) fn of(settings: &Settings) -> Option<Archive> {
    let value = |name: &str| settings.get(name).map(|s| s.value.trim());
    if value("archive_mode")? == "off" {
        return Some(Archive::Off);
    }
    let (command, library) =
        (value("archive_command").unwrap_or_default(), value("archive_library").unwrap_or_default());
    if NOTHING.contains(&command.to_ascii_lowercase().as_str()) && library.is_empty() {
        return Some(Archive::Off);
    }
    let said = format!("{command} {library}").to_ascii_lowercase();
    let known = TOOLS.iter().find(|(word, _)| said.contains(word));
    Some(Archive::By(known.map_or("command", |(_, tool)| tool)))
}

#[cfg(test)]
mod tests {
    use super::super::server::Configured;
    use super::*;

    #[test]
    fn tools_are_known_by_their_commands() {
        let check = |mode: &str, command: &str, expected: Option<Archive>| {
            let one = |name: &str, value: &str| {
                (name.to_owned(), Configured { value: value.to_owned(), ..Configured::default() })
            };
            let settings = [one("archive_mode", mode), one("archive_command", command)].into_iter().collect();
            assert_eq!(of(&settings), expected, "{command}");
        };
        check("on", "pgbackrest --stanza=main archive-push %p", Some(Archive::By("pgBackRest")));
        check("on", "envdir /etc/wal-g /usr/bin/wal-g wal-push %p", Some(Archive::By("WAL-G")));
        check("always", "barman-wal-archive backup pg %p", Some(Archive::By("barman")));
        check("on", "cp %p /mnt/archive/%f", Some(Archive::By("command")));
        check("on", "/bin/true", Some(Archive::Off));
        check("off", "(disabled)", Some(Archive::Off));
        assert_eq!(of(&Settings::new()), None);
    }
}
