//! Colours and sizes of a drawing, one set each for dark, light and paper.

use plotters::style::RGBColor;

/// An opaque sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// `#RRGGBB`.
    pub fn css(self) -> String {
        format!("#{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
    pub(crate) fn paint(self) -> RGBColor {
        RGBColor(self.0, self.1, self.2)
    }
}

/// What a drawing looks like. Drawings have no background of their own: `paper` is only used to keep text legible over lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Ground the drawing lies on.
    pub paper: Rgb,
    /// Titles and values.
    pub ink: Rgb,
    /// Axis labels (at least 4.5:1 on paper).
    pub muted: Rgb,
    /// Grid lines and frames.
    pub hairline: Rgb,
    /// p50, "after", the water: the strong accent.
    pub accent: Rgb,
    /// p95: the accent at middle strength.
    pub accent_mid: Rgb,
    /// p99: the accent at light strength.
    pub accent_light: Rgb,
    /// "Before".
    pub before: Rgb,
    /// What failed or breaks.
    pub critical: Rgb,
    /// What got better.
    pub good: Rgb,
    /// Kinds side by side, in the order in which they are used; the tokens `--series-1` to `--series-6` of the window.
    pub series: [Rgb; 6],
    /// Strokes of the hatching that stands for unknown.
    pub hatch: Rgb,
    /// Font family of all text.
    pub font: String,
    /// Size of labels in pixels.
    pub text: f64,
}

impl Theme {
    /// For light windows.
    pub fn light() -> Self {
        Self {
            paper: Rgb(255, 255, 255),
            ink: Rgb(15, 23, 42),
            muted: Rgb(88, 102, 122),
            hairline: Rgb(226, 232, 240),
            accent: Rgb(29, 78, 216),
            accent_mid: Rgb(79, 127, 240),
            accent_light: Rgb(128, 164, 245),
            before: Rgb(120, 132, 150),
            critical: Rgb(200, 30, 50),
            good: Rgb(13, 128, 86),
            series: [
                Rgb(29, 95, 216),
                Rgb(13, 125, 119),
                Rgb(179, 74, 6),
                Rgb(122, 75, 194),
                Rgb(135, 96, 0),
                Rgb(176, 48, 124),
            ],
            hatch: Rgb(134, 146, 164),
            font: "Inter".to_owned(),
            text: 12.0,
        }
    }

    /// For dark windows.
    pub fn dark() -> Self {
        Self {
            paper: Rgb(13, 17, 24),
            ink: Rgb(236, 240, 246),
            muted: Rgb(152, 164, 182),
            hairline: Rgb(40, 48, 61),
            accent: Rgb(122, 166, 255),
            accent_mid: Rgb(86, 132, 232),
            accent_light: Rgb(70, 106, 190),
            before: Rgb(140, 152, 170),
            critical: Rgb(255, 107, 117),
            good: Rgb(74, 204, 150),
            series: [
                Rgb(92, 157, 255),
                Rgb(67, 189, 179),
                Rgb(245, 157, 82),
                Rgb(173, 140, 240),
                Rgb(227, 193, 85),
                Rgb(236, 123, 187),
            ],
            hatch: Rgb(108, 120, 140),
            font: "Inter".to_owned(),
            text: 12.0,
        }
    }

    /// For paper: light, with text one size smaller.
    pub fn print() -> Self {
        Self { text: 10.0, ..Self::light() }
    }
}
