//! The report as one HTML file: no script, nothing loaded from elsewhere, fit for printing.

use crate::Options;
use crate::content::{Align, Block, Cell, Figure, Mark, Point, Table, content};
use crate::words::{self, escape};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use loadline_model::Assessment;

const STYLE: &str = include_str!("../../../../assets/report/report.css");
const FONT: &[u8] = include_bytes!("../../../../assets/fonts/InterVariable.woff2");

/// The report as a self-contained page. All text is escaped; a policy in the page forbids scripts and foreign content besides.
pub fn html(assessment: &Assessment, options: &Options) -> String {
    let content = content(assessment, options);
    let nav: String =
        content.sections.iter().map(|s| format!("<a href=\"#{}\">{}</a>", escape(&s.id), escape(&s.title))).collect();
    let mut body = String::new();
    for section in &content.sections {
        body.push_str(&format!(
            "<section id=\"{}\"><h2>{}</h2><p class=\"lead\">{}</p>",
            escape(&section.id),
            escape(&section.title),
            said(&section.lead)
        ));
        if !section.more.is_empty() {
            body.push_str(&format!("<p class=\"more\">{}</p>", said(&section.more)));
        }
        blocks(&mut body, &section.blocks);
        body.push_str("</section>");
    }
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; font-src data:\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>@font-face{{font-family:Inter;font-weight:100 900;src:url(data:font/woff2;base64,{font}) format('woff2')}}\n{STYLE}</style>\
         </head><body><header><p class=\"eyebrow\">{company} · {date}</p><h1>Load readiness</h1><nav>{nav}</nav></header>\
         <main>{body}</main><footer>{footer}</footer></body></html>\n",
        title = escape(&content.title),
        font = BASE64.encode(FONT),
        company = escape(&content.company),
        date = escape(&content.date),
        footer = escape(&content.footer),
    )
}

/// Escaped text with names between backticks as code.
fn said(text: &str) -> String {
    let code =
        |(i, part): (usize, &str)| if i % 2 == 1 { format!("<code>{}</code>", escape(part)) } else { escape(part) };
    if words::paired(text) { text.split('`').enumerate().map(code).collect() } else { escape(text) }
}

fn blocks(out: &mut String, all: &[Block]) {
    for block in all {
        match block {
            Block::Heading { text } => out.push_str(&format!("<h3>{}</h3>", said(text))),
            Block::Text { text } => out.push_str(&format!("<p>{}</p>", said(text))),
            Block::Strong { text } => out.push_str(&format!("<p class=\"strong\">{}</p>", said(text))),
            Block::Note { text } => out.push_str(&format!("<p class=\"note\">{}</p>", said(text))),
            // Made by loadline-charts, which escapes its text.
            Block::Chart { chart } => out.push_str(&format!("<figure>{}</figure>", chart.svg)),
            Block::Figures { figures } => figures_row(out, figures),
            Block::Points { points } => list(out, points),
            Block::Table { table: t } => table(out, t),
            Block::Columns { left, right, left_percent } => {
                out.push_str(&format!(
                    "<div class=\"columns\" style=\"grid-template-columns:{left_percent}fr {}fr\"><div>",
                    100_u32.saturating_sub(*left_percent)
                ));
                blocks(out, left);
                out.push_str("</div><div>");
                blocks(out, right);
                out.push_str("</div></div>");
            }
            Block::Group { blocks: inner } => {
                out.push_str("<div class=\"group\">");
                blocks(out, inner);
                out.push_str("</div>");
            }
        }
    }
}

fn mark(m: Mark) -> String {
    if m == Mark::None {
        return String::new();
    }
    let class = m.word().replace(' ', "-");
    format!("<span class=\"mark {class}\" role=\"img\" aria-label=\"{}\"></span>", m.word())
}

fn figures_row(out: &mut String, figures: &[Figure]) {
    out.push_str("<dl class=\"figures\">");
    for f in figures {
        let class = if f.unknown { " class=\"hatched\"" } else { "" };
        out.push_str(&format!(
            "<div><dt>{}</dt><dd{class}>{}</dd><dd class=\"note\">{}</dd></div>",
            escape(&f.label),
            escape(&f.value),
            said(&f.note)
        ));
    }
    out.push_str("</dl>");
}

fn list(out: &mut String, points: &[Point]) {
    out.push_str("<ul>");
    for p in points {
        out.push_str(&format!("<li>{}<div>{}", mark(p.mark), said(&p.text)));
        if !p.detail.is_empty() {
            out.push_str(&format!("<small>{}</small>", said(&p.detail)));
        }
        out.push_str("</div></li>");
    }
    out.push_str("</ul>");
}

fn table(out: &mut String, t: &Table) {
    let class = |align: Align| if matches!(align, Align::Right) { " class=\"right\"" } else { "" };
    out.push_str("<table><thead><tr>");
    for c in &t.columns {
        out.push_str(&format!(
            "<th{} style=\"width:{}%\" scope=\"col\">{}</th>",
            class(c.align),
            c.parts,
            escape(&c.title)
        ));
    }
    out.push_str("</tr></thead><tbody>");
    for row in &t.rows {
        out.push_str("<tr>");
        for (cell, column) in row.iter().zip(&t.columns) {
            out.push_str(&format!("<td{}>{}</td>", class(column.align), inside(cell)));
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table>");
}

fn inside(c: &Cell) -> String {
    let text = if c.mono { format!("<code>{}</code>", escape(&c.text)) } else { said(&c.text) };
    let detail = if c.detail.is_empty() { String::new() } else { format!("<small>{}</small>", said(&c.detail)) };
    format!("{}{text}{detail}", mark(c.mark))
}
