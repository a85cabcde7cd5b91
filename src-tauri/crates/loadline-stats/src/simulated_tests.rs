//! How often proof errs where the truth is known. `cargo xtask bench simulated` runs five times as many.

use crate::simulated::{Simulated, Tally};
use loadline_model::Verdict;

#[test]
fn p33_nothing_changed_and_that_is_what_is_said() {
    let tally = Tally::of(200, 1.0);
    assert!(tally.moved_at_most() <= 0.10, "{tally:?}: up to {:.3}", tally.moved_at_most());
}

#[test]
fn a_fifth_faster_is_seen_and_the_interval_holds_it() {
    let tally = Tally::of(200, 0.8);
    assert!(tally.improved * 100 >= 90 * tally.runs && tally.regressed == 0, "{tally:?}");
    assert!(tally.covered * 100 >= 88 * tally.runs, "{tally:?}");
}

#[test]
fn a_fifth_slower_is_seen() {
    let tally = Tally::of(100, 1.25);
    assert!(tally.regressed * 100 >= 90 * tally.runs && tally.improved == 0, "{tally:?}");
}

#[test]
fn simulations_are_full_histories_and_repeat() {
    let found = Simulated::nth(7, 1.0).compared().expect("compared");
    assert!(found.verdict != Verdict::InsufficientData && found.pairs == 14, "{}", found.sentence);
    assert_eq!(Tally::of(5, 0.9), Tally::of(5, 0.9));
}
