//! Bad luck ends in time as a gap of its kind, and everything else is still collected.

use super::between::{Answer, Asked, Turn};
use super::*;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const BUILD: &str = "machine('host', subnets['a'], [])
database('orders', BackupRetentionPeriod=7)
client('sqs').create_queue(QueueName='jobs')
";

/// One kind of bad luck: which service in which region it hits, how, and what the gap says.
struct Luck {
    name: &'static str,
    hits: (&'static str, &'static str),
    reason: &'static str,
    closes: &'static str,
    says: fn(&Asked, usize) -> Answer,
}

fn cut(asked: &Asked, _: usize) -> Answer {
    match asked.service.as_str() {
        "sqs" => Answer::json("{\"QueueUrls\":[\"http://"),
        _ => Answer::xml("<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInst"),
    }
}

const LUCK: [Luck; 7] = [
    Luck {
        name: "tokens of next pages never end",
        hits: ("rds", "eu-west-1"),
        reason: "limit_reached",
        closes: "Collect again",
        says: |asked, n| {
            let action = &asked.action;
            Answer::xml(format!(
                "<{action}Response><{action}Result><Marker>m{n}</Marker></{action}Result></{action}Response>"
            ))
        },
    },
    Luck {
        name: "a region is switched off",
        hits: ("", "af-south-1"),
        reason: "feature_disabled",
        closes: "Enable the region",
        says: |asked, _| {
            let code = if asked.service == "ec2" { "AuthFailure" } else { "UnrecognizedClientException" };
            asked.refusal(401, code)
        },
    },
    Luck {
        name: "credentials expire on the way",
        hits: ("rds", "eu-west-1"),
        reason: "permission_denied",
        closes: "Renew the credentials",
        says: |asked, _| asked.refusal(403, "ExpiredToken"),
    },
    Luck {
        name: "the clock is wrong and stays wrong",
        hits: ("rds", "eu-west-1"),
        reason: "api_error",
        closes: "Set the clock",
        says: |asked, _| Answer {
            header: Some(("date", "Sun, 30 Aug 2015 12:36:00 GMT".into())),
            ..asked.refusal(403, "RequestTimeTooSkewed")
        },
    },
    Luck {
        name: "a storm of throttling",
        hits: ("rds", "eu-west-1"),
        reason: "rate_limited",
        closes: "Collect again",
        says: |asked, _| asked.refusal(400, "Throttling"),
    },
    Luck {
        name: "XML ends early",
        hits: ("rds", "eu-west-1"),
        reason: "truncated",
        closes: "Collect again",
        says: cut,
    },
    Luck {
        name: "JSON ends early",
        hits: ("sqs", "eu-west-1"),
        reason: "truncated",
        closes: "Collect again",
        says: cut,
    },
];

fn unlucky(luck: &'static Luck) -> Turn {
    let asked_so_far = Arc::new(AtomicUsize::new(0));
    Box::new(move |asked, emulator| {
        let (service, region) = luck.hits;
        if asked.service != "sts" && (service.is_empty() || asked.service == service) && asked.region == region {
            return (luck.says)(asked, asked_so_far.fetch_add(1, Ordering::SeqCst));
        }
        emulator()
    })
}

#[test]
fn each_kind_of_bad_luck_ends_in_time_and_the_rest_is_read() {
    let moto = built("members.py", &format!("zones, required = 'ab', None\n{BUILD}"));
    for luck in &LUCK {
        let between = Between::start(moto.port, unlucky(luck));
        let home = Home::new().expect("a home");
        connect(&home, &between.server.url(), &["regions=eu-west-1 af-south-1", "services=ec2 rds sqs"]);
        let begun = Instant::now();
        let said = home.run_with(&["collect", "--json"], &[KEY]).expect("runs");
        ok(&said, &[3]);
        assert!(begun.elapsed() < Duration::from_secs(120), "{}: {:?}", luck.name, begun.elapsed());
        let collected = said.json().expect("json");
        let gaps = collected["accounts"][0]["gaps"].as_array().expect("gaps").clone();
        let (service, region) = luck.hits;
        let here = |g: &&Value| text(&g["scope"]).starts_with(service) && text(&g["scope"]).ends_with(region);
        let hit: Vec<&Value> = gaps.iter().filter(here).collect();
        let of_its_kind = |g: &&Value| g["reason"] == luck.reason && text(&g["closes"]).contains(luck.closes);
        assert!(!hit.is_empty() && hit.iter().all(of_its_kind), "{}: {gaps:#?}", luck.name);
        assert!(hit.len() == gaps.len(), "{}: more is missing than was hit: {gaps:#?}", luck.name);
        let known = known(&home);
        for (of, thing) in [("ec2", "host"), ("ec2", "pages-0a"), ("rds", "orders"), ("sqs", "jobs")] {
            let read = region != "eu-west-1" || of != service;
            assert_eq!(known.iter().any(|name| name == thing), read, "{}: {thing} in {known:?}", luck.name);
        }
    }
}
