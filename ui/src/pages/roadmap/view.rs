//! What Roadmap says, from the assessment: pure.

use crate::components::Status;
use crate::format;
use loadline_model::{
    Assessment, Choice, Comparison, HalfDays, Item, ItemId, LeftOut, Roadmap, Team, Timestamp, ValueParts,
};

/// Least height of an item, and of a half-day, in pixels.
const LEAST: f64 = 27.0;
/// Height that a whole budget takes at most.
const TALLEST: f64 = 480.0;

/// Most engineer-weeks that an item may take: beyond ten years of one person a number is a typing error.
const MOST_WEEKS: f64 = 520.0;

/// A sprint as a column.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub index: u32,
    pub starts: Timestamp,
    /// Half-days.
    pub budget: u32,
    pub used: u32,
    pub fits: f64,
    pub items: Vec<Item>,
}

impl Column {
    /// More than the budget: by hand, since the planner never does.
    pub fn is_over(&self) -> bool {
        self.used > self.budget
    }
}

/// The sprints with what was just moved by hand already in its place, so that a move is seen before the planner answers.
pub fn columns(roadmap: &Roadmap) -> Vec<Column> {
    let mut columns: Vec<Column> = roadmap
        .sprints
        .iter()
        .zip(0u32..)
        .map(|(s, index)| Column {
            index,
            starts: s.starts,
            budget: s.budget_half_days,
            used: 0,
            fits: s.fits_probability,
            items: Vec::new(),
        })
        .collect();
    let planned = roadmap.sprints.iter().zip(0u32..).flat_map(|(s, at)| s.items.iter().map(move |i| (i, Some(at))));
    let left = roadmap.left_out.iter().map(|l| (&l.item, None));
    for (item, at) in planned.chain(left) {
        let place = item.pinned_sprint.filter(|p| (*p as usize) < columns.len()).or(at);
        if let Some(column) = place.and_then(|p| columns.get_mut(p as usize)) {
            column.used += item.half_days.mode;
            column.items.push(item.clone());
        }
    }
    columns
}

/// Engineer-weeks as a person writes them, with a point or a comma; nothing is nothing said.
pub fn engineer_weeks(text: &str) -> Result<Option<f64>, &'static str> {
    let text = text.trim().replace(',', ".");
    if text.is_empty() {
        return Ok(None);
    }
    let weeks = text.parse::<f64>().ok().filter(|weeks| *weeks > 0.0 && *weeks <= MOST_WEEKS);
    weeks.map(Some).ok_or("Give engineer-weeks above 0 and at most 520, such as 1.5, or leave it empty.")
}

/// The estimate of an item in engineer-weeks: `0.2–0.8`.
pub fn estimate(effort: &HalfDays) -> String {
    let weeks = |half_days: u32| format::number(f64::from(half_days) / 10.0, 1);
    let (low, high) = (weeks(effort.low), weeks(effort.high));
    if low == high { low } else { format!("{low}–{high}") }
}

/// What a done item took against its estimate; `None` when nobody said so.
pub fn took(item: &Item) -> Option<String> {
    let weeks = format::number(item.took_weeks?, 2);
    let unit = if weeks == "1" { "engineer-week" } else { "engineer-weeks" };
    Some(format!("Took {weeks} {unit}, estimated {}", estimate(&item.half_days)))
}

/// What is left out and was not just planned by hand.
pub fn left_out(roadmap: &Roadmap) -> Vec<LeftOut> {
    roadmap
        .left_out
        .iter()
        .filter(|l| l.item.pinned_sprint.is_none_or(|p| p as usize >= roadmap.sprints.len()))
        .cloned()
        .collect()
}

/// Pixels of a half-day: a column shows its budget to scale.
pub fn scale(budget: u32) -> f64 {
    (TALLEST / f64::from(budget.max(1))).clamp(LEAST, 40.0)
}

/// The sprint a step to the left or right leads to.
pub fn neighbour(columns: &[Column], item: &ItemId, right: bool) -> Option<u32> {
    let at = columns.iter().position(|c| c.items.iter().any(|i| i.id == *item))?;
    let to = if right { at + 1 } else { at.checked_sub(1)? };
    columns.get(to).map(|c| c.index)
}

/// The decision that plans an item by hand.
pub fn pin(item: &ItemId, sprint: Option<u32>) -> Choice {
    Choice::PinItem { item: item.clone(), sprint }
}

/// How good the first sprint's choice is, in words.
pub fn certificate(roadmap: &Roadmap) -> String {
    if roadmap.gap <= 1e-9 {
        "Proven optimal: no other choice for the first sprint is worth more.".into()
    } else {
        format!("Within {} of the best possible choice for the first sprint.", format::percent(roadmap.gap))
    }
}

/// Where the budget comes from.
pub fn budget(team: &Team) -> String {
    format!(
        "{} a sprint: {} for {} days, {} there, {} for this work.",
        format::days_of(team.half_days()),
        format::count(team.people as usize, "person", "people"),
        team.sprint_days,
        format::percent(team.availability),
        format::percent(team.share)
    )
}

/// Why an item was left out.
pub fn because(word: &str) -> &'static str {
    match word {
        "budget" => "no budget left",
        "larger_than_a_sprint" => "larger than a sprint",
        "prerequisite" => "waits for another item",
        "no_value" => "closes nothing that counts",
        _ => "left out",
    }
}

/// One part of an item's value: name, number with unit, share of the largest among all items.
pub type Part = (&'static str, String, f64);

/// The four parts against the largest of each among all items.
pub fn parts(item: &Item, largest: &ValueParts) -> [Part; 4] {
    let share = |of: f64, most: f64| if most > 0.0 { (of / most).clamp(0.0, 1.0) } else { 0.0 };
    let p = &item.parts;
    [
        ("Points", format!("{} points", format::points(p.points)), share(p.points, largest.points)),
        ("Hours", format!("{} a year avoided", format::hours(p.hours)), share(p.hours, largest.hours)),
        (
            "Interest",
            format!("{} engineer-weeks a quarter", format::number(p.interest, 1)),
            share(p.interest, largest.interest),
        ),
        ("Urgency", format!("{} of 10", format::number(p.urgency, 1)), share(p.urgency, largest.urgency)),
    ]
}

/// The largest of each part among everything that could be done.
pub fn largest(roadmap: &Roadmap) -> ValueParts {
    let all = roadmap
        .sprints
        .iter()
        .flat_map(|s| &s.items)
        .chain(roadmap.left_out.iter().map(|l| &l.item))
        .chain(&roadmap.done);
    all.fold(ValueParts::default(), |m, i| ValueParts {
        points: m.points.max(i.parts.points),
        hours: m.hours.max(i.parts.hours),
        interest: m.interest.max(i.parts.interest),
        urgency: m.urgency.max(i.parts.urgency),
    })
}

/// An item wherever it is.
pub fn find<'a>(roadmap: &'a Roadmap, id: &str) -> Option<&'a Item> {
    let planned = roadmap.sprints.iter().flat_map(|s| &s.items);
    planned.chain(roadmap.left_out.iter().map(|l| &l.item)).chain(&roadmap.done).find(|i| i.id.as_str() == id)
}

/// What was measured after an item was done; the clearest verdict first.
pub fn result<'a>(assessment: &'a Assessment, item: &ItemId) -> Option<&'a Comparison> {
    let mut found: Vec<&Comparison> = assessment.comparisons.iter().filter(|c| c.item.as_ref() == Some(item)).collect();
    found.sort_by_key(|c| (c.verdict, c.subject.id.clone(), c.metric.clone(), c.route.clone()));
    found.first().copied()
}

/// The word of an item's progress.
pub fn progress(item: &Item) -> Option<(&'static str, Status)> {
    match (item.done_at, item.started_at) {
        (Some(_), _) => Some(("done", Status::Pass)),
        (None, Some(_)) => Some(("started", Status::Medium)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::{Sprint, SubjectRef};

    fn item(id: &str, mode: u32, pinned: Option<u32>) -> Item {
        Item {
            id: id.into(),
            rule: "DB-001".into(),
            subject: SubjectRef::organisation(),
            title: id.to_owned(),
            steps: Vec::new(),
            half_days: HalfDays { low: mode, mode, high: mode * 2 },
            value: 1000,
            parts: ValueParts { points: f64::from(mode), ..ValueParts::default() },
            needs: Vec::new(),
            closes: Vec::new(),
            proof_metric: String::new(),
            proof: String::new(),
            pinned_sprint: pinned,
            started_at: None,
            done_at: None,
            took_weeks: None,
        }
    }

    fn roadmap() -> Roadmap {
        let sprint = |items: Vec<Item>| Sprint {
            starts: Timestamp(0),
            budget_half_days: 10,
            used_half_days: 0,
            fits_probability: 0.8,
            items,
        };
        Roadmap {
            sprints: vec![sprint(vec![item("a", 4, None), item("b", 5, Some(1))]), sprint(vec![item("c", 6, None)])],
            left_out: vec![
                LeftOut { item: item("d", 3, Some(0)), because: "budget".into(), costs: String::new() },
                LeftOut { item: item("e", 3, None), because: "no_value".into(), costs: String::new() },
            ],
            ..Roadmap::default()
        }
    }

    #[test]
    fn what_was_moved_by_hand_is_shown_in_its_new_place_at_once() {
        let columns = columns(&roadmap());
        let ids = |c: &Column| c.items.iter().map(|i| i.id.to_string()).collect::<Vec<_>>();
        assert_eq!(ids(&columns[0]), ["a", "d"]);
        assert_eq!(ids(&columns[1]), ["b", "c"]);
        assert_eq!((columns[0].used, columns[1].used, columns[1].is_over()), (7, 11, true));
        assert_eq!(left_out(&roadmap()).len(), 1);
    }

    #[test]
    fn moves_stop_at_the_ends() {
        let columns = columns(&roadmap());
        assert_eq!(neighbour(&columns, &"a".into(), true), Some(1));
        assert_eq!(neighbour(&columns, &"a".into(), false), None);
        assert_eq!(neighbour(&columns, &"c".into(), true), None);
        assert_eq!(neighbour(&columns, &"e".into(), true), None, "left out: there is no column to leave");
    }

    #[test]
    fn the_certificate_is_words() {
        assert!(certificate(&roadmap()).starts_with("Proven optimal"));
        let near = Roadmap { gap: 0.034, ..roadmap() };
        assert_eq!(certificate(&near), "Within 3\u{202f}% of the best possible choice for the first sprint.");
    }

    #[test]
    fn parts_are_measured_against_the_largest() {
        let roadmap = roadmap();
        let [points, hours, ..] = parts(&item("a", 3, None), &largest(&roadmap));
        assert_eq!((points.2, hours.2), (0.5, 0.0));
    }

    #[test]
    fn what_an_item_took_is_read_as_people_write_it() {
        assert_eq!(engineer_weeks(" "), Ok(None));
        assert_eq!((engineer_weeks("1.5"), engineer_weeks(" 1,5 ")), (Ok(Some(1.5)), Ok(Some(1.5))));
        for nonsense in ["0", "-1", "two", "NaN", "inf", "521", "1.5.2"] {
            assert!(engineer_weeks(nonsense).is_err(), "{nonsense}");
        }
        let done = Item { half_days: HalfDays { low: 2, mode: 4, high: 8 }, ..item("a", 1, None) };
        assert_eq!(took(&done), None);
        assert_eq!(
            took(&Item { took_weeks: Some(1.5), ..done }).as_deref(),
            Some("Took 1.5 engineer-weeks, estimated 0.2–0.8")
        );
    }
}
