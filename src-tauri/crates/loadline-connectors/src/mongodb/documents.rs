//! Fields of a document by their path: what is absent, of another type or not finite is not known.

use ::mongodb::bson::{Bson, Document};
use loadline_model::Timestamp;

/// Reads of one document that cannot fail. Parts of a path are separated by `/`, because names hold dots and spaces.
pub(super) trait Fields {
    /// Whatever is there.
    fn field(&self, path: &str) -> Option<&Bson>;

    /// A finite number of any of the numeric types.
    fn number(&self, path: &str) -> Option<f64> {
        let value = match self.field(path)? {
            Bson::Double(n) => *n,
            Bson::Int32(n) => f64::from(*n),
            Bson::Int64(n) => *n as f64,
            _ => return None,
        };
        value.is_finite().then_some(value)
    }

    /// A text.
    fn text(&self, path: &str) -> Option<&str> {
        self.field(path)?.as_str()
    }

    /// A switch; numbers count as C would.
    fn flag(&self, path: &str) -> Option<bool> {
        self.field(path)?.as_bool().or_else(|| self.number(path).map(|n| n != 0.0))
    }

    /// A date, or the seconds of a log position.
    fn time(&self, path: &str) -> Option<Timestamp> {
        match self.field(path)? {
            Bson::DateTime(at) => Some(Timestamp(at.timestamp_millis())),
            Bson::Timestamp(at) => Some(Timestamp(i64::from(at.time) * 1000)),
            _ => None,
        }
    }

    /// A document.
    fn part(&self, path: &str) -> Option<&Document> {
        self.field(path)?.as_document()
    }

    /// The documents of an array; empty when there is none.
    fn parts(&self, path: &str) -> Vec<&Document> {
        let array = self.field(path).and_then(Bson::as_array);
        array.into_iter().flatten().filter_map(Bson::as_document).collect()
    }

    /// The texts of an array; empty when there is none.
    fn texts(&self, path: &str) -> Vec<String> {
        let array = self.field(path).and_then(Bson::as_array);
        array.into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    }

    /// The documents of a cursor's first batch.
    fn batch(&self) -> Vec<&Document> {
        self.parts("cursor/firstBatch")
    }
}

impl Fields for Document {
    fn field(&self, path: &str) -> Option<&Bson> {
        let mut at = self;
        let mut parts = path.split('/').peekable();
        while let Some(part) = parts.next() {
            let value = at.get(part)?;
            if parts.peek().is_none() {
                return Some(value);
            }
            at = value.as_document()?;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::mongodb::bson::doc;

    #[test]
    fn fields_are_found_by_path_and_type() {
        let d = doc! { "a": { "maximum bytes": 5_i64, "b.c": 1.5 }, "n": f64::NAN, "on": 1, "list": ["x", 3], "docs": [{ "k": 1 }] };
        assert_eq!((d.number("a/maximum bytes"), d.number("a/b.c"), d.number("n")), (Some(5.0), Some(1.5), None));
        assert_eq!((d.flag("on"), d.text("on"), d.number("a")), (Some(true), None, None));
        assert_eq!((d.texts("list"), d.parts("docs").len(), d.parts("none").len()), (vec!["x".to_owned()], 1, 0));
        assert_eq!(d.field("a/b/c"), None);
    }
}
