//! Technical debt: what removing findings costs once, and what keeping them costs every quarter (`scoring.md` §2).

use crate::contribution::bounds;
use crate::range;
use loadline_model::{
    Calibration, Check, CodeDebt, ComponentDebt, Debt, FindingDebt, Fingerprint, Interval, ItemId, RuleId, RuleInfo,
    SubjectId, SubjectRef, Team, num,
};
use std::collections::BTreeMap;

/// Working days in an engineer-week.
const DAYS_PER_WEEK: f64 = 5.0;
/// Weeks in a quarter.
const WEEKS_PER_QUARTER: f64 = 13.0;
/// Engineer-weeks an incident takes. Middle: 1.5 days (HD). Low: about 6 hours of follow-up, the floor of the Google SRE book,
/// ch. 11. High: as many times the middle as the middle is the low (HD).
const WEEKS_PER_INCIDENT: Interval = Interval { p10: 0.15, p50: 0.3, p90: 0.6 };
/// Extra engineer-weeks of a change per unit of hotspot score above one half (HD; half and twice the middle as ends).
const WEEKS_PER_CHANGE: Interval = Interval { p10: 0.01, p50: 0.02, p90: 0.04 };
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
    /// I_work + I_delay in engineer-weeks a quarter, before exposure.
    fn interest(&self) -> Interval {
        let above = (range::amount(self.hotspot).min(1.0) - HOT).max(0.0);
        let extra = range::times(WEEKS_PER_CHANGE, range::amount(self.changes_per_quarter) * above);
        range::plus(extra, range::exactly(range::amount(self.delay_weeks_per_quarter)))
    }
}

/// What interest rests on besides the checks.
#[derive(Clone, Copy, Debug)]
pub struct DebtInputs<'a> {
    /// Incidents a quarter attributed to a rule, for each subject that fails it.
    pub incidents: &'a BTreeMap<RuleId, f64>,
    /// Change effort per component; empty when no repository is read.
    pub work: &'a BTreeMap<SubjectId, ComponentWork>,
    /// The code of components that are repositories; ratio and rating are filled in here.
    pub code: &'a BTreeMap<SubjectId, CodeDebt>,
    /// What items took against their estimates.
    pub calibration: Calibration,
    /// Share of the team's time that incidents and unplanned work take, 0–1, as people answered.
    pub unplanned: Option<f64>,
    /// Who pays it back.
    pub team: &'a Team,
}

/// Debt of a snapshot's failing checks. Checks of one rule on one subject share a remediation: its principal counts once.
/// Interest is weighted by exposure (middle and high end by the upper bound, the low end by what is proven), so untouched and
/// unneeded things cost little.
pub fn debt(checks: &[Check], rules: &[RuleInfo], inputs: &DebtInputs<'_>) -> Debt {
    let weeks_of = |r: &RuleInfo| weeks(inputs.calibration.applied(r.effort_days));
    let efforts: BTreeMap<&RuleId, Interval> = rules.iter().map(|r| (&r.id, weeks_of(r))).collect();
    let mut components: Vec<ComponentDebt> =
        by_component(checks, &efforts).into_values().map(|r| component(&r, &efforts, inputs)).collect();
    components.sort_by(|a, b| {
        num::cmp9(b.interest_weeks_per_quarter, a.interest_weeks_per_quarter)
            .then_with(|| num::cmp9(b.principal_weeks.p50, a.principal_weeks.p50))
            .then_with(|| a.subject.id.cmp(&b.subject.id))
    });
    let principal_weeks = range::sum(components.iter().map(|c| c.principal_weeks));
    let interest_weeks = range::sum(components.iter().map(|c| c.interest_weeks));
    let team = inputs.team;
    let share = |x: f64| range::amount(x).min(1.0);
    let capacity = f64::from(team.people) * WEEKS_PER_QUARTER * share(team.availability) * share(team.share);
    let quarters = (capacity > 0.0).then(|| range::rounded(range::times(principal_weeks, 1.0 / capacity)));
    Debt {
        principal_weeks,
        interest_weeks_per_quarter: interest_weeks.p50,
        quarters_to_clear: (capacity > 0.0).then(|| num::round9(principal_weeks.p50 / capacity)),
        components,
        interest_weeks,
        quarters,
        unplanned_weeks: inputs.unplanned.map(|share| firefighting_weeks(share, team.people)),
        calibration: inputs.calibration,
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
    let all: Vec<&Check> = remediations.values().flatten().copied().collect();
    let subject = all.first().map_or_else(SubjectRef::organisation, |c| c.subject.clone());
    let work = inputs.work.get(&subject.id).map_or(Interval::default(), ComponentWork::interest);
    let work = weighted(work, &all);
    let incidents = remediations.iter().map(|(rule, checks)| of_incidents(rule, checks, inputs));
    let interest_weeks = range::rounded(range::plus(incidents.fold(Interval::default(), range::plus), work));
    let principal_weeks = range::sum(remediations.keys().filter_map(|rule| efforts.get(*rule)).copied());
    let mut findings: Vec<Fingerprint> = all.iter().map(|c| c.fingerprint.clone()).collect();
    findings.sort();
    findings.dedup();
    // The effort of changes and waiting belongs to the component: its findings share it equally.
    let each = range::times(work, 1.0 / findings.len().max(1) as f64);
    let mut by_finding: Vec<FindingDebt> =
        remediations.iter().flat_map(|(rule, checks)| of_findings(rule, checks, each, efforts, inputs)).collect();
    by_finding.sort_by(|a, b| {
        num::cmp9(b.interest_weeks.p50, a.interest_weeks.p50)
            .then_with(|| num::cmp9(b.principal_weeks.p50, a.principal_weeks.p50))
            .then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    ComponentDebt {
        principal_weeks,
        interest_weeks_per_quarter: interest_weeks.p50,
        payback_quarters: payback_quarters(principal_weeks.p50, interest_weeks.p50),
        findings,
        interest_weeks,
        payback: payback(principal_weeks, interest_weeks),
        annual_return: annual_return(principal_weeks.p50, interest_weeks.p50).filter(|x| *x > 0.0),
        by_finding,
        code: inputs.code.get(&subject.id).map(|code| rated(code, principal_weeks)),
        subject,
    }
}

/// I_incident of a rule on a subject, weighted.
fn of_incidents(rule: &RuleId, checks: &[&Check], inputs: &DebtInputs<'_>) -> Interval {
    let rate = inputs.incidents.get(rule).copied().map_or(0.0, range::amount);
    weighted(range::times(WEEKS_PER_INCIDENT, rate), checks)
}

/// What the findings of one rule on one subject cost: they share its incidents equally, and each has its part of the
/// component's own interest.
fn of_findings(
    rule: &RuleId,
    checks: &[&Check],
    each: Interval,
    efforts: &BTreeMap<&RuleId, Interval>,
    inputs: &DebtInputs<'_>,
) -> Vec<FindingDebt> {
    let found: BTreeMap<&Fingerprint, &SubjectId> = checks.iter().map(|c| (&c.fingerprint, &c.subject.id)).collect();
    let incidents = range::times(of_incidents(rule, checks, inputs), 1.0 / found.len().max(1) as f64);
    let one = |(fingerprint, subject): (&Fingerprint, &SubjectId)| FindingDebt {
        fingerprint: fingerprint.clone(),
        rule: rule.clone(),
        remediation: ItemId::of(rule, subject),
        principal_weeks: efforts.get(rule).copied().unwrap_or_default(),
        interest_weeks: range::rounded(range::plus(incidents, each)),
    };
    found.into_iter().map(one).collect()
}

/// Interest weighted by how much depends on the subjects of checks: the low end by what is proven.
fn weighted(interest: Interval, checks: &[&Check]) -> Interval {
    let most = |of: fn((f64, f64)) -> f64| checks.iter().map(|c| of(bounds(c.exposure))).fold(0.0, f64::max);
    let (low, high) = (most(|b| b.0), most(|b| b.1));
    Interval { p10: interest.p10 * low, p50: interest.p50 * high, p90: interest.p90 * high }
}

/// The code with what clearing its component costs over what writing it anew would.
fn rated(code: &CodeDebt, principal_weeks: Interval) -> CodeDebt {
    let found = code.lines.and_then(|lines| debt_ratio(principal_weeks.p50 * DAYS_PER_WEEK, lines));
    CodeDebt {
        ratio: found.map(|(ratio, _)| ratio),
        rating: found.map(|(_, rating)| rating.letter().to_owned()),
        ..code.clone()
    }
}

/// Engineer-weeks of an effort range in days, with the geometric middle.
pub(crate) fn weeks(days: [f64; 2]) -> Interval {
    let low = range::amount(days[0]) / DAYS_PER_WEEK;
    let high = (range::amount(days[1]) / DAYS_PER_WEEK).max(low);
    range::rounded(Interval { p10: low, p50: num::sqrt(low * high).clamp(low, high), p90: high })
}

/// Quarters until removal has paid for itself, as a range: soonest with the least to remove and the most interest; `None` when
/// even the low end of interest is nothing.
fn payback(principal: Interval, interest: Interval) -> Option<Interval> {
    Some(Interval {
        p10: payback_quarters(principal.p10, interest.p90)?,
        p50: payback_quarters(principal.p50, interest.p50)?,
        p90: payback_quarters(principal.p90, interest.p10)?,
    })
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
    num::round9(range::amount(share).min(1.0) * f64::from(people) * WEEKS_PER_QUARTER)
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

impl Rating {
    /// As people write it.
    pub fn letter(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::E => "E",
        }
    }
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
