//! Did it tip, did it recover, is it stuck: from goodput against offered, bin by bin.

use super::series::Bin;
use crate::graph::{Arrivals, Graph, VerdictRule};
use brownout_core::{Span, Time};

/// Something that could tip a system: a fault, a deploy, or a load's spike or burst.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// Its name.
    pub name: String,
    /// Its place in the graph's faults, if it is one.
    pub fault: Option<u32>,
    /// When it begins.
    pub from: Time,
    /// When it ends; [`Time::MAX`] for a standing condition.
    pub to: Time,
}

/// The triggers of a graph, in the order of the file.
pub fn triggers(graph: &Graph) -> Vec<Trigger> {
    let faults = graph.faults.iter().enumerate().map(|(number, fault)| Trigger {
        name: fault.name.clone(),
        fault: Some(number as u32),
        from: fault.begins(),
        to: fault.ends(),
    });
    let spikes = graph.loads.iter().filter_map(|load| {
        let (what, from, to) = match &load.arrivals {
            Arrivals::AtOnce { at, .. } => ("burst", *at, *at),
            other => {
                let spike = other.profile()?.spike.as_ref()?;
                ("spike", spike.from, spike.until)
            }
        };
        Some(Trigger { name: format!("{what} of {}", load.name), fault: None, from, to })
    });
    let deploys = graph.services.iter().flat_map(|service| {
        service.fleet.deploys.iter().map(|rolling| Trigger {
            name: format!("deploy of {}", service.name),
            fault: None,
            from: rolling.at,
            to: rolling.until(service.replicas),
        })
    });
    faults.chain(deploys).chain(spikes).collect()
}

/// What became of one run.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Whether goodput fell under the threshold while a trigger was at work or shortly after.
    pub tipped: bool,
    /// For each trigger: how long after its end goodput was back for good, if it ever was.
    pub recovery: Vec<Option<Span>>,
}

impl Verdict {
    /// Tipped, and never back after some trigger that has an end.
    pub fn stuck(&self) -> bool {
        self.tipped && self.recovery.iter().any(Option::is_none)
    }
}

/// Judges one target's bins of `width` each.
pub fn judge(rule: &VerdictRule, triggers: &[Trigger], bins: &[Bin], width: Span) -> Verdict {
    let per_window = (rule.window.nanos() / width.nanos()).max(1) as usize;
    let windows: Vec<(u64, u64)> = bins
        .chunks(per_window)
        .map(|bins| bins.iter().fold((0, 0), |(o, g), bin| (o + bin.offered, g + bin.good)))
        .collect();
    let length = width.saturating_mul(per_window as u64);
    let start = |number: usize| Time::ZERO + length.saturating_mul(number as u64);
    let tipped = windows.iter().enumerate().any(|(number, &(offered, good))| {
        let (from, to) = (start(number), start(number + 1));
        let exposed = triggers
            .iter()
            .any(|trigger| from < trigger.to.saturating_add(rule.after) && trigger.from < to);
        exposed && is_below(good, offered, rule.tipped_below)
    });
    let hold = rule.hold.nanos().div_ceil(length.nanos()).max(1) as usize;
    let recovery = triggers
        .iter()
        .filter(|trigger| trigger.to < Time::MAX)
        .map(|trigger| {
            let first = trigger.to.nanos().div_ceil(length.nanos()) as usize;
            (first..).take_while(|from| from + hold <= windows.len()).find_map(|from| {
                let held = &windows[from..from + hold];
                stays_up(rule, held).then(|| start(from).since(trigger.to))
            })
        })
        .collect();
    Verdict { tipped, recovery }
}

/// Whether goodput over these windows reaches the recovery threshold, and in none of them falls
/// under the tipping one. (Counts of one window scatter by the requests under way at its edges, so
/// the higher threshold applies to the stretch as a whole.)
fn stays_up(rule: &VerdictRule, windows: &[(u64, u64)]) -> bool {
    let (offered, good) = windows
        .iter()
        .fold((0, 0), |(offered, good), window| (offered + window.0, good + window.1));
    !is_below(good, offered, rule.recovered_from)
        && windows.iter().all(|&(offered, good)| !is_below(good, offered, rule.tipped_below))
}

fn is_below(good: u64, offered: u64, share: f64) -> bool {
    (good as f64) < share * offered as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Span = Span::from_millis(1_000);

    fn bins(good: &[u64]) -> Vec<Bin> {
        good.iter().map(|&good| Bin { offered: 100, good, ..Bin::default() }).collect()
    }

    fn trigger(from_s: f64, to_s: f64) -> Trigger {
        let (from, to) = (Time::from_secs(from_s), Time::from_secs(to_s));
        Trigger { name: "slow".to_owned(), fault: Some(0), from, to }
    }

    #[test]
    fn a_run_that_never_falls_is_not_tipped_and_has_recovered_at_once() {
        let rule = VerdictRule::default();
        let verdict = judge(&rule, &[trigger(5.0, 10.0)], &bins(&[97; 40]), SECOND);
        assert_eq!(verdict, Verdict { tipped: false, recovery: vec![Some(Span::ZERO)] });
    }

    #[test]
    fn a_dip_that_heals_four_seconds_after_the_fault_is_tipped_and_recovered() {
        let mut good = [100; 40];
        good[6..14].fill(20);
        let rule = VerdictRule::default();
        let verdict = judge(&rule, &[trigger(5.0, 10.0)], &bins(&good), SECOND);
        assert_eq!(verdict.recovery, [Some(Span::from_millis(4_000))]);
        assert!(verdict.tipped && !verdict.stuck());
    }

    #[test]
    fn a_run_that_stays_down_is_stuck() {
        let mut good = [100; 40];
        good[6..].fill(70);
        let verdict = judge(&VerdictRule::default(), &[trigger(5.0, 10.0)], &bins(&good), SECOND);
        assert!(verdict.stuck());
    }

    #[test]
    fn a_dip_long_after_every_trigger_does_not_count_as_tipping() {
        let mut good = [100; 60];
        good[45] = 10;
        let verdict = judge(&VerdictRule::default(), &[trigger(5.0, 10.0)], &bins(&good), SECOND);
        assert!(!verdict.tipped);
    }
}
