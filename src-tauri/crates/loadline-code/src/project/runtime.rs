//! Runtimes and their versions, where a file names exactly one. Ranges name none.

/// A language's runtime.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Runtime {
    /// `python`, `node`, `ruby`, `php`, `go`, `java`, `dotnet`.
    pub name: &'static str,
    /// Its version as far as it is named: `3.9`, `18`.
    pub version: String,
}

/// Names of base images and the runtime in them.
const IMAGES: &[(&str, &str)] = &[
    ("python", "python"),
    ("node", "node"),
    ("ruby", "ruby"),
    ("php", "php"),
    ("golang", "go"),
    ("openjdk", "java"),
    ("eclipse-temurin", "java"),
    ("amazoncorretto", "java"),
    ("aspnet", "dotnet"),
    ("sdk", "dotnet"),
    ("runtime", "dotnet"),
];

pub(super) fn is_one(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(
        name,
        ".python-version"
            | ".nvmrc"
            | ".node-version"
            | ".ruby-version"
            | ".php-version"
            | ".java-version"
            | ".tool-versions"
            | "runtime.txt"
            | "go.mod"
    ) || name.ends_with(".csproj")
}

pub(super) fn read(path: &str, text: &str) -> Vec<Runtime> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let first = text.lines().next().unwrap_or_default().trim();
    let one = |name, version: &str| runtime(name, version).into_iter().collect();
    match name {
        ".python-version" => one("python", first),
        ".nvmrc" | ".node-version" => one("node", first),
        ".ruby-version" => one("ruby", first.trim_start_matches("ruby-")),
        ".php-version" => one("php", first),
        ".java-version" => one("java", first),
        "runtime.txt" => one("python", first.strip_prefix("python-").unwrap_or_default()),
        // `go` names the oldest that may build it; only `toolchain` names what does.
        "go.mod" => text.lines().find_map(|l| l.strip_prefix("toolchain go")).map_or(Vec::new(), |v| one("go", v)),
        ".tool-versions" => text.lines().filter_map(of_tools).collect(),
        _ if name.ends_with(".csproj") => {
            let framework = text.split("<TargetFramework>").nth(1).and_then(|t| t.split('<').next());
            one("dotnet", framework.and_then(|f| f.strip_prefix("net")).unwrap_or_default())
        }
        _ => Vec::new(),
    }
}

fn of_tools(line: &str) -> Option<Runtime> {
    let mut words = line.split_whitespace();
    let name = match words.next()? {
        "python" => "python",
        "nodejs" | "node" => "node",
        "ruby" => "ruby",
        "php" => "php",
        "golang" | "go" => "go",
        _ => return None,
    };
    runtime(name, words.next()?)
}

/// The runtime that the name of a base image shows.
pub(super) fn of_image(base: &str) -> Option<Runtime> {
    let base = base.split('@').next()?;
    let (name, tag) = base.rsplit('/').next()?.split_once(':')?;
    let microsoft = base.contains("dotnet/");
    let (_, runtime_name) = IMAGES.iter().find(|(image, of)| *image == name && (*of != "dotnet" || microsoft))?;
    runtime(runtime_name, tag)
}

/// A runtime of a version that begins with a number.
fn runtime(name: &'static str, version: &str) -> Option<Runtime> {
    let version: String =
        version.trim_start_matches('v').chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
    let version = version.trim_end_matches('.');
    (!version.is_empty() && version.len() <= 16).then(|| Runtime { name, version: version.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases() {
        let check = |path: &str, text: &str, expected: &str| {
            let found = read(path, text).into_iter().map(|r| format!("{} {}", r.name, r.version));
            assert_eq!(found.collect::<Vec<_>>().join(", "), expected, "{path}");
        };
        check(".nvmrc", "lts/iron\n", "");
        check(".python-version", "3.9.1\n", "python 3.9.1");
        check("go.mod", "module x\ngo 1.21\n", "");
        check("go.mod", "module x\ngo 1.21\ntoolchain go1.22.3\n", "go 1.22.3");
        check(".tool-versions", "nodejs 18.1.0\nruby 3.2.2\nx 1\n", "node 18.1.0, ruby 3.2.2");
        check("a.csproj", "<TargetFramework>net6.0</TargetFramework>", "dotnet 6.0");
        let image = |base: &str| of_image(base).map(|r| format!("{} {}", r.name, r.version));
        assert_eq!(image("node:18-alpine").as_deref(), Some("node 18"));
        assert_eq!(image("mcr.microsoft.com/dotnet/aspnet:6.0").as_deref(), Some("dotnet 6.0"));
        assert_eq!(image("acme/sdk:6.0"), None);
        assert_eq!(image("node:lts"), None);
    }
}
