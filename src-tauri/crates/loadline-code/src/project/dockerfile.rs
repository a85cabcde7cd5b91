//! Dockerfiles: what the image that runs starts from, and as whom.

use super::Runtime;
use super::runtime::of_image;

/// What the last stage of a Dockerfile is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// Every base names a version or a digest; `latest` or nothing names none.
    pub pinned: bool,
    /// A base named by digest cannot change at all.
    pub by_digest: bool,
    /// The process runs as root: the last stage names no other user.
    pub root: bool,
    /// It says how to see whether it is well.
    pub health_check: bool,
    /// Stages.
    pub stages: u32,
    /// Runtime of the last stage's base, when its name shows one.
    pub runtime: Option<Runtime>,
}

pub(super) fn is_one(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name == "Dockerfile" || name == "Containerfile" || name.starts_with("Dockerfile.") || name.ends_with(".Dockerfile")
}

/// First words of tags that move: they name no version.
const MOVING: [&str; 13] = [
    "latest", "lts", "stable", "edge", "current", "mainline", "nightly", "rolling", "main", "master", "dev", "alpine",
    "slim",
];

/// A stage that a later one may start from: its name, and what a container of it would be like.
struct Stage {
    name: String,
    root: bool,
    health_check: bool,
    runtime: Option<Runtime>,
}

pub(super) fn read(text: &str) -> Image {
    let mut image = Image { pinned: true, by_digest: true, root: true, health_check: false, stages: 0, runtime: None };
    let mut stages: Vec<Stage> = Vec::new();
    let mut defaults: Vec<(String, String)> = Vec::new();
    for line in instructions(text) {
        let mut words = line.split_whitespace();
        let Some(instruction) = words.next() else { continue };
        match instruction.to_ascii_uppercase().as_str() {
            // Only what is declared before the first stage can stand in a FROM.
            "ARG" if stages.is_empty() => {
                let default = words.next().and_then(|w| w.split_once('='));
                let default =
                    default.map(|(name, value)| (name.to_owned(), filled(value.trim_matches('"'), &defaults)));
                defaults.extend(default);
            }
            "FROM" => {
                let rest: Vec<&str> = words.filter(|w| !w.starts_with("--")).collect();
                let base = filled(rest.first().copied().unwrap_or_default(), &defaults);
                let earlier = stages.iter().find(|s| !s.name.is_empty() && s.name == base);
                image.stages += 1;
                let name = rest.get(2).copied().unwrap_or_default().to_owned();
                if let Some(stage) = earlier {
                    (image.root, image.health_check) = (stage.root, stage.health_check);
                    image.runtime = stage.runtime.clone();
                } else {
                    let digest = base.contains("@sha256:");
                    let tag = base.rsplit('/').next().and_then(|n| n.split_once(':')).map(|(_, tag)| tag);
                    let empty = base == "scratch";
                    image.by_digest &= digest || empty;
                    image.pinned &= digest || empty || tag.is_some_and(names_a_version);
                    // Some bases run as another user by themselves.
                    image.root = !(base.contains("nonroot")
                        || tag.is_some_and(|t| t.contains("nonroot"))
                        || base.contains("chainguard"));
                    image.health_check = false;
                    image.runtime = of_image(&base);
                }
                stages.push(Stage {
                    name,
                    root: image.root,
                    health_check: image.health_check,
                    runtime: image.runtime.clone(),
                });
            }
            "USER" => {
                let user = words.next().unwrap_or_default().split(':').next().unwrap_or_default();
                image.root = matches!(user, "root" | "0" | "");
            }
            "HEALTHCHECK" => image.health_check = !words.next().is_some_and(|w| w.eq_ignore_ascii_case("none")),
            _ => {}
        }
        if let Some(stage) = stages.last_mut() {
            (stage.root, stage.health_check) = (image.root, image.health_check);
        }
    }
    image
}

/// The instructions, one a line: a line that ends in `\` goes on in the next, and what looks like an instruction there is
/// none.
fn instructions(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = String::new();
    for line in text.lines().map(str::trim).filter(|l| !l.starts_with('#')) {
        match line.strip_suffix('\\') {
            Some(part) => {
                open.push_str(part);
                open.push(' ');
            }
            None => found.push(std::mem::take(&mut open) + line),
        }
    }
    found.push(open);
    found
}

/// A base with the defaults of its arguments; an argument without one stays as it is written.
fn filled(base: &str, defaults: &[(String, String)]) -> String {
    defaults.iter().fold(base.to_owned(), |base, (name, value)| {
        base.replace(&format!("${{{name}}}"), value).replace(&format!("${name}"), value)
    })
}

fn names_a_version(tag: &str) -> bool {
    let first = tag.split(['-', '.']).next().unwrap_or(tag);
    let moves = MOVING.contains(&first) && !tag.chars().any(|c| c.is_ascii_digit());
    !tag.is_empty() && !moves && !tag.contains('$')
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn cases() {
        let check = |text: &str, expected: (bool, bool, bool, u32)| {
            let image = read(text);
            assert_eq!((image.pinned, image.root, image.health_check, image.stages), expected, "{text}");
        };
        check("FROM node\nCMD x", (false, true, false, 1));
        check("FROM node:latest\nUSER node", (false, false, false, 1));
        check("FROM node:22-slim\nUSER root\nHEALTHCHECK CMD x", (true, true, true, 1));
        check("FROM golang:1.26 AS build\nUSER x\nFROM gcr.io/distroless/static:nonroot\n", (true, false, false, 2));
        check("FROM a:1 AS base\nUSER app\nFROM base\nCMD y", (true, false, false, 2));
        check("FROM localhost:5000/app\n", (false, true, false, 1));
        check("FROM x@sha256:00\nHEALTHCHECK NONE\n", (true, true, false, 1));
        check("ARG V\nFROM node:${V}\n", (false, true, false, 1));
        check("ARG V=22-slim\nFROM node:${V}\n", (true, true, false, 1));
        check("ARG V=22\nARG B=node:$V\nFROM $B\n", (true, true, false, 1));
        check("FROM node:lts-alpine\n", (false, true, false, 1));
        check("FROM debian:bookworm-slim\n", (true, true, false, 1));
        check("FROM debian:stable-20240101-slim\n", (true, true, false, 1));
        check("FROM python:slim\n", (false, true, false, 1));
        check("FROM node:22\nRUN adduser \\\n  user app\n", (true, true, false, 1));
        check("FROM a:1 AS base\nHEALTHCHECK CMD x\nFROM base\nUSER app\n", (true, false, true, 2));
        check("FROM --platform=linux/amd64 python:3.12\nUSER 1000:1000\n", (true, false, false, 1));
    }
}
