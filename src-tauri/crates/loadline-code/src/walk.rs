//! One walk over a syntax tree: lines with code, functions with their complexity, calls, strings and imports.
//!
//! **Cyclomatic complexity** of a function is 1 and one for each condition, loop, case with a value (not the default),
//! exception handler and short-circuit operator (McCabe 1976, as counted by lizard, which also counts `finally`, and
//! `=>` of a default in Rust). **Cognitive complexity** follows SonarSource's definition (G. A. Campbell, 2018) without
//! recursion and labels: a control structure counts 1 and one for each level it is nested in, `else` counts 1, and a run
//! of equal operators counts 1. Anonymous functions belong to the function they are in, unless they were given a name.

use crate::language::{Call, Language, Role, Roles, Table};
use tree_sitter::{Node, Tree};

/// A function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name; `anonymous` when it has none and is in no other.
    pub name: String,
    /// First line.
    pub first_line: u32,
    /// Last line.
    pub last_line: u32,
    /// Cyclomatic complexity.
    pub cyclomatic: u32,
    /// Cognitive complexity.
    pub cognitive: u32,
    /// Deepest nesting of control structures.
    pub nesting: u32,
    /// Parameters that a caller gives.
    pub parameters: u32,
}

/// A call, an object that is made, or an annotation (then `name` begins with `@`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallSite<'t> {
    /// What it is called on, as written; empty when on nothing.
    pub on: &'t str,
    /// The last word of what is called.
    pub name: &'t str,
    /// Its arguments as written, with parentheses.
    pub arguments: &'t str,
    /// The whole chain of calls it is part of, as written.
    pub chain: &'t str,
    /// Line of the name.
    pub line: u32,
    /// Byte at which the expression begins: parts of one chain begin at the same.
    pub start: usize,
    /// Byte after its end.
    pub end: usize,
    /// Loops round it inside its function, callbacks of iterators included.
    pub loops: u32,
    /// Index of the function it is in.
    pub function: Option<usize>,
    /// It is an annotation, attribute or decorator.
    pub annotation: bool,
}

/// A string literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Text<'t> {
    /// As written, with its quotes.
    pub text: &'t str,
    /// First line.
    pub line: u32,
    /// Byte at which it begins.
    pub start: usize,
    /// Loops round it inside its function.
    pub loops: u32,
}

/// An import statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Import<'t> {
    /// As written.
    pub text: &'t str,
    /// First line.
    pub line: u32,
}

/// What a walk found.
pub(crate) struct Walked<'t> {
    pub code_rows: Vec<bool>,
    pub functions: Vec<Function>,
    pub cognitive: u32,
    pub calls: Vec<CallSite<'t>>,
    pub strings: Vec<Text<'t>>,
    pub imports: Vec<Import<'t>>,
    pub lost_lines: u32,
}

/// A node on the way from the root, with what holds inside it.
#[derive(Clone, Copy)]
struct Frame<'n> {
    node: Node<'n>,
    role: Role,
    loops: u32,
    nesting: u32,
    function: Option<usize>,
    iterates: bool,
}

struct Walk<'n, 't> {
    text: &'t str,
    table: &'static Table,
    roles: &'static Roles,
    frames: Vec<Frame<'n>>,
    found: Walked<'t>,
}

/// Walks a tree. Not recursive: hostile text nests as deep as it likes.
pub(crate) fn walk<'t>(tree: &Tree, text: &'t str, language: Language) -> Walked<'t> {
    let found = Walked {
        code_rows: vec![false; text.lines().count()],
        functions: Vec::new(),
        cognitive: 0,
        calls: Vec::new(),
        strings: Vec::new(),
        imports: Vec::new(),
        lost_lines: 0,
    };
    let mut walk = Walk { text, table: language.table(), roles: Roles::of(language), frames: Vec::new(), found };
    let mut cursor = tree.walk();
    loop {
        let descends = walk.enter(cursor.node(), cursor.field_name());
        if descends && cursor.goto_first_child() {
            continue;
        }
        walk.frames.pop();
        while !cursor.goto_next_sibling() {
            if !cursor.goto_parent() {
                return walk.found;
            }
            walk.frames.pop();
        }
    }
}

impl<'n, 't> Walk<'n, 't> {
    fn text_of(&self, node: Node<'_>) -> &'t str {
        self.text.get(node.byte_range()).unwrap_or_default()
    }

    /// Enters a node; false when what is inside does not matter.
    fn enter(&mut self, node: Node<'n>, field: Option<&str>) -> bool {
        let role = self.roles.get(node.kind_id());
        let parent = self.frames.last().copied();
        let mut frame = Frame {
            node,
            role,
            loops: parent.map_or(0, |p| p.loops),
            nesting: parent.map_or(0, |p| p.nesting),
            function: parent.and_then(|p| p.function),
            iterates: false,
        };
        if role.is(Role::COMMENT) {
            self.frames.push(frame);
            return false;
        }
        if node.child_count() == 0 {
            self.mark_code(node);
        }
        if node.is_error() || node.is_missing() {
            let rows = node.end_position().row - node.start_position().row + 1;
            self.found.lost_lines = self.found.lost_lines.saturating_add(u32::try_from(rows).unwrap_or(u32::MAX));
        }
        if field == Some("body") && parent.is_some_and(|p| p.role.is(Role::LOOP)) {
            frame.loops += 1;
        }
        if role.is_none() {
            if matches!(node.kind(), "block" | "do_block") && parent.is_some_and(|p| p.iterates) {
                frame.loops += 1;
            }
            self.frames.push(frame);
            return true;
        }
        self.open_function(&mut frame, field);
        self.count(&mut frame, field);
        self.collect(&mut frame);
        self.frames.push(frame);
        true
    }

    fn mark_code(&mut self, node: Node<'_>) {
        // A token that ends at the first column of a line has nothing on that line.
        let end = node.end_position();
        let last = if end.column == 0 && end.row > node.start_position().row { end.row - 1 } else { end.row };
        for row in node.start_position().row..=last {
            if let Some(seen) = self.found.code_rows.get_mut(row) {
                *seen = true;
            }
        }
    }

    fn open_function(&mut self, frame: &mut Frame<'n>, _field: Option<&str>) {
        let node = frame.node;
        let named = frame.role.is(Role::FUNCTION);
        if !named && !frame.role.is(Role::ANONYMOUS) {
            return;
        }
        let name = if named { node.child_by_field_name("name") } else { self.name_given_to(node) };
        if !named && name.is_none() && frame.function.is_some() {
            // A callback of an iterator runs once for each element.
            if self.frames.iter().rev().take(4).find(|f| f.role.is(Role::CALL)).is_some_and(|f| f.iterates) {
                frame.loops += 1;
            }
            frame.nesting += 1;
            return;
        }
        frame.function = Some(self.found.functions.len());
        frame.loops = 0;
        frame.nesting = 0;
        self.found.functions.push(Function {
            name: name.map_or_else(|| "anonymous".to_owned(), |n| self.text_of(n).chars().take(120).collect()),
            first_line: line_of(node.start_position().row),
            last_line: line_of(node.end_position().row),
            cyclomatic: 1,
            cognitive: 0,
            nesting: 0,
            parameters: self.parameters(node),
        });
    }

    /// The name that a variable, property or assignment gives to the function in it.
    fn name_given_to(&self, node: Node<'n>) -> Option<Node<'n>> {
        let parent = self.frames.last()?.node;
        let fields = match parent.kind() {
            "variable_declarator" | "public_field_definition" | "field_definition" | "let_declaration" => {
                ["name", "property", "pattern"]
            }
            "assignment_expression" | "assignment" => ["left", "left", "left"],
            "pair" => ["key", "key", "key"],
            _ => return None,
        };
        fields.iter().find_map(|f| parent.child_by_field_name(f)).filter(|n| n.end_byte() <= node.start_byte())
    }

    fn parameters(&self, node: Node<'_>) -> u32 {
        let Some(list) = node.child_by_field_name("parameters") else {
            return u32::from(node.child_by_field_name("parameter").is_some());
        };
        let mut cursor = list.walk();
        let own = list.named_children(&mut cursor).filter(|p| {
            !self.roles.get(p.kind_id()).is(Role::COMMENT)
                && !self.table.not_parameters.contains(&p.kind())
                && !matches!(self.text_of(*p), "self" | "cls" | "this")
        });
        // Go declares several names with one type.
        let names = |p: Node<'_>| {
            let mut cursor = p.walk();
            p.children_by_field_name("name", &mut cursor).count().max(1)
        };
        u32::try_from(own.map(names).sum::<usize>()).unwrap_or(u32::MAX)
    }

    fn add(&mut self, function: Option<usize>, change: impl Fn(&mut Function), cognitive: u32) {
        self.found.cognitive += cognitive;
        if let Some(function) = function.and_then(|at| self.found.functions.get_mut(at)) {
            change(function);
            function.cognitive += cognitive;
        }
    }

    /// Adds what the node makes harder to read and to test.
    fn count(&mut self, frame: &mut Frame<'n>, field: Option<&str>) {
        let (node, role, function) = (frame.node, frame.role, frame.function);
        if role.is(Role::OPERATOR) {
            let parents: Vec<Frame<'n>> = self.frames.iter().rev().take(2).copied().collect();
            if parents.first().is_some_and(|p| p.role.is(Role::LOGICAL)) {
                let word = self.text_of(node);
                let again = parents.get(1).is_some_and(|p| p.role.is(Role::LOGICAL) && self.operator(p.node) == word);
                self.add(function, |f| f.cyclomatic += 1, u32::from(!again));
            }
            return;
        }
        if role.is(Role::ELSE) {
            self.add(function, |_| (), 1);
            return;
        }
        if role.is(Role::BRANCH) && !is_default(self.text_of(node)) {
            self.add(function, |f| f.cyclomatic += 1, u32::from(role.is(Role::ELSE_IF)));
        }
        if role.is(Role::NEST) {
            let else_if = node.kind().starts_with("if")
                && (field == Some("alternative") || self.frames.last().is_some_and(|p| p.node.kind() == "else_clause"));
            if !else_if {
                let cost = 1 + frame.nesting;
                frame.nesting += 1;
                let depth = frame.nesting;
                self.add(function, |f| f.nesting = f.nesting.max(depth), cost);
            }
        }
    }

    fn operator(&self, node: Node<'_>) -> &'t str {
        node.child_by_field_name("operator").map_or("", |o| self.text_of(o))
    }

    /// Keeps calls, strings, imports and annotations.
    fn collect(&mut self, frame: &mut Frame<'n>) {
        let node = frame.node;
        let line = line_of(node.start_position().row);
        if frame.role.is(Role::CALL)
            && let Some(call) = self.table.calls.iter().find(|c| c.kind == node.kind())
        {
            let site = self.call(node, call, frame);
            frame.iterates = self.table.iterators.contains(&site.name);
            self.found.calls.push(site);
        }
        if frame.role.is(Role::STRING) {
            let text = Text { text: self.text_of(node), line, start: node.start_byte(), loops: frame.loops };
            self.found.strings.push(text);
        }
        if frame.role.is(Role::IMPORT) {
            self.found.imports.push(Import { text: self.text_of(node), line });
        }
        if frame.role.is(Role::ANNOTATION) {
            self.found.calls.push(self.annotation(node, frame));
        }
    }

    fn call(&self, node: Node<'n>, call: &Call, frame: &Frame<'n>) -> CallSite<'t> {
        let field = |name: &str| if name.is_empty() { None } else { node.child_by_field_name(name) };
        let named = field(call.name);
        let written = match named {
            Some(named) => self.text_of(named),
            // PHP's `new Thing(…)` has no fields.
            None => self.text_of(node).trim_start_matches("new").trim_start().split('(').next().unwrap_or_default(),
        };
        let (mut on, name) = split_name(written);
        if let Some(receiver) = field(call.on) {
            on = self.text_of(receiver);
        }
        let arguments = match field(call.arguments) {
            Some(arguments) => self.text_of(arguments),
            None => named.and_then(|n| self.text.get(n.end_byte()..node.end_byte())).unwrap_or_default(),
        };
        let place = named.unwrap_or(node);
        CallSite {
            on,
            name,
            arguments,
            chain: self.chain(node),
            line: line_of(place.end_position().row),
            start: node.start_byte(),
            end: node.end_byte(),
            loops: frame.loops,
            function: frame.function,
            annotation: false,
        }
    }

    /// The longest expression that begins where this call begins and is made of accesses and calls.
    fn chain(&self, node: Node<'n>) -> &'t str {
        let parts = ["call", "member", "attribute", "subscript", "field", "invocation", "access", "selector", "index"];
        let mut whole = node;
        for frame in self.frames.iter().rev() {
            let kind = frame.node.kind();
            if frame.node.start_byte() != node.start_byte() || !parts.iter().any(|p| kind.contains(p)) {
                break;
            }
            whole = frame.node;
        }
        self.text_of(whole)
    }

    fn annotation(&self, node: Node<'n>, frame: &Frame<'n>) -> CallSite<'t> {
        let text = self.text_of(node);
        let written =
            text.trim_start_matches(['@', '#', '[', '!']).split(['(', ']', ' ', '\n']).next().unwrap_or_default();
        let (on, name) = split_name(written);
        CallSite {
            on,
            name,
            arguments: text.find('(').and_then(|at| text.get(at..)).unwrap_or_default(),
            chain: text,
            line: line_of(node.start_position().row),
            start: node.start_byte(),
            end: node.end_byte(),
            loops: 0,
            function: frame.function,
            annotation: true,
        }
    }
}

/// Lines are counted from 1.
fn line_of(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX - 1) + 1
}

/// A case that takes what no other took.
fn is_default(text: &str) -> bool {
    let text = text.strip_prefix("case").map_or(text, str::trim_start);
    let rest = text.strip_prefix("default").or_else(|| text.strip_prefix('_'));
    rest.is_some_and(|r| !r.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

/// `load::<User>` is `load`.
fn without_types(written: &str) -> &str {
    if !written.ends_with('>') {
        return written;
    }
    let mut open = 0_usize;
    for (at, c) in written.char_indices().rev() {
        match c {
            '>' => open += 1,
            '<' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return written[..at].trim_end_matches(':');
        }
    }
    written
}

/// `a.b::c->d` is `d` on `a.b::c`.
fn split_name(written: &str) -> (&str, &str) {
    let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '!' | '?');
    let written = without_types(written.trim_end());
    let begins = written.char_indices().rev().take_while(|(_, c)| word(*c)).last().map_or(written.len(), |(at, _)| at);
    let (on, name) = written.split_at(begins);
    (on.trim_end_matches(['.', ':', '>', '-', '?', '\\', ' ', '\n', '\t']), name)
}

#[cfg(test)]
#[path = "walk_tests.rs"]
mod tests;
