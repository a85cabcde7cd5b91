//! The tightest limited resource of a subject and the days it lasts, as all capacity rules judge it: by the pessimistic
//! end of the 80 % interval.

use crate::db::wording::{count, percent};
use crate::{Context, Subject};
use loadline_model::{
    CheckResult, EdgeView, Evidence, GapReason, Kind, Limit, Limited, Relation, Resource, SubjectId, Utilisation,
};
use std::collections::BTreeSet;

/// Days until the alarm line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Days {
    /// Under the fitted growth; infinite: not within the horizon.
    Measured(f64),
    /// Growth is not fitted: under 20 % a month.
    Assumed(f64),
    /// No forecast.
    Unknown,
}

/// A limited resource and how long it lasts.
#[derive(Clone, Copy)]
pub(super) struct Headroom<'a> {
    pub(super) utilisation: &'a Utilisation,
    pub(super) days: Days,
}

impl Headroom<'_> {
    /// Utilisation at peak, upper end of its interval, share of the hard limit.
    pub(super) fn used(&self) -> f64 {
        self.utilisation.now.p90
    }
    /// Measured days are below a horizon.
    pub(super) fn ends_within(&self, days: f64) -> bool {
        matches!(self.days, Days::Measured(d) if d < days)
    }
    /// `84 % of its memory`, with the member's name when it is a member's.
    pub(super) fn said(&self, subject: &Subject<'_>, what: &str) -> String {
        let owner = &self.utilisation.subject;
        let name = if owner.id == subject.id {
            format!("`{}`", subject.name())
        } else {
            format!("`{}` of `{}`", owner.name, subject.name())
        };
        let rest = match self.days {
            Days::Measured(d) if d.is_finite() => format!(", and reaches its line in {d:.0} days"),
            _ => String::new(),
        };
        format!("{name} uses {} of its {what} at peak{rest}", percent(self.used()))
    }
    /// What it rests on.
    pub(super) fn evidence(&self, context: &Context<'_>) -> Vec<Evidence> {
        let u = self.utilisation;
        let word = u.limited.word();
        let mut rows = vec![Evidence::derived(
            format!("{word} of `{}` at peak", u.subject.name),
            format!("{} [{}, {}] over {:.1} days", percent(u.now.p50), percent(u.now.p10), percent(u.now.p90), u.days),
        )];
        rows.extend(measured_by(u, context));
        let days = match self.days {
            Days::Measured(d) if d.is_finite() => format!("{d:.0} at measured growth"),
            Days::Measured(_) => "not within 730 days at measured growth".to_owned(),
            Days::Assumed(d) if d.is_finite() => format!("{d:.0} at 20 % a month"),
            Days::Assumed(_) => "not within 730 days at 20 % a month".to_owned(),
            Days::Unknown => return rows,
        };
        rows.push(Evidence::derived("days to the line, pessimistic end", days));
        rows
    }
    /// Passes when it was watched long enough and lasts beyond the horizon; otherwise says what is missing.
    pub(super) fn acquit(
        &self,
        subject: &Subject<'_>,
        what: &str,
        need_days: f64,
        horizon: f64,
        evidence: Vec<Evidence>,
    ) -> CheckResult {
        let said = self.said(subject, what);
        let have = self.utilisation.days;
        if have < need_days {
            let detail = format!("{said}; a verdict needs {need_days:.0} days of samples, there are {have:.1}");
            return CheckResult::unknown(
                GapReason::ShortWindow,
                detail,
                "Connect what records it over time (Prometheus, CloudWatch, Cloud Monitoring).",
            )
            .with_evidence(evidence);
        }
        let lasts = match self.days {
            Days::Measured(d) | Days::Assumed(d) => d >= horizon,
            Days::Unknown => false,
        };
        if !lasts {
            let detail = format!(
                "{said}; whether that lasts {horizon:.0} days is not known, because growth of demand is not measured yet"
            );
            return CheckResult::unknown(
                GapReason::ShortWindow,
                detail,
                "Record request rates for 8 weeks: connect Prometheus, CloudWatch or the load balancer.",
            )
            .with_evidence(evidence);
        }
        CheckResult::pass(format!("{said}."), evidence)
    }
}

/// The readings behind a utilisation, one row a source, so that stale or disconnected ones are noticed; where the model
/// names sources that are no series, their own words.
pub(crate) fn measured_by(utilisation: &Utilisation, context: &Context<'_>) -> Vec<Evidence> {
    let (id, word) = (&utilisation.subject.id, utilisation.limited.word());
    let mut rows: Vec<Evidence> = Vec::new();
    for metric in [utilisation.limited.utilisation_metric(), utilisation.limited.used_metric()] {
        for (series, from) in context.facts.series(id, &metric) {
            let row = Evidence::read(
                word,
                format!("{metric}, {} samples until {}", series.samples.len(), series.covered_until),
                from,
            );
            if !rows.iter().any(|r| (&r.account, &r.source) == (&row.account, &row.source)) {
                rows.push(row);
            }
        }
    }
    let limits = context.facts.facts::<Limit>(id).filter(|(l, _)| l.limited == utilisation.limited);
    rows.extend(
        limits.map(|(l, from)| {
            Evidence::read(format!("limit of {word}"), format!("{} {}", count(l.value), l.unit), from)
        }),
    );
    rows.extend(utilisation.sources.iter().map(|s| Evidence::derived(word, s.clone())));
    rows
}

/// A member of a group is judged with its group, whose figures include it, where the rule judges groups of that kind;
/// judging it again would count one cause twice.
pub(super) fn judged_with_its_group(subject: &Subject<'_>, context: &Context<'_>) -> Option<CheckResult> {
    if subject.kind() != Some(Kind::Instance) {
        return None;
    }
    let judged = |id: &SubjectId| context.facts.resource(id).is_some_and(|r| subject.rule.kinds().contains(&r.kind));
    let groups = context.facts.edges_from(&subject.id).filter(|e| e.edge.relation == Relation::MemberOf);
    let member = groups.into_iter().find(|e| judged(&e.to))?;
    let group = context.reference(&member.to).name;
    let evidence = vec![Evidence::read("member of", group.clone(), member.provenance)];
    Some(
        CheckResult::not_applicable(format!("`{}` is judged with its group `{group}`.", subject.name()))
            .with_evidence(evidence),
    )
}

/// A member's disk that is not its own: its provider's, or that of the machine it runs on, which is judged itself.
pub(super) fn disk_of_another(subject: &Subject<'_>, context: &Context<'_>) -> Option<CheckResult> {
    let facts = context.facts;
    if subject.kind() != Some(Kind::Instance) {
        return None;
    }
    let machine = |id: &SubjectId| {
        facts.resource(id).is_some_and(|r| matches!(r.kind, Kind::Instance | Kind::Host)) && *id != subject.id
    };
    let edges: Vec<EdgeView<'_>> = facts.edges_from(&subject.id).collect();
    if let Some(on) = edges.iter().find(|e| e.edge.relation == Relation::RunsIn && machine(&e.to)) {
        let name = context.reference(&on.to).name;
        let said = format!("`{}` runs on `{name}`, whose disk is judged.", subject.name());
        return Some(CheckResult::not_applicable(said).with_evidence(vec![Evidence::read(
            "runs on",
            name,
            on.provenance,
        )]));
    }
    let groups = edges.iter().filter(|e| e.edge.relation == Relation::MemberOf).map(|e| &e.to);
    let operated = |id: &SubjectId| {
        let mut said = facts.facts::<Resource>(id).filter_map(|(r, from)| r.managed.map(|on| (on, from)));
        said.find(|(on, _)| *on).map(|(_, from)| from)
    };
    let from = std::iter::once(&subject.id).chain(groups).find_map(operated)?;
    let said = format!("The disk under `{}` is its provider's.", subject.name());
    Some(CheckResult::not_applicable(said).with_evidence(vec![Evidence::read("operated by", "a provider", from)]))
}

/// Of some resources of a subject and of its members the one that is worst off: the fullest, unless another that is not
/// beyond its line ends within `horizon` days, and before the fullest does. A verdict on the fullest alone would acquit
/// what fills fast.
pub(super) fn tightest<'a>(
    subject: &Subject<'_>,
    limited: &[Limited],
    horizon: f64,
    context: &Context<'a>,
) -> Option<Headroom<'a>> {
    let mut ids: BTreeSet<SubjectId> = BTreeSet::from([subject.id.clone()]);
    ids.extend(context.facts.edges_to(&subject.id).filter(|e| e.edge.relation == Relation::MemberOf).map(|e| e.from));
    let all = context.capacity.utilisation.iter();
    let of_it = all.filter(|u| ids.contains(&u.subject.id) && limited.contains(&u.limited));
    let candidates: Vec<Headroom<'a>> =
        of_it.map(|utilisation| Headroom { utilisation, days: days_left(utilisation, context) }).collect();
    let lasts = |h: &Headroom<'_>| match h.days {
        Days::Measured(days) | Days::Assumed(days) => days,
        Days::Unknown => f64::INFINITY,
    };
    let by_id = |a: &Headroom<'_>, b: &Headroom<'_>| b.utilisation.subject.id.cmp(&a.utilisation.subject.id);
    let fullest = candidates.iter().max_by(|a, b| a.used().total_cmp(&b.used()).then(by_id(a, b)))?;
    let soonest = candidates.iter().min_by(|a, b| lasts(a).total_cmp(&lasts(b)).then(by_id(b, a)))?;
    let sooner = lasts(soonest) < lasts(fullest).min(horizon) && fullest.used() < fullest.utilisation.line;
    Some(if sooner { *soonest } else { *fullest })
}

fn days_left(utilisation: &Utilisation, context: &Context<'_>) -> Days {
    let scaled = |u: &Utilisation| u.limited == Limited::Members && u.subject.id == utilisation.subject.id;
    if utilisation.limited == Limited::Cpu && context.capacity.utilisation.iter().any(scaled) {
        // The autoscaler holds it near its target; what runs out are members, which are forecast on their own.
        return Days::Measured(f64::INFINITY);
    }
    let of = |scenario: &str| {
        context
            .capacity
            .limits
            .iter()
            .find(|l| {
                l.subject.id == utilisation.subject.id && l.resource == utilisation.limited && l.scenario == scenario
            })
            .map(|l| l.days.map_or(f64::INFINITY, |d| d.p10))
    };
    of("measured").map(Days::Measured).or_else(|| of("20_percent").map(Days::Assumed)).unwrap_or(Days::Unknown)
}

#[cfg(test)]
pub(super) mod cases {
    //! Forecasts for cases.
    use crate::testing::Case;
    use loadline_model::*;

    /// A thing of a kind and tier.
    pub(in crate::cap) fn thing(kind: Kind, tier: Tier) -> Case {
        Case::new().has("x", Resource { tier: Some(tier), ..Resource::new(kind, "x") })
    }
    /// Adds a forecast for `x`; `None`: not within the horizon.
    pub(in crate::cap) fn lasts(
        mut case: Case,
        limited: Limited,
        scenario: &str,
        days: Option<f64>,
        multiplier: f64,
    ) -> Case {
        case.capacity.limits.push(forecast(limited, scenario, days, multiplier));
        case
    }
    /// A forecast for `x`.
    pub(in crate::cap) fn forecast(
        limited: Limited,
        scenario: &str,
        days: Option<f64>,
        multiplier: f64,
    ) -> LimitForecast {
        let point = |v: f64| Interval { p10: v, p50: v, p90: v };
        LimitForecast {
            subject: SubjectRef { id: "x".into(), kind: None, name: "x".into(), account: None, region: None },
            resource: limited,
            scenario: scenario.into(),
            utilisation: 0.5,
            limit: limited.default_limit(),
            multiplier: point(multiplier),
            days: days.map(point),
            first_probability: 0.5,
            breaks: None,
            extrapolated: false,
        }
    }
    /// `x` uses a share of a resource, watched for so many days, and lasts so long at measured growth.
    pub(in crate::cap) fn uses(case: Case, limited: Limited, share: f64, watched: f64, days: Option<f64>) -> Case {
        lasts(case.used("x", limited, share, watched), limited, "measured", days, 9.0)
    }
}
