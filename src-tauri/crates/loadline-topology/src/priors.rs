//! How often things fail and how long repair takes before anything is known of yours (`scoring.md` §1.7). Rates and repair times are
//! Loadline's own engineering priors with the weight of one year of observation; service-level agreements are contractual floors
//! that only check them.

use loadline_model::{HOURS_PER_YEAR, Kind, Node, num};

/// Spread of repair times: sigma of the logarithm (`scoring.md` §1.6).
pub const REPAIR_SIGMA: f64 = 0.8;
/// Years of observation a prior weighs as much as.
pub const PRIOR_YEARS: f64 = 1.0;

/// A published service-level agreement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// Whose and for what.
    pub service: &'static str,
    /// Promised availability, 0–1.
    pub availability: f64,
    /// When it was read, to be read again yearly.
    pub read: &'static str,
}

/// What is assumed of a kind of thing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// What it is, as people read it.
    pub name: &'static str,
    /// Failures a year.
    pub rate: f64,
    /// Median hours to repair.
    pub median_hours: f64,
    /// Contractual floors as a cross-check.
    pub agreements: &'static [Agreement],
}

const fn agreed(service: &'static str, availability: f64, read: &'static str) -> Agreement {
    Agreement { service, availability, read }
}

const LIST: &str = "2023-01, collected list of provider agreements";

macro_rules! priors {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $rate:literal, $median:literal, [$($agreement:expr),* $(,)?];)+) => {
        $($(#[$doc])* pub const $name: Prior =
            Prior { name: $text, rate: $rate, median_hours: $median, agreements: &[$($agreement),*] };)+
        /// The whole table.
        pub const ALL: &[Prior] = &[$($name),+];
    };
}

priors! {
    /// One machine.
    HOST = "single VM or container host", 1.0, 1.0, [
        agreed("EC2 and ECS instance", 0.995, LIST), agreed("Compute Engine instance", 0.995, LIST)];
    /// A managed database without failover.
    MANAGED_DATABASE = "managed database in one zone", 0.5, 2.0, [agreed("RDS single instance", 0.995, "2024-01-22")];
    /// A database that fails over by itself.
    FAILOVER_DATABASE = "database with automatic failover", 2.0, 0.03, [
        agreed("RDS Multi-AZ", 0.9995, "2024-01-22"), agreed("Aurora", 0.9999, LIST),
        agreed("Cloud SQL Enterprise HA", 0.9995, LIST), agreed("Atlas M10+", 0.99995, LIST)];
    /// A database people operate themselves.
    SELF_HOSTED_DATABASE = "self-hosted database without standby", 1.0, 8.0, [];
    /// One cache node.
    CACHE = "cache on one node", 1.0, 0.25, [];
    /// A cache that fails over.
    FAILOVER_CACHE = "cache with failover", 1.0, 0.02, [agreed("ElastiCache Multi-AZ and Memorystore", 0.999, LIST)];
    /// One broker node.
    BROKER = "broker on one node", 1.0, 0.5, [];
    /// A replicated broker.
    BROKER_CLUSTER = "broker cluster", 0.5, 0.1, [
        agreed("MQ, MSK and SQS", 0.999, LIST), agreed("Pub/Sub", 0.9995, LIST)];
    /// A balancer a provider runs.
    MANAGED_BALANCER = "managed load balancer", 0.25, 1.0, [agreed("managed load balancer", 0.9999, LIST)];
    /// A NAT gateway of one zone.
    NAT = "zonal NAT", 0.25, 1.0, [agreed("NAT gateway", 0.999, LIST)];
    /// A content network.
    CDN = "CDN", 0.5, 1.0, [agreed("CloudFront", 0.999, LIST), agreed("Cloud CDN", 0.9995, LIST)];
    /// Name service.
    DNS = "DNS", 0.1, 2.0, [agreed("Route 53", 1.0, LIST)];
    /// A platform that keeps a service redundant.
    PLATFORM = "platform-redundant service (Cloud Run, Lambda)", 0.5, 0.5, [agreed("Cloud Run and Lambda", 0.9995, LIST)];
    /// A zone.
    ZONE = "availability zone", 0.25, 4.0, [];
    /// A region, or an account with all in it.
    REGION = "region", 0.05, 8.0, [];
    /// Somebody else's system.
    EXTERNAL = "external provider", 6.0, 1.0, [];
    /// Something that must be renewed by hand.
    MANUAL_EXPIRY = "certificate, domain or secret renewed by hand", 0.1, 2.0, [];
    /// Something that renews itself.
    AUTOMATIC_EXPIRY = "certificate, domain or secret renewed automatically", 0.005, 2.0, [];
}

/// What a thing's settings say beyond its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// It fails over by itself, or its messages are replicated.
    pub failover: bool,
    /// Its platform keeps it redundant.
    pub platform: bool,
    /// A provider runs this entry; `None`: not known.
    pub entry_managed: Option<bool>,
    /// It renews by itself.
    pub renews: bool,
}

/// The row of the table for a node. What is not known to be managed counts as self-operated; a kind without a row of its own takes
/// the closest one.
pub fn prior_of(node: &Node, traits: Traits) -> &'static Prior {
    let managed = node.managed == Some(true) || traits.entry_managed == Some(true);
    match node.kind {
        Kind::Database | Kind::Table | Kind::Store if traits.failover => &FAILOVER_DATABASE,
        Kind::Database | Kind::Table | Kind::Store if managed => &MANAGED_DATABASE,
        Kind::Database | Kind::Table | Kind::Store => &SELF_HOSTED_DATABASE,
        Kind::Cache if traits.failover => &FAILOVER_CACHE,
        Kind::Cache => &CACHE,
        Kind::Queue if traits.failover => &BROKER_CLUSTER,
        Kind::Queue => &BROKER,
        Kind::LoadBalancer if managed => &MANAGED_BALANCER,
        Kind::Entrypoint if traits.entry_managed != Some(false) && traits.renews => &AUTOMATIC_EXPIRY,
        Kind::Entrypoint if traits.entry_managed != Some(false) => &MANUAL_EXPIRY,
        Kind::Gateway | Kind::Network => &NAT,
        Kind::Cdn => &CDN,
        Kind::Dns => &DNS,
        Kind::Zone => &ZONE,
        Kind::Region | Kind::Account => &REGION,
        Kind::External => &EXTERNAL,
        Kind::Secret if traits.renews => &AUTOMATIC_EXPIRY,
        Kind::Secret => &MANUAL_EXPIRY,
        Kind::Service if traits.platform => &PLATFORM,
        _ => &HOST,
    }
}

impl Prior {
    /// Expected hours down a year when every failure takes the mean repair time.
    pub fn expected_hours(&self) -> f64 {
        self.rate * self.median_hours * num::exp(REPAIR_SIGMA * REPAIR_SIGMA / 2.0)
    }
    /// Agreements (below 100 %) whose yearly floor this prior exceeds: it is more pessimistic than the contract.
    pub fn more_pessimistic_than(&self) -> impl Iterator<Item = &'static Agreement> {
        let expected = self.expected_hours();
        let below = move |a: &&Agreement| a.availability < 1.0 && expected > (1.0 - a.availability) * HOURS_PER_YEAR;
        self.agreements.iter().filter(below)
    }
    /// One warning per such agreement, for the assumptions people read.
    pub fn warnings(&self) -> Vec<String> {
        self.more_pessimistic_than()
            .map(|a| {
                let allowed = num::round9((1.0 - a.availability) * HOURS_PER_YEAR);
                format!(
                    "The prior of {:.1} h a year is more pessimistic than the agreement of {} ({} %, {allowed:.2} h a year).",
                    self.expected_hours(),
                    a.service,
                    num::round9(a.availability * 100.0),
                )
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_a_name_of_its_own_and_finite_numbers() {
        let mut names: Vec<&str> = ALL.iter().map(|p| p.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len());
        assert!(ALL.iter().all(|p| p.rate > 0.0 && p.median_hours > 0.0));
        assert!(ALL.iter().flat_map(|p| p.agreements).all(|a| a.availability > 0.9 && a.availability <= 1.0));
    }

    #[test]
    fn a_prior_beyond_its_contract_warns_and_one_within_does_not() {
        // 0.25 * 1 h * e^0.32 = 0.344 h is within 0.8766 h; 2 * 0.03 h * e^0.32 = 0.083 h is within 4.38 h.
        assert_eq!(MANAGED_BALANCER.warnings(), Vec::<String>::new());
        assert_eq!(FAILOVER_DATABASE.warnings(), Vec::<String>::new());
        assert_eq!(DNS.warnings(), Vec::<String>::new());
        let strict = Prior { rate: 10.0, ..MANAGED_BALANCER };
        assert_eq!(strict.more_pessimistic_than().count(), 1);
    }
}
