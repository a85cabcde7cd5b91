//! Files that are no program but say how one is built, shipped, owned and explained.

mod dependency;
mod dockerfile;
mod document;
pub mod locks;
mod migration;
mod owners;
mod performance;
mod pipeline;
mod proof;
mod runtime;

pub use dockerfile::Image;
pub use migration::Destructive;
pub use owners::{Owners, fits, owned_by};
pub use performance::Speed;
pub use runtime::Runtime;

use crate::history::paths;

/// What one file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// A container image is built.
    Image(Image),
    /// A pipeline runs; whether a step of it runs tests.
    Pipeline {
        /// A step runs tests.
        runs_tests: bool,
    },
    /// Who owns which path.
    Owners(Owners),
    /// A page that explains: `runbook` or `decision_record`, with its title.
    Document {
        /// Which.
        what: &'static str,
        /// First heading, else the name of the file.
        title: String,
    },
    /// Infrastructure is written down, by this tool.
    Infrastructure(&'static str),
    /// A lock file pins what is installed, of this ecosystem.
    Lock(&'static str),
    /// A manifest asks for libraries, of this ecosystem, with the names it asks for directly.
    Manifest {
        /// Which.
        ecosystem: &'static str,
        /// Names of the libraries.
        names: Vec<String>,
    },
    /// A language's runtime and its version.
    Runtime(Runtime),
    /// A migration of a schema, with the statements that lose data or lock tables.
    Migration(Vec<Destructive>),
    /// A load test, by this tool.
    LoadTest(&'static str),
    /// It says what is too slow, so that running it can fail.
    LoadLimit(&'static str),
    /// A pipeline measures speed.
    Speed(Speed),
}

/// Whether a path may say something; its content is needed to know.
pub fn matters(path: &str) -> bool {
    paths::is_lock(path)
        || locks::is_one(path)
        || dockerfile::is_one(path)
        || pipeline::is_one(path)
        || owners::is_one(path)
        || document::kind(path).is_some()
        || infrastructure(path).is_some()
        || dependency::ecosystem(path).is_some()
        || runtime::is_one(path)
        || migration::is_one(path)
        || load_test(path).is_some()
}

/// What a file says; nothing when it is not of these kinds.
pub fn pieces(path: &str, text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    if paths::is_lock(path) {
        found.extend(dependency::of_lock(path).map(Piece::Lock));
        return found;
    }
    if dockerfile::is_one(path) {
        let image = dockerfile::read(text);
        found.extend(image.runtime.clone().map(Piece::Runtime));
        found.push(Piece::Image(image));
    }
    if pipeline::is_one(path) {
        found.push(Piece::Pipeline { runs_tests: pipeline::runs_tests(text) });
        found.extend(performance::measured(text).map(Piece::Speed));
    }
    if owners::is_one(path) {
        found.push(Piece::Owners(owners::read(path, text)));
    }
    if let Some(what) = document::kind(path) {
        found.push(Piece::Document { what, title: document::title(path, text) });
    }
    found.extend(infrastructure(path).map(Piece::Infrastructure));
    if let Some(ecosystem) = dependency::ecosystem(path) {
        if dependency::pins(path, text) {
            found.push(Piece::Lock(ecosystem));
        }
        found.push(Piece::Manifest { ecosystem, names: dependency::names(path, text) });
    }
    found.extend(runtime::read(path, text).into_iter().map(Piece::Runtime));
    if migration::is_one(path) {
        found.push(Piece::Migration(migration::destructive(text)));
    }
    if let Some(tool) = load_test(path) {
        found.push(Piece::LoadTest(tool));
        found.extend(performance::has_limits(tool, text).then_some(Piece::LoadLimit(tool)));
    }
    found
}

fn infrastructure(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let folder = |wanted: &str| path.split('/').rev().skip(1).any(|f| f == wanted);
    match name {
        _ if name.ends_with(".tf") || name.ends_with(".tf.json") || name.ends_with(".tofu") => Some("terraform"),
        "terragrunt.hcl" => Some("terragrunt"),
        "Pulumi.yaml" | "Pulumi.yml" => Some("pulumi"),
        "cdk.json" => Some("cdk"),
        "cdktf.json" => Some("cdktf"),
        "samconfig.toml" | "samconfig.yaml" => Some("sam"),
        "ansible.cfg" => Some("ansible"),
        "serverless.yml" | "serverless.yaml" => Some("serverless"),
        "Chart.yaml" | "helmfile.yaml" | "helmfile.yml" => Some("helm"),
        "kustomization.yaml" | "kustomization.yml" => Some("kustomize"),
        _ if name.ends_with(".bicep") => Some("bicep"),
        _ if name.ends_with(".yml") || name.ends_with(".yaml") => {
            (folder("k8s") || folder("kubernetes") || folder("manifests")).then_some("kubernetes")
        }
        _ => None,
    }
}

fn load_test(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    match name.as_str() {
        _ if name.contains("locustfile") => Some("locust"),
        _ if name.ends_with(".jmx") => Some("jmeter"),
        _ if name.starts_with("artillery") && name.ends_with(".yml") => Some("artillery"),
        _ if (name.starts_with("k6") || path.contains("/k6/") || path.starts_with("k6/")) && name.ends_with(".js") => {
            Some("k6")
        }
        _ if name.ends_with("simulation.scala") => Some("gatling"),
        _ => None,
    }
}

#[cfg(test)]
mod twins;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_what_it_is() {
        let check = |path: &str, text: &str, expected: &str| {
            assert_eq!(matters(path), !expected.is_empty(), "{path}");
            let word = |p: &Piece| match p {
                Piece::Image(i) => format!("image {} {} {}", i.pinned, i.root, i.health_check),
                Piece::Pipeline { runs_tests } => format!("pipeline {runs_tests}"),
                Piece::Owners(o) => format!("owners {}", o.rules.len()),
                Piece::Document { what, title } => format!("{what} “{title}”"),
                Piece::Infrastructure(tool) | Piece::LoadTest(tool) => (*tool).to_owned(),
                Piece::LoadLimit(tool) => format!("{tool} with limits"),
                Piece::Speed(speed) => format!("{} runs", speed.tool),
                Piece::Lock(of) => format!("lock {of}"),
                Piece::Manifest { ecosystem, names } => format!("{ecosystem} {}", names.join("+")),
                Piece::Runtime(r) => format!("{} {}", r.name, r.version),
                Piece::Migration(lines) => format!("migration {}", lines.len()),
            };
            assert_eq!(pieces(path, text).iter().map(word).collect::<Vec<_>>().join(", "), expected, "{path}");
        };
        check("src/app.py", "", "");
        check("infra/main.tf", "", "terraform");
        check("k8s/web.yaml", "", "kubernetes");
        check("perf/locustfile.py", "", "locust");
        check("k6/buy.js", "export const options = { thresholds: {} };", "k6, k6 with limits");
        check("Cargo.lock", "", "lock cargo");
        check("CODEOWNERS", "* @acme/all\n", "owners 1");
        check("docs/runbooks/db.md", "# Restore the database\n", "runbook “Restore the database”");
        check("docs/adr/0001-use-x.md", "", "decision_record “0001-use-x”");
        check(".nvmrc", "v18.2.0\n", "node 18.2.0");
        check(".github/workflows/ci.yml", "run: npm test\n", "pipeline true");
        check(".github/workflows/perf.yml", "run: k6 run a.js\n", "pipeline false, k6 runs");
        check("api/Dockerfile", "FROM python:3.9\n", "python 3.9, image true true false");
        check("db/migrate/1_x.sql", "DROP TABLE a;\n", "migration 1");
        check(
            "package.json",
            "{\"dependencies\": {\"express\": \"4\"}, \"devDependencies\": {\"jest\": \"1\"}}",
            "npm express+jest",
        );
    }
}
