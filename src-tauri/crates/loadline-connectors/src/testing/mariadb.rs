//! A real MariaDB in a temporary folder with the Performance Schema on, and its replica.

use super::{Broken, Certificate, Running, free_port, run, until};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Settings of every server here; what a test adds comes later and wins.
const SETTINGS: [&str; 6] = [
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--performance-schema=ON",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    "--max-connections=40",
];

/// A running server. `root` enters over the socket without a password.
pub struct MariadbServer {
    // Before the folder, so that the server has ended when its folder goes.
    process: Running,
    folder: TempDir,
    /// Port of 127.0.0.1.
    pub port: u16,
}

impl MariadbServer {
    /// Starts a fresh server with these options added (`--log-bin=b`, …).
    ///
    /// # Errors
    /// When MariaDB is not installed or does not start.
    pub fn start(more: &[&str]) -> Result<Self, Broken> {
        Self::launch(TempDir::new().map_err(|e| e.to_string())?, more)
    }

    /// Starts a fresh server with this certificate.
    ///
    /// # Errors
    /// When MariaDB is not installed or does not start.
    pub fn start_encrypted(certificate: &Certificate, more: &[&str]) -> Result<Self, Broken> {
        let folder = TempDir::new().map_err(|e| e.to_string())?;
        let mut options = Vec::new();
        for (from, option) in [(&certificate.certificate, "ssl-cert"), (&certificate.key, "ssl-key")] {
            let to = folder.path().join(option);
            std::fs::copy(from, &to).map_err(|e| e.to_string())?;
            options.push(format!("--{option}={}", to.display()));
        }
        let options: Vec<&str> = options.iter().map(String::as_str).chain(more.iter().copied()).collect();
        Self::launch(folder, &options)
    }

    fn launch(folder: TempDir, more: &[&str]) -> Result<Self, Broken> {
        let mut install = Command::new(program("mariadb-install-db")?);
        install.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db"]);
        let mut server = Command::new(program("mariadbd")?);
        server.arg("--no-defaults");
        // It serves as root only when told to; its own user comes with a package that would also start it.
        if is_root() {
            install.arg("--user=root");
            server.arg("--user=root");
        }
        // Servers that start side by side would remove each other's temporary files.
        install.env("TMPDIR", folder.path());
        server.env("TMPDIR", folder.path());
        let data = folder.path().join("data");
        run(install.arg(format!("--datadir={}", data.display())))?;
        let port = free_port()?;
        let log = std::fs::File::create(folder.path().join("log")).map_err(|e| e.to_string())?;
        let place = |name: &str| folder.path().join(name).display().to_string();
        server.args([
            format!("--datadir={}", data.display()),
            format!("--socket={}", place("s.sock")),
            format!("--pid-file={}", place("pid")),
            format!("--port={port}"),
        ]);
        let child =
            server.args(SETTINGS).args(more).stdout(Stdio::null()).stderr(log).spawn().map_err(|e| e.to_string())?;
        let server = Self { process: Running(child), folder, port };
        until("MariaDB did not start", 60, || server.sql("", "SELECT 1").is_ok()).map_err(|e| {
            format!("{e}: {}", std::fs::read_to_string(server.folder.path().join("log")).unwrap_or_default())
        })?;
        Ok(server)
    }

    /// Starts a replica that copies everything of this server, which must have `--log-bin` and a `--server-id`.
    ///
    /// # Errors
    /// When it does not start or does not copy.
    pub fn replica(&self, more: &[&str]) -> Result<Self, Broken> {
        let id = format!("--server-id={}", self.port);
        let options: Vec<&str> = [id.as_str()].into_iter().chain(more.iter().copied()).collect();
        let replica = Self::start(&options)?;
        self.sql("", "CREATE USER IF NOT EXISTS repl@'%' IDENTIFIED BY 'repl-secret'; GRANT REPLICATION SLAVE ON *.* TO repl@'%'")?;
        replica.sql("", &format!(
            "CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={}, MASTER_USER='repl', MASTER_PASSWORD='repl-secret', \
             MASTER_USE_GTID=slave_pos, MASTER_CONNECT_RETRY=1; START SLAVE",
            self.port
        ))?;
        let copies = || replica.sql("", "SHOW SLAVE STATUS").is_ok_and(|s| s.matches("Yes").count() >= 2);
        until("the replica does not copy", 30, copies)?;
        Ok(replica)
    }

    /// Path of the socket.
    pub fn socket(&self) -> String {
        self.folder.path().join("s.sock").display().to_string()
    }

    /// Address over TCP, without a password.
    pub fn url(&self, user: &str, database: &str) -> String {
        format!("mysql://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// Address of `root` over the socket.
    pub fn socket_url(&self, database: &str) -> String {
        format!("mysql:///{database}?socket={}&user=root", self.socket())
    }

    /// Runs SQL as `root`; rows with tabs. An empty database is none.
    ///
    /// # Errors
    /// What the client complained about.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String, Broken> {
        run(self.client(database)?.args(["-e", sql]))
    }

    /// `mariadb` of `root`, without headings; sends what stands after `-e`, or its input.
    ///
    /// # Errors
    /// When it is not installed.
    pub fn client(&self, database: &str) -> Result<Command, Broken> {
        let mut command = Command::new(program("mariadb")?);
        command.args(["--no-defaults", "--batch", "--skip-column-names", "--user=root"]);
        command.arg(format!("--socket={}", self.socket())).env_remove("MYSQL_PWD").current_dir("/");
        if !database.is_empty() {
            command.arg(format!("--database={database}"));
        }
        Ok(command)
    }

    /// Dumps everything a client can see of these databases, in a stable form.
    ///
    /// # Errors
    /// What the tool complained about.
    pub fn dump(&self) -> Result<String, Broken> {
        let mut command = Command::new(program("mariadb-dump")?);
        command.args([
            "--no-defaults",
            "--user=root",
            "--all-databases",
            "--skip-comments",
            "--skip-dump-date",
            "--skip-lock-tables",
        ]);
        run(command.arg(format!("--socket={}", self.socket())))
    }

    /// Ends the server at once, as a power cut would.
    ///
    /// # Errors
    /// When it has ended already.
    pub fn kill(&mut self) -> Result<(), Broken> {
        self.process.0.kill().and_then(|()| self.process.0.wait()).map(drop).map_err(|e| e.to_string())
    }
}

impl Drop for MariadbServer {
    fn drop(&mut self) {
        // It leaves the interrupt to debuggers; this is its own way to end.
        if matches!(self.process.0.try_wait(), Ok(None)) {
            let _ = Command::new("kill").args(["-TERM", &self.process.0.id().to_string()]).status();
        }
    }
}

fn program(name: &str) -> Result<PathBuf, Broken> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/local/sbin".into()]);
    folders.map(|p| p.join(name)).find(|p| p.exists()).ok_or_else(|| format!("{name} is not installed"))
}

fn is_root() -> bool {
    Path::new("/proc/self").metadata().is_ok_and(|own| own.uid() == 0)
}
