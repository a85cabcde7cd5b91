use super::RULE;
use crate::testing::{Case, as_of};
use loadline_model::key::{self, RIGHTS};
use loadline_model::{ActorKind, Basis, Deployment, DeploymentStatus, Kind, ORGANISATION, Setting, Value};

fn check(case: Case, expected: &str) {
    assert_eq!(case.answer(&RULE, ORGANISATION), expected);
}

/// So many holders of each right but one, which has its own number.
fn held(basis: Basis, number: f64, other: &str, its: f64) -> Case {
    RIGHTS.into_iter().fold(Case::new().thing("api", Kind::Service), |case, right| {
        let value = Value::Number(if right == other { its } else { number });
        case.fact(ORGANISATION, basis, Setting { key: key::ACCESS_HOLDERS.into(), item: Some(right.into()), value })
    })
}

fn shipped(case: Case, by: &[(ActorKind, Option<&str>)]) -> Case {
    by.iter().enumerate().fold(case, |case, (n, (kind, actor))| {
        let deployment = Deployment {
            id: format!("d-{n}"),
            environment: "production".into(),
            revision: format!("r-{n}"),
            started_at: as_of().plus_days(-(n as i64) - 1),
            finished_at: None,
            status: DeploymentStatus::Succeeded,
            actor_kind: *kind,
            actor: actor.map(str::to_owned),
            strategy: None,
        };
        case.has("api", deployment)
    })
}

const PIPED: (ActorKind, Option<&str>) = (ActorKind::Pipeline, Some("ci"));
const ANA: (ActorKind, Option<&str>) = (ActorKind::Person, Some("ana"));
const BO: (ActorKind, Option<&str>) = (ActorKind::Person, Some("bo"));
const SOMEBODY: (ActorKind, Option<&str>) = (ActorKind::Unknown, None);

#[test]
fn rights() {
    let by_machine = |case: Case| shipped(case, &[PIPED; 6]);
    check(Case::new(), "unknown not_connected");
    check(by_machine(Case::new()), "unknown not_connected");
    check(by_machine(held(Basis::Configured, 2.0, "", 0.0)), "pass");
    check(by_machine(held(Basis::Stated, 2.0, "", 0.0)), "unknown not_connected");
    check(by_machine(held(Basis::Stated, 2.0, "billing", 1.0)), "fail high");
    check(by_machine(held(Basis::Stated, 2.0, "dns", 1.0)), "fail high");
    let lost = |right: &str| {
        let value = Value::Bool(false);
        let back = Setting { key: key::ACCESS_RECOVERABLE.into(), item: Some(right.into()), value };
        held(Basis::Stated, 2.0, right, 1.0).fact(ORGANISATION, Basis::Stated, back)
    };
    check(lost("dns"), "fail critical");
    check(lost("billing"), "fail high");
    let shared = held(Basis::Configured, 3.0, "", 0.0).flag(ORGANISATION, key::ACCESS_ROOT_SHARED, true);
    check(by_machine(shared), "fail high");
    check(held(Basis::Configured, 2.0, "", 0.0), "unknown low_sample");
}

#[test]
fn deployers_are_counted_and_never_named() {
    let of = |by: &[_]| shipped(held(Basis::Configured, 2.0, "", 0.0), by);
    check(of(&[ANA, ANA, ANA, ANA, BO, PIPED]), "fail high");
    check(of(&[ANA, ANA, ANA, BO, BO, PIPED]), "pass");
    check(of(&[ANA, ANA, ANA, SOMEBODY, BO, PIPED]), "unknown not_connected");
    check(of(&[ANA, ANA, ANA, ANA]), "unknown low_sample");
    let check = of(&[ANA, ANA, ANA, ANA, BO, PIPED]).check_of(&RULE, ORGANISATION);
    assert!(!format!("{:?}", check.result).contains("ana"), "{:?}", check.result);
}
