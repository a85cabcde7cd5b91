//! A server that says exactly what a test tells it to, including what no decent server would.

use super::Broken;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// A listening server; each connection is answered once, in its own thread.
pub struct ScriptedServer {
    address: SocketAddr,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ScriptedServer {
    /// Answers with a function of the request line and headers (then, after an empty line, the body when there is one),
    /// which writes what it likes.
    ///
    /// # Errors
    /// When no port is free.
    pub fn start(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> Result<Self, Broken> {
        let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| e.to_string())?;
        let address = listener.local_addr().map_err(|e| e.to_string())?;
        let stopped = Arc::new(AtomicBool::new(false));
        let (answer, stop) = (Arc::new(answer), stopped.clone());
        let thread = std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let answer = answer.clone();
                std::thread::spawn(move || converse(connection, answer.as_ref()));
            }
        });
        Ok(Self { address, stopped, thread: Some(thread) })
    }

    /// Answers every request with this text.
    ///
    /// # Errors
    /// When no port is free.
    pub fn saying(text: String) -> Result<Self, Broken> {
        Self::start(move |_, stream| respond(stream, "200 OK", "", &text))
    }

    /// `host:port`.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// Writes a whole answer; `headers` end with a line end each. A client that went away is none of our business.
pub(crate) fn respond(stream: &mut TcpStream, status: &str, headers: &str, body: &str) {
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n{headers}\r\n{body}");
    let _ = std::io::Write::write_all(stream, text.as_bytes());
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn converse(mut stream: TcpStream, answer: &(dyn Fn(&str, &mut TcpStream) + Send + Sync)) {
    let Ok(copy) = stream.try_clone() else { return };
    let (mut head, mut reader) = (String::new(), BufReader::new(copy));
    for line in reader.by_ref().lines() {
        match line {
            Ok(line) if !line.is_empty() => head.push_str(&(line + "\n")),
            _ => break,
        }
    }
    let lengths =
        head.lines().filter_map(|l| l.to_ascii_lowercase().strip_prefix("content-length:")?.trim().parse().ok());
    if let Some(length) = lengths.max().filter(|n: &usize| *n > 0) {
        // What is left unread would reset the connection before the answer arrives.
        let mut body = vec![0; length.min(1 << 20)];
        let _ = reader.read_exact(&mut body);
        head.push_str(&format!("\n{}", String::from_utf8_lossy(&body)));
    }
    answer(&head, &mut stream);
}
