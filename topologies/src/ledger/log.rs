//! The log: where rows go in, to the ledger and to whoever else listens.

use super::record::End;
use super::{Detail, Ledger, Of, Row, Sink};
use crate::graph::{EndpointId, ServiceId, SiteId};
use brownout_core::Time;

/// The ledger of one run, and who listens too.
pub struct Log<S: Sink> {
    /// The ledger.
    pub ledger: Ledger,
    /// Who listens too.
    pub sink: S,
}

impl<S: Sink> Log<S> {
    /// Writes down what happens.
    #[inline(always)]
    pub fn record(&mut self, at: Time, row: Row<'_>) {
        self.sink.row(at, &row);
        self.ledger.record(at, row);
    }

    /// Tells who listens, and nobody else, something more.
    #[inline(always)]
    pub fn tell(&mut self, at: Time, make: impl FnOnce() -> Detail) {
        if self.sink.listens() {
            self.sink.detail(at, &make());
        }
    }

    /// Writes down two things that happen to one activation: two rows, and one look for the
    /// accounts.
    #[inline(always)]
    pub fn record_both(
        &mut self,
        at: Time,
        whose: (ServiceId, Option<EndpointId>),
        rows: [Row<'_>; 2],
    ) {
        self.sink.row(at, &rows[0]);
        self.sink.row(at, &rows[1]);
        self.ledger.record_both(at, whose, rows);
    }

    /// Writes down that a plain call begins, and with it its only attempt: two rows in one.
    #[inline(always)]
    pub fn plain_begun(&mut self, at: Time, site: SiteId, of: Of, lineage: u64) {
        let Of { target, load } = of;
        self.sink.row(at, &Row::CallBegun { site, target, load, lineage });
        self.sink.row(at, &Row::AttemptSent { site, target, load, lineage, ordinal: 0 });
        self.ledger.plain_begun(at, site, of, lineage);
    }

    /// Writes down that the only attempt of a plain call has an outcome, and with it the call.
    #[inline(always)]
    pub fn plain_ended(&mut self, at: Time, site: SiteId, of: Of, end: End) {
        let (Of { target, load }, End { lineage, intended, outcome }) = (of, end);
        self.sink.row(at, &Row::AttemptSettled { site, target, lineage, outcome });
        self.sink.row(at, &Row::CallEnded { site, target, load, lineage, intended, outcome });
        self.ledger.plain_ended(at, site, of, end);
    }
}
