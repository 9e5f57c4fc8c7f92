//! The cheapest way to make every arc point down: which nodes change level.
//!
//! Nodes stand on levels `0..levels`. An arc `(from, to)` says that `from` needs
//! `to`, so `from` may not stand below `to`. Moving a node costs its weight,
//! wherever it goes. The smallest total is a minimum cut in the multi-level
//! construction (Ishikawa 2003): a chain of `levels - 1` cells for each node,
//! where the source's side of cell `k` means "stands above level `k`". Exact,
//! because the order constraint is monotone.

use super::flow::{INFINITE, Network};

/// What may be moved, and at which price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Price {
    /// Moving it costs this much.
    Weight(u64),
    /// It stays where it is, whatever that costs elsewhere.
    Pinned,
}

/// New levels at the smallest total price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relevelled {
    /// The level of each node.
    pub(crate) levels: Vec<usize>,
    /// The sum of the weights of all that moved.
    pub(crate) price: u64,
}

/// None if the pinned nodes alone break the order.
pub(crate) fn relevel(
    levels: usize,
    nodes: &[(usize, Price)],
    arcs: impl IntoIterator<Item = (usize, usize)>,
) -> Option<Relevelled> {
    let cells = levels.saturating_sub(1);
    let (source, sink) = (nodes.len() * cells, nodes.len() * cells + 1);
    let cell = |node: usize, level: usize| node * cells + level;
    let mut network = Network::new(sink + 1);
    for (node, (level, price)) in nodes.iter().enumerate() {
        // Cutting arc `k` of the chain source, cell 0, cell 1, ..., sink puts the
        // node on level `k`; the way back is open, so only one arc is ever cut.
        for target in 0..levels {
            let from = if target == 0 {
                source
            } else {
                cell(node, target - 1)
            };
            let to = if target + 1 == levels {
                sink
            } else {
                cell(node, target)
            };
            let cost = match price {
                _ if target == *level => 0,
                Price::Weight(weight) => *weight,
                Price::Pinned => INFINITE,
            };
            network.arc(
                from,
                to,
                cost,
                if from == source || to == sink {
                    0
                } else {
                    INFINITE
                },
            );
        }
    }
    for (from, to) in arcs {
        for level in 0..cells {
            // If what is needed stands above `level`, so does who needs it.
            network.arc(cell(to, level), cell(from, level), INFINITE, 0);
        }
    }
    let price = network.saturate(source, sink);
    if price >= INFINITE {
        return None;
    }
    let above = network.source_side(source);
    let levels = (0..nodes.len())
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

    #[test]
    fn the_cheaper_side_moves() {
        // 0 (below) needs 1 (above): one of them moves.
        let cheap = |zero, one| {
            relevel(
                2,
                &[(0, Price::Weight(zero)), (1, Price::Weight(one))],
                [(0, 1)],
            )
            .unwrap()
        };
        assert_eq!(
            cheap(1, 5),
            Relevelled {
                levels: vec![1, 1],
                price: 1
            }
        );
        assert_eq!(
            cheap(5, 1),
            Relevelled {
                levels: vec![0, 0],
                price: 1
            }
        );
        let stuck = relevel(2, &[(0, Price::Pinned), (1, Price::Pinned)], [(0, 1)]);
        assert_eq!(stuck, None);
    }

    /// Every assignment of levels, the cheapest that keeps the order.
    fn brute_force(
        levels: usize,
        nodes: &[(usize, Price)],
        arcs: &[(usize, usize)],
    ) -> Option<u64> {
        let mut best = None;
        for number in 0..levels.pow(u32::try_from(nodes.len()).unwrap()) {
            let level = |node: usize| number / levels.pow(u32::try_from(node).unwrap()) % levels;
            if arcs.iter().any(|(from, to)| level(*from) < level(*to)) {
                continue;
            }
            let mut price = Some(0_u64);
            for (node, (old, cost)) in nodes.iter().enumerate() {
                if level(node) != *old {
                    price = match (price, cost) {
                        (Some(sum), Price::Weight(weight)) => Some(sum + weight),
                        _ => None,
                    };
                }
            }
            best = match (best, price) {
                (Some(a), Some(b)) => Some(std::cmp::min(a, b)),
                (a, b) => a.or(b),
            };
        }
        best
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn no_assignment_is_cheaper(
            levels in 2..4_usize,
            nodes in proptest::collection::vec((0..4_usize, 0..6_u64), 1..7),
            arcs in proptest::collection::vec((0..7_usize, 0..7_usize), 0..14),
        ) {
            let nodes: Vec<(usize, Price)> = nodes
                .into_iter()
                .map(|(level, weight)| {
                    let price = if weight == 0 { Price::Pinned } else { Price::Weight(weight) };
                    (level % levels, price)
                })
                .collect();
            let arcs: Vec<(usize, usize)> = arcs
                .into_iter()
                .map(|(from, to)| (from % nodes.len(), to % nodes.len()))
                .filter(|(from, to)| from != to)
                .collect();
            let found = relevel(levels, &nodes, arcs.iter().copied());
            prop_assert_eq!(found.as_ref().map(|found| found.price), brute_force(levels, &nodes, &arcs));
            if let Some(found) = found {
                for (from, to) in &arcs {
                    prop_assert!(found.levels[*from] >= found.levels[*to]);
                }
                let price: u64 = nodes
                    .iter()
                    .zip(&found.levels)
                    .filter(|((old, _), new)| old != *new)
                    .map(|((_, price), _)| match price {
                        Price::Weight(weight) => *weight,
                        Price::Pinned => INFINITE,
                    })
                    .sum();
                prop_assert_eq!(price, found.price, "the price is that of what moved");
            }
        }
    }
}
