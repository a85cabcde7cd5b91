//! The weekly review as Markdown: what changed and why, exceptions first, then decisions and what is next.

use loadline_model::{Assessment, Cause, Choice, Day, Decision, FindingState, MicroPoints, Verdict};
use std::fmt::Write as _;

/// Minutes of the week an assessment belongs to.
pub fn minutes(assessment: &Assessment, decisions: &[Decision]) -> String {
    let week = assessment.as_of.utc_day().iso_week();
    let mut text = format!("# Review {week}: {}\n\n", assessment.workspace);
    summary(&mut text, assessment);
    changes(&mut text, assessment);
    exceptions(&mut text, assessment);
    proofs(&mut text, assessment);
    next(&mut text, assessment);
    decided(&mut text, &week, decisions);
    text
}

fn summary(text: &mut String, a: &Assessment) {
    let s = &a.score;
    let provisional = if s.provisional { ", provisional" } else { "" };
    let _ = writeln!(
        text,
        "Readiness: proven {:.1}, possible {:.1}, coverage {:.0} %. Label: {}{provisional}.\n",
        s.proven,
        s.possible,
        s.coverage * 100.0,
        s.label.word()
    );
    for gate in s.gates.iter().filter(|g| !g.open) {
        let _ = writeln!(text, "- {} holds the label at {}: {}", gate.id, gate.caps_at.word(), gate.because);
    }
}

fn changes(text: &mut String, a: &Assessment) {
    text.push_str("\n## What changed and why\n\n");
    let Some(changed) = &a.changed else {
        text.push_str("There is no snapshot of the week before to compare with.\n");
        return;
    };
    let _ = writeln!(text, "{} points in all.\n", signed(MicroPoints(changed.to.0 - changed.from.0)));
    for line in changed.lines.iter().take(12) {
        let _ = writeln!(text, "- {} {}: {} on {}", signed(line.change), word(line.cause), line.rule, line.subject);
    }
    if changed.lines.len() > 12 {
        let rest: i64 = changed.lines.iter().skip(12).map(|l| l.change.0).sum();
        let _ = writeln!(text, "- {} in {} smaller lines", signed(MicroPoints(rest)), changed.lines.len() - 12);
    }
}

fn word(cause: Cause) -> &'static str {
    cause.word()
}

fn signed(points: MicroPoints) -> String {
    format!("{:+.2}", points.points())
}

fn exceptions(text: &mut String, a: &Assessment) {
    text.push_str("\n## Exceptions\n\n");
    let fresh = a
        .findings
        .iter()
        .filter(|f| matches!(f.state, FindingState::New | FindingState::Reopened) && f.result == "fail");
    let mut any = false;
    for finding in fresh.take(15) {
        any = true;
        let severity = finding.severity.map_or("", |s| s.word());
        let _ = writeln!(text, "- {severity}: {} ({})", finding.sentence, finding.rule);
    }
    for entry in a.resolved.iter().take(15) {
        any = true;
        let _ = writeln!(text, "- resolved: {} on {}", entry.rule, entry.subject.name);
    }
    if !any {
        text.push_str("Nothing new, reopened or resolved.\n");
    }
}

fn proofs(text: &mut String, a: &Assessment) {
    let told: Vec<_> = a.comparisons.iter().filter(|c| c.verdict != Verdict::InsufficientData).collect();
    if told.is_empty() {
        return;
    }
    text.push_str("\n## Did it work?\n\n");
    for c in told {
        let _ = writeln!(text, "- {}: {}. {}", c.title, c.verdict.word(), c.sentence);
    }
}

fn next(text: &mut String, a: &Assessment) {
    text.push_str("\n## Next sprint\n\n");
    let Some(sprint) = a.roadmap.sprints.first() else {
        let _ = writeln!(text, "{}", a.roadmap.why_empty.as_deref().unwrap_or("Nothing is planned."));
        return;
    };
    let _ = writeln!(text, "{} of {} half-days planned.\n", sprint.used_half_days, sprint.budget_half_days);
    for item in &sprint.items {
        let _ = writeln!(text, "- [ ] {} ({}–{} half-days)", item.title, item.half_days.low, item.half_days.high);
    }
}

fn decided(text: &mut String, week: &str, decisions: &[Decision]) {
    let monday = Day::parse_iso_week(week);
    let in_week = |d: &&Decision| monday.is_some_and(|m| d.at.utc_day().week_start() == m);
    let lines: Vec<String> =
        decisions.iter().filter(in_week).map(|d| format!("- {}: {}", d.author, said(&d.choice))).collect();
    if !lines.is_empty() {
        let _ = writeln!(text, "\n## Decided this week\n\n{}", lines.join("\n"));
    }
}

/// A decision in words, for logs and toasts.
pub fn said(choice: &Choice) -> String {
    match choice {
        Choice::Accept { fingerprint, owner, reason, until } => {
            format!("accepted {fingerprint} until {} (owner {owner}: {reason})", until.utc_day())
        }
        Choice::Unaccept { fingerprint } => format!("took the acceptance of {fingerprint} back"),
        Choice::Link { alias, canonical } => format!("{alias} is {canonical}"),
        Choice::Unlink { alias } => format!("{alias} is a thing of its own"),
        Choice::SetTier { subject, tier: Some(tier) } => format!("{subject} is {tier:?}"),
        Choice::SetTier { subject, tier: None } => format!("the tier of {subject} is derived again"),
        Choice::SetEnvironment { subject, environment: Some(e) } => {
            format!("{subject} is {}", format!("{e:?}").to_lowercase())
        }
        Choice::SetEnvironment { subject, environment: None } => format!("the environment of {subject} is read again"),
        Choice::SetManaged { subject, managed: Some(true) } => format!("a provider operates {subject}"),
        Choice::SetManaged { subject, managed: Some(false) } => format!("{subject} is self-hosted"),
        Choice::SetManaged { subject, managed: None } => format!("who operates {subject} is read again"),
        Choice::StateEdge { from, to, hard, stated: true } => {
            format!("{from} depends on {to} ({})", if *hard { "hard" } else { "soft" })
        }
        Choice::StateEdge { from, to, .. } => format!("{from} does not depend on {to}"),
        Choice::SetJourney { name, needs, .. } => format!("journey {name} needs {} things", needs.len()),
        Choice::RemoveJourney { id } => format!("journey {id} removed"),
        Choice::StartItem { item, .. } => format!("started {item}"),
        Choice::FinishItem { item, at, took_weeks: None } => format!("finished {item} on {}", at.utc_day()),
        Choice::FinishItem { item, at, took_weeks: Some(took) } => {
            format!("finished {item} on {}, which took {took} engineer-weeks", at.utc_day())
        }
        Choice::ReopenItem { item } => format!("reopened {item}"),
        Choice::PinItem { item, sprint: Some(sprint) } => format!("planned {item} into sprint {}", sprint + 1),
        Choice::PinItem { item, sprint: None } => format!("left the planning of {item} to the planner"),
        Choice::Answer { subject, key, item, value } => {
            let what = item.as_ref().map_or_else(|| key.clone(), |item| format!("{key} ({item})"));
            match value {
                Some(value) => format!("said of {subject}: {what} is {value}"),
                None => format!("took back what was said of {subject}: {what}"),
            }
        }
        Choice::SetPolicy { policy } => format!("changed the policy to version {}", policy.version),
        Choice::ReviewNote { text, owner, .. } => {
            format!("{text}{}", owner.as_ref().map(|o| format!(" (owner {o})")).unwrap_or_default())
        }
    }
}
