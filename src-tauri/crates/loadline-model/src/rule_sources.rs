//! Which kinds of facts each rule of the catalog can be judged from: proof that every rule has somewhere to land.

use crate::FactKind::{self, *};

/// Rule id and the fact kinds that carry its sources, in catalog order.
pub const RULE_SOURCES: &[(&str, &[FactKind])] = &[
    ("SPOF-001", &[Resource, Edge, Setting]),
    ("SPOF-002", &[Resource, Edge, Setting]),
    ("SPOF-003", &[Resource, Edge]),
    ("SPOF-004", &[Resource, Edge, Setting]),
    ("SPOF-005", &[Edge, Setting]),
    ("SPOF-006", &[Edge, Setting]),
    ("SPOF-007", &[Edge, Setting]),
    ("SPOF-008", &[Edge, Setting]),
    ("SPOF-009", &[Edge, Setting]),
    ("SPOF-010", &[Setting, Series]),
    ("SPOF-011", &[Edge, Setting]),
    ("SPOF-012", &[Expiry, Setting]),
    ("DATA-001", &[Setting, BackupEvent]),
    ("DATA-002", &[Setting, BackupEvent]),
    ("DATA-003", &[Setting]),
    ("DATA-004", &[BackupEvent, TestRun, Setting]),
    ("DATA-005", &[Setting, BackupEvent]),
    ("DATA-006", &[Setting]),
    ("DATA-007", &[Setting]),
    ("DATA-008", &[Setting]),
    ("DB-001", &[Setting]),
    ("DB-002", &[QueryStat, Plan]),
    ("DB-003", &[TableStat, QueryStat, Plan, ImportedFinding]),
    ("DB-004", &[Setting, QueryStat, Series]),
    ("DB-005", &[QueryStat]),
    ("DB-006", &[QueryStat, TableStat]),
    ("DB-007", &[Setting, Limit, Series]),
    ("DB-008", &[Setting, PoolStat]),
    ("DB-009", &[Setting, PoolStat, Limit]),
    ("DB-010", &[QueryStat, Setting, Edge]),
    ("DB-011", &[Setting, Series]),
    ("DB-012", &[Setting, Series]),
    ("DB-013", &[TableStat, Setting]),
    ("DB-014", &[Setting, TableStat]),
    ("DB-015", &[LockSample, Setting]),
    ("DB-016", &[Setting]),
    ("DB-017", &[LockSample]),
    ("DB-018", &[Setting]),
    ("DB-019", &[IndexStat]),
    ("DB-020", &[QueryStat, Setting]),
    ("DB-021", &[Resource, Setting, Expiry]),
    ("CACHE-001", &[QueryStat, Edge, Series]),
    ("CACHE-002", &[Setting, Series]),
    ("CACHE-003", &[Setting, Limit, Series]),
    ("CACHE-004", &[Setting, Series]),
    ("CACHE-005", &[CodeStat, TestRun, Series]),
    ("CACHE-006", &[Setting, Series, LockSample]),
    ("ASYNC-001", &[Edge, Series, DistributionSeries]),
    ("ASYNC-002", &[Series]),
    ("ASYNC-003", &[Series]),
    ("ASYNC-004", &[Setting, Series]),
    ("ASYNC-005", &[Setting, Series, Edge]),
    ("ASYNC-006", &[Setting, Series]),
    ("ASYNC-007", &[Limit, Series, Setting]),
    ("SCALE-001", &[Setting]),
    ("SCALE-002", &[Setting]),
    ("SCALE-003", &[Setting, Series]),
    ("SCALE-004", &[Setting, Limit, Series]),
    ("SCALE-005", &[Setting, Limit, Series]),
    ("SCALE-006", &[Setting, Series]),
    ("SCALE-007", &[Setting, Resource]),
    ("SCALE-008", &[Setting]),
    ("LOAD-001", &[Setting]),
    ("LOAD-002", &[Setting, Series]),
    ("LOAD-003", &[Setting, Edge]),
    ("LOAD-004", &[Setting, CodeStat]),
    ("LOAD-005", &[Setting]),
    ("LOAD-006", &[Setting, Series]),
    ("LOAD-007", &[Setting, Limit, TestRun]),
    ("EDGE-001", &[Edge, Series]),
    ("EDGE-002", &[Series, Setting]),
    ("EDGE-003", &[Series]),
    ("EDGE-004", &[Edge, Setting]),
    ("OBS-001", &[DistributionSeries, Series]),
    ("OBS-002", &[Resource, Series, DistributionSeries, Setting]),
    ("OBS-003", &[DistributionSeries, Series, Slo]),
    ("OBS-004", &[Series, Setting, Statement]),
    ("OBS-005", &[Alert, Setting]),
    ("OBS-006", &[Slo, Alert]),
    ("OBS-007", &[Setting, Edge]),
    ("OBS-008", &[Setting, TestRun]),
    ("OBS-009", &[Alert, Document]),
    ("OBS-010", &[Alert, Setting]),
    ("OBS-011", &[Setting]),
    ("DEL-001", &[Setting, Resource, Edge]),
    ("DEL-002", &[Deployment]),
    ("DEL-003", &[Deployment]),
    ("DEL-004", &[Deployment]),
    ("DEL-005", &[Deployment, Commit]),
    ("DEL-006", &[Deployment, Incident, Commit]),
    ("DEL-007", &[Deployment, Incident]),
    ("DEL-008", &[Setting, Deployment]),
    ("DEL-009", &[Setting, Deployment]),
    ("DEL-010", &[Deployment, Series, DistributionSeries]),
    ("DEL-011", &[Deployment, CodeStat, ChangedTogether, CodeModule, Setting, Edge]),
    ("DEL-012", &[Setting, CodeIdiom, CodeMigration, Deployment, Edge]),
    ("ARCH-001", &[Setting, Edge, CodeModule, Deployment, Incident]),
    ("ARCH-002", &[Setting, CodeModule]),
    ("ARCH-003", &[Setting, CodeIdiom]),
    ("ARCH-004", &[CodeStat, ChangedTogether, Setting]),
    ("ARCH-005", &[Setting]),
    ("ARCH-006", &[Resource, Setting, QueryStat, CodeIdiom]),
    ("ARCH-007", &[Setting, CodeIdiom]),
    ("ARCH-008", &[ImportedFinding, Expiry, Setting]),
    ("ARCH-009", &[CodeStat, Setting]),
    ("ARCH-010", &[Setting, CodeMigration]),
    ("ARCH-011", &[Setting, Edge]),
    ("PPL-001", &[CodeStat, Setting, Edge]),
    ("PPL-002", &[Setting, Edge]),
    ("PPL-003", &[Document, Alert, Setting]),
    ("PPL-004", &[Setting]),
    ("PPL-005", &[Setting, Deployment]),
    ("PPL-006", &[Setting, Incident]),
    ("PPL-007", &[Statement]),
    ("COST-001", &[CostLine, Series]),
    ("COST-002", &[Change, CostLine]),
    ("COST-003", &[ImportedFinding, Series, Limit]),
    ("COST-004", &[CostLine, Setting]),
    ("TEST-001", &[TestRun, Document, Setting]),
    ("TEST-002", &[TestRun, Setting]),
    ("TEST-003", &[TestRun, Statement]),
    ("TEST-004", &[TestRun, Incident, Setting]),
    ("CAP-001", &[Series, Limit]),
    ("CAP-002", &[Series, Limit, Setting]),
    ("CAP-003", &[Series, Limit, Setting]),
    ("CAP-004", &[Series, Limit, Setting]),
    ("CAP-005", &[Series, Limit, PoolStat, Setting]),
    ("CAP-006", &[Setting, Limit]),
    ("CAP-007", &[Series, Limit]),
    ("CAP-008", &[Resource, Edge, Series]),
    ("CAP-009", &[Series, TestRun, Setting]),
];

#[cfg(test)]
mod tests {
    use super::RULE_SOURCES;
    use crate::DOMAINS;
    use std::collections::BTreeSet;

    #[test]
    fn all_131_rules_have_somewhere_to_land() {
        assert_eq!(RULE_SOURCES.len(), 131);
        let ids: BTreeSet<&str> = RULE_SOURCES.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids.len(), 131, "ids are unique");
        for (id, kinds) in RULE_SOURCES {
            let different: BTreeSet<_> = kinds.iter().collect();
            assert!(!kinds.is_empty() && different.len() == kinds.len(), "{id}");
        }
    }

    #[test]
    fn ids_are_numbered_from_1_in_each_domain_and_in_the_order_of_the_domains() {
        let mut expected = Vec::new();
        for (domain, _, _) in DOMAINS {
            let count = RULE_SOURCES.iter().filter(|(id, _)| id.split('-').next() == Some(domain)).count();
            assert!(count > 0, "{domain} has rules");
            expected.extend((1..=count).map(|n| format!("{domain}-{n:03}")));
        }
        let ids: Vec<&str> = RULE_SOURCES.iter().map(|(id, _)| *id).collect();
        assert_eq!(ids, expected);
    }
}
