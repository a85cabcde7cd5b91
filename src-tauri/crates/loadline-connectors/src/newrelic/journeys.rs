//! Scope `journeys`: the success of journeys, from custom events by NRQL that a person gave for each.

use super::documents;
use super::reading::{Query, Reading, number};
use super::requests::FIVE_MINUTES;
use crate::journeys::PREFIX;
use crate::{Cancelled, ConnectError};
use loadline_model::{Account, GapReason, SubjectId, Timestamp, key::metric};
use serde_json::Value;
use std::collections::BTreeMap;

/// Clauses that are ours to add.
const OURS: [&str; 7] = ["since", "until", "timeseries", "facet", "limit", "compare", "extrapolate"];

/// A journey and what measures it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Given {
    /// The id under which journeys are declared.
    journey: SubjectId,
    name: String,
    /// Behind SELECT, and behind FROM.
    select: String,
    from: String,
    /// It is given in per cent.
    percent: bool,
}

/// What the account gives.
///
/// # Errors
/// [`ConnectError`] when NRQL is not one SELECT without clauses of time.
pub(super) fn given(account: &Account) -> Result<Vec<Given>, ConnectError> {
    let all = account.config.iter().filter_map(|(key, nrql)| Some((key, key.strip_prefix(PREFIX)?, nrql.trim())));
    all.filter(|(.., nrql)| !nrql.is_empty()).map(|(key, name, nrql)| one(key, name, nrql)).collect()
}

fn one(key: &str, name: &str, nrql: &str) -> Result<Given, ConnectError> {
    let refused = |why: &str| ConnectError::config(key, why);
    let outside: String = nrql.split('\'').step_by(2).collect::<Vec<_>>().join(" ").to_ascii_lowercase();
    let mut words = outside.split(|c: char| !c.is_ascii_alphanumeric());
    if !documents::only_selects(nrql) || name.is_empty() {
        return Err(refused("write NRQL that begins with SELECT"));
    }
    if words.any(|w| OURS.contains(&w)) {
        return Err(refused("leave out SINCE, UNTIL, TIMESERIES, FACET and LIMIT; they are added"));
    }
    let at = nrql.to_ascii_lowercase().find(" from ").ok_or_else(|| refused("it has no FROM"))?;
    let select = nrql.get("SELECT".len()..at).unwrap_or_default().trim();
    let from = nrql.get(at + " from ".len()..).unwrap_or_default().trim();
    if select.is_empty() || from.is_empty() {
        return Err(refused("write SELECT, a share, FROM and an event"));
    }
    Ok(Given {
        journey: crate::journeys::id(name),
        name: name.to_owned(),
        select: select.to_owned(),
        from: from.to_owned(),
        percent: select.to_ascii_lowercase().contains("percentage("),
    })
}

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>, given: &[Given]) -> Result<(), Cancelled> {
    for journey in given {
        of(r, journey).await?;
    }
    Ok(())
}

async fn of(r: &mut Reading<'_>, given: &Given) -> Result<(), Cancelled> {
    let Given { journey, name, select, from, percent } = given;
    let (since, asked_until) = (r.window.from, r.window.until);
    let nrql = format!("SELECT earliest(timestamp) AS first FROM {from} SINCE {} UNTIL {}", since.0, asked_until.0);
    let Some(rows) = r.nrql(&nrql, &[]).await? else { return Ok(()) };
    let until = r.until();
    let first = rows.first().and_then(|row| number(row, "first").or_else(|| number(row, "earliest.timestamp")));
    let Some(first) = first.filter(|at| *at > 0.0).map(|at| Timestamp(at as i64)) else {
        let detail = format!("No event of `{from}` in the window: whether {name} succeeds cannot be known.");
        let closes = format!("Record the event, or correct `{PREFIX}{name}`.");
        r.answer.miss_of(GapReason::FeatureDisabled, detail, closes, &[], Some(journey));
        return Ok(());
    };
    let query = Query { select: select.clone(), from: from.clone(), facet: "", limit: 1, step: FIVE_MINUTES, tail: "" };
    let (mut points, mut odd) = (BTreeMap::new(), 0usize);
    r.over_time(&query, (first.max(since), until), |point| {
        let Some(value) = value(point.row).map(|v| if *percent { v / 100.0 } else { v }) else { return };
        if (0.0..=1.0).contains(&value) {
            points.insert(point.at, value);
        } else {
            odd += 1;
        }
    })
    .await?;
    if odd > 0 {
        let detail = format!("`{PREFIX}{name}` gave {odd} values outside of 0 to 1: it is no share.");
        let closes = "Select a share: percentage(count(*), WHERE …), or a number from 0 to 1.";
        r.answer.miss_of(GapReason::ParseError, detail, closes, &[], Some(journey));
        return Ok(());
    }
    let call = format!("SELECT {select} FROM {from}");
    r.series(journey, &call, (metric::JOURNEY_SUCCESS, "ratio"), &points, |v| v);
    Ok(())
}

/// The one number of a row; an interval without events has none.
fn value(row: &Value) -> Option<f64> {
    let is_ours = |key: &str| matches!(key, "beginTimeSeconds" | "endTimeSeconds");
    let mut found = row.as_object()?.iter().filter(|(k, _)| !is_ours(k)).filter_map(|(_, v)| v.as_f64());
    found.next().filter(|v| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::account;

    #[test]
    fn journeys_are_given_by_one_select() {
        let check = |nrql: &str, expected: Option<(&str, &str, bool)>| {
            let found = given(&account("newrelic", &[("journey.Check out", nrql)]));
            let said = found.as_ref().ok().and_then(|g| g.first());
            let said = said.map(|g| (g.select.as_str(), g.from.as_str(), g.percent));
            assert_eq!(said, expected, "{nrql}: {found:?}");
            assert!(found.iter().flatten().all(|g| g.journey == SubjectId::from("journey:check-out")));
        };
        let share = "percentage(count(*), WHERE success IS true)";
        check(&format!("SELECT {share} FROM Checkout"), Some((share, "Checkout", true)));
        check(
            "SELECT average(ok) from Checkout WHERE name = 'since'",
            Some(("average(ok)", "Checkout WHERE name = 'since'", false)),
        );
        check("SELECT count(*) FROM Checkout SINCE 1 day ago", None);
        check("DELETE FROM Checkout", None);
        check("SELECT 1", None);
        check("", None);
    }
}
