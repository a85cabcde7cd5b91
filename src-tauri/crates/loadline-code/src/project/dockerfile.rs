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

pub(super) fn read(text: &str) -> Image {
    let mut image = Image { pinned: true, by_digest: true, root: true, health_check: false, stages: 0, runtime: None };
    let mut stages: Vec<(String, bool, Option<Runtime>)> = Vec::new();
    for line in text.lines().map(str::trim) {
        let mut words = line.split_whitespace();
        let Some(instruction) = words.next() else { continue };
        match instruction.to_ascii_uppercase().as_str() {
            "FROM" => {
                let rest: Vec<&str> = words.filter(|w| !w.starts_with("--")).collect();
                let base = rest.first().copied().unwrap_or_default();
                let earlier = stages.iter().find(|(name, ..)| !name.is_empty() && name == base).cloned();
                image.stages += 1;
                image.health_check = false;
                let name = rest.get(2).copied().unwrap_or_default().to_owned();
                if let Some((_, root, runtime)) = earlier {
                    (image.root, image.runtime) = (root, runtime.clone());
                    stages.push((name, root, runtime));
                    continue;
                }
                let digest = base.contains("@sha256:");
                let tag = base.rsplit('/').next().and_then(|n| n.split_once(':')).map(|(_, tag)| tag);
                let empty = base == "scratch";
                image.by_digest &= digest || empty;
                image.pinned &=
                    digest || empty || tag.is_some_and(|t| t != "latest" && !t.contains("${") && !t.starts_with('$'));
                // Some bases run as another user by themselves.
                image.root = !(base.contains("nonroot")
                    || tag.is_some_and(|t| t.contains("nonroot"))
                    || base.contains("chainguard"));
                image.runtime = of_image(base);
                stages.push((name, image.root, image.runtime.clone()));
            }
            "USER" => {
                let user = words.next().unwrap_or_default().split(':').next().unwrap_or_default();
                image.root = matches!(user, "root" | "0" | "");
                if let Some(stage) = stages.last_mut() {
                    stage.1 = image.root;
                }
            }
            "HEALTHCHECK" => image.health_check = !words.next().is_some_and(|w| w.eq_ignore_ascii_case("none")),
            _ => {}
        }
    }
    image
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
        check("FROM --platform=linux/amd64 python:3.12\nUSER 1000:1000\n", (true, false, false, 1));
    }
}
