use super::*;

fn id(place: u64) -> Id {
    Id::from_word(place << 32 | 1)
}

/// An attempt of a call by whoever is `by`.
fn sent(call: u64, of: u64, by: Option<(Id, u16)>) -> Sent {
    Sent { call: id(call), of, lineage: of, site: SiteId(3), by, key: KeyUse::Request }
}

#[test]
fn attempts_of_one_call_and_calls_made_anew_further_down_have_one_name() {
    let (mut effects, there) = (Effects::new(true), |_| true);
    // A user's call in two attempts, each of which calls from place 5; one of them also from 6.
    effects.sent(&sent(0, 100, None), id(0), there);
    effects.sent(&sent(0, 100, None), id(1), there);
    effects.sent(&sent(1, 201, Some((id(0), 5))), id(2), there);
    effects.sent(&sent(2, 202, Some((id(1), 5))), id(3), there);
    effects.sent(&sent(3, 203, Some((id(0), 6))), id(4), there);
    assert_eq!(effects.key(id(0)), effects.key(id(1)));
    assert_eq!(effects.key(id(2)), effects.key(id(3)));
    assert_ne!(effects.key(id(2)), effects.key(id(4)));
    let again =
        |effects: &mut Effects, envelope| effects.done(id(envelope), 9).map(|own| own.again);
    assert_eq!(again(&mut effects, 2), Some(false));
    assert_eq!(again(&mut effects, 4), Some(false));
    assert_eq!(again(&mut effects, 3), Some(true));
    assert_eq!(again(&mut effects, 7), None, "nobody sent that one");
}

#[test]
fn what_had_happened_is_known_when_a_call_ends_and_when_it_is_done_later() {
    let there = |_| true;
    let begin = || {
        let mut effects = Effects::new(true);
        effects.sent(&sent(0, 100, None), id(0), there);
        effects
    };
    let end = |effects: &mut Effects, works| effects.ended(id(0), true, false, |_| works);
    assert_eq!(end(&mut begin(), false), Some(Truth::Nothing));
    let mut broken = begin();
    broken.broke_off(id(0));
    assert_eq!(end(&mut broken, false), Some(Truth::Partly));
    let mut done = begin();
    assert_eq!(done.finished(id(0)), None);
    assert_eq!(end(&mut done, true), Some(Truth::Done));
    let mut late = begin();
    assert_eq!(end(&mut late, true), Some(Truth::Unknown));
    assert_eq!(late.finished(id(0)), Some(SiteId(3)));
    assert_eq!(late.finished(id(0)), None, "it is said once");
    assert_eq!(begin().ended(id(0), true, true, |_| true), None, "nobody was told that it failed");
    assert_eq!(Effects::new(true).ended(id(0), true, false, |_| true), Some(Truth::Nothing));
}

#[test]
fn what_is_known_of_requests_does_not_pile_up() {
    let mut effects = Effects::new(true);
    for nth in 0..10_000 {
        effects.sent(&sent(nth % 7, nth, None), id(nth % 5), |_| false);
        effects.done(id(nth % 5), 1);
        effects.ended(id(nth % 7), true, true, |_| false);
        // The place of a call is used again by another one.
        if let Some(kept) = &mut effects.kept {
            kept.calls[nth as usize % 7] = Known::default();
        }
    }
    let kept = effects.kept.expect("it is kept");
    assert!(kept.requests.len() <= 2 * MANY, "{} requests", kept.requests.len());
    assert!(kept.tags.len() == 5 && kept.calls.len() == 7);
}
