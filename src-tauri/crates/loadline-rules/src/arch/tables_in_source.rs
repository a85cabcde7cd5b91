//! Tables that the source of several domains or repositories names (ARCH-011).

use crate::db::wording::{count, named};
use crate::verdict::Verdict;
use crate::{Context, Subject};
use loadline_model::{Evidence, Provenance, Setting, Severity, SubjectId, key};
use std::collections::BTreeSet;

/// What SQL text in repositories says of these tables: several repositories or domains that write one, many that read it.
pub(super) fn in_source(
    tables: &BTreeSet<SubjectId>,
    subject: &Subject<'_>,
    severity: Severity,
    context: &Context<'_>,
    rows: &mut Vec<Evidence>,
    verdict: &mut Verdict,
) {
    let mut shared = Vec::new();
    let mut joined = Vec::new();
    for table in tables {
        let name = context.reference(table).name;
        let short = name.rsplit('.').next().unwrap_or(&name).to_ascii_lowercase();
        let mut domains = |key: &str, does: &str| {
            let told: Vec<(f64, &Provenance)> = context
                .facts
                .all::<Setting>()
                .filter(|(_, s, _)| s.key == key && s.item.as_deref() == Some(short.as_str()))
                .filter_map(|(_, s, from)| Some((s.value.as_number()?, from)))
                .collect();
            let sum: f64 = told.iter().map(|(n, _)| n).sum();
            if sum > 1.0 && rows.len() < 40 {
                let row = |(n, from): &(f64, &Provenance)| {
                    Evidence::read(format!("domains that {does} {name}"), count(*n), from)
                };
                rows.extend(told.iter().map(row));
            }
            sum
        };
        let writers = domains(key::CODE_TABLE_WRITERS, "write");
        let readers = domains(key::CODE_TABLE_READERS, "read");
        if writers >= subject.number("writers") {
            shared.push(name);
        } else if writers > 0.0 && readers >= subject.number("readers") {
            joined.push(name);
        }
    }
    let database = subject.name();
    if !shared.is_empty() {
        verdict.fault(severity, format!("source of several domains likely writes {} of `{database}`", named(&shared)));
    }
    if !joined.is_empty() {
        let said = format!(
            "source of {:.0} domains or more likely reads {} of `{database}` past its owner",
            subject.number("readers"),
            named(&joined)
        );
        verdict.fault(severity, said);
    }
}
