//! Hosts, partitions and the regions that sign for global services.

use super::operations::Api;
use super::refused::Refused;
use url::Url;

/// `aws`, `aws-cn` or `aws-us-gov`, by a region's name.
pub(super) fn partition(region: &str) -> &'static str {
    match () {
        () if region.starts_with("cn-") => "aws-cn",
        () if region.starts_with("us-gov-") => "aws-us-gov",
        () => "aws",
    }
}

/// The region in which a partition's global services are signed.
pub(super) fn home(partition: &str) -> &'static str {
    match partition {
        "aws-cn" => "cn-northwest-1",
        "aws-us-gov" => "us-gov-west-1",
        _ => "us-east-1",
    }
}

/// Letters, digits and hyphens, as in `eu-west-1`: nothing that could lead a signature to another host.
pub(super) fn is_region(text: &str) -> bool {
    let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    plain && (5..=25).contains(&text.len()) && text.contains('-') && !text.starts_with('-') && !text.ends_with('-')
}

/// The address of an API in a region.
pub(super) fn address(api: &Api, region: &str) -> Result<Url, Refused> {
    // These have one host for all regions; other global APIs live in their home region.
    host(api.host, region, matches!(api.host, "iam" | "route53" | "cloudfront" | "budgets"))
}

/// `https://service.region.amazonaws.com/`.
pub(super) fn host(service: &str, region: &str, everywhere: bool) -> Result<Url, Refused> {
    if !is_region(region) {
        return Err(Refused::NotUnderstood(format!("{region} is not a region")));
    }
    let end = if partition(region) == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" };
    let text =
        if everywhere { format!("https://{service}.{end}/") } else { format!("https://{service}.{region}.{end}/") };
    Url::parse(&text).map_err(|e| Refused::NotUnderstood(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::operations::operation;
    use super::*;

    #[test]
    fn addresses_are_those_of_the_documentation() {
        let check = |name: &str, region: &str, host: &str| {
            let url = address(operation(name).api, region).expect(name);
            assert_eq!((url.scheme(), url.host_str()), ("https", Some(host)), "{name}");
        };
        check("ec2:DescribeInstances", "eu-west-1", "ec2.eu-west-1.amazonaws.com");
        check("elbv2:DescribeTags", "us-east-1", "elasticloadbalancing.us-east-1.amazonaws.com");
        check("route53:ListHostedZones", "us-east-1", "route53.amazonaws.com");
        check("ce:GetCostAndUsage", "us-east-1", "ce.us-east-1.amazonaws.com");
        check("ecr:DescribeRepositories", "eu-west-1", "api.ecr.eu-west-1.amazonaws.com");
        check("ec2:DescribeInstances", "cn-north-1", "ec2.cn-north-1.amazonaws.com.cn");
        check("memorydb:DescribeClusters", "eu-west-1", "memory-db.eu-west-1.amazonaws.com");
    }

    #[test]
    fn a_region_cannot_name_another_host() {
        for bad in ["", "x", "evil.com/", "eu-west-1.evil.com", "-eu-west", "eu_west_1", "EU-WEST-1"] {
            assert!(!is_region(bad) && host("ec2", bad, false).is_err(), "{bad}");
        }
        for good in ["eu-west-1", "us-gov-west-1", "ap-southeast-5", "mx-central-1"] {
            assert!(is_region(good), "{good}");
        }
    }
}
