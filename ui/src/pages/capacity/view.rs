//! What Capacity says, from the assessment and a chosen load: pure, so that every position of the slider can be tested.

use crate::components::load_line::view::{in_time, limit_name};
use crate::format;
use loadline_capacity::{at_multiple, forecast::LARGEST_MULTIPLE, what_if};
use loadline_model::{Capacity, LimitForecast, Utilisation, ZoneLoss};

/// Largest multiple of the slider.
pub const MOST: f64 = 20.0;
/// Positions of the slider.
pub const STEPS: u32 = 100;
/// Growth of the field report, per month.
const TWENTY: f64 = 0.2;

/// The load that is looked at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Load {
    /// Growth as fitted.
    Measured,
    /// 20 % a month.
    Twenty,
    /// A multiple of today's peak at once.
    Times(f64),
}

impl Load {
    /// The offered ones: code, word.
    pub const OFFERED: [(&str, &str); 4] =
        [("measured", "Measured"), ("20", "20 % a month"), ("5x", "5x"), ("10x", "10x")];

    /// From the route.
    pub fn of(code: Option<&str>) -> Self {
        match code {
            Some("20") => Load::Twenty,
            Some(text) => {
                let times = text.strip_suffix('x').and_then(|t| t.parse::<f64>().ok()).filter(|t| t.is_finite());
                times.map_or(Load::Measured, |t| Load::Times(t.clamp(1.0, MOST)))
            }
            None => Load::Measured,
        }
    }
    /// For the route.
    pub fn code(self) -> String {
        match self {
            Load::Measured => "measured".into(),
            Load::Twenty => "20".into(),
            Load::Times(times) => format!("{}x", format::plain(times)),
        }
    }
    /// How deep the water stands.
    pub fn times(self) -> f64 {
        if let Load::Times(times) = self { times } else { 1.0 }
    }
    /// The slider at this load.
    pub fn position(self) -> u32 {
        let times = self.times().clamp(1.0, MOST);
        (if times <= 10.0 { times * 10.0 - 10.0 } else { times + 80.0 }).round() as u32
    }
    /// The load at a position of the slider: every step is another number that can be said, so that keys never stick.
    pub fn at(position: u32) -> Self {
        let at = f64::from(position.min(STEPS));
        Load::Times(if at <= 90.0 { (at + 10.0) / 10.0 } else { at - 80.0 })
    }
}

/// The limits under a load, first limit first: the assessment's own where it has them, else computed here by the same functions.
pub fn limits(capacity: &Capacity, load: Load) -> Vec<LimitForecast> {
    let own = |scenario: &str| capacity.limits.iter().filter(|l| l.scenario == scenario).cloned().collect::<Vec<_>>();
    match load {
        Load::Times(times) => at_multiple(&capacity.utilisation, times),
        Load::Twenty => non_empty(own("20_percent")).unwrap_or_else(|| what_if(&capacity.utilisation, TWENTY, 24.0)),
        Load::Measured => non_empty(own("measured")).unwrap_or_else(|| match capacity.growth.monthly {
            Some(monthly) => what_if(&capacity.utilisation, monthly.p50, 24.0),
            None => at_multiple(&capacity.utilisation, 1.0),
        }),
    }
}

fn non_empty(limits: Vec<LimitForecast>) -> Option<Vec<LimitForecast>> {
    (!limits.is_empty()).then_some(limits)
}

/// The answer, numbers first.
pub fn sentence(capacity: &Capacity, load: Load, limits: &[LimitForecast]) -> String {
    let Some(first) = limits.first() else {
        return "Not proven: no limit is measured, so nobody knows how much more load fits.".into();
    };
    let what = limit_name(first.resource.word(), &first.subject.name);
    match load {
        Load::Times(times) => {
            let broken = limits.iter().filter(|l| l.breaks == Some(true)).count();
            let at = format::multiple(times);
            match broken {
                0 => format!(
                    "At {at} today's peak every measured limit holds. The first would be {what}, at {}.",
                    format::multiple(first.multiplier.p50)
                ),
                n => format!(
                    "At {at} today's peak {n} of {} {}. First: {what}, at {}.",
                    format::count(limits.len(), "measured limit", "measured limits"),
                    if n == 1 { "breaks" } else { "break" },
                    format::multiple(first.multiplier.p50)
                ),
            }
        }
        Load::Measured if capacity.growth.monthly.is_none() => {
            let missing = capacity.growth.missing.clone().unwrap_or_else(|| "too few weeks of demand".into());
            format!(
                "Growth is not measured ({missing}). The first limit lies at {} today's peak: {what}.",
                format::multiple(first.multiplier.p50)
            )
        }
        _ => {
            let growth = match (load, &capacity.growth.monthly) {
                (Load::Measured, Some(m)) if is_steady(m.p50) => "today's steady demand".into(),
                (Load::Measured, Some(m)) => format!("the measured {} a month", format::percent(m.p50)),
                _ => "20 % a month".into(),
            };
            match &first.days {
                Some(days) if days.p90 < 1.0 => format!("Past the line already: {what}."),
                Some(days) => format!(
                    "At {growth} the first limit comes in {}, at {}: {what}.",
                    in_time(days),
                    format::multiple(first.multiplier.p50)
                ),
                None => format!(
                    "At {growth} no measured limit comes within two years. The first would be {what}, at {}.",
                    format::multiple(first.multiplier.p50)
                ),
            }
        }
    }
}

/// Growth that rounds to nothing.
fn is_steady(monthly: f64) -> bool {
    monthly.abs() < 0.005
}

/// Growth of demand: `growing 11 % a month`, `not growing measurably`.
pub fn growing(monthly: f64) -> String {
    match monthly {
        m if is_steady(m) => "not growing measurably".into(),
        m if m < 0.0 => format!("shrinking {} a month", format::percent(-m)),
        m => format!("growing {} a month", format::percent(m)),
    }
}

/// When a limit comes.
pub fn until(limit: &LimitForecast, load: Load) -> String {
    match (load, &limit.days, limit.breaks) {
        (Load::Times(_), _, Some(true)) => "breaks".into(),
        (Load::Times(_), ..) => "holds".into(),
        (_, Some(days), _) if days.p90 < 1.0 => "now".into(),
        (_, Some(days), _) => in_time(days),
        (_, None, _) => "not within 2 years".into(),
    }
}

/// A multiple that may be "at least": `≥ 1,000x`.
pub fn carries(times: f64) -> String {
    if times >= LARGEST_MULTIPLE { "no end seen".into() } else { format::multiple(times) }
}

/// An interval of multiples; nothing when both ends are the same.
pub fn carries_interval(low: f64, high: f64) -> String {
    match (low >= LARGEST_MULTIPLE, high >= LARGEST_MULTIPLE) {
        (true, _) => String::new(),
        (false, true) => format!("{} or more", format::multiple(low)),
        _ => format!("{}–{}", format::number(low, 1), format::multiple(high)),
    }
}

/// What the use now rests on.
pub fn basis(u: &Utilisation) -> String {
    let window = if u.days < 0.5 {
        "one reading".to_owned()
    } else {
        format!(
            "{} over {}",
            format::count(u.samples as usize, "reading", "readings"),
            format::range(u.days.round(), u.days.round(), "day", "days")
        )
    };
    let gamma = if u.gamma_fitted {
        format!("grows with load to the power of {} (fitted)", format::number(u.gamma.p50, 2))
    } else {
        "taken to grow in proportion to load".to_owned()
    };
    let hard =
        u.hard_limit.map(|limit| format!("hard limit {} {}; ", format::number(limit, 0), u.unit)).unwrap_or_default();
    format!("{hard}{window}; {gamma}")
}

/// What losing the worst zone does.
pub fn zone_sentence(loss: &ZoneLoss) -> String {
    let members = format!("{} of {}", loss.lost, format::count(loss.members as usize, "member", "members"));
    let lead = format!("Losing {} takes {members} of {}", loss.zone, loss.subject.name);
    if loss.lost >= loss.members {
        format!("{lead}: nothing is left.")
    } else if loss.after > 1.0 {
        format!("{lead}: the rest is overloaded at {} of what it can do.", format::percent(loss.after))
    } else {
        format!("{lead}: use rises from {} to {}.", format::percent(loss.before), format::percent(loss.after))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{Growth, Interval, Limited, SubjectRef};

    fn capacity(uses: &[f64], monthly: Option<f64>) -> Capacity {
        let point = |x: f64| Interval { p10: x, p50: x, p90: x };
        let utilisation = uses.iter().enumerate().map(|(i, u)| Utilisation {
            subject: SubjectRef { id: format!("s{i}").into(), name: format!("s{i}"), ..SubjectRef::organisation() },
            limited: Limited::Connections,
            now: point(*u),
            line: 0.8,
            gamma: point(1.0),
            gamma_fitted: false,
            days: 28.0,
            samples: 8064,
            hard_limit: Some(100.0),
            unit: "connections".into(),
            sources: Vec::new(),
            observed_range: 2.0,
            fill_per_day: None,
        });
        Capacity {
            utilisation: utilisation.collect(),
            growth: Growth { monthly: monthly.map(point), weeks: 12, peak: Some(340.0), missing: None },
            limits: Vec::new(),
            first_limit: None,
            ladder: Vec::new(),
            unmeasured: Vec::new(),
            families: Vec::new(),
            zone_loss: Vec::new(),
            pools: Vec::new(),
        }
    }

    #[test]
    fn the_slider_reaches_every_offered_load_and_says_round_numbers() {
        for position in 0..=STEPS {
            assert_eq!(Load::at(position).position(), position, "keys stick at {position}");
        }
        for times in [1.0, 2.0, 5.0, 10.0, 20.0] {
            assert_eq!(Load::at(Load::Times(times).position()), Load::Times(times));
        }
        for (code, load) in
            [("20", Load::Twenty), ("3.5x", Load::Times(3.5)), ("nanx", Load::Measured), ("900x", Load::Times(MOST))]
        {
            assert_eq!(Load::of(Some(code)), load);
        }
        assert_eq!(Load::of(Some(&Load::Times(3.4).code())), Load::Times(3.4));
    }

    #[test]
    fn a_multiple_says_what_breaks() {
        let capacity = capacity(&[0.4, 0.1], None);
        let say = |times| sentence(&capacity, Load::Times(times), &limits(&capacity, Load::Times(times)));
        assert_eq!(
            say(1.5),
            "At 1.5x today's peak every measured limit holds. The first would be connections of s0, at 2x."
        );
        assert_eq!(say(5.0), "At 5x today's peak 1 of 2 measured limits breaks. First: connections of s0, at 2x.");
    }

    #[test]
    fn growth_says_when() {
        let grows = capacity(&[0.4], Some(0.2));
        let found = limits(&grows, Load::Measured);
        assert!(
            sentence(&grows, Load::Measured, &found)
                .starts_with("At the measured 20\u{202f}% a month the first limit comes in")
        );
        let steady = capacity(&[0.4], Some(0.001));
        assert!(
            sentence(&steady, Load::Measured, &limits(&steady, Load::Measured))
                .starts_with("At today's steady demand no measured")
        );
        assert_eq!(growing(-0.04), "shrinking 4\u{202f}% a month");
        let unknown = capacity(&[0.4], None);
        assert!(
            sentence(&unknown, Load::Measured, &limits(&unknown, Load::Measured)).starts_with("Growth is not measured")
        );
        assert!(sentence(&unknown, Load::Twenty, &[]).starts_with("Not proven"));
    }

    #[test]
    fn endless_room_is_not_a_number() {
        assert_eq!(carries(LARGEST_MULTIPLE), "no end seen");
        assert_eq!(carries_interval(4.0, LARGEST_MULTIPLE), "4x or more");
        assert_eq!(carries_interval(1.5, 2.5), "1.5–2.5x");
    }
}
