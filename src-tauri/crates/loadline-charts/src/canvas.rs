//! The one place that draws: pixels in, SVG elements out.
//!
//! The SVG backend knows whole pixels only, so everything is drawn ten times as large and shown through the view box.

use crate::{Rgb, Theme, words};
use loadline_model::hash;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle, Text};
use plotters::prelude::SVGBackend;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontStyle, IntoTextStyle, ShapeStyle};

const FINE: f64 = 10.0;
/// Stands for the hatching while drawing; no theme uses it.
const HATCHED: Rgb = Rgb(254, 1, 254);

/// Size of a drawing in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
}

/// Where the plotted area lies and what its edges stand for, so that a crosshair can be laid over the drawing. `x` is
/// milliseconds UTC on time axes and the value itself elsewhere.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "the names say it; pixels and axis values")]
pub struct Frame {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
    pub x_min: f64,
    pub x_max: f64,
    pub x_log: bool,
    pub y_min: f64,
    pub y_max: f64,
    pub y_log: bool,
}

impl Frame {
    /// Pixel of an axis value, from the left edge of the drawing.
    pub fn x_of(&self, value: f64) -> f64 {
        self.left + self.width * crate::scale::share(value, self.x_min, self.x_max, self.x_log)
    }
    /// Pixel of an axis value, from the top edge of the drawing.
    pub fn y_of(&self, value: f64) -> f64 {
        self.top + self.height * (1.0 - crate::scale::share(value, self.y_min, self.y_max, self.y_log))
    }
    /// Axis value under a pixel, clamped to the plotted area.
    pub fn x_at(&self, pixel: f64) -> f64 {
        let share = if self.width > 0.0 { ((pixel - self.left) / self.width).clamp(0.0, 1.0) } else { 0.0 };
        crate::scale::value(share, self.x_min, self.x_max, self.x_log)
    }
    pub(crate) fn right(&self) -> f64 {
        self.left + self.width
    }
    pub(crate) fn bottom(&self) -> f64 {
        self.top + self.height
    }
}

/// A finished drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawing {
    /// A complete SVG element; safe to place in a page, all text is escaped.
    pub svg: String,
    /// Its plotted area.
    pub frame: Frame,
    /// One sentence that says what it shows, for those who do not see it.
    pub summary: String,
}

#[derive(Clone, Copy)]
pub(crate) enum Across {
    Left,
    Middle,
    Right,
}

#[derive(Clone, Copy)]
pub(crate) struct Ink {
    pub(crate) color: Rgb,
    pub(crate) opacity: f64,
    pub(crate) width: f64,
}

impl Ink {
    pub(crate) fn line(color: Rgb, width: f64) -> Self {
        Self { color, opacity: 1.0, width }
    }
    pub(crate) fn fill(color: Rgb, opacity: f64) -> Self {
        Self { color, opacity, width: 0.0 }
    }
    fn style(self, filled: bool) -> ShapeStyle {
        let stroke = (self.width * FINE).round().max(1.0) as u32;
        ShapeStyle { color: self.color.paint().mix(self.opacity), filled, stroke_width: stroke }
    }
}

/// Draws in pixels of the finished drawing. A string cannot refuse to be written to, so results are dropped.
pub(crate) struct Pen<'a, 'b> {
    area: &'a DrawingArea<SVGBackend<'b>, Shift>,
    theme: &'a Theme,
}

fn fine(x: f64) -> i32 {
    // Far outside is clipped by the view box; the clamp keeps the cast and the file size sane.
    if x.is_finite() { (x.clamp(-1e5, 1e5) * FINE).round() as i32 } else { 0 }
}

impl Pen<'_, '_> {
    pub(crate) fn path(&self, points: &[(f64, f64)], ink: Ink) {
        if points.len() > 1 {
            let points: Vec<_> = points.iter().map(|p| (fine(p.0), fine(p.1))).collect();
            self.area.draw(&PathElement::new(points, ink.style(false))).ok();
        }
    }
    pub(crate) fn line(&self, from: (f64, f64), to: (f64, f64), ink: Ink) {
        self.path(&[from, to], ink);
    }
    pub(crate) fn dashes(&self, from: (f64, f64), to: (f64, f64), ink: Ink) {
        let length = ((to.0 - from.0).abs() + (to.1 - from.1).abs()).max(1.0);
        let steps = (length / 6.0).ceil().min(400.0);
        let at = |share: f64| (from.0 + (to.0 - from.0) * share, from.1 + (to.1 - from.1) * share);
        for i in 0..steps as u32 {
            let start = f64::from(i) / steps;
            self.line(at(start), at(start + 0.5 / steps), ink);
        }
    }
    pub(crate) fn area(&self, points: &[(f64, f64)], ink: Ink) {
        if points.len() > 2 {
            let points: Vec<_> = points.iter().map(|p| (fine(p.0), fine(p.1))).collect();
            self.area.draw(&Polygon::new(points, ink.style(true))).ok();
        }
    }
    pub(crate) fn rect(&self, from: (f64, f64), to: (f64, f64), ink: Ink) {
        let corners = [(fine(from.0), fine(from.1)), (fine(to.0), fine(to.1))];
        self.area.draw(&Rectangle::new(corners, ink.style(ink.width == 0.0))).ok();
    }
    /// The look of what has not been proven.
    pub(crate) fn hatch(&self, from: (f64, f64), to: (f64, f64)) {
        if to.0 - from.0 > 0.2 && to.1 - from.1 > 0.2 {
            self.rect(from, to, Ink::fill(HATCHED, 1.0));
        }
    }
    pub(crate) fn dot(&self, at: (f64, f64), radius: f64, ink: Ink) {
        let circle = Circle::new((fine(at.0), fine(at.1)), fine(radius), ink.style(ink.width == 0.0));
        self.area.draw(&circle).ok();
    }
    /// Text centred vertically on its point.
    pub(crate) fn text(&self, text: &str, at: (f64, f64), across: Across, color: Rgb) {
        self.write(text, at, across, color, self.theme.text, FontStyle::Normal);
    }
    pub(crate) fn strong(&self, text: &str, at: (f64, f64), across: Across, color: Rgb, size: f64) {
        self.write(text, at, across, color, size, FontStyle::Bold);
    }
    fn write(&self, text: &str, at: (f64, f64), across: Across, color: Rgb, size: f64, weight: FontStyle) {
        let across = match across {
            Across::Left => HPos::Left,
            Across::Middle => HPos::Center,
            Across::Right => HPos::Right,
        };
        // The backend divides sizes by 1.24.
        let font = (self.theme.font.as_str(), size * FINE * 1.24, weight);
        let color = color.paint();
        let style = font.into_text_style(self.area).color(&color).pos(Pos::new(across, VPos::Center));
        self.area.draw(&Text::new(words::label(text, 400), (fine(at.0), fine(at.1)), style)).ok();
    }
    /// Rough width of text at label size; layouts leave room rather than measure.
    pub(crate) fn width_of(&self, text: &str) -> f64 {
        words::width(text, self.theme.text)
    }
    /// Label size in pixels.
    pub(crate) fn size(&self) -> f64 {
        self.theme.text
    }
}

/// Draws and dresses: fine view box, accessible name, hatching, round joins.
pub(crate) fn draw(size: Size, theme: &Theme, frame: Frame, summary: String, paint: impl FnOnce(&Pen)) -> Drawing {
    let size = Size { width: size.width.clamp(16, 8192), height: size.height.clamp(8, 8192) };
    let mut raw = String::new();
    {
        let backend = SVGBackend::with_string(&mut raw, (size.width * FINE as u32, size.height * FINE as u32));
        let area = backend.into_drawing_area();
        paint(&Pen { area: &area, theme });
        area.present().ok();
    }
    let body = raw.split_once(">\n").map_or("", |(_, body)| body);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {fw} {fh}\" role=\"img\" \
         aria-label=\"{label}\">\n",
        w = size.width,
        h = size.height,
        fw = f64::from(size.width) * FINE,
        fh = f64::from(size.height) * FINE,
        label = words::escape(&summary),
    );
    let hatched = format!("fill=\"{}\"", HATCHED.css());
    let body = body.replace("<polyline fill", "<polyline stroke-linejoin=\"round\" stroke-linecap=\"round\" fill");
    if body.contains(&hatched) {
        // Several drawings share a page, so the pattern's name follows from the content.
        let id = hash::hex_of(&[&body, &theme.hatch.css()]);
        let id = id.get(..10).unwrap_or_default();
        svg.push_str(&format!(
            "<defs><pattern id=\"unknown-{id}\" width=\"60\" height=\"60\" patternUnits=\"userSpaceOnUse\">\
             <path d=\"M-15,15 L15,-15 M0,60 L60,0 M45,75 L75,45\" stroke=\"{}\" stroke-width=\"9\" fill=\"none\"/>\
             </pattern></defs>\n",
            theme.hatch.css()
        ));
        svg.push_str(&body.replace(&hatched, &format!("fill=\"url(#unknown-{id})\"")));
    } else {
        svg.push_str(&body);
    }
    Drawing { svg, frame, summary }
}
