//! A server that says exactly what a test tells it to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What was asked, over all connections.
pub(super) type Asked = Arc<Mutex<Vec<Vec<String>>>>;

/// A listening server; it lives as long as the test's process, in threads that only wait.
pub(super) struct Fake {
    pub(super) port: u16,
    pub(super) asked: Asked,
}

impl Fake {
    /// Answers each command by a function of its words; `None` closes the connection.
    pub(super) fn start(answer: impl Fn(&[String]) -> Option<Vec<u8>> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (asked, answer) = (Asked::default(), Arc::new(answer));
        let log = asked.clone();
        std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (answer, log) = (answer.clone(), log.clone());
                std::thread::spawn(move || converse(connection, answer.as_ref(), &log));
            }
        });
        Self { port, asked }
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

/// Text as a bulk answer.
pub(super) fn bulk(text: &str) -> Vec<u8> {
    format!("${}\r\n{text}\r\n", text.len()).into_bytes()
}

fn converse(mut stream: TcpStream, answer: &(dyn Fn(&[String]) -> Option<Vec<u8>> + Send + Sync), log: &Asked) {
    let mut reader = BufReader::new(stream.try_clone().expect("a copy"));
    while let Some(words) = words(&mut reader) {
        log.lock().expect("no test panics while it holds this").push(words.clone());
        let Some(bytes) = answer(&words) else { return };
        if stream.write_all(&bytes).is_err() {
            return;
        }
    }
}

fn words(reader: &mut BufReader<TcpStream>) -> Option<Vec<String>> {
    let mut number = |mark: char| {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        line.trim().strip_prefix(mark)?.parse::<usize>().ok()
    };
    let count = number('*')?;
    let mut words = Vec::new();
    for _ in 0..count {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let size: usize = line.trim().strip_prefix('$')?.parse().ok()?;
        let mut bytes = vec![0; size + 2];
        reader.read_exact(&mut bytes).ok()?;
        words.push(String::from_utf8_lossy(&bytes[..size]).into_owned());
    }
    Some(words)
}
