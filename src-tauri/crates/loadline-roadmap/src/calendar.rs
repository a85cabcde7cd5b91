//! First days of sprints.

use loadline_model::{Team, Timestamp};

/// First day of a sprint (0-based): the team's first day, else the Monday after `as_of` (UTC), and then a sprint's working days
/// further for each sprint before it. Five working days are a week; a remainder skips weekends.
pub(crate) fn starts(team: &Team, as_of: Timestamp, sprint: u32) -> Timestamp {
    let first = team.starts.unwrap_or_else(|| as_of.utc_day().week_start().utc_start().plus_days(7));
    let working_days = i64::from(sprint) * i64::from(team.sprint_days);
    let full_weeks = first.plus_days(working_days / 5 * 7);
    (0..working_days % 5).fold(full_weeks, |day, _| next_working_day(day))
}

fn next_working_day(day: Timestamp) -> Timestamp {
    match day.utc_day().weekday() {
        4 => day.plus_days(3),
        5 => day.plus_days(2),
        _ => day.plus_days(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(as_of: &str, sprint_days: u32, expected: [&str; 3]) {
        let team = Team { sprint_days, ..Team::default() };
        let as_of = Timestamp::parse(as_of).expect("valid");
        let days: Vec<String> = (0..3).map(|s| starts(&team, as_of, s).utc_day().to_string()).collect();
        assert_eq!(days, expected);
    }

    #[test]
    fn sprints_start_on_the_monday_after() {
        check("2026-11-21T07:00:00Z", 10, ["2026-11-23", "2026-12-07", "2026-12-21"]);
        check("2026-11-23T00:00:00Z", 5, ["2026-11-30", "2026-12-07", "2026-12-14"]);
        check("2026-11-21T07:00:00Z", 7, ["2026-11-23", "2026-12-02", "2026-12-11"]);
    }

    #[test]
    fn a_team_may_start_when_it_likes() {
        let starts_on = Timestamp::parse("2026-12-01").expect("valid");
        let team = Team { starts: Some(starts_on), ..Team::default() };
        assert_eq!(starts(&team, Timestamp(0), 0), starts_on);
        assert_eq!(starts(&team, Timestamp(0), 1).utc_day().to_string(), "2026-12-15");
    }
}
