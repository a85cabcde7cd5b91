//! What objectives promise and what is left of their error budgets, which incidents there were, and what was tested.
//!
//! What was not measured is never taken for good: a budget counts as kept only where nearly all of its window was measured.

mod burn;
mod words;

use crate::hours::gauge_series;
use crate::neighbourhood::{Neighbourhood, subject_ref};
use burn::{LEAST_MEASURED, Line, burns};
use loadline_model::databases::Missing;
use loadline_model::performance::{Budget, BudgetState, IncidentRow, Objective, Promises, TestRow};
use loadline_model::{
    FactIndex, Incident, Kind, Provenance, RECORDED, Series, Slo, Snapshot, SubjectId, TestRun, Timestamp, key, num,
};
use std::collections::BTreeMap;

/// Objectives with their error budgets, incidents and tests.
pub fn promises(snapshot: &Snapshot) -> Promises {
    let index = FactIndex::new(snapshot);
    Promises {
        as_of: snapshot.taken_at,
        objectives: objectives(&index),
        incidents: incidents(&index),
        tests: test_runs(&index),
    }
}

fn objectives(index: &FactIndex) -> Vec<Objective> {
    // Several accounts may tell of one objective: the newest word counts.
    let mut newest: BTreeMap<(SubjectId, String), (&Slo, &Provenance)> = BTreeMap::new();
    for (id, slo, from) in index.all::<Slo>() {
        let known = newest.entry((id.clone(), slo.name.clone())).or_insert((slo, from));
        if (known.1.read_at, known.1) < (from.read_at, from) {
            *known = (slo, from);
        }
    }
    let mut all: Vec<Objective> = newest.into_iter().map(|((id, _), (slo, _))| objective(index, &id, slo)).collect();
    all.sort_by(|a, b| (a.state, &a.subject.id, &a.name).cmp(&(b.state, &b.subject.id, &b.name)));
    all
}

fn objective(index: &FactIndex, id: &SubjectId, slo: &Slo) -> Objective {
    let as_of = index.snapshot().taken_at;
    let mut found = Objective {
        subject: subject_ref(index, id),
        name: slo.name.clone(),
        target: slo.target,
        window_days: slo.window_days,
        burn_rate_alert: slo.burn_rate_alert,
        state: BudgetState::NotProven,
        told: slo.budget_left.filter(|b| b.is_finite()).map(num::round9),
        budget: None,
        missing: None,
        burns: Vec::new(),
        sentence: String::new(),
    };
    match indicator(index, id, slo) {
        Err(missing) => found.missing = Some(missing),
        Ok((line, counts)) => {
            let (end, allowed) = (line.end(as_of), 1.0 - slo.target);
            found.burns = burns(&line, allowed, end);
            match line.over(slo.window_days * 24.0, end) {
                Some(mean) => {
                    found.budget = Some(Budget {
                        counts,
                        measured: num::round9(mean.measured),
                        bad: num::round9(mean.bad),
                        left_at_most: num::round9(1.0 - mean.bad * mean.measured / allowed),
                        newest: line.newest(),
                    });
                }
                None => found.missing = Some(unmeasured(&found.subject.name)),
            }
        }
    }
    found.state = state(found.told, found.budget.as_ref());
    found.sentence = words::sentence(&found);
    found
}

/// What source and series say together: they must not contradict each other.
fn state(told: Option<f64>, own: Option<&Budget>) -> BudgetState {
    let of = |left: f64| if left < 0.0 { BudgetState::Overspent } else { BudgetState::Kept };
    let own = own.and_then(|b| (b.left_at_most < 0.0 || b.measured >= LEAST_MEASURED).then(|| of(b.left_at_most)));
    match (told.map(of), own) {
        (Some(told), Some(own)) if told != own => BudgetState::NotProven,
        (Some(known), _) | (None, Some(known)) => known,
        (None, None) => BudgetState::NotProven,
    }
}

/// The share of bad events of what an objective is likely to count, with its name: no source says which series an
/// objective is about.
fn indicator(index: &FactIndex, id: &SubjectId, slo: &Slo) -> Result<(Line, String), Missing> {
    let subject = subject_ref(index, id);
    if !(slo.target > 0.0 && slo.target < 1.0 && slo.window_days > 0.0) {
        return Err(Missing {
            detail: "its target leaves no share of requests that may fail".to_owned(),
            closes: "Set a target between 0 and 100 %, over a window of days.".to_owned(),
        });
    }
    if slo.is_about_time() {
        return Err(Missing {
            detail: "it is likely about slow requests, and no source says from which duration on".to_owned(),
            closes: "Look at it in the system that holds it.".to_owned(),
        });
    }
    let until = index.snapshot().taken_at;
    let journey = subject.kind == Some(Kind::Journey);
    let metric = if journey { key::metric::JOURNEY_SUCCESS } else { key::metric::ERROR_RATIO };
    let series = gauge_series(index, id, metric, None).ok_or_else(|| unmeasured(&subject.name))?;
    let mut samples = values(series, until);
    if journey {
        samples.values_mut().for_each(|good| *good = 1.0 - *good);
    }
    let rates = gauge_series(index, id, key::metric::REQUEST_RATE, None).map(|s| values(s, until)).unwrap_or_default();
    let counts = if journey { "success of" } else { "errors of" };
    Line::of(&samples, &rates)
        .map(|line| (line, format!("{counts} `{}`", subject.name)))
        .ok_or_else(|| unmeasured(&subject.name))
}

fn unmeasured(name: &str) -> Missing {
    Missing {
        detail: format!("neither errors nor success of `{name}` are measured over its window"),
        closes: format!("Connect the source that counts requests of `{name}` and how many of them fail."),
    }
}

/// Sound samples by time in milliseconds UTC.
fn values(series: &Series, until: Timestamp) -> BTreeMap<i64, f64> {
    let sound = series.samples.iter().filter(|s| s.value.is_finite() && s.value >= 0.0 && s.at <= until);
    sound.map(|s| (s.at.0, s.value)).collect()
}

fn incidents(index: &FactIndex) -> Vec<IncidentRow> {
    let until = index.snapshot().taken_at;
    let mut found: BTreeMap<(Timestamp, String, SubjectId), (&Incident, bool)> = BTreeMap::new();
    for (id, incident, from) in index.all::<Incident>().filter(|(_, i, _)| i.started_at <= until) {
        let recorded = from.account.as_str() == RECORDED;
        found.insert((incident.started_at, incident.id.clone(), id.clone()), (incident, recorded));
    }
    if found.is_empty() {
        return Vec::new();
    }
    let near: Vec<(&SubjectId, Neighbourhood)> =
        index.resources().map(|(id, _)| (id, Neighbourhood::of(index, id))).collect();
    let row = |((from, id, subject), (incident, recorded)): ((Timestamp, String, SubjectId), (&Incident, bool))| {
        let mut reaches: Vec<SubjectId> =
            near.iter().filter(|(_, n)| n.holds(&subject)).map(|(id, _)| (*id).clone()).collect();
        if !reaches.contains(&subject) {
            reaches.push(subject.clone());
        }
        IncidentRow {
            id,
            subject: subject_ref(index, &subject),
            title: incident.title.clone(),
            from,
            until: incident.resolved_at,
            reaches,
            recorded,
        }
    };
    found.into_iter().map(row).collect()
}

/// Load tests and drills. One that two accounts tell of is one, and the newest word of it counts.
fn test_runs(index: &FactIndex) -> Vec<TestRow> {
    let until = index.snapshot().taken_at;
    let mut found: BTreeMap<(Timestamp, SubjectId, String), (&TestRun, &Provenance)> = BTreeMap::new();
    for (subject, run, from) in index.all::<TestRun>().filter(|(_, run, _)| run.at <= until) {
        let entry = found.entry((run.at, subject.clone(), run.identity(subject))).or_insert((run, from));
        if (from.read_at, &from.account) > (entry.1.read_at, &entry.1.account) {
            *entry = (run, from);
        }
    }
    let row = |((_, subject, id), (run, from)): ((Timestamp, SubjectId, String), (&TestRun, &Provenance))| TestRow {
        id,
        subject: subject_ref(index, &subject),
        run: run.clone(),
        recorded: from.account.as_str() == RECORDED,
    };
    found.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests;
