//! Polylines in pixels: clipped to a panel, thinned to what can be seen, stepped, dashed.

use crate::scene::{Point, Rect};

/// Dashes and the spaces after them, in pixels; round ends lengthen a dash by the line's width.
pub(crate) const DASHED: &[f64] = &[4.0, 5.0];

/// The dashes of numbered patterns; the first is unbroken.
const PATTERNS: [&[f64]; 6] = [
    &[],
    &[6.0, 5.0],
    &[0.1, 4.5],
    &[10.0, 5.0, 0.1, 5.0],
    &[16.0, 6.0],
    &[6.0, 4.5, 0.1, 4.5, 0.1, 4.5],
];

/// The dashes and spaces of pattern number `number`; none is unbroken.
pub(super) fn pattern(number: usize) -> &'static [f64] {
    PATTERNS[number % PATTERNS.len()]
}

/// Runs of points that have a place, cut where one has none.
pub(crate) fn runs(points: impl Iterator<Item = Option<Point>>) -> Vec<Vec<Point>> {
    let mut runs = vec![Vec::new()];
    for point in points {
        match (point, runs.last_mut()) {
            (Some(point), Some(run)) => run.push(point),
            _ => runs.push(Vec::new()),
        }
    }
    runs.retain(|run| !run.is_empty());
    runs
}

/// The staircase of a run: each height holds until the next point, the last one as long as the
/// one before it.
pub(crate) fn stairs(run: &[Point]) -> Vec<Point> {
    let mut stairs = Vec::with_capacity(run.len() * 2);
    for pair in run.windows(2) {
        stairs.extend([pair[0], (pair[1].0, pair[0].1)]);
    }
    match run {
        [.., before, last] => stairs.extend([*last, (2.0 * last.0 - before.0, last.1)]),
        _ => stairs.extend(run),
    }
    stairs
}

/// A long run thinned to the first, lowest, highest and last point of each half pixel, which look
/// the same.
pub(crate) fn thin(run: Vec<Point>) -> Vec<Point> {
    let cell = |at: &Point| (at.0 * 2.0).floor();
    let mut kept: Vec<Point> = Vec::new();
    for group in run.chunk_by(|a, b| cell(a) == cell(b)) {
        if group.len() <= 4 {
            kept.extend(group);
            continue;
        }
        let by_height = |a: &usize, b: &usize| group[*a].1.total_cmp(&group[*b].1);
        let low = (0..group.len()).min_by(by_height).unwrap_or(0);
        let high = (0..group.len()).max_by(by_height).unwrap_or(0);
        let mut picks = [0, low.min(high), low.max(high), group.len() - 1].to_vec();
        picks.dedup();
        kept.extend(picks.into_iter().map(|i| group[i]));
    }
    kept
}

/// The parts of a run inside `area`.
pub(crate) fn clip(run: &[Point], area: &Rect) -> Vec<Vec<Point>> {
    let mut parts: Vec<Vec<Point>> = Vec::new();
    for pair in run.windows(2) {
        let Some((from, to)) = clip_segment(pair[0], pair[1], area) else { continue };
        match parts.last_mut() {
            Some(part) if part.last() == Some(&from) => part.push(to),
            _ => parts.push(vec![from, to]),
        }
    }
    if let [only] = run
        && contains(area, *only)
    {
        parts.push(vec![*only]);
    }
    parts
}

pub(crate) fn contains(area: &Rect, at: Point) -> bool {
    (area.left..=area.right).contains(&at.0) && (area.top..=area.bottom).contains(&at.1)
}

/// The dashes of a polyline.
pub(crate) fn dashes(run: &[Point], pattern: &[f64]) -> Vec<Vec<Point>> {
    if pattern.is_empty() {
        return vec![run.to_vec()];
    }
    let mut dashes = Vec::new();
    let mut dash: Vec<Point> = run.first().copied().into_iter().collect();
    let (mut place, mut left) = (0, pattern[0]);
    for pair in run.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let length =
                ((to.0 - from.0) * (to.0 - from.0) + (to.1 - from.1) * (to.1 - from.1)).sqrt();
            if length < left {
                left -= length;
                if place % 2 == 0 {
                    dash.push(to);
                }
                break;
            }
            let share = left / length;
            from = (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1));
            if place % 2 == 0 {
                dash.push(from);
                dashes.push(std::mem::take(&mut dash));
            } else {
                dash = vec![from];
            }
            place = (place + 1) % pattern.len();
            left = pattern[place];
        }
    }
    if dash.len() > 1 {
        dashes.push(dash);
    }
    dashes
}

/// The part of a segment inside `area` (Liang and Barsky 1984).
fn clip_segment(from: Point, to: Point, area: &Rect) -> Option<(Point, Point)> {
    let along = (to.0 - from.0, to.1 - from.1);
    let (mut enter, mut leave) = (0.0_f64, 1.0_f64);
    for (speed, room) in [
        (-along.0, from.0 - area.left),
        (along.0, area.right - from.0),
        (-along.1, from.1 - area.top),
        (along.1, area.bottom - from.1),
    ] {
        if speed == 0.0 && room < 0.0 {
            return None;
        } else if speed < 0.0 {
            enter = enter.max(room / speed);
        } else if speed > 0.0 {
            leave = leave.min(room / speed);
        }
    }
    let at = |share: f64| match share {
        0.0 => from,
        1.0 => to,
        _ => (from.0 + share * along.0, from.1 + share * along.1),
    };
    (enter <= leave).then(|| (at(enter), at(leave)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: Rect = Rect { left: 0.0, top: 0.0, right: 10.0, bottom: 10.0 };

    #[test]
    fn a_line_that_leaves_the_panel_is_cut_at_its_edge() {
        let parts = clip(&[(5.0, 5.0), (5.0, 25.0), (15.0, 5.0), (5.0, 5.0)], &AREA);
        assert_eq!(parts, [vec![(5.0, 5.0), (5.0, 10.0)], vec![(10.0, 5.0), (5.0, 5.0)]]);
    }

    #[test]
    fn a_gap_cuts_a_line_in_two() {
        let points = [Some((0.0, 1.0)), Some((1.0, 1.0)), None, None, Some((4.0, 1.0))];
        assert_eq!(runs(points.into_iter()), [vec![(0.0, 1.0), (1.0, 1.0)], vec![(4.0, 1.0)]]);
    }

    #[test]
    fn the_last_step_is_as_long_as_the_one_before() {
        let corners = [(0.0, 3.0), (2.0, 3.0), (2.0, 1.0), (4.0, 1.0)];
        assert_eq!(stairs(&[(0.0, 3.0), (2.0, 1.0)]), corners);
    }

    #[test]
    fn thinning_keeps_the_extremes_of_each_half_pixel() {
        let run: Vec<Point> =
            (0..1000).map(|i| (f64::from(i) / 4000.0, f64::from(i % 7))).collect();
        assert_eq!(thin(run), [(0.0, 0.0), (0.24825, 6.0), (0.24975, 5.0)]);
    }

    #[test]
    fn dashes_carry_on_round_corners() {
        let dashes = dashes(&[(0.0, 0.0), (2.0, 0.0), (2.0, 9.0)], DASHED);
        assert_eq!(dashes[0], [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0)]);
        assert_eq!(dashes[1], [(2.0, 7.0), (2.0, 9.0)]);
    }
}
