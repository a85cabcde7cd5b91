use super::super::range::{Range, Shown};
use super::picture::{csv, first_on_show, points, spark, stack, top};
use super::view::{
    Column, Sort, across_sentence, amount, bytes, counted, growth, haystack, ms, order, product, shares,
    trend_sentence, trend_word,
};
use loadline_model::databases::{Across, AcrossFound, Client, DatabaseRow, Databases, Period, StatementRow, Trend};
use loadline_model::{DAY_MS, Day, Effect, SubjectRef, Timestamp, Verb, Verdict};

fn subject(id: &str) -> SubjectRef {
    SubjectRef { id: id.into(), kind: None, name: id.into(), account: None, region: None }
}

fn statement(fingerprint: &str, text: &str, share: f64) -> StatementRow {
    StatementRow {
        database: "db".into(),
        fingerprint: fingerprint.into(),
        text: text.into(),
        verb: Verb::Read,
        tables: vec![],
        route: None,
        share,
        calls: 10.0,
        calls_per_day: Some(10.0),
        total_ms: share * 1e3,
        mean_ms: share * 100.0,
        rows_per_call: 1.0,
        examined_per_row: None,
        temp_blocks_per_call: None,
        first_seen: None,
        ms_per_day: vec![],
        mean_over: vec![],
        trend: Trend::OneReading,
        across: None,
    }
}

fn found(statements: Vec<StatementRow>) -> (Databases, Vec<String>) {
    let haystacks = statements.iter().map(haystack).collect();
    (Databases { statements, ..Databases::default() }, haystacks)
}

fn ordered(found: &(Databases, Vec<String>), query: &str, database: Option<&str>, sort: &str) -> Vec<String> {
    let sort = Sort::of(Some(sort).filter(|s| !s.is_empty()));
    let order = order((&found.0, &found.1, &shares(&found.0)), query, database, sort);
    order.into_iter().map(|at| found.0.statements[at].fingerprint.clone()).collect()
}

#[test]
fn statements_are_searched_and_sorted() {
    let found = found(vec![
        StatementRow { tables: vec!["orders".into()], ..statement("a", "SELECT * FROM Orders", 0.5) },
        StatementRow {
            route: Some("GET /feed".into()),
            examined_per_row: Some(900.0),
            ..statement("b", "select posts", 0.3)
        },
        StatementRow {
            database: "other".into(),
            examined_per_row: Some(3.0),
            ..statement("c", "update orders set x = ?", 0.2)
        },
    ]);
    let check = |query: &str, database: Option<&str>, sort: &str, expected: &[&str]| {
        assert_eq!(ordered(&found, query, database, sort), expected, "{query:?} {database:?} {sort:?}");
    };
    check("", None, "", &["a", "b", "c"]);
    check("orders", None, "", &["a", "c"]);
    check("ORDERS select", None, "", &["a"]);
    check("feed", None, "", &["b"]);
    check("nothing", None, "", &[]);
    check("", Some("other"), "", &["c"]);
    check("", None, "share", &["c", "b", "a"]);
    check("", None, "text", &["a", "b", "c"]);
    check("", None, "-text", &["c", "b", "a"]);
    check("", None, "no such column", &["a", "b", "c"]);
    // What was not counted goes last, whichever way the rest is sorted.
    check("", None, "-examined", &["b", "c", "a"]);
    check("", None, "examined", &["c", "b", "a"]);
}

#[test]
fn twenty_thousand_statements_keep_their_order() {
    let many = (0..20_000).map(|n| statement(&n.to_string(), &format!("select {n}"), 1.0 / f64::from(n + 1))).collect();
    let found = found(many);
    let order = ordered(&found, "select 19", None, "share");
    assert_eq!(order.len(), (0..20_000).filter(|n| n.to_string().contains("19")).count());
    assert_eq!((order.first().map(String::as_str), order.last().map(String::as_str)), (Some("19999"), Some("19")));
}

#[test]
fn a_press_sorts_by_the_largest_first_and_then_turns() {
    let sort = Sort::FIRST.pressed(Column::Mean);
    assert_eq!(
        (sort.word().as_deref(), sort.aria(Column::Mean), sort.aria(Column::Share)),
        (Some("-mean"), "descending", "none")
    );
    assert_eq!(sort.pressed(Column::Mean).word().as_deref(), Some("mean"));
    assert_eq!(Sort::FIRST.pressed(Column::Statement).word().as_deref(), Some("text"));
    assert_eq!(Sort::FIRST.word(), None);
    for (column, key, ..) in Column::ALL {
        assert_eq!(Sort::of(Some(key)), Sort { column, descending: false });
    }
}

#[test]
fn trends_are_said_without_a_negative_or_a_guess() {
    let check = |trend: Trend, word: &str, worse: Option<bool>, part: &str| {
        assert_eq!(trend_word(&trend), (word.to_owned(), worse));
        assert!(trend_sentence(&trend).contains(part), "{}", trend_sentence(&trend));
    };
    let compared = |before_ms, now_ms| Trend::Compared { before_ms, now_ms };
    check(compared(640.0, 11.0), "−98\u{202f}%", Some(false), "took 640\u{202f}ms");
    check(compared(10.0, 13.0), "+30\u{202f}%", Some(true), "takes 13\u{202f}ms");
    check(compared(10.0, 45.0), "4.5× slower", Some(true), "45\u{202f}ms");
    check(compared(10.0, 10.2), "steady", None, "10\u{202f}ms");
    check(compared(0.0, 10.0), "not comparable", None, "10\u{202f}ms");
    check(Trend::New, "new", None, "first time");
    check(Trend::OneReading, "one reading", None, "next collection");
    check(Trend::NotComparable { why: "Its counters were reset.".into() }, "not comparable", None, "reset");
}

#[test]
fn numbers_carry_their_unit() {
    let check = |said: String, expected: &str| assert_eq!(said.replace('\u{202f}', " "), expected);
    check(ms(0.42), "0.42 ms");
    check(ms(4.0), "4 ms");
    check(ms(640.0), "640 ms");
    check(ms(1_840.0), "1.8 s");
    check(ms(240_000.0), "4 min");
    check(amount(0.4), "0.4");
    check(amount(1_240.0), "1,240");
    check(amount(12_857.0), "12.9 k");
    check(amount(1_150_000.0), "1.1 M");
    check(bytes(-2.5e7), "−25 MB");
    check(growth(3.4e6), "+3.4 MB a day");
    check(growth(-3.4e6), "−3.4 MB a day");
    check(growth(12.0), "steady");
    check(counted(Some(168.0)), "counted over 7 days");
    check(counted(Some(6.0)), "counted over 6 h");
    check(counted(None), "count of unknown length");
}

#[test]
fn connections_read_as_a_multiplication() {
    let client = |members, most_members, pool| Client {
        subject: subject("api"),
        members,
        most_members,
        processes: Some(2.0),
        pool,
        may_open: None,
        at_full_scale: None,
    };
    let check = |client: Client, expected: &str| assert_eq!(product(&client), expected);
    check(client(Some(4.0), Some(8.0), Some(10.0)), "4–8 members × 2 processes × 10 each");
    check(client(Some(4.0), Some(4.0), Some(10.0)), "4 members × 2 processes × 10 each");
    check(client(None, None, None), "? members × 2 processes × ? each");
}

fn drawn() -> Databases {
    let over =
        |name: &str, spent: [Option<f64>; 3]| StatementRow { ms_per_day: spent.to_vec(), ..statement(name, name, 0.1) };
    let day = |n: i64| Timestamp(n * DAY_MS);
    let period =
        |n: i64, why: Option<&str>| Period { from: day(n), until: day(n + 7), not_comparable: why.map(str::to_owned) };
    let row = DatabaseRow {
        subject: subject("db"),
        engine: None,
        version: None,
        managed: None,
        environment: None,
        connections: None,
        usable: None,
        at_peak: None,
        hit_ratio: None,
        replicas: vec![],
        standbys: None,
        bytes: None,
        bytes_per_day: None,
        disk: None,
        disk_days: None,
        disk_unknown: None,
        shapes: 7,
        total_ms: 0.0,
        counted_from: None,
        counted_hours: None,
        busy: None,
        share: None,
        no_statements: None,
        periods: vec![period(0, None), period(6, Some("Reset.")), period(14, None)],
    };
    let mut statements: Vec<StatementRow> =
        (1..=6).map(|n| over(&format!("s{n}"), [Some(f64::from(n) * 1e3), None, Some(1e3)])).collect();
    statements.push(over("idle", [None, None, None]));
    Databases { databases: vec![row], statements, ..Databases::default() }
}

#[test]
fn the_picture_stacks_the_top_five_and_the_rest() {
    let found = drawn();
    let names: Vec<&str> = top(&found, &found.databases[0], 0).iter().map(|s| s.fingerprint.as_str()).collect();
    assert_eq!(names, ["s6", "s5", "s4", "s3", "s2"]);
    let chart = stack(&found, &found.databases[0], 0, Some("s4"));
    assert_eq!((chart.parts.len(), chart.chosen), (5, Some(2)));
    assert_eq!(chart.columns[0].seconds, Some(vec![6.0, 5.0, 4.0, 3.0, 2.0, 1.0]));
    assert_eq!(chart.columns[1].seconds, None, "a reset is hatched, not zero");
    assert_eq!(chart.columns[1].from, 7 * DAY_MS, "columns do not overlap");
    let table = csv(&chart);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!((lines.len(), lines[0]), (4, "from,until,s6,s5,s4,s3,s2,the rest"));
    assert!(lines[1].ends_with(",6,5,4,3,2,1") && lines[2].ends_with("Z,,,,,,"), "{table}");
    let reasons = [None, Some("Reset.".to_owned()), None];
    let points = points(&chart, &reasons);
    assert_eq!(points[0].ys, [21.0], "in the axis's unit: seconds");
    assert!(points[0].words.iter().any(|w| w == "6 s a day: s6"), "{:?}", points[0].words);
    assert!(points[0].words.iter().any(|w| w == "1 s a day: the rest"));
    assert_eq!((points[1].words.last().map(String::as_str), points[1].ys.as_slice()), (Some("Reset."), [].as_slice()));
}

#[test]
fn the_picture_shows_the_days_on_show_alone() {
    let found = drawn();
    let check = |range, last: i32, expected: usize| {
        assert_eq!(first_on_show(&found.databases[0], Shown { range, last: Day(last) }), expected, "{range:?}");
    };
    check(Range::All, 21, 0);
    check(Range::Days(14), 21, 1);
    check(Range::Days(7), 21, 2);
    check(Range::Days(7), 90, 3);
    let chart = stack(&found, &found.databases[0], 2, None);
    assert_eq!(chart.columns.iter().map(|c| c.until).collect::<Vec<_>>(), [21 * DAY_MS]);
}

#[test]
fn a_large_share_of_an_idle_database_is_small_among_all() {
    let mut found = drawn();
    let busy = DatabaseRow { subject: subject("busy"), share: Some(0.9), ..found.databases[0].clone() };
    found.databases[0].share = Some(0.1);
    found.databases.push(busy);
    found.statements =
        vec![statement("idle", "a", 0.5), StatementRow { database: "busy".into(), ..statement("hot", "b", 0.2) }];
    let of_all = shares(&found);
    assert!((of_all[0] - 0.05).abs() < 1e-9 && (of_all[1] - 0.18).abs() < 1e-9, "{of_all:?}");
    assert_eq!(order((&found, &[], &of_all), "", None, Sort::FIRST), [1, 0]);
}

#[test]
fn a_rows_line_keeps_its_gaps() {
    let path = spark(&[Some(4.0), Some(2.0), None, Some(0.0), Some(4.0)], 40.0, 10.0);
    assert_eq!(path.as_deref(), Some("M0.0 0.0L10.0 5.0M30.0 10.0L40.0 0.0"));
    assert_eq!(spark(&[None, Some(1.0)], 40.0, 10.0), None);
    assert_eq!(spark(&[], 40.0, 10.0), None);
}

#[test]
fn a_change_is_told_with_its_interval_or_what_is_missing() {
    let percent = Effect { low: -98.6, mid: -98.2, high: -97.9 };
    let measured = |verdict| AcrossFound::Measured { before_ms: 640.0, after_ms: 11.0, percent, verdict, periods: 6 };
    let told = |found, others| {
        let what = "the index `by_user` of `orders` was added".to_owned();
        across_sentence(&Across { what, from: Timestamp(0), until: Timestamp(DAY_MS), others, found })
    };
    let said = told(measured(Verdict::Improved), 0);
    assert!(said.starts_with("Since the index `by_user` of `orders` was added, a call takes 11\u{202f}ms"), "{said}");
    assert!(said.contains("640\u{202f}ms") && said.contains("−98\u{202f}%") && said.contains("improved"), "{said}");
    let said = told(measured(Verdict::Confounded), 2);
    assert!(said.contains("2 more changes lie in the same time"), "{said}");
    let said = told(AcrossFound::TooFew { before: 9, after: 1, need: 6 }, 0);
    assert!(said.contains("9 before and 1 after") && !said.contains('%'), "{said}");
}
