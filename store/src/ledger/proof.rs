//! Proofs that an event is in a tree, and that one tree continues another.
//!
//! Making them follows RFC 6962, section 2.1; checking them follows RFC 9162, sections 2.1.3.2 and 2.1.4.2.

use super::hash::Hash;

/// The hash of a full subtree: the one at `index` among those with 2^`level` leaves.
pub type NodeAt<'a, E> = &'a mut dyn FnMut(u32, u64) -> Result<Hash, E>;

/// Proves that leaf `index` is in the tree of `size` leaves. `index` must be below `size`.
pub fn inclusion<E>(index: u64, size: u64, node: NodeAt<'_, E>) -> Result<Vec<Hash>, E> {
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(range(middle, end, node)?);
            end = middle;
        } else {
            proof.push(range(start, middle, node)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// Proves that the tree of `new` leaves continues the one of `old` leaves. `old` must not be above `new`.
pub fn consistency<E>(old: u64, new: u64, node: NodeAt<'_, E>) -> Result<Vec<Hash>, E> {
    if old == 0 || old == new {
        return Ok(Vec::new());
    }
    let mut proof = Vec::new();
    let (mut start, mut end) = (0, new);
    // Down to the subtree that ends where the old tree ended.
    while old != end {
        let middle = start + split(end - start);
        if old <= middle {
            proof.push(range(middle, end, node)?);
            end = middle;
        } else {
            proof.push(range(start, middle, node)?);
            start = middle;
        }
    }
    // When that subtree is the whole old tree, the verifier has its root already.
    if start != 0 {
        proof.push(range(start, end, node)?);
    }
    proof.reverse();
    Ok(proof)
}

/// The hash of the leaves from `start` to `end`, where `start` is a multiple of the power of two that is not
/// below their number.
pub(crate) fn range<E>(start: u64, end: u64, node: NodeAt<'_, E>) -> Result<Hash, E> {
    let leaves = end - start;
    if leaves.is_power_of_two() {
        let level = leaves.trailing_zeros();
        return node(level, start >> level);
    }
    let middle = start + split(leaves);
    let left = range(start, middle, node)?;
    Ok(Hash::node(left, range(middle, end, node)?))
}

/// The largest power of two below `leaves` (which is above 1).
fn split(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// Whether `proof` shows that the leaf with this hash is number `index` in the tree of this size and root.
#[must_use]
pub fn proves_inclusion(leaf: Hash, index: u64, size: u64, root: Hash, proof: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last) = (index, size - 1);
    let mut hash = leaf;
    for &other in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = Hash::node(other, hash);
            (place, last) = to_left_edge(place, last);
        } else {
            hash = Hash::node(hash, other);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && hash == root
}

/// Whether `proof` shows that the new tree (size and root) begins with the old one.
#[must_use]
pub fn proves_consistency(old: (u64, Hash), new: (u64, Hash), proof: &[Hash]) -> bool {
    if old.0 == new.0 {
        return proof.is_empty() && old.1 == new.1;
    }
    if old.0 == 0 {
        return proof.is_empty() && old.1 == Hash::empty();
    }
    if old.0 > new.0 {
        return false;
    }
    // A full old tree is a node of the new one: its root stands where the proof would begin.
    let given = old.0.is_power_of_two().then_some(old.1);
    let mut path = given.into_iter().chain(proof.iter().copied());
    let Some(first) = path.next() else { return false };
    let shift = (old.0 - 1).trailing_ones();
    let (mut place, mut last) = ((old.0 - 1) >> shift, (new.0 - 1) >> shift);
    let (mut old_hash, mut new_hash) = (first, first);
    for other in path {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            old_hash = Hash::node(other, old_hash);
            new_hash = Hash::node(other, new_hash);
            (place, last) = to_left_edge(place, last);
        } else {
            new_hash = Hash::node(new_hash, other);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && old_hash == old.1 && new_hash == new.1
}

/// Climbs the levels in which a node on the right edge has no sibling.
fn to_left_edge(place: u64, last: u64) -> (u64, u64) {
    if place & 1 == 1 || place == 0 {
        return (place, last);
    }
    let levels = place.trailing_zeros();
    (place >> levels, last >> levels)
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;
    use sha2::Sha256;

    use super::super::peaks::Peaks;
    use super::*;

    /// The tree of RFC 6962, section 2.1, straight from its definition.
    fn naive(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::empty(),
            [leaf] => *leaf,
            _ => {
                let middle = leaves.len().next_power_of_two() / 2;
                Hash::node(naive(&leaves[..middle]), naive(&leaves[middle..]))
            }
        }
    }

    fn leaves(size: u64) -> Vec<Hash> {
        (0..size).map(|n| Hash::leaf(&n.to_be_bytes())).collect()
    }

    fn nodes(leaves: &[Hash]) -> impl FnMut(u32, u64) -> Result<Hash, Infallible> {
        |level, index| {
            let (start, width) = (usize::try_from(index << level).unwrap(), 1 << level);
            Ok(naive(&leaves[start..start + width]))
        }
    }

    fn hex(hash: Hash) -> String {
        hash.as_bytes().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }

    #[test]
    fn the_reference_tree_of_certificate_transparency_has_its_known_roots() {
        let inputs: [&[u8]; 8] = [
            &[],
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut peaks = Peaks::new();
        assert_eq!(hex(peaks.root()), roots[0]);
        for (input, root) in inputs.iter().zip(&roots[1..]) {
            peaks.push(Hash::leaf(input));
            assert_eq!(hex(peaks.root()), *root);
        }
    }

    #[test]
    fn every_proof_of_every_small_tree_verifies_here_and_with_an_independent_library() {
        const LARGEST: u64 = 70;
        let all = leaves(LARGEST);
        let mut theirs: Vec<MemoryBackedTree<Sha256, Vec<u8>>> = vec![MemoryBackedTree::new()];
        for n in 0..LARGEST {
            let mut next = theirs[usize::try_from(n).unwrap()].clone();
            next.push(n.to_be_bytes().to_vec());
            theirs.push(next);
        }
        for size in 1..=LARGEST {
            let here = &all[..usize::try_from(size).unwrap()];
            let root = naive(here);
            let their = &theirs[usize::try_from(size).unwrap()];
            assert_eq!(their.root().as_bytes().as_slice(), root.as_bytes());
            let mut node = nodes(here);
            for index in 0..size {
                let proof = inclusion(index, size, &mut node).unwrap();
                let leaf = here[usize::try_from(index).unwrap()];
                assert!(proves_inclusion(leaf, index, size, root, &proof), "{index} of {size}");
                let theirs = their.prove_inclusion(usize::try_from(index).unwrap());
                assert_eq!(Hash::many(theirs.as_bytes()).unwrap(), proof, "{index} of {size}");
            }
            for old in 1..=size {
                let proof = consistency(old, size, &mut node).unwrap();
                let old_root = naive(&all[..usize::try_from(old).unwrap()]);
                assert!(proves_consistency((old, old_root), (size, root), &proof), "{old} to {size}");
                let theirs = their.prove_consistency(usize::try_from(size - old).unwrap());
                assert_eq!(Hash::many(theirs.as_bytes()).unwrap(), proof, "{old} to {size}");
            }
        }
    }

    fn flipped(hash: Hash, bit: usize) -> Hash {
        let mut bytes = *hash.as_bytes();
        bytes[bit / 8 % 32] ^= 1 << (bit % 8);
        bytes.into()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_tree_grown_leaf_by_leaf_is_the_tree_of_the_definition(size in 0_u64..2000) {
            let all = leaves(size);
            let mut peaks = Peaks::new();
            for leaf in &all {
                peaks.push(*leaf);
            }
            prop_assert_eq!(peaks.root(), naive(&all));
            let mut node = nodes(&all);
            let at: Result<Vec<_>, _> = Peaks::places(size).map(|(level, index)| node(level, index)).collect();
            prop_assert_eq!(Peaks::try_new(size, at.unwrap()), Some(peaks));
        }

        #[test]
        fn an_inclusion_proof_holds_for_its_leaf_index_root_and_bytes_only(
            size in 1_u64..1500, at in any::<prop::sample::Index>(), other in any::<prop::sample::Index>(),
            bit in 0_usize..256, which in any::<prop::sample::Index>(),
        ) {
            let all = leaves(size);
            let (root, index) = (naive(&all), at.index(all.len()) as u64);
            let leaf = all[at.index(all.len())];
            let proof = inclusion(index, size, &mut nodes(&all)).unwrap();
            prop_assert!(proves_inclusion(leaf, index, size, root, &proof));
            prop_assert!(!proves_inclusion(flipped(leaf, bit), index, size, root, &proof));
            prop_assert!(!proves_inclusion(leaf, index, size, flipped(root, bit), &proof));
            let wrong = other.index(all.len()) as u64;
            prop_assert!(wrong == index || !proves_inclusion(leaf, wrong, size, root, &proof));
            prop_assert!(!proves_inclusion(leaf, size, size, root, &proof));
            let mut longer = proof.clone();
            longer.push(root);
            prop_assert!(!proves_inclusion(leaf, index, size, root, &longer));
            if !proof.is_empty() {
                let mut changed = proof.clone();
                let n = which.index(proof.len());
                changed[n] = flipped(changed[n], bit);
                prop_assert!(!proves_inclusion(leaf, index, size, root, &changed));
                prop_assert!(!proves_inclusion(leaf, index, size, root, &proof[1..]));
            }
        }

        #[test]
        fn a_consistency_proof_holds_for_its_two_trees_and_bytes_only(
            new in 1_u64..1500, at in any::<prop::sample::Index>(), bit in 0_usize..256,
            which in any::<prop::sample::Index>(),
        ) {
            let all = leaves(new);
            let old = at.index(all.len()) as u64 + 1;
            let (before, after) = (naive(&all[..=at.index(all.len())]), naive(&all));
            let proof = consistency(old, new, &mut nodes(&all)).unwrap();
            prop_assert!(proves_consistency((old, before), (new, after), &proof));
            prop_assert!(!proves_consistency((old, flipped(before, bit)), (new, after), &proof));
            prop_assert!(!proves_consistency((old, before), (new, flipped(after, bit)), &proof));
            let mut longer = proof.clone();
            longer.push(after);
            prop_assert!(!proves_consistency((old, before), (new, after), &longer));
            prop_assert!(old == new || !proves_consistency((new, after), (old, before), &proof));
            if !proof.is_empty() {
                let mut changed = proof.clone();
                let n = which.index(proof.len());
                changed[n] = flipped(changed[n], bit);
                prop_assert!(!proves_consistency((old, before), (new, after), &changed));
                prop_assert!(!proves_consistency((old, before), (new, after), &proof[1..]));
            }
        }
    }
}
