//! How the next page is asked for.

use serde_json::{Map, Value};

/// Where the token of the next page stands in an answer, and where it goes in the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::aws) enum Paginator {
    /// One answer is all.
    None,
    /// Pairs of parameter and field; a field may be a path (`DistributionList.NextMarker`). No field: the last page.
    Token(&'static [(&'static str, &'static str)]),
}

/// The parameters of the next page.
pub(in crate::aws) type Next = Vec<(&'static str, String)>;

impl Paginator {
    /// What to ask next; `None` after the last page.
    pub(in crate::aws) fn next(self, page: &Value) -> Option<Next> {
        let Self::Token(pairs) = self else { return None };
        let found = |(ask, answer): &(&'static str, &'static str)| {
            let field = answer.split('.').try_fold(page, |v, key| v.get(key))?;
            let token = match field {
                Value::String(token) => token.clone(),
                Value::Number(token) => token.to_string(),
                _ => return None,
            };
            (!token.is_empty()).then_some((*ask, token))
        };
        let next: Next = pairs.iter().filter_map(found).collect();
        (!next.is_empty()).then_some(next)
    }

    /// Writes them into the parameters.
    pub(in crate::aws) fn apply(next: Next, parameters: &mut Value) {
        if !parameters.is_object() {
            *parameters = Value::Object(Map::new());
        }
        if let Some(fields) = parameters.as_object_mut() {
            fields.extend(next.into_iter().map(|(key, token)| (key.to_owned(), Value::String(token))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn tokens_are_found_and_applied() {
        let nested = Paginator::Token(&[("Marker", "List.NextMarker")]);
        assert_eq!(nested.next(&json!({"List": {"NextMarker": "a"}})), Some(vec![("Marker", "a".to_owned())]));
        for last in [json!({}), json!({"List": {"NextMarker": ""}}), json!({"List": {"NextMarker": null}}), json!("x")]
        {
            assert_eq!(nested.next(&last), None, "{last}");
        }
        assert_eq!(Paginator::None.next(&json!({"NextToken": "a"})), None);
        let mut asked = Value::Null;
        Paginator::apply(vec![("Marker", "a".to_owned())], &mut asked);
        assert_eq!(asked, json!({"Marker": "a"}));
    }
}
