//! Host names in environment variables. A value may hold a password: only a host is taken out of it, and only where
//! the value is plainly an address.

/// The host that a value names, in lower case, with its port when it says one. `None` for everything that is not an
/// address: words, numbers, keys, local names.
pub(in crate::aws::services) fn host_in(value: &str) -> Option<(String, Option<u16>)> {
    let value = value.trim();
    let rest = match value.split_once("://") {
        Some((scheme, rest)) if scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c)) => rest,
        Some(_) => return None,
        None => value,
    };
    let is_url = rest.len() != value.len();
    let authority = rest.split(['/', '?', '#']).next()?;
    if !is_url && authority.len() != rest.len() {
        return None;
    }
    // User and password end at the last @; without a scheme an @ is a mail address or worse.
    let server = match authority.rsplit_once('@') {
        Some((_, server)) if is_url => server,
        Some(_) => return None,
        None => authority,
    };
    // Several servers are written with commas; the first names the group.
    let first = server.split(',').next()?;
    let (name, port) = match first.rsplit_once(':') {
        Some((name, port)) => (name, Some(port.parse().ok()?)),
        None => (first, None),
    };
    is_host(name).then(|| (name.trim_end_matches('.').to_ascii_lowercase(), port))
}

/// A name of at least three labels of which the last is a word: `db.internal.example`, not `v1.2.3` nor `app.js`.
fn is_host(name: &str) -> bool {
    let labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    let is_label = |l: &&str| {
        !l.is_empty() && l.len() <= 63 && l.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    let word = labels.last().is_some_and(|l| l.len() >= 2 && l.chars().all(|c| c.is_ascii_alphabetic()));
    labels.len() >= 3 && name.len() <= 253 && word && labels.iter().all(is_label)
}

/// Stores that AWS runs answer at these names: what names one in its configuration cannot do without it.
pub(in crate::aws::services) fn is_store(host: &str) -> bool {
    const STORES: [&str; 6] = [".rds.", ".docdb.", ".cache.", ".memorydb.", ".mq.", ".kafka."];
    let aws = host.ends_with(".amazonaws.com") || host.ends_with(".amazonaws.com.cn");
    aws && STORES.iter().any(|s| host.contains(s))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expected: Option<(&str, Option<u16>)>) {
        let found = host_in(value);
        assert_eq!(found.as_ref().map(|(h, p)| (h.as_str(), *p)), expected, "{value}");
    }

    #[test]
    fn addresses_give_their_host_and_nothing_else() {
        check(
            "postgres://app:pa@ss@DB.abc.eu-west-1.rds.amazonaws.com:5432/app",
            Some(("db.abc.eu-west-1.rds.amazonaws.com", Some(5432))),
        );
        check("db.abc.eu-west-1.rds.amazonaws.com", Some(("db.abc.eu-west-1.rds.amazonaws.com", None)));
        check("redis.abc.euw1.cache.amazonaws.com:6379", Some(("redis.abc.euw1.cache.amazonaws.com", Some(6379))));
        check("kafka://b-1.k.example.com:9092,b-2.k.example.com:9092", Some(("b-1.k.example.com", Some(9092))));
        check("https://api.pay.example/v1?key=s3cr3t", Some(("api.pay.example", None)));
        for value in [
            "production",
            "4",
            "true",
            "AKIAIOSFODNN7EXAMPLE",
            "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "me@mail.example.com",
            "1.2.3.4",
            "v1.2.3",
            "localhost:5432",
            "redis://cache:6379",
            "eyJhbGciOi.eyJzdWIi.SflKxw9",
            "/var/lib/app.d/x.y.z",
            "a.b.c d",
            "",
        ] {
            check(value, None);
        }
    }

    #[test]
    fn stores_of_the_provider_are_recognised() {
        for store in ["db.abc.eu-west-1.rds.amazonaws.com", "r.abc.ng.0001.euw1.cache.amazonaws.com"] {
            assert!(is_store(store), "{store}");
        }
        for other in ["sqs.eu-west-1.amazonaws.com", "db.rds.amazonaws.com.evil.example", "api.pay.example"] {
            assert!(!is_store(other), "{other}");
        }
    }
}
