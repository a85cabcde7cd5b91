//! Single samples: each collection adds one, so that levels get a history even where nothing scrapes them.

use super::reading::Reading;
use super::statements::Statement;
use loadline_model::{Sample, Series, SeriesKind, SubjectId};
use std::collections::BTreeMap;

/// Says the level of a metric of the server now; `label` tells several apart.
pub(super) fn now(
    r: &mut Reading<'_>,
    statement: &Statement,
    metric: impl Into<String>,
    unit: &str,
    label: Option<(&str, &str)>,
    value: Option<f64>,
) {
    of(r, &r.server.subject(), statement, metric, unit, label, value);
}

/// The same of any subject.
pub(super) fn of(
    r: &mut Reading<'_>,
    subject: &SubjectId,
    statement: &Statement,
    metric: impl Into<String>,
    unit: &str,
    label: Option<(&str, &str)>,
    value: Option<f64>,
) {
    let Some(value) = value.filter(|v| v.is_finite()) else { return };
    let at = r.answer.read_at();
    let labels: BTreeMap<String, String> = label.map(|(k, v)| (k.to_owned(), v.to_owned())).into_iter().collect();
    let series = Series {
        metric: metric.into(),
        unit: unit.to_owned(),
        kind: SeriesKind::Gauge,
        labels,
        samples: vec![Sample { at, value }],
        covered_until: at,
    };
    r.measured(subject, statement, series);
}
