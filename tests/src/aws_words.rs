//! AWS on the command line: what is typed, what is printed, what a stop leaves.

use crate::gate::Gate;
use crate::program::{Home, ok, piped};
use loadline_connectors::testing::MotoServer;
use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};

const PROFILE: &str =
    "[profile shop]\nregion = eu-west-1\nservices = local\n[services local]\nsts =\n  endpoint_url = ";

/// A home whose profile `shop` leads to this address, as AWS's own tools would be led.
fn home(url: &str) -> Home {
    let home = Home::new().expect("home");
    let config = PROFILE.replace("services = local", &format!("endpoint_url = {url}\nservices = local"));
    home.shop_profile(&format!("{config}{url}\n"), "canary-shop-4417").expect("written");
    home
}

fn printed(words: &[&str]) -> String {
    let said = Home::new().expect("home").run(words).expect("runs");
    ok(&said, &[0]);
    said.out
}

/// What the policies allow, in order.
fn actions(document: &Value) -> Vec<String> {
    let list = document["Statement"][0]["Action"].as_array().expect("actions");
    list.iter().map(|a| a.as_str().expect("text").to_owned()).collect()
}

#[test]
fn each_format_of_the_policy_is_one_document_that_its_tool_takes() {
    let json = printed(&["policy", "aws", "--format", "json"]);
    let document: Value = serde_json::from_str(&json).expect("standard output is JSON");
    let allowed = actions(&document);
    assert!(allowed.len() > 30 && allowed.contains(&"rds:DescribeDBInstances".to_owned()));
    let part =
        |n: &str| Home::new().expect("home").run(&["policy", "aws", "--format", "json", "--part", n]).expect("runs");
    let parts = (1..).map(|n| part(&n.to_string())).take_while(|said| said.code == 0);
    let parts: Vec<String> = parts.flat_map(|said| actions(&serde_json::from_str(&said.out).expect("JSON"))).collect();
    assert_eq!(parts, allowed, "the parts together are the whole");

    let moto = MotoServer::start().expect("moto");
    let folder = tempfile::tempdir().expect("a folder");
    let template = printed(&["policy", "aws", "--format", "cloudformation"]);
    std::fs::write(folder.path().join("template.yaml"), &template).expect("written");
    // The emulator parses the template and makes what it says.
    let script = format!(
        "import json\ncf, iam = client('cloudformation'), client('iam')\n\
         cf.create_stack(StackName='loadline', TemplateBody=open({:?}).read(), Capabilities=['CAPABILITY_NAMED_IAM'],\n\
         \x20   Parameters=[{{'ParameterKey': 'Principal', 'ParameterValue': 'arn:aws:iam::123456789012:root'}}, {{'ParameterKey': 'ExternalId', 'ParameterValue': 'x'}}])\n\
         role = iam.get_role(RoleName='loadline')['Role']\n\
         allowed = []\n\
         for p in iam.list_policies(Scope='Local')['Policies']:\n\
         \x20   version = iam.get_policy_version(PolicyArn=p['Arn'], VersionId='v1')['PolicyVersion']['Document']\n\
         \x20   allowed += version['Statement'][0]['Action']\n\
         print(json.dumps([allowed, role['AssumeRolePolicyDocument']['Statement'][0]['Condition']]))",
        folder.path().join("template.yaml")
    );
    let made: Value = serde_json::from_str(&moto.script(&script).expect("a stack")).expect("JSON");
    let words = |value: &Value| {
        value.as_array().expect("a list").iter().map(|a| a.as_str().expect("text").to_owned()).collect()
    };
    let made_actions: Vec<String> = words(&made[0]);
    assert_eq!(made_actions, allowed, "the stack allows the same");
    assert_eq!(made[1]["StringEquals"]["sts:ExternalId"], "x");

    let terraform = printed(&["policy", "aws", "--format", "terraform"]);
    assert_eq!(terraform.matches('{').count(), terraform.matches('}').count(), "balanced");
    let documents = terraform.split("<<-EOT").skip(1).map(|rest| rest.split("EOT").next().unwrap_or_default());
    let said: Vec<String> =
        documents.flat_map(|d| actions(&serde_json::from_str(d).expect("JSON in the heredoc"))).collect();
    assert_eq!(said, allowed, "the module allows the same");
    for resource in ["\"aws_iam_role\"", "\"aws_iam_policy\"", "\"aws_iam_role_policy_attachment\""] {
        assert!(terraform.contains(&format!("resource {resource}")), "{resource}");
    }
    let distinct: BTreeSet<&String> = allowed.iter().collect();
    assert_eq!(distinct.len(), allowed.len());
}

#[test]
fn words_that_cannot_work_are_refused_with_what_to_do() {
    let home = Home::new().expect("home");
    let check = |words: &[&str], error: &str, names: &str| {
        let said = home.run(words).expect("runs");
        assert_eq!(said.code, 2, "{words:?}: {} {}", said.out, said.err);
        assert!(said.err.contains(error) && said.err.contains(names), "{words:?}: {}", said.err);
    };
    check(&["policy", "aws", "--format", "yaml"], "wrong_usage", "json, cloudformation, terraform");
    check(&["policy", "postgres", "--format", "json"], "wrong_usage", "leave --format out");
    check(&["policy", "aws", "--format", "json", "--part", "9"], "wrong_usage", "part 9");
    check(&["connect", "postgres", "--url", "postgres://db/app", "--profile", "x"], "unknown_setting", "`profile`");
    check(&["connect", "aws", "--url", "http://h"], "unknown_setting", "`url`");
    check(&["connect", "aws", "--region", "Ireland"], "invalid_config", "`regions`");
    check(&["connect", "aws", "--service", "ec3"], "invalid_config", "`services`");
    check(&["connect", "aws", "--role", "arn:aws:iam::1:user/x"], "invalid_config", "`roles`");
}

#[test]
fn flags_become_settings() {
    let home = Home::new().expect("home");
    let words = "connect aws --profile shop --region eu-west-1 --region us-east-1 --role-arn arn:aws:iam::123456789012:role/a \
        --external-id e --role arn:aws:iam::111122223333:role/b --role arn:aws:iam::444455556666:role/c \
        --service rds --service ec2 --endpoint-url http://127.0.0.1:1 --json";
    let said = home.run(&words.split_whitespace().collect::<Vec<_>>()).expect("runs");
    ok(&said, &[0]);
    let config = said.json().expect("json")["account"]["config"].clone();
    let expected = serde_json::json!({
        "profile": "shop", "regions": "eu-west-1 us-east-1", "role_arn": "arn:aws:iam::123456789012:role/a", "external_id": "e",
        "roles": "arn:aws:iam::111122223333:role/b arn:aws:iam::444455556666:role/c", "services": "rds ec2",
        "endpoint_url": "http://127.0.0.1:1",
    });
    assert_eq!(config, expected);
}

#[test]
fn a_profile_leads_to_the_emulator_and_a_stop_is_gone_on_with() {
    let moto = MotoServer::start().expect("moto");
    moto.script("client('sqs').create_queue(QueueName='jobs')").expect("an account");
    let gate = Gate::before(moto.port);
    let home = home(&gate.url());
    let regions = ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2"];
    let mut words = vec!["connect", "aws", "--profile", "shop", "--name", "shop"];
    regions.iter().for_each(|r| words.extend(["--region", r]));
    ok(&home.run(&words).expect("runs"), &[0]);

    let tested = home.run(&["test", "shop"]).expect("runs");
    // The emulator does not know every call: those are said to be untried, never granted.
    ok(&tested, &[0, 3]);
    assert!(
        tested.out.contains("✓ sts:GetCallerIdentity") && tested.out.contains("✓ ecs:ListClusters"),
        "{}",
        tested.out
    );
    assert!(tested.out.contains("Feeds ") && tested.out.contains("Asked of what is found"), "{}", tested.out);
    assert!(
        tested.out.contains("billed.") && tested.out.contains("aws.amazon.com/cloudwatch/pricing"),
        "{}",
        tested.out
    );

    gate.shut_after(150);
    let child =
        piped(home.command(&["collect", "--json"]).expect("a command").stdin(Stdio::null())).spawn().expect("runs");
    gate.wait_until_shut();
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("interrupted");
    let stopped = crate::program::ended(child).expect("ends");
    ok(&stopped, &[130]);
    let account = stopped.json().expect("json")["accounts"][0].clone();
    let read = account["scopes"].as_u64().expect("scopes");
    assert!(read > 0 && account["status"] == "cancelled", "{account}");
    let gaps = account["gaps"].as_array().expect("gaps");
    assert!(gaps.iter().any(|g| g["scope"] == "unread" && g["reason"] == "cancelled"), "{gaps:?}");

    gate.open();
    let again = home.run(&["collect", "--json"]).expect("runs");
    ok(&again, &[0, 3]);
    let account = again.json().expect("json")["accounts"][0].clone();
    let resumed = account["resumed"].as_u64().expect("resumed");
    assert!(resumed > 0 && resumed <= read && account["scopes"].as_u64().expect("scopes") > read, "{account}");
    let left = home.run(&["gaps", "--json"]).expect("runs").json().expect("json");
    let unread = left["gaps"].as_array().expect("gaps").iter().filter(|g| g["scope"] == "unread").count();
    assert_eq!(unread, 0, "{left}");
    for (path, bytes) in home.files().expect("files").into_iter().filter(|(p, _)| !p.ends_with(".aws/credentials")) {
        assert!(!bytes.windows(16).any(|w| w == b"canary-shop-4417"), "the key is in {}", path.display());
    }
}
