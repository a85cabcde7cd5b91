//! An account of thousands of things, audited beside Prowler: the same emulator, the same run, the same recorded answers.

use super::seconds;
use anyhow::{Context, Result, ensure};
use loadline_connectors::testing::{MotoServer, ScriptedServer, forward, install_crypto};
use loadline_engine::accounts::{NewAccount, SecretInput, add};
use loadline_engine::collect::{Run, collect};
use loadline_engine::workspace::AsOf;
use loadline_engine::{Place, Workspace};
use std::collections::HashMap;
use std::io::Write as _;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// First word of the call that makes this program the measured collection.
pub(super) const AUDIT: &str = "audit-aws";

/// Prowler's checks of what our rules judge too; each reads the same services.
const CHECKS: &[&str] = &[
    "autoscaling_group_multiple_az",
    "backup_vaults_exist",
    "dynamodb_tables_pitr_enabled",
    "ec2_ebs_volume_snapshots_exists",
    "elasticache_redis_cluster_multi_az_enabled",
    "elbv2_is_in_multiple_az",
    "rds_instance_backup_enabled",
    "rds_instance_deletion_protection",
    "rds_instance_multi_az",
    "s3_bucket_cross_region_replication",
    "s3_bucket_object_versioning",
];

/// The services these checks and ours read.
const SERVICES: &str = "ec2 autoscaling elbv2 rds elasticache dynamodb backup s3";

/// Five thousand things, most of them made by few calls.
const FILL: &str = "
ec2 = client('ec2'); rds = client('rds'); s3 = client('s3'); ddb = client('dynamodb'); asg = client('autoscaling')
for n in range(4):
    ec2.run_instances(ImageId='ami-12c6146b', MinCount=500, MaxCount=500, InstanceType='t3.small')
for n in range(300):
    rds.create_db_instance(DBInstanceIdentifier=f'db{n}', DBInstanceClass='db.t3.micro', Engine='postgres',
        MasterUsername='u', MasterUserPassword='password', AllocatedStorage=20)
for n in range(400):
    s3.create_bucket(Bucket=f'bucket-{n}.example', CreateBucketConfiguration={'LocationConstraint': 'eu-west-1'})
for n in range(300):
    ddb.create_table(TableName=f't{n}', KeySchema=[{'AttributeName': 'k', 'KeyType': 'HASH'}],
        AttributeDefinitions=[{'AttributeName': 'k', 'AttributeType': 'S'}], BillingMode='PAY_PER_REQUEST')
volumes = sum(len(p['Volumes']) for p in ec2.get_paginator('describe_volumes').paginate())
print(2000 + 300 + 400 + 300 + volumes)
";

/// What running a program cost.
struct Cost {
    wall: f64,
    cpu: f64,
    memory_mb: f64,
    calls: u64,
}

/// Collects and assesses the account at `AWS_ENDPOINT_URL`, as the program does.
pub(super) async fn audit() -> Result<()> {
    install_crypto();
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("audit.loadline").display().to_string();
    let workspace = Workspace::open(&Place::parse(Some(&path))).await?;
    let url = std::env::var("AWS_ENDPOINT_URL").context("an endpoint")?;
    let pairs =
        [("endpoint_url", url.as_str()), ("access_key_id", "test"), ("regions", "eu-west-1"), ("services", SERVICES)];
    let config = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let secret = SecretInput::Environment("AWS_SECRET_ACCESS_KEY".into());
    add(&workspace, NewAccount { provider: "aws".into(), name: "bench".into(), config, environment: None, secret })
        .await?;
    let run = Run {
        accounts: Vec::new(),
        observer: Arc::new(|_| ()),
        cancel: Default::default(),
        passphrase: None,
        holder: "bench".into(),
    };
    let collected = collect(&workspace, &run).await?;
    ensure!(collected.accounts.iter().all(|a| a.error.is_none()), "{:?}", collected.accounts);
    println!("collected {}", spent()?);
    let assessed = workspace.assessment(&AsOf::Newest).await?.context("an assessment")?;
    ensure!(assessed.checks.len() > 1000, "{} checks", assessed.checks.len());
    println!("assessed {}", spent()?);
    Ok(())
}

/// Seconds of processor and the most megabytes of this process until now.
fn spent() -> Result<String> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let peak = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).context("VmHWM")?;
    let kilobytes: f64 = peak.trim().trim_end_matches(" kB").parse()?;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let ticks: f64 = stat.split_whitespace().skip(13).take(2).filter_map(|t| t.parse::<f64>().ok()).sum();
    // Linux counts in hundredths of a second.
    Ok(format!("{:.2} {:.0}", ticks / 100.0, kilobytes / 1024.0))
}

/// Ours and Prowler's: on the emulator for processor time, memory and calls; on recorded answers for the wait.
pub(super) fn compare() -> Result<()> {
    let moto = MotoServer::start().map_err(anyhow::Error::msg)?;
    let (filling, things) = seconds(|| moto.script(FILL));
    let things: u64 = things.map_err(anyhow::Error::msg)?.trim().parse()?;
    println!("aws: an account of {things} things, filled in {filling:.0} s");
    let recorder = Recorder::start(moto.port)?;
    let ours = recorder.measure(&audit_words()?)?;
    let theirs = recorder.measure(&prowler_words()?)?;
    show("loadline, emulator", &ours);
    show("prowler 5.46.0, emulator, equivalent checks", &theirs);
    println!(
        "  ratio: {:.1}x less processor time, {:.1}x less memory, {:.2}x the calls",
        theirs.cpu / ours.cpu,
        theirs.memory_mb / ours.memory_mb,
        ours.calls as f64 / theirs.calls as f64
    );
    recorder.delay_ms.store(5, Ordering::Relaxed);
    let (ours, theirs) = (recorder.measure(&audit_words()?)?, recorder.measure(&prowler_words()?)?);
    show("loadline, replay at 5 ms an answer", &ours);
    show("prowler, replay at 5 ms an answer", &theirs);
    println!("  ratio: {:.1}x shorter", theirs.wall / ours.wall);
    Ok(())
}

fn show(who: &str, cost: &Cost) {
    let Cost { wall, cpu, memory_mb, calls } = cost;
    println!("  {who}: {wall:.1} s, {cpu:.1} s of processor, {memory_mb:.0} MB at most, {calls} calls");
}

fn audit_words() -> Result<Vec<String>> {
    let this = std::env::current_exe()?;
    Ok(vec![this.display().to_string(), AUDIT.to_owned()])
}

fn prowler_words() -> Result<Vec<String>> {
    let prowler = std::env::var("LOADLINE_PROWLER").context("run it with cargo xtask bench")?;
    let words = ["aws", "--region", "eu-west-1", "--no-banner", "--ignore-exit-code-3", "--checks"];
    Ok(std::iter::once(prowler).chain(words.iter().chain(CHECKS).map(|w| (*w).to_owned())).collect())
}

type Replies = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// Stands before the emulator, counts, and gives the answer it had before when the same is asked again.
struct Recorder {
    server: ScriptedServer,
    calls: Arc<AtomicU64>,
    delay_ms: Arc<AtomicU64>,
}

impl Recorder {
    fn start(emulator: u16) -> Result<Self> {
        let (calls, delay_ms) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (count, delay, replies) = (calls.clone(), delay_ms.clone(), Replies::default());
        let server = ScriptedServer::start(move |text, stream| {
            count.fetch_add(1, Ordering::Relaxed);
            let key = question(text);
            let replay = delay.load(Ordering::Relaxed);
            let known = (replay > 0).then(|| replies.lock().ok()?.get(&key).cloned()).flatten();
            let answer = match known {
                Some(answer) => {
                    std::thread::sleep(Duration::from_millis(replay));
                    answer
                }
                None => {
                    let answer = forward(emulator, text).unwrap_or_default();
                    if let Ok(mut kept) = replies.lock() {
                        kept.insert(key, answer.clone());
                    }
                    answer
                }
            };
            // A client that went away is none of our business.
            let _ = stream.write_all(&answer);
        });
        Ok(Self { server: server.map_err(anyhow::Error::msg)?, calls, delay_ms })
    }

    /// Runs a program against the recorder.
    fn measure(&self, words: &[String]) -> Result<Cost> {
        const MEASURE: &str = "import resource, subprocess, sys, time\n\
            t = time.time(); p = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)\n\
            if p.returncode: sys.exit(p.stdout.decode()[-2000:])\n\
            r = resource.getrusage(resource.RUSAGE_CHILDREN)\n\
            print(time.time() - t, r.ru_utime + r.ru_stime, r.ru_maxrss / 1024)\n\
            print(p.stdout.decode()[-200:])";
        self.calls.store(0, Ordering::Relaxed);
        let folder = tempfile::tempdir()?;
        let keys =
            [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test"), ("AWS_DEFAULT_REGION", "eu-west-1")];
        let out = Command::new(std::env::var_os("LOADLINE_PYTHON").context("run it with cargo xtask bench")?)
            .args(["-c", MEASURE])
            .args(words)
            .envs(keys)
            .env("AWS_ENDPOINT_URL", self.server.url())
            .current_dir(folder.path())
            .output()?;
        ensure!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let mut numbers = text.split_whitespace().map(str::parse::<f64>);
        let mut next = || numbers.next().context("a number")?.context("a number");
        Ok(Cost { wall: next()?, cpu: next()?, memory_mb: next()?, calls: self.calls.load(Ordering::Relaxed) })
    }
}

/// What is asked, without who asks and when.
fn question(text: &str) -> String {
    let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
    let target = head.lines().find(|l| l.to_ascii_lowercase().starts_with("x-amz-target:")).unwrap_or_default();
    format!("{} {target} {body}", head.lines().next().unwrap_or_default())
}
