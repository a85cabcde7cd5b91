//! Signature version 4, by Amazon's own crate. What is signed was made from a row of the table of operations.

use super::credentials::Keys;
use super::refused::Refused;
use crate::http::{Outgoing, Verb};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningSettings, UriPathNormalizationMode,
    sign,
};
use aws_sigv4::sign::v4;
use std::time::SystemTime;

/// Adds the headers of a signature.
///
/// # Errors
/// [`Refused::NotUnderstood`] for a request that cannot be signed, which no row of the table makes.
pub(super) fn signed(
    mut outgoing: Outgoing,
    (service, region): (&str, &str),
    keys: &Keys,
    at: SystemTime,
) -> Result<Outgoing, Refused> {
    let broken = |e: &dyn std::fmt::Display| Refused::NotUnderstood(format!("it cannot be signed: {e}"));
    let token = keys.token.as_ref().map(|t| t.expose().to_owned());
    let identity = Credentials::new(&keys.id, keys.secret.expose(), token, None, "loadline").into();
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(region)
        .name(service)
        .time(at)
        .settings(settings(service))
        .build()
        .map_err(|e| broken(&e))?;
    let (method, body) = match &outgoing.verb {
        Verb::Get => ("GET", &[][..]),
        Verb::Post(body) => ("POST", body.as_slice()),
        Verb::OpenMetadata => return Err(Refused::NotUnderstood("metadata is not asked with a signature".to_owned())),
    };
    let headers = outgoing.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let request = SignableRequest::new(method, outgoing.url.as_str(), headers, SignableBody::Bytes(body));
    let (instructions, _) =
        sign(request.map_err(|e| broken(&e))?, &parameters.into()).map_err(|e| broken(&e))?.into_parts();
    let added: Vec<_> = instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    outgoing.headers.extend(added);
    Ok(outgoing)
}

/// S3 signs the path as it is sent and wants the hash of the body beside it; all others encode the path once more.
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secret;
    use std::time::Duration;

    /// 2015-08-30T12:36:00Z, the time of Amazon's published test suite for signature version 4.
    const AT: Duration = Duration::from_secs(1_440_938_160);

    fn check(verb: Verb, url: &str, headers: &[(&str, &str)], token: Option<&str>, signature: &str) {
        let keys = Keys {
            id: "AKIDEXAMPLE".to_owned(),
            secret: Secret::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
            token: token.map(Secret::new),
            expires: None,
        };
        let headers = headers.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        let outgoing = Outgoing { verb, url: url.parse().expect("an address"), headers };
        let at = SystemTime::UNIX_EPOCH + AT;
        let signed = signed(outgoing, ("service", "us-east-1"), &keys, at).expect("a signature");
        let found = signed.headers.iter().find(|(n, _)| n == "authorization").map(|(_, v)| v.clone());
        let found = found.expect("a header");
        assert!(found.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "));
        assert!(found.ends_with(&format!("Signature={signature}")), "{url}: {found}");
    }

    #[test]
    fn signatures_are_those_of_the_published_test_suite() {
        let get = |url, signature| check(Verb::Get, url, &[], None, signature);
        // get-vanilla-query-order-key-case, get-vanilla-utf8-query and get-vanilla of the suite.
        get(
            "https://example.amazonaws.com/?Param2=value2&Param1=value1",
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        );
        get("https://example.amazonaws.com/?ሴ=bar", "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04");
        get("https://example.amazonaws.com/", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
        // post-sts-header-before: a session token is part of what is signed.
        check(
            Verb::Post(Vec::new()),
            "https://example.amazonaws.com/",
            &[],
            Some(
                "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
            ),
            "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
        );
    }

    #[test]
    fn storage_is_signed_with_the_hash_of_its_body() {
        let keys = Keys { id: "A".to_owned(), secret: Secret::new("s"), token: None, expires: None };
        let url = "https://s3.eu-west-1.amazonaws.com/b?versioning".parse().expect("an address");
        let outgoing = Outgoing { verb: Verb::Get, url, headers: Vec::new() };
        let signed = signed(outgoing, ("s3", "eu-west-1"), &keys, SystemTime::UNIX_EPOCH + AT).expect("a signature");
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert!(signed.headers.contains(&("x-amz-content-sha256".to_owned(), empty.to_owned())));
    }
}
