//! Before and after: one comparison per request, each with exactly one verdict word.

mod measure;
mod quiet;
mod rivals;
mod sentence;
mod shape;
mod strata;
pub(crate) mod verdict;

#[cfg(test)]
mod tests;

use crate::attribution::Change;
use crate::history::History;
use crate::hours::{Form, Hours};
use crate::localise::localise;
use crate::neighbourhood::Neighbourhood;
use crate::{benjamini_hochberg, bootstrap, effect};
use loadline_model::{
    ChangePoint, Comparison, DAY_MS, Effect, FactIndex, HOUR_MS, ItemId, MODEL_VERSION, Policy, SubjectId, SubjectRef,
    Timestamp, Trends, Verdict, hash, num,
};
pub(crate) use measure::LEAST_PAIRS;
use measure::{Measured, Window, measure};
use quiet::{Quiet, trims};
use rivals::Standing;
use sentence::Told;
use shape::Shape;
use std::collections::BTreeMap;
use verdict::Support;

/// What to compare round a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct CompareRequest {
    /// Roadmap item whose work became effective then.
    pub item: Option<ItemId>,
    /// Deployment, when the moment is a deployment's.
    pub deployment: Option<String>,
    /// What people call the change.
    pub title: String,
    /// Service or endpoint to measure.
    pub subject: SubjectRef,
    /// Canonical metric of distributions or of a gauge series.
    pub metric: String,
    /// 0.5, 0.95 or 0.99; not used for shares.
    pub quantile: f64,
    /// `route` label; `None` for the whole subject.
    pub route: Option<String>,
    /// The moment.
    pub at: Timestamp,
    /// How long the change took, in milliseconds.
    pub duration_ms: i64,
    /// Deployments that belong to this change and are no rivals of it.
    pub exclude: Vec<String>,
}

/// Everything about a request before all p-values are known.
struct Draft {
    measured: Result<Measured, String>,
    interval: Option<(f64, f64)>,
    shapes: (Shape, Shape),
    aa: (Option<f64>, u32),
    mergeable: bool,
    ratio: bool,
    unit: String,
    standing: Standing,
    confounders: Vec<String>,
}

struct Scene<'a> {
    index: &'a FactIndex<'a>,
    trends: &'a Trends,
    history: History,
    requests: &'a [CompareRequest],
}

/// One comparison per request, in the order of the requests. p-values are corrected over all of them.
///
/// The policy's thresholds do not enter: smallest effect and minimums are part of the model version.
pub fn compare(index: &FactIndex, trends: &Trends, requests: &[CompareRequest], _policy: &Policy) -> Vec<Comparison> {
    let scene = Scene { index, trends, history: History::of(index), requests };
    let mut by_series: BTreeMap<(SubjectId, &str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for (i, r) in requests.iter().enumerate() {
        by_series.entry((index.canonical(&r.subject.id), &r.metric, r.route.as_deref())).or_default().push(i);
    }
    let mut drafts: Vec<(usize, Draft)> = Vec::new();
    for ((subject, metric, route), members) in by_series {
        let near = Neighbourhood::of(index, &subject);
        let hours = Hours::of(index, &subject, metric, route);
        let mut alarms = BTreeMap::new();
        for i in members {
            drafts.push((i, scene.draft(&requests[i], &subject, &near, hours.as_ref(), &mut alarms)));
        }
    }
    drafts.sort_by_key(|(i, _)| *i);
    let p_values: Vec<f64> = drafts.iter().filter_map(|(_, d)| d.measured.as_ref().ok().map(|m| m.p_value)).collect();
    let mut adjusted = benjamini_hochberg::adjust(&p_values).into_iter();
    drafts
        .into_iter()
        .filter_map(|(i, draft)| {
            let p = if draft.measured.is_ok() { adjusted.next() } else { None };
            requests.get(i).map(|request| finish(request, draft, p))
        })
        .collect()
}

impl Scene<'_> {
    fn draft(
        &self,
        request: &CompareRequest,
        subject: &SubjectId,
        near: &Neighbourhood,
        hours: Option<&Hours>,
        alarms: &mut BTreeMap<u64, (Option<f64>, u32)>,
    ) -> Draft {
        let zone = &self.index.snapshot().zone;
        let shifts = self.change_points(request, subject);
        let precise: Vec<Change> =
            hours.map(|h| shifts.iter().map(|c| localise(h, zone, c.day)).collect()).unwrap_or_default();
        let standing = rivals::standing(request, self.requests, near, &self.history, &precise);
        let until = self.index.snapshot().taken_at;
        let Some(hours) = hours else {
            return Draft {
                measured: Err(format!("no {} was read", request.metric)),
                interval: None,
                shapes: (Vec::new(), Vec::new()),
                aa: (None, 0),
                mergeable: true,
                ratio: false,
                unit: String::new(),
                standing,
                confounders: rivals::confounders(request, near, &self.history, until, None),
            };
        };
        let until = until.min(hours.covered_until);
        let trims =
            trims(&self.history, near, request.at.plus_days(-measure::DAYS), request.at.plus_days(measure::DAYS));
        let guard_ms = request.guard_ms();
        let window = Window { at: request.at, guard_ms, until, trims: &trims, zone };
        let seed = request.seed();
        let measured = measure(hours, request.quantile, &window, seed);
        let interval = measured.as_ref().ok().and_then(|m| {
            let resampled = bootstrap::interval(&m.pairs, 0.95, bootstrap::RESAMPLES, seed)?;
            Some(bootstrap::widened(resampled, m.theta, m.pairs.len(), m.inflation))
        });
        let traffic = measured.as_ref().ok().and_then(|m| m.traffic);
        let aa = *alarms.entry(request.quantile.to_bits()).or_insert_with(|| {
            let seed = hash::seed(&["a/a", subject.as_str(), &request.metric_name(), MODEL_VERSION]);
            self.quiet(hours, near, shifts, until).false_alarms(request.quantile, seed)
        });
        Draft {
            measured,
            interval,
            shapes: shape::shapes(hours, &window.sides(hours)),
            aa,
            mergeable: hours.mergeable(),
            ratio: hours.form == Form::Ratio,
            unit: self.unit(request, subject),
            standing,
            confounders: rivals::confounders(request, near, &self.history, until, traffic),
        }
    }

    fn quiet<'q>(
        &'q self,
        hours: &'q Hours,
        near: &'q Neighbourhood,
        shifts: &[ChangePoint],
        until: Timestamp,
    ) -> Quiet<'q> {
        let zone = &self.index.snapshot().zone;
        let items =
            self.requests.iter().filter(|r| r.item.is_some() && near.holds(&self.index.canonical(&r.subject.id)));
        let attributed = shifts.iter().filter(|c| c.candidates.iter().any(|k| k.attributed));
        let mut known: Vec<Timestamp> = items.map(|r| r.at).collect();
        known.extend(attributed.map(|c| crate::latency::day_start(zone, c.day)));
        Quiet { hours, near, history: &self.history, zone, until, known }
    }

    fn change_points(&self, request: &CompareRequest, subject: &SubjectId) -> &[ChangePoint] {
        self.trends
            .latency
            .iter()
            .find(|l| l.subject.id == *subject && l.metric == request.metric && l.route == request.route)
            .map_or(&[], |l| &l.change_points)
    }

    fn unit(&self, request: &CompareRequest, subject: &SubjectId) -> String {
        let distribution = self.index.distributions(subject, &request.metric).next().map(|(s, _)| s.unit.clone());
        let series = || self.index.series(subject, &request.metric).next().map(|(s, _)| s.unit.clone());
        distribution.or_else(series).unwrap_or_default()
    }
}

impl CompareRequest {
    /// Metric, statistic and route, as the JSON contract names them.
    fn metric_name(&self) -> String {
        let quantile = num::round9(100.0 * self.quantile);
        let route = self.route.as_ref().map(|r| format!(" {r}")).unwrap_or_default();
        format!("{} p{quantile}{route}", self.metric)
    }

    /// Duration and an hour to settle; a change that takes longer than a window leaves nothing to compare anyway.
    fn guard_ms(&self) -> i64 {
        self.duration_ms.clamp(0, measure::DAYS * DAY_MS) + HOUR_MS
    }

    fn seed(&self) -> u64 {
        hash::seed(&[&self.metric_name(), &self.credited(), &self.at.0.to_string(), MODEL_VERSION])
    }
}

/// Published numbers of a measurement.
struct Figures {
    effect: Effect,
    unadjusted: Option<f64>,
    equivalent: bool,
    detectable: f64,
}

fn figures(m: &Measured, interval: (f64, f64), ratio: bool) -> Figures {
    let shown = |theta: f64| {
        num::round9(if ratio { effect::percentage_points(m.before.value, theta) } else { effect::percent(theta) })
    };
    let (low, high) = interval;
    Figures {
        effect: Effect { low: shown(low), mid: shown(m.theta), high: shown(high) },
        unadjusted: m.unadjusted.map(shown),
        equivalent: low > -effect::SMALLEST && high < effect::SMALLEST,
        detectable: num::round9(effect::percent((high - low) / 2.0)),
    }
}

fn finish(request: &CompareRequest, draft: Draft, p_adjusted: Option<f64>) -> Comparison {
    let what = request.route.clone().unwrap_or_else(|| request.subject.name.clone());
    let mut out = Comparison {
        item: request.item.clone(),
        deployment: request.deployment.clone(),
        title: request.title.clone(),
        subject: request.subject.clone(),
        metric: request.metric_name(),
        route: request.route.clone(),
        at: request.at,
        verdict: Verdict::InsufficientData,
        sentence: String::new(),
        effect_percent: None,
        unadjusted_percent: None,
        before: None,
        after: None,
        confidence: "low".to_owned(),
        aa_rate: draft.aa.0,
        aa_runs: draft.aa.1,
        pairs: 0,
        p_adjusted: None,
        change_at: draft.standing.change_at,
        equivalent: None,
        detectable_percent: None,
        confounders: draft.confounders,
        before_shape: draft.shapes.0,
        after_shape: draft.shapes.1,
    };
    let (measured, interval) = match (draft.measured, draft.interval) {
        (Ok(m), Some(interval)) => (m, interval),
        (missing, _) => {
            out.sentence = sentence::not_enough(&what, &missing.err().unwrap_or_else(|| "too few days".to_owned()));
            return out;
        }
    };
    let lower_is_better = verdict::lower_is_better(&request.metric);
    let word = verdict::verdict(Some(measured.theta), p_adjusted, lower_is_better, draft.standing.confounded);
    let found = figures(&measured, interval, draft.ratio);
    let moved = matches!(word, Verdict::Improved | Verdict::Regressed | Verdict::Confounded);
    let sign_differs = moved && measured.unadjusted.is_some_and(|u| u * measured.theta < 0.0);
    let days = measured.pairs.iter().filter(|(t, _)| t * measured.theta > 0.0).count();
    out.verdict = word;
    out.confidence = verdict::confidence(&Support {
        pairs: measured.pairs.len(),
        full_days: measured.full_days,
        aa_rate: draft.aa.0,
        mergeable: draft.mergeable,
        seen_independently: !moved || draft.standing.change_at.is_some(),
        same_sign: !sign_differs,
    })
    .to_owned();
    out.sentence = sentence::sentence(&Told {
        verdict: word,
        quantile: request.quantile,
        what: &what,
        metric: &request.metric,
        unit: if draft.ratio { "ratio" } else { &draft.unit },
        before: (measured.before.value, measured.before.above),
        after: (measured.after.value, measured.after.above),
        effect: found.effect,
        equivalent: found.equivalent,
        detectable: found.detectable,
        rival: draft.standing.rival.as_deref(),
        days: (days, measured.pairs.len()),
        sign_differs,
    });
    out.effect_percent = Some(found.effect);
    out.unadjusted_percent = found.unadjusted;
    out.before = Some(num::round9(measured.before.value));
    out.after = Some(num::round9(measured.after.value));
    out.pairs = measured.pairs.len() as u32;
    out.p_adjusted = p_adjusted.map(num::round9);
    if word == Verdict::NoDetectableChange {
        out.equivalent = Some(found.equivalent);
    }
    out.detectable_percent = Some(found.detectable);
    out
}
