//! What pays for hedges, and hears of what it has paid for.

use crate::budget::{Budget, Fault, Receipt};
use crate::hedge::Pays;
use crate::outcome::Class;
use crate::time::Time;

/// A budget for one call's hedges; without one nothing has to pay.
pub(super) struct Purse<'a> {
    pub(super) budget: Option<&'a mut Budget>,
    /// What the call's last hedge has paid, if it had to.
    pub(super) paid: &'a mut u32,
}

impl Purse<'_> {
    /// A call begins: its first leg is sent.
    pub(super) fn on_call(&mut self, now: Time) {
        if let Some(budget) = &mut self.budget {
            budget.on_call(now);
        }
    }

    /// A leg is over, however it went. `is_paid`: hedges are paid for when they are sent.
    pub(super) fn on_leg_end(&mut self, nth: u8, is_paid: bool) {
        let Some(budget) = &mut self.budget else { return };
        if nth == 0 {
            budget.on_call_end();
        } else if is_paid {
            budget.on_retry_end();
        }
    }

    /// A leg has come to its end by itself, or the call was given up. What was paid last is used up
    /// by a success or the end of an abandoned call.
    pub(super) fn on_result(&mut self, now: Time, class: Class, fault: Fault) {
        let Some(budget) = &mut self.budget else { return };
        let receipt = (*self.paid > 0).then_some(Receipt { paid: *self.paid });
        budget.on_result(now, class, fault, receipt);
        if class != Class::Failure {
            *self.paid = 0;
        }
    }
}

impl Pays for Purse<'_> {
    fn pays(&mut self, now: Time) -> bool {
        let Some(budget) = &mut self.budget else { return true };
        let receipt = budget.pay(now, Fault::Server);
        *self.paid = receipt.map_or(*self.paid, |receipt| receipt.paid);
        receipt.is_some()
    }

    fn affords(&mut self, now: Time) -> bool {
        self.budget.as_mut().is_none_or(|budget| budget.affords(now))
    }
}
