//! SARIF 2.1.0 (OASIS Standard): results of analysers, with their rule, level and first place. Section numbers are the
//! standard's.

use super::{About, ImportError, Imported, Of, json, malformed, path, shown, text_at};
use loadline_model::{Basis, ImportedFinding};
use serde_json::Value;
use std::collections::BTreeMap;

const FORMAT: &str = "SARIF 2.1.0";
/// Most results that are kept.
const MOST_RESULTS: usize = 10_000;
/// Most runs.
const MOST_RUNS: usize = 200;

/// Reads a log.
pub(super) fn read(text: &str, about: &About) -> Result<Imported, ImportError> {
    let log = json(FORMAT, text)?;
    match log.get("version").and_then(Value::as_str) {
        Some("2.1.0") => {}
        Some(other) => return Err(malformed(FORMAT, format!("its version is {}", shown(other)))),
        None => return Err(malformed(FORMAT, "it names no version")),
    }
    let runs = rows(&log, "/runs").ok_or_else(|| malformed(FORMAT, "it holds no `runs`"))?;
    if runs.len() > MOST_RUNS {
        return Err(ImportError::TooMany { what: "runs", count: runs.len(), most: MOST_RUNS });
    }
    let count: usize = runs.iter().map(|run| rows(run, "/results").map_or(0, Vec::len)).sum();
    if count > MOST_RESULTS {
        return Err(ImportError::TooMany { what: "results", count, most: MOST_RESULTS });
    }
    let mut imported = Imported::default();
    let mut tools = Vec::new();
    for run in runs {
        let tool = text_at(run, "/tool/driver/name").ok_or_else(|| malformed(FORMAT, "a run names no tool"))?;
        one_run(run, &tool, about, &mut imported)?;
        tools.push(tool);
    }
    tools.sort();
    tools.dedup();
    let failing = imported.facts.iter().filter(|(_, _, body)| is_failing(body)).count();
    imported.said = format!("{}: {failing} findings of {count} results.", shown(&tools.join(", ")));
    imported.part = shown(&tools.join(" "));
    Ok(imported)
}

fn is_failing(body: &loadline_model::Body) -> bool {
    matches!(body, loadline_model::Body::ImportedFinding(f) if f.failing)
}

fn one_run(run: &Value, tool: &str, about: &About, imported: &mut Imported) -> Result<(), ImportError> {
    // §3.20.14: a run that was not successful may have seen a part only.
    let failed = |i: &Value| i.get("executionSuccessful").and_then(Value::as_bool) == Some(false);
    if rows(run, "/invocations").is_some_and(|all| all.iter().any(failed)) {
        let detail = format!("{tool} says that its run failed: there may be more findings");
        imported.missing.push((detail, format!("Run {tool} again, and import what it writes.")));
    }
    // §3.14.23: without `results` nothing was looked for, or nothing could be written.
    let Some(results) = rows(run, "/results") else {
        imported.missing.push((format!("a run of {tool} holds no results"), format!("Run {tool} again.")));
        return Ok(());
    };
    let bases = Bases::of(run);
    let known = Rules::of(run);
    for result in results {
        // §3.27.9: what is not a failure is something the tool looked at, and how that went.
        let kind = result.get("kind").and_then(Value::as_str).unwrap_or("fail");
        if kind == "notApplicable" {
            continue;
        }
        let rule = known.rule_of(result);
        let place = place(result, &bases, about)?;
        let finding = ImportedFinding {
            source: tool.to_owned(),
            rule: known.id_of(result, rule).unwrap_or_else(|| "no rule".to_owned()),
            title: message(result, rule).unwrap_or_else(|| "no message".to_owned()),
            severity: severity(result, rule, kind),
            failing: kind == "fail" && !is_over(result),
            path: place.as_ref().map(|(path, _)| path.clone()),
            line: place.and_then(|(_, line)| line),
            ..ImportedFinding::default()
        };
        imported.facts.push((Of::Repository, Basis::Measured, finding.into()));
    }
    Ok(())
}

/// It was suppressed (§3.27.23), or was there before and is not any more (§3.27.24).
fn is_over(result: &Value) -> bool {
    let accepted = |s: &Value| s.get("status").and_then(Value::as_str).is_none_or(|status| status == "accepted");
    let suppressed = rows(result, "/suppressions").is_some_and(|all| !all.is_empty() && all.iter().all(accepted));
    suppressed || result.get("baselineState").and_then(Value::as_str) == Some("absent")
}

/// The word of a CVSS score that a rule carries, as code hosts read it; else the level (§3.27.10).
fn severity(result: &Value, rule: Option<&Value>, kind: &str) -> String {
    let score = [Some(result), rule].into_iter().flatten().find_map(|of| of.pointer("/properties/security-severity"));
    let score = score.and_then(|s| s.as_str().map_or_else(|| s.as_f64(), |text| text.parse().ok()));
    if let Some(score) = score.filter(|s| (0.0..=10.0).contains(s)) {
        let word = match score {
            s if s >= 9.0 => "critical",
            s if s >= 7.0 => "high",
            s if s >= 4.0 => "medium",
            _ => "low",
        };
        return word.to_owned();
    }
    let said = result.get("level").or_else(|| rule.and_then(|r| r.pointer("/defaultConfiguration/level")));
    match said.and_then(Value::as_str) {
        Some(level) => shown(level),
        None if kind == "fail" => "warning".to_owned(),
        None => "none".to_owned(),
    }
}

/// The text of a result, or of its rule with the result's arguments put in (§3.11).
fn message(result: &Value, rule: Option<&Value>) -> Option<String> {
    if let Some(text) = text_at(result, "/message/text").or_else(|| text_at(result, "/message/markdown")) {
        return Some(text);
    }
    let id = result.pointer("/message/id").and_then(Value::as_str);
    let texts = rule.and_then(|r| r.get("messageStrings"));
    let text = id.and_then(|id| texts?.get(id)?.get("text")?.as_str());
    let text = text.or_else(|| rule?.pointer("/shortDescription/text")?.as_str())?;
    let arguments = rows(result, "/message/arguments").into_iter().flatten();
    let arguments: Vec<String> = arguments.take(20).map(|a| shown(a.as_str().unwrap_or_default())).collect();
    Some(shown(&filled(&shown(text), &arguments)))
}

/// A text with `{0}`, `{1}`, … replaced, in one pass: what an argument holds is never replaced again.
fn filled(text: &str, arguments: &[String]) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let argument = after.split_once('}').and_then(|(at, after)| {
            let argument = arguments.get(at.parse::<usize>().ok()?)?;
            Some((argument, after))
        });
        match argument {
            Some((argument, after)) => {
                filled.push_str(argument);
                rest = after;
            }
            None => {
                filled.push('{');
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

/// Path and line of the first place that is in a file (§3.27.12).
fn place(result: &Value, bases: &Bases, about: &About) -> Result<Option<(String, Option<u32>)>, ImportError> {
    let locations = rows(result, "/locations").into_iter().flatten();
    let Some(physical) =
        locations.filter_map(|l| l.get("physicalLocation")).find(|p| p.get("artifactLocation").is_some())
    else {
        return Ok(None);
    };
    let Some(artifact) = physical.get("artifactLocation").and_then(|a| bases.artifact(a)) else { return Ok(None) };
    let Some(uri) = artifact.get("uri").and_then(Value::as_str) else { return Ok(None) };
    let outside = || ImportError::PathOutside { path: shown(uri) };
    let uri = bases.below(artifact.get("uriBaseId").and_then(Value::as_str), uri);
    let path = path::inside(&path::of_uri(&uri).ok_or_else(outside)?, &bases.roots, about)?;
    let line = physical.pointer("/region/startLine").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    Ok(Some((path, line)))
}

/// Where relative addresses begin, and the files that a run lists.
struct Bases<'v> {
    by_id: Option<&'v serde_json::Map<String, Value>>,
    roots: Vec<String>,
    artifacts: Option<&'v Vec<Value>>,
}

impl<'v> Bases<'v> {
    fn of(run: &'v Value) -> Self {
        let by_id = run.get("originalUriBaseIds").and_then(Value::as_object);
        let uris = by_id.into_iter().flatten().filter_map(|(_, base)| base.get("uri").and_then(Value::as_str));
        let absolute = |uri: &&str| is_absolute(uri);
        Self {
            by_id,
            roots: uris.filter(absolute).filter_map(path::of_uri).collect(),
            artifacts: rows(run, "/artifacts"),
        }
    }

    /// An address below its base, as long as the base is relative itself (§3.14.14).
    fn below(&self, base: Option<&str>, uri: &str) -> String {
        let (mut uri, mut base) = (uri.to_owned(), base);
        for _ in 0..8 {
            let Some(known) = base.and_then(|id| self.by_id?.get(id)) else { break };
            match known.get("uri").and_then(Value::as_str) {
                Some(above) if !is_absolute(above) && !is_absolute(&uri) => uri = format!("{above}{uri}"),
                _ => break,
            }
            base = known.get("uriBaseId").and_then(Value::as_str);
        }
        uri
    }

    /// A place may say the number of a file instead of its address (§3.4.5).
    fn artifact<'a>(&self, artifact: &'a Value) -> Option<&'a Value>
    where
        'v: 'a,
    {
        if artifact.get("uri").is_some() {
            return Some(artifact);
        }
        let at = usize::try_from(artifact.get("index")?.as_u64()?).ok()?;
        self.artifacts?.get(at)?.get("location")
    }
}

fn is_absolute(uri: &str) -> bool {
    uri.starts_with('/') || uri.contains(':')
}

/// The rules that a run describes.
struct Rules<'v> {
    in_order: Option<&'v Vec<Value>>,
    by_id: BTreeMap<&'v str, &'v Value>,
}

impl<'v> Rules<'v> {
    fn of(run: &'v Value) -> Self {
        let in_order = rows(run, "/tool/driver/rules");
        let named = |rule: &'v Value| Some((rule.get("id")?.as_str()?, rule));
        Self { in_order, by_id: in_order.into_iter().flatten().filter_map(named).collect() }
    }

    /// By number, or by id; `CA1000/1` is a part of `CA1000` (§3.27.5).
    fn rule_of(&self, result: &Value) -> Option<&'v Value> {
        let index = result.get("ruleIndex").or_else(|| result.pointer("/rule/index")).and_then(Value::as_u64);
        if let Some(rule) = index.and_then(|at| self.in_order?.get(usize::try_from(at).ok()?)) {
            return Some(rule);
        }
        let id = result.get("ruleId").or_else(|| result.pointer("/rule/id")).and_then(Value::as_str)?;
        let parent = id.rsplit_once('/').map(|(parent, _)| parent);
        self.by_id.get(id).or_else(|| self.by_id.get(parent?)).copied()
    }

    fn id_of(&self, result: &Value, rule: Option<&Value>) -> Option<String> {
        text_at(result, "/ruleId").or_else(|| text_at(result, "/rule/id")).or_else(|| text_at(rule?, "/id"))
    }
}

fn rows<'v>(value: &'v Value, pointer: &str) -> Option<&'v Vec<Value>> {
    value.pointer(pointer).and_then(Value::as_array)
}
