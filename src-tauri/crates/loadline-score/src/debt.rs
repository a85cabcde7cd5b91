//! Technical debt: what removing findings costs once, and what keeping them costs every quarter (`scoring.md` §2).

use crate::contribution::bounds;
use loadline_model::{
    Check, ComponentDebt, Debt, Fingerprint, Interval, RuleId, RuleInfo, SubjectId, SubjectRef, Team, num,
};
use std::collections::BTreeMap;

/// Working days in an engineer-week.
const DAYS_PER_WEEK: f64 = 5.0;
/// Weeks in a quarter.
const WEEKS_PER_QUARTER: f64 = 13.0;
/// Engineer-weeks an incident takes: 1.5 days (HD; about 6 hours of follow-up is the floor of the Google SRE book, ch. 11).
const WEEKS_PER_INCIDENT: f64 = 0.3;
/// Extra engineer-weeks of a change per unit of hotspot score above one half (HD).
const WEEKS_PER_CHANGE: f64 = 0.02;
/// Hotspot score from which changes cost extra (HD).
pub const HOT: f64 = 0.5;

/// What delivery says about a component.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ComponentWork {
    /// Changes a quarter that touch it.
    pub changes_per_quarter: f64,
    /// Hotspot score, 0–1.
    pub hotspot: f64,
    /// Engineer-weeks a quarter waited for deployment or review because of it.
    pub delay_weeks_per_quarter: f64,
}

impl ComponentWork {
    /// I_work + I_delay in engineer-weeks a quarter.
    fn interest(&self) -> f64 {
        let extra_per_change = WEEKS_PER_CHANGE * (amount(self.hotspot).min(1.0) - HOT).max(0.0);
        amount(self.changes_per_quarter) * extra_per_change + amount(self.delay_weeks_per_quarter)
    }
}

/// What interest rests on besides the checks.
#[derive(Clone, Copy, Debug)]
pub struct DebtInputs<'a> {
    /// Incidents a quarter attributed to a rule, for each subject that fails it.
    pub incidents: &'a BTreeMap<RuleId, f64>,
    /// Change effort per component; empty when no repository is read.
    pub work: &'a BTreeMap<SubjectId, ComponentWork>,
    /// Who pays it back.
    pub team: &'a Team,
}

/// Debt of a snapshot's failing checks. Checks of one rule on one subject share a remediation: its principal counts once.
/// Interest is weighted by exposure (upper bound), so untouched and unneeded things cost little.
pub fn debt(checks: &[Check], rules: &[RuleInfo], inputs: &DebtInputs<'_>) -> Debt {
    let efforts: BTreeMap<&RuleId, Interval> = rules.iter().map(|r| (&r.id, weeks(r.effort_days))).collect();
    let mut components: Vec<ComponentDebt> =
        by_component(checks, &efforts).into_values().map(|r| component(&r, &efforts, inputs)).collect();
    components.sort_by(|a, b| {
        num::cmp9(b.interest_weeks_per_quarter, a.interest_weeks_per_quarter)
            .then_with(|| num::cmp9(b.principal_weeks.p50, a.principal_weeks.p50))
            .then_with(|| a.subject.id.cmp(&b.subject.id))
    });
    let principal_weeks = sum(components.iter().map(|c| c.principal_weeks));
    let team = inputs.team;
    let capacity =
        f64::from(team.people) * WEEKS_PER_QUARTER * amount(team.availability).min(1.0) * amount(team.share).min(1.0);
    Debt {
        principal_weeks,
        interest_weeks_per_quarter: num::round9(components.iter().map(|c| c.interest_weeks_per_quarter).sum()),
        quarters_to_clear: (capacity > 0.0).then(|| num::round9(principal_weeks.p50 / capacity)),
        components,
    }
}

/// A subject's failing checks by rule.
type Remediations<'a> = BTreeMap<&'a RuleId, Vec<&'a Check>>;

fn by_component<'a>(
    checks: &'a [Check],
    efforts: &BTreeMap<&RuleId, Interval>,
) -> BTreeMap<&'a SubjectId, Remediations<'a>> {
    let mut components: BTreeMap<&SubjectId, Remediations<'_>> = BTreeMap::new();
    for check in checks.iter().filter(|c| c.result.outcome.severity().is_some() && efforts.contains_key(&c.rule)) {
        components.entry(&check.subject.id).or_default().entry(&check.rule).or_default().push(check);
    }
    components
}

fn component(
    remediations: &Remediations<'_>,
    efforts: &BTreeMap<&RuleId, Interval>,
    inputs: &DebtInputs<'_>,
) -> ComponentDebt {
    let exposure = |checks: &[&Check]| checks.iter().map(|c| bounds(c.exposure).1).fold(0.0, f64::max);
    let all: Vec<&Check> = remediations.values().flatten().copied().collect();
    let incidents: f64 = remediations
        .iter()
        .map(|(rule, checks)| {
            let rate = inputs.incidents.get(*rule).copied().map_or(0.0, amount);
            exposure(checks) * rate * WEEKS_PER_INCIDENT
        })
        .sum();
    let subject = all.first().map_or_else(SubjectRef::organisation, |c| c.subject.clone());
    let work = inputs.work.get(&subject.id).map_or(0.0, ComponentWork::interest);
    let principal_weeks = sum(remediations.keys().filter_map(|rule| efforts.get(*rule)).copied());
    let interest = num::round9(incidents + exposure(&all) * work);
    let mut findings: Vec<Fingerprint> = all.iter().map(|c| c.fingerprint.clone()).collect();
    findings.sort();
    findings.dedup();
    ComponentDebt {
        subject,
        principal_weeks,
        interest_weeks_per_quarter: interest,
        payback_quarters: payback_quarters(principal_weeks.p50, interest),
        findings,
    }
}

/// Engineer-weeks of an effort range in days, with the geometric middle.
fn weeks(days: [f64; 2]) -> Interval {
    let low = amount(days[0]) / DAYS_PER_WEEK;
    let high = (amount(days[1]) / DAYS_PER_WEEK).max(low);
    Interval { p10: num::round9(low), p50: num::round9(num::sqrt(low * high)), p90: num::round9(high) }
}

fn sum(parts: impl Iterator<Item = Interval>) -> Interval {
    let total =
        parts.fold(Interval::default(), |t, p| Interval { p10: t.p10 + p.p10, p50: t.p50 + p.p50, p90: t.p90 + p.p90 });
    Interval { p10: num::round9(total.p10), p50: num::round9(total.p50), p90: num::round9(total.p90) }
}

/// A quantity that must be a number and not negative; anything else is not counted.
fn amount(x: f64) -> f64 {
    if x.is_finite() { x.max(0.0) } else { 0.0 }
}

/// Quarters until removal has paid for itself: P / I; `None` without interest.
pub fn payback_quarters(principal_weeks: f64, interest_weeks_per_quarter: f64) -> Option<f64> {
    let valid =
        principal_weeks.is_finite() && interest_weeks_per_quarter.is_finite() && interest_weeks_per_quarter > 0.0;
    valid.then(|| num::round9(principal_weeks / interest_weeks_per_quarter))
}

/// Annual return on the effort of removal: 4 I / P; `None` without principal.
pub fn annual_return(principal_weeks: f64, interest_weeks_per_quarter: f64) -> Option<f64> {
    let valid = principal_weeks.is_finite() && interest_weeks_per_quarter.is_finite() && principal_weeks > 0.0;
    valid.then(|| num::round9(4.0 * interest_weeks_per_quarter / principal_weeks))
}

/// Engineer-weeks a quarter that a team spends on incidents at a share 0–1 of its time (`scoring.md` §2.2).
pub fn firefighting_weeks(share: f64, people: u32) -> f64 {
    num::round9(amount(share).min(1.0) * f64::from(people) * WEEKS_PER_QUARTER)
}

/// Letter of a debt ratio on SonarQube's grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rating {
    /// At most 5 %.
    A,
    /// At most 10 %.
    B,
    /// At most 20 %.
    C,
    /// At most 50 %.
    D,
    /// Above 50 %.
    E,
}

/// Remediation over development cost (30 minutes a line, 8 hours a day) with its rating; for comparison only, never for ranking.
/// `None` without lines or with input that is not a number.
pub fn debt_ratio(remediation_days: f64, lines: f64) -> Option<(f64, Rating)> {
    let development_days = lines * 0.5 / 8.0;
    let valid = remediation_days.is_finite()
        && remediation_days >= 0.0
        && development_days.is_finite()
        && development_days > 0.0;
    if !valid {
        return None;
    }
    let ratio = num::round9(remediation_days / development_days);
    let grid = [(0.05, Rating::A), (0.10, Rating::B), (0.20, Rating::C), (0.50, Rating::D)];
    let rating = grid.into_iter().find(|(limit, _)| ratio <= *limit).map_or(Rating::E, |(_, rating)| rating);
    Some((ratio, rating))
}
