//! Application and database share one host.

use super::{dependants, names};
use crate::evaluate::{Reading, gap_anywhere, hidden_by};
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{
    CheckResult, EdgeView, Environment, Escalation, GapReason, Kind, Relation, Severity, SubjectId, key,
};

pub(super) const RULE: Rule = Rule {
    id: "SPOF-002",
    title: "Application and database share one host",
    question: "Does losing or overloading the app server also take the database down?",
    why: "One machine then holds requests and data: a busy or dying application takes the database with it. Separating the \
          two was the first risk removed in S1, where MongoDB ran on the application's instance.",
    condition: "in production, a store runs on the host of a service that fails without it",
    fix: &[
        "take a consistent backup first",
        "move the store to a managed replica set (Atlas, RDS, Cloud SQL)",
        "cut over by replication rather than by dump, so that nothing has to stop",
        "close the local port and change the passwords",
    ],
    effort_days: [3.0, 10.0],
    effort_source: "HD; S1 did this first",
    weight: 5,
    severity: "critical; high when the store only holds what can be rebuilt",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::To(&[Kind::Database, Kind::Cache, Kind::Queue]),
    numbers: &[],
    sources: &[
        (
            "aws",
            "ec2:DescribeInstances and ssm:ListInventoryEntries(AWS:Service) -> engine processes beside the application",
        ),
        ("k8s", "pods of application and database with equal spec.nodeName on a one-node cluster"),
        ("repo", "docker-compose.yml with application and database and no orchestration; DATABASE_URL on localhost"),
    ],
    proof_metric: "availability_sli",
    proof: "the database stays up while the application deploys; CPU of the host falls",
    false_positives: "Laptops, build machines and preview environments.",
    unknown_when: "where the store or the services that need it run is not known",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let name = subject.name();
    if subject.environment != Environment::Production {
        return CheckResult::not_applicable(format!("`{name}` does not serve production."));
    }
    let mut seen = Reading::of(subject, context);
    if seen.managed() == Some(true) {
        return CheckResult::pass(format!("A provider runs `{name}` on machines of its own."), seen.rows);
    }
    seen.rows.clear();
    let clients = dependants(subject, context, true);
    let own = hosts(&subject.id, context);
    let placed: Vec<_> = clients.iter().map(|client| (client, hosts(&client.from, context))).collect();
    for (client, theirs) in &placed {
        let both = own.iter().find_map(|mine| theirs.iter().find(|t| t.to == mine.to).map(|other| (mine, other)));
        if let Some((mine, other)) = both {
            seen.row("needed by", names(std::slice::from_ref(client), context), client.provenance);
            show(mine, context, &mut seen);
            show(other, context, &mut seen);
            return shared(subject, context, &mine.to, client, seen);
        }
    }
    if let Some(gap) = gap_anywhere(context, &["depends_on", "runs_in", "member_of"]) {
        return hidden_by(gap, subject);
    }
    let missing = if own.is_empty() {
        Some(format!("the host of `{name}` is not known"))
    } else if clients.is_empty() {
        Some(format!("which services need `{name}` is not known"))
    } else {
        let nowhere = placed.iter().find(|(_, places)| places.is_empty());
        nowhere.map(|(client, _)| format!("the host of `{}` is not known", context.reference(&client.from).name))
    };
    if let Some(missing) = missing {
        let closes = "Connect the cloud account or cluster that runs both, or declare where each runs.";
        return CheckResult::unknown(GapReason::UnmappedSubject, missing, closes);
    }
    for place in own.iter().chain(placed.iter().flat_map(|(_, places)| places)) {
        show(place, context, &mut seen);
    }
    CheckResult::pass(format!("`{name}` shares no host with {}.", names(&clients, context)), seen.rows)
}

fn show(place: &EdgeView<'_>, context: &Context<'_>, seen: &mut Reading<'_>) {
    let thing = context.reference(&place.from).name;
    seen.row(format!("`{thing}` runs on"), context.reference(&place.to).name, place.provenance);
}

fn shared(
    subject: &Subject<'_>,
    context: &Context<'_>,
    host: &SubjectId,
    client: &EdgeView<'_>,
    mut seen: Reading<'_>,
) -> CheckResult {
    let role = seen.text("holds", key::STORE_ROLE);
    let rebuildable = matches!(role, Some("cache" | "rebuildable"));
    let severity = if rebuildable { Severity::High } else { Severity::Critical };
    let host = context.reference(host).name;
    let app = context.reference(&client.from).name;
    let sentence =
        format!("1 host, `{host}`, runs both `{app}` and `{}`: losing or overloading it stops both.", subject.name());
    CheckResult::fail(severity, sentence, seen.rows)
}

/// The hosts a thing or one of its members runs on.
fn hosts<'c>(id: &SubjectId, context: &Context<'c>) -> Vec<EdgeView<'c>> {
    let members = context.facts.edges_to(id).filter(|e| e.edge.relation == Relation::MemberOf).map(|e| e.from);
    let all: Vec<SubjectId> = members.chain([id.clone()]).collect();
    let places = all.iter().flat_map(|m| context.facts.edges_from(m)).filter(|e| e.edge.relation == Relation::RunsIn);
    let is_host =
        |e: &EdgeView<'_>| context.facts.resource(&e.to).is_some_and(|r| matches!(r.kind, Kind::Host | Kind::Instance));
    places.filter(is_host).collect()
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::testing::Case;
    use loadline_model::{Basis, Environment, Kind, Relation, Resource, Value, key};

    #[test]
    fn cases() {
        let needs = Relation::DependsOn { hard: true };
        let pair = || {
            let things = Case::new().thing("db", Kind::Database).thing("api", Kind::Service);
            let hosts = things.thing("h1", Kind::Host).thing("h2", Kind::Host);
            hosts.edge("api", Relation::DependsOn { hard: true }, "db")
        };
        let on = |db: &str, api: &str| pair().edge("db", Relation::RunsIn, db).edge("api", Relation::RunsIn, api);
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "db"), expected);
        check(Case::new().thing("db", Kind::Database), "unknown unmapped_subject");
        check(pair(), "unknown unmapped_subject");
        check(pair().edge("db", Relation::RunsIn, "h1"), "unknown unmapped_subject");
        check(on("h1", "h1"), "fail critical");
        check(on("h1", "h1").set("db", key::STORE_ROLE, Value::Text("cache".into())), "fail high");
        check(on("h1", "h2"), "pass");
        check(on("h1", "h2").gap("web", "depends_on"), "unknown permission_denied");
        check(on("h1", "h2").thing("web", Kind::Service).edge("web", needs, "db"), "unknown unmapped_subject");
        let member = pair().edge("db", Relation::RunsIn, "h1").edge("a1", Relation::MemberOf, "api");
        check(member.edge("a1", Relation::RunsIn, "h1"), "fail critical");
        let run = |managed| Resource { managed: Some(managed), ..Resource::new(Kind::Database, "db") };
        check(Case::new().has("db", run(true)), "pass");
        check(Case::new().fact("db", Basis::Stated, run(true)), "unknown not_connected");
        let staging = Resource { environment: Some(Environment::Staging), ..run(false) };
        check(on("h1", "h1").has("db", staging), "not_applicable");
    }
}
