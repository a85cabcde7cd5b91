//! Node kinds of a grammar with what they mean to us, looked up by number: a walk visits each node of each file once.

use super::{Language, Table};
use std::sync::OnceLock;

/// What a node means; a node may mean several things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Role(u16);

impl Role {
    pub(crate) const COMMENT: Role = Role(1);
    pub(crate) const FUNCTION: Role = Role(1 << 1);
    pub(crate) const ANONYMOUS: Role = Role(1 << 2);
    pub(crate) const CLASS: Role = Role(1 << 3);
    pub(crate) const BRANCH: Role = Role(1 << 4);
    pub(crate) const ELSE_IF: Role = Role(1 << 5);
    pub(crate) const NEST: Role = Role(1 << 6);
    pub(crate) const LOOP: Role = Role(1 << 7);
    pub(crate) const LOGICAL: Role = Role(1 << 8);
    pub(crate) const CALL: Role = Role(1 << 9);
    pub(crate) const STRING: Role = Role(1 << 10);
    pub(crate) const ANNOTATION: Role = Role(1 << 11);
    pub(crate) const IMPORT: Role = Role(1 << 12);
    pub(crate) const OPERATOR: Role = Role(1 << 13);
    pub(crate) const ELSE: Role = Role(1 << 14);

    /// Whether it means all of this.
    pub(crate) fn is(self, other: Role) -> bool {
        self.0 & other.0 == other.0
    }
    /// Whether it means nothing to us.
    pub(crate) fn is_none(self) -> bool {
        self.0 == 0
    }
}

/// Roles by the number of the node kind.
pub(crate) struct Roles(Vec<Role>);

impl Roles {
    /// The roles of a language, worked out once.
    pub(crate) fn of(language: Language) -> &'static Roles {
        static ALL: [OnceLock<Roles>; Language::ALL.len()] = [const { OnceLock::new() }; Language::ALL.len()];
        ALL[language as usize].get_or_init(|| Roles::new(language.table()))
    }

    fn new(table: &Table) -> Roles {
        let grammar = (table.grammar)();
        let call_kinds: Vec<&str> = table.calls.iter().map(|c| c.kind).collect();
        let named: [(Role, &[&str]); 13] = [
            (Role::COMMENT, table.comments),
            (Role::FUNCTION, table.functions),
            (Role::ANONYMOUS, table.anonymous),
            (Role::CLASS, table.classes),
            (Role::BRANCH, table.branches),
            (Role::ELSE_IF, table.else_ifs),
            (Role::NEST, table.nests),
            (Role::LOOP, table.loops),
            (Role::LOGICAL, table.logical),
            (Role::CALL, &call_kinds),
            (Role::STRING, table.strings),
            (Role::ANNOTATION, table.annotations),
            (Role::IMPORT, table.imports),
        ];
        let role_of = |id: u16| {
            let Some(kind) = grammar.node_kind_for_id(id) else { return Role::default() };
            if !grammar.node_kind_is_named(id) {
                return match kind {
                    "&&" | "||" | "and" | "or" => Role::OPERATOR,
                    "else" => Role::ELSE,
                    _ => Role::default(),
                };
            }
            let bits = named.iter().filter(|(_, kinds)| kinds.contains(&kind)).map(|(role, _)| role.0);
            Role(bits.fold(0, |all, bit| all | bit))
        };
        let count = u16::try_from(grammar.node_kind_count()).unwrap_or(u16::MAX);
        Roles((0..count).map(role_of).collect())
    }

    /// The roles of a node kind.
    pub(crate) fn get(&self, kind_id: u16) -> Role {
        self.0.get(usize::from(kind_id)).copied().unwrap_or_default()
    }
}
