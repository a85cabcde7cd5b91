//! A door before a server that shuts after so many questions: what stops a collection in its middle, however fast the
//! machine is.

use loadline_connectors::testing::{ScriptedServer, forward};
use std::io::Write as _;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Lets questions through to a server of this machine and holds them while it is shut.
pub(crate) struct Gate {
    server: ScriptedServer,
    door: Arc<Door>,
}

#[derive(Default)]
struct Door {
    /// Questions that may still pass; none: all.
    left: Mutex<Option<usize>>,
    changed: Condvar,
}

impl Gate {
    /// An open door before the server at this port.
    pub(crate) fn before(port: u16) -> Self {
        let door = Arc::new(Door::default());
        let held = door.clone();
        let server = ScriptedServer::start(move |asked, stream| {
            held.pass();
            let _ = stream.write_all(&forward(port, asked).unwrap_or_default());
        });
        Self { server: server.expect("a free port"), door }
    }
    /// Its address.
    pub(crate) fn url(&self) -> String {
        self.server.url()
    }
    /// Holds every question after this many.
    pub(crate) fn shut_after(&self, questions: usize) {
        self.door.set(Some(questions));
    }
    /// Lets what is held through, and everything after it.
    pub(crate) fn open(&self) {
        self.door.set(None);
    }
    /// Waits until the next question would be held.
    pub(crate) fn wait_until_shut(&self) {
        let is_open = |left: &mut Option<usize>| *left != Some(0);
        let left = self.door.left.lock().expect("unbroken");
        let limit = Duration::from_secs(120);
        let ended = self.door.changed.wait_timeout_while(left, limit, is_open).expect("unbroken");
        assert!(!ended.1.timed_out(), "so much was never asked");
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.open();
    }
}

impl Door {
    fn set(&self, left: Option<usize>) {
        *self.left.lock().expect("unbroken") = left;
        self.changed.notify_all();
    }
    fn pass(&self) {
        let is_shut = |left: &mut Option<usize>| *left == Some(0);
        let mut left = self.changed.wait_while(self.left.lock().expect("unbroken"), is_shut).expect("unbroken");
        if let Some(left) = left.as_mut() {
            *left -= 1;
            self.changed.notify_all();
        }
    }
}
