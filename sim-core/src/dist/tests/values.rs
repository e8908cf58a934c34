//! The values themselves, pinned to the bit: a change here moves every result there is.

use crate::dist::Dist;
use crate::draw::{Draws, mix};

/// A kind's name, the bits of three values in a row from one source, and a digest of the ten
/// thousand after them, among which are the samplers' rare branches.
type Drawn = (&'static str, [u64; 4]);

#[test]
fn every_kind_keeps_its_values() {
    let drawn: Vec<Drawn> = Dist::examples().iter().map(draw).collect();
    let line = |(name, [a, b, c, rest]): &Drawn| {
        format!("    (\"{name}\", [{a:#x}, {b:#x}, {c:#x}, {rest:#x}]),")
    };
    let report: Vec<String> = drawn.iter().map(line).collect();
    assert_eq!(drawn, VALUES, "drawn now:\n{}", report.join("\n"));
}

fn draw(dist: &Dist) -> Drawn {
    let (sampler, mut draws) = (dist.sampler(), Draws::open(1, 2));
    let mut next = |nth| sampler.sample(&mut draws, nth).to_bits();
    let first = [0, 1, 2].map(&mut next);
    let rest = (3..10_003).fold(0, |digest, nth| mix(digest, next(nth)));
    (dist.name(), [first[0], first[1], first[2], rest])
}

const VALUES: [Drawn; 26] = [
    ("Const", [0x4004000000000000, 0x4004000000000000, 0x4004000000000000, 0x2a2bfef24a10f30b]),
    ("Uniform", [0x400bb613bcc8de84, 0x400ebcf7dbbbe918, 0x40136ced9445955f, 0xe0421c8f6a3e36ed]),
    ("Exp", [0x40083291c4129fbf, 0x40229f6adcd825cb, 0x4019f7122faa4fc8, 0x5f359f7935bdcb59]),
    ("Erlang", [0x40291a6599214e6a, 0x4006c3810e127e55, 0x4013543fc8cfe1fb, 0xa886a1b45576e4a3]),
    ("Erlang", [0x401b2735877c5a6c, 0x4011c7b2b82d5e66, 0x40144f608bba0c70, 0x70136baf367826bd]),
    ("HyperExp", [0x3ff8d48e7bcadd0f, 0x3ff1348e1afb73c8, 0x3fa16a70b50d652f, 0x422df81ac0903ba8]),
    ("LogNormal", [0x40109ec7298ef04d, 0x3ff1e290af5a6a1f, 0x3ff22107aa070ca3, 0x69360255a6eee2e4]),
    ("LogNormal", [0x4044db08031ab079, 0x401129861c384165, 0x401191df8652682a, 0x51d34b5d57328ceb]),
    ("Normal", [0x402765050f064b3a, 0x4019c830ec181b6a, 0x4019ffb1ccf84ad0, 0xc45677eb96123987]),
    ("Normal", [0x3ff594143c192cea, 0x3fd4ac5ffea8805c, 0x3fe37652ad254aed, 0xa3ceba1e1d1a4137]),
    ("Normal", [0x3fc1219f107876b0, 0x3fd261fb947b475f, 0x3fc3b23f3dbdcac4, 0xe20b27ca88f759e7]),
    ("Folded", [0x40045e1e5a25c35e, 0x401553b69ddbd6e1, 0x401500754c8b8fc9, 0xdbceb7b341fd0127]),
    ("Folded", [0x400a2f0f2d12e1af, 0x3fe54eda776f5b84, 0x3fe401d5322e3f24, 0x98e6e380ebc48e28]),
    ("Gamma", [0x40162ca67bcdea72, 0x3ff3b92a235f8efb, 0x4000d0112abc30e7, 0xfdd80f5b47b4002]),
    ("Gamma", [0x3febdaf59745f52e, 0x4032ecc6a02a19ac, 0x4021d1f01af503fe, 0x2ffa37d1d247f37c]),
    ("Weibull", [0x4008193b9e4fb04f, 0x4015241e018805a8, 0x4011a6d3d8ec113d, 0x7501a2a22a3462d0]),
    ("Weibull", [0x400ff8e1a7cc0840, 0x4033eba424b6e7fb, 0x4027cbada928b89d, 0x2e9a2bb70569b29]),
    ("Pareto", [0x400167037aed8cd8, 0x4004b90dab44c2fe, 0x40032956d10d4314, 0x4ab82a497e164b9b]),
    ("Pareto", [0x3ff8ff9b6a241134, 0x3ffe2f2f26b01c34, 0x401e5348c52e41e6, 0x1f54af9f20ddf833]),
    ("Zipf", [0x402a000000000000, 0x4014000000000000, 0x3ff0000000000000, 0x2d5a093042d199]),
    ("Zipf", [0x4018000000000000, 0x4008000000000000, 0x3ff0000000000000, 0x856e32595ab6a77a]),
    ("Zipf", [0x4010000000000000, 0x4008000000000000, 0x3ff0000000000000, 0x678930a5dde045af]),
    ("Empirical", [0x402b000000000000, 0x402e000000000000, 0x406cc00000000000, 0xb35ce3905dcc8d1d]),
    ("Mixture", [0x3ff9d34fe7d29b66, 0x4020b0c82b532f85, 0x3ff5a41021e60cfa, 0x51c2acbaeb25c9f9]),
    ("Mixture", [0x3fe0000000000000, 0x3fe0000000000000, 0x4025000000000000, 0xfd541f5401313b77]),
    ("Sequence", [0x4000000000000000, 0x4008000000000000, 0x4059000000000000, 0xde5eaf0ebd2a3bb3]),
];
