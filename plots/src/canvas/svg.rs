//! A scene as SVG text.

use plotters::backend::SVGBackend;
use plotters::prelude::DrawingBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoFont, RGBColor, ShapeStyle};

use super::refused;
use crate::draw::DrawError;
use crate::scene::{Align, Point, Rgb, Scene, Shape, Text, Weight};

/// User units to a logical pixel: the backend draws in whole units, and a tenth of a pixel is
/// finer than the eye.
const UNITS: f64 = 10.0;

/// What a browser sets the text in; Verdana has nearly the widths of DejaVu Sans.
const FAMILY: &str = "DejaVu Sans, Verdana, sans-serif";

/// The backend hangs text this many ems under its point, which it divides out of the size by 1.24.
const HANG: f64 = 0.76;
const SIZE_FACTOR: f64 = 1.24;

/// Paints `scene` as a complete SVG document.
pub(crate) fn svg(scene: &Scene) -> Result<String, DrawError> {
    let size = (units(f64::from(scene.width)) as u32, units(f64::from(scene.height)) as u32);
    let mut drawn = String::new();
    {
        let mut backend = SVGBackend::with_string(&mut drawn, size);
        paint(&mut backend, scene)?;
        backend.present().map_err(refused)?;
    }
    // The backend's own root element knows neither logical pixels nor round joints.
    let body = drawn.split_once('\n').map_or("", |(_, body)| body);
    let (width, height, title) = (scene.width, scene.height, escape(&scene.title));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{title}\" \
         stroke-linecap=\"round\" stroke-linejoin=\"round\">\n{body}",
        size.0, size.1
    ))
}

fn paint<B: DrawingBackend>(backend: &mut B, scene: &Scene) -> Result<(), DrawError> {
    let page = (f64::from(scene.width), f64::from(scene.height));
    backend.draw_rect((0, 0), place(page), &filled(Rgb(255, 255, 255)), true).map_err(refused)?;
    for shape in &scene.shapes {
        match shape {
            Shape::Box(rect, color) => {
                let (from, to) = (place((rect.left, rect.top)), place((rect.right, rect.bottom)));
                backend.draw_rect(from, to, &filled(*color), true).map_err(refused)?;
            }
            Shape::Stroke { points, width, color } => {
                let style = filled(*color).stroke_width(units(*width) as u32);
                backend.draw_path(points.iter().map(|&at| place(at)), &style).map_err(refused)?;
            }
            Shape::Fill { points, color, alpha } => {
                let style = paint_of(*color).mix(*alpha);
                backend
                    .fill_polygon(points.iter().map(|&at| place(at)), &style)
                    .map_err(refused)?;
            }
            Shape::Disc { at, radius, color } => {
                backend
                    .draw_circle(place(*at), units(*radius) as u32, &filled(*color), true)
                    .map_err(refused)?;
            }
            Shape::Text(text) => set(backend, text)?,
        }
    }
    Ok(())
}

fn set<B: DrawingBackend>(backend: &mut B, text: &Text) -> Result<(), DrawError> {
    let across = match text.align {
        Align::Left => HPos::Left,
        Align::Center => HPos::Center,
        Align::Right => HPos::Right,
    };
    let weight = match text.font.weight {
        Weight::Book => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    let font = (FAMILY, text.font.size * UNITS * SIZE_FACTOR, weight).into_font();
    let style = font.color(&paint_of(text.font.color)).pos(Pos::new(across, VPos::Top));
    let top = text.at.1 - HANG * text.font.size;
    backend.draw_text(&text.body, &style, place((text.at.0, top))).map_err(refused)
}

fn units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

fn place(at: Point) -> (i32, i32) {
    (units(at.0), units(at.1))
}

fn paint_of(color: Rgb) -> RGBColor {
    RGBColor(color.0, color.1, color.2)
}

fn filled(color: Rgb) -> ShapeStyle {
    paint_of(color).filled()
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('"', "&quot;")
}
