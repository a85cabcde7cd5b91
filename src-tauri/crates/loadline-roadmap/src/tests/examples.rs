//! E19–E22 and the edges of the solver.

use super::*;
use crate::branch::greedy;
use crate::order::Order;
use crate::solve::solve_within;

fn greedily(problem: &Problem) -> Vec<String> {
    let order = Order::of(problem);
    let mut ids: Vec<String> = greedy(&order, Vec::new()).iter().map(|at| order.nodes[*at].id.to_string()).collect();
    ids.sort();
    ids
}

#[test]
fn e19_capacity_of_a_sprint() {
    let team = Team { availability: 1.0, ..Team::default() };
    assert_eq!((team.half_days(), Team::default().half_days()), (20, 17));
    let roadmap = plan(Vec::new(), &Policy { team, ..Policy::default() }, Timestamp(0), &Flat);
    assert_eq!(roadmap.budget_half_days, 20);
}

#[test]
fn e20_optimum_with_prerequisites() {
    let solution = solve(&e20(20));
    assert_eq!(names(&solution.chosen), ["A", "B", "D", "E", "G"]);
    assert_eq!((solution.value, solution.cost, solution.upper_bound, solution.gap), (4650, 18, 4650, 0.0));
    assert_eq!(greedily(&e20(20)), ["A", "B", "D", "E", "G"]);
    let without = |id: &str| {
        let mut problem = e20(20);
        problem.tasks.retain(|c| c.id.as_str() != id);
        solve(&problem)
    };
    let second = without("G");
    assert_eq!((names(&second.chosen), second.value, second.cost), (vec!["A", "B", "D", "E", "H"], 4600, 19));
}

#[test]
fn e21_ratio_greedy_is_not_enough() {
    let problem = problem(10, vec![task("p", 7, 3, &[]), task("q", 10, 5, &[]), task("r", 10, 5, &[])]);
    assert_eq!(greedily(&problem), ["p", "q"]);
    let solution = solve(&problem);
    assert_eq!((names(&solution.chosen), solution.value), (vec!["q", "r"], 20));
}

#[test]
fn e22_ties_go_to_lower_cost_then_fewer_then_smaller_ids() {
    let check = |budget: u32, tasks: Vec<Task>, expected: &[&str]| {
        assert_eq!(names(&solve(&problem(budget, tasks)).chosen), expected);
    };
    check(4, vec![task("a", 5, 4, &[]), task("b", 5, 3, &[]), task("c", 5, 3, &[])], &["b"]);
    check(4, vec![task("a", 2, 2, &[]), task("b", 3, 2, &[]), task("z", 5, 4, &[])], &["z"]);
    check(4, ["d", "c", "b", "a"].map(|id| task(id, 5, 2, &[])).to_vec(), &["a", "b"]);
    // The tie is decided although the smaller id comes later in decision order: "a" hangs below "z".
    check(
        4,
        vec![task("z", 1, 1, &[]), task("a", 4, 3, &["z"]), task("m", 1, 1, &[]), task("n", 4, 3, &["m"])],
        &["a", "z"],
    );
}

#[test]
fn what_cannot_be_done_is_never_chosen() {
    let check = |tasks: Vec<Task>, expected: &[&str]| {
        assert_eq!(names(&solve(&problem(10, tasks)).chosen), expected);
    };
    check(vec![task("a", 9, 1, &["nowhere"]), task("b", 1, 1, &[])], &["b"]);
    check(
        vec![task("a", 9, 1, &["b"]), task("b", 9, 1, &["a"]), task("c", 9, 1, &["b"]), task("d", 1, 1, &[])],
        &["d"],
    );
    check(vec![task("a", 9, 1, &["a"])], &[]);
    check(vec![task("a", 9, 6, &["b"]), task("b", 0, 5, &[]), task("c", 1, 1, &[])], &["c"]);
    check(vec![task("a", 0, 1, &[]), task("b", -5, 1, &[])], &[]);
    check(vec![task("a", 9, 5, &["b"]), task("b", -5, 1, &[]), task("c", 3, 5, &[])], &["a", "b"]);
    check(Vec::new(), &[]);
    check(vec![task("a", i64::MAX, 5, &[]), task("b", i64::MAX, 5, &[])], &["a", "b"]);
}

#[test]
fn several_needs_at_once() {
    let diamond = |budget| {
        let tasks = vec![
            task("base", 1, 1, &[]),
            task("left", 1, 2, &["base"]),
            task("right", 1, 2, &["base"]),
            task("top", 90, 3, &["left", "right", "base"]),
            task("other", 10, 4, &[]),
        ];
        solve(&problem(budget, tasks))
    };
    assert_eq!(names(&diamond(8).chosen), ["base", "left", "right", "top"]);
    assert_eq!(names(&diamond(7).chosen), ["base", "left", "other"]);
    assert!(diamond(8).gap == 0.0 && diamond(7).gap == 0.0);
}

#[test]
fn an_exhausted_budget_of_nodes_says_so() {
    // Many joins whose needs are dear: the relaxed bound is far off at the root.
    let mut tasks = Vec::new();
    for n in 0..12 {
        tasks.push(task(&format!("a{n:02}"), 1, 3, &[]));
        tasks.push(task(&format!("b{n:02}"), 2, 4, &[]));
        tasks.push(task(&format!("c{n:02}"), 50 + n, 2, &[&format!("a{n:02}"), &format!("b{n:02}")]));
    }
    let hard = problem(30, tasks);
    let (rushed, exact) = (solve_within(&hard, 3), solve(&hard));
    assert_eq!(exact.gap, 0.0);
    assert_eq!(exact.value, exact.upper_bound);
    assert!(rushed.gap > 0.0 && rushed.nodes == 3);
    assert!(rushed.value <= exact.value && exact.value <= rushed.upper_bound);
    assert_eq!(rushed, solve_within(&hard, 3));
}

#[test]
fn a_planning_size_problem_is_solved_to_optimality() {
    // 150 tasks, a third of them with two needs, budget 200.
    let mut draws = random::Draws::new(hash::seed(&["planning size"]));
    let mut tasks = Vec::new();
    for n in 0..150 {
        let id = |k: usize| format!("i{k:03}");
        let mut needs: Vec<String> = Vec::new();
        if n >= 10 && n % 3 == 0 {
            needs = vec![id(draws.below(n)), id(draws.below(n))];
        }
        let needs: Vec<&str> = needs.iter().map(String::as_str).collect();
        tasks.push(task(&id(n), 1 + draws.below(3000) as i64, 1 + draws.below(12) as u32, &needs));
    }
    let solution = solve(&problem(200, tasks));
    assert_eq!(solution.gap, 0.0, "{} nodes", solution.nodes);
}

#[test]
fn fits_probability_is_certain_at_the_ends_and_seeded() {
    let id = ItemId::from("x");
    let effort = HalfDays { low: 2, mode: 4, high: 8 };
    let p = |budget| fits_probability(&[(&id, effort)], budget);
    assert_eq!((p(1), p(8), fits_probability(&[], 0)), (0.0, 1.0, 1.0));
    // Triangular: P(<= mode) = (4 − 2) / (8 − 2).
    assert!((p(4) - 1.0 / 3.0).abs() < 0.04, "{}", p(4));
    assert_eq!(p(5), p(5));
    let other = ItemId::from("y");
    assert_eq!(
        fits_probability(&[(&id, effort), (&other, effort)], 10),
        fits_probability(&[(&other, effort), (&id, effort)], 10)
    );
}

#[test]
fn safe_half_days_are_the_80th_percentile() {
    // 8 − sqrt(0.2 × 6 × 4) = 5.81; a point is itself; a mode at the high end: 2 + sqrt(0.8 × 36) = 7.37.
    for (effort, expected) in [((2, 4, 8), 6), ((3, 3, 3), 3), ((2, 8, 8), 8)] {
        assert_eq!(safe_half_days(HalfDays { low: effort.0, mode: effort.1, high: effort.2 }), expected);
    }
}
