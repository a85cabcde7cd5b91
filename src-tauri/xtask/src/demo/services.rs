//! The app: entry point, service and members, providers, journeys, alerts, deployments.

use super::code;
use super::facts::Said;
use super::story::{self, API, DATABASE, at};
use loadline_model::random::Draws;
use loadline_model::{
    ActorKind, Alert, AlertKind, BackupEvent, BackupKind, Change, DemoFact, Deployment, DeploymentStatus, Document,
    Environment, Expiry, Incident, Kind, Relation, Resource, Slo, TestKind, TestRun, Tier, Timestamp, Value, key,
};

pub(super) const ENTRY: &str = "https://app.harbor.example";
const DNS: &str = "dns:app.harbor.example";
pub(super) const VM: &str = "aws:123456789012:eu-central-1:i-0b7e41";
pub(super) const BALANCER: &str = "aws:123456789012:eu-central-1:alb/harbor";
pub(super) const BUCKET: &str = "aws:123456789012:s3/harbor-uploads";
pub(super) const CLOUD_ACCOUNT: &str = "aws:123456789012";
const REGION: &str = "aws:eu-central-1";
pub(super) const MAIL: &str = "external:api.mail.example";
pub(super) const PUSH: &str = "external:push.example";
pub(super) const API_ROUTES: [&str; 12] = [
    "GET /feed",
    "GET /home",
    "GET /notifications",
    "GET /rooms",
    "GET /rooms/:id/messages",
    "GET /search",
    "GET /users/:id",
    "POST /login",
    "POST /posts",
    "POST /rooms/:id/messages",
    "POST /signup",
    "POST /uploads",
];

fn zone(letter: char) -> String {
    format!("aws:eu-central-1{letter}")
}

fn task(n: usize) -> String {
    format!("aws:123456789012:ecs/harbor/task-{n}")
}

/// Hosts, services, balancer, zones, providers.
pub(super) fn compute() -> Vec<DemoFact> {
    let mut s = Said::default();
    s.call("describe compute").during(story::BEGIN, None);
    s.thing(REGION, Kind::Region, "eu-central-1");
    for letter in ['a', 'b'] {
        s.thing(&zone(letter), Kind::Zone, &format!("eu-central-1{letter}"));
        s.edge(&zone(letter), Relation::RunsIn, REGION);
    }
    s.thing(ENTRY, Kind::Entrypoint, "app.harbor.example").thing(DNS, Kind::Dns, "app.harbor.example (DNS)");
    s.edge(ENTRY, Relation::Serves, DNS);
    let api = Resource {
        environment: Some(Environment::Production),
        tier: Some(Tier::T0),
        engine: Some("nodejs".into()),
        managed: Some(false),
        required_members: Some(1),
        ..Resource::new(Kind::Service, "api")
    };
    s.say(API, api);
    for route in API_ROUTES {
        let id = format!("{API}#{route}");
        s.thing(&id, Kind::Endpoint, route);
        s.edge(&id, Relation::Serves, API);
    }
    s.edge(API, Relation::DependsOn { hard: true }, DATABASE);
    s.thing(CLOUD_ACCOUNT, Kind::Account, "harbor production");
    for (quota, used) in [("Running On-Demand instances", 0.06), ("Elastic IPs", 0.2), ("Fargate tasks", 0.04)] {
        s.item(CLOUD_ACCOUNT, key::QUOTA_USED, quota, Value::Number(used));
    }
    providers(&mut s);
    one_machine(&mut s);
    containers(&mut s);
    super::practice::compute(&mut s);
    s.during(story::BEGIN, None);
    let certificate =
        |at| Expiry { what: "certificate".into(), name: "app.harbor.example".into(), at, automatic: Some(true) };
    s.during(story::BEGIN, Some(story::CONTAINERS));
    s.say(ENTRY, Expiry { automatic: Some(false), ..certificate(at("2026-07-30")) });
    s.during(story::CONTAINERS, None);
    s.say(ENTRY, certificate(at("2027-08-10")));
    s.during(story::BEGIN, None);
    let domain =
        Expiry { what: "domain".into(), name: "harbor.example".into(), at: at("2027-09-01"), automatic: Some(true) };
    s.say(DNS, domain);
    s.done()
}

fn providers(s: &mut Said) {
    s.thing(MAIL, Kind::External, "mail provider").thing(PUSH, Kind::External, "push provider");
    s.edge(API, Relation::DependsOn { hard: false }, PUSH);
    s.number(MAIL, key::EXTERNAL_AVAILABILITY, 0.9991).number(PUSH, key::EXTERNAL_AVAILABILITY, 0.9990);
    s.flag(PUSH, key::EXTERNAL_TIMEOUT, true).text(PUSH, key::EXTERNAL_FALLBACK, "degrade");
    s.during(story::BEGIN, Some(story::OBSERVED));
    s.edge(API, Relation::DependsOn { hard: true }, MAIL);
    s.flag(MAIL, key::EXTERNAL_TIMEOUT, false).text(MAIL, key::EXTERNAL_FALLBACK, "none");
    s.during(story::OBSERVED, None);
    s.edge(API, Relation::DependsOn { hard: false }, MAIL);
    s.flag(MAIL, key::EXTERNAL_TIMEOUT, true).text(MAIL, key::EXTERNAL_FALLBACK, "queue");
}

/// One machine runs everything.
fn one_machine(s: &mut Said) {
    s.during(story::BEGIN, Some(story::CONTAINERS));
    s.say(VM, Resource { managed: Some(false), ..Resource::new(Kind::Host, "vm-1") });
    s.edge(VM, Relation::RunsIn, &zone('a'));
    s.edge(DNS, Relation::Serves, API);
    let process = format!("{API}/vm-1");
    s.thing(&process, Kind::Instance, "api on vm-1");
    s.edge(&process, Relation::MemberOf, API).edge(&process, Relation::RunsIn, VM);
    s.number(API, key::DESIRED_MEMBERS, 1.0).number(API, key::MINIMUM_MEMBERS, 1.0).number(
        API,
        key::MAXIMUM_MEMBERS,
        1.0,
    );
    s.number(ENTRY, key::ENTRY_TARGETS, 1.0).number(ENTRY, key::HEALTHY_TARGETS, 1.0).flag(
        ENTRY,
        key::ENTRY_MANAGED,
        false,
    );
    s.text(API, key::SCALING_SIGNAL, "none").flag(API, key::UPLOADS_ON_DISK, true);
    s.item(API, key::SCHEDULE_RUNS_IN, "digest mail", Value::Text("web_process".into()));
    s.during(story::BEGIN, Some(story::PROCESSES));
    s.number(API, key::PROCESSES_PER_MEMBER, 1.0).number(API, key::POOL_MAX_PER_PROCESS, 20.0);
    s.number(API, key::UNPLANNED_RESTARTS_30D, 4.0).flag(ENTRY, key::HEALTH_CHECKS, false).flag(
        API,
        key::HEALTH_CHECK_DEEP,
        false,
    );
    s.number(API, key::EVENT_LOOP_LAG_P99_MS, 240.0);
    s.during(story::PROCESSES, Some(story::CONTAINERS));
    s.number(API, key::PROCESSES_PER_MEMBER, 4.0).number(API, key::POOL_MAX_PER_PROCESS, 10.0);
    s.number(API, key::UNPLANNED_RESTARTS_30D, 1.0).flag(ENTRY, key::HEALTH_CHECKS, true).flag(
        API,
        key::HEALTH_CHECK_DEEP,
        true,
    );
    s.number(API, key::EVENT_LOOP_LAG_P99_MS, 60.0);
    s.during(story::BEGIN, Some(story::CACHE)).flag(API, key::SESSIONS_IN_PROCESS, true);
}

/// Containers over two zones behind a balancer.
fn containers(s: &mut Said) {
    s.during(story::CONTAINERS, None);
    s.say(BALANCER, Resource { managed: Some(true), ..Resource::new(Kind::LoadBalancer, "harbor-alb") });
    s.edge(DNS, Relation::Serves, BALANCER).edge(BALANCER, Relation::Serves, API);
    s.say(BUCKET, Resource { managed: Some(true), ..Resource::new(Kind::Store, "harbor-uploads") });
    s.edge(API, Relation::DependsOn { hard: false }, BUCKET);
    s.text(BUCKET, key::STORE_ROLE, "user_data").flag(BUCKET, key::BACKUP_ENABLED, true).flag(
        BUCKET,
        key::DELETION_PROTECTION,
        true,
    );
    s.number(BUCKET, key::BACKUP_RETENTION_DAYS, 30.0).flag(BUCKET, key::PLATFORM_REDUNDANT, true);
    s.flag(BUCKET, key::BACKUP_ISOLATED, true).flag(BUCKET, key::BACKUP_IMMUTABLE, true).flag(
        BUCKET,
        key::BACKUP_SAME_PRINCIPAL,
        false,
    );
    bucket_copies(s);
    for n in 1..=4 {
        let (id, letter) = (task(n), if n % 2 == 1 { 'a' } else { 'b' });
        s.say(&id, Resource { managed: Some(true), ..Resource::new(Kind::Instance, format!("api task {n}")) });
        s.edge(&id, Relation::MemberOf, API).edge(&id, Relation::RunsIn, &zone(letter));
    }
    s.number(API, key::DESIRED_MEMBERS, 4.0).number(API, key::MINIMUM_MEMBERS, 2.0).number(
        API,
        key::MAXIMUM_MEMBERS,
        8.0,
    );
    s.number(API, key::PROCESSES_PER_MEMBER, 2.0).number(API, key::POOL_MAX_PER_PROCESS, 10.0);
    s.number(API, key::SCALE_OUT_SECONDS, 95.0);
    s.number(API, key::UNPLANNED_RESTARTS_30D, 0.0).flag(API, key::HEALTH_CHECK_DEEP, true);
    s.number(API, key::EVENT_LOOP_LAG_P99_MS, 22.0);
    for id in [ENTRY, BALANCER] {
        s.flag(id, key::ENTRY_MANAGED, true).flag(id, key::HEALTH_CHECKS, true);
        s.number(id, key::ENTRY_TARGETS, 4.0).number(id, key::HEALTHY_TARGETS, 4.0);
    }
    s.item(API, key::SCHEDULE_RUNS_IN, "digest mail", Value::Text("platform".into()));
    s.item(API, key::SCHEDULE_MISSED_RUNS, "digest mail", Value::Number(0.0));
}

/// Uploads are versioned and copied to a second account.
fn bucket_copies(s: &mut Said) {
    let event = |kind, at, validated| BackupEvent {
        kind,
        at,
        succeeded: true,
        location: Some("eu-west-1, second account".into()),
        duration_s: Some(600.0),
        validated,
        tool: Some("replication".into()),
    };
    let mut day = at("2026-07-13 06:50");
    while day < at(story::AFTER) {
        s.happened(day, BUCKET, event(BackupKind::Snapshot, day, None));
        day = day.plus_days(7);
    }
    let last = at("2026-11-16 06:50");
    s.happened(last, BUCKET, event(BackupKind::Snapshot, last, None));
    s.happened(at(story::DRILLS), BUCKET, event(BackupKind::Restore, at(story::DRILLS), Some(true)));
}

/// Journeys, alerts, objectives, tests.
pub(super) fn metrics() -> Vec<DemoFact> {
    let mut s = Said::default();
    s.call("rules, targets and labels").during(story::BEGIN, None);
    let journeys = [
        ("journey:sign-up", "Sign up", 0.2),
        ("journey:read-feed", "Read the feed", 0.5),
        ("journey:chat", "Chat", 0.3),
    ];
    for (id, name, weight) in journeys {
        s.thing(id, Kind::Journey, name).number(id, key::JOURNEY_WEIGHT, weight).flag(id, key::JOURNEY_CRITICAL, true);
        s.edge(id, Relation::Needs, API).edge(id, Relation::Needs, DATABASE);
    }
    s.during(story::BEGIN, Some(story::OBSERVED)).edge("journey:sign-up", Relation::Needs, MAIL);
    s.during(story::BEGIN, None).flag(API, key::ALERTING_READ, true);
    alerts(&mut s);
    s.during(story::BEGIN, Some(story::OBSERVED));
    s.flag(API, key::LOGS_STRUCTURED, false).number(API, key::LOG_RETENTION_DAYS, 3.0).flag(API, key::TRACING, false);
    s.during(story::OBSERVED, None);
    s.flag(API, key::LOGS_STRUCTURED, true).number(API, key::LOG_RETENTION_DAYS, 30.0).flag(API, key::TRACING, false);
    for (route, calls) in
        [("GET /feed", 5.0), ("GET /home", 7.0), ("GET /rooms/:id/messages", 3.0), ("GET /notifications", 2.0)]
    {
        s.item(API, key::DB_CALLS_PER_REQUEST, route, Value::Number(calls));
    }
    s.number(API, key::PAGES_PER_SHIFT, 0.4).number(API, key::ALERTS_WITHOUT_ACTION, 0.18);
    // What is left of each budget is what the series of the last four weeks leave of it.
    let promises = [(0.97, -0.27), (0.995, 0.70), (0.995, 0.44)];
    for ((id, _, _), (target, left)) in journeys.into_iter().zip(promises) {
        s.text(id, key::JOURNEY_SUCCESS_METRIC, "journey.success_ratio");
        s.number(id, key::SYNTHETIC_INTERVAL_MINUTES, 5.0).flag(id, key::SYNTHETIC_ASSERTS_CONTENT, true);
        s.say(
            id,
            Slo {
                name: format!("{id} success"),
                target,
                window_days: 28.0,
                burn_rate_alert: Some(true),
                budget_left: Some(left),
            },
        );
    }
    s.number(API, key::SYNTHETIC_INTERVAL_MINUTES, 5.0).flag(API, key::SYNTHETIC_ASSERTS_CONTENT, true);
    let recording = "histogram_quantile(0.95, sum by (le) (rate(http_server_request_duration_seconds_bucket[5m])))";
    s.item(API, key::RECORDING_RULE, "api:p95", Value::Text(recording.into()));
    s.during(story::BEGIN, Some(story::OBSERVED));
    s.item(API, key::RECORDING_RULE, "api:p95", Value::Text("avg(http_request_duration_p95)".into()));
    s.during(story::BEGIN, Some(story::PROFILING));
    tests(&mut s);
    s.done()
}

fn alerts(s: &mut Said) {
    let alert = |name: &str, expression: &str, watches| Alert {
        name: name.into(),
        expression: expression.into(),
        watches,
        subjects: vec![API.into()],
        pages: Some(true),
        runbook: None,
        owner: None,
        delivery_tested_at: None,
        firings_28d: Some(11),
        firing_since: None,
    };
    s.during(story::BEGIN, Some(story::OBSERVED));
    s.say(API, alert("HostCpuHigh", "cpu > 80 for 5m", AlertKind::Cause));
    s.say(API, alert("HostDown", "up == 0", AlertKind::Cause));
    s.during(story::OBSERVED, None);
    let full = |name: &str, expression: &str, watches| Alert {
        runbook: Some(format!("https://wiki.harbor.example/runbooks/{name}")),
        owner: Some("backend".into()),
        delivery_tested_at: Some(at("2026-10-19 10:00")),
        firings_28d: Some(2),
        ..alert(name, expression, watches)
    };
    s.say(API, full("FeedSlow", "p95 of GET /feed > 500 ms for 10m", AlertKind::Latency));
    s.say(API, full("ErrorRatio", "error ratio > 1 % for 10m", AlertKind::Errors));
    s.say(API, Alert { runbook: None, owner: None, ..full("QueueOfMails", "waiting mails > 500", AlertKind::Other) });
    for (journey, name) in
        [("journey:sign-up", "SignUpSuccess"), ("journey:read-feed", "FeedSuccess"), ("journey:chat", "ChatSuccess")]
    {
        let watched = Alert {
            subjects: vec![journey.into(), API.into()],
            ..full(name, "success ratio < 95 % in 15 min", AlertKind::Business)
        };
        s.say(journey, watched);
        let burn = Alert {
            subjects: vec![journey.into(), API.into()],
            ..full(&format!("{name}Burn"), "14.4x over 1 h and 5 min", AlertKind::BurnRate)
        };
        s.say(journey, burn);
    }
}

fn tests(s: &mut Said) {
    let drill = TestRun {
        kind: TestKind::Failover,
        at: at(story::DRILLS),
        passed: true,
        peak_multiplier: None,
        requests_per_second: None,
        recovery_s: Some(41.0),
        note: Some("stepped the primary down at the evening peak".into()),
    };
    s.happened(at(story::DRILLS), DATABASE, drill.clone());
    s.happened(
        at("2026-10-14 06:00"),
        API,
        TestRun { recovery_s: Some(8.0), note: Some("terminated one task of four".into()), ..drill.clone() },
    );
    let load = TestRun {
        kind: TestKind::Load,
        at: at("2026-10-27 05:00"),
        passed: true,
        peak_multiplier: Some(4.2),
        requests_per_second: None,
        recovery_s: None,
        note: Some("read-heavy mix on the staging copy".into()),
    };
    s.happened(load.at, API, load.clone());
    let runbook = |title: &str| Document {
        what: "runbook".into(),
        title: title.into(),
        url: None,
        updated_at: Some(at(story::OBSERVED)),
    };
    s.happened(at(story::OBSERVED), DATABASE, runbook("Database failover"));
    s.happened(at(story::OBSERVED), API, runbook("API is slow"));
    let review = Document {
        what: "query_review".into(),
        title: "Top 20 statements explained".into(),
        url: None,
        updated_at: Some(at("2026-09-28 10:00")),
    };
    s.happened(at("2026-09-28 10:00"), DATABASE, review);
}

/// Deployments by hand, then by a pipeline; incidents; resizes.
pub(super) fn delivery() -> Vec<DemoFact> {
    let mut s = Said::default();
    s.call("deployments").during(story::BEGIN, None);
    let seeded = |what| Draws::new(loadline_model::hash::seed(&["harbor demo", what]));
    let mut draws = [seeded("deployments"), seeded("changes")];
    let mut when = at("2026-01-08 17:00");
    let mut n = 0;
    while when < at(story::PIPELINE) {
        n += 1;
        by_hand(&mut s, n, when, &mut draws);
        when = Timestamp(when.plus_days(4 + draws[0].below(5) as i64).0 + draws[0].below(90) as i64 * 60_000);
    }
    for change in [story::MANAGED, story::INDEXES, story::PROCESSES, story::PAGINATION, story::CACHE, story::CONTAINERS]
    {
        n += 1;
        by_hand(&mut s, n, at(change), &mut draws);
    }
    when = at("2026-08-03 10:00");
    while when < at(story::AFTER) {
        n += 1;
        by_pipeline(&mut s, n, when, &mut draws);
        let next_day = Timestamp(when.plus_days(if when.utc_day().weekday() == 4 { 3 } else { 1 }).0);
        when = Timestamp(next_day.0 + (draws[0].below(240) as i64 - 120) * 60_000);
        when = Timestamp(
            when.utc_day().utc_start().0 + (when.0.rem_euclid(86_400_000)).clamp(8 * 3_600_000, 15 * 3_600_000),
        );
    }
    s.during(story::BEGIN, Some(story::PIPELINE));
    s.thing("person:mira", Kind::Person, "Mira");
    s.edge(API, Relation::OperatedBy, "person:mira");
    s.during(story::PIPELINE, None);
    s.thing("pipeline:harbor/deploy", Kind::Pipeline, "deploy").edge(
        API,
        Relation::DeployedBy,
        "pipeline:harbor/deploy",
    );
    s.thing("person:mira", Kind::Person, "Mira").thing("person:jonas", Kind::Person, "Jonas");
    s.edge(API, Relation::OperatedBy, "person:mira").edge(API, Relation::OperatedBy, "person:jonas");
    s.flag(DATABASE, key::MIGRATIONS_AUTOMATIC, true);
    incidents(&mut s);
    let resize = Change {
        what: "resize".into(),
        at: at(story::CONTAINERS),
        until: None,
        description: "From one VM to a group of two to eight tasks.".into(),
    };
    s.happened(at(story::CONTAINERS), API, resize);
    s.done()
}

fn by_hand(s: &mut Said, n: usize, started: Timestamp, [draws, changes]: &mut [Draws; 2]) {
    let minutes = 31 + draws.below(19) as i64;
    let failed = draws.uniform() < 0.16;
    let deployment = Deployment {
        id: format!("manual-{n}"),
        environment: "production".into(),
        revision: format!("{:07x}", draws.bits() & 0xfff_ffff),
        started_at: started,
        finished_at: Some(Timestamp(started.0 + minutes * 60_000)),
        status: if failed { DeploymentStatus::RolledBack } else { DeploymentStatus::Succeeded },
        actor_kind: ActorKind::Person,
        actor: Some("Mira".into()),
        strategy: Some("in_place".into()),
    };
    code::changes(s, &deployment.id, &deployment.revision, started, true, changes);
    s.happened(started, API, deployment);
}

fn by_pipeline(s: &mut Said, n: usize, started: Timestamp, [draws, changes]: &mut [Draws; 2]) {
    let seconds = 240 + draws.below(110) as i64;
    let failed = draws.uniform() < 0.05;
    let deployment = Deployment {
        id: format!("run-{n}"),
        environment: "production".into(),
        revision: format!("{:07x}", draws.bits() & 0xfff_ffff),
        started_at: started,
        finished_at: Some(Timestamp(started.0 + seconds * 1000)),
        status: if failed { DeploymentStatus::RolledBack } else { DeploymentStatus::Succeeded },
        actor_kind: ActorKind::Pipeline,
        actor: Some("deploy".into()),
        strategy: Some("blue_green".into()),
    };
    code::changes(s, &deployment.id, &deployment.revision, started, false, changes);
    s.happened(started, API, deployment);
}

fn incidents(s: &mut Said) {
    let incident = |id: &str, title: &str, from: &str, minutes: i64, failover| Incident {
        id: id.into(),
        title: title.into(),
        started_at: at(from),
        detected_at: Some(Timestamp(at(from).0 + 9 * 60_000)),
        resolved_at: Some(Timestamp(at(from).0 + minutes * 60_000)),
        caused_by: None,
        failover,
        journeys: Vec::new(),
    };
    for (subject, what) in [
        (API, incident("inc-1", "The process ran out of memory and stayed down", "2026-01-22 21:10", 96, None)),
        (DATABASE, incident("inc-2", "The disk was full, writes failed", "2026-02-11 19:40", 210, None)),
        (API, incident("inc-3", "A deployment by hand left the app half updated", "2026-03-03 17:20", 74, None)),
        (DATABASE, incident("inc-4", "The primary was replaced by its provider", "2026-09-19 03:12", 1, Some(true))),
    ] {
        let at = what.started_at;
        s.happened(at, subject, what);
    }
}
