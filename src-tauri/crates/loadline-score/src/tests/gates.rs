//! Gates: closed unless proven open, each with its reason.

use super::*;

fn gate(id: &str, checks: &[Check], topology: &Topology, capacity: &Capacity) -> Gate {
    let score = rate(checks, &catalog(), &Situation { topology, capacity, policy: &Policy::default() });
    score.gates.into_iter().find(|g| g.id == id).expect("three gates")
}

#[test]
fn g1_asks_for_backup_and_restore_of_every_store() {
    let check = |checks: &[Check], open: bool, because: &str| {
        let gate = gate("G1", checks, &Topology::default(), &no_capacity());
        assert_eq!((gate.open, gate.because.as_str(), gate.caps_at), (open, because, Label::AtRisk));
    };
    let restored = || pass("DATA-004", "db");
    check(&[], false, "Automatic backups are not proven for any store (DATA-001).");
    check(
        &[absent("DATA-001", "cache"), restored()],
        false,
        "Automatic backups are not proven for any store (DATA-001).",
    );
    check(&[pass("DATA-001", "db")], false, "Restores are not proven for any store (DATA-004).");
    check(&[pass("DATA-001", "db"), unknown("DATA-004", "db")], false, "Restores are not proven for db (DATA-004).");
    let failing: Vec<Check> = ["e", "b", "a", "d"].map(|s| fail("DATA-001", s, Severity::Critical, 1.0)).into();
    check(&failing, false, "Automatic backups fail for a, b, d and 1 more (DATA-001).");
    let fine = [
        pass("DATA-001", "db"),
        pass("DATA-001", "files"),
        absent("DATA-001", "cache"),
        restored(),
        absent("DATA-004", "cache"),
    ];
    check(&fine, true, "Automatic backups and a restore are proven for db and files.");
}

fn node(id: &str) -> Node {
    Node {
        id: id.into(),
        kind: Kind::Service,
        name: id.into(),
        account: None,
        region: None,
        zone: None,
        environment: Environment::Production,
        tier: Tier::T0,
        required: None,
        members: 0,
        required_assumed: false,
        implied: false,
        managed: None,
        engine: None,
    }
}

fn spof(id: &str, blast_radius: f64) -> Spof {
    Spof {
        subject: subject(id),
        blast_radius,
        degraded: 0.0,
        journeys_lost: Vec::new(),
        hours_per_year: Interval::default(),
        path: Vec::new(),
        why: String::new(),
        groups: Vec::new(),
        confidence: Confidence::Observed,
        proven: true,
        assumption: String::new(),
    }
}

fn map(nodes: &[&str], spofs: &[(&str, f64)]) -> Topology {
    let journey = Journey {
        id: "buy".into(),
        name: "buy".into(),
        weight: 1.0,
        critical: true,
        needs: Vec::new(),
        broken_model: false,
        implicit: false,
    };
    Topology {
        graph: Graph { nodes: nodes.iter().map(|n| node(n)).collect(), edges: Vec::new(), journeys: vec![journey] },
        spofs: spofs.iter().map(|(id, b)| spof(id, *b)).collect(),
        exposures: nodes.iter().map(|n| ((*n).into(), exposed(0.5))).collect(),
        ..Topology::default()
    }
}

#[test]
fn g2_asks_for_a_rehearsed_recovery_of_what_stops_everything() {
    let check = |topology: &Topology, checks: &[Check], open: bool, word: &str| {
        let gate = gate("G2", checks, topology, &no_capacity());
        assert_eq!(gate.open, open, "{}", gate.because);
        assert!(gate.because.contains(word), "{}", gate.because);
        assert_eq!(gate.caps_at, Label::Conditional);
    };
    check(&Topology::default(), &[], false, "No journey is mapped");
    check(&map(&["api"], &[]), &[], true, "No single failure");
    check(&map(&["api"], &[("api", 0.89)]), &[], true, "No single failure");
    check(&map(&["api"], &[("api", 0.9)]), &[], false, "The failure of api");
    check(&map(&["api"], &[("api", 0.9)]), &[fail("TEST-004", "api", Severity::High, 1.0)], false, "never rehearsed");
    check(&map(&["api"], &[("api", 0.9)]), &[unknown("TEST-004", "api")], false, "never rehearsed");
    check(&map(&["api"], &[("api", 0.9)]), &[pass("TEST-004", "api")], true, "was rehearsed");
    check(&map(&["api"], &[("api", 0.9), ("db", 1.0)]), &[pass("TEST-004", "api")], false, "The failure of db");
    let organisation = || pass("TEST-004", ORGANISATION);
    check(&map(&["api"], &[("api", 1.0)]), &[organisation()], true, "was rehearsed");
    check(&map(&["api"], &[("api", 1.0)]), &[organisation(), unknown("TEST-004", "db")], false, "never rehearsed");

    let mut hidden = map(&["api", "worker"], &[]);
    hidden.exposures.insert("worker".into(), Exposure::UNKNOWN);
    check(&hidden, &[], false, "which journeys need worker");
    hidden.graph.nodes[1].environment = Environment::Staging;
    check(&hidden, &[], true, "No single failure");
    let mut broken = map(&["api"], &[]);
    broken.graph.journeys[0].broken_model = true;
    check(&broken, &[], false, "does not show how buy works");
}

#[test]
fn g3_asks_for_proven_headroom() {
    let measured = |p10: f64, families: &[&str], unmeasured: bool| {
        let multiplier = Interval { p10, p50: p10 + 0.5, p90: p10 + 1.0 };
        let first = LimitForecast {
            subject: subject("db"),
            resource: Limited::QueueDrain,
            scenario: "measured".into(),
            utilisation: 0.4,
            limit: 0.8,
            multiplier,
            days: None,
            first_probability: 1.0,
            breaks: None,
            extrapolated: false,
        };
        let hidden = Unmeasured { subject: subject("api"), resource: Limited::Cpu, closes: "metrics".into() };
        Capacity {
            first_limit: Some(first),
            families: families.iter().map(|f| (*f).to_owned()).collect(),
            unmeasured: if unmeasured { vec![hidden] } else { Vec::new() },
            ..no_capacity()
        }
    };
    let check = |capacity: &Capacity, open: bool, because: &str| {
        let gate = gate("G3", &[], &Topology::default(), capacity);
        assert_eq!((gate.open, gate.because.as_str()), (open, because));
    };
    let reached = "The first limit, queue drain of db, is reached at 1.50 times today's peak or later.";
    check(&no_capacity(), false, "No limit is measured, so headroom is not proven.");
    check(&measured(1.5, &["compute"], false), true, reached);
    check(
        &measured(1.499, &["compute"], false),
        false,
        "The first limit, queue drain of db, may be reached at 1.49 times today's peak.",
    );
    check(
        &measured(f64::NAN, &["compute"], false),
        false,
        "The headroom of the first limit, queue drain of db, is not known.",
    );
    let hidden = "Only 2 of 5 families of limits are measured, so the first limit may be hidden.";
    check(&measured(1.5, &["compute", "storage"], true), false, hidden);
    check(&measured(1.5, &["compute", "storage", "database"], true), true, reached);
}

#[test]
fn gates_cap_the_label_whatever_the_number_says() {
    let checks: Vec<Check> = catalog().iter().map(|r| pass(r.id.as_str(), "api")).collect();
    let score = rated(&checks, &catalog());
    assert_eq!((score.proven, score.label_by_number, score.label), (100.0, Label::Ready, Label::Conditional));
    let without_restore: Vec<Check> = checks.into_iter().filter(|c| c.rule.as_str() != "DATA-004").collect();
    assert_eq!(rated(&without_restore, &catalog()).label, Label::AtRisk);
}
