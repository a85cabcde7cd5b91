//! Which days every chart of the page shows: one choice, kept in the route and remembered by the window.

use crate::components::tabs::focus;
use crate::format;
use crate::state::theme::storage;
use leptos::prelude::*;
use loadline_model::{Assessment, DAY_MS, Day};

/// Where the choice is remembered.
const KEY: &str = "loadline.range";
/// A broken source may hold a day of long ago; nothing is drawn farther back than this, in days.
const FARTHEST: i32 = 4_000;

/// How much history is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Range {
    /// So many days up to the newest.
    Days(i32),
    /// All that is held.
    All,
}

impl Range {
    /// Every range: code in the route and word.
    pub const ALL: [(&str, &str, Range); 5] = [
        ("7d", "7 days", Range::Days(7)),
        ("14d", "14 days", Range::Days(14)),
        ("28d", "28 days", Range::Days(28)),
        ("90d", "90 days", Range::Days(90)),
        ("all", "All", Range::All),
    ];

    /// The range of a code; what is not known is refused.
    pub fn of(code: Option<&str>) -> Option<Self> {
        Self::ALL.iter().find(|(c, ..)| Some(*c) == code).map(|(.., range)| *range)
    }
    /// Its code.
    pub fn code(self) -> &'static str {
        Self::ALL.iter().find(|(.., range)| *range == self).map_or("90d", |(code, ..)| code)
    }
    /// The one that a key leads to, round the ends.
    pub fn beside(self, by: usize) -> Self {
        let at = Self::ALL.iter().position(|(.., range)| *range == self).unwrap_or(0);
        Self::ALL.get((at + by) % Self::ALL.len()).map_or(self, |(.., range)| *range)
    }
    /// What the window remembers; 90 days before anything was chosen.
    pub fn remembered() -> Self {
        let code = storage().and_then(|s| s.get_item(KEY).ok().flatten());
        Self::of(code.as_deref()).unwrap_or(Range::Days(90))
    }
    /// Remembers it; a web view without storage forgets it with the page.
    pub fn remember(self) {
        if let Some(storage) = storage() {
            let _ = storage.set_item(KEY, self.code());
        }
    }
}

/// The days on show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub range: Range,
    /// The newest local day, measured or not.
    pub last: Day,
}

impl Shown {
    /// The range up to the day of an assessment.
    pub fn of(assessment: &Assessment, range: Range) -> Self {
        Self { range, last: newest(assessment) }
    }
    /// First day on show of something that is held since `oldest`.
    pub fn first(self, oldest: Day) -> Day {
        let first = match self.range {
            Range::Days(days) => Day(self.last.0 - (days - 1)),
            Range::All => oldest.min(self.last),
        };
        first.max(Day(self.last.0 - FARTHEST))
    }
    /// Every day on show, measured or not.
    pub fn days(self, oldest: Day) -> impl Iterator<Item = Day> {
        (self.first(oldest).0..=self.last.0).map(Day)
    }
    /// True when a moment, in milliseconds UTC, lies on a day on show of something held since `oldest`.
    pub fn holds(self, oldest: Day, at: i64) -> bool {
        (self.first(oldest).utc_start().0..self.last.utc_start().0 + DAY_MS).contains(&at)
    }
    /// What is on show, in words: `20 Oct 2026 – 16 Nov 2026, 28 days`.
    pub fn label(self, oldest: Day) -> String {
        let first = self.first(oldest);
        let days = usize::try_from(self.last.0 - first.0 + 1).unwrap_or_default();
        let date = |day: Day| format::date(day.utc_start(), "UTC");
        format!("{} – {}, {}", date(first), date(self.last), format::count(days, "day", "days"))
    }
}

/// The local day of an assessment. The window knows no zones: the days that were measured tell whether the workspace is a
/// day ahead of UTC or behind it.
fn newest(assessment: &Assessment) -> Day {
    let utc = assessment.as_of.utc_day();
    let seen = assessment.trends.latency.iter().filter_map(|t| t.days.last()).map(|d| d.day).max();
    seen.filter(|day| (day.0 - utc.0).abs() <= 1).unwrap_or(utc)
}

/// The oldest day that any latency series holds.
pub fn oldest(assessment: &Assessment) -> Option<Day> {
    assessment.trends.latency.iter().filter_map(|t| t.days.first()).map(|d| d.day).min()
}

/// The picker: one tab stop, arrows move, and a line that says what is on show.
#[component]
pub fn Picker(
    shown: Memo<Shown>,
    /// What is on show, in words.
    #[prop(into)]
    label: Signal<String>,
    #[prop(into)] on_choose: Callback<Range>,
) -> impl IntoView {
    let step = move |event: web_sys::KeyboardEvent| {
        let now = shown.get_untracked().range;
        let last = Range::ALL.len() - 1;
        let next = match event.key().as_str() {
            "ArrowRight" | "ArrowDown" => now.beside(1),
            "ArrowLeft" | "ArrowUp" => now.beside(last),
            "Home" => Range::Days(7),
            "End" => Range::All,
            _ => return,
        };
        event.prevent_default();
        on_choose.run(next);
        if let Some(button) = document().get_element_by_id(&format!("range-{}", next.code())) {
            focus(&button);
        }
    };
    let buttons = Range::ALL.map(|(code, word, range)| {
        let chosen = move || shown.get().range == range;
        view! {
            <button id=format!("range-{code}") class="segment" role="radio" data-testid=format!("range-{code}")
                aria-checked=move || chosen().to_string() tabindex=move || if chosen() { "0" } else { "-1" }
                on:click=move |_| on_choose.run(range)>{word}</button>
        }
    });
    view! {
        <div class="range">
            <div class="segments" role="radiogroup" aria-label="Days that every chart of this page shows" on:keydown=step>
                {buttons.collect_view()}
            </div>
            <p class="small faint num" role="status" data-testid="range-shown">{label}</p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(range: Range) -> Shown {
        Shown { range, last: Day(20_100) }
    }

    #[test]
    fn a_range_counts_back_from_the_newest_day_measured_or_not() {
        let check = |range: Range, oldest: i32, first: i32, days: usize| {
            let shown = shown(range);
            assert_eq!(shown.first(Day(oldest)), Day(first), "{range:?}");
            assert_eq!(shown.days(Day(oldest)).count(), days, "{range:?}");
        };
        check(Range::Days(7), 20_000, 20_094, 7);
        check(Range::Days(28), 20_099, 20_073, 28);
        check(Range::All, 20_000, 20_000, 101);
        check(Range::All, 20_200, 20_100, 1);
        check(Range::All, i32::MIN, 20_100 - FARTHEST, 4_001);
    }

    #[test]
    fn a_moment_of_the_newest_day_is_on_show() {
        let shown = shown(Range::Days(7));
        let at = |day: i32, ms: i64| shown.holds(Day(0), Day(day).utc_start().0 + ms);
        assert!(at(20_100, DAY_MS - 1) && at(20_094, 0));
        assert!(!at(20_101, 0) && !at(20_093, DAY_MS - 1));
    }

    #[test]
    fn codes_are_read_back_and_keys_go_round() {
        for (code, _, range) in Range::ALL {
            assert_eq!((Range::of(Some(code)), range.code()), (Some(range), code));
        }
        assert_eq!((Range::of(Some("nonsense")), Range::of(None)), (None, None));
        assert_eq!(Range::All.beside(1), Range::Days(7));
        assert_eq!(Range::Days(7).beside(Range::ALL.len() - 1), Range::All);
    }

    #[test]
    fn the_line_says_which_days() {
        assert_eq!(shown(Range::Days(7)).label(Day(0)), "2025-01-06 – 2025-01-12, 7 days");
    }
}
