//! P37–P44 on random problems.

use super::*;
use crate::solve::solve_within;
use proptest::prelude::*;

/// A random directed acyclic problem of at most `n` tasks; each may need up to three earlier ones (or, rarely, nothing there).
fn random_problem(n: usize, values: i64) -> impl Strategy<Value = Problem> {
    let one = move |at: usize| {
        let needs = prop::collection::vec(0..at.max(1), 0..=3.min(at));
        (0..=values, 0u32..8, needs)
    };
    (1..=n, 0u32..30).prop_flat_map(move |(n, budget)| ((0..n).map(one).collect::<Vec<_>>(), Just(budget))).prop_map(
        |(parts, budget)| {
            let n = parts.len();
            // Ids do not follow the order of needs, so that ties are decided against it.
            let id = |k: usize| format!("i{:02}", (k * 7 + 3) % 97 + n);
            let tasks = parts
                .into_iter()
                .enumerate()
                .map(|(at, (value, cost, needs))| {
                    let needs: Vec<String> = needs.into_iter().filter(|k| *k < at).map(id).collect();
                    task(&id(at), value, cost, &needs.iter().map(String::as_str).collect::<Vec<_>>())
                })
                .collect();
            problem(budget, tasks)
        },
    )
}

/// Every subset, judged in the total order of `scoring.md` §6.2.
fn brute_force(problem: &Problem) -> (i64, u32, Vec<ItemId>) {
    let mut tasks = problem.tasks.clone();
    tasks.sort_by(|a, b| a.id.cmp(&b.id));
    let feasible = (0u32..1 << tasks.len()).filter_map(|mask| {
        let set: Vec<&Task> = tasks.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, c)| c).collect();
        let has = |id: &ItemId| problem.done.contains(id) || set.iter().any(|c| c.id == *id);
        let cost: u32 = set.iter().map(|c| c.cost).sum();
        let closed = set.iter().all(|c| !problem.done.contains(&c.id) && c.needs.iter().all(has));
        (closed && cost <= problem.budget).then(|| {
            let ids: Vec<ItemId> = set.iter().map(|c| c.id.clone()).collect();
            (set.iter().map(|c| c.value).sum::<i64>(), cost, ids)
        })
    });
    feasible
        .min_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.len().cmp(&b.2.len())).then_with(|| a.2.cmp(&b.2)))
        .expect("the empty set is feasible")
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, cases, ..ProptestConfig::default() }
}

fn check_feasible(problem: &Problem, solution: &Solution) {
    let by_id: BTreeMap<&ItemId, &Task> = problem.tasks.iter().map(|c| (&c.id, c)).collect();
    let chosen: BTreeSet<&ItemId> = solution.chosen.iter().collect();
    assert_eq!(chosen.len(), solution.chosen.len());
    assert!(solution.chosen.iter().all(|id| !problem.done.contains(id)), "P44");
    assert!(chosen.iter().all(|id| by_id[*id].needs.iter().all(|n| chosen.contains(n) || problem.done.contains(n))));
    assert_eq!(chosen.iter().map(|id| by_id[*id].cost).sum::<u32>(), solution.cost);
    assert_eq!(chosen.iter().map(|id| by_id[*id].value).sum::<i64>(), solution.value);
    assert!(solution.cost <= problem.budget);
}

proptest! {
    #![proptest_config(config(400))]

    #[test]
    fn p39_equals_brute_force_with_ties(problem in random_problem(11, 4)) {
        let solution = solve(&problem);
        let (value, cost, ids) = brute_force(&problem);
        prop_assert_eq!((solution.value, solution.cost, &solution.chosen), (value, cost, &ids));
        prop_assert_eq!((solution.upper_bound, solution.gap), (value, 0.0));
    }

    #[test]
    fn p37_feasible_and_closed(problem in random_problem(40, 50), nodes in 0u32..40) {
        check_feasible(&problem, &solve(&problem));
        check_feasible(&problem, &solve_within(&problem, nodes));
    }

    #[test]
    fn p38_more_budget_is_never_worth_less(problem in random_problem(25, 50), more in 1u32..10) {
        let larger = Problem { budget: problem.budget + more, ..problem.clone() };
        prop_assert!(solve(&larger).value >= solve(&problem).value);
    }

    #[test]
    fn p40_input_order_does_not_matter(problem in random_problem(25, 6), seed in any::<u64>()) {
        let mut shuffled = problem.clone();
        let mut draws = random::Draws::new(seed);
        for at in (1..shuffled.tasks.len()).rev() {
            shuffled.tasks.swap(at, draws.below(at + 1));
        }
        prop_assert_eq!(solve(&problem), solve(&shuffled));
        prop_assert_eq!(solve_within(&problem, 5), solve_within(&shuffled, 5));
    }

    #[test]
    fn p41_bounds_enclose_the_optimum(problem in random_problem(12, 50), nodes in 0u32..6) {
        let rushed = solve_within(&problem, nodes);
        let (optimum, ..) = brute_force(&problem);
        prop_assert!(rushed.value <= optimum && optimum <= rushed.upper_bound);
        prop_assert!((0.0..=1.0).contains(&rushed.gap) && (rushed.gap == 0.0) == (rushed.value == rushed.upper_bound));
    }

    #[test]
    fn p42_another_item_never_lowers_the_optimum(problem in random_problem(25, 50), value in 0i64..50, cost in 0u32..8) {
        let mut more = problem.clone();
        more.tasks.push(task("one more", value, cost, &[]));
        prop_assert!(solve(&more).value >= solve(&problem).value);
    }

    #[test]
    fn p44_done_is_never_chosen_and_satisfies(problem in random_problem(11, 6), mask in any::<u32>()) {
        let done = problem.tasks.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, c)| c.id.clone());
        let problem = Problem { done: done.collect(), ..problem.clone() };
        let solution = solve(&problem);
        check_feasible(&problem, &solution);
        prop_assert_eq!(solution.chosen, brute_force(&problem).2);
    }
}

proptest! {
    #![proptest_config(config(12))]

    #[test]
    fn p39_equals_brute_force_at_15(problem in random_problem(15, 30)) {
        let solution = solve(&problem);
        prop_assert_eq!((solution.value, solution.cost, solution.chosen), brute_force(&problem));
    }
}

/// A plan's items from a random problem.
fn items_of(problem: &Problem) -> Vec<Item> {
    let needs = |c: &Task| c.needs.iter().map(ItemId::to_string).collect::<Vec<_>>();
    let of = |c: &Task| {
        let needs = needs(c);
        item(c.id.as_str(), c.value, c.cost.max(1), &needs.iter().map(String::as_str).collect::<Vec<_>>())
    };
    problem.tasks.iter().map(of).collect()
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn plans_are_feasible_in_every_sprint(problem in random_problem(25, 3000), half_days in 1u32..12, sprints in 0u32..5, mask in any::<u32>()) {
        let mut items = items_of(&problem);
        for (at, item) in items.iter_mut().enumerate() {
            match mask >> (at % 16 * 2) & 3 {
                1 => item.done_at = Some(Timestamp(at as i64)),
                2 => item.pinned_sprint = Some(at as u32 % 4),
                3 if at % 3 == 0 => item.started_at = Some(Timestamp(1)),
                _ => {}
            }
        }
        let roadmap = plan(items.clone(), &policy(half_days, sprints), Timestamp(0), &Flat);
        let mut finished: BTreeSet<&ItemId> = roadmap.done.iter().map(|i| &i.id).collect();
        let mut carried = 0;
        for (at, sprint) in roadmap.sprints.iter().enumerate() {
            prop_assert!(sprint.used_half_days <= sprint.budget_half_days && sprint.budget_half_days <= half_days);
            prop_assert!((0.0..=1.0).contains(&sprint.fits_probability));
            prop_assert!(carried > 0 || sprint.budget_half_days == half_days);
            for item in &sprint.items {
                prop_assert!(item.needs.iter().all(|n| finished.contains(n)), "{} begins before its needs end", item.id);
                prop_assert!(item.done_at.is_none(), "P44");
                prop_assert!(item.pinned_sprint.is_none_or(|s| s as usize == at), "planned by hand elsewhere");
                // Within a sprint items come in order, so a small one is finished for those listed after it.
                finished.insert(&item.id);
            }
            let cost: u32 = sprint.items.iter().map(|i| i.half_days.mode).sum();
            carried = carried + cost - sprint.used_half_days - (half_days - sprint.budget_half_days);
        }
        prop_assert_eq!(carried, 0, "large items end within the plan");
        let listed = roadmap.sprints.iter().map(|s| s.items.len()).sum::<usize>() + roadmap.left_out.len() + roadmap.done.len();
        prop_assert_eq!(listed, items.len());
        let mut reversed = items;
        reversed.reverse();
        prop_assert_eq!(plan(reversed, &policy(half_days, sprints), Timestamp(0), &Flat), roadmap);
    }
}
