//! The assessment as a workbook: one sheet per list, text as text.

use crate::findings_csv::{COLUMNS, inert, row};
use crate::{Options, ReportError, words};
use loadline_model::{Assessment, Interval};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook};

/// Most characters a cell may hold.
const CELL: usize = 32_000;

enum Value {
    Text(String),
    Number(f64),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(f64::from(number))
    }
}
impl From<Option<f64>> for Value {
    fn from(number: Option<f64>) -> Self {
        number.map_or_else(|| Self::Text("unknown".to_owned()), Self::Number)
    }
}

type Rows = Vec<Vec<Value>>;
/// Section it belongs to, name, columns, rows.
type Sheet<'a> = (&'a str, &'a str, &'a [&'a str], fn(&Assessment) -> Rows);

macro_rules! values {
    ($($value:expr),+ $(,)?) => { vec![$(Value::from($value)),+] };
}

/// The workbook with the sheets summary, findings, spofs, capacity, roadmap, comparisons and gaps; sections that the options leave
/// out have no sheet.
///
/// # Errors
/// `workbook_failed` when a cell or sheet is refused.
pub fn xlsx(assessment: &Assessment, options: &Options) -> Result<Vec<u8>, ReportError> {
    let a = assessment;
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_timestamp(a.as_of.0.div_euclid(1000))?;
    book.set_properties(
        &DocProperties::new().set_title("Load readiness").set_author("Loadline").set_creation_datetime(&created),
    );
    let sheets: [Sheet; 7] = [
        ("summary", "summary", &["what", "value", "unit"], summary),
        ("findings", "findings", &COLUMNS, |a| a.findings.iter().map(|f| row(f).map(Value::Text).into()).collect()),
        (
            "spofs",
            "spofs",
            &[
                "subject",
                "kind",
                "blast_radius",
                "hours_p10",
                "hours_p50",
                "hours_p90",
                "journeys_lost",
                "path",
                "proven",
                "why",
                "assumption",
            ],
            spofs,
        ),
        (
            "capacity",
            "capacity",
            &[
                "subject",
                "resource",
                "scenario",
                "utilisation",
                "line",
                "multiplier_p10",
                "multiplier_p50",
                "multiplier_p90",
                "days_p10",
                "days_p50",
                "days_p90",
            ],
            capacity,
        ),
        (
            "roadmap",
            "roadmap",
            &[
                "sprint",
                "starts",
                "item",
                "title",
                "subject",
                "days_low",
                "days_mode",
                "days_high",
                "points",
                "hours_a_year",
                "proof",
                "left_out_because",
                "costs",
            ],
            roadmap,
        ),
        (
            "performance",
            "comparisons",
            &[
                "title",
                "subject",
                "metric",
                "at",
                "verdict",
                "before",
                "after",
                "effect_low",
                "effect_mid",
                "effect_high",
                "confidence",
                "aa_rate",
                "aa_runs",
                "pairs",
                "confounders",
                "sentence",
            ],
            comparisons,
        ),
        ("unknowns", "gaps", &["account", "scope", "reason", "detail", "closes"], gaps),
    ];
    let mut any = false;
    for (section, name, columns, rows) in sheets {
        if options.has(section) {
            sheet(&mut book, name, columns, rows(a))?;
            any = true;
        }
    }
    if !any {
        sheet(&mut book, "summary", &["what", "value", "unit"], summary(a))?;
    }
    Ok(book.save_to_buffer()?)
}

fn sheet(book: &mut Workbook, name: &str, columns: &[&str], rows: Rows) -> Result<(), ReportError> {
    let head = Format::new().set_bold();
    let sheet = book.add_worksheet().set_name(name)?;
    for (column, title) in (0u16..).zip(columns) {
        sheet.write_string_with_format(0, column, *title, &head)?;
        sheet.set_column_width(column, if title.len() > 9 { 24.0 } else { 16.0 })?;
    }
    for (line, cells) in (1u32..).zip(&rows) {
        for (column, cell) in (0u16..).zip(cells) {
            match cell {
                Value::Number(n) if n.is_finite() => sheet.write_number(line, column, *n)?,
                Value::Number(_) => sheet.write_string(line, column, "unknown")?,
                Value::Text(text) => {
                    sheet.write_string(line, column, inert(text).chars().take(CELL).collect::<String>())?
                }
            };
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    if let (Ok(last), Some(width)) = (u32::try_from(rows.len()), columns.len().checked_sub(1)) {
        sheet.autofilter(0, 0, last, u16::try_from(width).unwrap_or(0))?;
    }
    Ok(())
}

fn summary(a: &Assessment) -> Rows {
    let mut rows = vec![
        values!["workspace", a.workspace.as_str(), ""],
        values!["as of", a.as_of.to_string(), "UTC"],
        values!["model", a.model_version.as_str(), ""],
        values!["snapshot", a.snapshot.to_string(), ""],
        values!["label", a.score.label.word(), if a.score.provisional { "provisional" } else { "" }],
        values!["proven", a.score.proven, "points of 100"],
        values!["possible", a.score.possible, "points of 100"],
        values!["coverage", a.score.coverage, "share, 0 to 1"],
        values!["outage upper bound", a.topology.hours_upper_bound, "hours a year"],
        values!["first limit", a.capacity.first_limit.as_ref().map(|l| l.multiplier.p50), "multiple of today's peak"],
    ];
    rows.extend(
        a.score
            .gates
            .iter()
            .map(|g| values![format!("gate {}", g.id), if g.open { "open" } else { "closed" }, g.because.as_str()]),
    );
    rows
}

fn spofs(a: &Assessment) -> Rows {
    let row = |s: &loadline_model::Spof| {
        values![
            s.subject.name.as_str(),
            s.subject.kind.map_or("organisation", |k| k.word()),
            s.blast_radius,
            s.hours_per_year.p10,
            s.hours_per_year.p50,
            s.hours_per_year.p90,
            s.journeys_lost.join(", "),
            s.path.join(" → "),
            if s.proven { "proven" } else { "likely" },
            s.why.as_str(),
            s.assumption.as_str(),
        ]
    };
    a.topology.spofs.iter().map(row).collect()
}

fn capacity(a: &Assessment) -> Rows {
    let row = |l: &loadline_model::LimitForecast| {
        let days = |pick: fn(&Interval) -> f64| l.days.as_ref().map(pick);
        let beyond = |value: Option<f64>| value.map_or_else(|| Value::from("beyond 730"), Value::Number);
        values![
            l.subject.name.as_str(),
            l.resource.word(),
            l.scenario.as_str(),
            l.utilisation,
            l.limit,
            l.multiplier.p10,
            l.multiplier.p50,
            l.multiplier.p90,
            beyond(days(|d| d.p10)),
            beyond(days(|d| d.p50)),
            beyond(days(|d| d.p90)),
        ]
    };
    a.capacity.limits.iter().map(row).collect()
}

fn roadmap(a: &Assessment) -> Rows {
    let row = |i: &loadline_model::Item, sprint: String, starts: String, because: &str, costs: &str| {
        values![
            sprint,
            starts,
            i.id.to_string(),
            i.title.as_str(),
            i.subject.name.as_str(),
            f64::from(i.half_days.low) / 2.0,
            f64::from(i.half_days.mode) / 2.0,
            f64::from(i.half_days.high) / 2.0,
            i.parts.points,
            i.parts.hours,
            i.proof.as_str(),
            because,
            costs,
        ]
    };
    let planned = a.roadmap.sprints.iter().enumerate().flat_map(|(n, s)| {
        let starts = words::date(s.starts.0);
        s.items.iter().map(move |i| row(i, format!("{}", n + 1), starts.clone(), "", ""))
    });
    let left =
        a.roadmap.left_out.iter().map(|l| row(&l.item, "left out".to_owned(), String::new(), &l.because, &l.costs));
    planned.chain(left).collect()
}

fn comparisons(a: &Assessment) -> Rows {
    let row = |c: &loadline_model::Comparison| {
        let effect = |pick: fn(&loadline_model::Effect) -> f64| c.effect_percent.as_ref().map(pick);
        values![
            c.title.as_str(),
            c.subject.name.as_str(),
            c.metric.as_str(),
            c.at.to_string(),
            c.verdict.word(),
            c.before,
            c.after,
            effect(|e| e.low),
            effect(|e| e.mid),
            effect(|e| e.high),
            c.confidence.as_str(),
            c.aa_rate,
            c.aa_runs,
            c.pairs,
            c.confounders.join("; "),
            c.sentence.as_str(),
        ]
    };
    a.comparisons.iter().map(row).collect()
}

fn gaps(a: &Assessment) -> Rows {
    let row = |g: &loadline_model::Gap| {
        let account = g.account.as_ref().map_or(String::new(), ToString::to_string);
        values![account, g.scope.as_str(), g.reason.code(), g.detail.as_str(), g.closes.as_str()]
    };
    a.gaps.iter().map(row).collect()
}
