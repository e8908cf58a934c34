//! Maglev's table: every member fills the places of its own permutation, in turns.

use super::hash::xxh64;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

/// Eisenbud et al. 2016, as Envoy builds it.
#[derive(Debug, Clone)]
pub(super) struct Table {
    members: Box<[u32]>,
}

/// A member while the table is filled.
struct Filling {
    member: u32,
    offset: u64,
    skip: u64,
    next: u64,
    weight: f64,
    target: f64,
}

/// Nobody.
const FREE: u32 = u32::MAX;

impl Table {
    /// A table of `size` places, which is a prime. Members take turns in the order of their names,
    /// a lighter one not in every turn.
    pub(super) fn new(names: &[String], weights: &[u32], size: u32) -> Table {
        let sum: u64 = weights.iter().map(|&weight| u64::from(weight)).sum();
        let size = u64::from(size);
        let mut order: Vec<usize> = (0..names.len()).collect();
        order.sort_by(|&one, &other| names[one].cmp(&names[other]));
        let mut filling: Vec<Filling> = order
            .into_iter()
            .map(|member| {
                let name = names[member].as_bytes();
                let (offset, skip) = (xxh64(name, 0) % size, xxh64(name, 1) % (size - 1) + 1);
                let weight = f64::from(weights[member]) / sum as f64;
                Filling { member: member as u32, offset, skip, next: 0, weight, target: 0.0 }
            })
            .collect();
        let heaviest = filling.iter().fold(0.0, |most: f64, one| most.max(one.weight));
        let mut members = vec![FREE; size as usize];
        let (mut filled, mut turn) = (0, 0.0);
        while filled < size {
            turn += 1.0;
            for one in &mut filling {
                if filled == size || turn * one.weight < one.target {
                    continue;
                }
                one.target += heaviest;
                loop {
                    let place = (one.offset + one.skip * one.next) % size;
                    one.next += 1;
                    if members[place as usize] == FREE {
                        members[place as usize] = one.member;
                        break;
                    }
                }
                filled += 1;
            }
        }
        Table { members: members.into() }
    }

    /// The first member from the key's place on that may be picked; there has to be one.
    pub(super) fn pick(&self, key: u64, may: impl Fn(u32) -> bool) -> Option<u32> {
        let first = (key % self.members.len() as u64) as usize;
        let (before, after) = self.members.split_at(first);
        after.iter().chain(before).copied().find(|&member| may(member))
    }
}

/// Whether a number is a prime.
pub(super) fn is_prime(number: u32) -> bool {
    let divisors = (2..).take_while(|divisor| u64::from(*divisor).pow(2) <= u64::from(number));
    number > 1 && divisors.into_iter().all(|divisor: u32| !number.is_multiple_of(divisor))
}
