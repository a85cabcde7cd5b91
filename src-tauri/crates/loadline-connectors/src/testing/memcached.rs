//! A real memcached on a free port.

use super::{Broken, Running, free_port, until};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

/// A running server.
pub struct MemcachedServer {
    _process: Running,
    /// Port of 127.0.0.1.
    pub port: u16,
}

impl MemcachedServer {
    /// Starts a server with these arguments added.
    ///
    /// # Errors
    /// When memcached is not installed or does not start.
    pub fn start(more: &[&str]) -> Result<Self, Broken> {
        let port = free_port()?;
        let child = Command::new("memcached")
            .args(["-l", "127.0.0.1", "-U", "0", "-u", "nobody", "-p", &port.to_string()])
            .args(more)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| format!("memcached: {e}"))?;
        let server = Self { _process: Running(child), port };
        until("memcached did not start", 20, || TcpStream::connect(("127.0.0.1", port)).is_ok())?;
        Ok(server)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("memcached://127.0.0.1:{}", self.port)
    }

    /// Sends lines of the text protocol, and `version` to know the end; what was answered before it.
    ///
    /// # Errors
    /// When the connection fails.
    pub fn send(&self, lines: &str) -> Result<String, Broken> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).map_err(|e| e.to_string())?;
        let mut reader = BufReader::new(stream.try_clone().map_err(|e| e.to_string())?);
        let asked = format!("{lines}version\r\n").into_bytes();
        // Written beside the reading, so that a full buffer of answers does not hold both.
        let writer = std::thread::spawn(move || stream.write_all(&asked));
        let mut told = String::new();
        loop {
            let mut line = String::new();
            match reader.read_line(&mut line) {
                Ok(0) => return Err("memcached closed the connection".to_owned()),
                Ok(_) if line.starts_with("VERSION") => break,
                Ok(_) => told.push_str(&line),
                Err(e) => return Err(e.to_string()),
            }
        }
        writer.join().map_err(|_| "the writer failed".to_owned())?.map_err(|e| e.to_string())?;
        Ok(told)
    }
}
