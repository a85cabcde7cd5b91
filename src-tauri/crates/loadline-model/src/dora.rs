//! The keys of software delivery as DORA names them (dora.dev, "DORA's software delivery metrics", 2024), each with how
//! many observations it stands on and nothing below the fewest that say something.

use crate::{Interval, SubjectRef, Timestamp};
use serde::{Deserialize, Serialize};

/// Times of something, in hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hours {
    /// Observations.
    pub n: u32,
    /// Median; `None` below the fewest observations.
    pub median: Option<f64>,
    /// 90th percentile; `None` below the fewest observations.
    pub p90: Option<f64>,
}

/// How often something happened of how many times it could have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// Times it happened.
    pub hits: u32,
    /// Times it could have.
    pub n: u32,
    /// Ratio with its 90 % Wilson interval, 0–1; `None` below the fewest observations.
    pub rate: Option<Interval>,
}

/// A service that is deployed together with another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShipsWith {
    /// The other service.
    pub subject: SubjectRef,
    /// Share of the deployments of both that have one of the other within half an hour, the smaller of the two, 0–1.
    pub share: f64,
    /// Deployments of the service that does so less.
    pub n: u32,
}

/// What a host counts of delivery itself, by rules of its own: shown beside our figures and never mixed with them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Told {
    /// The host.
    pub by: String,
    /// Good production deployments a week, over 90 days.
    pub per_week: Option<f64>,
    /// Median hours from the merge of a change to its deployment.
    pub lead_hours: Option<f64>,
    /// Incidents over deployments; above 1 where there were more of them.
    pub failure_rate: Option<f64>,
    /// Median hours that an incident was open.
    pub recovery_hours: Option<f64>,
}

impl Told {
    /// What it counts, for people; `None` when it counted nothing.
    pub fn sentence(&self) -> Option<String> {
        let said = [
            self.per_week.map(|n| format!("{n:.1} deployments a week")),
            self.lead_hours.map(|h| format!("{h:.1} h from merge to deployment")),
            self.failure_rate.map(|r| format!("{r:.2} incidents a deployment")),
            self.recovery_hours.map(|h| format!("incidents open for {h:.1} h")),
        ];
        let said: Vec<String> = said.into_iter().flatten().collect();
        (!said.is_empty()).then(|| format!("{} counts {}.", self.by, said.join(", ")))
    }
}

/// What says that a deployment failed its users, surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailedBy {
    /// Whoever told of it said that it failed or was rolled back.
    Told,
    /// An incident names it as its cause.
    Named,
    /// The next deployment of its environment brought back a revision that had been deployed before.
    Undone,
    /// Likely, by time alone: an incident of the service, which names no other cause, began within 24 hours after it and no other
    /// deployment of the service began between them.
    Likely,
}

impl FailedBy {
    /// In words, for people.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Told => "told as failed or rolled back",
            Self::Named => "named by an incident as its cause",
            Self::Undone => "undone: the next deployment there brought back an older revision",
            Self::Likely => "likely: an incident of the service began within 24 h after it",
        }
    }
    /// All, surest first.
    pub const ALL: [Self; 4] = [Self::Told, Self::Named, Self::Undone, Self::Likely];
}

/// A deployment that counts as failed, and on what that rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedChange {
    /// Its id.
    pub deployment: String,
    /// When it began.
    pub at: Timestamp,
    /// Where, by one name.
    pub environment: String,
    /// What says so; of several the surest.
    pub by: FailedBy,
    /// The incident, or the deployment that undid it, by id; `None` where its own outcome says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// How change reaches one of several production environments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InEnvironment {
    /// Its name.
    pub name: String,
    /// Good deployments in the window.
    pub good: u32,
    /// Good deployments a week, as [`Dora::per_week`].
    pub per_week: Option<f64>,
    /// Lead time, as [`Dora::lead`].
    pub lead: Hours,
}

/// By which rule each figure is made: its name and the rule, as the window and the command line show them. The first five are the
/// keys, in the order of their columns.
pub const COUNTED: [(&str, &str); 7] = [
    (
        "Deployed",
        "good production deployments a week, over 90 days or since the first one seen; of several environments the slowest",
    ),
    (
        "Lead time",
        "from a change's first commit, or its opening, to the end of the first good deployment that names its revision, else that \
         began after its merge; what waits for more than a week counts with the time until now",
    ),
    (
        "Fail",
        "of the deployments that ended, those told as failed or rolled back, named by an incident as its cause, or undone by the \
         next one, which brought an older revision back; and, as likely, the last one in the 24 hours before an incident of the \
         service that names no cause; 90 % Wilson interval",
    ),
    (
        "Recovery",
        "from the start of a failed deployment to the end of the incident it caused, of its own rollback, else of the next good \
         deployment to the same environment",
    ),
    (
        "Rework",
        "deployments that followed a failed one of their environment, or began while an incident was open; 90 % Wilson interval",
    ),
    ("Ships with", "8 of 10 deployments of both have one of the other within half an hour"),
    (
        "One deployment",
        "tellings of several sources are one when environment and revision agree and at most 15 minutes lie between them; the worst \
         outcome counts",
    ),
];

/// How change reaches the users of one service, over 90 days or since its first observed deployment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dora {
    /// Days that were observed.
    pub observed_days: f64,
    /// Good deployments in the window.
    #[serde(default)]
    pub good: u32,
    /// Deployment frequency: good deployments a week; `None` below 10 of them or 28 days. Of several production environments
    /// the one that gets them least often.
    pub per_week: Option<f64>,
    /// Lead time: from a change's first commit (from its opening where that is not known) to the end of the first good
    /// deployment that names its revision, else that began after its merge. A change that has waited for more than a week counts
    /// with the time until now, a lower bound. Of several production environments the slowest.
    pub lead: Hours,
    /// Of it, the wait from the merge on.
    pub wait: Hours,
    /// Merged changes that no good deployment has followed yet.
    pub waiting: u32,
    /// Of them, those that have waited for more than a week.
    #[serde(default)]
    pub overdue: u32,
    /// Deployments of which it is known how they ended: what the change failure rate stands on.
    pub ended: u32,
    /// Deployments that are over, or should be, and of which nobody tells how they ended.
    #[serde(default)]
    pub untold: u32,
    /// The change failure rate if all of them had failed; `None` without them, or below the fewest that end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_rate_at_worst: Option<Interval>,
    /// The change failure rate without those that are linked by time alone; `None` without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_rate_without_likely: Option<Interval>,
    /// What counts as failed and why, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<FailedChange>,
    /// Time from the start of a failed deployment until users were well again: the end of the incident it caused, of its
    /// own rollback, else of the next good deployment to the same environment. One from which nobody has recovered counts with the time until now, a
    /// lower bound.
    pub recovery: Hours,
    /// Failed deployments from which nobody is known to have recovered.
    #[serde(default)]
    pub unrecovered: u32,
    /// Hours since the oldest of them; `None` without one.
    #[serde(default)]
    pub unrecovered_hours: Option<f64>,
    /// Rework: deployments that followed a failed one or began while an incident of the service was open.
    pub rework: Ratio,
    /// People who deployed by hand.
    pub people: u32,
    /// Deployments by a pipeline, of those whose beginner is known.
    #[serde(default)]
    pub pipeline: Ratio,
    /// Each production environment, by name, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environments: Vec<InEnvironment>,
    /// Services that are deployed together with this one, most first.
    pub ships_with: Vec<ShipsWith>,
    /// What its host says of the same, by the host's name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
}

impl Dora {
    /// Fewest good deployments for a frequency (DEL-004).
    pub const LEAST_GOOD: u32 = 10;
    /// Fewest observed days for a frequency (DEL-004).
    pub const LEAST_DAYS: f64 = 28.0;

    /// Failed changes by what says so, surest first, in words: `3 told as failed or rolled back, 1 likely: …`; empty without any.
    pub fn failed_by(&self) -> String {
        let count = |by: FailedBy| self.failures.iter().filter(|f| f.by == by).count();
        let said = FailedBy::ALL.into_iter().map(|by| (count(by), by)).filter(|(n, _)| *n > 0);
        said.map(|(n, by)| format!("{n} {}", by.sentence())).collect::<Vec<_>>().join("; ")
    }
    /// Why there is no frequency: deployments or days that are missing; `None` where there is one.
    pub fn frequency_lacks(&self) -> Option<String> {
        if self.per_week.is_some() {
            return None;
        }
        // Of several environments none has enough, also where all of them together have.
        let fullest = self.environments.iter().map(|e| e.good).max().unwrap_or(self.good);
        Some(if fullest < Self::LEAST_GOOD {
            format!("too few: {fullest} of {} good ones", Self::LEAST_GOOD)
        } else {
            format!("too early: {:.0} of {:.0} days seen", self.observed_days.floor(), Self::LEAST_DAYS)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Dora, InEnvironment, Told};

    #[test]
    fn what_a_frequency_lacks_is_deployments_or_days() {
        let dora = |good, observed_days| Dora { good, observed_days, ..Dora::default() };
        assert_eq!(dora(12, 24.3).frequency_lacks().as_deref(), Some("too early: 24 of 28 days seen"));
        assert_eq!(dora(9, 80.0).frequency_lacks().as_deref(), Some("too few: 9 of 10 good ones"));
        let parts =
            [("eu", 7), ("us", 5)].map(|(name, good)| InEnvironment { name: name.into(), good, ..<_>::default() });
        let both = Dora { environments: parts.to_vec(), ..dora(12, 80.0) };
        assert_eq!(both.frequency_lacks().as_deref(), Some("too few: 7 of 10 good ones"));
        assert_eq!(Dora { per_week: Some(1.0), ..dora(12, 80.0) }.frequency_lacks(), None);
    }

    #[test]
    fn what_a_host_counted_is_said_and_nothing_else() {
        let told = Told { by: "GitLab".into(), ..Told::default() };
        assert_eq!(told.sentence(), None);
        let some = Told { per_week: Some(1.44), recovery_hours: Some(0.0), ..told };
        assert_eq!(some.sentence().as_deref(), Some("GitLab counts 1.4 deployments a week, incidents open for 0.0 h."));
    }
}
