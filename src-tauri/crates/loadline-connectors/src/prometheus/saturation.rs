//! Scope `saturation`: machines and containers; and the walk over a catalog that other scopes share.

use super::api::Line;
use super::catalog::{About, HOSTS, Level};
use super::reading::Reading;
use crate::Cancelled;
use loadline_model::{Kind, SubjectId};
use std::collections::BTreeSet;

/// Labels that name the thing; any other names a part of it, such as a mount point.
const WHOLE: [&str; 3] = ["instance", "namespace", "container"];

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let found = levels(r, HOSTS).await?;
    if found.is_some_and(|exporters| exporters.is_empty()) {
        let what = "CPU, memory and disk of machines and containers";
        r.absent("node_cpu_seconds_total", what, &[Kind::Instance]);
    }
    Ok(())
}

/// Reads the levels whose metrics exist; says which exporters were seen, `None` when the names could not be read.
pub(super) async fn levels(r: &mut Reading<'_>, levels: &[Level]) -> Result<Option<BTreeSet<&'static str>>, Cancelled> {
    let needed: BTreeSet<&str> = levels.iter().flat_map(|l| l.needs.iter().copied()).collect();
    let needed: Vec<String> = needed.into_iter().map(str::to_owned).collect();
    let Some(present) = r.present(&needed).await? else { return Ok(None) };
    let has = |need: &&str| present.iter().any(|p| p == need);
    let mut seen = BTreeSet::new();
    let mut said: BTreeSet<SubjectId> = BTreeSet::new();
    for level in levels {
        let missing: Vec<&str> = level.needs.iter().copied().filter(|n| !has(n)).collect();
        if missing.len() == level.needs.len() {
            continue;
        }
        seen.insert(level.exporter);
        if let Some(name) = missing.first() {
            r.absent(name, &format!("{} of {}", level.metric, level.exporter), &[]);
            continue;
        }
        let span = r.five_minutes();
        for line in r.range(level.metric, level.expression, span).await? {
            let Some((subject, name)) = subject(level.about, &line) else { continue };
            if said.insert(subject.clone()) {
                r.exists(&subject, level.expression, level.kind, &name, level.engine);
            }
            let part = line.labels.iter().filter(|(name, _)| !WHOLE.contains(&name.as_str()));
            let part = part.map(|(name, value)| (name.clone(), value.clone())).collect();
            let said = (level.expression, level.metric, level.unit);
            r.series_of_part(&subject, part, said, &line, span);
        }
    }
    Ok(Some(seen))
}

/// Id and name of what a line is about.
fn subject(about: About, line: &Line) -> Option<(SubjectId, String)> {
    match about {
        About::Instance => line.label("instance").map(|i| (SubjectId::from(i), i.to_owned())),
        About::Container => {
            let container = line.label("container")?;
            let name = line.label("namespace").map_or(container.to_owned(), |ns| format!("{ns}/{container}"));
            Some((SubjectId(format!("container:{name}")), name))
        }
    }
}
