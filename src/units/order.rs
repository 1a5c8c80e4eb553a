//! Sorting that cannot panic.
//!
//! The sorts of the core library panic when an order contradicts itself. No order here does, but the optimiser cannot
//! know, and no panic may be left in a driver. A heap sort: in place, without recursion, n log n steps whatever the
//! input says, and small.

use core::mem::swap;

/// Sorts by a key, the lowest first. Elements with equal keys come in any order.
pub fn sort_by_key<T, K: Ord>(elements: &mut [T], key: impl Fn(&T) -> K) {
    for parent in (0..elements.len().div_euclid(2)).rev() {
        sift_down(elements, parent, &key);
    }
    for last in (1..elements.len()).rev() {
        swap_places(elements, 0, last, |_, _| true);
        sift_down(elements.get_mut(..last).unwrap_or_default(), 0, &key);
    }
}

/// Moves an element of a heap down until it is not below a child: those of `n` are at `2n + 1` and `2n + 2`.
fn sift_down<T, K: Ord>(heap: &mut [T], mut parent: usize, key: &impl Fn(&T) -> K) {
    loop {
        let left = parent.saturating_mul(2).saturating_add(1);
        let right = left.saturating_add(1);
        let is_right_higher = heap.get(left).zip(heap.get(right)).is_some_and(|(left, right)| key(left) < key(right));
        let child = if is_right_higher { right } else { left };
        if !swap_places(heap, parent, child, |parent, child| key(parent) < key(child)) {
            return;
        }
        parent = child;
    }
}

/// Swaps two elements if both exist and `must_swap`; returns whether it did.
fn swap_places<T>(elements: &mut [T], one: usize, other: usize, must_swap: impl Fn(&T, &T) -> bool) -> bool {
    match elements.get_disjoint_mut([one, other]) {
        Ok([one, other]) if must_swap(one, other) => {
            swap(one, other);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "small numbers of a test")]
mod tests {
    use super::*;

    /// Every sequence of `length` numbers below `length`.
    fn sequences(length: u32) -> impl Iterator<Item = std::vec::Vec<u32>> {
        (0..length.pow(length))
            .map(move |number| (0..length).map(|place| number / length.pow(place) % length).collect())
    }

    #[test]
    fn every_short_sequence_is_sorted_as_the_core_library_does() {
        for length in 0..=6 {
            for sequence in sequences(length) {
                let (mut sorted, mut expected) = (sequence.clone(), sequence);
                sort_by_key(&mut sorted, |number| *number);
                expected.sort_unstable();
                assert_eq!(sorted, expected);
            }
        }
    }

    #[test]
    fn elements_come_with_their_keys() {
        let mut letters = [(3, 'c'), (1, 'a'), (4, 'd'), (2, 'b')];
        sort_by_key(&mut letters, |(number, _)| *number);
        assert_eq!(letters, [(1, 'a'), (2, 'b'), (3, 'c'), (4, 'd')]);
    }
}
