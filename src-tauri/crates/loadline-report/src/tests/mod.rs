//! The report of a rich assessment, and of hostile and empty ones, in every format.

mod measured;
mod sample;

use crate::*;
use loadline_model::Assessment;
use sample::{empty, hostile, sample};
use std::process::{Command, Stdio};

/// Text of a PDF by an independent reader, on one line.
fn text_of(pdf: &Pdf) -> String {
    let folder =
        std::env::temp_dir().join(format!("loadline-report-{}-{:?}", std::process::id(), std::thread::current().id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let file = folder.join("report.pdf");
    std::fs::write(&file, &pdf.bytes).expect("a temporary file");
    let out = Command::new("pdftotext")
        .arg("-raw")
        .arg(&file)
        .arg("-")
        .stdin(Stdio::null())
        .output()
        .expect("pdftotext of poppler-utils");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    std::fs::remove_dir_all(&folder).expect("removable");
    String::from_utf8_lossy(&out.stdout).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn holds(text: &str, expected: &[&str], what: &str) {
    for sentence in expected {
        assert!(text.contains(sentence), "{what} lacks `{sentence}` in:\n{text}");
    }
}

const VERDICT: &str = "Median of GET /feed: 1.42 s → 260 ms, −81.7 % (95 % interval −83.0 to −80.2 %), improved";

const SENTENCES: [&str; 9] = [
    "Harbour is at risk: 41 of 100 points are proven, 68 are possible.",
    "One failure of prod-db stops 100 % of journeys, about 9 h a year.",
    VERDICT,
    "prod-db connections breaks first, at 3.4× of today's peak (80 % interval 2.1× to 4.8×).",
    "What was not examined",
    "Hours a year",
    "GRANT pg_monitor TO loadline",
    "accepted by Ada until 1 Mar 2027",
    "Pool connections in front of prod-db",
];

#[test]
fn the_pdf_says_what_was_found() {
    let a = sample();
    let pdf = pdf(&a, &Options { others: others(), ..Options::default() }).expect("a report");
    assert!(pdf.bytes.starts_with(b"%PDF-"));
    assert!((8..=14).contains(&pdf.pages), "{} pages", pdf.pages);
    let text = text_of(&pdf);
    holds(&text, &SENTENCES, "the PDF");
    for section in SECTIONS.iter().skip(1) {
        assert!(text.contains(section.1), "{} is missing", section.1);
    }
    holds(&text, &["3 findings of 2 other tools are open.", "keys.py:7", "1 error, 1 note"], "the PDF");
    assert!(!text.contains("NaN") && !text.contains("inf "), "{text}");
}

/// Findings of other tools, as they were imported.
fn others() -> Vec<loadline_model::codebase::OtherFinding> {
    let finding = |source: &str, severity: &str, path: Option<&str>| loadline_model::codebase::OtherFinding {
        subject: loadline_model::SubjectRef::organisation(),
        read_at: loadline_model::Timestamp(0),
        finding: loadline_model::ImportedFinding {
            source: source.into(),
            rule: "r1".into(),
            title: "a key in the source".into(),
            severity: severity.into(),
            failing: true,
            path: path.map(str::to_owned),
            line: path.map(|_| 7),
            ..loadline_model::ImportedFinding::default()
        },
    };
    vec![finding("CodeQL", "note", None), finding("CodeQL", "error", Some("keys.py")), finding("Trivy", "HIGH", None)]
}

#[test]
fn without_findings_of_other_tools_their_section_is_left_out() {
    let a = sample();
    let with = Options { others: others(), ..Options::default() };
    let title = "Findings of other tools";
    assert!(markdown(&a, &with).contains(title) && !markdown(&a, &Options::default()).contains(title));
    let rows = markdown(&a, &with);
    let (grave, slight) = (rows.find("keys.py").expect("the error"), rows.rfind("note").expect("the note"));
    assert!(grave < slight, "gravest first");
}

#[test]
fn the_same_assessment_gives_the_same_bytes() {
    let a = sample();
    let options = Options::default();
    assert_eq!(pdf(&a, &options).expect("once"), pdf(&a, &options).expect("twice"));
    assert_eq!(html(&a, &options), html(&a, &options));
    assert_eq!(xlsx(&a, &options).expect("once"), xlsx(&a, &options).expect("twice"));
}

#[test]
fn text_formats_say_the_same() {
    let a = sample();
    let page = html(&a, &Options::default());
    let tags = page.replace("&#39;", "'");
    holds(&tags, &SENTENCES, "the page");
    assert!(page.contains("<svg ") && !page.contains("src=\"http") && !page.contains("NaN"));
    let md = markdown(&a, &Options::default()).replace('\\', "");
    holds(&md, &SENTENCES, "the Markdown");
    assert!(md.starts_with("# Load readiness of Harbour\n"));
}

#[test]
fn sections_can_be_chosen() {
    let a = sample();
    let one = Options::with_sections(&["capacity".to_owned()]);
    let small = pdf(&a, &one).expect("a report");
    let text = text_of(&small);
    assert!(text.contains("breaks first") && !text.contains("What was not examined"));
    assert!(small.pages <= 2, "{}", small.pages);
    assert_eq!(page_svgs(&a, &one).expect("pages").len(), small.pages as usize);
    let error = pdf(&a, &Options::with_sections(&["gossip".to_owned()])).expect_err("no such section");
    assert_eq!(error.code(), "unknown_section");
    assert!(error.to_string().contains("gossip"));
}

#[test]
fn a_redacted_report_and_an_empty_one_say_so() {
    let options =
        Options { redacted: true, company: "Fathom".into(), ..Options::with_sections(&["summary".to_owned()]) };
    holds(&html(&sample(), &options), &["are replaced by hashes", "Fathom is at risk"], "the page");
    let unnamed = Options { redacted: false, pseudonyms: true, ..options };
    holds(&html(&sample(), &unnamed), &["Persons have pseudonyms."], "the page");
    let text = text_of(&pdf(&empty(), &Options::default()).expect("a report"));
    holds(
        &text,
        &["is not rated", "not proven", "No single failure stops a journey in the graph that was observed"],
        "the empty report",
    );
    assert!(!text.contains("NaN"));
}

/// Names that would run somewhere: in typst, a browser, a spreadsheet, a Markdown reader.
const PAYLOADS: [&str; 8] = [
    "#panic(\"owned\")",
    "#eval(\"1\") $x$ *b* @label <label>",
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "=HYPERLINK(\"http://x\",\"y\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "[click](javascript:alert(1))",
    "\u{202E}\u{0}\u{7}]]>\\end|tail",
];

#[test]
fn names_from_outside_stay_text() {
    for payload in PAYLOADS {
        let a: Assessment = hostile(payload);
        let text = text_of(&pdf(&a, &Options::default()).unwrap_or_else(|e| panic!("{payload}: {e}")));
        let words = payload.split(|c: char| !c.is_ascii_alphanumeric());
        let longest = words.max_by_key(|w| w.len()).unwrap_or_default();
        assert!(text.contains(longest), "{payload} is shown as text");
        let page = html(&a, &Options::default());
        for bad in ["<script", "<img", "onerror=alert(1)>"] {
            assert!(!page.contains(bad), "{payload} in HTML: {bad}");
        }
        let md = markdown(&a, &Options::default());
        assert!(!md.contains("<script") && !md.contains("<img") && !md.contains("[click]("), "{payload} in Markdown");
        let csv = String::from_utf8(findings_csv(&a).expect("a table")).expect("UTF-8");
        for field in csv.lines().skip(1).flat_map(|l| l.split(',')) {
            let field = field.trim_start_matches('"');
            assert!(!field.starts_with(['=', '@', '+']), "{payload} runs in CSV: {field}");
        }
        let book = xlsx(&a, &Options::default()).expect("a workbook");
        assert!(book.starts_with(b"PK\x03\x04"), "{payload}");
    }
}

#[test]
fn the_workbook_holds_its_sheets_as_text() {
    let book = xlsx(&hostile("=HYPERLINK(\"http://x\")"), &Options::default()).expect("a workbook");
    let folder = std::env::temp_dir().join(format!("loadline-workbook-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let file = folder.join("report.xlsx");
    std::fs::write(&file, &book).expect("a temporary file");
    let unzip = |part: &str| {
        let out = Command::new("unzip").arg("-p").arg(&file).arg(part).output().expect("unzip");
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    let names = unzip("xl/workbook.xml");
    holds(&names, &["summary", "findings", "spofs", "capacity", "roadmap", "comparisons", "gaps"], "the workbook");
    let sheets: String = (1..=7).map(|i| unzip(&format!("xl/worksheets/sheet{i}.xml"))).collect();
    assert!(sheets.contains("<c ") && !sheets.contains("<f>"), "no cell is a formula");
    assert!(unzip("xl/sharedStrings.xml").contains("'=HYPERLINK"), "the name is there, inert");
    std::fs::remove_dir_all(&folder).expect("removable");
}
