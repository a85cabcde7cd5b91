//! What else changed round a moment: who could have done it, and what people should know (`scoring.md` §5.7).

use crate::attribution::{self, Change, Suspect};
use crate::compare::CompareRequest;
use crate::compare::measure::DAYS;
use crate::history::{Event, EventKind, History};
use crate::neighbourhood::Neighbourhood;
use loadline_model::{DAY_MS, Timestamp};
use std::collections::BTreeMap;

/// Confounders listed one by one; the rest is counted.
const LISTED: usize = 6;
/// Change of throughput that people should know of although the effect is load-normalised.
const TRAFFIC: f64 = 1.25;

/// The comparison's own standing among the candidates.
pub(crate) struct Standing {
    /// Nearest change point found independently, if it is near enough to belong to the moment.
    pub(crate) change_at: Option<Timestamp>,
    /// A rival explains the change about as well.
    pub(crate) confounded: bool,
    pub(crate) rival: Option<String>,
}

impl CompareRequest {
    /// Item, else deployment, else title: who is credited.
    pub(crate) fn credited(&self) -> String {
        self.item
            .as_ref()
            .map(ToString::to_string)
            .or_else(|| self.deployment.clone())
            .unwrap_or_else(|| self.title.clone())
    }

    /// Both requests measure one change: one item, one deployment, or a deployment that belongs to the other's item.
    fn is_part_of(&self, other: &Self) -> bool {
        let owns = |a: &Self, b: &Self| a.deployment.as_ref().is_some_and(|d| b.exclude.contains(d));
        (self.item.is_some() && self.item == other.item)
            || (self.deployment.is_some() && self.deployment == other.deployment)
            || owns(self, other)
            || owns(other, self)
            || self.exclude.iter().any(|d| other.exclude.contains(d))
            || self.ships(other)
            || other.ships(self)
    }

    /// A deployment of the same service at the moment an item became effective is how that item was shipped.
    fn ships(&self, other: &Self) -> bool {
        let at_once = self.coincides(other.at) || other.coincides(self.at);
        self.item.is_none()
            && self.deployment.is_some()
            && other.item.is_some()
            && at_once
            && self.subject.id == other.subject.id
    }

    /// The event is this change itself.
    fn is_own(&self, event: &Event, near: &Neighbourhood) -> bool {
        match event.kind {
            EventKind::Deployment => {
                let shipped =
                    || self.item.is_some() && self.coincides(event.until) && near.scope(&event.subject) == 1.0;
                self.deployment.as_ref() == Some(&event.id) || self.exclude.contains(&event.id) || shipped()
            }
            EventKind::Remediation => self.coincides(event.at) && near.holds(&event.subject),
            _ => false,
        }
    }

    fn coincides(&self, at: Timestamp) -> bool {
        (at.0 - self.at.0).abs() <= self.guard_ms()
    }
}

/// Ranks the request among everything near it.
pub(crate) fn standing(
    request: &CompareRequest,
    all: &[CompareRequest],
    near: &Neighbourhood,
    history: &History,
    change_points: &[Change],
) -> Standing {
    let nearest = change_points.iter().min_by_key(|c| ((c.at.0 - request.at.0).abs(), c.at.0));
    let belongs = |c: &&Change| (-DAY_MS * 3 / 2..=2 * DAY_MS).contains(&(c.at.0 - request.at.0));
    // Without a change point the moment itself is the best guess, and daily recency the honest one.
    let guess = Change { at: request.at, resolution_ms: 0, bin_ms: DAY_MS };
    let change = nearest.filter(belongs).copied().unwrap_or(guess);
    let (suspects, labels) = suspects(request, all, near, history, &change);
    let ranked = attribution::candidates(&suspects, &change);
    let own = request.credited();
    let share = ranked.iter().find(|c| c.what == own).map_or(0.0, |c| c.share);
    let rival = ranked.iter().find(|c| c.what != own);
    Standing {
        change_at: nearest.map(|c| c.at).filter(|c| (c.0 - request.at.0).abs() <= 7 * DAY_MS),
        confounded: share < attribution::NAMED_SHARE && rival.is_some_and(|r| r.share >= 0.5 * share),
        rival: rival.map(|r| labels.get(&r.what).cloned().unwrap_or_else(|| r.what.clone())),
    }
}

type Labels = BTreeMap<String, String>;

fn suspects(
    request: &CompareRequest,
    all: &[CompareRequest],
    near: &Neighbourhood,
    history: &History,
    change: &Change,
) -> (Vec<Suspect>, Labels) {
    let mut labels = Labels::new();
    let mut suspects = vec![Suspect { what: request.credited(), at: request.at, scope: 1.0, mechanism: 1.0 }];
    let rivals: Vec<&CompareRequest> = all.iter().filter(|r| r.item.is_some() && !r.is_part_of(request)).collect();
    let mut items: BTreeMap<String, Suspect> = BTreeMap::new();
    for r in &rivals {
        let same_route = r.route == request.route || r.route.is_none() || request.route.is_none();
        let mechanism = if r.metric == request.metric && same_route { 1.0 } else { 0.5 };
        let seen = Suspect { what: r.credited(), at: r.at, scope: near.scope(&r.subject.id), mechanism };
        labels.insert(seen.what.clone(), r.title.clone());
        let known = items.entry(seen.what.clone()).or_insert_with(|| seen.clone());
        // An item with several proof metrics is as suspicious as its most fitting one.
        known.mechanism = known.mechanism.max(seen.mechanism);
        known.scope = known.scope.max(seen.scope);
    }
    suspects.extend(items.into_values());
    let (from, until) = change.window();
    for e in history.between(from, Timestamp(until.0 + 1)) {
        let suspicious = matches!(e.kind, EventKind::Deployment | EventKind::Change | EventKind::Remediation);
        if suspicious && !request.is_own(e, near) && !rivals.iter().any(|r| r.is_own(e, near)) {
            labels.insert(e.id.clone(), e.label.clone());
            suspects.push(Suspect { what: e.id.clone(), at: e.at, scope: near.scope(&e.subject), mechanism: 0.5 });
        }
    }
    (suspects, labels)
}

/// What else happened in the windows, nearest first, and what of it was left out of the measurement.
pub(crate) fn confounders(
    request: &CompareRequest,
    near: &Neighbourhood,
    history: &History,
    until: Timestamp,
    traffic: Option<f64>,
) -> Vec<String> {
    let window = history.between(request.at.plus_days(-DAYS), request.at.plus_days(DAYS).min(until));
    let mut close: Vec<&Event> = Vec::new();
    let mut elsewhere = 0usize;
    for e in window.iter().filter(|e| !request.is_own(e, near)) {
        if near.holds(&e.subject) || e.kind == EventKind::Change {
            close.push(e);
        } else if e.kind == EventKind::Deployment {
            elsewhere += 1;
        }
    }
    let named = |e: &Event| e.kind != EventKind::Deployment;
    close.sort_by_key(|e| (!named(e), (e.at.0 - request.at.0).abs(), e.id.clone()));
    let listed = LISTED.max(close.iter().filter(|e| named(e)).count().min(2 * LISTED));
    let mut lines: Vec<String> = traffic.and_then(traffic_shift).into_iter().collect();
    for e in close.iter().take(listed) {
        let trimmed = matches!(e.kind, EventKind::Deployment | EventKind::Incident | EventKind::LoadTest);
        let note = if trimmed { " (its hours are left out)" } else { "" };
        lines.push(format!("{} {}{note}", e.at.to_string().get(..10).unwrap_or_default(), e.label));
    }
    let more = close.len().saturating_sub(listed);
    if more > 0 {
        lines.push(format!("{more} more deployments of it or of what it needs (their hours are left out)"));
    }
    if elsewhere > 0 {
        lines.push(format!("{elsewhere} deployments of other services"));
    }
    lines
}

fn traffic_shift(ratio: f64) -> Option<String> {
    let percent = 100.0 * (ratio - 1.0).abs();
    if ratio >= TRAFFIC {
        Some(format!("traffic rose by {percent:.0} %"))
    } else if ratio <= 1.0 / TRAFFIC {
        Some(format!("traffic fell by {percent:.0} %"))
    } else {
        None
    }
}
