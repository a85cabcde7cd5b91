//! `loadline findings | spofs | score | capacity | compare | gaps`.

use super::{Asked, Ended, json, no_snapshot, print};
use clap::Args;
use loadline_engine::others::{OtherFinding, others as others_of};
use loadline_model::{Assessment, Comparison, Finding};
use serde_json::json;

#[derive(Args)]
pub(super) struct Findings {
    /// Only this severity (critical, high, medium, low)
    #[arg(long)]
    severity: Option<String>,
    /// Only this result (fail, unknown)
    #[arg(long)]
    result: Option<String>,
    /// Only this rule or family (DB-003, SPOF)
    #[arg(long)]
    rule: Option<String>,
    /// What other tools found instead: imported files, advisors of providers
    #[arg(long)]
    others: bool,
}

#[derive(Args)]
pub(super) struct Compare {
    /// Only this roadmap item
    #[arg(long)]
    item: Option<String>,
    /// Only this deployment
    #[arg(long)]
    deployment: Option<String>,
}

pub(super) async fn findings(words: &Findings, asked: &Asked) -> Ended {
    if words.others {
        return others(words, asked).await;
    }
    let a = asked.assessment().await?;
    let wanted = |f: &&Finding| {
        words.severity.as_deref().is_none_or(|s| f.severity.is_some_and(|x| x.word() == s))
            && words.result.as_deref().is_none_or(|r| f.result == r)
            && words.rule.as_deref().is_none_or(|r| f.rule.as_str() == r || f.rule.family() == r)
    };
    let chosen: Vec<&Finding> = a.findings.iter().filter(wanted).collect();
    if asked.json {
        print::json("findings", json!({ "findings": chosen }))?;
    } else {
        findings_text(&chosen);
    }
    Ok(0)
}

/// Findings of other tools; `--severity` and `--rule` are the tool's own words.
async fn others(words: &Findings, asked: &Asked) -> Ended {
    let found = others_of(&asked.open().await?, &asked.as_of).await?.ok_or_else(no_snapshot)?;
    let wanted = |o: &&OtherFinding| {
        words.severity.as_deref().is_none_or(|s| o.finding.severity == s)
            && words.rule.as_deref().is_none_or(|r| o.finding.rule == r)
    };
    let chosen: Vec<&OtherFinding> = found.iter().filter(wanted).collect();
    if asked.json {
        print::json("other_findings", json!({ "findings": chosen }))?;
        return Ok(0);
    }
    let row = |o: &&OtherFinding| {
        let f = &o.finding;
        let line = f.line.map(|line| format!(":{line}")).unwrap_or_default();
        let place = f.path.as_ref().map_or_else(|| o.subject.name.clone(), |path| format!("{path}{line}"));
        vec![f.source.clone(), f.rule.clone(), f.severity.clone(), place, f.title.clone()]
    };
    print::table(&["tool", "rule", "level", "where", "what it says"], &chosen.iter().map(row).collect::<Vec<_>>());
    Ok(0)
}

pub(super) fn findings_text(findings: &[&Finding]) {
    if findings.is_empty() {
        print::line("  none");
    }
    let rows: Vec<Vec<String>> = findings
        .iter()
        .map(|f| {
            let word = f.severity.map_or("not proven", |s| s.word()).to_owned();
            vec![word, f.rule.to_string(), f.fingerprint.to_string(), f.sentence.clone()]
        })
        .collect();
    if !rows.is_empty() {
        print::table(&["severity", "rule", "finding", "what it means"], &rows);
    }
}

pub(super) async fn spofs(asked: &Asked) -> Ended {
    let a = asked.assessment().await?;
    if asked.json {
        print::json("spofs", json!({ "spofs": a.topology.spofs, "fragile_pairs": a.topology.fragile_pairs }))?;
    } else {
        spofs_text(&a, usize::MAX);
    }
    Ok(0)
}

pub(super) fn spofs_text(a: &Assessment, most: usize) {
    if a.topology.spofs.is_empty() {
        print::line("  none found in the observed graph");
        return;
    }
    let rows: Vec<Vec<String>> = a
        .topology
        .spofs
        .iter()
        .take(most)
        .map(|s| {
            let h = s.hours_per_year;
            vec![
                s.subject.name.clone(),
                print::percent(s.blast_radius),
                print::hours(h.p50),
                format!("{}–{}", print::hours(h.p10), print::hours(h.p90)),
                if s.proven {
                    s.path.join(" → ")
                } else {
                    format!("{} (rests on inferred edges)", s.path.join(" → "))
                },
            ]
        })
        .collect();
    print::table(&["what", "journeys", "a year", "80 % interval", "path"], &rows);
}

pub(super) async fn score(asked: &Asked) -> Ended {
    let a = asked.assessment().await?;
    if asked.json {
        print::json("score", json!({ "score": a.score, "changed": a.changed }))?;
    } else {
        score_text(&a);
    }
    Ok(0)
}

pub(super) fn score_text(a: &Assessment) {
    let s = &a.score;
    let provisional = if s.provisional { " (provisional)" } else { "" };
    print::line(format!(
        "Readiness: {}{provisional}. Proven {}, possible {}, coverage {} ({}).",
        s.label.word(),
        print::points(s.proven),
        print::points(s.possible),
        print::percent(s.coverage),
        s.confidence
    ));
    for gate in &s.gates {
        let state = if gate.open { "open" } else { "closed" };
        print::line(format!("  {} {state}: {}", gate.id, gate.because));
    }
    let rows: Vec<Vec<String>> = s
        .domains
        .iter()
        .map(|d| {
            let number = |x: Option<f64>| x.map_or_else(|| "–".into(), print::points);
            vec![
                d.id.clone(),
                number(d.proven),
                number(d.possible),
                d.coverage.map_or("–".into(), print::percent),
                d.status.replace('_', " "),
            ]
        })
        .collect();
    print::table(&["domain", "proven", "possible", "coverage", ""], &rows);
}

pub(super) async fn capacity(asked: &Asked) -> Ended {
    let a = asked.assessment().await?;
    if asked.json {
        print::json("capacity", json!({ "capacity": json::capacity(&a.capacity)? }))?;
    } else {
        capacity_text(&a, usize::MAX);
    }
    Ok(0)
}

pub(super) fn capacity_text(a: &Assessment, most: usize) {
    let scenario = a.capacity.first_limit.as_ref().map_or("measured", |f| f.scenario.as_str());
    let rows: Vec<Vec<String>> = a
        .capacity
        .limits
        .iter()
        .filter(|l| l.scenario == scenario)
        .take(most)
        .map(|l| {
            vec![
                l.subject.name.clone(),
                l.resource.word().to_owned(),
                print::percent(l.utilisation),
                print::percent(l.limit),
                format!("{:.1}x ({:.1}–{:.1}x)", l.multiplier.p50, l.multiplier.p10, l.multiplier.p90),
                l.days.map_or_else(
                    || "not within 2 years".into(),
                    |d| format!("{} ({}–{})", print::days(d.p50), print::days(d.p10), print::days(d.p90)),
                ),
            ]
        })
        .collect();
    if rows.is_empty() {
        print::line("  no limit is measured; the true first limit is hidden");
    } else {
        print::table(&["what", "resource", "at peak", "line", "carries", "until then"], &rows);
    }
    for u in a.capacity.unmeasured.iter().take(most) {
        print::line(format!("  not measured: {} {}. {}", u.subject.name, u.resource.word(), u.closes));
    }
}

pub(super) async fn compare(words: &Compare, asked: &Asked) -> Ended {
    let a = asked.assessment().await?;
    let wanted = |c: &&Comparison| {
        words.item.as_deref().is_none_or(|i| c.item.as_ref().is_some_and(|x| x.as_str() == i))
            && words.deployment.as_deref().is_none_or(|d| c.deployment.as_deref() == Some(d))
    };
    let chosen: Vec<&Comparison> = a.comparisons.iter().filter(wanted).collect();
    if asked.json {
        print::json("comparisons", json!({ "comparisons": chosen }))?;
    } else {
        compare_text(&chosen);
    }
    Ok(0)
}

pub(super) fn compare_text(comparisons: &[&Comparison]) {
    if comparisons.is_empty() {
        print::line("  nothing to compare yet: finish a roadmap item or record a deployment");
    }
    for c in comparisons {
        print::line(format!("  {} [{}] {}: {}", c.title, c.metric, c.verdict.word(), c.sentence));
    }
}

pub(super) async fn gaps(asked: &Asked) -> Ended {
    let a = asked.assessment().await?;
    if asked.json {
        print::json("gaps", json!({ "gaps": a.gaps }))?;
        return Ok(0);
    }
    let rows: Vec<Vec<String>> = a
        .gaps
        .iter()
        .map(|g| {
            let account = g.account.as_ref().map_or_else(|| "–".into(), ToString::to_string);
            vec![
                account,
                g.scope.clone(),
                g.reason.word().to_owned(),
                format!("{}. {}", g.detail.trim_end_matches('.'), g.closes),
            ]
        })
        .collect();
    print::table(&["account", "scope", "why", "what, and what closes it"], &rows);
    Ok(0)
}
