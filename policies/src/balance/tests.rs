//! Facts of the peers that their vectors do not show.

use super::*;

/// Envoy's own test hosts.
fn hosts(names: &[&str], table: u32) -> Vec<u32> {
    let members: Vec<_> = names.iter().map(|name| (*name, 1)).collect();
    assignments(&members, table)
}

fn assignments(members: &[(&str, u32)], table: u32) -> Vec<u32> {
    let config = BalanceConfig::by(Rule::Maglev(Maglev { table, bound: None }));
    let mut group = Balance::named(config, members).expect("it is sound");
    let mut none = crate::Draws::open(0, 0);
    let keys = 0..u64::from(table);
    keys.map(|key| group.pick(Time::ZERO, &mut none, key).expect("all are in use")).collect()
}

#[test]
fn maglev_tables_are_those_of_envoys_tests() {
    let addresses = [
        "127.0.0.1:90",
        "127.0.0.1:91",
        "127.0.0.1:92",
        "127.0.0.1:93",
        "127.0.0.1:94",
        "127.0.0.1:95",
    ];
    assert_eq!(hosts(&addresses, 7), [2, 4, 0, 1, 5, 0, 3]);
    assert_eq!(hosts(&["90", "91", "92", "93", "94", "95"], 7), [2, 5, 0, 3, 4, 1, 0]);
    let weighted = assignments(&[("127.0.0.1:90", 1), ("127.0.0.1:91", 2)], 17);
    assert_eq!(weighted, [1, 0, 0, 1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1]);
}
