//! Cobertura XML (coverage-04.dtd): `class/@filename` and `line/@number, @hits`. A line is told under its method and again
//! under its class; it counts once. The document type that the format names is neither fetched nor read.

use super::coverage::Lines;
use super::{About, ImportError, Imported, malformed, path};
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};

const FORMAT: &str = "Cobertura XML";
/// Deepest nesting: the format has eight.
const DEEPEST: usize = 32;

/// Reads a report.
pub(super) fn read(text: &str, about: &About) -> Result<Imported, ImportError> {
    let mut reader = Reader::from_str(text);
    let mut lines = Lines::default();
    let mut open: Vec<String> = Vec::new();
    let mut sources: Vec<String> = Vec::new();
    let mut file: Option<String> = None;
    loop {
        let event = reader.read_event().map_err(|_| broken(&reader))?;
        match event {
            Event::Start(tag) => {
                begin(&tag, &open, &sources, &mut file, &mut lines, about)?;
                open.push(tag.local_name().as_ref().to_owned());
                if open.len() > DEEPEST {
                    return Err(malformed(FORMAT, "it is nested too deep"));
                }
            }
            Event::Empty(tag) => {
                begin(&tag, &open, &sources, &mut file, &mut lines, about)?;
                if tag.local_name().as_ref() == "class" {
                    file = None;
                }
            }
            Event::End(_) => match open.pop() {
                Some(name) if name == "class" => file = None,
                Some(_) => {}
                None => return Err(malformed(FORMAT, "an element ends twice")),
            },
            Event::Text(text) if open.last().is_some_and(|name| name == "source") => {
                let source = text.trim();
                if source.len() > 1 {
                    sources.push(source.to_owned());
                }
            }
            // The format's own line names a document type. One with content may declare entities.
            Event::DocType(content) if content.contains('[') || content.contains("ENTITY") => {
                return Err(ImportError::DocumentType);
            }
            Event::GeneralRef(reference) if !is_plain(&reference) => return Err(ImportError::DocumentType),
            Event::Eof => break,
            _ => {}
        }
    }
    if !open.is_empty() {
        return Err(malformed(FORMAT, "it ends in the middle"));
    }
    if lines.count() == 0 {
        return Err(malformed(FORMAT, "it holds no line of code"));
    }
    Ok(lines.say("Cobertura"))
}

/// An element begins: the root, a class or a line matter.
fn begin(
    tag: &BytesStart<'_>,
    open: &[String],
    sources: &[String],
    file: &mut Option<String>,
    lines: &mut Lines,
    about: &About,
) -> Result<(), ImportError> {
    let name = tag.local_name();
    match name.as_ref() {
        other if open.is_empty() && other != "coverage" => Err(malformed(FORMAT, "its root is not <coverage>")),
        "class" => {
            let named = attribute(tag, "filename")?.ok_or_else(|| malformed(FORMAT, "a class names no file"))?;
            *file = Some(path::inside(&named, sources, about)?);
            Ok(())
        }
        "line" => {
            let file = file.as_deref().ok_or_else(|| malformed(FORMAT, "a line belongs to no class"))?;
            let number = attribute(tag, "number")?.and_then(|n| n.parse().ok());
            let hits = attribute(tag, "hits")?.and_then(|n| n.parse().ok());
            let (Some(number), Some(hits)) = (number, hits) else {
                return Err(malformed(FORMAT, "a line has no number of its own or of its hits"));
            };
            lines.ran(file, number, hits);
            Ok(())
        }
        _ => Ok(()),
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, ImportError> {
    let bad = || malformed(FORMAT, format!("an attribute of <{}> cannot be read", tag.local_name().as_ref()));
    let Some(found) = tag.try_get_attribute(name).map_err(|_| bad())? else { return Ok(None) };
    found.normalized_value(XmlVersion::Implicit1_0).map(|v| Some(v.into_owned())).map_err(|_| bad())
}

/// One of the five entities of XML itself, or a character by its number.
fn is_plain(reference: &str) -> bool {
    ["amp", "lt", "gt", "quot", "apos"].contains(&reference) || reference.starts_with('#')
}

fn broken(reader: &Reader<&[u8]>) -> ImportError {
    malformed(FORMAT, format!("it cannot be read from byte {} on", reader.error_position()))
}
