//! What an objective says in one or two sentences.

use super::burn::LEAST_MEASURED;
use loadline_model::performance::{Budget, BudgetState, Objective};

/// The promise, and what is known of its error budget.
pub(super) fn sentence(o: &Objective) -> String {
    let promise = format!("`{}` promises {} over {}", o.name, percent(o.target), days(o.window_days));
    match (&o.budget, o.told) {
        (None, Some(told)) => format!("{promise}; its source says that {}.", left(told)),
        (None, None) => {
            let why = o.missing.as_ref().map_or("nothing was read", |m| m.detail.as_str());
            format!("{promise}; what is left of its error budget is not known: {why}.")
        }
        (Some(own), Some(told)) if o.state == BudgetState::NotProven && own.measured >= LEAST_MEASURED => format!(
            "{promise}. Its source says that {}, the {} held here that {}: one of them counts something else.",
            left(told),
            own.counts,
            left(own.left_at_most)
        ),
        (Some(own), Some(told)) => format!("{promise}; {}. Its source says that {}.", held(own), left(told)),
        (Some(own), None) => format!("{promise}; {}.", held(own)),
    }
}

fn held(own: &Budget) -> String {
    let (share, counts) = (percent(own.bad), &own.counts);
    match own.measured {
        _ if own.left_at_most < 0.0 => {
            format!("{share} failed where it was measured, counted from the {counts}: {}", left(own.left_at_most))
        }
        m if m >= LEAST_MEASURED => {
            let bound = if m < 1.0 { "at most " } else { "" };
            format!("{share} failed, counted from the {counts}: {bound}{}", left(own.left_at_most))
        }
        m => format!(
            "only {} of that was measured, so at most {} of the error budget is left and it may be none",
            percent(m),
            percent(own.left_at_most)
        ),
    }
}

/// `41 % of the error budget is left`; beyond it, how much is spent.
fn left(share: f64) -> String {
    if share < 0.0 {
        format!("{} of the error budget is spent", percent(1.0 - share))
    } else {
        format!("{} of the error budget is left", percent(share))
    }
}

/// A share as percent with as many digits as tell it from its neighbours: `99.95 %`, `41 %`, `0.038 %`.
fn percent(share: f64) -> String {
    let value = share * 100.0;
    let digits = match value.abs() {
        v if (99.0..100.0).contains(&v) => 3,
        v if v >= 10.0 || v == 0.0 => 0,
        v if v >= 1.0 => 1,
        _ => 3,
    };
    let text = format!("{value:.digits$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text.as_str() };
    format!("{text} %")
}

fn days(days: f64) -> String {
    match days {
        1.0 => "a day".to_owned(),
        d if d.fract() == 0.0 => format!("{d:.0} days"),
        d => format!("{d:.1} days"),
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn shares_keep_the_digits_that_matter() {
        for (share, text) in [
            (0.995, "99.5 %"),
            (0.9995, "99.95 %"),
            (0.41, "41 %"),
            (0.038, "3.8 %"),
            (0.00038, "0.038 %"),
            (7.6, "760 %"),
            (0.0, "0 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), text);
        }
    }
}
