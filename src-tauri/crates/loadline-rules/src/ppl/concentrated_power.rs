//! Production power is concentrated.

use super::said::{numbers, said};
use crate::db::wording::percent;
use crate::verdict::Verdict;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::key::{self, RIGHTS};
use loadline_model::{
    ActorKind, CheckResult, Deployment, Escalation, Evidence, GapReason, Severity, deployments_by_subject, is_rehearsal,
};
use std::collections::BTreeMap;

pub(super) const RULE: Rule = Rule {
    id: "PPL-005",
    title: "Production power is concentrated",
    question: "Does only one person hold deploy, cloud, DNS or billing access?",
    why: "A right that one person holds is gone with that person, and with it deploys, restores, or the domain itself. S1 depended \
          on a sole owner.",
    condition: "Fewer than 2 active people hold a critical right, or one person made more than half of the production deployments of \
                90 days, or people share a root user",
    fix: &["a second holder with break-glass access", "a pipeline's identity deploys", "recovery codes in escrow"],
    effort_days: [0.25, 1.0],
    effort_source: "HD",
    weight: 2,
    severity: "high; critical for root, DNS or domain that nobody else can win back",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[
        Number { key: "holders", value: 2.0, unit: "count", source: "S1 (sole owner); HD" },
        Number { key: "share", value: 0.50, unit: "ratio", source: "HD" },
        Number { key: "days", value: 90.0, unit: "d", source: "HD" },
        Number { key: "deployments", value: 5.0, unit: "count", source: "HD (least sample)" },
    ],
    sources: &[
        ("github", "deployments with who began them"),
        ("aws", "CloudTrail, codedeploy: who began a deployment"),
        ("stated", "loadline answer access.holders, access.recoverable, access.root_shared"),
    ],
    proof_metric: "pipeline_deploy_share",
    proof: "rights with two holders, and the share of deployments made by a pipeline, rise",
    false_positives: "Too many administrators is another finding, of security.",
    unknown_when: "who holds the rights is not read or merely stated, or who began deployments is not recorded",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut verdict = Verdict::new();
    let mut rows = Vec::new();
    rights(subject, context, &mut rows, &mut verdict);
    for shared in said(key::ACCESS_ROOT_SHARED, context) {
        rows.push(Evidence::read("several people use a root user", shared.value.to_string(), shared.from));
        if shared.value.as_bool() == Some(true) {
            verdict.fault(Severity::High, "several people use one root user: nobody can tell who did what");
        }
    }
    deployers(subject, context, &mut rows, &mut verdict);
    verdict.answer(rows, "Two people or more hold every critical right, and no single person makes most deployments.")
}

/// Rights that too few people hold, and rights of which nobody says who holds them.
fn rights(subject: &Subject<'_>, context: &Context<'_>, rows: &mut Vec<Evidence>, verdict: &mut Verdict) {
    let holders = numbers(key::ACCESS_HOLDERS, context);
    let recoverable = said(key::ACCESS_RECOVERABLE, context);
    for (held, number) in &holders {
        let right = held.item.unwrap_or("production");
        rows.push(Evidence::read(format!("people who hold: {right}"), format!("{number:.0}"), held.from));
        if *number >= subject.number("holders") {
            continue;
        }
        let lost = recoverable.iter().find(|r| r.item == held.item && r.value.as_bool() == Some(false));
        if let Some(lost) = lost {
            rows.push(Evidence::read(format!("can be won back: {right}"), "no", lost.from));
        }
        let final_loss = lost.is_some() && ["root", "dns", "domain"].contains(&right);
        let who = if *number < 1.0 { "nobody active".to_owned() } else { "one person".to_owned() };
        verdict.fault(
            if final_loss { Severity::Critical } else { Severity::High },
            format!(
                "{who} holds the right `{right}`{}",
                if final_loss { ", and nobody else can win it back" } else { "" }
            ),
        );
    }
    let unseen: Vec<&str> =
        RIGHTS.into_iter().filter(|right| !holders.iter().any(|(h, _)| h.item == Some(*right))).collect();
    if !unseen.is_empty() {
        verdict.lacks(
            GapReason::NotConnected,
            format!("how many people hold these rights is not known: {}", unseen.join(", ")),
            "No connector reads identities yet. Answer: loadline answer access.holders 2 --item dns.",
        );
    }
    verdict.hidden_anywhere(subject, context, &["access."]);
}

/// Who began the production deployments of the window. People are counted and never named.
fn deployers(subject: &Subject<'_>, context: &Context<'_>, rows: &mut Vec<Evidence>, verdict: &mut Verdict) {
    let days = subject.number("days");
    let produces = |d: &Deployment| {
        let age = context.as_of.days_since(d.started_at);
        (0.0..=days).contains(&age) && !is_rehearsal(&d.environment)
    };
    let mut of_person: BTreeMap<String, usize> = BTreeMap::new();
    let (mut all, mut unseen, mut source) = (0_usize, 0_usize, None);
    for shipped in deployments_by_subject(context.facts).into_values().flatten().filter(|s| produces(&s.deployment)) {
        all += 1;
        source = source.max(Some((shipped.provenance.read_at, shipped.provenance)));
        match (shipped.deployment.actor_kind, shipped.deployment.actor) {
            (ActorKind::Pipeline, _) => {}
            (ActorKind::Person, Some(who)) => *of_person.entry(who).or_default() += 1,
            (ActorKind::Person | ActorKind::Unknown, _) => unseen += 1,
        }
    }
    if let Some((_, from)) = source {
        rows.push(Evidence::read("production deployments", format!("{all} in {days:.0} days"), from));
    }
    if (all as f64) < subject.number("deployments") {
        verdict.few("production deployments in 90 days", all, subject.number("deployments"));
        return;
    }
    let most = of_person.values().copied().max().unwrap_or(0);
    rows.push(Evidence::derived("people who began some of them", of_person.len().to_string()));
    rows.push(Evidence::derived("begun by the one who began most", format!("{most} of {all}")));
    let share = subject.number("share");
    if most as f64 / all as f64 > share {
        verdict.fault(
            Severity::High,
            format!(
                "one person began {} of the {all} production deployments of {days:.0} days",
                percent(most as f64 / all as f64)
            ),
        );
    } else if (most + unseen) as f64 / all as f64 > share {
        verdict.lacks(
            GapReason::NotConnected,
            format!("who began {unseen} of {all} production deployments is not recorded"),
            "Allow `cloudtrail:LookupEvents`, connect the pipeline, or import deployments with their actor.",
        );
    }
    // A service without a deployment on record may be the one that one person ships by hand.
    verdict.hidden_anywhere(subject, context, &["deployment"]);
}

#[cfg(test)]
#[path = "concentrated_power_tests.rs"]
mod tests;
