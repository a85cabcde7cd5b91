//! Scheduler, certificate, domain or secret has one guardian.

use crate::evaluate::gap_anywhere;
use crate::{Applies, Context, Number, Rule, Subject};
use loadline_model::{CheckResult, Escalation, Evidence, Expiry, GapReason, Setting, Severity, Tier, key};

pub(super) const RULE: Rule = Rule {
    id: "SPOF-012",
    title: "Scheduler, certificate, domain or secret has one guardian",
    question: "Will something expire or stop because one cron host, certificate or renewal owner fails?",
    why: "Calendars cause outages that no load test finds: a certificate that nobody renewed stops every user at one minute, and \
          a job that quietly stopped is noticed when its result is missed.",
    condition: "a certificate or secret ends within 21 days, a domain within 45 days without renewal, a job missed two runs, or \
                jobs run in a web process or on one host",
    fix: &[
        "managed certificates, renewal by itself",
        "schedules in the cluster's or cloud's scheduler, with an alert on the last success",
        "a lock round each job",
    ],
    effort_days: [0.5, 3.0],
    effort_source: "HD",
    weight: 2,
    severity: "critical: certificate, secret or domain ends within 7 days; high: within 21 days, or missed runs of a T0 job; \
               medium: a domain within 45 days, missed runs of other jobs, jobs on one host",
    escalation: Escalation::None,
    data_safety: false,
    applies: Applies::Organisation,
    numbers: &[
        Number { key: "critical_days", value: 7.0, unit: "d", source: "HD" },
        Number { key: "certificate_days", value: 21.0, unit: "d", source: "HD" },
        Number { key: "domain_days", value: 45.0, unit: "d", source: "HD" },
        Number { key: "missed_runs", value: 2.0, unit: "runs", source: "PROM: alert after about two missed runs" },
    ],
    sources: &[
        ("k8s", "kube_cronjob_status_last_successful_time, kube_cronjob_spec_suspend"),
        (
            "aws",
            "acm:ListCertificates -> NotAfter, InUse; events:ListRules; route53domains:ListDomains -> Expiry, AutoRenew",
        ),
        ("net", "notAfter of the TLS handshake of every public name"),
        ("repo", "crontab, whenever, APScheduler, node-cron inside the web process"),
    ],
    proof_metric: "availability_sli",
    proof: "the fewest days to an expiry rise; missed runs a week fall to 0",
    false_positives: "Certificates that nothing uses; jobs suspended on purpose.",
    unknown_when: "the registrar is not connected and the registry hides the date, or where jobs run is not known",
    prerequisites: &[],
    check,
};

/// What is wrong, how badly, as half a sentence.
type Fault = (Severity, String);

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut rows = Vec::new();
    let mut faults: Vec<Fault> = Vec::new();
    let mut missing = vec!["certificate", "domain", "schedule"];
    for (id, expiry, from) in context.facts.all::<Expiry>() {
        if !matches!(expiry.what.as_str(), "certificate" | "domain" | "secret") {
            continue;
        }
        missing.retain(|m| *m != expiry.what);
        let days = expiry.at.days_since(context.as_of);
        let owner = context.reference(id).name;
        let label = format!("{} {} ({owner})", expiry.what, expiry.name);
        rows.push(Evidence::read(label, format!("ends in {days:.0} days"), from));
        faults.extend(ends_soon(subject, expiry, days));
    }
    for (id, setting, from) in context.facts.all::<Setting>() {
        if ![key::SCHEDULE_RUNS_IN, key::SCHEDULE_MISSED_RUNS].contains(&setting.key.as_str()) {
            continue;
        }
        missing.retain(|m| *m != "schedule");
        let job = setting.item.clone().unwrap_or_else(|| context.reference(id).name);
        rows.push(Evidence::read(format!("{} of {job}", setting.key), setting.value.to_string(), from));
        let tier = context.topology.graph.node(id).map_or(Tier::T0, |n| n.tier);
        faults.extend(badly_scheduled(subject, setting, &job, tier));
    }
    faults.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    if let Some((severity, first)) = faults.first() {
        let sentence = format!("{} of {} will stop something: {first}.", faults.len(), rows.len());
        return CheckResult::fail(*severity, sentence, rows);
    }
    let topics = ["expiry", "certificate", "domain", "schedule", "secret"];
    if let Some(gap) = gap_anywhere(context, &topics) {
        return CheckResult::unknown(gap.reason, gap.detail.clone(), gap.closes.clone()).with_evidence(rows);
    }
    if !missing.is_empty() {
        return CheckResult::unknown(
            GapReason::NotConnected,
            format!("nothing is known of: {}", missing.join(", ")),
            "Connect the certificates' and domains' account (ACM, registrar) and the place where jobs are scheduled, or state them.",
        )
        .with_evidence(rows);
    }
    CheckResult::pass("Nothing ends soon, and no job waits for a single host.", rows)
}

fn ends_soon(subject: &Subject<'_>, expiry: &Expiry, days: f64) -> Option<Fault> {
    let renews = expiry.automatic == Some(true);
    let is_domain = expiry.what == "domain";
    let line = if is_domain { subject.number("domain_days") } else { subject.number("certificate_days") };
    if days >= line || is_domain && renews {
        return None;
    }
    let severity = if days < subject.number("critical_days") {
        Severity::Critical
    } else if days < subject.number("certificate_days") {
        Severity::High
    } else {
        Severity::Medium
    };
    let when = if days < 0.0 { "has ended".to_owned() } else { format!("ends in {days:.0} days") };
    Some((severity, format!("{} {} {when}: everyone behind it stops then", expiry.what, expiry.name)))
}

fn badly_scheduled(subject: &Subject<'_>, setting: &Setting, job: &str, tier: Tier) -> Option<Fault> {
    if let Some(missed) = setting.value.as_number().filter(|m| *m >= subject.number("missed_runs")) {
        let severity = if tier == Tier::T0 { Severity::High } else { Severity::Medium };
        return Some((severity, format!("{missed:.0} runs of {job} were missed in a row")));
    }
    let place = match setting.value.as_text() {
        Some("web_process") => "inside a web process: every member runs it, or none",
        Some("one_host") => "on one host: it stops with it, unnoticed",
        _ => return None,
    };
    Some((Severity::Medium, format!("{job} runs {place}")))
}

#[cfg(test)]
#[path = "one_guardian_cases.rs"]
mod tests;
