//! ACM certificates and Secrets Manager secrets: what ends when. Names and dates only; no value is ever asked for.

use super::ServiceReader;
use super::telling::{Place, Tag, Telling};
use crate::Answer;
use crate::aws::asking::{Asking, Pages};
use crate::aws::operations::{Operation, operation};
use crate::aws::shape::{list, opt_bool, opt_string, opt_time};
use futures_util::FutureExt;
use loadline_model::{Basis, Expiry, Kind, Resource, SubjectId, Timestamp};
use serde::Deserialize;
use serde_json::json;

const CERTIFICATES: &Operation = operation("acm:ListCertificates");
const SECRETS: &Operation = operation("secretsmanager:ListSecrets");

pub(super) const CERTIFICATES_READER: ServiceReader = ServiceReader {
    id: "acm",
    title: "Certificates",
    global: false,
    operations: &[CERTIFICATES],
    read: |asking, region, answer| certificates(asking, region, answer).boxed(),
};

pub(super) const SECRETS_READER: ServiceReader = ServiceReader {
    id: "secretsmanager",
    title: "Secrets",
    global: false,
    operations: &[SECRETS],
    read: |asking, region, answer| secrets(asking, region, answer).boxed(),
};

/// A page of `ListCertificates` (ACM API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Certificates {
    #[serde(deserialize_with = "list")]
    certificate_summary_list: Vec<Certificate>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Certificate {
    #[serde(deserialize_with = "opt_string")]
    certificate_arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    domain_name: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    not_after: Option<Timestamp>,
    #[serde(deserialize_with = "opt_bool")]
    in_use: Option<bool>,
    /// `ELIGIBLE` or `INELIGIBLE`.
    #[serde(deserialize_with = "opt_string")]
    renewal_eligibility: Option<String>,
}

/// A page of `ListSecrets` (AWS Secrets Manager API Reference).
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Secrets {
    #[serde(deserialize_with = "list")]
    secret_list: Vec<Entry>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Entry {
    #[serde(rename = "ARN", deserialize_with = "opt_string")]
    arn: Option<String>,
    #[serde(deserialize_with = "opt_string")]
    name: Option<String>,
    #[serde(deserialize_with = "opt_time")]
    deleted_date: Option<Timestamp>,
    #[serde(deserialize_with = "list")]
    tags: Vec<Tag>,
}

async fn certificates(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    // Without this filter only certificates with RSA keys of 1024 and 2048 bits are answered.
    let kinds = ["RSA_1024", "RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1"];
    let pages: Pages<Certificates> = asking.pages(CERTIFICATES, json!({"Includes": {"keyTypes": kinds}}), answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    pages.pages.iter().flat_map(|p| &p.certificate_summary_list).for_each(|c| say_certificate(&mut t, c));
}

/// Certificates that nothing uses stop nobody when they end.
fn say_certificate(t: &mut Telling<'_>, certificate: &Certificate) {
    let (Some(arn), Some(at)) = (certificate.certificate_arn.as_deref(), certificate.not_after) else { return };
    if certificate.in_use == Some(false) {
        return;
    }
    let subject = SubjectId::from(arn);
    let name = certificate.domain_name.as_deref().unwrap_or(arn);
    t.call(CERTIFICATES.name);
    let resource = t.resource(Kind::Secret, &format!("certificate of {name}"), &[]);
    t.exists(&subject, Resource { managed: Some(true), ..resource });
    let automatic = match certificate.renewal_eligibility.as_deref() {
        Some("ELIGIBLE") => Some(true),
        Some("INELIGIBLE") => Some(false),
        _ => None,
    };
    t.say(&subject, Basis::Configured, Expiry { what: "certificate".into(), name: name.into(), at, automatic });
}

async fn secrets(asking: &Asking<'_>, region: &str, answer: &mut Answer) {
    let pages: Pages<Secrets> = asking.pages_hiding(SECRETS, json!({}), &[Kind::Secret], answer).await;
    let mut t = Telling::new(answer, Place::of(asking, region));
    pages.pages.iter().flat_map(|p| &p.secret_list).for_each(|s| say_secret(&mut t, s));
    t.listed(&[Kind::Secret], pages.complete);
}

/// A rotation is a plan to renew, not an end: only a secret that is to be deleted expires.
fn say_secret(t: &mut Telling<'_>, secret: &Entry) {
    let Some(arn) = secret.arn.as_deref() else { return };
    let subject = SubjectId::from(arn);
    let name = secret.name.as_deref().unwrap_or(arn);
    t.call(SECRETS.name);
    let resource = t.resource(Kind::Secret, name, &secret.tags);
    t.exists(&subject, Resource { managed: Some(true), ..resource });
    if let Some(at) = secret.deleted_date {
        t.say(
            &subject,
            Basis::Configured,
            Expiry { what: "secret".into(), name: name.into(), at, automatic: Some(false) },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::{check, parsed, said};
    use serde_json::Value;

    /// Shape of the example in "ListCertificates", AWS Certificate Manager API Reference.
    fn certificate(field: &str, value: Value) -> Vec<String> {
        let mut one = json!({"CertificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/1", "DomainName": "app.example.com",
            "NotAfter": 1_796_187_600, "InUse": true, "RenewalEligibility": "ELIGIBLE", "Status": "ISSUED"});
        one[field] = value;
        let page: Certificates = parsed(json!({"CertificateSummaryList": [one]}));
        said(|t| page.certificate_summary_list.iter().for_each(|c| say_certificate(t, c)))
    }

    #[test]
    fn certificates_end() {
        let ends = |automatic: &str| {
            format!("acm:certificate/1 certificate app.example.com ends 2026-12-02T05:00:00Z automatic {automatic}")
        };
        check(&certificate("Status", json!("ISSUED")), &[&ends("Some(true)")], &[]);
        check(&certificate("RenewalEligibility", json!("INELIGIBLE")), &[&ends("Some(false)")], &[]);
        check(&certificate("RenewalEligibility", Value::Null), &[&ends("None")], &[]);
        assert!(certificate("InUse", json!(false)).is_empty());
        assert!(certificate("NotAfter", Value::Null).is_empty());
    }

    #[test]
    fn only_deleted_secrets_end() {
        let read = |deleted: Value| {
            let page: Secrets = parsed(
                json!({"SecretList": [{"ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:key-AbCdEf",
                "Name": "key", "NextRotationDate": 1_796_187_600, "DeletedDate": deleted}]}),
            );
            said(|t| page.secret_list.iter().for_each(|s| say_secret(t, s)))
        };
        check(
            &read(Value::Null),
            &["secretsmanager:secret:key-AbCdEf is secret key, managed"],
            &["secretsmanager:secret:key-AbCdEf secret"],
        );
        let end = "secretsmanager:secret:key-AbCdEf secret key ends 2026-12-02T05:00:00Z automatic Some(false)";
        check(&read(json!(1_796_187_600)), &[end], &[]);
    }
}
