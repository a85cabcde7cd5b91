//! Every GraphQL document that we ever send to NerdGraph, with the right it needs: the one table from which the policy is
//! written. What varies are variables; no document is put together at run time, so none but these queries can be sent.
//! (New Relic documentation, "NerdGraph tutorial": NRQL, entities, service levels, NRQL condition alerts, alerts policies,
//! workflows, synthetic monitoring.)

/// A query. Only this room makes one.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Document {
    /// Its name, written into provenance.
    pub name: &'static str,
    /// What it gives.
    pub reads: &'static str,
    /// What the user of the key must be allowed.
    pub right: &'static str,
    /// Where in `data` the answer stands (a JSON pointer).
    pub at: &'static str,
    /// The field of the answer that holds the rows; empty where there is one answer.
    pub rows: &'static str,
    text: &'static str,
}

/// Access to the account is all that asking for data takes ("User permissions": they do not affect querying of data).
const ACCESS: &str = "access to the account, by a group whose role there is `Read only`";
const ALERTS: &str =
    "the permission to view alert conditions, policies and workflows, which the role `Read only` holds";
const SYNTHETICS: &str = "the permission to view synthetic monitors, which the role `Read only` holds";

pub(super) static ACCOUNT: Document = Document {
    name: "account",
    reads: "whether the key may read the account",
    right: ACCESS,
    at: "/actor/account",
    rows: "",
    text: "query($account: Int!) { actor { account(id: $account) { id name } } }",
};
pub(super) static NRQL: Document = Document {
    name: "nrql",
    reads: "demand, errors and latency, saturation of hosts, deployments and incidents by NRQL",
    right: ACCESS,
    at: "/actor/account/nrql",
    rows: "results",
    text: "query($account: Int!, $nrql: Nrql!) {
  actor { account(id: $account) { nrql(query: $nrql, timeout: 55) { results } } }
}",
};
pub(super) static ENTITIES: Document = Document {
    name: "entitySearch",
    reads: "services, hosts and alert conditions by name and tag",
    right: ACCESS,
    at: "/actor/entitySearch/results",
    rows: "entities",
    text: "query($search: String!, $cursor: String) {
  actor { entitySearch(query: $search) { results(cursor: $cursor) {
    nextCursor entities { guid name domain type reporting tags { key values } }
  } } }
}",
};
pub(super) static LEVELS: Document = Document {
    name: "serviceLevel",
    reads: "service level indicators and their objectives",
    right: ACCESS,
    at: "/actor/entitySearch/results",
    rows: "entities",
    text: "query($search: String!, $cursor: String) {
  actor { entitySearch(query: $search) { results(cursor: $cursor) {
    nextCursor entities { guid name serviceLevel { indicators {
      guid id name entityGuid objectives { name target timeWindow { rolling { count unit } } }
    } } }
  } } }
}",
};
pub(super) static CONDITIONS: Document = Document {
    name: "nrqlConditionsSearch",
    reads: "alert conditions: what they watch, their terms and runbooks",
    right: ALERTS,
    at: "/actor/account/alerts/nrqlConditionsSearch",
    rows: "nrqlConditions",
    text: "query($account: Int!, $cursor: String) {
  actor { account(id: $account) { alerts { nrqlConditionsSearch(cursor: $cursor) {
    nextCursor totalCount nrqlConditions {
      id name enabled type policyId runbookUrl nrql { query }
      terms { operator priority threshold thresholdDuration thresholdOccurrences }
    }
  } } } }
}",
};
pub(super) static POLICIES: Document = Document {
    name: "policiesSearch",
    reads: "alert policies",
    right: ALERTS,
    at: "/actor/account/alerts/policiesSearch",
    rows: "policies",
    text: "query($account: Int!, $cursor: String) {
  actor { account(id: $account) { alerts { policiesSearch(cursor: $cursor) {
    nextCursor totalCount policies { id name incidentPreference }
  } } } }
}",
};
pub(super) static WORKFLOWS: Document = Document {
    name: "workflows",
    reads: "workflows: which issues tell whom",
    right: ALERTS,
    at: "/actor/account/aiWorkflows/workflows",
    rows: "entities",
    text: "query($account: Int!, $cursor: String) {
  actor { account(id: $account) { aiWorkflows { workflows(cursor: $cursor, filters: {}) {
    nextCursor totalCount entities {
      id name workflowEnabled destinationsEnabled
      destinationConfigurations { channelId name type notificationTriggers }
      issuesFilter { predicates { attribute operator values } }
    }
  } } } }
}",
};
pub(super) static MONITORS: Document = Document {
    name: "syntheticMonitors",
    reads: "synthetic monitors, how often they run and what they check",
    right: SYNTHETICS,
    at: "/actor/entitySearch/results",
    rows: "entities",
    text: "query($search: String!, $cursor: String) {
  actor { entitySearch(query: $search) { results(cursor: $cursor) {
    nextCursor entities { guid name tags { key values }
      ... on SyntheticMonitorEntityOutline { monitorType period monitorSummary { status } }
    }
  } } }
}",
};
pub(super) static STEPS: Document = Document {
    name: "synthetics.steps",
    reads: "steps of a step monitor, of which only their types are looked at",
    right: SYNTHETICS,
    at: "/actor/account/synthetics",
    rows: "steps",
    text: "query($account: Int!, $monitor: EntityGuid!) {
  actor { account(id: $account) { synthetics { steps(monitorGuid: $monitor) { type } } } }
}",
};
pub(super) static SCRIPT: Document = Document {
    name: "synthetics.script",
    reads: "the script of a scripted monitor, which is searched for assertions and not kept",
    right: SYNTHETICS,
    at: "/actor/account/synthetics/script",
    rows: "",
    text: "query($account: Int!, $monitor: EntityGuid!) {
  actor { account(id: $account) { synthetics { script(monitorGuid: $monitor) { text } } } }
}",
};

/// Every document, in the order of the policy.
pub(super) static ALL: &[&Document] =
    &[&ACCOUNT, &ENTITIES, &NRQL, &POLICIES, &CONDITIONS, &WORKFLOWS, &LEVELS, &MONITORS, &STEPS, &SCRIPT];

impl Document {
    /// The text to send; `None` for anything that does more than ask.
    pub(super) fn text(&self) -> Option<&'static str> {
        only_asks(self.text).then_some(self.text)
    }

    /// What grants it.
    pub(super) fn closes(&self) -> String {
        format!("Give the user of the key {}.", self.right)
    }
}

/// One operation, and it is a query: no word of the text begins another kind of operation.
fn only_asks(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|w| !w.is_empty());
    let is_operation = |w: &str| matches!(w, "query" | "mutation" | "subscription" | "fragment");
    // `query` is also the argument of `entitySearch` and `nrql`, which a colon follows.
    words.next() == Some("query")
        && !words.any(|w| is_operation(w) && w != "query")
        && !text.split("query").skip(2).any(|rest| !rest.starts_with(": $") && !rest.starts_with(" }"))
}

/// NRQL reads by SELECT; the one word of it that removes is refused wherever it stands outside of quotes. Escaped quotes would
/// blur where that is, so none are sent.
pub(super) fn only_selects(nrql: &str) -> bool {
    if nrql.contains('\\') {
        return false;
    }
    let outside: String = nrql.split('\'').step_by(2).collect::<Vec<_>>().join(" ");
    let mut words = outside.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty());
    words.next() == Some("SELECT") && !words.any(|w| w.eq_ignore_ascii_case("delete"))
}

/// The least privilege that reads everything.
pub(super) fn policy() -> String {
    let mut lines = vec![
        "# New Relic: Administration → Access management → Groups → Create, with a user of its own for Loadline"
            .to_owned(),
        "#   grant the group the account that Loadline shall read, with the role `Read only`, and no other role"
            .to_owned(),
        "# then, as that user: API keys → Create a key → Key type: User. It is Loadline's secret.".to_owned(),
        "#   (a basic user reads data; alert conditions, workflows and synthetic monitors may need a core user)"
            .to_owned(),
        "# Loadline sends only POST /graphql with these queries, the variables apart. No mutation is among them:"
            .to_owned(),
    ];
    for document in ALL {
        lines.push(format!("# {}: {} ({})", document.name, document.reads, document.right));
        lines.push(document.text.to_owned());
    }
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_document_is_one_query() {
        for document in ALL {
            assert!(document.text().is_some(), "{}", document.name);
            assert_eq!(document.text.matches('{').count(), document.text.matches('}').count(), "{}", document.name);
            assert!(document.rows.is_empty() || document.text.contains(document.rows), "{}", document.name);
            for field in document.at.split('/').skip(1) {
                assert!(document.text.contains(field), "{}: {field}", document.name);
            }
        }
    }

    #[test]
    fn what_changes_anything_is_not_sent() {
        let check = |text: &'static str, sent: bool| {
            let document = Document { name: "x", reads: "", right: "", at: "", rows: "", text };
            assert_eq!(document.text().is_some(), sent, "{text}");
        };
        // "NerdGraph tutorial: NRQL condition alerts", "Delete conditions".
        check("mutation { alertsConditionDelete(accountId: 1, id: 2) { id } }", false);
        check("query { actor { user { id } } } mutation { alertsConditionDelete(accountId: 1, id: 2) { id } }", false);
        check("query A { actor { user { id } } } query B { actor { user { id } } }", false);
        check("subscription { x }", false);
        check("{ actor { user { id } } }", false);
        check("query { actor { user { id } } }", true);
        check("query($nrql: Nrql!) { actor { nrql(query: $nrql) { results } } }", true);
    }

    #[test]
    fn nrql_only_selects() {
        let check = |nrql: &str, sent: bool| assert_eq!(only_selects(nrql), sent, "{nrql}");
        check("SELECT count(*) FROM Transaction WHERE name = 'delete user'", true);
        // "NRQL syntax, clauses, and functions": the DELETE keyword of Pipeline Control.
        check("DELETE FROM Metric WHERE metricName = 'a'", false);
        check("SELECT count(*) FROM Transaction WHERE name = 'a' DELETE FROM Metric", false);
        check("SELECT count(*) FROM Transaction WHERE name = 'a\\'' DELETE FROM Metric WHERE b = ''", false);
        check("FROM Transaction SELECT count(*)", false);
        check("", false);
    }

    #[test]
    fn the_policy_names_every_document_and_only_reading() {
        let policy = policy();
        assert!(ALL.iter().all(|d| policy.contains(d.text) && policy.contains(d.reads) && policy.contains(d.right)));
        for too_much in ["Product Admin", "modify", "mutation("] {
            assert!(!policy.contains(too_much), "{too_much}");
        }
    }
}
