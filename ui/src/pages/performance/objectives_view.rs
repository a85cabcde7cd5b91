//! What the objectives section says: pure.

use super::objectives::EVER;
use super::range::Shown;
use crate::components::Status;
use crate::format;
use loadline_model::performance::{BudgetState, Burn, BurnState, IncidentRow, Objective, Promises};
use loadline_model::{DAY_MS, SubjectId, Timestamp};

/// Shares of the bar, 0–1, which add up to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// Proven to be left.
    pub left: f64,
    /// Left or not.
    pub unknown: f64,
    /// Spent.
    pub spent: f64,
    /// The same for those who do not see it.
    pub words: String,
}

/// The bar of an objective's error budget. What was not measured is hatched: it may have been spent.
pub fn bar(o: &Objective) -> Bar {
    let share = |left: f64| left.clamp(0.0, 1.0);
    let (left, unknown) = match (o.state, &o.budget, o.told) {
        (BudgetState::Overspent, ..) => (0.0, 0.0),
        (BudgetState::Kept, Some(own), None) => (share(own.left_at_most), 0.0),
        (BudgetState::Kept, own, Some(told)) => {
            let most = own.as_ref().map_or(told, |own| own.left_at_most.max(told));
            (share(told), share(most) - share(told))
        }
        (_, Some(own), told) => (0.0, share(told.unwrap_or(0.0).max(own.left_at_most))),
        (_, None, _) => (0.0, 1.0),
    };
    let spent = (1.0 - left - unknown).max(0.0);
    let words = match o.state {
        BudgetState::Overspent => "The error budget is spent.".to_owned(),
        BudgetState::Kept if unknown > 0.0 => {
            format!(
                "Between {} and {} of the error budget is left.",
                format::percent(left),
                format::percent(left + unknown)
            )
        }
        BudgetState::Kept if o.budget.as_ref().is_some_and(|own| own.measured < 1.0) => {
            format!("At most {} of the error budget is left.", format::percent(left))
        }
        BudgetState::Kept => format!("{} of the error budget is left.", format::percent(left)),
        BudgetState::NotProven if unknown >= 1.0 => "What is left of the error budget is not proven.".to_owned(),
        BudgetState::NotProven => {
            format!("Not proven: at most {} of the error budget is left.", format::percent(unknown))
        }
    };
    Bar { left, unknown, spent, words }
}

/// The shape beside an objective.
pub fn status(state: BudgetState) -> Status {
    match state {
        BudgetState::Overspent => Status::High,
        BudgetState::NotProven => Status::Unknown,
        BudgetState::Kept => Status::Pass,
    }
}

/// The shape beside a burn rate: one that should wake somebody weighs more than one that is a ticket.
pub fn burn_status(b: &Burn) -> Status {
    match b.state {
        BurnState::Burning if b.pages => Status::High,
        BurnState::Burning => Status::Medium,
        BurnState::Ended => Status::Low,
        BurnState::Calm => Status::Pass,
        BurnState::Unknown => Status::Unknown,
    }
}

/// How many are how: `1 overspent, 2 kept`.
pub fn summary(all: &[Objective]) -> String {
    let of = |state: BudgetState| (all.iter().filter(|o| o.state == state).count(), state.word());
    let told = [BudgetState::Overspent, BudgetState::NotProven, BudgetState::Kept].map(of);
    let told: Vec<String> =
        told.into_iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{} {word}", format::whole(n))).collect();
    told.join(", ")
}

/// The promise: `99.5 % over 28 days`.
pub fn target(o: &Objective) -> String {
    format!(
        "{}\u{202f}% over {}",
        format::number(o.target * 100.0, 3),
        format::range(o.window_days, o.window_days, "day", "days")
    )
}

/// A multiple of the sustainable rate: `0.4x`.
pub fn rate(rate: f64) -> String {
    format!("{}x", format::number(rate, if rate < 100.0 { 1 } else { 0 }))
}

/// A window: `1 h`, `30 min`, `3 days`.
pub fn window(hours: f64) -> String {
    match hours {
        h if h < 1.0 => format!("{}\u{202f}min", format::number(h * 60.0, 0)),
        h if h >= 48.0 => format!("{} days", format::number(h / 24.0, 0)),
        h => format!("{}\u{202f}h", format::number(h, 0)),
    }
}

/// All of a burn rate, for hints.
pub fn burn_words(b: &Burn) -> String {
    let long = match b.rate {
        Some(r) if b.measured < 0.995 => {
            format!("{} of the last {} was measured, at {}", format::percent(b.measured), window(b.hours), rate(r))
        }
        Some(r) => format!("{} over the last {}", rate(r), window(b.hours)),
        None => format!("The last {} was not measured", window(b.hours)),
    };
    let short = match b.short_rate {
        Some(r) => format!("{} over the last {}", rate(r), window(b.short_hours)),
        None => format!("the last {} not measured finely enough", window(b.short_hours)),
    };
    let means = if b.pages { "wakes somebody" } else { "is a ticket" };
    format!("{long}; {short}. {} or more {means}.", rate(b.factor))
}

/// Whether somebody would be told.
pub fn alert(o: &Objective) -> &'static str {
    match o.burn_rate_alert {
        Some(true) => "A burn-rate alert watches it.",
        Some(false) => "No burn-rate alert watches it: the budget goes unnoticed.",
        None => "Whether a burn-rate alert watches it is not known.",
    }
}

/// The incidents that touch the days on show, oldest first.
pub fn incidents(found: &Promises, shown: Shown) -> Vec<&IncidentRow> {
    let first = shown.first(EVER).utc_start();
    let end = Timestamp(shown.last.utc_start().0 + DAY_MS);
    let touches = |i: &&IncidentRow| i.from < end && i.until.unwrap_or(end) >= first;
    found.incidents.iter().filter(touches).collect()
}

/// The incidents that reach a thing.
pub fn reaching<'a>(incidents: Vec<&'a IncidentRow>, subject: &SubjectId) -> Vec<&'a IncidentRow> {
    incidents.into_iter().filter(|i| i.reaches.contains(subject)).collect()
}

/// How long an incident lasted: `96 min`; `not known to be over` while nobody said that it ended.
pub fn lasted(row: &IncidentRow, as_of: Timestamp) -> String {
    let end = row.until.filter(|until| *until <= as_of);
    let Some(until) = end else { return "not known to be over".into() };
    let minutes = (until.0 - row.from.0).max(0) as f64 / 60_000.0;
    match minutes {
        m if m < 120.0 => format!("{}\u{202f}min", format::number(m, 0)),
        m if m < 48.0 * 60.0 => format!("{}\u{202f}h", format::number(m / 60.0, 1)),
        m => format!("{} days", format::number(m / 1440.0, 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::range::Range;
    use super::*;
    use loadline_model::performance::Budget;
    use loadline_model::{Day, SubjectRef};

    fn objective(state: BudgetState, own: Option<(f64, f64)>, told: Option<f64>) -> Objective {
        let budget = own.map(|(left_at_most, measured)| Budget {
            counts: "errors of `api`".into(),
            measured,
            bad: 0.001,
            left_at_most,
            newest: Timestamp(0),
        });
        Objective {
            subject: SubjectRef::organisation(),
            name: "answers".into(),
            target: 0.9995,
            window_days: 28.0,
            burn_rate_alert: None,
            state,
            told,
            budget,
            missing: None,
            burns: Vec::new(),
            sentence: String::new(),
        }
    }

    #[test]
    fn the_bar_never_shows_the_unmeasured_as_left() {
        let check = |state, own, told, (left, unknown): (f64, f64)| {
            let bar = bar(&objective(state, own, told));
            assert!((bar.left - left).abs() < 1e-12 && (bar.unknown - unknown).abs() < 1e-12, "{bar:?}");
            assert!((bar.left + bar.unknown + bar.spent - 1.0).abs() < 1e-12, "{bar:?}");
        };
        check(BudgetState::Kept, Some((0.6, 1.0)), None, (0.6, 0.0));
        check(BudgetState::Kept, None, Some(0.4), (0.4, 0.0));
        check(BudgetState::Kept, Some((0.6, 1.0)), Some(0.4), (0.4, 0.2));
        check(BudgetState::NotProven, Some((0.8, 0.5)), None, (0.0, 0.8));
        check(BudgetState::NotProven, Some((-6.6, 1.0)), Some(0.41), (0.0, 0.41));
        check(BudgetState::NotProven, None, None, (0.0, 1.0));
        check(BudgetState::Overspent, Some((-3.0, 1.0)), None, (0.0, 0.0));
        let words = |o: Objective| bar(&o).words;
        assert_eq!(
            words(objective(BudgetState::NotProven, Some((0.8, 0.5)), None)),
            "Not proven: at most 80\u{202f}% of the error budget is left."
        );
        assert_eq!(
            words(objective(BudgetState::NotProven, None, None)),
            "What is left of the error budget is not proven."
        );
    }

    #[test]
    fn a_burn_says_what_was_not_measured() {
        let burn = Burn {
            hours: 72.0,
            short_hours: 6.0,
            factor: 1.0,
            pages: false,
            rate: Some(0.44),
            short_rate: None,
            measured: 0.5,
            state: BurnState::Unknown,
        };
        assert_eq!(
            burn_words(&burn),
            "50\u{202f}% of the last 3 days was measured, at 0.4x; the last 6\u{202f}h not measured finely enough. 1x or more is a ticket."
        );
        assert_eq!(burn_status(&burn), Status::Unknown);
        assert_eq!(burn_status(&Burn { state: BurnState::Burning, ..burn }), Status::Medium);
        assert_eq!((window(0.5).as_str(), window(1.0).as_str()), ("30\u{202f}min", "1\u{202f}h"));
        assert_eq!(target(&objective(BudgetState::Kept, None, None)), "99.95\u{202f}% over 28 days");
        let all = [BudgetState::Overspent, BudgetState::Kept, BudgetState::Kept].map(|s| objective(s, None, None));
        assert_eq!((summary(&all).as_str(), summary(&[]).as_str()), ("1 overspent, 2 kept", ""));
    }

    #[test]
    fn incidents_touch_the_days_on_show_and_the_things_they_reach() {
        let at = |day: i32, hour: i64| Day(day).utc_start().plus_hours(hour);
        let incident = |id: &str, from, until| IncidentRow {
            id: id.into(),
            subject: SubjectRef::organisation(),
            title: "full".into(),
            from,
            until,
            reaches: vec!["api".into()],
            recorded: false,
        };
        let found = Promises {
            as_of: at(20_006, 12),
            incidents: vec![
                incident("before", at(19_990, 0), Some(at(19_990, 2))),
                incident("over midnight", at(19_999, 23), Some(at(20_000, 1))),
                incident("open", at(20_006, 11), None),
            ],
            ..Promises::default()
        };
        let shown = Shown { range: Range::Days(7), last: Day(20_006) };
        let on_show = incidents(&found, shown);
        assert_eq!(on_show.iter().map(|i| i.id.as_str()).collect::<Vec<_>>(), ["over midnight", "open"]);
        assert_eq!(incidents(&found, Shown { range: Range::All, ..shown }).len(), 3);
        assert_eq!(reaching(on_show.clone(), &"api".into()).len(), 2);
        assert!(reaching(on_show, &"elsewhere".into()).is_empty());
        let said = |i: usize| lasted(&found.incidents[i], found.as_of);
        assert_eq!((said(0), said(2)), ("2\u{202f}h".into(), "not known to be over".into()));
    }
}
