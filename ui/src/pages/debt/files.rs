//! Files: a map whose areas are lines and whose colour is where work costs most, or who knows it; and the same as a table.

use super::Shared;
use super::treemap::Rect;
use super::view::{self, Block, Colour};
use crate::components::table::{VirtualTable, row_id};
use crate::format;
use leptos::prelude::*;
use loadline_model::CodeStat;

const ROW: f64 = 36.0;
const SHOWN: usize = 9;
const GRID: &str = "files";

/// The panel.
#[component]
pub fn Panel(shared: Shared) -> impl IntoView {
    let place = shared.place;
    let colour = Memo::new(move |_| Colour::of(place.get("colour").as_deref()));
    let below = Memo::new(move |_| {
        let said = place.get("below").map(|path| path.trim_matches('/').to_owned());
        said.unwrap_or_else(|| shared.with(|r| view::first_branch(&r.files)).unwrap_or_default())
    });
    let blocks = Memo::new(move |_| shared.with(|r| view::blocks(&r.files, &below.get())).unwrap_or_default());
    let meanings = Colour::ALL.map(|(code, word, one)| {
        view! {
            <button class="segment" aria-pressed=move || (colour.get() == one).to_string() data-testid=format!("colour-{code}")
                on:click=move |_| place.set(&[("colour", Some(code.to_owned()))])>{word}</button>
        }
    });
    let trail = move || {
        let steps = view::trail(&below.get());
        let last = steps.len();
        let step = move |(i, (path, name)): (usize, (String, String))| {
            view! {
                <span class="faint">"/"</span>
                <button class="text-link" disabled=i + 1 == last on:click=move |_| place.set(&[("below", Some(path.clone()))])>{name}</button>
            }
        };
        steps.into_iter().enumerate().map(step).collect_view()
    };
    let any = Memo::new(move |_| shared.with(|r| !r.files.is_empty()).unwrap_or(false));
    view! {
        <header class="panel__head">
            <h2>"Files"</h2>
            <span class="small faint">{move || if colour.get() == Colour::Hotspot { "area: lines · colour: how often it changes times how complex it is" } else { "area: lines · colour: how many active people know it" }}</span>
            <span class="grow"></span>
            <div class="segments" role="group" aria-label="Colour">{meanings.collect_view()}</div>
        </header>
        <Show when=move || any.get() fallback=|| view! { <p class="panel__body muted">"No file was measured: the repository holds none in a language that Loadline reads."</p> }>
            <nav class="tree__trail" aria-label="Folder" data-testid="tree-trail">
                <button class="text-link" on:click=move |_| place.set(&[("below", Some("/".into()))])>"All"</button>
                {trail}
            </nav>
            <div class="tree" role="group" aria-label="Map of files" data-testid="treemap">
                {move || blocks.get().into_iter().map(|b| block(shared, colour.get(), b)).collect_view()}
            </div>
            <Legend colour />
            <Files shared below />
        </Show>
    }
}

#[component]
fn Legend(colour: Memo<Colour>) -> impl IntoView {
    let entry = |(strength, meaning): (usize, &'static str)| {
        (!meaning.is_empty()).then(|| view! { <li><i class=format!("tile tile--{strength}")></i>{meaning}</li> })
    };
    view! {
        <ul class="tree__legend" aria-label="Meaning of the colours">
            {move || colour.get().meaning().into_iter().enumerate().map(entry).collect_view()}
            <li><i class="tile tile--unknown hatched"></i>"not known"</li>
        </ul>
    }
}

fn style(r: Rect) -> String {
    let [x, y, width, height] = [r.x, r.y, r.width, r.height].map(|share| share * 100.0);
    format!("left:{x:.3}%;top:{y:.3}%;width:{width:.3}%;height:{height:.3}%")
}

fn block(shared: Shared, colour: Colour, block: Block) -> impl IntoView {
    let place = shared.place;
    let leaves = block.leaves.iter().filter_map(|leaf| {
        let roomy = block.folder && leaf.rect.width > 0.07 && leaf.rect.height > 0.05;
        let name = |f: &CodeStat| roomy.then(|| f.path.rsplit('/').next().unwrap_or(&f.path).to_owned());
        let (strength, about, name) =
            shared.with(|r| r.files.get(leaf.at).map(|f| (colour.strength(f), view::about(f), name(f))))??;
        let class = strength.map_or_else(|| "tile tile--unknown hatched".to_owned(), |s| format!("tile tile--{s}"));
        let name = name.map(|name| view! { <span class="tile__name truncate">{name}</span> });
        Some(view! { <i class=class style=style(leaf.rect) title=about>{name}</i> })
    });
    let leaves = leaves.collect_view();
    let (path, folder) = (block.path.clone(), block.folder);
    let press = move |_| {
        let key = if folder { "below" } else { "file" };
        place.set(&[(key, Some(path.clone()))]);
    };
    let named = block.rect.width > 0.05 && block.rect.height > 0.06;
    let said = format!("{}, {}", block.path, format::count(block.lines as usize, "line", "lines"));
    view! {
        {leaves}
        <button class="tree__block" class:tree__block--folder=folder style=style(block.rect) title=said.clone() aria-label=said data-testid="tree-block" on:click=press>
            {named.then(|| view! { <span class="truncate">{block.name.clone()}</span> })}
        </button>
    }
}

#[component]
fn Files(shared: Shared, below: Memo<String>) -> impl IntoView {
    let place = shared.place;
    let rows = Memo::new(move |_| {
        let below = below.get();
        let inside = |f: &CodeStat| below.is_empty() || f.path.starts_with(&format!("{below}/"));
        shared
            .with(|r| r.files.iter().enumerate().filter(|(_, f)| inside(f)).map(|(at, _)| at).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let count = Signal::derive(move || rows.with(Vec::len));
    let active = Memo::new(move |_| {
        let wanted = place.get("file")?;
        rows.with(|rows| {
            shared.with(|r| rows.iter().position(|at| r.files.get(*at).is_some_and(|f| f.path == wanted)))
        })?
    });
    let on_move = move |index: usize| {
        let at = rows.with_untracked(|rows| rows.get(index).copied());
        let path = at.and_then(|at| untrack(|| shared.with(|r| r.files.get(at).map(|f| f.path.clone()))).flatten());
        if let Some(path) = path {
            place.replace(&[("file", Some(path))]);
        }
    };
    let height = move || format!("{}px", (count.get().clamp(2, SHOWN) + 1) as f64 * ROW);
    let render = move |index: usize| row(shared, rows, active, index);
    view! {
        <div class="statements__table" style:height=height>
            <VirtualTable label="Files" rows=count row_height=ROW active=active head=head() render=render grid=GRID on_move=on_move />
        </div>
    }
}

fn head() -> AnyView {
    view! {
        <div class="files__row files__row--head">
            <span role="columnheader">"File"</span>
            <span role="columnheader" class="right" title="Rank of churn times rank of complexity, 0–1">"Hotspot"</span>
            <span role="columnheader" class="right">"Lines"</span>
            <span role="columnheader" class="right" title="Cognitive complexity">"Complexity"</span>
            <span role="columnheader" class="right" title="Commits of 12 months">"Changes"</span>
            <span role="columnheader" class="right" title="Share of the changes that repair something">"Repairs"</span>
            <span role="columnheader" class="right" title="Complexity a month over the last year, where it is more than chance">"Trend"</span>
            <span role="columnheader" class="right" title="Active people who know it">"People"</span>
        </div>
    }
    .into_any()
}

fn row(shared: Shared, rows: Memo<Vec<usize>>, active: Memo<Option<usize>>, index: usize) -> AnyView {
    let Some(at) = rows.with(|rows| rows.get(index).copied()) else { return ().into_any() };
    let Some(Some(file)) = shared.with(|r| r.files.get(at).cloned()) else { return ().into_any() };
    let place = shared.place;
    let path = file.path.clone();
    let is_active = Memo::new(move |_| active.get() == Some(index));
    view! {
        <div class="files__row" role="row" id=row_id(GRID, index) aria-rowindex=(index + 2).to_string() aria-selected=move || is_active.get().to_string()
            class:statements__row--active=move || is_active.get() data-testid="file" on:click=move |_| place.replace(&[("file", Some(path.clone()))])>
            {cells(&file)}
        </div>
    }
    .into_any()
}

fn cells(f: &CodeStat) -> impl IntoView + use<> {
    let known = |value: Option<String>| value.unwrap_or_else(|| "–".to_owned());
    let whole = |n: Option<f64>| known(n.map(|n| format::whole(n as u64)));
    let repairs = f.fixes.zip(f.churn).filter(|(_, c)| *c > 0.0).map(|(fixes, churn)| format::percent(fixes / churn));
    let trend = f.trend.map(|t| format!("{}{}", if t > 0.0 { "+" } else { "\u{2212}" }, format::number(t.abs(), 1)));
    view! {
        <span role="gridcell" class="truncate"><code title=f.path.clone()>{f.path.clone()}</code></span>
        <span role="gridcell" class="num right" class:statements__waste=f.hotspot.is_some_and(|h| h >= 0.5)>{known(f.hotspot.map(|h| format::number(h, 2)))}</span>
        <span role="gridcell" class="num right">{format::whole(f.lines as u64)}</span>
        <span role="gridcell" class="num right">{whole(f.complexity)}</span>
        <span role="gridcell" class="num right">{whole(f.churn)}</span>
        <span role="gridcell" class="num right">{known(repairs)}</span>
        <span role="gridcell" class="num right" class:trend--worse=f.trend.is_some_and(|t| t > 0.0)>{known(trend)}</span>
        <span role="gridcell" class="num right" class:statements__waste=f.owners == Some(0)>{known(f.owners.map(|n| n.to_string()))}</span>
    }
}
