//! A question in the dialect of its API: address, headers and body, not signed yet.

use super::operations::{Dialect, Operation};
use super::refused::Refused;
use crate::http::{Outgoing, Verb};
use serde_json::{Map, Value};
use url::Url;
use url::form_urlencoded::Serializer;

/// A question to the API below this address.
///
/// # Errors
/// [`Refused::NotUnderstood`] when a parameter of the path is missing.
pub(super) fn encode(operation: &Operation, base: &Url, parameters: &Value) -> Result<Outgoing, Refused> {
    let nothing = Map::new();
    let fields = parameters.as_object().unwrap_or(&nothing);
    match operation.api.dialect {
        Dialect::Ec2Query { version } => Ok(form(operation, base, version, fields, false)),
        Dialect::Query { version } => Ok(form(operation, base, version, fields, true)),
        Dialect::Json10 { target } => Ok(document(operation, base, "application/x-amz-json-1.0", target, fields)),
        Dialect::Json11 { target } => Ok(document(operation, base, "application/x-amz-json-1.1", target, fields)),
        Dialect::RestJson | Dialect::RestXml => address(operation, base, fields),
    }
}

fn header(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

fn form(operation: &Operation, base: &Url, version: &str, fields: &Map<String, Value>, wraps: bool) -> Outgoing {
    let mut pairs =
        vec![("Action".to_owned(), operation.action.to_owned()), ("Version".to_owned(), version.to_owned())];
    for (name, value) in fields {
        flatten(name, value, wraps, &mut pairs);
    }
    let body = Serializer::new(String::new()).extend_pairs(pairs).finish();
    let headers = vec![header("content-type", "application/x-www-form-urlencoded; charset=utf-8")];
    Outgoing { verb: Verb::Post(body.into_bytes()), url: base.clone(), headers }
}

/// `Filter: [{Name: x}]` becomes `Filter.1.Name=x`, or `Filter.member.1.Name=x` where lists are wrapped.
fn flatten(name: &str, value: &Value, wraps: bool, pairs: &mut Vec<(String, String)>) {
    match value {
        Value::Null => {}
        Value::Object(fields) => {
            for (key, inner) in fields {
                flatten(&format!("{name}.{key}"), inner, wraps, pairs);
            }
        }
        Value::Array(items) => {
            let (plain, wraps_here) = match name.strip_suffix("[]") {
                Some(plain) => (plain, false),
                None => (name, wraps),
            };
            let list = if wraps_here { format!("{plain}.member") } else { plain.to_owned() };
            for (at, inner) in items.iter().enumerate() {
                flatten(&format!("{list}.{}", at + 1), inner, wraps, pairs);
            }
        }
        scalar => pairs.push((name.to_owned(), plain(scalar))),
    }
}

fn plain(scalar: &Value) -> String {
    scalar.as_str().map_or_else(|| scalar.to_string(), str::to_owned)
}

fn document(operation: &Operation, base: &Url, kind: &str, target: &str, fields: &Map<String, Value>) -> Outgoing {
    let headers = vec![header("content-type", kind), header("x-amz-target", format!("{target}.{}", operation.action))];
    let body = Value::Object(fields.clone()).to_string();
    Outgoing { verb: Verb::Post(body.into_bytes()), url: base.clone(), headers }
}

fn address(operation: &Operation, base: &Url, fields: &Map<String, Value>) -> Result<Outgoing, Refused> {
    let (template, fixed) = operation.path.split_once('?').unwrap_or((operation.path, ""));
    let (mut path, mut used) = (base.path().trim_end_matches('/').to_owned(), Vec::new());
    for segment in template.split('/').skip(1) {
        path.push('/');
        match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            None => path.push_str(segment),
            Some(name) => {
                let value = fields.get(name).map(plain).filter(|v| !v.is_empty() && v != "." && v != "..");
                let value = value.ok_or_else(|| Refused::NotUnderstood(format!("{name} is missing")))?;
                path.push_str(&escaped(&value));
                used.push(name);
            }
        }
    }
    let mut query: Vec<String> = fixed.split('&').filter(|q| !q.is_empty()).map(str::to_owned).collect();
    for (name, value) in fields.iter().filter(|(name, _)| !used.contains(&name.as_str())) {
        let values = value.as_array().map_or_else(|| vec![value], |many| many.iter().collect());
        let values = values.into_iter().filter(|v| !v.is_null());
        query.extend(values.map(|v| format!("{}={}", escaped(name), escaped(&plain(v)))));
    }
    query.sort();
    let mut url = base.clone();
    url.set_path(&path);
    url.set_query((!query.is_empty()).then(|| query.join("&")).as_deref());
    Ok(Outgoing { verb: Verb::Get, url, headers: vec![header("accept", "application/json, application/xml")] })
}

/// Percent-encoded as signatures want it: everything but letters, digits and `-._~`.
pub(super) fn escaped(text: &str) -> String {
    let byte = |b: u8| match b {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::super::operations::operation;
    use super::*;
    use serde_json::json;

    fn base() -> Url {
        Url::parse("http://h:1/").expect("an address")
    }

    fn body(name: &str, parameters: Value) -> String {
        match encode(operation(name), &base(), &parameters).expect(name).verb {
            Verb::Post(body) => String::from_utf8(body).expect("text"),
            other => panic!("{other:?}"),
        }
    }

    fn url(name: &str, parameters: Value) -> String {
        encode(operation(name), &base(), &parameters).expect(name).url.to_string()
    }

    #[test]
    fn forms_number_their_lists() {
        let filter = json!({"Filter": [{"Name": "vpc-id", "Value": ["a b", 2]}], "Nothing": null, "MaxResults": 5});
        let expected = "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1=a+b&Filter.1.Value.2=2&MaxResults=5";
        assert_eq!(body("ec2:DescribeInstances", filter), expected);
        let arns = json!({"LoadBalancerArns": ["x"]});
        assert!(body("elbv2:DescribeTags", arns).ends_with("&LoadBalancerArns.member.1=x"));
        let filters = json!({"Filters": {"Filter[]": [{"Name": "engine", "Values": {"Value[]": ["mysql"]}}]}});
        let sent = body("rds:DescribeDBInstances", filters);
        assert!(sent.ends_with("&Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.1=mysql"), "{sent}");
    }

    #[test]
    fn documents_name_their_target() {
        let sent = encode(operation("ecs:DescribeClusters"), &base(), &json!({"clusters": ["a"]})).expect("a question");
        assert!(sent.headers.contains(&header("x-amz-target", "AmazonEC2ContainerServiceV20141113.DescribeClusters")));
        assert_eq!(body("ecs:DescribeClusters", json!({"clusters": ["a"]})), r#"{"clusters":["a"]}"#);
        assert_eq!(body("sqs:ListQueues", Value::Null), "{}");
    }

    #[test]
    fn addresses_take_parameters_out() {
        assert_eq!(url("s3:ListBuckets", json!({})), "http://h:1/");
        assert_eq!(url("s3:GetBucketVersioning", json!({"Bucket": "a.b"})), "http://h:1/a.b?versioning");
        let arn = "arn:aws:kafka:eu-west-1:1:cluster/a/b";
        let nodes = url("kafka:ListNodes", json!({"clusterArn": arn, "maxResults": 9}));
        assert_eq!(
            nodes,
            "http://h:1/v1/clusters/arn%3Aaws%3Akafka%3Aeu-west-1%3A1%3Acluster%2Fa%2Fb/nodes?maxResults=9"
        );
        assert_eq!(
            url("backup:ListBackupPlans", json!({"nextToken": "a+/="})),
            "http://h:1/backup/plans/?nextToken=a%2B%2F%3D"
        );
        let missing = encode(operation("eks:DescribeCluster"), &base(), &json!({}));
        assert!(matches!(missing, Err(Refused::NotUnderstood(_))));
        assert!(
            encode(operation("eks:DescribeCluster"), &base(), &json!({"name": ".."})).is_err(),
            "a path cannot climb"
        );
    }
}
