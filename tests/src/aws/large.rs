//! An account of five thousand things: nothing is lost, few questions are asked, little memory is used.

use super::between::{Answer, Asked, Between, Turn};
use super::*;
use crate::program::piped;
use loadline_model::random::Draws;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::process::Stdio;
use std::time::Duration;

const MACHINES: usize = 1500;
const VOLUMES: usize = 1000;
const DATABASES: usize = 300;
const QUEUES: usize = 1000;
const FUNCTIONS: usize = 1200;
/// Calls that ask for a metric or a quota by its name.
const WATCHED: usize = 60;
/// Most memory of a collection with its assessment, in kB, of a build without optimisation.
const MEMORY: u64 = 400_000;

/// Things, things on a page, and how many readers need the whole list: machines and databases are also listed to see whom
/// their security groups let in.
const LISTS: [(&str, usize, usize, usize); 5] = [
    ("ec2 DescribeInstances", MACHINES, 250, 2),
    ("ec2 DescribeVolumes", VOLUMES, 250, 1),
    ("rds DescribeDBInstances", DATABASES, 100, 2),
    ("sqs ListQueues", QUEUES, 1000, 1),
    ("lambda GET /2015-03-31/functions/", FUNCTIONS, 50, 1),
];

/// A recorded account: pages in the shapes and with the tokens in which the emulator answers, things by number.
fn recorded() -> Turn {
    Box::new(|asked, _| {
        let call = asked.call();
        let list =
            LISTS.iter().find(|(name, ..)| *name == call || call.trim_end_matches('/') == name.trim_end_matches('/'));
        match list {
            Some((_, things, page, _)) => list_of(asked, *things, *page),
            None => other(asked),
        }
    })
}

fn list_of(asked: &Asked, things: usize, page: usize) -> Answer {
    let from = token(asked);
    let until = things.min(from + page);
    let next = (until < things).then(|| format!("t{until}"));
    let mut draws = Draws::new(from as u64);
    let mut body = String::new();
    for n in from..until {
        let zone = ["a", "b", "c"][draws.below(3)];
        match asked.action.as_str() {
            "DescribeInstances" => write!(body, "<item><reservationId>r-{n:017x}</reservationId><ownerId>123456789012</ownerId><instancesSet><item><instanceId>i-{n:017x}</instanceId><imageId>ami-12c6146b</imageId><instanceState><code>16</code><name>running</name></instanceState><instanceType>t3.small</instanceType><placement><availabilityZone>eu-west-1{zone}</availabilityZone><tenancy>default</tenancy></placement><privateIpAddress>10.0.{}.{}</privateIpAddress><tagSet><item><key>Name</key><value>machine-{n}</value></item></tagSet></item></instancesSet></item>", n / 250, n % 250),
            "DescribeVolumes" => write!(body, "<item><volumeId>vol-{n:017x}</volumeId><size>{}</size><availabilityZone>eu-west-1{zone}</availabilityZone><status>in-use</status><attachmentSet><item><volumeId>vol-{n:017x}</volumeId><instanceId>i-{n:017x}</instanceId><device>/dev/sdf</device><status>attached</status><deleteOnTermination>false</deleteOnTermination></item></attachmentSet><tagSet><item><key>Name</key><value>volume-{n}</value></item></tagSet></item>", 8 + draws.below(500)),
            "DescribeDBInstances" => write!(body, "<DBInstance><DBInstanceIdentifier>database-{n}</DBInstanceIdentifier><DBInstanceArn>arn:aws:rds:eu-west-1:123456789012:db:database-{n}</DBInstanceArn><Engine>postgres</Engine><EngineVersion>16.3</EngineVersion><MultiAZ>false</MultiAZ><AvailabilityZone>eu-west-1{zone}</AvailabilityZone><AllocatedStorage>{}</AllocatedStorage><BackupRetentionPeriod>7</BackupRetentionPeriod><Endpoint><Address>database-{n}.abc.eu-west-1.rds.amazonaws.com</Address><Port>5432</Port></Endpoint></DBInstance>", 20 + draws.below(500)),
            "ListQueues" => write!(body, "{}\"http://queue.test/123456789012/queue-{n}\"", if n == from { "" } else { "," }),
            _ => write!(body, "{}{{\"FunctionName\":\"function-{n}\",\"FunctionArn\":\"arn:aws:lambda:eu-west-1:123456789012:function:function-{n}\",\"Runtime\":\"nodejs22.x\",\"MemorySize\":{},\"State\":\"Active\"}}", if n == from { "" } else { "," }, 128 + draws.below(1024)),
        }
        .expect("written");
    }
    let marked = |name: &str| next.as_ref().map_or(String::new(), |t| format!("<{name}>{t}</{name}>"));
    let quoted = |name: &str| next.as_ref().map_or(String::new(), |t| format!(",\"{name}\":\"{t}\""));
    match asked.action.as_str() {
        "DescribeInstances" => Answer::xml(format!(
            "<DescribeInstancesResponse><reservationSet>{body}</reservationSet>{}</DescribeInstancesResponse>",
            marked("nextToken")
        )),
        "DescribeVolumes" => Answer::xml(format!(
            "<DescribeVolumesResponse><volumeSet>{body}</volumeSet>{}</DescribeVolumesResponse>",
            marked("nextToken")
        )),
        "DescribeDBInstances" => Answer::xml(format!(
            "<DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances>{body}</DBInstances>{}</DescribeDBInstancesResult></DescribeDBInstancesResponse>",
            marked("Marker")
        )),
        "ListQueues" => Answer::json(format!("{{\"QueueUrls\":[{body}]{}}}", quoted("NextToken"))),
        _ => Answer::json(format!("{{\"Functions\":[{body}]{}}}", quoted("NextMarker"))),
    }
}

/// Where the page begins that a question asks for, in whichever form the token came.
fn token(asked: &Asked) -> usize {
    let marks = ["NextToken=t", "Marker=t", "\"NextToken\":\"t"];
    let found = marks.iter().find_map(|mark| asked.text.split_once(mark)).map_or("", |(_, rest)| rest);
    found.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap_or(0)
}

fn other(asked: &Asked) -> Answer {
    let action = &asked.action;
    match (asked.service.as_str(), action.as_str()) {
        ("sts", _) => Answer::xml(
            "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/u</Arn><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
        ),
        ("sqs", "GetQueueAttributes") => {
            let name = asked.text.rsplit_once("/queue-").map_or("", |(_, rest)| rest.split('"').next().unwrap_or(""));
            Answer::json(format!(
                "{{\"Attributes\":{{\"QueueArn\":\"arn:aws:sqs:eu-west-1:123456789012:queue-{name}\",\"ApproximateNumberOfMessages\":\"0\"}}}}"
            ))
        }
        ("ec2" | "s3" | "route53" | "cloudfront", _) => Answer::xml("<Nothing/>"),
        _ if asked.text.contains("Action=") => {
            Answer::xml(format!("<{action}Response><{action}Result/></{action}Response>"))
        }
        _ => Answer::json("{}"),
    }
}

/// Most memory that a process held, in kB, as its own accounts say while it lives.
fn peak_memory(id: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    status.lines().find_map(|l| l.strip_prefix("VmHWM:"))?.trim().split(' ').next()?.parse().ok()
}

#[test]
fn five_thousand_things_are_read_with_bounded_calls_and_memory() {
    let between = Between::start(0, recorded());
    let home = Home::new().expect("a home");
    connect(&home, &between.server.url(), &[]);
    between.heard();
    let mut command = home.command(&["collect", "--json"]).expect("the program");
    let mut child = piped(command.env(KEY.0, KEY.1).stdin(Stdio::null())).spawn().expect("runs");
    let mut peak = 0;
    while child.try_wait().expect("a child").is_none() {
        peak = peak.max(peak_memory(child.id()).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(10));
    }
    let said: Said = child.wait_with_output().expect("an end").into();
    ok(&said, &[0, 3]);

    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    between.heard().into_iter().for_each(|call| *asked.entry(call).or_default() += 1);
    let pages: usize = LISTS.iter().map(|(_, things, page, readers)| things.div_ceil(*page) * readers).sum();
    let listed: usize = LISTS.iter().map(|(name, ..)| asked.get(*name).copied().unwrap_or(0)).sum();
    assert_eq!(listed, pages, "{asked:#?}");
    let each = asked.get("sqs GetQueueAttributes").copied().unwrap_or(0);
    let all: usize = asked.values().sum();
    // Whatever the account has none of is asked once to know it.
    let needed = pages + QUEUES + FUNCTIONS + WATCHED + asked.len();
    assert!(all as f64 <= needed as f64 * 1.01, "{all} calls, needed {needed}: {asked:#?}");
    assert_eq!(each, QUEUES);
    let cost = said.json().expect("json")["accounts"][0]["cost"]["calls"].as_u64();
    assert_eq!(cost, Some(all as u64), "what it cost is what was asked");
    eprintln!("{peak} kB, {all} calls");
    assert!(peak > 0 && peak < MEMORY, "{peak} kB");

    let known = known(&home);
    let of = |name: &str| known.iter().filter(|k| k.starts_with(name)).collect::<std::collections::BTreeSet<_>>().len();
    let read = ["machine-", "volume-", "database-", "queue-", "function-"].map(of);
    assert_eq!(read, [MACHINES, VOLUMES, DATABASES, QUEUES, FUNCTIONS]);
    assert_eq!(read.iter().sum::<usize>(), 5000);
}
