//! What the ledger says: costs as ranges, per component and per finding, and how complex the code is, from the assessment: pure.

use crate::format;
use loadline_model::{Assessment, ComponentDebt, Debt, Fingerprint, Interval};
use std::collections::BTreeMap;

/// What the page says first.
pub fn sentence(debt: &Debt) -> String {
    if debt.components.is_empty() {
        return "No finding costs time every quarter.".to_owned();
    }
    let share = "of the share that is set aside for it";
    let clear = match (debt.quarters, debt.quarters_to_clear) {
        (Some(q), _) => format!(" Clearing it takes {} {share}.", quarters(&q)),
        (None, Some(q)) => format!(" Clearing it takes {} quarters {share}.", format::number(q, 1)),
        (None, None) => String::new(),
    };
    let interest = match debt.interest_weeks_per_quarter {
        0.0 => "what it costs while it stays is not measured".to_owned(),
        cost if cost < 0.05 => "what was measured of its cost while it stays is too little to count".to_owned(),
        cost => format!("it costs {} of them every quarter while it stays", ranged(&debt.interest_weeks, cost)),
    };
    format!("{} engineer-weeks to clear; {interest}.{clear}", weeks(&debt.principal_weeks))
}

/// What stands below it: what items took against their estimates, and what incidents take of the team.
pub fn notes(debt: &Debt) -> Vec<String> {
    let unplanned = debt.unplanned_weeks.map(|weeks| {
        let weeks = format::number(weeks, 1);
        format!("Incidents and unplanned work take {weeks} engineer-weeks a quarter, as people answered.")
    });
    debt.calibration.sentence().into_iter().chain(unplanned).collect()
}

/// A range of engineer-weeks.
pub fn weeks(range: &Interval) -> String {
    let digits = u8::from(range.p90 < 10.0);
    between(range, digits)
}

/// A range of quarters with its unit.
fn quarters(range: &Interval) -> String {
    let said = between(range, if range.p90 < 0.95 { 2 } else { 1 });
    if said == "1" { "1 quarter".to_owned() } else { format!("{said} quarters") }
}

fn between(range: &Interval, digits: u8) -> String {
    let (low, high) = (format::number(range.p10, digits), format::number(range.p90, digits));
    if low == high { low } else { format!("{low}–{high}") }
}

/// A range of interest; assessments of older versions have its middle only.
fn ranged(range: &Interval, middle: f64) -> String {
    let digits = if middle < 1.0 { 2 } else { 1 };
    if range.p90 > 0.0 { between(range, digits) } else { format::number(middle, digits) }
}

/// Interest of a quarter; `None` when nothing was measured.
fn interest_of(range: &Interval, middle: f64) -> Option<String> {
    (middle > 0.0).then(|| match range.p90.max(middle) {
        high if high < 0.01 => "below 0.01".to_owned(),
        _ => ranged(range, middle),
    })
}

/// What keeping a component's debt costs a quarter, and when removing it has paid for itself. Without hotspots or
/// incidents that name a rule nothing was measured, which is not the same as nothing.
pub fn interest(component: &ComponentDebt) -> [Option<String>; 2] {
    let cost = component.interest_weeks_per_quarter;
    let middle = component.payback_quarters.map(|q| Interval { p10: q, p50: q, p90: q });
    let payback = component.payback.or(middle).map(|q| match q {
        q if q.p90 < 0.1 => "at once".to_owned(),
        q if q.p10 > 40.0 => "over 10 years".to_owned(),
        q if q.p90 > 40.0 => format!("{} quarters to over 10 years", format::number(q.p10, 1)),
        q => quarters(&q),
    });
    [interest_of(&component.interest_weeks, cost), payback]
}

/// Complexity where work happens, at its worst and on average, each with what it means; a dash where it was not measured.
pub fn trio(component: &ComponentDebt) -> [(String, String); 3] {
    let code = component.code.as_ref();
    let said = |n: Option<f64>| n.map_or_else(|| "–".to_owned(), |n| format::number(n, 0));
    let about = |n: Option<f64>, meaning: String| match (code, n) {
        (None, _) => "Not code that was read".to_owned(),
        (Some(_), None) => format!("{meaning}. Not measured"),
        (Some(_), Some(_)) => meaning,
    };
    let (hotspot, worst) = (code.and_then(|c| c.hotspot), code.and_then(|c| c.worst));
    let mean = code.and_then(|c| c.mean);
    let path = code.and_then(|c| c.worst_path.clone()).map_or_else(String::new, |path| format!(": {path}"));
    [
        (
            said(hotspot),
            about(hotspot, "Complexity of the files that change most, weighted by their changes".to_owned()),
        ),
        (said(worst), about(worst, format!("Complexity of the most complex file{path}"))),
        (said(mean), about(mean, "Mean complexity of all files, weighted by their lines".to_owned())),
    ]
}

/// How much of writing the code anew clearing its component would cost, where its lines are known.
pub fn ratio(component: &ComponentDebt) -> Option<String> {
    let code = component.code.as_ref()?;
    let rating = code.rating.as_ref()?;
    let share = format::number(code.ratio? * 100.0, 1);
    Some(format!(
        "Clearing it costs {share}\u{202f}% of writing its lines anew: {rating} on SonarQube's grid, for comparison only."
    ))
}

/// A finding behind a component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    pub fingerprint: Fingerprint,
    pub title: String,
    /// Engineer-weeks to remove it; `None` where an older assessment does not tell findings apart.
    pub principal: Option<String>,
    /// Engineer-weeks a quarter; `None` when nothing was measured.
    pub interest: Option<String>,
    /// Another finding of the component is removed by the same item, so the principal counts once for both.
    pub shared: bool,
}

/// Findings behind a component, dearest to keep first.
pub fn behind(assessment: &Assessment, component: &ComponentDebt) -> Vec<Behind> {
    let titles: BTreeMap<&Fingerprint, &str> =
        assessment.findings.iter().map(|f| (&f.fingerprint, f.title.as_str())).collect();
    let title = |f: &Fingerprint| titles.get(f).map(|t| (*t).to_owned());
    if component.by_finding.is_empty() {
        let plain = |f: &Fingerprint| {
            Some(Behind { fingerprint: f.clone(), title: title(f)?, principal: None, interest: None, shared: false })
        };
        return component.findings.iter().filter_map(plain).collect();
    }
    let of = |item| component.by_finding.iter().filter(|f| f.remediation == item).count();
    let one = |f: &loadline_model::FindingDebt| {
        Some(Behind {
            fingerprint: f.fingerprint.clone(),
            title: title(&f.fingerprint)?,
            principal: Some(weeks(&f.principal_weeks)),
            interest: interest_of(&f.interest_weeks, f.interest_weeks.p50),
            shared: of(f.remediation.clone()) > 1,
        })
    };
    component.by_finding.iter().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{Calibration, CodeDebt};

    fn debt(interest: Interval, payback: Option<Interval>) -> ComponentDebt {
        let principal = Interval { p10: 1.0, p50: 2.0, p90: 4.0 };
        let subject = loadline_model::SubjectRef::organisation();
        let plain = ComponentDebt::plain(subject, principal, interest.p50, Vec::new());
        ComponentDebt { payback_quarters: payback.map(|p| p.p50), payback, interest_weeks: interest, ..plain }
    }

    fn range(p10: f64, p50: f64, p90: f64) -> Interval {
        Interval { p10, p50, p90 }
    }

    #[test]
    fn interest_that_nobody_measured_is_not_nothing() {
        assert_eq!(interest(&debt(Interval::default(), None)), [None, None]);
        let check = |cost: Interval, payback: Interval, expected: [&str; 2]| {
            assert_eq!(interest(&debt(cost, Some(payback))), expected.map(|e| Some(e.to_owned())));
        };
        check(range(0.25, 0.5, 1.0), range(1.0, 4.0, 16.0), ["0.25–1", "1–16 quarters"]);
        check(range(0.0005, 0.001, 0.002), range(500.0, 2_000.0, 8_000.0), ["below 0.01", "over 10 years"]);
        check(range(0.1, 0.2, 0.4), range(2.5, 10.0, 41.0), ["0.1–0.4", "2.5 quarters to over 10 years"]);
        let old =
            ComponentDebt { payback: None, interest_weeks: Interval::default(), ..debt(range(0.5, 0.5, 0.5), None) };
        let old = ComponentDebt { payback_quarters: Some(4.0), ..old };
        assert_eq!(interest(&old), [Some("0.5".into()), Some("4 quarters".into())]);
        let all = Debt { components: vec![debt(Interval::default(), None)], ..Debt::default() };
        assert!(sentence(&all).contains("not measured"), "{}", sentence(&all));
    }

    #[test]
    fn the_page_says_ranges_and_what_items_took() {
        let all = Debt {
            components: vec![debt(range(0.25, 0.5, 1.0), None)],
            principal_weeks: range(1.0, 2.0, 4.0),
            interest_weeks_per_quarter: 1.5,
            interest_weeks: range(0.8, 1.5, 3.0),
            quarters: Some(range(0.5, 1.0, 2.0)),
            quarters_to_clear: Some(1.0),
            unplanned_weeks: Some(78.0),
            calibration: Calibration { items: 6, held: 4, ratio: Some(1.4), factor: Some(1.25) },
        };
        assert_eq!(
            sentence(&all),
            "1–4 engineer-weeks to clear; it costs 0.8–3 of them every quarter while it stays. Clearing it takes 0.5–2 \
             quarters of the share that is set aside for it."
        );
        let said = notes(&all);
        assert!(said[0].starts_with("Your items took 1.4x the estimate (n = 6"), "{said:?}");
        assert!(said[1].contains("78 engineer-weeks"), "{said:?}");
        assert!(notes(&Debt::default()).is_empty());
    }

    #[test]
    fn hotspot_worst_and_mean_are_told_apart_from_what_was_not_measured() {
        let code = CodeDebt {
            hotspot: Some(50.0),
            worst: Some(90.0),
            worst_path: Some("src/old.rs".into()),
            ratio: Some(0.06),
            rating: Some("B".into()),
            ..CodeDebt::default()
        };
        let with = ComponentDebt { code: Some(code), ..debt(Interval::default(), None) };
        let [hotspot, worst, mean] = trio(&with);
        assert_eq!([hotspot.0.as_str(), worst.0.as_str(), mean.0.as_str()], ["50", "90", "–"]);
        assert!(worst.1.ends_with("src/old.rs") && mean.1.ends_with("Not measured"), "{worst:?} {mean:?}");
        assert!(ratio(&with).is_some_and(|said| said.contains("6\u{202f}%") && said.contains(": B ")));
        let without = debt(Interval::default(), None);
        assert!(trio(&without).iter().all(|(said, _)| said == "–"));
        assert_eq!(ratio(&without), None);
    }
}
