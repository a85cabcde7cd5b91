//! Tables that SQL text names, by the domains of the layout that write and read them.

use super::reading::TREE;
use crate::Answer;
use loadline_code::{Graph, TableUse};
use loadline_model::{Basis, SubjectId, Value, key};
use std::collections::{BTreeMap, BTreeSet};

/// Most tables that are told.
const MOST_TABLES: usize = 300;

/// What files name, as they were read.
#[derive(Debug, Default)]
pub(super) struct Tables {
    of_file: Vec<(String, Vec<TableUse>)>,
}

impl Tables {
    /// The tables of a file.
    pub(super) fn add(&mut self, path: &str, used: Vec<TableUse>) {
        if !used.is_empty() {
            self.of_file.push((path.to_owned(), used));
        }
    }

    /// Says how many domains write and read each table. Files of no domain count only where no domain is seen: they may be
    /// what the domains share.
    pub(super) fn say(&self, answer: &mut Answer, subject: &SubjectId, graph: &Graph) {
        let mut of_table: BTreeMap<&str, [BTreeSet<Option<&str>>; 2]> = BTreeMap::new();
        for (path, used) in &self.of_file {
            for one in used {
                let [writing, reading] = of_table.entry(&one.table).or_default();
                if one.writes { writing } else { reading }.insert(graph.domain_of(path));
            }
        }
        for (table, [writing, reading]) in of_table.into_iter().take(MOST_TABLES) {
            let named = |all: &BTreeSet<Option<&str>>| all.iter().flatten().count();
            let writers = named(&writing).max(usize::from(!writing.is_empty()));
            let readers = reading.difference(&writing).flatten().count();
            for (key, number) in [(key::CODE_TABLE_WRITERS, writers), (key::CODE_TABLE_READERS, readers)] {
                if number > 0 {
                    answer.set(subject, TREE, Basis::Inferred, key, Some(table), Value::Number(number as f64));
                }
            }
        }
    }
}
