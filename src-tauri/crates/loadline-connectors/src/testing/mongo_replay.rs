//! A server that speaks just enough of MongoDB's wire protocol to answer commands with recorded documents: for what no
//! server that can be had answers, such as a replica set of three.
//!
//! Messages are those of the MongoDB manual, "Wire Protocol": `OP_MSG`, and `OP_QUERY` with `OP_REPLY` for the greeting.

use super::{Broken, free_port};
use ::mongodb::bson::{Bson, Document, doc};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

const OP_REPLY: i32 = 1;
const OP_QUERY: i32 = 2004;
const OP_MSG: i32 = 2013;

/// Answers by verb; `verb collection`, `verb database` and `aggregate $stage` come before the verb alone, and any of
/// them with `@2` behind it is what the second member says.
type Recorded = BTreeMap<String, Document>;

/// A listening server.
pub struct MongoReplay {
    /// Port of 127.0.0.1.
    pub port: u16,
    asked: Arc<Mutex<Vec<Document>>>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl MongoReplay {
    /// Starts so many members that answer with these documents, those of the later texts in place of the earlier; what
    /// is not among them is refused as an unknown command. `PORT1` is the first member's port, and `AGO_60_MS` and
    /// `AGO_60_S` the time an hour ago.
    ///
    /// # Errors
    /// When no port is free or a text is not extended JSON.
    pub fn start(members: usize, texts: &[&str]) -> Result<Vec<Self>, Broken> {
        let ports: Vec<u16> = (0..members).map(|_| free_port()).collect::<Result<_, _>>()?;
        let mut answers = Recorded::new();
        for text in texts {
            let mut text = in_time(text);
            for (n, port) in ports.iter().enumerate() {
                text = text.replace(&format!("PORT{}", n + 1), &port.to_string());
            }
            let given: Recorded = serde_json::from_str(&text).map_err(|e| format!("recorded documents: {e}"))?;
            answers.extend(given.into_iter().map(|(name, answer)| (name, repeated(answer))));
        }
        let answers = Arc::new(answers);
        ports.iter().enumerate().map(|(n, port)| Self::member(*port, n + 1, answers.clone())).collect()
    }

    fn member(port: u16, number: usize, answers: Arc<Recorded>) -> Result<Self, Broken> {
        let listener = TcpListener::bind(("127.0.0.1", port)).map_err(|e| e.to_string())?;
        let (asked, stopped) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let shared = (answers, asked.clone(), stopped.clone());
        let thread = std::thread::spawn(move || {
            for connection in listener.incoming().flatten() {
                let (answers, asked, stop) = shared.clone();
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                std::thread::spawn(move || converse(connection, number, &answers, &asked));
            }
        });
        Ok(Self { port, asked, stopped, thread: Some(thread) })
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("mongodb://127.0.0.1:{}", self.port)
    }

    /// Every command that was sent to it, without those by which the driver watches it.
    pub fn asked(&self) -> Vec<Document> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for MongoReplay {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Until the other side goes away or says something that is no message.
fn converse(mut stream: TcpStream, member: usize, answers: &Recorded, asked: &Mutex<Vec<Document>>) -> Option<()> {
    loop {
        let mut head = [0u8; 16];
        stream.read_exact(&mut head).ok()?;
        let number = |at: usize| Some(i32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?));
        let (length, id, operation) = (usize::try_from(number(0)?).ok()?, number(4)?, number(12)?);
        let mut body = vec![0u8; length.checked_sub(16).filter(|n| *n < 1 << 20)?];
        stream.read_exact(&mut body).ok()?;
        let reply = match operation {
            OP_MSG => {
                // Four bytes of flags, one that says what follows: a document.
                let command = Document::from_reader(body.get(5..)?).ok()?;
                asked.lock().unwrap_or_else(PoisonError::into_inner).push(command.clone());
                let mut text = vec![0u8; 5];
                answer(&command, member, answers).to_writer(&mut text).ok()?;
                message(OP_MSG, id, &text)
            }
            OP_QUERY => {
                let name = body.get(4..)?.iter().position(|b| *b == 0)?;
                let command = Document::from_reader(body.get(4 + name + 1 + 8..)?).ok()?;
                let mut text = vec![0u8; 20];
                text.splice(16..20, 1i32.to_le_bytes());
                answer(&command, member, answers).to_writer(&mut text).ok()?;
                message(OP_REPLY, id, &text)
            }
            _ => return None,
        };
        stream.write_all(&reply).ok()?;
    }
}

/// Rows `{ repeat: row, times: 240, minutes: 12 }` of a batch written out, each `minutes` older than the one before.
fn repeated(mut answer: Document) -> Document {
    let Ok(batch) = answer.get_document_mut("cursor").and_then(|c| c.get_array_mut("firstBatch")) else {
        return answer;
    };
    let rows = std::mem::take(batch);
    for row in rows {
        let document = row.as_document();
        let pattern = document
            .and_then(|d| Some((d.get_document("repeat").ok()?, d.get_i32("times").ok()?, d.get_i32("minutes").ok()?)));
        let Some((pattern, times, minutes)) = pattern else {
            batch.push(row);
            continue;
        };
        for n in 0..i64::from(times) {
            let mut row = pattern.clone();
            let at = super::real_now().0 - n * i64::from(minutes) * 60_000;
            row.insert("ts", ::mongodb::bson::DateTime::from_millis(at));
            batch.push(Bson::Document(row));
        }
    }
    answer
}

/// `AGO_90_MS`, `AGO_90_S` and `AGO_90_ISO` as times: so many minutes before now.
pub(super) fn in_time(text: &str) -> String {
    let now = super::real_now().0;
    let mut parts = text.split("AGO_");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        let at = now - digits.parse::<i64>().unwrap_or(0) * 60_000;
        let rest = part.get(digits.len()..).unwrap_or_default();
        if let Some(rest) = rest.strip_prefix("_MS") {
            out.push_str(&format!("{at}{rest}"));
        } else if let Some(rest) = rest.strip_prefix("_ISO") {
            out.push_str(&format!("{}{rest}", loadline_model::Timestamp(at)));
        } else if let Some(rest) = rest.strip_prefix("_S") {
            out.push_str(&format!("{}{rest}", at / 1000));
        } else {
            out.push_str(part);
        }
    }
    out
}

fn message(operation: i32, to: i32, body: &[u8]) -> Vec<u8> {
    let length = i32::try_from(body.len() + 16).unwrap_or(i32::MAX);
    let mut out: Vec<u8> = [length, 1, to, operation].into_iter().flat_map(i32::to_le_bytes).collect();
    out.extend_from_slice(body);
    out
}

fn answer(command: &Document, member: usize, answers: &Recorded) -> Document {
    let Some((verb, of)) = command.iter().next() else { return doc! { "ok": 0 } };
    let verb = if matches!(verb.as_str(), "isMaster" | "ismaster") { "hello" } else { verb };
    let stage = command.get_array("pipeline").ok().and_then(|p| p.first()?.as_document()?.keys().next().cloned());
    let of = match of {
        Bson::String(text) => text.clone(),
        Bson::Document(inner) => inner.get_str("find").unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    let end = command.get_document("sort").ok().and_then(|s| s.get_i32("$natural").ok()).unwrap_or(0);
    let database = command.get_str("$db").unwrap_or_default();
    let stage = stage.unwrap_or_default();
    let names = [
        format!("{verb} {stage} {of}"),
        format!("{verb} {stage}"),
        format!("{verb} {of} {end}"),
        format!("{verb} {of}"),
        format!("{verb} {database}"),
        verb.to_owned(),
    ];
    let known = |name: &String| answers.get(&format!("{name}@{member}")).or_else(|| answers.get(name));
    let mut found = names.iter().find_map(known).cloned().unwrap_or_else(|| {
        doc! { "ok": 0.0, "errmsg": format!("no such command: '{verb}'"), "code": 59, "codeName": "CommandNotFound" }
    });
    // The one filter we send: collections of one name.
    let only = command.get_document("filter").ok().and_then(|f| f.get_str("name").ok());
    if let (Some(name), Ok(cursor)) = (only, found.get_document_mut("cursor"))
        && let Ok(batch) = cursor.get_array_mut("firstBatch")
    {
        batch.retain(|row| row.as_document().is_some_and(|d| d.get_str("name").is_ok_and(|n| n == name)));
    }
    if !found.contains_key("ok") {
        found.insert("ok", 1.0);
    }
    found
}
