//! The sections of the drawer, top to bottom.

use super::super::{CodeBlock, Icon, Mark, Sentence, Status, When};
use super::view::{self, Plan};
use crate::format;
use crate::state::overlay::Shown;
use crate::state::{use_overlay, use_workspace};
use leptos::prelude::*;
use loadline_model::{Assessment, Choice, Finding, ItemId, RuleInfo};

/// Add to the roadmap, or accept with a reason.
pub fn decide(assessment: &Assessment, finding: &Finding) -> impl IntoView + use<> {
    let (workspace, overlay) = (use_workspace(), use_overlay());
    let (plan, item) = view::plan(assessment, finding);
    let item =
        item.map(|item| (item.id.clone(), item.pinned_sprint)).or_else(|| finding.item.clone().map(|id| (id, None)));
    let fingerprint = finding.fingerprint.clone();
    let sprints = assessment.roadmap.sprints.len().max(1);
    let risk = match &finding.acceptance {
        Some(acceptance) => {
            let take_back = move |_| workspace.decide(vec![Choice::Unaccept { fingerprint: fingerprint.clone() }]);
            view! {
                <div class="accepted">
                    <p>
                        <strong>{format!("Accepted by {}", acceptance.owner)}</strong>
                        {format!(" until {}: {}", format::date(acceptance.until, &assessment.zone), acceptance.reason)}
                    </p>
                    <button class="text-link" data-testid="unaccept" on:click=take_back>"Take back"</button>
                </div>
            }
            .into_any()
        }
        None => {
            let open = move |_| overlay.open(Shown::Accept(vec![fingerprint.clone()]));
            view! { <button class="button" data-testid="accept" on:click=open>"Accept with reason…"</button> }
                .into_any()
        }
    };
    let planned = item.map(|(item, pinned)| pin(item, pinned, &plan, sprints));
    view! { <div class="evidence__actions">{planned} {risk}</div> }
}

/// Chooses a sprint by hand, or leaves it to the planner.
fn pin(item: ItemId, pinned: Option<u32>, plan: &Plan, sprints: usize) -> impl IntoView + use<> {
    let workspace = use_workspace();
    let unplanned = match plan {
        Plan::Sprint { number, .. } => format!("Planned: sprint {number}"),
        Plan::LeftOut { .. } => "Add to roadmap…".to_owned(),
        other => other.word(),
    };
    let choose = move |event: web_sys::Event| {
        let sprint = event_target_value(&event).parse::<u32>().ok();
        workspace.decide(vec![Choice::PinItem { item: item.clone(), sprint }]);
    };
    view! {
        <label class="select">
            <span class="sr-only">"Sprint"</span>
            <select data-testid="add-to-roadmap" on:change=choose>
                <option value="" selected=pinned.is_none()>{unplanned}</option>
                {(0..sprints)
                    .map(|sprint| {
                        let chosen = pinned == u32::try_from(sprint).ok();
                        view! { <option value=sprint.to_string() selected=chosen>{format!("Pin to sprint {}", sprint + 1)}</option> }
                    })
                    .collect_view()}
                {pinned.map(|_| view! { <option value="planner">"Let the planner decide"</option> })}
            </select>
            <Icon name="chevron" />
        </label>
    }
}

/// The numbers people compare.
pub fn numbers(assessment: &Assessment, finding: &Finding) -> impl IntoView + use<> {
    let (plan, item) = view::plan(assessment, finding);
    let radius = view::blast_radius(assessment, finding).map_or_else(|| "not proven".into(), format::percent);
    let hours = view::hours(assessment, finding);
    let points = format::points(finding.points_lost_micro as f64 / 1e6);
    let cells = [
        ("Journeys stopped", radius, String::new()),
        (
            "Hours a year",
            hours.map_or_else(|| "–".into(), |h| format::hours(h.p50)),
            hours.map(|h| format::hours_interval(&h)).unwrap_or_default(),
        ),
        ("Points lost", points, "Of the proven score".into()),
        ("Effort", view::effort(item, assessment.rule(&finding.rule)), String::new()),
        ("Plan", plan.word(), if let Plan::LeftOut { costs } = &plan { costs.clone() } else { String::new() }),
    ];
    view! {
        <dl class="numbers">
            {cells
                .into_iter()
                .map(|(label, value, hint)| view! { <div title=hint><dt>{label}</dt><dd class="num">{value}</dd></div> })
                .collect_view()}
        </dl>
    }
}

/// What is missing and which permission closes it.
pub fn gap(finding: &Finding) -> Option<impl IntoView + use<>> {
    let gap = finding.gap.clone()?;
    Some(view! {
        <section class="closes" data-testid="closes">
            <h3><Mark status=Status::Unknown />{format!("Not proven: {}", gap.reason.word())}</h3>
            <p><Sentence text=gap.detail /></p>
            {(!gap.closes.is_empty())
                .then(|| view! { <p class="small muted">"What closes it"</p><CodeBlock text=gap.closes /> })}
        </section>
    })
}

/// Evidence rows with source and time.
pub fn rows(assessment: &Assessment, finding: &Finding) -> Option<impl IntoView + use<>> {
    if finding.evidence.is_empty() {
        return None;
    }
    let account_name = |id: &loadline_model::AccountId| {
        assessment.accounts.iter().find(|a| a.id == *id).map_or_else(|| id.to_string(), |a| a.name.clone())
    };
    let rows = finding
        .evidence
        .iter()
        .map(|row| {
            let basis = row.basis.map(|basis| format!("{basis:?}").to_lowercase());
            let source = [row.account.as_ref().map(account_name), basis].into_iter().flatten().collect::<Vec<_>>().join(", ");
            view! {
                <li class="evidence__row">
                    <span class="muted">{row.label.clone()}</span>
                    <span class="evidence__value num">{row.value.clone()}</span>
                    <span class="small faint evidence__source">
                        {row.source.clone().map(|call| view! { <code class="truncate" title=call.clone()>{call.clone()}</code> })}
                        {if source.is_empty() && row.source.is_none() { "derived".to_owned() } else { source }}
                        {row.read_at.map(|at| view! { ", " <When at /> })}
                    </span>
                </li>
            }
        })
        .collect_view();
    Some(view! { <section class="evidence__section"><h3>"Evidence"</h3><ul>{rows}</ul></section> })
}

/// The fix in steps, the concrete remedy and what will prove it.
pub fn fix(assessment: &Assessment, finding: &Finding, rule: Option<&RuleInfo>) -> Option<impl IntoView + use<>> {
    let (_, item) = view::plan(assessment, finding);
    let steps =
        item.map(|item| item.steps.clone()).filter(|s| !s.is_empty()).or_else(|| rule.map(|rule| rule.fix.clone()))?;
    let (metric, proof) = item
        .map(|item| (item.proof_metric.clone(), item.proof.clone()))
        .or_else(|| rule.map(|rule| (rule.proof_metric.clone(), rule.proof.clone())))?;
    Some(view! {
        <section class="evidence__section">
            <h3>"Fix"</h3>
            <ol class="steps">{steps.into_iter().map(|step| view! { <li><span><Sentence text=step /></span></li> }).collect_view()}</ol>
            {finding.remedy.clone().map(|text| view! { <CodeBlock text /> })}
            {(!proof.is_empty())
                .then(|| view! { <p class="proof"><span class="faint">"Proof "</span>{proof} " " <code class="faint">{metric}</code></p> })}
        </section>
    })
}

/// Why it matters and why it is this severe.
pub fn why(finding: &Finding, rule: Option<&RuleInfo>) -> Option<impl IntoView + use<>> {
    let rule = rule?.clone();
    let escalation = finding.escalation.clone();
    Some(view! {
        <section class="evidence__section">
            <h3>"Why it matters"</h3>
            <p class="muted"><Sentence text=rule.why /></p>
            {escalation.into_iter().map(|reason| view! { <p class="muted"><Sentence text=reason /></p> }).collect_view()}
            <p class="small faint">{format!("Fails when {}", rule.condition)}</p>
            {(!rule.false_positives.is_empty()).then(|| view! { <p class="small faint">{format!("Not a problem when {}", rule.false_positives)}</p> })}
        </section>
    })
}

/// The finding's life, newest first.
pub fn history(finding: &Finding) -> impl IntoView + use<> {
    let first_seen = finding.first_seen;
    let events = finding
        .life
        .iter()
        .rev()
        .map(|event| {
            let status = if event.result == "pass" { Status::Pass } else { Status::of_severity(event.severity) };
            view! { <li><Mark status /><span class="grow">{view::state_word(event.state)}</span><span class="faint"><When at=event.at /></span></li> }
        })
        .collect_view();
    view! {
        <section class="evidence__section">
            <h3>"History"</h3>
            <ul class="life">{events}</ul>
            <p class="small faint">"First seen " <When at=first_seen /></p>
        </section>
    }
}
