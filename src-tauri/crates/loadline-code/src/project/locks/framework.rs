//! Which libraries are frameworks whose makers say how long a release is supported.

use crate::Ecosystem;

/// Where, the library that carries the framework's version, and the framework.
const FRAMEWORKS: &[(Ecosystem, &str, &str)] = &[
    (Ecosystem::PyPi, "django", "django"),
    (Ecosystem::RubyGems, "rails", "rails"),
    (Ecosystem::Packagist, "laravel/framework", "laravel"),
    (Ecosystem::Packagist, "symfony/framework-bundle", "symfony"),
    (Ecosystem::Packagist, "symfony/symfony", "symfony"),
    (Ecosystem::Maven, "org.springframework.boot:spring-boot", "spring-boot"),
    (Ecosystem::Maven, "org.springframework.boot:spring-boot-starter-parent", "spring-boot"),
    (Ecosystem::Npm, "@angular/core", "angular"),
    (Ecosystem::Npm, "angular", "angularjs"),
    (Ecosystem::Npm, "vue", "vue"),
    (Ecosystem::Npm, "next", "next"),
    (Ecosystem::Npm, "express", "express"),
];

/// The framework that a library is; most are none.
pub fn framework(ecosystem: Ecosystem, name: &str) -> Option<&'static str> {
    let name = ecosystem.normal(name);
    FRAMEWORKS.iter().find(|(of, library, _)| *of == ecosystem && *library == name).map(|(.., framework)| *framework)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        assert_eq!(framework(Ecosystem::PyPi, "Django"), Some("django"));
        assert_eq!(framework(Ecosystem::Npm, "django"), None);
        assert_eq!(framework(Ecosystem::Npm, "left-pad"), None);
    }
}
