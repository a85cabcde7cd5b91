//! Manifests and lock files. What is installed is not judged here; that a lock exists is.

/// The ecosystem of a manifest, by the name of the file.
pub(super) fn ecosystem(path: &str) -> Option<&'static str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name {
        "package.json" => Some("npm"),
        "pyproject.toml" | "requirements.txt" | "Pipfile" => Some("python"),
        "Cargo.toml" => Some("cargo"),
        "go.mod" => Some("go"),
        "Gemfile" => Some("ruby"),
        "composer.json" => Some("composer"),
        "pom.xml" | "build.gradle" | "build.gradle.kts" => Some("java"),
        _ if name.ends_with(".csproj") => Some("dotnet"),
        _ => None,
    }
}

/// The ecosystem of a lock file.
pub(super) fn of_lock(path: &str) -> Option<&'static str> {
    match path.rsplit('/').next().unwrap_or(path) {
        "package-lock.json" | "npm-shrinkwrap.json" | "yarn.lock" | "pnpm-lock.yaml" | "bun.lock" => Some("npm"),
        "poetry.lock" | "Pipfile.lock" | "uv.lock" | "pdm.lock" => Some("python"),
        "Cargo.lock" => Some("cargo"),
        "go.sum" => Some("go"),
        "Gemfile.lock" => Some("ruby"),
        "composer.lock" => Some("composer"),
        "gradle.lockfile" => Some("java"),
        "packages.lock.json" => Some("dotnet"),
        _ => None,
    }
}

/// Whether a manifest names exact versions by itself, so that no lock file is missing: Maven, Gradle and .NET name versions,
/// and a `requirements.txt` may.
pub(super) fn pins(path: &str, text: &str) -> bool {
    match ecosystem(path) {
        Some("java" | "dotnet") => true,
        Some("python") if path.ends_with("requirements.txt") => {
            let asked = text.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with(['#', '-']));
            let mut asked = asked.peekable();
            asked.peek().is_some() && asked.all(|l| l.contains("==") || l.contains(" @ "))
        }
        _ => false,
    }
}

/// The names that a manifest asks for directly, in its order. A name that is not understood is left out.
pub(super) fn names(path: &str, text: &str) -> Vec<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name {
        "package.json" | "composer.json" => of_json(text),
        "requirements.txt" => text.lines().filter_map(leading_name).collect(),
        "Gemfile" => text.lines().filter_map(|l| between(l.trim().strip_prefix("gem ")?, ['\'', '"'])).collect(),
        "go.mod" => {
            let lines = text.lines().map(|l| l.trim().trim_start_matches("require "));
            lines
                .filter(|l| l.contains(" v") && l.contains('/'))
                .filter_map(|l| l.split(' ').next())
                .map(str::to_owned)
                .collect()
        }
        "Cargo.toml" | "pyproject.toml" | "Pipfile" => of_toml(text),
        _ => {
            let tags = text.split("<artifactId>").skip(1).filter_map(|t| t.split('<').next());
            let references = text.split("PackageReference Include=\"").skip(1).filter_map(|t| t.split('"').next());
            tags.chain(references).map(str::to_owned).collect()
        }
    }
}

/// Keys of the objects whose name ends in `dependencies` or is `require`. Not a parser of JSON: a manifest that is not
/// written one key a line by its tool still has its keys before colons.
fn of_json(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for section in ["\"dependencies\"", "\"devDependencies\"", "\"require\"", "\"require-dev\""] {
        let Some(body) =
            text.split(section).nth(1).and_then(|t| t.split_once('{')).and_then(|(_, t)| t.split('}').next())
        else {
            continue;
        };
        let keys = body.split(',').filter_map(|pair| pair.split(':').next()).filter_map(|k| between(k, ['"', '"']));
        found.extend(keys);
    }
    found
}

fn of_toml(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut inside = false;
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            inside = line.contains("dependencies") || line == "[packages]";
        } else if line.starts_with("dependencies") && line.contains('[') {
            found.extend(line.split('"').skip(1).step_by(2).filter_map(leading_name));
            inside = !line.contains(']');
        } else if inside && line.starts_with(']') {
            inside = false;
        } else if inside {
            found.extend(leading_name(line.trim_start_matches(['"', '\''])));
        }
    }
    found
}

fn leading_name(line: &str) -> Option<String> {
    let name: String =
        line.trim().chars().take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '/')).collect();
    (!name.is_empty() && !line.trim().starts_with('#')).then_some(name)
}

fn between(text: &str, quotes: [char; 2]) -> Option<String> {
    let from = text.find(quotes)? + 1;
    let rest = text.get(from..)?;
    rest.find(quotes).map(|to| rest[..to].to_owned()).filter(|n| !n.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{names, pins};

    #[test]
    fn some_manifests_pin_by_themselves() {
        let check = |path: &str, text: &str, expected: bool| assert_eq!(pins(path, text), expected, "{path}");
        check("requirements.txt", "a==1\n# b\n-r x.txt\nc==2 ; python_version > '3'\n", true);
        check("requirements.txt", "a==1\nb>=2\n", false);
        check("requirements.txt", "", false);
        check("pom.xml", "", true);
        check("package.json", "{}", false);
    }

    #[test]
    fn cases() {
        let check =
            |path: &str, text: &str, expected: &str| assert_eq!(names(path, text).join(" "), expected, "{path}");
        check("requirements.txt", "django==5\n# x\nrequests>=2 ; x\n", "django requests");
        check("Gemfile", "source 'x'\ngem 'rails', '~> 7'\n  gem \"rack-attack\"\n", "rails rack-attack");
        check("go.mod", "module m/x\ngo 1.21\nrequire (\n\tgithub.com/a/b v1.2.3\n)\n", "github.com/a/b");
        check("Cargo.toml", "[package]\nname = \"x\"\n[dependencies]\nserde = \"1\"\n[lib]\npath = \"y\"\n", "serde");
        check(
            "pyproject.toml",
            "[project]\nname = \"x\"\ndependencies = [\n  \"slowapi>=1\",\n]\n[tool.x]\ny = 1\n",
            "slowapi",
        );
        check("a.csproj", "<PackageReference Include=\"Polly\" Version=\"8\" />", "Polly");
        check("pom.xml", "<dependency><artifactId>bucket4j</artifactId></dependency>", "bucket4j");
        check("composer.json", "{\"require\": {\"php\": \"8\", \"a/b\": \"1\"}}", "php a/b");
    }
}
