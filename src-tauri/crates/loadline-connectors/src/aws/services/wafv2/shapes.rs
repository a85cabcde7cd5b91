//! What AWS WAF answers (API Reference, version 2019-07-29), and what a web ACL does: only what becomes a fact.

use crate::aws::shape::{flat_list, opt_string};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The answers of `GetWebACLForResource` and `GetWebACL`; nothing in it where no ACL stands before the resource.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::aws::services) struct Found {
    #[serde(rename = "WebACL")]
    pub acl: Option<Acl>,
}

/// A web ACL.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::services) struct Acl {
    #[serde(deserialize_with = "flat_list")]
    rules: Vec<Rule>,
    #[serde(deserialize_with = "flat_list")]
    pre_process_firewall_manager_rule_groups: Vec<Rule>,
    #[serde(deserialize_with = "flat_list")]
    post_process_firewall_manager_rule_groups: Vec<Rule>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Rule {
    statement: Option<Statement>,
    /// Of groups that Firewall Manager put in.
    firewall_manager_statement: Option<Statement>,
    /// One field, named like what the rule does: `Block`, `Count`, `Captcha`, …
    action: Option<Map<String, Value>>,
    /// One field, of rules that hold a group: `None` or `Count`.
    override_action: Option<Map<String, Value>>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Statement {
    rate_based_statement: Option<RateBased>,
    managed_rule_group_statement: Option<Value>,
    rule_group_reference_statement: Option<Value>,
    sqli_match_statement: Option<Value>,
    xss_match_statement: Option<Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RateBased {
    /// `IP`, `FORWARDED_IP`, `CUSTOM_KEYS`, `CONSTANT`.
    #[serde(deserialize_with = "opt_string")]
    aggregate_key_type: Option<String>,
    scope_down_statement: Option<Value>,
    #[serde(deserialize_with = "flat_list")]
    custom_keys: Vec<Map<String, Value>>,
}

/// What a rule does to what it matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Does {
    Stops,
    Counts,
    LetsPass,
}

impl Rule {
    fn statement(&self) -> Option<&Statement> {
        self.statement.as_ref().or(self.firewall_manager_statement.as_ref())
    }
    /// `None` where the answer does not say.
    fn does(&self) -> Option<Does> {
        let named = |map: &Option<Map<String, Value>>, name: &str| map.as_ref().is_some_and(|m| m.contains_key(name));
        match () {
            () if named(&self.override_action, "Count") || named(&self.action, "Count") => Some(Does::Counts),
            () if named(&self.override_action, "None") => Some(Does::Stops),
            () if ["Block", "Captcha", "Challenge"].iter().any(|a| named(&self.action, a)) => Some(Does::Stops),
            () if named(&self.action, "Allow") => Some(Does::LetsPass),
            () => None,
        }
    }
}

impl RateBased {
    /// Each client has a count of its own: its address, or a key that holds it. `CONSTANT` counts all together; other
    /// keys may or may not tell clients apart.
    fn by_client(&self) -> Option<bool> {
        let with_address = |key: &Map<String, Value>| key.contains_key("IP") || key.contains_key("ForwardedIP");
        match self.aggregate_key_type.as_deref()? {
            "IP" | "FORWARDED_IP" => Some(true),
            "CONSTANT" => Some(false),
            "CUSTOM_KEYS" if self.custom_keys.iter().any(with_address) => Some(true),
            _ => None,
        }
    }
}

impl Acl {
    fn all(&self) -> impl Iterator<Item = (&Rule, &Statement)> {
        let managed = self.pre_process_firewall_manager_rule_groups.iter();
        let all = managed.chain(&self.rules).chain(&self.post_process_firewall_manager_rule_groups);
        all.filter_map(|r| Some((r, r.statement()?)))
    }

    /// `block`, `count` or `none`: managed rules, or rules of one's own against injection and scripts. What a group of
    /// one's own does is not in the answer; where it decides, nothing is known.
    pub(in crate::aws::services) fn firewall(&self) -> Option<&'static str> {
        let (mut counts, mut hidden) = (false, false);
        for (rule, statement) in self.all() {
            let filters = statement.managed_rule_group_statement.is_some()
                || statement.sqli_match_statement.is_some()
                || statement.xss_match_statement.is_some();
            match rule.does() {
                Some(Does::Stops) if filters => return Some("block"),
                Some(Does::Counts) if filters => counts = true,
                None if filters => hidden = true,
                _ => {}
            }
            hidden |= statement.rule_group_reference_statement.is_some();
        }
        match (hidden, counts) {
            (true, _) => None,
            (false, true) => Some("count"),
            (false, false) => Some("none"),
        }
    }

    /// Every request of one client is counted and stopped at a rate. A limit on some requests only, or one in a group
    /// of one's own, neither proves nor excludes that.
    pub(in crate::aws::services) fn limits_clients(&self) -> Option<bool> {
        let mut hidden = false;
        for (rule, statement) in self.all() {
            hidden |= statement.rule_group_reference_statement.is_some();
            let Some(rate) = &statement.rate_based_statement else { continue };
            match (rule.does(), rate.by_client()) {
                (Some(Does::Counts | Does::LetsPass), _) | (_, Some(false)) => {}
                (Some(Does::Stops), Some(true)) if rate.scope_down_statement.is_none() => return Some(true),
                _ => hidden = true,
            }
        }
        (!hidden).then_some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::services::testing::parsed;
    use serde_json::json;

    fn check(rules: Value, firewall: Option<&str>, limits: Option<bool>) {
        let acl: Acl = parsed(json!({"Name": "web", "DefaultAction": {"Allow": {}}, "Rules": rules}));
        assert_eq!((acl.firewall(), acl.limits_clients()), (firewall, limits), "{rules}");
    }
    fn managed(does: &str) -> Value {
        json!({"Name": "common", "Priority": 0, "OverrideAction": {does: {}}, "Statement": {"ManagedRuleGroupStatement":
            {"VendorName": "AWS", "Name": "AWSManagedRulesCommonRuleSet"}}})
    }
    fn rate(does: &str, extra: Value) -> Value {
        let mut statement = json!({"Limit": 500, "EvaluationWindowSec": 300, "AggregateKeyType": "IP"});
        for (key, value) in extra.as_object().expect("fields") {
            statement[key] = value.clone();
        }
        json!({"Name": "rate", "Priority": 1, "Action": {does: {}}, "Statement": {"RateBasedStatement": statement}})
    }
    fn own_group() -> Value {
        json!({"Name": "own", "OverrideAction": {"None": {}}, "Statement": {"RuleGroupReferenceStatement": {"ARN": "arn"}}})
    }

    /// Shape of the example in "GetWebACL", AWS WAF API Reference 2019-07-29.
    #[test]
    fn managed_rules_block_or_count() {
        check(json!([]), Some("none"), Some(false));
        check(json!([managed("None")]), Some("block"), Some(false));
        check(json!([managed("Count")]), Some("count"), Some(false));
        check(json!([managed("Count"), managed("None")]), Some("block"), Some(false));
        let own = |does: &str| json!({"Name": "sql", "Action": {does: {}}, "Statement": {"SqliMatchStatement": {}}});
        check(json!([own("Block")]), Some("block"), Some(false));
        check(json!([own("Count")]), Some("count"), Some(false));
        check(json!([own("Allow")]), Some("none"), Some(false));
        let countries = json!({"Name": "geo", "Action": {"Block": {}}, "Statement": {"GeoMatchStatement": {}}});
        check(json!([countries]), Some("none"), Some(false));
    }

    #[test]
    fn limits_hold_for_every_request_of_a_client() {
        check(json!([rate("Block", json!({}))]), Some("none"), Some(true));
        check(json!([rate("Captcha", json!({"AggregateKeyType": "FORWARDED_IP"}))]), Some("none"), Some(true));
        check(json!([rate("Count", json!({}))]), Some("none"), Some(false));
        check(json!([rate("Block", json!({"AggregateKeyType": "CONSTANT"}))]), Some("none"), Some(false));
        check(json!([rate("Block", json!({"ScopeDownStatement": {"ByteMatchStatement": {}}}))]), Some("none"), None);
        let keys = |keys: Value| rate("Block", json!({"AggregateKeyType": "CUSTOM_KEYS", "CustomKeys": keys}));
        check(json!([keys(json!([{"IP": {}}, {"HTTPMethod": {}}]))]), Some("none"), Some(true));
        check(json!([keys(json!([{"UriPath": {}}]))]), Some("none"), None);
    }

    #[test]
    fn what_a_group_of_ones_own_does_is_not_known() {
        check(json!([own_group()]), None, None);
        check(json!([own_group(), managed("Count")]), None, None);
        check(json!([own_group(), managed("None"), rate("Block", json!({}))]), Some("block"), Some(true));
        let mut silent = managed("None");
        silent["OverrideAction"] = Value::Null;
        check(json!([silent]), None, Some(false));
    }

    #[test]
    fn groups_of_firewall_manager_count_as_rules() {
        let acl: Acl =
            parsed(json!({"Rules": [], "PreProcessFirewallManagerRuleGroups": [{"Name": "fms", "Priority": 0,
            "FirewallManagerStatement": {"ManagedRuleGroupStatement": {"VendorName": "AWS", "Name": "x"}},
            "OverrideAction": {"None": {}}}]}));
        assert_eq!(acl.firewall(), Some("block"));
    }
}
