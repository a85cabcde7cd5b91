//! The age of what is on show, and the way to earlier snapshots.

use crate::components::Icon;
use crate::format;
use crate::state::use_workspace;
use leptos::prelude::*;
use loadline_wire::workspace::{SnapshotRow, WorkspaceState};

/// Days after which a snapshot is called old: the weekly review would look at last week's.
pub const OLD_AFTER_DAYS: f64 = 7.0;

/// The picker.
#[component]
pub fn AsOf() -> impl IntoView {
    let workspace = use_workspace();
    let open = RwSignal::new(false);
    let closes = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "Escape" && open.get_untracked() {
            event.prevent_default();
            open.set(false);
        }
    });
    on_cleanup(move || closes.remove());
    move || {
        let state = workspace.get()?;
        let assessment = state.assessment.as_ref()?;
        let old = is_old(&state);
        let zone = assessment.zone.clone();
        let text =
            format!("{}, {}", format::date(assessment.as_of, &zone), format::relative(assessment.as_of, state.now));
        let (current, snapshots) = (assessment.snapshot.clone(), state.snapshots.clone());
        Some(view! {
            <div class="as-of">
                <button class="as-of__button" class:as-of__button--old=old data-testid="as-of" aria-haspopup="listbox"
                    aria-expanded=move || open.get().to_string() title=format::moment(assessment.as_of, &zone)
                    on:click=move |_| open.update(|o| *o = !*o)>
                    <Icon name="clock" />
                    <span class="truncate">{text}</span>
                    <Icon name="chevron" />
                </button>
                {move || {
                    let (current, zone) = (current.clone(), zone.clone());
                    let newest = snapshots.last().map(|row| row.id.clone());
                    open.get()
                        .then(|| {
                            let rows = snapshots
                                .iter()
                                .rev()
                                .map(|row| {
                                    let (id, is_newest) = (row.id.clone(), Some(&row.id) == newest.as_ref());
                                    let choose = move |_| {
                                        open.set(false);
                                        workspace.view_as_of((!is_newest).then(|| id.clone()));
                                    };
                                    view! { <SnapshotItem row=row.clone() chosen=row.id == current zone=zone.clone() on_choose=choose /> }
                                })
                                .collect_view();
                            view! {
                                <div class="menu-scrim" on:click=move |_| open.set(false)></div>
                                <div class="menu menu--wide" role="listbox" aria-label="Snapshots">{rows}</div>
                            }
                        })
                }}
            </div>
        })
    }
}

#[component]
fn SnapshotItem(
    row: SnapshotRow,
    chosen: bool,
    zone: String,
    on_choose: impl Fn(web_sys::MouseEvent) + 'static,
) -> impl IntoView {
    view! {
        <button class="menu__item" role="option" aria-selected=chosen.to_string() data-testid="snapshot" on:click=on_choose>
            <span class="menu__check">{chosen.then(|| view! { <Icon name="check" /> })}</span>
            <span class="grow">{format::date(row.taken_at, &zone)}</span>
            {row.name.map(|name| view! { <span class="faint">{name}</span> })}
        </button>
    }
}

/// The snapshot on show is the newest one and still old.
pub fn is_old(state: &WorkspaceState) -> bool {
    let Some(assessment) = &state.assessment else { return false };
    !is_earlier(state) && !state.demo && state.now.days_since(assessment.as_of) > OLD_AFTER_DAYS
}

/// The reader looks at an earlier snapshot on purpose.
pub fn is_earlier(state: &WorkspaceState) -> bool {
    let newest = state.snapshots.last().map(|row| &row.id);
    state.assessment.as_ref().is_some_and(|a| newest.is_some_and(|id| *id != a.snapshot))
}
