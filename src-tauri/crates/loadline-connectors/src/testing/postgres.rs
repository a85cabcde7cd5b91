//! A real PostgreSQL in a temporary folder, with `pg_stat_statements` preloaded; and its streaming standby.

use super::{Broken, Certificate, Running, free_port, run, until};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

const CONFIGURATION: &str = "shared_preload_libraries = 'pg_stat_statements'\nwal_level = replica\nfsync = on\n\
    log_min_duration_statement = 200\nmax_connections = 40\nlisten_addresses = '127.0.0.1'\nautovacuum_naptime = 5s\n";

const INITDB: [&str; 6] =
    ["-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256", "--encoding=UTF8", "--locale=C"];

/// A running server. Superuser `postgres` enters over the socket without a password; over TCP passwords are asked.
pub struct PostgresServer {
    // Before the folder, so that the server has ended when its folder goes.
    _process: Running,
    folder: TempDir,
    /// Port of 127.0.0.1 and of the socket.
    pub port: u16,
}

impl PostgresServer {
    /// Starts a fresh cluster with these lines added to its configuration.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start(more: &str) -> Result<Self, Broken> {
        let folder = folder()?;
        let data = folder.path().join("data");
        run(tool("initdb")?.arg("-D").arg(&data).args(INITDB))?;
        Self::launch(folder, &format!("{CONFIGURATION}{more}\n"))
    }

    /// Starts a fresh cluster that speaks TLS with this certificate, and over TCP nothing else.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start_encrypted(certificate: &Certificate) -> Result<Self, Broken> {
        let folder = folder()?;
        let data = folder.path().join("data");
        run(tool("initdb")?.arg("-D").arg(&data).args(INITDB))?;
        for (from, name) in [(&certificate.certificate, "server.crt"), (&certificate.key, "server.key")] {
            let to = data.join(name);
            std::fs::copy(from, &to).map_err(|e| e.to_string())?;
            if let Some((user, group)) = owner() {
                chown(&to, Some(user), Some(group)).map_err(|e| e.to_string())?;
            }
        }
        let entries = "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n";
        std::fs::write(data.join("pg_hba.conf"), entries).map_err(|e| e.to_string())?;
        Self::launch(folder, &format!("{CONFIGURATION}ssl = on\n"))
    }

    /// Starts a fresh cluster that has given out so many transaction ids already, as years of traffic would leave it.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start_aged(more: &str, next_id: u32) -> Result<Self, Broken> {
        let folder = folder()?;
        let data = folder.path().join("data");
        run(tool("initdb")?.arg("-D").arg(&data).args(INITDB))?;
        run(tool("pg_resetwal")?.args(["-x", &next_id.to_string(), "-D"]).arg(&data))?;
        // The state of each transaction takes two bits, a file holds 32 pages of them; this one would exist by now.
        let file = data.join("pg_xact").join(format!("{:04X}", next_id / (32 * 8_192 * 4)));
        std::fs::write(&file, vec![0; 32 * 8_192]).map_err(|e| e.to_string())?;
        if let Some((user, group)) = owner() {
            chown(&file, Some(user), Some(group)).map_err(|e| e.to_string())?;
        }
        Self::launch(folder, &format!("{CONFIGURATION}{more}\n"))
    }

    /// Starts a standby that streams from this server through the slot `stand1`.
    ///
    /// # Errors
    /// When the base backup or the start fails.
    pub fn standby(&self) -> Result<Self, Broken> {
        let folder = folder()?;
        let from = format!("host={} port={} user=postgres application_name=stand1", self.socket(), self.port);
        let flags = ["-c", "fast", "-R", "-C", "-S", "stand1", "-X", "stream", "-d", &from];
        run(tool("pg_basebackup")?.arg("-D").arg(folder.path().join("data")).args(flags))?;
        Self::launch(folder, "")
    }

    fn launch(folder: TempDir, configuration: &str) -> Result<Self, Broken> {
        let data = folder.path().join("data");
        let port = free_port()?;
        let place = format!("\nport = {port}\nunix_socket_directories = '{}'\n", folder.path().display());
        let file = data.join("postgresql.conf");
        let old = std::fs::read_to_string(&file).map_err(|e| e.to_string())?;
        std::fs::write(&file, old + "\n" + configuration + &place).map_err(|e| e.to_string())?;
        let log = std::fs::File::create(folder.path().join("log")).map_err(|e| e.to_string())?;
        let mut command = tool("postgres")?;
        let child =
            command.arg("-D").arg(&data).stdout(Stdio::null()).stderr(log).spawn().map_err(|e| e.to_string())?;
        let server = Self { _process: Running(child), folder, port };
        until("PostgreSQL did not start", 30, || server.sql("postgres", "SELECT 1").is_ok()).map_err(|e| {
            format!("{e}: {}", std::fs::read_to_string(server.folder.path().join("log")).unwrap_or_default())
        })?;
        Ok(server)
    }

    /// Folder of the socket.
    pub fn socket(&self) -> String {
        self.folder.path().display().to_string()
    }

    /// Address over TCP, without a password.
    pub fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// Address of the superuser over the socket.
    pub fn socket_url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&port={}&user=postgres", self.socket(), self.port)
    }

    /// Runs SQL as superuser; unaligned rows.
    ///
    /// # Errors
    /// What psql complained about.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String, Broken> {
        run(run_psql(&self.socket(), self.port)?.args(["-d", database, "-c", sql]))
    }

    /// Runs one of PostgreSQL's tools as superuser against this server.
    ///
    /// # Errors
    /// What the tool complained about.
    pub fn tool(&self, name: &str, arguments: &[&str]) -> Result<String, Broken> {
        let port = self.port.to_string();
        run(tool(name)?.args(["-h", &self.socket(), "-p", &port, "-U", "postgres"]).args(arguments))
    }
}

/// `psql` of the superuser, quiet, unaligned, stopping at the first error.
///
/// # Errors
/// When it is not installed.
pub fn run_psql(socket: &str, port: u16) -> Result<Command, Broken> {
    let mut command = tool("psql")?;
    command.args([
        "-X",
        "-q",
        "-A",
        "-t",
        "-v",
        "ON_ERROR_STOP=1",
        "-U",
        "postgres",
        "-h",
        socket,
        "-p",
        &port.to_string(),
    ]);
    Ok(command)
}

/// One of PostgreSQL's programs, newest installed version, run as its owner where we are root: it refuses root.
fn tool(name: &str) -> Result<Command, Broken> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = versions.map(|v| v.path().join("bin").join(name)).filter(|p| p.exists()).collect();
    found.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path = || std::env::split_paths(&path).map(|p| p.join(name)).find(|p| p.exists());
    let program = found.pop().or_else(in_path).ok_or_else(|| format!("{name} is not installed"))?;
    let mut command = owned(Command::new(program));
    command.env_remove("PGPASSWORD").env_remove("PGHOST").current_dir("/");
    Ok(command)
}

/// The command, run as `postgres` where we are root.
pub(super) fn owned(mut command: Command) -> Command {
    if let Some((user, group)) = owner() {
        command.uid(user).gid(group);
    }
    command
}

pub(super) fn folder() -> Result<TempDir, Broken> {
    let folder = TempDir::new().map_err(|e| e.to_string())?;
    if let Some((user, group)) = owner() {
        chown(folder.path(), Some(user), Some(group)).map_err(|e| e.to_string())?;
    }
    Ok(folder)
}

/// User and group `postgres`, when we are root.
pub(super) fn owner() -> Option<(u32, u32)> {
    if Path::new("/proc/self").metadata().ok()?.uid() != 0 {
        return None;
    }
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let line = users.lines().find(|l| l.starts_with("postgres:"))?;
    let mut fields = line.split(':').skip(2).map(str::parse);
    Some((fields.next()?.ok()?, fields.next()?.ok()?))
}
