//! Where AWS is asked, when not at its own hosts: `endpoint_url` of the account, of AWS's variables, or of a profile and
//! its `services` section, in the order that AWS's tools follow ("Service-specific endpoints", SDKs and Tools guide).

use super::Surroundings;
use super::files::{self, Sections};
use crate::ConnectError;
use crate::http::Wire;
use loadline_model::Account;
use std::collections::BTreeMap;
use url::Url;

/// What the table calls an API, where the tools' files call it differently.
const SPELLED: &[(&str, &str)] = &[
    ("apigateway", "api_gateway"),
    ("application-autoscaling", "application_auto_scaling"),
    ("autoscaling", "auto_scaling"),
    ("ce", "cost_explorer"),
    ("compute-optimizer", "compute_optimizer"),
    ("config", "config_service"),
    ("elasticfilesystem", "efs"),
    ("elb", "elastic_load_balancing"),
    ("elbv2", "elastic_load_balancing_v2"),
    ("es", "opensearch"),
    ("events", "eventbridge"),
    ("logs", "cloudwatch_logs"),
    ("route53", "route_53"),
    ("secretsmanager", "secrets_manager"),
    ("servicequotas", "service_quotas"),
    ("tag", "resource_groups_tagging_api"),
];

/// Addresses that take the place of AWS's own hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::aws) struct Endpoints {
    all: Option<Url>,
    own: BTreeMap<String, Url>,
}

impl Endpoints {
    /// Of this account; nothing is asked.
    ///
    /// # Errors
    /// [`ConnectError`] naming the address that cannot be used.
    pub(in crate::aws) fn of(account: &Account, surroundings: &Surroundings) -> Result<Self, ConnectError> {
        let said = |key: &str| account.config.get(key).map(|v| v.trim()).filter(|v| !v.is_empty());
        if let Some(text) = said("endpoint_url") {
            return Ok(Self { all: Some(Wire::address("endpoint_url", text)?), own: BTreeMap::new() });
        }
        // An account that brings its own key is not led elsewhere by what lies around.
        if said("access_key_id").is_some() {
            return Ok(Self::default());
        }
        let sections = files::read(surroundings);
        let profile = profile(&sections, said("profile"), surroundings);
        let ignored = [surroundings.variable("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"), get(profile, IGNORE)];
        if ignored.contains(&Some("true")) {
            return Ok(Self::default());
        }
        let mut found = Self::default();
        if let Some(services) = get(profile, "services").and_then(|s| sections.get(&format!("services {s}"))) {
            for (key, text) in services {
                if let Some(service) = key.strip_suffix(".endpoint_url") {
                    found.own.insert(service.to_owned(), Wire::address("endpoint_url", text)?);
                }
            }
        }
        // A variable for everything is still less than one for a service, and more than the profile's sections.
        let all = match surroundings.variable("AWS_ENDPOINT_URL") {
            Some(text) => {
                found.own.clear();
                Some(text)
            }
            None => get(profile, "endpoint_url"),
        };
        found.all = all.map(|text| Wire::address("endpoint_url", text)).transpose()?;
        for (service, text) in surroundings.starting("AWS_ENDPOINT_URL_") {
            found.own.insert(service.to_ascii_lowercase(), Wire::address("endpoint_url", text)?);
        }
        Ok(found)
    }

    /// Everything is asked here.
    #[cfg(test)]
    pub(in crate::aws) fn everywhere(url: Url) -> Self {
        Self { all: Some(url), own: BTreeMap::new() }
    }

    /// Where this API is asked; `None`: at its own host. `name` is the first part of an operation's name.
    pub(in crate::aws) fn at(&self, name: &str) -> Option<&Url> {
        let spelled = SPELLED.iter().find(|(ours, _)| *ours == name).map_or(name, |(_, theirs)| theirs);
        self.own.get(spelled).or(self.all.as_ref())
    }

    /// Every address is one of this machine.
    pub(in crate::aws) fn are_here(&self) -> bool {
        let mut all = self.own.values().chain(&self.all).peekable();
        self.all.is_some() && all.peek().is_some() && all.all(Wire::is_here)
    }
}

const IGNORE: &str = "ignore_configured_endpoint_urls";

/// The region that the account's profile names.
pub(in crate::aws) fn region_of(account: &Account, surroundings: &Surroundings) -> Option<String> {
    let sections = files::read(surroundings);
    let named = account.config.get("profile").map(|v| v.trim()).filter(|v| !v.is_empty());
    get(profile(&sections, named, surroundings), "region").map(str::to_owned)
}

type Profile<'s> = Option<&'s BTreeMap<String, String>>;

fn profile<'s>(sections: &'s Sections, named: Option<&str>, surroundings: &Surroundings) -> Profile<'s> {
    let name = named.or_else(|| surroundings.variable("AWS_PROFILE")).unwrap_or("default");
    sections.get(&format!("profile {name}"))
}

fn get<'s>(profile: Profile<'s>, key: &str) -> Option<&'s str> {
    profile?.get(key).map(String::as_str).filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::operations::OPERATIONS;
    use crate::testing::account;

    const CONFIG: &str = "[profile emulator]\nregion = eu-west-1\nendpoint_url = http://127.0.0.1:5000\n\
        [profile mixed]\nendpoint_url = http://127.0.0.1:5000\nservices = some\n\
        [services some]\nelastic_load_balancing_v2 =\n  endpoint_url = http://127.0.0.1:6000\ns3 =\n  max = 3\n\
        [profile off]\nendpoint_url = http://127.0.0.1:5000\nignore_configured_endpoint_urls = true\n\
        [profile bad]\nendpoint_url = http://169.254.169.254\n";

    #[test]
    fn endpoints_are_found_in_the_order_of_the_tools() {
        let home = tempfile::TempDir::new().expect("a folder");
        std::fs::create_dir_all(home.path().join(".aws")).expect("a folder");
        std::fs::write(home.path().join(".aws/config"), CONFIG).expect("a file");
        let check = |config: &[(&str, &str)], variables: &[(&str, &str)], ec2: Option<&str>, elbv2: Option<&str>| {
            let around = Surroundings::of(home.path(), variables);
            let found = Endpoints::of(&account("aws", config), &around).expect("addresses");
            let at = |name: &str| found.at(name).map(|url| url.as_str().trim_end_matches('/').to_owned());
            assert_eq!((at("ec2").as_deref(), at("elbv2").as_deref()), (ec2, elbv2), "{config:?} {variables:?}");
        };
        let (five, six, seven) =
            (Some("http://127.0.0.1:5000"), Some("http://127.0.0.1:6000"), Some("http://127.0.0.1:7000"));
        check(&[], &[], None, None);
        check(&[("profile", "emulator")], &[], five, five);
        check(&[], &[("AWS_PROFILE", "emulator")], five, five);
        check(&[("profile", "mixed")], &[], five, six);
        check(&[("profile", "mixed")], &[("AWS_ENDPOINT_URL", "http://127.0.0.1:7000")], seven, seven);
        check(&[("profile", "emulator")], &[("AWS_ENDPOINT_URL_EC2", "http://127.0.0.1:7000")], seven, five);
        check(&[("profile", "off")], &[], None, None);
        check(&[("profile", "emulator")], &[("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")], None, None);
        check(&[("profile", "emulator"), ("endpoint_url", "http://127.0.0.1:6000")], &[], six, six);
        check(&[("access_key_id", "A")], &[("AWS_ENDPOINT_URL", "http://127.0.0.1:7000")], None, None);
        let around = Surroundings::of(home.path(), &[]);
        let refused = Endpoints::of(&account("aws", &[("profile", "bad")]), &around).expect_err("metadata");
        assert_eq!(refused.code(), "invalid_config");
        assert_eq!(region_of(&account("aws", &[("profile", "emulator")]), &around).as_deref(), Some("eu-west-1"));
    }

    #[test]
    fn every_api_is_spelled_as_the_tools_do() {
        let ours = |name: &str| OPERATIONS.iter().any(|o| o.name.split(':').next() == Some(name));
        assert!(SPELLED.iter().all(|(name, _)| ours(name)));
    }
}
