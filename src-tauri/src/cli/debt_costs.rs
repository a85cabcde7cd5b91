//! What debt costs as text: the sums, each component and each finding as ranges, and how complex the code is.

use super::print;
use loadline_model::{Assessment, ComponentDebt, Debt, Fingerprint, Interval};
use std::collections::BTreeMap;

/// Interest needs hotspots of a connected clone or incidents that name a rule.
const NOT_MEASURED: &str = "not measured";

/// Sums, components, findings; at most `top` of each.
pub(super) fn text(a: &Assessment, top: usize) {
    let debt = &a.debt;
    sums(debt).into_iter().for_each(print::line);
    let rows: Vec<Vec<String>> = debt.components.iter().take(top).map(component).collect();
    if rows.is_empty() {
        return;
    }
    let headings = [
        "component",
        "principal, weeks",
        "interest, weeks a quarter",
        "pays back, quarters",
        "hotspot",
        "worst",
        "mean",
        "findings",
    ];
    print::table(&headings, &rows);
    if debt.components.iter().any(|c| c.code.is_some()) {
        print::line(
            "Hotspot, worst and mean are cognitive complexity: of the files that change most, of the most complex file, of all.",
        );
    }
    let rows = findings(a, top);
    if !rows.is_empty() {
        print::line("");
        print::table(&["finding", "principal, weeks", "interest, weeks a quarter", "component", "what"], &rows);
    }
}

/// What stands above the tables.
fn sums(debt: &Debt) -> Vec<String> {
    let interest = match debt.interest_weeks_per_quarter {
        0.0 => "what it costs while it stays is not measured".to_owned(),
        _ => format!("{} a quarter while it stays", range(&debt.interest_weeks, 2)),
    };
    let clear = debt
        .quarters
        .map_or_else(String::new, |q| format!(" {} quarters at the share that is set aside for it.", range(&q, 1)));
    let mut said = vec![format!("{} engineer-weeks to clear; {interest}.{clear}", range(&debt.principal_weeks, 1))];
    said.extend(debt.calibration.sentence());
    said.extend(debt.unplanned_weeks.map(|weeks| {
        format!("Incidents and unplanned work take {weeks:.1} engineer-weeks a quarter, as people answered.")
    }));
    said
}

fn range(range: &Interval, digits: usize) -> String {
    let [low, high] = [range.p10, range.p90].map(|x| format!("{x:.digits$}"));
    if low == high { low } else { format!("{low}–{high}") }
}

/// A range of interest, or that nothing was measured.
fn interest(of: &Interval) -> String {
    if of.p50 > 0.0 { range(of, 3) } else { NOT_MEASURED.to_owned() }
}

fn component(c: &ComponentDebt) -> Vec<String> {
    let code = c.code.as_ref();
    let number = |n: Option<f64>| n.map_or_else(|| "–".to_owned(), |n| format!("{n:.0}"));
    vec![
        c.subject.name.clone(),
        range(&c.principal_weeks, 1),
        interest(&c.interest_weeks),
        c.payback.map_or_else(|| NOT_MEASURED.into(), |q| range(&q, 1)),
        number(code.and_then(|c| c.hotspot)),
        number(code.and_then(|c| c.worst)),
        number(code.and_then(|c| c.mean)),
        c.findings.len().to_string(),
    ]
}

/// Findings of all components, dearest to keep first, then dearest to remove.
fn findings(a: &Assessment, top: usize) -> Vec<Vec<String>> {
    let titles: BTreeMap<&Fingerprint, &str> = a.findings.iter().map(|f| (&f.fingerprint, f.title.as_str())).collect();
    let mut all: Vec<_> =
        a.debt.components.iter().flat_map(|c| c.by_finding.iter().map(move |f| (c.subject.name.as_str(), f))).collect();
    all.sort_by(|(_, a), (_, b)| {
        let key = |f: &loadline_model::FindingDebt| (f.interest_weeks.p50, f.principal_weeks.p50);
        let ((interest, principal), (other, others)) = (key(a), key(b));
        loadline_model::num::cmp9(other, interest)
            .then_with(|| loadline_model::num::cmp9(others, principal))
            .then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    let row = |(component, f): (&str, &loadline_model::FindingDebt)| {
        vec![
            f.fingerprint.as_str().chars().take(8).collect(),
            range(&f.principal_weeks, 1),
            interest(&f.interest_weeks),
            component.to_owned(),
            format!("{} {}", f.rule, titles.get(&f.fingerprint).copied().unwrap_or_default()),
        ]
    };
    all.into_iter().take(top).map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{Calibration, CodeDebt, SubjectRef};

    #[test]
    fn sums_and_components_are_ranges() {
        let interval = |p10, p50, p90| Interval { p10, p50, p90 };
        let plain = ComponentDebt::plain(SubjectRef::organisation(), interval(2.0, 2.8, 4.0), 1.5, Vec::new());
        let code = CodeDebt { hotspot: Some(50.0), worst: Some(90.0), ..CodeDebt::default() };
        let one = ComponentDebt {
            interest_weeks: interval(0.75, 1.5, 3.0),
            payback: Some(interval(0.667, 1.89, 5.33)),
            code: Some(code),
            ..plain.clone()
        };
        assert_eq!(component(&one)[1..], ["2.0–4.0", "0.750–3.000", "0.7–5.3", "50", "90", "–", "0"]);
        let unmeasured = ComponentDebt { interest_weeks: Interval::default(), ..plain };
        assert_eq!(component(&unmeasured)[2..4], [NOT_MEASURED, NOT_MEASURED]);
        let debt = Debt {
            principal_weeks: interval(2.0, 2.8, 4.0),
            interest_weeks_per_quarter: 1.5,
            interest_weeks: interval(0.75, 1.5, 3.0),
            quarters: Some(interval(0.18, 0.26, 0.36)),
            unplanned_weeks: Some(78.0),
            calibration: Calibration { items: 6, held: 4, ratio: Some(1.4), factor: Some(1.25) },
            components: vec![one],
            ..Debt::default()
        };
        let said = sums(&debt);
        assert_eq!(
            said[0],
            "2.0–4.0 engineer-weeks to clear; 0.75–3.00 a quarter while it stays. 0.2–0.4 quarters at the share that is \
             set aside for it."
        );
        assert!(said[1].contains("1.4x the estimate (n = 6") && said[2].contains("78.0 engineer-weeks"), "{said:?}");
        assert!(sums(&Debt::default())[0].contains("not measured"));
    }
}
