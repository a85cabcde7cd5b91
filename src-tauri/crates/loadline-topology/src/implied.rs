//! Things nobody showed but which must exist because something names them.

use loadline_model::{FactIndex, Kind, Relation, SubjectId};

/// What users may pass on their way in.
const WAY: [Kind; 6] = [Kind::Entrypoint, Kind::Dns, Kind::Cdn, Kind::LoadBalancer, Kind::Gateway, Kind::Service];

/// Whether a part of users' way was refused or cut: what no way is seen to may still be reached.
pub(crate) fn hides_ways(index: &FactIndex<'_>) -> bool {
    WAY.iter().any(|kind| index.gaps_hiding(*kind).next().is_some())
}

/// Whether this relation shows that both its ends exist.
pub(crate) fn shows_its_ends(relation: Relation) -> bool {
    !matches!(
        relation,
        Relation::Observes
            | Relation::Notifies
            | Relation::BuiltFrom
            | Relation::BacksUp
            | Relation::StoredIn
            | Relation::SameAs
    )
}

/// The likeliest kind of the target of an edge. Where the relation leaves it open, the default port of an address decides; else it
/// is somebody else's system.
pub(crate) fn kind_of_target(relation: Relation, id: &SubjectId, source: Option<Kind>) -> Kind {
    match relation {
        Relation::Serves | Relation::MemberOf => Kind::Service,
        Relation::RunsIn => Kind::Host,
        Relation::ReplicatedTo { .. } => source.unwrap_or(Kind::Database),
        Relation::DeployedBy => Kind::Pipeline,
        Relation::KnownBy | Relation::OperatedBy => Kind::Person,
        Relation::UsesSecret => Kind::Secret,
        Relation::RoutesThrough => Kind::Gateway,
        Relation::Publishes | Relation::Consumes => Kind::Queue,
        Relation::Needs => kind_by_port(id).unwrap_or(Kind::Service),
        _ => kind_by_port(id).unwrap_or(Kind::External),
    }
}

/// The likeliest kind of the source of an edge.
pub(crate) fn kind_of_source(relation: Relation) -> Kind {
    match relation {
        Relation::MemberOf => Kind::Instance,
        Relation::Serves => Kind::LoadBalancer,
        Relation::ReplicatedTo { .. } => Kind::Database,
        Relation::Needs => Kind::Journey,
        _ => Kind::Service,
    }
}

fn kind_by_port(id: &SubjectId) -> Option<Kind> {
    let (_, port) = id.as_str().split('/').next_back()?.rsplit_once(':')?;
    match port {
        "5432" | "6432" | "3306" | "1433" | "27017" => Some(Kind::Database),
        "6379" | "11211" => Some(Kind::Cache),
        "5671" | "5672" | "9092" | "9094" => Some(Kind::Queue),
        _ => None,
    }
}
