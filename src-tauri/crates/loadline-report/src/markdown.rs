//! The report as Markdown, for wikis, pull requests and reviews.

use crate::content::{Block, Cell, Mark, Table, content};
use crate::{Options, words};
use loadline_model::Assessment;
use std::fmt::Write;

/// The report as Markdown. Charts are named by the sentence they show; text from outside cannot become markup or HTML.
pub fn markdown(assessment: &Assessment, options: &Options) -> String {
    let content = content(assessment, options);
    let mut out = format!("# {}\n\n{}\n", plain(&content.title), plain(&content.date));
    for section in &content.sections {
        let _ = write!(out, "\n## {}\n\n**{}**\n", plain(&section.title), plain(&section.lead));
        if !section.more.is_empty() {
            let _ = write!(out, "\n{}\n", plain(&section.more));
        }
        blocks(&mut out, &section.blocks);
    }
    let _ = write!(out, "\n---\n\n{}\n", plain(&content.footer));
    out
}

fn blocks(out: &mut String, all: &[Block]) {
    for block in all {
        // Writing to a string cannot fail.
        let _ = match block {
            Block::Heading { text } => write!(out, "\n### {}\n", plain(text)),
            Block::Text { text } => write!(out, "\n{}\n", plain(text)),
            Block::Strong { text } => write!(out, "\n**{}**\n", plain(text)),
            Block::Note { text } => write!(out, "\n*{}*\n", plain(text)),
            Block::Chart { chart } => write!(out, "\n*{}*\n", plain(&chart.alt)),
            Block::Figures { figures } => {
                out.push('\n');
                figures.iter().try_for_each(|f| {
                    let hatched = if f.unknown { " (not proven)" } else { "" };
                    writeln!(out, "- {}: **{}**{hatched}, {}", plain(&f.label), plain(&f.value), plain(&f.note))
                })
            }
            Block::Points { points } => {
                out.push('\n');
                points.iter().try_for_each(|p| {
                    let mark = word(p.mark);
                    let detail = if p.detail.is_empty() { String::new() } else { format!(" ({})", plain(&p.detail)) };
                    writeln!(out, "- {mark}{}{detail}", plain(&p.text))
                })
            }
            Block::Table { table: t } => {
                table(out, t);
                Ok(())
            }
            Block::Columns { left, right, .. } => {
                blocks(out, left);
                blocks(out, right);
                Ok(())
            }
            Block::Group { blocks: inner } => {
                blocks(out, inner);
                Ok(())
            }
        };
    }
}

fn word(mark: Mark) -> String {
    if mark == Mark::None { String::new() } else { format!("[{}] ", mark.word()) }
}

fn table(out: &mut String, t: &Table) {
    let titles: Vec<String> = t.columns.iter().map(|c| plain(&c.title)).collect();
    let rules: Vec<&str> = t
        .columns
        .iter()
        .map(|c| if matches!(c.align, crate::content::Align::Right) { "---:" } else { "---" })
        .collect();
    let _ = write!(out, "\n| {} |\n| {} |\n", titles.join(" | "), rules.join(" | "));
    for row in &t.rows {
        let cells: Vec<String> = row.iter().map(cell).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}

fn cell(c: &Cell) -> String {
    let detail = if c.detail.is_empty() { String::new() } else { format!("<br>{}", plain(&c.detail)) };
    format!("{}{}{detail}", word(c.mark), plain(&c.text))
}

/// Text without meaning to Markdown or HTML, on one line; names between backticks stay code.
fn plain(text: &str) -> String {
    // Inside a code span nothing can be escaped, so only harmless names are set as one.
    let harmless = |part: &str| !part.is_empty() && !part.contains(['<', '>', '&', '|', '\\']);
    if words::paired(text) && text.split('`').skip(1).step_by(2).all(harmless) {
        let part = |(i, part): (usize, &str)| if i % 2 == 1 { format!("`{part}`") } else { inert(part, i == 0) };
        return text.split('`').enumerate().map(part).collect();
    }
    inert(text, true)
}

fn inert(text: &str, first: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    // A formula stays a formula when a table is pasted into a spreadsheet.
    if first && out.starts_with(['=', '@', '+', '-']) { format!("\\{out}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(plain("<script>|a*b_[x](javascript:1)#"), "&lt;script&gt;\\|a\\*b\\_\\[x\\](javascript:1)\\#");
        assert_eq!(plain("=1+1"), "\\=1+1");
        assert_eq!(plain("One failure of `prod_db` stops *all*"), "One failure of `prod_db` stops \\*all\\*");
        assert_eq!(plain("`<b>`"), "\\`&lt;b&gt;\\`");
    }
}
