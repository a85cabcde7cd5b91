//! A real PgBouncer in a temporary folder, before a PostgreSQL of ours.

use super::postgres::{folder, owned, owner};
use super::{Broken, Certificate, PostgresServer, Running, free_port, until};
use std::net::TcpStream;
use std::os::unix::fs::chown;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A running pooler. `stats` may look, `admin` may do everything; both with the password `<name>-secret`.
pub struct PgBouncerServer {
    // Before the folder, so that the pooler has ended when its folder goes.
    _process: Running,
    _folder: TempDir,
    /// Port of 127.0.0.1.
    pub port: u16,
}

impl PgBouncerServer {
    /// Starts a pooler with these lines in its section `[databases]`; `{port}` stands for the server's port. The user
    /// `app` exists on both with the password `app-secret`.
    ///
    /// # Errors
    /// When PgBouncer is not installed or does not start.
    pub fn start(server: &PostgresServer, databases: &str, more: &str) -> Result<Self, Broken> {
        Self::launch(folder()?, server, databases, more)
    }

    /// Starts a pooler without databases that lets in encrypted connections only.
    ///
    /// # Errors
    /// When PgBouncer is not installed or does not start.
    pub fn start_encrypted(server: &PostgresServer, certificate: &Certificate) -> Result<Self, Broken> {
        let folder = folder()?;
        for (from, name) in [(&certificate.certificate, "own.crt"), (&certificate.key, "own.key")] {
            let to = folder.path().join(name);
            std::fs::copy(from, &to).map_err(|e| e.to_string())?;
            if let Some((user, group)) = owner() {
                chown(&to, Some(user), Some(group)).map_err(|e| e.to_string())?;
            }
        }
        let place = folder.path().display().to_string();
        let files = format!("client_tls_cert_file = {place}/own.crt\nclient_tls_key_file = {place}/own.key");
        Self::launch(folder, server, "", &format!("client_tls_sslmode = require\n{files}"))
    }

    fn launch(folder: TempDir, server: &PostgresServer, databases: &str, more: &str) -> Result<Self, Broken> {
        let port = free_port()?;
        let file = |name: &str| folder.path().join(name);
        let databases = databases.replace("{port}", &server.port.to_string());
        let place = folder.path().display();
        let ini = format!(
            "[databases]\n{databases}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\n\
             unix_socket_dir =\nauth_type = plain\nauth_file = {place}/users\nadmin_users = admin\nstats_users = stats\n\
             logfile = {place}/log\n{more}\n"
        );
        let users = ["admin", "stats", "app", "nobody"].map(|u| format!("\"{u}\" \"{u}-secret\"\n")).concat();
        std::fs::write(file("ini"), ini)
            .and_then(|()| std::fs::write(file("users"), users))
            .map_err(|e| e.to_string())?;
        let mut command = owned(Command::new(program()));
        command.arg(file("ini")).current_dir("/").stdout(Stdio::null()).stderr(Stdio::null());
        let process = Running(command.spawn().map_err(|e| format!("pgbouncer: {e}"))?);
        let answers = || TcpStream::connect(("127.0.0.1", port)).is_ok();
        until("PgBouncer did not start", 20, answers)
            .map_err(|e| format!("{e}: {}", std::fs::read_to_string(file("log")).unwrap_or_default()))?;
        Ok(Self { _process: process, _folder: folder, port })
    }

    /// Address of the console.
    pub fn url(&self, user: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/pgbouncer", self.port)
    }
}

/// Debian puts it where only administrators look.
fn program() -> &'static str {
    ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer"]
        .into_iter()
        .find(|p| std::path::Path::new(p).exists())
        .unwrap_or("pgbouncer")
}
