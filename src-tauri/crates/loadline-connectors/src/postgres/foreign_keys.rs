//! Foreign keys that no index of their own table serves: every delete in the other table searches this one in full.

use super::reading::Reading;
use super::row::Columns;
use super::statements::FOREIGN_KEYS;
use crate::Cancelled;
use loadline_model::UnindexedReference;
use std::collections::BTreeMap;

/// By table, in order of name.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<BTreeMap<String, Vec<UnindexedReference>>, Cancelled> {
    let mut found: BTreeMap<String, Vec<UnindexedReference>> = BTreeMap::new();
    for row in r.rows(&FOREIGN_KEYS).await?.unwrap_or_default() {
        let names = (row.text("schema"), row.text("table_name"), row.text("name"), row.text("refers_to"));
        let (Some(schema), Some(table), Some(constraint), Some(to)) = names else { continue };
        let reference =
            UnindexedReference { constraint, columns: row.texts("columns"), to, deletes: row.number("deletes") };
        found.entry(format!("{schema}.{table}")).or_default().push(reference);
    }
    Ok(found)
}
