//! What debt costs to clear once and to keep every quarter, per finding and per component (`scoring.md` §2), and what items
//! really took against their estimates.

use crate::{Fingerprint, Interval, ItemId, RuleId, SubjectRef};
use serde::{Deserialize, Serialize};

/// Debt of one finding. Of the ranges, p10 is the low end, p50 the middle, p90 the high end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindingDebt {
    /// The finding.
    pub fingerprint: Fingerprint,
    /// Its rule.
    pub rule: RuleId,
    /// The item that removes it: findings that share it are cleared together, and its principal counts once.
    pub remediation: ItemId,
    /// Engineer-weeks of that item.
    pub principal_weeks: Interval,
    /// Engineer-weeks a quarter while it stays, exposure-weighted.
    pub interest_weeks: Interval,
}

/// How complex the code of a component is, where work happens, at its worst and on average: a mean alone hides the file that
/// everybody has to change. Cognitive complexity of a file; `None` where it was not measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CodeDebt {
    /// Of the hot files (H above 0.5), weighted by their changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hotspot: Option<f64>,
    /// Of the most complex file; only when every file was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst: Option<f64>,
    /// Path of the most complex file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_path: Option<String>,
    /// Of all files, weighted by their lines; only when every file was measured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<f64>,
    /// Lines of code, tests left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<f64>,
    /// What clearing the component costs over what writing its lines anew would (30 minutes a line); for comparison only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// That ratio on SonarQube's grid: `A` to `E`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<String>,
}

/// Debt of one component (`scoring.md` §2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentDebt {
    /// Component.
    pub subject: SubjectRef,
    /// Engineer-weeks to remove, as a range (p50 is the geometric middle).
    pub principal_weeks: Interval,
    /// Engineer-weeks a quarter while it stays, exposure-weighted: the middle of `interest_weeks`.
    pub interest_weeks_per_quarter: f64,
    /// Quarters until removal has paid for itself: the middle of `payback`; `None` without interest.
    pub payback_quarters: Option<f64>,
    /// Findings behind it.
    pub findings: Vec<Fingerprint>,
    /// Engineer-weeks a quarter while it stays, exposure-weighted, as a range.
    #[serde(default)]
    pub interest_weeks: Interval,
    /// Quarters until removal has paid for itself, as a range; `None` without interest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payback: Option<Interval>,
    /// Return on the effort of removal in a year: 1 is the effort back once; `None` without principal or interest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub annual_return: Option<f64>,
    /// What each finding costs, dearest to keep first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_finding: Vec<FindingDebt>,
    /// Its code, where the component is a repository that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<CodeDebt>,
}

impl ComponentDebt {
    /// A component of which only principal and interest are known, without ranges of the latter.
    pub fn plain(subject: SubjectRef, principal: Interval, interest: f64, findings: Vec<Fingerprint>) -> Self {
        Self {
            subject,
            principal_weeks: principal,
            interest_weeks_per_quarter: interest,
            payback_quarters: None,
            findings,
            interest_weeks: Interval { p10: interest, p50: interest, p90: interest },
            payback: None,
            annual_return: None,
            by_finding: Vec::new(),
            code: None,
        }
    }
}

/// What items that are done took against their estimates.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Items of which somebody said what they took.
    pub items: u32,
    /// Of them, those that took no less than the low and no more than the high end of their estimate.
    pub held: u32,
    /// Median of effort over the middle of the estimate; `None` without items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// What estimates are multiplied by; `None` with fewer than [`Calibration::LEAST`] items.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub factor: Option<f64>,
}

impl Calibration {
    /// Items below which nothing is calibrated (HD; as many as measured repairs need in `scoring.md` §1.6).
    pub const LEAST: u32 = 3;

    /// An effort at this team's pace.
    pub fn applied(&self, effort: [f64; 2]) -> [f64; 2] {
        effort.map(|x| x * self.factor.unwrap_or(1.0))
    }

    /// What people read about it; `None` when nobody said what an item took.
    pub fn sentence(&self) -> Option<String> {
        let (ratio, n) = (self.ratio?, self.items);
        let took = match n {
            1 => format!("The one item of which that is known took {ratio:.1}x the estimate (n = 1)"),
            n => format!("Your items took {ratio:.1}x the estimate (n = {n}; {} stayed inside their range)", self.held),
        };
        Some(match self.factor {
            Some(factor) => format!("{took}; every estimate here is multiplied by {factor:.2}."),
            None => format!("{took}; estimates are adjusted from {} items on.", Self::LEAST),
        })
    }
}

/// What score concludes about debt.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Debt {
    /// By interest, then principal, then id.
    pub components: Vec<ComponentDebt>,
    /// Sum of principals, duplicates removed.
    pub principal_weeks: Interval,
    /// Sum of interest: the middle of `interest_weeks`.
    pub interest_weeks_per_quarter: f64,
    /// Quarters to clear at the team's share: the middle of `quarters`; `None` with share 0.
    pub quarters_to_clear: Option<f64>,
    /// Sum of interest as a range.
    #[serde(default)]
    pub interest_weeks: Interval,
    /// Quarters to clear at the team's share, as a range; `None` with share 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarters: Option<Interval>,
    /// Engineer-weeks a quarter that incidents and unplanned work take, as people answered; interest is a part of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unplanned_weeks: Option<f64>,
    /// What items took against their estimates; the principals here are calibrated by it.
    #[serde(default)]
    pub calibration: Calibration,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debt_of_an_older_assessment_still_reads() {
        let old = r#"{"components":[{"subject":{"id":"api","kind":null,"name":"api","account":null,"region":null},
            "principal_weeks":{"p10":1.0,"p50":2.0,"p90":4.0},"interest_weeks_per_quarter":0.5,"payback_quarters":4.0,
            "findings":["f"]}],"principal_weeks":{"p10":1.0,"p50":2.0,"p90":4.0},"interest_weeks_per_quarter":0.5,
            "quarters_to_clear":0.2}"#;
        let debt: Debt = serde_json::from_str(old).expect("reads");
        assert_eq!((debt.components.len(), debt.quarters, debt.calibration.factor), (1, None, None));
        assert!(debt.components[0].by_finding.is_empty());
    }

    #[test]
    fn what_items_took_is_one_sentence() {
        let check = |items, ratio, factor, expected: Option<&str>| {
            let of = Calibration { items, held: 1, ratio, factor };
            assert_eq!(of.sentence().as_deref(), expected);
        };
        check(0, None, None, None);
        check(
            1,
            Some(1.4),
            None,
            Some(
                "The one item of which that is known took 1.4x the estimate (n = 1); estimates are adjusted from 3 items on.",
            ),
        );
        check(
            6,
            Some(1.4),
            Some(1.25),
            Some(
                "Your items took 1.4x the estimate (n = 6; 1 stayed inside their range); every estimate here is multiplied by 1.25.",
            ),
        );
        assert_eq!(Calibration { factor: Some(2.0), ..Calibration::default() }.applied([1.0, 4.0]), [2.0, 8.0]);
    }
}
