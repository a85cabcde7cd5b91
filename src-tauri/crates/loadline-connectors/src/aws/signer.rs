//! Signs what another connector asks: services of AWS that speak someone else's API, such as Amazon Managed Prometheus.

use super::accounts::{is_role, setting, way};
use super::credentials::{Credentials, Source, Surroundings};
use super::{clock, places, signing};
use crate::http::{HttpError, Limits, Outgoing, Sign, Verb};
use crate::{ConfigField, ConnectError, Secret};
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use loadline_model::Account;
use url::Url;

/// The settings that name keys and region, for a connector whose requests can be signed.
pub(crate) const FIELDS: [ConfigField; 5] = [
    super::field("sigv4_region", "AWS region", "eu-west-1, to sign for Amazon Managed Prometheus"),
    super::field("profile", "AWS profile", "Whose keys sign; without it the environment's"),
    super::field("access_key_id", "AWS access key", "AKIA…, when there is no profile; its secret key is the secret"),
    super::field("role_arn", "AWS role", "Taken before anything is asked"),
    super::field("external_id", "AWS external id", "What the owner of the role asks for besides"),
];

/// Signs for one service in one region.
pub(crate) struct Signer {
    service: &'static str,
    region: String,
    credentials: Credentials,
}

/// The region that an account's requests are signed for; `None`: they are not signed.
///
/// # Errors
/// [`ConnectError`] naming the setting that cannot be used.
pub(crate) fn region(account: &Account) -> Result<Option<&str>, ConnectError> {
    let Some(region) = setting(account, "sigv4_region") else { return Ok(None) };
    if !places::is_region(region) {
        return Err(ConnectError::config("sigv4_region", format!("`{region}` is not a region such as eu-west-1")));
    }
    if let Some(bad) = setting(account, "role_arn").filter(|arn| !is_role(arn)) {
        let why = format!("`{bad}` is not a role such as arn:aws:iam::123456789012:role/loadline");
        return Err(ConnectError::config("role_arn", why));
    }
    Ok(Some(region))
}

impl Signer {
    /// With the keys that settings and surroundings name; nothing is fetched yet.
    ///
    /// # Errors
    /// [`ConnectError`] naming the setting, when there are no keys.
    pub(crate) fn of(
        account: &Account,
        secret: Option<Secret>,
        service: &'static str,
        region: &str,
        limits: Limits,
    ) -> Result<Self, ConnectError> {
        Self::within(account, secret, (service, region), &Surroundings::here(), limits)
    }

    fn within(
        account: &Account,
        secret: Option<Secret>,
        (service, region): (&'static str, &str),
        surroundings: &Surroundings,
        limits: Limits,
    ) -> Result<Self, ConnectError> {
        let source = Source::of(account, secret, surroundings)?;
        let way = way(account, &[region.to_owned()], surroundings, limits)?;
        Ok(Self { service, region: region.to_owned(), credentials: Credentials::new(source, way) })
    }
}

impl Sign for Signer {
    fn headers<'a>(&'a self, url: &'a Url) -> BoxFuture<'a, Result<Vec<(String, Secret)>, HttpError>> {
        async move {
            let at = clock::now();
            let keys = self.credentials.keys(at).await;
            let keys = keys.map_err(|refused| HttpError::Forbidden(refused.to_string()))?;
            let asked = Outgoing { verb: Verb::Get, url: url.clone(), headers: Vec::new() };
            let signed = signing::signed(asked, (self.service, &self.region), &keys, at)
                .map_err(|refused| HttpError::Malformed(refused.to_string()))?;
            Ok(signed.headers.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::credentials::Keys;
    use crate::testing::account;
    use std::time::{Duration, SystemTime};

    #[test]
    fn settings_that_cannot_be_used_are_named() {
        let said = |config: &[(&str, &str)]| region(&account("prometheus", config)).map(|r| r.map(str::to_owned));
        assert_eq!(said(&[]).ok(), Some(None));
        assert_eq!(said(&[("sigv4_region", "eu-west-1")]).ok(), Some(Some("eu-west-1".to_owned())));
        assert!(said(&[("sigv4_region", "europe")]).is_err_and(|e| e.to_string().contains("europe")));
        let role = [("sigv4_region", "eu-west-1"), ("role_arn", "loadline")];
        assert!(said(&role).is_err_and(|e| e.to_string().contains("role")));
    }

    #[tokio::test]
    async fn a_question_carries_the_signature_of_its_own_address() {
        crate::testing::install_crypto();
        let url: Url = "https://aps.test/ws/api/v1/query?query=sum%28up%29%20%3E%200".parse().expect("an address");
        let account = account("prometheus", &[("access_key_id", "AKIDEXAMPLE")]);
        let place = ("aps", "eu-west-1");
        let nowhere = Surroundings::of(std::path::Path::new("/nonexistent"), &[]);
        let signer = Signer::within(&account, Some(Secret::new("key")), place, &nowhere, Limits::default());
        let signer = signer.expect("keys");
        let headers = signer.headers(&url).await.expect("signed");
        let of = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.expose().to_owned());
        let date = of("x-amz-date").expect("a date");
        let stamp: jiff::Timestamp = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &date)
            .and_then(|d| d.to_zoned(jiff::tz::TimeZone::UTC))
            .expect("a moment")
            .timestamp();
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(stamp.as_second().unsigned_abs());
        let expected = |url: &Url| {
            let keys = Keys { id: "AKIDEXAMPLE".into(), secret: Secret::new("key"), token: None, expires: None };
            let asked = Outgoing { verb: Verb::Get, url: url.clone(), headers: Vec::new() };
            let signed = signing::signed(asked, place, &keys, at).expect("signed");
            signed.headers.into_iter().find(|(n, _)| n == "authorization").map(|(_, v)| v)
        };
        assert_eq!(of("authorization"), expected(&url));
        assert!(of("authorization").is_some_and(|v| v.contains("/eu-west-1/aps/aws4_request")));
        let mut other = url.clone();
        other.set_query(Some("query=up"));
        assert_ne!(of("authorization"), expected(&other));
    }
}
