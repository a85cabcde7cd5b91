use super::*;

/// `name version`, with `!` for direct, `-` for not direct, `d` for development alone, `p` for the product, and the day.
fn said(path: &str, text: &str) -> String {
    let Some(lock) = read(path, text) else { return "nothing".to_owned() };
    let word = |p: &Pinned| {
        let direct = p.direct.map_or("", |d| if d { "!" } else { "-" });
        let development = p.development.map_or("", |d| if d { "d" } else { "p" });
        let released = p.released.map_or_else(String::new, |day| format!(" {day}"));
        format!("{} {}{direct}{development}{released}", p.name, p.version)
    };
    let words: Vec<String> = lock.pinned.iter().map(word).collect();
    format!("{}{}", words.join(", "), if lock.whole { "" } else { " …" })
}

fn check(path: &str, text: &str, expected: &str) {
    assert_eq!(said(path, text), expected, "{path}");
}

#[test]
fn npm() {
    let three = r#"{"name": "shop", "lockfileVersion": 3, "packages": {
        "": {"name": "shop", "dependencies": {"express": "^4"}, "devDependencies": {"jest": "1"}, "workspaces": ["web"]},
        "web": {"version": "1.0.0", "dependencies": {"react": "18"}},
        "node_modules/web": {"resolved": "web", "link": true},
        "node_modules/express": {"version": "4.18.2", "resolved": "https://x/express.tgz"},
        "node_modules/express/node_modules/ms": {"version": "2.0.0"},
        "node_modules/react": {"version": "18.2.0"},
        "node_modules/short": {"name": "long", "version": "1.0.0"},
        "node_modules/@babel/core": {"version": "7.1.0", "dev": true},
        "node_modules/jest": {"version": "29.7.0", "dev": true}}}"#;
    let expected = "@babel/core 7.1.0-d, express 4.18.2!p, jest 29.7.0!d, long 1.0.0-p, ms 2.0.0-p, react 18.2.0!p";
    check("web/package-lock.json", three, expected);
    let one = r#"{"lockfileVersion": 1, "dependencies": {
        "lodash": {"version": "4.17.20"}, "a": {"version": "npm:b@2.0.0", "dev": true},
        "g": {"version": "git+ssh://git@x/y.git#1"},
        "mkdirp": {"version": "0.5.1", "dependencies": {"minimist": {"version": "0.0.8"}}}}}"#;
    check("npm-shrinkwrap.json", one, "b 2.0.0d, lodash 4.17.20p, minimist 0.0.8p, mkdirp 0.5.1p");
    check("package-lock.json", r#"{"lockfileVersion": 3, "name": "x"}"#, "");
    for damaged in ["", "{", "[]", "null", r#"{"packages": []}"#, r#"{"packages": 1, "dependencies": {}}"#] {
        check("package-lock.json", damaged, "nothing");
    }
    let deep = format!("{}1{}", "{\"dependencies\":{\"a\":".repeat(4_000), "}}".repeat(4_000));
    check("package-lock.json", &deep, "nothing");
    let bun = "{\n  \"lockfileVersion\": 1,\n  \"packages\": {\n    \"@types/node\": [\"@types/node@20.1.0\", \"\", {}, \"sha512-x\"],\n    \"web\": [\"web@workspace:web\"],\n  }\n}\n";
    check("bun.lock", bun, "@types/node 20.1.0");
}

#[test]
fn yarn_and_pnpm() {
    let one = "# yarn lockfile v1\n\n\n\"@babel/core@^7.0.0\", \"@babel/core@^7.8.3\":\n  version \"7.8.3\"\n  resolved \"https://x\"\n  dependencies:\n    version \"^1.0.0\"\n\nlodash@^4.17.4:\n  version \"4.17.20\"\n\n\"short@npm:real@^1.0.0\":\n  version \"1.0.1\"\n\n\"own@file:../own\":\n  version \"0.0.0\"\n";
    check("yarn.lock", one, "@babel/core 7.8.3, lodash 4.17.20, real 1.0.1");
    let berry = "__metadata:\n  version: 6\n\n\"lodash@npm:^4.17.20\":\n  version: 4.17.21\n  resolution: \"lodash@npm:4.17.21\"\n  checksum: x\n\n\"shop@workspace:.\":\n  version: 0.0.0-use.local\n  resolution: \"shop@workspace:.\"\n  dependencies:\n    lodash: ^4\n\n\"typescript@patch:typescript@^4#~builtin\":\n  version: 4.9.5\n  resolution: \"typescript@patch:typescript@npm%3A4.9.5#~builtin::version=4.9.5\"\n";
    check("yarn.lock", berry, "lodash 4.17.21, typescript 4.9.5");
    check("yarn.lock", "lodash@1:\n  version \"1\"\n", "nothing");
    let nine = "lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n      lodash:\n        specifier: ^4\n        version: 4.17.21\n    devDependencies:\n      '@types/node':\n        specifier: ^20\n        version: 20.1.0\n\npackages:\n\n  '@types/node@20.1.0':\n    resolution: {integrity: sha512-x}\n\n  lodash@4.17.21:\n    resolution: {integrity: sha512-x}\n\n  ms@2.0.0: {}\n\nsnapshots:\n\n  lodash@4.17.21: {}\n";
    check("pnpm-lock.yaml", nine, "@types/node 20.1.0!, lodash 4.17.21!p, ms 2.0.0-");
    let six = "lockfileVersion: '6.0'\n\ndependencies:\n  lodash:\n    specifier: ^4\n    version: 4.17.20\n\npackages:\n\n  /@babel/core@7.1.0(react@18.0.0):\n    resolution: {integrity: x}\n    dev: true\n\n  /lodash@4.17.20:\n    resolution: {integrity: x}\n    dev: false\n";
    check("pnpm-lock.yaml", six, "@babel/core 7.1.0-d, lodash 4.17.20!p");
    let five = "lockfileVersion: 5.4\n\ndependencies:\n  lodash: 4.17.20\n\npackages:\n\n  /@babel/core/7.1.0_react@18.0.0:\n    dev: true\n\n  /lodash/4.17.20:\n    dev: false\n";
    check("pnpm-lock.yaml", five, "@babel/core 7.1.0-d, lodash 4.17.20!p");
    check("pnpm-lock.yaml", "packages:\n", "nothing");
}

#[test]
fn python() {
    let poetry = "[[package]]\nname = \"Django\"\nversion = \"4.2.1\"\ndescription = \"a = [b]\"\ngroups = [\"main\"]\nfiles = [\n    {file = \"x\", hash = \"sha256:1\"},\n]\n\n[package.dependencies]\nversion = \">=3\"\n\n[[package]]\nname = \"pytest\"\nversion = \"8.0.0\"\ngroups = [\"dev\"]\n\n[[package]]\nname = \"own\"\nversion = \"0.1\"\ngroups = [\"main\"]\n\n[package.source]\ntype = \"git\"\nurl = \"x\"\n\n[metadata]\nlock-version = \"2.1\"\n";
    check("poetry.lock", poetry, "Django 4.2.1p, pytest 8.0.0d");
    let old = "[[package]]\nname = \"flask\"\nversion = \"1.0\"\ncategory = \"dev\"\n[metadata]\n";
    check("poetry.lock", old, "flask 1.0d");
    check("poetry.lock", "<html>", "nothing");
    let pdm = "[metadata]\ngroups = [\"default\"]\n\n[[package]]\nname = \"idna\"\nversion = \"3.4\"\ngroups = [\"default\", \"dev\"]\n\n[[package]]\nname = \"black\"\nversion = \"23.1\"\ngroups = [\"dev\"]\n";
    check("pdm.lock", pdm, "black 23.1d, idna 3.4p");
    let uv = "version = 1\n\n[[package]]\nname = \"shop\"\nversion = \"0.1.0\"\nsource = { virtual = \".\" }\ndependencies = [\n    { name = \"anyio\" },\n]\n\n[package.dev-dependencies]\ndev = [\n    { name = \"pytest\" },\n]\n\n[[package]]\nname = \"anyio\"\nversion = \"4.4.0\"\nsource = { registry = \"https://pypi.org/simple\" }\ndependencies = [\n    { name = \"idna\", marker = \"x\" },\n]\nsdist = { url = \"https://x\", hash = \"sha256:1\", size = 1, upload-time = \"2024-05-26T21:52:22.946Z\" }\nwheels = [\n    { url = \"https://x\", upload-time = \"2024-05-27T21:52:22Z\" },\n]\n\n[[package]]\nname = \"idna\"\nversion = \"3.4\"\nsource = { registry = \"https://pypi.org/simple\" }\n\n[[package]]\nname = \"pytest\"\nversion = \"8.0.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n";
    check("uv.lock", uv, "anyio 4.4.0!p 2024-05-26, idna 3.4-p, pytest 8.0.0!d");
    let pipfile = r#"{"_meta": {}, "default": {"jinja2": {"version": "==2.11.2"}, "own": {"git": "x"}}, "develop": {"black": {"version": "==23.1"}}}"#;
    check("Pipfile.lock", pipfile, "black 23.1d, jinja2 2.11.2p");
    check("Pipfile.lock", "{}", "nothing");
    let wrote = "# ours\nDjango[argon2]==4.2.1 ; python_version > \"3.8\"\nrequests>=2\n-r more.txt\n";
    check("requirements.txt", wrote, "Django 4.2.1 …");
    let compiled = "# autogenerated by pip-compile\nidna==3.4 \\\n    --hash=sha256:1\n    # via requests\nx==4.*\n";
    check("requirements.txt", compiled, "idna 3.4 …");
    check("requirements.txt", "idna==3.4 --hash=sha256:1\n", "idna 3.4");
}

#[test]
fn cargo_and_go() {
    let cargo = "version = 4\n\n[[package]]\nname = \"shop\"\nversion = \"0.1.0\"\ndependencies = [\n \"serde 1.0.1\",\n \"rand\",\n]\n\n[[package]]\nname = \"rand\"\nversion = \"0.8.5\"\nsource = \"registry+https://x\"\nchecksum = \"1\"\n\n[[package]]\nname = \"libc\"\nversion = \"0.2.1\"\nsource = \"registry+https://x\"\n\n[[package]]\nname = \"fork\"\nversion = \"1.0.0\"\nsource = \"git+https://x\"\n";
    check("Cargo.lock", cargo, "libc 0.2.1-, rand 0.8.5!");
    let go = "module acme.io/shop\n\ngo 1.21\n\nrequire github.com/a/b v1.2.3\n\nrequire (\n\tgolang.org/x/net v0.0.0-20210226172049-e18ecbb05110 // indirect\n\tgithub.com/c/d v2.0.0+incompatible\n\tgithub.com/old/e v1.0.0\n\tgithub.com/own/f v1.0.0\n)\n\nreplace github.com/old/e => github.com/new/e v1.1.0\n\nreplace (\n\tgithub.com/own/f v1.0.0 => ../f\n)\n";
    let expected = "github.com/a/b 1.2.3!, github.com/c/d 2.0.0+incompatible!, github.com/new/e 1.1.0!, golang.org/x/net 0.0.0-20210226172049-e18ecbb05110- 2021-02-26";
    check("go.mod", go, expected);
    check("go.mod", "module m\n\ngo 1.16\n\nrequire a.b/c v1.0.0\n", "a.b/c 1.0.0! …");
    check("go.mod", "hello", "nothing");
}

#[test]
fn our_own_lock_file_as_a_whole() {
    let text = include_str!("../../../../../../Cargo.lock");
    let lock = read("Cargo.lock", text).expect("a lock file");
    // Each package of a registry has its line, and no line of another stands between.
    assert_eq!(lock.pinned.len(), text.matches("\nsource = \"registry+").count());
    assert!(lock.whole && lock.pinned.len() > 300, "{}", lock.pinned.len());
    let serde = lock.pinned.iter().find(|p| p.name == "serde_json").expect("serde_json");
    assert_eq!(serde.direct, Some(true));
}

#[test]
fn ruby_php_java_and_dotnet() {
    let ruby = "GIT\n  remote: https://x\n  specs:\n    own (0.1)\n\nGEM\n  remote: https://rubygems.org/\n  specs:\n    nokogiri (1.13.10)\n    nokogiri (1.13.10-x86_64-linux)\n      racc (~> 1.4)\n    rails (6.1.4)\n\nPLATFORMS\n  ruby\n\nDEPENDENCIES\n  own!\n  rails (~> 6.1)\n";
    check("Gemfile.lock", ruby, "nokogiri 1.13.10-, rails 6.1.4!");
    let composer = r#"{"packages": [{"name": "symfony/http-kernel", "version": "v5.4.1", "time": "2021-12-09T15:07:41+00:00"}],
        "packages-dev": [{"name": "phpunit/phpunit", "version": "9.5.0"}, {"name": "a/b", "version": "dev-main"}]}"#;
    check("composer.lock", composer, "a/b dev-maind, phpunit/phpunit 9.5.0d, symfony/http-kernel 5.4.1p 2021-12-09");
    let gradle = "# This is a Gradle generated file\norg.yaml:snakeyaml:1.29=compileClasspath,testRuntimeClasspath\njunit:junit:4.13=testCompileClasspath\nempty=annotationProcessor\n";
    check("gradle.lockfile", gradle, "junit:junit 4.13d, org.yaml:snakeyaml 1.29p");
    let maven = "<project><parent><groupId>org.springframework.boot</groupId><artifactId>spring-boot-starter-parent</artifactId><version>2.7.1</version></parent>\n<properties><log4j.version>2.14.1</log4j.version></properties>\n<dependencyManagement><dependencies><dependency><groupId>m</groupId><artifactId>managed</artifactId><version>1.0</version></dependency><dependency><groupId>m</groupId><artifactId>unused</artifactId><version>9</version></dependency></dependencies></dependencyManagement>\n<dependencies><dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>${log4j.version}</version><exclusions><exclusion><groupId>x</groupId><artifactId>y</artifactId></exclusion></exclusions></dependency>\n<dependency><groupId>m</groupId><artifactId>managed</artifactId></dependency><!-- <dependency><groupId>q</groupId><artifactId>q</artifactId><version>1</version></dependency> -->\n<dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.12</version><scope>test</scope></dependency>\n<dependency><groupId>r</groupId><artifactId>range</artifactId><version>[1,2)</version></dependency></dependencies>\n<build><plugins><plugin><dependencies><dependency><groupId>p</groupId><artifactId>p</artifactId><version>1</version></dependency></dependencies></plugin></plugins></build></project>";
    let expected = "junit:junit 4.12!d, m:managed 1.0!p, org.apache.logging.log4j:log4j-core 2.14.1!p, org.springframework.boot:spring-boot-starter-parent 2.7.1!p …";
    check("pom.xml", maven, expected);
    let nuget = r#"{"version": 1, "dependencies": {"net6.0": {"Newtonsoft.Json": {"type": "Direct", "resolved": "12.0.1"},
        "System.Text": {"type": "Transitive", "resolved": "4.3.0"}, "own": {"type": "Project"}}}}"#;
    check("packages.lock.json", nuget, "Newtonsoft.Json 12.0.1!, System.Text 4.3.0-");
    let project = "<Project><ItemGroup><PackageReference Include=\"Polly\" Version=\"7.2.1\" /><PackageReference Include=\"Serilog\"><Version>2.10.0</Version></PackageReference><PackageReference Include=\"Float\" Version=\"1.*\" /></ItemGroup></Project>";
    check("a.csproj", project, "Polly 7.2.1!, Serilog 2.10.0! …");
}

#[test]
fn what_means_harm_gives_nothing_or_little() {
    let long = format!("[[package]]\nname = \"{}\"\nversion = \"1\"\n[metadata]\n", "a".repeat(1_000));
    check("poetry.lock", &long, " …");
    let odd = "[[package]]\nname = \"a\u{202e}b\"\nversion = \"1 ; rm\"\n[metadata]\n";
    check("poetry.lock", odd, " …");
    let many: String = (0..60_000).map(|n| format!("[[package]]\nname = \"a{n}\"\nversion = \"1\"\n")).collect();
    check("poetry.lock", &many, "nothing");
    let cut = "[[package]]\nname = \"a\"\nfiles = [\n".repeat(3);
    check("poetry.lock", &cut, "nothing");
}

proptest::proptest! {
    #[test]
    fn no_text_stops_a_reader(text in "[\\[\\]{}\"'@/:=,<>$() a-z0-9.\n-]{0,300}") {
        let paths = [
            "package-lock.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock", "poetry.lock", "uv.lock", "pdm.lock", "Pipfile.lock",
            "requirements.txt", "Cargo.lock", "go.mod", "Gemfile.lock", "composer.lock", "gradle.lockfile", "pom.xml",
            "packages.lock.json", "a.csproj",
        ];
        for path in paths {
            for head in ["", "[[package]]\n", "lockfileVersion: 5\npackages:\n", "# yarn lockfile v1\n", "module m\n", "GEM\n", "<project"] {
                let _ = read(path, &format!("{head}{text}"));
            }
        }
    }
}
