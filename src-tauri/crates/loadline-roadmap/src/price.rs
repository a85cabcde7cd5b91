//! Prices for needs that trees cannot hold (Lagrangian relaxation): a task with several needs pays each of them, so that the
//! relaxed optimum rarely takes it without them. For a set that is closed under needs the payments cancel, so every price gives
//! a valid bound; a fixed number of subgradient steps makes it tight.

use crate::branch::{Incumbent, closed, greedy};
use crate::forest::{Relaxed, merit, value_of};
use crate::order::Order;

/// Table cells that may be filled while looking for prices: a count, so that every machine stops at the same step.
const CELLS: usize = 60_000_000;
/// Least and most steps.
const STEPS: (usize, usize) = (10, 400);
/// Steps without a lower bound after which the pace halves.
const PATIENCE: u32 = 12;
/// Highest price: above any value that counts, low enough that sums stay exact.
const HIGHEST_PRICE: i64 = 1 << 37;

/// A task with several needs, one of them, and what it pays for it.
#[derive(Clone, Copy)]
struct Link {
    join: usize,
    need: usize,
    price: i64,
}

/// Merits with prices paid and received, and the best closed set met on the way.
pub(crate) fn price(order: &Order) -> (Vec<i128>, Incumbent) {
    let mut links: Vec<Link> = order
        .nodes
        .iter()
        .enumerate()
        .flat_map(|(join, node)| node.joins.iter().map(move |need| Link { join, need: *need, price: 0 }))
        .collect();
    let mut found = Incumbent::new(order, greedy(order, Vec::new()));
    let (mut best, mut lowest) = (priced(order, &links), i128::MAX);
    let (mut pace, mut stale) = (16i64, 0);
    let budget = order.budget as usize;
    let steps = (CELLS / (order.nodes.len() * (budget + 1)).max(1)).clamp(STEPS.0, STEPS.1);
    for _ in 0..steps {
        let merits = priced(order, &links);
        let relaxed = Relaxed::new(order, merits.clone(), false);
        let chosen = relaxed.suffix(0, budget);
        found.improve(order, greedy(order, closed(order, &chosen)));
        let bound = relaxed.best(0, budget);
        if bound < lowest {
            (best, lowest, stale) = (merits, bound, 0);
        } else {
            stale += 1;
            if stale % PATIENCE == 0 {
                pace = (pace / 2).max(1);
            }
        }
        let gap = value_of(lowest) - value_of(found.merit);
        if gap <= 0 || !adjust(&mut links, &chosen, gap, pace) {
            break;
        }
    }
    (best, found)
}

fn priced(order: &Order, links: &[Link]) -> Vec<i128> {
    let mut merits: Vec<i128> = order.nodes.iter().map(merit).collect();
    for link in links {
        let price = i128::from(link.price) << 64;
        merits[link.join] -= price;
        merits[link.need] += price;
    }
    merits
}

/// Raises prices of needs that are missing and lowers those of needs taken without use; `false` when every need holds as it is.
fn adjust(links: &mut [Link], chosen: &[usize], gap: i64, pace: i64) -> bool {
    let has = |at: usize| i64::from(chosen.binary_search(&at).is_ok());
    let pull = |link: &Link| has(link.join) - has(link.need);
    let pulls = links.iter().filter(|l| pull(l) > 0 || pull(l) < 0 && l.price > 0).count() as i64;
    if pulls == 0 {
        return false;
    }
    let step =
        (i128::from(gap) * i128::from(pace) / (16 * i128::from(pulls))).clamp(1, i128::from(HIGHEST_PRICE)) as i64;
    for link in links {
        link.price = (link.price + step * pull(link)).clamp(0, HIGHEST_PRICE);
    }
    true
}
