//! The rule of an alarm made of alarms: `ALARM("slow") AND NOT ALARM(arn)` (Amazon CloudWatch API Reference,
//! "PutCompositeAlarm").

/// Deeper nesting than anybody writes.
const DEEPEST: usize = 64;

/// The state of an alarm that a rule asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Alarm,
    Ok,
    NoData,
}

/// A rule, understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    Always(bool),
    /// The alarm of this name or ARN is in this state.
    Is(State, String),
    Not(Box<Rule>),
    All(Vec<Rule>),
    Any(Vec<Rule>),
}

impl Rule {
    /// `None` when it is not understood.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = Rest { text, depth: 0 };
        let rule = rest.any()?;
        rest.text.trim().is_empty().then_some(rule)
    }

    /// Whether it holds, when alarms are in these states; `None` when that hangs on a state that is not known.
    pub(super) fn holds(&self, state: &impl Fn(&str) -> Option<State>) -> Option<bool> {
        match self {
            Self::Always(so) => Some(*so),
            Self::Is(wanted, name) => state(name).map(|is| is == *wanted),
            Self::Not(rule) => rule.holds(state).map(|so| !so),
            Self::All(rules) => outweighs(rules, false, state),
            Self::Any(rules) => outweighs(rules, true, state),
        }
    }

    /// Alarms that it names.
    pub(super) fn names(&self) -> Vec<&str> {
        match self {
            Self::Always(_) => Vec::new(),
            Self::Is(_, name) => vec![name],
            Self::Not(rule) => rule.names(),
            Self::All(rules) | Self::Any(rules) => rules.iter().flat_map(Rule::names).collect(),
        }
    }
}

/// One part that is so decides; without one, a part that is not known leaves it open.
fn outweighs(rules: &[Rule], so: bool, state: &impl Fn(&str) -> Option<State>) -> Option<bool> {
    let parts: Vec<Option<bool>> = rules.iter().map(|r| r.holds(state)).collect();
    if parts.contains(&Some(so)) {
        return Some(so);
    }
    (!parts.contains(&None)).then_some(!so)
}

/// What is not parsed yet.
struct Rest<'t> {
    text: &'t str,
    depth: usize,
}

impl<'t> Rest<'t> {
    fn any(&mut self) -> Option<Rule> {
        let mut rules = vec![self.all()?];
        while self.word("OR") {
            rules.push(self.all()?);
        }
        Some(<[Rule; 1]>::try_from(rules).map_or_else(Rule::Any, |[one]| one))
    }

    fn all(&mut self) -> Option<Rule> {
        let mut rules = vec![self.one()?];
        while self.word("AND") {
            rules.push(self.one()?);
        }
        Some(<[Rule; 1]>::try_from(rules).map_or_else(Rule::All, |[one]| one))
    }

    fn one(&mut self) -> Option<Rule> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let rule = if self.word("NOT") {
            Rule::Not(Box::new(self.one()?))
        } else if self.sign('(') {
            let inner = self.any()?;
            self.sign(')').then_some(inner)?
        } else if self.word("TRUE") {
            Rule::Always(true)
        } else if self.word("FALSE") {
            Rule::Always(false)
        } else {
            let states = [("ALARM", State::Alarm), ("OK", State::Ok), ("INSUFFICIENT_DATA", State::NoData)];
            let (_, state) = states.into_iter().find(|(word, _)| self.word(word))?;
            Rule::Is(state, self.name()?)
        };
        self.depth -= 1;
        Some(rule)
    }

    /// In brackets, with quotes or without.
    fn name(&mut self) -> Option<String> {
        if !self.sign('(') {
            return None;
        }
        let name = match self.sign('"') {
            true => self.until('"')?,
            false => return self.until(')').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()),
        };
        self.sign(')').then(|| name.to_owned())
    }

    fn until(&mut self, end: char) -> Option<&'t str> {
        let (before, after) = self.text.split_once(end)?;
        self.text = after;
        Some(before)
    }

    fn sign(&mut self, sign: char) -> bool {
        let after = self.text.trim_start().strip_prefix(sign);
        self.text = after.unwrap_or(self.text);
        after.is_some()
    }

    /// A whole word.
    fn word(&mut self, word: &str) -> bool {
        let after = self.text.trim_start().strip_prefix(word);
        let after = after.filter(|a| !a.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'));
        self.text = after.unwrap_or(self.text);
        after.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_hold_as_they_say() {
        let holds = |rule: &str| {
            let state = |name: &str| match name {
                "slow" | "arn:aws:cloudwatch:eu-west-1:1:alarm:slow" => Some(State::Alarm),
                "unknown" => None,
                _ => Some(State::Ok),
            };
            Rule::parse(rule).map(|r| r.holds(&state))
        };
        let check = |rule: &str, expected: Option<Option<bool>>| assert_eq!(holds(rule), expected, "{rule}");
        check("ALARM(slow)", Some(Some(true)));
        check("ALARM(\"slow\")", Some(Some(true)));
        check(" ALARM( arn:aws:cloudwatch:eu-west-1:1:alarm:slow )", Some(Some(true)));
        check("ALARM(slow) AND ALARM(errors)", Some(Some(false)));
        check("ALARM(errors) OR ALARM(slow)", Some(Some(true)));
        check("ALARM(slow) AND NOT ALARM(\"a deployment (now)\")", Some(Some(true)));
        check("(ALARM(errors) OR OK(slow)) AND TRUE", Some(Some(false)));
        check("NOT (INSUFFICIENT_DATA(slow) OR FALSE)", Some(Some(true)));
        check("ALARM(slow) OR ALARM(unknown)", Some(Some(true)));
        check("ALARM(slow) AND ALARM(unknown)", Some(None));
        // OR binds weaker than AND.
        check("ALARM(slow) OR ALARM(errors) AND ALARM(errors)", Some(Some(true)));
        for not_understood in [
            "",
            "ALARM()",
            "ALARM(slow",
            "ALARM(\"slow)",
            "ALARMS(slow)",
            "ALARM(slow) ALARM(slow)",
            "AT_LEAST(1, ALARM, (a, b))",
        ] {
            check(not_understood, None);
        }
        check(&format!("{}ALARM(slow){}", "(".repeat(5000), ")".repeat(5000)), None);
        assert_eq!(
            Rule::parse("ALARM(a) AND (OK(b) OR NOT ALARM(c))").map(|r| r.names().join(" ")),
            Some("a b c".into())
        );
    }
}
