//! The least privilege that reads everything, generated from the rows of the table that are asked: JSON, CloudFormation
//! and Terraform.

use super::accounts::REGIONS;
use super::services::SERVICES;
use crate::PolicyDocument;
use std::collections::BTreeSet;

/// A managed policy holds 6,144 characters without white space (IAM and STS quotas).
const LARGEST: usize = 6000;

/// The permission of every call that is asked, once. Whose keys they are needs none: everyone may ask that.
fn actions() -> BTreeSet<&'static str> {
    let asked = SERVICES.iter().flat_map(|s| s.operations.iter().map(|o| o.iam));
    asked.chain([REGIONS.iam]).collect()
}

/// These, in parts that each fit a managed policy.
fn parts() -> Vec<Vec<&'static str>> {
    let (mut parts, mut size) = (vec![Vec::new()], 0);
    for action in actions() {
        size += action.len() + 3;
        if size > LARGEST {
            parts.push(Vec::new());
            size = action.len() + 3;
        }
        if let Some(part) = parts.last_mut() {
            part.push(action);
        }
    }
    parts
}

fn name(at: usize, of: usize) -> String {
    if of == 1 { "LoadlineRead".to_owned() } else { format!("LoadlineRead{}", at + 1) }
}

/// The policy in parts, as documents of IAM.
fn json() -> Vec<String> {
    parts().iter().map(|actions| document(actions, "")).collect()
}

/// The policy for tools: each format in one document.
pub(super) fn documents() -> Vec<PolicyDocument> {
    let whole = document(&actions().into_iter().collect::<Vec<_>>(), "");
    let parts = json();
    let note = match parts.len() {
        1 => "It fits one managed policy.".to_owned(),
        n => format!(
            "A managed policy holds 6,144 characters and this one has {}: put it inline into a role (10,240), or make {n} managed policies of its parts.",
            whole.chars().filter(|c| !c.is_whitespace()).count()
        ),
    };
    let parts = if parts.len() == 1 { Vec::new() } else { parts };
    vec![
        PolicyDocument { format: "json", title: "IAM policy", text: whole, parts, note },
        PolicyDocument {
            format: "cloudformation",
            title: "CloudFormation",
            text: cloudformation(),
            parts: Vec::new(),
            note: "A stack that makes a role with these policies; its output is the role to connect with.".to_owned(),
        },
        PolicyDocument {
            format: "terraform",
            title: "Terraform",
            text: terraform(),
            parts: Vec::new(),
            note: "A role with these policies, for the AWS provider.".to_owned(),
        },
    ]
}

fn document(actions: &[&str], indent: &str) -> String {
    let list: Vec<String> = actions.iter().map(|a| format!("{indent}        \"{a}\"")).collect();
    format!(
        "{{\n{indent}  \"Version\": \"2012-10-17\",\n{indent}  \"Statement\": [\n{indent}    {{\n{indent}      \"Sid\": \"LoadlineRead\",\n{indent}      \"Effect\": \"Allow\",\n{indent}      \"Action\": [\n{}\n{indent}      ],\n{indent}      \"Resource\": \"*\"\n{indent}    }}\n{indent}  ]\n{indent}}}",
        list.join(",\n")
    )
}

/// A role with these policies, for CloudFormation.
pub(super) fn cloudformation() -> String {
    let parts = parts();
    let mut text = String::from(
        "AWSTemplateFormatVersion: \"2010-09-09\"\nDescription: Lets Loadline read this account; nothing in it can change anything.\nParameters:\n  Principal:\n    Type: String\n    Description: ARN of the user or role that runs Loadline\n  ExternalId:\n    Type: String\n    NoEcho: true\n    Description: What Loadline is configured with as external_id\nResources:\n",
    );
    for (at, actions) in parts.iter().enumerate() {
        text += &format!(
            "  {0}:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n      PolicyDocument:\n        Version: \"2012-10-17\"\n        Statement:\n          - Effect: Allow\n            Resource: \"*\"\n            Action:\n",
            name(at, parts.len())
        );
        text.extend(actions.iter().map(|a| format!("              - {a}\n")));
    }
    text += "  LoadlineRole:\n    Type: AWS::IAM::Role\n    Properties:\n      RoleName: loadline\n      ManagedPolicyArns:\n";
    text.extend((0..parts.len()).map(|at| format!("        - !Ref {}\n", name(at, parts.len()))));
    text += "      AssumeRolePolicyDocument:\n        Version: \"2012-10-17\"\n        Statement:\n          - Effect: Allow\n            Action: sts:AssumeRole\n            Principal:\n              AWS: !Ref Principal\n            Condition:\n              StringEquals:\n                sts:ExternalId: !Ref ExternalId\nOutputs:\n  RoleArn:\n    Value: !GetAtt LoadlineRole.Arn\n";
    text
}

/// The same for Terraform.
pub(super) fn terraform() -> String {
    let parts = parts();
    let mut text = String::from(
        "variable \"principal\" {\n  description = \"ARN of the user or role that runs Loadline\"\n  type        = string\n}\n\nvariable \"external_id\" {\n  description = \"What Loadline is configured with as external_id\"\n  type        = string\n  sensitive   = true\n}\n\nresource \"aws_iam_role\" \"loadline\" {\n  name = \"loadline\"\n  assume_role_policy = jsonencode({\n    Version = \"2012-10-17\"\n    Statement = [{\n      Effect    = \"Allow\"\n      Action    = \"sts:AssumeRole\"\n      Principal = { AWS = var.principal }\n      Condition = { StringEquals = { \"sts:ExternalId\" = var.external_id } }\n    }]\n  })\n}\n",
    );
    for (at, actions) in parts.iter().enumerate() {
        let id = if parts.len() == 1 { "read".to_owned() } else { format!("read_{}", at + 1) };
        let document = document(actions, "  ");
        text += &format!(
            "\nresource \"aws_iam_policy\" \"{id}\" {{\n  name   = \"{}\"\n  policy = <<-EOT\n  {document}\n  EOT\n}}\n\nresource \"aws_iam_role_policy_attachment\" \"{id}\" {{\n  role       = aws_iam_role.loadline.name\n  policy_arn = aws_iam_policy.{id}.arn\n}}\n",
            name(at, parts.len())
        );
    }
    text
}

/// All three, one after the other, ready to copy.
pub(super) fn text() -> String {
    let json = json();
    let mut text = format!(
        "# Loadline needs these {} permissions, all of them to read. Attach them to a user or role.\n",
        actions().len()
    );
    for (at, document) in json.iter().enumerate() {
        text += &format!("\n# IAM policy {} of {}\n{document}\n", at + 1, json.len());
    }
    text + "\n# CloudFormation: a role with these policies\n"
        + &cloudformation()
        + "\n# Terraform: the same role\n"
        + &terraform()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn every_call_is_allowed_once_and_nothing_else() {
        let documents: Vec<Value> = json().iter().map(|d| serde_json::from_str(d).expect("JSON")).collect();
        let actions: Vec<String> = documents
            .iter()
            .flat_map(|d| d["Statement"][0]["Action"].as_array().expect("actions").clone())
            .map(|a| a.as_str().expect("text").to_owned())
            .collect();
        let distinct: BTreeSet<_> = actions.iter().map(String::as_str).collect();
        assert_eq!(distinct.len(), actions.len(), "each once");
        let needed = self::actions();
        assert_eq!(distinct, needed);
        assert!(needed.contains("ec2:DescribeInstances") && needed.contains("ec2:DescribeRegions"));
        for document in json() {
            assert!(document.chars().filter(|c| !c.is_whitespace()).count() <= 6144);
            assert!(!document.contains("\"*\","), "no wildcard among the actions");
        }
        let formats: Vec<&str> = super::documents().iter().map(|d| d.format).collect();
        assert_eq!(formats, ["json", "cloudformation", "terraform"]);
        for document in super::documents() {
            // Whatever looks like an action is one, once: nothing else is allowed in any format.
            let words = document.text.split(|c: char| c.is_whitespace() || matches!(c, '"' | ','));
            let services: BTreeSet<&str> = needed.iter().filter_map(|a| a.split_once(':')).map(|(s, _)| s).collect();
            let is_action = |w: &&str| {
                w.split_once(':').is_some_and(|(s, a)| services.contains(s) && a.starts_with(char::is_uppercase))
            };
            let mut named: Vec<&str> = words.filter(is_action).collect();
            named.sort_unstable();
            assert_eq!(named, needed.iter().copied().collect::<Vec<_>>(), "{}", document.format);
        }
        for text in [cloudformation(), terraform(), text()] {
            assert!(needed.iter().all(|action| text.contains(action)));
            assert!(text.lines().all(|l| l.trim_end() == l));
        }
    }
}
