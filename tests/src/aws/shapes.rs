//! More shapes of accounts: redundancy that exists only on paper beside the same redundancy in truth.

use super::documented::{Beside, turn};
use super::*;

const FAMILIES: [&str; 1] = ["SPOF-"];

fn assessed(name: &str, given: &str, beside: Beside) -> Assessed {
    Estate::new(name, given, turn(beside)).assessed()
}

#[test]
fn one_way_out_of_two_zones_is_shared_and_one_of_each_is_not() {
    let check = |given: &str, failing: &[&str]| {
        let said = assessed("egress.py", given, Beside::default());
        assert_eq!(said.failing(&FAMILIES), failing, "{given}");
        // Pages are served without calling out: the way out is no single point of failure of what users do.
        assert_eq!(said.spofs(), ["eu-west-1", "front"], "{given}");
    };
    check("shared = True", &["SPOF-007 nat-a"]);
    check("shared = False", &[]);
}

#[test]
fn two_members_in_one_zone_are_redundant_on_paper_only() {
    let check = |zones: &str, spofs: &[&str], failing: &[&str]| {
        let said = assessed("members.py", &format!("zones, required = '{zones}', None"), Beside::default());
        assert_eq!((said.spofs(), said.failing(&FAMILIES)), (spofs.to_vec(), strings(failing)), "{zones}");
    };
    check("aa", &["eu-west-1", "eu-west-1a", "front"], &["SPOF-003 pages"]);
    check("ab", &["eu-west-1", "front"], &[]);
}

#[test]
fn two_of_three_must_be_up() {
    let check = |zones: &str, required: &str, spofs: &[&str], failing: &[&str]| {
        let given = format!("zones, required = '{zones}', '{required}'");
        let said = assessed("members.py", &given, Beside::default());
        assert_eq!((said.spofs(), said.failing(&FAMILIES)), (spofs.to_vec(), strings(failing)), "{given}");
    };
    check("abc", "2", &["eu-west-1", "front"], &[]);
    check("aab", "2", &["eu-west-1", "eu-west-1a", "front"], &["SPOF-003 pages"]);
    let each = ["eu-west-1", "eu-west-1a", "eu-west-1b", "eu-west-1c", "front", "pages-0a", "pages-1b", "pages-2c"];
    check("abc", "3", &each, &["SPOF-001 pages", "SPOF-003 pages"]);
}

#[test]
fn a_copy_in_another_account_is_seen_and_none_is_never_taken_for_one() {
    let answer = |copied_to| {
        let said = assessed("copies.py", "", Beside { copied_to, ..Beside::default() });
        let found = said.list("findings").iter().find(|f| f["rule"] == "DATA-005" && f["subject"]["name"] == "orders");
        let found = found.unwrap_or_else(|| panic!("DATA-005 is passed without evidence of a lock"));
        let rows = found["evidence"].as_array().expect("evidence").iter();
        let isolated = rows.filter(|r| r["source"] == "backup:ListCopyJobs").map(|r| text(&r["value"]).to_owned());
        (text(&found["result"]).to_owned(), isolated.collect::<Vec<_>>())
    };
    assert_eq!(answer(Some("444455556666")), ("unknown".to_owned(), vec!["on".to_owned()]), "a lock is not shown");
    assert_eq!(answer(Some(documented::ACCOUNT)), ("unknown".to_owned(), vec![]), "a copy beside it is none");
    assert_eq!(answer(None), ("unknown".to_owned(), vec![]));
}

#[test]
fn a_reader_in_the_writers_zone_shares_its_fate() {
    let check = |zones: &str, spofs: &[&str], failing: &[&str]| {
        let beside = Beside { tasks: "ab", ..Beside::default() };
        let said = assessed("aurora.py", &format!("zones = '{zones}'"), beside);
        assert_eq!((said.spofs(), said.failing(&FAMILIES)), (spofs.to_vec(), strings(failing)), "{zones}");
    };
    check("aa", &["eu-west-1", "eu-west-1a", "front"], &[]);
    check("ab", &["eu-west-1", "front"], &[]);
    check("a", &["eu-west-1", "eu-west-1a", "front", "orders-0"], &["SPOF-004 orders"]);
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|w| (*w).to_owned()).collect()
}
