//! Scope `server`: the database as a resource, its settings and limits, its copies.

use super::identity::Server;
use super::reading::Reading;
use super::statements::{IDENTITY, VARIABLES};
use super::{replication, settings};
use crate::Cancelled;
use loadline_model::{
    Basis, Confidence, Edge, Environment, GapReason, Kind, Relation, Resource, SubjectId, Value, key,
};

/// What closes the gap of an old version.
pub(super) const UPGRADE: &str =
    "Upgrade to a supported version of MySQL or MariaDB; of other products connect their own metrics (Prometheus).";

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>, name: &str, environment: Option<Environment>) -> Result<(), Cancelled> {
    let settings = r.named(&VARIABLES).await?;
    let managed = r.server.managed(&settings);
    exists(r, name, environment, managed);
    if !r.server.engine.is_supported() {
        r.answer.miss(GapReason::UnsupportedVersion, too_old(r.server), UPGRADE);
        return Ok(());
    }
    r.answer.listed(Kind::Database);
    settings::say(r, &settings);
    replication::read(r, &settings, managed).await
}

/// What is said of a version that the statements are not written for.
pub(super) fn too_old(server: &Server) -> String {
    if let Some((_, product)) = server.engine.other {
        let version = &server.engine.text;
        return format!("{product} ({version}) speaks MySQL's protocol and is not MySQL; only its version was read.");
    }
    format!(
        "{} {} is older than MySQL 8.0 or MariaDB 10.6; only its version was read.",
        server.engine.name(),
        server.engine.text
    )
}

fn exists(r: &mut Reading<'_>, name: &str, environment: Option<Environment>, managed: Option<bool>) {
    let server = r.server;
    let subject = server.subject();
    let name = if name.is_empty() { &server.hostname } else { name };
    let resource = Resource {
        environment,
        engine: Some(server.engine.name().to_owned()),
        engine_version: Some(server.engine.text.clone()),
        managed,
        ..Resource::new(Kind::Database, name)
    };
    let basis = if managed == Some(false) { Basis::Inferred } else { Basis::Configured };
    r.answer.say(&subject, IDENTITY.name, basis, resource);
    if let Some(standby) = server.standby {
        r.set(&IDENTITY, key::IS_STANDBY, None, Value::Bool(standby));
    }
    let address = SubjectId(server.address());
    if !server.local && address != subject {
        let edge = Edge { relation: Relation::SameAs, to: address, confidence: Confidence::Declared };
        r.answer.say(&subject, IDENTITY.name, Basis::Configured, edge);
    }
}
