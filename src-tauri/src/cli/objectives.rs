//! `loadline objectives`: what was promised, what is left of it, how fast it burns.

use super::{Asked, Ended, no_snapshot, print};
use loadline_engine::performance as engine;
use loadline_model::performance::{Burn, Objective, Promises};
use serde_json::json;

pub(super) async fn run(asked: &Asked) -> Ended {
    let workspace = asked.open().await?;
    workspace.find(&asked.as_of).await?.ok_or_else(no_snapshot)?;
    let found = engine::promises(&workspace, &asked.as_of).await?;
    if asked.json {
        let as_of = found.as_of.to_string();
        print::json("objectives", json!({ "as_of": as_of, "objectives": found.objectives }))?;
    } else {
        text(&found);
    }
    Ok(0)
}

fn text(found: &Promises) {
    if found.objectives.is_empty() {
        return print::line(
            "No objective is known, so nobody can say how much failure is too much (OBS-006). Loadline reads objectives from \
             Datadog and from Sloth's rules in Prometheus.",
        );
    }
    for objective in &found.objectives {
        print::line(format!("{} {}", objective.state.word(), objective.sentence));
        if let Some(missing) = &objective.missing {
            print::line(format!("  {}", missing.closes));
        }
        for burn in &objective.burns {
            print::line(format!("  {}", burning(burn)));
        }
        print::line(format!("  {}", alerted(objective)));
    }
}

/// `1 h: burns at 0.4, calls somebody from 14.4 on: calm`.
fn burning(burn: &Burn) -> String {
    let rate = match burn.rate {
        Some(rate) => format!("burns at {rate:.1}"),
        None => "was not measured".to_owned(),
    };
    let gap = match burn.measured {
        m if m > 0.0 && m < 0.995 => format!(" ({} of it measured)", print::percent(m)),
        _ => String::new(),
    };
    let means = if burn.pages { "wakes somebody" } else { "is a ticket" };
    format!("{:.0} h {rate}{gap}, {means} from {} on: {}", burn.hours, burn.factor, burn.state.word())
}

fn alerted(objective: &Objective) -> &'static str {
    match objective.burn_rate_alert {
        Some(true) => "A burn-rate alert watches it.",
        Some(false) => "No burn-rate alert watches it.",
        None => "Whether a burn-rate alert watches it is not known.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loadline_model::performance::BurnState;

    #[test]
    fn a_burn_says_what_was_not_measured() {
        let burn = Burn {
            hours: 6.0,
            short_hours: 0.5,
            factor: 6.0,
            pages: true,
            rate: Some(0.44),
            short_rate: None,
            measured: 0.5,
            state: BurnState::Unknown,
        };
        assert_eq!(burning(&burn), "6 h burns at 0.4 (50 % of it measured), wakes somebody from 6 on: not proven");
        let silent = Burn { rate: None, measured: 0.0, pages: false, ..burn };
        assert_eq!(burning(&silent), "6 h was not measured, is a ticket from 6 on: not proven");
    }
}
