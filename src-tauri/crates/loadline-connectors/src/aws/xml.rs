//! XML answers as the tree that JSON answers are: elements become fields, repeated elements and `item`/`member` lists
//! become lists, text stays text. Document types are refused, depth is bounded.

use super::refused::Refused;
use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;
use serde_json::{Map, Value};

/// What stands inside the root element.
///
/// # Errors
/// [`Refused::Truncated`] when the document ends early, [`Refused::NotUnderstood`] when it is not XML.
pub(super) fn read(body: &[u8], depth: usize) -> Result<Value, Refused> {
    let text = std::str::from_utf8(body).map_err(|_| Refused::NotUnderstood("it is not UTF-8".to_owned()))?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    // The place before the root collects the finished root.
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event().map_err(|e| broken(&e, open.len()))?;
        match event {
            Event::Start(tag) if open.len() > depth => {
                return Err(Refused::NotUnderstood(format!("<{}> is nested too deep", tag.local_name().as_ref())));
            }
            Event::Start(tag) => open.push(Element::named(tag.local_name().as_ref())),
            Event::Empty(tag) => close(&mut open, Element::named(tag.local_name().as_ref())),
            Event::End(_) => {
                let done = open.pop().filter(|_| !open.is_empty());
                close(&mut open, done.ok_or_else(|| Refused::NotUnderstood("an element ends twice".to_owned()))?);
            }
            Event::Text(text) => say(&mut open, &text),
            Event::CData(text) => say(&mut open, &text),
            Event::GeneralRef(reference) => {
                let plain = resolve_predefined_entity(&reference).map(str::to_owned);
                let char = || reference.resolve_char_ref().ok().flatten().map(String::from);
                let meant =
                    plain.or_else(char).ok_or_else(|| Refused::NotUnderstood("an unknown entity".to_owned()))?;
                say(&mut open, &meant);
            }
            Event::DocType(_) => return Err(Refused::NotUnderstood("it brings a document type".to_owned())),
            Event::Eof => break,
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
        }
    }
    match (open.len(), open.pop()) {
        (1, Some(mut place)) if place.children.len() == 1 => Ok(place.children.remove(0).1),
        (1, Some(place)) if !place.text.trim().is_empty() || !place.children.is_empty() => {
            Err(Refused::NotUnderstood("it is not XML".to_owned()))
        }
        _ => Err(Refused::Truncated),
    }
}

#[derive(Default)]
struct Element {
    name: String,
    text: String,
    children: Vec<(String, Value)>,
}

impl Element {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    fn value(self) -> Value {
        if self.children.is_empty() {
            return Value::String(self.text.trim().to_owned());
        }
        if self.children.iter().all(|(name, _)| name == "item" || name == "member") {
            return Value::Array(self.children.into_iter().map(|(_, v)| v).collect());
        }
        let mut fields: Map<String, Value> = Map::new();
        let mut many = std::collections::BTreeSet::new();
        for (name, value) in self.children {
            match fields.get_mut(&name) {
                None => {
                    fields.insert(name, value);
                }
                Some(Value::Array(list)) if many.contains(&name) => list.push(value),
                Some(first) => {
                    *first = Value::Array(vec![first.take(), value]);
                    many.insert(name);
                }
            }
        }
        Value::Object(fields)
    }
}

fn say(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

fn close(open: &mut [Element], done: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push((done.name.clone(), done.value()));
    }
}

fn broken(error: &quick_xml::Error, open: usize) -> Refused {
    match error {
        // The document ends inside a tag.
        quick_xml::Error::Syntax(_) if open > 0 => Refused::Truncated,
        // Words of the parser may quote names of elements, never their text.
        other => Refused::NotUnderstood(other.to_string().chars().take(200).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(text: &str, expected: Value) {
        assert_eq!(read(text.as_bytes(), 64), Ok(expected), "{text}");
    }

    #[test]
    fn documents_become_trees() {
        check("<a><b>1</b><c>x &amp; &#65;&lt;</c></a>", json!({"b": "1", "c": "x & A<"}));
        check(
            "<?xml version=\"1.0\"?>\n<a xmlns='u'>\n <set><item><id>1</id></item></set><e/>\n</a>",
            json!({"set": [{"id": "1"}], "e": ""}),
        );
        check("<a><l><member>1</member><member>2</member></l></a>", json!({"l": ["1", "2"]}));
        check("<a><l><Z>1</Z><Z>2</Z></l><Z><m>1</m></Z></a>", json!({"l": {"Z": ["1", "2"]}, "Z": {"m": "1"}}));
        check("<a><l><item>1</item></l><l><item>2</item></l></a>", json!({"l": [["1"], ["2"]]}));
        check("<a>eu-west-1</a>", json!("eu-west-1"));
        check("<a/>", json!(""));
        check("<p:a xmlns:p='u'><p:b><![CDATA[<x>]]></p:b></p:a>", json!({"b": "<x>"}));
    }

    #[test]
    fn hostile_documents_end() {
        for cut in ["", "<a>", "<a><b>1</b>", "<a><b>1</", "<a><b", "<a>&am"] {
            let refused = read(cut.as_bytes(), 64).expect_err(cut);
            assert!(matches!(refused, Refused::Truncated | Refused::NotUnderstood(_)), "{cut}: {refused:?}");
        }
        assert_eq!(read(b"<a><b>1</b>", 64), Err(Refused::Truncated));
        for wrong in
            ["{}", "<a/><b/>", "<a></b>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a>&x;</a>", "<a>&#0;</a>"]
        {
            assert!(matches!(read(wrong.as_bytes(), 64), Err(Refused::NotUnderstood(_))), "{wrong}");
        }
        let deep = "<a>".repeat(70) + &"</a>".repeat(70);
        assert!(matches!(read(deep.as_bytes(), 64), Err(Refused::NotUnderstood(_))));
        assert!(read(b"<a>\xff</a>", 64).is_err());
    }
}
