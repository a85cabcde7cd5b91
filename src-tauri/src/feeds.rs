//! What a permission is for: the rules that name it among what they read.

use loadline_model::RuleInfo;

/// Where rules write an API's other name.
const ALSO: &[(&str, &str)] = &[("elasticloadbalancing", "elbv2"), ("elasticloadbalancing", "elb")];

/// Ids of the rules of this provider that read by a permission such as `rds:DescribeDBInstances`. A name in front of it
/// (`123456789012/`) is that of an account.
pub(crate) fn feeds(rules: &[RuleInfo], provider: &str, permission: &str) -> Vec<String> {
    let action = permission.rsplit('/').next().unwrap_or(permission);
    let Some((service, verb)) = action.split_once(':').filter(|(s, v)| !s.is_empty() && !v.is_empty()) else {
        return Vec::new();
    };
    let also = ALSO.iter().filter(|(name, _)| *name == service).map(|(_, also)| *also);
    let spelled: Vec<String> = std::iter::once(service).chain(also).map(|s| format!("{s}:{verb}")).collect();
    let reads = |text: &str| {
        let words = text.split(|c: char| !(c.is_alphanumeric() || matches!(c, ':' | '-')));
        words.into_iter().any(|word| spelled.iter().any(|s| s == word))
    };
    let named = |rule: &&RuleInfo| rule.sources.iter().any(|s| s.connector == provider && reads(&s.reads));
    rules.iter().filter(named).map(|rule| rule.id.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_engine::parts::catalog;

    #[test]
    fn a_permission_feeds_the_rules_that_name_it() {
        let rules = catalog();
        let check = |permission: &str, rule: &str| {
            let feeds = feeds(&rules, "aws", permission);
            assert!(feeds.iter().any(|f| f == rule), "{permission}: {feeds:?}");
        };
        check("ecs:DescribeServices", "SPOF-001");
        check("123456789012/ecs:DescribeServices", "SPOF-001");
        check("elasticache:DescribeReplicationGroups", "SPOF-005");
        assert!(!feeds(&rules, "aws", "elasticloadbalancing:DescribeTargetHealth").is_empty());
        for none in ["ecs:DescribeService", "pg_read_all_stats", "ecs:", ""] {
            assert!(feeds(&rules, "aws", none).is_empty(), "{none}");
        }
    }
}
