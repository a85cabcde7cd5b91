//! A journey declared on the map becomes a decision that the command line would make, too.

use super::company;
use crate::pages::map::declare::Draft;
use loadline_model::{Choice, Decision, Timestamp};

fn set(id: &str, weight: f64) -> Decision {
    let choice = Choice::SetJourney { id: id.into(), name: id.into(), weight, needs: Vec::new(), critical: true };
    Decision { number: 1, at: Timestamp(0), author: "mira".into(), choice }
}

#[test]
fn a_new_journey_weighs_as_much_as_the_others() {
    let graph = company().graph;
    assert_eq!(Draft::of(&graph, None, &[]).weight, "1");
    assert_eq!(Draft::of(&graph, None, &[set("sign-up", 5.0), set("sign-up", 2.0)]).weight, "5");
}

#[test]
fn a_declared_journey_opens_as_it_was_stated() {
    let graph = company().graph;
    let draft = Draft::of(&graph, Some(&"sign-up".into()), &[set("sign-up", 3.0)]);
    assert_eq!((draft.name.as_str(), draft.weight.as_str()), ("Sign up", "3"));
    assert_eq!(draft.needs, ["api".into()]);
    let Some(Choice::SetJourney { id, weight, .. }) = draft.choice() else { panic!("complete") };
    assert_eq!((id, weight), ("sign-up".into(), 3.0));
}

#[test]
fn nothing_incomplete_is_saved() {
    let mut draft = Draft { name: " Check out ".into(), weight: "0,5".into(), critical: true, ..Draft::default() };
    assert_eq!(draft.choice(), None, "it needs nothing yet");
    draft.toggle(&"db".into());
    let Some(Choice::SetJourney { id, name, weight, needs, critical }) = draft.choice() else { panic!("complete") };
    assert_eq!((id, name.as_str(), weight), ("journey:check-out".into(), "Check out", 0.5));
    assert_eq!((needs, critical), (vec!["db".into()], true));
    for wrong in ["", "0", "-1", "NaN", "inf", "many"] {
        assert_eq!(Draft { weight: wrong.into(), ..draft.clone() }.choice(), None, "{wrong}");
    }
    assert_eq!(Draft { name: "  ".into(), ..draft.clone() }.choice(), None);
    draft.toggle(&"db".into());
    assert_eq!(draft.choice(), None);
}
