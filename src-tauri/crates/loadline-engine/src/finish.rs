//! Marking an item done, and saying or correcting what it took, without losing what was said before.

use crate::EngineError;
use loadline_model::{Choice, Decision, ItemId, Timestamp};
use loadline_roadmap::ItemDecisions;

/// Most engineer-weeks that one item may take: ten years of one person, beyond which a number is a typing error.
const MOST_WEEKS: f64 = 520.0;

/// The decision that an item is done. What is left open stays as the log has it: correcting what an item took keeps the day on
/// which it reached users, and correcting the day keeps what it took. An item that is not done yet is done `now`.
///
/// # Errors
/// When the engineer-weeks are no number above 0 and at most 520.
pub fn finish(
    log: &[Decision],
    item: ItemId,
    at: Option<Timestamp>,
    took_weeks: Option<f64>,
    now: Timestamp,
) -> Result<Choice, EngineError> {
    if let Some(took) = took_weeks.filter(|took| !(*took > 0.0 && *took <= MOST_WEEKS)) {
        return Err(EngineError::new(
            "wrong_usage",
            format!("{took} is not what an item takes. Give engineer-weeks above 0 and at most 520, such as 1.5."),
        ));
    }
    let known = ItemDecisions::from_log(log);
    let at = at.or_else(|| known.done.get(&item).copied()).unwrap_or(now);
    let took_weeks = took_weeks.or_else(|| known.took.get(&item).copied());
    Ok(Choice::FinishItem { item, at, took_weeks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_open_stays_as_it_was() {
        let item = ItemId::new("DB-003@1");
        let done =
            |at: i64, took: Option<f64>| Choice::FinishItem { item: item.clone(), at: Timestamp(at), took_weeks: took };
        let log =
            |choice: &Choice| [Decision { number: 1, at: Timestamp(1), author: "m".into(), choice: choice.clone() }];
        let of = |log: &[Decision], at: Option<i64>, took: Option<f64>| {
            finish(log, item.clone(), at.map(Timestamp), took, Timestamp(9)).map_err(|e| e.code)
        };
        assert_eq!(of(&[], None, Some(1.5)), Ok(done(9, Some(1.5))));
        let known = log(&done(3, Some(2.0)));
        assert_eq!(of(&known, None, Some(4.0)), Ok(done(3, Some(4.0))));
        assert_eq!(of(&known, Some(5), None), Ok(done(5, Some(2.0))));
        let reopened = [&known[..], &log(&Choice::ReopenItem { item: item.clone() })].concat();
        assert_eq!(of(&reopened, None, None), Ok(done(9, None)));
        for nonsense in [0.0, -1.0, f64::NAN, f64::INFINITY, 521.0] {
            assert!(of(&[], None, Some(nonsense)).is_err(), "{nonsense}");
        }
    }
}
