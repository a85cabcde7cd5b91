//! Session or user state in process memory or on local disk.

use crate::evaluate::Reading;
use crate::verdict::Verdict;
use crate::{Applies, Context, Rule, Subject};
use loadline_model::{CheckResult, Escalation, GapReason, Kind, Severity, key};

pub(super) const RULE: Rule = Rule {
    id: "SCALE-002",
    title: "Session or user state in process memory or on local disk",
    question: "Does state die with the process?",
    why: "State that only one member can read makes that member irreplaceable: users were signed out when a server died (S4), \
          and uploads on its disk are gone with it.",
    condition: "Sessions live in the process, or uploads on its local disk",
    fix: &[
        "sessions in Redis, or short-lived tokens with revocation for mobile clients",
        "uploads in object storage",
        "a shared adapter for sockets",
    ],
    effort_days: [1.0, 5.0],
    effort_source: "HD; S4 first step of its plan",
    weight: 5,
    severity: "critical when uploads exist only on local disk; high otherwise",
    escalation: Escalation::Standard,
    data_safety: false,
    applies: Applies::To(&[Kind::Service]),
    numbers: &[],
    sources: &[
        (
            "repository",
            "express-session with MemoryStore; SESSION_ENGINE of Django; multer dest or MEDIA_ROOT on a local path",
        ),
        ("kubernetes", "emptyDir or ReadWriteOnce volume on a web Deployment"),
        ("user", "a statement, or a drill: terminate one member and count sign-ins"),
    ],
    proof_metric: "error_ratio",
    proof: "nobody signs in again when a member is terminated",
    false_positives: "Caches in each process of data that everybody may see.",
    unknown_when: "no repository is connected and nobody said where sessions and uploads live",
    prerequisites: &[],
    check,
};

fn check(subject: &Subject<'_>, context: &Context<'_>) -> CheckResult {
    let mut seen = Reading::of(subject, context);
    let name = subject.name();
    let mut verdict = Verdict::new();
    let closes = "Connect the repository or the cluster; a person's word can show a fault, not its absence.";
    let mut sure = "";
    match seen.flag("sessions in the process", key::SESSIONS_IN_PROCESS) {
        Some(true) => verdict.fault(
            Severity::High,
            format!(
                "sessions of `{name}` {}live in its process: every member that stops signs its users out",
                seen.likely()
            ),
        ),
        Some(false) => sure = sure.max(seen.likely()),
        None => verdict.lacks(GapReason::NotConnected, format!("where sessions of `{name}` live is not known"), closes),
    }
    match seen.flag("uploads on local disk", key::UPLOADS_ON_DISK) {
        Some(true) => verdict.fault(
            Severity::Critical,
            format!("uploads of `{name}` {}exist only on a local disk: they are lost with the machine, and other members cannot read them", seen.likely()),
        ),
        Some(false) => sure = sure.max(seen.likely()),
        None => verdict.lacks(GapReason::NotConnected, format!("where uploads of `{name}` live is not known"), closes),
    }
    verdict.answer(seen.rows, format!("Any member of `{name}` can {sure}serve any user."))
}

#[cfg(test)]
mod tests {
    use super::RULE;
    use crate::scale::cases::service;
    use crate::testing::Case;
    use loadline_model::{Basis, Setting, Tier, Value, key};

    #[test]
    fn cases() {
        let check = |case: Case, expected: &str| assert_eq!(case.answer(&RULE, "api"), expected);
        let sessions = |on| service(Tier::T1).flag("api", key::SESSIONS_IN_PROCESS, on);
        check(service(Tier::T1), "unknown not_connected");
        check(sessions(true), "fail high");
        check(sessions(false), "unknown not_connected");
        check(sessions(false).flag("api", key::UPLOADS_ON_DISK, true), "fail critical");
        check(sessions(false).flag("api", key::UPLOADS_ON_DISK, false), "pass");
        let said = Setting { key: key::UPLOADS_ON_DISK.into(), item: None, value: Value::Bool(false) };
        check(sessions(false).fact("api", Basis::Stated, said), "unknown not_connected");
    }

    #[test]
    fn what_is_recognised_in_code_is_likely() {
        let said = |key: &str, on| Setting { key: key.into(), item: None, value: Value::Bool(on) };
        let case = |on| {
            let case = service(Tier::T1).fact("api", Basis::Inferred, said(key::SESSIONS_IN_PROCESS, on));
            case.flag("api", key::UPLOADS_ON_DISK, false).check_of(&RULE, "api").result.sentence
        };
        assert!(case(true).contains("`api` likely live"), "{}", case(true));
        assert_eq!(case(false), "Any member of `api` can likely serve any user.");
    }
}
