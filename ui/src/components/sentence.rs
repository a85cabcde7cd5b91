//! Sentences of the stages, with the names between backticks set as code.

use leptos::prelude::*;

/// A piece of a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    Words(String),
    Name(String),
}

/// Splits at pairs of backticks; one without a partner stays as it is.
pub fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((name, behind)) = after.split_once('`') else { break };
        if !before.is_empty() {
            pieces.push(Piece::Words(before.to_owned()));
        }
        pieces.push(Piece::Name(name.to_owned()));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Words(rest.to_owned()));
    }
    pieces
}

/// The sentence for places that hold text alone, such as a tooltip.
pub fn plain(text: &str) -> String {
    text.replace('`', "")
}

/// The sentence.
#[component]
pub fn Sentence(#[prop(into)] text: String) -> impl IntoView {
    pieces(&text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Words(words) => words.into_any(),
            Piece::Name(name) => view! { <code class="name">{name}</code> }.into_any(),
        })
        .collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_nothing_is_lost() {
        for text in ["One failure of `prod-db` stops 100 %.", "`a` and `b`", "no name", "a lone ` tick", ""] {
            let joined: String = pieces(text)
                .iter()
                .map(|p| match p {
                    Piece::Words(w) => w.clone(),
                    Piece::Name(n) => format!("`{n}`"),
                })
                .collect();
            assert_eq!(joined, text);
        }
        assert_eq!(pieces("`a` b"), [Piece::Name("a".into()), Piece::Words(" b".into())]);
    }
}
