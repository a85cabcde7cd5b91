use super::RULE;
use crate::del::history::cases::{deployment, failing};
use crate::testing::{Case, as_of};
use loadline_model::{
    ChangedTogether, CodeModule, CodeStat, Deployment, DeploymentStatus, Dora, Kind, Relation, ShipsWith, SubjectRef,
    key,
};

/// `api` is built from `repo`, whose history is known.
fn known() -> Case {
    Case::new()
        .thing("repo", Kind::Repository)
        .thing("api", Kind::Service)
        .edge("api", Relation::BuiltFrom, "repo")
        .flag("repo", key::HISTORY_COMPLETE, true)
        .number("repo", key::HISTORY_DAYS, 400.0)
        .number("repo", key::CODE_FILES, 40.0)
        .number("repo", key::CODE_UNMEASURED, 0.0)
}

/// So many deployments of each service, day by day; those of one day ship the same revision.
fn shipped(case: Case, services: &[&str], days: i64) -> Case {
    services.iter().fold(case, |case, service| {
        (1..=days).fold(case, |case, day| {
            let shipped =
                Deployment { id: format!("{service}-{day}"), ..deployment(day * 24, 5, DeploymentStatus::Succeeded) };
            case.has(service, shipped)
        })
    })
}

/// So many pairs of files that change together, in these domains.
fn coupled(case: Case, count: u32, support: u32, domains: [Option<&str>; 2]) -> Case {
    let module = |path: &str, domain: Option<&str>| CodeModule {
        path: path.into(),
        files: 9,
        lines: 900.0,
        domain: domain.map(str::to_owned),
        fan_in: 1,
        cycle: None,
        imports: vec![],
    };
    let case = case.has("repo", module("src/a", domains[0])).has("repo", module("src/b", domains[1]));
    (0..count).fold(case, |case, n| {
        let (first, second) = (format!("src/a/{n}.py"), format!("src/b/{n}.py"));
        let file = |path: &str| CodeStat { path: path.into(), ..CodeStat::default() };
        let case = case.has("repo", file(&first)).has("repo", file(&second));
        case.has("repo", ChangedTogether { first, second, support, confidence: 0.6 })
    })
}

fn check(case: Case, expected: &str) {
    assert_eq!(case.answer(&RULE, "repo"), expected);
}

#[test]
fn deployments() {
    let three = ["api", "web", "jobs"];
    check(Case::new().thing("repo", Kind::Repository), "unknown not_connected");
    check(known(), "unknown low_sample");
    check(shipped(known(), &["api"], 4), "unknown low_sample");
    check(shipped(known(), &["api"], 9), "pass");
    // Another service is built from it, and nobody shows what it is.
    check(shipped(known(), &["api"], 9).edge("web", Relation::BuiltFrom, "repo"), "unknown unmapped_subject");
    check(shipped(known(), &["api"], 9).gap("web", "deployment"), "unknown permission_denied");
    check(shipped(known(), &three[..2], 9), "pass");
    check(shipped(known(), &three, 9), "fail medium");
    check(failing(shipped(known(), &three, 9), Some([0.1, 0.25, 0.4])), "fail high");
    // Two more services ship at another time of the day, or another revision.
    let apart = shipped(known(), &["api"], 9).edit(|s| {
        let at = |hours| Deployment { id: format!("x-{hours}"), ..deployment(hours, 5, DeploymentStatus::Succeeded) };
        let like = s.facts.last().expect("a deployment").clone();
        for hours in (1..=9).map(|day| day * 24 + 1) {
            for service in ["web", "jobs"] {
                s.facts.push(loadline_model::Fact { subject: service.into(), body: at(hours).into(), ..like.clone() });
            }
        }
    });
    check(apart, "pass");
    let unnamed = shipped(known(), &["api"], 9).edit(|s| {
        for fact in &mut s.facts {
            if let loadline_model::Body::Deployment(d) = &mut fact.body {
                d.revision.clear();
            }
        }
    });
    check(unnamed, "unknown low_sample");
}

#[test]
fn services_of_other_repositories_that_always_ship_beside() {
    let with = |names: &[&str]| {
        let named = |name: &&str| SubjectRef {
            id: (*name).into(),
            kind: None,
            name: (*name).into(),
            account: None,
            region: None,
        };
        let ships_with = names.iter().map(|n| ShipsWith { subject: named(n), share: 0.9, n: 9 }).collect();
        crate::del::history::cases::concluded(shipped(known(), &["api"], 9), Dora { ships_with, ..Dora::default() })
    };
    check(with(&["web"]), "pass");
    check(with(&["web", "jobs"]), "fail medium");
}

#[test]
fn files() {
    let shipped = || shipped(known(), &["api"], 9);
    let two = [Some("orders"), Some("mail")];
    check(coupled(shipped(), 5, 10, two), "pass");
    check(coupled(shipped(), 6, 10, two), "fail medium");
    check(coupled(shipped(), 6, 9, two), "pass");
    check(coupled(shipped(), 6, 10, [Some("orders"), Some("orders")]), "pass");
    check(coupled(shipped(), 6, 10, [Some("orders"), None]), "unknown unmapped_subject");
    check(coupled(shipped(), 100, 5, two), "unknown truncated");
    check(coupled(shipped(), 6, 10, two).gap("repo", "changed_together"), "fail medium");
    check(coupled(shipped(), 5, 10, two).gap("repo", "changed_together"), "unknown permission_denied");
    let stale = coupled(shipped(), 6, 10, two).edit(|s| {
        for fact in &mut s.facts {
            fact.provenance.read_at = as_of().plus_days(-8);
        }
    });
    check(stale, "unknown stale");
    let young = shipped().edit(|s| {
        s.facts.retain(|f| !matches!(&f.body, loadline_model::Body::Setting(s) if s.key == key::HISTORY_DAYS))
    });
    check(young.number("repo", key::HISTORY_DAYS, 100.0), "unknown short_window");
}
