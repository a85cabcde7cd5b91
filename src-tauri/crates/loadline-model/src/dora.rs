//! The keys of software delivery as DORA names them (dora.dev, "DORA's software delivery metrics", 2024), each with how
//! many observations it stands on and nothing below the fewest that say something.

use crate::{Interval, SubjectRef};
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

/// How change reaches the users of one service, over 90 days or since its first observed deployment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dora {
    /// Days that were observed.
    pub observed_days: f64,
    /// Deployment frequency: good deployments a week; `None` below 10 of them or 28 days.
    pub per_week: Option<f64>,
    /// Lead time: from a change's first commit (from its opening where that is not known) to the end of the first good
    /// deployment that names its revision, else that began after its merge. A change that has waited for more than a week counts
    /// with the time until now, a lower bound.
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
    /// Time from the start of a failed deployment until users were well again: the end of the incident it caused, of its
    /// own rollback, else of the next good deployment. One from which nobody has recovered counts with the time until now, a
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
    /// Services that are deployed together with this one, most first.
    pub ships_with: Vec<ShipsWith>,
    /// What its host says of the same, by the host's name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<Told>,
}

#[cfg(test)]
mod tests {
    use super::Told;

    #[test]
    fn what_a_host_counted_is_said_and_nothing_else() {
        let told = Told { by: "GitLab".into(), ..Told::default() };
        assert_eq!(told.sentence(), None);
        let some = Told { per_week: Some(1.44), recovery_hours: Some(0.0), ..told };
        assert_eq!(some.sentence().as_deref(), Some("GitLab counts 1.4 deployments a week, incidents open for 0.0 h."));
    }
}
