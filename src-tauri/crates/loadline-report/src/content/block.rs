//! The few kinds of blocks that every format can show.

use crate::words;
use loadline_charts::Drawing;
use serde::Serialize;

/// A mark whose shape says as much as its colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mark {
    None,
    Critical,
    High,
    Medium,
    Low,
    Unknown,
    Pass,
    /// A gate that is not proven open.
    Closed,
}

impl Mark {
    pub(crate) fn of(severity: Option<loadline_model::Severity>) -> Self {
        use loadline_model::Severity;
        match severity {
            Some(Severity::Critical) => Self::Critical,
            Some(Severity::High) => Self::High,
            Some(Severity::Medium) => Self::Medium,
            Some(Severity::Low) => Self::Low,
            None => Self::Unknown,
        }
    }
    /// The word for formats without shapes.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Unknown => "not proven",
            Self::Pass => "pass",
            Self::Closed => "closed",
        }
    }
}

#[derive(Clone, Serialize)]
pub(crate) struct Figure {
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) note: String,
    /// Not proven: shown hatched.
    pub(crate) unknown: bool,
}

#[derive(Clone, Serialize)]
pub(crate) struct Point {
    pub(crate) mark: Mark,
    pub(crate) text: String,
    pub(crate) detail: String,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Align {
    Left,
    Right,
}

#[derive(Clone, Serialize)]
pub(crate) struct Column {
    pub(crate) title: String,
    pub(crate) align: Align,
    /// Share of the width, in parts.
    pub(crate) parts: u32,
}

#[derive(Clone, Serialize)]
pub(crate) struct Cell {
    pub(crate) text: String,
    pub(crate) detail: String,
    pub(crate) mark: Mark,
    /// Set in the monospaced face: ids, permissions.
    pub(crate) mono: bool,
}

impl Cell {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), detail: String::new(), mark: Mark::None, mono: false }
    }
    pub(crate) fn mono(text: impl Into<String>) -> Self {
        Self { mono: true, ..Self::text(text) }
    }
    pub(crate) fn with(text: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..Self::text(text) }
    }
    pub(crate) fn marked(mark: Mark, text: impl Into<String>) -> Self {
        Self { mark, ..Self::text(text) }
    }
}

#[derive(Clone, Default, Serialize)]
pub(crate) struct Table {
    pub(crate) columns: Vec<Column>,
    pub(crate) rows: Vec<Vec<Cell>>,
}

impl Table {
    /// Columns as (title, parts); a negative share aligns right.
    pub(crate) fn of(columns: &[(&str, i32)]) -> Self {
        let column = |(title, parts): &(&str, i32)| Column {
            title: (*title).to_owned(),
            align: if *parts < 0 { Align::Right } else { Align::Left },
            parts: parts.unsigned_abs().max(1),
        };
        Self { columns: columns.iter().map(column).collect(), rows: Vec::new() }
    }
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }
}

#[derive(Clone, Serialize)]
pub(crate) struct Chart {
    pub(crate) svg: String,
    pub(crate) alt: String,
}

#[derive(Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Block {
    Heading {
        text: String,
    },
    Text {
        text: String,
    },
    /// The sentence of a panel: larger, on its own.
    Strong {
        text: String,
    },
    Note {
        text: String,
    },
    Figures {
        figures: Vec<Figure>,
    },
    Points {
        points: Vec<Point>,
    },
    Table {
        table: Table,
    },
    Chart {
        chart: Chart,
    },
    Columns {
        left: Vec<Block>,
        right: Vec<Block>,
        /// Percent of the width that the left side takes.
        left_percent: u32,
    },
    /// Stays on one page.
    Group {
        blocks: Vec<Block>,
    },
}

impl Block {
    pub(crate) fn heading(text: impl Into<String>) -> Self {
        Self::Heading { text: text.into() }
    }
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text { text: text.into() }
    }
    pub(crate) fn strong(text: impl Into<String>) -> Self {
        Self::Strong { text: text.into() }
    }
    pub(crate) fn note(text: impl Into<String>) -> Self {
        Self::Note { text: text.into() }
    }
    pub(crate) fn points(points: Vec<Point>) -> Self {
        Self::Points { points }
    }
    pub(crate) fn table(table: Table) -> Self {
        Self::Table { table }
    }
    pub(crate) fn chart(drawing: Drawing) -> Self {
        Self::Chart { chart: Chart { svg: drawing.svg, alt: drawing.summary } }
    }

    /// Takes what cannot be printed out of every text.
    pub(crate) fn clean(&mut self) {
        let clean = |text: &mut String| *text = words::clean(text);
        match self {
            Self::Heading { text } | Self::Text { text } | Self::Strong { text } | Self::Note { text } => clean(text),
            Self::Figures { figures } => figures.iter_mut().for_each(|f| {
                clean(&mut f.value);
                clean(&mut f.note);
            }),
            Self::Points { points } => points.iter_mut().for_each(|p| {
                clean(&mut p.text);
                clean(&mut p.detail);
            }),
            Self::Table { table } => table.rows.iter_mut().flatten().for_each(|c| {
                clean(&mut c.text);
                clean(&mut c.detail);
            }),
            Self::Chart { chart } => clean(&mut chart.alt),
            Self::Columns { left, right, .. } => left.iter_mut().chain(right).for_each(Self::clean),
            Self::Group { blocks } => blocks.iter_mut().for_each(Self::clean),
        }
    }
}
