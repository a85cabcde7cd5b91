//! A permission that is missing never makes anything look better, and is named.

use super::between::{Between, Turn};
use super::documented::{Beside, turn};
use super::*;
use loadline_connectors::testing::{account, install_crypto, last_days};
use loadline_connectors::{Connector, Progress, ScopePlan, Secret, provider};
use loadline_engine::stages::judge;
use loadline_engine::statements::Decided;
use loadline_model::{AccountSummary, Check, Fingerprint, Gap, Inventory, Outcome, Scope, Snapshot};
use std::collections::{BTreeMap, BTreeSet};

const BESIDE: Beside =
    Beside { tasks: "ab", copied_to: Some("444455556666"), cache: "ab", unsaved: false, plans: true };

/// The emulator, but one call is refused.
fn without(denied: Option<String>) -> Turn {
    let allowed = turn(BESIDE);
    Box::new(move |asked, emulator| match &denied {
        Some(call) if asked.call() == *call => asked.denied(),
        _ => allowed(asked, emulator),
    })
}

/// One account that is read scope by scope.
struct Reader {
    connector: Box<dyn Connector>,
    plans: Vec<ScopePlan>,
}

impl Reader {
    async fn open(url: &str) -> Self {
        install_crypto();
        let config = [("endpoint_url", url), ("access_key_id", "AKIDACCEPTANCE"), ("regions", "eu-west-1")];
        let mut aws = account("aws", &config);
        aws.environment = Some(loadline_model::Environment::Production);
        let known = provider("aws").expect("AWS is a provider");
        let connector = (known.connect)(&aws, Some(Secret::new(KEY.1))).await.expect("an account");
        let plans = connector.scopes().await.expect("parts");
        Self { connector, plans }
    }
    async fn read(&self, at: usize) -> Scope {
        self.connector.read(&self.plans[at], &last_days(2), &Progress::silent()).await
    }
}

fn snapshot(scopes: &[&Scope]) -> Snapshot {
    let taken_at = scopes.iter().map(|s| s.finished_at).max().unwrap_or_default();
    let account = loadline_model::AccountId::from("aws");
    let inventories = scopes.iter().flat_map(|s| {
        let of = |kind| Inventory { account: account.clone(), scope: s.name.clone(), kind, read_at: s.finished_at };
        s.inventories.iter().copied().map(of).collect::<Vec<_>>()
    });
    Snapshot {
        taken_at,
        inventories: inventories.collect(),
        facts: scopes.iter().flat_map(|s| s.facts.iter().cloned()).collect(),
        gaps: scopes.iter().flat_map(|s| s.gaps.iter().cloned()).collect(),
        accounts: vec![AccountSummary {
            id: account.clone(),
            provider: "aws".into(),
            name: "aws".into(),
            connected: true,
            collected_at: Some(taken_at),
        }],
        ..Snapshot::default()
    }
}

fn checks(scopes: &[&Scope]) -> Vec<Check> {
    judge(&snapshot(scopes), &Decided::default(), &loadline_rules::catalog()).checks
}

/// Good answers: they need evidence for everything.
fn is_good(check: &Check) -> bool {
    matches!(check.result.outcome, Outcome::Pass | Outcome::NotApplicable { .. })
}

/// The permission of a call, as its reference writes it: of forms by the name of the action, of paths by this table.
fn permission(call: &str) -> String {
    const PATHS: [(&str, &str); 22] = [
        ("budgets DescribeBudgetNotificationsForAccount", "budgets:ViewBudget"),
        ("cloudfront GET /2020-05-31/distribution", "cloudfront:ListDistributions"),
        ("route53 GET /2013-04-01/hostedzone", "route53:ListHostedZones"),
        ("route53 GET /2013-04-01/hostedzone/*/rrset", "route53:ListResourceRecordSets"),
        ("backup GET /backup-vaults/", "backup:ListBackupVaults"),
        ("backup GET /backup-vaults/*/recovery-points/", "backup:ListRecoveryPointsByBackupVault"),
        ("backup GET /copy-jobs/", "backup:ListCopyJobs"),
        ("backup GET /restore-jobs/", "backup:ListRestoreJobs"),
        ("backup GET /backup-jobs/", "backup:ListBackupJobs"),
        ("backup GET /account-settings", "backup:DescribeRegionSettings"),
        ("backup GET /backup/plans/", "backup:ListBackupPlans"),
        ("backup GET /backup/plans/*/", "backup:GetBackupPlan"),
        ("backup GET /backup/plans/*/selections/", "backup:ListBackupSelections"),
        ("backup GET /backup/plans/*/selections/*", "backup:GetBackupSelection"),
        ("backup GET /restore-testing/plans", "backup:ListRestoreTestingPlans"),
        ("backup GET /restore-testing/plans/*/selections", "backup:ListRestoreTestingSelections"),
        ("backup GET /restore-testing/plans/*/selections/*", "backup:GetRestoreTestingSelection"),
        ("lambda GET /2015-03-31/functions", "lambda:ListFunctions"),
        ("s3 GET /", "s3:ListAllMyBuckets"),
        ("s3 GET /* versioning", "s3:GetBucketVersioning"),
        ("s3 GET /* lifecycle", "s3:GetLifecycleConfiguration"),
        ("s3 GET /* location", "s3:GetBucketLocation"),
    ];
    if let Some((_, permission)) = PATHS.iter().find(|(path, _)| *path == call.trim_end_matches('/') || *path == call) {
        return (*permission).to_owned();
    }
    match call.split(' ').collect::<Vec<_>>()[..] {
        [_, action] => format!(":{action}`"),
        _ => format!("{}:", call.split(' ').next().unwrap_or_default()),
    }
}

#[tokio::test]
async fn denying_each_call_in_turn_makes_nothing_look_better() {
    let kept = "client('backup').create_backup_vault(BackupVaultName='main')
client('backup').create_backup_plan(BackupPlan={'BackupPlanName': 'nightly', 'Rules': [{'RuleName': 'daily', 'TargetBackupVaultName': 'main'}]})";
    let moto = built("after.py", kept);
    let between = Between::start(moto.port, without(None));
    let reader = Reader::open(&between.server.url()).await;
    let mut allowed = Vec::new();
    let mut asks: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    between.heard();
    for at in 0..reader.plans.len() {
        allowed.push(reader.read(at).await);
        between.heard().into_iter().for_each(|call| {
            asks.entry(call).or_default().insert(at);
        });
    }
    assert!(asks.len() > 40, "the account is asked {} calls: {:?}", asks.len(), asks.keys());
    let everything: Vec<&Scope> = allowed.iter().collect();
    let with_all = checks(&everything);
    let good: BTreeSet<&Fingerprint> = with_all.iter().filter(|c| is_good(c)).map(|c| &c.fingerprint).collect();
    assert!(good.len() > 30, "{} good answers", good.len());
    let bare = |c: &&Check| c.result.outcome == Outcome::Pass && c.result.evidence.is_empty();
    let bare: Vec<_> = with_all.iter().filter(bare).map(|c| format!("{} {}", c.rule, c.subject.name)).collect();
    assert!(bare.is_empty(), "passed without evidence: {bare:?}");
    let known: BTreeSet<&Gap> = allowed.iter().flat_map(|s| &s.gaps).collect();

    let mut wrong = Vec::new();
    for (call, scopes) in &asks {
        between.decide_by(without(Some(call.clone())));
        let mut reread = BTreeMap::new();
        for at in scopes {
            reread.insert(*at, reader.read(*at).await);
        }
        let parts: Vec<&Scope> = allowed.iter().enumerate().map(|(at, s)| reread.get(&at).unwrap_or(s)).collect();
        let action = call.rsplit(' ').next().unwrap_or_default();
        for check in checks(&parts).iter().filter(|c| is_good(c)) {
            let what = format!("{call}: {} {} {}", check.rule, check.subject.name, check.result.sentence);
            if !good.contains(&check.fingerprint) {
                wrong.push(format!("{what} (was not good)"));
            }
            let sources = check.result.evidence.iter().filter_map(|e| e.source.as_deref());
            if sources.filter_map(|s| s.split_once(':')).any(|(_, asked)| asked == action && scopes.len() == 1) {
                wrong.push(format!("{what} (rests on it)"));
            }
        }
        let named = permission(call);
        let mut new = reread.values().flat_map(|s| &s.gaps).filter(|g| !known.contains(g));
        if !new.any(|g| g.closes.contains(&named)) {
            let gaps: Vec<&String> = reread.values().flat_map(|s| &s.gaps).map(|g| &g.closes).collect();
            wrong.push(format!("{call}: no gap names {named}: {gaps:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
