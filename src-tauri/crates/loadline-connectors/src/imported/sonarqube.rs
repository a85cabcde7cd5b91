//! Answers of SonarQube and SonarCloud, saved to a file: `api/measures/component` tells of now, `api/measures/search_history`
//! of the past.

use super::{About, ImportError, Imported, Of, json, malformed, text_at, time_at};
use loadline_model::{Timestamp, Value, key, num};
use serde_json::Value as Json;
use std::collections::BTreeMap;

const FORMAT: &str = "an answer of SonarQube's api/measures/component or api/measures/search_history";
/// Minutes that SonarQube takes for writing a line, unless its administrator says otherwise.
const MINUTES_PER_LINE: f64 = 30.0;
/// Most days that are kept.
const MOST_DAYS: usize = 2_000;

/// Reads an answer.
pub(super) fn read(text: &str, about: &About) -> Result<Imported, ImportError> {
    let answer = json(FORMAT, text)?;
    if let Some(component) = answer.get("component") {
        return component_of(component, about);
    }
    if let Some(measures) = answer.get("measures").and_then(Json::as_array) {
        return history_of(measures, &answer, about);
    }
    Err(malformed(FORMAT, "it holds neither `component` nor `measures`"))
}

fn component_of(component: &Json, about: &About) -> Result<Imported, ImportError> {
    let measures = component.get("measures").and_then(Json::as_array);
    let measures = measures.ok_or_else(|| malformed(FORMAT, "its component holds no `measures`"))?;
    let of = |metric: &str| measures.iter().find(|m| m.get("metric").and_then(Json::as_str) == Some(metric));
    let value = |metric: &str| of(metric).and_then(|m| m.get("value")).and_then(number);
    // Figures of new code stand under `period`, in older versions under `periods`.
    let of_new = |metric: &str| {
        let measure = of(metric)?;
        let places = ["/period/value", "/periods/0/value", "/value"];
        places.iter().find_map(|place| measure.pointer(place)).and_then(number)
    };
    let percent = |n: f64| num::round9(n / 100.0);
    let mut imported = Imported { part: "measures".to_owned(), ..Imported::default() };
    let estimated = || {
        let (minutes, lines) = value("sqale_index").zip(value("ncloc").filter(|l| *l > 0.0))?;
        Some(num::round9(minutes / (lines * MINUTES_PER_LINE)))
    };
    let ratio = value("sqale_debt_ratio").map(percent).or_else(estimated);
    let covered = value("line_coverage").map(percent);
    let changed = of_new("new_line_coverage").or_else(|| of_new("new_coverage")).map(percent);
    let mut said = Vec::new();
    if let Some(ratio) = ratio.filter(|r| *r >= 0.0) {
        imported.setting(Of::Repository, key::CODE_DEBT_RATIO, None, Value::Number(ratio));
        // Today's figure is the beginning of a history, or its end.
        let today = about.now.utc_day().to_string();
        imported.setting(Of::Repository, key::CODE_DEBT_RATIO, Some(&today), Value::Number(ratio));
        said.push(format!("debt ratio {:.1} %", ratio * 100.0));
    }
    let mut share = |key: &str, known: Option<f64>, label: &str| {
        if let Some(share) = known.filter(|s| (0.0..=1.0).contains(s)) {
            imported.setting(Of::Repository, key, None, Value::Number(share));
            said.push(format!("{label} {:.1} %", share * 100.0));
        }
    };
    share(key::CODE_COVERAGE, covered, "lines covered");
    share(key::CODE_COVERAGE_CHANGED, changed, "changed lines covered");
    if said.is_empty() {
        let why = "it holds none of sqale_debt_ratio, sqale_index with ncloc, line_coverage, new_coverage";
        return Err(malformed(FORMAT, why));
    }
    let name = text_at(component, "/key").unwrap_or_else(|| "a project".to_owned());
    imported.said = format!("SonarQube says of {name}: {}.", said.join(", "));
    Ok(imported)
}

fn history_of(measures: &[Json], answer: &Json, about: &About) -> Result<Imported, ImportError> {
    let ratio = |m: &&Json| m.get("metric").and_then(Json::as_str) == Some("sqale_debt_ratio");
    let measure = measures.iter().find(ratio).ok_or_else(|| malformed(FORMAT, "it holds no sqale_debt_ratio"))?;
    let rows = measure.get("history").and_then(Json::as_array);
    let rows = rows.ok_or_else(|| malformed(FORMAT, "its measure holds no `history`"))?;
    let one = |row: &Json| Some((time_at(row, "/date")?, row.get("value").and_then(number)?));
    // Of several analyses of a day the last one counts.
    let mut days: BTreeMap<String, (Timestamp, f64)> = BTreeMap::new();
    for (at, value) in rows.iter().filter_map(one).filter(|(_, value)| *value >= 0.0) {
        let known = days.entry(at.utc_day().to_string()).or_insert((at, value));
        if at > known.0 {
            *known = (at, value);
        }
    }
    if days.is_empty() {
        return Err(malformed(FORMAT, "its history holds no figure"));
    }
    if days.len() > MOST_DAYS {
        return Err(ImportError::TooMany { what: "days", count: days.len(), most: MOST_DAYS });
    }
    let mut imported = Imported { part: "history".to_owned(), ..Imported::default() };
    for (day, (_, value)) in &days {
        imported.setting(Of::Repository, key::CODE_DEBT_RATIO, Some(day), Value::Number(num::round9(value / 100.0)));
    }
    // An analysis of this week says how things are now.
    let newest = days.values().max_by_key(|(at, _)| *at);
    if let Some((_, value)) = newest.filter(|(at, _)| about.now.days_since(*at) <= 7.0) {
        imported.setting(Of::Repository, key::CODE_DEBT_RATIO, None, Value::Number(num::round9(value / 100.0)));
    }
    let counted = |at: &str| answer.pointer(at).and_then(Json::as_f64);
    if let (Some(size), Some(total)) = (counted("/paging/pageSize"), counted("/paging/total"))
        && total > size
    {
        let detail = format!("the file is one page of {size:.0} analyses of {total:.0}");
        imported.missing.push((detail, "Ask with ps=1000, or import the other pages too.".to_owned()));
    }
    imported.said = format!("SonarQube's debt ratio of {} days.", days.len());
    Ok(imported)
}

/// Numbers are written as text.
fn number(value: &Json) -> Option<f64> {
    value.as_str().map_or_else(|| value.as_f64(), |text| text.parse().ok()).filter(|n| n.is_finite())
}
