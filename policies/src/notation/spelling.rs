//! What a misspelt name probably means.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use strsim::osa_distance;

/// Longer names are not compared: the work grows with the product of the lengths.
const LONGEST: usize = 48;
/// Of very many names only the first are compared.
const COMPARED: usize = 300;
/// Names that are offered at most, when several are equally near.
const OFFERED: usize = 3;

/// "did you mean `x`?", or `y`, if something that can be written is near what was.
pub fn meant<'c>(written: &str, known: impl IntoIterator<Item = &'c str>) -> Option<String> {
    let names: Vec<String> = near(written, known).iter().map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| format!("did you mean {}?", names.join(" or ")))
}

/// The names nearest to `written`, if they are near.
fn near<'c>(written: &str, known: impl IntoIterator<Item = &'c str>) -> Vec<&'c str> {
    if written.len() > LONGEST {
        return Vec::new();
    }
    let lower = written.to_lowercase();
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .take(COMPARED)
        .filter(|name| name.len() <= LONGEST)
        .map(|name| (osa_distance(&lower, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= reach(&lower, name))
        .collect();
    near.sort_unstable();
    near.dedup();
    let nearest = near.first().map_or(0, |(distance, _)| *distance);
    near.retain(|(distance, _)| *distance == nearest);
    near.into_iter().take(OFFERED).map(|(_, name)| name).collect()
}

/// Edits within which two names count as one misspelt: a third of the longer, at least one, but not
/// all of what was written.
fn reach(written: &str, name: &str) -> usize {
    let length = written.chars().count();
    (length.max(name.chars().count()) / 3).max(1).min(length.saturating_sub(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 6] = ["ledger", "cart", "checkout", "queue", "queue.max", "q"];

    #[test]
    fn a_slip_of_the_finger_is_near_and_another_word_is_not() {
        assert_eq!(near("leger", KNOWN), ["ledger"]);
        assert_eq!(near("CHEKCOUT", KNOWN), ["checkout"]);
        assert_eq!(near("card", KNOWN), ["cart"]);
        assert_eq!(near("basket", KNOWN), Vec::<&str>::new());
        // One letter for another is no slip when it is all there is.
        assert_eq!(near("p", KNOWN), Vec::<&str>::new());
        assert_eq!(near("", KNOWN), Vec::<&str>::new());
    }

    #[test]
    fn only_names_equally_near_are_offered_together() {
        let hint = meant("queue.ma", KNOWN);
        assert_eq!(hint.as_deref(), Some("did you mean `queue.max`?"));
        let hint = meant("replica-3", ["replica-2", "replica-1", "replica-10"]);
        assert_eq!(hint.as_deref(), Some("did you mean `replica-1` or `replica-2`?"));
        assert_eq!(meant("basket", KNOWN), None);
    }
}
