//! Libraries whose presence says something: an import, or a name in a manifest.

use super::pattern::idiom;
use super::{Idiom, What};
use crate::read::Source;

/// What a library is for, and the names by which it is imported or required.
const LIBRARIES: &[(What, &str, &[&str])] = &[
    (
        What::RateLimit,
        "a library that limits requests of one client",
        &[
            "express-rate-limit",
            "rate-limiter-flexible",
            "@nestjs/throttler",
            "@fastify/rate-limit",
            "slowapi",
            "django_ratelimit",
            "django-ratelimit",
            "flask_limiter",
            "flask-limiter",
            "fastapi_limiter",
            "rack/attack",
            "rack-attack",
            "bucket4j",
            "resilience4j.ratelimiter",
            "AspNetCoreRateLimit",
            "Microsoft.AspNetCore.RateLimiting",
            "tollbooth",
            "go-limiter",
            "httprate",
            "tower_governor",
            "actix_governor",
            "actix-governor",
            "ThrottleRequests",
        ],
    ),
    (
        What::FeatureFlags,
        "a library of feature flags",
        &[
            "launchdarkly",
            "ldclient",
            "LaunchDarkly",
            "unleash-client",
            "UnleashClient",
            "unleash",
            "flagsmith",
            "openfeature",
            "growthbook",
            "waffle",
            "flipper",
            "splitio",
            "@splitsoftware",
            "FeatureManagement",
            "Pennant",
            "laravel/pennant",
            "gitlab.com/gitlab-org/labkit/feature",
        ],
    ),
    (
        What::CircuitBreaker,
        "a library that stops calling what fails",
        &[
            "resilience4j",
            "opossum",
            "pybreaker",
            "circuitbreaker",
            "Polly",
            "gobreaker",
            "hystrix",
            "stoplight",
            "circuitbox",
            "failsafe-go",
            "recloser",
            "Ganesha",
            "ackintosh/ganesha",
        ],
    ),
];

/// What a library of this name is for. `name` is an import or a dependency, as written.
pub fn library(name: &str) -> Option<(What, &'static str)> {
    let fits = |word: &&str| {
        name.match_indices(*word).any(|(at, _)| {
            let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            edge(name[..at].chars().next_back()) && edge(name[at + word.len()..].chars().next())
        })
    };
    LIBRARIES.iter().find(|(_, _, names)| names.iter().any(fits)).map(|(what, how, _)| (*what, *how))
}

pub(super) fn find(source: &Source<'_>, found: &mut Vec<Idiom>) {
    let imported = source.imports.iter().map(|i| (i.text, i.line));
    let required = source.calls.iter().filter(|c| matches!(c.name, "require" | "import") && c.on.is_empty());
    let named = imported.chain(required.map(|c| (c.arguments, c.line)));
    for (text, line) in named {
        if let Some((what, how)) = library(text) {
            found.push(idiom(what, source, line, true, how));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::What;
    use crate::idiom::cases::table;

    #[test]
    fn cases() {
        table(
            What::RateLimit,
            &[
                ("a.js", "const r = require('express-rate-limit');\n", "1"),
                ("a.ts", "import { ThrottlerModule } from '@nestjs/throttler';\n", "1"),
                ("a.py", "from slowapi import Limiter\nimport slow\n", "1"),
                ("a.go", "package a\nimport \"github.com/didip/tollbooth/v7\"\n", "2"),
                ("A.java", "import io.github.bucket4j.Bucket;\nclass A {}", "1"),
                ("A.cs", "using Microsoft.AspNetCore.RateLimiting;\n", "1"),
                ("a.rs", "use tower_governor::GovernorLayer;\n", "1"),
                ("a.rb", "require 'rack/attack'\n", "1"),
                ("a.php", "<?php\nuse Illuminate\\Routing\\Middleware\\ThrottleRequests;\n", "2"),
            ],
        );
        table(What::FeatureFlags, &[("a.py", "import ldclient\n", "1"), ("a.py", "import waffles\n", "")]);
        table(
            What::CircuitBreaker,
            &[("a.js", "const c = require('opossum');\n", "1"), ("A.cs", "using Polly;\n", "1")],
        );
    }
}
