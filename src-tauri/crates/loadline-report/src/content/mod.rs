//! What a report says, independent of format: sections of blocks, every number already a sentence's part.

mod block;
mod capacity;
mod comparison;
mod debt;
mod findings;
mod method;
mod others;
mod performance;
mod roadmap;
mod spofs;
mod summary;
mod unknowns;

use crate::options::{Options, SECTIONS};
use crate::words;
pub(crate) use block::{Align, Block, Cell, Figure, Mark, Point, Table};
use loadline_model::Assessment;
use serde::Serialize;

/// A whole report.
#[derive(Serialize)]
pub(crate) struct Content {
    pub(crate) title: String,
    pub(crate) company: String,
    pub(crate) date: String,
    /// Year, month, day of the snapshot: the document's date.
    pub(crate) civil: (i32, u32, u32),
    pub(crate) footer: String,
    pub(crate) sections: Vec<Section>,
}

/// One section: a title, the answer in one sentence, then the evidence.
#[derive(Serialize)]
pub(crate) struct Section {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) lead: String,
    /// What the answer leaves to a second breath.
    pub(crate) more: String,
    pub(crate) blocks: Vec<Block>,
}

/// Everything the options ask for, in the order of [`SECTIONS`].
pub(crate) fn content(a: &Assessment, options: &Options) -> Content {
    let named = |text: &str| words::clean(text.trim());
    let company = if options.company.trim().is_empty() { named(&a.workspace) } else { named(&options.company) };
    let sections = SECTIONS.iter().filter(|(id, _)| options.has(id)).map(|(id, title)| {
        let (lead, blocks) = match *id {
            "summary" => summary::summary(a, options, &company),
            "spofs" => spofs::spofs(a),
            "performance" => performance::performance(a),
            "capacity" => capacity::capacity(a),
            "roadmap" => roadmap::roadmap(a),
            "findings" => findings::findings(a),
            "unknowns" => unknowns::unknowns(a),
            "other_tools" => others::others(&options.others),
            _ => method::method(a),
        };
        let lead = words::clean(&lead);
        let (lead, more) = match lead.split_once(". ") {
            Some((first, rest)) => (format!("{first}."), rest.to_owned()),
            None => (lead, String::new()),
        };
        let mut section = Section { id: (*id).to_owned(), title: (*title).to_owned(), lead, more, blocks };
        section.blocks.iter_mut().for_each(Block::clean);
        section
    });
    Content {
        title: format!("Load readiness of {company}"),
        date: words::date(a.as_of.0),
        civil: a.as_of.utc_day().civil(),
        footer: words::clean(&format!("Loadline · model {} · snapshot {}", a.model_version, short(&a.snapshot.0))),
        sections: sections.collect(),
        company,
    }
}

fn short(id: &str) -> String {
    id.chars().take(12).collect()
}
