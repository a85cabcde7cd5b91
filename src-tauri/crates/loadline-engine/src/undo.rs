//! Undoing a decision: the decision that brings back what held before it.

use loadline_model::{Choice, Decision, Policy};

/// The choice that undoes `number`, from the log before it; `None` when there is nothing to take back.
pub fn inverse(log: &[Decision], number: i64) -> Option<Choice> {
    let at = log.iter().position(|d| d.number == number)?;
    let earlier = |same: &dyn Fn(&Choice) -> bool| log[..at].iter().rev().map(|d| &d.choice).find(|c| same(c)).cloned();
    let undone = &log[at].choice;
    let same_topic = |c: &Choice| topic(c) == topic(undone);
    let back = earlier(&same_topic);
    Some(match undone {
        Choice::ReviewNote { .. } => return None,
        _ if back.is_some() => return back,
        Choice::Accept { fingerprint, .. } | Choice::Unaccept { fingerprint } => {
            Choice::Unaccept { fingerprint: fingerprint.clone() }
        }
        Choice::Link { alias, .. } | Choice::Unlink { alias } => Choice::Unlink { alias: alias.clone() },
        Choice::SetTier { subject, .. } => Choice::SetTier { subject: subject.clone(), tier: None },
        Choice::SetEnvironment { subject, .. } => {
            Choice::SetEnvironment { subject: subject.clone(), environment: None }
        }
        Choice::SetManaged { subject, .. } => Choice::SetManaged { subject: subject.clone(), managed: None },
        Choice::StateEdge { from, to, hard, .. } => {
            Choice::StateEdge { from: from.clone(), to: to.clone(), hard: *hard, stated: false }
        }
        Choice::SetJourney { id, .. } | Choice::RemoveJourney { id } => Choice::RemoveJourney { id: id.clone() },
        Choice::StartItem { item, .. } | Choice::FinishItem { item, .. } | Choice::ReopenItem { item } => {
            Choice::ReopenItem { item: item.clone() }
        }
        Choice::PinItem { item, .. } => Choice::PinItem { item: item.clone(), sprint: None },
        Choice::Answer { subject, key, item, .. } => {
            Choice::Answer { subject: subject.clone(), key: key.clone(), item: item.clone(), value: None }
        }
        Choice::SetPolicy { policy } => {
            Choice::SetPolicy { policy: Box::new(Policy { version: policy.version + 1, ..Policy::default() }) }
        }
    })
}

/// What a choice is about: a later one about the same replaces it.
fn topic(choice: &Choice) -> (u8, String) {
    match choice {
        Choice::Accept { fingerprint, .. } | Choice::Unaccept { fingerprint } => (0, fingerprint.to_string()),
        Choice::Link { alias, .. } | Choice::Unlink { alias } => (1, alias.to_string()),
        Choice::SetTier { subject, .. } => (2, subject.to_string()),
        Choice::SetEnvironment { subject, .. } => (3, subject.to_string()),
        Choice::SetManaged { subject, .. } => (4, subject.to_string()),
        Choice::StateEdge { from, to, .. } => (5, format!("{from} {to}")),
        Choice::SetJourney { id, .. } | Choice::RemoveJourney { id } => (6, id.to_string()),
        Choice::StartItem { item, .. } | Choice::FinishItem { item, .. } | Choice::ReopenItem { item } => {
            (7, item.to_string())
        }
        Choice::PinItem { item, .. } => (8, item.to_string()),
        Choice::SetPolicy { .. } => (9, String::new()),
        Choice::ReviewNote { text, .. } => (10, text.clone()),
        Choice::Answer { subject, key, item, .. } => {
            (11, format!("{subject} {key} {}", item.as_deref().unwrap_or_default()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statements::Decided;
    use loadline_model::{ItemId, Tier, Timestamp};

    fn log(choices: Vec<Choice>) -> Vec<Decision> {
        let decision = |(i, choice): (usize, Choice)| Decision {
            number: i as i64 + 1,
            at: Timestamp(i as i64),
            author: "m".into(),
            choice,
        };
        choices.into_iter().enumerate().map(decision).collect()
    }

    #[test]
    fn undoing_brings_back_what_held_before() {
        let item = ItemId::new("DB-003@1");
        let cases = vec![
            vec![
                Choice::PinItem { item: item.clone(), sprint: Some(2) },
                Choice::PinItem { item: item.clone(), sprint: Some(0) },
            ],
            vec![Choice::PinItem { item: item.clone(), sprint: Some(2) }],
            vec![Choice::FinishItem { item: item.clone(), at: Timestamp(3), took_weeks: Some(2.0) }],
            vec![
                Choice::FinishItem { item: item.clone(), at: Timestamp(3), took_weeks: Some(2.0) },
                Choice::FinishItem { item, at: Timestamp(3), took_weeks: Some(20.0) },
            ],
            vec![Choice::Accept {
                fingerprint: "f".into(),
                owner: "o".into(),
                reason: "r".into(),
                until: Timestamp(9),
            }],
            vec![Choice::SetTier { subject: "db".into(), tier: Some(Tier::T0) }],
        ];
        for choices in cases {
            let mut with = choices.clone();
            let number = with.len() as i64;
            let undone = inverse(&log(with.clone()), number).expect("undoable");
            with.push(undone);
            let before = Decided::from_log(&log(choices[..choices.len() - 1].to_vec()));
            let after = Decided::from_log(&log(with));
            assert_eq!(
                (&before.items.pinned, &before.items.done, &before.items.took, before.acceptances.len()),
                (&after.items.pinned, &after.items.done, &after.items.took, after.acceptances.len())
            );
        }
    }
}
