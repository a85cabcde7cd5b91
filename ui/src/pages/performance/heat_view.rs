//! What the heatmap shows and says: pure.

use super::range::Shown;
use super::view;
use crate::charts::csv_field;
use crate::format;
use loadline_charts::{Heatmap, words};
use loadline_model::performance::{DaySpread, Spread};
use loadline_model::{Day, LatencyTrend};
use std::collections::BTreeMap;

/// From here on a request counts as slow, in seconds; the first bound at or above it is used.
const SLOW: f64 = 1.0;
/// Fewest requests of a day of which a share is worth a sentence; a p95 needs as many.
const ENOUGH: u64 = 600;

/// Every day on show with its counts; a day that was not measured is there without any.
pub fn days(spread: &Spread, shown: Shown) -> Vec<(Day, Option<&DaySpread>)> {
    let measured: BTreeMap<Day, &DaySpread> = spread.days.iter().map(|d| (d.day, d)).collect();
    let Some((oldest, _)) = measured.first_key_value() else { return Vec::new() };
    shown.days(*oldest).map(|day| (day, measured.get(&day).copied())).collect()
}

/// The drawing.
pub fn heat(trend: &LatencyTrend, spread: &Spread, shown: Shown) -> Heatmap {
    let days = days(spread, shown);
    let shares = |day: &DaySpread| -> Vec<f64> {
        let total = day.total().max(1) as f64;
        day.counts.iter().map(|n| *n as f64 / total).collect()
    };
    Heatmap {
        name: view::name(trend),
        days: days.iter().map(|(day, _)| day.utc_start().0).collect(),
        bounds: spread.bounds.clone(),
        shares: days.iter().map(|(_, day)| day.map(shares)).collect(),
    }
}

/// What a cell says: its day, its bucket, its share.
pub fn cell(heat: &Heatmap, spread: &Spread, shown: Shown, (day, bucket): (usize, usize)) -> Vec<String> {
    let days = days(spread, shown);
    let Some((date, measured)) = days.get(day) else { return Vec::new() };
    let date = format::date(date.utc_start(), "UTC");
    match measured {
        None => vec![date, "not measured".into()],
        Some(day) => {
            let (count, total) = (day.counts.get(bucket).copied().unwrap_or(0), day.total());
            let share = format!("{} of requests", share(count, total));
            vec![date, heat.bucket(bucket), share, format!("{} of {}", format::whole(count), format::whole(total))]
        }
    }
}

/// A share of requests; what is seldom is not called none.
pub fn share(count: u64, total: u64) -> String {
    match count as f64 / total.max(1) as f64 {
        s if count > 0 && s < 0.000_5 => "under 0.1\u{202f}%".into(),
        s if s < 0.1 => format!("{}\u{202f}%", format::number(s * 100.0, 1)),
        s => format::percent(s),
    }
}

/// How many requests were slow on the worst day on show and on the last one measured; `None` without a day that had enough.
pub fn sentence(spread: &Spread, shown: Shown) -> Option<String> {
    let at = spread.bounds.iter().position(|b| *b >= SLOW).or(spread.bounds.len().checked_sub(1))?;
    let bound = words::seconds(*spread.bounds.get(at)?);
    let slow = |day: &DaySpread| (day.counts.iter().skip(at + 1).sum::<u64>(), day.total());
    let days = days(spread, shown);
    let told: Vec<(Day, u64, u64)> = days
        .iter()
        .filter_map(|(day, measured)| measured.map(|m| (*day, slow(m))))
        .filter(|(_, (_, total))| *total >= ENOUGH)
        .map(|(day, (slow, total))| (day, slow, total))
        .collect();
    let rate = |d: &(Day, u64, u64)| d.1 as f64 / d.2 as f64;
    let worst = told.iter().max_by(|a, b| rate(a).total_cmp(&rate(b)).then(b.0.cmp(&a.0)))?;
    let last = told.last()?;
    let date = |day: Day| format::date(day.utc_start(), "UTC");
    if worst.1 == 0 {
        return Some(format!("On no day on show did a request take longer than {bound}."));
    }
    let now = if last.0 == worst.0 {
        "which is also the last day measured".to_owned()
    } else {
        format!("on the last day measured {}", share(last.1, last.2))
    };
    Some(format!(
        "{} of requests took longer than {bound} on {}, the worst day on show; {now}.",
        share(worst.1, worst.2),
        date(worst.0)
    ))
}

/// The days on show as CSV, a column for each bucket; a day that was not measured has an empty row.
pub fn csv(trend: &LatencyTrend, spread: &Spread, shown: Shown) -> String {
    let mut text = String::from("day,subject,route,requests");
    for bound in &spread.bounds {
        text.push_str(&format!(",up_to_{}_s", format::plain(*bound)));
    }
    text.push_str(",above\n");
    for (day, measured) in days(spread, shown) {
        let counts: Vec<String> = match measured {
            Some(m) => std::iter::once(m.total()).chain(m.counts.iter().copied()).map(|n| n.to_string()).collect(),
            None => vec![String::new(); spread.bounds.len() + 2],
        };
        let route = trend.route.as_deref().unwrap_or("all");
        let row = [day.to_string(), csv_field(&trend.subject.name), csv_field(route), counts.join(",")];
        text.push_str(&row.join(","));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::range::Range;
    use super::*;
    use loadline_model::{Percentiles, SubjectRef};

    fn trend() -> LatencyTrend {
        let none = Percentiles { count: 0, p50: None, p95: None, p99: None, p95_above: false, p99_above: false };
        LatencyTrend {
            subject: SubjectRef::organisation(),
            metric: "http.server.request.duration".into(),
            route: Some("GET /feed".into()),
            unit: "s".into(),
            mergeable: true,
            last_week: none,
            week_before: none,
            days: Vec::new(),
            change_points: Vec::new(),
        }
    }

    fn spread(days: &[(i32, [u64; 4])]) -> Spread {
        Spread {
            bounds: vec![0.1, 0.5, 1.0],
            days: days.iter().map(|(day, n)| DaySpread { day: Day(*day), counts: n.to_vec() }).collect(),
            ..Spread::default()
        }
    }

    fn shown(range: Range) -> Shown {
        Shown { range, last: Day(20_006) }
    }

    #[test]
    fn days_without_measurements_are_hatched_and_shares_add_up() {
        let spread = spread(&[(20_000, [6, 3, 1, 0]), (20_003, [1, 1, 1, 1]), (20_005, [0, 0, 0, 0])]);
        let heat = heat(&trend(), &spread, shown(Range::Days(7)));
        assert_eq!((heat.days.len(), heat.shares.iter().flatten().count()), (7, 3));
        for shares in heat.shares.iter().flatten().take(2) {
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        }
        assert!(heat.overflows());
        let said = |at| cell(&heat, &spread, shown(Range::Days(7)), at);
        assert_eq!(said((0, 1)), ["2024-10-04", "100 ms to 500 ms", "30\u{202f}% of requests", "3 of 10"]);
        assert_eq!(said((1, 1)), ["2024-10-05", "not measured"]);
        assert_eq!(said((3, 3))[1], "above 1 s");
        assert!(said((70, 0)).is_empty());
    }

    #[test]
    fn the_sentence_names_the_worst_day_of_those_with_enough_requests() {
        let all = spread(&[(20_000, [0, 0, 0, 9]), (20_002, [900, 0, 0, 100]), (20_005, [999, 0, 0, 1])]);
        assert_eq!(
            sentence(&all, shown(Range::All)).as_deref(),
            Some(
                "10\u{202f}% of requests took longer than 1 s on 2024-10-06, the worst day on show; on the last day measured 0.1\u{202f}%."
            )
        );
        let last = sentence(&all, shown(Range::Days(7))).expect("told");
        assert!(last.contains("2024-10-06"), "{last}");
        let calm = sentence(&spread(&[(20_005, [1_000, 0, 0, 0])]), shown(Range::All));
        assert_eq!(calm.as_deref(), Some("On no day on show did a request take longer than 1 s."));
        assert_eq!(sentence(&spread(&[(20_005, [1, 0, 0, 0])]), shown(Range::All)), None);
        assert_eq!(sentence(&Spread::default(), shown(Range::All)), None);
    }

    #[test]
    fn what_is_seldom_is_not_none() {
        for (count, total, said) in [
            (0, 10_000, "0\u{202f}%"),
            (1, 10_000, "under 0.1\u{202f}%"),
            (123, 10_000, "1.2\u{202f}%"),
            (3, 10, "30\u{202f}%"),
        ] {
            assert_eq!(share(count, total), said);
        }
    }

    #[test]
    fn csv_has_a_column_for_each_bucket_and_a_row_for_each_day() {
        let text = csv(&trend(), &spread(&[(20_004, [6, 3, 1, 0])]), shown(Range::All));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "day,subject,route,requests,up_to_0.1_s,up_to_0.5_s,up_to_1_s,above");
        assert_eq!(lines[1], "2024-10-08,the organisation,GET /feed,10,6,3,1,0");
        assert_eq!((lines[2], lines.len()), ("2024-10-09,the organisation,GET /feed,,,,,", 4));
    }
}
