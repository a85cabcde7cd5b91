//! What stands between Loadline and the emulator: it knows which call is asked, may answer it itself, and may add to an
//! answer what the vendor documents and the emulator leaves out.

use loadline_connectors::testing::{self, ScriptedServer};
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

/// A question as it came.
pub(super) struct Asked {
    /// Request line, headers, empty line, body.
    pub text: String,
    /// Name in the signature: `monitoring`.
    pub service: String,
    /// Region in the signature.
    pub region: String,
    /// `DescribeDBInstances`, or method and path of a REST call.
    pub action: String,
}

/// An answer: status, type, body, and any further header.
pub(super) struct Answer {
    pub status: u16,
    pub kind: String,
    pub header: Option<(&'static str, String)>,
    pub body: String,
}

/// The form in which a service writes its errors.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Ec2,
    Query,
    Json,
    RestJson,
    RestXml,
    S3,
}

impl Asked {
    fn read(text: &str) -> Self {
        let header = |name: &str| {
            let found = text.lines().take_while(|l| !l.is_empty()).find_map(|l| {
                let (key, value) = l.split_once(':')?;
                key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
            });
            found.unwrap_or_default()
        };
        let credential = header("authorization");
        let scope: Vec<&str> =
            credential.split("Credential=").nth(1).unwrap_or("").split(',').next().unwrap_or("").split('/').collect();
        let part = |at: usize| scope.get(at).copied().unwrap_or_default().to_owned();
        let body = text.split_once("\n\n").map_or("", |(_, body)| body);
        let named = header("x-amz-target").rsplit_once('.').map(|(_, action)| action.to_owned());
        let form = body.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned);
        let mut line = text.lines().next().unwrap_or_default().split(' ');
        let rest = || format!("{} {}", line.next().unwrap_or_default(), line.next().unwrap_or_default());
        let action = named.or(form).unwrap_or_else(rest);
        Self { text: text.to_owned(), region: part(2), service: part(3), action }
    }

    /// The same for every thing asked about: names and numbers of things are left out of paths.
    pub(super) fn call(&self) -> String {
        let Some((method, path)) = self.action.split_once(' ') else {
            return format!("{} {}", self.service, self.action);
        };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let keys: Vec<&str> = query.split('&').filter(|q| !q.contains('=') || q.ends_with('=')).collect();
        let is_word = |s: &&str| s.is_empty() || s.starts_with("20") || WORDS.contains(s);
        let path: Vec<&str> = path.split('/').map(|s| if is_word(&s) { s } else { "*" }).collect();
        format!("{} {method} {} {}", self.service, path.join("/"), keys.join("&").trim_end_matches('='))
            .trim_end()
            .to_owned()
    }

    fn dialect(&self) -> Dialect {
        match self.service.as_str() {
            "ec2" => Dialect::Ec2,
            "s3" => Dialect::S3,
            "cloudfront" | "route53" => Dialect::RestXml,
            _ if self.text.to_ascii_lowercase().contains("\nx-amz-target:") => Dialect::Json,
            _ if self.action.contains(' ') => Dialect::RestJson,
            _ => Dialect::Query,
        }
    }

    /// A refusal in the form of the service ("Common errors" and "Error responses" of its API reference).
    pub(super) fn refusal(&self, status: u16, code: &str) -> Answer {
        let error = format!("<Error><Code>{code}</Code><Message>refused</Message></Error>");
        let xml = |body: String| Answer { status, kind: "text/xml".into(), header: None, body };
        let json = format!("{{\"__type\":\"{code}\",\"message\":\"refused\"}}");
        match self.dialect() {
            Dialect::Ec2 => xml(format!("<Response><Errors>{error}</Errors><RequestID>1</RequestID></Response>")),
            Dialect::Query | Dialect::RestXml => {
                xml(format!("<ErrorResponse>{error}<RequestId>1</RequestId></ErrorResponse>"))
            }
            Dialect::S3 => xml(error),
            Dialect::Json => Answer { status, kind: "application/x-amz-json-1.1".into(), header: None, body: json },
            Dialect::RestJson => Answer {
                status,
                kind: "application/json".into(),
                header: Some(("x-amzn-errortype", code.to_owned())),
                body: "{\"message\":\"refused\"}".into(),
            },
        }
    }

    /// Refused for want of a permission.
    pub(super) fn denied(&self) -> Answer {
        match self.dialect() {
            Dialect::Ec2 => self.refusal(403, "UnauthorizedOperation"),
            Dialect::Json => self.refusal(400, "AccessDeniedException"),
            Dialect::RestJson => self.refusal(403, "AccessDeniedException"),
            _ => self.refusal(403, "AccessDenied"),
        }
    }
}

/// Parts of paths that belong to the call.
const WORDS: [&str; 45] = [
    "account",
    "account-settings",
    "addons",
    "api",
    "apis",
    "app",
    "backup-jobs",
    "backup-plans",
    "backup-policy",
    "backup-vaults",
    "backup",
    "brokers",
    "clusters",
    "concurrency",
    "config",
    "configurations",
    "copy-jobs",
    "distribution",
    "domain",
    "domainnames",
    "event-source-mappings",
    "file-systems",
    "functions",
    "healthcheck",
    "hostedzone",
    "integrations",
    "list-app-assessments",
    "list-apps",
    "mount-targets",
    "node-groups",
    "nodes",
    "plans",
    "provisioned-concurrency",
    "recovery-points",
    "resources",
    "restapis",
    "restore-jobs",
    "restore-testing",
    "rrset",
    "selections",
    "stages",
    "status",
    "usageplans",
    "v1",
    "v2",
];

impl Answer {
    pub(super) fn json(body: impl ToString) -> Self {
        Self { status: 200, kind: "application/json".into(), header: None, body: body.to_string() }
    }
    pub(super) fn xml(body: impl Into<String>) -> Self {
        Self { status: 200, kind: "text/xml".into(), header: None, body: body.into() }
    }
    fn write(&self, stream: &mut TcpStream) {
        let extra = self.header.as_ref().map_or(String::new(), |(name, value)| format!("{name}: {value}\r\n"));
        let (length, kind, status) = (self.body.len(), &self.kind, self.status);
        let head = format!(
            "HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\nconnection: close\r\n{extra}\r\n"
        );
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(self.body.as_bytes()));
    }
}

/// What decides about a question; `emulator` asks the emulator.
pub(super) type Turn = Box<dyn Fn(&Asked, &dyn Fn() -> Answer) -> Answer + Send + Sync>;

/// A server before the emulator.
pub(super) struct Between {
    pub server: ScriptedServer,
    turn: Arc<Mutex<Arc<Turn>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Between {
    pub(super) fn start(emulator: u16, turn: Turn) -> Self {
        let (turn, asked) = (Arc::new(Mutex::new(Arc::new(turn))), Arc::new(Mutex::new(Vec::new())));
        let (current, heard) = (turn.clone(), asked.clone());
        let server = ScriptedServer::start(move |text, stream| {
            let asked = Asked::read(text);
            heard.lock().expect("unbroken").push(asked.call());
            let turn = current.lock().expect("unbroken").clone();
            turn(&asked, &|| emulated(emulator, text)).write(stream);
        });
        Self { server: server.expect("a free port"), turn, asked }
    }
    /// Decides differently from now on.
    pub(super) fn decide_by(&self, turn: Turn) {
        *self.turn.lock().expect("unbroken") = Arc::new(turn);
    }
    /// Every call since the last time, in order.
    pub(super) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().expect("unbroken"))
    }
}

fn emulated(port: u16, text: &str) -> Answer {
    let ask = || testing::forward(port, text).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let said = ask().unwrap_or_else(|e| format!("HTTP/1.0 502 x\r\n\r\n{e}"));
    let (head, body) = said.split_once("\r\n\r\n").unwrap_or((&said, ""));
    let status = head.split(' ').nth(1).and_then(|n| n.parse().ok()).unwrap_or(502);
    let header = |name: &str| {
        head.lines()
            .filter_map(|l| l.split_once(':'))
            .find(|(k, _)| k.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.trim())
    };
    let kind = header("content-type").unwrap_or("text/xml").to_owned();
    let error = header("x-amzn-errortype").map(|v| ("x-amzn-errortype", v.to_owned()));
    Answer { status, kind, header: error, body: body.to_owned() }
}
