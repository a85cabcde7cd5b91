//! Bands above every page: looking at the past, looking at old data, looking at part of the picture.

use super::as_of::{is_earlier, is_old};
use crate::components::Icon;
use crate::format;
use crate::state::{use_place, use_workspace};
use leptos::prelude::*;
use loadline_model::{AccountSummary, Gap, RuleInfo};
use loadline_wire::accounts::CollectStart;

/// Gaps named in the band; the rest is counted.
const NAMED: usize = 2;

/// The bands that apply.
#[component]
pub fn Bands() -> impl IntoView {
    let (workspace, place) = (use_workspace(), use_place());
    let dismissed = RwSignal::new(None::<loadline_model::SnapshotId>);
    move || {
        let state = workspace.get()?;
        let assessment = state.assessment.as_ref()?;
        let earlier = is_earlier(&state).then(|| {
            view! {
                <div class="band band--info" role="status" data-testid="band-earlier">
                    <Icon name="clock" />
                    <span class="grow">{format!("You are looking at {}.", format::date(assessment.as_of, &assessment.zone))}</span>
                    <button class="text-link" on:click=move |_| workspace.view_as_of(None)>"Back to the newest"</button>
                </div>
            }
        });
        let old = is_old(&state).then(|| {
            view! {
                <div class="band band--amber" role="status" data-testid="band-stale">
                    <Icon name="clock" />
                    <span class="grow">
                        {format!("Collected {}. What changed since is not on these pages.", format::relative(assessment.as_of, state.now))}
                    </span>
                    <button class="text-link" on:click=move |_| workspace.collect(CollectStart::default())>"Collect now"</button>
                </div>
            }
        });
        let snapshot = assessment.snapshot.clone();
        let hidden = dismissed.get().as_ref() == Some(&snapshot);
        let partial = (!assessment.gaps.is_empty() && !hidden).then(|| {
            view! {
                <div class="band band--amber" role="status" data-testid="band-partial">
                    <Icon name="warning" />
                    <span class="grow">{gap_sentence(&assessment.gaps, &assessment.accounts, &assessment.rules)}</span>
                    <button class="text-link" data-testid="show-gaps" on:click=move |_| place.go("/findings?severity=unknown")>"See what closes them"</button>
                    <button class="icon-button" aria-label="Hide until the next snapshot" on:click=move |_| dismissed.set(Some(snapshot.clone()))>
                        <Icon name="close" />
                    </button>
                </div>
            }
        });
        Some((earlier, old, partial))
    }
}

/// `Not read, so not proven: statistics on prod-db (permission denied), and 3 more.`
pub fn gap_sentence(gaps: &[Gap], accounts: &[AccountSummary], rules: &[RuleInfo]) -> String {
    let name = |gap: &Gap| {
        let account =
            gap.account.as_ref().and_then(|id| accounts.iter().find(|a| a.id == *id)).map(|a| a.name.as_str());
        let place = account.filter(|name| *name != gap.scope).map(|name| format!(" on {name}")).unwrap_or_default();
        // A gap that a rule found is named by what the rule looks for.
        let rule = rules.iter().find(|r| r.id.as_str() == gap.scope);
        let what = rule.map_or_else(|| gap.scope.clone(), |r| format!("“{}”", r.title));
        format!("{what}{place} ({})", gap.reason.word())
    };
    // One rule can miss the same thing on many subjects: it is named once.
    let mut named: Vec<String> = Vec::new();
    for gap in gaps {
        let name = name(gap);
        if !named.contains(&name) {
            named.push(name);
        }
    }
    let all = named.len();
    named.truncate(NAMED);
    let more = match all - named.len() {
        0 => String::new(),
        n => format!(", and {n} more"),
    };
    format!("Not read, so not proven: {}{more}.", named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::GapReason;

    #[test]
    fn the_band_names_gaps_and_counts_the_rest() {
        let gap = |scope: &str| Gap {
            account: Some("pg".into()),
            scope: scope.into(),
            reason: GapReason::PermissionDenied,
            detail: String::new(),
            closes: String::new(),
            hides: Vec::new(),
            subject: None,
        };
        let account = AccountSummary {
            id: "pg".into(),
            provider: "postgres".into(),
            name: "prod-db".into(),
            connected: true,
            collected_at: None,
        };
        let sentence = gap_sentence(&[gap("statistics"), gap("replication"), gap("settings")], &[account], &[]);
        assert_eq!(
            sentence,
            "Not read, so not proven: statistics on prod-db (permission denied), replication on prod-db (permission denied), and 1 more."
        );
    }
}
