//! What shifts say of a schedule: who is on call in the next 14 days, and who takes most of a month.

use crate::imported::{Imported, Of};
use loadline_model::{Timestamp, Value, key, num};
use std::collections::BTreeMap;

/// Least days of a schedule from which shares of shifts are told.
const LEAST_DAYS: f64 = 28.0;
const GAP_DAYS: i64 = 14;

/// From when until when who takes it.
pub(crate) type Shift = (Timestamp, Timestamp, String);

/// Tells them. `whole`: every shift of this span is among them; `None`: they may have been cut anywhere before the first and
/// after the last, as in a file of which nobody knows what was asked for.
pub(crate) fn tell(
    mut shifts: Vec<Shift>,
    subject: &Of,
    now: Timestamp,
    whole: Option<(Timestamp, Timestamp)>,
    told: &mut Imported,
) {
    shifts.retain(|(start, end, _)| end > start);
    shifts.sort();
    let (begins, ends) = match whole {
        Some((from, until)) => (Some(from), Some(until)),
        None => (shifts.first().map(|s| s.0), shifts.iter().map(|s| s.1).max()),
    };
    let until = now.plus_days(GAP_DAYS);
    let (gap, left) = uncovered(&shifts, now, until);
    let ask = "Ask for the schedule with since= and until=, from today to 28 days on or more.";
    let (from_here, to_there) = (begins.is_some_and(|b| b <= now), ends.is_some_and(|e| e >= until));
    // What nobody takes after the last shift of these days is a gap only where the answer reaches beyond them.
    let gap = if whole.is_some() || to_there { gap + left } else { gap };
    if from_here && (to_there || gap > 0.0) {
        told.setting(subject.clone(), key::ONCALL_GAP_HOURS_14D, None, Value::Number(num::round9(gap)));
    } else {
        told.missing.push(("the answer does not hold the shifts of the next 14 days".to_owned(), ask.to_owned()));
    }
    let mut of_person: BTreeMap<&str, f64> = BTreeMap::new();
    for (start, end, who) in &shifts {
        *of_person.entry(who).or_default() += end.hours_since(*start);
    }
    let all: f64 = of_person.values().sum();
    let most = of_person.values().copied().fold(0.0, f64::max);
    let days = begins.zip(ends).map_or(0.0, |(b, e)| e.days_since(b));
    if days >= LEAST_DAYS && all > 0.0 {
        told.setting(subject.clone(), key::ONCALL_LARGEST_SHARE, None, Value::Number(num::round9(most / all)));
    } else if whole.is_none() {
        told.missing.push(("the answer does not hold the shifts of a month".to_owned(), ask.to_owned()));
    }
}

/// Hours between the shifts of a span, and those after the last of them; `shifts` by their start.
fn uncovered(shifts: &[Shift], from: Timestamp, until: Timestamp) -> (f64, f64) {
    let (mut covered_to, mut hours) = (from, 0.0);
    for (start, end, _) in shifts.iter().take_while(|(start, ..)| *start < until) {
        if *start > covered_to {
            hours += start.hours_since(covered_to);
        }
        covered_to = covered_to.max((*end).min(until));
    }
    (hours, until.hours_since(covered_to).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::Body;

    #[test]
    fn what_was_asked_for_is_known_to_be_all() {
        let now = Timestamp::parse("2026-11-22T12:00:00Z").expect("a time");
        let whole = Some((now.plus_days(-1), now.plus_days(29)));
        let check = |shifts: &[(i64, i64, &str)], gap: f64, share: Option<f64>| {
            let shift = |(a, b, who): &(i64, i64, &str)| (now.plus_hours(*a), now.plus_hours(*b), (*who).to_owned());
            let mut told = Imported::default();
            tell(shifts.iter().map(shift).collect(), &Of::Repository, now, whole, &mut told);
            let number = |key: &str| {
                told.facts.iter().find_map(|(_, _, body)| match body {
                    Body::Setting(s) if s.key == key => s.value.as_number(),
                    _ => None,
                })
            };
            assert_eq!(number(key::ONCALL_GAP_HOURS_14D), Some(gap), "{shifts:?}");
            assert_eq!(number(key::ONCALL_LARGEST_SHARE), share, "{shifts:?}");
            assert_eq!(told.missing, []);
        };
        check(&[], 336.0, None);
        check(&[(-24, 696, "a")], 0.0, Some(1.0));
        check(&[(-24, 100, "a"), (110, 400, "b")], 10.0, Some(num::round9(290.0 / 414.0)));
        // Nobody from the tenth day on.
        check(&[(-24, 240, "a")], 96.0, Some(1.0));
        check(&[(500, 696, "a")], 336.0, Some(1.0));
        check(&[(-24, 240, "a"), (400, 696, "b")], 96.0, Some(num::round9(296.0 / 560.0)));
        // Two rotations at once leave no gap that one of them covers.
        check(&[(-24, 96, "a"), (-24, 696, "b")], 0.0, Some(num::round9(720.0 / 840.0)));
    }
}
