//! FP-growth on trees in flat arrays.
//!
//! The crates that offer FP-growth box every node and hash every child; here a tree is built from sorted, merged
//! transactions, so that a new node is always a child of the transaction before, and nothing is looked up.

use std::collections::HashMap;

use super::ItemSet;

/// The rank of an item: 0 is the most frequent.
type Rank = u32;

const NONE: u32 = u32::MAX;

/// All sets of at most `max_items` items in at least `min_baskets` baskets, by size, then by items; `None` when there are more
/// than `max_sets`.
pub(super) fn frequent<I: Copy + Ord + std::hash::Hash>(
    baskets: &[impl AsRef<[I]>],
    min_baskets: u32,
    max_items: usize,
    max_sets: usize,
) -> Option<Vec<ItemSet<I>>> {
    let ranked = rank_items(baskets, min_baskets);
    let ranks: HashMap<I, Rank> = ranked.iter().copied().zip(0..).collect();
    let mut transactions = Transactions::default();
    for basket in baskets {
        let items = basket.as_ref().iter();
        transactions.push(items.filter_map(|item| ranks.get(item).copied()), 1);
    }
    let mut miner = Miner {
        min_baskets,
        max_items,
        max_sets,
        suffix: Vec::new(),
        found: Vec::new(),
    };
    let tree = Tree::build(transactions, ranked.len());
    miner.mine(&tree)?;
    let mut sets: Vec<ItemSet<I>> = miner
        .found
        .into_iter()
        .map(|(ranks, baskets)| {
            // Ranks are positions in `ranked`; u32 fits into usize on every target.
            let mut items: Vec<I> = ranks.iter().map(|rank| ranked[*rank as usize]).collect();
            items.sort_unstable();
            ItemSet { items, baskets }
        })
        .collect();
    sets.sort_unstable_by(|a, b| {
        a.items
            .len()
            .cmp(&b.items.len())
            .then_with(|| a.items.cmp(&b.items))
    });
    Some(sets)
}

/// The frequent items, the most frequent first.
fn rank_items<I: Copy + Ord + std::hash::Hash>(
    baskets: &[impl AsRef<[I]>],
    min_baskets: u32,
) -> Vec<I> {
    let mut counts: HashMap<I, (u32, usize)> = HashMap::new();
    for (number, basket) in baskets.iter().enumerate() {
        for item in basket.as_ref() {
            let (count, last) = counts.entry(*item).or_insert((0, usize::MAX));
            if *last != number {
                *count += 1;
                *last = number;
            }
        }
    }
    let mut frequent: Vec<(I, u32)> = counts
        .into_iter()
        .map(|(item, (count, _))| (item, count))
        .filter(|(_, count)| *count >= min_baskets)
        .collect();
    frequent.sort_unstable_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    frequent.into_iter().map(|(item, _)| item).collect()
}

/// Transactions of ascending ranks, one after the other, each with the number of baskets that it stands for.
#[derive(Default)]
struct Transactions {
    ranks: Vec<Rank>,
    ends: Vec<usize>,
    weights: Vec<u32>,
}

impl Transactions {
    fn push(&mut self, ranks: impl Iterator<Item = Rank>, weight: u32) {
        let start = self.ranks.len();
        self.ranks.extend(ranks);
        self.ranks[start..].sort_unstable();
        let mut kept = start;
        for index in start..self.ranks.len() {
            if kept == start || self.ranks[kept - 1] != self.ranks[index] {
                self.ranks[kept] = self.ranks[index];
                kept += 1;
            }
        }
        self.ranks.truncate(kept);
        if kept > start {
            self.ends.push(kept);
            self.weights.push(weight);
        }
    }

    fn get(&self, index: usize) -> &[Rank] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.ranks[start..self.ends[index]]
    }
}

struct Node {
    rank: Rank,
    count: u32,
    parent: u32,
    /// Another node of the same rank.
    next: u32,
}

/// A prefix tree of transactions.
struct Tree {
    nodes: Vec<Node>,
    /// For each rank its first node, and its count over all nodes.
    heads: Vec<u32>,
    counts: Vec<u32>,
}

impl Tree {
    fn build(transactions: Transactions, ranks: usize) -> Self {
        let mut tree = Self {
            nodes: Vec::new(),
            heads: vec![NONE; ranks],
            counts: vec![0; ranks],
        };
        let mut order: Vec<usize> = (0..transactions.weights.len()).collect();
        order.sort_unstable_by(|a, b| transactions.get(*a).cmp(transactions.get(*b)));
        // Nodes from the root to the end of the transaction before.
        let mut path: Vec<u32> = Vec::new();
        for index in order {
            let transaction = transactions.get(index);
            let weight = transactions.weights[index];
            let shared = path
                .iter()
                .zip(transaction)
                .take_while(|(node, rank)| tree.nodes[**node as usize].rank == **rank)
                .count();
            path.truncate(shared);
            for rank in &transaction[shared..] {
                path.push(tree.add(*rank, path.last().copied().unwrap_or(NONE)));
            }
            for node in &path {
                tree.nodes[*node as usize].count += weight;
            }
            for rank in transaction {
                tree.counts[*rank as usize] += weight;
            }
        }
        tree
    }

    fn add(&mut self, rank: Rank, parent: u32) -> u32 {
        // A tree has fewer nodes than the baskets have items; four billion of them would not fit into memory.
        let index = u32::try_from(self.nodes.len()).unwrap_or(NONE - 1);
        let next = std::mem::replace(&mut self.heads[rank as usize], index);
        self.nodes.push(Node {
            rank,
            count: 0,
            parent,
            next,
        });
        index
    }

    /// Follows `next` from the first node of a rank.
    fn nodes_of(&self, rank: Rank) -> impl Iterator<Item = &Node> {
        let node = |index: u32| self.nodes.get(index as usize);
        std::iter::successors(node(self.heads[rank as usize]), move |n| node(n.next))
    }

    /// Follows `parent` up to the root.
    fn above(&self, node: &Node) -> impl Iterator<Item = Rank> {
        let parent = |index: u32| self.nodes.get(index as usize);
        std::iter::successors(parent(node.parent), move |n| parent(n.parent)).map(|n| n.rank)
    }
}

struct Miner {
    min_baskets: u32,
    max_items: usize,
    max_sets: usize,
    /// The items that every set of the tree at hand has besides.
    suffix: Vec<Rank>,
    found: Vec<(Vec<Rank>, u32)>,
}

impl Miner {
    fn mine(&mut self, tree: &Tree) -> Option<()> {
        for (rank, count) in (0..).zip(&tree.counts) {
            if *count < self.min_baskets {
                continue;
            }
            if self.found.len() == self.max_sets {
                return None;
            }
            self.suffix.push(rank);
            self.found.push((self.suffix.clone(), *count));
            if self.suffix.len() < self.max_items {
                let conditional = self.conditional(tree, rank);
                if !conditional.nodes.is_empty() {
                    self.mine(&conditional)?;
                }
            }
            self.suffix.pop();
        }
        Some(())
    }

    /// The tree of what stands before an item, without what is too rare there.
    fn conditional(&self, tree: &Tree, rank: Rank) -> Tree {
        let mut counts = vec![0_u32; rank as usize];
        for node in tree.nodes_of(rank) {
            for above in tree.above(node) {
                counts[above as usize] += node.count;
            }
        }
        let mut transactions = Transactions::default();
        for node in tree.nodes_of(rank) {
            let often = |above: &Rank| counts[*above as usize] >= self.min_baskets;
            transactions.push(tree.above(node).filter(often), node.count);
        }
        Tree::build(transactions, rank as usize)
    }
}
