//! Scope `activity`: what the server does, from counters since its start and from two looks a moment apart.

use super::commands::{Argument, COMMAND_STATS, CONFIG, INFO};
use super::info::Info;
use super::reading::Reading;
use super::{server, slow, statistics};
use crate::Cancelled;
use loadline_model::{Basis, GapReason, Limited, Value, key, key::metric};
use std::time::{Duration, Instant};

/// Between the two looks.
pub(super) const BETWEEN: Duration = Duration::from_secs(3);
/// An average over less than this says nothing about a rate, in seconds.
const LONG_ENOUGH: f64 = 3_600.0;
/// Fewer reads than this between the looks make no ratio.
const READS: f64 = 100.0;
const WEEK: f64 = 7.0 * 86_400.0;

/// Reads the scope.
pub(super) async fn read(r: &mut Reading<'_>) -> Result<(), Cancelled> {
    let Some(before) = r.info().await? else { return Ok(()) };
    let begun = Instant::now();
    let commands = r.ask(&COMMAND_STATS, Argument::None).await?.and_then(|reply| reply.text()).map(|t| Info::parse(&t));
    let mut settings = server::Settings::new();
    for name in ["slowlog-log-slower-than", "slowlog-max-len"] {
        // Where the scope `server` was refused too, the gap is the same and said once in each.
        if let Some(value) = r.ask(&CONFIG, Argument::Setting(name)).await?.and_then(|reply| reply.field(name)) {
            settings.insert(name, value);
        } else {
            break;
        }
    }
    let uptime = before.number("uptime_in_seconds").unwrap_or(0.0);
    slow::read(r, &settings, uptime).await?;
    r.window.wait(tokio::time::sleep(BETWEEN.saturating_sub(begun.elapsed()))).await?;
    let Some(after) = r.info().await? else { return Ok(()) };
    let seconds = begun.elapsed().as_secs_f64();
    if after.text("run_id") != before.text("run_id") {
        let closes = "Collect again.";
        r.answer.miss(GapReason::CounterReset, "The server restarted while it was read.", closes);
        return Ok(());
    }
    r.number(&INFO, key::STATISTICS_WINDOW_HOURS, after.number("uptime_in_seconds").map(|s| s / 3_600.0));
    hits(r, &before, &after, seconds, uptime);
    busy(r, &before, &after, seconds);
    refused(r, &before, &after, uptime);
    if let Some(commands) = &commands {
        evictions(r, &after, commands);
        statistics::say(r, commands, uptime);
    }
    Ok(())
}

fn hits(r: &mut Reading<'_>, before: &Info, after: &Info, seconds: f64, uptime: f64) {
    let counts = |info: &Info| info.number("keyspace_hits").zip(info.number("keyspace_misses"));
    let (Some((hits, misses)), Some((hits_before, misses_before))) = (counts(after), counts(before)) else { return };
    r.number(&INFO, key::HIT_RATIO, ratio(hits, misses, 1.0));
    let (recent_hits, recent_misses) = (hits - hits_before, misses - misses_before);
    let sample = ratio(recent_hits, recent_misses, READS);
    r.now(&INFO, metric::CACHE_HIT_RATIO, "ratio", None, sample);
    let recent = (recent_hits + recent_misses).max(0.0) / seconds;
    let average = if uptime >= LONG_ENOUGH { (hits + misses) / uptime } else { 0.0 };
    r.number(&INFO, key::CACHE_GETS_PER_SECOND, Some(recent.max(average)));
}

/// Hits of all reads, when there were enough of them.
fn ratio(hits: f64, misses: f64, least: f64) -> Option<f64> {
    let all = hits + misses;
    (all >= least && hits >= 0.0 && misses >= 0.0).then(|| hits / all)
}

/// Time of the one thread that runs commands, as a share of one core.
fn busy(r: &mut Reading<'_>, before: &Info, after: &Info, seconds: f64) {
    let spent = |info: &Info| {
        let main = info.number("used_cpu_sys_main_thread").zip(info.number("used_cpu_user_main_thread"));
        main.or_else(|| info.number("used_cpu_sys").zip(info.number("used_cpu_user"))).map(|(sys, user)| sys + user)
    };
    let share = spent(before).zip(spent(after)).map(|(then, now)| ((now - then) / seconds).clamp(0.0, 1.0));
    r.now(&INFO, Limited::Cpu.utilisation_metric(), "ratio", None, share);
}

fn refused(r: &mut Reading<'_>, before: &Info, after: &Info, uptime: f64) {
    let (Some(then), Some(now)) = (before.number("rejected_connections"), after.number("rejected_connections")) else {
        return;
    };
    let of_week = match now {
        0.0 => Some(0.0),
        n if uptime <= WEEK => Some(n),
        n if n > then => Some(n - then),
        _ => None,
    };
    r.number(&INFO, key::CONNECTIONS_REFUSED_7D, of_week);
    if of_week.is_none() {
        let days = uptime / 86_400.0;
        let detail =
            format!("{now:.0} connections were rejected since the start {days:.0} days ago; when, it does not say.");
        let closes = "Connect a Prometheus that scrapes redis_exporter.";
        r.answer.miss_of(GapReason::ShortWindow, detail, closes, &[], Some(&r.server.subject()));
    }
}

/// Keys thrown away for each command that writes, since the counters began.
fn evictions(r: &mut Reading<'_>, after: &Info, commands: &Info) {
    let Some(evicted) = after.number("evicted_keys") else { return };
    let written = statistics::writes(commands);
    let share = if evicted == 0.0 { Some(0.0) } else { (written > 0.0).then(|| (evicted / written).min(1.0)) };
    if let Some(share) = share {
        r.set(&COMMAND_STATS, Basis::Measured, key::CACHE_EVICTED_PER_SET, None, Value::Number(share));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_need_enough_reads() {
        assert_eq!(ratio(90.0, 10.0, 100.0), Some(0.9));
        assert_eq!(ratio(9.0, 1.0, 100.0), None);
        assert_eq!(ratio(0.0, 0.0, 1.0), None);
        assert_eq!(ratio(-5.0, 200.0, 1.0), None, "counters were reset in between");
    }
}
