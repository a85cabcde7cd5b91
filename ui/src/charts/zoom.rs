//! The part of an axis on show: pure arithmetic, in axis units.

/// From and to on the axis, ascending.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Left end.
    pub from: f64,
    /// Right end.
    pub to: f64,
}

/// What bounds the part on show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// All there is.
    pub whole: Span,
    /// Least length that still shows something.
    pub least: f64,
}

impl Span {
    /// A span; `None` when it is empty or no number.
    pub fn new(a: f64, b: f64) -> Option<Self> {
        let (from, to) = (a.min(b), a.max(b));
        (from.is_finite() && to.is_finite() && from < to).then_some(Self { from, to })
    }

    fn length(self) -> f64 {
        self.to - self.from
    }

    /// Shorter (`factor` below 1) or longer around a place that stays where it is; inside the whole, which it may fill.
    pub fn zoomed(self, factor: f64, around: f64, limits: Limits) -> Self {
        let all = limits.whole.length();
        let length = (self.length() * factor).clamp(limits.least.min(all), all);
        let around = around.clamp(self.from, self.to);
        let left = (around - self.from) / self.length();
        Self { from: around - left * length, to: around + (1.0 - left) * length }.inside(limits.whole)
    }

    /// Moved by a share of its own length, not beyond the whole.
    pub fn moved(self, share: f64, limits: Limits) -> Self {
        let by = share * self.length();
        Self { from: self.from + by, to: self.to + by }.inside(limits.whole)
    }

    /// What of the whole was drawn over; too narrow a stroke is widened to what can be shown.
    pub fn chosen(a: f64, b: f64, limits: Limits) -> Option<Self> {
        let Self { from, to } = limits.whole;
        let span = Self::new(a.clamp(from, to), b.clamp(from, to))?;
        Some(span.zoomed(1.0, (span.from + span.to) / 2.0, limits))
    }

    /// `None` when it shows everything.
    pub fn unless_all(self, limits: Limits) -> Option<Self> {
        (self.length() < limits.whole.length() * (1.0 - 1e-9)).then_some(self)
    }

    fn inside(self, whole: Self) -> Self {
        let by = (whole.from - self.from).max(0.0) + (whole.to - self.to).min(0.0);
        Self { from: (self.from + by).max(whole.from), to: (self.to + by).min(whole.to) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Span = Span { from: 0.0, to: 100.0 };
    const LIMITS: Limits = Limits { whole: WHOLE, least: 1.0 };

    fn check(found: Span, from: f64, to: f64) {
        assert!((found.from - from).abs() < 1e-9 && (found.to - to).abs() < 1e-9, "{found:?}, not {from}-{to}");
    }

    #[test]
    fn the_place_under_the_pointer_stays() {
        check(WHOLE.zoomed(0.5, 20.0, LIMITS), 10.0, 60.0);
        check(WHOLE.zoomed(0.5, 20.0, LIMITS).zoomed(2.0, 20.0, LIMITS), 0.0, 100.0);
        check(Span { from: 90.0, to: 100.0 }.zoomed(2.0, 100.0, LIMITS), 80.0, 100.0);
    }

    #[test]
    fn nothing_outside_is_shown_and_not_less_than_can_be_seen() {
        check(Span { from: 0.0, to: 10.0 }.moved(-0.5, LIMITS), 0.0, 10.0);
        check(Span { from: 85.0, to: 95.0 }.moved(1.0, LIMITS), 90.0, 100.0);
        check(Span { from: 0.0, to: 10.0 }.zoomed(100.0, 5.0, LIMITS), 0.0, 100.0);
        check(Span { from: 50.0, to: 51.0 }.zoomed(0.001, 50.5, LIMITS), 50.0, 51.0);
        check(Span::chosen(30.0, 30.2, LIMITS).expect("a stroke"), 29.6, 30.6);
        check(Span::chosen(150.0, 40.0, LIMITS).expect("a stroke"), 40.0, 100.0);
    }

    #[test]
    fn a_click_chooses_nothing_and_all_is_no_choice() {
        assert_eq!(Span::chosen(30.0, 30.0, LIMITS), None);
        assert_eq!(Span::new(f64::NAN, 1.0), None);
        assert_eq!(WHOLE.unless_all(LIMITS), None);
        assert!(Span { from: 0.0, to: 50.0 }.unless_all(LIMITS).is_some());
    }
}
