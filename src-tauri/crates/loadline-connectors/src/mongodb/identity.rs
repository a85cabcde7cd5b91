//! What a server belongs to: the replica set with its own id, its members, and who operates it.

use super::address::is_loopback;
use super::documents::Fields;
use ::mongodb::bson::{Bson, Document};
use loadline_model::SubjectId;
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Folders in which distributions put a server's data.
const DISTRIBUTION_FOLDERS: [&str; 4] =
    ["/var/lib/mongodb", "/var/lib/mongo", "/usr/local/var/mongodb", "/opt/homebrew/var/mongodb"];
/// Ends of names that only providers give, with the name of the engine there.
const PROVIDERS: [(&str, &str); 3] =
    [(".mongodb.net", "mongodb"), (".docdb.amazonaws.com", "docdb"), (".cosmos.azure.com", "cosmos-mongodb")];

/// A deployment as one of its servers describes it.
#[derive(Debug, Default)]
pub(super) struct Cluster {
    /// Version as the vendor writes it.
    pub version: String,
    /// Name of the replica set; none for a server that stands alone.
    pub set: Option<String>,
    /// It routes to shards.
    pub sharded: bool,
    /// Members that hold data, in order of names.
    pub members: Vec<String>,
    /// The server that was reached first.
    pub seed: String,
    /// Our user, when one logs in.
    pub user: Option<String>,
    /// Reached over loopback only.
    pub local: bool,
    seeds: Vec<String>,
    primary: Option<String>,
    copies: Vec<String>,
    id: Option<String>,
    lost: Mutex<BTreeSet<String>>,
}

impl Cluster {
    /// From `hello` and `buildInfo`.
    pub(super) fn of(hello: &Document, build: &Document, seed: &str, seeds: &[String], local: bool) -> Self {
        let hosts = hello.texts("hosts");
        let primary = hello.text("primary").map(str::to_owned);
        // A member without priority still holds the data, so it is a place to read from.
        let mut members: Vec<String> = hosts.iter().cloned().chain(hello.texts("passives")).collect();
        members.sort();
        members.dedup();
        let copies = members.iter().filter(|m| Some(*m) != primary.as_ref()).cloned().collect();
        Self {
            version: build.text("version").unwrap_or_default().to_owned(),
            set: hello.text("setName").map(str::to_owned),
            sharded: hello.text("msg") == Some("isdbgrid"),
            members,
            seed: seed.to_owned(),
            seeds: seeds.to_vec(),
            primary,
            copies,
            local,
            ..Self::default()
        }
    }

    /// The set's own id, from its configuration.
    pub(super) fn learn(&mut self, configuration: &Document) {
        if let Some(Bson::ObjectId(id)) = configuration.field("config/settings/replicaSetId") {
            self.id = Some(id.to_hex());
        }
    }

    /// The deployment: the set's own id; else the first member's address in order of names, so that every way in
    /// leads to the same one.
    pub(super) fn subject(&self) -> SubjectId {
        let first = self.members.first().unwrap_or(&self.seed);
        SubjectId(match &self.id {
            Some(id) => format!("mongodb:{id}"),
            None => address(first).0,
        })
    }

    /// A member as a thing of its own; Atlas knows it by the same name.
    pub(super) fn member(&self, host: &str) -> SubjectId {
        if is_loopback(host) {
            return SubjectId(format!("{}/member/{host}", self.subject()));
        }
        SubjectId(format!("{}/member", address(host)))
    }

    /// A collection.
    pub(super) fn collection(&self, database: &str, collection: &str) -> SubjectId {
        SubjectId(format!("{}/{database}/{collection}", self.subject()))
    }

    /// Names under which the deployment answers. A loopback address means another machine elsewhere, so it is none.
    pub(super) fn addresses(&self) -> BTreeSet<SubjectId> {
        let all = self.members.iter().chain(&self.seeds);
        all.filter(|host| !is_loopback(host)).map(|host| address(host)).filter(|id| *id != self.subject()).collect()
    }

    /// The engine under the name by which its provider calls it.
    pub(super) fn engine(&self) -> &'static str {
        self.provider().map_or("mongodb", |(_, engine)| engine)
    }

    /// Who operates it. Self-hosted is only concluded where the server is reached on this machine and its data lies
    /// in the folder of a distribution.
    pub(super) fn managed(&self, folder: Option<&str>) -> Option<bool> {
        if self.provider().is_some() {
            return Some(true);
        }
        let folder = folder?;
        (self.local && DISTRIBUTION_FOLDERS.iter().any(|f| folder.starts_with(f))).then_some(false)
    }

    fn provider(&self) -> Option<(&'static str, &'static str)> {
        let name = |host: &String| host.rsplit_once(':').map_or(host.clone(), |(name, _)| name.to_owned());
        let names: Vec<String> = self.members.iter().chain(&self.seeds).map(name).collect();
        PROVIDERS.into_iter().find(|(end, _)| names.iter().any(|n| n.ends_with(end)))
    }

    /// Who counts what the application does: the primary, as far as it can be reached.
    pub(super) fn primary(&self) -> String {
        self.primary.clone().filter(|host| !self.is_lost(host)).unwrap_or_else(|| self.seed.clone())
    }

    /// What is asked is the primary, or a server that stands alone.
    pub(super) fn reaches_primary(&self) -> bool {
        self.set.is_none() || self.primary.as_ref().is_some_and(|host| !self.is_lost(host))
    }

    /// Where heavy questions go: a secondary, as far as one can be reached.
    pub(super) fn copy(&self) -> String {
        let copy = self.copies.iter().find(|host| !self.is_lost(host)).cloned();
        copy.unwrap_or_else(|| self.primary())
    }

    /// Every member that holds data and can be reached, the primary first.
    pub(super) fn counting(&self) -> Vec<String> {
        let mut hosts = vec![self.primary()];
        hosts.extend(self.copies.iter().filter(|host| !self.is_lost(host) && **host != self.primary()).cloned());
        hosts
    }

    /// The member did not answer; it is not asked again in this connection.
    pub(super) fn lose(&self, host: &str) {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned());
    }

    /// The member did not answer before.
    pub(super) fn is_lost(&self, host: &str) -> bool {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).contains(host)
    }

    /// Members that did not answer.
    pub(super) fn lost(&self) -> Vec<String> {
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Major and minor version.
    pub(super) fn release(&self) -> (u32, u32) {
        let mut parts = self.version.split('.').map_while(|p| p.parse().ok());
        (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
    }
}

/// An exact address, as other accounts write it too.
fn address(host: &str) -> SubjectId {
    SubjectId(format!("mongodb://{}", host.to_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::mongodb::bson::{doc, oid::ObjectId};

    fn cluster(hosts: &[&str], seed: &str) -> Cluster {
        let hello = doc! { "setName": "rs0", "hosts": hosts.to_vec(), "primary": hosts.first().copied().unwrap_or("") };
        Cluster::of(&hello, &doc! { "version": "7.0.14" }, seed, &[seed.to_owned()], is_loopback(seed))
    }

    #[test]
    fn every_way_in_leads_to_one_deployment() {
        let (a, b) = (cluster(&["b:27017", "a:27017"], "b:27017"), cluster(&["a:27017", "b:27017"], "127.0.0.1:5000"));
        assert_eq!((a.subject(), a.subject().as_str()), (b.subject(), "mongodb://a:27017"));
        let mut known = cluster(&["a:27017"], "a:27017");
        known.learn(&doc! { "config": { "settings": { "replicaSetId": ObjectId::from_bytes([7; 12]) } } });
        assert_eq!(known.subject().as_str(), "mongodb:070707070707070707070707");
        assert_eq!(known.addresses().into_iter().map(|a| a.0).collect::<Vec<_>>(), ["mongodb://a:27017"]);
        assert_eq!(known.member("a:27017").as_str(), "mongodb://a:27017/member");
        assert!(cluster(&["127.0.0.1:1"], "127.0.0.1:1").addresses().is_empty(), "loopback names nothing");
    }

    #[test]
    fn who_is_asked_and_who_operates_it() {
        let c = cluster(&["p:1", "s:1"], "p:1");
        assert_eq!(
            (c.primary(), c.copy(), c.counting()),
            ("p:1".into(), "s:1".into(), vec!["p:1".to_owned(), "s:1".into()])
        );
        c.lose("s:1");
        assert_eq!((c.copy(), c.counting(), c.release()), ("p:1".into(), vec!["p:1".to_owned()], (7, 0)));
        assert_eq!(c.managed(Some("/var/lib/mongodb")), None, "another machine");
        assert_eq!(cluster(&["a.mongodb.net:1"], "a.mongodb.net:1").managed(None), Some(true));
        let docdb = cluster(&["x.docdb.amazonaws.com:27017"], "x.docdb.amazonaws.com:27017");
        assert_eq!((docdb.engine(), docdb.managed(None)), ("docdb", Some(true)));
        let here = cluster(&["localhost:1"], "localhost:1");
        assert_eq!((here.managed(Some("/var/lib/mongodb")), here.managed(Some("/tmp/x"))), (Some(false), None));
    }
}
