//! What part of the drawing the reader sees, how much of it is worth writing, and which names fit. Pure.

use super::layout::{BOX, Scene};

/// Least and most magnification.
const ZOOM: (f64, f64) = (0.02, 2.0);
/// Air around the drawing when it is fitted; below it stand key and tools.
pub const MARGIN: f64 = 24.0;
const FOOT: f64 = 48.0;
/// Below the first, only names are written; below the second, things are blocks and only some have a name.
const NAMES_BELOW: f64 = 0.72;
const BLOCKS_BELOW: f64 = 0.4;
/// Names on a drawing of blocks, and their size on the screen.
const TAGS: usize = 24;
const TAG: (f64, f64) = (7.2, 24.0);

/// Where the drawing lies in its window: shift in pixels, then scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lens {
    pub x: f64,
    pub y: f64,
    pub scale: f64,
}

/// How much of each thing is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    /// Name and second line.
    Full,
    /// Names alone.
    Names,
    /// Blocks; the names that matter most stand beside them.
    Blocks,
}

impl Detail {
    /// Value of `data-detail`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Names => "names",
            Self::Blocks => "blocks",
        }
    }
}

/// A part of the drawing, in its own coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    pub left: f64,
    pub top: f64,
    pub right: f64,
    pub bottom: f64,
}

impl Sight {
    /// True when a box is at least partly inside.
    pub fn holds(&self, (x, y): (f64, f64)) -> bool {
        x < self.right && x + BOX.0 > self.left && y < self.bottom && y + BOX.1 > self.top
    }
    /// True when what lies between two corners is at least partly inside.
    pub fn crosses(&self, (from, to): ((f64, f64), (f64, f64))) -> bool {
        from.0 < self.right && to.0 > self.left && from.1 < self.bottom && to.1 > self.top
    }
}

impl Lens {
    /// The whole drawing in a window of this size.
    pub fn fit(scene: &Scene, width: f64, height: f64) -> Self {
        let scale = ((width - 2.0 * MARGIN) / scene.width.max(1.0))
            .min((height - MARGIN - FOOT) / scene.height.max(1.0))
            .clamp(ZOOM.0, 1.1);
        Self {
            x: ((width - scene.width * scale) / 2.0).max(MARGIN),
            y: ((height - FOOT + MARGIN - scene.height * scale) / 2.0).max(MARGIN),
            scale,
        }
    }

    /// Magnifies around a point of the window.
    pub fn zoom(self, by: f64, x: f64, y: f64) -> Self {
        let scale = (self.scale * by).clamp(ZOOM.0, ZOOM.1);
        let kept = scale / self.scale;
        Self { x: x - (x - self.x) * kept, y: y - (y - self.y) * kept, scale }
    }

    /// Moves the drawing by pixels.
    pub fn pan(self, x: f64, y: f64) -> Self {
        Self { x: self.x + x, y: self.y + y, ..self }
    }

    /// A point of the drawing in the middle of the window, large enough to read.
    pub fn centre_on(self, (x, y): (f64, f64), (width, height): (f64, f64)) -> Self {
        let scale = self.scale.clamp(0.85, ZOOM.1);
        Self { x: width / 2.0 - x * scale, y: (height - FOOT) / 2.0 - y * scale, scale }
    }

    /// The least move that brings a box into the window.
    pub fn reveal(self, (x, y): (f64, f64), (width, height): (f64, f64)) -> Self {
        let (px, py) = (self.x + x * self.scale, self.y + y * self.scale);
        let (mx, my) = (BOX.0 * 0.6 * self.scale, BOX.1 * self.scale);
        self.pan((mx - px).max(0.0) - (px - (width - mx)).max(0.0), (my - py).max(0.0) - (py - (height - my)).max(0.0))
    }

    /// The point of the drawing under a point of the window.
    pub fn under(self, x: f64, y: f64) -> (f64, f64) {
        ((x - self.x) / self.scale, (y - self.y) / self.scale)
    }

    /// How much is worth writing at this magnification.
    pub fn detail(self) -> Detail {
        match self.scale {
            s if s < BLOCKS_BELOW => Detail::Blocks,
            s if s < NAMES_BELOW => Detail::Names,
            _ => Detail::Full,
        }
    }

    /// What is in the window and somewhat beyond, in steps of a quarter of a window, so that a small move changes nothing.
    pub fn sight(self, (width, height): (f64, f64)) -> Sight {
        let (w, h) = ((width / self.scale / 4.0).max(1.0), (height / self.scale / 4.0).max(1.0));
        let ((left, top), (right, bottom)) = (self.under(0.0, 0.0), self.under(width, height));
        Sight {
            left: ((left / w).floor() - 1.0) * w,
            top: ((top / h).floor() - 1.0) * h,
            right: ((right / w).ceil() + 1.0) * w,
            bottom: ((bottom / h).ceil() + 1.0) * h,
        }
    }

    /// Which of these boxes, the most important first, get a name on a drawing of blocks: those in the window whose names
    /// do not cover each other.
    pub fn tags(self, scene: &Scene, ranked: impl Iterator<Item = usize>, (width, height): (f64, f64)) -> Vec<usize> {
        let mut taken: Vec<(f64, f64, f64)> = Vec::new();
        let mut tags = Vec::new();
        for v in ranked {
            let (Some((x, y)), Some(shape)) = (scene.boxes.get(v), scene.drawn.shapes.get(v)) else { continue };
            let (x, y) = (self.x + x * self.scale, self.y + y * self.scale);
            let wide = (shape.name.chars().count() as f64 * TAG.0 + 18.0).min(180.0);
            let inside = x >= 0.0 && y >= 0.0 && x + wide <= width && y + TAG.1 <= height;
            let free = taken.iter().all(|(a, b, w)| x + wide < *a || a + w < x || (y - b).abs() > TAG.1);
            if inside && free && !tags.contains(&v) {
                taken.push((x, y, wide));
                tags.push(v);
            }
            if tags.len() == TAGS {
                break;
            }
        }
        tags
    }
}
