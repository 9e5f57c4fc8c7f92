//! The cheapest way to make every arc point down: which nodes change level.
//!
//! Nodes stand on levels `0..levels`. An arc `(from, to)` says that `from` needs
//! `to`, so `from` may not stand below `to`. Each node has a price for each level,
//! nothing for the one it has. The smallest total is a minimum cut in the multi-level
//! construction (Ishikawa 2003): a chain of `levels - 1` cells for each node,
//! where the source's side of cell `k` means "stands above level `k`". Exact,
//! because the order constraint is monotone.

use crate::flow::{INFINITE, Network};

/// New levels at the smallest total price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relevelled {
    /// The level of each node.
    pub levels: Vec<usize>,
    /// The sum of what each node costs on its level.
    pub price: u64,
}

/// `cost(node, level)` is what it costs to have a node on a level, and
/// [`INFINITE`] if it cannot stand there. `binds(arc, level)` says whether an arc,
/// by its number, minds which side of the boundary above a level its ends are on.
/// None if no levels keep the order.
pub fn relevel(
    levels: usize,
    nodes: usize,
    cost: impl Fn(usize, usize) -> u64,
    arcs: impl IntoIterator<Item = (usize, usize)>,
    binds: impl Fn(usize, usize) -> bool,
) -> Option<Relevelled> {
    let cells = levels.saturating_sub(1);
    let (source, sink) = (nodes * cells, nodes * cells + 1);
    let cell = |node: usize, level: usize| node * cells + level;
    let mut network = Network::new(sink + 1);
    for node in 0..nodes {
        // Cutting arc `k` of the chain source, cell 0, cell 1, ..., sink puts the
        // node on level `k`; the way back is open, so only one arc is ever cut.
        for target in 0..levels {
            let first = target == 0;
            let last = target + 1 == levels;
            let from = if first {
                source
            } else {
                cell(node, target - 1)
            };
            let to = if last { sink } else { cell(node, target) };
            let back = if first || last { 0 } else { INFINITE };
            network.arc(from, to, cost(node, target), back);
        }
    }
    for (number, (from, to)) in arcs.into_iter().enumerate() {
        for level in (0..cells).filter(|level| binds(number, *level)) {
            // If what is needed stands above `level`, so does who needs it.
            network.arc(cell(to, level), cell(from, level), INFINITE, 0);
        }
    }
    let price = network.saturate(source, sink);
    if price >= INFINITE {
        return None;
    }
    let above = network.source_side(source);
    let levels = (0..nodes)
        .map(|node| {
            (0..cells)
                .take_while(|level| above[cell(node, *level)])
                .count()
        })
        .collect();
    Some(Relevelled { levels, price })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Nodes with a level and what it costs to leave it.
    fn cost(nodes: &[(usize, u64)]) -> impl Fn(usize, usize) -> u64 {
        |node, level| {
            if nodes[node].0 == level {
                0
            } else {
                nodes[node].1
            }
        }
    }

    #[test]
    fn the_cheaper_side_moves() {
        // 0 (below) needs 1 (above): one of them moves.
        let solve = |zero, one| relevel(2, 2, cost(&[(0, zero), (1, one)]), [(0, 1)], |_, _| true);
        let found = |level, price| {
            let levels = vec![level, level];
            Some(Relevelled { levels, price })
        };
        assert_eq!(solve(1, 5), found(1, 1));
        assert_eq!(solve(5, 1), found(0, 1));
        assert_eq!(solve(INFINITE, 3), found(0, 3));
        assert_eq!(solve(INFINITE, INFINITE), None);
    }

    /// Every assignment of levels, the cheapest that keeps the order.
    fn brute_force(
        levels: usize,
        costs: &[Vec<u64>],
        arcs: &[(usize, usize)],
        holds: &dyn Fn(usize, usize, usize) -> bool,
    ) -> Option<u64> {
        let nodes = costs.len();
        let power = |exponent: usize| levels.pow(u32::try_from(exponent).unwrap());
        (0..power(nodes))
            .filter_map(|number| {
                let level = |node: usize| number / power(node) % levels;
                let mut numbered = arcs.iter().enumerate();
                let keeps_order =
                    numbered.all(|(arc, (from, to))| holds(arc, level(*from), level(*to)));
                let prices = (0..nodes).map(|node| costs[node][level(node)]);
                let possible = prices.clone().all(|price| price < INFINITE);
                (keeps_order && possible).then(|| prices.sum())
            })
            .min()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn no_assignment_is_cheaper(
            levels in 1..4_usize,
            costs in proptest::collection::vec(proptest::collection::vec(0..7_u64, 3), 1..7),
            arcs in proptest::collection::vec((0..7_usize, 0..7_usize), 0..14),
        ) {
            let costs: Vec<Vec<u64>> = costs
                .into_iter()
                .map(|node| node.into_iter().map(|cost| if cost == 6 { INFINITE } else { cost }).collect())
                .collect();
            let arcs: Vec<(usize, usize)> = arcs
                .into_iter()
                .map(|(from, to)| (from % costs.len(), to % costs.len()))
                .filter(|(from, to)| from != to)
                .collect();
            // Each second arc minds only the boundary above level 0.
            let binds = |arc: usize, level: usize| arc.is_multiple_of(2) || level == 0;
            let holds = |arc: usize, from: usize, to: usize| {
                (0..levels).all(|level| !binds(arc, level) || from > level || to <= level)
            };
            let found = relevel(
                levels,
                costs.len(),
                |node, level| costs[node][level],
                arcs.iter().copied(),
                binds,
            );
            let best = brute_force(levels, &costs, &arcs, &holds);
            prop_assert_eq!(found.as_ref().map(|found| found.price), best);
            if let Some(found) = found {
                for (arc, (from, to)) in arcs.iter().enumerate() {
                    prop_assert!(holds(arc, found.levels[*from], found.levels[*to]));
                }
                let price: u64 = found.levels.iter().enumerate().map(|(node, level)| costs[node][*level]).sum();
                prop_assert_eq!(price, found.price, "the price is that of the levels");
            }
        }
    }
}
