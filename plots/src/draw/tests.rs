//! What every figure must satisfy, and what the odd ones do.

use super::*;
use crate::figure::{Axis, Band, Panel, Series, Style};
use crate::sample;
use crate::scene::{Shape, Text};

fn samples() -> [Figure; 3] {
    [sample::by_column(), sample::by_row(), sample::cdf()]
}

/// A figure of one panel with one line.
fn single(x: Axis, y: Axis, points: Vec<(f64, f64)>) -> Figure {
    let series = vec![Series::new("line", Style::Line, 1, points)];
    let panels = vec![Panel::new("panel", y, series)];
    let title = "single".into();
    Figure { title, how_to_read: "".into(), columns: 1, x, bands: vec![], panels }
}

/// Every text of a page with the box around its letters.
fn texts(figure: &Figure) -> (Scene, Vec<(String, Rect)>) {
    let faces = Faces::load().expect("the bundled font is a font");
    let (scene, _, _) = compose(figure, &faces).expect("a figure to draw");
    let bounds = |text: &Text| {
        let width = faces.width(&text.body, &text.font);
        let left = match text.align {
            Align::Left => text.at.0,
            Align::Center => text.at.0 - width / 2.0,
            Align::Right => text.at.0 - width,
        };
        let (top, bottom) = (text.at.1 - 0.73 * text.font.size, text.at.1 + 0.2 * text.font.size);
        (text.body.clone(), Rect { left, top, right: left + width, bottom })
    };
    let texts = scene.shapes.iter().filter_map(|shape| match shape {
        Shape::Text(text) => Some(bounds(text)),
        Shape::Box(..) | Shape::Stroke { .. } | Shape::Fill { .. } | Shape::Disc { .. } => None,
    });
    let texts = texts.collect();
    (scene, texts)
}

fn assert_legible(figure: &Figure) {
    let (scene, texts) = texts(figure);
    let (width, height) = (f64::from(scene.width), f64::from(scene.height));
    for (i, (body, at)) in texts.iter().enumerate() {
        let inside = at.left >= 0.0 && at.top >= 0.0 && at.right <= width && at.bottom <= height;
        assert!(inside, "{body:?} leaves the {width} × {height} page: {at:?}");
        for (other, there) in &texts[..i] {
            let across = at.left < there.right && there.left < at.right;
            let down = at.top < there.bottom && there.top < at.bottom;
            assert!(!(across && down), "{body:?} {at:?} overlaps {other:?} {there:?}");
        }
    }
}

/// Every tag closed in order, no bare `<` or `&`.
fn assert_well_formed(xml: &str) {
    let mut open = Vec::new();
    for part in xml.split('<').skip(1) {
        let (tag, text) = part.split_once('>').expect("a tag has an end");
        let bare = |text: &str| text.replace("&amp;", "").replace("&lt;", "").replace("&gt;", "");
        let bare = |text: &str| bare(text).replace("&quot;", "").replace("&apos;", "");
        assert!(!bare(text).contains(['&', '>']) && !bare(tag).contains('&'), "{part}");
        assert!(!part.contains(|c: char| c.is_control() && c != '\n'), "{part}");
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.extend(tag.split(' ').next());
        }
    }
    assert_eq!(open, Vec::<&str>::new());
}

#[test]
fn the_same_figure_is_the_same_bytes() {
    for figure in samples() {
        assert_eq!(to_svg(&figure), to_svg(&figure.clone()));
        assert_eq!(to_png(&figure), to_png(&figure.clone()));
    }
}

#[test]
fn labels_stay_on_the_page_and_clear_of_each_other() {
    for figure in samples() {
        assert_legible(&figure);
    }
    let mut six = sample::by_column();
    six.columns = 6;
    assert_legible(&six);
    six.columns = 3;
    six.panels.truncate(5);
    assert_legible(&six);
}

#[test]
fn names_longer_than_the_page_are_cut() {
    let long = "λ<ong".repeat(90);
    let mut figure = sample::by_row();
    figure.title = long.clone();
    figure.x.label = long.clone();
    figure.bands[1].label = long.clone();
    for panel in &mut figure.panels {
        panel.title = long.clone();
        panel.y.label = long.clone();
        panel.series[1].name = long.clone();
    }
    assert_legible(&figure);
}

#[test]
fn every_series_has_one_entry_in_the_legend() {
    for figure in samples() {
        let (_, texts) = texts(&figure);
        let names = figure.panels.iter().flat_map(|panel| &panel.series).map(|s| &s.name);
        let first_panel = texts.iter().find(|(body, _)| *body == figure.panels[0].y.caption());
        let (_, below) = first_panel.expect("the first panel has a caption");
        for name in names {
            let entries = texts.iter().filter(|(body, at)| body == name && at.bottom < below.top);
            let is_column = figure.panels.iter().any(|panel| panel.title == *name);
            assert_eq!(entries.count(), 1 + usize::from(is_column), "{name}");
        }
    }
}

#[test]
fn an_svg_is_well_formed_whatever_the_words() {
    for mut figure in samples() {
        figure.title = "a < b & \"c\" > 'd'\u{0}\u{1b}[31m".into();
        figure.panels[0].series[0].name = "</svg><script>&".into();
        let svg = to_svg(&figure).expect("a figure to draw");
        assert_well_formed(&svg);
        assert!(svg.contains("a &lt; b &amp; &quot;c&quot; &gt;"));
        assert!(!svg.contains("<script"));
    }
}

#[test]
fn a_png_has_two_pixels_to_one_of_the_svg() {
    let figure = sample::by_column();
    let bytes = to_png(&figure).expect("a figure to draw");
    let decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    let mut reader = decoder.read_info().expect("a PNG");
    let size = reader.output_buffer_size().expect("a size in memory");
    let mut pixels = vec![0; size];
    reader.next_frame(&mut pixels).expect("whole rows");
    let (scene, _) = texts(&figure);
    assert_eq!((reader.info().width, reader.info().height), (scene.width * 2, scene.height * 2));
    let Rgb(red, green, blue) = PALETTE[1];
    assert!(pixels.chunks(3).any(|pixel| pixel == [red, green, blue]), "goodput is in its colour");
    assert_eq!(pixels[..3], [255, 255, 255]);
}

#[test]
fn nothing_to_show_is_said() {
    let time = || Axis::linear("time", "s");
    let rate = || Axis::linear("rate", "/s");
    let nan = f64::NAN;
    let without_panels = Figure { panels: vec![], ..sample::by_row() };
    let mut without_series = sample::by_row();
    without_series.panels.iter_mut().for_each(|panel| panel.series.clear());
    let silent = [
        without_panels,
        without_series,
        single(time(), rate(), vec![]),
        single(time(), rate(), vec![(0.0, nan), (nan, 1.0), (f64::INFINITY, 2.0)]),
        single(time(), Axis::log("rate", "/s"), vec![(0.0, 0.0), (1.0, -5.0)]),
        single(time().over(5.0, 6.0), rate(), vec![(0.0, 1.0), (1.0, 1.0)]),
    ];
    for figure in silent {
        assert!(to_svg(&figure).is_ok_and(|svg| svg.contains("no data")), "{figure:?}");
        assert!(to_png(&figure).is_ok());
        assert_legible(&figure);
    }
}

#[test]
fn extreme_values_are_drawn() {
    let (max, min) = (f64::MAX, f64::MIN_POSITIVE);
    let shapes = [
        vec![(0.0, 5.0)],
        vec![(0.0, 0.0), (1.0, 0.0), (2.0, 0.0)],
        vec![(-max, -max), (max, max)],
        vec![(min, min), (min * 2.0, 5e-324), (1.0, max)],
        vec![(1e9, 1e9), (1e9 + 1e-6, 1e9 + 1e-6)],
        vec![(1.0, 1.0), (f64::NAN, 2.0), (3.0, f64::INFINITY), (4.0, 4.0)],
        vec![(3.0, 1.0), (1.0, 2.0), (2.0, -7.0)],
    ];
    for points in shapes {
        for style in [Style::Line, Style::Dashed, Style::Step, Style::Dots] {
            for axis in [Axis::linear("value", "s"), Axis::log("value", "ms")] {
                let mut figure = single(axis.clone(), axis, points.clone());
                let series = &mut figure.panels[0].series[0];
                series.style = style;
                series.color = usize::MAX;
                series.envelope =
                    Some(points.iter().map(|&(x, y)| (x, y / 2.0, y * 2.0)).collect());
                figure.bands = vec![Band { from: -max, to: max, label: "always".into() }];
                assert_legible(&figure);
                assert_well_formed(&to_svg(&figure).expect("a figure to draw"));
                assert!(to_png(&figure).is_ok());
            }
        }
    }
}

#[test]
fn windows_whose_names_do_not_fit_are_numbered_and_named_in_the_legend() {
    let mut figure = sample::by_row();
    let band = |i: i32| Band {
        from: f64::from(60 + 3 * i),
        to: f64::from(61 + 3 * i),
        label: format!("ledger replica {i} down"),
    };
    figure.bands = (0..6).map(band).collect();
    assert_legible(&figure);
    let (_, texts) = texts(&figure);
    for i in 0..6 {
        assert!(texts.iter().any(|(body, _)| *body == format!("ledger replica {i} down")));
        assert!(texts.iter().filter(|(body, _)| *body == (i + 1).to_string()).count() >= 2);
    }
}

#[test]
fn panels_with_equal_axes_share_a_range() {
    let faces = Faces::load().expect("the bundled font is a font");
    let grid = Grid::of(&sample::by_column(), &faces).expect("a figure to draw");
    assert_eq!(grid.y[0].share(300.0), grid.y[4].share(300.0));
    assert_ne!(grid.y[0].share(300.0), grid.y[5].share(300.0));
}

#[test]
fn a_page_beyond_4000_pixels_is_an_error() {
    let mut figure = sample::by_column();
    figure.columns = 1;
    figure.panels = (0..1000).map(|i| figure.panels[i % 15].clone()).collect();
    let found = to_svg(&figure);
    assert_eq!(found, Err(DrawError::TooLarge { width: 960.0, height: 130_000.0 }));
    figure.panels.truncate(3);
    figure.how_to_read = "word ".repeat(9_000);
    assert!(matches!(to_png(&figure), Err(DrawError::TooLarge { .. })));
}

#[test]
fn a_range_that_is_no_range_is_refused() {
    let figure = single(Axis::linear("time", "s").over(7.0, 7.0), Axis::linear("", ""), vec![]);
    let error = to_svg(&figure).expect_err("the range is empty");
    let said = "axis time (s): the range 7 to 7 is empty; the first must be less than the second, \
                both finite, and positive on a logarithmic axis";
    assert_eq!(error.to_string(), said);
}

#[test]
fn a_window_is_neither_shaded_nor_named_in_a_panel_that_it_spares() {
    let mut figure =
        single(Axis::linear("t", "s"), Axis::linear("y", ""), vec![(0.0, 1.0), (9.0, 2.0)]);
    let band = |from: f64, label: &str| Band { from, to: from + 1.0, label: label.into() };
    figure.bands = vec![band(2.0, "its own"), band(6.0, "another's")];
    let warm = |figure: &Figure| {
        let (scene, texts) = texts(figure);
        let is_warm = |shape: &&Shape| matches!(shape, Shape::Box(_, color) if *color == WARM);
        let names = |name: &str| texts.iter().any(|(body, _)| body == name);
        (scene.shapes.iter().filter(is_warm).count(), names("its own"), names("another's"))
    };
    let (both, ..) = warm(&figure);
    figure.panels[0].spared = vec![1];
    assert_eq!(warm(&figure), (both / 2, true, false));
}
