//! Which exchange of one recording stands for which of the other.
//!
//! What is asked about one resource keeps its order: there the longest common sequence of equal requests is found, so that one more
//! exchange does not shift those behind it. What is left is paired wherever it stands, by what it has in common.

use super::classes::Told;
use std::collections::{BTreeMap, HashMap, VecDeque};

/// More than so many comparisons are not worth the best sequence; the first fitting one will do.
const THOROUGH: usize = 4_000_000;

/// What exchanges have in common that stand for each other, the surest first: the request; its method and path; both as they were sent,
/// where the id is known in one recording only; both but for an id that nobody knows.
pub(super) const LIKENESSES: [fn(&Told) -> String; 4] = [
    |told| told.key.clone(),
    |told| {
        format!(
            "{} {}",
            told.exchange.request.method, told.exchange.request.path
        )
    },
    |told| told.sent.clone(),
    Told::shape,
];

/// Indexes into the two, in the order of the first; one of a pair may be missing.
pub(super) fn pairs(before: &[Told], after: &[Told]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut other: Vec<Option<usize>> = vec![None; before.len()];
    let mut taken = vec![false; after.len()];
    for (firsts, seconds) in tracks(before, after) {
        let keys = |all: &[Told], at: &[usize]| -> Vec<String> {
            at.iter().map(|at| all[*at].key.clone()).collect()
        };
        for (a, b) in common(&keys(before, &firsts), &keys(after, &seconds)) {
            other[firsts[a]] = Some(seconds[b]);
            taken[seconds[b]] = true;
        }
    }
    left(before, after, &mut other, &mut taken, |told| {
        told.key.clone()
    });
    for likeness in LIKENESSES {
        left(before, after, &mut other, &mut taken, likeness);
    }
    in_order(&other, &taken)
}

/// The exchanges of each track, as indexes into both recordings.
fn tracks(before: &[Told], after: &[Told]) -> impl Iterator<Item = (Vec<usize>, Vec<usize>)> {
    let mut tracks: BTreeMap<String, (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (at, told) in before.iter().enumerate() {
        tracks.entry(told.track.clone()).or_default().0.push(at);
    }
    for (at, told) in after.iter().enumerate() {
        tracks.entry(told.track.clone()).or_default().1.push(at);
    }
    tracks.into_values()
}

/// The pairs of a longest common sequence.
fn common(first: &[String], second: &[String]) -> Vec<(usize, usize)> {
    let same = first.iter().zip(second).take_while(|(a, b)| a == b).count();
    let mut found: Vec<_> = (0..same).map(|at| (at, at)).collect();
    let (first, second) = (&first[same..], &second[same..]);
    if first.len().saturating_mul(second.len()) > THOROUGH {
        let mut from = 0;
        for (a, key) in first.iter().enumerate() {
            if let Some(b) = second[from..].iter().position(|it| it == key) {
                found.push((same + a, same + from + b));
                from += b + 1;
            }
        }
        return found;
    }
    // lengths[a][b]: of the longest common sequence of what begins at a and b.
    let mut lengths = vec![vec![0_u32; second.len() + 1]; first.len() + 1];
    for a in (0..first.len()).rev() {
        for b in (0..second.len()).rev() {
            lengths[a][b] = if first[a] == second[b] {
                lengths[a + 1][b + 1] + 1
            } else {
                lengths[a + 1][b].max(lengths[a][b + 1])
            };
        }
    }
    let (mut a, mut b) = (0, 0);
    while a < first.len() && b < second.len() {
        if first[a] == second[b] {
            found.push((same + a, same + b));
            (a, b) = (a + 1, b + 1);
        } else if lengths[a + 1][b] >= lengths[a][b + 1] {
            a += 1;
        } else {
            b += 1;
        }
    }
    found
}

/// Pairs what is left, in order, where `likeness` is equal.
fn left(
    before: &[Told],
    after: &[Told],
    other: &mut [Option<usize>],
    taken: &mut [bool],
    likeness: fn(&Told) -> String,
) {
    let mut waiting: HashMap<String, VecDeque<usize>> = HashMap::new();
    for (at, told) in after.iter().enumerate().filter(|(at, _)| !taken[*at]) {
        waiting.entry(likeness(told)).or_default().push_back(at);
    }
    for (at, told) in before.iter().enumerate() {
        if other[at].is_none()
            && let Some(found) = waiting
                .get_mut(&likeness(told))
                .and_then(VecDeque::pop_front)
        {
            other[at] = Some(found);
            taken[found] = true;
        }
    }
}

/// The order of the first recording; what only the second has stands behind what it follows there.
fn in_order(other: &[Option<usize>], taken: &[bool]) -> Vec<(Option<usize>, Option<usize>)> {
    let mut first_of = vec![None; taken.len()];
    for (a, b) in other
        .iter()
        .enumerate()
        .filter_map(|(a, b)| Some((a, (*b)?)))
    {
        first_of[b] = Some(a);
    }
    let mut ordered: Vec<_> = other
        .iter()
        .enumerate()
        .map(|(a, b)| (Some(a), false, *b))
        .collect();
    let mut follows = None;
    for (b, first) in first_of.iter().enumerate() {
        match first {
            Some(a) => follows = Some(*a),
            None => ordered.push((follows, true, Some(b))),
        }
    }
    ordered.sort_by_key(|(a, added, b)| (*a, *added, added.then_some(*b)));
    ordered
        .into_iter()
        .map(|(a, added, b)| (a.filter(|_| !added), b))
        .collect()
}
