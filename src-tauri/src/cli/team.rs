//! `loadline team` and `loadline settings`.

use super::decide::decide;
use super::{Asked, Ended, print, wrong_usage};
use clap::{Args, Subcommand};
use loadline_engine::{EngineError, settings as stored, stages};
use loadline_model::{Choice, Limited, Policy, Timestamp};
use serde_json::json;

#[derive(Args)]
pub(super) struct Team {
    #[command(subcommand)]
    change: Option<TeamChange>,
}

#[derive(Subcommand)]
enum TeamChange {
    /// Set the team; what is left out stays as it is
    Set {
        /// Engineers
        #[arg(long)]
        people: Option<u32>,
        /// Working days in a sprint
        #[arg(long)]
        sprint_days: Option<u32>,
        /// First day of the first sprint
        #[arg(long, value_name = "DATE")]
        starts: Option<String>,
        /// Share of days people are there, 0–1
        #[arg(long)]
        availability: Option<f64>,
        /// Share of engineering time for this work, 0–1
        #[arg(long)]
        share: Option<f64>,
        /// Sprints to plan
        #[arg(long)]
        sprints: Option<u32>,
    },
}

#[derive(Args)]
pub(super) struct Settings {
    #[command(subcommand)]
    change: Option<SettingsChange>,
}

#[derive(Subcommand)]
enum SettingsChange {
    /// Change a threshold of a rule, such as DB-007.medium_ratio 0.7
    Threshold {
        /// RULE.key
        key: String,
        /// New value
        value: f64,
    },
    /// Change an alarm line, such as cpu 0.6
    Line {
        /// cpu, memory, disk, iops, connections, workers, quota, members, queue_drain, integer_key
        resource: String,
        /// Share of the hard limit
        value: f64,
    },
    /// Collect weekly, such as `monday 07:00`, or `off`
    Schedule {
        /// Weekday or `off`
        day: String,
        /// Local time
        #[arg(default_value = "07:00")]
        time: String,
    },
    /// Keep snapshots this many days (0: for ever)
    Retention {
        /// Days
        days: u32,
    },
    /// Time zone of the workspace
    Zone {
        /// IANA name
        name: String,
    },
    /// Name under which decisions are logged
    Author {
        /// The name
        name: String,
    },
    /// Show the names of persons (`on`), or a pseudonym for each everywhere (`off`)
    People {
        /// on or off
        #[arg(value_parser = ["on", "off"])]
        names: String,
    },
}

async fn policy(asked: &Asked) -> Result<Policy, EngineError> {
    Ok(stages::policy(&asked.open().await?.decisions().await?))
}

async fn change(asked: &Asked, mut policy: Policy) -> Ended {
    policy.version += 1;
    decide(asked, &Choice::SetPolicy { policy: Box::new(policy) }).await
}

pub(super) async fn team(words: Team, asked: &Asked) -> Ended {
    let mut policy = policy(asked).await?;
    let Some(TeamChange::Set { people, sprint_days, starts, availability, share, sprints }) = words.change else {
        let team = &policy.team;
        if asked.json {
            print::json("team", json!({ "team": team, "half_days": team.half_days() }))?;
        } else {
            print::line(format!(
                "{} people × {} days × {} availability × {} share = {} half-days a sprint",
                team.people,
                team.sprint_days,
                team.availability,
                team.share,
                team.half_days()
            ));
        }
        return Ok(0);
    };
    let ratio = |name: &str, value: f64| {
        (0.0..=1.0)
            .contains(&value)
            .then_some(value)
            .ok_or_else(|| wrong_usage(format!("--{name} {value} is not between 0 and 1.")))
    };
    let team = &mut policy.team;
    team.people = people.unwrap_or(team.people);
    team.sprint_days = sprint_days.unwrap_or(team.sprint_days);
    team.sprints = sprints.unwrap_or(team.sprints);
    if let Some(text) = starts {
        team.starts =
            Some(Timestamp::parse(&text).ok_or_else(|| wrong_usage(format!("--starts `{text}` is not a date.")))?);
    }
    if let Some(value) = availability {
        team.availability = ratio("availability", value)?;
    }
    if let Some(value) = share {
        team.share = ratio("share", value)?;
    }
    change(asked, policy).await
}

pub(super) async fn settings(words: Settings, asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    let mut current = stored::load(&workspace).await?;
    match words.change {
        None => {
            let policy = policy(asked).await?;
            return print::json(
                "settings",
                json!({ "settings": current, "policy": policy, "location": workspace.location() }),
            )
            .map(|()| 0);
        }
        Some(SettingsChange::Threshold { key, value }) => {
            let known = loadline_engine::parts::catalog()
                .into_iter()
                .any(|r| r.thresholds.iter().any(|t| format!("{}.{}", r.id, t.key) == key));
            if !known || !value.is_finite() {
                return Err(wrong_usage(format!(
                    "`{key}` is not a threshold. See `loadline rules RULE` for its keys."
                )));
            }
            let mut policy = policy(asked).await?;
            policy.thresholds.insert(key, value);
            return change(asked, policy).await;
        }
        Some(SettingsChange::Line { resource, value }) => {
            if !Limited::ALL.iter().any(|l| l.word() == resource) || !(0.0..=1.0).contains(&value) || value == 0.0 {
                return Err(wrong_usage(format!(
                    "`{resource} {value}` is not an alarm line. Use a resource and a share above 0 and up to 1."
                )));
            }
            let mut policy = policy(asked).await?;
            policy.limits.insert(resource, value);
            return change(asked, policy).await;
        }
        Some(SettingsChange::Schedule { day, time }) => current.schedule = schedule(&day, &time)?,
        Some(SettingsChange::Retention { days }) => current.retention_days = days,
        Some(SettingsChange::Zone { name }) => current.zone = name,
        Some(SettingsChange::Author { name }) => current.author = name,
        Some(SettingsChange::People { names }) => current.persons = names == "on",
    }
    stored::save(&workspace, &current).await?;
    print::line("Saved.");
    Ok(0)
}

fn schedule(day: &str, time: &str) -> Result<stored::Schedule, EngineError> {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    if day == "off" {
        return Ok(stored::Schedule { on: false, weekday: 0, hour: 7, minute: 0 });
    }
    let weekday = DAYS
        .iter()
        .position(|d| *d == day)
        .ok_or_else(|| wrong_usage(format!("`{day}` is not a weekday or `off`.")))?;
    let parsed = time.split_once(':').and_then(|(h, m)| Some((h.parse().ok()?, m.parse().ok()?)));
    let (hour, minute) = parsed.ok_or_else(|| wrong_usage(format!("`{time}` is not a time such as 07:00.")))?;
    Ok(stored::Schedule { on: true, weekday: weekday as u8, hour, minute })
}
