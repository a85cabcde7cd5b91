//! Planted lock files of eight ecosystems against a folder of advisories: of each ecosystem one library that is affected and
//! its twin at the repaired version.

use super::*;
use loadline_model::{GapReason, ImportedFinding, key};
use serde_json::{Value, json};
use std::path::Path;

/// What OSV calls the libraries of Cargo.
const CARGO: &str = concat!("crates", ".io");

/// Lock files in which `bad` is at a version with a hole and `good` at the repaired one.
fn shop() -> Made {
    let made = Made::new();
    let cargo = |name: &str, version: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\nsource = \"registry+https://x\"\n\n")
    };
    made.write(
        "package.json",
        "{\"dependencies\": {\"bad\": \"1\", \"good\": \"1\"}, \"devDependencies\": {\"dev\": \"1\"}}",
    );
    let npm = json!({"lockfileVersion": 3, "packages": {
        "": {"dependencies": {"bad": "1", "good": "1"}, "devDependencies": {"dev": "1"}},
        "node_modules/bad": {"version": "1.0.5"}, "node_modules/good": {"version": "1.1.0"},
        "node_modules/dev": {"version": "1.0.0", "dev": true}, "node_modules/withdrawn": {"version": "1.0.0"}}});
    made.write("package-lock.json", npm.to_string());
    made.write("api/poetry.lock", "[[package]]\nname = \"Bad.Name\"\nversion = \"1.0rc1\"\ngroups = [\"main\"]\n\n[[package]]\nname = \"good\"\nversion = \"1.1.post1\"\ngroups = [\"main\"]\n\n[[package]]\nname = \"Django\"\nversion = \"3.2.1\"\ngroups = [\"main\"]\n\n[metadata]\n");
    made.write("core/Cargo.lock", format!("{}{}", cargo("bad", "1.0.5"), cargo("good", "1.1.0")));
    made.write("go/go.mod", "module acme.io/shop\n\ngo 1.21\n\nrequire (\n\tgithub.com/x/bad v1.0.5\n\tgithub.com/x/good v1.1.0\n\tgithub.com/x/new v0.0.0-20240102030405-abcdefabcdef\n)\n");
    made.write("web/Gemfile.lock", "GEM\n  remote: https://rubygems.org/\n  specs:\n    bad (1.0.5)\n    good (1.1.0)\n\nDEPENDENCIES\n  bad\n  good\n");
    let composer = json!({"packages": [
        {"name": "x/bad", "version": "v1.0.5", "time": "2024-01-02T00:00:00+00:00"}, {"name": "x/good", "version": "v1.1.0"}]});
    made.write("php/composer.lock", composer.to_string());
    made.write("java/gradle.lockfile", "x:bad:1.0.5=runtimeClasspath\nx:good:1.1.0=runtimeClasspath\n");
    let nuget = json!({"version": 1, "dependencies": {"net8.0": {
        "Bad": {"type": "Direct", "resolved": "1.0.5"}, "Good": {"type": "Direct", "resolved": "1.1.0"}}}});
    made.write("net/packages.lock.json", nuget.to_string());
    // What only shows how something is done is not what runs.
    made.write("examples/package-lock.json", "{\"packages\": {\"node_modules/bad\": {\"version\": \"1.0.1\"}}}");
    made.commit(days_ago(3), "ann", "Begin");
    made
}

/// A record about the versions below 1.1.0 of a library, changed a day ago.
fn record(id: &str, ecosystem: &str, name: &str, more: Value) -> Value {
    let at = |days: i64| format!("{}T01:02:03Z", days_ago(days).utc_day());
    let mut record = json!({
        "schema_version": "1.7.0", "id": id, "modified": at(1), "published": at(40), "summary": format!("Hole in {name}"),
        "affected": [{"package": {"ecosystem": ecosystem, "name": name},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1.0"}]}]}],
        "database_specific": {"severity": "HIGH"},
    });
    let (record_map, more) = (record.as_object_mut().expect("an object"), more.as_object().expect("an object").clone());
    record_map.extend(more);
    record
}

fn put(folder: &Path, record: &Value) {
    let id = record["id"].as_str().expect("an id");
    let place = folder.join("advisories").join(&id[..4]);
    std::fs::create_dir_all(&place).expect("made");
    std::fs::write(place.join(format!("{id}.json")), record.to_string()).expect("written");
}

/// A record for the bad and the good library of each ecosystem, named alike.
fn advisories() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let libraries = [
        ("npm", "bad", "good"),
        ("PyPI", "bad_name", "Good"),
        (CARGO, "bad", "good"),
        ("Go", "github.com/x/bad", "github.com/x/good"),
        ("RubyGems", "bad", "good"),
        ("Packagist", "x/bad", "x/good"),
        ("Maven", "x:bad", "x:good"),
        ("NuGet", "bad", "good"),
    ];
    for (at, (ecosystem, bad, good)) in libraries.into_iter().enumerate() {
        put(folder.path(), &record(&format!("GHSA-{at}-bad"), ecosystem, bad, json!({})));
        put(folder.path(), &record(&format!("GHSA-{at}-good"), ecosystem, good, json!({})));
    }
    folder
}

/// `rule severity name version, repaired …`, in order.
fn found(scope: &Scope) -> Vec<String> {
    let mut said: Vec<String> = bodies::<ImportedFinding>(scope)
        .into_iter()
        .map(|f| {
            assert_eq!((f.source.as_str(), f.failing), ("OSV", true));
            let development = if f.development == Some(true) { " (development)" } else { "" };
            format!("{} {} {}{development}", f.rule, f.severity, f.title)
        })
        .collect();
    said.sort();
    said
}

async fn compared(made: &Made, folder: &Path) -> Scope {
    read(made, &[("advisories", folder.to_str().expect("text"))]).await
}

#[tokio::test]
async fn each_planted_library_is_found_and_its_repaired_twin_is_not() {
    let (made, folder) = (shop(), advisories());
    put(folder.path(), &record("GHSA-withdrawn", "npm", "withdrawn", json!({"withdrawn": "2024-01-01T00:00:00Z"})));
    put(folder.path(), &record("GHSA-dev", "npm", "dev", json!({"database_specific": {"severity": "CRITICAL"}})));
    // The same hole as GHSA-0-bad, known for longer and rated worse.
    let twin = json!({"aliases": ["CVE-2024-1", "GHSA-0-bad"], "published": "2020-01-01T00:00:00Z", "database_specific": {},
        "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]});
    put(folder.path(), &record("CVE-2024-1", "npm", "bad", twin));
    std::fs::write(folder.path().join("package.json"), "{\"name\": \"no record\"}").expect("written");
    let scope = compared(&made, folder.path()).await;
    let expected = [
        "GHSA-0-bad critical bad 1.0.5 in package-lock.json, repaired in 1.1.0: Hole in bad",
        "GHSA-1-bad high Bad.Name 1.0rc1 in api/poetry.lock, repaired in 1.1.0: Hole in bad_name",
        "GHSA-2-bad high bad 1.0.5 in core/Cargo.lock, repaired in 1.1.0: Hole in bad",
        "GHSA-3-bad high github.com/x/bad 1.0.5 in go/go.mod, repaired in 1.1.0: Hole in github.com/x/bad",
        "GHSA-4-bad high bad 1.0.5 in web/Gemfile.lock, repaired in 1.1.0: Hole in bad",
        "GHSA-5-bad high x/bad 1.0.5 in php/composer.lock, repaired in 1.1.0: Hole in x/bad",
        "GHSA-6-bad high x:bad 1.0.5 in java/gradle.lockfile, repaired in 1.1.0: Hole in x:bad",
        "GHSA-7-bad high Bad 1.0.5 in net/packages.lock.json, repaired in 1.1.0: Hole in bad",
        "GHSA-dev critical dev 1.0.0 in package-lock.json, repaired in 1.1.0: Hole in dev (development)",
    ];
    assert_eq!(found(&scope), expected);
    assert_eq!(scope.gaps, [], "nothing is missing");
    let oldest =
        bodies::<ImportedFinding>(&scope).into_iter().find(|f| f.rule == "GHSA-0-bad").and_then(|f| f.published);
    assert_eq!(
        oldest.map(|day| day.to_string()).as_deref(),
        Some("2020-01-01"),
        "a hole is as old as its oldest record"
    );
    let said = |key: &str, item: &str| setting(&scope, key, Some(item));
    let yesterday = days_ago(1).utc_day().to_string();
    for ecosystem in ["npm", "PyPI", CARGO, "Go", "RubyGems", "Packagist", "Maven", "NuGet"] {
        assert_eq!(said(key::CODE_ADVISORIES_NEWEST, ecosystem), Some(yesterday.clone()), "{ecosystem}");
        assert_eq!(said(key::CODE_PACKAGES_UNORDERED, ecosystem).as_deref(), Some("0"), "{ecosystem}");
        assert_eq!(said(key::CODE_PACKAGES, ecosystem), said(key::CODE_PACKAGES_COMPARED, ecosystem), "{ecosystem}");
    }
    assert_eq!(said(key::CODE_PACKAGES, "npm").as_deref(), Some("4"), "the example is left out");
    assert_eq!(setting(&scope, key::CODE_ADVISORIES_READ, None).as_deref(), Some("on"));
    assert_eq!(setting(&scope, key::CODE_ADVISORIES_OPEN, None).as_deref(), Some("9"));
    assert_eq!(said(key::CODE_FRAMEWORK, "django in api/poetry.lock").as_deref(), Some("3.2.1"));
    let released = loadline_model::Day::parse("2024-01-02").expect("a day");
    let days = (days_ago(0).utc_day().0 - released.0).to_string();
    assert_eq!(said(key::CODE_RELEASE_AGE_OLDEST, "Go").as_deref(), Some(days.as_str()));
}

#[tokio::test]
async fn what_cannot_be_read_or_ordered_is_said() {
    let (made, folder) = (shop(), advisories());
    let unordered = json!({"affected": [{"package": {"ecosystem": "npm", "name": "good"},
        "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "soon"}]}]}]});
    put(folder.path(), &record("GHSA-odd", "npm", "good", unordered));
    put(folder.path(), &record("GHSA-mute", "Go", "github.com/x/bad", json!({"database_specific": {}})));
    std::fs::write(folder.path().join("damaged.json"), "{\"id\": \"GHSA-").expect("written");
    std::fs::write(folder.path().join("long.json"), vec![b' '; (1 << 20) + 1]).expect("written");
    let scope = compared(&made, folder.path()).await;
    assert_eq!(setting(&scope, key::CODE_PACKAGES_UNORDERED, Some("npm")).as_deref(), Some("1"));
    assert_eq!(setting(&scope, key::CODE_ADVISORIES_READ, None).as_deref(), Some("off"));
    assert_eq!(scope.gaps.iter().map(|g| g.reason).collect::<Vec<_>>(), [GapReason::ParseError]);
    assert!(scope.gaps[0].detail.starts_with("2 files"), "{}", scope.gaps[0].detail);
    let mute = bodies::<ImportedFinding>(&scope).into_iter().find(|f| f.rule == "GHSA-mute").expect("told");
    assert_eq!(mute.severity, "unknown");
}

#[tokio::test]
async fn links_of_the_folder_are_not_followed() {
    let (made, elsewhere) = (shop(), advisories());
    let folder = tempfile::tempdir().expect("a folder");
    put(folder.path(), &record("GHSA-dev", "npm", "dev", json!({})));
    let file = elsewhere.path().join("advisories/GHSA/GHSA-0-bad.json");
    std::os::unix::fs::symlink(file, folder.path().join("file.json")).expect("a link");
    std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("folder")).expect("a link");
    std::os::unix::fs::symlink(folder.path(), folder.path().join("advisories/loop")).expect("a link");
    let scope = compared(&made, folder.path()).await;
    let rules: Vec<String> = bodies::<ImportedFinding>(&scope).into_iter().map(|f| f.rule).collect();
    assert_eq!(rules, ["GHSA-dev"]);
    assert_eq!(setting(&scope, key::CODE_ADVISORIES, Some("PyPI")).as_deref(), Some("0"), "nothing was read about it");
    assert_eq!(setting(&scope, key::CODE_PACKAGES_COMPARED, Some("PyPI")).as_deref(), Some("0"));
}

#[tokio::test]
async fn without_advisories_there_is_a_gap_and_no_word_of_them() {
    let made = shop();
    let empty = tempfile::tempdir().expect("a folder");
    std::fs::write(empty.path().join("all.zip"), "PK").expect("written");
    for folder in [empty.path(), Path::new("/nowhere/at/all")] {
        let scope = compared(&made, folder).await;
        assert_eq!(scope.gaps.len(), 1);
        assert_eq!(scope.gaps[0].reason, GapReason::NotConnected);
        assert!(scope.gaps[0].closes.contains("Unpack"), "{}", scope.gaps[0].closes);
        assert!(!scope.gaps[0].detail.contains(folder.to_str().expect("text")), "a path of the machine is told");
        assert_eq!(setting(&scope, key::CODE_ADVISORIES_READ, None), None);
    }
    let scope = read(&made, &[]).await;
    assert_eq!(scope.gaps, [], "nobody asked for advisories");
    assert_eq!(setting(&scope, key::CODE_PACKAGES, Some("npm")).as_deref(), Some("4"));
}
