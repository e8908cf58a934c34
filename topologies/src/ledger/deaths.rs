//! Where requests died: a row of numbers for each service at which any did.

use crate::death::{Death, HOWS, How};
use crate::graph::ServiceId;

/// Deaths by service and by how.
#[derive(Debug, Default)]
pub(super) struct Deaths {
    rows: Vec<(ServiceId, [u64; HOWS])>,
    /// The row of each service, from 1; 0 is none. As long as the last service needs.
    row_of: Vec<u32>,
}

impl Deaths {
    /// Counts one.
    pub(super) fn add(&mut self, death: Death) {
        let Death { at, how } = death;
        if self.row_of.len() <= at.index() {
            self.row_of.resize(at.index() + 1, 0);
        }
        let row = &mut self.row_of[at.index()];
        if *row == 0 {
            self.rows.push((at, [0; HOWS]));
            *row = self.rows.len() as u32;
        }
        self.rows[*row as usize - 1].1[how as usize] += 1;
    }

    /// Every number above zero, in order of service.
    pub(super) fn every(&self) -> Vec<(Death, u64)> {
        let mut rows = self.rows.clone();
        rows.sort_unstable();
        let of_row = |(at, numbers): (ServiceId, [u64; HOWS])| {
            let each = How::EVERY.into_iter().zip(numbers);
            each.map(move |(how, number)| (Death { at, how }, number))
        };
        rows.into_iter().flat_map(of_row).filter(|(_, number)| *number > 0).collect()
    }
}
